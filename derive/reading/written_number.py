"""Numbers as students write them: with a point or a comma, a power of ten, another minus sign. Nothing is evaluated.

A comma before three digits, as in 1,234, says nothing by itself: either the student's other numbers settle what commas
are, or the file's separator does, or the teacher.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from derive.errors import InputError, shown

POINT, COMMA = "point", "comma"
MARKS = (POINT, COMMA)
AS_COMMA, AS_POINT = "--decimal comma", "--decimal point"
LONGEST = 100  # characters
NOTHING = {"", "-", "–", "—", "−"}  # of which Moodle writes the first stroke where nothing was answered
PLAIN = re.compile(
    r"-?\d{1,40}(?:\.\d{1,60})?(?:e-?\d{1,3})?", re.ASCII
)  # as it is kept; most answers are, and need no more
STROKES = str.maketrans(
    {**dict.fromkeys("−‐‑‒–—﹣－", "-"), **dict.fromkeys("\u00a0\u202f\u2009\u2007", " "), "＋": "+"}
)
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
WRITTEN = re.compile(
    r"""[=≈]?\s* (?P<sign>[+-]?)\s* (?P<digits>\d[\d.,' ’]*|[.,]\d[\d ]*)
    (?:\s*[eE]\s*(?P<power>[+-]?\d{1,3})
     | \s*[·×⋅∙*xX]\s*10\s*(?:
       (?:\^|\*\*)\s*[({]?\s*(?P<caret>[+-]?\d{1,3})\s*[)}]? | (?P<raised>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})))?""",
    re.VERBOSE | re.ASCII,
)
# What stands between the digits of one number, by what a comma is. Groups of three digits, or of decimals by a space.
GROUPED = {
    POINT: re.compile(
        r"(?P<whole>\d+|[1-9]\d{0,2}(?:[ ,'’]\d{3})+)?(?:\.(?P<decimals>\d+|(?:\d{3} )+\d{1,3})?)?", re.ASCII
    ),
    COMMA: re.compile(
        r"(?P<whole>\d+|[1-9]\d{0,2}(?:[ .'’]\d{3})+)?(?:,(?P<decimals>\d+|(?:\d{3} )+\d{1,3})?)?", re.ASCII
    ),
}
EITHER = re.compile(r"[1-9]\d{0,2}(?P<mark>[.,])\d{3}", re.ASCII)  # may be a group of thousands or decimals
K = TypeVar("K")


def plain_numbers(cells: Mapping[K, str], mark: str = "", usual: str = "") -> tuple[dict[K, str], dict[K, InputError]]:
    """Return one student's numbers in plain form, as `plain_number`, and an error for each that cannot be read.

    ``mark`` is what the teacher says of the file; else the numbers that can be read in one way only settle the others,
    and where there are none, what is ``usual`` in the file does.

    >>> plain_numbers({1: "0,5", 2: "1,234"})[0], plain_numbers({1: "0.5", 2: "1,234"})[0]
    ({1: '0.5', 2: '1.234'}, {1: '0.5', 2: '1234'})
    """
    if all(map(PLAIN.fullmatch, cells.values())) and mark != COMMA:
        return dict(cells), {}
    settled = mark or settled_mark(cells.values()) or usual
    found: dict[K, str] = {}
    wrong: dict[K, InputError] = {}
    for key, cell in cells.items():
        if cell.strip() in NOTHING:
            continue
        try:
            found[key] = plain_number(cell, settled)
        except InputError as error:
            wrong[key] = error
    return found, wrong


def plain_number(text: str, mark: str = "") -> str:
    """Return the number with a point and a power of ten after e, all its decimals kept; ``mark`` settles 1,234.

    Raises `InputError` for what is no decimal number, and for 1,234 where nothing settles what the comma is.

    >>> [plain_number(text) for text in ("0,3775", "−1.2·10⁻³", "1.2 × 10^-3", "+.50", "1,234.5")]
    ['0.3775', '-1.2e-3', '1.2e-3', '0.50', '1234.5']
    >>> plain_number("1,234")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    derive.errors.InputError: found '1,234', which may be 1.234 or 1234; write it without the comma, or say what ...
    """
    # A point before three digits is one of thousands only where commas are known to be decimal.
    if PLAIN.fullmatch(text) and (mark != COMMA or not EITHER.fullmatch(text)):
        return text
    parts = WRITTEN.fullmatch(text.strip().translate(STROKES)) if len(text) <= LONGEST else None
    digits = parts and _digits(parts["digits"].strip(), mark)
    if not parts or not digits:
        raise InputError("found {found}; expected a decimal number, such as 0.5 or -1.2e-3.", found=shown(text))
    power = parts["power"] or parts["caret"] or (parts["raised"] or "").translate(RAISED)
    sign = "-" if parts["sign"] == "-" else ""
    return f"{sign}{digits}{f'e{int(power)}' if power else ''}"


def _digits(text: str, mark: str) -> str:
    """Return the digits with a point, "" where they are no number; raises `InputError` where they may be two."""
    either = EITHER.fullmatch(text)
    if either and not mark and either["mark"] == ",":
        raise InputError(
            "found {found}, which may be {decimal} or {whole}; write it without the comma, or say what commas are with "
            "{comma} or {point}.",
            found=shown(text),
            decimal=text.replace(",", "."),
            whole=text.replace(",", ""),
            comma=AS_COMMA,
            point=AS_POINT,
        )
    for way in (mark or POINT, COMMA, POINT):
        parts = GROUPED[way].fullmatch(text)
        if parts and (parts["whole"] or parts["decimals"]):
            whole = re.sub(r"\D", "", parts["whole"] or "0")
            decimals = (parts["decimals"] or "").replace(" ", "")
            return f"{whole}.{decimals}" if decimals else whole
    return ""


def settled_mark(cells: Iterable[str]) -> str:
    """Return what a comma is in these numbers: what all that can be read in one way only say, "" where they differ.

    >>> settled_mark(["1,234", "0,5"]), settled_mark(["1,234"]), settled_mark(["0.5", "0,5"])
    ('comma', '', '')
    """
    marks: set[str] = set()
    for cell in cells:
        text = cell.strip().lstrip("+-−=≈ ")
        mantissa = re.match(r"[\d.,' ’]+", text)
        digits = mantissa[0].strip() if mantissa else ""
        if EITHER.fullmatch(digits):
            continue
        ways = [way for way in MARKS if GROUPED[way].fullmatch(digits)]
        if len(ways) == 1:
            marks.add(ways[0])
    return marks.pop() if len(marks) == 1 else ""
