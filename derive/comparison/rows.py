"""The verdict on each number of a gradient: whether it is the derivative, to what its type of numbers can hold."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from derive.comparison.tolerance import DOUBLE, Found, Precision
from derive.evaluation.corners import Corners
from derive.evaluation.evaluation import Evaluation
from derive.numbers.arithmetic import ZERO, Value
from derive.numbers.number import Number

INPUT, LEFT_OUT, UNUSED, KEPT = "input", "left out", "unused", "kept"


@dataclass(frozen=True)
class GradientRow:
    """One parameter: its derivative by the evaluation, the number found, and whether they agree.

    At a corner, such as relu's at 0, there are only one-sided derivatives: ``sides`` are the least and the largest of
    them, every number between them is right, and ``expected`` is one of them; elsewhere ``sides`` is None. ``is_lost``
    says that the number is off by more than the relative tolerance and agrees only because of what doubles lose.
    ``kind`` says what it is where it is not simply a parameter's: `INPUT`, `LEFT_OUT` of a parameter that only outputs
    use that are left out and `UNUSED` of one that nothing uses, so that 0 is right, or `KEPT` of one that is not
    trained, and 0 was found.
    """

    name: str
    expected: Number
    found: float
    agrees: bool
    sides: tuple[Number, Number] | None = None
    is_lost: bool = False
    place: str = ""
    kind: str = ""

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
        name = f"{self.name}, {self.place}" if self.place not in ("", self.name) else self.name
        if not self.is_finite:
            return f"{name}: found {self.found}, which is no finite number; expected {expected}"
        return f"{name}: found {self.found!r}, expected {expected} (relative difference {self.difference:.1e})"


@dataclass(frozen=True, eq=False)
class Judge:
    """Decides which numbers agree.

    ``rtol`` None stands for that of each number's type. What rounding may lose on the way is that of the type too,
    unless a smaller ``rtol`` than the type's is asked for: then it is that of doubles. ``atol`` takes its place.
    """

    evaluation: Evaluation
    rtol: float | None = None
    atol: float | None = None
    _corners: dict[str, Corners] = field(default_factory=dict)
    _rooms: dict[str, tuple[Mapping[str, float], int]] = field(default_factory=dict)

    def corners(self, precision: Precision) -> Corners:
        """Return the corners at which a derivative has two sides, as numbers of a type tell."""
        return self._corners.setdefault(precision.name, Corners(self.evaluation, precision.scale))

    def room(self, name: str, precision: Precision) -> float:
        """Return what rounding may lose on the way to a right derivative by a parameter, in numbers of a type."""
        if precision.name not in self._rooms:
            self._rooms[precision.name] = self._float_errors(precision)
        errors, scale = self._rooms[precision.name]
        return errors[name] * scale + precision.floor

    def _float_errors(self, precision: Precision) -> tuple[Mapping[str, float], int]:
        own, doubles = self.corners(precision), self.corners(DOUBLE)
        # With the same corners the errors are in proportion, and those of doubles are needed more often.
        return (doubles.float_errors, precision.scale) if own.found == doubles.found else (own.float_errors, 1)

    def row(self, name: str, found: Found) -> GradientRow:
        """Return the verdict on the number of one parameter.

        Where a parameter is not trained, 0 agrees too: a program that masks its gradients has it there.
        """
        computation = self.evaluation.computation
        if name in computation.unused:
            return self._left_out(name, found)
        row = self._compared(name, found)
        if name in self.evaluation.inputs:
            return replace(row, kind=INPUT)
        is_kept = bool(computation.trained) and name not in computation.trained
        return replace(row, agrees=True, kind=KEPT) if is_kept and found.value == 0 and not row.agrees else row

    def _left_out(self, name: str, found: Found) -> GradientRow:
        """Return the verdict where the objective does not depend on the parameter: every program has 0 there."""
        agrees = abs(found.value) <= (self.atol or 0.0)
        kind = UNUSED if self.evaluation.computation.layers is None else LEFT_OUT
        return GradientRow(name, Number(self.evaluation, _nothing), found.value, agrees, place=found.place, kind=kind)

    def _compared(self, name: str, found: Found) -> GradientRow:
        value = found.value
        strict = self.rtol is not None and self.rtol < found.precision.rtol
        precision = DOUBLE if strict else found.precision
        expected, sides = self.evaluation.gradient(name), self.corners(precision).gradient_sides(name)
        low, high = sides or (expected, expected)
        off = max(low - value, value - high, 0.0)
        rtol = precision.rtol if self.rtol is None else self.rtol
        near = rtol * max(abs(low), abs(high)) + (self.atol or 0.0)
        if not (math.isfinite(value) and math.isfinite(off)):
            return GradientRow(name, expected, value, agrees=False, sides=sides, place=found.place)
        if off <= near or self.atol is not None:
            return GradientRow(name, expected, value, off <= near, sides, place=found.place)
        agrees = off <= near + self.room(name, precision)
        is_lost = agrees and float(expected) != 0
        return GradientRow(name, expected, value, agrees, sides, is_lost, found.place)


def _nothing(table: Any) -> Value:
    return ZERO
