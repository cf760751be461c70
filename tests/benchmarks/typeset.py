"""Mathematics in the PDF: each formula, and the whole page.

All figures come from one run; ratios hold, times vary with the machine. The peer is ziamath, which
draws a formula as SVG paths; without it its lines are left out. "Empty boxes" is the same page with images of the
same size that draw nothing: what WeasyPrint takes by itself.
"""

import io

from measuring import Work, in_turns, installed, line, options, ratios, seconds

import derive
from derive.notation.mathml import mathml
from derive.render import html, pdf
from derive.render.collector import resting
from derive.story.document import Display, Document, Math, Paragraph, Table
from derive.story.page import PAGE
from derive.typeset import MathImages, font_faces
from derive.typeset.images import laid_out, spoken

MAX_WIDTH = PAGE.text_width - 2 * pdf.NUMBER_WIDTH  # pt: the line of a display, as in the PDF


def formulas(document: Document) -> list[tuple[str, bool]]:
    """Return every formula of the document, LaTeX and whether it is a display."""
    found: list[tuple[str, bool]] = []
    for block in document.blocks:
        if isinstance(block, Display):
            found.append((block.latex, True))
        elif isinstance(block, Paragraph):
            found += [(piece.latex, False) for piece in block.content if isinstance(piece, Math)]
        elif isinstance(block, Table):
            cells = [cell for row in (block.head, *block.rows) for cell in row]
            found += [(piece.latex, False) for cell in cells for piece in cell if isinstance(piece, Math)]
    return found


def forget() -> None:
    """Let every formula be made afresh that a process keeps."""
    for kept in (mathml, laid_out, spoken):
        kept.cache_clear()


def set_by_us(found: list[tuple[str, bool]]) -> MathImages:
    """Set the formulas by derive.typeset."""
    forget()
    images = MathImages(font_size=pdf.FONT_SIZE, max_width=MAX_WIDTH)
    for latex, display in found:
        images.markup(mathml(latex, display), display=display)
    return images


def set_by_ziamath(found: list[tuple[str, bool]]) -> dict[tuple[str, bool], str]:
    """Return each distinct formula as SVG by ziamath; what it does not know is left out."""
    import ziamath

    made = {}
    for latex, display in dict.fromkeys(found):
        made[latex, display] = ziamath.Math.fromlatex(latex, size=pdf.FONT_SIZE * 4 / 3, inline=not display).svg()
    return made


class Empty:
    """An image in WeasyPrint's cache that takes the place of another and draws nothing."""

    def __init__(self, image: object) -> None:
        self.image = image

    def __getattr__(self, name: str) -> object:
        return getattr(self.image, name)

    def draw(self, *_: object, **__: object) -> None:
        """Draw nothing."""


class EmptyImages(MathImages):
    """The formulas' boxes without their ink."""

    def markup(self, *arguments: object, **options: object) -> str:
        """Return the markup of an empty box."""
        text = super().markup(*arguments, **options)
        self.cache.update({k: v if isinstance(v, Empty) else Empty(v) for k, v in self.cache.items()})
        return text


def page(handout: derive.Handout, images: MathImages) -> str:
    """Return the handout's page with its formulas as images."""
    return html.page(
        handout.document,
        handout.figures,
        math=lambda latex, display: images.markup(mathml(latex, display), display=display),
        fonts=font_faces("pdf", math=False),
        style="print.css",
        extra_style=lambda: images.stylesheet,
    )


def weasyprint_alone(handout: derive.Handout) -> Work:
    """Return what lays out and writes the page with empty boxes, its markup and layout of formulas made before."""
    import weasyprint

    images = EmptyImages(font_size=pdf.FONT_SIZE, max_width=MAX_WIDTH)
    source = page(handout, images)

    def work() -> None:
        with resting():
            rendered = weasyprint.HTML(string=source, url_fetcher=pdf._fetcher(weasyprint)).render(cache=images.cache)
            rendered.write_pdf(pdf_tags=True)

    return work


def with_ziamath(handout: derive.Handout) -> None:
    """Write the page with ziamath's SVG in place of formulas."""
    import base64

    import weasyprint
    import ziamath

    made: dict[tuple[str, bool], str] = {}

    def picture(latex: str, display: bool) -> str:
        key = (latex, display)
        if key not in made:
            svg = ziamath.Math.fromlatex(latex, size=pdf.FONT_SIZE * 4 / 3, inline=not display).svg()
            made[key] = base64.b64encode(svg.encode()).decode()
        return f'<img alt="" src="data:image/svg+xml;base64,{made[key]}"/>'

    source = html.page(
        handout.document,
        handout.figures,
        math=picture,
        fonts=font_faces("pdf", math=False),
        style="print.css",
    )
    weasyprint.HTML(string=source).write_pdf(io.BytesIO())


def one_formula(found: list[tuple[str, bool]], quick: bool, with_peer: bool) -> None:
    """Compare LaTeX → MathML → boxes with ziamath, a formula."""
    rounds = 1 if quick else 5
    ours = seconds(lambda: set_by_us(found), rounds) / len(found)
    distinct = list(dict.fromkeys(found))
    line(f"{len(found)} formulas, {len(distinct)} distinct, each", 1e6 * ours, unit="µs")
    if with_peer:
        ours = seconds(lambda: set_by_us(distinct), rounds)
        theirs = seconds(lambda: set_by_ziamath(distinct), 1)
        goal = "" if quick else "at least 50"
        line("ziamath's time for a formula over ours, every formula distinct", theirs / ours, goal)


def whole_page(handout: derive.Handout, quick: bool, with_peer: bool) -> None:
    """Compare the whole PDF with empty boxes and with ziamath."""
    pdf.typeset(handout.document, handout.figures)  # everything loaded

    def fresh() -> None:
        forget()
        with resting():  # as where a handout is written
            pdf.typeset(handout.document, handout.figures)

    times = in_turns({"ours": fresh, "alone": weasyprint_alone(handout)}, 1 if quick else 5)
    goal = "" if quick else "at most 1.35"
    line("the handout's PDF over WeasyPrint with empty boxes", ratios(times["ours"], times["alone"]), goal)
    if with_peer:
        theirs = seconds(lambda: with_ziamath(handout), 1)
        goal = "" if quick else "at least 10"
        line("the PDF with ziamath's SVG over ours", [theirs / ours for ours in times["ours"]], goal)


def main(quick: bool) -> None:
    """Print every comparison."""
    handout = derive.load("single_neuron" if quick else "article").derive().handout()
    with_peer = installed("ziamath")
    one_formula(formulas(handout.document), quick, with_peer)
    whole_page(handout, quick, with_peer)


if __name__ == "__main__":
    main(options(__doc__).parse_args().quick)
