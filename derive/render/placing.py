"""High drawings in the PDF: each stands in its place, or a few blocks from it where a page would else end early.

A page ends where a drawing does not fit on it any more. How much white that leaves is only known once the pages are
set; where it is much, the drawing goes before the last blocks of its section, or behind the next ones, and the pages
are set again: never past a section's heading, as what it shows is told in its section. So they are set again where the
last page would hold next to nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

FLOATING = "floating"  # the class of a figure that may be moved
TIGHT = "tight"  # the class of a page that is set with a little less space
MOST_WHITE = 0.2  # of the text's height: what may be left before a drawing
LITTLE_WHITE = 0.05  # the same where a last page could be spared
LEAST_USED = 0.2  # of the text's height: a last page with less is spared, where possible
BETWEEN = 6.0  # px: between two blocks at least
FOUND = "placed-"  # of ids that are given here, so that blocks are found on their pages
SECTION = "h2"
HEADINGS = (SECTION, "h3", "h4")
PX = 0.75  # points

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Pages:
    """Where the blocks are: of each page the rectangles by id; ``height`` is that of a page's text, in px."""

    rectangles: Sequence[dict[str, Rectangle]]
    height: float
    bottom: float

    def first(self, block: Element) -> int:
        """Return the page on which a block begins."""
        return next(number for number, found in enumerate(self.rectangles) if block.attrib["id"] in found)

    def parts(self, block: Element) -> Iterator[tuple[int, float, float]]:
        """Yield the pages of a block with its top and its bottom there."""
        for number, found in enumerate(self.rectangles):
            if block.attrib["id"] in found:
                _, top, _, bottom = found[block.attrib["id"]]
                yield number, top, bottom

    def end(self, blocks: Sequence[Element], page: int) -> float | None:
        """Return where the blocks end on a page; None where none of them is on it."""
        ends = [bottom for block in blocks for number, _, bottom in self.parts(block) if number == page]
        return max(ends, default=None)

    def heights(self, blocks: Sequence[Element]) -> Iterator[float]:
        """Yield for each block how far it moves on what follows it."""
        page, end = -1, 0.0
        for block in blocks:
            moved = 0.0
            for number, top, bottom in self.parts(block):
                moved += bottom - top + BETWEEN if number != page else max(0.0, bottom - end)
                page, end = number, max(bottom, end) if number == page else bottom
            yield moved


@dataclass(frozen=True)
class _Paper:
    """What sets the pages, and how high their text is and where it ends, in px."""

    render: Callable[[], Any]
    height: float
    bottom: float

    def pages(self, document: Any) -> _Pages:
        return _Pages([page.anchors for page in document.pages], self.height, self.bottom)


def rendered(html: Any, render: Callable[[], Any], text_height: float, margin_top: float) -> Any:
    """Return the finished pages, which ``render()`` makes of the elements as they then stand.

    ``html`` is WeasyPrint's; the text of a page is that many points high and begins below that margin. Where the last
    page would be nearly empty, all is set a little tighter, if that spares it.
    """
    root = html.etree_element
    parents = {child: parent for parent in root.iter() for child in parent}
    floating = [element for element in root.iter("figure") if FLOATING in element.get("class", "").split()]
    # What has no caption is not cited, and stands where it is needed.
    movable = [figure for figure in root.iter("figure") if figure in floating or figure.find("figcaption") is not None]
    blocks = [child for body in root.iter("main") for child in body]
    _name([*blocks, *(child for figure in movable for child in parents[figure])])
    height = text_height / PX
    paper = _Paper(render, height, margin_top / PX + height)
    before = {figure: list(parents[figure]) for figure in movable}
    document = _placed(floating, parents, paper)
    if blocks and _is_nearly_empty(document, blocks, paper):
        after = {figure: list(parents[figure]) for figure in movable}
        body = parents[parents[blocks[0]]]
        kinds = body.get("class", "")
        body.set("class", f"{kinds} {TIGHT}".strip())
        for figures, most_white in ((floating, MOST_WHITE), (movable, LITTLE_WHITE)):
            _restore(before, parents)
            tighter = _placed(figures, parents, paper, most_white)
            if len(tighter.pages) < len(document.pages):
                document = tighter
                break
        else:
            body.set("class", kinds)
            _restore(after, parents)
    for page in document.pages:
        for name in [name for name in page.anchors if name.startswith(FOUND)]:
            del page.anchors[name]  # nothing leads there
    return document


