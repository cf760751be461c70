"""Lists of equations: they stand in several displays, as pages end, and are aligned at their relations as one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from derive.render.width import formula_width
from derive.story.document import Block, Display

BEGIN, END, NEXT = r"\begin{aligned} ", r" \end{aligned}", r" \\ "
LEAST = 0.02  # em: a smaller shift is not seen


def levelled(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the blocks, the lists that follow each other with their left sides in columns of one width."""
    for is_list, group in groupby(blocks, _is_list):
        shown = list(group)
        yield from _as_one([block for block in shown if isinstance(block, Display)]) if is_list else shown


def _is_list(block: Block) -> bool:
    return isinstance(block, Display) and bool(_left_sides(block.latex))


def _as_one(displays: Sequence[Display]) -> Iterator[Display]:
    widths = [list(map(formula_width, _left_sides(display.latex))) for display in displays]
    widest = max(map(max, widths))
    for display, own in zip(displays, widths, strict=True):
        room = widest - max(own)
        rows = display.latex.removeprefix(BEGIN).split(NEXT)
        if room > LEAST:
            rows[own.index(max(own))] = rf"\hspace{{{room:.3f}em}}" + rows[own.index(max(own))]
        yield replace(display, latex=BEGIN + NEXT.join(rows))


def _left_sides(latex: str) -> list[str]:
    r"""Return the left sides of a list of equations, each on one line; none of what is no list.

    >>> _left_sides(r"\begin{aligned} a &= 1 \\ b_{2} &= 2 \end{aligned}")
    ['a', 'b_{2}']
    >>> _left_sides(r"\begin{aligned} a &= 1 + 1 \\ &= 2 \end{aligned}")
    []
    """
    if not (latex.startswith(BEGIN) and latex.endswith(END)) or latex.count(r"\begin") > 1:
        return []
    found = [row.partition("&")[0].strip() for row in latex.removeprefix(BEGIN).split(NEXT)]
    return found if len(found) > 1 and all(found) else []
