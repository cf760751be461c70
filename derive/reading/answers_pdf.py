"""A filled PDF: its form fields are called by the numbers of the blanks, and its keywords say whose sheet it is."""

import re
from collections.abc import Mapping
from io import BytesIO

from derive.errors import InputError
from derive.reading.given_row import GivenRow

KEYWORDS = re.compile(r"derive-sheet:([0-9a-f]{8}):(.*)", re.DOTALL)
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
    try:
        reader = PdfReader(BytesIO(found))
        keywords = str(reader.metadata.get("/Keywords") if reader.metadata else "")
        fields = {
            str(name): str(field.value or "")
            for name, field in (reader.get_fields() or {}).items()
            if str(name).isdecimal() and len(str(name)) <= 6
        }
    except Exception:  # a damaged PDF fails in as many ways as there are; none is a fault of pypdf's user
        raise InputError("{place}: found no PDF that can be read; save it again.", place=place) from None
    sheet = KEYWORDS.fullmatch(keywords)
    if sheet is None:
        raise InputError(
            "{place}: found no code of a sheet in the file; expected a PDF that derive worksheet wrote, filled in and "
            "saved, not printed into a new file.",
            place=place,
        )
    cells = {int(name): text.strip() for name, text in fields.items() if int(name) in blanks and text.strip()}
    return GivenRow(sheet[2], sheet[1], cells, place)
