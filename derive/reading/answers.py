"""What students answered: tables, Moodle's reports, filled PDFs and notebooks. Numbers keep the decimals they have.

A student of whom one cell cannot be read gets no grade before it is mended, and a sentence says where it is; all others
are read.
"""

import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from derive.errors import InputError, Message, Text, nearest, shown
from derive.reading.answer_columns import table_rows
from derive.reading.answers_moodle import json_rows
from derive.reading.answers_pdf import pdf_row
from derive.reading.files import readable
from derive.reading.given_row import GivenRow
from derive.reading.roster import student_id
from derive.reading.table import file_bytes
from derive.reading.written_number import plain_numbers

ENDINGS = (".csv", ".ipynb", ".json", ".pdf", ".tsv", ".txt")


@dataclass(frozen=True)
class Asked:
    """What a key asks for: the name of each numbered blank, and the code of each student's sheet.

    A sheet that all students share has the id "" and no other beside it.
    """

    blanks: Mapping[int, str]
    codes: Mapping[str, str]

    @property
    def is_shared(self) -> bool:
        """Whether all students have the same sheet."""
        return len(self.codes) == 1 and "" in self.codes


@dataclass(frozen=True)
class Answers:
    """One student's answers by the numbers of the blanks, as plain text such as "-1.20e-3"; empty ones are left out."""

    student: str
    given: Mapping[int, str]
    code: str = ""
    place: Text = field(default="", compare=False)


@dataclass(frozen=True)
class Reading:
    """All that could be read, in the order of the files, and a sentence for each thing that could not."""

    answers: tuple[Answers, ...]
    refused: tuple[Message, ...]


def read_answers(paths: Iterable[str | os.PathLike[str]], asked: Asked, mark: str = "") -> Reading:
    """Return the answers of files, and of all files of known kinds in folders; ``mark`` says what a comma is.

    A file is a table (CSV: a column a blank, or columns id, blank and answer), Moodle's report of responses (CSV or
    JSON), a filled PDF or a filled notebook.
    """
    refused: list[Message] = []
    found: dict[str, list[Answers | None]] = {}
    places: dict[str, list[Text]] = {}
    for path in _files(paths, refused):
        place = readable(str(path))
        try:
            rows = list(_rows(path, place, asked, refused))
        except InputError as error:
            refused.append(error.message)
            continue
        for row in rows:
            try:
                student = known_student(row.student, row.code, asked)
            except InputError as error:
                refused.append(error.inside(row.place).message)
                continue
            places.setdefault(student, []).append(row.place)
            found.setdefault(student, []).append(_read(student, row, mark, refused))
    refused += [_several(student, several) for student, several in places.items() if len(several) > 1]
    alone = (each[0] for each in found.values() if len(each) == 1)
    return Reading(tuple(answers for answers in alone if answers is not None), tuple(refused))


def _files(paths: Iterable[str | os.PathLike[str]], refused: list[Message]) -> Iterator[Path]:
    for path in map(Path, paths):
        if not path.is_dir():
            yield path
            continue
        inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in ENDINGS and file.is_file())
        if not inside:
            refused.append(
                Message(
                    "{place}: found no file of answers in the folder; expected {endings}.",
                    {"place": readable(str(path)), "endings": ", ".join(ENDINGS)},
                )
            )
        yield from inside


def _rows(path: Path, place: str, asked: Asked, refused: list[Message]) -> Iterable[GivenRow]:
    kind = path.suffix.lower()
    if kind not in ENDINGS:
        raise InputError(
            "{place}: unsupported file type {found}; expected {endings}.",
            place=place,
            found=shown(path.suffix),
            endings=", ".join(ENDINGS),
        )
    found = file_bytes(path)
    if kind == ".pdf":
        return [_named(pdf_row(found, place, asked.blanks), path, asked)]
    if kind == ".ipynb":
        return [_named(_notebook_row(found, place, asked), path, asked)]
    if kind == ".json":
        return json_rows(found, place, asked.blanks, refused)
    return table_rows(found, place, asked.blanks, refused)


def _notebook_row(found: bytes, place: str, asked: Asked) -> GivenRow:
    from derive.reading.answers_notebook import answers_of_notebook

    try:
        student, code, given = answers_of_notebook(found)
    except InputError as error:
        raise error.inside(place) from None
    return GivenRow(student, code, {number: text for number, text in given.items() if number in asked.blanks}, place)


def _named(row: GivenRow, path: Path, asked: Asked) -> GivenRow:
    """Return the row of a file with an id: where all share a sheet, the file is called by it."""
    if row.student or not asked.is_shared:
        return row
    return replace(row, student=path.stem)


def known_student(student: str, code: str, asked: Asked) -> str:
    """Return the id of a student who has a sheet; raises `InputError` for others, and for a sheet of another secret."""
    if asked.is_shared:
        found = student_id(student)
    else:
        found = unicodedata.normalize("NFC", student.strip())
        if found not in asked.codes:
            raise InputError(
                "found the id {found}, which the key does not have; expected that of a student with a sheet.{hint}",
                found=shown(student),
                hint=_hint(found, asked.codes),
            )
    expected = asked.codes.get(found, asked.codes.get("", ""))
    if code and expected and code.lower() != expected.lower():
        raise InputError(
            "found a sheet with the code {found}; the key has {expected} for {student}. It was made with another "
            "secret, or for another course or network: grade it with the key of that one.",
            found=shown(code),
            expected=shown(expected),
            student=shown(found),
        )
    return found


def _hint(student: str, known: Mapping[str, str]) -> Text:
    """Return a question after a similar id: first one whose leading zeros a spreadsheet has dropped."""
    whole = [each for each in known if each.lstrip("0") == student]
    return nearest(whole[0] if len(whole) == 1 else student, known)


def _read(student: str, row: GivenRow, mark: str, refused: list[Message]) -> Answers | None:
    given, wrong = plain_numbers(row.cells, mark, row.usual)
    for number, error in wrong.items():
        refused.append(error.inside(row.where(number)).message)
    return None if wrong or row.is_refused else Answers(student, given, row.code, row.place)


def _several(student: str, places: list[Text]) -> Message:
    return Message(
        "{first} and {second}: found answers of {student} in both; expected one row or file for each student. Remove "
        "one, and grade again.",
        {"first": places[0], "second": places[1], "student": shown(student)},
    )
