r"""The article’s Markdown read as blocks.

The dialect of Markdown: headings, paragraphs, emphasis, code, lists, quotes (notes), rules, tables, `$…$` and `$$…$$`,
links to places in the document (`#…`) and to web pages. A line ``<a id="eq-…"></a>`` is the anchor of the display
behind it, or before anything else a place where nothing is printed; a display may end in ``\tag{3}``, and a paragraph
that is only ``![description](figure:NAME "caption")`` is a figure. The paragraph behind ``<a id="byline"></a>`` belongs
under the title; a backslash at the end of a line breaks it there. ``![net_h1](blank:1 "0.3775")`` is a blank for a
number, with its answer in a key, ``![net_h1](formula:1)`` one for a formula; ``blank:1:9`` has room for 9 decimals.
``![Name](text:name:30)`` is one for words, ``name``, ``student`` or
``code``. In a page that may change, ``![words](case:12:1)`` are words that are shown where fact 12 is true, which at
first it is (0: is not), and what stands between the places ``when-12-1`` and ``end-12-1`` is shown likewise. Raw HTML
is text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, count, islice
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.dollarmath import dollarmath_plugin

from derive.errors import InternalError
from derive.story.document import (
    Blank,
    Block,
    Break,
    Byline,
    Case,
    Code,
    Content,
    Display,
    Document,
    Emphasis,
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
    slug,
)

ANCHOR = re.compile(r'<a id="([A-Za-z0-9_-]+)"></a>')
BYLINE = "byline"
FEW_LINES = 200  # characters: about two lines on paper
BLANK = re.compile(r"(?:(blank|formula):(\d+)|text:(name|student|code))(?::(\d+))?")
CASE = re.compile(r"case:(\d+):([01])")
# Round blocks that a fact decides; such an anchor is no display's.
AROUND = re.compile(r"(when|end)-(\d+)-([01])(?:-(\d+))?")
TAG = re.compile(r"\s*\\tag\{(\d+)\}\s*$")


def parse(markdown: str) -> Document:
    """Return the article's blocks.

    >>> parse('# Title\\n\\nSee:\\n\\n$$\\ny\\n$$\\n').blocks
    (Paragraph(content=(Text(text='See:'),), introduces=True), Display(latex='y', number='', id=''))
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, double_inline=False)
    found = _blocks(SyntaxTreeNode(parser.parse(markdown)).children)
    blocks = tuple(_introducing(_anchored(_named_once(found))))
    titles = [plain(block.content) for block in blocks if isinstance(block, Heading) and block.level == 1]
    if len(titles) > 1:
        raise InternalError(f"the article has {len(titles)} titles; only one heading may have a single #")
    byline = next((block.content for block in blocks if isinstance(block, Byline)), ())
    rest = (b for b in blocks if not isinstance(b, Byline) and not (isinstance(b, Heading) and b.level == 1))
    return Document("".join(titles), tuple(rest), byline)


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterator[Block]:
    for node in nodes:
        yield _block(node)


def _block(node: SyntaxTreeNode) -> Block:
    if node.type == "heading":
        content = _content(node)
        return Heading(int(node.tag[1]), content, slug(plain(content)))
    if node.type == "paragraph":
        # By its source: the same words from a user are written with backslashes.
        anchor = ANCHOR.fullmatch(node.children[0].content)
        return Place(anchor[1]) if anchor else _figure(node) or Paragraph(_content(node))
    if node.type == "math_block":
        tag = TAG.search(node.content)
        return Display(TAG.sub("", node.content).strip(), tag.group(1) if tag else "")
    if node.type == "table":
        return _table(node)
    if node.type in ("bullet_list", "ordered_list"):
        items = tuple(tuple(_blocks(item.children)) for item in node.children)
        return ListBlock(node.type == "ordered_list", items)
    if node.type == "blockquote":
        return Note(tuple(_blocks(node.children)))
    if node.type == "hr":
        return Rule()
    line = node.map[0] + 1 if node.map else 1
    raise InternalError(f"the article has a {node.type} (line {line} of the Markdown), which no renderer knows")


def _figure(node: SyntaxTreeNode) -> FigureBlock | None:
    inlines = node.children[0].children
    if len(inlines) != 1 or inlines[0].type != "image":
        return None
    image = inlines[0]
    if BLANK.fullmatch(str(image.attrs["src"])) or CASE.fullmatch(str(image.attrs["src"])):
        return None
    scheme, _, name = str(image.attrs["src"]).partition(":")
    if scheme != "figure" or not name:
        raise InternalError(f"the article shows {image.attrs['src']!r}; a figure is written figure:NAME")
    return FigureBlock(name, plain(_pieces(image.children)), str(image.attrs.get("title", "")))


