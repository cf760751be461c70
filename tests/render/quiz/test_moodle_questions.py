"""Moodle XML, held against an XML parser and against Moodle's grammar of cloze as its documentation describes it."""

import html
import re
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quizzes import HALF, HOSTILE, hostile_quiz, question, quiz, sheet

from derive.render.quiz import moodle

NUMBER = re.compile(r"-?\d+(\.\d+)?")


def questions(made):
    (content,) = moodle.render(made).values()
    return list(ElementTree.fromstring(content))


def text(found):
    return found.find("questiontext/text").text


def cloze(source):
    """The blanks in a question: weight, and for each alternative its percent, answer, tolerance and feedback.

    {weight:TYPE:alternative~alternative}; an alternative is =answer or %percent%answer, with #feedback behind it. A
    backslash takes its meaning from } # ~ / " and \\.
    """
    place = 0
    while found := re.compile(r"\{(\d*):(NUMERICAL|NM):").search(source, place):
        place, alternatives, current, escaped = found.end(), [], "", False
        while escaped or source[place] != "}":
            sign = source[place]
            if sign == "~" and not escaped:
                alternatives.append(current)
                current = ""
            else:
                current += sign
            escaped = sign == "\\" and not escaped
            place += 1
        yield int(found[1] or 1), [alternative(each) for each in [*alternatives, current]]


def alternative(source):
    percent, rest = re.fullmatch(r"%(-?\d+)%(.*)", source, re.DOTALL).groups()
    number, _, feedback = rest.partition("#")
    answer, _, tolerance = number.partition(":")
    assert NUMBER.fullmatch(answer), answer
    assert NUMBER.fullmatch(tolerance), tolerance
    return int(percent), Fraction(answer), Fraction(tolerance), read(html.unescape(feedback))


def read(markup):
    """What a reader sees of HTML."""

    class Reader(HTMLParser):
        seen = ""

        def handle_data(self, data):
            self.seen += data

    reader = Reader()
    reader.feed(markup)
    reader.close()
    return reader.seen


def tags(markup):
    class Reader(HTMLParser):
        seen = ()

        def handle_starttag(self, tag, attributes):
            self.seen += (tag,)

        def handle_comment(self, data):
            self.seen += ("!--",)

    reader = Reader()
    reader.feed(markup)
    reader.close()
    return set(reader.seen)


def graded(alternatives, answer):
    """Moodle takes the first alternative within whose tolerance the answer lies."""
    for percent, value, tolerance, feedback in alternatives:
        if abs(answer - value) <= tolerance:
            return percent, feedback
    return 0, ""


def test_one_question_a_sheet_in_the_category_of_the_course():
    made = quiz(sheet(), sheet("18", "Bo", "00c0ffee"), course="AI 1/2")
    category, *rest = questions(made)
    assert category.get("type") == "category"
    assert category.find("category/text").text == "$course$/top/AI 1//2/Backpropagation"
    assert [each.get("type") for each in rest] == ["cloze", "cloze"]
    assert [each.find("idnumber").text for each in rest] == ["1a2b3c4d", "00c0ffee"]
    assert [each.find("name/text").text for each in rest] == [
        "Backpropagation · 0017 · Sheet 1a2b3c4d",
        "Backpropagation · 18 · Sheet 00c0ffee",
    ]


def test_the_text_holds_the_given_numbers_and_the_formulas():
    shown = read(text(questions(quiz())[1]))
    assert "The numbers of this sheet, a < b:" in shown
    assert r"\[w_1 = 0.15 \lt  1\]" in shown
    assert r"The sum of \(\frac{1}{2}(t - o)^2\):" in shown
    assert r"(3) \(\frac{\partial E}{\partial w_5} =\) {1:NUMERICAL:" in shown


