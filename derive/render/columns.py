r"""Columns of numbers: the decimal marks stand below each other, and the head where the numbers stand.

A column is set flush right, and a number with fewer decimals than another is followed by the space of those that it
lacks (`\hspace`, which LaTeX, MathML and the PDF all have): digits are half an em wide in every font that is used.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from derive.notation.slots import without_slots
from derive.story.document import Content, Math, Table, Text

DIGIT, MARK = 0.5, 0.278  # em, in Latin Modern
NUMBER = re.compile(
    r"(?:=|\\approx)?\s*-?\d+(?P<decimals>(?:\.|\{,\})\d+)?(?P<after>(?:\^\{\\d?dagger\}|\s*\\cdot 10\^\{-?\d+\})*)"
)
Measure = Callable[[str], float]


def with_aligned_decimals(table: Table, measure: Measure) -> Table:
    """Return the table with its columns of numbers aligned, all others as they are; ``measure(latex)`` in em."""
    columns = list(zip(*table.rows, strict=True))
    found = [_aligned(cells, measure) for cells in columns]
    if not any(found):
        return table
    rows = zip(*(new or old for new, old in zip(found, columns, strict=True)), strict=True)
    align = tuple("right" if new else old for new, old in zip(found, table.align, strict=True))
    return replace(table, rows=tuple(rows), align=align)


def _aligned(cells: tuple[Content, ...], measure: Measure) -> tuple[Content, ...] | None:
    """Return the cells of a column of numbers, words and dots among them; None where there is any other formula."""
    numbers = [_number(cell) for cell in cells]
    if not any(numbers) or not all(number or _is_bare(cell) for number, cell in zip(numbers, cells, strict=True)):
        return None
    tails = [_tail(number, measure) if number else 0.0 for number in numbers]
    most = max(tails)
    return tuple(
        _padded(cell, most - tail) if number else cell for number, tail, cell in zip(numbers, tails, cells, strict=True)
    )


def _number(cell: Content) -> re.Match[str] | None:
    return NUMBER.fullmatch(without_slots(cell[0].latex)) if len(cell) == 1 and isinstance(cell[0], Math) else None


def _is_bare(cell: Content) -> bool:
    return all(isinstance(piece, Text) or piece == Math(r"\vdots") for piece in cell)


def _tail(number: re.Match[str], measure: Measure) -> float:
    """Return how wide what stands behind the whole part is, in em."""
    digits = sum(character.isdigit() for character in number["decimals"] or "")
    after = measure(f"0{number['after']}") - DIGIT if number["after"] else 0.0
    return (MARK + DIGIT * digits if digits else 0.0) + after


def _padded(cell: Content, room: float) -> Content:
    (number,) = cell
    assert isinstance(number, Math)
    latex = number.latex
    return (Math(f"{latex}\\hspace{{{room:.3f}em}}" if room > DIGIT / 10 else latex),)
