"""The notebook of a sheet: filled in and run, and read back without being run."""

import contextlib
import io
import json
from fractions import Fraction

import nbformat
import pytest
from hypothesis import given, settings
from nbclient import NotebookClient
from notebooks import code
from quizzes import HALF, HOSTILE, hostile_quiz, question, quiz, sheet
from test_moodle_questions import WRITTEN, clean

from derive.language.language import language
from derive.reading.answers_notebook import answers_of_notebook
from derive.render.quiz.notebook import render

BOUNDS = ("37745", "37755", "755", "0.298", "1493", "8241", "8199", HALF)


def notebook(made):
    (content,) = render(made).values()
    found = nbformat.reads(content.decode(), as_version=nbformat.NO_CONVERT)
    nbformat.validate(found)
    return found


def fill(found, **answers):
    """Put an answer in place of the three dots of each name."""
    for cell in found.cells:
        for name, answer in answers.items():
            if cell.source.startswith(f"{name} = ..."):
                cell.source = cell.source.replace("...", answer)


def said(found):
    """What the cells print, run from top to bottom."""
    printed = io.StringIO()
    defined = {}
    with contextlib.redirect_stdout(printed):
        for source in code(found.cells):
            exec(source, defined)
    return printed.getvalue().splitlines(), defined


def test_a_notebook_runs_unfilled_and_filled_and_is_read_back():
    found = notebook(quiz())
    fill(found, net_h1="0.3775", E_total="2 * 0.29835")
    NotebookClient(found, timeout=120, kernel_name="python3").execute()
    texts = ["".join(output.text for output in cell.outputs) for cell in found.cells if cell.cell_type == "code"]
    assert [text for text in texts if text] == [
        "1: 0.3775 – right\n",
        f"2: 0.5967 – {HALF}\n",
        "3: nothing is filled in yet\n",
        "4: nothing is filled in yet\n",
    ]
    assert answers_of_notebook(nbformat.writes(found).encode()) == ("0017", "1a2b3c4d", {1: "0.3775", 2: "0.5967"})


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("0.37745", "0.37745 – right"),
        ("0.37755", "0.37755 – right"),
        ("0.3774499", "0.3774499 – not right yet"),
        ("0.3775501", "0.3775501 – not right yet"),
        ("3775 / 10000", "0.3775 – right"),
        ("__import__('numpy').float64(0.3775)", "0.3775 – right"),
        ("__import__('decimal').Decimal('0.3775')", "0.3775 – right"),
        ("__import__('fractions').Fraction(151, 400)", "0.3775 – right"),
        ("3", "3 – not right yet"),
        ("True", "this is not a number"),
        ("'0,3775'", "this is not a number"),
        ("0,3775", "this is not a number"),
        ("float('nan')", "this is not a number"),
        ("float('inf')", "this is not a number"),
        ("None", "this is not a number"),
    ],
)
def test_what_a_check_says(answer, told):
    found = notebook(quiz())
    fill(found, net_h1=answer)
    assert said(found)[0][0] == f"1: {told}"


def test_neither_bounds_nor_slips_stand_in_plain_text():
    source = nbformat.writes(notebook(quiz()))
    assert not [bound for bound in BOUNDS if bound in source]


def test_the_same_bounds_look_different_at_another_blank_and_on_another_sheet():
    twice = tuple(question(number, f"a{number}", "a =", "1", "0.9", "1.1") for number in (1, 2))
    one, other = (
        [
            line
            for line in code(notebook(quiz(sheet(code=seal, questions=twice))).cells)[0].splitlines()
            if ': "' in line
        ]
        for seal in ("1a2b3c4d", "1a2b3c4e")
    )
    hidden = {line.split('"')[1] for line in [*one, *other]}
    assert len(hidden) == 4


def test_given_numbers_are_defined_as_they_are():
    _, defined = said(notebook(quiz()))
    names = ("w1", "blank_", "lambda_", "i1_sample2")
    assert [defined[name] for name in names] == [0.15, 0.5, 1 / 3, -1]


def test_names_of_blanks_are_kept_apart():
    named = enumerate(("w1", "check", "print", "a+", "a_new"), start=1)
    asked = tuple(question(number, name, "a =", "1", "0.9", "1.1") for number, name in named)
    found = notebook(quiz(sheet(questions=asked)))
    cells = [cell.source for cell in found.cells if "blank" in cell.metadata.get("derive", {})]
    # w1 is a given number already.
    assert cells == [
        "w1_ = ...  # 1",
        "check_ = ...  # 2",
        "print_ = ...  # 3",
        "a_new = ...  # 4",
        "a_new_ = ...  # 5",
    ]


def test_a_file_a_student_or_one_named_after_the_worksheet():
    assert list(render(quiz(sheet(), sheet("18", "Bo", "00c0ffee")))) == ["0017.ipynb", "18.ipynb"]
    assert list(render(quiz(sheet("")))) == ["worksheet.ipynb"]


def test_a_check_speaks_the_language_of_the_sheet(monkeypatch):
    spanish = language("es")
    monkeypatch.setattr(spanish.translations, "gettext", lambda text: f"¡{text}!")
    found = notebook(quiz(language=spanish))
    fill(found, net_h1="0.3775")
    assert said(found)[0][0] == "1: 0.3775 – ¡right!"


@settings(max_examples=25, deadline=None)
@given(WRITTEN)
def test_whatever_is_written_stays_text(written):
    holds_what_is_written(written)


def test_hostile_text_stays_text():
    holds_what_is_written(HOSTILE)
    holds_what_is_written("\"\"\"\n'''\nimport os\n{code}{0}%s\\")


def holds_what_is_written(written):
    made = hostile_quiz(written.replace("/", "∕"))
    (content,) = render(made).values()
    found = nbformat.reads(content.decode(), as_version=nbformat.NO_CONVERT)
    fill(found, net_h1="7.5")
    assert said(found)[0] == [f"1: 7.5 – {clean(written.replace('/', '∕'))}"]
    student, seal, answers = answers_of_notebook(nbformat.writes(found).encode())
    assert (student, seal, answers) == (written.replace("/", "∕"), "1a2b3c4d", {1: "7.5"})
    assert json.loads(content)["metadata"]["derive"]["student"] == student
    assert Fraction(answers[1]) == Fraction("7.5")
