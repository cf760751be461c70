"""What a blank of a sheet accepts, certified: whatever honest rounding gives, and what known slips would give."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from derive.comparison.line_slips import LineSlip, said
from derive.comparison.own_numbers import OwnNumbers
from derive.errors import InputError, Message, VerificationError
from derive.evaluation.evaluation import Evaluation
from derive.lines.blanks import Blank
from derive.numbers.arithmetic import OutsideDomain, Value
from derive.numbers.decimals import Undecided, as_printed, at_enough_bits
from derive.numbers.rounding import Rounding
from derive.numbers.widening import Widening, ends

T = TypeVar("T")
MOST_WIDE = 256  # bits: no more of them make a widened ball narrower
MORE_DIGITS = 2  # of the bounds than of the answers


@dataclass(frozen=True)
class Slipped:
    """What a known slip gives at a blank, rounded honestly: from ``low`` to ``high``; and what is said of it."""

    low: Fraction
    high: Fraction
    sentence: Message


@dataclass(frozen=True)
class Expected:
    """What is accepted at the blank of that name: any number from ``low`` to ``high``.

    ``text`` is what a student writes who rounds each result correctly. ``slips`` are known slips that change it.
    """

    name: str
    text: str
    low: Fraction
    high: Fraction
    slips: tuple[Slipped, ...] = ()

    def accepts(self, answer: Fraction) -> bool:
        """Whether honest rounding can give that answer."""
        return self.low <= answer <= self.high

    @property
    def tolerance(self) -> Fraction:
        """Half of what lies between the bounds."""
        return (self.high - self.low) / 2

    @property
    def middle(self) -> Fraction:
        """The number in the middle of the bounds."""
        return (self.low + self.high) / 2


def as_fraction(text: str) -> Fraction:
    """Return the number that a printed decimal is."""
    value = as_printed(text)
    return Fraction(int(value.p), int(value.q))


def widened(evaluation: Evaluation, rounding: Rounding) -> Evaluation:
    """Return the same with every result as wide as honest rounding may make it."""
    return Evaluation(evaluation.computation, evaluation.plan, Widening(rounding.digits, rounding.is_significant))


def expected_of(
    evaluation: Evaluation, blanks: Sequence[Blank], rounding: Rounding, slips: Sequence[LineSlip] = ()
) -> tuple[Expected, ...]:
    """Return what each blank accepts where every result is rounded so; at enough bits.

    Raises `InputError` and `UnsupportedError` as tables do, where a number is not defined or not decided: a neuron at
    a kink is not.

    >>> import derive
    >>> from derive.lines.blanks import blanks_of
    >>> evaluation = derive.load("article").derive().evaluation
    >>> w5 = expected_of(evaluation, blanks_of(evaluation), Rounding(4))[21]
    >>> w5.name, w5.text, f"{float(w5.low)} to {float(w5.high)}"
    ('dE_total_dw5', '0.0822', '0.081819 to 0.082515')
    """
    by_hand = Evaluation(evaluation.computation, evaluation.plan, rounding)
    numbers = by_hand.of_table(lambda table: [rounding.rounded(blank.entry(table)).text for blank in blanks])
    wide = widened(evaluation, rounding)
    found = decided(lambda: _all(OwnNumbers(wide, tuple(blanks)), numbers, slips))
    for each in found:
        if not each.accepts(as_fraction(each.text)):
            raise VerificationError(
                "{name}: {printed} lies outside of what is accepted. Nothing was written. This is a bug in derive; "
                "please report it.",
                name=each.name,
                printed=each.text,
            )
    return found


def decided(compute: Callable[[], T]) -> T:
    """Return what ``compute`` makes with balls of widened results; raises `InputError` where these decide no case."""
    try:
        return at_enough_bits(lambda _: compute(), MOST_WIDE)
    except (Undecided, OutsideDomain, ZeroDivisionError) as error:
        place = (isinstance(error, Undecided) and error.place) or Message("the network")
        raise InputError(
            "{place}: the result is so near to a kink, or to where a formula is not defined, that rounding decides on "
            "which side it lies; expected other numbers, or more digits.",
            place=place,
        ) from None


def _all(own: OwnNumbers, texts: Sequence[str], slips: Sequence[LineSlip]) -> tuple[Expected, ...]:
    return tuple(_expected(own, blank, text, slips) for blank, text in zip(own.blanks, texts, strict=True))


def _expected(own: OwnNumbers, blank: Blank, text: str, slips: Sequence[LineSlip]) -> Expected:
    digits = decimals_of(own, own.line(blank))
    found = []
    for each in slips:
        changed = each.changed(own, blank)
        if changed is not None:
            low, high = ends(own.evaluation.carried(changed), digits)
            found.append(Slipped(low, high, said(each.slip, [blank.name])))
    return Expected(blank.name, text, *ends(own.line(blank), digits), tuple(found))


def decimals_of(own: OwnNumbers, value: Value) -> int:
    """Return how many decimals the bounds of a value have: two more than an answer has."""
    widening = own.widening
    if not widening.is_significant:
        return widening.digits + MORE_DIGITS
    unit = widening.unit(value)
    return MORE_DIGITS + (len(str(unit.q)) - 1 if unit < 1 else 0)
