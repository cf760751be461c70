"""The verdict on each number of a publication by itself, on any basis: nothing else that is printed plays a part."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from derive.comparison.published.basis import Basis
from derive.comparison.published.lookup import Reading, in_turn
from derive.comparison.published.precision import Floats, in_double_precision, in_single_precision, looks_double
from derive.comparison.published.printed import Printed
from derive.comparison.published.variants import Variant
from derive.comparison.published.verdicts import DIFFERENT, RIGHT, WRONG, given_verdict, units_off, verdict
from derive.errors import InputError
from derive.numbers.arithmetic import ZERO, Value
from derive.reading.files import placed

SPARE = 8  # errors of doubles


@dataclass(frozen=True, eq=False)
class Alone:
    """Judges the numbers of a publication, each with its reading, one by one, on bases that start from one variant."""

    declared: Basis
    numbers: Sequence[tuple[Printed, Reading]]
    _floats: dict[Variant, Floats] = field(default_factory=dict, repr=False)
    _read: dict[tuple[tuple[str, ...], Printed], tuple[str, Reading]] = field(default_factory=dict, repr=False)
    _in_turns: dict[tuple[str, ...], bool] = field(default_factory=dict, repr=False)

    @cached_property
    def _is_single(self) -> bool:
        return in_single_precision([printed for printed, _ in self.numbers])

    @cached_property
    def _is_double(self) -> bool:
        return in_double_precision([printed for printed, _ in self.numbers])

    def all_on(self, basis: Basis) -> list[str]:
        """Return the verdicts on all numbers; raises `InputError`, with its place, where a number has no true value."""
        return [self._placed_verdict(basis, printed, reading) for printed, reading in self.numbers]

    def _placed_verdict(self, basis: Basis, printed: Printed, reading: Reading) -> str:
        with placed(printed.place):
            return self.verdict(basis, printed, reading)

    def verdict(self, basis: Basis, printed: Printed, reading: Reading) -> str:
        """Return the verdict on a number; see `verdicts.verdict`."""
        return self.read(basis, printed, reading)[0]

    def verdict_or_wrong(self, basis: Basis, printed: Printed, reading: Reading) -> str:
        """Return the verdict on a number; one that has no value on this basis is wrong.

        That is where training diverges, and where a parameter is not trained whose step is asked for.
        """
        try:
            return self.verdict(basis, printed, reading)
        except (InputError, KeyError):
            return WRONG

    def read(self, basis: Basis, printed: Printed, reading: Reading) -> tuple[str, Reading]:
        """Return the verdict on a number by itself, and the reading that it is judged by.

        Where updates are online, that is the value at the first weights or the value in the sample's turn, in whose
        favour the verdict is; where they are sequential, the derivative by the first weights or by those in use.
        """
        key = basis.keys, printed
        if key not in self._read:
            self._read[key] = self._read_anew(basis, printed, reading)
        return self._read[key]

    def _read_anew(self, basis: Basis, printed: Printed, reading: Reading) -> tuple[str, Reading]:
        found = self._verdict_of(basis, printed, reading)
        if found not in (WRONG, DIFFERENT):
            return found, reading
        if reading.sequential is not None and basis.variant_for(printed).evaluation.plan.is_sequential:
            used = replace(reading, number=reading.sequential)
            word = self._verdict_of(basis, printed, used)
            return (word, used) if found == WRONG or word not in (WRONG, DIFFERENT) else (found, reading)
        if printed.updates or reading.is_in_turn:
            return found, reading
        other = in_turn(basis.variant_for(printed), printed.name, printed.sample)
        word = WRONG if other is None else self._verdict_of(basis, printed, other)
        if other is None:
            return found, reading
        if word == found:
            return found, other if self.is_in_turns(basis) else reading
        return (found, reading) if word == WRONG else (word, other)

    def is_in_turns(self, basis: Basis) -> bool:
        """Whether numbers that may be those of a turn, or those at the first weights, are more likely the former.

        So they are where later turns have updates, or where most are nearer to those.
        """
        if basis.keys not in self._in_turns:
            self._in_turns[basis.keys] = self._has_turns(basis)
        return self._in_turns[basis.keys]

    def _has_turns(self, basis: Basis) -> bool:
        nearer = 0
        for printed, reading in self.numbers if basis.variant.evaluation.plan.is_online else ():
            is_of_turn = reading.is_in_turn or printed.name.endswith("+")
            if printed.sample > 1 and is_of_turn:
                return True
            is_either = printed.sample > 1 and not printed.updates and not is_of_turn
            other = in_turn(basis.variant_for(printed), printed.name, printed.sample) if is_either else None
            if other is not None:
                off, its_off = (units_off(printed, basis.number(printed, each)) for each in (reading, other))
                nearer += (its_off < off) - (its_off > off)
        return nearer > 0

    def _verdict_of(self, basis: Basis, printed: Printed, reading: Reading) -> str:
        """Return the verdict on a number as it is read; see `verdicts.verdict`."""
        number, variant = basis.number(printed, reading), basis.variant_for(printed)
        found = given_verdict(printed, number) if reading.is_given else verdict(printed, number)
        if found == RIGHT:
            return found
        return self.floats(variant).verdict(printed, reading, number) or found

    def floats(self, variant: Variant) -> Floats:
        """Return what floats may come to in one way to calculate."""
        if variant not in self._floats:
            self._floats[variant] = Floats(variant, self._is_single, self._is_double)
        return self._floats[variant]

    def slack(self, variant: Variant, printed: Printed, reading: Reading) -> Value:
        """Return by how much another value under a name may be off from its formula where it is printed as a double."""
        error = self.floats(variant).error(printed, reading) if looks_double(printed) else None
        return ZERO if error is None else error.upper() * SPARE
