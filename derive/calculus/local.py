"""Local derivatives: of one equation by one name, each shape differentiated once for all its instances."""

from functools import lru_cache

from sympy import Expr, Symbol

from derive.calculus.rules import Named, Rule, differentiate
from derive.computation.equations import Equation, Term
from derive.computation.shapes import Shape
from derive.notation.trees import add, renamed

TARGET = Symbol("y")


def differentiate_equation(equation: Equation, by: str) -> Rule:
    """Return the rules that differentiate the equation's right-hand side by the name."""
    term = equation.terms[0]
    short = term.shape.derivative
    if len(equation.terms) > 1 or short is None:
        return differentiate(equation.expression, Symbol(by))
    names, siblings = tuple(map(Symbol, term.names)), tuple(map(Symbol, term.siblings))
    # A name may stand at several places of a function: the derivative is the sum over them.
    places = (place for place, name in enumerate(term.names) if name == by)
    parts = [short(place, names, Symbol(equation.name), siblings) for place in places]
    known = add(*parts) if len(parts) > 1 else parts[0]
    return Named(equation.expression, Symbol(by), function=term.shape.name, short=known)


def local_formula(equation: Equation, by: str) -> Expr:
    """Return the derivative of the equation's right-hand side by the name, tidied.

    It is put together from the terms in which the name stands: taking the other terms as well, as the rules do to show
    them, would make the work grow with the square of the width.
    """
    slopes = [
        renamed(slope(term.shape, place), {**_named(term), TARGET: Symbol(equation.name)})
        for term in equation.terms_with[by]
        for place, name in enumerate(term.names)
        if name == by
    ]
    return add(*slopes) if len(slopes) > 1 else slopes[0]


@lru_cache
def slope(shape: Shape, place: int) -> Expr:
    """Return the derivative of a shape by one of its places, tidied; the places are x0, x1, …, what it defines is y.

    >>> from derive.computation.shapes import PRODUCT
    >>> slope(PRODUCT, 0)
    x1
    """
    names = place_names(shape)
    term = Term(shape, names, sibling_names(shape))
    return differentiate_equation(Equation(TARGET.name, (term,)), names[place]).result


@lru_cache
def steep_slope(shape: Shape, place: int) -> Expr:
    """Return the same derivative in the form that loses no digits where a function saturates, for calculating it."""
    if shape.steep is None:
        return slope(shape, place)
    nets, siblings = tuple(map(Symbol, place_names(shape))), tuple(map(Symbol, sibling_names(shape)))
    return shape.steep(place, nets, TARGET, siblings)


def place_names(shape: Shape) -> tuple[str, ...]:
    """Return the names of a shape's places: x0, x1, …"""
    return tuple(f"x{place}" for place in range(shape.arity))


def sibling_names(shape: Shape) -> tuple[str, ...]:
    """Return the names of the quantities that are defined with it: y0, y1, …"""
    return tuple(f"y{place}" for place in range(shape.siblings))


def _named(term: Term) -> dict[Symbol, Expr]:
    places = zip(place_names(term.shape), term.names, strict=True)
    siblings = zip(sibling_names(term.shape), term.siblings, strict=True)
    return {Symbol(place): Symbol(name) for place, name in (*places, *siblings)}
