"""A number of training as it is printed, and how sure its digits are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from derive.numbers.decimals import START_BITS, Undecided, as_printed, at_enough_bits, is_same, rounded_float
from derive.numbers.precision import at_bits
from derive.numbers.rounding import Rounding, printed_by

FLOAT_DECIMALS = 6  # of a number that only floats give, which lose more than their last digit in a long run
MOST_SHIFT = 1 << 16  # the largest exponent of 2 with which a ball of radius 0 is read as a rational
NOTHING = "–"
SURENESS = ("exact", "certain", "agreed", "float")  # what the digits of a `Reading` rest on


@dataclass(frozen=True)
class Reading:
    """A printed number: ``text``, and ``sure`` for what its digits rest on.

    "exact" is the value itself; "certain" the value rounded, proven by ball arithmetic; "agreed" the digits on which
    two precisions agree, a dash where they agree on none; "float" what floating point gave, unchecked.
    """

    text: str
    sure: str

    @property
    def is_number(self) -> bool:
        """Whether there are digits at all."""
        return self.text != NOTHING


UNKNOWN = Reading(NOTHING, "agreed")


@dataclass(frozen=True)
class Readings:
    """The state of a training as it is printed; ``outs`` has a row a sample.

    ``outs`` and ``parameters`` are empty where only the error was asked for, ``state`` where the optimizer's state was
    not: it is by the name of a parameter and that of the part of the state.
    """

    error: Reading
    outs: tuple[tuple[Reading, ...], ...] = ()
    parameters: Mapping[str, Reading] = field(default_factory=dict)
    state: Mapping[tuple[str, str], Reading] = field(default_factory=dict)

    @property
    def all(self) -> tuple[Reading, ...]:
        """Every reading."""
        return (self.error, *(reading for row in self.outs for reading in row), *self.parameters.values())


def certain(value: Any, digits: int, rounding: Rounding | None = None) -> Reading | None:
    """Return the value, an fmpq or an arb, with so many decimals; None where its ball leaves a digit open.

    It is written as numbers that are rounded by hand are, where ``rounding`` says how.

    >>> certain(fmpq(1, 8), 9)
    Reading(text='0.125', sure='exact')
    """
    try:
        rounded = printed_by(rounding, digits)(_rational_if_exact(value))
    except Undecided:
        return None
    return Reading(rounded.text, "exact" if rounded.exact else "certain")


def agreed(one: Any, other: Any, digits: int, rounding: Rounding | None = None) -> Reading:
    """Return the decimals, at most so many, on which two values agree when both are rounded.

    Each is an fmpq, an arb, of which the midpoint is taken, or a float; ``rounding`` is as for `certain`.

    >>> agreed(fmpq(123456, 10**6), fmpq(123444, 10**6), 9)
    Reading(text='0.123', sure='agreed')
    >>> agreed(fmpq(1, 3), fmpq(2, 3), 9).is_number
    False
    """
    left, right = _midpoint(one), _midpoint(other)
    if left is None or right is None:
        return UNKNOWN
    fewest = 1 if rounding is not None and rounding.is_significant else 0
    for decimals in range(digits, fewest - 1, -1):
        texts = [printed_by(rounding, decimals)(value).text for value in (left, right)]
        # By hand, a number that is too small for the decimals is written as 0; else it has digits of its own.
        if is_same(*texts) and (rounding is not None or not is_same(texts[0], "0") or left == right):
            # The longer one: a value that is 0.5 itself is printed without the zeros that the other shows.
            return Reading(max(texts, key=len), "agreed")
    return UNKNOWN


def floating(value: float | None, digits: int, rounding: Rounding | None = None) -> Reading:
    """Return what floating point gave, with few digits; a dash where that is no number.

    ``rounding`` is as for `certain`.

    >>> floating(0.1234567891, 9)
    Reading(text='0.123457', sure='float')
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    few = min(digits, FLOAT_DECIMALS)
    if rounding is None:
        return Reading(rounded_float(value, few), "float")
    exact = fmpq(*Fraction(repr(value)).as_integer_ratio())  # a float counts as the decimal that it prints
    return Reading(at_enough_bits(lambda bits: printed_by(rounding, few)(exact)).text, "float")


def are_apart(value: float, known: Reading, digits: int) -> bool:
    """Whether a float has no digit in common with a known number, and not because both are next to nothing.

    >>> are_apart(1.8e-5, Reading("0.000070007", "certain"), 9), are_apart(0.0, Reading("9.8e-300", "certain"), 9)
    (True, False)
    """
    if not math.isfinite(value):
        return True
    return at_bits(START_BITS, _is_apart, value, known, digits)


def _is_apart(value: float, known: Reading, digits: int) -> bool:
    number = as_printed(known.text)
    tiny = abs(_midpoint(value) - number) < fmpq(1, 10**FLOAT_DECIMALS)
    return not tiny and not agreed(value, number, digits).is_number


def _rational_if_exact(value: Any) -> Any:
    """Return a ball of radius 0 as a rational, other values as they are; only a rational can decide a rounding tie."""
    return _of_dyadic(value) if isinstance(value, arb) and value.is_exact() and value.is_finite() else value


def _midpoint(value: Any) -> fmpq | None:
    if isinstance(value, float):
        ratio = Fraction(value) if math.isfinite(value) else None
        return None if ratio is None else fmpq(ratio.numerator, ratio.denominator)
    if isinstance(value, arb):
        midpoint = _of_dyadic(value.mid()) if value.is_finite() else None
        return midpoint if isinstance(midpoint, fmpq) else None
    return value


def _of_dyadic(value: arb) -> Any:
    mantissa, exponent = value.man_exp()
    if abs(exponent) > MOST_SHIFT:
        return value
    power = fmpq(2) ** int(exponent)
    return fmpq(mantissa) * power
