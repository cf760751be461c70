"""Where everything goes: nodes in their columns, labels where they touch nothing."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derive.figure.diagram import Diagram, Edge, Node
from derive.figure.scene import Arrow, Circle, Label, Scene

MOST_MARKED = 3  # labels in a compact drawing: the weight itself and the next ones
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

Point = tuple[float, float]


def layout(diagram: Diagram) -> Scene:
    """Return where everything goes."""
    columns, edges = _shortened(diagram)
    sizes = SMALL if diagram.compact else LARGE
    places, radius, height = _places(columns, edges, sizes)
    nodes = [node for column in columns for node in column if node.id in places]
    circles = {node.id: _circle(node, places[node.id], radius, diagram) for node in nodes}
    arrows = {edge: _arrow(circles[edge.source], circles[edge.target], edge.on_path) for edge in edges}
    text = min(sizes.text, radius)
    labels = [_name(node, circles[node.id], text) for node in nodes]
    if not diagram.compact:
        labels += [label for node in nodes for label in _beside(node, circles[node.id], text)]
    dots = [_dots(column, places, text) for column in columns if len(column) > FIRST_SHOWN and _is_cut(diagram, column)]
    labels += [*dots, *_edge_labels(arrows, [*circles.values()], labels, text, compact=diagram.compact)]
    return Scene(sizes.width, height, tuple(circles.values()), tuple(arrows.values()), tuple(labels))


def _shortened(diagram: Diagram) -> tuple[list[tuple[Node, ...]], list[Edge]]:
    """Leave out the middle of columns that are too long to draw, and from a compact drawing biases without a mark."""
    columns = [_ends(column) for column in diagram.columns]
    if diagram.compact:
        columns = [tuple(n for n in column if n.kind != "bias" or n.id in diagram.highlighted) for column in columns]
    kept = {node.id for column in columns for node in column}
    return columns, [edge for edge in diagram.edges if edge.source in kept and edge.target in kept]


def _ends(column: tuple[Node, ...]) -> tuple[Node, ...]:
    neurons = [node for node in column if node.kind != "bias"]
    if len(neurons) <= MOST_IN_COLUMN:
        return column
    kept = {node.id for node in (*neurons[:FIRST_SHOWN], *neurons[-LAST_SHOWN:])}
    return tuple(node for node in column if node.kind == "bias" or node.id in kept)


def _is_cut(diagram: Diagram, column: tuple[Node, ...]) -> bool:
    return any(column[0].id == whole[0].id and len(column) < len(whole) for whole in diagram.columns)


def _dots(column: tuple[Node, ...], places: dict[str, Point], text: float) -> Label:
    (x, above), (_, below) = places[column[FIRST_SHOWN - 1].id], places[column[FIRST_SHOWN].id]
    return Label(x, (above + below) / 2, "⋮", "", "", text)


def _places(
    columns: Sequence[tuple[Node, ...]], edges: Sequence[Edge], sizes: Measures
) -> tuple[dict[str, Point], float, float]:
    """Return the places of the nodes, their radius and the height of the drawing.

    Neurons stand centred in their column. A bias with several arrows stands below its column, one with a single arrow
    right under the neuron that it serves.
    """
    neurons = [[node for node in column if node.kind != "bias"] for column in columns]
    most = max(len(column) + 0.6 * _is_cut_column(column) for column in neurons)
    row = min(sizes.row, sizes.tallest / max(most - 1, 1))
    radius = min(sizes.radius, 0.36 * row)
    step = (sizes.width - sizes.left - sizes.right) / max(len(columns) - 1, 1)
    top, middle = radius + 12, (most - 1) * row / 2
    places: dict[str, Point] = {}
    for number, column in enumerate(neurons):
        extra = 0.6 * _is_cut_column(column)
        for place, node in enumerate(column):
            gap = extra if place >= FIRST_SHOWN else 0
            offset = place + gap - (len(column) - 1 + extra) / 2
            places[node.id] = (sizes.left + number * step, top + middle + offset * row)
    lowest = max(y for _, y in places.values())
    biases = list(_bias_places(columns, edges, places, sizes, (step, lowest, row, radius)))
    places.update(biases)
    return places, radius, max(y for _, y in places.values()) + top + (0 if sizes is SMALL else 4)


def _is_cut_column(column: Sequence[Node]) -> bool:
    return len(column) == FIRST_SHOWN + LAST_SHOWN


def _bias_places(
    columns: Sequence[tuple[Node, ...]],
    edges: Sequence[Edge],
    places: dict[str, Point],
    sizes: Measures,
    grid: tuple[float, float, float, float],
) -> Iterator[tuple[str, Point]]:
    step, lowest, row, radius = grid
    for number, column in enumerate(columns):
        for node in (node for node in column if node.kind == "bias"):
            reached = [edge.target for edge in edges if edge.source == node.id]
            if len(reached) == 1:
                x, y = places[reached[0]]
                yield node.id, (x - 0.42 * min(step, row), y + max(0.5 * row, 2.2 * radius))
            else:
                yield node.id, (sizes.left + number * step, lowest + max(0.8 * row, 2.8 * radius))


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
    arrows: dict[Edge, Arrow], circles: list[Circle], taken: list[Label], text: float, *, compact: bool
) -> list[Label]:
    """Return labels that touch nothing: with values, else names alone, else none."""
    marked = [edge for edge in arrows if edge.on_path]
    shown = [edge for edge in (marked[:MOST_MARKED] if compact else arrows) if edge.label]
    for with_value in (False,) if compact else (True, False):
        labels = _placed(shown, arrows, circles, taken, text, with_value)
        if labels is not None:
            return labels
    return []


def _placed(
    edges: list[Edge],
    arrows: dict[Edge, Arrow],
    circles: list[Circle],
    taken: list[Label],
    text: float,
    with_value: bool,
) -> list[Label] | None:
    placed: list[Label] = []
    if len(edges) > 60:
        return None
    for edge in edges:
        stem, index = split(edge.label)
        base = Label(0, 0, stem, index, edge.value if with_value else "", 0.92 * text, halo=True, marked=edge.on_path)
        others = [arrow for other, arrow in arrows.items() if other is not edge]
        best = _best(base, arrows[edge], others, circles, [*taken, *placed])
        if best is None:
            return None
        placed.append(best)
    return placed


def _best(base: Label, arrow: Arrow, others: list[Arrow], circles: list[Circle], taken: list[Label]) -> Label | None:
    """Return the label at the place along its arrow that fewest other arrows cross, near a third of the way."""
    free = []
    for step in range(18, 83, 4):
        x, y = arrow.at(step / 100)
        label = replace(base, x=x, y=y)
        if not any(label.touches(circle) for circle in circles) and not any(label.overlaps(t) for t in taken):
            free.append((sum(label.crosses(other) for other in others), abs(step - 34), label))
    return min(free, key=lambda item: item[:2])[2] if free else None
