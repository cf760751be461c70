"""The list of a class: who gets a sheet. Ids stay text with their leading zeros, as files are named after them."""

import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from derive.errors import InputError, Message, folded, shown
from derive.language.language import language
from derive.reading.files import LONGEST_BASE, is_base_name
from derive.reading.table import Row, Table, read_table

# What a column may be called, as `folded` has it. In the gradebooks of Canvas and Moodle "Student" is a name, "ID" or
# "ID number" the id.
HEADS = {
    "id": (
        "id studentid studentnumber studentno idnumber matriculation matriculationnumber registrationnumber "
        "matrícula matricula númerodematrícula numerodematricula nºdematrícula nmatrícula ra "
        "númerodeidentificación numerodeidentificacion númerodeid numerodeid númerodeidentificação "
        "numerodeidentificacao código codigo legajo carné carne expediente iddelestudiante iddoestudante iddoaluno"
    ),
    "name": "name fullname studentname nombre nombrecompleto nombreyapellidos nombreyapellido nome nomecompleto",
    "student": "student estudiante alumno alumna aluno aluna estudante",
    "first": "firstname givenname nombres primeironome",
    "last": "lastname surname familyname apellidos apellido apellidoapellidos sobrenome apelido",
    "sis_id": "sisuserid",
    "login": "sisloginid",
    "section": "section sección seccion seção secao turma grupo",
    "language": "language idioma lengua língua",
}
COLUMNS = {head: column for column, heads in HEADS.items() for head in heads.split()}
POINTS = "points possible"  # the second row of Canvas' gradebook
SHORTENED = re.compile(r"\d[.,]\d+e\+\d+", re.IGNORECASE)
FORBIDDEN = set('<>:"|?*')  # what file names on Windows cannot have, beside slashes
SIGNS = '/ \\ < > : " | ? *'
LONGEST_NAME = 200  # characters


@dataclass(frozen=True)
class Student:
    """One who gets a sheet; ``sis_id``, ``login`` and ``section`` are kept for Canvas' form of grades."""

    id: str
    name: str = ""
    login: str = ""
    section: str = ""
    sis_id: str = ""
    language: str = ""
    row: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Roster:
    """The students of a class, and a sentence for each row that is none."""

    students: tuple[Student, ...]
    refused: tuple[Message, ...] = ()


def read_roster(path: str | os.PathLike[str]) -> Roster:
    """Return the class of a CSV file: columns by their heads, in English, Spanish or Portuguese, or id and name.

    A row without an id, with one that another row has, or with one that no file can be named after is refused, and the
    others are taken. Raises `InputError` where the file is no table or has no student.
    """
    return roster_of(read_table(path))


def roster_of(table: Table) -> Roster:
    """Return the class of a table, as `read_roster` does.

    >>> from derive.reading.table import table_of
    >>> roster_of(table_of(b"Nombre;Matr\\xc3\\xadcula\\nAda;007\\nBob;\\n", "class.csv")).students
    (Student(id='007', name='Ada', login='', section='', sis_id='', language='', row=2),)
    """
    if not table.rows:
        raise InputError("{place}: found no row; expected a column id and a column name.", place=table.place)
    columns, rows = columns_of(table)
    if "id" not in columns:
        raise InputError(
            "{place}, row {row}: found no column for the id among {found}; expected one called id, such as {example}.",
            place=table.place,
            row=table.rows[0].number,
            found=shown(", ".join(table.rows[0].cells)),
            example="id,name",
        )
    taken: dict[str, Student] = {}
    refused: list[Message] = []
    for row in rows:
        try:
            student = _student(row, columns)
            _check_alone(student, taken)
        except InputError as error:
            refused.append(
                Message(
                    "{place}, row {row}: {message}",
                    {"place": table.place, "row": row.number, "message": error.message},
                )
            )
        else:
            taken[student.id.casefold()] = student
    if not taken and not refused:
        raise InputError("{place}: found no student below the head; expected a row for each.", place=table.place)
    return Roster(tuple(taken.values()), tuple(refused))


def columns_of(table: Table) -> tuple[dict[str, int], list[Row]]:
    """Return where which column is, and the rows of students; without a head the first two are id and name."""
    head, *rest = table.rows
    columns: dict[str, int] = {}
    for index, cell in enumerate(head.cells):
        column = COLUMNS.get(folded(cell))
        if column and column not in columns:
            columns[column] = index
    if not columns:
        # A head in other words has no digit; ids have.
        named = not any(map(str.isdigit, "".join(head.cells)))
        return ({}, rest) if named and rest else ({"id": 0, "name": 1}, list(table.rows))
    if "student" in columns:  # the name beside an id, else the id
        index = columns.pop("student")
        columns.setdefault("name" if "id" in columns else "id", index)
    return columns, [row for row in rest if not any(cell.casefold() == POINTS for cell in row.cells)]


def _student(row: Row, columns: Mapping[str, int]) -> Student:
    cells = {column: row.cells[index] if index < len(row.cells) else "" for column, index in columns.items()}
    name = cells.get("name") or " ".join(filter(None, (cells.get("first"), cells.get("last"))))
    return Student(
        student_id(cells["id"]),
        _checked_name(name),
        login=cells.get("login", ""),
        section=cells.get("section", ""),
        sis_id=cells.get("sis_id", ""),
        language=_checked_language(cells.get("language", "")),
        row=row.number,
    )


def student_id(text: str) -> str:
    """Return an id in one form of its letters; raises `InputError` where no file can be named after it.

    >>> student_id(" 007 ")
    '007'
    """
    found = unicodedata.normalize("NFC", text.strip())
    if not found:
        raise InputError("found no id; expected one, as every sheet has its own.")
    if SHORTENED.fullmatch(found):
        raise InputError(
            "found the id {found}, a long number that a spreadsheet has shortened; format the column as text, and "
            "write the id again.",
            found=shown(found),
        )
    if len(found.encode()) > LONGEST_BASE:
        raise InputError(
            "found an id of {length} bytes; expected at most {most}, as files are named after it.",
            length=len(found.encode()),
            most=LONGEST_BASE,
        )
    if not is_base_name(found) or found.startswith(".") or FORBIDDEN & set(found):
        raise InputError(
            "found the id {found}; expected one that a file can be named after: without {signs}, no dot at its ends, "
            "and not the name of a Windows device, such as con.",
            found=shown(found),
            signs=SIGNS,
        )
    return found


def _checked_name(name: str) -> str:
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError(
            "found the name {found}; expected at most {most} letters on one line.", found=shown(name), most=LONGEST_NAME
        )
    return name


def _checked_language(code: str) -> str:
    if code:
        language(code)
    return code


def _check_alone(student: Student, taken: Mapping[str, Student]) -> None:
    other = taken.get(student.id.casefold())
    if other is None:
        return
    if other.id == student.id:
        raise InputError(
            "found the id {found} a second time; row {other} has it, too. Give each student an id of their own.",
            found=shown(student.id),
            other=other.row,
        )
    raise InputError(
        "found the id {found}, which differs from {same} in row {other} in capital letters alone; many disks take "
        "their files for the same. Give each student an id of their own.",
        found=shown(student.id),
        same=shown(other.id),
        other=other.row,
    )
