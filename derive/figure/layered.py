"""The places of nodes in columns: in which order they stand, and how high, so that links cross little and run level.

Sugiyama's method for layered graphs (Sugiyama, Tagawa and Toda 1981). The order is found by sweeps that put a node at
the median of its neighbours, and by exchanges of two that stand next to each other (Gansner and others 1993). The
heights are those nearest to the middle of a node's neighbours that keep the nodes of a column apart, a regression with
an order, which pooling of neighbours solves exactly (Ayer and others 1955).
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import inf

SWEEPS = 16  # over all columns, there and back; after a few nothing changes
PATIENCE = 4  # sweeps that find nothing better, before it is left
SETTLING = 24  # sweeps of the heights
STRAIGHT = 8.0  # how much more the parts of a long link weigh that none of its ends stands at: they are to be level


@dataclass(frozen=True)
class Places:
    """Nodes 0, 1, … in columns, the room that each takes above and below its middle, and the links between them.

    Each link leads from one column to the next. A long one passes through nodes of its own, which are its ``bends``.
    """

    columns: tuple[tuple[int, ...], ...]
    links: tuple[tuple[int, int], ...]
    above: tuple[float, ...]
    below: tuple[float, ...]
    bends: tuple[tuple[int, ...], ...] = ()


def ordered(places: Places) -> tuple[tuple[int, ...], ...]:
    """Return the columns, each in the order from top to bottom with few crossings.

    >>> ordered(Places(((0, 1), (2, 3)), ((0, 3), (1, 2)), (9.0,) * 4, (9.0,) * 4))
    ((0, 1), (3, 2))
    """
    return _ordered(places.columns, places.links)


@lru_cache(maxsize=64)  # how much room the nodes take changes no order, and drawings are tried with less and less
def _ordered(every: tuple[tuple[int, ...], ...], links: tuple[tuple[int, int], ...]) -> tuple[tuple[int, ...], ...]:
    into, out_of = _neighbours(every, links)
    best, fewest = [list(column) for column in every], None
    for start in (every, [tuple(reversed(column)) for column in every]):
        columns, since = [list(column) for column in start], 0
        for sweep in range(SWEEPS):
            _sweep(columns, into if sweep % 2 == 0 else out_of, forth=sweep % 2 == 0)
            _exchange(columns, into, out_of)
            crossed = crossings(columns, links)
            since += 1
            if fewest is None or crossed < fewest:
                best, fewest, since = [list(column) for column in columns], crossed, 0
            if not fewest or since > PATIENCE:
                break
    return tuple(map(tuple, best))


def crossings(columns: Iterable[Sequence[int]], links: Iterable[tuple[int, int]]) -> int:
    """Return how often two links cross.

    >>> crossings([(0, 1), (2, 3)], [(0, 3), (1, 2)])
    1
    """
    place = {node: row for column in columns for row, node in enumerate(column)}
    column_of = {node: number for number, column in enumerate(columns) for node in column}
    by_column: dict[int, list[tuple[int, int]]] = {}
    for source, target in links:
        by_column.setdefault(column_of[source], []).append((place[source], place[target]))
    return sum(_inversions(found) for found in by_column.values())


def _inversions(pairs: list[tuple[int, int]]) -> int:
    found, seen = 0, list[int]()
    for _, end in sorted(pairs):
        found += len(seen) - bisect_left(seen, end + 1)
        insort(seen, end)
    return found


def _neighbours(
    columns: Iterable[Iterable[int]], links: Iterable[tuple[int, int]]
) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    into: dict[int, list[int]] = {node: [] for column in columns for node in column}
    out_of: dict[int, list[int]] = {node: [] for node in into}
    for source, target in links:
        into[target].append(source)
        out_of[source].append(target)
    return into, out_of


def _sweep(columns: list[list[int]], towards: Mapping[int, list[int]], *, forth: bool) -> None:
    """Put each node at the median of its neighbours on one side; one without any keeps its row."""
    for number in range(len(columns)) if forth else range(len(columns) - 1, -1, -1):
        row = {node: at for column in columns for at, node in enumerate(column)}
        wanted = {node: _median([row[n] for n in towards[node]], row[node]) for node in columns[number]}
        columns[number].sort(key=wanted.__getitem__)


def _median(rows: list[int], otherwise: int) -> float:
    if not rows:
        return otherwise
    rows, middle = sorted(rows), len(rows) // 2
    return rows[middle] if len(rows) % 2 else (rows[middle - 1] + rows[middle]) / 2


def _exchange(columns: list[list[int]], into: Mapping[int, Sequence[int]], out_of: Mapping[int, Sequence[int]]) -> None:
    """Exchange two nodes next to each other wherever that takes a crossing away, until it does nowhere."""
    row = {node: at for column in columns for at, node in enumerate(column)}
    better, rounds = True, 0
    while better and rounds < SWEEPS:
        better, rounds = False, rounds + 1
        for column in columns:
            for at in range(len(column) - 1):
                upper, lower = column[at], column[at + 1]
                saved = sum(
                    _crossed(side[upper], side[lower], row) - _crossed(side[lower], side[upper], row)
                    for side in (into, out_of)
                )
                if saved > 0:
                    column[at], column[at + 1] = lower, upper
                    row[lower], row[upper] = at, at + 1
                    better = True


def _crossed(upper: Sequence[int], lower: Sequence[int], row: Mapping[int, int]) -> int:
    return sum(row[one] > row[other] for one in upper for other in lower)


def heights(
    places: Places, columns: Sequence[Sequence[int]], gap: float, *, is_tight: bool = False
) -> dict[int, float]:
    """Return how far down each node's middle is, at least ``gap`` between the rooms of two in a column.

    Where it is tight, there is no more than that between any two, and links run as they can.

    >>> found = heights(Places(((0,), (1, 2)), ((0, 1), (0, 2)), (5.0,) * 3, (5.0,) * 3), ((0,), (1, 2)), 2)
    >>> [round(found[node], 6) for node in range(3)]
    [6.0, 0.0, 12.0]
    """
    found = _stacked(places, columns, gap)
    weighted: dict[int, list[tuple[int, float]]] = {node: [] for node in found}
    bends = {node for each in places.bends for node in each}
    for source, target in places.links:
        weight = STRAIGHT if source in bends and target in bends else 1.0
        weighted[source].append((target, weight))
        weighted[target].append((source, weight))
    for sweep in range(0 if is_tight else SETTLING):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            found |= _settled(column, weighted, found, places, gap)
    for each in () if is_tight else places.bends:
        _level(each, found, places, columns, gap)
    top = min(found.values())
    return {node: height - top for node, height in found.items()}


def _level(
    bends: Sequence[int], found: dict[int, float], places: Places, columns: Sequence[Sequence[int]], gap: float
) -> None:
    """Put the places of a long link at one height, as many as have room there: a line that is level is seen as one."""
    free = dict[int, tuple[float, float]]()
    for column in columns:
        for at, node in enumerate(column):
            if node in bends:
                upper, lower = column[at - 1] if at else None, column[at + 1] if at + 1 < len(column) else None
                least = -inf if upper is None else found[upper] + places.below[upper] + gap + places.above[node]
                most = inf if lower is None else found[lower] - places.above[lower] - gap - places.below[node]
                free[node] = (min(least, found[node]), max(most, found[node]))
    rest = list(bends)
    while rest:
        low, high, count = -inf, inf, 0
        while count < len(rest) and max(low, free[rest[count]][0]) <= min(high, free[rest[count]][1]):
            low, high, count = max(low, free[rest[count]][0]), min(high, free[rest[count]][1]), count + 1
        middle = sum(found[node] for node in rest[:count]) / count
        found |= dict.fromkeys(rest[:count], min(max(middle, low), high))
        rest = rest[count:]


def _stacked(places: Places, columns: Sequence[Sequence[int]], gap: float) -> dict[int, float]:
    """Return the nodes of each column one below the other, about one middle."""
    found = dict[int, float]()
    for column in columns:
        steps = _steps(column, places, gap)
        middle = (steps[0] + steps[-1]) / 2
        found |= {node: step - middle for node, step in zip(column, steps, strict=True)}
    return found


def _steps(column: Sequence[int], places: Places, gap: float) -> list[float]:
    """Return how far down the nodes of a column are where each stands as high as it can."""
    steps = [0.0]
    for upper, lower in pairwise(column):
        steps.append(steps[-1] + places.below[upper] + gap + places.above[lower])
    return steps


def _settled(
    column: Sequence[int],
    weighted: Mapping[int, Sequence[tuple[int, float]]],
    found: Mapping[int, float],
    places: Places,
    gap: float,
) -> dict[int, float]:
    """Return the heights of a column that are nearest to the middles of its nodes' neighbours."""
    steps = _steps(column, places, gap)
    pools: list[tuple[float, float, int]] = []  # the sum of what is wanted, of the weights, and how many they are
    for node, step in zip(column, steps, strict=True):
        weights = sum(weight for _, weight in weighted[node])
        wanted = sum(found[n] * w for n, w in weighted[node]) / weights if weights else found[node]
        weight = weights or 0.01
        pools.append(((wanted - step) * weight, weight, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            (one, its, many), (other, others, more) = pools[-2:]
            pools[-2:] = [(one + other, its + others, many + more)]
    shifts = [total / weight for total, weight, many in pools for _ in range(many)]
    return {node: step + shift for node, step, shift in zip(column, steps, shifts, strict=True)}
