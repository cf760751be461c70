"""The files of a grading: one table for the teacher, those that Canvas and Moodle take, and feedback for each student.

No cell can be taken for a formula: text that begins as one gets an apostrophe before it.
"""

import csv
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO

from derive.comparison.grading import EMPTY, RIGHT, VERDICTS, Grading, Verdict
from derive.language.language import Language
from derive.language.templates import environment
from derive.numbers.decimals import decimal
from derive.reading.roster import Student
from derive.render.shards import Shelf
from derive.story.markdown import escape, escape_line

FORMULA = tuple("=+-−@＝＋－＠\t\r\n")
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
POINTS_POSSIBLE = "    Points Possible"  # as Canvas exports it, and expects it
SCORE_DECIMALS = 2
FEEDBACK = "feedback/.md"


@dataclass(frozen=True)
class Graded:
    """One student's sheet: the verdicts, and the answers by the names of the blanks, as they were read."""

    student: Student
    grading: Grading
    given: Mapping[str, str]


@dataclass(frozen=True)
class GradedClass:
    """All graded sheets of a worksheet; ``points`` is what a sheet without a mistake gets, None for one a blank."""

    title: str
    graded: Sequence[Graded]
    points: Fraction | None = None

    def most(self, grading: Grading) -> Fraction:
        """Return how many points a sheet can have."""
        return Fraction(grading.out_of) if self.points is None else self.points

    def score(self, grading: Grading) -> str:
        """Return the points of a sheet, rounded to two decimals where they are no whole number."""
        if not grading.out_of:
            return "0"
        return decimal(self.most(grading) * grading.points / grading.out_of, SCORE_DECIMALS)


def tables(graded: GradedClass, language: Language) -> dict[str, bytes]:
    """Return the table for the teacher and those for Canvas and Moodle, by the names of their files."""
    return {
        "grades.csv": grades_csv(graded),
        "canvas.csv": canvas_csv(graded),
        "moodle.csv": moodle_csv(graded, language),
    }


def grades_csv(graded: GradedClass) -> bytes:
    """Return a row a student: the points, how many verdicts of each kind, and the verdict on each blank.

    Its heads and verdicts are the same in every language, for programs.
    """
    names = [verdict.name for verdict in graded.graded[0].grading.verdicts] if graded.graded else []
    head = ["id", "name", "points", "out_of", *VERDICTS, *names]
    # With the mark by which spreadsheets know UTF-8.
    return BOM_UTF8 + _csv([head, *(_grades_row(graded, each) for each in graded.graded)])


def _grades_row(graded: GradedClass, each: Graded) -> list[str]:
    verdicts = each.grading.verdicts
    counts = Counter(verdict.kind for verdict in verdicts)
    return [
        each.student.id,
        each.student.name,
        graded.score(each.grading),
        decimal(graded.most(each.grading), SCORE_DECIMALS),
        *(str(counts[kind]) for kind in VERDICTS),
        *(verdict.kind for verdict in verdicts),
    ]


def canvas_csv(graded: GradedClass) -> bytes:
    """Return what Canvas' gradebook imports: its five columns, the assignment, and the row of possible points.

    A roster that is Canvas' own export has its ids; any other's are what Canvas calls SIS User ID.
    """
    most = decimal(graded.most(graded.graded[0].grading), SCORE_DECIMALS) if graded.graded else "0"
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", graded.title]
    rows = [[*_canvas_student(each.student), graded.score(each.grading)] for each in graded.graded]
    return _csv([head, [POINTS_POSSIBLE, "", "", "", "", most], *rows])


def _canvas_student(student: Student) -> list[str]:
    is_of_canvas = bool(student.login or student.sis_id)
    ids = [student.id, student.sis_id] if is_of_canvas else ["", student.id]
    return [student.name or student.id, *ids, student.login, student.section]


def moodle_csv(graded: GradedClass, language: Language) -> bytes:
    """Return what Moodle's gradebook imports, by the students' ID numbers, with a sentence on each slip."""
    head = ["ID number", "Full name", "Grade", "Feedback comments"]
    rows = [
        [each.student.id, each.student.name, graded.score(each.grading), " ".join(_slips(each.grading, language))]
        for each in graded.graded
    ]
    return _csv([head, *rows])


def _slips(grading: Grading, language: Language) -> Iterator[str]:
    yield from dict.fromkeys(language.say(slip.sentence) for slip in grading.slips)


def feedback(graded: GradedClass, language: Language, spoken: Mapping[str, Language]) -> Iterator[tuple[str, bytes]]:
    """Yield a Markdown file for each student, in the language of ``spoken`` by their ids, else in ``language``."""
    languages = {each.code: each for each in (language, *spoken.values())}
    templates = {code: environment(each).get_template("grading/feedback.md.j2") for code, each in languages.items()}
    shelf = Shelf(len(graded.graded))
    for each in graded.graded:
        said = spoken.get(each.student.id, language)
        verdicts = each.grading.verdicts
        text = templates[said.code].render(
            title=escape(graded.title),
            student=escape(each.student.id) if each.student.name else escape_line(each.student.id),
            name=escape_line(each.student.name),
            score=said.number(graded.score(each.grading)),
            most=said.number(decimal(graded.most(each.grading), SCORE_DECIMALS)),
            right=sum(verdict.kind == RIGHT for verdict in verdicts),
            blanks=len(verdicts),
            rows=[
                _row(number, verdict, each.given, said)
                for number, verdict in enumerate(verdicts, start=1)
                if verdict.kind != RIGHT
            ],
            whole=said.whole,
        )
        yield shelf.path(FEEDBACK, each.student.id), text.encode()


def _row(number: int, verdict: Verdict, given: Mapping[str, str], said: Language) -> dict[str, object]:
    return {
        "number": number,
        "name": verdict.name,
        "answer": "" if verdict.kind == EMPTY else escape(said.printed(given.get(verdict.name, ""))),
        "expected": escape(said.printed(verdict.expected.text)),
        "kind": verdict.kind,
        "slip": escape(said.say(verdict.slip.sentence)) if verdict.slip else "",
    }


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    made = StringIO()
    csv.writer(made, lineterminator="\r\n").writerows([*map(harmless, row)] for row in rows)
    return made.getvalue().encode()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; a plain number stays one.

    >>> harmless("=1+1"), harmless("-0.5"), harmless("Ada")
    ("'=1+1", '-0.5', 'Ada')
    """
    return f"'{cell}" if cell.startswith(FORMULA) and not NUMBER.fullmatch(cell) else cell
