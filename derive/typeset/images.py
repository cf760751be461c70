"""The formulas of one document, as images for WeasyPrint, by ways that it does not promise: see `embedding.py`."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from derive.typeset.boxes import Box
from derive.typeset.breaking import display_lines, inline_pieces, stacked
from derive.typeset.draw import Drawing, MathImage
from derive.typeset.mathml import Node, parse, write
from derive.typeset.speech import speak
from derive.typeset.tags import marked, tag_formulas

# Displays of more lines than this may be parted between two pages.
LINES_TOGETHER = 5
# Inline formulas shorter than this, in em, stay on one line.
SHORT = 5.0
# The space of a line of text, a third of an em in Latin Modern; gaps within formulas are set against it.
TEXT_SPACE = 0.333

_STYLES = """\
img.math { overflow: visible }
img.math-display { display: block; margin: 0.75em auto }
img.math-first { margin-bottom: 0; break-after: avoid }
img.math-middle { margin-top: 0.3em; margin-bottom: 0 }
img.math-last { margin-top: 0.3em; break-before: avoid }
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One image of a formula: its number in the cache, what is in it, its CSS classes, the space behind it in em."""

    number: int
    nodes: tuple[Node, ...]
    classes: str
    gap: float = 0.0

    @property
    def source(self) -> str:
        return f"math:{self.number}"


class MathImages:
    """Sets formulas for one document.

    `font_size` and `max_width` are in pt: a display wider than `max_width` is broken into lines. Formulas take the
    size of the text that they stand in; `font_size` only says how much goes on a line. Give `cache` to
    `HTML(...).render(cache=...)`, put `stylesheet` on the page (after the last `markup`), and give `finisher` to
    `write_pdf(finisher=...)`.

    >>> images = MathImages()
    >>> images.markup("<math><mi>x</mi></math>", display=False)
    '<img class="math math-d11" src="math:0" alt="\\u20630\\u2063x">'
    """

    def __init__(self, font_size: float = 10.5, max_width: float = 455.0, language: str = "en") -> None:
        self.max_width = max_width / font_size
        self.language = language
        self.cache: dict[str, Any] = {}
        self._markups: dict[tuple[str, bool, str | None], str] = {}
        self._layouts: dict[tuple[str, bool], tuple[Part, ...]] = {}
        self._contents: list[tuple[Node, ...]] = []
        self._depths: set[int] = set()

    def markup(self, mathml: str, *, display: bool, alt: str | None = None) -> str:
        """The HTML of a formula: an `img`, or several when it is broken. `alt=None`: spoken words.

        Raises MathError for what cannot be set.
        """
        key = (mathml, display, alt)
        found = self._markups.get(key)
        if found is None:
            parts = self._layouts.get(key[:2])
            if parts is None:
                parts = self._layouts[key[:2]] = self._lay_out(parse(mathml), display)
            found = self._markups[key] = "".join(self._element(part, alt, not i) for i, part in enumerate(parts))
        return found

    @property
    def stylesheet(self) -> str:
        """The CSS rules for the images made so far: their baselines, and the place of displays."""
        depths = (f"img.math-d{depth} {{ vertical-align: {-depth / 1000}em }}\n" for depth in sorted(self._depths))
        return _STYLES + "".join(depths)

    def finisher(self, document: object, pdf: Any) -> None:
        """Makes the tags of formulas `Formula` (WeasyPrint knows only `Figure`); for `write_pdf(finisher=...)`.

        In PDF 2.0, as for PDF/UA-2, the MathML is attached too.
        """
        tag_formulas(pdf, [write(nodes) for nodes in self._contents])

    def _lay_out(self, root: Node, display: bool) -> tuple[Part, ...]:
        """The images that a formula takes, laid out and put in the cache."""
        node = Node(root.tag, {**root.attributes, "display": "block" if display else "inline"}, root.children)
        if not display:
            return tuple(
                Part(self._add(piece.box, piece.nodes), piece.nodes, self._baseline(piece.box), piece.gap)
                for piece in inline_pieces(node, SHORT)
            )
        lines = display_lines(node, self.max_width)
        if len(lines) <= LINES_TOGETHER:
            box = lines[0].box if len(lines) == 1 else stacked(lines)
            return (Part(self._add(box, (node,)), (node,), "math-display"),)
        places = ["math-first", *["math-middle"] * (len(lines) - 2), "math-last"]
        return tuple(
            Part(self._add(line.box, line.nodes), line.nodes, f"math-display {place}")
            for line, place in zip(lines, places, strict=True)
        )

    def _add(self, box: Box, nodes: tuple[Node, ...]) -> int:
        number = len(self.cache)
        self._contents.append(nodes)
        self.cache[f"math:{number}"] = MathImage(Drawing(box), self._scale(box))
        return number

    def _scale(self, box: Box) -> float:
        """How much a box is made smaller to stay on the page."""
        return self.max_width / box.width if box.width > self.max_width else 1.0

    def _baseline(self, box: Box) -> str:
        """The class that moves an inline image down by its depth."""
        depth = round(box.depth * self._scale(box) * 1000)
        self._depths.add(depth)
        return f"math-d{depth}"

    def _element(self, part: Part, alt: str | None, first: bool) -> str:
        """The HTML of one image; a given `alt` is said once, with the first."""
        words = alt if alt is not None and first else " ".join(speak(node, self.language) for node in part.nodes)
        words = escape(marked(words, part.number))
        image = f'<img class="math {part.classes}" src="{part.source}" alt="{words}">'
        if part.gap:
            image += f'<span style="word-spacing: {round(part.gap - TEXT_SPACE, 3)}em"> </span>'
        return image
