r"""Chains of equations as displays, broken so that no line runs off the page.

HTML has no line breaking of mathematics and LaTeX none worth relying on, so lines are broken here, once for every
format, between the nodes of the formula: before + and −, then before a dot, inside parentheses only where nothing else
helps. A long number is broken into groups of digits, its mark and its power of ten with the last; a fraction that is
wider than a line has its parts on several lines.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

from derive.notation.names import Latex
from derive.notation.tree import (
    PRODUCT,
    RELATION,
    SUM,
    Command,
    Fence,
    Node,
    Nodes,
    Number,
    Sign,
    Table,
    column_widths,
    parse,
    table_width,
    width_of,
    write,
)

# Widths are in digits; a line of the narrowest A4 page, that of LaTeX, takes 83 of them, indent and number included.
LINE_WIDTH = 76
INDENT = 2
# A long number is broken behind so many decimals or a multiple of them: they are counted more easily so.
DIGIT_GROUP = 10

# A relation, = or ≈, and what stands behind it, both in LaTeX.
RightSide = tuple[str, str]
# What can be broken where it is too wide: delimiters of one size may stand on two lines.
OPENED = {"(": ")", "[": "]", "|": "|"}
# What is higher than a line.
TALL = (r"\frac", r"\sum", r"\sqrt")
T = TypeVar("T")


def cut(items: Sequence[T], most: int, first: int, last: int) -> list[T | None]:
    """Return the items, or where they are more than ``most`` the first and last ones with None between.

    >>> cut("abcdefgh", 5, 2, 1)
    ['a', 'b', None, 'h']
    """
    return [*items] if len(items) <= most else [*items[:first], None, *items[-last:]]


def batched(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """Return the items in groups of at most so many, no group much smaller than another.

    >>> batched("abcde", 4)
    ['abc', 'de']
    """
    groups = -(-len(items) // size)
    ends = [-(-len(items) * number // groups) for number in range(groups + 1)] if groups else [0]
    return [items[start:end] for start, end in pairwise(ends)]


def aligned(left: str, rights: Sequence[RightSide], *, width: int = LINE_WIDTH) -> Latex:
    r"""Return left = right₁ = right₂ …, one line each, aligned at the relation.

    >>> print(aligned("x", [("=", "1 + 2"), ("=", "3")]))
    \begin{aligned} x &= 1 + 2 \\ &= 3 \end{aligned}
    """
    room = width - visible_width(left)
    is_short = room < width // 2
    lines = [line for relation, right in rights for line in _lines(relation, right, width - 6 if is_short else room)]
    if is_short:
        return _aligned([f"{left} &", *lines])
    if len(lines) == 1:
        return Latex(f"{left} {lines[0].removeprefix('&')}")
    return _aligned([f"{left} {lines[0]}", *lines[1:]])


def aligned_equations(equations: Sequence[tuple[str, Sequence[RightSide]]], *, width: int = LINE_WIDTH) -> Latex:
    """Return several equations below each other; each left = right₁ = right₂ … stays on one line where it fits."""
    lines = []
    for left, rights in equations:
        whole = " ".join(f"{relation} {right}" for relation, right in rights)
        room = width - visible_width(left)
        if visible_width(whole) <= room:
            lines.append(f"{left} &{whole}")
        else:
            first, *rest = (line for relation, right in rights for line in _lines(relation, right, room))
            lines += [f"{left} {first}", *rest]
    return _aligned(lines)


def _aligned(lines: Sequence[str]) -> Latex:
    return Latex(r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}")


def _lines(relation: str, right: str, room: float) -> list[str]:
    first, *rest = broken(right, room)
    return [f"&{relation} {first}", *(rf"&\quad {{}} {part}" for part in rest)]


def broken(latex: str, room: float) -> list[str]:
    """Return the formula in parts that fit the room, each but the first beginning with its operator."""
    return [write(part) for part in _broken(parse(latex), room)]


def visible_width(latex: str) -> float:
    r"""Estimate how wide the formula is, in digits.

    >>> visible_width(r"\mathrm{net}_{h1} + 0.25")
    10.8
    """
    return round(width_of(parse(latex)), 1)


def _broken(row: Nodes, room: float) -> list[Nodes]:
    if width_of(row) <= room:
        return [row]
    for split in SPLITS:
        parts = split(row, room)
        if len(parts) > 1:
            return _filled([piece for part in parts for piece in _broken(part, room)], room)
    return [_narrowed(row, room)]


def _at(rank: int) -> Callable[[Nodes, float], list[Nodes]]:
    """Return what splits a row before each sign of that rank."""

    def split(row: Nodes, _: float) -> list[Nodes]:
        return _split(row, [index for index, node in enumerate(row) if isinstance(node, Sign) and node.rank == rank])

    return split


def _beside(row: Nodes, _: float) -> list[Nodes]:
    """Split before the second of two matrices that are multiplied; a function keeps what it is applied to."""
    applied = [isinstance(node, Command) and node.name == r"\operatorname" for node in (*row[-1:], *row)]
    indexes = [index for index, node in enumerate(row) if r"\begin{pmatrix}" in node.latex and not applied[index]]
    return _split(row, indexes)


def _in_parentheses(row: Nodes, room: float) -> list[Nodes]:
    """Split inside the widest parentheses; those that stretch cannot span two lines."""
    index = _widest(row, Fence)
    if index is None:
        return [row]
    fence = row[index]
    assert isinstance(fence, Fence)
    if OPENED.get(fence.opening) != fence.closing or r"\begin" in fence.latex:
        return [row]
    inside = fence.inside
    # On two lines the delimiters cannot measure what they enclose.
    size = "bigg" if any(sign in fence.latex for sign in TALL) else "big"
    opening = Node(rf"\{size}l{fence.opening}", 1, fence.space)
    closing = Node(rf"\{size}r{fence.closing}{fence.scripts}", fence.width - width_of(inside) - 1, "")
    return _broken((*row[:index], opening, *inside, closing, *row[index + 1 :]), room)


def _between_digits(row: Nodes, room: float) -> list[Nodes]:
    """Split the widest number into groups of digits."""
    index = _widest(row, Number)
    if index is None:
        return [row]
    number = row[index]
    assert isinstance(number, Number)
    before, after = row[:index], row[index + 1 :]
    pieces = list(_digit_groups(number, room - width_of(before), room - width_of(after)))
    if len(pieces) == 1:
        return [row]
    return [(*before, pieces[0]), *((piece,) for piece in pieces[1:-1]), (pieces[-1], *after)]


def _digit_groups(number: Number, first: float, last: float) -> Iterator[Number]:
    """Yield the number in pieces; the first and the last of them have less room."""
    whole = number.digits.find(".") + 1
    around = number.width - len(number.digits)
    room = int(min(first - len(number.minus) - whole, last - around))
    size = max(1, room // DIGIT_GROUP) * DIGIT_GROUP
    ends = range(whole + size, len(number.digits), size)
    for start, end in zip([0, *ends], [*ends, len(number.digits)], strict=True):
        digits = number.digits[start:end]
        minus = number.minus if not start else ""
        space = number.space if not start else ""
        if end < len(number.digits):
            yield Number(minus + digits, len(minus + digits), space, digits)
            continue
        text = minus + digits + number.power
        latex = f"{{{text}}}{number.scripts}" if number.power and number.scripts else text + number.scripts
        yield replace(number, latex=latex, width=len(digits) + around, space=space, digits=digits, minus=minus)


def _widest(row: Nodes, kind: type[Node]) -> int | None:
    return max(
        (index for index, node in enumerate(row) if isinstance(node, kind)), key=lambda p: row[p].width, default=None
    )


def _split(row: Nodes, indexes: Sequence[int]) -> list[Nodes]:
    starts = [0, *(index for index in indexes if index)]
    return [row[start:end] for start, end in zip(starts, [*starts[1:], len(row)], strict=True)]


def _filled(pieces: Sequence[Nodes], room: float) -> list[Nodes]:
    lines = [pieces[0]]
    for piece in pieces[1:]:
        if width_of(lines[-1]) + width_of(piece) <= room:
            lines[-1] += piece
        else:
            lines.append(piece)
    return lines


# Where a line may end: the best way first, the last resort last.
SPLITS = (_at(RELATION), _at(SUM), _at(PRODUCT), _beside, _in_parentheses, _between_digits)


def _narrowed(row: Nodes, room: float) -> Nodes:
    """Return the row with the parts of its widest node on several lines, where it has such parts."""
    index = max(range(len(row)), key=lambda p: row[p].width)
    node = row[index]
    room -= width_of(row) - node.width
    narrow = node
    if isinstance(node, Command) and node.name in (r"\frac", r"\sqrt"):
        parts = [_stacked(argument, room) for argument in node.arguments]
        latex = node.name + "".join(f"{{{text}}}" for text, _ in parts)
        narrow = Node(latex, max(width for _, width in parts), node.space)
    elif isinstance(node, Fence):
        text, width = _stacked(node.inside, room - 2)
        narrow = Node(rf"\left{node.opening}{text}\right{node.closing}{node.scripts}", width + 2, node.space)
    elif isinstance(node, Table):
        narrow = _narrow_table(node, room)
    return (*row[:index], narrow, *row[index + 1 :])


def _narrow_table(table: Table, room: float) -> Node:
    """Return the table with each column given its share of the room."""
    columns = column_widths(table.rows)
    share = (room - table_width(table.name, columns) + sum(columns)) / sum(columns)
    rows = [[_stacked(cell, width * share) for cell, width in zip(row, columns, strict=False)] for row in table.rows]
    text = r" \\ ".join(" & ".join(latex for latex, _ in row) for row in rows)
    return Node(rf"\begin{{{table.name}}} {text} \end{{{table.name}}}", room, table.space)


def _stacked(row: Nodes, room: float) -> tuple[str, float]:
    """Return a part of a formula, on several lines where it is too wide for one, and how wide it is."""
    first, *rest = _broken(row, room)
    if not rest:
        return write(first), width_of(first)
    lines = [f"&{write(first)}", *(rf"&\quad {{}} {write(part)}" for part in rest)]
    return _aligned(lines), max(width_of(first), *(width_of(part) + INDENT for part in rest))
