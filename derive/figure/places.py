"""The positions along their arrows at which labels touch nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

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
    choices = {}
    # The steepest have least room: where one of them has none, the others need not be looked at.
    for number in sorted(bases, key=lambda number: -abs(arrows[number].y2 - arrows[number].y1)):
        choices[number] = _choices(bases[number], number, arrows, taken, steps)
        if not choices[number]:
            return None
    found: dict[int, Label] = {}
    for number in sorted(choices, key=lambda number: len(choices[number])):
        free = [
            label for label in choices[number] if not any(label.area.is_near(other.area) for other in found.values())
        ]
        if not free:
            return None
        found[number] = free[0]
    return {number: found[number] for number in bases}


def _choices(
    base: Label, number: int, arrows: Sequence[Arrow], taken: Sequence[Area], steps: Sequence[int]
) -> list[Label]:
    """Return the label at every place where it touches neither another arrow nor what is drawn, the best one first."""
    arrow = arrows[number]
    # Only what lies between the same columns can be met.
    others = [
        other for place, other in enumerate(arrows) if place != number and other.x1 < arrow.x2 and arrow.x1 < other.x2
    ]
    near = [area for area in taken if area.left < arrow.x2 and arrow.x1 < area.right]
    free = []
    for step in sorted(steps, key=lambda step: abs(step - FAVOURITE)):
        label = base.at(*arrow.at(step / 100))
        if (
            _has_stubs(label, arrow)
            and not any(label.area.is_near(area) for area in near)
            and not any(other.within(label.area) for other in others)
        ):
            free.append(label)
    return free


def _has_stubs(label: Label, arrow: Arrow) -> bool:
    return (
        label.area.left - MARGIN - STUB > arrow.x1 and label.area.right + MARGIN + ACROSS + HEAD + STUB / 2 < arrow.x2
    )


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
