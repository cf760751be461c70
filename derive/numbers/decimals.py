"""From a value to the digits that are certain.

A value is an exact rational (flint's fmpq) or a ball (arb). What a ball leaves open raises `Undecided`, and the caller
computes the ball again with more bits.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeVar

from flint import arb, fmpq, fmpz

from derive.errors import Message, Text, UnsupportedError, Whole
from derive.numbers.precision import at_bits, present_bits

T = TypeVar("T")
A_VALUE = Message("the value")
START_BITS, MOST_BITS = 128, 1 << 17
MOST_DECIMALS = 10_000  # of a value, for which MOST_BITS are more than three times enough

SIGNIFICANT = 4
MOST_BEFORE_POINT = 15
SMALLEST_POWER = -4  # of ten, with which a number of so many significant digits is written without it
MOST_EXPONENT_DIGITS = 400  # of a power of ten that is printed
LONGEST_POWER = 20_000  # of ten, that is still written out as a whole number; a larger one is a ball
FAR_BELOW = 5000
FLOAT_DIGITS = 12  # decimals of a result of floating point
LOG10_2 = math.log10(2)
FLOAT_BITS = 1100  # no float is larger than 2^1100 or, but 0, smaller than 2^−1100


class Undecided(Exception):
    """The precision does not decide a digit or a sign; ``place`` names the quantity where it is not the asked one."""

    def __init__(self, place: Text = "") -> None:
        self.place = place
        super().__init__(place)


@dataclass(frozen=True)
class Rounded:
    """A decimal number as text, and whether it is the value itself and not a rounding of it."""

    text: str
    exact: bool


def round_exact(value: Any, digits: int) -> Rounded:
    """Return the value with that many decimals, or with a power of ten where it is too small or too large for them.

    The value is an fmpq or an arb. A tie is rounded away from zero. Raises `Undecided` where the ball is too wide.

    >>> round_exact(fmpq(3775, 10000), 9).text, round_exact(fmpq(3775, 10000), 3).text
    ('0.3775', '0.378')
    >>> round_exact(fmpq(-1, 3 * 10**8), 9).text
    '-3.333333333e-9'
    """
    if value == 0:
        return Rounded("0", exact=True)
    if _is_lost_in_zero(value, digits):
        return Rounded(_fixed(0, digits), exact=False)
    smallest = ten_to(min(SIGNIFICANT, digits) - 1 - digits)
    too_small = not _fits(value, digits) and _is_below(value, smallest)
    if too_small or not _is_below(value, ten_to(MOST_BEFORE_POINT)):
        return _scientific(value, max(SIGNIFICANT, digits + 1) - 1)
    return _with_decimals(value, digits)


def round_fixed(value: Any, digits: int) -> Rounded:
    """Return the value with that many decimals, however small it is, as a calculator with fixed decimals has it.

    Only one of more than fifteen digits before the point comes with a power of ten. Raises `Undecided` as does
    `round_exact`.

    >>> [round_fixed(fmpq(number, 10**6), 4).text for number in (-19000, -19054, 19)]
    ['-0.019', '-0.0191', '0.0000']
    """
    if value == 0:
        return Rounded("0", exact=True)
    if _is_lost_in_zero(value, digits):
        return Rounded(_fixed(0, digits), exact=False)
    if not _is_below(value, ten_to(MOST_BEFORE_POINT)):
        return _scientific(value, max(SIGNIFICANT, digits + 1) - 1)
    return _with_decimals(value, digits)


def round_significant(value: Any, digits: int) -> Rounded:
    """Return the value with that many significant digits, with a power of ten below 0.0001 and above these digits.

    Raises `Undecided` as `round_exact`.

    >>> [round_significant(fmpq(number, 10**6), 4).text for number in (19054321, 19054, 190, 19)]
    ['19.05', '0.01905', '0.00019', '1.9e-5']
    """
    if value == 0:
        return Rounded("0", exact=True)
    if _is_lost_in_zero(value, digits):
        return Rounded("0", exact=False)
    _, power = _mantissa(value, digits - 1)
    if SMALLEST_POWER <= power < digits:
        return _with_decimals(value, digits - 1 - power)
    return _scientific(value, digits - 1)


def enclosure(rounded: Rounded) -> Any:
    """Return all that a printed number may stand for: itself where it is exact, else half a unit of its last digit.

    >>> enclosure(Rounded("0.25", exact=True))
    1/4
    >>> at_bits(64, lambda: enclosure(Rounded("0.250", exact=False)).contains(fmpq(2504, 10000)))
    True
    """
    middle = as_printed(rounded.text)
    if rounded.exact:
        return middle
    _, power = mantissa_and_power(rounded.text)
    return arb(middle, arb(ten_to(power) / 2))


def at_enough_bits(decide: Callable[[int], T], most: int = MOST_BITS) -> T:
    """Return ``decide(bits)`` at the first precision at which it is not `Undecided`; see `at_bits`.

    Raises the last `Undecided` where even ``most`` bits do not decide.
    """
    bits = START_BITS
    while True:
        try:
            return at_bits(bits, decide, bits)
        except Undecided:
            bits *= 2
            if bits > most:
                raise


class Unprintable(UnsupportedError):
    """A value whose power of ten has more digits than a line has room for."""

    def at(self, place: Text) -> "Unprintable":
        """Return the same error of the value at that place, where none is known that is nearer."""
        if self.message.fields.get("place") is not A_VALUE:
            return self
        return type(self)(self.message.text, **{**self.message.fields, "place": place})


def _unprintable(power: int) -> Unprintable:
    digits, most = Whole(_count_of_digits(power)), Whole(MOST_EXPONENT_DIGITS)
    if power > 0:
        return Unprintable(
            "{place}: found a value that is too large to print, with a power of ten whose exponent has {digits} "
            "digits; expected at most {most}. Use less extreme values.",
            place=A_VALUE,
            digits=digits,
            most=most,
        )
    return Unprintable(
        "{place}: found a value that is too close to zero to print, with a power of ten whose exponent has {digits} "
        "digits; expected at most {most}. Use less extreme values.",
        place=A_VALUE,
        digits=digits,
        most=most,
    )


def _count_of_digits(power: int) -> int:
    """Return how many digits a whole number has, which may be too many for Python to write them."""
    digits = int(abs(power).bit_length() * math.log10(2))
    return digits + int(abs(power) >= 10**digits)


def refusal(value: Any, place: Text, bits: int) -> UnsupportedError:
    """Return the error that says why a value, None where none could be calculated, is not known at so many bits."""
    if value is None:
        return UnsupportedError(
            "{place}: even with {bits} bits it could not be determined whether a number that decides it is 0: "
            "that number is exactly zero in a way the formula does not show, or too close to zero. Try different "
            "or less extreme values.",
            place=place,
            bits=Whole(bits),
        )
    if isinstance(value, arb) and not value.is_finite():
        return UnsupportedError(
            "{place}: an intermediate value is too large, or too close to zero, to be computed with {bits} bits. "
            "Try less extreme values.",
            place=place,
            bits=Whole(bits),
        )
    if isinstance(value, arb) and value.contains(0):
        return UnsupportedError(
            "{place}: even with {bits} bits the value could not be told from 0: it is exactly zero in a way the "
            "formula does not show, or too close to zero. Try different or less extreme values.",
            place=place,
            bits=Whole(bits),
        )
    return UnsupportedError(
        "{place}: even with {bits} bits the value is too close to a rounding tie. Try a different number of digits.",
        place=place,
        bits=Whole(bits),
    )


def as_printed(text: str) -> Any:
    """Return the number that a printed decimal is: a rational, or a ball where its power of ten is too long for one.

    >>> as_printed("-0.25"), as_printed("1.5e-3")
    (-1/4, 3/2000)
    """
    mantissa, power = mantissa_and_power(text)
    return ten_to(power) * mantissa


def mantissa_and_power(text: str) -> tuple[fmpz, int]:
    """Return a printed decimal as a whole number and the power of ten that it is multiplied by.

    >>> mantissa_and_power("-0.250"), mantissa_and_power("1.5e-43430")
    ((-250, -3), (15, -43431))
    """
    mantissa, _, power = text.partition("e")
    whole, _, decimals = mantissa.partition(".")
    # flint reads whole numbers of any length.
    return fmpz(whole + decimals), int(power or 0) - len(decimals)


def is_same(left: str, right: str) -> bool:
    """Whether two printed decimals are the same number: an exact one has no zeros at its end, a rounded one has them.

    >>> is_same("0.74136507", "0.741365070")
    True
    """
    return _without_zeros(left) == _without_zeros(right)


def _without_zeros(text: str) -> tuple[str, int]:
    mantissa, power = mantissa_and_power(text)
    digits = str(mantissa)
    short = digits.rstrip("0")
    return (short, power + len(digits) - len(short)) if short else ("0", 0)


def decimal(value: Fraction, digits: int) -> str:
    """Return the fraction rounded to that many decimals, as text.

    >>> decimal(Fraction(1, 8), 9)
    '0.125'
    """
    exact = fmpq(value.numerator, value.denominator)
    return at_enough_bits(lambda bits: round_exact(exact, digits)).text


def _is_lost_in_zero(value: Any, digits: int) -> bool:
    """Whether the ball contains 0 and is far smaller than the last digit, as where terms cancel."""
    return isinstance(value, arb) and value.contains(0) and abs(value) < ten_to(-digits - FAR_BELOW)


def rounded_float(number: float, digits: int) -> str:
    """Return a result of floating point as it is printed, with at most 12 decimals.

    >>> rounded_float(3.510187782978859e-05, 9), rounded_float(0.5, 9)
    ('0.000035102', '0.5')
    """
    if not math.isfinite(number):
        return str(number)
    # A float counts as the decimal that it prints, as everywhere here.
    return decimal(Fraction(repr(float(number))), min(digits, FLOAT_DIGITS))


def nearest_float(value: Any) -> float:
    """Return the float nearest to the value, infinite where floats end."""
    if isinstance(value, fmpq):
        return to_float(Fraction(int(value.p), int(value.q)))
    if not value.is_finite():
        raise Undecided
    # Decided first: the power of two of such a number may have 300 digits itself.
    if abs(value) < arb(2) ** -FLOAT_BITS:
        return 0.0
    if abs(value) > arb(2) ** FLOAT_BITS:
        return math.inf if value > 0 else -math.inf
    left, right = _end_as_float(value.lower()), _end_as_float(value.upper())
    if left != right:
        raise Undecided
    return left + 0.0  # no minus zero


def to_float(value: Fraction) -> float:
    """Return the float nearest to the fraction, infinite where floats end."""
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _end_as_float(end: arb) -> float:
    """Return the float nearest to the end of a ball; a fraction of so many bits would take long to be reduced."""
    mantissa, exponent = map(int, end.man_exp())
    if mantissa.bit_length() + exponent < -FLOAT_BITS:
        return 0.0
    try:
        return float(mantissa << exponent) if exponent >= 0 else mantissa / (1 << -exponent)
    except OverflowError:
        return math.inf if mantissa > 0 else -math.inf


def _is_below(value: Any, edge: fmpq) -> bool:
    """Whether |value| < edge; a ball that holds the edge counts as below, for either way of printing it is right."""
    return not abs(value) >= edge


def _power_of_ten(value: Any) -> int:
    """Return the power of ten of the value, or one more or less."""
    if isinstance(value, fmpq):
        # Two to the difference of the lengths, less one, is not above the value.
        return math.floor(int(value.p.bit_length() - 1 - value.q.bit_length()) * LOG10_2) + 1
    if not value.is_finite() or value.contains(0):
        raise Undecided
    power = (abs(value).log() / _ln_ten(present_bits())).mid().floor().unique_fmpz()
    if power is None:
        raise Undecided
    return int(power)


def ten_to(power: int) -> Any:
    """Return 10^power: a rational, or a ball where that would be too long."""
    return _ten_to(power, 0 if abs(power) <= LONGEST_POWER else present_bits())


@lru_cache(maxsize=256)
def _ten_to(power: int, bits: int) -> Any:
    return arb(10) ** arb(power) if bits else fmpq(10) ** power


@lru_cache(maxsize=16)
def _ln_ten(bits: int) -> arb:
    """Return ln 10; it is calculated at flint's present precision, which is ``bits``."""
    return arb(10).log()


