"""Local derivatives: of one equation by one name, each shape differentiated once for all its instances."""

from collections.abc import Mapping
from functools import lru_cache

from sympy import Expr, Symbol

from derive.functions import add
from derive.graph import Equation, Shape, Term
from derive.rules import Named, Rule, differentiate

TARGET = Symbol("y")


def differentiate_equation(equation: Equation, by: str) -> Rule:
    """Return the rules that differentiate the equation's right-hand side by the name."""
    function = equation.named_function
    symbol = Symbol(by)
    if function is not None and function.derivative is not None:
        short = function.derivative(symbol, Symbol(equation.target))
        return Named(equation.expression, symbol, function=function.name, short=short)
    return differentiate(equation.expression, symbol)


def local_formula(equation: Equation, by: str) -> Expr:
    """Return the derivative of the equation's right-hand side by the name, tidied.

    It is put together from the terms in which the name stands: taking the other terms as well, as the rules do to show
    them, would make the work grow with the square of the width.
    """
    slopes = [
        _renamed(slope(term.shape, place), {**_named(term.names), TARGET: Symbol(equation.target)})
        for term in equation.terms_with[by]
        for place, name in enumerate(term.names)
        if name == by
    ]
    return add(*slopes) if len(slopes) > 1 else slopes[0]


@lru_cache
def slope(shape: Shape, place: int) -> Expr:
    """Return the derivative of a shape by one of its places, tidied; the places are x0, x1, …, what it defines is y.

    >>> from derive.graph import PRODUCT
    >>> slope(PRODUCT, 0)
    x1
    """
    names = place_names(shape)
    return differentiate_equation(Equation(TARGET.name, (Term(shape, names),)), names[place]).result


def place_names(shape: Shape) -> tuple[str, ...]:
    """Return the names of a shape's places: x0, x1, …"""
    return tuple(f"x{place}" for place in range(shape.arity))


def _named(names: tuple[str, ...]) -> dict[Symbol, Symbol]:
    return {Symbol(f"x{place}"): Symbol(name) for place, name in enumerate(names)}


def _renamed(expression: Expr, names: Mapping[Symbol, Symbol]) -> Expr:
    """Return the tree with other symbols, nothing evaluated (SymPy's own substitution evaluates)."""
    if not expression.args:
        return names.get(expression, expression)
    parts = [_renamed(part, names) for part in expression.args]
    return expression.func(*parts, evaluate=False) if isinstance(expression, Expr) else expression.func(*parts)
