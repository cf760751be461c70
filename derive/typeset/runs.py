"""Rows of aligned equations that share a line: a = b, = c and ≈ d stand on one line where it has room for them.

Whoever writes a chain of equations gives each relation a row, and breaks what may be too wide for one; only here is it
known what fits. A chain takes the fewest lines that it can, and those as even as they can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from derive.typeset.boxes import Box, Placed
from derive.typeset.mathml import Node, core_operator, is_space
from derive.typeset.operators import operator
from derive.typeset.tables import Cell, Grid, row_box

ROUNDING = 1e-9


def mended(table: Node) -> Node:
    """The table with each row that only goes on with the one before, after a space and a sign, joined to that one."""
    rows: list[Node] = []
    for row in table.children:
        rest = _continuation(row) if rows else None
        if rest is None:
            rows.append(row)
            continue
        *before, last = rows[-1].children
        rows[-1] = replace(rows[-1], children=(*before, replace(last, children=last.children + rest)))
    return replace(table, children=tuple(rows))


def _continuation(row: Node) -> tuple[Node, ...] | None:
    """What the row goes on with: a sign that is no relation, and what stands behind it; None for any other row."""
    *before, last = row.children or (None,)
    if last is None or any(cell.children for cell in before) or not last.children or not is_space(last.children[0]):
        return None
    shown = [child for child in last.children if not is_space(child) and (child.tag != "mrow" or child.children)]
    core = core_operator(shown[0]) if shown else None
    if core is None or operator(core.text, "infix").kind not in ("sum", "product"):
        return None
    return last.children[last.children.index(shown[0]) :]


def runs(cells: Grid, room: float) -> Iterator[range]:
    """The rows that share a line, line by line; one that is wider than the room has a line of its own."""
    start = 0
    while start < len(cells.rows):
        end = start + 1
        while end < len(cells.rows) and _goes_on(cells.rows[end]):
            end += 1
        yield from _chain(cells, start, end, room)
        start = end


def _goes_on(row: tuple[Cell, ...]) -> bool:
    """Whether the row begins with a relation, its left side being that of the row before."""
    *before, last = row
    core = core_operator(last.node.children[0]) if last.node.children else None
    is_relation = core is not None and operator(core.text, "infix").kind == "relation"
    return bool(before) and is_relation and not any(cell.node.children for cell in before)


def _chain(cells: Grid, start: int, end: int, room: float) -> list[range]:
    widths = [row[-1].width for row in cells.rows[start:end]]
    room -= sum(cells.widths[:-1])
    found = _filled(widths, room)
    # As narrow as so many lines can be: the room that the widest of them needs.
    needs = sorted({sum(widths[i:j]) for i in range(len(widths)) for j in range(i + 1, len(widths) + 1)})
    even = next((lines for need in needs if len(lines := _filled(widths, need)) == len(found)), found)
    return [range(start + line.start, start + line.stop) for line in even]


def _filled(widths: Sequence[float], room: float) -> list[range]:
    lines, start, taken = [], 0, 0.0
    for place, width in enumerate(widths):
        if place > start and taken + width > room + ROUNDING:
            lines.append(range(start, place))
            start, taken = place, 0.0
        taken += width
    return [*lines, range(start, len(widths))]


def run_box(cells: Grid, run: range) -> Box:
    """The rows of a run beside each other, the first one where it stands in the table."""
    first = row_box(cells, run.start)
    parts, height, depth = [Placed(0.0, 0.0, first)], first.height, first.depth
    row = cells.rows[run.start]
    x = cells.lefts[len(row) - 1] + row[-1].width
    for index in run[1:]:
        cell = cells.rows[index][-1]
        parts.append(Placed(x + cell.left, 0.0, cell.box))
        x += cell.width
        height, depth = max(height, cell.box.height), max(depth, cell.box.depth)
    return Box(max(first.width, x), height, depth, tuple(parts))
