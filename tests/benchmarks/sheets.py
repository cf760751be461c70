"""Sheets of a class as PDFs: 30 of two pages with their keys, and one against WeasyPrint with boxes for formulas.

The sheets are those of the article's network, every student with other numbers. The time of a class counts drawing the
numbers and certifying what is accepted. WeasyPrint's own time is that of laying out and writing the same page with its
own empty boxes in place of formulas and blanks, without tags of ours.
"""

import re
import time
from collections.abc import Callable

from measuring import in_turns, line, options, ratios

import derive

STUDENTS = 30
ROUNDS = 3
SETTINGS = {"secret": "rosebud", "course": "NN 1"}
IMAGE = re.compile(r'<img class="(?:math|blank)[^>]*/>')
BOX = '<span style="display: inline-block; width: 30pt; height: 8pt"></span>'


def main(quick: bool) -> None:
    """Print the seconds of a class and the ratio for one sheet."""
    worksheet = derive.Worksheet(derive.load("article"), **SETTINGS)

    def pair(student: str) -> None:
        sheet = worksheet.sheet(student)
        for is_key in (False, True):
            sheet.render("pdf", is_key=is_key)

    pair("warm")
    students = [f"{number:04}" for number in range(2 if quick else STUDENTS)]
    start = time.process_time()
    for student in students:
        pair(student)
    took = time.process_time() - start
    line(f"{len(students)} sheets with keys", took, "" if quick else "at most 10 s on one core", "s")
    bare = empty_page(worksheet)
    sheets = [worksheet.sheet(student) for student in students[: 1 if quick else 5]]
    works = {
        "sheet": lambda: [sheet.render("pdf") for sheet in sheets],
        "bare": lambda: [bare() for _ in sheets],
    }
    times = in_turns(works, 1 if quick else ROUNDS)
    line("a sheet / WeasyPrint with empty boxes", ratios(times["sheet"], times["bare"]), "" if quick else "at most 1.4")


def empty_page(worksheet: "derive.Worksheet") -> Callable[[], object]:
    """Return what makes the same page with WeasyPrint alone, boxes of its own in place of formulas and blanks."""
    from weasyprint import HTML

    from derive.render.press import SheetPress

    source = IMAGE.sub(BOX, SheetPress(worksheet.sheet().rendered()).source)
    return lambda: HTML(string=source).write_pdf(pdf_tags=True)


if __name__ == "__main__":
    main(options(__doc__).parse_args().quick)
