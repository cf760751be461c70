"""Tables: matrices, cases, aligned equations.

The distances are LaTeX's: \\arraycolsep of 5 pt, rows of a matrix 12 pt apart, rows of an `aligned` 15 pt (12 pt and
\\jot), more where a row is tall. math-core says by `displaystyle` on the table which of the two it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate

from derive.typeset.boxes import EMPTY, Box, Placed, Rule
from derive.typeset.errors import UnknownElement
from derive.typeset.layout import Style, coloured, sets
from derive.typeset.mathml import Node
from derive.typeset.rows import inner_style, joined, row_items

COLUMN_SPACE = 0.5
STRUT_HEIGHT, STRUT_DEPTH = 0.84, 0.36
CASES_STRETCH = 1.2
JOT = 0.3
CASES_GAP = 1.0  # \quad before the condition
PAIR_GAP = 1.0  # between two aligned equations on one line
LINE = 0.04


@dataclass(frozen=True, slots=True)
class Cell:
    node: Node
    box: Box
    align: str
    left: float
    right: float

    @property
    def width(self) -> float:
        return self.left + self.box.width + self.right


@dataclass(frozen=True, slots=True)
class Grid:
    """A table laid out: cells by row, widths by column, each row's height, depth and baseline."""

    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    heights: tuple[float, ...]
    depths: tuple[float, ...]
    baselines: tuple[float, ...]  # downwards from the first row's

    @property
    def lefts(self) -> tuple[float, ...]:
        return tuple(accumulate(self.widths, initial=0.0))


@sets("mtable")
def _table(node: Node, style: Style) -> Box:
    return table_box(node, grid(node, style), style)


def grid(node: Node, style: Style) -> Grid:
    """The cells of a table with their places."""
    inner = inner_style(node, replace(style, display=False))
    rows = tuple(_row(row, inner, framed="border-left" in node.css) for row in node.children)
    if not rows or not any(rows):
        return Grid((), (), (), (), ())
    columns = max(map(len, rows))
    widths = [max((row[i].width for row in rows if i < len(row)), default=0.0) for i in range(columns)]
    stretch = CASES_STRETCH if _is_cases(node) else 1.0
    size = style.size
    struts = [0.0 if _is_last_line(row) else stretch * size for row in rows]
    heights = [
        max([STRUT_HEIGHT * strut] + [cell.box.height for cell in row]) for row, strut in zip(rows, struts, strict=True)
    ]
    depths = [
        max([STRUT_DEPTH * strut] + [cell.box.depth for cell in row]) for row, strut in zip(rows, struts, strict=True)
    ]
    return Grid(rows, tuple(widths), tuple(heights), tuple(depths), _baselines(heights, depths, inner))


def _is_last_line(row: tuple[Cell, ...]) -> bool:
    """Whether the row is only there for the \\hline below the table."""
    return all("border-top" in cell.node.css and not cell.node.children for cell in row)


def _baselines(heights: list[float], depths: list[float], style: Style) -> tuple[float, ...]:
    """Where the rows stand. Aligned equations have 3 pt between them, and 4 pt where one is tall."""
    found = [0.0]
    for depth, height in zip(depths, heights[1:], strict=False):
        natural = depth + height
        if style.display:
            usual = (STRUT_HEIGHT + STRUT_DEPTH + JOT) * style.size
            natural = usual if usual - natural >= JOT * style.size - 1e-9 else natural + JOT + 0.1
        elif natural > (STRUT_HEIGHT + STRUT_DEPTH) * CASES_STRETCH * style.size + 1e-9:
            natural += 0.1  # LaTeX lets tall rows of a matrix touch
        found.append(found[-1] + natural)
    return tuple(found)


def _is_cases(node: Node) -> bool:
    return any("padding-left" in cell.css and cell.css["padding-left"] == "1em" for cell in _cells(node))


def _cells(node: Node) -> list[Node]:
    return [cell for row in node.children for cell in row.children]


