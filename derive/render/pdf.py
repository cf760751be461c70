"""The article as a PDF: the HTML page through WeasyPrint, its formulas set as text by `derive.typeset`.

What of WeasyPrint's is used that is not promised stands in `derive/typeset/embedding.py`.
"""

import logging
import os
import re
import threading
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree

from derive.errors import InputError, shown
from derive.language.language import ENGLISH, Language
from derive.language.templates import SHIPPED, Templates
from derive.notation.mathml import mathml
from derive.render import html
from derive.render.drawings import printed
from derive.render.fit import Room, fitted
from derive.render.placing import rendered
from derive.render.rendered import Rendered
from derive.render.sheet_boxes import SheetSetter, has_blanks
from derive.story.document import Block, Document, Figure
from derive.story.page import PAGE, POINTS, Page
from derive.typeset import MathImages, font_faces, font_files
from derive.typeset.faces import MATH_FAMILY
from derive.typeset.font import glyph_for

FONT_SIZE = 10.0
ANCHORED = re.compile(
    r'<text([^>]*) x="([\d.]+)"([^>]*) font-size="([\d.]+)" text-anchor="(middle|end)"'
    r"((?:(?!italic)[^>])*)>([\d.,−]+)</text>"
)
DESCRIBED = re.compile(r"<title>([^<]*)</title>\s*<desc>([^<]*)</desc>")
CELL_PADDING, CELL_PADDING_WITH_NOTES = 8.0, 5.0  # pt, as in print.css
NUMBER_WIDTH = 24.0  # pt: what the number of an equation takes
INDENT, TABLE_INDENT = 20.0, 12.0  # pt: where displays and tables begin, as in print.css

# What installs the libraries, and fonts for letters that the packaged ones do not have.
PANGO_ON_DEBIAN = "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
PANGO_ON_FEDORA = "dnf install pango"
PANGO_ON_MACOS = "brew install pango"
PANGO_ON_WINDOWS = "pacman -S mingw-w64-ucrt-x86_64-pango"
FONTS_ON_DEBIAN, FONTS_ON_FEDORA = "apt install fonts-noto", "dnf install google-noto-sans-fonts"
FONTS_ON_THE_WEB = "https://fonts.google.com/noto"

# One PDF at a time: the filters of warnings are one for all threads, and WeasyPrint and Pango promise nothing.
_making = threading.Lock()
if hasattr(os, "register_at_fork"):  # not on Windows; a forked process would wait for a thread that it has not
    os.register_at_fork(before=_making.acquire, after_in_parent=_making.release, after_in_child=_making.release)


@dataclass(frozen=True)
class Layout:
    """How the blocks become a page: what writes them, what makes a drawing fit, and what is added to the style.

    ``is_placed`` says whether high drawings are moved so that no page ends early.
    """

    body: Callable[[html.HtmlWriter, tuple[Block, ...]], str]
    sized: Callable[[Figure, Page], Figure]
    style: str = ""
    is_placed: bool = False


ON_PAPER = Layout(html.HtmlWriter.blocks, printed, is_placed=True)


def render(handout: Rendered) -> dict[str, bytes]:
    """Return the PDF as one file."""
    options = handout.options
    content = typeset(
        handout.document,
        handout.figures,
        language=options.reader_language,
        variant=handout.pdf_variant,
        page=options.page,
        templates=options.templates,
    )
    return {f"{handout.name}.pdf": content}


def lacks(handout: Rendered) -> InputError | None:
    """Return the error where a library is missing that WeasyPrint needs, or a font for the title and its lines."""
    texts = (handout.evaluation.computation.title, *handout.options.page.named_lines.values())
    try:
        with quietly():
            weasyprint = weasyprint_library()
            if not "".join(texts).isascii():  # the packaged fonts have all of ASCII
                written(parsed_page(weasyprint, _page_of(texts), SHIPPED).render())
    except InputError as error:
        return error
    return None


def _page_of(texts: Iterable[str]) -> str:
    """Return a page with those texts alone."""
    lines = "".join(f"<p>{escape(text)}</p>" for text in texts)
    return f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>-</title></head><body>{lines}</body></html>'


