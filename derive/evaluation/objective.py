"""What is differentiated: its formula, and its values before and after an update."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sympy import Expr, Symbol

from derive.computation.equations import Computation
from derive.errors import InputError
from derive.notation import to_latex
from derive.notation.mathml import Mathematics
from derive.numbers.brief import LONGEST, shortened
from derive.numbers.number import Number

if TYPE_CHECKING:
    from derive.evaluation.evaluation import Evaluation


@dataclass(frozen=True)
class Objective(Mathematics):
    """The error of a computation. The formulas are those of one sample, the values those of all samples.

    >>> import derive
    >>> derivation = derive.Network(
    ...     layers=[derive.Layer(weights=[[0.5]], activation="identity")],
    ...     samples=[derive.Sample(inputs=[1], targets=[2])],
    ... ).derive()
    >>> derivation.error.composed
    (-i1*w1 + target_o1)**2/2
    """

    evaluation: "Evaluation" = field(repr=False)

    @property
    def formula(self) -> Expr:
        """SymPy, over the error of each output."""
        computation = self.evaluation.computation
        return computation.by_name[computation.objective].expression

    @property
    def composed(self) -> Expr:
        """The error as one SymPy expression in weights, biases, inputs and targets alone."""
        return self.evaluation.derivation.composition.quantity(self.evaluation.computation.objective)

    @property
    def value(self) -> Number:
        """The error before the update, over all samples."""
        return self.evaluation.error

    @property
    def after(self) -> Number:
        """The error after one update, over all samples."""
        return self.evaluation.error_after

    @property
    def samples(self) -> tuple[Number, ...]:
        """The error of each sample before the update."""
        computation = self.evaluation.computation
        return tuple(
            self.evaluation.quantity(computation.objective, number) for number in range(len(computation.samples))
        )

    def __repr__(self) -> str:
        computation = self.evaluation.computation
        equation = shortened(str(computation.by_name[computation.objective]), LONGEST)
        return f"<{equation}; {computation.whole_objective_name} is {self.value.decimal(9)}>"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {to_latex(Symbol(self.evaluation.computation.objective))} = {to_latex(self.formula)}$"


def no_objective(computation: Computation) -> InputError:
    """Return the error for what needs an objective where there is a forward pass alone."""
    if computation.layers is not None:
        return InputError(
            "found only a forward pass, without an error to differentiate or minimize; give samples with "
            "targets, or the output to differentiate."
        )
    return InputError("objective: found none; give the quantity to differentiate.")
