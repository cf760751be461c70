"""Answers in a table: a column a blank, or a row a blank with the columns id, blank and answer, or Moodle's report."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from derive.errors import InputError, Message, folded, nearest, shown
from derive.reading.answers_moodle import RESPONSE, moodle_cells
from derive.reading.given_row import GivenRow, at_row
from derive.reading.roster import COLUMNS, POINTS
from derive.reading.table import Row, Table, table_of
from derive.reading.written_number import COMMA

CODES = {"code", "código", "codigo", "sheet", "hoja", "folha"}
BLANKS = {"blank", "hueco", "espacio", "lacuna", "casilla", "campo"}
ANSWERS = {"answer", "respuesta", "resposta", "value", "valor"}
# Other columns of forms and gradebooks, which are no answers.
BESIDE = re.compile(
    r"e?mail.*|correo.*|direcci[óo]nde.*|endere[çc]ode.*|timestamp|marcatemporal|carimbodedatahora|username|state|status|"
    r"estado|started.*|completed|timetaken|institution|department|score|(?:grade|calificaci[óo]n|nota|avaliar)[\d]*|"
    r"question\d+|rightanswer\d+"
)
NUMBERED = re.compile(rf"(?:(?:{'|'.join(sorted(BLANKS))}|#|nº)\s*|\()?(\d{{1,6}})\)?", re.IGNORECASE)
MOST_NAMED = 3  # of the columns that are unknown


@dataclass(frozen=True)
class Columns:
    """Where a table has what: the id, the code, and the blank of each column of answers."""

    id: int
    code: int | None
    blanks: Mapping[int, int]  # number by index
    refused: tuple[InputError, ...] = ()


def table_rows(found: bytes, place: str, blanks: Mapping[int, str], refused: list[Message]) -> Iterable[GivenRow]:
    """Return the rows of a table's bytes; raises `InputError` where it has no column for the id or for answers."""
    table = table_of(found, place)
    if not table.rows:
        raise InputError("{place}: found no row; expected a head and a row for each student.", place=place)
    heads = [folded(cell) for cell in table.rows[0].cells]
    if not BLANKS.isdisjoint(heads) and not ANSWERS.isdisjoint(heads):
        return list(_long(table, heads, blanks, refused))
    return list(_wide(table, heads, blanks, refused))


def blank_number(text: str, blanks: Mapping[int, str]) -> int:
    """Return the number of the blank that is meant by its number or its name; raises `InputError` for none.

    >>> blank_number("net_h1", {1: "net_h1"}), blank_number("Blank 1", {1: "net_h1"})
    (1, 1)
    """
    for number, name in blanks.items():
        if text == name:
            return number
    small = text.casefold()
    alike = [number for number, name in blanks.items() if name.casefold() == small]
    if len(alike) == 1:
        return alike[0]
    numbered = NUMBERED.fullmatch(text)
    if numbered and int(numbered[1]) in blanks:
        return int(numbered[1])
    raise InputError(
        "found the blank {found}, which the sheet does not have; expected a number from {first} to {last}, or a name "
        "such as {name}.{hint}",
        found=shown(text),
        first=min(blanks),
        last=max(blanks),
        name=blanks[min(blanks)],
        hint=nearest(text, blanks.values()),
    )


def _usual(table: Table) -> str:
    """Return what a comma is where no number settles it: between semicolons it is the decimal one."""
    return COMMA if table.separator == ";" else ""


def _id_column(heads: list[str], table: Table) -> int:
    found = {COLUMNS[head]: index for index, head in reversed(list(enumerate(heads))) if head in COLUMNS}
    index = found.get("id", found.get("student"))
    if index is None:
        raise InputError(
            "{place}, row {row}: found no column for the id among {found}; expected a head with one called id, and a "
            "column for each blank, called by its number or its name.",
            place=table.place,
            row=table.rows[0].number,
            found=shown(", ".join(table.rows[0].cells)),
        )
    return index


def _code_column(heads: list[str]) -> int | None:
    return next((index for index, head in enumerate(heads) if head in CODES), None)


