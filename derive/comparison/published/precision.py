"""Numbers that a program printed in full: right where they agree with the true ones as far as its floats can.

A double is printed with 15 to 17 significant digits, of which the last ones hold what its arithmetic lost on the way.
How much that may be comes from the graph, by a running error (`derive.evaluation.float_run`); a float of 32 bits loses
2²⁹ times as much. That a publication is one in 32 bits must show: each of its long numbers is such a float, which by
chance a number of nine digits seldom is.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any

from flint import arb, fmpq

from derive.comparison.published.lookup import Reading
from derive.comparison.published.printed import Printed
from derive.comparison.published.variants import Trained, Variant
from derive.comparison.published.verdicts import DOUBLE, SINGLE
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.float_run import DOUBLE_BITS, FloatRun, ball
from derive.evaluation.table import Table
from derive.numbers.decimals import Undecided
from derive.numbers.number import Number
from derive.numbers.precision import at_bits

DOUBLE_DIGITS, MOST_DOUBLE_DIGITS = 15, 17
SINGLE_DIGITS, MOST_SINGLE_DIGITS = 7, 9
SINGLE_UNITS = 2**29  # units of a double in one of a float of 32 bits
LEAST_SINGLE = fmpq(1, 2**149)
LARGEST_SINGLE = Fraction(2**24 - 1) * 2**104
FEW_DOUBLES = 3  # that show it
CHANCE = Fraction(1, 30)  # that numbers which are no floats of 32 bits all look like some
# The running error takes twice the unit roundoff; what is of second order has room in a part of a million.
ROUNDOFF = fmpq(1_000_001, 2_000_000)
MOST_WORK = 1_500_000  # terms times updates, some ten seconds


@dataclass(frozen=True, eq=False)
class DoubleVariant(Variant):
    """The same way to calculate, in doubles: its values are balls, as wide as their running error."""

    @cached_property
    def run(self) -> FloatRun:
        """The training in doubles."""
        return FloatRun(self.evaluation)

    def _reached(self, updates: int) -> Trained:
        if updates not in self._trained:
            if updates < self.run.done:
                self.__dict__.pop("run")
            self.run.advance(updates)
            parameters = {name: ball(held) for name, held in self.run.parameters.items()}
            state = {(name, part): ball(held) for name, parts in self.run.state.items() for part, held in parts.items()}
            self._trained[updates] = Trained(parameters, state)
        return self._trained[updates]  # type: ignore[return-value]

    def prepare(self, counts: Any) -> None:
        """Do nothing: it trains when it is asked."""


@dataclass(frozen=True, eq=False)
class Floats:
    """What floats may come to in one way to calculate, and whether its publication prints such ones throughout."""

    variant: Variant
    is_single: bool = False
    is_double: bool = False
    _tables: dict[str, Any] = field(default_factory=dict, repr=False)

    def verdict(self, printed: Printed, reading: Reading, number: Any) -> str | None:
        """Return that the number is right to double or to single precision, None where it is neither.

        ``number`` is the true one, under the publication's own sign.
        """
        is_double, is_single = self.is_double or looks_double(printed), looks_single(printed, sure=self.is_single)
        if not (is_double or is_single):
            return None
        error = self.error(printed, reading)
        if error is None:
            return None
        if is_double and _is_near(printed, number, error, DOUBLE_DIGITS):
            return DOUBLE
        wide = error * SINGLE_UNITS + LEAST_SINGLE
        return SINGLE if is_single and _is_near(printed, number, wide, SINGLE_DIGITS) else None

    def error(self, printed: Printed, reading: Reading) -> arb | None:
        """Return how far a double of that name may be off; None where there is no bound, or it would take too long."""
        try:
            found = at_bits(DOUBLE_BITS, self._ball, printed, reading)
        except (Undecided, ZeroDivisionError):
            return None
        if isinstance(found, fmpq):
            return arb(abs(found) / 2**DOUBLE_BITS)
        return found.rad() * ROUNDOFF if found.is_finite() else None

    def _ball(self, printed: Printed, reading: Reading) -> Any:
        number = reading.number(self.variant) if printed.updates < 2 else None
        if isinstance(number, Number):
            return number.found_in(self._table_for(printed, reading))
        if reading.state is None or self._work * printed.updates > MOST_WORK:
            raise Undecided
        return reading.state(self._double, printed.updates).value  # type: ignore[attr-defined]

    @property
    def _work(self) -> int:
        computation = self.variant.evaluation.computation
        return len(computation.samples) * sum(len(equation.terms) for equation in computation.equations)

    def _table_for(self, printed: Printed, reading: Reading) -> Table:
        is_turns = reading.is_in_turn and self.variant.evaluation.plan.is_online
        return self._table.turns[printed.sample - 1] if is_turns else self._table

    @property
    def _table(self) -> Table:
        if "table" not in self._tables:
            self._tables["table"] = FloatRun(self.variant.evaluation).table()
        return self._tables["table"]  # type: ignore[no-any-return]

    @property
    def _double(self) -> "DoubleVariant":
        if "variant" not in self._tables:
            evaluation = _Doubles(self.variant.evaluation.computation, self.variant.evaluation.plan)
            self._tables["variant"] = DoubleVariant(evaluation)
        return self._tables["variant"]  # type: ignore[no-any-return]


class _Doubles(Evaluation):
    """An evaluation whose one table holds what doubles may find."""

    def table(self, bits: int) -> Table:
        if 0 not in self._tables:
            self._tables[0] = FloatRun(Evaluation(self.computation, self.plan)).table()
        return self._tables[0]  # type: ignore[return-value]


def _is_near(printed: Printed, number: Any, error: arb, digits: int) -> bool:
    """Whether the printed number is off by no more than half a unit of its last digit and what floats lose.

    A float with fewer than so many ``digits`` ends in zeros, so half a unit is that of its last digit with these.
    """
    value = Fraction(printed.number)
    middle, half = fmpq(value.numerator, value.denominator), fmpq(10) ** -printed.decimals / 2
    if printed.significant < digits:
        half = min(half, abs(middle) * fmpq(5, 10**digits))

    def near(true: Any) -> bool:
        return bool(not abs(arb(true - middle)) > arb(half) + error.upper())

    return bool(number.decide(near))


def in_double_precision(numbers: Sequence[Printed]) -> bool:
    """Whether a publication prints doubles: some of its numbers have their digits, others may end in zeros."""
    found = sum(map(looks_double, numbers))
    return found >= FEW_DOUBLES or 2 * found > len(numbers)


def looks_double(printed: Printed) -> bool:
    """Whether the number has the digits of a double: 15 to 17, or more where they are those of one in full."""
    if printed.significant > MOST_DOUBLE_DIGITS:
        return _is_float(printed, float(printed.number))
    return printed.significant >= DOUBLE_DIGITS


def looks_single(printed: Printed, *, sure: bool) -> bool:
    """Whether the number is a float of 32 bits: by its digits alone where it has more than 9 of them."""
    nearest = _nearest_single(printed.number)
    if nearest is None or not _is_float(printed, nearest):
        return False
    return printed.significant > MOST_SINGLE_DIGITS or (sure and printed.significant >= SINGLE_DIGITS)


def in_single_precision(numbers: Sequence[Printed]) -> bool:
    """Whether a publication calculates in 32 bits: all its long numbers are such floats, and that by no chance."""
    long = [printed for printed in numbers if printed.significant >= SINGLE_DIGITS]
    nearest = [_nearest_single(printed.number) for printed in long]
    if not all(near is not None and _is_float(printed, near) for printed, near in zip(long, nearest, strict=True)):
        return False
    chances = (_unit(printed) / _spacing(near) for printed, near in zip(long, nearest, strict=True) if near)
    return prod((min(Fraction(1), chance) for chance in chances), start=Fraction(1)) < CHANCE


def _nearest_single(number: Decimal) -> float | None:
    if abs(Fraction(number)) > LARGEST_SINGLE:
        return None
    return float(struct.unpack("f", struct.pack("f", float(number)))[0])


def _is_float(printed: Printed, nearest: float) -> bool:
    """Whether the number's digits are those of the float, rounded to so many."""
    try:
        return abs(Fraction(nearest) - Fraction(printed.number)) <= _unit(printed) / 2
    except OverflowError:
        return False


def _unit(printed: Printed) -> Fraction:
    return Fraction(10) ** -printed.decimals


def _spacing(single: float) -> Fraction:
    """Return the distance of the floats of 32 bits about this one."""
    bits = struct.unpack("i", struct.pack("f", abs(single)))[0]
    return Fraction(struct.unpack("f", struct.pack("i", bits + 1))[0]) - Fraction(abs(single))
