"""A class graded: the answers of its files, and the files that a teacher, a gradebook and each student get."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from derive.api.key import Key
from derive.comparison.grading import RIGHT, Grading
from derive.errors import DeriveError, InputError, Message, shown
from derive.language.language import Language, language
from derive.reading.answers import Answers
from derive.reading.roster import Roster, Student
from derive.render.class_summary import summary
from derive.render.files import write
from derive.render.grade_files import Graded, GradedClass, feedback, tables

TOGETHER = 200  # files that are written at once


@dataclass(frozen=True)
class Grades:
    """Graded sheets, how many students of the key have none, and a sentence on each who could not be graded."""

    graded: GradedClass
    missing: int
    refused: tuple[Message, ...]
    spoken: Mapping[str, Language]  # the language of a student's feedback, where the roster says it
    noticed: tuple[Message, ...] = ()  # what a teacher may want to know, and costs nobody anything

    @property
    def mean(self) -> Fraction | None:
        """How many points a sheet has on average, None where there is none."""
        gradings = [each.grading for each in self.graded.graded]
        if not gradings:
            return None
        points = (self.graded.most(each) * each.points / max(each.out_of, 1) for each in gradings)
        return sum(points, Fraction(0)) / len(gradings)


def grade_class(
    key: Key, answers: Sequence[Answers], roster: Roster | None = None, points: Fraction | None = None
) -> Grades:
    """Return the verdicts on all answers; names and sections are the roster's, else the key's.

    ``points`` is what a sheet without a mistake gets, None for one point a blank. Raises `InputError` where a worksheet
    asks for formulas alone.
    """
    if key.worksheet.blanks == "formulas":
        raise InputError(
            "{title}: this worksheet asks for formulas alone, which derive cannot grade; expected one that asks for "
            "values.",
            title=shown(key.worksheet.title),
        )
    students = {student.id: student for student in (roster.students if roster else ())}
    graded: list[Graded] = []
    refused: list[Message] = []
    noticed: list[Message] = []
    names = key.asked.blanks
    for each in answers:
        try:
            grading = key.grade(each)
        except DeriveError as error:
            refused.append(error.inside(each.place).message)
            continue
        other = key.others_sheet(each) if 2 * right_of(grading) < len(each.given) else ""
        if other:
            noticed.append(
                Message(
                    "{place}: the answers of {student} are those of the sheet of {other}.",
                    {"place": each.place, "student": shown(each.student), "other": shown(other)},
                )
            )
        student = students.get(each.student) or Student(each.student, key.sheet_of(each.student).name)
        given = {names[number]: text for number, text in each.given.items()}
        graded.append(Graded(student, grading, given))
    spoken = {student.id: language(student.language) for student in students.values() if student.language}
    missing = 0 if key.asked.is_shared else len(key.sheets) - len(graded)
    return Grades(
        GradedClass(key.worksheet.title, tuple(graded), points), missing, tuple(refused), spoken, tuple(noticed)
    )


def right_of(grading: Grading) -> int:
    """Return how many answers are the numbers of the key."""
    return sum(verdict.kind == RIGHT for verdict in grading.verdicts)


def write_grades(grades: Grades, folder: Path, said: Language) -> Iterator[Path]:
    """Write all files of a grading, and yield the paths of those that are not of one student.

    Raises `InputError` where one cannot be written.
    """
    yield from write(folder, tables(grades.graded, said) | summary(grades.graded, grades.missing, said))
    several: dict[str, bytes] = {}
    for name, content in feedback(grades.graded, said, grades.spoken):
        several[name] = content
        if len(several) == TOGETHER:
            write(folder, several)
            several = {}
    write(folder, several)
