"""``derive grade``: the answers of a class against the key, into tables, feedback and a summary."""

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from derive.cli.files import wrote
from derive.cli.help import N_
from derive.cli.options import JSON, LANGUAGE, word
from derive.cli.refusal import told_as_json
from derive.errors import Digits, InputError, Message, Text, counted, shown
from derive.language.language import Language

if TYPE_CHECKING:
    from derive.api.grades import Grades

FORMAT = "derive-grades/1"
MARKS = ("comma", "point")
DONE, WRONG_INPUT = 0, 2


@click.command(
    help=N_(
        "Grade the ANSWERS of a class with KEY, the key.json that derive worksheet wrote.\n\n"
        "ANSWERS are files, or folders of them: tables (CSV) with a column id and one for each blank, called by its "
        "number or its name, or with the columns id, blank and answer; Moodle's report of responses (CSV or JSON); "
        "filled PDFs; filled notebooks. An answer is right if honest rounding can give it, or if it follows from the "
        "student's own numbers. Writes grades.csv, canvas.csv, moodle.csv, a summary for the class and feedback for "
        "each student. Exits with 2 if something could not be read; the other students are still graded."
    )
)
@click.argument("key", metavar=N_("KEY"), type=click.Path())
@click.argument("answers", metavar=N_("ANSWERS..."), nargs=-1, required=True, type=click.Path())
@click.option(
    "-o",
    "--output",
    default="grades",
    metavar=N_("FOLDER"),
    show_default=True,
    help=N_("Output folder."),
)
@word("--decimal", among=MARKS, help=N_("What the comma in 1,234 is [default: from the other numbers of the student]."))
@click.option("--points", metavar="N", help=N_("Points for a sheet without a mistake [default: one for each blank]."))
@click.option(
    "--roster",
    type=click.Path(),
    metavar=N_("FILE"),
    help=N_("The class as CSV: names, and what Canvas knows students by; a column language for the feedback's."),
)
@JSON
@LANGUAGE
def grade(
    key: str,
    answers: tuple[str, ...],
    output: str,
    decimal: str | None,
    points: str | None,
    roster: str | None,
    as_json: bool,
    language: Language,
) -> None:
    """Grade a class and write the files; what cannot be read is said, and the others are graded."""
    with told_as_json(as_json, FORMAT, language):
        _check_mark(decimal)
        graded, refused, noticed, paths = _graded(
            key, answers, decimal or "", _points(points), roster, Path(output), language
        )
        if as_json:
            click.echo(_json(graded, refused, language))
        else:
            wrote(language, paths)
            click.echo(language.say(_said(graded)))
    for message in (*refused, *noticed):
        click.echo(f"derive: {language.say(message)}", err=True)
    sys.exit(WRONG_INPUT if refused else DONE)


def _graded(
    key: str,
    answers: tuple[str, ...],
    mark: str,
    points: Fraction | None,
    roster: str | None,
    folder: Path,
    language: Language,
) -> tuple["Grades", list[Message], tuple[Message, ...], list[Path]]:
    from derive.api.grades import grade_class, write_grades
    from derive.api.key import Key
    from derive.reading.answers import read_answers
    from derive.reading.files import folder_path
    from derive.reading.roster import read_roster

    read = Key.read(key)
    listed = read_roster(roster) if roster else None
    reading = read_answers(answers, read.asked, mark)
    grades = grade_class(read, reading.answers, listed, points)
    refused = [*(listed.refused if listed else ()), *reading.refused, *grades.refused]
    if not grades.graded.graded:
        raise InputError(
            "no sheet could be graded.{hints}",
            hints="".join(f"\n{language.say(message)}" for message in refused),
        )
    return grades, refused, grades.noticed, list(write_grades(grades, folder_path(folder), language))


def _check_mark(mark: str | None) -> None:
    if mark not in (None, *MARKS):
        raise InputError(
            "--decimal: found {found}; expected one of {words}.", found=shown(mark), words=", ".join(MARKS)
        )


def _points(text: str | None) -> Fraction | None:
    from derive.reading.written_number import plain_number

    if text is None:
        return None
    try:
        found = Fraction(plain_number(text))
    except InputError as error:
        raise error.inside("--points") from None
    if not 0 < found <= 10**6:
        raise InputError("--points: found {found}; expected a number above 0, up to a million.", found=shown(text))
    return found


def _said(grades: "Grades") -> Text:
    from derive.numbers.decimals import decimal
    from derive.render.grade_files import SCORE_DECIMALS

    gradings = [each.grading for each in grades.graded.graded]
    return counted(
        "{number} sheet graded: {mean} of {most} points",
        "{number} sheets graded: on average {mean} of {most} points",
        len(gradings),
        mean=Digits(decimal(grades.mean or Fraction(0), SCORE_DECIMALS)),
        most=Digits(decimal(grades.graded.most(gradings[0]), SCORE_DECIMALS)),
    )


def _json(grades: "Grades", refused: list[Message], language: Language) -> str:
    """Return what is graded as JSON: a student's points, and the verdicts by the names of the blanks."""
    found = {
        "format": FORMAT,
        "title": grades.graded.title,
        "students": [
            {
                "id": each.student.id,
                "points": grades.graded.score(each.grading),
                "verdicts": {verdict.name: verdict.kind for verdict in each.grading.verdicts},
                "slips": [language.say(slip.sentence) for slip in each.grading.slips],
            }
            for each in grades.graded.graded
        ],
        "refused": [language.say(message) for message in refused],
    }
    return json.dumps(found, ensure_ascii=False, indent=1)
