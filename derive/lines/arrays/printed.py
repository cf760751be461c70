"""Lines of matrices in LaTeX: in symbols, with the numbers, and what comes out, cut where they are large."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from derive.lines.arrays.lines import GroupLines, lines_of
from derive.lines.arrays.reading import Known, Numbers
from derive.lines.arrays.trees import (
    ArrayLine,
    Below,
    Beside,
    Dilated,
    Leaf,
    Padded,
    Sum,
    Tree,
    Turned,
    children,
    leaves,
    size,
)
from derive.lines.arrays.values import Rows, dilated, padded, turned, value
from derive.lines.arrays.written import MOST_TERMS, is_moved, latex
from derive.lines.filled import Filled, Filler, Printable, right_side
from derive.lines.scalar import Display, Formulas
from derive.notation.display import RightSide

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

    def shown(self, lines: Sequence[ArrayLine]) -> list[Display]:
        """Return the lines that a handout shows: of each kind the first ones."""
        count: Counter[str] = Counter()
        found = []
        for line in lines:
            count[line.kind] += 1
            if count[line.kind] <= MOST_ALIKE:
                found.append(self.display(line))
        return found

    def display(self, line: ArrayLine) -> Display:
        """Return a line: in symbols, in numbers, its value."""
        rights: list[RightSide] = [("=", latex(line.right, lambda tree: None))]
        result = self._filled(line.left)
        if line.in_numbers and not is_moved(line.right) and not _is_long(line.right):
            numbers = latex(line.right, self._written)
            parts = dict.fromkeys(leaves(line.right))
            filled = [self._filled(leaf) for leaf in parts]
            rights.append(right_side(numbers, *filled))
            # By its id a message names the line.
            rights.append(self._filler.result(line.id, result, filled, _Again(line.right, tuple(parts))))
        else:
            rights.append(right_side(result))
        return Display(self.formulas.aligned(line.left.sign, rights), line.id)

    @cached_property
    def _filler(self) -> Filler:
        return Filler(self.formulas)

    @cached_property
    def _known(self) -> dict[Tree, Cells]:
        return {}

    def _written(self, tree: Tree) -> str | None:
        """Return what only moves the entries of leaves with these where they have come to."""
        return str(self._filled(tree)) if is_moved(tree) else None

    def _filled(self, tree: Tree) -> Filled:
        cells = self._cells(tree)
        is_single = len(cells) == 1 and len(cells[0]) == 1
        return self._filler.number(cells[0][0]) if is_single else self._filler.matrix(cells)

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
        assert isinstance(tree, Leaf)
        return Numbers(self.formulas.evaluation)(tree)


@dataclass(frozen=True)
class _Again:
    """What the numbers of leaves give."""

    tree: Tree
    leaves: tuple[Leaf, ...]

    def __call__(self, *rows: Rows) -> Rows:
        return value(self.tree, dict(zip(self.leaves, rows, strict=True)).__getitem__)


def _is_long(tree: Tree) -> bool:
    """Whether a sum in the tree has more terms than are written."""
    return (isinstance(tree, Sum) and len(tree.parts) > MOST_TERMS) or any(map(_is_long, children(tree)))


def _is_wide(group: GroupLines) -> bool:
    """Whether any of the block's matrices has more than one entry: else its equations say the same."""
    found = (size(leaf) for line in group for leaf in (line.left, *leaves(line.right)))
    return any(each not in (None, (1, 1)) for each in found)