def _table(node: SyntaxTreeNode) -> Table:
    head, *body = node.children
    columns = head.children[0].children
    rows = tuple(tuple(_content(cell) for cell in row.children) for part in body for row in part.children)
    return Table(tuple(map(_content, columns)), rows, tuple(map(_alignment, columns)))


def _alignment(cell: SyntaxTreeNode) -> str:
    return str(cell.attrs.get("style", "text-align:left")).partition(":")[2]


def _content(node: SyntaxTreeNode) -> Content:
    return _pieces([child for inline in node.children for child in inline.children])


def _pieces(nodes: Sequence[SyntaxTreeNode]) -> Content:
    """Return the pieces of a line; the parser leaves empty texts round what is strong."""
    return tuple(_inline(node) for node in nodes if node.type != "text" or node.content)


def _inline(node: SyntaxTreeNode) -> Inline:
    simple: dict[str, Callable[[str], Inline]] = {
        "text": Text,
        "text_special": Text,
        "math_inline": Math,
        "code_inline": Code,
    }
    if node.type in simple:
        return simple[node.type](node.content)
    if node.type in ("softbreak", "hardbreak"):
        return Text(" ") if node.type == "softbreak" else Break()
    if node.type == "image":
        return _blank(node)
    content = _pieces(node.children)
    if node.type in ("em", "strong"):
        return Emphasis(content, node.type == "strong")
    if node.type == "link":
        return Link(_target(str(node.attrs["href"])), content)
    raise InternalError(f"the article has a {node.type}, which no renderer knows")


def _blank(image: SyntaxTreeNode) -> Inline:
    case = CASE.fullmatch(str(image.attrs["src"]))
    if case:
        return Case(int(case[1]), case[2] == "1", _pieces(image.children))
    found = BLANK.fullmatch(str(image.attrs["src"]))
    if found is None:
        raise InternalError(f"the article has the image {image.attrs['src']!r} in a line; expected a blank (blank:1)")
    kind, number, key, digits = found.groups()
    name, answer = plain(_pieces(image.children)), str(image.attrs.get("title", ""))
    blank = Blank(int(number or 0), name, answer, kind == "formula", key=key or "")
    return replace(blank, digits=int(digits)) if digits else blank


def _target(address: str) -> str:
    if address.startswith("#"):
        return unquote(address[1:])  # the parser writes letters beyond ASCII as %…
    if address.startswith(("http://", "https://")):
        return address
    raise InternalError(f"the article links to {address!r}; expected a place in it (#…) or a web page (http, https)")


def _anchored(blocks: Iterator[Block]) -> Iterator[Block]:
    """Give each display the anchor that stands before it, find the byline by its own; any other anchor is a place."""
    anchor = ""
    for block in blocks:
        if anchor == BYLINE and isinstance(block, Paragraph):
            yield Byline(block.content)
            anchor = ""
            continue
        if anchor and not isinstance(block, Display):
            yield Place(anchor)
        if isinstance(block, Place):
            if AROUND.fullmatch(block.id):
                yield block
            anchor = "" if AROUND.fullmatch(block.id) else block.id
            continue
        yield Display(block.latex, block.number, anchor) if isinstance(block, Display) else block
        anchor = ""
    if anchor:
        yield Place(anchor)


def _named_once(blocks: Iterator[Block]) -> Iterator[Block]:
    """Give headings with the same words different ids."""
    taken: set[str] = set()
    for block in blocks:
        if isinstance(block, Heading):
            ids = chain([block.id], (f"{block.id}-{again}" for again in count(2)))
            free = next(id_ for id_ in ids if id_ not in taken)
            taken.add(free)
            yield Heading(block.level, block.content, free)
        else:
            yield block


def _introducing(blocks: Iterator[Block]) -> Iterator[Block]:
    """Mark each paragraph that a display, a table or a list follows; a drawing stands where it has room.

    So is a short one behind a heading, which would be lost with it at the end of a page.
    """
    found = list(blocks)
    shown: Block | None = None  # the last one that is no place
    for number, block in enumerate(found, start=1):
        following = next((later for later in islice(found, number, None) if not isinstance(later, Place)), None)
        yield replace(block, introduces=_introduces(shown, block, following)) if isinstance(block, Paragraph) else block
        shown = shown if isinstance(block, Place) else block


def _introduces(before: Block | None, paragraph: Paragraph, following: Block | None) -> bool:
    if isinstance(following, Display | Table | ListBlock):
        return True
    if not isinstance(before, Heading) or len(plain(paragraph.content)) > FEW_LINES:
        return False
    if isinstance(following, Heading):
        return following.level > before.level  # else it is all that stands under its own
    return isinstance(following, Paragraph)
