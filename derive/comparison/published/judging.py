"""The verdicts on all numbers of a publication: each by itself, then by conventions, then by what they follow from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from derive.comparison.published.basis import Basis, candidates, groups_of, with_all
from derive.comparison.published.conventions import Convention
from derive.comparison.published.follows import Entry, Follows, Found
from derive.comparison.published.lookup import Reading, in_turn
from derive.comparison.published.precision import Floats, in_double_precision, in_single_precision, looks_double
from derive.comparison.published.printed import Printed
from derive.comparison.published.reckoning import RECKONING_BITS, Reckoning, Unknown, Way
from derive.comparison.published.tokens import Token, Tokens, updates_counted
from derive.comparison.published.variants import Decidable, Variant
from derive.comparison.published.verdicts import (
    CONVENTION,
    DIFFERENT,
    FOLLOWS,
    RIGHT,
    WRONG,
    given_verdict,
    is_rounded,
    units_off,
    verdict,
)
from derive.errors import InputError
from derive.numbers.arithmetic import ZERO, Value, rational
from derive.numbers.decimals import Undecided, round_exact
from derive.numbers.precision import at_bits
from derive.reading.files import placed

FEW_UPDATES = 20  # up to which a convention is tried, before training is done for the others
MOST_ROUNDINGS = 3  # counts of decimals that a calculation by hand is tried with
CHANCE = Fraction(1, 100)  # that a convention which is none makes its numbers right
FEW_DIGITS = 2  # significant ones, that an explanation asks for
SPARE = 8  # errors of doubles
CHANCE_OF_A_SIGN = Fraction(1, 20)


class Roundings:
    """To how many decimals a publication rounds: as most of its numbers do, and as the number itself does.

    What most numbers have comes first, as a number with fewer decimals may only have lost zeros at its end.
    """

    def __init__(self, numbers: Sequence[Printed]) -> None:
        usual = Counter(printed.decimals for printed in numbers if printed.decimals > 0)
        self.usual = [decimals for decimals, _ in usual.most_common(MOST_ROUNDINGS)]

    def beside(self, printed: Printed) -> tuple[int, ...]:
        """Return the decimals to try, the likeliest first."""
        own = [printed.decimals] if printed.decimals > 0 else []
        return tuple(dict.fromkeys(self.usual + own))


@dataclass(frozen=True)
class Judged:
    """A printed number with its reading and verdict; ``conventions`` or ``found`` say what explains it, if they do.

    ``roots`` are the printed numbers, as they stand in their file, that it follows from.
    """

    printed: Printed
    reading: Reading
    verdict: str
    conventions: tuple[Convention, ...] = ()
    found: Found | None = None
    roots: tuple[Printed, ...] = ()


@dataclass(frozen=True, eq=False)
class Judge:
    """Judges the numbers of a publication, each with its reading, on a basis that its file declares."""

    declared: Basis
    numbers: Sequence[tuple[Printed, Reading]]

    @cached_property
    def roundings(self) -> Roundings:
        """To how many decimals the publication rounds."""
        return Roundings([printed for printed, _ in self.numbers])

    @cached_property
    def _is_single(self) -> bool:
        return in_single_precision([printed for printed, _ in self.numbers])

    @cached_property
    def _is_double(self) -> bool:
        return in_double_precision([printed for printed, _ in self.numbers])

    @cached_property
    def _floats(self) -> dict[Variant, Floats]:
        return {}

    def _verdict(self, basis: Basis, printed: Printed, reading: Reading) -> str:
        return self._read(basis, printed, reading)[0]

    def _read(self, basis: Basis, printed: Printed, reading: Reading) -> tuple[str, Reading]:
        """Return the verdict on a number by itself, and the reading that it is judged by.

        Where updates are online, that is the value at the first weights or the value in the sample's turn, in whose
        favour the verdict is.
        """
        found = self._verdict_of(basis, printed, reading)
        if found not in (WRONG, DIFFERENT) or printed.updates or reading.is_in_turn:
            return found, reading
        other = in_turn(basis.variant_for(printed), printed.name, printed.sample)
        word = WRONG if other is None else self._verdict_of(basis, printed, other)
        if other is None:
            return found, reading
        if word == found:
            return found, other if self._is_in_turns else reading
        return (found, reading) if word == WRONG else (word, other)

    @cached_property
    def _is_in_turns(self) -> bool:
        """Whether numbers that may be those of a turn, or those at the first weights, are more likely the former.

        So they are where later turns have updates, or where most are nearer to those.
        """
        if any(printed.sample > 1 and reading.is_in_turn for printed, reading in self.numbers):
            return True
        nearer = 0
        for printed, reading in self.numbers:
            is_either = printed.sample > 1 and not printed.updates and not reading.is_in_turn
            other = in_turn(self.declared.variant_for(printed), printed.name, printed.sample) if is_either else None
            if other is not None:
                off, its_off = (units_off(printed, self.declared.number(printed, each)) for each in (reading, other))
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

    def has_wrong(self, roots: Sequence[Printed]) -> bool:
        """Whether one of these numbers is wrong."""
        return any(self._is_wrong(root, self.found) for root in roots)

    @cached_property
    def _alone(self) -> list[str]:
        return [self._placed_verdict(printed, reading) for printed, reading in self.numbers]

    def _placed_verdict(self, printed: Printed, reading: Reading) -> str:
        with placed(printed.place):
            return self._verdict(self.declared, printed, reading)

    @cached_property
    def basis(self) -> Basis:
        """The declared basis with the conventions that are found in the numbers."""
        basis, verdicts = self.declared, self._alone
        while WRONG in verdicts:
            best = self._best(basis, verdicts)
            if best is None:
                break
            basis, verdicts = best
        return basis

    def _best(self, basis: Basis, verdicts: Sequence[str]) -> tuple[Basis, list[str]] | None:
        """Return the convention that makes most wrong numbers right and no right one wrong, and the new verdicts."""
        evaluation = basis.start.evaluation
        groups = frozenset[str]().union(*(groups_of(evaluation, printed.name) for printed, _ in self.numbers))
        found: list[tuple[int, Basis, list[str]]] = []
        tried = 0
        for candidate in candidates(basis, groups):
            tried += 1
            new = self._judged_anew(candidate, verdicts)
            if new is not None:
                found.append((sum(old == WRONG != now for old, now in zip(verdicts, new, strict=True)), candidate, new))
        found.sort(key=lambda each: -each[0])
        for count, candidate, new in found:
            added = candidate.conventions[len(basis.conventions) :]
            explained = [
                each for each, old, now in zip(self.numbers, verdicts, new, strict=True) if old == WRONG != now
            ]
            limit = CHANCE_OF_A_SIGN if added[0].turned else CHANCE / tried
            if count < max(convention.least for convention in added) or self._chance(basis, explained) > limit:
                continue
            if count > self._left_wrong(basis, candidate, new):
                return candidate, new
        return None

    def _left_wrong(self, basis: Basis, candidate: Basis, verdicts: Sequence[str]) -> int:
        """Return how many numbers of the candidate are others, and wrong all the same: each speaks against it."""
        wrong = [each for each, word in zip(self.numbers, verdicts, strict=True) if word == WRONG]
        return sum(self._differs(basis, candidate, printed, reading) for printed, reading in wrong)

    @staticmethod
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

    def _judged_anew(self, basis: Basis, verdicts: Sequence[str]) -> list[str] | None:
        """Return the verdicts on another basis; None where a right number becomes wrong, or no wrong one right."""
        new: dict[int, str] = {}
        few = [place for place, (printed, _) in enumerate(self.numbers) if printed.updates <= FEW_UPDATES]
        many = [place for place in range(len(self.numbers)) if place not in set(few)]
        for places in (few, many):
            # First those that were right, as one of them decides.
            for place in sorted(places, key=lambda place: verdicts[place] == WRONG):
                printed, reading = self.numbers[place]
                try:
                    new[place] = self._verdict(basis, printed, reading)
                except (InputError, KeyError):  # training diverges so, or a parameter is not trained
                    new[place] = WRONG
                if new[place] == WRONG != verdicts[place]:
                    return None
            wrong = [place for place in places if verdicts[place] == WRONG]
            if wrong and all(new[place] == WRONG for place in wrong):
                return None
        return [new[place] for place in range(len(self.numbers))]

    def _chance(self, basis: Basis, explained: Sequence[tuple[Printed, Reading]]) -> Fraction:
        """Return how likely numbers that are off by so much become right by a way that is not theirs."""
        chance = Fraction(1)
        for printed, reading in explained:
            chance *= min(Fraction(1), 1 / (2 * units_off(printed, basis.number(printed, reading))))
        return chance

    @cached_property
    def found(self) -> tuple[Judged, ...]:
        """Every number with its verdict and what explains it, in the order of the publication."""
        judged = [
            self._by_convention(printed, reading, alone)
            for (printed, reading), alone in zip(self.numbers, self._alone, strict=True)
        ]
        return tuple(self._with_roots(list(map(self._by_hand, self._with_follows(judged)))))

    def _by_hand(self, judged: Judged) -> Judged:
        """Return a wrong number as rounded differently where every value rounded on the way gives its digits."""
        printed, reading = judged.printed, judged.reading
        is_little = len(self.numbers) < 2 or printed.significant < FEW_DIGITS
        if judged.verdict != WRONG or printed.updates > 1 or reading.is_given or is_little:
            return judged
        variant, factor = self.basis.variant_for(printed), self.basis.factor(printed)
        normal = replace(printed, number=factor * printed.number)
        off = units_off(normal, reading.number(variant))
        for tries, decimals in enumerate(self.roundings.beside(printed), start=1):
            with suppress(InputError, KeyError):  # beyond so many decimals, or a parameter is not trained
                if tries <= off and is_rounded(normal, reading.number(variant.by_hand(decimals))):
                    return replace(judged, verdict=DIFFERENT)
        return judged

    def _by_convention(self, printed: Printed, reading: Reading, alone: str) -> Judged:
        if alone != WRONG or self.basis is self.declared:
            return Judged(printed, self._read(self.declared, printed, reading)[1], alone)
        added = self.basis.conventions[len(self.declared.conventions) :]
        for count in range(1, len(added) + 1):
            if self._is_explained(added[:count], printed, reading):
                needed = list(added[:count])
                for convention in added[:count]:
                    others = [each for each in needed if each is not convention]
                    if self._is_explained(others, printed, reading):
                        needed = others
                return Judged(printed, reading, CONVENTION, tuple(needed))
        return Judged(printed, reading, WRONG)

    def _is_explained(self, conventions: Sequence[Convention], printed: Printed, reading: Reading) -> bool:
        """Whether these conventions, beside what is declared, make a number right."""
        if not conventions:
            return False  # as it is judged alone
        key = tuple(convention.name for convention in conventions)
        if key not in self._bases:  # a basis trains once for all numbers
            self._bases[key] = with_all(self.declared, conventions)
        basis = self._bases[key]
        try:
            return basis is not None and self._verdict(basis, printed, reading) != WRONG
        except (InputError, KeyError):  # training diverges so, or a parameter is not trained
            return False

    @cached_property
    def _bases(self) -> dict[tuple[str, ...], Basis | None]:
        return {}

    def _with_follows(self, judged: Sequence[Judged]) -> list[Judged]:
        """Return the same, where what is wrong by itself may follow from other printed numbers."""
        open_ = [place for place, each in enumerate(judged) if each.verdict in (WRONG, DIFFERENT)]
        if not open_ or len(judged) < 2:
            return list(judged)
        found: dict[int, Found] = {}
        for is_again in (False, True):  # with the roundings that one number has shown
            for place in open_ if self._known or not is_again else ():
                if place not in found:
                    follows = self._follows(judged[place])
                    if follows is not None:
                        found[place] = follows
                        if follows.is_sure and follows.rounded is not None:
                            self._known.add(follows.rounded)
        return [_following(each, found[place]) if place in found else each for place, each in enumerate(judged)]

    @cached_property
    def _followers(self) -> dict[Variant, Follows]:
        return {}

    @cached_property
    def _known(self) -> set[int]:
        return set()

    @cached_property
    def tokens(self) -> Tokens:
        """What the names stand for."""
        return Tokens(self.basis.start.evaluation, updates_counted(self.basis.variant))

    def token(self, printed: Printed, reading: Reading) -> Token | None:
        """Return what a number stands for; None for what no other number is calculated from."""
        variant = self.basis.variant_for(printed)
        is_either = not printed.updates and not reading.is_in_turn and variant.evaluation.plan.is_online
        in_turns = is_either and self._is_in_turns and in_turn(variant, printed.name, printed.sample) is not None
        is_turns = reading.is_in_turn and variant.evaluation.plan.is_online
        return self.tokens.of(printed, is_in_turn=is_turns or in_turns)

    @cached_property
    def entries(self) -> Mapping[Token, Entry]:
        """The printed numbers, without their own sign, by what they stand for."""
        found: dict[Token, Entry] = {}
        wrong: list[Token] = []
        for (printed, reading), alone in zip(self.numbers, self._alone, strict=True):
            token = self.token(printed, self._read(self.basis, printed, reading)[1])
            if token is not None:
                value = Fraction(printed.number) * self.basis.factor(printed)
                word = alone if alone == RIGHT else self._verdict(self.basis, printed, reading)
                found.setdefault(token, Entry(printed, value, is_off=word == DIFFERENT))
                if word == WRONG:
                    wrong.append(token)
        for token in wrong:
            others = {each: entry for each, entry in found.items() if each != token}
            found[token] = replace(found[token], meant=self._meant(token, found[token].printed, others))
        return found

    def _meant(self, token: Token, printed: Printed, found: Mapping[Token, Entry]) -> Fraction | None:
        """Return what the line of a wrong number gives from those before it, rounded as that is; None without a line.

        So it is what others were calculated from, where the number is only printed wrong.
        """
        reckoning = Reckoning(
            self.basis.variant_for(printed), Way(lambda each: rational(found[each].value) if each in found else None)
        )
        decimals = max(printed.decimals, 0)
        try:
            value = reckoning.of(token)
            return Fraction(at_bits(RECKONING_BITS, round_exact, value, decimals).text)
        except (Unknown, Undecided):
            return None

    def _follows(self, judged: Judged) -> Found | None:
        printed, token = judged.printed, self.token(judged.printed, judged.reading)
        if token is None or judged.reading.is_given:
            return None
        turned = self.basis.factor(printed) < 0
        normal = replace(printed, number=-printed.number) if turned else printed
        variant = self.basis.variant_for(printed)
        number: Decidable = judged.reading.number(variant)
        follows = self._followers.setdefault(variant, Follows(variant, self.entries, self._known))
        return follows.of(token, normal, number, self.roundings.beside(printed))

    def _with_roots(self, judged: Sequence[Judged]) -> list[Judged]:
        """Return the same with the names from which each follows: those that are wrong, where any are."""
        by_token = {self.token(each.printed, each.reading): each for each in judged}
        all_wrong = frozenset(each.printed for each in judged if each.verdict == WRONG)
        known: dict[Printed, dict[Printed, None]] = {}

        def roots(each: Judged) -> dict[Printed, None]:
            if each.printed not in known:
                known[each.printed] = {}  # for what goes in a circle
                known[each.printed] = deeper_roots(each)
            return known[each.printed]

        def deeper_roots(each: Judged) -> dict[Printed, None]:
            found: dict[Printed, None] = {}
            used = [by_token[token] for token in (each.found.tokens if each.found else ()) if token in by_token]
            wrong = [one for one in used if one.verdict in (WRONG, FOLLOWS)]
            for one in wrong or used:
                deeper = roots(one) if one.verdict == FOLLOWS else {}
                is_source = one.verdict != FOLLOWS or all_wrong.isdisjoint(deeper)
                found |= {one.printed: None} if is_source else deeper
            return found if not all_wrong.isdisjoint(found) else {one.printed: None for one in used}

        return [replace(each, roots=tuple(roots(each))) if each.found else each for each in judged]

    @staticmethod
    def _is_wrong(printed: Printed, judged: Sequence[Judged]) -> bool:
        return any(each.printed == printed and each.verdict == WRONG for each in judged)


def _following(judged: Judged, found: Found) -> Judged:
    """Return a number that follows; it is only rounded where what it follows from is right, or was meant right."""
    word = DIFFERENT if judged.verdict == DIFFERENT or found.is_meant or found.habit else FOLLOWS
    return replace(judged, verdict=word, found=found)
