"""The boxes of a sheet on paper: how large each is, and what stands in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape

from derive.language.folder import FOLDER
from derive.notation.mathml import mathml
from derive.render import fills
from derive.story.document import Blank, Block, Content, Document, Paragraph, Table
from derive.story.page import POINTS
from derive.typeset import MathError, MathImages
from derive.typeset.blank import marked_answer, marked_field
from derive.typeset.draw import Drawing
from derive.typeset.images import drawing

PIXEL = 96 / 25.4  # px in a millimetre
LEAST_FORMULA = 45.0  # mm
STYLE = "worksheet.print.css"


def has_blanks(document: Document) -> bool:
    """Whether anything is to be filled in."""
    return any(True for _ in blanks(document))


def blanks(document: Document) -> Iterator[Blank]:
    """Yield the blanks of the document."""
    for content in (document.byline, *_contents(document.blocks)):
        yield from (piece for piece in content if isinstance(piece, Blank))


def _contents(blocks: Iterable[Block]) -> Iterator[Content]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.content
        elif isinstance(block, Table):
            yield from (cell for row in block.rows for cell in row)


@dataclass(frozen=True)
class SheetSetter:
    """Sets the blanks of one document as boxes; a line of text is so many points wide."""

    images: MathImages
    text_width: float
    document: Document

    @cached_property
    def _is_key(self) -> bool:
        return any(blank.number and blank.answer for blank in blanks(self.document))

    def __call__(self, blank: Blank) -> str:
        """Return the box of a blank; words that the packaged fonts do not have stand without a box."""
        try:
            alt, answer = self.shown(blank)
        except MathError:
            return f"<strong>{escape(blank.answer)}</strong>"
        wide, high = self._size(blank)
        label = str(blank.number) if blank.number else ""
        return self.images.blank(alt, (wide * PIXEL, high * PIXEL), label=label, answer=answer)

    def shown(self, blank: Blank) -> tuple[str, Drawing | None]:
        """Return the alt text of a box, and what stands in it; raises `MathError` where no font has it."""
        words = f"{blank.number}: {blank.name}" if blank.number else blank.name
        if blank.answer:
            written = mathml(blank.answer, False) if blank.is_formula else _number(blank.answer)
            return marked_answer(f"{words}: {blank.answer}"), drawing(written)
        return (marked_answer(words) if self._is_key else marked_field(blank.field, words)), None

    def _size(self, blank: Blank) -> tuple[float, float]:
        if blank.is_formula:
            return self._rooms.get(blank.number, self._line), fills.HIGH_FORMULA
        return fills.blank_width(blank), fills.HIGH if blank.number else fills.HIGH_NAME

    @property
    def _line(self) -> float:
        """How wide a line is, in mm."""
        return self.text_width / POINTS

    @cached_property
    def _rooms(self) -> dict[int, float]:
        """How wide the box of each formula is, in mm: of those below each other as wide as the longest line leaves."""
        found: dict[int, float] = {}
        for part in fills.grouped(self.document.blocks, self._line):
            lines = [line for row in part for line in row.lines] if isinstance(part, list) else []
            rooms = [self._line - line.taken for line in lines if line.has_formula]
            room = min((each for each in rooms if each >= LEAST_FORMULA), default=self._line)
            for line in lines:
                if self._line - line.taken >= LEAST_FORMULA:
                    found |= dict.fromkeys((each.number for each in line.formulas), room)
        return found

    @property
    def style(self) -> str:
        """The rules for lines to fill in: their boxes stand below each other."""
        numbers = (blank for blank in blanks(self.document) if blank.number and not blank.is_formula)
        box = max(map(fills.blank_width, numbers), default=0.0)
        half = (self._line - fills.BETWEEN) / 2
        beside = fills.BESIDE
        rules = (
            f".whole .label {{ width: {self._line - box - beside:.2f}mm }}",
            f".half .label {{ width: {half - box - beside:.2f}mm }}",
            f".half {{ width: {half:.2f}mm }}",
            f".left {{ margin-right: {fills.BETWEEN:.2f}mm }}",
            f".fill img.blank {{ margin-left: {beside}mm }}",
        )
        return "\n".join([(FOLDER / STYLE).read_text("utf-8"), *rules, ""])


def _number(text: str) -> str:
    """Return a number as MathML."""
    return "<math><mn>{}</mn></math>".format(escape(text.replace("-", "\u2212"))) if text else ""
