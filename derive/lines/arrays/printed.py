"""Lines of matrices in LaTeX: in symbols, with the numbers, and what comes out, cut where they are large."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from derive.lines.arrays.lines import GroupLines, lines_of
from derive.lines.arrays.reading import Known, Numbers
from derive.lines.arrays.trees import (
    ArrayLine,
    Below,
    Beside,
    Constant,
    Dilated,
    Leaf,
    Padded,
    Routed,
    Sum,
    Tree,
    Turned,
    Values,
    Windows,
    children,
    leaves,
    size,
)
from derive.lines.arrays.values import Rows, dilated, padded, turned, value
from derive.lines.arrays.written import MOST_TERMS, is_moved, latex
from derive.lines.filled import DECIMALS, Filled, Filler, Printable, right_side
from derive.lines.scalar import Display, Formulas
from derive.notation import Latex
from derive.notation.display import RightSide, broken, visible_width

FEWER_DECIMALS = 4
SHIFTED = 6  # how much less room a line has that stands below its left side
MOST_ALIKE = 2  # lines of a kind in a block that a handout shows
ZERO = Known()
Cells = Sequence[Sequence[Printable]]


@dataclass(frozen=True)
class ArrayLines:
    """The lines of matrices of one evaluation, with its numbers."""

    formulas: Formulas

    @cached_property
    def groups(self) -> tuple[GroupLines, ...]:
        """The lines of each block that says more in matrices than in its equations."""
        return tuple(group for group in lines_of(self.formulas.evaluation.derivation) if _is_wide(group))

    def display(self, line: ArrayLine) -> Display:
        """Return a line: in symbols, in numbers, its value.

        Where the numbers are too wide for a line, which nothing can break within parentheses, they have fewer decimals;
        where that does not help, the value stands alone.
        """
        symbols = latex(line.right, lambda tree: None)
        # A function that is a part of its own is called by its formula.
        first: list[RightSide] = [("=", symbols)] if symbols != line.left.sign else []
        fillers = [Filler(self.formulas, decimals) for decimals in (DECIMALS, FEWER_DECIMALS)]
        for filler in fillers if _shows_numbers(line) else ():
            numbers = self._numbers(line, filler)
            if self._fits(line, numbers[0][1]):
                return Display(self.formulas.aligned(line.left.sign, [*first, *numbers]), line.id)
        result = right_side(self._filled(line.left, fillers[0]))
        return Display(self.formulas.aligned(line.left.sign, [*first, result]), line.id)

    def given(self, values: Values) -> Latex:
        """Return an array of values that are given, with its numbers in all digits."""
        relation, numbers = right_side(self._filled(values, Filler(self.formulas, self.formulas.digits)))
        return Latex(f"{values.sign} {relation} {numbers}")

    def _numbers(self, line: ArrayLine, filler: Filler) -> list[RightSide]:
        """Return the right side with its numbers, and the value."""
        numbers = latex(line.right, lambda tree: str(self._filled(tree, filler)) if is_moved(tree) else None)
        parts = [leaf for leaf in dict.fromkeys(leaves(line.right)) if not isinstance(leaf, Constant)]
        filled = [self._filled(leaf, filler) for leaf in parts]
        # By its id a message names the line.
        result = filler.result(line.id, self._filled(line.left, filler), filled, _Again(line.right, tuple(parts)))
        return [right_side(numbers, *filled), result]

    def _fits(self, line: ArrayLine, numbers: str) -> bool:
        """Whether the numbers can be broken into lines."""
        width = self.formulas.width
        beside = width - visible_width(line.left.sign)
        room = beside if beside >= width // 2 else width - SHIFTED
        return all(visible_width(part) <= room for part in broken(numbers, room))

    @cached_property
    def _known(self) -> dict[Tree, Cells]:
        return {}

    def _filled(self, tree: Tree, filler: Filler) -> Filled:
        if isinstance(tree, Constant) and size(tree) == (1, 1):
            return _of_constant(tree.rows[0][0], filler)
        cells = self._cells(tree)
        is_single = len(cells) == 1 and len(cells[0]) == 1
        return filler.number(cells[0][0]) if is_single else filler.matrix(cells)

    def _cells(self, tree: Tree) -> Cells:
        if tree not in self._known:
            self._known[tree] = self._moved(tree)
        return self._known[tree]

    def _moved(self, tree: Tree) -> Cells:
        match tree:
            case Padded(of):
                return padded(self._cells(of), tree, ZERO)
            case Dilated(of):
                return dilated(self._cells(of), tree, ZERO)
            case Turned(of):
                return turned(self._cells(of))
            case Beside(parts):
                rows = zip(*map(self._cells, parts), strict=True)
                return [[each for part in row for each in part] for row in rows]
            case Below(parts):
                return [row for part in parts for row in self._cells(part)]
            case Routed(of, windows):
                return _spread(self._cells(of), windows)
        assert isinstance(tree, Leaf)
        return Numbers(self.formulas.evaluation)(tree)


@dataclass(frozen=True)
class _Again:
    """What the numbers of leaves give."""

    tree: Tree
    leaves: tuple[Leaf, ...]

    def __call__(self, *rows: Rows) -> Rows:
        return value(self.tree, dict(zip(self.leaves, rows, strict=True)).__getitem__)


def _shows_numbers(line: ArrayLine) -> bool:
    return line.in_numbers and not is_moved(line.right) and not _is_long(line.right) and not _has_parts(line.right)


def _has_parts(tree: Tree) -> bool:
    """Whether products stand beside each other, which with their numbers no line has room for."""
    return (isinstance(tree, Beside | Below) and not is_moved(tree)) or any(map(_has_parts, children(tree)))


def _of_constant(number: Fraction, filler: Filler) -> Filled:
    """Return a known number: as a fraction where no decimal is the same."""
    rest = number.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    if rest == 1:
        return filler.number(Known(number))
    return Filled(rf"\frac{{{number.numerator}}}{{{number.denominator}}}", True, is_number=True)


def _spread(cells: Cells, windows: Windows) -> Cells:
    """Return each entry at every place of its window, of windows that lie apart."""
    found: list[list[Printable]] = [[ZERO] * windows.signal[1] for _ in range(windows.signal[0])]
    for row, entries in enumerate(cells):
        for column, each in enumerate(entries):
            for y, x in windows.places(row, column):
                found[y][x] = each
    return found


def _is_long(tree: Tree) -> bool:
    """Whether a sum in the tree has more terms than are written."""
    return (isinstance(tree, Sum) and len(tree.parts) > MOST_TERMS) or any(map(_is_long, children(tree)))


def _is_wide(group: GroupLines) -> bool:
    """Whether any of the block's matrices has more than one entry: else its equations say the same."""
    found = (size(leaf) for line in group for leaf in (line.left, *leaves(line.right)))
    return any(each not in (None, (1, 1)) for each in found)
