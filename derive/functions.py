"""The functions that a network is made of, each one entry in a table: activations and errors.

An entry gives the formula and, for an activation, the short form of its derivative that teachers use, with the lines
that lead from the derivative taken rule by rule to that short form. Every formula is an unevaluated SymPy tree, so
that it prints in the order in which it is written here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sympy import Add, Expr, Integer, Mul, Piecewise, Pow, Rational, exp

ONE = Integer(1)


def add(*terms: Expr) -> Expr:
    """Return the sum as written: nothing is reordered, merged or dropped."""
    return Add(*terms, evaluate=False)


def mul(*factors: Expr) -> Expr:
    """Return the product as written."""
    return Mul(*factors, evaluate=False)


def power(base: Expr, exponent: Expr) -> Expr:
    """Return the power as written."""
    return Pow(base, exponent, evaluate=False)


def negative(expression: Expr) -> Expr:
    """Return −expression as written."""
    return mul(Integer(-1), expression)


def minus(left: Expr, right: Expr) -> Expr:
    """Return left − right as written."""
    return add(left, negative(right))


def fraction(numerator: Expr, denominator: Expr) -> Expr:
    """Return numerator / denominator as written."""
    inverse = power(denominator, Integer(-1))
    return inverse if numerator == ONE else mul(numerator, inverse)


def e_to(exponent: Expr) -> Expr:
    """Return e^exponent as written."""
    return exp(exponent, evaluate=False)


@dataclass(frozen=True)
class Activation:
    """What a neuron makes of its pre-activation: out = formula(net).

    ``derivative(net, out)`` is ∂out/∂net in the form that is used in the handout; ``lines(net, out)`` are the lines of
    algebra between the derivative taken rule by rule and that form, first to last. ``kink`` is the net at which the
    function has no derivative and the side taken there is the one that ``derivative`` gives.
    """

    name: str
    formula: Callable[[Expr], Expr]
    derivative: Callable[[Expr, Expr], Expr]
    lines: Callable[[Expr, Expr], tuple[Expr, ...]]
    kink: int | None = None


@dataclass(frozen=True)
class ErrorFunction:
    """What one output adds to the error of the network: formula(target, out)."""

    name: str
    formula: Callable[[Expr, Expr], Expr]


def _logistic_lines(net: Expr, out: Expr) -> tuple[Expr, ...]:
    decay = e_to(negative(net))
    whole = add(ONE, decay)
    return (
        fraction(decay, power(whole, Integer(2))),
        mul(fraction(ONE, whole), fraction(decay, whole)),
        mul(fraction(ONE, whole), minus(ONE, fraction(ONE, whole))),
        mul(out, minus(ONE, out)),
    )


def _tanh(net: Expr) -> Expr:
    rise, fall = e_to(net), e_to(negative(net))
    return fraction(minus(rise, fall), add(rise, fall))


def _tanh_lines(net: Expr, out: Expr) -> tuple[Expr, ...]:
    rise, fall = e_to(net), e_to(negative(net))
    up, down = power(add(rise, fall), Integer(2)), power(minus(rise, fall), Integer(2))
    return (
        fraction(minus(up, down), up),
        minus(ONE, power(fraction(minus(rise, fall), add(rise, fall)), Integer(2))),
        minus(ONE, power(out, Integer(2))),
    )


_ACTIVATIONS = (
    Activation(
        name="logistic",
        formula=lambda net: fraction(ONE, add(ONE, e_to(negative(net)))),
        derivative=lambda net, out: mul(out, minus(ONE, out)),
        lines=_logistic_lines,
    ),
    Activation(
        name="tanh",
        formula=_tanh,
        derivative=lambda net, out: minus(ONE, power(out, Integer(2))),
        lines=_tanh_lines,
    ),
    Activation(
        name="relu",
        formula=lambda net: Piecewise((net, net > 0), (Integer(0), True), evaluate=False),
        derivative=lambda net, out: Piecewise((ONE, net > 0), (Integer(0), True), evaluate=False),
        lines=lambda net, out: (),
        kink=0,
    ),
    Activation(
        name="identity",
        formula=lambda net: net,
        derivative=lambda net, out: ONE,
        lines=lambda net, out: (),
    ),
)

_ERRORS = (
    ErrorFunction(
        name="half_squared_error",
        formula=lambda target, out: mul(Rational(1, 2), power(minus(target, out), Integer(2))),
    ),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({entry.name: entry for entry in _ACTIVATIONS})
ERRORS: Mapping[str, ErrorFunction] = MappingProxyType({entry.name: entry for entry in _ERRORS})
