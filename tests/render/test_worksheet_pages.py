"""The sheet as pages: boxes that are fields, a key whose other words stand where the sheet's do, in every format."""

import io
import re

import pikepdf
import pymupdf
import pytest

import derive

SECRET = {"secret": "rosebud", "course": "NN 1"}


@pytest.fixture(scope="module")
def sheet():
    return derive.Worksheet(derive.load("article"), hints=2, **SECRET).sheet("0042", "Ana Pérez")


@pytest.fixture(scope="module")
def pages(sheet):
    """The PDF of the sheet and that of its key."""
    return [sheet.render("pdf", is_key=is_key, pdf_variant="pdf/ua-1")["sheet.pdf"] for is_key in (False, True)]


def words(content):
    with pymupdf.open(stream=content, filetype="pdf") as document:
        return [[(*map(round, word[:4]), word[4]) for word in page.get_text("words")] for page in document]


def test_the_key_has_the_answers_and_all_else_at_the_same_places(sheet, pages):
    blank, key = map(words, pages)
    assert len(blank) == len(key) == 2
    added = [word[4] for page, other in zip(key, blank, strict=True) for word in page if word not in other]
    answers = [f"{float(text):.6f}".replace("-", "−") for text in sheet.key.values()]
    assert sorted(added) == sorted([*answers, "Key"])
    assert all(word in other for page, other in zip(blank, key, strict=True) for word in page)


def test_every_blank_is_a_field_in_its_box_with_a_name_for_those_who_listen(sheet, pages):
    with pikepdf.open(io.BytesIO(pages[0])) as document:
        fields = document.Root.AcroForm.Fields
        names = [str(field.T) for field in fields]
        assert [name for name in names if name.isdecimal()] == [str(number) for number in range(1, 34)]
        assert str(fields[names.index("12")].TU) == "12: delta_o1"
        heights = {round((float(f.Rect[3]) - float(f.Rect[1])) / 72 * 25.4, 1) for f in fields if str(f.T).isdecimal()}
        assert heights == {8.0}
        parents = document.Root.StructTreeRoot.ParentTree.Nums
        tags = {int(parents[place]): parents[place + 1] for place in range(0, len(parents), 2)}
        for field in fields:
            tag = tags[int(field.StructParent)]
            assert tag.S == "/Form"
            assert any(kid.get("/Obj") == field for kid in tag.K if isinstance(kid, pikepdf.Dictionary))
        assert str(document.docinfo["/Keywords"]) == f"derive-sheet:{sheet.code}:0042"
    with pikepdf.open(io.BytesIO(pages[1])) as document:
        assert not [f for f in document.Root.get("/AcroForm", {}).get("/Fields", []) if str(f.T).isdecimal()]


@pytest.mark.parametrize("hints", [0, 1, 2, 3])
def test_the_articles_network_takes_two_pages(hints):
    content = derive.Worksheet(derive.load("article"), hints=hints).sheet().render("pdf")["sheet.pdf"]
    with pymupdf.open(stream=content, filetype="pdf") as document:
        assert len(document) == 2
        for page in document:
            width = page.rect.width
            assert all(word[0] > 20 and word[2] < width - 20 for word in page.get_text("words"))


def test_latex_frames_a_box_for_every_blank(sheet):
    text = sheet.render("tex")["sheet.tex"].decode()
    assert len(re.findall(r"\\fbox\{\\makebox\[30\.0mm\]", text)) == 33


def test_markdown_has_lines_to_write_on_and_answers_in_bold(sheet):
    plain, key = (sheet.render("md", is_key=is_key)["sheet.md"].decode() for is_key in (False, True))
    assert re.findall(r"\\_{1}(?:\\_){5} \((\d+)\)", plain) == [str(number) for number in range(1, 34)]
    assert f"**{float(sheet.key['net_h1']):.6f}** (1)" in key
    assert "blank:" not in plain + key


def test_a_key_of_formulas_shows_them():
    found = derive.Worksheet(derive.load("article"), blanks="both").sheet()
    key = found.render("md", is_key=True)["sheet.md"].decode()
    assert (
        r"$w_{5} \cdot \mathrm{out}_{h1} + w_{6} \cdot \mathrm{out}_{h2} + b_{2} \cdot 1$ (5) $=$ **1.105906** (5)"
        in key
    )
    with pikepdf.open(io.BytesIO(found.render("pdf")["sheet.pdf"])) as document:
        names = [str(field.T) for field in document.Root.AcroForm.Fields]
    assert names[2:6] == ["1f", "1", "2f", "2"]


def test_several_samples_stand_in_tables():
    text = derive.Worksheet(derive.load("xor")).sheet().render("md")["sheet.md"].decode()
    numbers = re.findall(r"\\_ \((\d+)\)", text)
    assert sorted(map(int, numbers)) == list(range(1, 96))
    assert "| | sample 2 | sample 3 | sample 4 |" in text
