"""Lines: a display too wide for the page is broken, and an inline formula becomes pieces that can stand on two lines.

A display breaks before a relation if it can, else before + or −, else before · or ×; signs inside parentheses come
after all outside them. A continued line starts under the first relation, or just behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from derive.typeset.boxes import Box, Placed
from derive.typeset.fractions import fraction, fraction_styles, root
from derive.typeset.layout import Style, layout
from derive.typeset.mathml import Node, core_operator
from derive.typeset.operators import CLOSING, OPENING, Operator
from derive.typeset.rows import Item, inner_style, joined, row_items
from derive.typeset.runs import mended, run_box, runs
from derive.typeset.scripts import with_scripts
from derive.typeset.tables import JOT, STRUT_DEPTH, STRUT_HEIGHT, Cell, Grid, grid, row_box

PITCH = STRUT_HEIGHT + STRUT_DEPTH + JOT
RANK = {"relation": 0, "sum": 1, "product": 2, "digits": 3}
# Between two digits of a number that is longer than a line.
DIGITS_TOGETHER = 5
DIGITS = Operator(0.0, 0.0, "digits")
# A line is broken early for the sake of a better place, but not before this share of it is filled.
LEAST_FILLED = 0.3
# A left side wider than this share of the line is no place to align at; what follows is indented by this much.
WIDEST_LEFT_SIDE, INDENT = 0.4, 2.0
# Columns wider than this share of the line, before the last one, leave no room beside them.
WIDEST_COLUMN = 0.5

# A fraction or root wider than this share of a line has its parts broken, so that a left side fits beside it.
WIDEST_PART = 0.8


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a display: its box, as wide as the display's lines are, and what is on it, for the ear."""

    box: Box
    nodes: tuple[Node, ...]


def display_lines(node: Node, max_width: float) -> list[Line]:
    """The lines of a display; just one when it fits.

    Every line has the same width, so that lines centred one by one stay aligned. A line is wider than `max_width`
    only when it holds something that cannot be broken, such as a fraction.
    """
    row, style = _content(node, Style(display=True))
    table = row[0] if len(row) == 1 and row[0].tag == "mtable" else None
    if table is not None and _is_aligned(table):
        table = mended(table)
        return _table_lines(table, grid(table, style), max_width)
    items = row_items(row, style)
    if _width(items) <= max_width:
        return [Line(joined(items), (node,))]
    return _even(_row_lines(items, 0.0, max_width, style))


def stacked(lines: Sequence[Line], style: Style = Style()) -> Box:  # noqa: B008 (frozen)
    """The lines as one box, LaTeX's distance apart, its middle on the axis."""
    parts, y = [], 0.0
    for index, line in enumerate(lines):
        if index:
            natural = lines[index - 1].box.depth + line.box.height
            y -= PITCH if PITCH - natural >= JOT - 1e-9 else natural + JOT + 0.1
        parts.append(Placed(0.0, y, line.box))
    top, bottom = lines[0].box.height, lines[-1].box.depth - y
    shift = style.axis - (top - bottom) / 2
    placed = tuple(replace(part, y=part.y + shift) for part in parts)
    return Box(max(line.box.width for line in lines), top + shift, bottom - shift, placed)


def _content(node: Node, style: Style) -> tuple[tuple[Node, ...], Style]:
    """What stands in the formula, out of the rows and styles that are wrapped around all of it."""
    while node.tag in ("math", "mrow", "mstyle") and not node.get("style") and not node.get("mathcolor"):
        style = inner_style(node, style)
        if len(node.children) != 1 or node.children[0].tag not in ("mrow", "mstyle", "mtable"):
            return node.children, style
        node = node.children[0]
    return (node,), style


def _is_aligned(table: Node) -> bool:
    return table.get("displaystyle") == "true"


def _table_lines(table: Node, cells: Grid, max_width: float) -> list[Line]:
    """The rows of aligned equations, several on a line where they fit, those too wide broken in their last cell."""
    if not cells.rows:
        return [Line(row_box(cells, i), (row,)) for i, row in enumerate(table.children)]
    style = inner_style(table, Style(display=True))
    if sum(cells.widths) > max_width and sum(cells.widths[:-1]) > max_width * WIDEST_COLUMN:
        return _even([line for row in cells.rows for line in _unaligned(row, max_width, style)])
    # The last column has what room is left on the line.
    last = min(cells.widths[-1], max_width - sum(cells.widths[:-1]))
    cells = replace(cells, widths=(*cells.widths[:-1], last))
    lines: list[Line] = []
    for run in runs(cells, max_width):
        row = cells.rows[run.start]
        left = cells.lefts[len(row) - 1] + row[-1].left
        if len(run) > 1 or not row[-1].node.children or left + row[-1].box.width <= max_width:
            lines.append(Line(run_box(cells, run), table.children[run.start : run.stop]))
        else:
            lines += _broken_row(cells, run.start, left, max_width, style)
    return _even(lines)


