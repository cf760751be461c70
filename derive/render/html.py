"""The article as one self-contained HTML file: no script, no network, formulas as MathML, figures as SVG."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import singledispatchmethod
from html import escape

from markupsafe import Markup

from derive.errors import InternalError, Message
from derive.language.language import ENGLISH, Language
from derive.language.templates import SHIPPED, Templates
from derive.notation.mathml import for_browsers
from derive.render import fills
from derive.render.columns import with_aligned_decimals
from derive.render.fit import Room, columns_of, fitted, stays_whole, width
from derive.render.inline import BlankSetter, InlineWriter, MathSetter
from derive.render.rendered import Rendered
from derive.render.sheet_boxes import has_blanks
from derive.render.sheet_fields import STYLE, FieldSetter, script_source
from derive.render.width import formula_width
from derive.story.document import (
    Block,
    Break,
    Case,
    Content,
    Display,
    Document,
    Figure,
    FigureBlock,
    Heading,
    ListBlock,
    Math,
    Note,
    Paragraph,
    Place,
    Rule,
    Table,
    plain,
)
from derive.story.page import PAGE, Page
from derive.story.parse import AROUND
from derive.story.worksheet import SheetOptions
from derive.typeset import display_width, font_faces, spoken_formula

SHORT_TABLE = 9  # rows: a table of no more stays on one page
SHORT_CELL = 30  # characters
# In points, as in style.css: text, and the room beside a cell on paper. In em: the column of text on a screen.
TEXT_SIZE, PADDING, PADDING_WITH_NOTES = 10.0, 8.0, 5.0
COLUMN, TABLE_INDENT = 40.0, 1.0
LONG_NAME = re.compile(r"[A-Za-z]{16,}")
# What a narrow phone of 360 px shows, in em of a formula and of a table, and the room beside a cell: style.css.
PHONE_FORMULA, PHONE_NUMBER, PHONE_TABLE = 21.2, 2.6, Room(20.0, 1.0, 1000, breaks_heads=True)
PHONE_DRAWING = 288.0  # px, on the narrowest phone
DRAWN_WIDTH = re.compile(r'<svg[^>]* width="([\d.]+)"')
WIDE_FORMULA = Message("Wide formula, scrolled sideways")
WIDE_TABLE = Message("Wide table, scrolled sideways")
# One formula, not all from the first to the last: what is kept on a line must fit on a phone's.
FORMULA_AND_SIGN = re.compile(r"(<math(?:(?!</math>).)*</math>)([.,;:?!)]+)")


def render(handout: Rendered) -> dict[str, bytes]:
    """Return the page as one file."""
    options, blanks = handout.options, None
    if has_blanks(handout.document):
        known = (options.code, options.bounds) if isinstance(options, SheetOptions) else ("", {})
        blanks = FieldSetter(for_browsers, *known)
    text = page(
        replace(handout.document, blocks=fitted_to(handout.document.blocks, options.page)),
        handout.figures,
        language=options.reader_language,
        paper=options.page,
        templates=options.templates,
        extra_style=lambda: options.templates.css(STYLE) if blanks else "",
        blank=blanks,
        checks=blanks,
    )
    return {f"{handout.name}.html": text.encode()}


def fitted_to(blocks: tuple[Block, ...], page: Page) -> tuple[Block, ...]:
    """Return the blocks, their tables as they have room on a screen and on the page that is printed."""
    return fitted(blocks, _room(page))


def _room(page: Page) -> Room:
    """Return what a table must fit into, on a screen and on paper, which has no way to scroll."""
    padding = 2 * (PADDING_WITH_NOTES if page.notes_margin else PADDING)
    width = min(COLUMN, page.text_width / TEXT_SIZE) - TABLE_INDENT
    return Room(width, padding / TEXT_SIZE, SHORT_CELL)


def page(
    document: Document,
    figures: Mapping[str, Figure],
    *,
    language: Language = ENGLISH,
    math: MathSetter = for_browsers,
    fonts: str | None = None,
    style: str = "style.css",
    extra_style: Callable[[], str] = str,
    created: str = "",
    paper: Page = PAGE,
    templates: Templates = SHIPPED,
    layout: Callable[["HtmlWriter", tuple[Block, ...]], str] | None = None,
    blank: BlankSetter | None = None,
    checks: FieldSetter | None = None,
    fill_line: float = fills.SCREEN_LINE,
    explored: "Explored | None" = None,
) -> str:
    """Return the page.

    ``math(latex, display)`` gives the markup of a formula, ``fonts`` the @font-face rules, ``extra_style`` what comes
    after the style file, ``created`` a date (ISO 8601), ``paper`` the page that it is printed on, and the author,
    ``layout`` what writes the blocks, one after the other without it, ``blank`` what is to be filled in, and ``checks``
    what is said of it in the page. Lines to fill in stand in pairs where both fit ``fill_line``, in mm. ``explored`` is
    what makes the numbers of the page change.
    """
    writer = HtmlWriter(figures, math, language, blank, fill_line)
    body = (layout or HtmlWriter.blocks)(writer, document.blocks)
    sections = [
        (block.id, Markup(writer.inline(block.content)))
        for block in document.blocks
        if isinstance(block, Heading) and block.level == 2
    ]
    script = explored.script if explored else checks.script if checks else ""
    return templates.render(
        "page.html.j2",
        templates.environment(language=language, autoescape=True),
        title=document.title,
        language=language,
        style=Markup(f"{paper.css}\n{templates.css(style)}{extra_style()}"),
        fonts=Markup(font_faces("html") if fonts is None else fonts),
        created=created,
        author=paper.author,
        keywords=paper.keywords,
        notes_margin=paper.notes_margin,
        byline=Markup(writer.inline(document.byline)),
        sections=sections,
        body=Markup(body),
        script=Markup(script),
        script_source=Markup(explored.sources if explored else script_source(script)),
        panel=Markup(explored.panel if explored else ""),
        data=Markup(explored.data if explored else ""),
        program=Markup(explored.program if explored else ""),
        status=Markup(checks.status(language)) if checks and script else "",
    )


@dataclass(frozen=True)
class Explored:
    """What makes the numbers of a page change: a script, what it unpacks, and where a person handles the numbers.

    ``data`` and ``program`` are packed, ``sources`` name the script and the program as the page's policy does.
    """

    script: str
    sources: str
    data: str
    program: str
    panel: str


def _is_math(formula: str) -> bool:
    """Return whether it is MathML, as for a screen, and no image, as for the PDF."""
    return formula.startswith("<math")


def _is_math_in(words: str) -> bool:
    """Return whether a line has MathML in it."""
    return "<math" in words


class HtmlWriter(InlineWriter):
    """Writes blocks as HTML that is well-formed XML as well."""

    def __init__(
        self,
        figures: Mapping[str, Figure],
        math: MathSetter,
        language: Language,
        blank: BlankSetter | None = None,
        fill_line: float = fills.SCREEN_LINE,
    ) -> None:
        self.figures, self.math, self.language = figures, math, language
        self.blank, self.fill_line = blank or FieldSetter(math), fill_line

    def blocks(self, blocks: Sequence[Block]) -> str:
        """Return the blocks one after the other; lines to fill in stand two beside each other where they have room."""
        shown = (block for block in blocks if not isinstance(block, Place) or AROUND.fullmatch(block.id))
        return "\n".join(
            self.to_fill(part) if isinstance(part, list) else self.block(part)
            for part in fills.grouped(shown, self.fill_line)
        )

    def to_fill(self, rows: list[fills.Row]) -> str:
        """Return lines to fill in, below each other and in pairs."""
        lines = (
            self._fill(line, f"{row.kind} left" if place < len(row.lines) - 1 else row.kind)
            for row in rows
            for place, line in enumerate(row.lines)
        )
        return f'<div class="fills">{"".join(lines)}</div>'

    def _fill(self, line: fills.Fill, kind: str) -> str:
        blanks = "".join(map(self.piece, line.blanks))
        words = self._sides(line.label)
        widest = max((width((piece,)) for piece in line.label), default=0.0)
        keys = self._scrolled(WIDE_FORMULA, _is_math_in(words) and widest > PHONE_FORMULA)
        return f'<p class="fill {kind}"><span class="label"{keys}>{words}</span>{blanks}</p>'

    def inline(self, content: Content) -> str:
        """Return a line of text; a sign behind a formula stays on its line."""
        return FORMULA_AND_SIGN.sub(r'<span class="kept">\1\2</span>', super().inline(content))

    def parted(self, content: Content) -> str:
        """Return a line of text that ends between its short formulas, not within one."""
        return "".join(
            f'<span class="kept">{self.piece(piece)}</span>' if stays_whole(piece) else self.piece(piece)
            for piece in content
        )

    def _sides(self, label: Content) -> str:
        """Return what stands before a blank: a line ends between the sides of an equation where each has room."""
        return "".join(
            f'<span class="kept">{self.piece(piece)}</span>'
            if isinstance(piece, Math) and fills.is_kept(piece)
            else self.piece(piece)
            for piece in label
        )

    @singledispatchmethod
    def block(self, block: Block) -> str:
        """Return one block."""
        raise InternalError(f"HTML has no {type(block).__name__}")

    @block.register
    def _(self, block: Heading) -> str:
        return f'<h{block.level} id="{block.id}">{self.inline(block.content)}</h{block.level}>'

    @block.register
    def _(self, block: Paragraph) -> str:
        # A name that is wider than what a drawing leaves beside it stands below the drawing.
        is_wide = any(isinstance(piece, Math) and LONG_NAME.search(piece.latex) for piece in block.content)
        # Words of which none may be shown leave no gap.
        are_cases = bool(block.content) and all(isinstance(piece, Case) for piece in block.content)
        kinds = ["introduces"] * block.introduces + ["below"] * is_wide + ["cases"] * are_cases
        kind = f' class="{" ".join(kinds)}"' if kinds else ""
        return f"<p{kind}>{self.inline(block.content)}</p>"

    @block.register
    def _(self, block: Display) -> str:
        place = f' id="{block.id}"' if block.id else ""
        number = f'<span class="number">({block.number})</span>' if block.number else ""
        formula = self.math(block.latex, True)
        room = PHONE_FORMULA - (PHONE_NUMBER if number else 0)
        keys = self._scrolled(WIDE_FORMULA, _is_math(formula) and display_width(formula) > room)
        kind = "display numbered" if block.number else "display"
        return f'<div class="{kind}"{place}><div class="formula"{keys}>{formula}</div>{number}</div>'

    @block.register
    def _(self, block: Table) -> str:
        block = with_aligned_decimals(block, formula_width)

        def cell(content: Content, align: str, head: str) -> str:
            # A short cell is not broken, however little room a long one beside it leaves, nor one that has its lines.
            # A head is broken on a phone alone.
            is_kept = head == "col" or len(plain(content)) <= SHORT_CELL or Break() in content
            kind = f"{align} kept" if is_kept else align
            # The corner above the names of rows is often empty: that is the head of nothing.
            tag, scope = ("th", f' scope="{head}"') if head and content else ("td", "")
            writer = self._of_heads() if scope else self
            words = writer.inline(content) if "kept" in kind else writer.parted(content)
            return f'<{tag}{scope} class="{kind}">{words}</{tag}>'

        def row(cells: tuple[Content, ...], heads: tuple[str, ...]) -> str:
            found = zip(cells, block.align, heads, strict=True)
            return "<tr>" + "".join(cell(content, align, head) for content, align, head in found) + "</tr>"

        columns = len(block.head)
        head = row(block.head, ("col",) * columns)
        # The first cell says what the row is of.
        body = "".join(row(cells, ("row", *[""] * (columns - 1))) for cells in block.rows)
        kind = "table short" if len(block.rows) <= SHORT_TABLE else "table"
        keys = self._scrolled(WIDE_TABLE, sum(map(PHONE_TABLE.need, columns_of(block))) > PHONE_TABLE.width)
        return f'<div class="{kind}"{keys}><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'

    def _of_heads(self) -> "HtmlWriter":
        """Return what writes heads, their formulas named: nothing else of MathML is read out before each cell."""
        return HtmlWriter(self.figures, self._named, self.language, self.blank, self.fill_line)

    def _named(self, latex: str, display: bool) -> str:
        formula = self.math(latex, display)
        if not _is_math(formula):  # an image, which has its words
            return formula
        return formula.replace("<math", f'<math aria-label="{escape(spoken_formula(formula, self.language.code))}"', 1)

    def _scrolled(self, name: Message, is_wide: bool) -> str:
        """Return the attributes of what is scrolled on a phone: the keys reach it. Nothing else stops the Tab key."""
        return f' tabindex="0" role="group" aria-label="{escape(self.language.say(name))}"' if is_wide else ""

    @block.register
    def _(self, block: FigureBlock) -> str:
        figure = self.figures[block.name]
        caption = f"<figcaption>{escape(block.caption)}</figcaption>" if block.caption else ""
        kind = "compact" if figure.compact else "natural" if figure.natural else "wide"
        kind += " floating" * figure.floating
        if figure.compact:
            return f'<figure class="{kind}">{figure.svg}{caption}</figure>'
        # What may be wider than a screen is scrolled, with the keys as well; its caption stays.
        label = escape(block.caption or block.description)
        width = DRAWN_WIDTH.search(figure.svg)
        is_narrow = width is not None and float(width[1]) <= PHONE_DRAWING
        keys = "" if is_narrow else f' tabindex="0" role="group" aria-label="{label}"'
        drawing = f'<div class="drawing"{keys}>{figure.svg}</div>'
        return f'<figure class="{kind}">{drawing}{caption}</figure>'

    @block.register
    def _(self, block: ListBlock) -> str:
        tag = "ol" if block.ordered else "ul"
        return f"<{tag}>" + "".join(f"<li>{self.blocks(item)}</li>" for item in block.items) + f"</{tag}>"

    @block.register
    def _(self, block: Note) -> str:
        return f'<div class="note" role="note">{self.blocks(block.blocks)}</div>'

    @block.register
    def _(self, block: Place) -> str:
        """Open or close what a fact decides."""
        around = AROUND.fullmatch(block.id)
        if around is None:
            return ""
        if around[1] == "end":
            return "</div>"
        hidden = "" if around[3] == "1" else ' hidden="hidden"'
        kept = f' data-kept="{around[4]}"' if around[4] else ""
        return f'<div data-when="{around[2]}"{kept}{hidden}>'

    @block.register
    def _(self, block: Rule) -> str:
        return "<hr/>"
