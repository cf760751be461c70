"""Unevaluated SymPy trees: each function returns what it is called for, as written.

SymPy's own operators reorder, merge and drop; a formula that is shown must print in the order in which it was written.
"""

from sympy import Abs, Add, Expr, Integer, Mul, Piecewise, Pow, Rational, erf, exp, log
from sympy.core.relational import Relational

ZERO, ONE, TWO = Integer(0), Integer(1), Integer(2)
HALF = Rational(1, 2)


def add(*terms: Expr) -> Expr:
    """Return the sum: nothing is reordered, merged or dropped."""
    return Add(*terms, evaluate=False)


def mul(*factors: Expr) -> Expr:
    """Return the product."""
    return Mul(*factors, evaluate=False)


def power(base: Expr, exponent: Expr) -> Expr:
    """Return base^exponent."""
    return Pow(base, exponent, evaluate=False)


def square(base: Expr) -> Expr:
    """Return base²."""
    return power(base, TWO)


def root(radicand: Expr) -> Expr:
    """Return the square root."""
    return power(radicand, HALF)


def negative(expression: Expr) -> Expr:
    """Return −expression."""
    return mul(Integer(-1), expression)


def minus(left: Expr, right: Expr) -> Expr:
    """Return left − right."""
    return add(left, negative(right))


def fraction(numerator: Expr, denominator: Expr) -> Expr:
    """Return numerator / denominator."""
    inverse = power(denominator, Integer(-1))
    return inverse if numerator == ONE else mul(numerator, inverse)


def e_to(exponent: Expr) -> Expr:
    """Return e^exponent."""
    return exp(exponent, evaluate=False)


def ln(argument: Expr) -> Expr:
    """Return the natural logarithm."""
    return log(argument, evaluate=False)


def gauss_error(argument: Expr) -> Expr:
    """Return Gauss's error function."""
    return erf(argument, evaluate=False)


def absolute(argument: Expr) -> Expr:
    """Return |argument|."""
    return Abs(argument, evaluate=False)


def cases(*branches: tuple[Expr, Relational | bool]) -> Expr:
    """Return a function defined by cases; the first condition that holds decides, the last one is True."""
    return Piecewise(*branches, evaluate=False)
