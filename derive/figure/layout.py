"""The layout of a network: nodes in columns, labels where they touch nothing."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, groupby, pairwise

from derive.errors import InternalError
from derive.figure.diagram import Diagram, Edge, Node
from derive.figure.places import heads, parted, placed
from derive.figure.scene import HEAD, Area, Arrow, Box, Label, Scene, lowest
from derive.figure.text import fitting
from derive.notation.names import Spelling, spelled

TEXT = 13.5  # px: so that what stands below the line has 11, which is 6 points on the narrowest paper
BESIDE = 8.0  # px between a node and what stands beside it
UNDER = 3.0  # px between a neuron and its bias
EDGE = 6.0  # px around the drawing
FLATTEST = 18.0  # px: the height of a node that has a name
LEAST_GAP = 18.0  # px between two columns
LINE = 16.0  # px: a line of text
BEFORE = 1.5  # px between an arrow's head and its node
HEAD_SIDE = 0.4 * HEAD  # px: from an arrow to the sides of its head
SPREAD = 0.72  # of a node's height: where the heads of arrows may end
MOST_MARKED = 3  # labels in a compact drawing: the weight itself and the next ones
MOST_NAMED = 24  # arrows between two columns: of more, some always lie too close
DOTS_ROOM = 0.6  # rows that dots in a column take
SQUARE = 30.0  # px: the side of a shared bias


@dataclass(frozen=True)
class Measures:
    """The sizes of a drawing, in px: ``rows`` are the distances of two rows that are tried."""

    width: float
    rows: tuple[float, ...]
    tallest: float
    height: float  # of a node
    widest_name: float
    most: int  # nodes in a column; of more, the first and the last ones are drawn
    first: int
    beside: float  # at least, at the left and at the right
    in_node: float  # between a name and the sides of its node
    between: float  # between a neuron with its bias and the next one


LARGE = Measures(660, (104, 92, 80, 72, 64, 56, 48, 42, 36, 32), 560, 42, 110, 12, 8, 44, 4, 10)
SMALL = Measures(210, (50, 42, 36, 30, 26), 190, 28, 40, 7, 4, EDGE, 1, 8)
LAST_SHOWN = 2


VALUES, NAMES, NOTHING = range(3)  # what is written on the arrows between two columns


@dataclass(frozen=True)
class Style:
    """What may be written on the arrows between two columns, the first that has room; on how many lines biases are."""

    weights: tuple[int, ...]
    biases: int = 1


WAYS = ((VALUES,), (VALUES, NAMES), (VALUES, NAMES, NOTHING))
COMPACT_WAYS = ((NAMES,), (NOTHING,))


@dataclass(frozen=True)
class Column:
    """What is drawn of a column: its neurons by row, the biases below it, and the rows in which there are dots."""

    neurons: tuple[tuple[float, Node], ...]
    shared: tuple[Node, ...]
    dots: tuple[float, ...]

    @property
    def rows(self) -> float:
        """How many rows it takes from its first neuron to its last."""
        return self.neurons[-1][0]


def layout(diagram: Diagram) -> Scene:
    """Return the network with the positions of its nodes, arrows and labels, in px.

    The first of the ways to write and of the distances is taken at which nothing touches anything.
    """
    sizes = SMALL if diagram.compact else LARGE
    reached = _reached(diagram)
    columns = [_column(column, diagram, sizes, reached) for column in diagram.columns]
    most = max(column.rows for column in columns)
    rows = [row for row in sizes.rows if row * most <= sizes.tallest] or [sizes.tallest / most]
    for style in _styles(diagram, reached):
        for row in rows:
            scene = _Drawing(diagram, columns, reached, sizes, style, row).scene
            if scene is not None:
                return scene
    raise InternalError("a network has no drawing")


def _reached(diagram: Diagram) -> dict[str, list[str]]:
    """Return the nodes that each node has an arrow to."""
    found = defaultdict(list)
    for edge in diagram.edges:
        found[edge.source].append(edge.target)
    return found


def _styles(diagram: Diagram, reached: Mapping[str, Sequence[str]]) -> list[Style]:
    """Return the ways to write, the fullest first; a bias is left out where all else fails."""
    own = any(len(reached[node.id]) == 1 for column in diagram.columns for node in column if node.kind == "bias")
    ways = COMPACT_WAYS if diagram.compact else WAYS
    styles = [Style(way, lines) for way in ways for lines in ((1, 2) if own else (0,))]
    return [*styles, Style(ways[-1], 0)]


def _column(column: Sequence[Node], diagram: Diagram, sizes: Measures, reached: Mapping[str, Sequence[str]]) -> Column:
    """Leave out the middle of a long column, but what is marked; and from a compact drawing shared biases."""
    neurons = [node for node in column if node.kind != "bias"]
    shown = list(range(len(neurons)))
    if len(neurons) > sizes.most:
        marked = [number for number, node in enumerate(neurons) if node.id in diagram.highlighted]
        last = len(neurons) - LAST_SHOWN
        middle = [number for number in marked if sizes.first <= number < last][:1]
        shown = [*shown[: sizes.first - len(middle)], *middle, *shown[last:]]
    rows, dots = [0.0], []
    for before, after in pairwise(shown):
        if after > before + 1:
            dots.append(rows[-1] + (1 + DOTS_ROOM) / 2)
        rows.append(rows[-1] + 1 + DOTS_ROOM * (after > before + 1))
    shared = [
        node
        for node in column
        if node.kind == "bias"
        and len(reached.get(node.id, ())) > 1
        and (not diagram.compact or node.id in diagram.highlighted)
    ]
    return Column(tuple(zip(rows, (neurons[n] for n in shown), strict=True)), tuple(shared), tuple(dots))


@dataclass(frozen=True)
class _Drawing:
    """One try: the network with what the style says, at one distance of its rows."""

    diagram: Diagram
    columns: Sequence[Column]
    reached: Mapping[str, Sequence[str]]
    sizes: Measures
    style: Style
    row: float

    @property
    def scene(self) -> Scene | None:
        """The drawing; None where something has no room."""
        if self.height < FLATTEST and (self.style.biases or not self.diagram.compact):
            return None
        edges = [edge for edge in self.diagram.edges if {edge.source, edge.target} <= self.boxes.keys()]
        arrows = self._arrows(edges)
        labels = [*self._labels(), *chain(*self.biases.values())]
        taken = [*(label.area for label in labels), *(box.area for box in self.boxes.values())]
        if any(arrow.within(label.area) for arrow in arrows for label in chain(*self.biases.values())):
            return None
        weights = self._weights(edges, arrows, taken)
        if weights is None:
            return None
        arrows = [parted(arrow, weights.get(number)) for number, arrow in enumerate(arrows)]
        height = lowest([*self.boxes.values(), *labels]) + EDGE
        boxes = tuple(self.boxes.values())
        return Scene(self.width, height, boxes, tuple(arrows), (*self._names(), *labels, *weights.values()))

    @cached_property
    def own(self) -> dict[str, Node]:
        """The bias of each neuron that has one to itself."""
        shown = self.diagram.highlighted if self.diagram.compact else self.reached
        nodes = {node.id: node for column in self.diagram.columns for node in column}
        single = {targets[0]: source for source, targets in self.reached.items() if len(targets) == 1}
        biases = {target: nodes[source] for target, source in single.items() if nodes[source].kind == "bias"}
        return {target: node for target, node in biases.items() if node.id in shown and self.style.biases}

    @cached_property
    def height(self) -> float:
        """The height of a node."""
        under = UNDER + self.style.biases * LINE if self.own else 0
        return min(self.sizes.height, self.row - under - self.sizes.between)

    def _name(self, node: Node) -> Spelling:
        return fitting(spelled(node.label), self.sizes.widest_name / TEXT)

    def _under(self, node: Node) -> list[Label]:
        """Return the lines below a neuron."""
        marked, value = node.id in self.diagram.highlighted, "" if self.diagram.compact else node.value
        whole = Label(0, 0, TEXT, spelled(node.label), value, marked=marked, about=node.about)
        if self.style.biases == 1 or not value:
            return [whole]
        return [replace(whole, value=""), replace(whole, name=None)]

    @cached_property
    def widths(self) -> list[float]:
        """The width of the nodes of each column."""
        return [max(map(self._node_width, (node for _, node in column.neurons))) for column in self.columns]

    def _node_width(self, node: Node) -> float:
        if self.height < FLATTEST:
            return self.height
        name = Label(0, 0, TEXT, self._name(node)).room_in(self.height, self.height / 2) + 2 * self.sizes.in_node
        under = self._under(self.own[node.id]) if node.id in self.own and self.style.biases > 1 else []
        return max(self.height, name, *(label.width for label in under))

    @cached_property
    def sides(self) -> tuple[float, float]:
        """The room at the left of the first column and at the right of the last."""
        nodes = [node for column in self.columns for _, node in column.neurons]
        room = [
            max((label.width + BESIDE for node in nodes for label in found(node, Box(0, 0, 0, 0, 0))), default=0)
            for found in (self._before, self._behind)
        ]
        left, right = (max(self.sizes.beside, each + EDGE) for each in room)
        return left, right

    @cached_property
    def gap(self) -> float:
        """The room between two columns."""
        free = self.sizes.width - sum(self.sides) - sum(self.widths)
        return max(LEAST_GAP, free / max(len(self.columns) - 1, 1))

    @property
    def width(self) -> float:
        """The width of the drawing."""
        return sum(self.sides) + sum(self.widths) + self.gap * (len(self.columns) - 1)

    @cached_property
    def boxes(self) -> dict[str, Box]:
        """The nodes; biases that several neurons share stand below all others."""
        most = max(column.rows for column in self.columns)
        middle = EDGE + self.height / 2 + most * self.row / 2
        found = {}
        for column, x, width in zip(self.columns, self._middles(), self.widths, strict=True):
            for row, node in column.neurons:
                y = middle + (row - column.rows / 2) * self.row
                marked = node.id in self.diagram.highlighted
                found[node.id] = Box(x, y, width, self.height, self.height / 2, marked, about=node.about)
        below = lowest([*found.values(), *chain(*self._biases(found).values())]) + 2 * BESIDE + SQUARE / 2
        for column, x in zip(self.columns, self._middles(), strict=True):
            for node in column.shared:
                width = max(SQUARE, Label(0, 0, TEXT, self._name(node)).width + self.sizes.in_node)
                marked = node.id in self.diagram.highlighted
                found[node.id] = Box(x, below, width, SQUARE, 3, marked, about=node.about)
        return found

    def _middles(self) -> Iterator[float]:
        x = self.sides[0]
        for width in self.widths:
            yield x + width / 2
            x += width + self.gap

    @cached_property
    def biases(self) -> dict[str, list[Label]]:
        """The lines below each neuron."""
        return self._biases(self.boxes)

    def _biases(self, boxes: Mapping[str, Box]) -> dict[str, list[Label]]:
        return {
            target: [
                label.at(box.x, box.area.bottom + UNDER + (number + 0.5) * LINE)
                for number, label in enumerate(self._under(node))
            ]
            for target, node in self.own.items()
            for box in [boxes.get(target)]
            if box
        }

    def _arrows(self, edges: Sequence[Edge]) -> list[Arrow]:
        """Return the arrows, their heads side by side at a node."""
        into = defaultdict(list)
        for number, edge in enumerate(edges):
            into[edge.target].append(number)
        arrows: dict[int, Arrow] = {}
        for target, numbers in into.items():
            end = self.boxes[target]
            starts = [self.boxes[edges[number].source] for number in numbers]
            heights = heads([start.y for start in starts], end.y, SPREAD * end.height)
            for number, start, height in zip(numbers, starts, heights, strict=True):
                # The head of a steep arrow lies along the node, which it must not reach into.
                x = end.x - end.edge(height - end.y) - BEFORE
                x -= HEAD_SIDE * abs(height - start.y) / math.hypot(height - start.y, x - start.area.right)
                edge = edges[number]
                arrows[number] = Arrow(start.area.right, start.y, x, height, edge.on_path, about=edge.about)
        return [arrows[number] for number in range(len(edges))]

    def _names(self) -> Iterator[Label]:
        if self.height < FLATTEST:
            return
        for column in self.columns:
            for node in (*(node for _, node in column.neurons), *column.shared):
                box = self.boxes[node.id]
                yield Label(box.x, box.y, TEXT, self._name(node), marked=box.marked, about=node.about)

    def _labels(self) -> Iterator[Label]:
        """Yield what stands beside the nodes, below shared biases, and the dots."""
        for column, x in zip(self.columns, self._middles(), strict=True):
            if not self.diagram.compact:
                for _, node in column.neurons:
                    yield from self._before(node, self.boxes[node.id])
                    yield from self._behind(node, self.boxes[node.id])
                for node in (node for node in column.shared if node.value):
                    box = self.boxes[node.id]
                    below = box.area.bottom + UNDER + LINE / 2
                    yield Label(box.x, below, TEXT, value=node.value, about=node.about)
            first, last = (self.boxes[column.neurons[place][1].id].y for place in (0, -1))
            middle = (first + last) / 2
            yield from (Label(x, middle + (row - column.rows / 2) * self.row, TEXT, sign="⋮") for row in column.dots)

    def _before(self, node: Node, box: Box) -> Iterator[Label]:
        if node.value and not self.diagram.compact:
            yield Label(box.area.left - BESIDE, box.y, TEXT, value=node.value, anchor="end", about=node.about)

    def _behind(self, node: Node, box: Box) -> Iterator[Label]:
        if node.target and not self.diagram.compact:
            name = fitting(spelled(node.target_name), self.sizes.widest_name / TEXT)
            right, about = box.area.right + BESIDE, node.target_name
            yield Label(right, box.y, TEXT, name, node.target, anchor="start", about=about)

    def _weights(
        self, edges: Sequence[Edge], arrows: Sequence[Arrow], taken: Sequence[Area]
    ) -> dict[int, Label] | None:
        """Return the labels of the weights by arrow; a compact drawing names the first marked ones, or but one."""
        named = [number for number, edge in enumerate(edges) if edge.label]
        if self.diagram.compact:
            marked = [number for number in named if edges[number].on_path]
            tries = (self._placed(marked[:most], edges, arrows, taken) for most in (MOST_MARKED, 1))
            return next((found for found in tries if found is not None), None)
        found: dict[int, Label] = {}
        for _, between in groupby(named, lambda number: self.boxes[edges[number].source].x):
            labels = self._placed(list(between), edges, arrows, taken)
            if labels is None:
                return None
            found |= labels
        return found

    def _placed(
        self, numbers: Sequence[int], edges: Sequence[Edge], arrows: Sequence[Arrow], taken: Sequence[Area]
    ) -> dict[int, Label] | None:
        """Return the labels of some weights, as the style has them where they have room."""
        for written in self.style.weights:
            if written == NOTHING:
                return {}
            if len(numbers) <= MOST_NAMED:
                labels = {number: self._weight(edges[number], with_value=written == VALUES) for number in numbers}
                found = placed(labels, arrows, taken)
                if found is not None:
                    return found
        return None

    def _weight(self, edge: Edge, *, with_value: bool) -> Label:
        name = fitting(spelled(edge.label), self.sizes.widest_name / TEXT)
        value = edge.value if with_value else ""
        return Label(0, 0, TEXT, name, value, marked=edge.on_path, about=edge.about)
