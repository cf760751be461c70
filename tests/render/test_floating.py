"""Drawings on paper: none leaves much white, none is too small to be read, and a wide one lies on its side."""

import itertools
import random
import re
from dataclasses import replace
from xml.etree.ElementTree import Element

import pymupdf
import pytest
from page_boxes import outside

import derive
from derive.render.drawings import printed
from derive.render.pdf import typeset
from derive.render.placing import _behind, _may_part, _Pages
from derive.story.document import Display, Document, Figure, FigureBlock, Heading, ListBlock, Paragraph, Table, Text
from derive.story.page import MARGINS, Page

PAGE = Page()


def drawing(width, height, letters=12, **kind):
    text = f'<text x="1" y="1" font-size="{letters}" fill="currentColor">w</text>'
    return Figure(f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}">{text}</svg>', "", **kind)


def size_of(figure):
    return tuple(map(float, re.search(r"width: ([\d.]+)pt; height: ([\d.]+)pt", figure.svg).groups()))


@pytest.mark.parametrize(
    "figure", [drawing(660, 240), drawing(210, 900, compact=True), drawing(300, 200, natural=True)]
)
def test_a_low_drawing_stands_in_its_place_as_it_is(figure):
    assert printed(figure, PAGE) == figure


def test_one_that_is_a_little_too_high_is_made_smaller():
    found = printed(drawing(460, 200, letters=13), PAGE)
    width, height = size_of(found)
    assert not found.floating
    assert width / height == pytest.approx(460 / 200, rel=0.01)
    assert height < PAGE.text_height / 4
    assert 13 * height / 200 >= 6


@pytest.mark.parametrize("figure", [drawing(660, 700), drawing(460, 260, letters=8), drawing(600, 600, natural=True)])
def test_one_that_is_too_high_or_has_small_letters_floats(figure):
    found = printed(figure, PAGE)
    assert found.floating
    assert found.svg == figure.svg


def test_a_wide_one_lies_on_its_side_within_the_page():
    found = printed(drawing(1000, 600, natural=True, sideways=True), PAGE)
    width, height = size_of(found)
    assert found.floating
    assert 'viewBox="0 0 600 1000"' in found.svg
    assert width <= PAGE.text_width
    assert height <= PAGE.text_height
    assert width / height == pytest.approx(0.6, rel=0.01)


def test_pages_with_one_on_its_side_are_upright_and_lose_nothing(tmp_path):
    handout = derive.load("two_hidden_layers").derive().handout()
    wide = replace(handout.figures["computation"], sideways=True)
    path = tmp_path / "turned.pdf"
    path.write_bytes(typeset(handout.document, {**handout.figures, "computation": wide}))
    assert outside(path, MARGINS) == []
    with pymupdf.open(path) as pdf:
        assert all(page.rect.width < page.rect.height for page in pdf)
        turned = [
            "".join(span["text"] for span in line["spans"])
            for page in pdf
            for block in page.get_text("dict")["blocks"]
            for line in block.get("lines", ())
            if abs(line["dir"][1]) > 0.9
        ]
    numbers = re.findall(r">(−?[\d.]+)</text>", handout.figures["computation"].svg)
    assert len(numbers) > 50
    assert set(numbers) <= set(turned)


def words(text):
    return (Text(text),)


def filler(draw, count):
    """Paragraphs, displays and tables with their introductions, as a handout has them."""
    for number in range(count):
        yield Paragraph(words(f"filler {number} " * draw.randint(1, 40)))
        if draw.random() < 0.3:
            yield Paragraph(words("that is"), introduces=True)
            yield (
                Display(r"x = \frac{1}{2}")
                if draw.random() < 0.5
                else Table((words("a"), words("b")), ((words("1"), words("2")),) * 3, ("left", "left"))
            )