@contextmanager
def quietly() -> Iterator[None]:
    """Let one thread at a time make a PDF, without warnings."""
    with _making, warnings.catch_warnings():
        # A system without fonts is no matter here: every font comes with the package.
        warnings.simplefilter("ignore", UserWarning)
        yield


def written(pages: Any, **options: Any) -> bytes:
    """Return the PDF of rendered pages; raises `InputError` for a character that no font has: it would be a box."""
    content = bytes(pages.write_pdf(**options))
    lacking = sorted({code for font in pages.fonts.values() for code in getattr(font, "missing", ())})
    if lacking:
        character = chr(lacking[0])
        raise InputError(
            "The PDF needs a font with {found} ({code}, {name}), and none is installed; install one, as with {debian} "
            "(Debian, Ubuntu) or {fedora} (Fedora), or from {web} (macOS, Windows), or leave the character out.",
            found=shown(character),
            code=f"U+{lacking[0]:04X}",
            name=unicodedata.name(character, "?"),
            debian=FONTS_ON_DEBIAN,
            fedora=FONTS_ON_FEDORA,
            web=FONTS_ON_THE_WEB,
        )
    return content


def typeset(
    document: Document,
    figures: Mapping[str, Figure],
    *,
    language: Language = ENGLISH,
    variant: str | None = None,
    page: Page = PAGE,
    templates: Templates = SHIPPED,
    layout: Layout = ON_PAPER,
) -> bytes:
    """Return the PDF, tagged; ``variant`` is a standard that it shall follow, such as "pdf/ua-2".

    Raises `InputError` where the libraries are missing that WeasyPrint needs, or a font for one of the characters, and
    where a template asks for a file.
    """
    with quietly():
        return _typeset(weasyprint_library(), document, figures, language, variant, page, templates, layout)


def _typeset(
    weasyprint: Any,
    article: Document,
    figures: Mapping[str, Figure],
    language: Language,
    variant: str | None,
    page: Page,
    templates: Templates,
    layout: Layout,
) -> bytes:
    images = MathImages(font_size=FONT_SIZE, max_width=page.text_width - INDENT - NUMBER_WIDTH, language=language.code)
    setter = SheetSetter(images, page.text_width, article) if has_blanks(article) else None
    source = html.page(
        replace(article, blocks=fitted(article.blocks, room_on(page))),
        {name: drawn_on_paper(layout.sized(figure, page)) for name, figure in figures.items()},
        language=language,
        math=lambda latex, display: images.markup(mathml(latex, display), display=display),
        fonts=font_faces("pdf", math=any(MATH_FAMILY in figure.svg for figure in figures.values())),
        style="print.css",
        extra_style=lambda: images.stylesheet + layout.style + (setter.style if setter else ""),
        created=created(),
        paper=page,
        templates=templates,
        layout=layout.body,
        blank=setter,
        fill_line=page.text_width / POINTS,
    )
    try:
        parsed = parsed_page(weasyprint, source, templates)
        render = partial(parsed.render, cache=images.cache)
        margin = page.margins.top * POINTS
        pages = rendered(parsed, render, page.text_height, margin) if layout.is_placed else render()
    except weasyprint.urls.FatalURLFetchingError as error:
        if templates.folder is None:
            raise
        raise InputError(
            "{place}: the template asks for a file ({found}); nothing may be loaded from outside, so include it "
            "in the template.",
            place=str(templates.folder),
            found=str(error),
        ) from None
    return written(pages, pdf_tags=True, pdf_variant=variant, finisher=images.finisher)


def drawn_page(svg: str, width: float, height: float, *, title: str, language: Language) -> bytes:
    """Return a PDF with one drawing, on a page of its size in CSS pixels."""
    source = (
        f'<html xmlns="http://www.w3.org/1999/xhtml" lang="{language.code}"><head><title>{title}</title><style>'
        f"{font_faces('pdf', math=MATH_FAMILY in svg)}\n@page {{ size: {width}px {height}px; margin: 0 }}\n"
        f"body {{ margin: 0 }} svg {{ display: block; width: {width}px; height: {height}px }}"
        f"</style></head><body>{_without_anchors(_described(svg))}</body></html>"
    )
    with quietly():
        return written(parsed_page(weasyprint_library(), source, SHIPPED).render(), pdf_tags=True)


