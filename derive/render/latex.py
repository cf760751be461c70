"""The article as LaTeX for pdflatex and lualatex."""

import re
from collections.abc import Mapping, Sequence
from functools import singledispatchmethod
from itertools import takewhile
from urllib.parse import quote

from derive.errors import InputError, InternalError
from derive.language.language import ENGLISH, Language
from derive.language.templates import SHIPPED, Templates
from derive.notation.latex_text import escape, pdf_string
from derive.notation.mathml import mathml
from derive.notation.tree import parse
from derive.render import fills
from derive.render.columns import with_aligned_decimals
from derive.render.fit import Room, columns_of, fitted, has_long_name, stays_whole, widest_piece
from derive.render.rendered import Rendered
from derive.render.width import formula_width
from derive.story.document import (
    Blank,
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
from derive.story.page import PAGE, POINTS, Page
from derive.typeset import display_width, text_width

SHORT_TABLE = 9  # rows: a table of no more stays on one page
ROWS_TOGETHER = 3  # of a longer one, at its beginning and at its end
CHARACTERS = 80  # of a line of text, or fewer
HEADING_LINES = 3  # a heading with the room around it
COMMANDS = {1: "section", 2: "section", 3: "subsection", 4: "subsubsection"}
LONG_CELL = 60  # characters
TABLE_SIZE = 9.963  # pt: \small with lmodern at 11 pt, in points of 1/72 inch
TEXT_SIZE = 10.909  # pt: text at 11 pt
TITLE_SIZE = 1.73  # of \LARGE, in the size of tables
WIDE_PIECE = 0.25  # of a line: what is not broken and wider than that leaves gaps
NARROWEST_LINE = 0.85  # of the text's width, as in a note
ALONE, BESIDE_NUMBER = 1.0, 0.88  # of a line: what a display takes, the number at its side
SHORT_FORMULA = 36  # characters of LaTeX that are not wider than a line
SAFE = 0.98  # of the width is filled
SMALL_LETTERS = 1.14  # how much wider letters of TeX's fonts for small sizes are
TABLE_INDENT, DISPLAY_INDENT = 12.0, 16.4  # pt, as in document.tex.j2
COLUMN_GAP = 8.0  # pt: twice \tabcolsep
WIDE_COLUMN = 0.6  # of the text's width: what a column of long text takes where it can
FILL_SHARE = 0.87  # what larger letters, and frames round boxes, leave of a line to fill in
LATEX_FORMULA = 58.0  # mm: the box of a formula
SHARES = {fills.HALF: 0.48, fills.WHOLE: 1.0, fills.OPEN: 1.0}  # of a line, by its kind
COLUMNS = {"left": "l", "right": "r", "center": "c"}


def render(handout: Rendered) -> dict[str, bytes]:
    """Return the source as one file."""
    options = handout.options
    text = source(
        handout.document,
        handout.figures,
        language=options.reader_language,
        page=options.page,
        templates=options.templates,
    )
    return {f"{handout.name}.tex": text.encode()}


def lacks(handout: Rendered) -> InputError | None:
    """Return which sign of the title, or of the lines under it, LaTeX's fonts do not have; None where all are there."""
    try:
        _check_shown(handout.evaluation.computation.title, handout.options.page)
    except InputError as error:
        return error
    return None


def _check_shown(title: str, page: Page) -> None:
    for name, text in {"title": title, **page.named_lines}.items():
        escape(text, name)


def source(
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
    _check_shown(document.title, page)
    room = Room(
        SAFE * (page.latex_text_width - TABLE_INDENT) / TABLE_SIZE, COLUMN_GAP / TABLE_SIZE, LONG_CELL, SMALL_LETTERS
    )
    writer = LatexDocumentWriter(figures, room)
    return templates.render(
        "document.tex.j2",
        templates.environment(language=language),
        title=_parted(document.title, room.width / TITLE_SIZE),
        byline=writer.inline(document.byline),
        author=escape(page.author),
        pdf_title=pdf_string(document.title),
        pdf_author=pdf_string(page.author),
        page=page,
        language=language,
        body=writer.blocks(fitted(document.blocks, room)),
    )


class LatexDocumentWriter:
    """Writes blocks as LaTeX."""

    def __init__(self, figures: Mapping[str, Figure], room: Room) -> None:
        self.figures, self.room = figures, room

    def blocks(self, blocks: tuple[Block, ...]) -> str:
        """Return the blocks, a blank line between them; none before a display, which belongs to its paragraph."""
        parts: list[str] = []
        shown = list(fills.grouped((block for block in blocks if not isinstance(block, Place)), self._line))
        for place, block in enumerate(shown):
            if isinstance(block, list):
                parts.append("\n\n" + "\n\n".join(map(self.row, block)))
                continue
            joins = isinstance(block, Display) and parts
            is_led = place > 0 and isinstance(shown[place - 1], Heading)
            before = "" if is_led else leads_in([each for each in shown[place:] if not isinstance(each, list)])
            parts.append(("\n" if joins else "\n\n") + before + self.block(block))
        return "".join(parts).strip()

    def row(self, row: fills.Row) -> str:
        """Return a line to fill in, or two beside each other, their boxes at the right."""
        lines = [
            rf"\makebox[{SHARES[row.kind]}\linewidth][s]{{{self.inline(line.label)}\hfill {self.inline(line.blanks)}}}"
            if self._is_narrow(line)
            else rf"{self.inline(line.label)}\hfill {self.inline(line.blanks)}"
            for line in row.lines
        ]
        return r"\noindent " + r"\hfill ".join(lines) + r"\par\smallskip"

    def _is_narrow(self, line: fills.Fill) -> bool:
        return line.taken <= self._line

    @property
    def _line(self) -> float:
        """How wide a line is for lines to fill in, in mm of a text of 10 pt: the letters here are larger."""
        return self.room.width * TABLE_SIZE / POINTS * FILL_SHARE

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
        if widest_piece(block.content) > WIDE_PIECE * self.room.width:
            words = rf"\raggedright {words}"
        title = words if words == bare else rf"\texorpdfstring{{{words}}}{{{bare}}}"
        return rf"\{COMMANDS[block.level]}{{{title}}}\label{{{block.id}}}"

    @block.register
    def _(self, block: Paragraph) -> str:
        words = self.inline(block.content)
        # A line that ends before a long formula would be stretched to the margin, or the formula run over it.
        is_ragged = widest_piece(block.content) > WIDE_PIECE * self.room.width
        return rf"{{\raggedright {words}\par}}" if is_ragged else words

    @block.register
    def _(self, block: Display) -> str:
        parse(block.latex)  # LaTeX would stop at what is not closed, or go on and show something else
        if not block.number:
            return f"\\[\n{self.display(block.latex, ALONE)}\n\\]"
        formula = self.display(block.latex, BESIDE_NUMBER)
        return f"\\begin{{equation}}\\label{{{block.id}}}\n{formula} \\tag{{{block.number}}}\n\\end{{equation}}"

    def display(self, latex: str, share: float) -> str:
        """Return a display that takes no more than a share of the line: what cannot be broken is made smaller."""
        most = (share * self.room.width * TABLE_SIZE - DISPLAY_INDENT) / TEXT_SIZE
        wider = self.room.wider if has_long_name(latex) else 1.0
        if len(latex) < most or wider * display_width(mathml(latex, True)) <= most:
            return latex
        return rf"\resizebox{{{most * TEXT_SIZE:.1f}bp}}{{!}}{{$\displaystyle {latex}$}}"

    @block.register
    def _(self, block: Table) -> str:
        block = with_aligned_decimals(block, formula_width)
        columns = "".join(self.columns(block))
        rows = [" & ".join(map(self.cell, row)) for row in block.rows]
        head = " & ".join(rf"\textbf{{{self.cell(cell)}}}" if cell else "" for cell in block.head)
        last = len(rows) - 1
        if last < SHORT_TABLE:
            ends = [r" \\" for _ in rows]
            opening, head_end, closing = rf"\begin{{shorttable}}{{{columns}}}", r"\midrule", r"\end{shorttable}"
        else:
            # A page does not end behind the first rows nor before the last.
            ends = [r" \\*" if min(place + 1, last - place) < ROWS_TOGETHER else r" \\" for place in range(len(rows))]
            opening = rf"{{\small\begin{{longtable}}{{{columns}}}"
            head_end, closing = r"\midrule \endhead", r"\end{longtable}}"
        lines = [f"{row}{end}" for row, end in zip(rows, ends, strict=True)]
        lines[-1] = rf"{rows[-1]} \\ \bottomrule"
        return "\n".join([opening, rf"\toprule {head} \\ {head_end}", *lines, closing])

    def cell(self, content: Content) -> str:
        """Return a cell, which may have lines of its own."""
        if Break() not in content:
            # A formula in braces is not broken behind its relation.
            return "".join(
                f"${{{p.latex}}}$" if isinstance(p, Math) and stays_whole(p) else self.piece(p) for p in content
            )
        return rf"\begin{{tabular}}[t]{{@{{}}l@{{}}}}{self.inline(content)}\end{{tabular}}"

    def columns(self, table: Table) -> list[str]:
        """Return the columns' letters; those with long text share the width that is left, so that their lines break."""
        columns = columns_of(table)
        long = [max(len(plain(cell)) for cell in cells[1:]) > LONG_CELL and not _has_lines(cells) for cells in columns]
        taken = sum(self.room.need(cells) for cells, is_long in zip(columns, long, strict=True) if not is_long)
        share = (self.room.width - taken) / max(1, sum(long)) - self.room.gap
        size = r"0.6\linewidth" if share >= WIDE_COLUMN * self.room.width else f"{max(share, 1):.1f}em"
        wide = rf">{{\raggedright\arraybackslash}}p{{{size}}}"
        return [wide if is_long else COLUMNS[align] for is_long, align in zip(long, table.align, strict=True)]

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
        return _parted(piece.text, self.room.width)

    @piece.register
    def _(self, piece: Break) -> str:
        return "\\\\{}\n"

    @piece.register
    def _(self, piece: Math) -> str:
        parse(piece.latex)
        if len(piece.latex) > SHORT_FORMULA and widest_piece((piece,)) > self.room.width * TABLE_SIZE / TEXT_SIZE:
            return rf"\resizebox{{{SAFE}\linewidth}}{{!}}{{${piece.latex}$}}"  # with room for a colon after it
        return f"${piece.latex}$"

    @piece.register
    def _(self, piece: Emphasis) -> str:
        return rf"\{'textbf' if piece.strong else 'emph'}{{{self.inline(piece.content)}}}"

    @piece.register
    def _(self, piece: Code) -> str:
        return rf"\texttt{{{escape(piece.text)}}}"

    @piece.register
    def _(self, piece: Link) -> str:
        words = self.inline(piece.content)
        if piece.is_external:
            return rf"\href{{{_address(piece.target)}}}{{{words}}}"
        return rf"\hyperref[{piece.target}]{{{words}}}"

    @piece.register
    def _(self, piece: Blank) -> str:
        high = fills.HIGH_FORMULA if piece.is_formula else fills.HIGH if piece.number else fills.HIGH_NAME
        wide = LATEX_FORMULA if piece.is_formula else fills.blank_width(piece)
        number = rf"\raisebox{{{high / 2 - 2.2:.1f}mm}}{{\tiny {piece.number}}}" if piece.number else ""
        answer = f"${piece.answer}$" if piece.is_formula and piece.answer else escape(piece.answer).replace("-", "$-$")
        inside = rf"\rule[-{high / 2 - 1:.1f}mm]{{0pt}}{{{high:.1f}mm}}{number}\enspace {answer}"
        return rf"{{\setlength{{\fboxsep}}{{0.6mm}}\fbox{{\makebox[{wide:.1f}mm][l]{{{inside}}}}}}}"


def _address(url: str) -> str:
    """Return the address of a page as hyperref reads it: its own signs escaped, what else TeX would read as %XX."""
    encoded = re.sub(r"[^!-~]|[\\{}^~$\"]", lambda sign: quote(sign[0]).replace("~", "%7E"), url)
    return re.sub(r"[%#&]", r"\\\g<0>", encoded)


def leads_in(blocks: Sequence[Block]) -> str:
    """Return what keeps headings and the paragraph behind them on a page with the first rows of a long table."""
    headings = list(takewhile(lambda block: isinstance(block, Heading), blocks))
    paragraph, table = [*blocks[len(headings) : len(headings) + 2], None, None][:2]
    if isinstance(paragraph, Paragraph) and isinstance(table, Table) and len(table.rows) > SHORT_TABLE:
        lines = ROWS_TOGETHER + 2 + len(plain(paragraph.content)) // CHARACTERS + HEADING_LINES * len(headings)
        return rf"\needroom{{{lines}}}" + "\n"
    return ""


def _parted(text: str, room: float) -> str:
    """Return the text escaped; a word that is wider than the line may end it behind any of its letters."""
    words = re.split(r"(\s+)", text)
    return "".join(
        r"\allowbreak{}".join(map(escape, word)) if text_width(word) > room * NARROWEST_LINE else escape(word)
        for word in words
    )


def _has_lines(cells: tuple[Content, ...]) -> bool:
    return any(Break() in cell for cell in cells)


def _without_math(content: Content) -> Content:
    return tuple(Text(re.sub(r"\\[a-z]+|[{}_^]", "", c.latex)) if isinstance(c, Math) else c for c in content)
