"""Signs that grow: fences, roots, braces, arrows and big operators, from the font's variants and assemblies."""

from __future__ import annotations

import itertools
from dataclasses import replace
from math import ceil

from derive.typeset.boxes import Box, Placed, Text, padded
from derive.typeset.font import Glyph, Piece, glyph_for, math_face
from derive.typeset.layout import Style
from derive.typeset.operators import INTEGRALS

# A variant this much smaller than asked for still serves: TeX's own sizes differ by as much from MathML's.
TOLERANCE = 0.02
# The room that TeX gives these fences; Latin Modern Math draws them narrower.
BAR_WIDTHS = {"|": 0.278, "‖": 0.5, "∥": 0.5}
# The room above and below a sum in a display, in cmex10; Latin Modern Math has only the ink.
BIG_ROOM = 0.1
# How far an integral's lower limit moves back, by display: TeX's italic correction in cmex10. Latin Modern Math gives
# more, which sets the limit into the sign's foot.
INTEGRAL_LEAN = {False: 0.194, True: 0.444}


def fence(sign: str, target: float, style: Style) -> Box:
    """A fence at least `target` em tall (in em of the formula), its middle on the axis."""
    box = centred(vertical(sign, target, style), style)
    if sign in BAR_WIDTHS:
        side = max(0.0, (BAR_WIDTHS[sign] * style.size - box.width) / 2)
        return padded(box, side, side)
    return box


def big_fence(sign: str, target: float, style: Style) -> Box:
    """The fence of \\big and its like: TeX's sizes are 1.2, 1.8, 2.4 and 3 em, which math-core gives a little small."""
    return fence(sign, target if target < 1.3 else target * 1.1, style)


def big_operator(sign: str, style: Style) -> Box:
    """∑ and its like, larger in a display, its middle on the axis."""
    target = style.constant("DisplayOperatorMinHeight") if style.display else 0.0
    box = centred(vertical(sign, target, style), style)
    if sign in INTEGRALS:
        return replace(box, italic=INTEGRAL_LEAN[style.display] * style.size)
    room = BIG_ROOM * style.size if style.display else 0.0
    return replace(box, height=box.height + room, depth=box.depth + room)


def centred(box: Box, style: Style) -> Box:
    """The box moved so that its middle stands on the axis."""
    shift = style.axis - (box.height - box.depth) / 2
    half = box.extent / 2
    return Box(
        box.width,
        style.axis + half,
        half - style.axis,
        (Placed(0.0, shift, box),),
        italic=box.italic,
    )


def vertical(sign: str, target: float, style: Style) -> Box:
    """The sign in the first size that is tall enough, else put together from parts; on its own baseline."""
    plain = glyph_for(sign, style.level)
    full = glyph_for(sign)
    sizes = [glyph for glyph, _ in math_face().variants(full.index, vertical=True)]
    if plain != full:
        sizes = [plain, *sizes[1:]]
    for glyph in sizes or [plain]:
        if (glyph.top - glyph.bottom + TOLERANCE) * style.size >= target:
            return glyph_box(glyph, sign, style)
    pieces = math_face().assembly(full.index, vertical=True)
    if pieces:
        return _tower(pieces, target / style.size, sign, style)
    return glyph_box(sizes[-1] if sizes else plain, sign, style)


def horizontal(sign: str, target: float, style: Style, *, at_most: bool = False) -> Box | None:
    """The sign as wide as the target: of a hat the widest size that fits (`at_most`), a brace or arrow just so wide.

    None when the font has this sign in one width only.
    """
    base = glyph_for(sign)
    sizes = math_face().variants(base.index, vertical=False)
    pieces = math_face().assembly(base.index, vertical=False)
    if not sizes and not pieces:
        return None
    if at_most:
        fitting = [glyph for glyph, extent in sizes if extent * style.size <= target + TOLERANCE]
        return glyph_box(fitting[-1] if fitting else base, sign, style)
    widest = max((extent for _, extent in sizes), default=0.0) * style.size
    if pieces and target > widest:
        return _chain(pieces, target / style.size, sign, style)
    glyph, extent = min(sizes, key=lambda size: abs(size[1] * style.size - target))
    return glyph_box(glyph, sign, style, target / (extent * style.size) if target >= extent / 2 else 1.0)


def glyph_box(glyph: Glyph, sign: str, style: Style, stretch: float = 1.0) -> Box:
    size = style.size
    text = Text((glyph,), (sign,), (0.0,), size, style.colour, stretch)
    return Box(
        glyph.width * stretch * size,
        glyph.top * size,
        -glyph.bottom * size,
        (Placed(0.0, 0.0, text),),
        italic=glyph.italic * size,
        accent=glyph.accent * size,
    )


def _spread(pieces: list[Piece], target: float) -> tuple[list[Piece], float]:
    """The parts with extenders repeated to reach the target, and by how much neighbours overlap."""
    overlap = math_face().overlap
    fixed = [piece for piece in pieces if not piece.extender]
    growing = [piece for piece in pieces if piece.extender]
    bare = sum(piece.extent for piece in fixed) - overlap * (len(fixed) - 1)
    step = sum(piece.extent - overlap for piece in growing)
    repeats = max(0, ceil((target - bare) / step - 1e-9)) if step > 0 else 0
    chosen = [piece for piece in pieces for _ in range(repeats if piece.extender else 1)]
    joints = len(chosen) - 1
    if joints < 1:
        return chosen, 0.0
    # More overlap than the least makes the sign just as tall as asked for, where the connectors allow it.
    excess = (sum(piece.extent for piece in chosen) - target) / joints
    allowed = min(min(a.end, b.start) for a, b in itertools.pairwise(chosen))
    return chosen, max(overlap, min(excess, allowed))


def _tower(pieces: list[Piece], target: float, sign: str, style: Style) -> Box:
    chosen, overlap = _spread(pieces, target)
    size, y, parts = style.size, 0.0, []
    for piece in chosen:
        text = Text((piece.glyph,), (sign,), (0.0,), size, style.colour)
        parts.append(Placed(0.0, (y - piece.glyph.bottom) * size, text))
        y += piece.extent - overlap
    width = max(piece.glyph.width for piece in chosen) * size
    return Box(width, (y + overlap) * size, 0.0, tuple(parts), reads=sign)


def _chain(pieces: list[Piece], target: float, sign: str, style: Style) -> Box:
    chosen, overlap = _spread(pieces, target)
    size, x, parts = style.size, 0.0, []
    for piece in chosen:
        text = Text((piece.glyph,), (sign,), (0.0,), size, style.colour)
        parts.append(Placed((x - piece.glyph.left) * size, 0.0, text))
        x += piece.extent - overlap
    top = max(piece.glyph.top for piece in chosen) * size
    bottom = min(piece.glyph.bottom for piece in chosen) * size
    return Box((x + overlap) * size, top, -bottom, tuple(parts), reads=sign)
