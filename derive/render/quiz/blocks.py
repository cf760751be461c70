"""Blocks of the article as the plain HTML that question banks and players keep; well-formed XML as well."""

import base64
from collections.abc import Callable, Iterable, Mapping
from functools import singledispatchmethod
from html import escape

from derive.errors import InternalError
from derive.render.inline import InlineWriter, MathSetter
from derive.render.quiz.quiz import one_line
from derive.story.document import (
    Blank,
    Block,
    Byline,
    Display,
    Figure,
    FigureBlock,
    Heading,
    Link,
    ListBlock,
    Note,
    Paragraph,
    Place,
    Rule,
    Table,
)

# What MathJax would take for a formula, in elements of their own, and what a cloze question would take for an answer.
ENTITIES = {
    "\\": "<span>&#92;</span>",
    "$": "<span>&#36;</span>",
    "{": "&#123;",
    "}": "&#125;",
    "~": "&#126;",
    "#": "&#35;",
    "[": "&#91;",
    "]": "&#93;",
}
BEFORE = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
HARMLESS = str.maketrans(ENTITIES | BEFORE)


def for_mathjax(text: str) -> str:
    r"""Return text as HTML in which neither MathJax nor Moodle finds something of its own.

    >>> for_mathjax(r"a < \(b\) {1:NM:=2}")
    'a &lt; <span>&#92;</span>(b<span>&#92;</span>) &#123;1:NM:=2&#125;'
    """
    return spaced(text).translate(HARMLESS)


def for_players(text: str) -> str:
    """Return text as HTML."""
    return escape(spaced(text))


def spaced(text: str) -> str:
    """Return text on one line; a space at an end is kept, for it parts the text from a formula."""
    ends = [" " if text[place : place + 1 or None].isspace() else "" for place in (0, -1)]
    return ends[0] + one_line(text) + ends[1] if text.strip() else " " * bool(text)


def _no_blank(blank: Blank) -> str:
    raise InternalError(f"a question has blank {blank.number} within it")


class BlockWriter(InlineWriter):
    """Writes blocks as HTML; ``escaped`` escapes words, ``math`` gives the markup of a formula, in a line or displayed.

    It is plainer than a page, as question banks keep no classes, and has no blank, each of which is a question.
    """

    def __init__(self, escaped: Callable[[str], str], math: MathSetter, figures: Mapping[str, Figure]) -> None:
        self.escaped, self.math, self.figures, self.blank = escaped, math, figures, _no_blank

    def text(self, text: str) -> str:
        """Return words that mean nothing where the question is shown."""
        return self.escaped(text)

    def blocks(self, blocks: Iterable[Block]) -> str:
        """Return blocks one below the other."""
        return "\n".join(filter(None, map(self.block, blocks)))

    @singledispatchmethod
    def block(self, block: Block) -> str:
        """Return one block."""
        raise InternalError(f"a question has no {type(block).__name__}")

    @block.register
    def _(self, block: Heading) -> str:
        return f"<p><strong>{self.inline(block.content)}</strong></p>"

    @block.register
    def _(self, block: Paragraph | Byline) -> str:
        return f"<p>{self.inline(block.content)}</p>"

    @block.register
    def _(self, block: Display) -> str:
        return f"<div>{self.math(block.latex, True)}</div>"

    @block.register
    def _(self, block: Table) -> str:
        head = "".join(f"<th>{self.inline(cell)}</th>" for cell in block.head)
        rows = "".join(
            "<tr>" + "".join(f"<td>{self.inline(cell)}</td>" for cell in row) + "</tr>" for row in block.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    @block.register
    def _(self, block: FigureBlock) -> str:
        drawing = base64.b64encode(self.figures[block.name].svg.encode()).decode()
        caption = f"<br/><em>{self.text(block.caption)}</em>" if block.caption else ""
        words = self.text(block.description).replace("<span>", "").replace("</span>", "")
        return f'<p><img alt="{words}" src="data:image/svg+xml;base64,{drawing}"/>{caption}</p>'

    @block.register
    def _(self, block: ListBlock) -> str:
        tag = "ol" if block.ordered else "ul"
        return f"<{tag}>" + "".join(f"<li>{self.blocks(item)}</li>" for item in block.items) + f"</{tag}>"

    @block.register
    def _(self, block: Note) -> str:
        return f"<blockquote>{self.blocks(block.blocks)}</blockquote>"

    @block.register
    def _(self, block: Rule) -> str:
        return "<hr/>"

    @block.register
    def _(self, block: Place) -> str:
        return ""

    def link(self, link: Link) -> str:
        """Return a link out of the document; one within it leads nowhere in a question."""
        return super().link(link) if link.is_external else self.inline(link.content)