def _name(blocks: Sequence[Element]) -> None:
    """Give ids to the blocks that have none."""
    for number, block in enumerate(blocks):
        block.attrib.setdefault("id", f"{FOUND}{number}")


def _restore(children: Mapping[Element, Sequence[Element]], parents: Mapping[Element, Element]) -> None:
    """Put the figures back where they stood among what surrounds them."""
    for figure, blocks in children.items():
        parents[figure][:] = blocks


def _placed(
    floating: Sequence[Element], parents: Mapping[Element, Element], paper: _Paper, most_white: float = MOST_WHITE
) -> Any:
    """Return the pages with each figure at its place, and the elements so ordered."""
    document = paper.render()
    for figure in floating:
        if _moved(figure, parents[figure], paper.pages(document), most_white):
            document = paper.render()
    return document


def _is_nearly_empty(document: Any, blocks: Sequence[Element], paper: _Paper) -> bool:
    """Return whether there is a last page that is hardly used."""
    last = len(document.pages) - 1
    end = paper.pages(document).end(blocks, last)
    return last > 0 and end is not None and paper.bottom - end > (1 - LEAST_USED) * paper.height


def _moved(figure: Element, parent: Element, pages: _Pages, most_white: float) -> bool:
    """Move the figure where it leaves too much white before it; return whether it was."""
    blocks = list(parent)
    place = blocks.index(figure)
    page = pages.first(figure)
    if page == 0 or pages.end(blocks[:place], page) is not None:
        return False  # something stands before it on its page, so that it fitted
    end = pages.end(blocks[:place], page - 1)
    white = 0.0 if end is None else pages.bottom - end
    if white <= most_white * pages.height:
        return False
    wanted = _before(figure, blocks, pages, page - 1) or _behind(blocks, place, pages, white)
    if wanted == place:
        return False
    parent.remove(figure)
    parent.insert(wanted if wanted < place else wanted - 1, figure)
    return True


def _before(figure: Element, blocks: Sequence[Element], pages: _Pages, page: int) -> int | None:
    """Return the last place in the figure's section at which it fits on the page before; None where there is none."""
    room = sum(pages.heights([figure])) + BETWEEN
    for place in range(blocks.index(figure) - 1, 0, -1):
        if blocks[place].tag in HEADINGS or blocks[place - 1].tag in HEADINGS:
            return None
        tops = [top for number, top, _ in pages.parts(blocks[place]) if number == page]
        if tops and tops[0] + room <= pages.bottom and _may_part(blocks[place - 1], blocks[place]):
            return place
    return None


def _behind(blocks: Sequence[Element], place: int, pages: _Pages, white: float) -> int:
    """Return the last place in the section at which what stands before the figure still fits into the white."""
    filled, found = 0.0, place
    following = blocks[place + 1 :]
    for number, height in enumerate(pages.heights(following), start=place + 1):
        if number > place + 1 and _may_part(blocks[number - 1], blocks[number]):
            found = number
        filled += height
        if filled > white or blocks[number].tag == SECTION:
            return found
    return found


def _may_part(before: Element, behind: Element) -> bool:
    """Return whether a drawing may stand between two blocks: not within what belongs together."""
    if before.tag in HEADINGS or "introduces" in before.get("class", ""):
        return False
    one, other = (block.get("class", "").split()[:1] for block in (before, behind))
    is_start = behind.tag in HEADINGS or "introduces" in behind.get("class", "")
    is_conclusion = one == ["table"] and not is_start
    return not is_conclusion and not one == other == ["display"]
