"""The sheet of one student as Markdown: what is given, and section by section the lines with their blanks.

The sentences stand in ``templates/worksheet.md.j2``; every line is one of the handout's, see `sheet_lines.py`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, partial
from itertools import groupby
from typing import Any

import attrs

from derive.checks import check_digits, one_of, whole
from derive.evaluation.evaluation import Evaluation
from derive.lines.blanks import PARTS, Blank
from derive.notation import Latex
from derive.notation.display import batched
from derive.reading.answers_pdf import keywords_of
from derive.reading.worksheet_file import BLANKS, MOST_HINTS
from derive.story.context import shared_context
from derive.story.graph_article import graph_context
from derive.story.handout_options import HandoutOptions
from derive.story.markdown import Markdown, Numbering, escape, finalized
from derive.story.page import Page
from derive.story.sheet_lines import CHAIN, FORMULA, SheetLines
from derive.story.views import layer_views

WORKSHEET = "worksheet.md.j2"
USUAL_DIGITS = 6
LINE_ROOM, SIGN_ROOM, BESIDE = 135.0, 3.0, 6.0  # mm: a row of blanks, a sign in one, and what stands round it
ROW_ROOM, DIGIT_ROOM, COLUMN_ROOM = 155.0, 1.8, 5.8  # mm: a row of given numbers, a digit, and what stands round it
LEAST_NUMBER = 4  # signs: the name above a number may be as wide
TITLE_SIGNS, ESCAPED = re.compile(r'([\\"&])'), r"\\\1"  # what means something in the title of an image


def _hints(number: int) -> int:
    return whole(number, "hints", least=0, most=MOST_HINTS)


def _digits(number: int) -> int:
    return check_digits(number)


def _blanks(word: str) -> str:
    return one_of(word, BLANKS, "blanks")


@attrs.frozen(kw_only=True, slots=False)
class SheetOptions(HandoutOptions):
    """The options of a sheet, beside those of a handout.

    ``hints`` says what stands before a blank: 0 the name alone, 1 the chain rule as well, 2 the formula, 3 the numbers
    that are given put in. ``blanks`` asks for "values", "formulas" or "both". ``student`` is the student's id, ``name``
    the student's name, ``code`` what ties the sheet to its draw; "" leaves room to write them. ``is_key`` shows the
    answers in the blanks: ``answers`` by the number of the blank, those of the evaluation where it has none.
    ``bounds`` are the least and the greatest number that is accepted, by the number of the blank: a page of HTML says
    what is right where they are given. Raises
    `InputError` for anything else.

    >>> SheetOptions(hints=2, student="0042").digits
    6
    """

    digits: int = attrs.field(default=USUAL_DIGITS, converter=_digits)
    hints: int = attrs.field(default=1, converter=_hints)
    blanks: str = attrs.field(default="values", converter=_blanks)
    student: str = ""
    name: str = ""
    code: str = ""
    is_key: bool = False
    answers: Mapping[int, str] = attrs.field(factory=dict)
    bounds: Mapping[int, tuple[Fraction, Fraction]] = attrs.field(factory=dict)

    @cached_property
    def page(self) -> Page:
        """The paper, and the words by which a program knows the sheet again."""
        keywords = keywords_of(self.code, self.student) if self.code else ""
        return Page(self.paper, self.notes_margin, self.author, self.course, self.date, keywords)


# What the handout's parts ask for that a sheet has not got.
UNSEEN = dict.fromkeys(("has_computation", "has_marks", "rounds_to_zero", "has_powers", "has_rounded"), False)


@dataclass(frozen=True)
class LineView:
    """A line to fill in: the sides of its equation, and the blanks for a formula and for a number, "" for none."""

    sides: tuple[Latex, ...]
    formula: Markdown
    number: Markdown


@dataclass(frozen=True)
class RowView:
    """A quantity with its blanks."""

    name: Latex
    blanks: tuple[Markdown, ...]


@dataclass(frozen=True)
class TableView:
    """Blanks of other samples, by their numbers: a row a quantity."""

    samples: tuple[int, ...]
    rows: tuple["RowView", ...]


@dataclass(frozen=True)
class SectionView:
    """A part of the sheet: the lines of the first sample, tables for the others, and lines of all samples together."""

    part: str
    lines: tuple[LineView, ...]
    tables: tuple[TableView, ...]
    closing: tuple[LineView, ...]


def write(evaluation: Evaluation, blanks: Sequence[Blank], options: SheetOptions) -> Markdown:
    """Return the sheet as Markdown; ``evaluation`` has its numbers, ``blanks`` are those of `blanks_of`."""
    language, templates = options.reader_language, options.templates
    environment = templates.environment(language=language, finalize=partial(finalized, language), autoescape=True)
    sections = tuple(_sections(SheetLines(evaluation, options.digits), blanks, options))
    asks = {
        "asks_formulas": any(line.formula for section in sections for line in section.lines + section.closing),
        "asks_numbers": any(line.number for section in sections for line in section.lines + section.closing),
    }
    context = _context(evaluation, options) | {
        "sections": sections,
        "options": options,
        "titled": _titled,
        **asks,
        **UNSEEN,
    }
    text = templates.render(WORKSHEET, environment, **context, numbering=Numbering(language))
    return Markdown(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")


def _sections(lines: SheetLines, blanks: Sequence[Blank], options: SheetOptions) -> Iterator[SectionView]:
    """Yield the parts of the sheet that have blanks, in their order."""
    for part in PARTS:
        found = [blank for blank in blanks if blank.part == part]
        if found:
            others = [blank for blank in found if blank.sample > 0]
            # The error of all samples comes after those of each.
            last = max((blank.number for blank in others), default=found[-1].number)
            of_first = [blank for blank in found if blank.sample == 0 and blank.number <= last]
            of_all = [blank for blank in found if blank.number > last]
            yield SectionView(
                part,
                tuple(_line(lines, blank, options) for blank in of_first),
                tuple(_tables(lines, others, options)),
                tuple(_line(lines, blank, options) for blank in of_all),
            )


def _line(lines: SheetLines, blank: Blank, options: SheetOptions) -> LineView:
    asks_formula = options.blanks != "values" and lines.has_formula(blank)
    asks_number = options.blanks != "formulas" or not asks_formula
    hints = min(options.hints, CHAIN) if asks_formula else options.hints
    formula = _written("formula", lines, blank, options) if asks_formula else Markdown("")
    number = _written("blank", lines, blank, options) if asks_number else Markdown("")
    return LineView(lines.sides(blank, hints), formula, number)


def _written(kind: str, lines: SheetLines, blank: Blank, options: SheetOptions) -> Markdown:
    """Return the blank in Markdown, in a key with its answer."""
    room = f":{options.digits}" if options.digits != USUAL_DIGITS else ""
    answer = ""
    if options.is_key:
        language = options.reader_language
        if kind == "formula":
            answer = language.math(lines.formula(blank))
        else:
            answer = answer_text(options.answers.get(blank.number) or lines.answer(blank), options)
        answer = _titled(answer)
    return Markdown(f"![{escape(blank.name)}]({kind}:{blank.number}{room}{answer})")


def _titled(answer: str) -> Markdown:
    """Return what stands in a blank as the title of its image, behind a space; nothing where it is empty."""
    return Markdown(f' "{TITLE_SIGNS.sub(ESCAPED, answer)}"' if answer else "")


def _tables(lines: SheetLines, blanks: Sequence[Blank], options: SheetOptions) -> Iterator[TableView]:
    """Yield the blanks of the other samples, as many samples beside each other as there is room for."""
    samples = sorted({blank.sample for blank in blanks})
    by_name = {
        key: {blank.sample: blank for blank in group}
        for key, group in groupby(sorted(blanks, key=_quantity), key=_quantity)
    }
    together = max(1, int(LINE_ROOM / (SIGN_ROOM * (options.digits + 4) + BESIDE)))
    for group in batched(samples, together):
        order = dict.fromkeys(_quantity(blank) for blank in blanks)
        rows = [by_name[each] for each in order]
        yield TableView(
            tuple(group),
            tuple(
                RowView(
                    lines.name(next(iter(row.values()))),
                    tuple(
                        _written("blank", lines, row[sample], options) if sample in row else Markdown("")
                        for sample in group
                    ),
                )
                for row in rows
            ),
        )


def _quantity(blank: Blank) -> tuple[str, str]:
    return blank.line, blank.quantity


def _context(evaluation: Evaluation, options: SheetOptions) -> dict[str, Any]:
    """Return what the template is given: what an article is, and what a sheet has beside."""
    computation = evaluation.computation
    columns = max(1, int(ROW_ROOM / (_longest(evaluation, options.digits) * DIGIT_ROOM + COLUMN_ROOM)))
    if computation.layers is None:
        context = graph_context(evaluation, None, options)
        shows = options.hints < FORMULA or options.blanks != "values"
        return context | {"given_columns": columns, "lists_equations": shows, "is_drawn": False}
    layers = layer_views(computation, options.page.line_width)
    return shared_context(evaluation, None, options, layers) | {
        "scalar": True,
        "matrix": False,
        "activations": tuple(dict.fromkeys(layer.activation for layer in layers)),
        "graph_lines": None,
        "given_columns": columns,
        "is_drawn": not any(layer.is_large for layer in layers),
    }


def _longest(evaluation: Evaluation, digits: int) -> int:
    """Return how many signs the longest number has that is given."""
    computation = evaluation.computation
    given = [name for name in computation.values if name in computation.kinds]
    texts = (
        evaluation.quantity(name, sample).decimal(digits)
        for sample in range(len(computation.samples))
        for name in given
    )
    return max(LEAST_NUMBER, *map(len, texts))


def answer_text(text: str, options: SheetOptions) -> str:
    """Return a number as the key shows it, in the reader's language."""
    return options.reader_language.number(_in_full(text, options))


def _in_full(text: str, options: SheetOptions) -> str:
    """Return a number with all of its decimals, also those that are 0, as one writes it who has rounded it."""
    is_plain = options.rounding != "significant" and "e" not in text
    return f"{Decimal(text):.{options.digits}f}" if is_plain else text
