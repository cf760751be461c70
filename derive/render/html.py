"""The article as one self-contained HTML file: no script, no network, formulas as MathML, figures as SVG."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, singledispatchmethod
from html import escape
from xml.etree import ElementTree

from markupsafe import Markup
from math_core import LatexError, LatexToMathML

from derive.errors import InternalError
from derive.language.language import ENGLISH, Language
from derive.language.templates import SHIPPED, Templates
from derive.render.rendered import Rendered
from derive.story.document import (
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
    Rule,
    Table,
    Text,
    plain,
)
from derive.story.page import PAGE, Page
from derive.typeset import font_faces

SHORT_TABLE = 12  # rows: a table of no more stays on one page
SHORT_CELL = 30  # characters
LONG_NAME = re.compile(r"[A-Za-z]{16,}")
MathSetter = Callable[[str, bool], str]
# What math-core makes of 0{,}5. It is one number, and what stands above it belongs to all of it.
DECIMAL_COMMA = re.compile(r'<mn>(\d+)</mn><mo rspace="0">,</mo>(<msup>|)<mn>')
# One formula, not all from the first to the last: what is kept on a line must fit on a phone's.
FORMULA_AND_SIGN = re.compile(r"(<math(?:(?!</math>).)*</math>)([.,;:?!)]+)")


@lru_cache(maxsize=8192)
def mathml(latex: str, display: bool) -> str:
    """Return the formula as MathML; a display in display style."""
    try:
        converted = LatexToMathML(pretty_print="never").convert_with_local_state(latex, displaystyle=display)
    except LatexError as error:
        raise InternalError(f"the formula {latex!r} is not understood: {_mistake(error)}") from None
    # An HTML entity that XML does not know.
    return _quiet_fences(DECIMAL_COMMA.sub(r"\2<mn>\1,", converted).replace("&ApplyFunction;", "\u2061"))


def _mistake(error: LatexError) -> str:
    """Return what is wrong: math-core paints it in colours, and draws the place below."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().splitlines()
    return lines[0].removeprefix("Error: ") if lines else "LatexError"


def _quiet_fences(markup: str) -> str:
    """Keep fences from stretching where nothing in them is tall: Chromium would set space round them."""
    if ">(</mo>" not in markup:
        return markup
    root = ElementTree.fromstring(markup)
    tall = {"mfrac", "mtable", "msqrt", "mroot", "munder", "mover", "munderover"}
    for row in root.iter("mrow"):
        fences = [child for child in row if child.tag == "mo" and child.text in ("(", ")")]
        if fences and not any(inner.tag in tall for inner in row.iter()):
            for fence in fences:
                fence.set("stretchy", "false")
    return ElementTree.tostring(root, encoding="unicode")


def render(handout: Rendered) -> dict[str, bytes]:
    """Return the page as one file."""
    options = handout.options
    text = page(
        handout.document,
        handout.figures,
        language=options.reader_language,
        paper=options.page,
        templates=options.templates,
    )
    return {f"{handout.name}.html": text.encode()}


def page(
    document: Document,
    figures: Mapping[str, Figure],
    *,
    language: Language = ENGLISH,
    math: MathSetter = mathml,
    fonts: str | None = None,
    style: str = "style.css",
    extra_style: Callable[[], str] = str,
    created: str = "",
    paper: Page = PAGE,
    templates: Templates = SHIPPED,
) -> str:
    """Return the page.

    ``math(latex, display)`` gives the markup of a formula, ``fonts`` the @font-face rules, ``extra_style`` what comes
    after the style file, ``created`` a date (ISO 8601), ``paper`` the page that it is printed on, and the author.
    """
    writer = HtmlWriter(figures, math)
    body = writer.blocks(document.blocks)
    sections = [
        (block.id, Markup(writer.inline(block.content)))
        for block in document.blocks
        if isinstance(block, Heading) and block.level == 2
    ]
    return templates.render(
        "page.html.j2",
        templates.environment(language=language, autoescape=True),
        title=document.title,
        language=language,
        style=Markup(f"{paper.css}\n{templates.css(style)}{extra_style()}"),
        fonts=Markup(font_faces("html") if fonts is None else fonts),
        created=created,
        author=paper.author,
        notes_margin=paper.notes_margin,
        byline=Markup(writer.inline(document.byline)),
        sections=sections,
        body=Markup(body),
    )


