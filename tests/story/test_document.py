"""The dialect of Markdown: each construct and the block that it becomes."""

import pytest

from derive.errors import InternalError
from derive.story.document import (
    Code,
    Display,
    Emphasis,
    FigureBlock,
    Heading,
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
from derive.story.parse import parse


def words(text, *, introduces=False):
    return Paragraph((Text(text),), introduces)


@pytest.mark.parametrize(
    ("markdown", "blocks"),
    [
        ("## The error", (Heading(2, (Text("The error"),), "the-error"),)),
        ("a\nb", (Paragraph((Text("a"), Text(" "), Text("b"))),)),
        ("$$\ny = 1\n$$", (Display("y = 1"),)),
        ("$$\ny \\tag{3}\n$$", (Display("y", "3"),)),
        ('<a id="eq-net-h1"></a>\n\n$$\ny \\tag{3}\n$$', (Display("y", "3", "eq-net-h1"),)),
        ('<a id="at-y"></a>\n\nText', (Place("at-y"), words("Text"))),
        ('a\n\n<a id="at-y"></a>', (words("a"), Place("at-y"))),
        ('<a id="at-y"></a>\n\n<a id="eq-y"></a>\n\n$$\ny\n$$', (Place("at-y"), Display("y", "", "eq-y"))),
        (
            'a\n\n<a id="at-y"></a>\n\n- b',
            (words("a", introduces=True), Place("at-y"), ListBlock(False, ((words("b"),),))),
        ),
        ("![A net](figure:network)", (FigureBlock("network", "A net", ""),)),
        ('![A net](figure:network "Its weights")', (FigureBlock("network", "A net", "Its weights"),)),
        ("- a\n- b", (ListBlock(False, ((words("a"),), (words("b"),))),)),
        ("1. a\n2. b", (ListBlock(True, ((words("a"),), (words("b"),))),)),
        ("> a", (Note((words("a"),)),)),
        ("a\n\n---", (words("a"), Rule())),
        (
            "| a | b |\n|---|--:|\n| $x$ | 1 |",
            (Table(((Text("a"),), (Text("b"),)), (((Math("x"),), (Text("1"),)),), ("left", "right")),),
        ),
    ],
)
def test_each_construct_becomes_its_block(markdown, blocks):
    assert parse(markdown).blocks == blocks


@pytest.mark.parametrize(
    ("markdown", "piece"),
    [
        ("*a*", Emphasis((Text("a"),), strong=False)),
        ("**a**", Emphasis((Text("a"),), strong=True)),
        ("`a*b`", Code("a*b")),
        ("$w_{5}$", Math("w_{5}")),
        ("[(3)](#eq-y)", Link("eq-y", (Text("(3)"),))),
        ("[código](#código)", Link("código", (Text("código"),))),
        ("[a page](https://example.org/a)", Link("https://example.org/a", (Text("a page"),))),
    ],
)
def test_each_mark_becomes_its_piece(markdown, piece):
    (paragraph,) = parse(markdown).blocks
    assert paragraph.content == (piece,)


@pytest.mark.parametrize(
    "text", ["<b>x</b>", r"\*a\* \$x\$ \[b\]\(c\)", r"&amp;lt;", "[a](javascript:x)", "costs 5$ or 6$"]
)
def test_what_is_no_mark_is_text(text):
    (paragraph,) = parse(text).blocks
    assert all(isinstance(piece, Text) for piece in paragraph.content)
    assert plain(paragraph.content) == text.replace("\\", "").replace("&amp;", "&")


def test_the_title_is_not_among_the_blocks():
    document = parse("# A *net* \\$5\n\nText")
    assert document.title == "A net $5"
    assert document.blocks == (words("Text"),)


def test_headings_with_the_same_words_have_different_ids():
    ids = [block.id for block in parse("## a\n\n## a\n\n## a-2\n\n## a\n\n## ?\n\n## Código $w_{5}$").blocks]
    assert ids == ["a", "a-2", "a-2-2", "a-3", "section", "código-w5"]


def test_a_short_paragraph_behind_a_heading_introduces_what_follows_but_a_drawing():
    for following, expected in (("### Next", True), ("Next", True), ("> Next", False), ("![d](figure:f)", False)):
        assert parse(f"## Head\n\nText\n\n{following}").blocks[1] == words("Text", introduces=expected)
    assert not parse(f"## Head\n\n{'Text ' * 99}\n\nNext").blocks[1].introduces
    assert not parse("Before\n\nText\n\nNext").blocks[1].introduces
    assert not parse("## Head\n\nText\n\n## Another").blocks[1].introduces


@pytest.mark.parametrize(
    "following",
    ["$$\ny\n$$", "| a |\n|---|\n| 1 |", "- a"],
    ids=["math", "table", "list"],
)
def test_a_paragraph_introduces_what_follows(following):
    assert parse(f"Text\n\n{following}").blocks[0] == words("Text", introduces=True)


@pytest.mark.parametrize("following", ["More", "![A net](figure:network)"], ids=["text", "figure"])
def test_a_paragraph_before_text_or_a_drawing_introduces_nothing(following):
    """A drawing stands where a page has room for it."""
    assert parse(f"Text\n\n{following}").blocks[0] == words("Text")


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("# a\n\n# b", "2 titles"),
        ("![x](network.png)", "figure:NAME"),
        ("![x](https://example.org/x.png)", "figure:NAME"),
        ("a ![x](figure:network) b", "image"),
        ("[a](ftp://example.org)", "ftp://example.org"),
        ("[a](other.html)", "other.html"),
        ("```\ncode\n```", "fence"),
    ],
)
def test_what_no_renderer_knows_is_refused(markdown, said):
    with pytest.raises(InternalError, match=said):
        parse(markdown)