def _broken_row(cells: Grid, index: int, left: float, max_width: float, style: Style) -> list[Line]:
    """One row of aligned equations that is too wide; what breaks is its last cell, which begins at `left`."""
    row = cells.rows[index]
    broken = _row_lines(row_items(row[-1].node.children, style, leading_infix=len(row) > 1), left, max_width, style)
    head, body = row_box(_without_last(cells, index), index), broken[0].box
    parts = (Placed(0.0, 0.0, head), Placed(0.0, 0.0, body))
    first = Box(body.width, max(head.height, body.height), max(head.depth, body.depth), parts)
    return [Line(first, tuple(cell.node for cell in row[:-1]) + broken[0].nodes), *broken[1:]]


def _unaligned(row: tuple[Cell, ...], max_width: float, style: Style) -> list[Line]:
    """One row of equations whose left sides leave no room beside them: the right side stands below, indented."""
    before = [child for cell in row[:-1] for child in cell.node.children]
    right = row_items(row[-1].node.children, style, leading_infix=len(row) > 1)
    lines = _row_lines(row_items(before, style), 0.0, max_width, style) if before else []
    return lines + _row_lines(right, INDENT if len(row) > 1 else 0.0, max_width, style)


def _without_last(cells: Grid, index: int) -> Grid:
    """The grid with the last cell of one row left out."""
    rows = tuple(row[:-1] if i == index else row for i, row in enumerate(cells.rows))
    return replace(cells, rows=rows)


def _even(lines: list[Line]) -> list[Line]:
    """The lines equally wide and at least as tall as a line of text."""
    width = max(line.box.width for line in lines)
    return [
        replace(
            line,
            box=replace(
                line.box,
                width=width,
                height=max(STRUT_HEIGHT, line.box.height),
                depth=max(STRUT_DEPTH, line.box.depth),
            ),
        )
        for line in lines
    ]


def _row_lines(items: list[Item], left: float, max_width: float, style: Style) -> list[Line]:
    """The items on as many lines as they need, the first of which starts at `left`."""
    items = _opened(items, max_width - left, style)
    first = next((i for i, item in enumerate(items) if item.kind == "relation"), None)
    at = after = left + INDENT
    if first is not None:
        relation = left + _width(items[:first])
        behind = relation + _width(items[first : first + 1])
        if behind <= max_width * WIDEST_LEFT_SIDE + left * (1 - WIDEST_LEFT_SIDE):
            at, after = relation, behind
    lines, start, x = [], 0, left
    while start < len(items):
        end = _break_after(items, start, max_width - x)
        box = joined(_trimmed(items[start:end], start > 0))
        lines.append(Line(_indented(box, x), tuple(item.node for item in items[start:end])))
        start = end
        if start < len(items):
            x = at if items[start].kind == "relation" else after
    return lines


def _trimmed(items: list[Item], continued: bool) -> list[Item]:
    """The items of a line; one that starts with a sign needs no space before it."""
    if continued and items[0].kind == "relation":
        return items
    return [replace(items[0], before=0.0), *items[1:]] if continued else items


def _indented(box: Box, by: float) -> Box:
    return Box(by + box.width, box.height, box.depth, (Placed(by, 0.0, box),))


def _width(items: Sequence[Item]) -> float:
    return sum(item.before + item.box.width + item.after for item in items)


def _opened(items: list[Item], max_width: float, style: Style) -> list[Item]:
    """The items with groups and fractions that are too wide for a line replaced by what is in them."""
    found: list[Item] = []
    for item in items:
        inner = _inside(item, style) if item.box.width > max_width * LEAST_FILLED else None
        if inner is not None:
            found += _opened(inner, max_width, style)
        elif _number(item.node) and item.box.width > max_width:
            found += _in_groups(item, style)
        else:
            found.append(_narrowed(item, max_width, style))
    return found


def _number(node: Node) -> Node | None:
    """The number that this is, or that carries a mark; None for anything else."""
    if node.tag == "msup" and node.children[0].tag == "mn":
        return node.children[0]
    return node if node.tag == "mn" else None


