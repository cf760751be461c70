r"""LaTeX as a tree: what must stay together is one node, and a formula is broken between its nodes only.

The LaTeX is what this package writes: commands with arguments in braces, scripts, `\left … \right`, environments.
Reading loses nothing: the nodes of a row, written one after the other, are what was read.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from derive.errors import InternalError

TOKEN = re.compile(r"\\slot\{\d+\}|\\(?:begin|end)\{[a-z]+\*?\}|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S", re.DOTALL)
# The commands with arguments in braces; every other one is a sign by itself.
ARGUMENTS = {r"\frac": 2} | dict.fromkeys(
    (r"\sqrt", r"\mathrm", r"\mathbf", r"\boldsymbol", r"\operatorname", r"\hat", r"\text"), 1
)
RANKS = {
    sign: rank
    for rank, signs in enumerate(
        (("=", "<", ">", r"\approx", r"\le", r"\ge"), ("+", "-"), (r"\cdot", r"\times", r"\odot", r"\star"))
    )
    for sign in signs
}
RELATION, SUM, PRODUCT = range(3)
THIN_SPACE = r"\,"
# Widths in digits of Latin Modern, each half an em: scripts in their size, the space between columns, parentheses.
COMMAND, SCRIPT, COLUMN, PARENTHESES, FENCES = 1.2, 0.7, 2.0, 2.0, 1.8
BAR = 0.5  # how much longer than what it parts the bar of a fraction is
# A sign with the space round it.
SIGNS = (2.7, 2.45, 2.45)
DOT = 1.45
WIDTHS = {r"\quad": 2.0, THIN_SPACE: 0.35, r"\cdots": 2.7, r"\vdots": 0.6, r"\left": 0.0, r"\right": 0.0} | {
    sign: width
    for width, signs in ((0.55, "(),.;:!|[]'ijlI"), (0.8, "rstfJ-"), (1.4, "wmWMOQGDHKNRUVXYAC+=<>"))
    for sign in signs
}
CLOSING = ("}", "&", r"\\", r"\right")


@dataclass(frozen=True, slots=True)
class Node:
    """A part that is never cut: its LaTeX, how wide it is in digits, the space written before it."""

    latex: str
    width: float
    space: str


@dataclass(frozen=True, slots=True)
class Sign(Node):
    """A sign between two operands, with which a line may begin; it binds the loosest where its rank is 0."""

    rank: int


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A decimal number; its power of ten and its scripts, such as a dagger, stay with its last digit."""

    digits: str
    minus: str = ""
    power: str = ""
    scripts: str = ""


@dataclass(frozen=True, slots=True)
class Group(Node):
    """What stands in braces."""

    inside: "Nodes"


@dataclass(frozen=True, slots=True)
class Command(Node):
    """A command with its arguments: a fraction, a root, a name."""

    name: str
    arguments: tuple["Nodes", ...]


@dataclass(frozen=True, slots=True)
class Fence(Node):
    """What stands between delimiters that stretch; scripts belong to the second one."""

    opening: str
    inside: "Nodes"
    closing: str
    scripts: str = ""


@dataclass(frozen=True, slots=True)
class Table(Node):
    """An environment: rows of cells."""

    name: str
    rows: tuple[tuple["Nodes", ...], ...]


Nodes = tuple[Node, ...]


@lru_cache(maxsize=4096)
def parse(latex: str) -> Nodes:
    r"""Return the nodes of a formula; raises `InternalError` where a brace, a fence or an environment is not closed.

    >>> [node.latex for node in parse(r"\frac{1}{2} \left(0.5 - 0.25^{\dagger}\right)^{2}")]
    ['\\frac{1}{2}', '\\left(0.5 - 0.25^{\\dagger}\\right)^{2}']
    """
    return _Reader(latex).whole()


def write(row: Sequence[Node]) -> str:
    """Return the LaTeX of the nodes."""
    return "".join(node.space + node.latex for node in row).strip()


def width_of(row: Sequence[Node]) -> float:
    """Return how wide the nodes are, in digits."""
    return sum(node.width for node in row)


def table_width(name: str, columns: Sequence[float]) -> float:
    """Return how wide an environment with such columns is, in digits."""
    return sum(columns) + (0.0 if name == "aligned" else COLUMN * (len(columns) - 1) + PARENTHESES)


def column_widths(rows: Sequence[Sequence[Nodes]]) -> list[float]:
    """Return the width of each column."""
    columns = max(map(len, rows), default=0)
    return [max(width_of(row[column]) for row in rows if column < len(row)) for column in range(columns)]


