"""What a blank of a sheet accepts, certified: whatever honest rounding gives, and what known slips would give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import TypeVar

from derive.comparison.line_slips import LineSlip, said
from derive.comparison.own_numbers import OwnNumbers
from derive.errors import InputError, Message, VerificationError
from derive.evaluation.calculation import Calculation
from derive.lines.blanks import Blank
from derive.numbers.arithmetic import OutsideDomain, Value
from derive.numbers.decimals import Undecided, at_enough_bits
from derive.numbers.rounding import Rounding
from derive.numbers.widening import Widening, ends

T = TypeVar("T")
MOST_WIDE = 256  # bits: no more of them make a widened ball narrower
NO_ANSWERS: Mapping[str, Fraction] = MappingProxyType({})
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

    def accepts(self, answer: str) -> bool:
        """Whether honest rounding can give an answer, which is a number in plain form, such as "-1.20e-3"."""
        return self.low <= Fraction(answer) <= self.high

    @property
    def tolerance(self) -> Fraction:
        """Half of what lies between the bounds."""
        return (self.high - self.low) / 2

    @property
    def middle(self) -> Fraction:
        """The number in the middle of the bounds."""
        return (self.low + self.high) / 2


def expected_of(
    calculation: Calculation, blanks: Sequence[Blank], slips: Sequence[LineSlip] = ()
) -> tuple[Expected, ...]:
    """Return what each blank accepts where every result is rounded as ``calculation`` rounds it.

    Raises `InputError` and `UnsupportedError` as tables do, where a number is not defined or not decided: that of a
    neuron at a kink is not.

    >>> import derive
    >>> from derive.lines.blanks import blanks_of
    >>> evaluation = derive.load("article").derive().evaluation
    >>> w5 = expected_of(evaluation.by_hand(4).calculation, blanks_of(evaluation))[21]
    >>> w5.name, w5.text, f"{float(w5.low)} to {float(w5.high)}"
    ('dE_total_dw5', '0.0822', '0.081919 to 0.082415')
    """
    texts = at_enough_bits(lambda _: _texts(calculation, blanks))
    found = decided(lambda: _all(own_numbers(calculation, blanks), texts, slips))
    for each in found:
        if not each.accepts(each.text):
            raise VerificationError(
                "{name}: {printed} lies outside of what is accepted. Nothing was written. This is a bug in derive; "
                "please report it.",
                name=each.name,
                printed=each.text,
            )
    return found


def _texts(calculation: Calculation, blanks: Sequence[Blank]) -> list[str]:
    """Return what a student writes who rounds each result correctly; at flint's present precision."""
    by_hand = OwnNumbers(calculation, tuple(blanks))
    return [by_hand.rounding.rounded(by_hand.result(blank)).text for blank in blanks]


def own_numbers(
    calculation: Calculation, blanks: Sequence[Blank], answers: Mapping[str, Fraction] = NO_ANSWERS
) -> OwnNumbers:
    """Return a sheet gone through with somebody's answers, every result as wide as honest rounding may make it."""
    rounding = calculation.rounding
    assert rounding is not None
    return OwnNumbers(
        replace(calculation, rounding=Widening(rounding.digits, rounding.is_significant)), tuple(blanks), answers
    )


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
    line = own.line(blank)
    digits = decimals_of(own.rounding, line)
    found = []
    for each in slips:
        changed = each.changed(own, blank)
        if changed is not None:
            low, high = ends(own.rounding.carried(changed), digits)
            found.append(Slipped(low, high, said(each.slip, [blank.name])))
    return Expected(blank.name, text, *ends(line, digits), tuple(found))


def decimals_of(rounding: Rounding, value: Value) -> int:
    """Return how many decimals the bounds of a value have: two more than an answer has."""
    assert isinstance(rounding, Widening)
    if not rounding.is_significant:
        return rounding.digits + MORE_DIGITS
    unit = rounding.unit(value)
    return MORE_DIGITS + (len(str(unit.q)) - 1 if unit < 1 else 0)
