"""The article in slides: one step on each, the formulas with the words that lead to them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from derive.story.document import Block, Display, FigureBlock, Heading, ListBlock, Note, Paragraph, Place, Rule, Table

RESULTS = Display | Table | FigureBlock  # what a step ends in


@dataclass(frozen=True)
class Slide:
    """What stands on one slide; ``goes_on`` is the heading of an earlier one whose part this one continues."""

    blocks: tuple[Block, ...]
    goes_on: Heading | None = None


def slides(blocks: Sequence[Block], beside: Collection[str] = ()) -> list[Slide]:
    """Return the slides of an article; figures whose names are in ``beside`` stand beside the text of their step.

    >>> words, formula = Paragraph(()), Display("w")
    >>> [len(slide.blocks) for slide in slides([Heading(2, (), "a"), words, formula, formula, words, formula])]
    [4, 2]
    """
    return list(_slides(blocks, beside))


def _slides(blocks: Sequence[Block], beside: Collection[str]) -> Iterator[Slide]:
    heading: Heading | None = None
    goes_on: Heading | None = None
    here: list[Block] = []
    for block in blocks:
        if isinstance(block, Rule):
            continue
        if _begins(block, here, beside):
            yield Slide(tuple(here), goes_on)
            here, goes_on = [], heading
        if isinstance(block, Heading):
            heading = block
            goes_on = None if not _shown(here) else goes_on
        here.append(block)
    if _shown(here):
        yield Slide(tuple(here), goes_on)


def _begins(block: Block, here: Sequence[Block], beside: Collection[str]) -> bool:
    """Whether a block begins a slide after what stands on this one."""
    said = _shown(here)
    if not said or isinstance(block, Place):
        return False
    last = said[-1]
    if isinstance(block, Heading):
        return not all(isinstance(each, Heading) for each in said)
    if isinstance(block, FigureBlock):
        return block.name not in beside and not isinstance(last, Heading)
    if isinstance(last, FigureBlock):
        return last.name not in beside
    if isinstance(block, Paragraph | ListBlock | Note):
        return any(isinstance(each, RESULTS) and not _is_beside(each, beside) for each in said)
    return isinstance(block, Table) and isinstance(last, Table)


def _is_beside(block: Block, beside: Collection[str]) -> bool:
    return isinstance(block, FigureBlock) and block.name in beside


def _shown(blocks: Sequence[Block]) -> list[Block]:
    """Return what is seen of the blocks."""
    return [block for block in blocks if not isinstance(block, Place)]
