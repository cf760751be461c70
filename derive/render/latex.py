"""The article as LaTeX for pdflatex and lualatex."""

import re
from collections.abc import Mapping
from functools import singledispatchmethod

from derive.document import (
    Block,
    Break,
    Code,
    Content,
    Display,
    Document,
    Emphasis,
    Figure,
    FigureBlock,
    Heading,
    Inline,
    Link,
    ListBlock,
    Math,
    Note,
    Paragraph,
    Place,
    Table,
    Text,
    plain,
)
from derive.errors import InternalError
from derive.language import ENGLISH, Language
from derive.notation.tree import parse
from derive.page import PAGE, Page
from derive.render.latex_text import escape, pdf_string
from derive.templating import SHIPPED, Templates

COMMANDS = {1: "section", 2: "section", 3: "subsection", 4: "subsubsection"}
LONG_CELL = 60  # characters
COLUMNS = {"left": "l", "right": "r", "center": "c"}


def render(
    document: Document,
    figures: Mapping[str, Figure],
    *,
    language: Language = ENGLISH,
    page: Page = PAGE,
    templates: Templates = SHIPPED,
) -> str:
    """Return the LaTeX source for that page; every text is escaped, formulas stand as they are.

    Raises `InputError` for a character that LaTeX's fonts do not have, `InternalError` for a formula that is cut.
    """
    for name, text in {"title": document.title, **page.named_lines}.items():
        escape(text, name)
    writer = LatexDocumentWriter(figures)
    return templates.render(
        "document.tex.j2",
        templates.environment(language=language),
        title=escape(document.title),
        byline=writer.inline(document.byline),
        author=escape(page.author),
        pdf_title=pdf_string(document.title),
        pdf_author=pdf_string(page.author),
        page=page,
        language=language,
        body=writer.blocks(document.blocks),
    )


class LatexDocumentWriter:
    """Writes blocks as LaTeX."""

    def __init__(self, figures: Mapping[str, Figure]) -> None:
        self.figures = figures

    def blocks(self, blocks: tuple[Block, ...]) -> str:
        """Return the blocks, a blank line between them; none before a display, which belongs to its paragraph."""
        parts: list[str] = []
        for block in blocks:
            if isinstance(block, Place):
                continue
            joins = isinstance(block, Display) and parts
            parts.append(("\n" if joins else "\n\n") + self.block(block))
        return "".join(parts).strip()

    def inline(self, content: Content) -> str:
        """Return a line of text."""
        return "".join(map(self.piece, content))

    @singledispatchmethod
    def block(self, block: Block) -> str:
        """Return one block."""
        raise InternalError(f"LaTeX has no {type(block).__name__}")

    @block.register
    def _(self, block: Heading) -> str:
        words, bare = self.inline(block.content), self.inline(_without_math(block.content))
        title = words if words == bare else rf"\texorpdfstring{{{words}}}{{{bare}}}"
        return rf"\{COMMANDS[block.level]}{{{title}}}\label{{{block.id}}}"

    @block.register
    def _(self, block: Paragraph) -> str:
        return self.inline(block.content)

    @block.register
    def _(self, block: Display) -> str:
        parse(block.latex)  # LaTeX would stop at what is not closed, or go on and show something else
        if not block.number:
            return f"\\[\n{block.latex}\n\\]"
        return f"\\begin{{equation}}\\label{{{block.id}}}\n{block.latex} \\tag{{{block.number}}}\n\\end{{equation}}"

    @block.register
    def _(self, block: Table) -> str:
        columns = "".join(map(_column, block.align, zip(*block.rows, strict=True)))
        rows = [" & ".join(map(self.inline, row)) + r" \\" for row in block.rows]
        head = " & ".join(rf"\textbf{{{self.inline(cell)}}}" if cell else "" for cell in block.head)
        lines = [
            rf"{{\small\begin{{longtable}}{{{columns}}}",
            rf"\toprule {head} \\ \midrule \endhead",
            *rows[:-1],
            # No page break before the last row: it would stand alone.
            rows[-1] + r" \bottomrule",
            r"\end{longtable}}",
        ]
        return "\n".join(lines)

    @block.register
    def _(self, block: FigureBlock) -> str:
        figure = self.figures[block.name]
        caption = rf"\\*[1ex] {{\small {escape(block.caption)}}}" if block.caption else ""
        # One that stands sideways has a page's height to be wide in.
        drawing = f"\\rotatebox{{90}}{{%\n{figure.tikz}}}" if figure.sideways else figure.tikz
        drawing = f"\\begin{{drawing}}\n{drawing}\n\\end{{drawing}}"
        return f"\\begin{{center}}\n{drawing}{caption}\n\\end{{center}}"

    @block.register
    def _(self, block: ListBlock) -> str:
        kind = "enumerate" if block.ordered else "itemize"
        items = "\n".join(rf"\item {self.blocks(item)}" for item in block.items)
        return f"\\begin{{{kind}}}\n{items}\n\\end{{{kind}}}"

    @block.register
    def _(self, block: Note) -> str:
        return f"\\begin{{note}}\n{self.blocks(block.blocks)}\n\\end{{note}}"

    @singledispatchmethod
    def piece(self, piece: Inline) -> str:
        """Return one piece of a line."""
        raise InternalError(f"LaTeX has no {type(piece).__name__}")

    @piece.register
    def _(self, piece: Text) -> str:
        return escape(piece.text)

    @piece.register
    def _(self, piece: Break) -> str:
        return "\\\\{}\n"

    @piece.register
    def _(self, piece: Math) -> str:
        parse(piece.latex)
        return f"${piece.latex}$"

    @piece.register
    def _(self, piece: Emphasis) -> str:
        return rf"\{'textbf' if piece.strong else 'emph'}{{{self.inline(piece.content)}}}"

    @piece.register
    def _(self, piece: Code) -> str:
        return rf"\texttt{{{escape(piece.text)}}}"

    @piece.register
    def _(self, piece: Link) -> str:
        return rf"\hyperref[{piece.target}]{{{self.inline(piece.content)}}}"


def _column(align: str, cells: tuple[Content, ...]) -> str:
    """Return the column's letter; one with long text gets a width, so that its lines break."""
    long = max(len(plain(cell)) for cell in cells) > LONG_CELL
    return r">{\raggedright\arraybackslash}p{0.6\linewidth}" if long else COLUMNS[align]


def _without_math(content: Content) -> Content:
    return tuple(Text(re.sub(r"\\[a-z]+|[{}_^]", "", c.latex)) if isinstance(c, Math) else c for c in content)
