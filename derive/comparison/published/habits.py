"""How an author rounds each line of a calculation, and what a line that is not printed may have been rounded to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, log10

from flint import arb, fmpq

from derive.comparison.published.printed import Printed
from derive.comparison.published.verdicts import middle
from derive.numbers.arithmetic import Value

MOST_MORE = 2  # decimals that a number has beyond those of the lines before it: one with more was not calculated so
OFTEN = Fraction(1, 5)  # of the numbers have so many decimals: as these lose zeros at their end, a few have fewer


@dataclass(frozen=True)
class Habit:
    """Each line is rounded to so many decimals, or significant digits, or cut off after them and not rounded."""

    digits: int
    is_significant: bool = False
    is_cut: bool = False

    def widened(self, value: Value, decimals: int | None = None) -> arb:
        """Return all that a line with this value may be rounded to, in its usual digits or to so many decimals."""
        ball = arb(value)
        unit = fmpq(10) ** -(self.decimals(ball) if decimals is None else decimals)
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


def usual_decimals(numbers: Sequence[Printed]) -> frozenset[int]:
    """Return the counts of decimals that many of the numbers have: fewer may be what is left of zeros at their end."""
    found = Counter(printed.decimals for printed in numbers if printed.whole)
    return frozenset(decimals for decimals, count in found.items() if count >= OFTEN * len(numbers))


def habits(numbers: Sequence[Printed], own: Printed) -> list[Habit]:
    """Return how the author of these numbers may round the lines before one of them: rounded, and cut off.

    That is as most are printed, or to the decimals of the number itself where others have so many as well, or where it
    has too many more.
    """
    decimals = Counter(max(printed.decimals, 0) for printed in numbers if printed.whole)
    significant = Counter(printed.significant for printed in numbers if printed.significant > 1)
    if not significant:
        return []
    (usual, count), (digits, times) = decimals.most_common(1)[0], significant.most_common(1)[0]
    if times > count:
        return [Habit(digits, is_significant=True), Habit(digits, is_significant=True, is_cut=True)]
    if own.decimals in usual_decimals(numbers) or own.decimals > usual + MOST_MORE:
        usual = own.decimals
    return [Habit(usual), Habit(usual, is_cut=True)]
