"""GIFT: the given numbers of each sheet as a description, then one numerical question a blank."""

import re

from derive.language.language import Language
from derive.render.quiz.blocks import BlockWriter, for_mathjax
from derive.render.quiz.intervals import accepted, slips
from derive.render.quiz.mathjax import mathjax
from derive.render.quiz.moodle import path
from derive.render.quiz.quiz import Quiz, QuizQuestion, QuizSheet

CONTROL = re.compile(r"[\\~=#{}:]")
# Readers write &&058; for a colon that was escaped, and read it back in what a person wrote: so a title has no &&.
BETWEEN_AMPERSANDS = re.compile("(?<=&)(?=&)")


def render(quiz: Quiz) -> dict[str, bytes]:
    """Return all questions as one file; those of a sheet have a category of their own."""
    parts = [part for sheet in quiz.sheets for part in _sheet(quiz, sheet)]
    return {f"{quiz.name}.gift.txt": ("\n\n".join(parts) + "\n").encode()}


def literal(text: str) -> str:
    r"""Return text in which GIFT finds nothing of its own.

    >>> print(literal(r"\(w_{1} = 2\)"))
    \\(w_\{1\} \= 2\\)
    """
    return CONTROL.sub(r"\\\g<0>", text)


def _sheet(quiz: Quiz, sheet: QuizSheet) -> list[str]:
    label, writer = quiz.label(sheet), BlockWriter(for_mathjax, mathjax, sheet.figures)
    # A category's name is taken as it stands, but for backslashes.
    category = path((*quiz.category, quiz.short_label(sheet))).replace("\\", r"\\")
    heading = f"<p><strong>{for_mathjax(quiz.heading(sheet))}</strong></p>"
    shown = f"{heading}{writer.blocks(quiz.introduction)}{writer.blocks(sheet.given)}"
    given = f"::{_title(label)}::[html]{_one_line(shown)}"
    return [
        f"$CATEGORY: {category}",
        given,
        *(_question(writer, label, question, quiz.language) for question in sheet.questions),
    ]


def _question(writer: BlockWriter, label: str, question: QuizQuestion, language: Language) -> str:
    text = f"{writer.blocks(question.hint)}<p>{writer.inline(question.line)}</p>"
    answers = [f"=%100%{each.value_text}:{each.tolerance_text}" for each in accepted(question.expected)]
    answers += [
        f"=%0%{each.value_text}:{each.tolerance_text}#{literal(for_mathjax(language.say(slip.sentence)))}"
        for each, slip in slips(question.expected)
    ]
    title = _title(f"{label} ({question.number})")
    return "\n".join([f"::{title}::[html]{_one_line(text)}{{#", *answers, "}"])


def _title(text: str) -> str:
    return literal(BETWEEN_AMPERSANDS.sub(" ", text))


def _one_line(text: str) -> str:
    """Return HTML as GIFT has it; a line that is empty would end the question."""
    return literal(" ".join(text.split()))
