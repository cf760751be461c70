"""The layout of a network: nodes in columns, labels where they overlap nothing."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derive.figure.diagram import Diagram, Edge, Node
from derive.figure.places import best_place
from derive.figure.scene import Arrow, Circle, Label, Scene

PADDING = 1.5  # px kept free at the sides of a label on an arrow
MOST_MARKED = 3  # labels in a compact drawing: the weight itself and the next ones
DOTS_ROOM = 0.6  # rows that the dots in a cut column take
ROOM_FOR_BIAS = 4.2  # radii that two neurons must be apart for a bias to stand between them
MOST_IN_COLUMN, FIRST_SHOWN, LAST_SHOWN = 12, 8, 2


@dataclass(frozen=True)
class Measures:
    """The sizes of a drawing, in px."""

    width: float
    left: float
    right: float
    row: float
    tallest: float
    radius: float
    text: float


LARGE = Measures(width=660, left=86, right=150, row=104, tallest=460, radius=21, text=13)
SMALL = Measures(width=210, left=18, right=18, row=50, tallest=190, radius=14, text=12)

SHARE_OF_STEP = 0.8  # of the distance of two columns: what a name may take
ROOM_BESIDE = 2.0  # px that a name may be wider than its neuron where something stands beside it
OVER_EDGE = 6.0  # px that a name may reach over the edge of its place, where little stands
SMALLEST_NAME = 0.6  # of its size: a name that still has no room is shortened
LEAST_NAME = 4  # letters

Point = tuple[float, float]


@dataclass(frozen=True)
class Column:
    """What is drawn of a column; ``is_cut`` where neurons in its middle are left out."""

    neurons: tuple[Node, ...]
    biases: tuple[Node, ...]
    is_cut: bool

    @property
    def rows(self) -> float:
        """How many rows it takes."""
        return len(self.neurons) + DOTS_ROOM * self.is_cut

    def row(self, index: int) -> float:
        """Return the row of a neuron, counted from the middle of the column."""
        return index + DOTS_ROOM * (self.is_cut and index >= FIRST_SHOWN) - (self.rows - 1) / 2


def layout(diagram: Diagram) -> Scene:
    """Return the network with the positions of its nodes, arrows and labels, in px."""
    columns = [_column(column, diagram) for column in diagram.columns]
    kept = {node.id for column in columns for node in (*column.neurons, *column.biases)}
    edges = [edge for edge in diagram.edges if edge.source in kept and edge.target in kept]
    sizes = SMALL if diagram.compact else _with_margins(LARGE, columns)
    places, radius = _places(columns, edges, sizes)
    edges = [edge for edge in edges if edge.source in places]
    nodes = [node for column in columns for node in (*column.neurons, *column.biases) if node.id in places]
    circles = {node.id: _circle(node, places[node.id], radius, diagram) for node in nodes}
    arrows = {edge: _arrow(circles[edge.source], circles[edge.target], edge.on_path) for edge in edges}
    text = min(sizes.text, radius)
    step = (sizes.width - sizes.left - sizes.right) / max(len(columns) - 1, 1)
    labels = [_name(node, circles[node.id], text) for node in nodes]
    # Beside a neuron with a value or a target there is little room.
    rooms = [
        2 * radius + ROOM_BESIDE
        if node.kind != "bias" and not diagram.compact and (node.value or node.target)
        else SHARE_OF_STEP * step
        for node in nodes
    ]
    labels = [_fitting(label, room, sizes.width) for label, room in zip(labels, rooms, strict=True)]
    if not diagram.compact:
        labels += [label for node in nodes for label in _beside(node, circles[node.id], text)]
    labels += [_dots(column, places, text) for column in columns if column.is_cut]
    labels += _edge_labels(arrows, [*circles.values()], labels, text, sizes.width, compact=diagram.compact)
    height = max(y for _, y in places.values()) + radius + 12 + (0 if diagram.compact else 4)
    return Scene(sizes.width, height, tuple(circles.values()), tuple(arrows.values()), tuple(labels))


def _column(column: tuple[Node, ...], diagram: Diagram) -> Column:
    """Leave out the middle of a column that is too long, and from a compact drawing biases without a mark."""
    neurons = tuple(node for node in column if node.kind != "bias")
    is_cut = len(neurons) > MOST_IN_COLUMN
    biases = tuple(
        node for node in column if node.kind == "bias" and (not diagram.compact or node.id in diagram.highlighted)
    )
    return Column((*neurons[:FIRST_SHOWN], *neurons[-LAST_SHOWN:]) if is_cut else neurons, biases, is_cut)


def _with_margins(sizes: Measures, columns: Sequence[Column]) -> Measures:
    """Make room for the values at the left and the targets at the right."""
    circle = Circle(0, 0, sizes.radius, is_bias=False, marked=False)
    beside = [label for column in columns for node in column.neurons for label in _beside(node, circle, sizes.text)]
    left = max((label.width - label.x for label in beside if label.anchor == "end"), default=0)
    right = max((label.width + label.x for label in beside if label.anchor == "start"), default=0)
    left, right = max(sizes.left, left + 6), max(sizes.right, right + 6)
    return replace(sizes, left=left, right=right, width=sizes.width - sizes.left - sizes.right + left + right)


def _dots(column: Column, places: dict[str, Point], text: float) -> Label:
    (x, above), (_, below) = places[column.neurons[FIRST_SHOWN - 1].id], places[column.neurons[FIRST_SHOWN].id]
    return Label(x, (above + below) / 2, "⋮", "", "", text)


def _places(columns: Sequence[Column], edges: Sequence[Edge], sizes: Measures) -> tuple[dict[str, Point], float]:
    """Return the positions of the nodes, by id, and their radius; neurons are centred in their column."""
    most = max(column.rows for column in columns)
    row = min(sizes.row, sizes.tallest / max(most - 1, 1))
    step = (sizes.width - sizes.left - sizes.right) / max(len(columns) - 1, 1)
    radius = min(sizes.radius, 0.36 * row, 0.3 * step)
    middle = radius + 12 + (most - 1) * row / 2
    places = {
        node.id: (sizes.left + number * step, middle + column.row(index) * row)
        for number, column in enumerate(columns)
        for index, node in enumerate(column.neurons)
    }
    return places | dict(_bias_places(columns, edges, places, (step, row, radius))), radius


def _bias_places(
    columns: Sequence[Column], edges: Sequence[Edge], places: dict[str, Point], grid: tuple[float, float, float]
) -> Iterator[tuple[str, Point]]:
    """Yield the positions of biases.

    One with several arrows stands below its column, one with a single arrow right under the neuron that it serves, and
    where the rows are too close for that it is left out.
    """
    step, row, radius = grid
    lowest = max(y for _, y in places.values())
    targets: dict[str, list[str]] = {}
    for edge in edges:
        targets.setdefault(edge.source, []).append(edge.target)
    for column in columns:
        for node in column.biases:
            reached = targets.get(node.id, [])
            if len(reached) > 1:
                x = places[column.neurons[0].id][0]
                yield node.id, (x, lowest + max(0.8 * row, 2.8 * radius))
            elif reached and row >= ROOM_FOR_BIAS * radius:
                x, y = places[reached[0]]
                yield node.id, (x - 0.42 * min(step, row), y + 0.5 * row)


def _circle(node: Node, place: Point, radius: float, diagram: Diagram) -> Circle:
    is_bias = node.kind == "bias"
    return Circle(*place, radius * (0.72 if is_bias else 1), is_bias, node.id in diagram.highlighted)


def _arrow(start: Circle, end: Circle, marked: bool) -> Arrow:
    dx, dy = end.x - start.x, end.y - start.y
    far = math.hypot(dx, dy) or 1.0
    out, back = start.radius * (1.25 if start.is_bias else 1) / far, (end.radius + 1.5) / far
    return Arrow(start.x + out * dx, start.y + out * dy, end.x - back * dx, end.y - back * dy, marked)


def _name(node: Node, circle: Circle, text: float) -> Label:
    stem, index = split(node.label)
    size = text if circle.radius > 9 else 0.8 * circle.radius
    return Label(circle.x, circle.y, stem, index, "", size * (0.85 if circle.is_bias else 1), marked=circle.marked)


def _fitting(label: Label, room: float, width: float) -> Label:
    """Return a name that stays in its room and in the drawing's width: smaller, and where need be shortened."""
    room = min(2 * label.x, 2 * (width - label.x), room)
    if label.width <= room + OVER_EDGE:
        return label
    label = replace(label, size=label.size * max(room / label.width, SMALLEST_NAME))
    while label.width > room and max(len(label.stem), len(label.index)) > LEAST_NAME:
        if len(label.stem) > len(label.index):
            label = replace(label, stem=_shorter(label.stem))
        else:
            label = replace(label, index=_shorter(label.index))
    return label


