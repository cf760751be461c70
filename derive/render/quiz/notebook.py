"""A notebook a sheet: the given numbers, a cell to fill for each blank, and a cell behind it that checks.

What the checks compare with is not in plain text: nobody reads it by accident. Who programs can still find it, as the
notebook must. Its first cell needs Python's standard library and nothing else.
"""

import base64
import json
from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from typing import Any

from derive.errors import Message
from derive.language.language import Language
from derive.reading.answers_notebook import BLANK, CHECK, CODE, KEY, STUDENT, VARIABLE
from derive.render.notebook.names import Names
from derive.render.notebook.text import Writer, escape
from derive.render.quiz.intervals import slips
from derive.render.quiz.quiz import Quiz, QuizQuestion, QuizSheet, one_line

HOW_TO = Message(
    "Run the first cell. Then replace the three dots in the cells below with your numbers, or with expressions that "
    "compute them; write a number with a decimal point. The cell below each answer checks it. Run all cells and save "
    "the notebook before you hand it in."
)
GIVEN = Message("The numbers of this sheet")
RIGHT = Message("right")
WRONG = Message("not right yet")
EMPTY = Message("nothing is filled in yet")
NO_NUMBER = Message("this is not a number")
CHECKS = Message("This cell checks the answers; leave it as it is.")
# Its own names begin with an underscore, so that no blank has one of them.
CHECKING = '''\
# {checks}
import base64 as _base64
import hashlib as _hashlib
import json as _json
from fractions import Fraction as _Fraction

_CODE = {code}
_WORDS = {words}
_EXPECTED = {{
{expected}
}}


def check(number, answer):
    """Say whether the answer to a blank is right."""
    if answer is ...:
        print(f"{{number}}: {{_WORDS[2]}}")
        return
    try:
        found = _Fraction(str(answer))
        shown = answer if isinstance(answer, int) else float(found)
    except (ValueError, ArithmeticError):
        print(f"{{number}}: {{_WORDS[3]}}")
        return
    hidden = _base64.b64decode(_EXPECTED[number])
    key = b""
    while len(key) < len(hidden):
        key += _hashlib.sha256(f"{{_CODE}} {{number}} {{len(key)}}".encode()).digest()
    low, high, *slips = _json.loads(bytes(a ^ b for a, b in zip(hidden, key)).decode())
    said = _WORDS[0] if _Fraction(low) <= found <= _Fraction(high) else _WORDS[1]
    for low, high, sentence in slips:
        if said == _WORDS[1] and _Fraction(low) <= found <= _Fraction(high):
            said = sentence
    print(f"{{number}}: {{shown}} – {{said}}")'''
OWN = "check"


def render(quiz: Quiz) -> dict[str, bytes]:
    """Return a file a sheet, named after its student; the one sheet of a worksheet without students after the quiz."""
    return {f"{sheet.student or quiz.name}.ipynb": _notebook(quiz, sheet) for sheet in quiz.sheets}


def hidden(text: str, code: str, number: int) -> str:
    """Return text mixed with a stream of SHA-256 over the sheet's code and the blank's number, as base64."""
    plain, key = text.encode(), b""
    while len(key) < len(plain):
        key += sha256(f"{code} {number} {len(key)}".encode()).digest()
    return base64.b64encode(bytes(a ^ b for a, b in zip(plain, key, strict=False))).decode()


def _notebook(quiz: Quiz, sheet: QuizSheet) -> bytes:
    cells = [_cell(place, *cell) for place, cell in enumerate(_cells(quiz, sheet), start=1)]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        KEY: {STUDENT: sheet.student, CODE: sheet.code},
    }
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    # As nbformat writes it, which would compare each cell with its schema: twenty times as long, for a class.
    return f"{json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)}\n".encode(errors="replace")


Cell = tuple[str, str, dict[str, Any]]  # its kind, its source, and what stands in its metadata or its attachments


def _cell(place: int, kind: str, source: str, more: dict[str, Any]) -> dict[str, Any]:
    cell = {"cell_type": kind, "id": f"cell-{place}", "metadata": {}, "source": source.splitlines(keepends=True)}
    if kind == "code":
        return cell | {"execution_count": None, "outputs": [], "metadata": {KEY: more} if more else {}}
    return cell | ({"attachments": more} if more else {})


def _cells(quiz: Quiz, sheet: QuizSheet) -> Iterator[Cell]:
    writer = Writer(sheet.figures)
    say = quiz.language.say
    head = [f"# {escape(one_line(quiz.title))}", f"**{escape(quiz.heading(sheet))}**", escape(say(HOW_TO))]
    yield "markdown", "\n\n".join(head), {}
    yield "code", _checking(sheet, quiz.language), {}
    names = Names([OWN])
    shown = "\n\n".join(writer.block(block) for block in (*quiz.introduction, *sheet.given))
    if shown:
        yield "markdown", shown, writer.attachments
    if sheet.numbers:
        lines = [f"{names.made(identifier(name), 'given')} = {_number(value)}" for name, value in sheet.numbers]
        yield "code", "\n".join([f"# {one_line(say(GIVEN))}", *lines]), {}
    for question in sheet.questions:
        variable = names.made(identifier(question.name), f"blank {question.number}")
        yield "markdown", _asked(sheet, question), {}
        yield "code", f"{variable} = ...  # {question.number}", {BLANK: question.number, VARIABLE: variable}
        yield "code", f"{OWN}({question.number}, {variable})", {CHECK: question.number}


def _asked(sheet: QuizSheet, question: QuizQuestion) -> str:
    writer = Writer(sheet.figures)
    return "\n\n".join([*map(writer.block, question.hint), writer.inline(question.line)])


def _checking(sheet: QuizSheet, language: Language) -> str:
    words = [language.say(each) for each in (RIGHT, WRONG, EMPTY, NO_NUMBER)]
    expected = [
        f"    {question.number}: {json.dumps(hidden(_bounds(question, language), sheet.code, question.number))},"
        for question in sheet.questions
    ]
    return CHECKING.format(
        checks=one_line(language.say(CHECKS)), code=ascii(sheet.code), words=repr(words), expected="\n".join(expected)
    )


def _bounds(question: QuizQuestion, language: Language) -> str:
    expected = question.expected
    told = [[str(slip.low), str(slip.high), one_line(language.say(slip.sentence))] for _, slip in slips(expected)]
    return json.dumps([str(expected.low), str(expected.high), *told])


def _number(value: Fraction) -> str:
    """Return a number as Python that gives it as near as floats can."""
    if value.denominator == 1:
        return str(value)
    near = repr(float(value))
    return near if Fraction(near) == value else f"{value.numerator} / {value.denominator}"


def identifier(name: str) -> str:
    """Return a name of a sheet as a name in Python.

    >>> [identifier(name) for name in ("net_h1", "w5+", "net_h1@2", "∂E/∂w")]
    ['net_h1', 'w5_new', 'net_h1_sample2', 'blank_E__w']
    """
    written = name.replace("+", "_new").replace("@", "_sample")
    kept = "".join(sign if sign.isascii() and (sign.isalnum() or sign == "_") else "_" for sign in written)
    return kept if kept[:1].isalpha() else f"blank{kept}"
