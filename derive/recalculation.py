"""What a reader gets who calculates a line again from its printed numbers.

Printed numbers are rounded, so their sum or product can differ in the last digit from the printed result, which is
calculated from the unrounded ones. Such a line carries a mark.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flint import fmpq
from sympy import Expr

from derive.arithmetic import OutsideDomain, Value, function
from derive.decimals import Rounded, as_printed, at_enough_bits, round_exact
from derive.errors import UnsupportedError
from derive.evaluation import Number


@dataclass(frozen=True)
class Result:
    """What is printed as the result of a line, and whether it carries the mark."""

    rounded: Rounded
    is_marked: bool


def result(number: Number, again: Rounded | None, digits: int, digits_inside: int) -> Result:
    """Return what is printed where the line's printed numbers, of so many decimals inside, give ``again``.

    A line that carries values in full prints the true value, marked where the printed numbers give another one. By hand
    it prints what its numbers give, marked where the same quantity has another value elsewhere.
    """
    agrees = again is not None and is_same(again.text, number.decimal(digits_inside))
    if not agrees and number.by_hand and again is not None:
        return Result(again, is_marked=True)
    return Result(number.rounded(digits), is_marked=not agrees)


def is_same(left: str, right: str) -> bool:
    """Whether two printed decimals are the same number: an exact one has no zeros at its end, a rounded one has them.

    >>> is_same("0.74136507", "0.741365070")
    True
    """
    return bool(as_printed(left) == as_printed(right))


def recalculated(compute: Callable[..., Value], printed: Sequence[str], digits: int) -> Rounded | None:
    """Return what the formula gives with the printed numbers, rounded; None where it has no value with them.

    >>> recalculated(lambda left, right: left + right, ["0.055399425", "-0.019049118"], 9).text
    '0.036350307'
    """
    values = [as_printed(text) for text in printed]
    try:
        return at_enough_bits(lambda bits: round_exact(_number(compute(*values)), digits))
    except (OutsideDomain, ZeroDivisionError, UnsupportedError):
        # The logarithm of an out that is printed as 0, a division by a difference that is printed as 0.
        return None


def _number(value: Value) -> Value:
    if not isinstance(value, fmpq) and value.is_nan():
        raise ZeroDivisionError
    return value


def formula_recalculated(formula: Expr, shown: Callable[[str], str], digits: int) -> Rounded | None:
    """Return what the formula gives where each name has its printed number."""
    symbols = sorted(formula.free_symbols, key=str)
    return recalculated(function(symbols, formula), [shown(symbol.name) for symbol in symbols], digits)