@pytest.mark.parametrize("number", range(4))
def test_accepted_is_what_is_expected_and_nothing_else(number):
    made = quiz()
    asked = made.sheets[0].questions[number].expected
    weight, alternatives = list(cloze(text(questions(made)[1])))[number]
    assert weight == 1
    little = (asked.high - asked.low) / 1000
    for answer, right in (
        (asked.low, 100),
        (asked.high, 100),
        (Fraction(asked.text), 100),
        ((asked.low + asked.high) / 2, 100),
        (asked.low - little, 0),
        (asked.high + little, 0),
    ):
        assert graded(alternatives, answer)[0] == right
    # What Moodle shows as the answer is the number that a student would write.
    assert alternatives[0][1] == Fraction(asked.text)


def test_slips_are_named_unless_they_touch_what_is_right():
    blanks = [alternatives for _, alternatives in cloze(text(questions(quiz())[1]))]
    assert graded(blanks[1], Fraction("0.5967")) == (0, HALF)
    assert graded(blanks[1], Fraction("0.30")) == (0, "")
    assert graded(blanks[3], Fraction("-2.7")) == (0, " ".join(HOSTILE.split()))


def test_numbers_are_written_with_a_point_and_without_a_power_of_ten():
    asked = question(1, "E", "E =", "1.2e-7", Fraction(1, 9 * 10**6), Fraction(1, 7 * 10**6))
    ((_, alternatives),) = cloze(text(questions(quiz(sheet(questions=(asked,))))[1]))
    assert graded(alternatives, Fraction(1, 9 * 10**6))[0] == 100
    assert graded(alternatives, Fraction(1, 7 * 10**6))[0] == 100
    width = Fraction(1, 7 * 10**6) - Fraction(1, 9 * 10**6)
    assert graded(alternatives, Fraction(1, 7 * 10**6) + width / 500)[0] == 0


WRITTEN = st.text(st.sampled_from("<>&]}{~#=:\"'\\/$()!- \n\x00é😀a1%[|@"), max_size=40) | st.text(max_size=9)


@settings(max_examples=60, deadline=None)
@given(WRITTEN)
def test_whatever_is_written_stays_text(written):
    holds_what_is_written(written)


def test_hostile_text_stays_text():
    holds_what_is_written(HOSTILE)


def holds_what_is_written(written):
    _, found = questions(hostile_quiz(written))
    markup = text(found)
    kept = clean(written)
    ((weight, alternatives),) = cloze(markup)
    assert (weight, len(alternatives)) == (1, 2)
    assert alternatives[1][3] == kept
    assert tags(markup) <= {"p", "strong", "span", "img", "br", "em"}
    # The heading, the introduction, what is given and the caption of the drawing.
    assert read(markup).count(kept) >= 4
    # MathJax finds the one formula that is there, and Moodle no placeholder of its own.
    assert [markup.count(sign) for sign in (r"\(", r"\[", "$$", "{#")] == [1, 0, 0, 0]
    assert clean(found.find("name/text").text) == f"{kept}{' · ' * bool(kept)}" * 2 + "Sheet 1a2b3c4d"


def clean(written):
    """The text on one line, with a sign of replacement for what XML may not hold."""
    line = " ".join(written.split())
    return re.sub("[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0001fffd\U00020000-\U0010ffff]", "�", line)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(-(10**6), 10**6),
    st.integers(0, 10**4),
    st.integers(1, 10**9),
    st.integers(-3, 9),
)
def test_no_rounding_makes_what_is_accepted_narrower(start, width, denominator, places):
    """Bounds may be any fraction; what is printed holds them, and little more."""
    low = Fraction(start, denominator) * Fraction(10) ** places
    high = low + Fraction(width, denominator)
    asked = question(1, "E", "E =", str(Decimal(start)), low, high)
    ((_, alternatives),) = cloze(text(questions(quiz(sheet(questions=(asked,))))[1]))
    lowest = min(value - tolerance for _, value, tolerance, _ in alternatives)
    highest = max(value + tolerance for _, value, tolerance, _ in alternatives)
    assert lowest <= low <= high <= highest
    assert highest - lowest <= (high - low) * Fraction(102, 100) + max(abs(low), 1) / 10**11
