"""How wide text and formulas are, in em, before anything is set."""

from __future__ import annotations

from functools import lru_cache

from derive.typeset.breaking import inline_pieces
from derive.typeset.errors import MissingGlyph
from derive.typeset.font import TEXT_FACE, face, glyph_for
from derive.typeset.layout import Style, layout
from derive.typeset.mathml import Node, parse


@lru_cache(maxsize=8192)
def formula_widths(mathml: str) -> tuple[float, float]:
    """How wide a formula in a line of text is, and the widest piece of it that stays on one line.

    Raises MathError for what cannot be set.
    """
    root = parse(mathml)
    pieces = inline_pieces(Node(root.tag, {**root.attributes, "display": "inline"}, root.children), 0.0)
    return sum(piece.box.width + piece.gap for piece in pieces), max(piece.box.width for piece in pieces)


@lru_cache(maxsize=8192)
def display_width(mathml: str) -> float:
    """How wide a formula is as a display, none of its lines broken."""
    root = parse(mathml)
    return layout(Node(root.tag, {**root.attributes, "display": "block"}, root.children), Style(display=True)).width


@lru_cache(maxsize=8192)
def text_width(text: str) -> float:
    """How wide a text is; a character that the fonts lack counts as a wide one.

    >>> text_width("") < text_width("ill") < text_width("WWW")
    True
    """
    return sum(map(_character_width, text))


def _character_width(character: str) -> float:
    roman = face(TEXT_FACE)
    index = roman.find(character)
    if index is not None:
        return roman.glyph(index).width
    try:
        return glyph_for(character).width
    except MissingGlyph:
        return 1.0
