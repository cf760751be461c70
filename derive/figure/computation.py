"""A computation drawn: each quantity a node, its value above and its gradient below, on each edge a derivative."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from derive.figure.layout import split
from derive.figure.places import best_place
from derive.figure.scene import UNIT, Arrow, Box, Label, Scene

# Twelve nodes one below the other fill a page. More than eighteen arrows between two columns cross so often that no eye
# follows one, and with more than nine columns, those of three layers, a page on its side leaves the digits too small.
MOST_ROWS, MOST_BETWEEN, MOST_COLUMNS = 12, 18, 9
MOST_GAP = 230  # px between two columns
LEAST_UNIT = 0.0175  # cm a px: the digits of 11.5 px have 5.7 points then, and less is not read
PORTRAIT_WIDTH = 880  # px: wider, text is below 6 points in portrait
PAPER_WIDTH, PAPER_LENGTH = 16.0, 22.0  # cm: of a page's text, the room of a caption taken off its length
PAPER_HEIGHT = 14.5  # cm: the same where the page lies on its side

TEXT, NAME = 11.5, 12.0
HEIGHT, ROW, MARGIN = 24.0, 61.0, 5.0
OUTSIDE = HEIGHT / 2 + 3 + 0.62 * TEXT  # from a node's middle to that of its value
LEAST_BOX, BOX_ROOM = 40.0, 10.0
ARROW_ROOM, GAP_STEP = 22.0, 8.0
PADDING = 2.0  # px: kept free at the sides of a label on an arrow
SPREAD, MOST_STEP = HEIGHT - 8, 5.0  # px: of the arrows' heads at a node
STEPS = range(10, 91, 3)


@dataclass(frozen=True)
class Quantity:
    """A node: a quantity with its value and gradient as text.

    ``beside`` names the quantity in the column before in whose row it stands; ``is_given`` tells what nothing
    calculates: an input, a target, a weight or a bias.
    """

    id: str
    value: str
    gradient: str
    beside: str = ""
    is_given: bool = False


@dataclass(frozen=True)
class Dependence:
    """An arrow from a quantity to one that is calculated with it, and the derivative of this by that."""

    source: str
    target: str
    derivative: str


@dataclass(frozen=True)
class Computation:
    """Columns of quantities from left to right; each dependence leads from one column to the next."""

    columns: tuple[tuple[Quantity, ...], ...]
    dependences: tuple[Dependence, ...]

    @property
    def is_small(self) -> bool:
        """Whether rows, columns and arrows are few enough to be read."""
        rows = max(map(len, self.columns))
        between = (len(self.between(column)) for column in self.columns)
        return len(self.columns) <= MOST_COLUMNS and rows <= MOST_ROWS and max(between) <= MOST_BETWEEN

    def between(self, column: Sequence[Quantity]) -> list[Dependence]:
        """Return the arrows that start in the column."""
        starts = {quantity.id for quantity in column}
        return [each for each in self.dependences if each.source in starts]


@lru_cache(maxsize=8)  # the article asks whether there is a drawing, and the handout draws it
def computation_layout(computation: Computation) -> Scene | None:
    """Return the drawing with the positions of its nodes and arrows, in px; None where it would not be readable."""
    if not computation.is_small:
        return None
    rows = _rows(computation)
    top = min(rows.values()) - OUTSIDE - TEXT
    boxes: dict[str, Box] = {}
    arrows: list[Arrow] = []
    labels: list[Label] = []
    x = MARGIN
    for column, following in pairwise((*computation.columns, ())):
        half = _half_width(column)
        boxes |= _boxes(column, rows, x + half, 2 * half, top)
        x += 2 * half
        found = _between(computation.between(column), boxes, x, {each.id: rows[each.id] - top for each in following})
        if found is None:
            return None
        arrows += found.arrows
        labels += found.labels
        x += found.width
    labels += [label for column in computation.columns for each in column for label in _labels(each, boxes[each.id])]
    width, height = x + MARGIN, max(rows.values()) - top + OUTSIDE + TEXT
    unit = _unit(width, height)
    return (
        Scene(width, height, tuple(boxes.values()), tuple(arrows), tuple(labels), unit) if unit >= LEAST_UNIT else None
    )


def is_wide(width: float) -> bool:
    """Whether a drawing of that width in px needs a page that lies on its side."""
    return width > PORTRAIT_WIDTH


def _unit(width: float, height: float) -> float:
    """Return how many cm on paper a px takes, on a page that lies on its side where the drawing is wide."""
    across, down = (PAPER_LENGTH, PAPER_HEIGHT) if is_wide(width) else (PAPER_WIDTH, PAPER_LENGTH)
    return min(UNIT, across / width, down / height)


def _rows(computation: Computation) -> dict[str, float]:
    """Return the height of each node: what is calculated stands amid what it comes from, one line a neuron."""
    sources = defaultdict(list)
    for each in computation.dependences:
        sources[each.target].append(each.source)
    first, *others = computation.columns
    most = max(map(len, computation.columns))
    rows = {quantity.id: index * ROW for index, quantity in enumerate(first)}
    for column, following in pairwise((*others, ())):
        if column[0].id in rows:  # placed with the column before
            continue
        wanted = {q.id: rows[q.beside] if q.beside else _mean([rows[s] for s in sources[q.id]]) for q in column}
        rows |= wanted
        if any(quantity.beside in wanted for quantity in following):
            rows |= _arranged(following, wanted, most)
            rows |= {quantity.beside: rows[quantity.id] for quantity in following if quantity.beside}
    return rows


def _arranged(column: Sequence[Quantity], wanted: Mapping[str, float], most: int) -> dict[str, float]:
    """Return the rows of a column: what is calculated where it is wanted, as far as what is given leaves it room.

    ``most`` is the number of rows of the longest column, which this one is not to be taller than.
    """
    fixed = [index for index, quantity in enumerate(column) if quantity.beside]
    wanted = _narrowed(wanted, (most - len(column) + fixed[-1] - fixed[0]) * ROW)
    heights: list[float] = []
    for number, index in enumerate(fixed):
        nearest = heights[-1] + (index - fixed[number - 1]) * ROW if heights else wanted[column[index].beside]
        heights.append(max(wanted[column[index].beside], nearest))
    moved = _mean([wanted[column[index].beside] - height for index, height in zip(fixed, heights, strict=True)])
    rows = {index: height + moved for index, height in zip(fixed, heights, strict=True)}
    for start, end in pairwise(fixed):
        step = (rows[end] - rows[start]) / (end - start)
        rows |= {index: rows[start] + (index - start) * step for index in range(start + 1, end)}
    rows |= {index: rows[fixed[0]] - (fixed[0] - index) * ROW for index in range(fixed[0])}
    rows |= {index: rows[fixed[-1]] + (index - fixed[-1]) * ROW for index in range(fixed[-1] + 1, len(column))}
    return {column[index].id: height for index, height in rows.items()}


def _narrowed(wanted: Mapping[str, float], most: float) -> dict[str, float]:
    """Return the heights no further apart than that, about the same middle."""
    middle, apart = _mean([*wanted.values()]), max(wanted.values()) - min(wanted.values())
    share = min(1, most / apart) if apart else 1
    return {name: middle + share * (height - middle) for name, height in wanted.items()}


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)


def _half_width(column: Sequence[Quantity]) -> float:
    """Return half of what the widest node or text of a column takes, so that no arrow meets one beside its start."""
    origin = Box(0, 0, 0, 0, is_given=True)
    name = max(label.width for each in column for label in [_name(each, origin)])
    texts = max(label.width for each in column for label in _beside(each, origin))
    return max(LEAST_BOX, name + BOX_ROOM, texts) / 2


def _boxes(column: Sequence[Quantity], rows: Mapping[str, float], x: float, width: float, top: float) -> dict[str, Box]:
    return {each.id: Box(x, rows[each.id] - top, width, HEIGHT, each.is_given) for each in column}


def _labels(quantity: Quantity, box: Box) -> Iterator[Label]:
    yield _name(quantity, box)
    yield from _beside(quantity, box)


def _name(quantity: Quantity, box: Box) -> Label:
    stem, index = split(quantity.id)
    return Label(box.x, box.y, stem, index, "", NAME)


def _beside(quantity: Quantity, box: Box) -> Iterator[Label]:
    yield Label(box.x, box.y - OUTSIDE, "", "", quantity.value, TEXT)
    yield Label(box.x, box.y + OUTSIDE, "", "", quantity.gradient, TEXT, marked=True)


@dataclass(frozen=True)
class _Between:
    """What stands between two columns that are so far apart."""

    width: float
    arrows: tuple[Arrow, ...] = ()
    labels: tuple[Label, ...] = ()


def _between(
    dependences: Sequence[Dependence], boxes: Mapping[str, Box], x: float, heights: Mapping[str, float]
) -> _Between | None:
    """Return the arrows and their labels on the narrowest room in which they touch nothing; None where there is none.

    ``x`` is where the room begins, ``heights`` are those of the nodes at its end.
    """
    if not dependences:
        return _Between(0)
    bases = [Label(0, 0, "", "", each.derivative, TEXT, halo=True, padding=PADDING) for each in dependences]
    width = max(label.width for label in bases) + ARROW_ROOM
    ends = _ends(dependences, boxes, heights)
    while width <= MOST_GAP:
        arrows = [
            Arrow(x, boxes[each.source].y, x + width - 1.5, end, marked=False)
            for each, end in zip(dependences, ends, strict=True)
        ]
        labels = _placed(bases, arrows, x + 3, x + width - 10)
        if labels is not None:
            return _Between(width, tuple(arrows), tuple(labels))
        width += GAP_STEP
    return None


def _ends(dependences: Sequence[Dependence], boxes: Mapping[str, Box], heights: Mapping[str, float]) -> list[float]:
    """Return the heights at which the arrows end: side by side at their node, in the order of their starts.

    One that starts in the row of its node ends there, so that it is level.
    """
    reached = defaultdict(list)
    for each in dependences:
        reached[each.target].append(boxes[each.source].y)
    ends = []
    for each in dependences:
        starts, height = sorted(reached[each.target]), heights[each.target]
        level = [index for index, start in enumerate(starts) if abs(start - height) < 0.5]
        middle = level[0] if level else (len(starts) - 1) / 2
        step = min(SPREAD / 2 / max(middle, len(starts) - 1 - middle, 1), MOST_STEP)
        ends.append(height + (starts.index(boxes[each.source].y) - middle) * step)
    return ends


def _placed(bases: Sequence[Label], arrows: Sequence[Arrow], left: float, right: float) -> list[Label] | None:
    """Return the labels at places where they touch neither each other nor an arrow, those with least choice first."""
    choices = {}
    for number, (base, arrow) in enumerate(zip(bases, arrows, strict=True)):
        others = [other for other in arrows if other is not arrow]
        steps = [
            step
            for step in STEPS
            for x, y in [arrow.at(step / 100)]
            if left <= x - base.width / 2 and x + base.width / 2 <= right
            if not any(replace(base, x=x, y=y).crosses(other) for other in others)
        ]
        if not steps:
            return None
        choices[number] = steps
    placed: dict[int, Label] = {}
    for number in sorted(choices, key=lambda number: len(choices[number])):
        best = best_place(bases[number], arrows[number], [], [], [*placed.values()], choices[number])
        if best is None:
            return None
        placed[number] = best
    return [placed[number] for number in range(len(bases))]
