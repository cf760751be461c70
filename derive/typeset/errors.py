"""What can go wrong when mathematics is typeset."""

from __future__ import annotations


class MathError(ValueError):
    """Mathematics that cannot be set; the message says which part of it."""


class UnknownElement(MathError):
    """A MathML element that the layout does not know. Raised so that nothing is left out in silence."""

    def __init__(self, tag: str) -> None:
        super().__init__(f"the MathML element <{tag}> cannot be typeset: derive.typeset does not know it")
        self.tag = tag


class MissingGlyph(MathError):
    """A character that none of the packaged fonts holds."""

    def __init__(self, character: str) -> None:
        super().__init__(
            f"no packaged font has the character {character!r} (U+{ord(character):04X}); "
            "add it in derive/typeset/fonts/make_fonts.py"
        )
        self.character = character
