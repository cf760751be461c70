"""Balls that hold whatever honest rounding gives: each result may have been cut or rounded before it was carried on."""

from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpq

from derive.numbers.arithmetic import Value
from derive.numbers.decimals import Undecided, ten_to
from derive.numbers.rounding import Rounding


@dataclass(frozen=True)
class Widening(Rounding):
    """Every result is one unit of its last digit wider on each side than it is: cut, rounded or carried in full.

    What is calculated of widened results is a ball that contains what each student gets who goes on with any of
    these. A number that has no more than these digits stays itself, as nobody rounds it.

    >>> from flint import fmpq
    >>> from derive.numbers.precision import at_bits
    >>> Widening(4).carried(fmpq(3775, 10000))
    151/400
    >>> at_bits(64, lambda: Widening(4).carried(fmpq(2, 3)).contains(fmpq(6666, 10000)))
    True
    """

    def carried(self, value: Value) -> Value:
        """Return what later lines go on with."""
        if isinstance(value, fmpq) and self._is_written_in_full(value):
            return value
        return arb(value) + arb(0, arb(self.unit(value)))

    def unit(self, value: Value) -> fmpq:
        """Return one unit of the last digit that is written of the largest that a value may be."""
        if not self.is_significant:
            return ten_to(-self.digits)
        size = arb(value).abs_upper()
        if not size.is_finite():
            raise Undecided
        if size == 0:
            return ten_to(-self.digits)
        # One digit more than it has, where the ball goes on beyond a power of ten: wider, never narrower.
        power = int(float((size.log() / arb(10).log()).upper()) // 1)
        return ten_to(power - self.digits + 1)

    def _is_written_in_full(self, value: fmpq) -> bool:
        if self.is_significant:
            return bool(value == 0) or self.rounded(value).exact
        return bool((value * ten_to(self.digits)).q == 1)


def ends(value: Value, digits: int) -> tuple[Fraction, Fraction]:
    """Return the ends of what a value may be, as decimals of so many digits, rounded outward.

    >>> ends(fmpq(1, 3), 2)
    (Fraction(33, 100), Fraction(17, 50))
    """
    scale = ten_to(digits)
    if isinstance(value, fmpq):
        scaled = value * scale
        return Fraction(int(scaled.floor()), 10**digits), Fraction(int(scaled.ceil()), 10**digits)
    scaled = arb(value) * scale
    if not scaled.is_finite():
        raise Undecided
    low, high = scaled.lower().floor().unique_fmpz(), scaled.upper().ceil().unique_fmpz()
    if low is None or high is None:
        raise Undecided
    return Fraction(int(low), 10**digits), Fraction(int(high), 10**digits)
