"""How much nearer a basis is to the printed numbers: lines that were rounded on the way are near it, few are right."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log2

from derive.comparison.published.alone import Alone
from derive.comparison.published.basis import Basis
from derive.comparison.published.lookup import FEW_UPDATES, Reading
from derive.comparison.published.printed import Printed
from derive.comparison.published.verdicts import DIFFERENT, WRONG, units_off
from derive.errors import InputError

MOST_BITS = 10.0  # that one number says, for a convention or against it
FLOAT_DIGITS = 14  # that a float is sure to hold


@dataclass(frozen=True, eq=False)
class Nearness:
    """Compares how far the numbers that ``alone`` judges are off on two bases, in powers of two."""

    alone: Alone
    _bits: dict[tuple[str, ...], Sequence[float | None]] = field(default_factory=dict, repr=False)

    def gain(self, basis: Basis, other: Basis) -> float:
        """Return how much the numbers speak for the other basis: a bit for each half of what one is off."""
        found = 0.0
        for before, after in zip(self._off(basis), self._off(other), strict=True):
            if before is not None:
                gain = -MOST_BITS if after is None else before - after
                found += min(max(gain, -MOST_BITS), MOST_BITS)
        return found

    def _off(self, basis: Basis) -> Sequence[float | None]:
        """Return the binary logarithm of the units that each number is off, None where it has no value."""
        if basis.keys not in self._bits:
            few = (each for each in self.alone.numbers if each[0].updates <= FEW_UPDATES)
            self._bits[basis.keys] = [self._bits_of(basis, *each) for each in few]
        return self._bits[basis.keys]

    def _bits_of(self, basis: Basis, printed: Printed, reading: Reading) -> float | None:
        try:
            word, read = self.alone.read(basis, printed, reading)
            if word != WRONG:
                return 0.0 if word == DIFFERENT else -1.0
            number = read.number(basis.variant_for(printed))
            if isinstance(number, float) and printed.significant <= FLOAT_DIGITS:
                off = abs(float(number) * basis.factor(printed) - float(printed.number))
                return max(log2(off) + log2(10) * printed.decimals, 0.0) if off else 0.0
            units = units_off(printed, basis.number(printed, read))
            return max(log2(units.numerator) - log2(units.denominator), 0.0)
        except (InputError, KeyError):
            return None
