"""Shapes with their positions, of which a drawing is made before it is written as SVG or TikZ."""

import math
import re
from dataclasses import dataclass
from functools import cached_property

from derive.notation.names import GREEK

MANY_ARROWS = 60
WIDE_LETTERS = re.compile(r"[A-Zmw]{3,}|[A-Zmw]+(?=…)|(?<=…)[A-Zmw]+")
UNIT = 0.022  # cm a px on paper: 660 px are 14.5 cm


@dataclass(frozen=True)
class Circle:
    """A node's outline; a bias is a square of that size."""

    x: float
    y: float
    radius: float
    is_bias: bool
    marked: bool

    def is_near(self, dx: float, dy: float, margin: float) -> bool:
        """Whether the outline is within the margin of what lies so far from the centre, across and down."""
        return (max(dx, dy) if self.is_bias else math.hypot(dx, dy)) < self.radius + margin


@dataclass(frozen=True)
class Box:
    """The outline of a quantity, given or calculated: a box, with round ends where it is calculated."""

    x: float
    y: float
    width: float
    height: float
    is_given: bool

    @property
    def corner(self) -> float:
        """The radius of its corners."""
        return 3 if self.is_given else self.height / 2

    def is_near(self, dx: float, dy: float, margin: float) -> bool:
        """Whether the outline is within the margin of what lies so far from the centre, across and down."""
        return dx < self.width / 2 + margin and dy < self.height / 2 + margin


Outline = Circle | Box


@dataclass(frozen=True)
class Arrow:
    """A straight arrow from outline to outline."""

    x1: float
    y1: float
    x2: float
    y2: float
    marked: bool

    def at(self, share: float) -> tuple[float, float]:
        """Return the point at that share of the way."""
        return self.x1 + share * (self.x2 - self.x1), self.y1 + share * (self.y2 - self.y1)


@dataclass(frozen=True)
class Label:
    """A name, its index and a value, centred at a point; ``anchor`` start or end puts the point at a side."""

    x: float
    y: float
    stem: str
    index: str
    value: str
    size: float
    anchor: str = "middle"
    halo: bool = False
    marked: bool = False
    padding: float = 0.0

    @cached_property
    def width(self) -> float:
        """An estimate of its width with what is kept free at its sides, on the safe side."""
        stem = 1 if self.stem in GREEK else _letters(self.stem)
        value = len(self.value) + (2.8 if self.value and self.stem else 0)
        return self.size * (0.56 * (stem + value) + 0.42 * _letters(self.index)) + 2 * self.padding

    def overlaps(self, other: "Label", margin: float = 2.0) -> bool:
        """Whether the two would touch."""
        near_x = abs(self.x - other.x) < (self.width + other.width) / 2 + margin
        return near_x and abs(self.y - other.y) < 0.62 * (self.size + other.size) + margin

    def touches(self, outline: Outline, margin: float = 2.0) -> bool:
        """Whether it would touch the node."""
        dx = max(abs(self.x - outline.x) - self.width / 2, 0)
        dy = max(abs(self.y - outline.y) - 0.62 * self.size, 0)
        return outline.is_near(dx, dy, margin)

    def crosses(self, arrow: Arrow) -> bool:
        """Whether the arrow runs through it: some part of the line lies within its width and its height."""
        start, end = 0.0, 1.0
        sides = (
            (arrow.x1 - self.x, arrow.x2 - arrow.x1, self.width / 2),
            (arrow.y1 - self.y, arrow.y2 - arrow.y1, 0.6 * self.size),
        )
        for offset, change, half in sides:
            if change == 0:
                if abs(offset) > half:
                    return False
                continue
            first, last = sorted(((-half - offset) / change, (half - offset) / change))
            start, end = max(start, first), min(end, last)
        return start < end


def _letters(text: str) -> float:
    """Return how many letters wide the text is: in a name in capitals each counts for two."""
    return len(text) + sum(map(len, WIDE_LETTERS.findall(text)))


@dataclass(frozen=True)
class Scene:
    """All shapes, positions in px; ``width`` and ``height`` are those of the drawing, ``unit`` cm a px in TikZ."""

    width: float
    height: float
    outlines: tuple[Outline, ...]
    arrows: tuple[Arrow, ...]
    labels: tuple[Label, ...]
    unit: float = UNIT

    @property
    def circles(self) -> tuple[Circle, ...]:
        """The outlines that are circles or squares."""
        return tuple(outline for outline in self.outlines if isinstance(outline, Circle))

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The outlines that are boxes."""
        return tuple(outline for outline in self.outlines if isinstance(outline, Box))

    @property
    def is_dense(self) -> bool:
        """Whether there are so many arrows that their lines should be thin."""
        return len(self.arrows) > MANY_ARROWS
