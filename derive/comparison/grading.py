"""The verdict on each answer of a sheet: right, following from the student's own numbers, or wrong, with the slip.

A slip costs one point, however many blanks show it, and what follows from it costs none. Only after a degenerate
number, such as 0, which makes the rest trivial, is nothing gone on with.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial

from flint import arb

from derive.comparison.expected import Expected, decided, own_numbers
from derive.comparison.explaining import rank_of
from derive.comparison.line_slips import WRONG_SIGN, LineSlip, said
from derive.comparison.own_numbers import OwnNumbers
from derive.comparison.slips import Slip
from derive.errors import Message
from derive.evaluation.calculation import Calculation
from derive.lines.blanks import Blank
from derive.numbers.arithmetic import OutsideDomain, Value, rational
from derive.numbers.decimals import Undecided
from derive.numbers.rounding import Rounding

RIGHT, FOLLOWS, REPEATED, WRONG, EMPTY = VERDICTS = ("right", "follows", "repeated", "wrong", "empty")
MOST_ALIKE = 4  # wrong answers that may be one number, though the key has another at each
TRIVIAL = (Fraction(0), Fraction(1), Fraction(-1))


@dataclass(frozen=True)
class Answer:
    """A number as somebody wrote it, in plain form: with a point, and a power of ten after e.

    >>> Answer("-1.20e-3").value, Answer("-1.20e-3").decimals
    (Fraction(-3, 2500), 5)
    """

    text: str

    @cached_property
    def value(self) -> Fraction:
        """The number."""
        return Fraction(self.text)

    @cached_property
    def decimals(self) -> int:
        """How many decimals it has."""
        mantissa, _, power = self.text.partition("e")
        return max(0, len(mantissa.partition(".")[2]) - int(power or 0))


@dataclass(frozen=True)
class Verdict:
    """What is said of one blank.

    ``kind`` is one of `VERDICTS`: "follows" from the student's own numbers, "repeated" where a slip that is counted
    already happened again. ``slip`` is the slip that explains a wrong or repeated answer, None where none is known.
    """

    expected: Expected
    kind: str
    answer: Answer | None = None
    slip: Slip | None = None

    @property
    def name(self) -> str:
        """The name of the blank."""
        return self.expected.name

    @property
    def points(self) -> int:
        """1 for what costs nothing, else 0."""
        return int(self.kind in (RIGHT, FOLLOWS, REPEATED))


@dataclass(frozen=True)
class Grading:
    """The verdicts on a sheet, in the order of its blanks."""

    verdicts: tuple[Verdict, ...]

    @property
    def points(self) -> int:
        """How many points the sheet has."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def out_of(self) -> int:
        """How many points it could have: one a blank."""
        return len(self.verdicts)

    @cached_property
    def slips(self) -> tuple[Slip, ...]:
        """The slips that cost a point, each once."""
        found = (verdict.slip for verdict in self.verdicts if verdict.kind == WRONG)
        return tuple(slip for slip in found if slip is not None)

    def __getitem__(self, name: str) -> Verdict:
        return next(verdict for verdict in self.verdicts if verdict.name == name)


