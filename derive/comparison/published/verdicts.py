"""The verdict on a printed number, decided on exact values and certified balls, never on floats."""

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from flint import arb, fmpq

from derive.checks import MOST_DIGITS
from derive.comparison.published.printed import Printed
from derive.comparison.published.variants import Decidable, Reached
from derive.errors import Message, UnsupportedError
from derive.numbers.arithmetic import ZERO
from derive.numbers.decimals import Undecided, mantissa_and_power, round_exact
from derive.numbers.precision import at_bits

RIGHT, DIFFERENT, WRONG = "right", "rounded differently", "wrong"
DOUBLE, SINGLE = "right, to double precision", "right, to single precision"
CONVENTION, FOLLOWS = "other convention", "follows"
VERDICTS = (RIGHT, DOUBLE, SINGLE, DIFFERENT, CONVENTION, FOLLOWS, WRONG)
MORE_DIGITS = 3
LEAST_SIGNIFICANT = 2
LONG = 6  # digits of a given number up to which it is expected to be printed whole
FITTING_BITS = 256
HALF, ONE = fmpq(1, 2), fmpq(1)
FLOAT_BITS = 40  # that a value must be known to, so that the float next to it tells
FARTHEST = 1 << 13  # the power of two beyond which no value is near a printed number: those are from 1e-400 to 1e400


@dataclass(frozen=True)
class Cause:
    """An explanation: its kind, and a sentence that says what was done."""

    kind: str
    sentence: Message


def verdict(printed: Printed, number: Decidable) -> str:
    """Return "right", "rounded differently" or "wrong".

    Right is the value rounded to the printed decimals, a tie either way. Rounded differently is a number with at least
    two significant digits within one unit of the last one from the value, so within a tenth of itself. A number with a
    single digit is never rounded differently: a unit of its last digit may be all of it.
    """
    if is_far(printed, number):
        return WRONG
    if is_rounded(printed, number):
        return RIGHT
    if printed.significant < LEAST_SIGNIFICANT:
        return WRONG
    return DIFFERENT if number.decide(lambda value: is_within(printed, value, ONE)) else WRONG


def given_verdict(printed: Printed, number: Decidable) -> str:
    """Return "right" or "wrong" for a number that the network states: it is exact, so it is right where it is equal.

    A given number with more than 6 digits, as 0.3333333, may be printed rounded to at least two significant digits.
    """
    given = number.decide(lambda value: value)
    digits = number.decide(lambda value: round_exact(value, MOST_DIGITS))
    is_long = not digits.exact or len(digits.text.lstrip("-0.").replace(".", "")) > LONG
    may_round = is_long and printed.significant >= LEAST_SIGNIFICANT
    is_equal = given == fmpq(Fraction(printed.number).numerator, Fraction(printed.number).denominator)
    return RIGHT if is_equal or (may_round and is_rounded(printed, number)) else WRONG


def is_far(printed: Printed, number: Decidable) -> bool:
    """Whether a number is off by more than any digit leaves open, which the float next to it can tell in most cases."""
    nearest = float(number) if isinstance(number, float) else nearest_float(number)
    if nearest is None:
        return False
    away = abs(nearest - float(printed.number))
    return away > 2 * float(f"1e{-printed.decimals}") + 1e-9 * abs(nearest)


def nearest_float(number: Decidable) -> float | None:
    """Return the float next to a value after training; None where that is known to few digits, or no such value."""
    value = number.value if isinstance(number, Reached) else None
    if isinstance(value, fmpq):
        with suppress(OverflowError):
            return int(value.p) / int(value.q)
        return None
    if value is None or not value.is_finite() or value.rel_accuracy_bits() < FLOAT_BITS:
        return None
    return float(value.mid())


def is_rounded(printed: Printed, number: Decidable) -> bool:
    """Whether the value, rounded to the printed decimals, is what is printed."""
    return number.decide(lambda value: is_within(printed, value, HALF))


def is_cut(printed: Printed, number: Decidable) -> bool:
    """Whether the value, cut off after the printed decimals, is what is printed."""
    return number.decide(lambda value: _is_cut(printed, value))


def fits(printed: Printed, value: Any, slack: Any = ZERO) -> bool:
    """Whether a value, rounded or cut off to the printed decimals, is what is printed; False where that is open.

    ``slack`` is by how much floats may be off besides.
    """
    return at_bits(FITTING_BITS, _fits, printed, value, slack)


def _fits(printed: Printed, value: Any, slack: Any) -> bool:
    try:
        if bool(slack) and is_within(printed, value, _in_units(printed, slack) + HALF):
            return True
        return is_within(printed, value, HALF) or _is_cut(printed, value)
    except Undecided:
        return False


def units_off(printed: Printed, number: Decidable) -> Fraction:
    """Return by how many units of its last digit a printed number is off, at least by half of one."""

    def distance(value: Any) -> Fraction:
        off = abs(_in_units(printed, value) - printed.whole)
        return max(middle(arb(off)).limit_denominator(1000), Fraction(1, 2))

    return number.decide(distance)


def middle(ball: arb) -> Fraction:
    """Return the middle of a ball; a float might not hold it.

    What is beyond all printed numbers is written as 0 or as a power of two that is beyond them, too: it may have
    millions of digits. Raises `Undecided` where the middle is not finite.
    """
    if not ball.mid().is_finite():
        raise Undecided
    mantissa, exponent = map(int, ball.mid().man_exp())
    size = exponent + mantissa.bit_length()
    if abs(size) > FARTHEST:
        mantissa, exponent = (0, 0) if size < 0 else ((mantissa > 0) - (mantissa < 0), FARTHEST)
    return mantissa * Fraction(2) ** exponent


def fraction(text: str) -> Fraction | None:
    """Return the number that is printed so; None for one that is beyond all printed numbers."""
    return Fraction(text) if abs(mantissa_and_power(text)[1]) < FARTHEST else None


def true_digits(printed: Printed, number: Decidable) -> str:
    """Return the value with three more digits than are printed; with no more where training leaves those open.

    Where it leaves open even whether the value is 0, and 0 is what it rounds to, that is 0.
    """
    digits = max(printed.decimals, 0)
    for decimals in (digits + MORE_DIGITS, digits):
        with suppress(UnsupportedError):
            return number.decide(partial(round_exact, digits=decimals)).text
    # A number that differs from 0 by less than training leaves open.
    return number.decide(partial(_nothing, digits=digits))


def _nothing(value: Any, digits: int) -> str:
    if not abs(value * fmpq(10) ** digits) < HALF:
        raise Undecided
    return "0"


def is_within(printed: Printed, value: Any, units: Any) -> bool:
    """Whether a value (fmpq or arb) lies within so many units of the last printed digit; raises `Undecided`."""
    distance = abs(_in_units(printed, value) - printed.whole)
    if not (distance <= units or distance > units):
        raise Undecided
    return bool(distance <= units)


def _is_cut(printed: Printed, value: Any) -> bool:
    size = _in_units(printed, value)
    rest = abs(size) if not printed.whole else size * (1 if printed.whole > 0 else -1) - abs(printed.whole)
    for edge in (0, 1):
        if not (rest >= edge or rest < edge):
            raise Undecided
    return bool(rest >= 0 and rest < 1)


def _in_units(printed: Printed, value: Any) -> Any:
    return value * fmpq(10) ** printed.decimals
