"""Numeric gradients held against the evaluation: which agree, and what went wrong where one does not."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from derive.errors import InputError, Message, UnknownNameError, nearest, shown
from derive.evaluation.corners import Corners
from derive.evaluation.evaluation import Evaluation
from derive.numbers.number import Number

if TYPE_CHECKING:
    from derive.comparison.slips import Slip

Numeric = Mapping[str, float] | Callable[[Mapping[str, float]], Mapping[str, float]]
RTOL = 1e-6


@dataclass(frozen=True)
class GradientRow:
    """One parameter: its derivative by the evaluation, the number found, and whether they agree.

    At a corner, such as relu's at 0, there are only one-sided derivatives: ``sides`` are the least and the largest of
    them, every number between them is right, and ``expected`` is one of them; elsewhere ``sides`` is None. ``is_lost``
    says that the number is off by more than the relative tolerance and agrees only because of what doubles lose.
    """

    name: str
    expected: Number
    found: float
    agrees: bool
    sides: tuple[Number, Number] | None = None
    is_lost: bool = False

    @property
    def difference(self) -> float:
        """The difference relative to the derivative; the difference itself where that is 0.

        Where there are two sides, it is the distance from what lies between them, relative to the larger one.
        """
        low, high = self.sides or (self.expected, self.expected)
        return max(low - self.found, self.found - high, 0.0) / (max(abs(low), abs(high)) or 1.0)

    @property
    def is_finite(self) -> bool:
        """Whether a number was found, and not nan or an infinity."""
        return math.isfinite(self.found)

    def __str__(self) -> str:
        expected = self.expected.decimal(12)
        if self.sides:
            low, high = (side.decimal(12) for side in self.sides)
            expected = f"a number from {low} to {high}, the derivatives of the two sides of a corner"
        if not self.is_finite:
            return f"{self.name}: found {self.found}, which is no finite number; expected {expected}"
        return f"{self.name}: found {self.found!r}, expected {expected} (relative difference {self.difference:.1e})"


@dataclass(frozen=True)
class Comparison:
    """The rows of a comparison, and the slips that explain the wrong ones, the likeliest first.

    ``parameters`` counts the weights and biases that there are; where ``rows`` are fewer, the text says so.
    """

    rows: tuple[GradientRow, ...]
    slips: "tuple[Slip, ...]"
    parameters: int

    @property
    def agrees(self) -> bool:
        """Whether every number is right."""
        return all(row.agrees for row in self.rows)

    @property
    def wrong(self) -> tuple[GradientRow, ...]:
        """The rows that do not agree."""
        return tuple(row for row in self.rows if not row.agrees)

    def __iter__(self) -> Iterator[GradientRow]:
        return iter(self.rows)

    def __str__(self) -> str:
        part = f"{len(self.rows)} of {self.parameters} parameters compared."
        is_part = len(self.rows) < self.parameters
        if self.agrees:
            agree = f"All {len(self.rows)} derivatives agree" if len(self.rows) > 1 else "The one derivative agrees"
            return "\n".join([f"{agree}; {part}" if is_part else f"{agree}.", *self._remarks])
        lines = [f"{len(self.wrong)} of {len(self.rows)} derivatives differ:", *map(str, self.wrong[:10])]
        if len(self.wrong) > 10:
            lines.append(f"… and {len(self.wrong) - 10} more")
        if self.slips:
            lines.append(f"Likeliest slip: {self.slips[0].sentence}")
            lines += [f"Or: {slip.sentence}" for slip in self.slips[1:3]]
        if is_part:
            lines.append(part)
        return "\n".join([*lines, *self._remarks])

    @property
    def _remarks(self) -> Iterator[str]:
        """Remarks on numbers that agree at a corner, or only because floats cannot hold more."""
        sided = [row for row in self.rows if row.sides and row.agrees]
        if sided:
            yield (
                f"{_names(sided)}: a corner leaves only the derivatives of its two sides, and every number from one "
                "to the other is right."
            )
        lost = [row for row in self.rows if row.is_lost]
        if lost:
            yield f"{_names(lost)}: floats cannot hold this derivative to more digits, for terms cancel on the way."


def _names(rows: list[GradientRow]) -> str:
    return ", ".join(row.name for row in rows[:6]) + (", …" if len(rows) > 6 else "")


def compare_gradients(
    evaluation: Evaluation,
    numeric: Numeric,
    *,
    rtol: float = RTOL,
    atol: float | None = None,
    partial: bool | None = None,
) -> Comparison:
    """Compare numeric derivatives of the network's error, over all samples, with the symbolic ones.

    ``numeric`` maps names of parameters to numbers, or it is a function that gets the parameters by name and returns
    such a mapping. A mapping may hold some of the names, a function returns every trained weight and bias: ``partial``
    True allows some names, False asks for all that are trained, whichever it is.

    A number agrees where it is off by no more than ``rtol`` times the derivative and what the doubles of a backward
    pass can lose on the way to it (see `derive.evaluation.float_errors`); ``atol`` takes the place of the latter, as a
    difference quotient of floats needs it (1e-8, say). nan and infinities never agree. At a corner (of relu, say), and
    as near to one as floats cannot tell, every number between the derivatives of the two sides agrees. Raises
    `InputError` for an unknown name, for what is no number (text and truth values are none), for a missing name and for
    no names at all.

    >>> import derive
    >>> evaluation = derive.load("article").derive().evaluation
    >>> compare_gradients(evaluation, {"w5": 0.08216704056423078}).agrees
    True
    >>> print(compare_gradients(evaluation, {"w5": -0.08216704056423078}))
    1 of 1 derivatives differ:
    w5: found -0.08216704056423078, expected 0.082167040564 (relative difference 2.0e+00)
    Likeliest slip: The sign of every derivative is the opposite one.
    1 of 10 parameters compared.
    """
    starts = {name: float(evaluation.quantity(name)) for name in evaluation.computation.parameters}
    given = numeric(starts) if callable(numeric) else numeric
    if not isinstance(given, Mapping):
        raise InputError("gradients: found {found}; expected a mapping from names to numbers.", found=shown(given))
    found = {name: _number(name, value, evaluation) for name, value in given.items()}
    _check_names(found, evaluation, callable(numeric) if partial is None else not partial)
    # The expected numbers are not rounded by hand, even where the handout is.
    judge = _Judge(evaluation.in_full, rtol, atol)
    rows = tuple(judge.row(name, value) for name, value in found.items())
    if all(row.agrees for row in rows):
        return Comparison(rows, (), len(evaluation.computation.parameters))
    # Imported here, as NumPy is slow to load and not needed where all numbers agree.
    from derive.comparison.slips import explanations

    return Comparison(
        rows, explanations(evaluation, rows, judge.corners.float_errors), len(evaluation.computation.parameters)
    )


@dataclass(frozen=True, eq=False)
class _Judge:
    """Decides which numbers agree."""

    evaluation: Evaluation
    rtol: float
    atol: float | None

    @cached_property
    def corners(self) -> Corners:
        """The corners at which a derivative has two sides."""
        return Corners(self.evaluation)

    def row(self, name: str, found: float) -> GradientRow:
        expected, sides = self.evaluation.gradients[name], self.corners.gradient_sides(name)
        low, high = sides or (expected, expected)
        off = max(low - found, found - high, 0.0)
        near = self.rtol * max(abs(low), abs(high)) + (self.atol or 0.0)
        if not (math.isfinite(found) and math.isfinite(off)):
            return GradientRow(name, expected, found, agrees=False, sides=sides)
        if off <= near or self.atol is not None:
            return GradientRow(name, expected, found, off <= near, sides)
        agrees = off <= near + self.corners.float_errors[name]
        return GradientRow(name, expected, found, agrees, sides, is_lost=agrees and float(expected) != 0)


def _check_names(found: Mapping[str, float], evaluation: Evaluation, is_whole: bool) -> None:
    """Refuse no names at all, and a missing name where all are asked for; raises `InputError`."""
    if not found:
        raise InputError("gradients: found no numbers; expected one for a weight or bias at least, such as w1.")
    missing = [
        name
        for name in evaluation.computation.parameters
        if name in evaluation.computation.trained and name not in found
    ]
    if is_whole and missing:
        raise InputError(
            "gradients: found no number for {names}; expected one for every trained weight and bias, or partial=True.",
            names=", ".join(missing[:12]) + (", …" if len(missing) > 12 else ""),
        )


def _number(name: object, value: object, evaluation: Evaluation) -> float:
    if name not in evaluation.gradients:
        names = evaluation.computation.parameters
        raise UnknownNameError(
            "gradients: found {found}; expected a weight or bias of this network.{hint}",
            found=shown(name),
            hint=nearest(str(name), names),
        )
    place = Message("gradients, {name}", {"name": name})
    try:
        # float() takes a tensor of one number, but text and truth values (Python's or NumPy's) too.
        if not isinstance(value, str | bytes | bytearray) and type(value).__name__ not in ("bool", "bool_"):
            return float(value)  # type: ignore[arg-type]
    except OverflowError:
        raise InputError(
            "{place}: found {found}; expected a number that a float can hold.", place=place, found=shown(value)
        ) from None
    except (TypeError, ValueError):
        pass
    raise InputError("{place}: found {found}; expected a number.", place=place, found=shown(value))
