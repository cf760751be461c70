"""Boxes: what layout makes and drawing reads. Lengths are in em of the formula, y grows upwards from the baseline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from derive.typeset.font import Glyph


@dataclass(frozen=True, slots=True)
class Text:
    """Glyphs of one colour on one line. `texts` says what each stands for when copied."""

    glyphs: tuple[Glyph, ...]
    texts: tuple[str, ...]
    kerns: tuple[float, ...]  # space after each glyph, in em of the glyph
    size: float
    colour: str | None = None
    stretch: float = 1.0  # how much wider than drawn in the font: braces fit what they embrace


@dataclass(frozen=True, slots=True)
class Rule:
    """A filled rectangle standing on its y; with a `rise` the right end is higher by so much, as in a strike."""

    width: float
    height: float
    colour: str | None = None
    rise: float = 0.0


@dataclass(frozen=True, slots=True)
class Placed:
    """Something and where its left end of the baseline stands, within the box around it."""

    x: float
    y: float
    item: Box | Text | Rule


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle around a baseline, with the things in it.

    `italic` is how far the last glyph leans out at the top (included in `width`): a subscript moves back by it.
    `accent` is where the middle of an accent goes. `reads` replaces the text of the parts when copied.
    """

    width: float = 0.0
    height: float = 0.0
    depth: float = 0.0
    parts: tuple[Placed, ...] = ()
    italic: float = 0.0
    accent: float | None = None
    single: bool = False  # one character: scripts stand at their usual height
    reads: str | None = field(default=None)

    @property
    def extent(self) -> float:
        return self.height + self.depth

    def walk(self, x: float = 0.0, y: float = 0.0) -> Iterator[tuple[float, float, Text | Rule | Box]]:
        """Texts and rules with their places; a box that reads as something comes whole."""
        for part in self.parts:
            item = part.item
            if isinstance(item, Box) and item.reads is None:
                yield from item.walk(x + part.x, y + part.y)
            else:
                yield x + part.x, y + part.y, item


EMPTY = Box()


def space(width: float) -> Box:
    return Box(width=width)


def beside(boxes: Iterable[Box]) -> Box:
    """Boxes in a line on a common baseline."""
    boxes = list(boxes)
    parts, x = [], 0.0
    for box in boxes:
        if box.parts:
            parts.append(Placed(x, 0.0, box))
        x += box.width
    if not boxes:
        return EMPTY
    height, depth = max(0.0, *(box.height for box in boxes)), max(0.0, *(box.depth for box in boxes))
    return Box(x, height, depth, tuple(parts), italic=boxes[-1].italic)


def raised(box: Box, by: float) -> Box:
    """The box moved up by a length; its baseline stays where it was outside."""
    return Box(box.width, box.height + by, box.depth - by, (Placed(0.0, by, box),))


def padded(box: Box, left: float, right: float) -> Box:
    return Box(left + box.width + right, box.height, box.depth, (Placed(left, 0.0, box),))


def overlay(width: float, height: float, depth: float, *placed: Placed) -> Box:
    return Box(width, height, depth, placed)


def hidden(box: Box) -> Box:
    """The room of a box without its ink."""
    return replace(box, parts=())
