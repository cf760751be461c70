"""Boxes → PDF text operators, and the object that WeasyPrint's image cache holds for a formula.

`embedding.py` lists what of WeasyPrint's is used that is not promised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import md5
from typing import Any

from derive.typeset.boxes import Box, Rule, Text
from derive.typeset.errors import MathError
from derive.typeset.font import Glyph

# Colours that LaTeX and MathML know by name; others are written #rrggbb.
NAMED_COLOURS = {
    "black": "#000000", "white": "#ffffff", "red": "#ff0000", "green": "#008000", "blue": "#0000ff",
    "gray": "#808080", "grey": "#808080", "orange": "#ffa500", "purple": "#800080", "brown": "#a52a2a",
    "teal": "#008080", "cyan": "#00ffff", "magenta": "#ff00ff", "yellow": "#ffff00", "darkgray": "#a9a9a9",
}  # fmt: skip


def number(value: float) -> str:
    """A length as PDF writes it: four places are a thousandth of a point in running text."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def colour_operator(colour: str) -> str:
    """The operator that sets the colour of filling. Raises MathError for a colour that is not known."""
    digits = NAMED_COLOURS.get(colour.lower(), colour).removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    try:
        red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    except ValueError as error:
        raise MathError(f"the colour {colour!r} is neither #rrggbb nor one of {sorted(NAMED_COLOURS)}") from error
    return f"{number(red)} {number(green)} {number(blue)} rg"


@cache
def resource_name(face_name: str) -> str:
    """The name of a font in the page's resources: six capitals, as a subset's tag must be, the same every time."""
    digest = md5(f"derive.typeset {face_name}".encode(), usedforsecurity=False).digest()
    return "".join(chr(65 + byte % 26) for byte in digest[:6])


@dataclass(frozen=True)
class Drawing:
    """A box ready for a page: operators in em (y upwards from the baseline) and the glyphs that they use."""

    box: Box

    @cached_property
    def operators(self) -> bytes:
        """Text in reading order, then rules; each colour within its own graphics state."""
        items = list(self.box.walk())
        colours = dict.fromkeys(colour for _, _, item in items for colour in _colours(item))
        groups = [_operators(items, colour) for colour in colours]
        return "\n".join(groups).encode("ascii")

    @cached_property
    def glyphs(self) -> Mapping[str, Mapping[int, tuple[Glyph, str]]]:
        """By face and index the glyphs drawn, with the text that each stands for."""
        found: dict[str, dict[int, tuple[Glyph, str]]] = {}
        for text in _texts(self.box):
            for glyph, meaning in zip(text.glyphs, text.texts, strict=True):
                found.setdefault(glyph.face, {}).setdefault(glyph.index, (glyph, meaning))
        return found


def _texts(box: Box) -> Iterable[Text]:
    for _, _, item in box.walk():
        if isinstance(item, Text):
            yield item
        elif isinstance(item, Box):
            yield from (part.item for part in item.parts if isinstance(part.item, Text))


def _colours(item: Text | Rule | Box) -> list[str | None]:
    if isinstance(item, Box):
        return [part.item.colour for part in item.parts if not isinstance(part.item, Box)]
    return [item.colour]


def _operators(items: list[tuple[float, float, Text | Rule | Box]], colour: str | None) -> str:
    shown = [(x, y, item) for x, y, item in items if colour in _colours(item)]
    pen = _Pen()
    for x, y, item in shown:
        if isinstance(item, Text):
            pen.text(x, y, item)
        elif isinstance(item, Box):
            pen.assembly(x, y, item)
    rules = [_rule(x, y, item) for x, y, item in shown if isinstance(item, Rule)]
    lines = ["BT", *pen.lines, "ET"] if pen.lines else []
    lines += [*rules, "f"] if rules else []
    if colour:
        lines = ["q", colour_operator(colour), *lines, "Q"]
    return "\n".join(lines)


def _rule(x: float, y: float, rule: Rule) -> str:
    if not rule.rise:
        return f"{number(x)} {number(y)} {number(rule.width)} {number(rule.height)} re"
    corners = [
        (x, y),
        (x + rule.width, y + rule.rise),
        (x + rule.width, y + rule.rise + rule.height),
        (x, y + rule.height),
    ]
    (start, *path) = [f"{number(across)} {number(up)}" for across, up in corners]
    return f"{start} m " + " ".join(f"{point} l" for point in path) + " h"


class _Pen:
    """Writes text operators, and the font only when it changes."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._font: tuple[str, float] | None = None

    def text(self, x: float, y: float, text: Text) -> None:
        self._select(text.glyphs[0].face, text.size)
        self.lines.append(f"{number(text.stretch)} 0 0 1 {number(x)} {number(y)} Tm")
        shown, face_name, advance = "<", text.glyphs[0].face, 0.0
        for glyph, kern in zip(text.glyphs, text.kerns, strict=True):
            if glyph.face != face_name:
                # A character from the other font: a new string, placed anew.
                self.lines.append(_shown(shown))
                self._select(glyph.face, text.size)
                self.lines.append(f"1 0 0 1 {number(x + advance * text.size)} {number(y)} Tm")
                shown, face_name = "<", glyph.face
            shown += f"{glyph.index:04x}"
            advance += glyph.width + kern
            if kern:
                shown += f">{number(-kern * 1000)}<"
        self.lines.append(_shown(shown))

    def assembly(self, x: float, y: float, box: Box) -> None:
        """Parts of one sign, which is read and copied once."""
        meaning = (box.reads or "").encode("utf-16-be").hex()
        self.lines.append(f"/Span <</ActualText <feff{meaning}>>> BDC")
        for part in box.parts:
            if isinstance(part.item, Text):
                self.text(x + part.x, y + part.y, part.item)
        self.lines.append("EMC")

    def _select(self, face_name: str, size: float) -> None:
        if (face_name, size) != self._font:
            self._font = (face_name, size)
            self.lines.append(f"/{resource_name(face_name)} {number(size)} Tf")


def _shown(hexadecimal: str) -> str:
    """One string alone as Tj, several with kerns between as TJ."""
    text = (hexadecimal + ">").removesuffix("<>")
    return f"[{text}] TJ" if text.count("<") > 1 or not text.endswith(">") else f"{text} Tj"


@dataclass(frozen=True)
class MathImage:
    """What WeasyPrint finds in its image cache: a formula that takes the size of the text around it.

    `scale` below 1 makes room for what is too wide for the line and cannot be broken.
    """

    drawing: Drawing
    scale: float = 1.0

    def get_intrinsic_size(self, resolution: object, font_size: float) -> tuple[float, float, float | None]:
        """Width, height and their ratio, in CSS pixels."""
        box = self.drawing.box
        width, height = box.width * self.scale * font_size, box.extent * self.scale * font_size
        return width, height, width / height if height else None

    def draw(self, stream: Any, width: float, height: float, style: Mapping[str, Any]) -> None:
        """Put the formula on a page, its upper left corner at the origin."""
        from derive.typeset.embedding import register  # WeasyPrint is slow to load

        box = self.drawing.box
        for name, glyphs in self.drawing.glyphs.items():
            register(stream, name, resource_name(name), glyphs)
        scale = width / box.width
        stream.set_color(style["color"])
        stream.transform(scale, 0, 0, -scale, 0, box.height * scale)
        stream.stream.append(self.drawing.operators)