def _shorter(name: str) -> str:
    """Return the name with one letter less in its middle.

    >>> _shorter("output_left"), _shorter(_shorter("output_left"))
    ('outpu…_left', 'outpu…left')
    """
    head, _, tail = name.partition("…") if "…" in name else (name[: len(name) // 2], "", name[len(name) // 2 + 1 :])
    if "…" not in name:
        return f"{head}…{tail}"
    return f"{head}…{tail[1:]}" if len(tail) >= len(head) else f"{head[:-1]}…{tail}"


def _beside(node: Node, circle: Circle, text: float) -> Iterator[Label]:
    if node.value and node.kind == "bias":
        yield Label(circle.x, circle.y + circle.radius + 0.85 * text, "", "", node.value, text, halo=True)
    elif node.value:
        yield Label(circle.x - circle.radius - 8, circle.y, "", "", node.value, text, "end")
    if node.target:
        yield Label(
            circle.x + circle.radius + 10,
            circle.y,
            "target",
            split(node.label)[0] + split(node.label)[1],
            node.target,
            text,
            "start",
        )


def split(name: str) -> tuple[str, str]:
    """Split a name into what is written large and its index.

    >>> split("w5"), split("h1_2"), split("b_h1")
    (('w', '5'), ('h', '1,2'), ('b', 'h1'))
    """
    head, *rest = name.split("_")
    stem = head.rstrip("0123456789") or head
    number = head[len(stem) :]
    return stem, ",".join([number, *rest] if number else rest)


def _edge_labels(
    arrows: dict[Edge, Arrow], circles: list[Circle], taken: list[Label], text: float, width: float, *, compact: bool
) -> list[Label]:
    """Return labels that touch nothing: with values, else names alone, else none.

    A compact drawing names the first marked edges, or the very first alone.
    """
    named = [edge for edge in arrows if edge.label and (edge.on_path or not compact)]
    tries = [(named[:MOST_MARKED], False), (named[:1], False)] if compact else [(named, True), (named, False)]
    for edges, with_value in tries:
        labels = _placed(edges, arrows, circles, taken, text, width, with_value=with_value)
        if labels is not None:
            return labels
    return []


def _placed(
    edges: list[Edge],
    arrows: dict[Edge, Arrow],
    circles: list[Circle],
    taken: list[Label],
    text: float,
    width: float,
    *,
    with_value: bool,
) -> list[Label] | None:
    placed: list[Label] = []
    if len(edges) > 60:
        return None
    for edge in edges:
        stem, index = split(edge.label)
        value = edge.value if with_value else ""
        base = Label(0, 0, stem, index, value, 0.92 * text, halo=True, marked=edge.on_path, padding=PADDING)
        others = [arrow for other, arrow in arrows.items() if other is not edge]
        best = best_place(base, arrows[edge], others, circles, [*taken, *placed])
        if best is None or not best.width / 2 <= best.x <= width - best.width / 2:
            return None
        placed.append(best)
    return placed
