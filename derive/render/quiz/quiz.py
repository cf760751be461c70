"""What the question formats are made from: the sheets of a worksheet with what is given, asked and accepted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from derive.comparison.expected import Expected
from derive.errors import Message
from derive.language.language import ENGLISH, Language
from derive.story.document import Block, Content, Figure, Math, Text


@dataclass(frozen=True)
class QuizQuestion:
    """One blank for a number: ``latex`` stands before it (``net_{h1} = ``), ``hint`` above it.

    ``about`` stands before the formula on the same line: which sample it belongs to, where there are several.
    """

    number: int
    name: str
    latex: str
    expected: Expected
    hint: tuple[Block, ...] = ()
    about: Content = ()

    @property
    def line(self) -> Content:
        """What stands before the blank, from its number on."""
        about = (Text(" "), *self.about, Text(":")) if self.about else ()
        return (Text(f"({self.number})"), *about, Text(" "), Math(self.latex.strip()))


@dataclass(frozen=True)
class QuizSheet:
    """One student's sheet; ``student`` is the id and ``code`` that of the sheet, "" where the sheet is nobody's own.

    ``given`` shows the numbers that the sheet begins with, ``numbers`` has them by name for a program, and ``figures``
    holds the drawings that ``given`` shows.
    """

    student: str
    name: str
    code: str
    questions: tuple[QuizQuestion, ...]
    given: tuple[Block, ...] = ()
    numbers: tuple[tuple[str, Fraction], ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True)
class Quiz:
    """All sheets; ``introduction`` says what is to be done, ``name`` is the stem of the files' names."""

    title: str
    sheets: tuple[QuizSheet, ...]
    introduction: tuple[Block, ...] = ()
    language: Language = ENGLISH
    course: str = ""
    name: str = "worksheet"

    @property
    def category(self) -> tuple[str, ...]:
        """The folders of a question bank that the questions belong in, from the outermost."""
        return tuple(filter(None, map(one_line, (self.course, self.title))))

    def label(self, sheet: QuizSheet) -> str:
        """Return what a teacher finds the sheet by: the title, the student and the code."""
        return " · ".join(filter(None, [one_line(self.title), self.short_label(sheet)]))

    def short_label(self, sheet: QuizSheet) -> str:
        """Return the same without the title."""
        return " · ".join(filter(None, [one_line(sheet.student), self._coded(sheet)]))

    def heading(self, sheet: QuizSheet) -> str:
        """Return what stands above the sheet, for its student to see."""
        return " · ".join(filter(None, [self._coded(sheet), one_line(sheet.name)]))

    def _coded(self, sheet: QuizSheet) -> str:
        if not sheet.code:  # one that nobody has a secret for
            return ""
        return one_line(self.language.say(Message("Sheet {code}", {"code": sheet.code})))


def one_line(text: str) -> str:
    r"""Return text on one line, without the signs that no XML may hold.

    >>> one_line("a\n b\x00c")
    'a b�c'
    """
    return "".join(sign if _is_allowed(sign) else "\N{REPLACEMENT CHARACTER}" for sign in " ".join(text.split()))


def _is_allowed(sign: str) -> bool:
    number = ord(sign)
    return number >= 0x20 and not 0x7F <= number <= 0x9F and not 0xD800 <= number < 0xE000 and number & 0xFFFE != 0xFFFE
