"""How an author rounds each line of a calculation, and what a line that is not printed may have been rounded to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor, log10

from flint import arb, fmpq

from derive.comparison.published.printed import Printed
from derive.comparison.published.verdicts import middle
from derive.numbers.arithmetic import Value

MOST_MORE = 2  # digits that a number has beyond those of the lines before it: one with more was not calculated so
OFTEN = Fraction(1, 5)  # of the numbers have so many decimals: as these lose zeros at their end, a few have fewer


@dataclass(frozen=True)
class Habit:
    """Each line is rounded to so many decimals, or significant digits, or cut off after them and not rounded."""

    digits: int
    is_significant: bool = False
    is_cut: bool = False

    def widened(self, value: Value, decimals: int | None = None) -> Value:
        """Return all that a line with this value may be rounded to, in its usual digits or to so many decimals.

        A fraction that has no more digits than these stays as it is.
        """
        ball = arb(value)
        unit = fmpq(10) ** -(self.decimals(ball) if decimals is None else decimals)
        if isinstance(value, fmpq) and (value / unit).q == 1:
            return value
        if self.is_cut:
            ball -= ball.sgn() * arb(unit / 2)
        return ball + arb(0, unit / 2)

    def decimals(self, ball: arb) -> int:
        """Return how many decimals a line with this value has; of 0, which has no first digit, so many as digits."""
        if not self.is_significant:
            return self.digits
        largest = middle(ball.abs_upper())
        if not largest:
            return self.digits
        return self.digits - 1 - _power(largest)


def _power(size: Fraction) -> int:
    """Return the power of ten of a number's first digit."""
    power = floor(log10(size.numerator) - log10(size.denominator))
    return power + (Fraction(10) ** (power + 1) <= size) - (Fraction(10) ** power > size)


@dataclass(frozen=True, eq=False)
class Style:
    """How the author of these numbers prints them."""

    numbers: Sequence[Printed]

    @cached_property
    def usual_decimals(self) -> frozenset[int]:
        """The counts of decimals that many of the numbers have: fewer may be what is left of zeros at their end."""
        return frozenset(decimals for decimals, count in self._decimals.items() if count >= OFTEN * len(self.numbers))

    def habits(self, own: Printed) -> list[Habit]:
        """Return how the lines before one of the numbers may be rounded: rounded, and cut off.

        That is as most are printed, or to the decimals of the number itself where others have so many as well, or where
        it has too many more.
        """
        if not self._significant:
            return []
        usual, count = self._decimals_at_least_0.most_common(1)[0]
        digits, times = self._significant.most_common(1)[0]
        if times > count:
            digits = own.significant if own.significant > digits + MOST_MORE else digits
            return [Habit(digits, is_significant=True), Habit(digits, is_significant=True, is_cut=True)]
        if own.decimals in self.usual_decimals or own.decimals > usual + MOST_MORE:
            usual = own.decimals
        return [Habit(usual), Habit(usual, is_cut=True)]

    @cached_property
    def _decimals(self) -> Counter[int]:
        return Counter(printed.decimals for printed in self.numbers if printed.whole)

    @cached_property
    def _decimals_at_least_0(self) -> Counter[int]:
        found: Counter[int] = Counter()
        for decimals, count in self._decimals.items():
            found[max(decimals, 0)] += count
        return found

    @cached_property
    def _significant(self) -> Counter[int]:
        return Counter(printed.significant for printed in self.numbers if printed.significant > 1)
