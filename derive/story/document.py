"""The article as blocks, which every renderer reads."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from derive.notation.slots import without_slots

MOST_PLACES = 24  # that a blank has room for
MATH_SIGNS = re.compile(r"\\hspace\{[^}]*\}|\\[a-z]+|[{}_^]")


@dataclass(frozen=True)
class Text:
    """Plain text."""

    text: str


@dataclass(frozen=True)
class Math:
    """A formula in a line of text."""

    latex: str


@dataclass(frozen=True)
class Emphasis:
    """Emphasised content; ``strong`` in bold."""

    content: tuple["Inline", ...]
    strong: bool


@dataclass(frozen=True)
class Code:
    """Text as a program has it."""

    text: str


@dataclass(frozen=True)
class Link:
    """A link; ``target`` is the id of an anchor in the document, or the address of a web page (http, https)."""

    target: str
    content: tuple["Inline", ...]

    @property
    def is_external(self) -> bool:
        """Whether it leads out of the document; an id holds no colon."""
        return ":" in self.target


@dataclass(frozen=True)
class Break:
    """The end of a line within a paragraph."""


@dataclass(frozen=True)
class Blank:
    """A numbered place to write in: a number, or a formula where it ``is_formula``.

    ``name`` is that of the quantity, in plain text. ``answer`` is what a key shows there, a number as text or a formula
    in LaTeX, "" on a sheet to fill in. ``digits`` says how many decimals there is room for. One for words, such as the
    student's name, has no number (0) but a ``key``.
    """

    number: int
    name: str
    answer: str = ""
    is_formula: bool = False
    digits: int = 6
    key: str = ""

    @property
    def field(self) -> str:
        """The name of the field of a form: the number, behind that of a formula an f, or the key."""
        return self.key or f"{self.number}{'f' if self.is_formula else ''}"

    @property
    def places(self) -> int:
        """How many signs there is room for: the decimals, what stands before the point, and a sign."""
        return min(self.digits + 4, MOST_PLACES)


@dataclass(frozen=True)
class Case:
    """Words that are shown where a fact of the page is true, by its number; ``is_shown`` is whether it is at first.

    Without content, they are ``kept`` elsewhere, by that number.
    """

    fact: int
    is_shown: bool
    content: tuple["Inline", ...]
    kept: int | None = None


Inline = Text | Math | Emphasis | Code | Link | Break | Blank | Case
Content = tuple[Inline, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; level 2 is a section."""

    level: int
    content: Content
    id: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``introduces`` says that it belongs to what follows and stays on a page with it."""

    content: Content
    introduces: bool = False


@dataclass(frozen=True)
class Display:
    """A formula on lines of its own, with a number and an id where the text refers to it."""

    latex: str
    number: str = ""
    id: str = ""


@dataclass(frozen=True)
class Table:
    """A table; ``align`` holds left, right or center for each column."""

    head: tuple[Content, ...]
    rows: tuple[tuple[Content, ...], ...]
    align: tuple[str, ...]


@dataclass(frozen=True)
class FigureBlock:
    """Where a figure stands; ``name`` is its key in `figures`."""

    name: str
    description: str
    caption: str


@dataclass(frozen=True)
class ListBlock:
    """A list, numbered or not."""

    ordered: bool
    items: tuple[tuple["Block", ...], ...]


@dataclass(frozen=True)
class Note:
    """A remark that is set apart."""

    blocks: tuple["Block", ...]


@dataclass(frozen=True)
class Rule:
    """A line across the page between two parts of the text."""


@dataclass(frozen=True)
class Byline:
    """What belongs under the title, such as an author."""

    content: Content


@dataclass(frozen=True)
class Place:
    """An anchor that prints nothing, for programs that look for it."""

    id: str


Block = Heading | Paragraph | Display | Table | FigureBlock | ListBlock | Note | Rule | Byline | Place


@dataclass(frozen=True)
class Figure:
    """A drawing in the two languages that renderers take; a compact one stands beside the text.

    ``natural`` is one that is not blown up to the width of the text, ``sideways`` one that on paper needs the length of
    the page for its width, ``floating`` one that there may stand a few blocks from its place, so that no
    page ends early. ``highest`` is how high it is on paper at most, in cm, as long as its letters stay readable.
    """

    svg: str
    tikz: str
    compact: bool = False
    natural: bool = False
    sideways: bool = False
    floating: bool = False
    highest: float = math.inf


@dataclass(frozen=True)
class Document:
    """A parsed article; ``byline`` stands under the title."""

    title: str
    blocks: tuple[Block, ...]
    byline: Content = ()


def plain(content: Sequence[Inline]) -> str:
    """Return the content as plain text, formulas without their commands."""
    return "".join(_plain(inline) for inline in content)


def _plain(inline: Inline) -> str:
    if isinstance(inline, Break | Blank):
        return " "
    if isinstance(inline, Case):
        return plain(inline.content) if inline.is_shown else ""
    if isinstance(inline, Math):
        return re.sub(MATH_SIGNS, "", without_slots(inline.latex)).strip()
    return inline.text if isinstance(inline, Text | Code) else plain(inline.content)


def slug(text: str) -> str:
    r"""Return the id of a heading: its words, letters of any language kept, its formulas without their commands.

    >>> slug("A sine with slope $\\frac{1}{2}$")
    'a-sine-with-slope-12'
    """
    formulas = re.sub(r"\$[^$]*\$", lambda match: re.sub(MATH_SIGNS, "", match[0].strip("$")).strip(), text)
    return re.sub(r"[\W_]+", "-", formulas.lower()).strip("-") or "section"