def _students(table: Table) -> Iterator[Row]:
    for row in table.rows[1:]:
        if not any(cell.casefold() == POINTS for cell in row.cells):
            yield row


def _cell(row: Row, index: int | None) -> str:
    return row.cells[index] if index is not None and index < len(row.cells) else ""


def _wide(table: Table, heads: list[str], blanks: Mapping[int, str], refused: list[Message]) -> Iterator[GivenRow]:
    of_id, of_code = _id_column(heads, table), _code_column(heads)
    named = table.rows[0].cells
    numbers: dict[int, int] = {}
    responses: dict[int, int] = {}
    for index, head in enumerate(named):
        if index in (of_id, of_code) or not head or _is_beside(head, heads[index], blanks):
            continue
        if response := RESPONSE.fullmatch(head):
            responses[index] = int(response[1])
            continue
        try:
            number = blank_number(head, blanks)
            _check_once(number, numbers, named)
        except InputError as error:
            where = at_row(table.place, table.rows[0].number)
            refused.append(error.inside(where).message)
        else:
            numbers[index] = number
    if not numbers and not responses:
        raise InputError(
            "{place}, row {row}: found no column of answers; expected one for each blank, called by its number or its "
            "name, such as {name}.",
            place=table.place,
            row=table.rows[0].number,
            name=blanks[min(blanks)],
        )
    usual = _usual(table)
    columns = {number: named[index] for index, number in numbers.items()}
    asked = list(numbers.items())
    for row in _students(table):
        cells, length = row.cells, len(row.cells)
        given = {number: cells[index] for index, number in asked if index < length and cells[index]}
        place = at_row(table.place, row.number)
        if responses:
            given |= moodle_cells({number: _cell(row, index) for index, number in responses.items()}, blanks)
        yield GivenRow(_cell(row, of_id), _cell(row, of_code), given, place, usual, columns)


def _is_beside(cell: str, head: str, blanks: Mapping[int, str]) -> bool:
    """Whether a column is no answer: one that gradebooks and forms have beside."""
    return cell not in blanks.values() and (head in COLUMNS or bool(BESIDE.fullmatch(head)))


def _check_once(number: int, numbers: Mapping[int, int], named: tuple[str, ...]) -> None:
    for index, other in numbers.items():
        if other == number:
            raise InputError(
                "found a second column for blank {number}, after {column}; expected one.",
                number=number,
                column=shown(named[index]),
            )


def _long(table: Table, heads: list[str], blanks: Mapping[int, str], refused: list[Message]) -> Iterator[GivenRow]:
    of_id, of_code = _id_column(heads, table), _code_column(heads)
    of_blank = next(index for index, head in enumerate(heads) if head in BLANKS)
    of_answer = next(index for index, head in enumerate(heads) if head in ANSWERS)
    students: dict[str, list[Row]] = {}
    for row in _students(table):
        students.setdefault(_cell(row, of_id), []).append(row)
    for student, rows in students.items():
        cells: dict[int, str] = {}
        where: dict[int, Row] = {}
        is_refused = False
        for row in rows:
            try:
                number = blank_number(_cell(row, of_blank), blanks)
                if number in where:
                    raise InputError(
                        "found a second answer for blank {number}, after row {row}; expected one.",
                        number=number,
                        row=where[number].number,
                    )
            except InputError as error:
                refused.append(error.inside(at_row(table.place, row.number)).message)
                is_refused = True
                continue
            where[number] = row
            if answer := _cell(row, of_answer):
                cells[number] = answer
        codes = [_cell(row, of_code) for row in rows if _cell(row, of_code)]
        place = at_row(table.place, rows[0].number)
        columns = {number: shown(table.rows[0].cells[of_answer]) for number in where}
        yield _LongRow(
            student, codes[0] if codes else "", cells, place, _usual(table), columns, is_refused, table.place, where
        )


@dataclass(frozen=True)
class _LongRow(GivenRow):
    """A student's rows of a long table: each cell stands in a row of its own."""

    file: str = ""
    rows: Mapping[int, Row] | None = None

    def where(self, number: int) -> Message:
        """Return the row of a blank's cell."""
        assert self.rows is not None
        return at_row(self.file, self.rows[number].number)
