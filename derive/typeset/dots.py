"""Three dots, as far apart as in TeX: the font's own signs stand closer and read as one."""

from __future__ import annotations

from derive.typeset.boxes import Box, Placed, Text
from derive.typeset.font import glyph_for
from derive.typeset.layout import Style
from derive.typeset.operators import THIN

# Where plain TeX's \\vdots and \\ddots have their dots, from 10 pt; both are 1.5 em tall.
_VERTICAL = ((0.0, 0.8), (0.0, 0.4), (0.0, 0.0))
_DIAGONAL = ((0.055, 0.7), (0.444, 0.4), (0.833, 0.1))
DOTS = {"…": ".", "⋯": "⋅", "⋮": ".", "⋱": "."}


def dots(sign: str, style: Style) -> Box:
    """The dots of one sign, copied as that sign."""
    glyph = glyph_for(DOTS[sign], style.level)
    size, step = style.size, glyph.width + THIN
    row = ((0.0, 0.0), (step, 0.0), (2 * step, 0.0))
    places = {"⋮": _VERTICAL, "⋱": _DIAGONAL}.get(sign, row)
    text = Text((glyph,), (DOTS[sign],), (0.0,), size, style.colour)
    parts = tuple(Placed(x * size, y * size, text) for x, y in places)
    width = max(x for x, _ in places) + glyph.width + (0.055 if sign == "⋱" else 0.0)
    height = 1.5 if sign in "⋮⋱" else glyph.top
    return Box(width * size, height * size, 0.0, parts, reads=sign)
