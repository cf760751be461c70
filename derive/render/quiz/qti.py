"""QTI 3: a package with one item a sheet, whose answers are compared with bounds, and slips are told as feedback.

A tolerance is not used: players differ in how they read ``tolerance-mode``. Bounds compared with ``qti-gte`` and
``qti-lte`` are read alike by all.
"""

import io
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from html import escape

from derive.errors import Message, counted
from derive.notation.mathml import for_browsers
from derive.render.quiz.blocks import BlockWriter, for_players
from derive.render.quiz.intervals import bounds, slips
from derive.render.quiz.quiz import Quiz, QuizQuestion, QuizSheet, one_line

ITEM = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
PACKAGE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
MATHML = "http://www.w3.org/1998/Math/MathML"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever they are made
PLAIN_FILE = 0o644 << 16
CANVAS_READS_AS_ZERO = Fraction(1, 10_000)


def render(quiz: Quiz) -> dict[str, bytes]:
    """Return the package as one file."""
    places = range(1, len(quiz.sheets) + 1)
    files = {"imsmanifest.xml": _manifest(places)} | {
        _file(place): _item(quiz, sheet, place) for place, sheet in zip(places, quiz.sheets, strict=True)
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, PLAIN_FILE
            package.writestr(entry, text)
    return {f"{quiz.name}.qti.zip": packed.getvalue()}


def notes(quiz: Quiz) -> tuple[Message, ...]:
    """Return what a teacher should know who passes the questions on to Canvas."""
    small = sum(
        0 < abs(question.expected.low + question.expected.high) / 2 < CANVAS_READS_AS_ZERO
        for sheet in quiz.sheets
        for question in sheet.questions
    )
    if not small:
        return ()
    return (
        counted(
            "{number} answer is smaller than 0.0001 in absolute value; Canvas reads such an answer as 0.",
            "{number} answers are smaller than 0.0001 in absolute value; Canvas reads such an answer as 0.",
            small,
        ),
    )


def _file(place: int) -> str:
    return f"items/sheet-{place}.xml"


def _manifest(places: range) -> str:
    resources = "\n".join(
        f'<resource identifier="sheet-{place}" type="imsqti_item_xmlv3p0" href="{_file(place)}">'
        f'<file href="{_file(place)}"/></resource>'
        for place in places
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<manifest xmlns="{PACKAGE}" identifier="worksheet">\n'
        "<metadata><schema>QTI Package</schema><schemaversion>3.0.0</schemaversion></metadata>\n"
        f"<organizations/>\n<resources>\n{resources}\n</resources>\n</manifest>\n"
    )


def _item(quiz: Quiz, sheet: QuizSheet, place: int) -> str:
    writer = BlockWriter(for_players, _math, sheet.figures)
    body = [
        f"<p><strong>{for_players(quiz.heading(sheet))}</strong></p>",
        writer.blocks(quiz.introduction),
        writer.blocks(sheet.given),
        *(_asked(quiz, writer, question) for question in sheet.questions),
    ]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<qti-assessment-item xmlns="{ITEM}" identifier="sheet-{place}" title="{escape(quiz.label(sheet))}" '
        f'adaptive="false" time-dependent="false" xml:lang="{quiz.language.code}">',
        *map(_declared, sheet.questions),
        _outcome("SCORE", "float", "0"),
        _outcome("MAXSCORE", "float", str(len(sheet.questions))),
        *(_outcome(_feedback(question), "identifier") for question in sheet.questions),
        "<qti-item-body>",
        *filter(None, body),
        "</qti-item-body>",
        "<qti-response-processing>",
        _set("SCORE", _value("float", "0")),
        *(_processed(question) for question in sheet.questions),
        "</qti-response-processing>",
        "</qti-assessment-item>\n",
    ]
    return "\n".join(lines)


def _math(latex: str, display: bool) -> str:
    return for_browsers(latex.strip(), display).replace("<math", f'<math xmlns="{MATHML}"', 1)


def _response(question: QuizQuestion) -> str:
    return f"B{question.number}"


def _feedback(question: QuizQuestion) -> str:
    return f"FEEDBACK{question.number}"


def _declared(question: QuizQuestion) -> str:
    # The right answer, for players that show it; the marks do not depend on it.
    return (
        f'<qti-response-declaration identifier="{_response(question)}" cardinality="single" base-type="float">'
        f"<qti-correct-response><qti-value>{escape(one_line(question.expected.text))}</qti-value></qti-correct-response>"
        "</qti-response-declaration>"
    )


def _outcome(name: str, kind: str, default: str = "") -> str:
    value = f"<qti-default-value><qti-value>{default}</qti-value></qti-default-value>" if default else ""
    return (
        f'<qti-outcome-declaration identifier="{name}" cardinality="single" base-type="{kind}">'
        f"{value}</qti-outcome-declaration>"
    )


def _asked(quiz: Quiz, writer: BlockWriter, question: QuizQuestion) -> str:
    entry = f'<qti-text-entry-interaction response-identifier="{_response(question)}" expected-length="12"/>'
    told = "".join(
        f'<qti-feedback-inline outcome-identifier="{_feedback(question)}" identifier="{name}" show-hide="show"> '
        f"{for_players(quiz.language.say(sentence))}</qti-feedback-inline>"
        for name, _, _, sentence in _slips(question)
    )
    line = f"<p>{writer.inline(question.line)} {entry}{told}</p>"
    return "\n".join(filter(None, [writer.blocks(question.hint), line]))


def _slips(question: QuizQuestion) -> Iterator[tuple[str, Fraction, Fraction, Message]]:
    for place, (_, slip) in enumerate(slips(question.expected), start=1):
        yield f"slip{place}", slip.low, slip.high, slip.sentence


def _processed(question: QuizQuestion) -> str:
    """Return the rule of one blank: a mark where the answer lies between the bounds, else what the slip is called."""
    name, expected = _response(question), question.expected
    mark = _set("SCORE", f'<qti-sum><qti-variable identifier="SCORE"/>{_value("float", "1")}</qti-sum>')
    rules = [f"<qti-response-if>{_between(name, expected.low, expected.high)}{mark}</qti-response-if>"]
    rules += [
        f"<qti-response-else-if>{_between(name, low, high)}"
        f"{_set(_feedback(question), _value('identifier', told))}</qti-response-else-if>"
        for told, low, high, _ in _slips(question)
    ]
    forgotten = _set(_feedback(question), "<qti-null/>")  # what was told of the last try
    return f"{forgotten}\n<qti-response-condition>{''.join(rules)}</qti-response-condition>"


def _between(name: str, low: Fraction, high: Fraction) -> str:
    given, (least, most) = f'<qti-variable identifier="{name}"/>', bounds(low, high)
    return (
        f"<qti-and><qti-not><qti-is-null>{given}</qti-is-null></qti-not>"
        f"<qti-gte>{given}{_value('float', least)}</qti-gte>"
        f"<qti-lte>{given}{_value('float', most)}</qti-lte></qti-and>"
    )


def _value(kind: str, text: str) -> str:
    return f'<qti-base-value base-type="{kind}">{text}</qti-base-value>'


def _set(name: str, expression: str) -> str:
    return f'<qti-set-outcome-value identifier="{name}">{expression}</qti-set-outcome-value>'
