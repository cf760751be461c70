"""Moodle XML: one cloze question a sheet, with absolute tolerances, and slips as Moodle's own feedback.

What a cloze question takes for its own is never in a feedback: each such sign is written as a character reference
twice over, so that it stands for itself when Moodle has read the question, and after an editor has saved it again.
"""

from html import escape

from derive.comparison.expected import Expected
from derive.language.language import Language
from derive.render.quiz.blocks import BlockWriter, for_mathjax
from derive.render.quiz.intervals import accepted, slips
from derive.render.quiz.mathjax import mathjax
from derive.render.quiz.quiz import Quiz, QuizQuestion, QuizSheet, one_line

# What ends an answer or a feedback in a cloze question, what escapes there, and what an editor may put in its place.
MARKS = {sign: f"&#{ord(sign)};" for sign in "\\{}~#/\"'=:$[]"}
REFERENCES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"} | MARKS)


def render(quiz: Quiz) -> dict[str, bytes]:
    """Return all questions as one file, each sheet's in the category of the course and the worksheet."""
    parts = [_category(quiz), *(_question(quiz, sheet) for sheet in quiz.sheets)]
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n' + "\n".join(parts) + "\n</quiz>\n"
    return {f"{quiz.name}.moodle.xml": text.encode()}


def path(category: tuple[str, ...]) -> str:
    """Return the path of a category as Moodle has it: a stroke in a name is doubled.

    >>> path(("AI 1/2", "Backpropagation"))
    '$course$/top/AI 1//2/Backpropagation'
    """
    return "/".join(["$course$", "top", *(name.replace("/", "//") for name in category)])


def _category(quiz: Quiz) -> str:
    return (
        '<question type="category">\n'
        f"<category><text>{escape(path(quiz.category))}</text></category>\n"
        '<info format="html"><text></text></info>\n'
        "</question>"
    )


def _question(quiz: Quiz, sheet: QuizSheet) -> str:
    idnumber = f"<idnumber>{escape(one_line(sheet.code))}</idnumber>\n" if sheet.code else ""
    return (
        '<question type="cloze">\n'
        f"<name><text>{escape(quiz.label(sheet))}</text></name>\n"
        f'<questiontext format="html"><text>{_character_data(_text(quiz, sheet))}</text></questiontext>\n'
        '<generalfeedback format="html"><text></text></generalfeedback>\n'
        "<penalty>0.3333333</penalty>\n"
        "<hidden>0</hidden>\n"
        f"{idnumber}</question>"
    )


def _character_data(text: str) -> str:
    """Return text as XML has it unescaped, whatever stands in it.

    >>> _character_data("a]]>b")
    '<![CDATA[a]]]]><![CDATA[>b]]>'
    """
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _text(quiz: Quiz, sheet: QuizSheet) -> str:
    writer = BlockWriter(for_mathjax, mathjax, sheet.figures)
    lines = [
        f"<p><strong>{for_mathjax(quiz.heading(sheet))}</strong></p>",
        writer.blocks(quiz.introduction),
        writer.blocks(sheet.given),
        *(_blank(writer, question, quiz.language) for question in sheet.questions),
    ]
    return "\n".join(filter(None, lines))


def _blank(writer: BlockWriter, question: QuizQuestion, language: Language) -> str:
    before = writer.inline(question.line)
    return "\n".join(
        filter(None, [writer.blocks(question.hint), f"<p>{before} {cloze(question.expected, language)}</p>"])
    )


def cloze(expected: Expected, language: Language) -> str:
    """Return the blank in Moodle's notation.

    >>> from fractions import Fraction
    >>> from derive.language.language import ENGLISH
    >>> cloze(Expected("net_h1", "0.38", Fraction("0.375"), Fraction("0.385")), ENGLISH)
    '{1:NUMERICAL:%100%0.38:0.005}'
    """
    right = [f"%100%{each.value_text}:{each.tolerance_text}" for each in accepted(expected)]
    wrong = [
        f"%0%{each.value_text}:{each.tolerance_text}#{feedback(language.say(slip.sentence))}"
        for each, slip in slips(expected)
    ]
    return "{1:NUMERICAL:" + "~".join([*right, *wrong]) + "}"


def feedback(text: str) -> str:
    """Return the feedback of a cloze answer.

    >>> feedback("You forgot the ½ {here}")
    'You forgot the ½ &amp;#123;here&amp;#125;'
    """
    return one_line(text).translate(REFERENCES).replace("&", "&amp;")
