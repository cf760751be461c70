"""The pieces of a line of text as HTML, which every page and every question writes alike."""

from collections.abc import Callable
from functools import singledispatchmethod
from html import escape

from derive.errors import InternalError
from derive.story.document import Blank, Break, Case, Code, Content, Emphasis, Inline, Link, Math, Text

MathSetter = Callable[[str, bool], str]
BlankSetter = Callable[[Blank], str]


class InlineWriter:
    """Writes pieces of a line; ``math(latex, display)`` gives the markup of a formula, ``blank`` that of a blank."""

    math: MathSetter
    blank: BlankSetter

    def text(self, text: str) -> str:
        """Return words that mean nothing to HTML."""
        return escape(text)

    def link(self, link: Link) -> str:
        """Return a link."""
        place = "" if link.is_external else "#"
        return f'<a href="{place}{escape(link.target)}">{self.inline(link.content)}</a>'

    def inline(self, content: Content) -> str:
        """Return a line of text."""
        return "".join(map(self.piece, content))

    @singledispatchmethod
    def piece(self, piece: Inline) -> str:
        """Return one piece of a line."""
        raise InternalError(f"HTML has no {type(piece).__name__}")

    @piece.register
    def _(self, piece: Text) -> str:
        return self.text(piece.text)

    @piece.register
    def _(self, piece: Break) -> str:
        return "<br/>"

    @piece.register
    def _(self, piece: Math) -> str:
        return self.math(piece.latex, False)

    @piece.register
    def _(self, piece: Emphasis) -> str:
        tag = "strong" if piece.strong else "em"
        return f"<{tag}>{self.inline(piece.content)}</{tag}>"

    @piece.register
    def _(self, piece: Code) -> str:
        return f"<code>{self.text(piece.text)}</code>"

    @piece.register
    def _(self, piece: Link) -> str:
        return self.link(piece)

    @piece.register
    def _(self, piece: Case) -> str:
        hidden = "" if piece.is_shown else ' hidden="hidden"'
        kept = "" if piece.kept is None else f' data-kept="{piece.kept}"'
        return f'<span data-when="{piece.fact}"{kept}{hidden}>{self.inline(piece.content)}</span>'

    @piece.register
    def _(self, piece: Blank) -> str:
        return self.blank(piece)
