"""What follows from the printed numbers: each is calculated again from those printed before it.

A publication rounds line by line, each in its own way, so several ways to go on with a printed number are tried: as it
is printed, rounded once more, or as any number that it may have been rounded from. Which digits these give says
something only where few other digits would have been given, too: a way that fits any number explains none.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, partial
from itertools import product
from typing import Any

from flint import arb, fmpq

from derive.comparison.published.habits import Habit, Style
from derive.comparison.published.precision import looks_double
from derive.comparison.published.printed import Printed
from derive.comparison.published.reckoning import Memory, Read, Reckoning, Unknown, Way
from derive.comparison.published.tokens import ERROR, GRADIENT, PARTIAL, PATH, VALUE, Token
from derive.comparison.published.variants import Decidable, Variant
from derive.comparison.published.verdicts import HALF, fits, is_within, middle, units_off
from derive.numbers.arithmetic import Value
from derive.numbers.decimals import Undecided, as_printed, round_exact
from derive.numbers.precision import at_bits

BITS = 128
ULPS = fmpq(1, 2**51)  # what one line in doubles loses, of its value or of one that it takes
NARROW = 3  # units of the last digit: an interval as narrow as that is what rounding always leaves open
CHANCE = Fraction(1, 5)  # that an interval away from the true value contains the printed number
SEARCHED_CHANCE = Fraction(1, 20)  # that one of the roundings that are searched for gives it
BY_HAND_CHANCE = Fraction(1, 2)
OPEN = 10  # units of the last digit: in an interval as wide as that, it may be any digit
SURE_CHANCE = Fraction(1, 1000)
MOST_WORK_OF_ROUNDING = 120_000
FIRST_WAYS = 8  # that are tried where a publication is long
MOST_WORK, MOST_WORK_AT_ALL = 40_000, 60_000  # numbers calculated, up to which all ways are tried, or the first ones
MOST_MEMORIES = 100
ROUNDINGS = range(2, 7)  # decimals to which a publication may round what it prints with more


@dataclass(frozen=True)
class Entry:
    """A printed number as others are calculated from it: ``value`` without the publication's own sign.

    ``is_exact`` says that it is the true one, of which no digit was rounded, ``is_off`` that it is off by more than
    half a unit of its last digit. Of a wrong number ``meant`` is the true one, rounded as it is: where it is only
    printed wrong, others are calculated from that.
    """

    printed: Printed
    value: Fraction
    is_exact: bool = False
    is_off: bool = False
    meant: Fraction | None = None

    @property
    def ball(self) -> arb:
        """All that may have been rounded, or cut off, to it; of a double, what a line calculated from it loses, too."""
        return self._ball(self.value)

    @property
    def ball_meant(self) -> arb:
        """The same of what is meant."""
        return self._ball(self.value if self.meant is None else self.meant)

    def _ball(self, value: Fraction) -> arb:
        half = fmpq(10) ** -self.printed.decimals / 2
        return arb(_rational(value), arb(half * (2 if self.is_off else 1) + _lost(self.printed)))


@dataclass(frozen=True)
class Found:
    """Why a number follows: from which printed ones, and to how many decimals these are rounded once more, if at all.

    ``between`` is to how many decimals what is not printed is rounded on the way, ``is_meant`` says that it follows
    from what is meant where wrong numbers are printed, and not from these, ``is_near`` that it is cut off, or
    among all that may have been rounded to them, and not what they give as they stand. ``lowest`` and ``highest`` are
    set where it is one of many numbers that rounding on the way, as ``habit`` says, may come to, about the true one.
    """

    tokens: tuple[Token, ...]
    rounded: int | None = None
    between: int | None = None
    is_meant: bool = False
    is_sure: bool = False
    is_near: bool = False
    habit: Habit | None = None
    lowest: str = ""
    highest: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether the printed numbers give it as they stand."""
        return self.habit is None and not self.is_near

    @property
    def is_open(self) -> bool:
        """Whether rounding on the way may come to so many numbers that the last digits say nothing."""
        ends = Decimal(self.lowest or 0), Decimal(self.highest or 0)
        return ends[1] - ends[0] >= OPEN * Decimal(1).scaleb(int(ends[0].as_tuple().exponent))


