"""Sheets of a worksheet as the question formats get them; what is accepted is written down here, not derived."""

from fractions import Fraction

from derive.comparison.expected import Expected, Slipped
from derive.errors import Message
from derive.render.quiz.quiz import Quiz, QuizQuestion, QuizSheet
from derive.story.document import Display, Emphasis, Figure, FigureBlock, Math, Paragraph, Table, Text

HOSTILE = "<b>&amp; ]]> } { ~ # = : \" ' \\ / \\( $x$ \\} {1:NUMERICAL:=3} {#1} [html] 100% a\nb 😀 <!-- ${x} &#125;"
HALF = "You forgot the ½"


def question(number, name, latex, text, low, high, *slips, hint=()):
    told = tuple(Slipped(Fraction(least), Fraction(most), Message(sentence)) for least, most, sentence in slips)
    return QuizQuestion(number, name, latex, Expected(name, text, Fraction(low), Fraction(high), told), hint)


QUESTIONS = (
    question(1, "net_h1", "net_{h1} = ", "0.3775", "0.37745", "0.37755"),
    question(
        2,
        "E_total",
        r"E_{total} =",
        "0.2984",
        "0.2980",
        "0.2986",
        ("0.5960", "0.5975", HALF),
        ("0.2986", "0.31", "It touches what is right"),
        hint=(Paragraph((Text("The sum of "), Math(r"\frac{1}{2}(t - o)^2"), Text(":"))),),
    ),
    question(3, "dE_total_dw5", r"\frac{\partial E}{\partial w_5} =", "-0.0822", "-0.08241", "-0.08199"),
    question(4, "w5+", r"w_5^+ =", "0.00007", "0.00006", "0.00008", ("-3", "-2.5", HOSTILE)),
)
GIVEN = (
    Paragraph((Text("The numbers of "), Emphasis((Text("this"),), strong=True), Text(" sheet, a < b:"))),
    Display(r"w_1 = 0.15 < 1"),
    Table(((Text("name"),), (Math("w_1"),)), (((Text("value"),), (Text("0.15"),)),), ("left", "right")),
)
NUMBERS = (("w1", Fraction("0.15")), ("η", Fraction(1, 2)), ("lambda", Fraction(1, 3)), ("i1@2", Fraction(-1)))


def sheet(student="0017", name="Ada", code="1a2b3c4d", questions=QUESTIONS, given=GIVEN):
    return QuizSheet(student, name, code, questions, given, NUMBERS)


def quiz(*sheets, title="Backpropagation", **more):
    return Quiz(title, sheets or (sheet(),), (Paragraph((Text("Fill in the blanks."),)),), **more)


def hostile_quiz(text=HOSTILE):
    """Everything that a person can write, written badly."""
    slip = ("7", "8", text)
    asked = (question(1, "net_h1", "net_{h1} =", "1.5", "1.4", "1.6", slip),)
    drawn = FigureBlock("network", text, text)
    found = QuizSheet(
        text, text, "1a2b3c4d", asked, (Paragraph((Text(text),)), drawn), (), {"network": Figure("<svg/>", "")}
    )
    return Quiz(text, (found,), (Paragraph((Text(text),)),), course=text)
