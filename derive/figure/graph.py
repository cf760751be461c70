"""Any graph of quantities drawn, from left to right: on each node its operation, its value above, its gradient below.

Of the layout libraries for Python that are maintained, none knows how large a node is and by which way a long arrow
goes: fast-sugiyama 0.5 leads a third to a half of the arrows of a graph of 40 nodes through other nodes. So `layered`
finds the places, and a long arrow has a place of its own in each column that it crosses.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from math import ceil

from derive.figure.band import band_scene, short, tangle
from derive.figure.computation import LEAST_UNIT, NAME, PAPER_HEIGHT, PAPER_LENGTH, PAPER_WIDTH, is_wide
from derive.figure.scene import UNIT, Arrow, Box, Label, Scene
from derive.figure.uses import Band, Graph, Style, banded, columns_of
from derive.notation.slots import drawn_relation

MOST_QUANTITIES = 40
EDGE = 4.0  # px around the drawing
BETWEEN_BANDS = 22.0  # px
SUMS_APART = 24.0  # px between the sums of what comes back to a shared weight
SUM_ROW = 22.0  # px


# What is left out where a drawing has no room for all.
STYLES = (
    Style(),
    Style(numbers=False),
    Style(numbers=False, signs=False, is_narrow=True),
    Style(numbers=False, signs=False, is_narrow=True, is_tight=True),
)
# A drawing that is to be low need not have all of a graph: it keeps its operations and some space.
STYLES_OF_LOW = (Style(), Style(numbers=False), Style(numbers=False, is_narrow=True))
MOST_CROSSED = 1.5  # times, an arrow on average
MORE_BANDS = 2  # than the width of one band asks for: cut elsewhere, one of these may fit


@lru_cache(maxsize=32)  # the article asks whether there is a drawing, and the handout draws it
def graph_layout(graph: Graph, highest: float = PAPER_LENGTH) -> Scene | None:
    """Return the drawing, in as few lines as a page has room for; None where it would not be readable.

    The numbers on the arrows are left out where only that leaves it room, and then the operations, too. One that is to
    be no higher than so many cm keeps the operations that it has, and does not lie on its side.
    """
    if not 0 < len(graph.quantities) <= MOST_QUANTITIES:
        return None
    ways = _ways_to_part(graph)
    styles = STYLES if highest == PAPER_LENGTH else STYLES_OF_LOW
    for style in styles[1:] if graph.compact else styles:
        found = _in_style(graph, ways, style, highest)
        if found is not None:
            return replace(found, unit=_unit(found, highest))
    return None


def is_tangled(graph: Graph) -> bool:
    """Whether arrows cross so often that no eye follows one: few that cross are seen, and many that run apart."""
    return tangle(banded(graph, (1,))[0]) > MOST_CROSSED


def _in_style(graph: Graph, ways: Sequence[tuple[int, ...]], style: Style, highest: float) -> Scene | None:
    """Return the drawing in the fewest bands that fit the page; None where none does."""
    bare = replace(style, numbers=False)
    whole = _laid_out(graph, ways[0], bare, PAPER_LENGTH)
    if whole is None and len(ways) == 1:
        return None
    least = ceil(LEAST_UNIT * whole.width / PAPER_WIDTH) if whole is not None else 2
    for parted in (ways[0], *(way for way in ways[1:] if least <= len(way) <= least + MORE_BANDS)):
        found = _laid_out(graph, parted, bare, highest)
        if found is not None and _has_room(found, parted, highest) and style.numbers:
            found = _laid_out(graph, parted, style, highest)
        if found is not None and _has_room(found, parted, highest):
            return found
    return None


def _has_room(scene: Scene, parted: Sequence[int], highest: float) -> bool:
    return _fits(scene, highest) or (len(parted) == 1 and highest == PAPER_LENGTH and _fits_sideways(scene))


def _fits(scene: Scene, highest: float) -> bool:
    return LEAST_UNIT * scene.width <= PAPER_WIDTH and LEAST_UNIT * scene.height <= highest


def _fits_sideways(scene: Scene) -> bool:
    return LEAST_UNIT * scene.width <= PAPER_LENGTH and LEAST_UNIT * scene.height <= PAPER_HEIGHT


def _unit(scene: Scene, highest: float) -> float:
    across, down = (PAPER_LENGTH, PAPER_HEIGHT) if is_wide(scene.width) else (PAPER_WIDTH, highest)
    return min(UNIT, across / scene.width, down / scene.height)


def _ways_to_part(graph: Graph) -> list[tuple[int, ...]]:
    """Return the columns with which bands begin: of one, of two, and so on.

    Each cut is where few quantities are needed again behind it.
    """
    column_of = columns_of(graph)
    last = max(column_of.values(), default=1)
    given = {quantity.id for quantity in graph.quantities if quantity.is_given}
    links = [
        (each.source, column_of[each.source], column_of[each.target])
        for each in graph.dependences
        if each.source not in given
    ]
    ways: list[tuple[int, ...]] = [(1,)]
    for number in range(2, last + 1):
        even = [1 + round(last * part / number) for part in range(1, number)]
        for reach in (1, 0):  # where the best cuts leave too little room, the even ones may not
            cuts = [1]
            for wanted in even:
                near = [cut for cut in range(wanted - reach, wanted + reach + 1) if cuts[-1] < cut <= last]
                near.sort(key=lambda cut: (_needed_again(cut, links), abs(cut - wanted)))
                cuts += near[:1]
            if tuple(cuts) not in ways:
                ways.append(tuple(cuts))
    return ways


def _needed_again(cut: int, links: Sequence[tuple[str, int, int]]) -> int:
    """Return how many quantities from before a cut are used behind it."""
    return len({name for name, start, end in links if start < cut <= end})


@lru_cache(maxsize=16)
def _laid_out(graph: Graph, starts: tuple[int, ...], style: Style, highest: float) -> Scene | None:
    """Return the drawing with bands that begin with these columns; None where it or its numbers have no room."""
    bands = banded(graph, starts)
    boxes, arrows, labels = list[Box](), list[Arrow](), list[Label]()
    width, y = 0.0, EDGE
    for band in bands:
        drawn = band_scene(graph, band, style, highest / LEAST_UNIT - y - EDGE)
        if drawn is None:
            return None
        moved = _moved(drawn, EDGE, y)
        boxes += moved.boxes
        arrows += moved.arrows
        labels += moved.labels
        width, y = max(width, drawn.width), y + drawn.height + BETWEEN_BANDS
    sums = _sums(graph, bands, width, y - BETWEEN_BANDS / 2)
    if sums:
        labels += sums
        y = max(label.area.bottom for label in sums) + BETWEEN_BANDS
        width = max(width, *(label.area.right - EDGE for label in sums))
    return Scene(width + 2 * EDGE, y - BETWEEN_BANDS + EDGE, tuple(boxes), tuple(arrows), tuple(labels))


def _moved(scene: Scene, x: float, y: float) -> Scene:
    return replace(
        scene,
        boxes=tuple(replace(box, x=box.x + x, y=box.y + y) for box in scene.boxes),
        arrows=tuple(
            replace(arrow, x1=arrow.x1 + x, x2=arrow.x2 + x, y1=arrow.y1 + y, y2=arrow.y2 + y) for arrow in scene.arrows
        ),
        labels=tuple(label.at(label.x + x, label.y + y) for label in scene.labels),
    )


def _sums(graph: Graph, bands: Sequence[Band], width: float, y: float) -> list[Label]:
    """Return the gradient of all that is given and stands at several places, of which each has a part."""
    if graph.compact or not graph.objective:
        return []
    parted = {cell.name for band in bands for column in band.columns for cell in column if cell.users}
    found, x, row = list[Label](), EDGE, y + SUM_ROW / 2
    for each in graph.quantities:
        if each.id in parted and each.is_given:
            name, of = short(each.id), short(graph.objective)
            relation = drawn_relation(each.has_exact_gradient, each.gradient)
            label = Label(
                x,
                row,
                NAME,
                name,
                each.gradient,
                anchor="start",
                marked=True,
                slanted=True,
                of=of,
                relation=relation,
                about=each.id,
            )
            if found and label.area.right > EDGE + width:
                x, row = EDGE, row + SUM_ROW
                label = label.at(x, row)
            found.append(label)
            x = label.area.right + SUMS_APART
    return found
