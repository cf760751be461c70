"""The package of QTI 3: what stands in it, and that it is always the same bytes."""

import io
import zipfile
from xml.etree import ElementTree

from hypothesis import given, settings
from quizzes import HALF, hostile_quiz, question, quiz, sheet
from test_moodle_questions import WRITTEN, clean

from derive.render.quiz import qti

NAMES = {
    "imscp": "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
    "qti": "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
    "math": "http://www.w3.org/1998/Math/MathML",
}


def package(made):
    (content,) = qti.render(made).values()
    return zipfile.ZipFile(io.BytesIO(content))


def test_the_manifest_names_every_file_of_the_package():
    found = package(quiz(sheet(), sheet("18", "Bo", "00c0ffee")))
    manifest = ElementTree.fromstring(found.read("imsmanifest.xml"))
    resources = manifest.findall("imscp:resources/imscp:resource", NAMES)
    assert [each.get("href") for each in resources] == ["items/sheet-1.xml", "items/sheet-2.xml"]
    assert {each.get("type") for each in resources} == {"imsqti_item_xmlv3p0"}
    assert found.namelist() == ["imsmanifest.xml", *(each.get("href") for each in resources)]
    for each in resources:
        item = ElementTree.fromstring(found.read(each.get("href")))
        assert item.get("identifier") == each.get("identifier")


def test_answers_are_compared_with_bounds_and_never_with_a_tolerance():
    text = package(quiz()).read("items/sheet-1.xml").decode()
    item = ElementTree.fromstring(text)
    assert "tolerance" not in text
    assert "qti-equal" not in text
    declared = item.findall("qti:qti-response-declaration", NAMES)
    assert {(each.get("cardinality"), each.get("base-type")) for each in declared} == {("single", "float")}
    least = [each.text for each in item.findall(".//qti:qti-response-if//qti:qti-gte/qti:qti-base-value", NAMES)]
    most = [each.text for each in item.findall(".//qti:qti-response-if//qti:qti-lte/qti:qti-base-value", NAMES)]
    assert [(float(low), float(high)) for low, high in zip(least, most, strict=True)] == [
        (0.37745, 0.37755),
        (0.298, 0.2986),
        (-0.08241, -0.08199),
        (0.00006, 0.00008),
    ]
    # Every formula is MathML, and its numbers are those of the page.
    assert len(item.findall(".//math:math", NAMES)) == 7
    told = [each.text.strip() for each in item.findall(".//qti:qti-feedback-inline", NAMES)]
    assert told[0] == HALF
    assert len(told) == 2


def test_the_bytes_do_not_depend_on_the_hour():
    assert qti.render(quiz()) == qti.render(quiz())
    assert {each.date_time[0] for each in package(quiz()).infolist()} == {1980}


def test_a_teacher_is_told_of_answers_that_canvas_reads_as_zero():
    (note,) = qti.notes(quiz(sheet(), sheet("18", "Bo", "00c0ffee")))
    assert str(note) == "2 answers are smaller than 0.0001 in absolute value; Canvas reads such an answer as 0."
    zero = question(1, "a", "a =", "0", "-0.01", "0.01")
    border = question(2, "b", "b =", "-0.0001", "-0.00011", "-0.00009")
    assert qti.notes(quiz(sheet(questions=(zero, border)))) == ()


@settings(max_examples=30, deadline=None)
@given(WRITTEN)
def test_whatever_is_written_is_well_formed(written):
    item = ElementTree.fromstring(package(hostile_quiz(written)).read("items/sheet-1.xml"))
    kept = clean(written)
    assert item.get("title") == f"{kept}{' · ' * bool(kept)}" * 2 + "Sheet 1a2b3c4d"
    (told,) = item.findall(".//qti:qti-feedback-inline", NAMES)
    assert told.text.strip() == kept