class _Reader:
    """Reads the tokens of one formula from left to right."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens = list(TOKEN.finditer(latex))
        self.index = 0

    @property
    def here(self) -> str:
        """The token that comes next; "" at the end."""
        return self.tokens[self.index].group() if self.index < len(self.tokens) else ""

    @property
    def end(self) -> int:
        """Where the token before ends."""
        return self.tokens[self.index - 1].end() if self.index else 0

    def whole(self) -> Nodes:
        """Return the nodes of all of it."""
        row = self.row(())
        if self.here:
            raise self.unexpected()
        return row

    def take(self, expected: str = "") -> str:
        """Return the next token, which must be the expected one if one is."""
        token = self.here
        if not token or expected not in ("", token):
            raise self.unexpected()
        self.index += 1
        return token

    def unexpected(self) -> InternalError:
        """Return the error that says that the formula is not well formed."""
        found = repr(self.here) if self.here else "its end"
        return InternalError(f"the formula {self.latex!r} is not well formed at {found}")

    def row(self, ends: Collection[str]) -> Nodes:
        """Return the nodes up to a token that ends the row."""
        nodes: list[Node] = []
        while self.here and self.here not in ends:
            if self.here in CLOSING or self.here.startswith(r"\end{"):
                raise self.unexpected()
            before = self.end
            space = self.latex[before : self.tokens[self.index].start()]
            is_first = not nodes or isinstance(nodes[-1], Sign)
            nodes.append(self.scripted(self.node(space, is_first=is_first)))
            _join_power_of_ten(nodes)
        return tuple(nodes)

    def node(self, space: str, *, is_first: bool) -> Node:
        """Return the next node without its scripts; a sign that is first in its row does not stand between two."""
        start, token = self.tokens[self.index].start(), self.take()
        if token == "{":
            inside = self.row("}")
            self.take("}")
            return Group(self.latex[start : self.end], width_of(inside), space, inside)
        if token == r"\left":
            opening, inside = self.take(), self.row((r"\right",))
            self.take(r"\right")
            closing = self.take()
            return Fence(self.latex[start : self.end], width_of(inside) + FENCES, space, opening, inside, closing)
        if token.startswith(r"\begin{"):
            return self.environment(space, start, token[len(r"\begin{") : -1])
        if token.startswith(r"\slot{"):
            return self.slot(space, start, is_first=is_first)
        if token in ARGUMENTS and self.here == "{":
            return self.command(space, start, token)
        if token in RANKS and not is_first:
            return Sign(token, DOT if token == r"\cdot" else SIGNS[RANKS[token]], space, RANKS[token])
        if token[0].isdigit():
            return Number(token, len(token), space, token)
        return Node(token, WIDTHS.get(token, COMMAND if len(token) > 1 else 1.05), space)

    def slot(self, space: str, start: int, *, is_first: bool) -> Node:
        """Return what stands in a slot: the one node in it, or all of it, which is not broken."""
        self.take("{")
        inside = self.row("}")
        self.take("}")
        latex = self.latex[start : self.end]
        if len(inside) != 1:
            return Node(latex, width_of(inside), space)
        (node,) = inside
        if node.latex in RANKS and not is_first:
            rank = RANKS[node.latex]
            return Sign(latex, DOT if node.latex == r"\cdot" else SIGNS[rank], space, rank)
        return replace(node, latex=latex, space=space)

    def environment(self, space: str, start: int, name: str) -> Table:
        """Return the environment whose beginning was read."""
        end = rf"\end{{{name}}}"
        rows: list[tuple[Nodes, ...]] = []
        cells: list[Nodes] = []
        while True:
            cells.append(self.row(("&", r"\\", end)))
            ended_by = self.take()
            if ended_by != "&":
                rows.append(tuple(cells))
                cells = []
            if ended_by == end:
                width = table_width(name, column_widths(rows))
                return Table(self.latex[start : self.end], width, space, name, tuple(rows))

    def command(self, space: str, start: int, name: str) -> Command:
        """Return the command whose name was read."""
        arguments = []
        for _ in range(ARGUMENTS[name]):
            self.take("{")
            arguments.append(self.row("}"))
            self.take("}")
        width = max(map(width_of, arguments)) + {r"\frac": BAR, r"\sqrt": COMMAND}.get(name, 0.0)
        return Command(self.latex[start : self.end], width, space, name, tuple(arguments))

    def scripts(self) -> tuple[str, float]:
        """Return the scripts that come next, and how wide they are."""
        start, width = self.end, 0.0
        while self.here in ("^", "_", "'"):
            if self.take() == "'":
                width += SCRIPT
                continue
            if self.here in ("", *CLOSING):
                raise self.unexpected()
            width += SCRIPT * self.node("", is_first=True).width
        return self.latex[start : self.end], width

    def scripted(self, node: Node) -> Node:
        """Return the node with the scripts behind it."""
        scripts, width = self.scripts()
        if not scripts:
            return node
        latex, width = node.latex + scripts, node.width + width
        if isinstance(node, Number | Fence):
            return replace(node, latex=latex, width=width, scripts=scripts)
        inside = node.inside if isinstance(node, Group) else ()
        is_spaced = len(inside) > 1 and inside[-1].latex == THIN_SPACE  # between an exponent and a dagger
        *before, last = inside[: len(inside) - is_spaced] or (None,)
        signs = write(tuple(before))
        if isinstance(last, Number) and not last.scripts and signs in ("", "-"):
            power = last.power + write(inside[-1:]) * is_spaced
            return Number(latex, width, node.space, last.digits, signs, power, scripts)
        return Node(latex, width, node.space)


def _join_power_of_ten(nodes: list[Node]) -> None:
    r"""Make one number of the last three nodes where they are such as 1.5 \cdot 10^{-12}."""
    if len(nodes) < 3:
        return
    number, dot, ten = nodes[-3:]
    is_number = isinstance(number, Number) and not (number.power or number.scripts)
    is_ten = isinstance(ten, Number) and ten.digits == "10" and ten.scripts.startswith("^")
    if isinstance(number, Number) and is_number and dot.latex == r"\cdot" and is_ten:
        power = f"{dot.space}{dot.latex}{ten.space}{ten.latex}"
        width = number.width + dot.width + ten.width
        nodes[-3:] = [replace(number, latex=number.latex + power, width=width, power=power)]
