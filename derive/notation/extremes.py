"""The largest and the smallest of several formulas, in the order in which they are written; SymPy's own Max sorts them.

Where several are largest there is no derivative. Then each of them has an equal share of it, as `torch.maximum` and
`torch.amax` have it, or the first one has all of it, as in PyTorch's max pooling.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from sympy import Expr, Function, Max, Min, Piecewise


class Extreme(Function):  # type: ignore[misc]
    """The largest or the smallest of its arguments.

    ``word`` is its name on a page, ``sympy`` that of SymPy's function. ``is_largest`` says which of the two it is,
    ``first_wins`` that of equal arguments the first one is meant alone.
    """

    word: ClassVar[str]
    sympy: ClassVar[type[Expr]]
    is_largest: ClassVar[bool]
    first_wins: ClassVar[bool] = False

    def __new__(cls, *values: Expr, **options: Any) -> Any:
        """Make it of expressions; SymPy alone would evaluate a text. Raises `TypeError` for anything else."""
        if not all(isinstance(value, Expr) for value in values):
            raise TypeError(f"{cls.word} takes expressions")
        return super().__new__(cls, *values, **options)

    @classmethod
    def eval(cls, *values: Expr) -> Expr | None:
        """Return the number where all are numbers; SymPy asks where it evaluates."""
        return cls.sympy(*values) if all(value.is_Rational for value in values) else None

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return SymPy's derivative by an argument."""
        others = self.sympy(*self.args[: argindex - 1], *self.args[argindex:])
        ahead = self.args[argindex - 1] - others
        return Piecewise((1, ahead > 0 if self.is_largest else ahead < 0), (0, True))

    def doit(self, **hints: Any) -> Expr:
        """Return SymPy's own Max or Min."""
        return self.sympy(*(value.doit(**hints) for value in self.args))

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(value.is_extended_real for value in self.args) else None

    def _eval_evalf(self, prec: int) -> Expr:
        return self.sympy(*(value._eval_evalf(prec) for value in self.args))

    def _sympystr(self, printer: Any) -> str:
        return f"{self.sympy.__name__}({', '.join(map(printer._print, self.args))})"


class Largest(Extreme):
    """The largest of its arguments; where several are, they share its derivative."""

    word, sympy, is_largest = "max", Max, True


class Smallest(Extreme):
    """The smallest of its arguments; where several are, they share its derivative."""

    word, sympy, is_largest = "min", Min, False


class FirstLargest(Largest):
    """The largest of its arguments; where several are, the first one has its derivative alone."""

    first_wins = True


def rest(extreme: Extreme, others: Sequence[Expr]) -> Expr:
    """Return the same of others: the one itself where there is but one."""
    return type(extreme)(*others, evaluate=False) if len(others) > 1 else others[0]