def _in_groups(item: Item, style: Style) -> list[Item]:
    """A number that is longer than a line as groups of digits, between which a line may end."""
    number = _number(item.node)
    text = number.text if number else ""
    groups = [text[start : start + DIGITS_TOGETHER] for start in range(0, len(text), DIGITS_TOGETHER)]
    nodes = [Node("mn", number.attributes if number else {}, text=group) for group in groups]
    if number is not item.node:  # its mark stays at its end
        nodes[-1] = replace(item.node, children=(nodes[-1], *item.node.children[1:]))
    return [Item(node, layout(node, style), operator=DIGITS if i else None) for i, node in enumerate(nodes)]


def _narrowed(item: Item, max_width: float, style: Style) -> Item:
    """A fraction or root that is wider than a line with its parts on several lines; anything else as it is."""
    node, room = item.node, max_width * WIDEST_PART
    if item.box.width <= room or node.get("style"):
        return item
    if node.tag == "mfrac":
        above, below = fraction_styles(node, style)
        top, bottom = _block(node.children[0], room, above), _block(node.children[1], room, below)
        return replace(item, box=fraction(node, top, bottom, style))
    if node.tag == "msqrt":
        inside = Node("mrow", {}, node.children)
        return replace(item, box=root(_block(inside, room, replace(style, cramped=True)), style))
    return item


def _block(node: Node, max_width: float, style: Style) -> Box:
    """A part of a formula, on several lines where it is too wide for one."""
    whole = layout(node, style)
    if whole.width <= max_width:
        return whole
    children = node.children if node.tag == "mrow" else (node,)
    return stacked(_even(_row_lines(row_items(children, style), 0.0, max_width, style)), style)


def _inside(item: Item, style: Style) -> list[Item] | None:
    """What is in a row, or in a fenced row with a script; None for what cannot be taken apart."""
    node = item.node
    if node.get("style") or node.get("mathcolor"):
        return None
    if node.tag in ("mrow", "mstyle"):
        return row_items(node.children, inner_style(node, style)) or None
    if node.tag in ("msup", "msub", "msubsup") and node.children[0].tag == "mrow" and node.children[0].children:
        inner = row_items(node.children[0].children, style)
        below, above = _script_nodes(node)
        last = inner[-1]
        box = with_scripts(last.box, below, above, style)
        return [*inner[:-1], replace(last, box=box, node=Node(node.tag, {}, (last.node, *node.children[1:])))]
    return None


def _script_nodes(node: Node) -> tuple[Node | None, Node | None]:
    if node.tag == "msubsup":
        return node.children[1], node.children[2]
    return (node.children[1], None) if node.tag == "msub" else (None, node.children[1])


def _break_after(items: list[Item], start: int, room: float) -> int:
    """Where the line that starts with item `start` ends: the best place among those that leave it short enough."""
    if _width(items[start:]) <= room:
        return len(items)
    best, best_rank = None, (99, 99)
    x, depth, relations = items[start].before + items[start].box.width + items[start].after, 0, 0
    depth += _nesting(items[start])
    for place in range(start + 1, len(items)):
        item = items[place]
        if x > room and best is not None:
            break
        rank = (depth, RANK.get(item.kind, 9))
        # The first relation stays with its left side.
        opening = start == 0 and item.kind == "relation" and relations == 0
        relations += item.kind == "relation"
        if item.kind in RANK and not opening:
            filled = x >= room * LEAST_FILLED
            if best is None or (filled and rank <= best_rank):
                best, best_rank = place, rank if filled else (99, 99)
        x += item.before + item.box.width + item.after
        depth += _nesting(item)
    return len(items) if best is None else best


def _nesting(item: Item) -> int:
    core = core_operator(item.node)
    if core is None:
        return 0
    return (core.text in OPENING) - (core.text in CLOSING)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an inline formula, after which a line may end; `gap` is the space after it in em."""

    box: Box
    nodes: tuple[Node, ...]
    gap: float


def inline_pieces(node: Node, least: float) -> list[Piece]:
    """An inline formula cut after its relations and then signs of sums, outside parentheses.

    A formula narrower than `least` stays whole.
    """
    row, style = _content(node, Style(display=False))
    items = row_items(row, style)
    if _width(items) < least:
        return [Piece(joined(items), (node,), 0.0)]
    pieces, start, depth = [], 0, 0
    for index, item in enumerate(items):
        depth += _nesting(item)
        if depth == 0 and item.kind in ("relation", "sum") and item.after and index + 1 < len(items):
            pieces.append(_piece(items[start : index + 1], item.after))
            start = index + 1
    pieces.append(_piece(items[start:], 0.0))
    return pieces


def _piece(items: list[Item], gap: float) -> Piece:
    last = replace(items[-1], after=0.0) if gap else items[-1]
    return Piece(joined([*items[:-1], last]), tuple(item.node for item in items), gap)
