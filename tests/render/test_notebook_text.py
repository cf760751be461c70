"""The text of a notebook: any words come out of Markdown as they went in, and ordinary ones are written as they are."""

import re
import string
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from notebooks import notebook

import derive
from derive.render.notebook.text import Writer
from derive.story.document import Emphasis, Heading, Link, ListBlock, Paragraph, Table, Text

MARKS = "\\`*_{}[]()<>#|~$&^!+:=\"'-.,;@/%"
# Words with marks at their edges and within, which is where Markdown looks for markup.
WORDS = st.text(st.sampled_from(MARKS + "aZ9é "), min_size=1, max_size=14) | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1, max_size=20
)
TAGS = re.compile(r"<[^>]*>")


def rendered(block):
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(Writer({}).block(block))


def shown(html):
    """The text of a page, and the elements in it: a text alone would hide what became markup."""
    text = unescape(TAGS.sub("", html))
    return " ".join(text.split()), sorted(set(re.findall(r"<(\w+)", html)) - {"span"})


@settings(max_examples=200, deadline=None)
@given(WORDS)
def test_words_come_out_as_they_went_in(words):
    expected = " ".join(words.split())
    if not expected:
        return
    text = (Text(words),)
    assert shown(rendered(Paragraph(text))) == (expected, ["p"])
    assert shown(rendered(Heading(2, text, "x"))) == (expected, ["a", "h2", "p"])
    assert shown(rendered(ListBlock(False, ((Paragraph(text),),)))) == (expected, ["li", "ul"])
    table = Table((text, text), ((text, text),), ("left", "right"))
    assert shown(rendered(table)) == (" ".join([expected] * 4), ["table", "tbody", "td", "th", "thead", "tr"])


@settings(max_examples=200, deadline=None)
@given(WORDS, WORDS)
def test_words_stay_words_beside_a_link_and_what_is_strong(before, within):
    before, within = (" ".join(words.split()) for words in (before, within))
    if not before or not within:
        return
    linked = Paragraph((Text(before), Link("eq-1", (Text("(1)"),)), Text(within)))
    assert shown(rendered(linked)) == (f"{before}(1){within}", ["a", "p"])
    strong = Paragraph((Text(f"{before} "), Emphasis((Text("so"),), strong=True), Text(f" {within}")))
    assert shown(rendered(strong)) == (f"{before} so {within}", ["p", "strong"])


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(string.ascii_letters + string.digits + " .,;?'\"()+=/%-"), min_size=1, max_size=30))
def test_ordinary_words_are_written_as_they_are(words):
    source = Writer({}).block(Paragraph((Text(f"So {words} it is"),)))
    assert " ".join(source.split()) == " ".join(f"So {words} it is".split())


@pytest.mark.parametrize("language", ["en", "es", "pt-BR"])
def test_the_cells_of_a_notebook_can_be_read(language):
    read = notebook(derive.load("two_hidden_layers").derive().handout(language=language, form="both"))
    text = "\n".join(cell.source for cell in read.cells if cell.cell_type == "markdown")
    assert len(text) > 2000
    assert re.findall(r".{0,20}&#\d+;.{0,20}", text) == []
