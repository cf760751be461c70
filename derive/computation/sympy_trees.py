"""SymPy's expressions as formulas: a closed set of nodes is taken, and all others are refused.

An expression that SymPy has put into its own order is written in the order in which it prints; an unevaluated one as it
stands.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from sympy import (
    Abs,
    Add,
    Basic,
    Expr,
    Integer,
    Max,
    Min,
    Mul,
    Pow,
    Rational,
    Symbol,
    cos,
    cosh,
    erf,
    exp,
    log,
    sin,
    sinh,
    tan,
    tanh,
)
from sympy import Number as SympyNumber
from sympy.core.numbers import Exp1

from derive.computation.formula import (
    EXTREMES,
    Applied,
    Constant,
    Name,
    Power,
    Tree,
    negative_of,
    product_of,
    quotient_of,
    sum_of,
)
from derive.computation.naming import own_name
from derive.errors import InputError, Message, Whole
from derive.numbers.brief import LONGEST, shortened
from derive.numbers.exact import exact

MOST_NODES = 5_000
MOST_POWER = 1000
# The functions that a formula may have, by SymPy's class of them.
CALLED: Mapping[Callable[..., Expr], str] = MappingProxyType(
    {exp: "exp", log: "ln", Abs: "abs", Max: "max", Min: "min"}
    | {kind: kind.__name__ for kind in (erf, sin, cos, tan, sinh, cosh, tanh)}
)


def tree_of(expression: Expr) -> Tree:
    """Return the tree of an expression; raises `InputError` for what derive has no formula for.

    >>> from sympy import symbols
    >>> from derive.computation.formula import terms_of
    >>> x, y = symbols("x y")
    >>> [str(term.expression) for term in terms_of(tree_of((x - y) ** 2 / 2 + y / x))]
    ['(x - y)**2/2', 'y/x']
    """
    try:
        return _Reader().tree(expression)
    except RecursionError:
        raise InputError("found an expression that is too deep; give parts of it equations of their own.") from None


class _Reader:
    """Reads one expression, and counts its nodes."""

    def __init__(self) -> None:
        self.nodes = 0

    def tree(self, expression: Basic) -> Tree:
        """Return the tree of a part of the expression."""
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise InputError(
                "found an expression of more than {most} parts; give parts of it equations of their own.",
                most=Whole(MOST_NODES),
            )
        match expression:
            case Symbol():
                return Name(own_name(expression.name, Message("the name of a quantity")))
            case SympyNumber() if expression.is_finite:
                return Constant(exact(expression, Message("a number in an expression")))
            case Exp1():
                return Applied("exp", (Constant(Fraction(1)),))
            case Add():
                return sum_of(*map(self.tree, _in_order(expression, Add)))
            case Mul():
                return self._product(expression)
            case Pow():
                return self._power(expression)
        name = CALLED.get(type(expression))
        if name is None:
            raise InputError(
                "found {found} in an expression; expected numbers, symbols, sums, products, powers, and {functions}.",
                found=shortened(str(expression), LONGEST),
                functions=", ".join(CALLED.values()),
            )
        # SymPy keeps no order of what a maximum is taken of.
        parts = sorted(expression.args, key=str) if name in EXTREMES else expression.args
        return Applied(name, tuple(map(self.tree, parts)))

    def _product(self, expression: Mul) -> Tree:
        factors = list(_in_order(expression, Mul))
        if _is_canonical(expression, Mul):  # what is below the line stands behind all that is above it
            factors.sort(key=_is_below)
        is_negative = factors[0] == Integer(-1) and len(factors) > 1
        if is_negative:
            del factors[0]
        found: Tree | None = None
        below: list[Tree] = []
        for index, factor in enumerate(factors):
            if _is_below(factor):
                below.append(self.tree(_inverse(factor)))
                # What follows one another below the line stands below one line.
                if index + 1 < len(factors) and _is_below(factors[index + 1]):
                    continue
                line = below[0] if len(below) == 1 else product_of(*below)
                found, below = quotient_of(Constant(Fraction(1)) if found is None else found, line), []
            else:
                part = self.tree(factor)
                found = part if found is None else product_of(found, part)
        assert found is not None
        return negative_of(found) if is_negative else found

    def _power(self, expression: Pow) -> Tree:
        exponent = expression.exp
        if not isinstance(exponent, Rational) or exponent.q > 2 or abs(exponent) > MOST_POWER:
            raise InputError(
                "found the power {found}; expected an exponent that is a whole number or a half, and not above {most}. "
                "Write any other power a^b as exp(b*ln(a)).",
                found=shortened(str(expression), LONGEST),
                most=Whole(MOST_POWER),
            )
        base = self.tree(expression.base)
        if exponent == Rational(1, 2):
            return Applied("sqrt", (base,))
        if exponent == -1:
            return quotient_of(Constant(Fraction(1)), base)
        return Power((base,), Fraction(int(exponent.p), int(exponent.q)))


def _in_order(expression: Expr, kind: Any) -> Sequence[Expr]:
    """Return the parts of a sum or a product in the order in which they are written."""
    if not _is_canonical(expression, kind):
        return tuple(expression.args)
    return tuple(expression.as_ordered_terms() if kind is Add else expression.as_ordered_factors())


def _is_canonical(expression: Expr, kind: Any) -> bool:
    """Whether SymPy would put the parts in just this way: then their order is its own, and not that of a person."""
    return bool(kind(*expression.args).args == expression.args)


def _is_below(factor: Expr) -> bool:
    return isinstance(factor, Pow) and isinstance(factor.exp, Rational) and bool(factor.exp < 0)


def _inverse(factor: Pow) -> Expr:
    return factor.base if factor.exp == -1 else Pow(factor.base, -factor.exp, evaluate=False)
