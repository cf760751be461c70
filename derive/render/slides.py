"""The article as slides: a PDF of 16:9 pages, one step on each.

A slide is as wide as the text of a page on paper, so that formulas and tables fit it as they fit that one, and so small
that on a screen its letters are large.
"""

import attrs

from derive.errors import InputError
from derive.render import pdf
from derive.render.html import HtmlWriter
from derive.render.pdf import Layout
from derive.render.rendered import Rendered
from derive.story.document import Block, Figure
from derive.story.options import PAPERS
from derive.story.page import MARGINS, Page
from derive.story.slides import slides

SIDES = 9.0  # mm: left and right of the text
WIDTH = PAPERS["a4"][0] - MARGINS.left - MARGINS.right + 2 * SIDES
HEIGHT = WIDTH * 9 / 16
ABOVE, BELOW = 12.0, 10.0  # mm: above and below the text
BESIDE_DRAWING = 25.0  # mm: the heading of a slide with a drawing, and its caption
HIGHEST = HEIGHT - ABOVE - BELOW - BESIDE_DRAWING
STYLE = f"""
@page {{ size: {WIDTH:.2f}mm {HEIGHT:.2f}mm; margin: {ABOVE}mm {SIDES}mm {BELOW}mm {SIDES}mm; }}
.slide {{ break-before: page; }}
h2, h3, h4, .again {{ margin: 0 0 6pt; padding: 0; border: 0; font-size: 13pt; }}
.again {{ color: #555; font-weight: bold; line-height: 1.2; }}
.floating figure {{ float: none; }}
figure svg, figure.wide svg, figure.natural svg {{ width: auto; height: auto; max-width: 100%;
  max-height: {HIGHEST:.1f}mm; }}
figure.compact svg {{ width: 4.6cm; }}
"""


def render(handout: Rendered) -> dict[str, bytes]:
    """Return the PDF as one file."""
    options = handout.options
    content = pdf.typeset(
        handout.document,
        handout.figures,
        language=options.reader_language,
        variant=handout.pdf_variant,
        page=attrs.evolve(options.page, paper="a4", notes_margin=False),
        templates=options.templates,
        layout=Layout(_body, _sized, STYLE),
    )
    return {f"{handout.name}.slides.pdf": content}


def lacks(handout: Rendered) -> InputError | None:
    """Return the error where a library or a font is missing."""
    return pdf.lacks(handout)


def _body(writer: HtmlWriter, blocks: tuple[Block, ...]) -> str:
    beside = {name for name, figure in writer.figures.items() if figure.compact}
    parts = []
    for slide in slides(blocks, beside):
        again = f'<p class="again">{writer.inline(slide.goes_on.content)}</p>\n' if slide.goes_on else ""
        parts.append(f'<div class="slide">{again}{writer.blocks(slide.blocks)}</div>')
    return "\n".join(parts)


def _sized(figure: Figure, page: Page) -> Figure:
    """Return the drawing as it is: the style says how large it may be."""
    return figure
