"""Slides: one step on each, the words before its formulas, nothing of the article lost."""

import io
import shutil
import subprocess

import pikepdf
import pytest

import derive
from derive.cli.output import target
from derive.story.document import Display, FigureBlock, Heading, Note, Paragraph, Place, Rule, Table
from derive.story.slides import slides

SECTION, PART = Heading(2, (), "section"), Heading(3, (), "part")
WORDS, FORMULA, TABLE, NOTE = Paragraph(()), Display("w"), Table((), (), ()), Note(())
WIDE, SMALL = FigureBlock("network", "", ""), FigureBlock("path-w5", "", "")


@pytest.mark.parametrize(
    ("blocks", "made"),
    [
        ([SECTION, WORDS, FORMULA, FORMULA, WORDS, FORMULA], [[SECTION, WORDS, FORMULA, FORMULA], [WORDS, FORMULA]]),
        ([SECTION, PART, WORDS], [[SECTION, PART, WORDS]]),
        ([SECTION, WORDS, PART, FORMULA], [[SECTION, WORDS], [PART, FORMULA]]),
        ([WORDS, WIDE, FORMULA], [[WORDS], [WIDE], [FORMULA]]),
        ([SECTION, SMALL, WORDS, FORMULA], [[SECTION, SMALL, WORDS, FORMULA]]),
        ([WORDS, TABLE, TABLE, NOTE], [[WORDS, TABLE], [TABLE], [NOTE]]),
        ([Place("x"), WORDS, FORMULA, Rule(), Place("y"), WORDS], [[Place("x"), WORDS, FORMULA, Place("y")], [WORDS]]),
        ([Place("x")], []),
    ],
)
def test_a_slide_has_one_step(blocks, made):
    assert [list(slide.blocks) for slide in slides(blocks, {"path-w5"})] == made


def test_a_slide_that_goes_on_has_the_heading_again():
    found = slides([SECTION, WORDS, FORMULA, WORDS, PART, FORMULA, WORDS])
    assert [slide.goes_on for slide in found] == [None, SECTION, None, PART]


def test_every_block_of_the_article_is_on_a_slide(article):
    blocks = [block for block in article.handout().document.blocks if not isinstance(block, Rule)]
    shown = [block for slide in slides(blocks) for block in slide.blocks]
    assert [block for block in shown if not isinstance(block, Place)] == [b for b in blocks if not isinstance(b, Place)]
    assert all(sum(isinstance(block, Table) for block in slide.blocks) <= 1 for slide in slides(blocks))


def test_the_pages_are_16_to_9(tmp_path):
    handout = derive.load("single_neuron").derive().handout(detail="brief", paper="letter", notes_margin=True)
    (path,) = handout.write_file(tmp_path / "talk.pdf", "slides")
    with pikepdf.open(io.BytesIO(path.read_bytes())) as document:
        boxes = [[float(end) for end in page.mediabox] for page in document.pages]
    assert all(box[2] / box[3] == pytest.approx(16 / 9, rel=1e-4) for box in boxes)
    found = slides(handout.document.blocks, {name for name, figure in handout.figures.items() if figure.compact})
    assert len(found) < len(boxes) < 1.5 * len(found) + 3  # the title has its page, and what is long goes on


def test_slides_are_asked_for_by_name_or_together_with_an_ending():
    assert target("talk.pdf", ("slides",)).formats == ("slides",)
    assert target("talk.pdf", ()).formats == ("pdf",)
    assert target("talk", ("Presentation",)).formats == ("slides",)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext reads the pages")
def test_no_slide_is_empty(tmp_path):
    """A drawing fits below its heading: else the heading would stand alone."""
    derive.load("softmax_classifier").derive().handout().write_file(tmp_path / "talk.pdf", "slides")
    read = subprocess.run(["pdftotext", tmp_path / "talk.pdf", "-"], capture_output=True, text=True, check=True)
    pages = read.stdout.removesuffix("\f").split("\f")[1:]
    assert len(pages) > 50
    # Its heading, the running head and the number of the page, and more.
    assert all(len([line for line in page.splitlines() if line.strip()]) > 3 for page in pages)
