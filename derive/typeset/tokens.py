"""Letters, numbers, words, signs and spaces."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from derive.typeset import dots, stretch
from derive.typeset.boxes import EMPTY, Box, Placed, Text
from derive.typeset.font import TEXT_FACE, Glyph, face, glyph_for
from derive.typeset.layout import Style, sets
from derive.typeset.mathml import INVISIBLE, Node, length
from derive.typeset.operators import operator

# Signs that are typed one way and set another.
SET_AS = {"-": "−", "*": "∗", "'": "′", "⟂": "⊥", "■": "∎"}
IN_WORDS = {"'": "’"}
# Zero-width characters and soft hyphens.
UNSEEN = INVISIBLE | frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_GREEK_ITALIC = dict(zip("∂ϵϑϰϕϱϖ∇", [0x1D715 + i for i in range(7)] + [0x1D6FB], strict=True))


def italic(character: str) -> str:
    """The mathematical italic form of a letter, other characters unchanged.

    >>> italic("x"), italic("h"), italic("5")
    ('𝑥', 'ℎ', '5')
    """
    code = ord(character)
    if character == "h":
        return "ℎ"
    if "A" <= character <= "Z":
        return chr(0x1D434 + code - 65)
    if "a" <= character <= "z":
        return chr(0x1D44E + code - 97)
    if 0x391 <= code <= 0x3A9:
        return chr(0x1D6E2 + code - 0x391)
    if 0x3B1 <= code <= 0x3C9:
        return chr(0x1D6FC + code - 0x3B1)
    return chr(_GREEK_ITALIC[character]) if character in _GREEK_ITALIC else character


@lru_cache(maxsize=1024)
def plain(character: str) -> str:
    """What a character gives when it is copied: an italic or bold letter is that letter.

    >>> plain("𝑛"), plain("𝐖"), plain("−")
    ('n', 'W', '−')
    """
    folded = unicodedata.normalize("NFKC", character)
    return folded if folded.isalnum() or ord(character) >= 0x1D400 else character


@lru_cache(maxsize=8192)
def set_text(text: str, style: Style, *, kerned: bool = False) -> Box:
    """Characters in a line. Words are `kerned`, as in running text."""
    table = IN_WORDS if kerned else SET_AS
    characters = [_set_as(character, table) for character in text if character not in UNSEEN]
    if not characters:
        return EMPTY
    glyphs = tuple(glyph_for(character, style.level) for character in characters)
    kerns = _kerns(characters) if kerned else (0.0,) * len(glyphs)
    texts = tuple(plain(character) for character in characters)
    return text_box(glyphs, texts, kerns, style)


def _set_as(character: str, table: Mapping[str, str]) -> str:
    return " " if character.isspace() else table.get(character, character)


def text_box(
    glyphs: tuple[Glyph, ...],
    texts: tuple[str, ...],
    kerns: tuple[float, ...],
    style: Style,
) -> Box:
    size, last = style.size, glyphs[-1]
    width = sum(glyph.width for glyph in glyphs) + sum(kerns) + last.italic
    return Box(
        width * size,
        max(glyph.top for glyph in glyphs) * size,
        max(0.0, -min(glyph.bottom for glyph in glyphs)) * size,
        (Placed(0.0, 0.0, Text(glyphs, texts, kerns, size, style.colour)),),
        italic=last.italic * size,
        accent=glyphs[0].accent * size if len(glyphs) == 1 else None,
        single=len(glyphs) == 1,
    )


def _kerns(characters: list[str]) -> tuple[float, ...]:
    roman = face(TEXT_FACE)
    pairs = itertools.pairwise(characters)
    return (*(roman.kern(left, right) for left, right in pairs), 0.0)


@sets("mi")
def _identifier(node: Node, style: Style) -> Box:
    # A single letter is a quantity and italic, a word is a name and upright.
    if node.text in dots.DOTS:
        return dots.dots(node.text, style)
    if len(node.text) == 1 and node.get("mathvariant") != "normal":
        return set_text(italic(node.text), style)
    return set_text(node.text, style, kerned=True)


@sets("mn")
def _number(node: Node, style: Style) -> Box:
    return set_text(node.text, style)


@sets("mtext", "ms")
def _words(node: Node, style: Style) -> Box:
    return set_text(node.text, style, kerned=True)


@sets("mo")
def _operator(node: Node, style: Style) -> Box:
    """A sign in its own size; rows and limits stretch it where they know to what."""
    text = node.text
    if not text or text in INVISIBLE:
        return EMPTY
    if text in dots.DOTS:
        return dots.dots(text, style)
    if node.get("minsize") and len(text) == 1:
        return stretch.big_fence(text, length(node.get("minsize")), style)
    if text in stretch.BAR_WIDTHS:
        return stretch.fence(text, 0.0, style)
    entry = operator(text, "infix")
    if entry.large and len(text) == 1:
        return stretch.big_operator(text, style)
    return set_text(text, style)


@sets("mspace")
def _space(node: Node, style: Style) -> Box:
    width = length(node.get("width")) + length(node.css.get("margin-left", ""))
    return Box(width * style.size, length(node.get("height")), length(node.get("depth")))


@sets("none", "mprescripts")
def _nothing(node: Node, style: Style) -> Box:
    return EMPTY
