"""Moodle's report of responses: of a cloze question "part 1: 0.5; part 2: …", else one question a blank."""

import json
import re
from collections.abc import Iterable, Mapping

from derive.errors import InputError, Message, folded
from derive.reading.given_row import GivenRow, at_row
from derive.reading.roster import COLUMNS

RESPONSE = re.compile(r"(?:response|respuesta|resposta)\s*(\d{1,6})", re.IGNORECASE)
# Moodle's text of a part is its word for it, the number and what was typed; numbers have no "; " in them.
PART = re.compile(r"(?:^|;\s+)[^\W\d]+\s+(\d{1,6}):\s*(.*?)(?=;\s+[^\W\d]+\s+\d{1,6}:|$)", re.DOTALL)


def moodle_cells(responses: Mapping[int, str], blanks: Mapping[int, str]) -> dict[int, str]:
    """Return the cells by blanks: of the parts of a cloze question, or of questions that ask for one number each.

    >>> moodle_cells({1: "part 1: 0.5; part 2: ; part 3: 1,5"}, {1: "net_h1", 2: "out_h1", 3: "E"})
    {1: '0.5', 3: '1,5'}
    >>> moodle_cells({1: "0.5", 2: "-"}, {1: "net_h1", 2: "out_h1"})
    {1: '0.5', 2: '-'}
    """
    found: dict[int, str] = {}
    for question, response in responses.items():
        parts = PART.findall(response)
        cells = {int(part): text.strip() for part, text in parts} if parts else {question: response}
        found |= {number: text for number, text in cells.items() if number in blanks and text}
    return found


def json_rows(found: bytes, place: str, blanks: Mapping[int, str], refused: list[Message]) -> Iterable[GivenRow]:
    """Return the rows of Moodle's JSON: a list, or a list of lists, of objects; raises `InputError` for other JSON."""
    try:
        data = json.loads(found.decode("utf-8-sig"), parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise InputError(
            "{place}: found no JSON in UTF-8; expected Moodle's report of responses.", place=place
        ) from None
    rows = data[0] if isinstance(data, list) and len(data) == 1 and isinstance(data[0], list) else data
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(
            "{place}: found JSON of another shape; expected Moodle's report of responses, a list of attempts.",
            place=place,
        )
    return [_json_row(row, place, number, blanks) for number, row in enumerate(rows, start=1)]


def _json_row(row: Mapping[str, object], place: str, number: int, blanks: Mapping[int, str]) -> GivenRow:
    cells = {folded(key): value for key, value in row.items() if isinstance(value, str)}
    ids = [value for key, value in cells.items() if COLUMNS.get(key) == "id"]
    if not ids:
        raise InputError(
            "{place}, row {row}: found no ID number; expected one in every attempt. Moodle exports it where the "
            "report shows ID numbers.",
            place=place,
            row=number,
        )
    responses = {int(key[1]): value for name, value in cells.items() if (key := RESPONSE.fullmatch(name))}
    return GivenRow(ids[0].strip(), "", moodle_cells(responses, blanks), at_row(place, number))
