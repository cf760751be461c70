"""A line that shows numbers, left = right, and the numbers by the names that they have in formulas."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from flint import fmpq
from sympy import Expr

from derive.evaluation.carried import Values
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.table import Table
from derive.notation import to_text
from derive.numbers import arithmetic
from derive.numbers.arithmetic import function
from derive.verification.checking import Value


@dataclass(frozen=True, eq=False)
class Scene:
    """The numbers at one precision by the names that they have in formulas, sample by sample."""

    evaluation: Evaluation
    table: Table

    @cached_property
    def before(self) -> Sequence[Values]:
        """What the evaluation is calculated with."""
        return self._scope(self.table.passes, self.table.partials)

    def late(self, by: str) -> Sequence[Values]:
        """What the partial by a quantity is calculated with in sequential updates: what is updated before it is new."""
        return [self.evaluation.late(values, self.table.updated, by) for values in self._with_update_partials]

    @cached_property
    def turns(self) -> Sequence[Values]:
        """What each sample's turn is calculated with, where updates are online."""
        turns = self.table.turns
        return self._scope([turn.passes[0] for turn in turns], [turn.partials[0] for turn in turns])

    @cached_property
    def _with_update_partials(self) -> Sequence[Values]:
        return self._scope(self.table.passes, self.table.update_partials)

    def _scope(self, passes: Sequence[Values], partials: Sequence[Values]) -> Sequence[Values]:
        symbols = {name: partial.symbol.name for name, partial in self.evaluation.derivation.partials.items()}
        return [
            {**values, **{symbols[name]: value for name, value in found.items()}}
            for values, found in zip(passes, partials, strict=True)
        ]


Text = str | Callable[[], str]
Both = Callable[[Scene], tuple[Value, Value]]


@dataclass(frozen=True)
class Line:
    """left = right: ``both`` gives the value of the right side and the one that is printed for the left.

    ``left`` is a text, or makes one: most lines are never named. ``sample`` counts from 1, 0 where there is only one.
    """

    left: Text
    right: Expr | str
    both: Both
    sample: int = 0

    def __str__(self) -> str:
        left = self.left if isinstance(self.left, str) else self.left()
        sample = f" (sample {self.sample})" if self.sample else ""
        return f"{left}{sample} = {self.right if isinstance(self.right, str) else to_text(self.right)}"


def formula_lines(
    evaluation: Evaluation,
    left: Text,
    formula: Expr,
    value: Callable[[Table, int], Value],
    scope: Callable[[Scene], Sequence[Values]] = lambda scene: scene.before,
) -> Iterator[Line]:
    """Yield the line left = formula for each sample."""
    symbols = sorted(formula.free_symbols, key=str)
    compute, names = function(symbols, formula), [symbol.name for symbol in symbols]
    for k in samples(evaluation):

        def both(scene: Scene, k: int = k) -> tuple[Value, Value]:
            known = scope(scene)[k]
            return compute(*[known[name] for name in names]), value(scene.table, k)

        yield Line(left, formula, both, sample_number(evaluation, k))


def samples(evaluation: Evaluation) -> range:
    return range(len(evaluation.computation.samples))


def sample_number(evaluation: Evaluation, sample: int) -> int:
    return sample + 1 if len(evaluation.computation.samples) > 1 else 0


def total(values: Iterable[Value]) -> Value:
    return arithmetic.total(chain([fmpq(0)], values))
