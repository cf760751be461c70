"""What is accepted as decimals: a value with a tolerance, or two bounds, never narrower than what is accepted."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from derive.comparison.expected import Expected, Slipped

MOST_PLACES = 15  # behind the point, for bounds that end there; else so many that WIDTH_DIGITS of the width are kept
WIDTH_DIGITS = 4
SIGNIFICANT = 12  # of a number that is accepted alone and does not end


@dataclass(frozen=True)
class Window:
    """The numbers within ``tolerance`` of ``middle``; both end ``places`` behind the point."""

    middle: Fraction
    tolerance: Fraction
    places: int

    @property
    def low(self) -> Fraction:
        """The least number in it."""
        return self.middle - self.tolerance

    @property
    def high(self) -> Fraction:
        """The greatest number in it."""
        return self.middle + self.tolerance

    @property
    def value_text(self) -> str:
        """The middle, written out."""
        return written(self.middle, self.places)

    @property
    def tolerance_text(self) -> str:
        """The tolerance, written out."""
        return written(self.tolerance, self.places)

    def touches(self, other: "Window") -> bool:
        """Whether a number is in both."""
        return self.low <= other.high and other.low <= self.high


def window(low: Fraction, high: Fraction) -> Window:
    """Return the window that holds all from low to high, and nothing else where these numbers end.

    >>> found = window(Fraction("0.0819"), Fraction("0.0826"))
    >>> found.value_text, found.tolerance_text
    ('0.08225', '0.00035')
    >>> found = window(Fraction(1, 3), Fraction(2, 3))
    >>> found.value_text, found.tolerance_text
    ('0.5', '0.1667')
    """
    places = _places(low, high)
    middle = (low + high) / 2
    unit = Fraction(1, 10**places)
    rounded = round(middle / unit) * unit
    tolerance = ceil(max(high - rounded, rounded - low) / unit) * unit
    return Window(rounded, tolerance, places)


def accepted(expected: Expected) -> list[Window]:
    """Return the windows that together are what is accepted; the first has in its middle what is shown as the answer.

    >>> from fractions import Fraction
    >>> expected = Expected("net_h1", "0.38", Fraction("0.37"), Fraction("0.40"))
    >>> [(each.value_text, each.tolerance_text) for each in accepted(expected)]
    [('0.38', '0.01'), ('0.385', '0.015')]
    """
    whole = window(expected.low, expected.high)
    answer = Fraction(expected.text)
    if answer == whole.middle or not whole.low <= answer <= whole.high:
        return [whole]
    places = max(_ends(answer) or 0, whole.places)
    unit = Fraction(1, 10**places)
    near = floor(min(answer - whole.low, whole.high - answer) / unit) * unit
    return [Window(answer, near, places), whole]


def slips(expected: Expected) -> Iterator[tuple[Window, Slipped]]:
    """Yield the slips that can be told from the truth, with the window of each; among them, the first one counts."""
    right = accepted(expected)
    for slip in expected.slips:
        found = window(slip.low, slip.high)
        if not any(found.touches(each) for each in right):
            yield found, slip


def bounds(low: Fraction, high: Fraction) -> tuple[str, str]:
    """Return both bounds as decimals, rounded outward where they do not end.

    >>> bounds(Fraction("0.0819"), Fraction("0.0826")), bounds(Fraction(1, 3), Fraction(2, 3))
    (('0.0819', '0.0826'), ('0.3333', '0.6667'))
    """
    places = _places(low, high)
    unit = Fraction(1, 10**places)
    return written(floor(low / unit) * unit, places), written(ceil(high / unit) * unit, places)


def written(number: Fraction, places: int) -> str:
    """Return a number that ends so many places behind the point, without zeros at its end and without a power of ten.

    >>> written(Fraction(-1, 80), 4), written(Fraction(300), 2)
    ('-0.0125', '300')
    """
    units = number * 10**places
    assert units.denominator == 1
    digits = str(abs(int(units))).rjust(places + 1, "0")
    whole, decimals = digits[: len(digits) - places], digits[len(digits) - places :].rstrip("0")
    return ("-" if units < 0 else "") + whole + ("." + decimals if decimals else "")


def _places(low: Fraction, high: Fraction) -> int:
    ends = [_ends(low), _ends(high), _ends((low + high) / 2)]
    known = [end for end in ends if end is not None]
    if len(known) == len(ends) and max(known) <= MOST_PLACES:
        return max(known)
    if low == high:
        return max(0, SIGNIFICANT - _power(abs(low)))
    return max(0, WIDTH_DIGITS - 1 - _power(high - low))


def _ends(number: Fraction) -> int | None:
    """Return how many places a decimal number has behind the point, None where it does not end."""
    rest, twos, fives = number.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def _power(number: Fraction) -> int:
    """Return the power of ten of a positive number's first digit."""
    power = len(str(number.numerator)) - len(str(number.denominator))
    return power if number >= Fraction(10) ** power else power - 1
