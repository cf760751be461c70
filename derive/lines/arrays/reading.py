"""The numbers of leaves: out of a table for those who check lines, as printable numbers for those who print them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from derive.calculus.chain import Derivation
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.local import local_value, path_value
from derive.evaluation.table import Table
from derive.lines.arrays.trees import Constant, Defined, Gradients, Leaf, Slopes, Values, size
from derive.lines.arrays.values import Rows, value
from derive.lines.filled import Blank, Printable
from derive.numbers.arithmetic import ZERO, Value, rational, total
from derive.numbers.decimals import Rounded, round_exact
from derive.numbers.number import Number


@dataclass(frozen=True)
class Known:
    """A number that is known exactly, such as one of the zeros around a signal."""

    number: Fraction = Fraction(0)

    def rounded(self, digits: int = 9) -> Rounded:
        """Return it with that many decimals."""
        return round_exact(rational(self.number), digits)


@dataclass(frozen=True)
class Reader:
    """The leaves' values in a table, for the first sample."""

    derivation: Derivation
    table: Table

    def __call__(self, leaf: Leaf) -> Rows:
        """Return the rows of a leaf."""
        values = self.table.passes[0]
        match leaf:
            case Values(names=names):
                return [[values[name] if name else ZERO for name in row] for row in names]
            case Gradients(names=names):
                return [[self._gradient(name, leaf.through) for name in row] for row in names]
            case Slopes(names=names, by=by):
                return [
                    [self._slope(*pair) for pair in zip(*rows, strict=True)] for rows in zip(names, by, strict=True)
                ]
            case Defined(tree=tree):
                return value(tree, self)
            case Constant():
                return value(leaf, self)

    def _gradient(self, name: str, through: frozenset[str]) -> Value:
        partials = self.table.partials[0]
        if not through:
            return partials.get(name, ZERO)
        paths = self.derivation.partials[name].paths if name in self.derivation.partials else ()
        parts = [path_value(path, partials, self.table.passes[0]) for path in paths if path.through in through]
        return total(parts) if parts else ZERO

    def _slope(self, name: str, by: str) -> Value:
        if not name or not by:
            return ZERO
        equation = self.derivation.computation.by_name[name]
        return local_value(equation, by, self.table.passes[0]) if by in equation.names else ZERO


@dataclass(frozen=True)
class Numbers:
    """The leaves' numbers as they are printed."""

    evaluation: Evaluation

    def __call__(self, leaf: Leaf) -> Sequence[Sequence[Printable]]:
        """Return the rows of a leaf."""
        match leaf:
            case Values(names=names, blank=blank):
                nothing = Known() if blank == "0" else Blank(blank)
                return [[self.evaluation.quantity(name) if name else nothing for name in row] for row in names]
            case Gradients(names=names, through=through) if not through:
                return [[self._gradient(name) for name in row] for row in names]
            case Constant(rows=rows):
                return [[Known(each) for each in row] for row in rows]
        height, width = size(leaf) or self._size(leaf)
        read = _Once(self.evaluation.derivation, leaf)
        return [[Number(self.evaluation, read.at(row, column)) for column in range(width)] for row in range(height)]

    def _gradient(self, name: str) -> Printable:
        derivation = self.evaluation.derivation
        return derivation[name].value if name in derivation.partials else Known()

    def _size(self, leaf: Leaf) -> tuple[int, int]:
        rows = self.evaluation.of_table(Reading(self.evaluation.derivation, leaf))
        return len(rows), len(rows[0])


@dataclass(frozen=True)
class Reading:
    """A leaf read from tables."""

    derivation: Derivation
    leaf: Leaf

    def __call__(self, table: Any) -> Rows:
        """Return its rows in a table."""
        return Reader(self.derivation, table)(self.leaf)


@dataclass(frozen=True)
class _Once:
    """A leaf that is read from each table only once: its entries all come from the same rows."""

    derivation: Derivation
    leaf: Leaf

    @cached_property
    def _known(self) -> dict[int, tuple[Any, Rows]]:
        return {}

    def at(self, row: int, column: int) -> Callable[[Any], Value]:
        """Return what reads an entry from a table."""
        return lambda table: self._rows(table)[row][column]

    def _rows(self, table: Any) -> Rows:
        if id(table) not in self._known:  # the table is kept, so no other one gets its id
            self._known[id(table)] = table, Reading(self.derivation, self.leaf)(table)
        return self._known[id(table)][1]
