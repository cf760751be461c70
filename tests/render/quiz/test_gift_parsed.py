"""GIFT, read by gift-pegjs, the parser of the GIFT editor."""

import json
import re
import subprocess
from fractions import Fraction

import pytest
from quiz_clients import MODULES, client
from quizzes import HALF, HOSTILE, hostile_quiz, quiz, sheet
from test_moodle_questions import clean, read, tags

from derive.render.quiz import gift

pytestmark = client("gift-pegjs")
PARSE = """
const {parse} = require("gift-pegjs");
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => parse(text))));
"""
TEXTS = (
    HOSTILE,
    "::a::",
    r"\nu \: \\ \n",
    "=%100%2 ~%0%3 #x ####y",
    "{T} {=a -> b}",
    "// comment",
    "[markdown]*a*",
    "&&058; &&092;",
    "$CATEGORY: x",
    "'\"<i>&lt;",
    "\n\n{}\n\n",
    "",
)


def parsed(*quizzes):
    """The questions of each quiz, in one start of node."""
    texts = [content.decode() for made in quizzes for content in gift.render(made).values()]
    done = subprocess.run(
        ["node", "-e", PARSE],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        cwd=MODULES.parent,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def graded(choices, answer):
    """The first choice within whose tolerance the answer lies."""
    for choice in choices:
        value, tolerance = (Fraction(str(choice["text"][key])) for key in ("number", "range"))
        if abs(answer - value) <= tolerance:
            return choice["weight"], (choice["feedback"] or {}).get("text", "")
    return 0, ""


@pytest.fixture(scope="module")
def found():
    made = quiz(sheet(), sheet("18", "Bo", "00c0ffee"), course="AI 1/2")
    return parsed(made)[0]


def test_each_sheet_is_a_category_with_what_is_given_and_a_question_a_blank(found):
    kinds = ["Category", "Description", *["Numerical"] * 4]
    assert [each["type"] for each in found] == kinds * 2
    assert found[6]["title"] == "$course$/top/AI 1//2/Backpropagation/18 · Sheet 00c0ffee"
    assert found[7]["title"] == "Backpropagation · 18 · Sheet 00c0ffee"
    assert [each["title"] for each in found[8:]] == [
        f"Backpropagation · 18 · Sheet 00c0ffee ({number})" for number in (1, 2, 3, 4)
    ]


def test_formulas_and_given_numbers_come_through(found):
    assert {each["stem"]["format"] for each in found[2:6]} == {"html"}
    assert r"\[w_1 = 0.15 \lt 1\]" in read(found[1]["stem"]["text"])
    assert r"The sum of \(\frac{1}{2}(t - o)^2\):" in read(found[3]["stem"]["text"])
    assert r"(3) \(\frac{\partial E}{\partial w_5} =\)" in read(found[4]["stem"]["text"])


@pytest.mark.parametrize("number", range(4))
def test_accepted_is_what_is_expected_and_nothing_else(found, number):
    asked = quiz().sheets[0].questions[number].expected
    choices = found[2 + number]["choices"]
    little = (asked.high - asked.low) / 1000
    for answer, right in (
        (asked.low, 100),
        (asked.high, 100),
        (Fraction(asked.text), 100),
        (asked.low - little, 0),
        (asked.high + little, 0),
    ):
        assert graded(choices, answer)[0] == right


def test_slips_are_told(found):
    assert graded(found[3]["choices"], Fraction("0.5967")) == (0, HALF)
    weight, told = graded(found[5]["choices"], Fraction("-2.7"))
    assert (weight, read(told)) == (0, clean(HOSTILE))


def test_whatever_is_written_stays_text():
    for text, found in zip(TEXTS, parsed(*map(hostile_quiz, TEXTS)), strict=True):
        kept = clean(text)
        assert [each["type"] for each in found] == ["Category", "Description", "Numerical"]
        title = kept.replace("&&", "& &")  # which no title of GIFT can have
        assert found[1]["title"] == f"{title}{' · ' * bool(title)}" * 2 + "Sheet 1a2b3c4d"
        assert found[2]["title"] == f"{found[1]['title']} (1)"
        shown = found[1]["stem"]["text"]
        assert re.sub(r"\s+", " ", read(shown)).count(kept) >= 4
        assert tags(shown) <= {"p", "strong", "span", "img", "br", "em"}
        right, slip = found[2]["choices"]
        assert (right["weight"], slip["weight"]) == (100, 0)
        assert read((slip["feedback"] or {"text": ""})["text"]) == kept
