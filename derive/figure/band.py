"""One band of a graph drawn: the columns from left to right, long arrows through places of their own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from derive.figure.computation import HEIGHT, NAME, OUTSIDE, ROUND, SQUARE, TEXT, Quantity
from derive.figure.layered import Places, crossings, heights, ordered
from derive.figure.places import parted
from derive.figure.routes import Point, Strip, routed
from derive.figure.scene import LOWERED, Arrow, Box, Label, Scene
from derive.figure.text import fitting
from derive.figure.uses import Band, Cell, Graph, Style
from derive.notation.names import Spelling, spelled
from derive.notation.slots import drawn_relation

BESIDE = 6.0  # px: between a name, or the word of an operation, and the sides of its node
LEAST_WIDTH = 28.0  # px: of a node that has a name; that of a sign is as wide as it is high
SIGN, WORD = 16.0, 12.5  # px: of + and ·, and of tanh
BETWEEN, BETWEEN_NARROW = 7.0, 3.5  # px at least between what stands one below the other; where room is scarce
PASSING, PASSING_NUMBER = 1.0, 7.0  # px: what a long arrow takes above and below it; with its number
BESIDE_NUMBER = 12.0  # px of a long arrow that are seen beside its number
BESIDE_COLUMN = 3.0  # px: what the bends of arrows keep from the texts
BESIDE_EQUALS = 3.5  # px
WIDEST_NAME = 5.5  # in sizes of the text; a longer one is shortened


def band_scene(graph: Graph, band: Band, style: Style, highest: float) -> Scene | None:
    """Return the drawing of a band, its upper left corner at 0, 0.

    None where it would be higher than so many px or the numbers have no room.
    """
    return _Drawn(graph, _bent(band), style).scene(highest)


def tangle(band: Band) -> float:
    """Return how often an arrow of a band crosses another one, on average.

    >>> cells = [Cell(name, column) for column in (0, 1) for name in "abc"]
    >>> tangle(Band((tuple(cells[:3]), tuple(cells[3:])), tuple((a, b) for a in cells[:3] for b in cells[3:])))
    1.0
    """
    bent = _bent(band)
    none = (0.0,) * (len(bent.cells) + len(bent.bends))
    columns = ordered(Places(bent.columns, bent.parts, none, none, bent.chains))
    return crossings(columns, bent.parts) / max(len(band.links), 1)


def short(name: str) -> Spelling:
    """Return how a name is written, with its middle left out where it is long."""
    return fitting(spelled(name), WIDEST_NAME)


@dataclass(frozen=True)
class _Bent:
    """The cells of a band as nodes 0, 1, …, behind them a node wherever a long arrow crosses a column.

    ``parts`` are the links between neighbouring columns, ``arrows`` the arrow of each: from where to where it leads.
    ``bends`` has the arrow of each node that is none of the cells, ``chains`` these nodes for each long arrow.
    """

    cells: tuple[Cell, ...]
    columns: tuple[tuple[int, ...], ...]
    parts: tuple[tuple[int, int], ...]
    arrows: tuple[tuple[Cell, Cell], ...]
    bends: Mapping[int, tuple[Cell, Cell]]
    chains: tuple[tuple[int, ...], ...]


def _bent(band: Band) -> _Bent:
    cells = [cell for column in band.columns for cell in column]
    number = {cell: place for place, cell in enumerate(cells)}
    at = {cell: place for place, column in enumerate(band.columns) for cell in column}
    columns = [[number[cell] for cell in column] for column in band.columns]
    parts, arrows = list[tuple[int, int]](), list[tuple[Cell, Cell]]()
    bends, chains = dict[int, tuple[Cell, Cell]](), list[tuple[int, ...]]()
    for source, target in band.links:
        nodes = [number[source]]
        for column in range(at[source] + 1, at[target]):
            nodes.append(len(cells) + len(bends))
            columns[column].append(nodes[-1])
            bends[nodes[-1]] = (source, target)
        chains.append(tuple(nodes[1:]))
        nodes.append(number[target])
        parts += pairwise(nodes)
        arrows += [(source, target)] * (len(nodes) - 1)
    return _Bent(
        tuple(cells), tuple(map(tuple, columns)), tuple(parts), tuple(arrows), bends, tuple(filter(None, chains))
    )


class _Drawn:
    """What a band is drawn with."""

    def __init__(self, graph: Graph, bent: _Bent, style: Style) -> None:
        self.graph, self.bent, self.style = graph, bent, style
        self.quantities = {quantity.id: quantity for quantity in graph.quantities}
        self.derivatives = {(each.source, each.target): each.derivative for each in graph.dependences}
        # The number of a long arrow stands where it crosses the last column before its end.
        self.last = {arrow: bend for bend, arrow in bent.bends.items()}

    def scene(self, highest: float) -> Scene | None:
        """Return the drawing; None where it would be too high or the numbers have no room."""
        bent = self.bent
        rooms = [self._room(node) for node in range(len(bent.cells) + len(bent.bends))]
        above, below = zip(*rooms, strict=True)
        places = Places(bent.columns, bent.parts, above, below, bent.chains)
        columns = ordered(places)
        between = BETWEEN_NARROW if self.style.is_narrow else BETWEEN
        y = heights(places, columns, between, is_tight=self.style.is_tight)
        top = min(y[node] - above[node] for node in y)
        y = {node: height - top for node, height in y.items()}
        height = max(y[node] + below[node] for node in y)
        return self._put_together(columns, y, height) if height <= highest else None

    def _put_together(self, columns: Sequence[Sequence[int]], y: Mapping[int, float], height: float) -> Scene | None:
        strips = [self._strip(column, y) for column in columns]
        boxes, arrows, labels = list[Box](), list[Arrow](), list[Label]()
        x = strips[0].width / 2
        for strip, following, column in zip(strips, [*strips[1:], None], columns, strict=True):
            for node in column:
                if node in self.bent.bends:
                    arrow, number = self._passing(node, x, y[node], strip.width)
                    arrows.append(arrow)
                    labels += number
                else:
                    boxes.append(replace(self._boxes[node], x=x, y=y[node]))
                    texts = (self._inside(self.bent.cells[node]), *self._texts[node])
                    labels += [label.at(label.x + x, label.y + y[node]) for label in texts]
            if following is None:
                break
            parts = [number for number, (source, _) in enumerate(self.bent.parts) if source in strip.points]
            links = [(*self.bent.parts[number], self._is_marked(*self.bent.arrows[number])) for number in parts]
            gap = routed(strip, following, links, self._numbers(parts), is_narrow=self.style.is_narrow)
            if gap is None:
                return None
            names = [_about(*self.bent.arrows[number]) for number in parts]
            arrows += [_moved(part, x, name) for arrow, name in zip(gap.arrows, names, strict=True) for part in arrow]
            labels += [label.at(label.x + x, label.y) for label in gap.labels]
            x += strip.width / 2 + gap.width + following.width / 2
        return Scene(x + strips[-1].width / 2, height, tuple(boxes), tuple(arrows), tuple(labels))

    def _strip(self, column: Sequence[int], y: Mapping[int, float]) -> Strip:
        """Return a column: as wide as the widest of its nodes and texts, so that an arrow beside it meets none."""
        cells = {node: self.bent.cells[node] for node in column if node not in self.bent.bends}
        boxes = {node: replace(self._boxes[node], y=y[node]) for node in cells}
        texts = [label.at(label.x, label.y + y[node]).area for node in cells for label in self._texts[node]]
        bends = {node: self._number(self.bent.bends[node], node) for node in column if node in self.bent.bends}
        numbers = [label.at(0, y[node]) for node, label in bends.items() if label is not None]
        widths = [2 * max(area.right, -area.left) for area in texts] + [box.width for box in boxes.values()]
        widths += [label.width + 2 * BESIDE_NUMBER for label in numbers]
        texts += [label.area for label in numbers]
        points = {node: Point(y[node], boxes.get(node)) for node in column}
        return Strip(max(widths, default=LEAST_WIDTH) + 2 * BESIDE_COLUMN, points, tuple(texts))

    def _passing(self, node: int, x: float, y: float, width: float) -> tuple[Arrow, list[Label]]:
        """Return the level part of a long arrow that crosses a column, with its number where that stands there."""
        source, target = self.bent.bends[node]
        marked, about = self._is_marked(source, target), _about(source, target)
        arrow = Arrow(x - width / 2, y, x + width / 2, y, marked, has_head=False, about=about)
        number = self._number((source, target), node)
        if number is None:
            return arrow, []
        number = number.at(x, y)
        return parted(arrow, number), [number]

    def _number(self, arrow: tuple[Cell, Cell], node: int) -> Label | None:
        """Return the number that stands where an arrow crosses a column; None where it stands elsewhere."""
        if not self.style.numbers or self.last[arrow] != node:
            return None
        value = self.derivatives[arrow[0].name, arrow[1].name]
        return Label(0, 0, TEXT, value=value, about=_about(*arrow)) if value else None

    def _numbers(self, parts: Sequence[int]) -> dict[int, Label]:
        """Return the numbers between two columns, by the place of their part: those of arrows that cross no column."""
        if not self.style.numbers:
            return {}
        short = {place: self.bent.arrows[number] for place, number in enumerate(parts)}
        values = {
            place: self.derivatives[source.name, target.name]
            for place, (source, target) in short.items()
            if (source, target) not in self.last
        }
        return {
            place: Label(0, 0, TEXT, value=value, about=_about(*short[place]))
            for place, value in values.items()
            if value
        }

    def _is_marked(self, source: Cell, target: Cell) -> bool:
        return source.name in self.graph.marked and target.name in self.graph.marked

    def _room(self, node: int) -> tuple[float, float]:
        """Return what a node takes above and below its middle."""
        if node in self.bent.bends:
            room = PASSING if self._number(self.bent.bends[node], node) is None else PASSING_NUMBER
            return room, room
        areas = [self._boxes[node].area, *(label.area for label in self._texts[node])]
        return -min(area.top for area in areas), max(area.bottom for area in areas)

    @cached_property
    def _boxes(self) -> list[Box]:
        """The node of each cell, its middle at 0, 0."""
        return [self._box(cell) for cell in self.bent.cells]

    @cached_property
    def _texts(self) -> list[tuple[Label, ...]]:
        """What stands above and below the node of each cell."""
        return [tuple(self._beside(cell)) for cell in self.bent.cells]

    def _box(self, cell: Cell) -> Box:
        quantity, marked = self.quantities[cell.name], cell.name in self.graph.marked
        label = self._inside(cell)
        is_sign = label.sign != "" and len(label.sign) == 1
        width = HEIGHT if is_sign else max(LEAST_WIDTH, label.width + 2 * BESIDE)
        corner = HEIGHT / 2 if is_sign else SQUARE if quantity.is_given else ROUND
        return Box(0, 0, width, HEIGHT, corner, marked, dashed=bool(cell.users), about=cell.name)

    def _inside(self, cell: Cell) -> Label:
        """Return what stands in a node: the operation that makes it, where that is a short one, else its name."""
        sign, name, marked = self._sign(cell), cell.name, cell.name in self.graph.marked
        if not sign:
            return Label(0, 0, NAME, short(name), marked=marked, about=name)
        return Label(0, 0, SIGN if len(sign) == 1 else WORD, sign=sign, marked=marked, about=name)

    def _sign(self, cell: Cell) -> str:
        """Return the operation that a node shows; a quantity from a band above has none of its own there."""
        return "" if self.graph.compact or cell.users or not self.style.signs else self.quantities[cell.name].sign

    def _beside(self, cell: Cell) -> Iterator[Label]:
        """Yield the value above a node, with the name where the node shows its operation, and the gradient below it."""
        if self.graph.compact:
            return
        quantity = self.quantities[cell.name]
        if self.graph.is_of_blocks:
            words = ((-OUTSIDE, quantity.value), (OUTSIDE, quantity.gradient))
            yield from (Label(0, down, TEXT, sign=word) for down, word in words if word)
            return
        value = Label(0, -OUTSIDE, TEXT, value=quantity.value, about=cell.name)
        relation = drawn_relation(quantity.is_exact is not False, quantity.value)
        yield from _named(short(cell.name), relation, value) if self._sign(cell) else (value,)
        gradient = self._gradient(cell, quantity)
        if gradient:
            yield Label(0, OUTSIDE, TEXT, value=gradient, marked=True, slanted=True, about=cell.name)

    def _gradient(self, cell: Cell, quantity: Quantity) -> str:
        return self.graph.part(cell.name, cell.users) if cell.users else quantity.gradient


def _named(name: Spelling, relation: str, value: Label) -> Iterator[Label]:
    """Yield a name, which is larger, as what stands below the line is to be as large as a number, and its value."""
    equals = Label(0, value.y, TEXT, sign=relation, about=value.about)
    named = Label(0, value.y + LOWERED * (TEXT - NAME), NAME, name, anchor="end", about=value.about)
    width = named.width + value.width + equals.width + 2 * BESIDE_EQUALS
    left = value.x - width / 2
    middle = left + named.width + BESIDE_EQUALS + equals.width / 2
    yield named.at(left + named.width, named.y)
    yield equals.at(middle, equals.y)
    yield replace(value, x=left + width, anchor="end")


def _moved(arrow: Arrow, x: float, about: str) -> Arrow:
    return replace(arrow, x1=arrow.x1 + x, x2=arrow.x2 + x, about=about)


def _about(source: Cell, target: Cell) -> str:
    """Return the quantities that an arrow belongs to: both."""
    return f"{source.name} {target.name}"
