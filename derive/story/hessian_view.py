"""What the section on second derivatives may use: the matrix, one entry with its formula, the signs of eigenvalues."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, preorder_traversal

from derive.evaluation.evaluation import Evaluation
from derive.evaluation.hessian import Hessian, Signs, second_latex
from derive.notation import Latex, to_latex
from derive.notation.display import aligned
from derive.notation.slots import relation
from derive.numbers.facts import guard, of_text
from derive.numbers.number import Number

LONGEST_FORMULA = 60  # nodes of a formula that is shown in full


@dataclass(frozen=True, eq=False)
class HessianView:
    """The Hessian as a template has it; ``width`` is that of a line, ``digits`` are the decimals shown."""

    hessian: Hessian
    width: int
    digits: int

    @property
    def of(self) -> str:
        """The error of all samples."""
        return self.hessian.of

    @property
    def names(self) -> Sequence[str]:
        """The parameters."""
        return self.hessian.names

    def value(self, name: str, by: str) -> Number:
        """Return an entry of the matrix."""
        return self.hessian[name, by]

    @cached_property
    def example(self) -> Latex | None:
        """The shortest entry with two names in its formula, or another one, of the first sample; None if all are 0."""
        one = Hessian(self.first)
        found = [(formula, pair) for pair in self._pairs for formula in (one.formula(*pair),) if formula.free_symbols]
        found = [each for each in found if _size(each[0]) <= LONGEST_FORMULA]
        if not found:
            return None
        formula, pair = min(found, key=lambda each: _size(each[0]))
        value = one[pair]
        rounded = value.rounded(self.digits)
        rights = [("=", to_latex(formula)), (relation(rounded.exact, [rounded.text]), value.latex(self.digits))]
        left = second_latex(self.hessian.evaluation.computation.objective, *pair)
        return aligned(left, rights, width=self.width)

    @property
    def first(self) -> Evaluation:
        """The evaluation of the first sample alone."""
        evaluation = self.hessian.evaluation
        samples = evaluation.computation.samples
        return evaluation if len(samples) == 1 else evaluation.with_samples(samples[:1])

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        """The pairs of neighbours, the last ones first, then each with itself: not all, of which there may be many."""
        neighbours = list(zip(self.names[1:], self.names, strict=False))
        return [*reversed(neighbours), *((name, name) for name in reversed(self.names))]

    @property
    def signs(self) -> Signs | None:
        """How many eigenvalues have each sign; None where that is open. They are told of the given numbers alone."""
        guard(of_text("start", True))
        return self.hessian.signs


def _size(tree: Expr) -> int:
    return sum(1 for _ in preorder_traversal(tree))


def hessian_view(evaluation: Evaluation, width: int, digits: int, *, is_wanted: bool) -> HessianView | None:
    """Return the view, None where the section is not asked for or nothing is differentiated."""
    if not is_wanted or not evaluation.computation.objective:
        return None
    return HessianView(Hessian(evaluation), width, digits)
