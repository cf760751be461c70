"""The ways of arrows between columns: straight from node to node where nothing stands in between, else with bends."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from derive.figure.places import heads, parted, placed
from derive.figure.scene import HEAD, MARGIN, Area, Arrow, Box, Label

LEVEL = 2.0  # px at least: of a level part
BEFORE = 1.5  # px between an arrow's head and its node
HEAD_SIDE = 0.4 * HEAD  # px: from an arrow to the sides of its head
SPREAD = 0.66  # of a node's height: where heads may end
LEAST_GAP, MOST_GAP, GAP_STEP = 26.0, 200.0, 9.0  # px between two columns
MOST_NUMBERS = 18  # on arrows between two columns: of more, none is found
STEEPEST_NARROW = 0.1  # the same as the next where room is scarce
STEEPEST = 0.3  # px across for one down, at least, as long as that is not much
MOST_FOR_STEEP = 110.0  # px
CLEAR = 4.0  # px more beside a value or gradient, so that a number on an arrow is not read with it
ARROW_ROOM = 17.0  # px: at least beside a number on an arrow


@dataclass(frozen=True)
class Point:
    """Where arrows start and end in a column: at a node, or at the place of a long arrow, which has no box.

    ``y`` is how high it is; ``box`` is in the px of its column, whose middle is 0.
    """

    y: float
    box: Box | None = None


@dataclass(frozen=True)
class Strip:
    """A column: how wide it is, its points by their number, and what stands in it, its middle at 0."""

    width: float
    points: Mapping[int, Point]
    texts: tuple[Area, ...] = ()

    def areas(self, x: float, beside: float) -> list[Area]:
        """Return where its nodes, its texts with room beside them and its long arrows are, its middle being there."""
        boxes = [point.box.area for point in self.points.values() if point.box is not None]
        texts = [Area(a.left - beside, a.top, a.right + beside, a.bottom) for a in self.texts]
        half = self.width / 2
        lines = [Area(-half, point.y, half, point.y) for point in self.points.values() if point.box is None]
        return [Area(a.left + x, a.top, a.right + x, a.bottom) for a in (*boxes, *texts, *lines)]


@dataclass(frozen=True)
class Gap:
    """What lies between two columns: how wide it is, its arrows in the order of its links, and their numbers."""

    width: float
    arrows: tuple[tuple[Arrow, ...], ...]
    labels: tuple[Label, ...]


def routed(
    left: Strip,
    right: Strip,
    links: Sequence[tuple[int, int, bool]],
    numbers: Mapping[int, Label],
    *,
    is_narrow: bool = False,
) -> Gap | None:
    """Return the arrows between two columns on the narrowest room in which their numbers touch nothing.

    A link is a point of each, and whether it is marked; ``numbers`` has labels by the number of their link. The middle
    of the left column is at 0. None where the numbers have no room.
    """
    down = max((abs(left.points[a].y - right.points[b].y) for a, b, _ in links), default=0.0)
    if len(numbers) > MOST_NUMBERS:
        return None
    steepest = STEEPEST_NARROW if is_narrow else STEEPEST
    width = max(LEAST_GAP, min(steepest * down, MOST_FOR_STEEP))
    width = max(width, *(label.width + ARROW_ROOM for label in numbers.values())) if numbers else width
    while width <= MOST_GAP:
        x = left.width / 2 + width + right.width / 2
        arrows = _arrows(left, right, links, x)
        longest = [_longest(parts) for parts in arrows]
        taken = [*left.areas(0, CLEAR), *right.areas(x, CLEAR)]
        # The other parts of arrows that bend are in the way, too.
        others = [part for parts in arrows for part in parts if part is not _longest(parts)]
        taken += [_around(part) for part in others]
        labels = placed(numbers, longest, taken)
        if labels is not None:
            found = tuple(
                tuple(parted(part, labels.get(number)) if part is longest[number] else part for part in parts)
                for number, parts in enumerate(arrows)
            )
            return Gap(width, found, tuple(labels.values()))
        width += GAP_STEP
    return None


def _longest(parts: Sequence[Arrow]) -> Arrow:
    return max(parts, key=lambda part: part.x2 - part.x1)


def _around(arrow: Arrow) -> Area:
    top, bottom = sorted((arrow.y1, arrow.y2))
    return Area(arrow.x1, top - HEAD_SIDE, arrow.x2, bottom + HEAD_SIDE)


def _arrows(left: Strip, right: Strip, links: Sequence[tuple[int, int, bool]], x: float) -> list[tuple[Arrow, ...]]:
    ends = _ends(left, right, links)
    found = []
    before, behind = _but_each(left, 0), _but_each(right, x)
    for (source, target, marked), height in zip(links, ends, strict=True):
        start, end = left.points[source], right.points[target]
        begin = (left.width / 2, start.y)
        if start.box is not None:
            begin = (start.box.area.right, start.y)
        finish = (x - right.width / 2, end.y)
        if end.box is not None:
            finish = (x + end.box.x - end.box.edge(height - end.box.y) - BEFORE, height)
        bounds = left.width / 2, x - right.width / 2
        found.append(_bent(begin, finish, bounds, (*before[source], *behind[target]), marked, end.box is not None))
    return found


def _but_each(strip: Strip, x: float) -> dict[int, list[Area]]:
    """Return what is in the way of an arrow to or from each point: all but its own node."""
    boxes = {number: point.box.area for number, point in strip.points.items() if point.box is not None}
    moved = {number: Area(a.left + x, a.top, a.right + x, a.bottom) for number, a in boxes.items()}
    texts = [Area(a.left + x, a.top, a.right + x, a.bottom) for a in strip.texts]
    return {point: [*texts, *(area for node, area in moved.items() if node != point)] for point in strip.points}


def _bent(
    begin: tuple[float, float],
    finish: tuple[float, float],
    bounds: tuple[float, float],
    areas: Sequence[Area],
    marked: bool,
    has_head: bool,
) -> tuple[Arrow, ...]:
    """Return the arrow straight, or level within the columns in which it would touch something otherwise.

    ``bounds`` are where one column ends and the next one begins.
    """
    out = (max(bounds[0], begin[0] + LEVEL), begin[1])
    into = (min(bounds[1], finish[0] - (HEAD + LEVEL) * has_head), finish[1])
    starts = [[begin]] if begin[0] >= bounds[0] else [[begin], [begin, out]]
    tries = [*starts, *([*start, into] for start in starts if has_head)]
    for bends in tries:
        ends = zip(bends, [*bends[1:], finish], strict=True)
        if not any(_touches(one, other, near) for one, other in ends for near in _near(one, other, areas)):
            break
    bends.append(_before_node(bends[-1], finish) if has_head else finish)
    return tuple(
        Arrow(*one, *other, marked, has_head=has_head and number == len(bends) - 2)
        for number, (one, other) in enumerate(pairwise(bends))
    )


def _near(start: tuple[float, float], end: tuple[float, float], areas: Sequence[Area]) -> list[Area]:
    """Return the areas that a line may touch: those that lie neither above nor below both its ends."""
    top, bottom = sorted((start[1], end[1]))
    return [area for area in areas if area.top - MARGIN <= bottom and area.bottom + MARGIN >= top]


def _touches(start: tuple[float, float], end: tuple[float, float], area: Area) -> bool:
    """Whether a line runs within an area and its margin."""
    return Arrow(*start, *end).within(area) is not None


def _before_node(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    """Return the end of an arrow so far from its node that the head of a steep one, too, does not reach into it."""
    (x1, y1), (x2, y2) = start, end
    far = math.hypot(x2 - x1, y2 - y1) or 1.0
    return x2 - HEAD_SIDE * abs(y2 - y1) / far, y2


def _ends(left: Strip, right: Strip, links: Sequence[tuple[int, int, bool]]) -> list[float]:
    """Return the heights at which the arrows end, those into one node side by side."""
    into = defaultdict[int, list[int]](list)
    for number, (_, target, _) in enumerate(links):
        into[target].append(number)
    ends: dict[int, float] = {}
    for target, numbers in into.items():
        end = right.points[target]
        if end.box is None:
            ends |= dict.fromkeys(numbers, end.y)
            continue
        starts = [left.points[links[number][0]].y for number in numbers]
        ends |= dict(zip(numbers, heads(starts, end.y, SPREAD * end.box.height), strict=True))
    return [ends[number] for number in range(len(links))]
