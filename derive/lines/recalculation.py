"""What a reader gets who calculates a line again from its printed numbers.

Printed numbers are rounded, so their sum or product can differ in the last digit from the printed result, which is
calculated from the unrounded ones. Such a line carries a mark, but only if rounding alone explains the difference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flint import arb, fmpq
from sympy import Expr

from derive.errors import Text, VerificationError
from derive.numbers.arithmetic import OutsideDomain, Value, function
from derive.numbers.decimals import Rounded, Undecided, Unprintable, as_printed, at_enough_bits, enclosure, is_same
from derive.numbers.number import Number
from derive.numbers.precision import at_bits
from derive.numbers.rounding import printed_by

BITS = 256  # no formula shows more than 20 decimals of a number
UNDEFINED = (OutsideDomain, ZeroDivisionError, Undecided)


@dataclass(frozen=True)
class Calculation:
    """A line as a reader can calculate it: a formula, and the numbers that are printed in it."""

    compute: Callable[..., Value]
    printed: Sequence[Rounded]

    def again(self, round_: Callable[[Value], Rounded]) -> Rounded | None:
        """Return what the printed numbers give, as ``round_`` rounds it; None where the formula has no value with them.

        >>> terms = [Rounded("0.055399425", exact=False), Rounded("-0.019049118", exact=False)]
        >>> Calculation(lambda left, right: left + right, terms).again(printed_by(None, 9)).text
        '0.036350307'
        """
        try:
            return at_enough_bits(lambda bits: round_(_number(self._of_printed())))
        except UNDEFINED:
            # The logarithm of an out that is printed as 0, a division by a difference that is printed as 0.
            return None

    def _of_printed(self) -> Value:
        return self.compute(*(as_printed(number.text) for number in self.printed))

    def may_give(self, number: Number) -> bool:
        """Whether the value can come out, where each printed number stands for all that is rounded to it.

        >>> import derive
        >>> value = derive.load("article").derive()["out_h1"].value
        >>> terms = [Rounded("0.055399425", exact=False), Rounded("-0.019049118", exact=False)]
        >>> Calculation(lambda left, right: left + right, terms).may_give(value)
        True
        >>> Calculation(lambda left, right: left - right, terms).may_give(value)
        False
        """
        try:
            enclosed = at_bits(BITS, self._enclosed)
        except UNDEFINED:
            return True
        return number.decide(lambda value: enclosed.overlaps(arb(value)) or not enclosed.is_finite())

    def _enclosed(self) -> arb:
        return arb(self.compute(*map(enclosure, self.printed)))


def calculation(formula: Expr, shown: Callable[[str], Rounded]) -> Calculation:
    """Return the calculation of a formula in which each name has its printed number."""
    symbols = sorted(formula.free_symbols, key=str)
    return Calculation(function(symbols, formula), [shown(symbol.name) for symbol in symbols])


@dataclass(frozen=True)
class Result:
    """What is printed as the result of a line, and whether it carries the mark."""

    rounded: Rounded
    is_marked: bool


def result(number: Number, line: Calculation, digits: int, digits_inside: int, left: Text) -> Result:
    """Return what is printed behind a line whose numbers have so many decimals inside.

    A line that carries values in full prints the true value, marked where the printed numbers give another one. By hand
    it prints what its numbers give, marked where the same quantity has another value elsewhere.

    Raises `VerificationError`, naming the line by its left side, where rounding does not explain another value.
    """
    try:
        again = line.again(printed_by(number.rounding, digits_inside))
    except Unprintable as error:
        raise error.at(left) from None
    agrees = again is not None and is_same(again.text, number.decimal(digits_inside))
    if number.by_hand and again is not None:
        return Result(again, is_marked=not agrees)
    if not agrees and not line.may_give(number):
        raise VerificationError(
            "{line}: the numbers of this equation, {numbers}, do not give {value}. Nothing was written. This is "
            "a bug in derive; please report it.",
            line=left,
            numbers=", ".join(number.text for number in line.printed),
            value=number.decimal(digits),
        )
    return Result(number.rounded(digits), is_marked=not agrees)


def _number(value: Value) -> Value:
    if not isinstance(value, fmpq) and value.is_nan():
        raise ZeroDivisionError
    return value
