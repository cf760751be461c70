"""The formulas of one document, as images for WeasyPrint, by ways that it does not promise: see `embedding.py`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from derive.typeset.blank import BlankImage, make_fields
from derive.typeset.boxes import Box
from derive.typeset.breaking import Piece, display_lines, inline_pieces, stacked
from derive.typeset.draw import Drawing, MathImage
from derive.typeset.mathml import Node, parse
from derive.typeset.speech import speak
from derive.typeset.tags import finish_tags, marked

# Displays of more lines than this may be parted between two pages.
LINES_TOGETHER = 5
# Inline formulas shorter than this, in em, stay on one line.
SHORT = 5.0
# The space of a line of text, a third of an em in Latin Modern; gaps within formulas are set against it.
TEXT_SPACE = 0.333
# A line without an end, in em.
WIDEST = 10_000.0
# What a last digit may reach beyond its width, as a 7 does, in em.
OVERHANG = 0.05
# Formulas whose layout is kept in a process; a handout has some two hundred, which take 2 MB.
MOST_KEPT = 2048

_STYLES = """\
img.math { overflow: visible }
img.math-display { display: block }
img.math-first { break-after: avoid }
img.math-middle { margin-top: 0.3em }
img.math-last { margin-top: 0.3em; break-before: avoid }
"""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One image of a formula, the same in every document: what is in it, its CSS classes, the space behind it in em.

    `depth` is that of an image in a line of text, in thousandths of an em below its baseline.
    """

    image: MathImage
    nodes: tuple[Node, ...]
    classes: str
    gap: float = 0.0
    depth: int | None = None


