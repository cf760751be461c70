"""The positions along their arrows at which labels touch nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from derive.figure.scene import HEAD, MARGIN, Area, Arrow, Label

STEPS = range(10, 91, 3)  # hundredths of the way
FAVOURITE = 34
STUB = 2.0  # px: what is seen at least of the line at both sides of a label
MOST_STEP = 5.0  # px between two arrows' heads
ACROSS = 1.0  # px more than the margin, at the sides of a label on its arrow


def placed(
    bases: Mapping[int, Label],
    arrows: Sequence[Arrow],
    taken: Sequence[Area],
    steps: Sequence[int] = STEPS,
) -> dict[int, Label] | None:
    """Return each label at a place on its arrow where it touches nothing else, those with least choice first.

    ``bases`` has the labels by the numbers of their arrows, ``taken`` what is drawn already. None where one has no
    place.
    """
    # The steepest have least room: where one of them has none, the others need not be looked at.
    steepest = sorted(bases, key=lambda number: -abs(arrows[number].y2 - arrows[number].y1))
    searches = {number: _choices(bases[number], number, arrows, taken, steps) for number in steepest}
    firsts: dict[int, Spot] = {}
    for number, search in searches.items():
        first = next(search, None)
        if first is None:
            return None
        firsts[number] = first
    choices = {number: [firsts[number], *search] for number, search in searches.items()}
    found: dict[int, Spot] = {}
    for number in sorted(choices, key=lambda number: len(choices[number])):
        others = [area for *_, area in found.values()]
        free = (spot for spot in choices[number] if not any(spot.area.is_near(area) for area in others))
        spot = next(free, None)
        if spot is None:
            return None
        found[number] = spot
    return {number: bases[number].at(found[number].x, found[number].y) for number in bases}


class Spot(NamedTuple):
    """A point at which a label may stand, and the rectangle that its ink fills there."""

    x: float
    y: float
    area: Area


def _choices(
    base: Label, number: int, arrows: Sequence[Arrow], taken: Sequence[Area], steps: Sequence[int]
) -> Iterator[Spot]:
    """Yield every place at which the label touches neither another arrow nor what is drawn, the best one first.

    So many places are looked at that no label is made for each.
    """
    arrow = arrows[number]
    # Only what lies between the same columns can be met.
    others = [
        other for place, other in enumerate(arrows) if place != number and other.x1 < arrow.x2 and arrow.x1 < other.x2
    ]
    near = [area for area in taken if area.left < arrow.x2 and arrow.x1 < area.right]
    for step in sorted(steps, key=lambda step: abs(step - FAVOURITE)):
        x, y = arrow.at(step / 100)
        area = base.area_at(x, y)
        if (
            _has_stubs(area, arrow)
            and not any(area.is_near(other) for other in near)
            and not any(other.meets(area) for other in others)
        ):
            yield Spot(x, y, area)


def _has_stubs(area: Area, arrow: Arrow) -> bool:
    return area.left - MARGIN - STUB > arrow.x1 and area.right + MARGIN + ACROSS + HEAD + STUB / 2 < arrow.x2


def parted(arrow: Arrow, label: Label | None) -> Arrow:
    """Return the arrow without its line where its label stands."""
    if label is None:
        return arrow
    left, top, right, bottom = label.area
    return replace(arrow, gap=arrow.within(Area(left - ACROSS, top, right + ACROSS, bottom)))


def heads(starts: Sequence[float], height: float, spread: float) -> list[float]:
    """Return the heights at which arrows end: side by side at their node, in the order of their starts.

    One that starts at the height of the node ends there, so that it is level.

    >>> heads([90.0, 10.0, 50.0], 50.0, 30.0)
    [55.0, 45.0, 50.0]
    """
    order = sorted(range(len(starts)), key=lambda number: starts[number])
    level = [place for place, number in enumerate(order) if abs(starts[number] - height) < 0.5]
    middle = level[0] if level else (len(starts) - 1) / 2
    step = min(spread / 2 / max(middle, len(starts) - 1 - middle, 1), MOST_STEP)
    return [height + (order.index(number) - middle) * step for number in range(len(starts))]
