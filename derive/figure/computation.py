"""A computation drawn: each quantity a node, its value above and its gradient below, on each edge a derivative."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from derive.figure.places import heads, parted, placed
from derive.figure.scene import UNIT, Area, Arrow, Box, Label, Scene
from derive.notation.names import spelled

# Twelve nodes one below the other fill a page. More than eighteen arrows between two columns cross so often that no eye
# follows one, and with more than nine columns, those of three layers, a page on its side leaves the digits too small.
MOST_ROWS, MOST_BETWEEN, MOST_COLUMNS = 12, 18, 9
MOST_GAP = 230  # px between two columns
LEAST_UNIT = 0.01844  # cm a px: what stands below the line has 6 points then, and less is not read
PAPER_WIDTH, PAPER_LENGTH = 16.0, 22.0  # cm: of a page's text, the room of a caption taken off its length
PAPER_HEIGHT = 14.5  # cm: the same where the page lies on its side

TEXT, NAME = 11.5, 14.0  # px: what stands below the line is no smaller than the numbers
HEIGHT, ROW, MARGIN = 24.0, 61.0, 2.0
SQUARE, ROUND = 3.0, 9.0  # px: the corners of what is given and of what is calculated
OUTSIDE = HEIGHT / 2 + 3 + 0.62 * TEXT  # from a node's middle to that of its value
LEAST_BOX = 30.0  # px: of a node's width
BOX_ROOM, LEAST_BOX_ROOM = 6.0, 3.0  # px: beside a name; less where that spares turning the page
CLEAR = 9.0  # px: beside a value or gradient, where there is room, so that a number on an arrow is not read with it
ARROW_ROOM, GAP_STEP = 15.6, 1.0  # px: at least beside a number on an arrow; by so much it grows until all have room
SPREAD = HEIGHT - 8  # px: of the arrows' heads at a node
BEFORE = 1.5  # px between an arrow's head and its node


@dataclass(frozen=True)
class Quantity:
    """A node: a quantity with its value and gradient as text.

    ``beside`` names the quantity in the column before in whose row it stands; ``is_given`` tells what nothing
    calculates: an input, a target, a weight or a bias. ``sign`` is the operation that it comes from, where a graph
    shows that in place of the name, and ``is_exact`` whether its value is all that there is of it, None where a graph
    does not tell; ``has_exact_gradient`` the same of its gradient.
    """

    id: str
    value: str
    gradient: str
    beside: str = ""
    is_given: bool = False
    sign: str = ""
    is_exact: bool | None = None
    has_exact_gradient: bool = True


@dataclass(frozen=True)
class Dependence:
    """An arrow from a quantity to one that is calculated with it, and the derivative of this by that."""

    source: str
    target: str
    derivative: str

    @property
    def about(self) -> str:
        """The quantities that it belongs to: both."""
        return f"{self.source} {self.target}"


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
    first = None
    for room, beside in ((BOX_ROOM, CLEAR), (BOX_ROOM, 0.0), (LEAST_BOX_ROOM, 0.0)):
        found = _laid_out(computation, room, beside)
        if found is not None and not is_wide(found.width):
            return found
        first = first or found
    return first


def _laid_out(computation: Computation, room: float, beside: float) -> Scene | None:
    """Return the drawing with so much room beside the names in their nodes, and beside values and gradients."""
    rows = _rows(computation)
    top = min(rows.values()) - OUTSIDE - TEXT
    boxes: dict[str, Box] = {}
    arrows: list[Arrow] = []
    labels: list[Label] = []
    x = MARGIN
    for column, following in pairwise((*computation.columns, ())):
        half = _half_width(column, room)
        boxes |= _boxes(column, rows, x + half, 2 * half, top)
        x += 2 * half
        texts = _areas(column, boxes, beside)
        found = _between(computation.between(column), boxes, x, texts, _Following(following, rows, top, room, beside))
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
    return LEAST_UNIT * width > PAPER_WIDTH


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


def _half_width(column: Sequence[Quantity], room: float) -> float:
    """Return half of what the widest node or text of a column takes, so that no arrow meets one beside its start."""
    origin = Box(0, 0, 0, 0, 0)
    name = max(_name(each, origin).room_in(HEIGHT, ROUND) for each in column)
    texts = max(label.width for each in column for label in _beside(each, origin))
    return max(LEAST_BOX, name + room, texts) / 2


def _boxes(column: Sequence[Quantity], rows: Mapping[str, float], x: float, width: float, top: float) -> dict[str, Box]:
    """Return the nodes of a column, rounder where something is calculated."""
    return {
        each.id: Box(x, rows[each.id] - top, width, HEIGHT, SQUARE if each.is_given else ROUND, about=each.id)
        for each in column
    }


def _labels(quantity: Quantity, box: Box) -> Iterator[Label]:
    yield _name(quantity, box)
    yield from _beside(quantity, box)


def _name(quantity: Quantity, box: Box) -> Label:
    return Label(box.x, box.y, NAME, spelled(quantity.id), about=quantity.id)


def _beside(quantity: Quantity, box: Box) -> Iterator[Label]:
    """Yield the value above a node and the gradient below it, which is slanted too: not all see its colour."""
    yield Label(box.x, box.y - OUTSIDE, TEXT, value=quantity.value, about=quantity.id)
    yield Label(box.x, box.y + OUTSIDE, TEXT, value=quantity.gradient, marked=True, slanted=True, about=quantity.id)


def _areas(column: Sequence[Quantity], boxes: Mapping[str, Box], beside: float) -> list[Area]:
    """Return where the values and gradients of a column are, with so much room beside them."""
    areas = (label.area for each in column for label in _beside(each, boxes[each.id]))
    return [Area(area.left - beside, area.top, area.right + beside, area.bottom) for area in areas]


@dataclass(frozen=True)
class _Following:
    """The next column, wherever it will stand."""

    column: Sequence[Quantity]
    rows: Mapping[str, float]
    top: float
    room: float
    beside: float

    @property
    def heights(self) -> dict[str, float]:
        """The heights of its nodes."""
        return {each.id: self.rows[each.id] - self.top for each in self.column}

    def texts(self, x: float) -> list[Area]:
        """Return where its values and gradients are, if it begins there."""
        half = _half_width(self.column, self.room)
        return _areas(self.column, _boxes(self.column, self.rows, x + half, 2 * half, self.top), self.beside)


@dataclass(frozen=True)
class _Between:
    """What stands between two columns that are so far apart."""

    width: float
    arrows: tuple[Arrow, ...] = ()
    labels: tuple[Label, ...] = ()


def _between(
    dependences: Sequence[Dependence], boxes: Mapping[str, Box], x: float, texts: Sequence[Area], following: _Following
) -> _Between | None:
    """Return the arrows and their labels on the narrowest room in which they touch nothing; None where there is none.

    ``x`` is where the room begins, ``texts`` are the values and gradients before it; the next column stands at its end.
    """
    if not dependences:
        return _Between(0)
    bases = {
        number: Label(0, 0, TEXT, value=each.derivative, about=each.about) for number, each in enumerate(dependences)
    }
    width = max(label.width for label in bases.values()) + ARROW_ROOM
    ends = _ends(dependences, boxes, following.heights)
    while width <= MOST_GAP:
        arrows = [
            Arrow(x, boxes[each.source].y, x + width - BEFORE, end, about=each.about)
            for each, end in zip(dependences, ends, strict=True)
        ]
        labels = placed(bases, arrows, [*texts, *following.texts(x + width)])
        if labels is not None:
            parts = tuple(parted(arrow, labels[number]) for number, arrow in enumerate(arrows))
            return _Between(width, parts, tuple(labels.values()))
        width += GAP_STEP
    return None


def _ends(dependences: Sequence[Dependence], boxes: Mapping[str, Box], heights: Mapping[str, float]) -> list[float]:
    """Return the heights at which the arrows end."""
    into = defaultdict(list)
    for number, each in enumerate(dependences):
        into[each.target].append(number)
    ends: dict[int, float] = {}
    for target, numbers in into.items():
        starts = [boxes[dependences[number].source].y for number in numbers]
        ends |= dict(zip(numbers, heads(starts, heights[target], SPREAD), strict=True))
    return [ends[number] for number in range(len(dependences))]
