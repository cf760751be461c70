"""Local derivatives: of one equation by one name, each shape differentiated once for all its instances."""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from sympy import Expr, Rational, Symbol

from derive.calculus.rules import Named, Rule, differentiate, tidy
from derive.computation.equations import Equation, Shape, Term, activation_shape
from derive.functions.activations import Activation, JointActivation
from derive.notation.trees import add

TARGET = Symbol("y")


def differentiate_equation(equation: Equation, by: str) -> Rule:
    """Return the rules that differentiate the equation's right-hand side by the name."""
    term = equation.terms[0]
    short = term.shape.derivative
    if len(equation.terms) > 1 or short is None:
        return differentiate(equation.expression, Symbol(by))
    names, siblings = tuple(map(Symbol, term.names)), tuple(map(Symbol, term.siblings))
    known = short(term.names.index(by), names, Symbol(equation.target), siblings)
    return Named(equation.expression, Symbol(by), function=term.shape.name, short=known)


def local_formula(equation: Equation, by: str) -> Expr:
    """Return the derivative of the equation's right-hand side by the name, tidied.

    It is put together from the terms in which the name stands: taking the other terms as well, as the rules do to show
    them, would make the work grow with the square of the width.
    """
    slopes = [
        renamed(slope(term.shape, place), {**_named(term), TARGET: Symbol(equation.target)})
        for term in equation.terms_with[by]
        for place, name in enumerate(term.names)
        if name == by
    ]
    return add(*slopes) if len(slopes) > 1 else slopes[0]


@lru_cache
def slope(shape: Shape, place: int) -> Expr:
    """Return the derivative of a shape by one of its places, tidied; the places are x0, x1, …, what it defines is y.

    >>> from derive.computation.equations import PRODUCT
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


def activation_lines(entry: Activation, constant: Fraction | None) -> tuple[Expr, ...]:
    """Return the derivative of an activation by its net, line by line: rule by rule, then to its short form.

    The symbols are net and out.
    """
    net, out = Symbol("net"), Symbol("out")
    shape = activation_shape(entry, constant)
    assert shape.derivative is not None
    number = Rational(0) if constant is None else Rational(constant.numerator, constant.denominator)
    rule = differentiate(shape.build(net), net)
    between = entry.lines(net, out, number)
    # A constant such as 1 is multiplied out, the other formulas stay as the entry writes them.
    tidied = between if constant is None else tuple(map(tidy, between))
    return rule.written, rule.result, *tidied, shape.derivative(0, (net,), out, ())


def joint_lines(entry: JointActivation, place: int, by: int) -> tuple[Expr, ...]:
    """Return the derivative of one out of a joint layer of two by one net, line by line.

    The symbols are net_1, net_2, out_1 and out_2; places are counted from 0.
    """
    nets, outs = (tuple(Symbol(f"{kind}_{number}") for number in (1, 2)) for kind in ("net", "out"))
    rule = differentiate(entry.formula(nets, place), nets[by])
    return rule.written, rule.result, *entry.lines(nets, outs, place, by)


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


def renamed(expression: Expr, names: Mapping[Symbol, Expr]) -> Expr:
    """Return the tree with other symbols, nothing evaluated (SymPy's own substitution evaluates)."""
    if not expression.args:
        return names.get(expression, expression)
    parts = [renamed(part, names) for part in expression.args]
    return expression.func(*parts, evaluate=False) if isinstance(expression, Expr) else expression.func(*parts)
