r"""Slots in formulas: places whose text depends on numbers that may be changed, as ``\slot{7}{0.25}`` in LaTeX.

The number is that of the slot, and what follows stands there at first; see `derive.numbers.slots`.
"""

import re
from collections.abc import Sequence
from typing import Protocol

# How a number stands in its place: as it is; in parentheses where it is negative, or where it is that or has a power of
# ten; without its minus, which a sign before it has taken.
AS_IT_IS, IF_NEGATIVE, IF_LOOSE, UNSIGNED = range(4)
# What stands in a slot: a number; the sign between two terms, or before the first; a dot between two
# factors; = or ≈; ≈ or nothing; a number of the training with what stands before it.
NUMBER, SIGN, FIRST_SIGN, DOT, RELATION, ROUNDED, TRAINED = range(7)
# Where there is a dot: behind a number with a power of ten; before a power whose base has no parentheses; between two
# such numbers, the base first.
BEHIND_POWER, BEFORE_BARE, BETWEEN = range(3)
# Round the number and the text of a slot in words, and between these two.
MARKS = "\ue000", "\ue001", "\ue002"
SPOKEN = re.compile(r"\ue000(\d+)\ue001([^\ue002]*)\ue002")
OPENING = re.compile(r"\\slot\{(\d+)\}\{")


class Slotted(Protocol):
    """What gives each slot its number."""

    def slot(self, latex: str, kind: int, printed: Sequence[str], how: int = 0) -> str:
        """Return LaTeX in a slot that depends on these numbers."""

    def slot_of(self, kind: int, printed: Sequence[str], how: int = 0) -> int:
        """Return the number of the slot that depends on these numbers."""


class Printed(str):
    """A number as text that knows which of the numbers of a page it is."""

    slots: Slotted
    number: int

    def __new__(cls, text: str, slots: Slotted, number: int) -> "Printed":
        """Give the text its number."""
        printed = super().__new__(cls, text)
        printed.slots, printed.number = slots, number
        return printed


class Drawn(Printed):
    """What a drawing shows because of a number that may change, as text: the number, or the sign before it.

    It is no other text, even where it reads the same: a drawing that is kept for one page is not that of another.
    """

    kind: int

    @classmethod
    def of(cls, text: str, printed: Printed, kind: int = NUMBER) -> "Drawn":
        """Return the text that a drawing shows because of a number."""
        drawn = cls(text, printed.slots, printed.number)
        drawn.kind = kind
        return drawn

    @property
    def slot(self) -> int:
        """The number of its slot."""
        return self.slots.slot_of(self.kind, [self])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Drawn) and self._known == other._known

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._known)

    @property
    def _known(self) -> tuple[str, int, int, int]:
        return str(self), id(self.slots), self.number, self.kind


def drawn_relation(is_exact: bool, value: str) -> str:
    """Return what a drawing has before a value: = where that is all of it, else ≈."""
    sign = "=" if is_exact else "≈"
    return Drawn.of(sign, value, RELATION) if isinstance(value, Drawn) else sign


def spoken(text: str) -> str:
    """Return text that a drawing shows for words that say what it shows, in which its slot is found again.

    >>> spoken("0.25")
    '0.25'
    """
    return f"{MARKS[0]}{text.slot}{MARKS[1]}{text}{MARKS[2]}" if isinstance(text, Drawn) else text


def words_at_first(words: str) -> str:
    """Return words as they are at first.

    >>> words_at_first("i1 = \ue0007\ue0010.25\ue002."), words_that_follow("i1 = \ue0007\ue0010.25\ue002.")
    ('i1 = 0.25.', 'i1 = {7}.')
    """
    return SPOKEN.sub(r"\2", words)


def words_that_follow(words: str) -> str:
    """Return words with the number of each slot in braces, "" where there is none."""
    return SPOKEN.sub(r"{\1}", words) if SPOKEN.search(words) else ""


def slots_of(texts: Sequence[str]) -> Slotted | None:
    """Return the slots in which any of the texts stands, None where none does."""
    return next((each.slots for each in texts if isinstance(each, Printed)), None)


def relation(is_exact: bool, printed: Sequence[str], *, alone: bool = False) -> str:
    r"""Return = before what is exact, ≈ before what is rounded; ``alone``, nothing before what is exact.

    >>> relation(True, ["0.5"]), relation(False, ["0.333"]), relation(True, ["0.5"], alone=True)
    ('=', '\\approx', '')
    """
    sign = r"\approx" if not is_exact else "" if alone else "="
    slots = slots_of(printed)
    return sign if slots is None else slots.slot(sign, ROUNDED if alone else RELATION, printed)


def without_slots(latex: str) -> str:
    r"""Return LaTeX as it stands at first.

    >>> print(without_slots(r"\slot{1}{=} \slot{22}{\left(-1.5 \cdot 10^{-7}\right)}^{2}"))
    = \left(-1.5 \cdot 10^{-7}\right)^{2}
    """
    while found := OPENING.search(latex):
        end = _closed(latex, found.end())
        latex = latex[: found.start()] + latex[found.end() : end] + latex[end + 1 :]
    return latex


def _closed(latex: str, start: int) -> int:
    """Return where the brace closes that was opened before the start."""
    depth = 1
    for place in range(start, len(latex)):
        depth += {"{": 1, "}": -1}.get(latex[place], 0)
        if not depth:
            return place
    raise ValueError(latex)
