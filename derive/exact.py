"""Numbers and words as a user gives them, read exactly: a float counts as the decimal that it prints.

Whatever cannot be read raises `InputError` with the place, what was found and what is expected.
"""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from numbers import Integral, Rational, Real
from typing import Any, TypeVar

from derive.errors import InputError, nearest, shown

MOST_DIGITS = 1000
LARGEST_EXPONENT = 400
EXPECTED_SIZE = (
    f"expected a number between 1e-{LARGEST_EXPONENT} and 1e{LARGEST_EXPONENT} with at most {MOST_DIGITS:,} digits."
)
Numbers = tuple[Fraction, ...]
T = TypeVar("T")


def exact(value: Any, place: str) -> Fraction:
    """Return the number as a fraction; a float counts as the decimal that it prints.

    Raises `InputError` naming the place for anything that is no finite number of a sensible size and length.

    >>> exact(0.1, "bias")
    Fraction(1, 10)
    """
    if not is_number(value):
        kind = "the text " if isinstance(value, str) else ""
        raise InputError(f"{place}: found {kind}{shown(value)}; expected a number.")
    return _of_ratio(value, place) if isinstance(value, Rational | Integral) else _of_decimal(value, place)


def _of_ratio(value: Any, place: str) -> Fraction:
    above, below = int(value.numerator), int(value.denominator)
    if max(abs(above), below) >= 10**MOST_DIGITS:
        raise InputError(f"{place}: found a number of more than {MOST_DIGITS:,} digits; expected a shorter one.")
    number = Fraction(above, below)
    if number and not Fraction(1, 10**LARGEST_EXPONENT) <= abs(number) < 10 ** (LARGEST_EXPONENT + 1):
        raise InputError(f"{place}: found a number of {len(str(max(abs(above), below)))} digits; {EXPECTED_SIZE}")
    return number


def _of_decimal(value: Any, place: str) -> Fraction:
    try:
        decimal = value if isinstance(value, Decimal) else Decimal(_printed(value))
    except InvalidOperation:
        raise InputError(f"{place}: found {shown(value)}; expected a number.") from None
    if not decimal.is_finite():
        found = "nan" if decimal.is_nan() else "inf" if decimal > 0 else "-inf"
        raise InputError(f"{place}: found {found}; expected a finite number.")
    # Looked at before the fraction is made: that of 1e999999999 would fill the memory.
    if (decimal and abs(decimal.adjusted()) > LARGEST_EXPONENT) or len(decimal.as_tuple().digits) > MOST_DIGITS:
        raise InputError(f"{place}: found {shown(str(decimal))}; {EXPECTED_SIZE}")
    return Fraction(decimal)


def _printed(value: Any) -> str:
    """Return the decimal that a number prints: NumPy's float64 is a float, its float32 and SymPy's Float are not."""
    return repr(float(value)) if isinstance(value, float) else str(value)


def is_number(value: Any) -> bool:
    """Whether the value is a number and no truth value."""
    return isinstance(value, Real | Decimal) and not isinstance(value, bool)


def sequence(values: Any, place: str, expected: str) -> tuple[Any, ...]:
    """Return the values of a list, a tuple or an array."""
    try:
        if not isinstance(values, str | bytes | dict | set):
            return tuple(values)
    except TypeError:  # asked, not looked at: an array without dimensions calls itself iterable
        pass
    raise InputError(f"{place}: found {shown(values)}; expected {expected}.")


def numbers(values: Any, place: str, expected: str) -> Numbers:
    """Return a list of numbers as fractions."""
    found = sequence(values, place, expected)
    return tuple(exact(value, f"{place}, number {number}") for number, value in enumerate(found, start=1))


def one_of(word: Any, valid: Iterable[str], place: str) -> None:
    """Refuse a word that is not one of the valid ones."""
    words = list(valid)
    if not isinstance(word, str) or word not in words:
        hint = nearest(word, words) if isinstance(word, str) else ""
        raise InputError(f"{place}: found {shown(word)}; expected one of {', '.join(words)}.{hint}")


def count(number: int, word: str) -> str:
    """Return "1 neuron", "2 neurons"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