@pytest.mark.parametrize("seed", range(6))
def test_a_high_drawing_is_in_its_section_and_no_page_ends_early(seed):
    """The figure has a colour of its own, by which its place is read from the PDF."""
    draw = random.Random(seed)
    height, before = draw.choice([350, 500, 850]), draw.randint(2, 20)
    section = [
        Heading(2, words("Zebra"), "zebra"),
        Paragraph(words("section " * 60)),
        Paragraph(words("patterns"), introduces=True),
        ListBlock(False, tuple((Paragraph(words(f"item {number} " * 15)),) for number in range(3))),
        FigureBlock("graph", "a graph", "caption"),
        Heading(2, words("Afterwards"), "afterwards"),
    ]
    document = Document("Title", (*filler(draw, before), *section, *filler(draw, 40)))
    box = f'<rect x="0" y="0" width="600" height="{height}" fill="#12ab34"/>'
    text = '<text x="1" y="9" font-size="9" fill="currentColor">w</text>'
    size = f'viewBox="0 0 600 {height}" width="600" height="{height}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{box}{text}</svg>'
    with pymupdf.open(stream=typeset(document, {"graph": Figure(svg, "", natural=True)})) as pdf:
        shown = [
            (page.number, drawn["rect"])
            for page in pdf
            for drawn in page.get_drawings()
            if drawn["rect"].height > 0.6 * height and drawn["fill"]
        ]
        ((number, place),) = shown
        (head,) = (page.number for page in pdf for line in page.search_for("Zebra") if line.y0 > MARGINS.top * 2.8)
        assert head <= number <= head + 1
        # It is not past the next heading, which is found beneath the running head.
        end = min(
            (page.number, line.y0)
            for page in pdf
            for line in page.search_for("Afterwards")
            if line.y0 > MARGINS.top * 2.8
        )
        assert (number, place.y0) < end
        low = pdf[0].rect.height - MARGINS.bottom * 72 / 25.4
        assert place.y1 < low
        for page in list(pdf)[:-1]:
            ends = [block[3] for block in page.get_text("blocks") if block[3] < low + 2]
            ends += [place.y1] * (page.number == number)
            assert low - max(ends) < 0.25 * PAGE.text_height, page.number
        # What belongs together is not parted: nothing introduces the figure.
        above = [block for block in pdf[number].get_text("blocks") if block[3] < place.y0 + 1 and block[3] > 57]
        assert not above or "that is" not in max(above, key=lambda block: block[3])[4]
        found = " ".join(" ".join(page.get_text() for page in pdf).split()) + " "
    assert all(found.count(f"item {item} ") == 15 for item in range(3))


def test_a_drawing_parts_nothing_that_belongs_together():
    def block(kind="", tag="div"):
        return Element(tag, {"class": kind})

    text, intro, table, display = block(tag="p"), block("introduces", "p"), block("table short"), block("display")
    heading = block(tag="h3")
    parted = {(text, text), (text, intro), (table, intro), (table, heading), (display, text), (text, heading)}
    for one, other in itertools.product((text, intro, table, display, heading), repeat=2):
        if (one, other) in parted:
            assert _may_part(one, other)
        elif one in (intro, heading) or (one is table and other is not intro) or one is other is display:
            assert not _may_part(one, other)


@pytest.mark.parametrize("heading", ["h2", "h3", None])
def test_no_drawing_goes_into_another_section(heading):
    """Five paragraphs follow the drawing, all of which fit into the white; a heading may stand before the third."""
    tags = ["figure", "p", "p", *([heading] if heading else []), "p", "p", "p"]
    blocks = [Element(tag, {"id": str(number)}) for number, tag in enumerate(tags)]
    pages = _Pages([{block.attrib["id"]: (0, 20 * n, 100, 20 * n + 10) for n, block in enumerate(blocks)}], 1000, 1000)
    assert _behind(blocks, 0, pages, 900) == (3 if heading == "h2" else len(blocks) - 1)


def test_the_graph_of_the_computation_is_cited_by_its_number():
    for name, number in [("article", 2), ("softmax_classifier", 2)]:
        page = derive.load(name).derive().handout().markdown
        assert f"See Figure {number}." in page
        assert re.findall(r'"Figure (\d)\. ', page) == ["1", "2", "3"]


def test_the_running_head_names_the_section_at_the_top_of_the_page():
    content = next(iter(derive.load("article").derive().handout().render("pdf").values()))
    section = ""
    with pymupdf.open(stream=content) as pdf:
        for page in pdf:
            lines = [
                (line["bbox"][1], line["spans"][0]["size"], "".join(span["text"] for span in line["spans"]))
                for block in page.get_text("dict")["blocks"]
                for line in block.get("lines", ())
            ]
            top = MARGINS.top * 72 / 25.4
            head = [words for y, _, words in lines if y < top - 5]
            text = sorted(line for line in lines if line[0] >= top - 5)
            sections = [words for _, size, words in text if 13 < size < 16]
            if page.number:
                first = text[0][2]
                assert head == [first if sections[:1] == [first] else section]
            section = sections[-1] if sections else section
    assert section.startswith("Appendix")
