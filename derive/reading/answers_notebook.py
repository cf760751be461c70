"""The answers in a notebook that a student has filled in. Nothing in it is evaluated."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from derive.errors import InputError, Message, shown

# Where a notebook of a worksheet says what it is: in its metadata, and in that of its cells.
KEY = "derive"
STUDENT, CODE = "student", "code"
BLANK, VARIABLE, CHECK = "blank", "variable", "check"
# What somebody means as a number, with whatever marks; whether it is one is judged where answers are read.
NUMERIC = re.compile(r"[-+−]?[\d.,'’\s]+(?:[eE][-+−]?\d+)?")
LARGEST = 50_000_000  # bytes


def answers_of_notebook(content: bytes) -> tuple[str, str, dict[int, str]]:
    r"""Return the student's id, the sheet's code, and each answer as it was written, by the blank's number.

    The answer is the number behind the equals sign, else the one that the cell behind it printed when it was run. What
    was left blank is not there. Raises `InputError` where the file is no notebook of a worksheet, or where an answer is
    an expression that was not run.

    >>> cell = {"cell_type": "code", "metadata": {"derive": {"blank": 1, "variable": "net_h1"}},
    ...         "source": ["net_h1 = 0.3775  # 1\n"]}
    >>> notebook = {"nbformat": 4, "metadata": {"derive": {"student": "0017", "code": "1a2b3c4d"}}, "cells": [cell]}
    >>> answers_of_notebook(json.dumps(notebook).encode())
    ('0017', '1a2b3c4d', {1: '0.3775'})
    """
    notebook = _read(content)
    about = _about(notebook)
    student, code = about.get(STUDENT), about.get(CODE)
    if not isinstance(student, str) or not isinstance(code, str) or not code:
        raise InputError(
            "The notebook does not say which sheet it is; expected one that derive made for a worksheet, with its "
            "metadata kept: fill in a fresh copy of the sheet."
        )
    cells = list(_cells(notebook))
    printed = dict(_printed(cells))
    answers: dict[int, str] = {}
    for number, variable, source in _blanks(cells):
        answer = _answer(number, variable, source, printed)
        if answer is None:
            continue
        if answers.setdefault(number, answer) != answer:
            raise InputError(
                "{place}: found {found} and {other} in two cells; expected one answer, so delete one of the cells.",
                place=_place(number),
                found=shown(answers[number]),
                other=shown(answer),
            )
    return student, code, answers


def _read(content: bytes) -> Mapping[str, Any]:
    try:
        if len(content) > LARGEST:
            raise ValueError
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise InputError("The file cannot be read as a notebook; expected a Jupyter notebook (.ipynb).") from None
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list) or found.get("nbformat") != 4:
        raise InputError(
            "The file is not a notebook of format 4; open it in Jupyter, save it again, and hand in the file saved."
        )
    return found


def _about(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the metadata of a notebook or a cell say of the worksheet."""
    metadata = part.get("metadata")
    found = metadata.get(KEY) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def _cells(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for cell in notebook["cells"]:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            yield cell


def _blanks(cells: list[Mapping[str, Any]]) -> Iterator[tuple[int, str, str]]:
    """Yield the number, the name and the source of each cell to fill in."""
    for cell in cells:
        number, variable = _about(cell).get(BLANK), _about(cell).get(VARIABLE)
        if type(number) is int and isinstance(variable, str):
            yield number, variable, _text(cell.get("source"))


def _printed(cells: list[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    """Yield the number that each check has printed as the answer, with the number of its blank."""
    for cell in cells:
        number = _about(cell).get(CHECK)
        outputs = cell.get("outputs")
        if type(number) is not int or not isinstance(outputs, list):
            continue
        said = "".join(_text(each.get("text")) for each in outputs if isinstance(each, dict))
        found = re.search(rf"^{number}: (\S+) – ", said, re.MULTILINE)
        if found:
            yield number, found[1]


def _answer(number: int, variable: str, source: str, printed: Mapping[int, str]) -> str | None:
    """Return the answer in a cell, None where it was left blank."""
    lines = re.findall(rf"^[ \t]*{re.escape(variable)}[ \t]*=(?!=)(.*)$", source, re.MULTILINE)
    written = lines[-1].partition("#")[0].strip().rstrip(";").strip() if lines else ""
    if written in ("", "..."):
        return None
    if NUMERIC.fullmatch(written) and any(map(str.isdigit, written)):
        return written
    if number not in printed:
        raise InputError(
            "{place}: found {found}, and no number that its check has printed; expected a number, or run all cells and "
            "save the notebook.",
            place=_place(number),
            found=shown(written),
        )
    return printed[number]


def _text(lines: object) -> str:
    """Return text as notebooks hold it, in one piece or in lines."""
    if isinstance(lines, list):
        return "".join(line for line in lines if isinstance(line, str))
    return lines if isinstance(lines, str) else ""


def _place(number: int) -> Message:
    return Message("blank {number}", {"number": number})
