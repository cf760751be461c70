"""Rounding by hand: each result is written down as a student with a calculator does it, and carried on so."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from derive.errors import Message, Text, counted
from derive.numbers.arithmetic import Value, rational
from derive.numbers.decimals import Rounded, as_printed, at_enough_bits, round_exact, round_fixed, round_significant
from derive.numbers.traced import Traced


@dataclass(frozen=True)
class Rounding:
    """Every result has at most so many decimals or, where ``is_significant``, so many significant digits.

    >>> from flint import fmpq
    >>> Rounding(4).rounded(fmpq(2, 300)).text, Rounding(4, is_significant=True).rounded(fmpq(2, 300)).text
    ('0.0067', '0.006667')
    """

    digits: int
    is_significant: bool = False

    def rounded(self, value: Value) -> Rounded:
        """Return the value as it is written down."""
        return (round_significant if self.is_significant else round_fixed)(value, self.digits)

    def carried(self, value: Value) -> Value:
        """Return what later lines go on with."""
        if isinstance(value, Traced):
            return value.rounded(self.digits, is_significant=self.is_significant)
        return as_printed(self.rounded(value).text)

    def of_fraction(self, value: Fraction) -> Fraction:
        """Return an exact number as later lines go on with it."""
        exact = rational(value)
        return Fraction(at_enough_bits(lambda bits: self.rounded(exact)).text)

    def at_most(self, digits: int) -> "Rounding":
        """Return the same with no more digits than that."""
        return self if digits >= self.digits else replace(self, digits=digits)

    @property
    def word(self) -> str:
        """How a handout's option is called that rounds so."""
        return "significant" if self.is_significant else "by-hand"

    @property
    def size(self) -> Message:
        """To what is rounded, as messages say it: 4 decimals, 4 significant digits."""
        if self.is_significant:
            return counted("{number} significant digit", "{number} significant digits", self.digits)
        return counted("{number} decimal", "{number} decimals", self.digits)

    def of(self, place: Text) -> Message:
        """Return a quantity as messages name it, with how it is rounded."""
        if self.is_significant:
            return counted(
                "{place}, rounded by hand to {number} significant digit",
                "{place}, rounded by hand to {number} significant digits",
                self.digits,
                place=place,
            )
        return counted(
            "{place}, rounded by hand to {number} decimal",
            "{place}, rounded by hand to {number} decimals",
            self.digits,
            place=place,
        )


def printed_by(rounding: Rounding | None, digits: int) -> Callable[[Value], Rounded]:
    """Return how values are printed with so many digits: decimals, or as they are rounded by hand."""
    return partial(round_exact, digits=digits) if rounding is None else rounding.at_most(digits).rounded
