"""The places of a page whose text depends on numbers that may be changed.

While a page is written for that, each number that is printed knows which of them it is, and what is printed because of
it stands in a slot, see `derive.notation.slots`. A page that is written for good has neither.
"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from derive.notation.slots import Printed
from derive.numbers.decimals import Rounded, as_printed
from derive.numbers.given import Given
from derive.numbers.traced import Trace, written_down

if TYPE_CHECKING:
    from derive.numbers.number import Number

T = TypeVar("T")


class Line(Protocol):
    """A line as a reader can calculate it: a formula, and the numbers that are printed in it."""

    @property
    def compute(self) -> Callable[..., Any]:
        """The formula."""

    @property
    def printed(self) -> Sequence[Rounded]:
        """The numbers that it takes."""


# How a number is written: with its decimals; with four digits where it is small, as in a matrix, or in a drawing.
DECIMALS, IN_MATRIX, IN_DRAWING = range(3)
# What a result says of what its printed numbers give: nothing; by a mark; by being that itself, marked as well.
ALONE, MARKED, AGAIN = range(3)


@dataclass(frozen=True)
class PrintedNumber:
    """A number of a page: in which register it is, how it is written, and what is said of the line that gives it.

    ``again`` is the register of what the printed numbers of its line give, -1 where it is no result, to be compared
    with so many ``digits_again``. ``after`` so many steps of the training.
    """

    register: int
    digits: int
    by_hand: bool = False
    style: int = DECIMALS
    again: int = -1
    digits_again: int = 0
    result: int = ALONE
    after: int = 0


@dataclass(frozen=True)
class Slot:
    """What stands in a place: of which kind it is, the numbers that it depends on, and how it depends on them."""

    kind: int
    numbers: tuple[int, ...]
    how: int = 0


@dataclass(eq=False)
class Slots:
    """The slots of a page, its numbers, and the calculation that makes them."""

    trace: Trace = field(default_factory=Trace)
    numbers: dict[PrintedNumber, int] = field(default_factory=dict)
    slots: dict[Slot, int] = field(default_factory=dict)
    facts: dict[tuple[Any, ...], int] = field(default_factory=dict)
    guards: list[int] = field(default_factory=list)
    _by_number: list[PrintedNumber] = field(default_factory=list)
    _tables: dict[int, tuple[Any, Any]] = field(default_factory=dict)

    def register(self, number: "Number") -> int:
        """Return the register of a number."""
        table = self.table(number.source)
        return self.trace.of(written_down(self.trace, lambda: number.found_in(table)))

    def rounded(self, number: "Number", rounded: Rounded, digits: int) -> Rounded:
        """Return the digits of a number, knowing which of the page's it is."""
        return self._printed(rounded, PrintedNumber(self.register(number), digits, number.by_hand))

    def given(self, value: Given, text: str, digits: int) -> Printed:
        """Return the digits of a number that is given."""
        return self._of(text, PrintedNumber(self.trace.number(value.key).register, digits))

    def text_of(self, text: str, value: Any, digits: int, after: int) -> Printed:
        """Return the digits of a value in the calculation, or of what it is after so many steps of the training."""
        return self._of(text, PrintedNumber(self.trace.of(value), digits, after=after))

    def styled(self, text: str, printed: Printed, style: int) -> Printed:
        """Return the text of a number that is written in another way."""
        found = self.number(printed)
        return self._of(text, PrintedNumber(found.register, found.digits, found.by_hand, style))

    def result(self, own: Rounded, shown: Rounded, line: "Line", digits: int, how: int) -> Rounded:
        """Return what is printed as the result of a line, of which ``own`` is the value that is known.

        How it agrees with what the printed numbers of the line give is seen at so many ``digits``.
        """
        values = [self.value_of(part.text) for part in line.printed]
        again = written_down(self.trace, lambda: self.trace.of(line.compute(*values)))
        return self.compared(own, shown, again, digits, how)

    def compared(self, own: Rounded, shown: Rounded, again: int, digits: int, how: int) -> Rounded:
        """Return a result with the register of what the printed numbers of its line give."""
        if not isinstance(own.text, Printed):  # known for good
            return shown
        found = self.number(own.text)
        number = replace(found, again=again, digits_again=digits, result=how)
        return Rounded(self._of(shown.text, number), shown.exact)

    def value_of(self, part: str) -> Any:
        """Return what a printed number is in a calculation that is written down."""
        return self.trace.made("printed", part.number) if isinstance(part, Printed) else as_printed(part)

    def table(self, evaluation: Any) -> Any:
        """Return all values of an evaluation as they come in the calculation that is written down."""
        if id(evaluation) not in self._tables:
            # Kept with it, so that no other one gets its id.
            self._tables[id(evaluation)] = evaluation, written_down(self.trace, evaluation.written_down)
        return self._tables[id(evaluation)][1]

    def is_one(self, one: str, other: str) -> bool:
        """Return whether two texts are always the same, or never change: one number with as many digits, or none."""
        if not (isinstance(one, Printed) and isinstance(other, Printed)):
            return True
        found, again = self.number(one), self.number(other)
        alike = (found.register, found.digits, found.style) == (again.register, again.digits, again.style)
        return alike and not found.by_hand and AGAIN not in (found.result, again.result)

    def place(self, printed: str) -> int:
        """Return which of the numbers of the page a text is."""
        assert isinstance(printed, Printed)
        return printed.number

    def place_of(self, number: PrintedNumber) -> int:
        """Return which of the numbers of the page it is, from now on if it was none."""
        return self._of("", number).number

    def number(self, printed: str) -> PrintedNumber:
        """Return the number of the page that a text is."""
        assert isinstance(printed, Printed)
        return self._by_number[printed.number]

    def _printed(self, rounded: Rounded, number: PrintedNumber) -> Rounded:
        return Rounded(self._of(rounded.text, number), rounded.exact)

    def _of(self, text: str, number: PrintedNumber) -> Printed:
        if number not in self.numbers:
            self.numbers[number] = len(self.numbers)
            self._by_number.append(number)
        return Printed(text, self, self.numbers[number])

    def slot(self, latex: str, kind: int, printed: Sequence[str], how: int = 0) -> str:
        """Return LaTeX in a slot that depends on these numbers."""
        return rf"\slot{{{self.slot_of(kind, printed, how)}}}{{{latex}}}"

    def slot_of(self, kind: int, printed: Sequence[str], how: int = 0) -> int:
        """Return the number of the slot that depends on these numbers."""
        numbers = tuple(dict.fromkeys(each.number for each in printed if isinstance(each, Printed)))
        return self.slots.setdefault(Slot(kind, numbers, how), len(self.slots))


_present: ContextVar[Slots | None] = ContextVar("slots", default=None)


def present_slots() -> Slots | None:
    """Return the slots of the page that is written, None where it is written for good."""
    return _present.get()


def with_slots(slots: Slots | None, write: Callable[[], T]) -> T:
    """Return what ``write`` writes, its numbers in slots; without any where there are none."""
    token = _present.set(slots)
    try:
        return write()
    finally:
        _present.reset(token)


def given_text(value: Fraction, text: str, digits: int) -> str:
    """Return the text of a number that is given, in a page that may change knowing which one it is."""
    slots = present_slots()
    return text if slots is None or not isinstance(value, Given) else slots.given(value, text, digits)


def styled(printed: str, text: str, style: int) -> str:
    """Return the text of a number that is printed in another style, knowing which number it is if that one does."""
    slots = present_slots()
    return slots.styled(text, printed, style) if slots is not None and isinstance(printed, Printed) else text