class Slot:
    """Room for a number on a line, so wide, in em; what stands in it may change between two writings of a page."""

    def __init__(self, part: Part, width: float) -> None:
        self.own, self.part, self.width = part, part, max(width, part.image.drawing.box.width) + OVERHANG

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The elements of what stands in it."""
        return self.part.nodes

    @property
    def depth(self) -> int | None:
        """How far it reaches below the line, as its own number does."""
        return self.own.depth

    def fits(self, part: Part) -> bool:
        """Whether a number has room in it."""
        return part.depth is not None and part.image.scale == 1.0 and part.image.drawing.box.width <= self.width

    def get_intrinsic_size(self, resolution: object, font_size: float) -> tuple[float, float, float | None]:
        """Width, height and their ratio, in CSS pixels."""
        width, height = self.width * font_size, self.own.image.drawing.box.extent * font_size
        return width, height, width / height

    def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
        """Put the number on a page, at the right of its room."""
        size = width / self.width
        box, own = self.part.image.drawing.box, self.own.image.drawing.box
        stream.transform(1, 0, 0, 1, width - box.width * size, (own.height - box.height) * size)
        self.part.image.draw(stream, box.width * size, box.extent * size, style)


class MathImages:
    """Sets formulas for one document.

    `font_size` and `max_width` are in pt: a display wider than `max_width` is broken into lines. Formulas take the
    size of the text that they stand in; `font_size` only says how much goes on a line. Give `cache` to
    `HTML(...).render(cache=...)`, put `stylesheet` on the page (after the last `markup`), and give `finisher` to
    `write_pdf(finisher=...)`.

    >>> images = MathImages()
    >>> images.markup("<math><mi>x</mi></math>", display=False)
    '<img class="math math-d11" src="math:0" alt="\\u20630\\u2063x"/>'
    """

    def __init__(self, font_size: float = 10.5, max_width: float = 455.0, language: str = "en") -> None:
        self.max_width = max_width / font_size
        self.language = language
        self.cache: dict[str, Any] = {}
        self._markups: dict[tuple[str, bool, str | None], str] = {}
        self._numbers: dict[Part | Slot, int] = {}

    def markup(self, mathml: str, *, display: bool, alt: str | None = None) -> str:
        """The HTML of a formula: an `img`, or several when it is broken. `alt=None`: spoken words.

        Raises MathError for what cannot be set.
        """
        key = (mathml, display, alt)
        found = self._markups.get(key)
        if found is None:
            parts = laid_out(mathml, display, self.max_width)
            found = self._markups[key] = "".join(self._element(part, alt, not i) for i, part in enumerate(parts))
        return found

    @property
    def stylesheet(self) -> str:
        """The CSS rules for the images made so far: their baselines, and the place of displays."""
        depths = sorted({part.depth for part in self._numbers if part.depth is not None})
        return _STYLES + "".join(f"img.math-d{depth} {{ vertical-align: {-depth / 1000}em }}\n" for depth in depths)

    def finisher(self, document: object, pdf: Any) -> None:
        """Finishes the tags: formulas, heads of tables, what is no content, where figures lie.

        For `write_pdf(finisher=...)`. In PDF 2.0, as for PDF/UA-2, the MathML of formulas is attached too.
        """
        make_fields(pdf)
        finish_tags(pdf, [part.nodes for part in self._numbers])

    def blank(self, alt: str, size: tuple[float, float], *, label: str = "", answer: Drawing | None = None) -> str:
        """The HTML of a box to write in, of that width and height in px: a number in its corner, an answer in it."""
        source = f"blank:{len(self.cache)}"
        corner = drawing(f"<math><mn>{label}</mn></math>") if label else None
        self.cache[source] = BlankImage(*size, corner, answer)
        return f'<img class="blank" src="{source}" alt="{escape(alt)}"/>'

    def slot(self, mathml: str, widest: str) -> str:
        """The HTML of a number in whose place others may stand, none of them wider than ``widest``."""
        (part,), (room,) = laid_out(mathml, False, self.max_width), laid_out(widest, False, self.max_width)
        found = Slot(part, room.image.drawing.box.width)
        self._numbers[found] = number = len(self._numbers)
        source = f"math:{number}"
        self.cache[source] = found
        return f'<img class="math {part.classes}" src="{source}" alt="{escape(self.alt(found))}"/>'

    def alt(self, slot: Slot) -> str:
        """The alt text of what stands in a slot."""
        return marked(spoken(slot.nodes, self.language), self._numbers[slot])

    def _element(self, part: Part, alt: str | None, first: bool) -> str:
        """The HTML of one image; a given `alt` is said once, with the first."""
        number = self._numbers.setdefault(part, len(self._numbers))
        source = f"math:{number}"
        self.cache[source] = part.image
        words = escape(marked(alt if alt is not None and first else spoken(part.nodes, self.language), number))
        image = f'<img class="math {part.classes}" src="{source}" alt="{words}"/>'
        if part.gap:
            image += f'<span style="word-spacing: {round(part.gap - TEXT_SPACE, 3)}em"> </span>'
        return image


@lru_cache(maxsize=MOST_KEPT)
def laid_out(mathml: str, display: bool, max_width: float) -> tuple[Part, ...]:
    """The images that a formula takes; a display wider than `max_width`, in em, is broken into lines.

    The formulas of one handout are for the most part those of the next.
    """
    root = parse(mathml)
    node = Node(root.tag, {**root.attributes, "display": "block" if display else "inline"}, root.children)
    if not display:
        return tuple(_inline(piece, max_width) for piece in inline_pieces(node, SHORT))
    lines = display_lines(node, max_width)
    if len(lines) <= LINES_TOGETHER:
        box = lines[0].box if len(lines) == 1 else stacked(lines)
        return (Part(_image(box, max_width), (node,), "math-display"),)
    places = ["math-first", *["math-middle"] * (len(lines) - 2), "math-last"]
    return tuple(
        Part(_image(line.box, max_width), line.nodes, f"math-display {place}")
        for line, place in zip(lines, places, strict=True)
    )


def drawing(mathml: str) -> Drawing:
    """A formula on one line, as large as it comes."""
    (part,) = laid_out(mathml, True, WIDEST)
    return part.image.drawing


def _inline(piece: Piece, max_width: float) -> Part:
    """An image in a line of text, with the class that moves it down by its depth."""
    image = _image(piece.box, max_width)
    depth = round(piece.box.depth * image.scale * 1000)
    return Part(image, piece.nodes, f"math-d{depth}", piece.gap, depth)


def _image(box: Box, max_width: float) -> MathImage:
    """The image of a box, made smaller where it would not stay on the page."""
    return MathImage(Drawing(box), max_width / box.width if box.width > max_width else 1.0)


@lru_cache(maxsize=MOST_KEPT)
def spoken(nodes: tuple[Node, ...], language: str) -> str:
    """The words of one image of a formula."""
    return " ".join(speak(node, language) for node in nodes)


def spoken_formula(mathml: str, language: str) -> str:
    """The words of a formula, as `MathImages` gives them to its images."""
    return spoken((parse(mathml),), language)