@dataclass(frozen=True, eq=False)
class Grader:
    """What grades one student's sheet: how its numbers are calculated and rounded, its blanks, what these accept.

    ``slips`` are those that the lines of the sheet can suffer from, made when an answer is wrong.
    """

    calculation: Calculation
    blanks: tuple[Blank, ...]
    expected: tuple[Expected, ...]
    slips: Callable[[], Sequence[LineSlip]]

    def grade(self, answers: Mapping[str, Answer]) -> Grading:
        """Return the verdicts on answers by the name of the blank; what is not among them is empty."""
        verdicts = first_verdicts(self.expected, answers)
        if all(verdict.kind in (RIGHT, EMPTY) for verdict in verdicts):
            return Grading(verdicts)
        return Grading(decided(lambda: self._followed(verdicts)))

    @property
    def rounding(self) -> Rounding:
        """To what results are asked for."""
        assert self.calculation.rounding is not None
        return self.calculation.rounding

    def _followed(self, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
        """Return the verdicts with those that follow from the student's own numbers, and slips that explain others."""
        unit, everywhere = Fraction(1, 10**self.rounding.digits), written_everywhere(verdicts)
        degenerate = {
            verdict.name
            for verdict in verdicts
            if verdict.kind == WRONG
            and verdict.answer is not None
            and (verdict.answer.value in everywhere or _is_degenerate(verdict.answer.value, verdict.expected, unit))
        }
        gone_on_with = {
            verdict.name: verdict.answer.value
            for verdict in verdicts
            if verdict.answer is not None and verdict.name not in degenerate
        }
        own = own_numbers(self.calculation, self.blanks, gone_on_with)
        found = list(verdicts)
        for place, (blank, verdict) in enumerate(zip(self.blanks, verdicts, strict=True)):
            answer = verdict.answer
            if verdict.kind == WRONG and answer is not None and verdict.name not in degenerate:
                follows = contains(partial(own.line, blank), answer.value)
                found[place] = replace(verdict, kind=FOLLOWS) if follows else verdict
        return self._explained(own, found, everywhere)

    def _explained(
        self, own: OwnNumbers, verdicts: list[Verdict], everywhere: frozenset[Fraction]
    ) -> tuple[Verdict, ...]:
        """Name the slip that explains most of the wrong answers, then that of most of the others, and so on.

        Of slips that explain as many it is the one that speaks of no answer that is otherwise. The first answer that a
        slip explains costs a point. What is written ``everywhere`` comes from no slip.
        """
        left = {
            place
            for place, verdict in enumerate(verdicts)
            if verdict.kind == WRONG and verdict.answer is not None and verdict.answer.value not in everywhere
        }
        fits = self._fits(own, verdicts, sorted(left))
        while True:
            fits = [replace(fit, places=tuple(place for place in fit.places if place in left)) for fit in fits]
            most = max((len(fit.places) for fit in fits), default=0)
            if not most:
                return tuple(verdicts)
            best = min(
                (fit for fit in fits if len(fit.places) == most),
                key=lambda fit: (fit.against(), rank_of(fit.slip.kind)),
            )
            left.difference_update(best.places)
            sentence = said(best.slip, [verdicts[place].name for place in best.places])
            for number, place in enumerate(best.places):
                kind = REPEATED if number else WRONG
                verdicts[place] = replace(verdicts[place], kind=kind, slip=Slip(best.slip.kind, sentence))

    def _fits(self, own: OwnNumbers, verdicts: Sequence[Verdict], left: Sequence[int]) -> list["_Fit"]:
        """Return the slips with the wrong answers that each explains."""
        if not left:
            return []
        found = [
            _Fit(
                each.slip,
                tuple(place for place in left if self._shows(own, each, place, verdicts[place])),
                int if each.slip is WRONG_SIGN else partial(self._against, own, each, tuple(verdicts)),
            )
            for each in self.slips()
        ]
        too_far = tuple(place for place in left if self._is_coarse(own, place, verdicts[place]))
        sentence = Message("Rounded too far: results are asked for to {size}.", {"size": self.rounding.size})
        return [*found, _Fit(Slip("rounding", sentence), too_far)]

    def _against(self, own: OwnNumbers, slip: LineSlip, verdicts: Sequence[Verdict]) -> int:
        """Return how many answers the slip would have changed, and did not."""
        return sum(
            verdict.answer is not None
            and has_value(partial(slip.changed, own, self.blanks[place]))
            and not self._shows(own, slip, place, verdict)
            for place, verdict in enumerate(verdicts)
        )

    def _shows(self, own: OwnNumbers, slip: LineSlip, place: int, verdict: Verdict) -> bool:
        def changed() -> Value:
            value = slip.changed(own, self.blanks[place])
            return None if value is None else own.rounding.carried(value)

        return verdict.answer is not None and contains(changed, verdict.answer.value)

    def _is_coarse(self, own: OwnNumbers, place: int, verdict: Verdict) -> bool:
        answer = verdict.answer
        if answer is None or self.rounding.is_significant or not 0 < answer.decimals < self.rounding.digits:
            return False
        decimals = answer.decimals
        return contains(lambda: _coarser(own.line(self.blanks[place]), decimals), answer.value)


@dataclass(frozen=True)
class _Fit:
    """A slip, the places of the wrong answers that it explains, and how many answers speak against it."""

    slip: Slip
    places: tuple[int, ...]
    against: Callable[[], int] = int


def first_verdicts(expected: Sequence[Expected], answers: Mapping[str, Answer]) -> tuple[Verdict, ...]:
    """Return what the bounds alone say: right, wrong or empty."""
    found = []
    for each in expected:
        answer = answers.get(each.name)
        kind = EMPTY if answer is None else RIGHT if each.accepts(answer.text) else WRONG
        found.append(Verdict(each, kind, answer))
    return tuple(found)


def contains(compute: Callable[[], Value], answer: Fraction) -> bool:
    """Whether the ball that is computed contains an answer; a line that has no value with somebody's numbers does not.

    One that is infinitely wide would contain each.
    """
    value = _value(compute)
    if value is None:
        return False
    ball = arb(value)
    return bool(ball.is_finite() and ball.contains(rational(answer)))


def has_value(compute: Callable[[], Value]) -> bool:
    """Whether a line has a value with somebody's numbers."""
    return _value(compute) is not None


def _value(compute: Callable[[], Value]) -> Value:
    try:
        return compute()
    except (Undecided, OutsideDomain, ZeroDivisionError):
        return None


def _coarser(value: Value, decimals: int) -> Value:
    return arb(value) + arb(0, arb(rational(Fraction(1, 10**decimals))))


def written_everywhere(verdicts: Sequence[Verdict]) -> frozenset[Fraction]:
    """Return the numbers that stand at many blanks of which each asks for another one: nothing follows from them.

    With one number in every blank, each sum and mean of such numbers would be right.
    """
    wrong: dict[Fraction, set[str]] = {}
    for verdict in verdicts:
        if verdict.kind == WRONG and verdict.answer is not None:
            wrong.setdefault(verdict.answer.value, set()).add(verdict.expected.text)
    most = max(MOST_ALIKE, len(verdicts) // 4)
    return frozenset(value for value, asked in wrong.items() if len(asked) > most)


def _is_degenerate(answer: Fraction, expected: Expected, unit: Fraction) -> bool:
    """Whether an answer is 0 or ±1, or so near that it rounds to it, and should not be: the rest would be trivial."""
    return any(
        abs(answer - trivial) <= unit and not expected.low - unit <= trivial <= expected.high + unit
        for trivial in TRIVIAL
    )
