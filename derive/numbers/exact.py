"""Numbers as a user gives them, read exactly: a float counts as the decimal that it prints.

What cannot be read raises `InputError` with its place, what was found and what is expected.
"""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from numbers import Integral, Rational
from typing import Any, SupportsFloat

from derive.checks import MOST_DIGITS, is_number, numbered, sequence
from derive.errors import InputError, Message, Text, Whole, shown
from derive.numbers.given import Given

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
# A decimal comma between digits, and no thousands: nothing of the kind before or behind it.
COMMA = re.compile(r"(?<![\d.,])([+-]?\d{1,40}),(\d{1,40}(?:[eE][+-]?\d{1,4})?)(?![\d.]|,\d)", re.ASCII)
LARGEST_EXPONENT = 400
EXPECTED_SIZE = Message(
    "a number between {smallest} and {largest} with at most {digits} digits",
    {"smallest": f"1e-{LARGEST_EXPONENT}", "largest": f"1e{LARGEST_EXPONENT}", "digits": Whole(MOST_DIGITS)},
)
Numbers = tuple[Fraction, ...]
# What a user may give: Python's, NumPy's and SymPy's numbers know their float; text and lists do not.
GivenNumber = SupportsFloat
GivenNumbers = Iterable[SupportsFloat]


def exact(value: Any, place: Text) -> Fraction:
    """Return the number as a fraction; a float counts as the decimal that it prints.

    Raises `InputError` naming the place for anything that is no finite number of a sensible size and length.

    >>> exact(0.1, "bias")
    Fraction(1, 10)
    """
    if isinstance(value, Given):  # read already, and known by its key
        return value
    if not is_number(value):
        if isinstance(value, str):
            raise no_number(value, place)
        raise InputError("{place}: found {found}; expected a number.", place=place, found=shown(value))
    return _of_ratio(value, place) if isinstance(value, Rational | Integral) else _of_decimal(value, place)


def positive(given: GivenNumber, place: Text) -> Fraction:
    """Return a number above 0, exactly; raises `InputError` for any other and for what is none."""
    value = exact(given, place)
    if value <= 0:
        raise InputError("{place}: found {found}; expected a positive number.", place=place, found=shown(given))
    return value


def no_number(text: str, place: Text) -> InputError:
    """Return the error for text where a number is expected, with the number that may be meant."""
    return InputError(
        "{place}: found the text {found}; expected a number.{hint}",
        place=place,
        found=shown(text),
        hint=comma_hint(text) or quoted_hint(text),
    )


def comma_hint(text: str) -> Text:
    """Return a sentence on the decimal comma in a text, with a space before it; nothing where there is none."""
    found = COMMA.search(text)
    if found is None:
        return ""
    return Message(" Write a decimal comma as a point: {number}.", {"number": f"{found[1]}.{found[2]}"})


def quoted_hint(text: str) -> Text:
    """Return a sentence on a number that stands in quotation marks; nothing for other text."""
    number = text.strip()
    return (
        Message(" Write it without quotation marks: {number}.", {"number": number}) if NUMBER.fullmatch(number) else ""
    )


def _of_ratio(value: Any, place: Text) -> Fraction:
    above, below = int(value.numerator), int(value.denominator)
    if max(abs(above), below) >= 10**MOST_DIGITS:
        raise InputError(
            "{place}: found a number of more than {most} digits; expected a shorter one.",
            place=place,
            most=Whole(MOST_DIGITS),
        )
    number = Fraction(above, below)
    if number and not Fraction(1, 10**LARGEST_EXPONENT) <= abs(number) < 10 ** (LARGEST_EXPONENT + 1):
        power = (Decimal(abs(above)) / below).adjusted()
        raise InputError(
            "{place}: found a number of about {found}; expected {expected}.",
            place=place,
            found=f"{'-' if above < 0 else ''}1e{power}",
            expected=EXPECTED_SIZE,
        )
    return number


def _of_decimal(value: Any, place: Text) -> Fraction:
    try:
        decimal = value if isinstance(value, Decimal) else Decimal(_printed(value))
    except InvalidOperation:
        raise InputError("{place}: found {found}; expected a number.", place=place, found=shown(value)) from None
    if not decimal.is_finite():
        found = "nan" if decimal.is_nan() else "inf" if decimal > 0 else "-inf"
        raise InputError("{place}: found {found}; expected a finite number.", place=place, found=found)
    # Checked before the fraction is made, as that of 1e999999999 would fill the memory.
    if (decimal and abs(decimal.adjusted()) > LARGEST_EXPONENT) or len(decimal.as_tuple().digits) > MOST_DIGITS:
        raise InputError(
            "{place}: found {found}; expected {expected}.",
            place=place,
            found=shown(str(decimal)),
            expected=EXPECTED_SIZE,
        )
    return Fraction(decimal)


def _printed(value: Any) -> str:
    """Return the decimal that a number prints: NumPy's float64 is a float, its float32 and SymPy's Float are not."""
    return repr(float(value)) if isinstance(value, float) else str(value)


def numbers(values: Any, place: Text, expected: Message) -> Numbers:
    """Return a list of numbers as fractions."""
    found = sequence(values, place, expected)
    return tuple(exact(value, numbered(place, number)) for number, value in enumerate(found, start=1))
