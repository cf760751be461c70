"""The page of a handout: its paper, its margins, and the lines under the title."""

from typing import Any, NamedTuple

import attrs

from derive.checks import one_of, truth
from derive.errors import InputError, shown
from derive.notation.display import LINE_WIDTH
from derive.story.options import PAPERS

POINTS = 72 / 25.4  # in a millimetre
LONGEST_LINE = 200  # characters


class Sides(NamedTuple):
    """The margins of a page in millimetres."""

    top: float
    right: float
    bottom: float
    left: float


MARGINS = Sides(20, 24, 20, 24)
MARGINS_WITH_NOTES = Sides(20, 60, 20, 20)
LATEX_MARGINS = Sides(25, 25, 25, 25)
LATEX_MARGINS_WITH_NOTES = Sides(25, 60, 25, 20)
# LINE_WIDTH is meant for the narrowest text without room for notes: LaTeX's on A4.
FULL_WIDTH = PAPERS["a4"][0] - LATEX_MARGINS.left - LATEX_MARGINS.right


def _line(name: str, text: Any) -> str:
    if not isinstance(text, str) or not text.isprintable() or len(text) > LONGEST_LINE:
        raise InputError(
            "{place}: found {found}; expected one line of at most {most} printable characters.",
            place=name,
            found=shown(text),
            most=LONGEST_LINE,
        )
    return text.strip()


def paper_name(word: str) -> str:
    """Return the name of a paper; raises `InputError` for any other."""
    return one_of(word, PAPERS, "paper")


def has_notes_margin(value: bool) -> bool:
    """Return whether there is a margin for notes; raises `InputError` for what is no truth value."""
    return truth(value, "notes_margin")


def author_line(text: str) -> str:
    """Return the line of the author; raises `InputError` for what is none."""
    return _line("author", text)


def course_line(text: str) -> str:
    """Return the line of the course; raises `InputError` for what is none."""
    return _line("course", text)


def date_line(text: str) -> str:
    """Return the line of the date; raises `InputError` for what is none."""
    return _line("date", text)


@attrs.frozen
class Page:
    """The paper, whether a wide margin for notes stands at the right of every page, and the lines under the title.

    ``paper`` is "a4" or "letter"; ``author``, ``course`` and ``date`` are a line of text each, printed as they are
    given, or "" for none. ``keywords`` are for programs and are printed nowhere. Raises `InputError` for anything else.

    >>> Page(paper="letter", notes_margin=True, author="M. Curie").lines
    ('M. Curie',)
    >>> Page(), round(Page().text_width)
    (Page(paper='a4', notes_margin=False, author='', course='', date=''), 459)
    """

    paper: str = attrs.field(default="a4", converter=paper_name)
    notes_margin: bool = attrs.field(default=False, converter=has_notes_margin)
    author: str = attrs.field(default="", converter=author_line)
    course: str = attrs.field(default="", converter=course_line)
    date: str = attrs.field(default="", converter=date_line)
    keywords: str = attrs.field(default="", repr=False)

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands under the title, a line each."""
        return tuple(self.named_lines.values())

    @property
    def named_lines(self) -> dict[str, str]:
        """What stands under the title, by name."""
        lines = {"author": self.author, "course": self.course, "date": self.date}
        return {name: line for name, line in lines.items() if line}

    @property
    def margins(self) -> Sides:
        """The margins of the PDF, and of the HTML page where it is printed."""
        return MARGINS_WITH_NOTES if self.notes_margin else MARGINS

    @property
    def latex_margins(self) -> Sides:
        """The margins of the LaTeX document."""
        return LATEX_MARGINS_WITH_NOTES if self.notes_margin else LATEX_MARGINS

    @property
    def text_width(self) -> float:
        """How wide a line of the PDF may be, in points."""
        return (PAPERS[self.paper][0] - self.margins.left - self.margins.right) * POINTS

    @property
    def text_height(self) -> float:
        """How high the text of a page of the PDF may be, in points."""
        return (PAPERS[self.paper][1] - self.margins.top - self.margins.bottom) * POINTS

    @property
    def latex_text_width(self) -> float:
        """How wide a line of the LaTeX document may be, in points of 1/72 inch."""
        return (PAPERS[self.paper][0] - self.latex_margins.left - self.latex_margins.right) * POINTS

    @property
    def line_width(self) -> int:
        """How wide a formula may be, in digits: less where the text is narrower, in LaTeX, which breaks no formula."""
        text = PAPERS[self.paper][0] - self.latex_margins.left - self.latex_margins.right
        return min(LINE_WIDTH, int(LINE_WIDTH * text / FULL_WIDTH))

    @property
    def css(self) -> str:
        """The rule for printed pages.

        >>> Page().css
        '@page { size: 210mm 297mm; margin: 20mm 24mm 20mm 24mm; }'
        """
        width, height = PAPERS[self.paper]
        margins = " ".join(f"{side:g}mm" for side in self.margins)
        return f"@page {{ size: {width:g}mm {height:g}mm; margin: {margins}; }}"

    @property
    def geometry(self) -> str:
        """The options of LaTeX's geometry package.

        >>> Page(notes_margin=True).geometry
        'a4paper,top=25mm,right=60mm,bottom=25mm,left=20mm'
        """
        sides = [f"{name}={side:g}mm" for name, side in self.latex_margins._asdict().items()]
        return ",".join([f"{self.paper}paper", *sides])


PAGE = Page()
