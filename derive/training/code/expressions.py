"""SymPy trees as Python and NumPy expressions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import singledispatchmethod
from typing import ClassVar

from sympy import Add, Expr, Max, Mul, Piecewise, Pow, pi
from sympy import Number as SympyNumber
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan

from derive.errors import InternalError
from derive.notation.elementary import ROOT, elementary
from derive.notation.extremes import Extreme
from derive.notation.tidy import tidy
from derive.notation.trees import HALF

RELATIONS = {StrictGreaterThan: ">", StrictLessThan: "<", GreaterThan: ">=", LessThan: "<="}


@dataclass(frozen=True)
class PythonCode:
    """Writes a tree as a Python expression of floats; ``names`` gives the code of symbols, and of whole subtrees."""

    names: Mapping[Expr, str]
    one: ClassVar[str] = "1.0"

    def __call__(self, expression: Expr) -> str:
        """Return the code, in parentheses unless it is a name or a call."""
        return self.names[expression] if expression in self.names else self.code(expression)

    @singledispatchmethod
    def code(self, expression: Expr) -> str:
        """Return the code of a node; raises `InternalError` for one that has none."""
        entry = elementary(expression)
        if entry is None:
            raise InternalError(f"no code for {type(expression).__name__}")
        return f"{entry.code}({self(expression.args[0])})"

    @code.register
    def _(self, expression: SympyNumber) -> str:
        return f"({self.number(expression)})" if expression < 0 else self.number(expression)

    @code.register(type(pi))
    def _(self, expression: Expr) -> str:
        return self.number(expression)

    @code.register
    def _(self, expression: Add) -> str:
        text = ""
        first, *rest = expression.args
        if len(rest) == 1 and isinstance(first, Mul) and first.args[0] == -1 and len(first.args) == 2:
            return f"({self(rest[0])} - {self(first.args[1])})"
        for term in expression.args:
            negated = isinstance(term, Mul) and term.args[0] == -1
            shown = self(Mul(*term.args[1:], evaluate=False)) if negated else self(term)
            text += f" - {shown}" if negated else f" + {shown}" if text else shown
        return f"({text.strip()})"

    @code.register
    def _(self, expression: Mul) -> str:
        first, *rest = expression.args
        if first == -1 and len(rest) == 1 and isinstance(rest[0], Add) and len(rest[0].args) == 2:
            # −(a − b) = b − a
            left, right = rest[0].args
            if isinstance(right, Mul) and right.args[0] == -1 and len(right.args) == 2:
                return f"({self(right.args[1])} - {self(left)})"
        if first == -1 and rest:
            return f"(-{self(Mul(*rest, evaluate=False) if len(rest) > 1 else rest[0])})"
        text = ""
        for factor in expression.args:
            below = isinstance(factor, Pow) and factor.exp == -1
            shown = self(factor.base) if below else self(factor)
            text = f"{text} {'/' if below else '*'} {shown}" if text else (f"{self.one} / {shown}" if below else shown)
        return f"({text})"

    @code.register
    def _(self, expression: Pow) -> str:
        base = self(expression.base)
        if expression.exp == -1:
            return f"({self.one} / {base})"
        if expression.exp == 2 and base.strip("{}").isalnum():
            return f"({base} * {base})"
        if expression.exp == 2:
            return f"square({base})"
        if expression.exp == HALF:
            return f"{ROOT.code}({base})"
        if expression.exp.is_Integer:
            return f"({base} ** {int(expression.exp)})"
        exponent = tidy(expression.exp)
        if exponent.is_Rational:  # of what is negative Python would make a complex number
            return f"pow({base}, {self.number(exponent)})"
        return self.power(base, self(expression.exp))

    @code.register
    def _(self, expression: Max) -> str:
        return f"max({', '.join(sorted(map(self, expression.args)))})"

    @code.register
    def _(self, expression: Extreme) -> str:
        first, *others = map(self, expression.args)
        for other in others:  # two at a time, as NumPy takes them
            first = f"{expression.word}({first}, {other})"
        return first

    @code.register
    def _(self, expression: Piecewise) -> str:
        *branches, (last, _) = expression.args
        text = self(last)
        for branch, condition in reversed(branches):
            text = self.choice(self.condition(condition), self(branch), text)
        return text

    def number(self, value: Expr) -> str:
        """Return the code of a number."""
        return repr(float(value))

    def power(self, base: str, exponent: str) -> str:
        """Return the code of a power whose exponent is no number."""
        return f"({base} ** {exponent})"

    def condition(self, condition: Relational) -> str:
        """Return the code of a comparison."""
        return f"{self(condition.lhs)} {RELATIONS[type(condition)]} {self(condition.rhs)}"

    def choice(self, condition: str, then: str, otherwise: str) -> str:
        """Return the code of a choice between two values."""
        return f"({then} if {condition} else {otherwise})"


# A class of writers: it is called with the code of each name.
Code = Callable[[Mapping[Expr, str]], PythonCode]


@dataclass(frozen=True)
class NumpyCode(PythonCode):
    """Writes a tree as a NumPy expression of arrays, which broadcast as NumPy's do."""

    def choice(self, condition: str, then: str, otherwise: str) -> str:
        return f"where({condition}, {then}, {otherwise})"
