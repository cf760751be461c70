"""Lines to fill in: what stands before a blank, then the blank at the right, two beside each other where they fit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from derive.render.fit import width
from derive.story.document import Blank, Block, Content, Inline, Paragraph, Text

MILLIMETRES_A_PLACE = 3.0  # what a sign takes that is written by hand
HIGH, HIGH_FORMULA, HIGH_NAME = 8.0, 12.0, 6.0  # mm
BESIDE = 1.5  # mm, between a line and its blank
BETWEEN = 4.0  # mm, between two lines that stand beside each other
LINE = 162.0  # mm: a line of text on A4
SCREEN_LINE = 120.0  # mm: the same on a screen, whose fields are wider, in the size of text on paper
EM = 3.53  # mm: that of text of 10 pt
LONGEST_BOX = 50.0  # mm, with what stands round it
HALF, WHOLE, OPEN = "half", "whole", "open"  # open: its last blank takes the rest of the line


@dataclass(frozen=True)
class Fill:
    """A line to fill in: what stands first, and the blanks with what stands between them."""

    label: Content
    blanks: Content

    @property
    def taken(self) -> float:
        """What it takes on a line beside the boxes of formulas, in mm."""
        between = tuple(piece for piece in self.blanks if not isinstance(piece, Blank))
        return EM * (width(self.label) + width(between)) + sum(map(blank_width, self.blanks)) + BESIDE + BETWEEN / 2

    @property
    def formulas(self) -> tuple[Blank, ...]:
        """Its blanks for formulas."""
        return tuple(piece for piece in self.blanks if isinstance(piece, Blank) and piece.is_formula)

    @property
    def has_formula(self) -> bool:
        """Whether it asks for a formula."""
        return bool(self.formulas)


@dataclass(frozen=True)
class Row:
    """One line to fill in, or two beside each other; ``kind`` is `HALF`, `WHOLE` or `OPEN`."""

    kind: str
    lines: tuple[Fill, ...]


def blank_width(piece: Inline) -> float:
    """Return how wide a blank is on paper, in mm; a formula has as much room as the line leaves."""
    return MILLIMETRES_A_PLACE * piece.places if isinstance(piece, Blank) and not piece.is_formula else 0.0


def grouped(blocks: Iterable[Block], line: float = LINE) -> Iterator[Block | list[Row]]:
    """Yield the blocks, those that are lines to fill in as rows of a line that is so many mm wide."""
    for is_fill, group in groupby(blocks, lambda block: fill_of(block) is not None):
        if is_fill:
            yield list(_rows([found for block in group if (found := fill_of(block))], line))
        else:
            yield from group


def fill_of(block: Block) -> Fill | None:
    """Return a paragraph that ends in a numbered blank as a line to fill in; None for any other block."""
    if not isinstance(block, Paragraph) or not block.content:
        return None
    last = block.content[-1]
    if not isinstance(last, Blank) or not last.number:
        return None
    first = next(place for place, piece in enumerate(block.content) if isinstance(piece, Blank))
    return Fill(_stripped(block.content[:first]), block.content[first:])


def is_kept(piece: Inline) -> bool:
    """Whether a side of an equation fits beside a blank."""
    return EM * width((piece,)) <= LINE - LONGEST_BOX


def _stripped(content: Content) -> Content:
    """Return the content without a space at its end."""
    last = content[-1] if content else None
    return content[:-1] if isinstance(last, Text) and not last.text.strip() else content


def _rows(lines: list[Fill], line: float) -> Iterator[Row]:
    place = 0
    while place < len(lines):
        pair = lines[place : place + 2]
        if any(each.has_formula for each in pair[:1]):
            yield Row(OPEN, tuple(pair[:1]))
            place += 1
        elif all(not each.has_formula and each.taken <= line / 2 for each in pair):
            yield Row(HALF, tuple(pair))
            place += len(pair)
        else:
            yield Row(WHOLE, tuple(pair[:1]))
            place += 1