@dataclass(frozen=True, eq=False)
class Follows:
    """What the entries of a publication give, by their tokens."""

    variant: Variant
    entries: Mapping[Token, Entry]
    known: set[int] = field(default_factory=set)  # roundings that another number has shown
    _memories: dict[Hashable, Memory] = field(default_factory=dict, repr=False)
    _work: list[int] = field(default_factory=lambda: [0], repr=False)

    def of(self, token: Token, printed: Printed, number: Decidable, decimals: Sequence[int]) -> Found | None:
        """Return how a printed number follows from others, None where it does not.

        ``printed`` has the sign of ``number``, the true one; ``decimals`` are those that the publication rounds to.
        """
        off = units_off(printed, number)
        for tries, (way, found) in enumerate(self._ways(token, decimals), start=1):
            if self._work[0] > (MOST_WORK if tries > FIRST_WAYS else MOST_WORK_AT_ALL):
                break
            reckoned = self._reckoned(token, way)
            if reckoned is None:
                continue
            value, used = reckoned
            chance = self._chance(printed, value, off, found, tries)
            if used and chance is not None:
                is_near = at_bits(BITS, _is_near, printed, value)
                return replace(found, tokens=used, is_sure=chance < SURE_CHANCE, is_near=is_near)
        return self._rounded(token, printed, number)

    def _rounded(self, token: Token, printed: Printed, number: Decidable) -> Found | None:
        """Return how a number comes of printed ones and of lines that are not printed, each of which may be rounded.

        It follows where the true value is not among what may come of them; else it is one of those about that.
        """
        entry = Entry(printed, Fraction(printed.number))
        for habit, ball, used in self._balls_of(token, entry, (NOTHING, self._contradicted)):
            if not at_bits(BITS, ball.contains, _rational(entry.value)):
                continue
            if number.decide(partial(_overlap, ball)):
                lowest, highest = at_bits(BITS, _ends, ball, printed.decimals)
                return Found(used, habit=habit, lowest=lowest, highest=highest)
            if used:
                return Found(used)
        return None

    def _balls_of(
        self, token: Token, entry: Entry, skips: Iterable[frozenset[Token]]
    ) -> Iterator[tuple[Habit, arb, tuple[Token, ...]]]:
        """Yield all that may be printed where the lines before it are rounded, with the printed numbers it comes of."""
        for habit, has_steps in self._habits(entry.printed):
            for skipped, printed in product(dict.fromkeys(skips), (self._printed(), self._balls_as(habit))):
                if self._work[0] > MOST_WORK_OF_ROUNDING:
                    return
                reckoned = self._reckoned(token, Way(printed, self._widening(habit), skipped, has_steps))
                if reckoned is not None:
                    value, used = reckoned
                    ball = at_bits(BITS, _widened, habit, value, entry.printed.decimals)
                    if ball.is_finite():
                        yield habit, ball, used

    def _habits(self, own: Printed) -> list[tuple[Habit, bool]]:
        """Return how lines may be rounded, and whether a step is one: cut off, it is not the new weight cut off."""
        found = self._style.habits(own)
        return [*((habit, False) for habit in found), *((habit, True) for habit in found if habit.is_cut)]

    @cached_property
    def _style(self) -> Style:
        return Style([entry.printed for entry in self.entries.values()])

    @cached_property
    def _contradicted(self) -> frozenset[Token]:
        """The wrong numbers that no rounding on the way explains: each may be misprinted, and not be carried on."""
        found: frozenset[Token] = frozenset()
        wrong = [token for token, entry in self.entries.items() if entry.meant is not None]
        for token in sorted(wrong, key=lambda each: each.updates):
            entry = self.entries[token]
            balls = self._balls_of(token, entry, (NOTHING, found))
            if not any(at_bits(BITS, ball.contains, _rational(entry.value)) for _, ball, _ in balls):
                found |= {token}
        return found

    def _reckoned(self, token: Token, way: Way) -> tuple[Value, tuple[Token, ...]] | None:
        reckoning = Reckoning(self.variant, way, self._memory(way))
        known = len(reckoning.memory)
        try:
            value = reckoning.of(token)
            if token in reckoning.used:  # what is remembered takes it as it is printed
                without = replace(way, printed=lambda each: way.printed(each) if each != token else None)
                reckoning = Reckoning(self.variant, without)
                value = reckoning.of(token)
        except Unknown:
            return None
        finally:
            self._work[0] += 1 + len(reckoning.memory) - known
        used = tuple(each for each in reckoning.used if each != token)
        return value, used

    def _memory(self, way: Way) -> Memory:
        """Return what is known in that way, of which the functions are the same where the way is."""
        key = (way.printed, way.result, way.skipped, way.has_steps)
        if key not in self._memories and len(self._memories) >= MOST_MEMORIES:
            self._memories.clear()
        return self._memories.setdefault(key, {})

    def _ways(self, token: Token, decimals: Sequence[int]) -> Iterator[tuple[Way, Found]]:
        """Yield the ways to go on with printed numbers, the likeliest first."""
        as_it_is = Way(self._printed())
        reckoned = self._reckoned(token, as_it_is)
        if reckoned is None or not reckoned[1]:
            return
        yield as_it_is, Found(())
        deeper = [frozenset(each for each in reckoned[1] if each.kind in kinds) for kinds in DEEPER]
        skips = list(dict.fromkeys(skipped for skipped in deeper if skipped))
        for skipped in skips:
            yield Way(self._printed(), skipped=skipped), Found(())
        is_wrong = any(self.entries[each].meant is not None for each in reckoned[1])
        for skipped in (NOTHING, *skips) if is_wrong else ():
            yield Way(self._meant, skipped=skipped), Found((), is_meant=True)
        for between in decimals:
            yield Way(self._printed(), self._rounding(between)), Found((), between=between)
        for skipped in (NOTHING, *skips):
            yield Way(self._balls, skipped=skipped), Found(())
        for skipped in (NOTHING, *skips) if is_wrong else ():
            yield Way(self._balls_meant, skipped=skipped), Found((), is_meant=True)
        for rounded in ROUNDINGS:
            for skipped in (NOTHING, *skips):
                yield Way(self._printed(rounded), skipped=skipped), Found((), rounded=rounded)

    @cached_property
    def _functions(self) -> dict[Hashable, Any]:
        return {}

    def _rounding(self, between: int) -> Read:
        def rounding(value: Value) -> Value:
            return as_printed(round_exact(value, between).text)

        return self._functions.setdefault(("between", between), rounding)  # type: ignore[no-any-return]

    def _widening(self, habit: Habit) -> Read:
        return self._functions.setdefault(("widened", habit), habit.widened)  # type: ignore[no-any-return]

    def _printed(self, rounded: int | None = None) -> Callable[[Token], Value | None]:
        def printed(token: Token) -> Value | None:
            entry = self.entries.get(token)
            if entry is None:
                return None
            value = _rational(entry.value)
            if rounded is None or entry.printed.decimals <= rounded:
                return value
            return as_printed(round_exact(value, rounded).text)

        return self._functions.setdefault(("printed", rounded), printed)  # type: ignore[no-any-return]

    def _meant(self, token: Token) -> Value | None:
        entry = self.entries.get(token)
        return None if entry is None else _rational(entry.value if entry.meant is None else entry.meant)

    def _balls(self, token: Token) -> Value | None:
        return self.entries[token].ball if token in self.entries else None

    def _balls_as(self, habit: Habit) -> Callable[[Token], Value | None]:
        """Return what may have been rounded to each number, of which those with few decimals may have lost zeros."""
        often = self._style.usual_decimals

        def balls(token: Token) -> Value | None:
            entry = self.entries.get(token)
            if entry is None:
                return None
            own, value = entry.printed.decimals, _rational(entry.value)
            if entry.is_exact or entry.is_off:
                return value if entry.is_exact else entry.ball
            least = own if own in often else max(own, habit.decimals(arb(value)))
            return arb(value, min(entry.ball.rad(), arb(fmpq(10) ** -least / 2)))

        return self._functions.setdefault(("balls", habit), balls)  # type: ignore[no-any-return]

    def _balls_meant(self, token: Token) -> Value | None:
        return self.entries[token].ball_meant if token in self.entries else None

    def _chance(self, printed: Printed, value: Value, off: Fraction, found: Found, tries: int) -> Fraction | None:
        """Return how likely the number is to be explained so by chance; None where it is not explained."""
        width = at_bits(BITS, _width, printed, value)
        if width is None:
            return None
        if width > 0:
            overlaps = at_bits(BITS, _overlaps, printed, value)
            chance = (width + 1) / (2 * off)
            is_away = width / 2 < off - HALF_UNIT
            is_telling = chance <= 1 if width <= NARROW else is_away and chance <= CHANCE
            return chance if overlaps and is_telling else None
        if not fits(printed, value, _lost(printed)):
            return None
        chance = Fraction(tries) / (2 * off)
        if found.rounded is not None and found.rounded not in self.known:
            return chance if chance <= SEARCHED_CHANCE else None
        if found.between is not None:
            return chance if chance <= BY_HAND_CHANCE else None
        return chance


