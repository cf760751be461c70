"""Local derivatives: of one equation by one name, each shape differentiated once for all its instances."""

from functools import lru_cache

from sympy import Expr, Symbol

from derive.calculus.rules import Named, Rule, differentiate
from derive.computation.equations import Equation, Term
from derive.computation.shapes import Shape
from derive.notation.trees import add, renamed

# What a shape defines, where a derivative is written for the shape alone.
RESULT = Symbol("y")


def differentiate_equation(equation: Equation, by: str) -> Rule:
    """Return the rules that differentiate the equation's right-hand side by the name."""
    term = equation.terms[0]
    short = term.shape.derivative
    if len(equation.terms) > 1 or short is None:
        return differentiate(equation.expression, Symbol(by))
    names, siblings = tuple(map(Symbol, term.names)), tuple(map(Symbol, term.siblings))
    # One name may be several arguments of a function: the derivative is the sum over them.
    indexes = (index for index, name in enumerate(term.names) if name == by)
    parts = [short(index, names, Symbol(equation.name), siblings) for index in indexes]
    known = add(*parts) if len(parts) > 1 else parts[0]
    return Named(equation.expression, Symbol(by), function=term.shape.name, short=known)


def local_formula(equation: Equation, by: str) -> Expr:
    """Return the derivative of the equation's right-hand side by the name, tidied.

    It is the sum over the terms in which the name stands. Differentiating the other terms as well, as the rules do in
    order to show them, would make the work grow with the square of a layer's width.
    """
    derivatives = [
        in_names(term, shape_derivative(term.shape, index), equation.name)
        for term in equation.terms_with[by]
        for index, name in enumerate(term.names)
        if name == by
    ]
    return add(*derivatives) if len(derivatives) > 1 else derivatives[0]


@lru_cache
def shape_derivative(shape: Shape, index: int) -> Expr:
    """Return the derivative of a shape by the argument of that index, tidied.

    The arguments are named x0, x1, …, what the shape defines y, and what is defined together with it y0, y1, …

    >>> from derive.computation.shapes import PRODUCT
    >>> shape_derivative(PRODUCT, 0)
    x1
    """
    names = argument_names(shape)
    term = Term(shape, names, sibling_names(shape))
    return differentiate_equation(Equation(RESULT.name, (term,)), names[index]).result


@lru_cache
def steep_derivative(shape: Shape, index: int) -> Expr:
    """Return the same derivative in a form for calculating: no digits cancel where the function saturates."""
    if shape.steep is None:
        return shape_derivative(shape, index)
    arguments, siblings = tuple(map(Symbol, argument_names(shape))), tuple(map(Symbol, sibling_names(shape)))
    return shape.steep(index, arguments, RESULT, siblings)


def argument_names(shape: Shape) -> tuple[str, ...]:
    """Return the names of a shape's arguments: x0, x1, …"""
    return tuple(f"x{index}" for index in range(shape.arity))


def sibling_names(shape: Shape) -> tuple[str, ...]:
    """Return the names of what is defined together with it, such as the other outs of a softmax: y0, y1, …"""
    return tuple(f"y{index}" for index in range(shape.siblings))


def in_names(term: Term, formula: Expr, target: str) -> Expr:
    """Return a formula in a shape's arguments, siblings and result, in the names that a term puts there."""
    return renamed(formula, {**_named(term), RESULT: Symbol(target)})


def _named(term: Term) -> dict[Symbol, Expr]:
    arguments = zip(argument_names(term.shape), term.names, strict=True)
    siblings = zip(sibling_names(term.shape), term.siblings, strict=True)
    return {Symbol(general): Symbol(name) for general, name in (*arguments, *siblings)}