class HtmlWriter:
    """Writes blocks as HTML that is well-formed XML as well."""

    def __init__(self, figures: Mapping[str, Figure], math: MathSetter) -> None:
        self.figures, self.math = figures, math

    def blocks(self, blocks: tuple[Block, ...]) -> str:
        """Return the blocks one after the other."""
        return "\n".join(self.block(block) for block in blocks if not isinstance(block, Place))

    def inline(self, content: Content) -> str:
        """Return a line of text; a sign behind a formula stays on its line."""
        return FORMULA_AND_SIGN.sub(r'<span class="kept">\1\2</span>', "".join(map(self.piece, content)))

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
        kinds = ["introduces"] * block.introduces + ["below"] * is_wide
        kind = f' class="{" ".join(kinds)}"' if kinds else ""
        return f"<p{kind}>{self.inline(block.content)}</p>"

    @block.register
    def _(self, block: Display) -> str:
        place = f' id="{block.id}"' if block.id else ""
        number = f'<span class="number">({block.number})</span>' if block.number else ""
        formula = self.math(block.latex, True)
        return f'<div class="display"{place}><div class="formula" tabindex="0">{formula}</div>{number}</div>'

    @block.register
    def _(self, block: Table) -> str:
        def cell(content: Content, align: str, tag: str) -> str:
            # A short cell is not broken, however little room a long one beside it leaves, nor one that has its lines.
            kind = f"{align} kept" if len(plain(content)) <= SHORT_CELL or Break() in content else align
            return f'<{tag} class="{kind}">{self.inline(content)}</{tag}>'

        def row(cells: tuple[Content, ...], tag: str) -> str:
            pairs = zip(cells, block.align, strict=True)
            return "<tr>" + "".join(cell(content, align, tag) for content, align in pairs) + "</tr>"

        body = "".join(row(cells, "td") for cells in block.rows)
        head = row(block.head, "th")
        kind = "table short" if len(block.rows) <= SHORT_TABLE else "table"
        return f'<div class="{kind}"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'

    @block.register
    def _(self, block: FigureBlock) -> str:
        figure = self.figures[block.name]
        caption = f"<figcaption>{escape(block.caption)}</figcaption>" if block.caption else ""
        kind = "compact" if figure.compact else "natural" if figure.natural else "wide"
        turned = " sideways" if figure.sideways else ""
        if figure.compact:
            return f'<figure class="{kind}">{figure.svg}{caption}</figure>'
        # What may be wider than a screen is scrolled, with the keys as well; its caption stays.
        label = escape(block.caption or block.description)
        drawing = f'<div class="drawing" tabindex="0" role="group" aria-label="{label}">{figure.svg}</div>'
        return f'<figure class="{kind}{turned}">{drawing}{caption}</figure>'

    @block.register
    def _(self, block: ListBlock) -> str:
        tag = "ol" if block.ordered else "ul"
        return f"<{tag}>" + "".join(f"<li>{self.blocks(item)}</li>" for item in block.items) + f"</{tag}>"

    @block.register
    def _(self, block: Note) -> str:
        return f'<aside class="note">{self.blocks(block.blocks)}</aside>'

    @block.register
    def _(self, block: Rule) -> str:
        return "<hr/>"

    @singledispatchmethod
    def piece(self, piece: Inline) -> str:
        """Return one piece of a line."""
        raise InternalError(f"HTML has no {type(piece).__name__}")

    @piece.register
    def _(self, piece: Text) -> str:
        return escape(piece.text)

    @piece.register
    def _(self, piece: Break) -> str:
        return "<br/>"

    @piece.register
    def _(self, piece: Math) -> str:
        return self.math(piece.latex, False)

    @piece.register
    def _(self, piece: Emphasis) -> str:
        tag = "strong" if piece.strong else "em"
        return f"<{tag}>{self.inline(piece.content)}</{tag}>"

    @piece.register
    def _(self, piece: Code) -> str:
        return f"<code>{escape(piece.text)}</code>"

    @piece.register
    def _(self, piece: Link) -> str:
        place = "" if piece.is_external else "#"
        return f'<a href="{place}{escape(piece.target)}">{self.inline(piece.content)}</a>'
