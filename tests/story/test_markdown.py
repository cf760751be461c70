"""The Markdown: readable on a code host, its figures beside it, text as text."""

import re
from xml.etree import ElementTree

from hostile import HOSTILE, hostile_derivation

from derive.story.document import FigureBlock
from derive.story.parse import parse


def test_its_figures_are_files_beside_it(written):
    text = (written / "article.md").read_text(encoding="utf-8")
    files = re.findall(r"!\[[^]]+\]\(([^ )]+)", text)
    assert len(files) == 5
    for file in files:
        root = ElementTree.parse(written / file).getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_each_reference_has_its_equation(written):
    text = (written / "article.md").read_text(encoding="utf-8")
    tags = re.findall(r"\\tag\{(\d+)\}", text)
    assert tags == [str(number) for number in range(1, len(tags) + 1)]
    assert set(re.findall(r"\[\((\d+)\)\]\(#", text)) == set(tags)
    headings = {re.sub(r"[^a-z0-9]+", "-", line.strip("# ").lower()) for line in text.splitlines() if line[:1] == "#"}
    targets = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert targets <= set(re.findall(r'<a id="([^"]+)"', text)) | headings


def test_hostile_text_is_text():
    handout = hostile_derivation().handout()
    assert handout.document.title == HOSTILE
    assert "49" not in handout.markdown.splitlines()[0]
    assert [b.name for b in handout.document.blocks if isinstance(b, FigureBlock)][:1] == ["network"]


def test_raw_html_is_text():
    (paragraph,) = parse("<b>x</b> <script>y</script>").blocks
    assert "".join(piece.text for piece in paragraph.content) == "<b>x</b> <script>y</script>"
