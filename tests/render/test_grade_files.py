"""The files of a grading, read back by Python's csv and by a Markdown parser."""

import csv
import io
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import derive
from derive.language.language import language
from derive.reading.roster import Student
from derive.render.class_summary import summary
from derive.render.grade_files import Graded, GradedClass, feedback, harmless, tables

EN, ES = language("en"), language("es")


@pytest.fixture(scope="module")
def grade():
    sheet = derive.Worksheet(derive.load("article")).sheet()

    def grade(student, **changed):
        given = {name: text for name, text in {**sheet.key, **changed}.items() if text}
        return Graded(student, sheet.grade(given), given)

    return grade


@pytest.fixture(scope="module")
def graded(grade):
    return GradedClass(
        "=Sheet | *1*",
        [
            grade(Student("007", "Ada <b>", login="ada", section="A", sis_id="S7")),
            grade(Student("042", "=cmd()"), dE_total_dw5="-0.082167", dE_total_dw6="-0.082668", out_h1=""),
            grade(Student("9", "Eve"), net_h1="0.4", dE_total_dw5="-0.082167"),
        ],
    )


def rows(found):
    return list(csv.reader(io.StringIO(found.decode("utf-8-sig"), newline="")))


def test_the_table_for_the_teacher(graded):
    head, *found = rows(tables(graded, EN)["grades.csv"])
    assert len(head) == 9 + 33
    ada, bob, eve = (dict(zip(head, row, strict=True)) for row in found)
    assert (ada["id"], ada["points"], ada["out_of"], ada["right"]) == ("007", "33", "33", "33")
    assert (bob["name"], bob["points"], bob["out_h1"], bob["dE_total_dw5"]) == ("'=cmd()", "31", "empty", "wrong")
    assert (bob["dE_total_dw6"], bob["repeated"]) == ("repeated", "1")
    assert eve["net_h1"] == "wrong"
    for row in (ada, bob, eve):
        kinds = [row[name] for name in head[9:]]
        assert [row[kind] for kind in head[4:9]] == [str(kinds.count(kind)) for kind in head[4:9]]


def test_canvas_and_moodle(graded):
    made = tables(graded, ES)
    canvas = rows(made["canvas.csv"])
    assert canvas[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "'=Sheet | *1*"]
    assert canvas[1] == ["    Points Possible", "", "", "", "", "33"]
    assert canvas[2] == ["Ada <b>", "007", "S7", "ada", "A", "33"]
    assert canvas[3] == ["'=cmd()", "", "042", "", "", "31"]
    moodle = rows(made["moodle.csv"])
    assert moodle[0] == ["ID number", "Full name", "Grade", "Feedback comments"]
    assert moodle[1] == ["007", "Ada <b>", "33", ""]
    assert moodle[2][:3] == ["042", "'=cmd()", "31"]
    assert "dE_total_dw5" in moodle[2][3]
    assert not made["canvas.csv"].startswith(b"\xef\xbb\xbf")


def test_points_of_ones_own(graded):
    ten = GradedClass(graded.title, graded.graded, Fraction(10))
    found = rows(tables(ten, EN)["grades.csv"])
    assert [row[2:4] for row in found[1:]] == [["10", "10"], ["9.39", "10"], ["9.39", "10"]]


CELLS = st.text(st.sampled_from("=+-−@＝＋－＠\t\r\n'\"a1.;, "), max_size=6)


@settings(max_examples=100, deadline=None)
@given(CELLS)
def test_no_cell_begins_as_a_formula(cell):
    made = harmless(cell)
    assert made == cell or made == f"'{cell}"
    if made and made[0] in "=+-−@＝＋－＠\t\r\n":
        assert str(Fraction(made)) is not None  # a plain number


def test_feedback_in_the_students_language(graded):
    found = {name: content.decode() for name, content in feedback(graded, EN, {"042": ES})}
    assert list(found) == ["feedback/007.md", "feedback/042.md", "feedback/9.md"]
    assert "Every answer is right." in found["feedback/007.md"]
    assert "−0,082167" in found["feedback/042.md"]
    assert "−0.082167" in found["feedback/9.md"]
    html = MarkdownIt().enable("table").render(found["feedback/042.md"])
    assert html.count("<tr>") == 4  # the head, and what is not simply right
    assert "<h1>=Sheet | *1*</h1>" in html
    assert "<p>=cmd() (042)</p>" in html
    assert "<b>" not in MarkdownIt().enable("table").render(found["feedback/007.md"])


def test_the_summary(graded):
    found = summary(graded, 2, EN)
    text = found["summary.md"].decode()
    assert "3 sheets were graded. On average they have 31.67 of 33 points; the lowest has 31, the highest 33." in text
    assert "2 students of the key have no graded sheet." in text
    assert "| 22: `dE_total_dw5` | 1 | 0 | 0 | 2 | 0 |" in text
    assert "| The sign of a derivative is wrong. | 2 | `dE_total_dw5` (2) |" in text
    drawing = ElementTree.fromstring(found["summary.svg"])
    bars = [float(box.get("width")) for box in drawing.iter("{http://www.w3.org/2000/svg}rect")][1 + 5 :]
    assert len(bars) == 33 + 4  # a bar a blank; four of them have two parts
    assert summary(GradedClass("t", []), 0, EN) == {}


def test_a_summary_tells_an_update_upwards_from_a_wrong_sign(grade):
    # w8 = 0.55 and its derivative is −0.022740: 0.55 + 0.5 · (−0.022740) = 0.538630.
    graded = GradedClass("A", [grade(Student("1"), **{"w8+": "0.538630"})])
    text = summary(graded, 0, EN)["summary.md"].decode()
    assert "The step is added, not subtracted" in text
    assert "The sign of a derivative is wrong" not in text