def _scaled(value: Any, digits: int) -> int:
    """Return value · 10^digits rounded to an integer, a tie away from zero."""
    moved = abs(value) * ten_to(digits) + fmpq(1, 2)
    floor = fmpz(int(moved.p) // int(moved.q)) if isinstance(moved, fmpq) else moved.floor().unique_fmpz()
    if floor is None:
        raise Undecided
    return int(floor) if value > 0 else -int(floor)


def _fits(value: Any, digits: int) -> bool:
    """Whether the value has no more decimals than that."""
    return isinstance(value, fmpq) and (value * ten_to(digits)).q == 1


def _is_exactly(value: Any, whole: int, digits: int) -> bool:
    return isinstance(value, fmpq) and value * ten_to(digits) == whole


def _fixed(whole: int, digits: int) -> str:
    text = str(fmpz(abs(whole))).rjust(digits + 1, "0")  # flint writes whole numbers of any length
    point = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return "-" + point if whole < 0 else point


def _with_decimals(value: Any, digits: int) -> Rounded:
    whole = _scaled(value, digits)
    exact = _is_exactly(value, whole, digits)
    text = _fixed(whole, digits)
    return Rounded(text.rstrip("0").rstrip(".") if exact and "." in text else text, exact)


def _mantissa(value: Any, decimals: int) -> tuple[int, int]:
    """Return the value as a whole number of ``decimals`` + 1 digits, and the power of ten of the first of them."""
    # Upwards from below, for 9.9996 rounds to 10.000 only where no finer power fits; a ball may lie round the edge.
    power = _power_of_ten(value) - 1
    whole = _scaled(value, decimals - power)
    while abs(whole) >= 10 ** (decimals + 1):
        power += 1
        whole = _scaled(value, decimals - power)
    return whole, power


def _scientific(value: Any, decimals: int) -> Rounded:
    whole, power = _mantissa(value, decimals)
    if abs(power) >= 10**MOST_EXPONENT_DIGITS:
        raise _unprintable(power)
    exact = _is_exactly(value, whole, decimals - power)
    mantissa = _fixed(whole, decimals)
    return Rounded(f"{mantissa.rstrip('0').rstrip('.') if exact else mantissa}e{power}", exact)
