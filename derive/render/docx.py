"""The article for Word, by pandoc: its equations are Word's own, its drawings are pictures.

Pandoc reads a page of HTML in which each formula is LaTeX in a ``script`` that nothing runs, as MathJax has it.
"""

import re
from base64 import b64encode
from dataclasses import replace
from html import escape

from derive.errors import InputError
from derive.language.language import Language
from derive.render import drawing
from derive.render.html import HtmlWriter
from derive.render.programs import PANDOC, PDFTOPPM, made_by, path_of
from derive.render.rendered import Rendered
from derive.story.document import Blank, Figure, FigureBlock

FORMAT = "docx"
ROOM = re.compile(r"\\hspace\{[\d.]+em\}")
# Sections are headings of level 2 on the page, below its title, and of level 1 in Word.
ARGUMENTS = ("--from", "html", "--to", FORMAT, "--shift-heading-level-by", "-1", "--output", "-")


def render(handout: Rendered) -> dict[str, bytes]:
    """Return the document as one file; raises `InputError` where pandoc or what makes its pictures is missing."""
    path_of(PANDOC, FORMAT)  # asked before the pictures are made
    return {f"{handout.name}.{FORMAT}": made_by(PANDOC, ARGUMENTS, page(handout).encode(), FORMAT)}


def lacks(handout: Rendered) -> InputError | None:
    """Return the error where a program is missing."""
    try:
        path_of(PANDOC, FORMAT)
        path_of(PDFTOPPM, FORMAT)
    except InputError as error:
        return error
    return None


def page(handout: Rendered) -> str:
    """Return the page that pandoc reads."""
    document, language = handout.document, handout.options.reader_language
    said = {block.name: block.description for block in document.blocks if isinstance(block, FigureBlock)}
    pictures = {
        name: replace(figure, svg=_picture(figure, said.get(name, document.title), language))
        for name, figure in handout.figures.items()
    }
    writer = HtmlWriter(pictures, _formula, language, _blank)
    byline = f"<p>{writer.inline(document.byline)}</p>\n" if document.byline else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{language.code}"><head><meta charset="utf-8"/>'
        f"<title>{escape(document.title)}</title></head>\n<body>\n{byline}{writer.blocks(document.blocks)}\n</body></html>\n"
    )


def _formula(latex: str, display: bool) -> str:
    """Return a formula for pandoc; within it no ``</script`` can stand, as LaTeX needs no such sign.

    The room that aligns numbers in a table is left out: pandoc 2 does not read parts of an em.
    """
    latex = ROOM.sub("", latex)
    return f'<script type="math/tex{"; mode=display" if display else ""}">{latex.replace("</", "< /")}</script>'


def _blank(blank: Blank) -> str:
    """Return a blank as a line to write on or its answer, and its number behind it: Word has no field of HTML's."""
    number = f" ({blank.number})" if blank.number else ""
    if blank.is_formula and blank.answer:
        return f" {_formula(blank.answer, False)}{number}"
    return f" <strong>{escape(blank.answer)}</strong>{number}" if blank.answer else f" {'_' * blank.places}{number}"


def _picture(figure: Figure, description: str, language: Language) -> str:
    content = drawing.render(figure, "png", description, language)
    return f'<img alt="{escape(description)}" src="data:image/png;base64,{b64encode(content).decode()}"/>'
