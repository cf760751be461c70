"""Numeric gradients held against the derivation: which agree, and what went wrong where one does not."""

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

    def __str__(self) -> str:
        return (
            f"{self.name}: found {self.found!r}, expected {self.expected.decimal(12)} "
            f"(relative difference {self.difference:.1e})"
        )


@dataclass(frozen=True)
class Comparison:
    """The rows of a comparison, and the slips that explain the wrong ones, the likeliest first."""

    rows: tuple[Row, ...]
    slips: "tuple[Slip, ...]"

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
        if self.agrees:
            return f"All {len(self.rows)} derivatives agree."
        lines = [f"{len(self.wrong)} of {len(self.rows)} derivatives differ:", *map(str, self.wrong[:10])]
        if len(self.wrong) > 10:
            lines.append(f"… and {len(self.wrong) - 10} more")
        if self.slips:
            lines.append(f"Likeliest slip: {self.slips[0].sentence}")
            lines += [f"Or: {slip.sentence}" for slip in self.slips[1:3]]
        return "\n".join(lines)


def compare_gradients(
    derivation: Derivation, numeric: Numeric, *, rtol: float = RTOL, atol: float = ATOL
) -> Comparison:
    """Compare numeric derivatives of the network's error, over all samples, with the symbolic ones.

    ``numeric`` maps names of parameters to numbers, all of them or some; or it is a function that gets the parameters
    by name and returns such a mapping. A number agrees where it is off by no more than ``atol`` plus ``rtol`` times the
    derivative. Raises `InputError` for an unknown name and for what is no number.

    >>> import derive
    >>> derivation = derive.load("article").derive()
    >>> compare_gradients(derivation, {"w5": 0.08216704056423078}).agrees
    True
    >>> print(compare_gradients(derivation, {"w5": -0.08216704056423078}))
    1 of 1 derivatives differ:
    w5: found -0.08216704056423078, expected 0.082167040564 (relative difference 2.0e+00)
    Likeliest slip: The sign of every derivative is the opposite one.
    """
    starts = {name: float(derivation.evaluation.quantity(name)) for name in derivation.parameters}
    given = numeric(starts) if callable(numeric) else numeric
    if not isinstance(given, Mapping):
        raise InputError("gradients: found {found}; expected a mapping from names to numbers.", found=shown(given))
    found = {name: _number(name, value, derivation) for name, value in given.items()}
    rows = tuple(_row(derivation.gradients[name], name, value, rtol, atol) for name, value in found.items())
    if all(row.agrees for row in rows):
        return Comparison(rows, ())
    # Imported when something is wrong: a right comparison does without NumPy.
    from derive.slips import explanations

    expected = {name: float(derivation.gradients[name]) for name in found}
    return Comparison(rows, explanations(derivation.network, found, expected))


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
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        place = Message("gradients, {name}", {"name": name})
        raise InputError("{place}: found {found}; expected a number.", place=place, found=shown(value)) from None
    return number
