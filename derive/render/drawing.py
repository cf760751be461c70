"""One drawing as a file: SVG, PDF, PNG, or TikZ for a LaTeX document."""

import re
from collections.abc import Callable, Mapping
from html import escape

from derive.checks import one_of
from derive.language.language import Language
from derive.render import pdf
from derive.render.programs import PDFTOPPM, made_by
from derive.story.document import Figure

SIZE = re.compile(r'<svg\b[^>]*?\bviewBox="0 0 ([\d.]+) ([\d.]+)"')
DOTS = 192  # of a PNG in an inch: two for each pixel of the drawing
HEAD = "% For \\input, in a document with \\usepackage{amsmath,tikz} and \\usetikzlibrary{arrows.meta}."


def render(figure: Figure, format_: str, title: str, language: Language) -> bytes:
    """Return the drawing in that format; raises `InputError` for an unknown one, and where a program is missing."""
    return FORMATS[one_of(format_, FORMATS, "format")](figure, title, language)


def _svg(figure: Figure, title: str, language: Language) -> bytes:
    return f"{figure.svg}\n".encode()


def _tex(figure: Figure, title: str, language: Language) -> bytes:
    return f"{HEAD}\n{figure.tikz}\n".encode()


def _pdf(figure: Figure, title: str, language: Language) -> bytes:
    """Return a page that is as large as the drawing."""
    size = SIZE.search(figure.svg)
    assert size is not None  # all drawings of derive's own have it
    return pdf.drawn_page(figure.svg, *map(float, size.groups()), title=escape(title), language=language)


def _png(figure: Figure, title: str, language: Language) -> bytes:
    return made_by(PDFTOPPM, ["-png", "-r", str(DOTS), "-"], _pdf(figure, title, language), "png")


FORMATS: Mapping[str, Callable[[Figure, str, Language], bytes]] = {"svg": _svg, "pdf": _pdf, "png": _png, "tex": _tex}
