"""Which conventions a publication has beside those that it declares: found in its numbers.

A convention must make wrong numbers right that would not be so by chance, make no right one wrong, and be contradicted
by fewer numbers than it explains. Even so a number that is wrong, and carried on, may look like a convention: so of all
explanations that one holds which leaves the fewest sources of error, and of those the one with the fewest conventions.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from derive.comparison.published.alone import Alone
from derive.comparison.published.basis import Basis, candidates, groups_of, with_all
from derive.comparison.published.consequences import Consequences
from derive.comparison.published.lookup import FEW_UPDATES, Reading
from derive.comparison.published.nearness import Nearness
from derive.comparison.published.printed import Printed
from derive.comparison.published.rates import OTHER_RATE, other_rate
from derive.comparison.published.verdicts import WRONG, units_off
from derive.errors import InputError
from derive.numbers.decimals import round_exact

MOST_TRIED = 4  # bases of each kind that are judged as the declared one is
MOST_CONVENTIONS = 3  # that are found together by what is near
LEAST_BITS = 8.0  # by which the numbers speak for a basis that is judged so
LEAST_LINES, MOST_LINES = 2, 12  # wrong numbers that a basis must give by their lines, of so many that are looked at
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
        return self.on(self._better_than(self.declared))

    def on(self, basis: Basis) -> Consequences:
        """Return what a basis makes of the publication."""
        key = basis.keys
        if key not in self._tried:
            self._tried[key] = Consequences(self.alone, self.declared, basis, self._verdicts(self.declared))
        return self._tried[key]

    @cached_property
    def _tried(self) -> dict[tuple[str, ...], Consequences]:
        return {}

    def _as_declared(self, basis: Basis) -> Consequences:
        """Return what a basis makes of the publication where it is judged as if it were declared."""
        key = basis.keys
        if key == self.declared.keys:
            return self.on(basis)
        if key not in self._alike:
            self._alike[key] = Consequences(self.alone, basis, basis, self._verdicts(basis))
        return self._alike[key]

    @cached_property
    def _alike(self) -> dict[tuple[str, ...], Consequences]:
        return {}

    def _sources(self, basis: Basis) -> int:
        """Return how many sources of error a basis leaves; all numbers where one of them has no value on it."""
        try:
            return self._as_declared(basis).sources
        except (InputError, KeyError):
            if basis.keys == self.declared.keys:
                raise
            return len(self.alone.numbers)

    def _errors(self, basis: Basis) -> tuple[int, int]:
        return self._sources(basis), len(basis.conventions)

    def _better_than(self, present: Basis) -> Basis:
        """Return the best explanation with the conventions of the present one and more, the present one if none is."""
        explaining, near = self._candidates(present)[:MOST_TRIED], self._near(present)[:MOST_TRIED]
        if not (explaining or near or self._sources(present) > LEAST_LINES):
            return present
        if not near and self._sources(present) > LEAST_LINES:
            near = self._with_lines(present)[:MOST_TRIED]
        found = [each for first in explaining for each in self._chain(first)]
        better = [each for each in found if self._errors(each) < self._errors(present)]
        known = {each.keys for each in found}
        for each in (each for first in near for each in self._near_chain(first)):
            if better and not self._sources(better[-1]):
                break  # it explains all, and is nearer than those that come after
            if each.keys not in known and self._is_worth(present, each):
                better.append(each)
        return self._better_than(min(better, key=self._errors)) if better else present

    def _is_worth(self, present: Basis, basis: Basis) -> bool:
        """Whether a basis saves as many errors as must show its conventions, and more than it has; each is needed."""
        added = basis.conventions[len(present.conventions) :]
        saved = self._sources(present) - self._sources(basis)
        if saved < sum(convention.least for convention in added):
            return False
        wrong = [each for each in self._as_declared(basis).found if each.verdict == WRONG]
        if saved <= sum(_differs(present, basis, each.printed, each.reading) for each in wrong):
            return False
        shown = self.on(basis).shown
        fewer = (
            with_all(present, [each for each in added if each is not one]) for one in added if one.key not in shown
        )
        return len(added) < 2 or all(each is None or self._errors(basis) < self._errors(each) for each in fewer)

    def _chain(self, basis: Basis) -> list[Basis]:
        """Return the basis and those with more conventions, each with the one that makes most wrong numbers right."""
        found, more = [basis], self._candidates(basis)
        while more:
            found.append(more[0])
            more = self._candidates(more[0])
        return found

    def _near_chain(self, basis: Basis) -> list[Basis]:
        """Return the basis and those with more conventions, each with the one that brings it nearest."""
        found, more = [basis], self._near(basis)
        while more and len(found) < MOST_CONVENTIONS:
            found.append(more[0])
            more = self._near(more[0])
        return found

    def _near(self, basis: Basis) -> list[Basis]:
        """Return the bases with one convention more that are nearer to the numbers, the nearest first."""
        if WRONG not in self._verdicts(basis):
            return []
        gains = [(self._nearness.gain(basis, each), each) for each in self._with_one_more(basis)]
        return [each for gain, each in sorted(gains, key=lambda found: -found[0]) if gain >= LEAST_BITS]

    def _with_lines(self, basis: Basis) -> list[Basis]:
        """Return the bases with one convention more whose lines give what is wrong on this one, those first of most.

        They do so even where a wrong number is carried on, which takes all that comes after it far from the true one.
        """
        judged = self.on(basis).found
        wrong = [(each.printed, each.reading) for each in judged if each.verdict == WRONG][:MOST_LINES]
        found = []
        for candidate in self._with_one_more(basis):
            with suppress(InputError, KeyError):  # training diverges
                on = Consequences(self.alone, candidate, candidate, ())
                count = sum(on.line_gives(*each) for each in wrong)
                if count >= LEAST_LINES:
                    found.append((count, candidate))
        return [candidate for _, candidate in sorted(found, key=lambda each: -each[0])]

    @cached_property
    def _nearness(self) -> Nearness:
        return Nearness(self.alone)

    def _verdicts(self, basis: Basis) -> list[str]:
        """Return the verdict on each number alone; what has no value on a basis that is tried is wrong there."""
        key = basis.keys
        if key not in self._judged:
            if key == self.declared.keys:
                self._judged[key] = self.alone.all_on(basis)
            else:
                self._judged[key] = [self.alone.verdict_or_wrong(basis, *each) for each in self.alone.numbers]
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
        tried = [*self._with_one_more(basis), *self._with_other_rate(basis, verdicts)]
        found = []
        for candidate in tried:
            new = self._judged_anew(candidate, verdicts)
            if new is not None:
                count = self._explained(basis, candidate, verdicts, new, len(tried))
                if count:
                    self._judged[candidate.keys] = new
                    found.append((count, candidate))
        return [candidate for _, candidate in sorted(found, key=lambda each: -each[0])]

    def _with_one_more(self, basis: Basis) -> list[Basis]:
        return list(candidates(basis, self._groups))

    @cached_property
    def _groups(self) -> frozenset[str]:
        evaluation = self.declared.start.evaluation
        return frozenset[str]().union(*(groups_of(evaluation, printed.name) for printed, _ in self.alone.numbers))

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
