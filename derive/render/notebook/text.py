"""The article's blocks as the Markdown of a notebook, which MathJax sets; nothing in a text becomes markup."""

import base64
import re
from collections.abc import Mapping
from functools import singledispatchmethod
from typing import Any

from derive.errors import InternalError
from derive.story.document import (
    Block,
    Break,
    Code,
    Content,
    Display,
    Emphasis,
    Figure,
    FigureBlock,
    Heading,
    Inline,
    Link,
    ListBlock,
    Math,
    Note,
    Paragraph,
    Rule,
    Table,
    Text,
)

# What Markdown, or HTML or TeX in it, would take for its own, and what stands for it. A dollar sign and a backslash
# stand in elements of their own: MathJax reads the page once more behind Markdown. Brackets, a sign of an image and an
# underscore mean nothing but at a link and at the edge of a word; an address would be made a link.
ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "$": "<span>&#36;</span>", "\\": "<span>&#92;</span>"}
MARKS = re.compile(
    r"""
    (?P<entity>[<>&$\\])
    | (?P<escaped>[`*|] | (?<![^\W_])_ | _(?![^\W_]) | !$ | \#(?=\#*$) | ^(?:[-+=#]|\d+[.)])(?=[-+=#\s]|$))
    | (?P<coded>[~^{}] | \](?=[(:]|$) | ^\[ | :(?=//) | (?<=www)\. | (?<=\S)@(?=\S))
    """,
    re.VERBOSE | re.IGNORECASE,
)
RULES = {"left": ":---", "right": "---:", "center": ":---:"}


def escape(text: str) -> str:
    r"""Return text that a notebook shows literally, and that can be read where it is written, too.

    >>> print(escape("3. a < b & $x$: 2*(y-1), w_1!"))
    3\. a &lt; b &amp; <span>&#36;</span>x<span>&#36;</span>: 2\*(y-1), w_1\!
    """
    return MARKS.sub(_harmless, " ".join(text.split()))


def _harmless(found: re.Match[str]) -> str:
    marks = found[0]
    if found["escaped"]:
        return f"{marks[:-1]}\\{marks[-1]}"
    return ENTITIES[marks] if found["entity"] else f"&#{ord(marks)};"


def latex(formula: str) -> str:
    """Return LaTeX in which no sign means something to Markdown or HTML."""
    return formula.replace("<", r"\lt ").replace(">", r"\gt ").replace("|", r"\vert ")


class Writer:
    """Writes blocks as Markdown; ``attachments`` are the figures that it named since it was made."""

    def __init__(self, figures: Mapping[str, Figure]) -> None:
        self.figures = figures
        self.attachments: dict[str, Any] = {}

    def inline(self, content: Content) -> str:
        """Return a line of text."""
        return "".join(map(self.piece, content))

    @singledispatchmethod
    def block(self, block: Block) -> str:
        """Return one block."""
        raise InternalError(f"a notebook has no {type(block).__name__}")

    @block.register
    def _(self, block: Heading) -> str:
        return f'<a id="{block.id}"></a>\n\n{"#" * block.level} {self.inline(block.content)}'

    @block.register
    def _(self, block: Paragraph) -> str:
        return self.inline(block.content)

    @block.register
    def _(self, block: Display) -> str:
        anchor = f'<a id="{block.id}"></a>\n\n' if block.id else ""
        tag = rf" \tag{{{block.number}}}" if block.number else ""
        return f"{anchor}$$\n{latex(block.latex)}{tag}\n$$"

    @block.register
    def _(self, block: Table) -> str:
        rows = [block.head, *block.rows]
        lines = [f"| {' | '.join(map(self.inline, row))} |" for row in rows]
        return "\n".join([lines[0], f"|{'|'.join(RULES[align] for align in block.align)}|", *lines[1:]])

    @block.register
    def _(self, block: FigureBlock) -> str:
        name = f"{block.name}.svg"
        self.attachments[name] = {"image/svg+xml": base64.b64encode(self.figures[block.name].svg.encode()).decode()}
        caption = f"\n\n*{escape(block.caption)}*" if block.caption else ""
        return f"![{escape(block.description)}](attachment:{name}){caption}"

    @block.register
    def _(self, block: ListBlock) -> str:
        starts = [f"{place}. " if block.ordered else "- " for place, _ in enumerate(block.items, start=1)]
        items = ["\n\n".join(map(self.block, item)) for item in block.items]
        return "\n".join(
            start + item.replace("\n", "\n" + " " * len(start)) for start, item in zip(starts, items, strict=True)
        )

    @block.register
    def _(self, block: Note) -> str:
        text = "\n\n".join(map(self.block, block.blocks))
        return "\n".join(f"> {line}".rstrip() for line in text.splitlines())

    @block.register
    def _(self, block: Rule) -> str:
        return "---"

    @singledispatchmethod
    def piece(self, piece: Inline) -> str:
        """Return one piece of a line."""
        raise InternalError(f"a notebook has no {type(piece).__name__}")

    @piece.register
    def _(self, piece: Break) -> str:
        return "<br/>"

    @piece.register
    def _(self, piece: Text) -> str:
        # Round a word the space is kept; the article's own line breaks are spaces.
        ends = [" " if piece.text[place : place + 1 or None].isspace() else "" for place in (0, -1)]
        return ends[0] + escape(piece.text) + ends[1] if piece.text.strip() else " "

    @piece.register
    def _(self, piece: Math) -> str:
        return f"${latex(piece.latex)}$"

    @piece.register
    def _(self, piece: Emphasis) -> str:
        mark = "**" if piece.strong else "*"
        return f"{mark}{self.inline(piece.content)}{mark}"

    @piece.register
    def _(self, piece: Code) -> str:
        return f"<code>{escape(piece.text)}</code>"

    @piece.register
    def _(self, piece: Link) -> str:
        place = piece.target if piece.is_external else f"#{piece.target}"
        return f"[{self.inline(piece.content)}]({place})"
