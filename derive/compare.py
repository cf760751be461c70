"""Numeric gradients held against the derivation: which agree, and what went wrong where one does not."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.derivation import Derivation
from derive.errors import InputError, Message, nearest, shown
from derive.evaluation import Number

if TYPE_CHECKING:
    from derive.slips import Slip

Numeric = Mapping[str, float] | Callable[[Mapping[str, float]], Mapping[str, float]]
RTOL, ATOL = 1e-6, 1e-9


@dataclass(frozen=True)
class Row:
    """One parameter: its derivative by the derivation, the number found, and whether they agree."""

    name: str
    expected: Number
    found: float
    agrees: bool

    @property
    def difference(self) -> float:
        """The difference relative to the derivative; the difference itself where that is 0."""
        return abs(self.found - self.expected) / (abs(self.expected) or 1.0)

    @property
    def is_finite(self) -> bool:
        """Whether a number was found, and not nan or an infinity."""
        return math.isfinite(self.found)

    def __str__(self) -> str:
        if not self.is_finite:
            return f"{self.name}: found {self.found}, which is no finite number; expected {self.expected.decimal(12)}"
        return (
            f"{self.name}: found {self.found!r}, expected {self.expected.decimal(12)} "
            f"(relative difference {self.difference:.1e})"
        )


@dataclass(frozen=True)
class Comparison:
    """The rows of a comparison, and the slips that explain the wrong ones, the likeliest first.

    ``parameters`` counts the weights and biases that there are; where ``rows`` are fewer, the text says so.
    """

    rows: tuple[Row, ...]
    slips: "tuple[Slip, ...]"
    parameters: int

    @property
    def agrees(self) -> bool:
        """Whether every number is right."""
        return all(row.agrees for row in self.rows)

    @property
    def wrong(self) -> tuple[Row, ...]:
        """The rows that do not agree."""
        return tuple(row for row in self.rows if not row.agrees)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __str__(self) -> str:
        part = f"{len(self.rows)} of {self.parameters} parameters compared."
        is_part = len(self.rows) < self.parameters
        if self.agrees:
            agree = f"All {len(self.rows)} derivatives agree" if len(self.rows) > 1 else "The one derivative agrees"
            return f"{agree}; {part}" if is_part else f"{agree}."
        lines = [f"{len(self.wrong)} of {len(self.rows)} derivatives differ:", *map(str, self.wrong[:10])]
        if len(self.wrong) > 10:
            lines.append(f"… and {len(self.wrong) - 10} more")
        if self.slips:
            lines.append(f"Likeliest slip: {self.slips[0].sentence}")
            lines += [f"Or: {slip.sentence}" for slip in self.slips[1:3]]
        if is_part:
            lines.append(part)
        return "\n".join(lines)


def compare_gradients(
    derivation: Derivation,
    numeric: Numeric,
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    partial: bool | None = None,
) -> Comparison:
    """Compare numeric derivatives of the network's error, over all samples, with the symbolic ones.

    ``numeric`` maps names of parameters to numbers, or it is a function that gets the parameters by name and returns
    such a mapping. A mapping may hold some of the names, a function returns every trained weight and bias: ``partial``
    True allows some names, False asks for all that are trained, whichever it is. A number agrees where it is off by no
    more than ``atol`` plus ``rtol`` times the derivative; nan and infinities never do. Raises `InputError` for an
    unknown name, for what is no number (text and truth values are none), for a missing name and for no names at all.

    >>> import derive
    >>> derivation = derive.load("article").derive()
    >>> compare_gradients(derivation, {"w5": 0.08216704056423078}).agrees
    True
    >>> print(compare_gradients(derivation, {"w5": -0.08216704056423078}))
    1 of 1 derivatives differ:
    w5: found -0.08216704056423078, expected 0.082167040564 (relative difference 2.0e+00)
    Likeliest slip: The sign of every derivative is the opposite one.
    1 of 10 parameters compared.
    """
    starts = {name: float(derivation.evaluation.quantity(name)) for name in derivation.parameters}
    given = numeric(starts) if callable(numeric) else numeric
    if not isinstance(given, Mapping):
        raise InputError("gradients: found {found}; expected a mapping from names to numbers.", found=shown(given))
    found = {name: _number(name, value, derivation) for name, value in given.items()}
    _check_names(found, derivation, callable(numeric) if partial is None else not partial)
    rows = tuple(_row(derivation.gradients[name], name, value, rtol, atol) for name, value in found.items())
    if all(row.agrees for row in rows):
        return Comparison(rows, (), len(derivation.parameters))
    # Imported when something is wrong: a right comparison does without NumPy.
    from derive.slips import explanations

    expected = {name: float(derivation.gradients[name]) for name in found}
    return Comparison(rows, explanations(derivation.network, found, expected), len(derivation.parameters))


def _check_names(found: Mapping[str, float], derivation: Derivation, is_whole: bool) -> None:
    """Refuse what would agree by being empty, and a whole gradient with a part missing."""
    if not found:
        raise InputError("gradients: found no numbers; expected one for a weight or bias at least, such as w1.")
    missing = [name for name in derivation.parameters if name in derivation.graph.trained and name not in found]
    if is_whole and missing:
        raise InputError(
            "gradients: found no number for {names}; expected one for every trained weight and bias, or partial=True.",
            names=", ".join(missing[:12]) + (", …" if len(missing) > 12 else ""),
        )


def _row(expected: Number, name: str, found: float, rtol: float, atol: float) -> Row:
    return Row(name, expected, found, abs(found - expected) <= atol + rtol * abs(expected))


def _number(name: object, value: object, derivation: Derivation) -> float:
    if name not in derivation.gradients:
        names = derivation.parameters
        raise InputError(
            "gradients: found {found}; expected a weight or bias of this network.{hint}",
            found=shown(name),
            hint=nearest(str(name), names),
        )
    place = Message("gradients, {name}", {"name": name})
    try:
        # A tensor of one number has a float; text has one too, and a truth value, Python's or NumPy's.
        if not isinstance(value, str | bytes | bytearray) and type(value).__name__ not in ("bool", "bool_"):
            return float(value)  # type: ignore[arg-type]
    except OverflowError:
        raise InputError(
            "{place}: found {found}; expected a number that a float can hold.", place=place, found=shown(value)
        ) from None
    except (TypeError, ValueError):
        pass
    raise InputError("{place}: found {found}; expected a number.", place=place, found=shown(value))
