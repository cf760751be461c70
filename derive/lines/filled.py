"""Matrices of numbers as they are printed, and what their printed numbers give again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from flint import arb, fmpq

from derive.errors import VerificationError
from derive.lines.scalar import Formulas
from derive.notation import result_latex, value_latex
from derive.notation.display import RightSide, cut, visible_width
from derive.notation.slots import relation
from derive.numbers.arithmetic import Value
from derive.numbers.decimals import (
    SIGNIFICANT,
    START_BITS,
    Rounded,
    Undecided,
    as_printed,
    at_enough_bits,
    enclosure,
    is_same,
)
from derive.numbers.precision import at_bits
from derive.numbers.rounding import printed_by
from derive.numbers.slots import IN_MATRIX, MARKED, Slots, present_slots, styled
from derive.numbers.traced import written_down

# A larger matrix shows its first and last rows and columns.
MOST_ENTRIES, FIRST_ENTRIES, LAST_ENTRIES = 6, 3, 1
DECIMALS = 6
# A matrix that takes more of a line shows fewer columns: nothing in it can be broken.
WIDEST_SHARE = 0.9
Rows = Sequence[Sequence[Value]]


class Printable(Protocol):
    """A number that knows its certain digits."""

    def rounded(self, digits: int = 9) -> Rounded:
        """Return it with that many decimals."""


@dataclass(frozen=True)
class Blank:
    """What stands in a matrix in place of a number, in LaTeX: nobody calculates with it."""

    latex: str

    def rounded(self, digits: int = 9) -> Rounded:
        """Return 0, as which it counts."""
        return Rounded("0", exact=True)


@dataclass(frozen=True)
class Filled:
    """A matrix of numbers in LaTeX, whether all its digits are exact, and the numbers that are printed.

    Of a matrix that is cut there are no ``entries``: nobody can calculate with what is not printed; ``texts`` are all
    numbers that are. One with a single entry may be a number, which ``is_number`` says.
    """

    latex: str
    is_exact: bool
    entries: tuple[tuple[Rounded, ...], ...] = field(default=(), repr=False)
    is_number: bool = False
    texts: tuple[str, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return self.latex

    @property
    def printed(self) -> list[list[Value]]:
        """The printed numbers."""
        return [[as_printed(entry.text) for entry in row] for row in self.entries]

    @property
    def enclosed(self) -> list[list[Value]]:
        """The balls of all that is rounded to the printed numbers."""
        return [[arb(enclosure(entry)) for entry in row] for row in self.entries]


@dataclass(frozen=True)
class Filler:
    """What puts numbers into matrices; ``formulas`` says how many decimals they have and how wide a line may be.

    They have no more than so many ``decimals``.
    """

    formulas: Formulas
    decimals: int = DECIMALS

    def matrix(self, rows: Sequence[Sequence[Printable]]) -> Filled:
        """Return a matrix; of a large one the first and last rows and columns, of a wide one fewer columns."""
        found = self._cut(rows, MOST_ENTRIES, FIRST_ENTRIES)
        for first in range(FIRST_ENTRIES - 1, 0, -1):
            if visible_width(found.latex) <= WIDEST_SHARE * self.formulas.width:
                break
            found = self._cut(rows, first + LAST_ENTRIES, first)
        return found

    def _cut(self, rows: Sequence[Sequence[Printable]], most: int, first: int) -> Filled:
        """Return a matrix with its first and last columns where they are more than ``most``."""
        columns = cut(range(len(rows[0])), most, first, LAST_ENTRIES)
        shown = cut(rows, MOST_ENTRIES, FIRST_ENTRIES, LAST_ENTRIES)
        kept = [
            [None if row is None else self._rounded(row[column]) for column in columns if column is not None]
            for row in shown
        ]
        lines = [
            [r"\vdots" if row is None else r"\cdots" if place is None else self._latex(row[place]) for place in columns]
            for row in shown
        ]
        is_exact = all(entry is None or entry.exact for row in kept for entry in row)
        is_whole = None not in columns and None not in shown
        is_whole = is_whole and not any(isinstance(each, Blank) for row in rows for each in row)
        entries = tuple(tuple(entry for entry in row if entry) for row in kept) if is_whole else ()
        texts = tuple(entry.text for row in kept for entry in row if entry)
        return Filled(matrix_latex(lines), is_exact, entries, texts=texts)

    def _latex(self, entry: Printable) -> str:
        return entry.latex if isinstance(entry, Blank) else value_latex(self._rounded(entry).text)

    def number(self, number: Printable) -> Filled:
        """Return a number that stands among matrices."""
        rounded = self._rounded(number)
        return Filled(value_latex(rounded.text), rounded.exact, ((rounded,),), is_number=True, texts=(rounded.text,))

    def _rounded(self, number: Printable) -> Rounded:
        return self._shortly(number.rounded)

    def _shortly(self, rounded: Callable[[int], Rounded]) -> Rounded:
        """Return a number of a matrix: with a power of ten it keeps four digits, about as many as those beside it."""
        found = rounded(self._digits)
        if self.formulas.evaluation.rounding is not None:
            return found
        shown = rounded(SIGNIFICANT - 1) if "e-" in found.text else found
        # Which of the two it is may change.
        text = styled(found.text, shown.text, IN_MATRIX)
        return replace(shown, text=text)

    @property
    def _digits(self) -> int:
        return min(self.formulas.digits, self.decimals)

    def result(self, left: str, result: Filled, parts: Sequence[Filled], compute: Callable[..., Rows]) -> RightSide:
        """Return the right side of a result, each entry marked that the printed numbers give otherwise.

        ``compute`` makes the entries of the result of those of the parts. Raises `VerificationError`, naming the line
        by its left side, where rounding does not explain that.
        """
        if not result.entries or not all(part.entries for part in parts):
            return right_side(result)
        try:
            again = self._again(parts, compute)
        except Undecided:  # balls that may cancel
            return right_side(result)
        if self.formulas.evaluation.rounding is None:
            at_bits(START_BITS, self._verify, left, result, parts, compute)
        slots = present_slots()
        known = result.entries if slots is None else self._compared(slots, result, parts, compute)
        entries = [
            [
                result_latex(entry.text, is_marked=not is_same(found, entry.text))
                for entry, found in zip(*row, strict=True)
            ]
            for row in zip(known, again, strict=True)
        ]
        latex = entries[0][0] if result.is_number else matrix_latex(entries)
        return right_side(Filled(latex, result.is_exact, texts=result.texts))

    def _compared(
        self, slots: Slots, result: Filled, parts: Sequence[Filled], compute: Callable[..., Rows]
    ) -> list[list[Rounded]]:
        """Return the entries of the result knowing what the printed numbers give, for a page that may change."""
        printed = [[[slots.value_of(entry.text) for entry in row] for row in part.entries] for part in parts]
        again = written_down(slots.trace, lambda: compute(*printed))
        return [
            [
                slots.compared(entry, entry, slots.trace.of(value), self._digits, MARKED)
                for entry, value in zip(*row, strict=True)
            ]
            for row in zip(result.entries, again, strict=True)
        ]

    def _again(self, parts: Sequence[Filled], compute: Callable[..., Rows]) -> list[list[str]]:
        """Return what the printed numbers give, rounded; with powers of ten too long for rationals, in balls.

        Raises `Undecided` where these leave a digit open.
        """

        def decide(bits: int) -> list[list[str]]:
            found = compute(*(part.printed for part in parts))
            return [[self._round(value).text for value in row] for row in found]

        return at_enough_bits(decide)

    def _round(self, value: Value) -> Rounded:
        """Return a value as it is printed in a matrix."""
        rounding = self.formulas.evaluation.rounding
        return self._shortly(lambda digits: printed_by(rounding, digits)(value))

    def _verify(self, left: str, result: Filled, parts: Sequence[Filled], compute: Callable[..., Rows]) -> None:
        enclosed = compute(*(part.enclosed for part in parts))
        for row in zip(result.entries, enclosed, strict=True):
            for entry, value in zip(*row, strict=True):
                if not arb(value).overlaps(arb(enclosure(entry))):
                    raise VerificationError(
                        "{line}: the matrices of this equation do not give {value}. Nothing was written. This is "
                        "a bug in derive; please report it.",
                        line=left,
                        value=entry.text,
                    )


def are_rational(rows: Rows) -> bool:
    """Whether every entry is a rational number and none a ball."""
    return all(isinstance(value, fmpq) for row in rows for value in row)


def matrix_latex(rows: Sequence[Sequence[str]]) -> str:
    """Return a matrix in LaTeX."""
    return r"\begin{pmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{pmatrix}"


def right_side(text: object, *filled: Filled) -> RightSide:
    """Return a right-hand side behind = where all of its digits are exact; alone, a matrix speaks for itself."""
    parts = filled or ((text,) if isinstance(text, Filled) else ())
    texts = [text for part in parts for text in part.texts]
    return relation(all(part.is_exact for part in parts), texts), str(text)
