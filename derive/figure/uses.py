"""Where the quantities of a graph stand: in which column, and which of them stand at several places.

What a step of time calculates stands to the right of what it needs, so a recurrence runs from left to right. A weight
that several steps share is drawn at each of them, and a graph that is too long goes on below, where what it still needs
from above is drawn once more: a line over the whole drawing is harder to follow than a name that is repeated.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from derive.figure.computation import Dependence, Quantity

MOST_ROWS = 15  # of a column: more are higher than a page
FARTHEST = 4  # columns between the first and the last use of what is given, so that it is drawn once
FARTHEST_SHARED = 1  # the same of a weight: one that later columns use is shared between steps
Part = Callable[[str, tuple[str, ...]], str]


@dataclass(frozen=True)
class Graph:
    """Quantities in order, and on what each depends.

    ``shared`` are weights, which are drawn at each step that uses them. ``objective`` is what the gradients are of, ""
    where there are none. ``part`` writes what comes back to a quantity from some of those that use it: their part of
    its gradient. ``marked`` are the quantities that are lit up; of a compact drawing only the names are shown.
    One of blocks has words for values: above each what it does, below it the shape of what it gives.
    """

    quantities: tuple[Quantity, ...]
    dependences: tuple[Dependence, ...]
    objective: str = ""
    shared: frozenset[str] = frozenset()
    part: Part = field(default=lambda name, users: "", compare=False)
    marked: frozenset[str] = frozenset()
    compact: bool = False
    is_of_blocks: bool = False


@dataclass(frozen=True)
class Style:
    """What a drawing has room for: numbers on its arrows, operations on its nodes, some space, level arrows."""

    numbers: bool = True
    signs: bool = True
    is_narrow: bool = False
    is_tight: bool = False


@dataclass(frozen=True)
class Cell:
    """A quantity at one of its places; ``users`` are what it leads to from there, () where it stands nowhere else.

    One with users is drawn dashed, with their part of its gradient below it.
    """

    name: str
    column: int
    users: tuple[str, ...] = ()


@dataclass(frozen=True)
class Band:
    """Some columns of a graph, one drawing of those that stand below each other, and which cells lead to which."""

    columns: tuple[tuple[Cell, ...], ...]
    links: tuple[tuple[Cell, Cell], ...]


def columns_of(graph: Graph) -> dict[str, int]:
    """Return the column of each quantity that is calculated, from 1: behind all that it comes from.

    It is the first one that has room. What would lengthen more links than it shortens there stands right before what
    uses it.
    """
    sources, users = _links(graph)
    found, taken = dict[str, int](), Counter[int]()
    for quantity in graph.quantities:
        if not quantity.is_given:
            column = 1 + max((found.get(source, 0) for source in sources[quantity.id]), default=0)
            while taken[column] >= MOST_ROWS:
                column += 1
            found[quantity.id] = column
            taken[column] += 1
    for name in reversed(found):
        calculated = [source for source in sources[name] if source in found]
        last = min((found[user] for user in users[name]), default=1) - 1
        if len(users[name]) > len(calculated) and taken[last] < MOST_ROWS:
            taken[found[name]] -= 1
            taken[last] += 1
            found[name] = last
    return found


def _links(graph: Graph) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
    sources, users = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for each in graph.dependences:
        sources[each.target].append(each.source)
        users[each.source].append(each.target)
    return sources, users


def banded(graph: Graph, starts: Sequence[int]) -> tuple[Band, ...]:
    """Return the bands of a graph, where one begins with each of these columns; the first of them is 1."""
    column_of = columns_of(graph)
    band_of = {name: sum(column >= start for start in starts) - 1 for name, column in column_of.items()}
    placed = _Placed(graph, column_of, band_of)
    return tuple(placed.band(number) for number in range(len(starts)))


@dataclass(frozen=True)
class _Placed:
    graph: Graph
    column_of: Mapping[str, int]
    band_of: Mapping[str, int]

    def band(self, number: int) -> Band:
        """Return the cells of a band, in the order in which its quantities name them."""
        cells = {name: Cell(name, self.column_of[name]) for name, band in self.band_of.items() if band == number}
        links = list[tuple[Cell, Cell]]()
        given = self._with_room(number, cells.values())
        for cell in given:
            users = cell.users or self._users[cell.name]
            links += [(cell, cells[user]) for user in users if user in cells]
        for each in self.graph.dependences:
            if each.source in cells and each.target in cells:
                links.append((cells[each.source], cells[each.target]))
        every = [*given, *cells.values()]
        first = min(cell.column for cell in every)
        columns = [
            tuple(cell for cell in every if cell.column == column)
            for column in range(first, max(cell.column for cell in every) + 1)
        ]
        return Band(tuple(columns), tuple(links))

    def _with_room(self, number: int, calculated: Iterable[Cell]) -> list[Cell]:
        """Return what is given in a band, in the column before the one that is best where that has no room."""
        taken, found = Counter(cell.column for cell in calculated), list[Cell]()
        for cell in self._given(number):
            while taken[cell.column] >= MOST_ROWS:
                cell = replace(cell, column=cell.column - 1)
            taken[cell.column] += 1
            found.append(cell)
        return found

    @property
    def _users(self) -> Mapping[str, list[str]]:
        return _links(self.graph)[1]

    def _given(self, number: int) -> Iterator[Cell]:
        """Yield what is given in a band: what nothing calculates, and what was calculated in one before."""
        users_of = self._users
        for quantity in self.graph.quantities:
            name = quantity.id
            users = users_of[name]
            if not quantity.is_given:
                later = [user for user in users if self.band_of[user] == number > self.band_of[name]]
                for group in self._grouped(later, FARTHEST):
                    yield self._cell(name, group)
                continue
            if not users and number == 0:
                yield Cell(name, 0)
            farthest = FARTHEST_SHARED if name in self.graph.shared else FARTHEST
            groups = [
                group
                for band in sorted({self.band_of[user] for user in users})
                for group in self._grouped([user for user in users if self.band_of[user] == band], farthest)
            ]
            for group in groups:
                if self.band_of[group[0]] == number:
                    yield self._cell(name, group if len(groups) > 1 else ())

    def _cell(self, name: str, users: tuple[str, ...]) -> Cell:
        first = min(self.column_of[user] for user in users or self._users[name])
        return Cell(name, first - 1, users)

    def _grouped(self, users: Sequence[str], farthest: int) -> list[tuple[str, ...]]:
        """Return the users, those in one group that stand no farther apart; by column where they do."""
        columns = [self.column_of[user] for user in users]
        if users and max(columns) - min(columns) <= farthest:
            return [tuple(users)]
        return [
            tuple(user for user, its in zip(users, columns, strict=True) if its == column)
            for column in sorted(set(columns))
        ]
