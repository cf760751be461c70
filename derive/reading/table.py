"""Tables as spreadsheets write them: CSV with commas, semicolons or tabs, in UTF-8 or UTF-16. Cells stay text."""

import csv
import os
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from derive.errors import InputError, UnsupportedError, counted, reason
from derive.reading.files import readable
from derive.writing import content

SEPARATORS = "\t;,"  # of as many in the head, the first: fewest other texts have it in them
QUOTED = re.compile(r'"[^"]*"?')
MAX_BYTES = 100_000_000  # 10,000 students with 33 answers each are three million


@dataclass(frozen=True)
class Row:
    """A row that is not empty: its number as a spreadsheet counts, from 1, and its cells without spaces around them."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The rows of a file; ``separator`` is what stands between its cells, and ``place`` its name in messages."""

    place: str
    separator: str
    rows: tuple[Row, ...]


def read_table(path: str | os.PathLike[str], max_bytes: int = MAX_BYTES) -> Table:
    """Return the rows of a CSV file; raises `InputError` for what cannot be read, with the row where there is one."""
    place = readable(os.fspath(path))
    return table_of(file_bytes(path, max_bytes), place)


def file_bytes(path: str | os.PathLike[str], max_bytes: int = MAX_BYTES) -> bytes:
    """Return what a file holds; raises `InputError` where it cannot be read or is too long."""
    place = readable(os.fspath(path))
    try:
        found = content(Path(path), max_bytes + 1)
    except OSError as error:
        raise InputError(
            "{place}: the file cannot be read ({reason}); expected one that can.", place=place, reason=reason(error)
        ) from None
    if len(found) > max_bytes:
        raise UnsupportedError(
            "{place}: the file has more than {bytes}, which is the limit.",
            place=place,
            bytes=counted("{number} byte", "{number} bytes", max_bytes),
        )
    return found


def table_of(found: bytes, place: str) -> Table:
    """Return the rows of a CSV file's bytes; raises `InputError` for what is no such text.

    >>> table_of(b"id;name\\n007;Ada\\n", "class.csv").rows[1]
    Row(number=2, cells=('007', 'Ada'))
    """
    lines = list(StringIO(_decoded(found, place), newline=""))
    separator = None
    if lines and re.fullmatch(r"sep=[,;\t]\s*", lines[0]):  # what Excel writes to tell itself
        separator, lines[0] = lines[0][4], "\n"
    head = next((line for line in lines if line.strip()), "")
    separator = separator or _separator(head)
    return Table(place, separator, tuple(_rows(lines, separator, place)))


def _decoded(found: bytes, place: str) -> str:
    encoding = "utf-16" if found.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8"
    try:
        text = found.removeprefix(BOM_UTF8).decode(encoding)
    except UnicodeDecodeError as error:
        row = 1 if encoding == "utf-16" else found.count(b"\n", 0, error.start) + 1
        raise InputError(
            "{place}, row {row}: found letters that are not UTF-8; save the file as UTF-8 (in Excel: CSV UTF-8).",
            place=place,
            row=row,
        ) from None
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(
            "{place}, row {row}: found a null character, which no text has; save the file as CSV in UTF-8.",
            place=place,
            row=row,
        )
    return text


def _separator(head: str) -> str:
    bare = QUOTED.sub("", head)
    return max(SEPARATORS, key=bare.count) if any(mark in bare for mark in SEPARATORS) else ","


def _rows(lines: list[str], separator: str, place: str) -> list[Row]:
    found: list[Row] = []
    number = 0
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return found
        except csv.Error:
            raise InputError(
                "{place}, row {row}: found quotation marks that do not close, or a cell that is too long; expected "
                "cells as a spreadsheet writes them.",
                place=place,
                row=number,
            ) from None
        stripped = tuple(map(str.strip, cells))
        if any(stripped):
            found.append(Row(number, stripped))
