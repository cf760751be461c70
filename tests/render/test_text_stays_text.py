"""Words of a user's that look like markup, and names of files with any sign: text stays text, and links lead there."""

import re
import subprocess
import sys
from html import unescape
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt

import derive
from derive.render import markdown
from derive.story.document import Figure, FigureBlock, Paragraph, Place, Text
from derive.story.parse import parse

WORDS = [
    "figure:network",
    "](figure:network)",
    "![x](figure:network)",
    '![x](figure:network "y")',
    "[a](figure:path-w1)",
    "$x$ and $$y$$",
    '<a id="eq-1"></a>',
    '<a id="byline"></a>',
    "{{ 1 }}{% x %}",
    r"\tag{3} \\",
    "1. one",
    "> note",
    "---",
    "# head",
    "`code` ``",
    "&amp; &#65;",
    "| a | b |",
    "http://x.org",
]
FILES = [
    "my net (1)",
    "a[b]c",
    "quote\"s'",
    "#1?x=y",
    "100%",
    "%41",
    "a&b",
    "<a>",
    "réseau 網",
    "-dash",
    "a)b(c",
    "`tick`",
    "*star*_x_",
    "tilde~$1$",
    "dot.dot",
    "a:b",
    "!x",
]


def network(title="t"):
    return derive.Network([derive.Layer([[0.5]])], [derive.Sample([1], [0])], title=title)


@pytest.mark.parametrize("words", WORDS)
def test_words_stay_words(words):
    handout = network(words).derive().handout(author=words, course=words, date=words)
    document = handout.document
    assert document.title == words
    lines = "".join(piece.text if isinstance(piece, Text) else "\n" for piece in document.byline)
    assert lines == "\n".join([words] * 3)
    plain = network().derive().handout(author="a", course="b", date="c").document
    assert [type(block) for block in document.blocks] == [type(block) for block in plain.blocks]
    (file,) = (text for name, text in handout.render("md").items() if name.endswith(".md"))
    assert parse(file.decode().replace("(handout-figures/", "(figure:").replace(".svg", "")).title == words
    assert unescape(re.search(r"<h1>(.*)</h1>", handout.render("html")["handout.html"].decode())[1]) == words


@pytest.mark.parametrize("words", WORDS)
def test_words_are_not_rewritten_in_markdown(words):
    handout = network(words).derive().handout(author=words)
    (file,) = (text for name, text in handout.render("md").items() if name.endswith(".md"))
    head = MarkdownIt("commonmark", {"html": False}).render(file.decode().partition("\n## ")[0])
    assert f"<h1>{words}</h1>" == unescape(re.search("<h1>.*</h1>", head)[0])
    assert "-figures" not in head.partition("</h1>")[0]


def test_a_figure_in_the_text_of_a_template_is_text():
    text = "# t\n\nSee figure:network and `![x](figure:network)`.\n\n![a \\] b](figure:network)\n"
    shown, _ = markdown.linked(text, {"network": Figure("<svg/>", "")}, prefix="p")
    assert shown == text.replace("b](figure:network)", "b](p-figures/network.svg)")


def test_a_figures_description_is_text_too():
    (block,) = parse(r'![The way from h\_1 \[x\]](figure:network "a \"b\"")').blocks
    assert block == FigureBlock("network", "The way from h_1 [x]", 'a "b"')


def test_an_anchor_that_is_escaped_is_text():
    (block,) = parse(r"\<a id=\"eq-1\"\>\</a\>").blocks
    assert isinstance(block, Paragraph)
    assert parse('<a id="eq-1"></a>').blocks == (Place("eq-1"),)


@pytest.mark.parametrize("name", FILES)
def test_every_picture_in_the_markdown_is_a_file_that_is_there(name, tmp_path):
    network().derive().handout().write(tmp_path, ["md"], name=name)
    text = (tmp_path / f"{name}.md").read_text(encoding="utf-8")
    sources = re.findall(r'<img src="([^"]+)"', MarkdownIt().render(text))
    document = network().derive().handout().document
    assert len(sources) == sum(isinstance(block, FigureBlock) for block in document.blocks) > 0
    for source in sources:
        address = urlsplit(unescape(source))
        assert address == ("", "", address.path, "", "")
        assert (tmp_path / unquote(address.path)).is_file()


@pytest.mark.parametrize("name", FILES[::4])
def test_every_format_is_written_under_any_name(name, tmp_path):
    written = network().derive().handout().write(tmp_path, ["tex", "html", "ipynb", "json"], name=name)
    assert {path.name for path in written} == {f"{name}.{ending}" for ending in ("tex", "html", "ipynb", "json")}


@pytest.mark.parametrize(
    ("name", "base"),
    [("my net (1) #2?", "my net (1) #2?"), ("back\\slash", "back_slash"), ("two\nlines", "two_lines"), ("con", "con_")],
)
def test_the_command_line_takes_such_a_file(name, base, tmp_path):
    file = tmp_path / f"{name}.toml"
    file.write_text("[[sample]]\ninputs=[1]\ntargets=[0]\n[[layer]]\nweights=[[0.5]]\n")
    command = [sys.executable, "-m", "derive", "handout", str(file), "-o", str(tmp_path / "o"), "--format", "md"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    text = (tmp_path / "o" / f"{base}.md").read_text()
    for source in re.findall(r'<img src="([^"]+)"', MarkdownIt().render(text)):
        assert (tmp_path / "o" / unquote(source)).is_file()
