"""Numbers drawn for somebody: the same for the same secret and names, whatever version of anything they are drawn by.

They come out of HMAC-SHA-256 and of no library's generator, whose numbers may change with a version. Without the secret
nobody can draw them.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

BYTES = 8  # of the digest that a number is made of
MOST_DECIMALS = 12  # of a number that is drawn
LEAST_OFF = 4  # units of its last decimal that a number may move, however small it is
CODE_DIGITS = 8


@dataclass(frozen=True)
class Secret:
    """What numbers are drawn from: a secret, and the names of course and sheet."""

    secret: str
    course: str = ""
    sheet: str = ""

    def code(self, student: str) -> str:
        """Return eight hexadecimal digits that tie a student's sheet to the secret.

        >>> Secret("rosebud", "NN 1", "article").code("0042")
        'e9118ac0'
        """
        return self._digest("code", student).hex()[:CODE_DIGITS]

    def whole_numbers(self, student: str, counter: int) -> Iterator[int]:
        """Yield whole numbers of 64 bits, one after the other, for one draw of a student's numbers."""
        block = 0
        while True:
            digest = self._digest("draw", student, counter, block)
            for start in range(0, len(digest), BYTES):
                yield int.from_bytes(digest[start : start + BYTES], "big")
            block += 1

    def _digest(self, use: str, *names: str | int) -> bytes:
        # As JSON, in which no two lists of names are written alike.
        message = json.dumps([use, self.course, self.sheet, *names], ensure_ascii=True)
        return hmac.new(self.secret.encode(), message.encode(), hashlib.sha256).digest()


def below(count: int, numbers: Iterator[int]) -> int:
    """Return a whole number from 0 to ``count`` − 1, each as likely as the others.

    >>> below(10, iter([2**64 - 1, 123]))
    3
    """
    whole = 1 << 8 * BYTES
    limit = whole - whole % count
    return next(number for number in numbers if number < limit) % count


@dataclass(frozen=True)
class Range:
    """Decimals from ``low`` to ``high``, with a step of 10^−decimals, without 0."""

    low: Fraction
    high: Fraction
    decimals: int

    def drawn(self, numbers: Iterator[int]) -> Fraction:
        """Return one of them."""
        unit = Fraction(1, 10**self.decimals)
        return self.low + unit * below(int((self.high - self.low) / unit) + 1, numbers)


def decimals_of(value: Fraction) -> int:
    """Return how many decimals a number has, and at most `MOST_DECIMALS`.

    >>> decimals_of(Fraction("0.15")), decimals_of(Fraction(3)), decimals_of(Fraction(1, 3))
    (2, 0, 12)
    """
    exponents = (decimals for decimals in range(MOST_DECIMALS) if (value * 10**decimals).denominator == 1)
    return next(exponents, MOST_DECIMALS)


def around(value: Fraction) -> Range:
    """Return from what a number is drawn in place of one: of its sign and decimals, half as large to 1½ times.

    A proper fraction stays below 1, as it may be a share, and no number becomes 0.

    >>> [(float(each.low), float(each.high)) for each in map(around, (Fraction("0.15"), Fraction(-3)))]
    [(0.08, 0.22), (-7.0, -1.0)]
    """
    decimals = decimals_of(value)
    unit, size = Fraction(1, 10**decimals), abs(value)
    off = max(size / 2 // unit, LEAST_OFF) * unit
    low, high = max(unit, size - off), size + off
    if size < 1:
        high = min(high, 1 - unit)
    return Range(low, high, decimals) if value > 0 else Range(-high, -low, decimals)
