"""A sheet's blocks taken apart into questions, and a worksheet's own numbers through them."""

from fractions import Fraction

import pytest
from quizzes import quiz
from test_moodle_questions import cloze, graded, questions, text

import derive
from derive.api.worksheet import Worksheet
from derive.comparison.expected import Expected
from derive.render.quiz.formats import QUIZ_FORMATS, render
from derive.render.quiz.sheets import quiz_sheet
from derive.render.sheet import RenderedSheet
from derive.story.document import Heading, Paragraph, Table, plain
from derive.story.parse import parse
from derive.story.worksheet import SheetOptions

SHEET = r"""# Title

<a id="byline"></a>

Name: ![Name](text:name:20)

Round each result to 4 decimals.

| $i_1$ |
|---|
| $0.05$ |

## The forward pass

$net_{h1} =$ ![net\_h1](blank:1)

$out_{h1} =$ ![out\_h1](formula:2) $=$ ![out\_h1](blank:2)

## The gradient

$w^+ = w - \eta g$

$\delta_{o1} =$ $a \cdot b =$ ![delta\_o1](formula:3)

$\delta_{o1} =$ $a \cdot b =$ ![delta\_o1](blank:4)

| | sample 2 | sample 3 |
|---|---|---|
| $net_{h1}$ | ![net\_h1@2](blank:5) | ![net\_h1@3](blank:7) |
| $out_{h1}$ | ![out\_h1@2](blank:6) | ![out\_h1@3](blank:8) |
"""


def accepted(name, value="1"):
    return Expected(name, value, Fraction(value), Fraction(value))


NAMES = ("net_h1", "out_h1", "not asked", "delta_o1", "net_h1@2", "out_h1@2", "net_h1@3", "out_h1@3")


def taken(markdown=SHEET):
    return quiz_sheet(parse(markdown), [accepted(name) for name in NAMES], student="0017", name="Ada", code="1a2b3c4d")


def test_each_blank_for_a_number_is_a_question_with_what_stands_before_it():
    found = taken()
    assert [(each.number, each.name, each.latex) for each in found.questions] == [
        (1, "net_h1", "net_{h1} ="),
        (2, "out_h1", "out_{h1} ="),
        (4, "delta_o1", r"\delta_{o1} = a \cdot b ="),
        (5, "net_h1@2", "net_{h1} ="),
        (6, "out_h1@2", "out_{h1} ="),
        (7, "net_h1@3", "net_{h1} ="),
        (8, "out_h1@3", "out_{h1} ="),
    ]
    assert [each.expected.name for each in found.questions] == [each.name for each in found.questions]
    assert (found.student, found.name, found.code) == ("0017", "Ada", "1a2b3c4d")


def test_what_is_given_comes_first_and_headings_stand_above_their_blanks():
    found = taken()
    assert [type(block) for block in found.given] == [Paragraph, Table]
    hints = [[plain(getattr(block, "content", ())) for block in each.hint] for each in found.questions]
    assert hints == [["The forward pass"], [], ["The gradient", "w+ = w -  g"], [], [], [], []]
    assert [plain(each.about) for each in found.questions] == ["", "", "", *["sample 2"] * 2, *["sample 3"] * 2]
    assert plain(found.questions[3].line) == "(5) sample 2: neth1 ="
    assert isinstance(found.questions[0].hint[0], Heading)


def test_a_sheet_without_blanks_has_no_questions():
    found = taken("# Title\n\nNothing to do.\n")
    assert (found.questions, len(found.given)) == ((), 1)


@pytest.fixture(scope="module")
def drawn():
    """A student's sheet of the article, its blanks as Markdown has them."""
    made = Worksheet(derive.load("article"), secret="rosebud", course="NN 1", digits=4).sheet("0042")
    lines = "\n\n".join(f"$a =$ ![{blank.name}](blank:{blank.number})" for blank in made.blanks)
    return made, quiz_sheet(parse(f"# A\n\n{lines}\n"), made.expected, made.numbers, student="0042", code=made.code)


def test_a_worksheets_answers_are_accepted_and_what_lies_beyond_is_not(drawn):
    made, sheet = drawn
    found = list(cloze(text(questions(quiz(sheet))[1])))
    assert len(found) == len(made.expected) == 33
    for (_, alternatives), asked in zip(found, made.expected, strict=True):
        for answer in (Fraction(asked.text), asked.low, asked.high):
            assert graded(alternatives, answer) == (100, "")
        unit = Fraction(1, 10**7)
        for answer in (asked.low - unit, asked.high + unit):
            assert graded(alternatives, answer)[0] == 0


def test_a_worksheets_slips_are_told(drawn):
    made, sheet = drawn
    told = 0
    for (_, alternatives), asked in zip(cloze(text(questions(quiz(sheet))[1])), made.expected, strict=True):
        first = next((slip for slip in asked.slips if slip.high < asked.low or slip.low > asked.high), None)
        if first:
            assert graded(alternatives, (first.low + first.high) / 2) == (0, str(first.sentence))
            told += 1
    assert told > 5


@pytest.mark.parametrize(("name", "blanks"), [("article", "values"), ("xor", "both"), ("circuit", "values")])
def test_every_blank_of_a_page_is_a_question(name, blanks):
    """The article, one of several samples with formulas asked for, and equations without layers."""
    made = Worksheet(derive.load(name)).sheet()
    page = RenderedSheet(made.evaluation, made.blanks, SheetOptions(hints=2, blanks=blanks))
    sheet = quiz_sheet(page.document, made.expected, made.numbers, page.figures)
    # In the order of the page, where the error of all samples stands before the tables of the others.
    assert sorted((each.number, each.name) for each in sheet.questions) == [
        (blank.number, blank.name) for blank in made.blanks
    ]
    assert all(each.latex.endswith("=") and "= =" not in each.latex for each in sheet.questions)
    assert sheet.given
    for format_ in QUIZ_FORMATS:
        (content,) = render(quiz(sheet), format_).values()
        assert content


def test_given_numbers_have_their_names(drawn):
    made, sheet = drawn
    assert dict(sheet.numbers) == dict(made.numbers[0])
