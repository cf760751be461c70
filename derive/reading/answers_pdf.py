"""A filled PDF: its form fields are called by the numbers of the blanks, and its keywords say whose sheet it is."""

import logging
import re
from collections.abc import Mapping
from io import BytesIO

from derive.errors import InputError
from derive.reading.given_row import GivenRow

STUDENT = "student"  # the field for the id, on a sheet that is nobody's own
KEYWORDS = re.compile(r"derive-sheet:([0-9a-f]{8}|):(.*)", re.DOTALL)
INSTALL = "pip install 'derive-backprop[class]'"


def keywords_of(code: str, student: str) -> str:
    """Return the keywords of a sheet's PDF."""
    return f"derive-sheet:{code}:{student}"


def pdf_row(found: bytes, place: str, blanks: Mapping[int, str]) -> GivenRow:
    """Return what is filled in; raises `InputError` for what is no sheet of derive's."""
    try:
        from pypdf import PdfReader
    except ImportError:
        raise InputError(
            "{place}: filled PDFs need {library}, which is not installed; install it with: {command}",
            place=place,
            library="pypdf",
            command=INSTALL,
        ) from None
    # What it has to say of a damaged file is said below, with the file's name.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(BytesIO(found))
        keywords = str((reader.metadata and reader.metadata.get("/Keywords")) or "")
        fields = {str(name): str(field.value or "").strip() for name, field in (reader.get_fields() or {}).items()}
    except Exception:  # a damaged PDF fails in as many ways as there are; none is a fault of pypdf's user
        raise InputError("{place}: found no PDF that can be read; save it again.", place=place) from None
    sheet = KEYWORDS.fullmatch(keywords)
    if sheet is None and not fields:
        raise InputError(
            "{place}: found no sheet in the file; expected a PDF that derive worksheet wrote, filled in and saved, not "
            "printed into a new file.",
            place=place,
        )
    code, student = (sheet[1], sheet[2]) if sheet else ("", "")
    cells = {number: fields[str(number)] for number in blanks if fields.get(str(number))}
    return GivenRow(student or fields.get(STUDENT, ""), code, cells, place)
