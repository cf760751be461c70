"""What a comparison of gradients says in words: the worst parameters first, and no more than fits a screen."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from derive.comparison.rows import INPUT, KEPT, LEFT_OUT, UNUSED
from derive.comparison.tolerance import PRECISIONS

if TYPE_CHECKING:
    from derive.comparison.gradients import Comparison
    from derive.comparison.rows import GradientRow

MOST_ROWS, MOST_UNREAL, MOST_SLIPS, MOST_NAMES = 10, 3, 3, 6


def comparison_lines(comparison: "Comparison") -> list[str]:
    """Return the lines of the text, at most 24."""
    rows, wrong = comparison.rows, comparison.wrong
    compared = sum(row.kind != INPUT for row in rows)
    part = f"{compared} of {comparison.parameters} parameters compared."
    is_part = compared < comparison.parameters
    if not wrong:
        agree = f"All {len(rows)} derivatives agree" if len(rows) > 1 else "The one derivative agrees"
        return [f"{agree}; {part}" if is_part else f"{agree}.", *_remarks(rows)]
    lines = [f"{len(wrong)} of {len(rows)} derivatives differ:", *_rows(wrong)]
    if comparison.looks_like:
        rtol = PRECISIONS[comparison.looks_like].rtol
        lines.append(
            f"This looks like {comparison.looks_like}, and to that precision all are right: give rtol={rtol!r}, or "
            "compute in float64 throughout."
        )
    if comparison.slips:
        lines.append(f"Most likely mistake: {comparison.slips[0].sentence}")
        lines += [f"Or: {slip.sentence}" for slip in comparison.slips[1:MOST_SLIPS]]
    if is_part:
        lines.append(part)
    return [*lines, *_remarks(rows)]


def _rows(wrong: Sequence["GradientRow"]) -> Iterator[str]:
    """Yield the rows that are furthest off, and how many more there are; what is no number apart from the rest."""
    unreal = [row for row in wrong if not row.is_finite]
    # To the two digits that are shown, so that equal ones keep their order.
    rest = sorted((row for row in wrong if row.is_finite), key=lambda row: -float(f"{row.difference:.1e}"))
    yield from map(str, unreal[:MOST_UNREAL])
    if len(unreal) > MOST_UNREAL:
        yield f"… and {len(unreal) - MOST_UNREAL} more that are nan or infinite"
    if unreal:
        yield "nan and infinities come from an overflow, a division by 0 or the logarithm of 0."
    yield from map(str, rest[:MOST_ROWS])
    if len(rest) > MOST_ROWS:
        yield f"… and {len(rest) - MOST_ROWS} more"


def _remarks(rows: Sequence["GradientRow"]) -> Iterator[str]:
    """Remarks on numbers that agree at a corner, in a mask, or only because floats cannot hold more, and on 0."""
    stray = [row for row in rows if row.kind == LEFT_OUT and not row.agrees]
    if stray:
        yield (
            f"{_names(stray)}: only other outputs depend on these, so their derivatives are 0; those of the sum of "
            "all outputs are not."
        )
    unused = [row for row in rows if row.kind == UNUSED and not row.agrees]
    if unused:
        yield f"{_names(unused)}: the objective does not depend on it, so that 0 is right."
    kept = [row for row in rows if row.kind == KEPT]
    if kept:
        yield f"{_names(kept)}: 0 is accepted instead of the derivative, as these are not trained."
    sided = [row for row in rows if row.sides and row.agrees]
    if sided:
        yield (
            f"{_names(sided)}: at a kink there are only one-sided derivatives, and every number from one to the other "
            "is right."
        )
    lost = [row for row in rows if row.is_lost]
    if lost:
        yield f"{_names(lost)}: floats cannot give more digits of this derivative, as terms cancel in its computation."


def _names(rows: Sequence["GradientRow"]) -> str:
    return ", ".join(row.name for row in rows[:MOST_NAMES]) + (", …" if len(rows) > MOST_NAMES else "")
