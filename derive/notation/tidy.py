"""Tidy trees: zeros and ones gone and numbers multiplied out, the order kept, as a person would leave a line."""

from functools import singledispatch

from sympy import Add, Expr, Mul, Piecewise, Pow

from derive.notation.elementary import elementary
from derive.notation.extremes import Extreme
from derive.notation.trees import ONE, ZERO, add, cases, mul, power


def product(factors: tuple[Expr, ...]) -> Expr:
    return mul(*factors) if len(factors) > 1 else factors[0]


@singledispatch
def tidy(expression: Expr) -> Expr:
    """Return the expression with zeros and ones gone and numbers multiplied out, its order kept.

    Nothing is distributed, factored or reordered, so that a reader sees where each part came from.
    """
    if elementary(expression) is None:
        return expression
    return expression.func(tidy(expression.args[0]), evaluate=False)


@tidy.register
def _(expression: Add) -> Expr:
    terms = [part for term in expression.args for part in _parts(tidy(term), Add) if part != ZERO]
    if all(term.is_Number for term in terms):
        return sum(terms, ZERO)  # not Add: it loads SymPy's tensors
    return add(*terms) if len(terms) > 1 else terms[0]


@tidy.register
def _(expression: Mul) -> Expr:
    return multiply(*map(tidy, expression.args))


def multiply(*tidied: Expr) -> Expr:
    """Return the product of tidy expressions, tidy: their numbers become one coefficient in front."""
    factors = [part for factor in tidied for part in _parts(factor, Mul)]
    coefficient = Mul(*(factor for factor in factors if factor.is_Number))
    if coefficient == ZERO:
        return ZERO
    rest = [factor for factor in factors if not factor.is_Number]
    kept = rest if coefficient == ONE and rest else [coefficient, *rest]
    return product(tuple(kept))


@tidy.register
def _(expression: Pow) -> Expr:
    base, exponent = tidy(expression.base), tidy(expression.exp)
    if exponent == ZERO:
        return ONE
    if isinstance(base, Pow) and base.exp.is_Integer and exponent.is_Integer:
        base, exponent = base.base, base.exp * exponent
    if exponent == ONE or base == ONE:
        return base
    return base**exponent if base.is_Number else power(base, exponent)


@tidy.register
def _(expression: Extreme) -> Expr:
    return expression.func(*map(tidy, expression.args), evaluate=False)


@tidy.register
def _(expression: Piecewise) -> Expr:
    branches = [(tidy(branch), condition) for branch, condition in expression.args]
    return branches[0][0] if len({branch for branch, _ in branches}) == 1 else cases(*branches)


def _parts(expression: Expr, kind: type[Expr]) -> tuple[Expr, ...]:
    return expression.args if isinstance(expression, kind) else (expression,)