HALF_UNIT = Fraction(1, 2)
NOTHING: frozenset[Token] = frozenset()
DEEPER = ((PARTIAL, GRADIENT, PATH), (VALUE, ERROR), (VALUE, ERROR, PARTIAL, GRADIENT, PATH))


def _is_near(printed: Printed, value: Value) -> bool:
    """Whether a printed number is not this value rounded, but one that is cut off, or one of an interval."""
    half = fmpq(10) ** -printed.decimals / 2
    return bool(_width(printed, value)) or bool(abs(arb(value) - _rational(Fraction(printed.number))) > half)


def _widened(habit: Habit, value: Value, decimals: int) -> arb:
    return arb(habit.widened(value, decimals))


def _rational(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def _lost(printed: Printed) -> fmpq:
    """Return what a line in doubles loses at a number: nothing where that is not printed as a double."""
    return abs(_rational(Fraction(printed.number))) * ULPS if looks_double(printed) else fmpq(0)


def _width(printed: Printed, value: Value) -> Fraction | None:
    """Return how wide a value is, in units of the last printed digit; None where it is not finite."""
    if isinstance(value, fmpq):
        return Fraction(0)
    if not value.is_finite():
        return None
    radius = value.rad() * fmpq(10) ** printed.decimals
    return (middle(radius) * 2).limit_denominator(1000)


def _overlaps(printed: Printed, value: Value) -> bool:
    try:
        return is_within(printed, value, HALF)
    except Undecided:
        return True


def _ends(ball: arb, decimals: int) -> tuple[str, str]:
    """Return the least and the largest number of so many decimals in a ball."""
    scaled = ball * fmpq(10) ** decimals
    ends = scaled.lower().ceil(), scaled.upper().floor()
    first, last = (Decimal(int(middle(end))).scaleb(-decimals) for end in ends)
    return f"{first:f}", f"{last:f}"


def _overlap(ball: arb, value: Value) -> bool:
    return bool(ball.overlaps(arb(value)))