def _row(row: Node, style: Style, *, framed: bool) -> tuple[Cell, ...]:
    if row.tag not in ("mtr", "mlabeledtr"):
        raise UnknownElement(row.tag)
    style, last = coloured(row, style), len(row.children) - 1
    return tuple(_cell(cell, style, index, last, framed) for index, cell in enumerate(row.children))


def _cell(node: Node, style: Style, index: int, last: int, framed: bool) -> Cell:
    if node.tag != "mtd":
        raise UnknownElement(node.tag)
    # In the second column of aligned equations a leading + follows what stands to the left, so it is binary.
    items = row_items(node.children, coloured(node, style), leading_infix=style.display and index > 0)
    align = node.css.get("text-align") or node.get("columnalign") or "center"
    left, right = _padding(node, style, align, index, last)
    if framed and not index:
        left = COLUMN_SPACE * style.size
    if index == last and "border-right" in node.css:
        right = COLUMN_SPACE * style.size
    return Cell(node, joined(items), align, left, right)


def _padding(node: Node, style: Style, align: str, index: int, last: int) -> tuple[float, float]:
    """The room left and right of a cell, none at the edges of the table."""
    if style.display:
        return (PAIR_GAP if align == "right" and index else 0.0), 0.0
    if "padding-left" in node.css or "padding-right" in node.css:
        return (CASES_GAP if node.css.get("padding-left") == "1em" else 0.0), 0.0
    space = COLUMN_SPACE * style.size
    return (space if index else 0.0), (space if index < last else 0.0)


def table_box(node: Node, cells: Grid, style: Style) -> Box:
    """The table with its middle on the axis."""
    if not cells.rows:
        return EMPTY
    total = cells.heights[0] + cells.baselines[-1] + cells.depths[-1]
    height = total / 2 + style.axis
    first = height - cells.heights[0]
    parts = []
    for row, baseline in zip(cells.rows, cells.baselines, strict=True):
        parts += _placed_row(row, cells, first - baseline)
    width = sum(cells.widths)
    parts += _lines(node, cells, height, total - height, style)
    return Box(width, height, total - height, tuple(parts))


def row_box(cells: Grid, index: int) -> Box:
    """One row of a table alone, as wide as the table, so that rows set apart stay aligned."""
    parts = _placed_row(cells.rows[index], cells, 0.0)
    return Box(sum(cells.widths), cells.heights[index], cells.depths[index], tuple(parts))


def _placed_row(row: tuple[Cell, ...], cells: Grid, y: float) -> list[Placed]:
    parts = []
    for cell, left, width in zip(row, cells.lefts, cells.widths, strict=False):
        room = width - cell.width
        share = {"left": 0.0, "right": 1.0}.get(cell.align, 0.5)
        parts.append(Placed(left + cell.left + room * share, y, cell.box))
    return parts


def _lines(node: Node, cells: Grid, height: float, depth: float, style: Style) -> list[Placed]:
    """The rules of an `array`: borders that math-core writes on the table and on its cells."""
    tall = Rule(LINE, height + depth, style.colour)
    wide = Rule(sum(cells.widths), LINE, style.colour)
    parts = []
    if "border-left" in node.css:
        parts.append(Placed(0.0, -depth, tall))
    for index, cell in enumerate(cells.rows[0]):
        if "border-right" in cell.node.css:
            parts.append(Placed(cells.lefts[index + 1] - LINE, -depth, tall))
    if "border-top" in node.css:
        parts.append(Placed(0.0, height - LINE, wide))
    for index, row in enumerate(cells.rows):
        y = height - cells.heights[0] - cells.baselines[index]
        if index and row and "border-top" in row[0].node.css:
            parts.append(Placed(0.0, y + cells.heights[index], wide))
        if row and "border-bottom" in row[0].node.css:
            parts.append(Placed(0.0, y - cells.depths[index], wide))
    return parts
