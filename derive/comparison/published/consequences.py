"""A publication on one basis: which of its numbers are wrong by themselves, and which follow from others.

It is asked of several bases, as the convention that a source has is the one that leaves it the fewest errors.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from flint import fmpq

from derive.comparison.published.alone import Alone
from derive.comparison.published.basis import Basis, with_all
from derive.comparison.published.conventions import Convention
from derive.comparison.published.follows import Entry, Follows, Found
from derive.comparison.published.lookup import Reading, in_turn
from derive.comparison.published.printed import Printed
from derive.comparison.published.reckoning import RECKONING_BITS, Reckoning, Unknown, Way
from derive.comparison.published.tokens import PARTIAL, USED, Token, Tokens, updates_counted
from derive.comparison.published.variants import Decidable, Variant
from derive.comparison.published.verdicts import (
    CONVENTION,
    DIFFERENT,
    FOLLOWS,
    RIGHT,
    WRONG,
    fraction,
    is_rounded,
    is_within,
    units_off,
)
from derive.errors import InputError
from derive.numbers.arithmetic import Value, rational
from derive.numbers.decimals import Undecided, round_exact
from derive.numbers.precision import at_bits

FEW_DIGITS = 2  # significant ones, that an explanation asks for
EXACT_DIGITS = 12  # beyond those printed, in which an exact number agrees with the true one
MOST_ROUNDINGS = 3  # counts of decimals that a calculation by hand is tried with


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
class Consequences:
    """The numbers that ``alone`` judges, on a basis with the conventions of ``declared`` and maybe some more."""

    alone: Alone
    declared: Basis
    basis: Basis
    as_declared: Sequence[str]  # the verdicts on the basis that is declared

    @cached_property
    def roundings(self) -> Roundings:
        """To how many decimals the publication rounds."""
        return Roundings([printed for printed, _ in self.alone.numbers])

    @cached_property
    def found(self) -> tuple[Judged, ...]:
        """Every number with its verdict and what explains it, in the order of the publication."""
        return tuple(self._with_roots(list(map(self._by_hand, self._with_follows(self._by_conventions)))))

    @cached_property
    def _by_conventions(self) -> list[Judged]:
        """Every number with its verdict by itself, or what convention explains it."""
        judged = zip(self.alone.numbers, self.as_declared, strict=True)
        return [self._by_convention(printed, reading, word) for (printed, reading), word in judged]

    @property
    def shown(self) -> frozenset[str]:
        """The keys of the conventions that explain a number by itself."""
        return frozenset(convention.key for each in self._by_conventions for convention in each.conventions)

    @property
    def sources(self) -> int:
        """How many numbers are wrong and follow from no other: the sources of error."""
        return sum(each.verdict == WRONG for each in self.found)

    def has_wrong(self, roots: Sequence[Printed]) -> bool:
        """Whether one of these numbers is wrong."""
        return any(_is_wrong(root, self.found) for root in roots)

    def _by_hand(self, judged: Judged) -> Judged:
        """Return a wrong number as rounded differently where every value rounded on the way gives its digits."""
        printed, reading = judged.printed, judged.reading
        is_little = len(self.alone.numbers) < 2 or printed.significant < FEW_DIGITS
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

    def _by_convention(self, printed: Printed, reading: Reading, word: str) -> Judged:
        added = self.basis.conventions[len(self.declared.conventions) :]
        if word != WRONG or not added:
            return Judged(printed, self.alone.read(self.declared, printed, reading)[1], word)
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
        key = tuple(convention.key for convention in conventions)
        if key not in self._bases:  # a basis trains once for all numbers
            self._bases[key] = with_all(self.declared, conventions)
        basis = self._bases[key]
        return basis is not None and self.alone.verdict_or_wrong(basis, printed, reading) != WRONG

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
                    follows = self.follows(judged[place])
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
    def _tokens(self) -> Tokens:
        return Tokens(self.basis.start.evaluation, updates_counted(self.basis.variant))

    def token(self, printed: Printed, reading: Reading) -> Token | None:
        """Return what a number stands for; None for what no other number is calculated from."""
        variant = self.basis.variant_for(printed)
        is_either = not printed.updates and not reading.is_in_turn and variant.evaluation.plan.is_online
        in_turns = (
            is_either
            and self.alone.is_in_turns(self.basis)
            and in_turn(variant, printed.name, printed.sample) is not None
        )
        is_turns = reading.is_in_turn and variant.evaluation.plan.is_online
        return self._tokens.of(printed, is_in_turn=is_turns or in_turns)

    @cached_property
    def entries(self) -> Mapping[Token, Entry]:
        """The printed numbers, without their own sign, by what they stand for."""
        found: dict[Token, Entry] = {}
        wrong: list[Token] = []
        for (printed, reading), word in zip(self.alone.numbers, self.as_declared, strict=True):
            token = self.token(printed, self.alone.read(self.basis, printed, reading)[1])
            if token is not None:
                value = Fraction(printed.number) * self.basis.factor(printed)
                own = word if word == RIGHT else self.alone.verdict(self.basis, printed, reading)
                is_exact = own == RIGHT and self._is_exact(printed, reading, value)
                found.setdefault(token, Entry(printed, value, is_exact, is_off=own == DIFFERENT))
                if own == WRONG:
                    wrong.append(token)
        for token in wrong:
            found[token] = replace(found[token], meant=self._meant(token, found))
        return found

    def _is_exact(self, printed: Printed, reading: Reading, value: Fraction) -> bool:
        """Whether nothing of the true number was rounded: after training a ball holds it, of more digits than these."""
        number: Decidable = reading.number(self.basis.variant_for(printed))
        true, near = rational(value), fmpq(10) ** -(printed.decimals + EXACT_DIGITS)
        return number.decide(lambda each: bool(abs(each - true) < near))

    def line_gives(self, printed: Printed, reading: Reading) -> bool:
        """Whether the number's own line gives it, within a unit of its last digit, from the numbers before it."""
        token = self.token(printed, self.alone.read(self.basis, printed, reading)[1])
        if token is None:
            return False
        before = {each: rational(value) for each, value in self._values.items() if each != token}
        try:
            value = Reckoning(self.basis.variant_for(printed), Way(before.get)).of(token)
            normal = replace(printed, number=self.basis.factor(printed) * printed.number)
            return at_bits(RECKONING_BITS, is_within, normal, value, fmpq(1))
        except (Unknown, Undecided):
            return False

    @cached_property
    def _values(self) -> Mapping[Token, Fraction]:
        """The printed numbers, without their own sign."""
        found: dict[Token, Fraction] = {}
        for printed, reading in self.alone.numbers:
            token = self.token(printed, self.alone.read(self.basis, printed, reading)[1])
            if token is not None:
                found.setdefault(token, Fraction(printed.number) * self.basis.factor(printed))
        return found

    def _meant(self, token: Token, found: Mapping[Token, Entry]) -> Fraction | None:
        """Return what the line of a wrong number gives from those before it, rounded as that is; None without a line.

        So it is what others were calculated from, where the number is only printed wrong.
        """
        printed = found[token].printed

        def before(each: Token) -> Value | None:
            return rational(found[each].value) if each in found and each != token else None

        reckoning = Reckoning(self.basis.variant_for(printed), Way(before))
        decimals = max(printed.decimals, 0)
        try:
            value = reckoning.of(token)
            return fraction(at_bits(RECKONING_BITS, round_exact, value, decimals).text)
        except (Unknown, Undecided):
            return None

    def follows(self, judged: Judged) -> Found | None:
        """Return how a number follows from others that are printed, None where it does not."""
        printed, token = judged.printed, self.token(judged.printed, judged.reading)
        if token is None or judged.reading.is_given:
            return None
        turned = self.basis.factor(printed) < 0
        normal = replace(printed, number=-printed.number) if turned else printed
        variant = self.basis.variant_for(printed)
        number: Decidable = judged.reading.number(variant)
        follows = self._followers.setdefault(variant, Follows(variant, self.entries, self._known))
        found = follows.of(token, normal, number, self.roundings.beside(printed))
        if found is None and token.kind == PARTIAL and variant.evaluation.plan.is_sequential:
            return follows.of(replace(token, of=USED), normal, number, self.roundings.beside(printed))
        return found

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


def _is_wrong(printed: Printed, judged: Sequence[Judged]) -> bool:
    return any(each.printed == printed and each.verdict == WRONG for each in judged)


def _following(judged: Judged, found: Found) -> Judged:
    """Return a number that follows; it is only rounded where what it follows from is right, or was meant right."""
    word = DIFFERENT if judged.verdict == DIFFERENT or found.is_meant or found.habit else FOLLOWS
    return replace(judged, verdict=word, found=found)