def parsed_page(weasyprint: Any, source: str, templates: Templates) -> Any:
    """Return the page as WeasyPrint's `HTML`.

    The package's own page is XML as well and read as such, which takes a hundredth of the time; the elements are the
    same. A user's template is read as a browser would, and so is a page with a character that XML does not have.
    """
    fetcher = _fetcher(weasyprint)
    read = _xml(source) if templates.folder is None else None
    if read is None:
        return weasyprint.HTML(string=source, url_fetcher=fetcher)
    found = weasyprint.HTML(string="", url_fetcher=fetcher)
    found.etree_element.attrib.update(read.attrib)
    found.etree_element[:] = read
    return found


def _xml(source: str) -> ElementTree.Element | None:
    """Return the page's elements, those of HTML without a namespace; None where it is no well-formed XML."""
    try:
        return ElementTree.fromstring(source.replace(' xmlns="http://www.w3.org/1999/xhtml"', "", 1))
    except ElementTree.ParseError:
        return None


def room_on(page: Page) -> Room:
    """Return what a table must fit into; its cells have the padding of the style sheet."""
    padding = 2 * (CELL_PADDING_WITH_NOTES if page.notes_margin else CELL_PADDING)
    return Room((page.text_width - TABLE_INDENT) / FONT_SIZE, padding / FONT_SIZE, html.SHORT_CELL)


def drawn_on_paper(figure: Figure) -> Figure:
    """Return a drawing as WeasyPrint takes it."""
    return replace(figure, svg=_without_anchors(_described(figure.svg)))


def _described(svg: str) -> str:
    """Put all that is said of a drawing into its title, the only part of it that WeasyPrint reads.

    >>> print(_described("<title>A.</title>\\n<desc>B.</desc>"))
    <title>A. B.</title>
    """
    return DESCRIBED.sub(r"<title>\1 \2</title>", svg, count=1)


def _without_anchors(svg: str) -> str:
    """Let the plain numbers of a drawing begin where they begin: WeasyPrint makes a group of each that is centred.

    A drawing has more than a hundred numbers, and a group takes as much room as four of them.

    >>> print(_without_anchors('<text x="50.0" y="9.0" font-size="10.0" text-anchor="middle">0.25</text>'))
    <text x="41.11" y="9.0" font-size="10.0">0.25</text>
    """
    return ANCHORED.sub(_begun, svg)


def _begun(found: re.Match[str]) -> str:
    before, x, between, size, anchor, after, number = found.groups()
    width = sum(glyph_for(character).width for character in number) * float(size)
    start = float(x) - width / (2 if anchor == "middle" else 1)
    return f'<text{before} x="{start:.2f}"{between} font-size="{size}"{after}>{number}</text>'


def created() -> str:
    """Return the date that SOURCE_DATE_EPOCH asks for; without it the PDF has none, and is the same each time."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return ""
    try:
        return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        raise InputError("SOURCE_DATE_EPOCH: found {found}; expected seconds since 1970.", found=shown(epoch)) from None


def weasyprint_library() -> Any:
    """Return WeasyPrint; raises `InputError` where the libraries are missing that it needs."""
    try:
        import weasyprint
    except OSError:
        raise InputError(
            "The PDF needs Pango and HarfBuzz, which are not installed; install them with: {debian} (Debian, Ubuntu), "
            "{fedora} (Fedora), {macos} (macOS), or {windows} (Windows, in MSYS2).",
            debian=PANGO_ON_DEBIAN,
            fedora=PANGO_ON_FEDORA,
            macos=PANGO_ON_MACOS,
            windows=PANGO_ON_WINDOWS,
        ) from None
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    return weasyprint


def _fetcher(weasyprint: Any) -> Any:
    allowed = {Path(path).resolve() for path in font_files("otf").values()}

    class OwnFiles(weasyprint.urls.URLFetcher):  # type: ignore[misc]
        """Serves data: and the package's own fonts, nothing else."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            parts = urlparse(url)
            own = parts.scheme == "file" and Path(unquote(parts.path)).resolve() in allowed
            if parts.scheme != "data" and not own:
                # The fatal kind: WeasyPrint swallows any other exception and goes on without the file.
                raise weasyprint.urls.FatalURLFetchingError(f"the handout asks for {url}, and nothing is ever fetched")
            return super().fetch(url, headers)

    return OwnFiles(allowed_protocols=("data", "file"))
