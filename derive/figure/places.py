"""The position along its arrow at which a label overlaps nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from derive.figure.scene import Arrow, Label, Outline

STEPS = range(18, 83, 4)  # hundredths of the way


def best_place(
    base: Label,
    arrow: Arrow,
    others: Sequence[Arrow],
    outlines: Sequence[Outline],
    taken: Sequence[Label],
    steps: Iterable[int] = STEPS,
) -> Label | None:
    """Return the label at the place along its arrow that fewest other arrows cross, near a third of the way.

    Nodes and other labels it never touches: where no place is free, the answer is None.
    """
    free = []
    for step in steps:
        x, y = arrow.at(step / 100)
        label = replace(base, x=x, y=y)
        if not any(label.touches(outline) for outline in outlines) and not any(label.overlaps(t) for t in taken):
            free.append((sum(label.crosses(other) for other in others), abs(step - 34), label))
    return min(free, key=lambda item: item[:2])[2] if free else None
