"""One PDF for the printer: all sheets in the order of the roster, each of which begins on a right-hand page."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from derive.api.class_engine import INSTALL
from derive.errors import InputError

MOST_SHEETS = 500  # in one file: they are held in memory together


def print_files(sheets: Sequence[Path]) -> Iterable[tuple[str, bytes]]:
    """Yield print.pdf with all sheets; of more than 500, several files with a number each.

    Raises `InputError` where pypdf is not installed.
    """
    parts = [sheets[start : start + MOST_SHEETS] for start in range(0, len(sheets), MOST_SHEETS)]
    for number, part in enumerate(parts, start=1):
        yield ("print.pdf" if len(parts) == 1 else f"print-{number:0{len(str(len(parts)))}d}.pdf"), joined(part)


def joined(sheets: Iterable[Path]) -> bytes:
    """Return one PDF of these; an empty page follows what would end on a right-hand one."""
    reader_of, writer = _pypdf()
    for path in sheets:
        if len(writer.pages) % 2:
            writer.add_blank_page()
        for page in reader_of(BytesIO(path.read_bytes())).pages:
            page.pop("/Annots", None)  # on paper nobody types, and the fields of two sheets have the same names
            page.pop("/StructParents", None)
            writer.add_page(page)
    writer.compress_identical_objects()  # every sheet brings its fonts
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def _pypdf() -> tuple[Any, Any]:
    try:
        from pypdf import PdfReader, PdfWriter
    except ImportError:
        raise InputError(
            "{place}: needs {library}, which is not installed; install it with: {command}",
            place="print.pdf",
            library="pypdf",
            command=INSTALL,
        ) from None
    return PdfReader, PdfWriter()
