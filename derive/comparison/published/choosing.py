"""Which conventions a publication has beside those that it declares: found in its numbers.

A convention must make wrong numbers right that would not be so by chance, make no right one wrong, and be contradicted
by fewer numbers than it explains. Even so a number that is wrong, and carried on, may look like a convention: so of all
explanations that one holds which leaves the fewest sources of error, and of those the one with the fewest conventions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from derive.comparison.published.alone import Alone
from derive.comparison.published.basis import Basis, candidates, groups_of
from derive.comparison.published.consequences import Consequences
from derive.comparison.published.lookup import Reading
from derive.comparison.published.printed import Printed
from derive.comparison.published.rates import OTHER_RATE, other_rate
from derive.comparison.published.verdicts import WRONG, units_off
from derive.errors import InputError
from derive.numbers.decimals import round_exact

FEW_UPDATES = 20  # up to which a convention is tried, before training is done for the others
CHANCE = Fraction(1, 100)  # that a convention which is none makes its numbers right
CHANCE_OF_A_SIGN = Fraction(1, 20)


@dataclass(frozen=True, eq=False)
class Choice:
    """The choice of a basis for the numbers that ``alone`` judges."""

    declared: Basis
    alone: Alone

    @cached_property
    def best(self) -> Consequences:
        """What the declared basis, with the conventions that are found, makes of the publication."""
        return self._better_than(self.on(self.declared))

    def on(self, basis: Basis) -> Consequences:
        """Return what a basis makes of the publication."""
        key = basis.keys
        if key not in self._tried:
            self._tried[key] = Consequences(self.alone, self.declared, basis, self._verdicts(self.declared))
        return self._tried[key]

    @cached_property
    def _tried(self) -> dict[tuple[str, ...], Consequences]:
        return {}

    def _better_than(self, present: Consequences) -> Consequences:
        """Return the best explanation with the conventions of the present one and more, the present one if none is."""
        found = self._candidates(present.basis)
        for candidate in found if found and present.sources else ():
            best = min(map(self.on, self._chain(candidate)), key=_errors)
            if _errors(best) < _errors(present):
                return self._better_than(best)
        return present

    def _chain(self, basis: Basis) -> list[Basis]:
        """Return the basis and those with more conventions, each with the one that makes most wrong numbers right."""
        found, more = [basis], self._candidates(basis)
        while more:
            found.append(more[0])
            more = self._candidates(more[0])
        return found

    def _verdicts(self, basis: Basis) -> list[str]:
        """Return the verdict on each number alone; what has no value on a basis that is tried is wrong there."""
        key = basis.keys
        if key not in self._judged:
            self._judged[key] = self.alone.all_on(basis)
        return self._judged[key]

    @cached_property
    def _judged(self) -> dict[tuple[str, ...], list[str]]:
        return {}

    def _candidates(self, basis: Basis) -> list[Basis]:
        """Return the bases with one convention more that explain wrong numbers, those first that explain most."""
        key = basis.keys
        if key not in self._found:
            self._found[key] = self._explaining(basis, self._verdicts(basis))
        return self._found[key]

    @cached_property
    def _found(self) -> dict[tuple[str, ...], list[Basis]]:
        return {}

    def _explaining(self, basis: Basis, verdicts: Sequence[str]) -> list[Basis]:
        if WRONG not in verdicts:
            return []
        evaluation = basis.start.evaluation
        groups = frozenset[str]().union(*(groups_of(evaluation, printed.name) for printed, _ in self.alone.numbers))
        tried = [*candidates(basis, groups), *self._with_other_rate(basis, verdicts)]
        found = []
        for candidate in tried:
            new = self._judged_anew(candidate, verdicts)
            if new is not None:
                count = self._explained(basis, candidate, verdicts, new, len(tried))
                if count:
                    self._judged[candidate.keys] = new
                    found.append((count, candidate))
        return [candidate for _, candidate in sorted(found, key=lambda each: -each[0])]

    def _with_other_rate(self, basis: Basis, verdicts: Sequence[str]) -> list[Basis]:
        if any(convention.name == OTHER_RATE for convention in basis.conventions):
            return []
        wrong = [each for each, word in zip(self.alone.numbers, verdicts, strict=True) if word == WRONG]
        rate = other_rate(basis, wrong)
        found = None if rate is None else basis.with_convention(rate)
        return [] if found is None else [found]

    def _explained(
        self, basis: Basis, candidate: Basis, verdicts: Sequence[str], new: Sequence[str], tried: int
    ) -> int:
        """Return how many wrong numbers a candidate makes right; 0 where it may do so by chance."""
        added = candidate.conventions[len(basis.conventions) :]
        judged = zip(self.alone.numbers, verdicts, new, strict=True)
        explained = [each for each, old, now in judged if old == WRONG != now]
        if len(explained) < max(convention.least for convention in added):
            return 0
        if self._chance(basis, explained) > (CHANCE_OF_A_SIGN if added[0].turned else CHANCE / tried / added[0].among):
            return 0
        return len(explained) if len(explained) > self._left_wrong(basis, candidate, new) else 0

    def _left_wrong(self, basis: Basis, candidate: Basis, verdicts: Sequence[str]) -> int:
        """Return how many numbers of the candidate are others, and wrong all the same: each speaks against it."""
        wrong = [each for each, word in zip(self.alone.numbers, verdicts, strict=True) if word == WRONG]
        return sum(_differs(basis, candidate, printed, reading) for printed, reading in wrong)

    def _judged_anew(self, basis: Basis, verdicts: Sequence[str]) -> list[str] | None:
        """Return the verdicts on another basis; None where a right number becomes wrong, or no wrong one right."""
        new: dict[int, str] = {}
        numbers = self.alone.numbers
        few = [place for place, (printed, _) in enumerate(numbers) if printed.updates <= FEW_UPDATES]
        many = [place for place in range(len(numbers)) if place not in set(few)]
        for places in (few, many):
            # First those that were right, as one of them decides.
            for place in sorted(places, key=lambda place: verdicts[place] == WRONG):
                new[place] = self.alone.verdict_or_wrong(basis, *numbers[place])
                if new[place] == WRONG != verdicts[place]:
                    return None
            wrong = [place for place in places if verdicts[place] == WRONG]
            if wrong and all(new[place] == WRONG for place in wrong):
                return None
        return [new[place] for place in range(len(numbers))]

    @staticmethod
    def _chance(basis: Basis, explained: Sequence[tuple[Printed, Reading]]) -> Fraction:
        """Return how likely numbers that are off by so much become right by a way that is not theirs."""
        chance = Fraction(1)
        for printed, reading in explained:
            chance *= min(Fraction(1), 1 / (2 * units_off(printed, basis.number(printed, reading))))
        return chance


def _errors(found: Consequences) -> tuple[int, int]:
    return found.sources, len(found.basis.conventions)


def _differs(basis: Basis, candidate: Basis, printed: Printed, reading: Reading) -> bool:
    """Whether a number is another one on the candidate, in the digits that are printed."""
    try:
        digits = [
            each.number(printed, reading).decide(lambda value: round_exact(value, max(printed.decimals, 0)).text)
            for each in (basis, candidate)
        ]
    except (InputError, KeyError):
        return True
    return digits[0] != digits[1]
