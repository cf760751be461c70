"""The sheets of a class as PDFs: the pages are laid out once, and written for each student with other numbers in them.

A layout does not depend on a student's numbers as long as these have room where those of the worksheet's own sheet
stand: given numbers keep their sign and their decimals, and answers stand in boxes. A sheet of which anything else
differs is laid out by itself. So what a student gets does not depend on who came before.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import attrs

from derive.notation.mathml import mathml
from derive.render import html, pdf
from derive.render.fit import fitted
from derive.render.sheet import RenderedSheet
from derive.render.sheet_boxes import SheetSetter
from derive.story.document import Blank
from derive.story.page import POINTS
from derive.story.worksheet import SheetOptions, answer_text
from derive.typeset import MathError, MathImages, font_faces
from derive.typeset.blank import BlankImage
from derive.typeset.images import Slot, laid_out

NUMBER = re.compile(r"(?P<before>\\approx )?(?P<sign>-?)(?P<whole>\d+)(?:(?P<mark>\.|\{,\})(?P<decimals>\d+))?")
MOST_TIMES = 2  # that a number may be as large as the worksheet's own, with a few units beside
MORE = 5

Entry = tuple[str, bool] | Blank


@dataclass
class _Recorder:
    """Writes a place for each formula and each blank, and keeps what stands there."""

    found: list[Entry] = field(default_factory=list)

    def math(self, latex: str, display: bool) -> str:
        return self._place((latex, display))

    def blank(self, blank: Blank) -> str:
        return self._place(blank)

    def _place(self, entry: Entry) -> str:
        self.found.append(entry)
        return f'<img id="{len(self.found)}"/>'


class SheetPress:
    """Writes sheets, or keys, that have the pages of the worksheet's own one, ``own``."""

    def __init__(self, own: RenderedSheet) -> None:
        self.own, page, language = own, own.options.page, own.options.reader_language
        self.images = MathImages(
            font_size=pdf.FONT_SIZE,
            max_width=page.text_width - pdf.INDENT - pdf.NUMBER_WIDTH,
            language=language.code,
        )
        self.setter = SheetSetter(self.images, page.text_width, own.document)
        self.entries, self.skeleton = self._recorded(own)
        self.places: list[str] = []  # the source of the image of each entry that may change, "" for another
        self.source = self._page(own, self._math, self._blank, lambda: self.images.stylesheet + self.setter.style)
        with pdf.quietly():
            weasyprint = pdf.weasyprint_library()
            parsed = pdf.parsed_page(weasyprint, self.source, own.options.templates)
            self.pages = parsed.render(cache=self.images.cache)
            self.elements = {each.get("src"): each for each in parsed.etree_element.iter("img")}

    def recorded(self, sheet: RenderedSheet) -> Sequence[Entry] | None:
        """Return what stands in the places of a sheet; None where it has not the pages of the worksheet's own one."""
        entries, skeleton = self._recorded(sheet)
        return entries if skeleton == self.skeleton and len(entries) == len(self.entries) else None

    def pdf(self, sheet: RenderedSheet, entries: Sequence[Entry]) -> bytes | None:
        """Return a sheet or its key as a PDF, from what is recorded of the sheet; None where something has no room."""
        with pdf.quietly():
            if not self._set(sheet, entries):
                return None
            self.pages.fonts = {}
            self.pages.metadata.keywords = [sheet.options.page.keywords] if sheet.options.page.keywords else []
            return pdf.written(self.pages, pdf_tags=True, pdf_variant=sheet.pdf_variant, finisher=self.images.finisher)

    def _set(self, sheet: RenderedSheet, entries: Sequence[Entry]) -> bool:
        """Put the entries in their places; return whether all have room."""
        for own, entry, place in zip(self.entries, entries, self.places, strict=True):
            image = self.images.cache.get(place)
            if isinstance(image, Slot) and isinstance(entry, tuple):
                parts = laid_out(mathml(*entry), False, self.images.max_width)
                if len(parts) > 1 or not image.fits(parts[0]):
                    return False
                image.part = parts[0]
                self.elements[place].set("alt", self.images.alt(image))
            elif isinstance(image, BlankImage) and isinstance(entry, Blank) and isinstance(own, Blank):
                if replace(entry, answer="") != replace(own, answer=""):
                    return False
                try:
                    alt, image.answer = self.setter.shown(_answered(entry, own, sheet.options))
                except MathError:
                    return False
                self.elements[place].set("alt", alt)
            elif own != entry:
                return False
        return True

    def _recorded(self, sheet: RenderedSheet) -> tuple[list[Entry], str]:
        recorder = _Recorder()
        skeleton = self._page(sheet, recorder.math, recorder.blank, str)
        return recorder.found, skeleton

    def _page(self, sheet: RenderedSheet, math: Any, blank: Any, style: Any) -> str:
        options, figures = sheet.options, self.own.figures
        page = attrs.evolve(options.page, keywords="")
        return html.page(
            replace(sheet.document, blocks=fitted(sheet.document.blocks, pdf.room_on(page))),
            {name: pdf.drawn_on_paper(pdf.ON_PAPER.sized(figure, page)) for name, figure in figures.items()},
            language=options.reader_language,
            math=math,
            fonts=font_faces("pdf", math=False),
            style="print.css",
            extra_style=style,
            created=pdf.created(),
            paper=page,
            templates=options.templates,
            blank=blank,
            fill_line=page.text_width / POINTS,
        )

    def _math(self, latex: str, display: bool) -> str:
        number = None if display else NUMBER.fullmatch(latex)
        if number is None:
            self.places.append("")
            return self.images.markup(mathml(latex, display), display=display)
        markup = self.images.slot(mathml(latex, False), mathml(_widest(number), False))
        self.places.append(re.search(r'src="([^"]+)"', markup)[1])  # type: ignore[index]
        return markup

    def _blank(self, blank: Blank) -> str:
        markup = self.setter(blank)
        found = re.search(r'src="([^"]+)"', markup)
        self.places.append(found[1] if found else "")
        return markup


def _answered(blank: Blank, own: Blank, options: SheetOptions) -> Blank:
    """Return a blank of a sheet with the answer that its key has; the formula is that of the worksheet's own key."""
    if not options.is_key or not blank.number:
        return blank
    return replace(
        blank, answer=own.answer if blank.is_formula else answer_text(options.answers[blank.number], options)
    )


def _widest(number: re.Match[str]) -> str:
    """Return the widest number that a student may have in place of this one: digits are all as wide."""
    whole = str(MOST_TIMES * int(number["whole"]) + (0 if number["decimals"] else MORE))
    decimals = f"{number['mark']}{number['decimals']}" if number["decimals"] else ""
    return f"{number['before'] or ''}{number['sign']}{whole}{decimals}"
