"""A sheet's blocks taken apart: what is given, and each blank for a number with what stands before it."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from derive.comparison.expected import Expected
from derive.render.quiz.quiz import QuizQuestion, QuizSheet
from derive.story.document import Blank, Block, Content, Document, Figure, Heading, Math, Paragraph, Place, Table, plain

EQUALS = "="


def quiz_sheet(
    document: Document,
    expected: Sequence[Expected],
    numbers: Sequence[Mapping[str, Fraction]] = (),
    figures: Mapping[str, Figure] | None = None,
    *,
    student: str = "",
    name: str = "",
    code: str = "",
) -> QuizSheet:
    """Return the sheet as questions: blank number 1 accepts the first of what is ``expected``, and so on.

    ``numbers`` are the given ones, by name, of each sample. Blanks for formulas are left out, as no program that the
    questions are for can grade them.
    """
    waiting: list[Block] = []
    given: tuple[Block, ...] | None = None
    questions: list[QuizQuestion] = []
    for block in document.blocks:
        found = list(_asked(block))
        if not found:
            if not isinstance(block, Place) and not _has_blank(block):
                waiting.append(block)
            continue
        if given is None:
            given, waiting = _before(waiting)
        for blank, latex, about in found:
            accepted = expected[blank.number - 1]
            questions.append(QuizQuestion(blank.number, accepted.name, latex, accepted, tuple(waiting), about))
            waiting = []
    shown = tuple(waiting) if given is None else given
    return QuizSheet(student, name, code, tuple(questions), shown, tuple(named(numbers)), figures or {})


def named(numbers: Sequence[Mapping[str, Fraction]]) -> Iterator[tuple[str, Fraction]]:
    """Yield the given numbers with their names; one that differs from sample to sample is named as its blanks are.

    >>> list(named([{"i1": Fraction(0), "w1": Fraction(2)}, {"i1": Fraction(1), "w1": Fraction(2)}]))
    [('i1@1', Fraction(0, 1)), ('i1@2', Fraction(1, 1)), ('w1', Fraction(2, 1))]
    """
    for name in numbers[0] if numbers else ():
        values = [sample[name] for sample in numbers if name in sample]
        if len(set(values)) == 1 and len(values) == len(numbers):
            yield name, values[0]
        else:
            yield from ((f"{name}@{place}", value) for place, value in enumerate(values, start=1))


def _before(blocks: list[Block]) -> tuple[tuple[Block, ...], list[Block]]:
    """Return what stands before the first section of blanks, and the heading of that section."""
    headings = [place for place, block in enumerate(blocks) if isinstance(block, Heading)]
    start = headings[-1] if headings else len(blocks)
    return tuple(blocks[:start]), blocks[start:]


def _has_blank(block: Block) -> bool:
    cells = [cell for row in block.rows for cell in row] if isinstance(block, Table) else []
    lines = [block.content] if isinstance(block, Paragraph) else cells
    return any(isinstance(piece, Blank) for line in lines for piece in line)


def _asked(block: Block) -> Iterator[tuple[Blank, str, Content]]:
    """Yield the blanks for numbers in a block, each with the formula before it; those of a table column by column.

    A column of a table is a sample, which its head names.
    """
    if isinstance(block, Paragraph):
        yield from ((blank, latex, ()) for blank, latex in _in_line(block.content))
    elif isinstance(block, Table):
        for column, head in enumerate(block.head):
            for row in block.rows:
                for blank, latex in _in_line((*row[0], Math(EQUALS), *row[column])):
                    yield blank, latex, head if plain(head).strip() else ()


def _in_line(content: Content) -> Iterator[tuple[Blank, str]]:
    latex: list[str] = []
    for piece in content:
        if isinstance(piece, Blank) and not piece.is_formula and piece.number:
            yield piece, _joined(latex)
            latex = []
        elif isinstance(piece, Math):
            latex.append(piece.latex.strip())


def _joined(formulas: list[str]) -> str:
    """Return the formulas of a line one behind the other, without the sign of equality that a formula left behind."""
    kept = [
        formula
        for place, formula in enumerate(formulas)
        if formula != EQUALS or not place or not formulas[place - 1].endswith(EQUALS)
    ]
    return " ".join(kept)
