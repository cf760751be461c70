"""Shapes with their positions, of which a drawing is made before it is written as SVG or TikZ."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from derive.figure.text import Runs, runs, width_of, words
from derive.notation.names import Spelling

MANY_ARROWS = 60
UNIT = 0.022  # cm a px on paper: 660 px are 14.5 cm
HEAD = 6.0  # px: the length of an arrow's head
LOWERED = 0.33  # of its size: from the middle of a line of text to its base line
MARGIN = 2.0  # px: how far things stay apart
CLEARLY = 1.0  # px: more than rounding moves an edge
APART = 5.0  # px: how far what stands side by side does, so that it is not read as one


class Area(NamedTuple):
    """A rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    def is_near(self, other: "Area") -> bool:
        """Whether the two are no further apart than what stands beside the other must be."""
        return (
            self.left < other.right + APART
            and other.left < self.right + APART
            and self.top < other.bottom + MARGIN
            and other.top < self.bottom + MARGIN
        )


@dataclass(frozen=True)
class Box:
    """The outline of a node; ``corner`` is the radius of its corners: half of its height makes it round.

    A dashed one is one of several that stand for the same quantity. ``about`` is its name, also of other shapes.
    """

    x: float
    y: float
    width: float
    height: float
    corner: float
    marked: bool = False
    dashed: bool = False
    about: str = ""

    @property
    def area(self) -> Area:
        """The rectangle that it fills."""
        across, down = self.width / 2, self.height / 2
        return Area(self.x - across, self.y - down, self.x + across, self.y + down)

    def edge(self, dy: float) -> float:
        """Return how far from its middle its edge is, so far above or below its middle."""
        over = max(abs(dy) - self.height / 2 + self.corner, 0.0)
        return self.width / 2 - self.corner + math.sqrt(max(self.corner**2 - over**2, 0.0))


@dataclass(frozen=True)
class Arrow:
    """A straight arrow from outline to outline; its line is left out where its label stands, from share to share.

    Without a head it is the first or the middle part of an arrow that bends. ``about`` are the quantities that it
    belongs to, with spaces between them.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    marked: bool = False
    gap: tuple[float, float] | None = None
    has_head: bool = True
    about: str = ""

    def at(self, share: float) -> tuple[float, float]:
        """Return the point at that share of the way."""
        return self.x1 + share * (self.x2 - self.x1), self.y1 + share * (self.y2 - self.y1)

    def within(self, area: Area, margin: float = MARGIN) -> tuple[float, float] | None:
        """Return from which share of the way to which it runs within an area and its margin; None where it does not."""
        start, end = 0.0, 1.0
        sides = (
            (self.x1, self.x2 - self.x1, area.left - margin, area.right + margin),
            (self.y1, self.y2 - self.y1, area.top - margin, area.bottom + margin),
        )
        for origin, change, low, high in sides:
            if change == 0:
                if not low < origin < high:
                    return None
                continue
            first, last = sorted(((low - origin) / change, (high - origin) / change))
            start, end = max(start, first), min(end, last)
        return (start, end) if start < end else None

    def meets(self, area: Area, margin: float = MARGIN) -> bool:
        """Whether it runs within an area and its margin; most areas lie above it or below it."""
        top, bottom = (self.y1, self.y2) if self.y1 < self.y2 else (self.y2, self.y1)
        if area.bottom + margin + CLEARLY < top or bottom + CLEARLY < area.top - margin:
            return False
        return self.within(area, margin) is not None


@dataclass(frozen=True)
class Label:
    """A name, a number, or both, centred at a point; ``anchor`` start or end puts the point at a side.

    ``sign`` is text that is neither. What is slanted is a number of another kind than those that stand upright.
    Where ``of`` is given, it is the value of the derivative of that with respect to the name. ``relation`` stands
    between a name and its value.
    """

    x: float
    y: float
    size: float
    name: Spelling | None = None
    value: str = ""
    sign: str = ""
    anchor: str = "middle"
    marked: bool = False
    slanted: bool = False
    of: Spelling | None = None
    relation: str = "="
    about: str = ""

    @cached_property
    def runs(self) -> Runs:
        """What is written."""
        if self.sign:
            return words(str(self.sign))
        return runs(self.name, str(self.value), slanted=self.slanted, of=self.of, relation=str(self.relation))

    @cached_property
    def width(self) -> float:
        """How wide it is."""
        return self.size * width_of(self.runs)

    @property
    def base(self) -> float:
        """Where its base line is."""
        return self.y + LOWERED * self.size

    @cached_property
    def area(self) -> Area:
        """The rectangle that its ink fills."""
        return self.area_at(self.x, self.y)

    def area_at(self, x: float, y: float) -> Area:
        """Return the rectangle that its ink would fill at another point."""
        before, width, above, below = self._extent
        left, base = x - before, y + LOWERED * self.size
        return Area(left, base - above, left + width, base + below)

    @cached_property
    def _extent(self) -> tuple[float, float, float, float]:
        """How far its ink is before its point, how wide it is, and how far it is above and below its base line."""
        before = {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor] * self.width
        above, below = max(run.top for run in self.runs), max(run.bottom for run in self.runs)
        return before, self.width, self.size * above, self.size * below

    def room_in(self, height: float, corner: float) -> float:
        """Return how wide a node of that height and with these corners is at least that has it at its middle."""
        area = self.area_at(0, 0)
        inset = height / 2 - Box(0, 0, height, height, corner).edge(max(-area.top, area.bottom))
        return self.width + 2 * inset

    def at(self, x: float, y: float) -> "Label":
        """Return it at another point."""
        return replace(self, x=x, y=y)


@dataclass(frozen=True)
class Scene:
    """All shapes, positions in px; ``width`` and ``height`` are those of the drawing, ``unit`` cm a px on paper."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    labels: tuple[Label, ...]
    unit: float = UNIT

    @property
    def of_nothing(self) -> "Scene":
        """The same without what its shapes are about."""
        return replace(
            self,
            boxes=tuple(replace(box, about="") for box in self.boxes),
            arrows=tuple(replace(arrow, about="") for arrow in self.arrows),
            labels=tuple(replace(label, about="") for label in self.labels),
        )

    @property
    def line(self) -> float:
        """How thick an arrow is, in px: thin where there are many."""
        return 0.4 if self._has_many else 0.8

    @property
    def head(self) -> float:
        """How long an arrow's head is, in px."""
        return 0.65 * HEAD if self._has_many else HEAD

    @cached_property
    def _has_many(self) -> bool:
        return sum(arrow.has_head for arrow in self.arrows) > MANY_ARROWS


def lowest(shapes: Sequence[Box | Label]) -> float:
    """Return where the lowest of them ends."""
    return max(shape.area.bottom for shape in shapes)
