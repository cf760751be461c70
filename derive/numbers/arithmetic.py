"""SymPy trees as functions of rationals, balls and power series (python-flint's ``fmpq``, ``arb``, ``arb_series``).

A rational stays one as long as the formula keeps it so and it is no longer than `RATIONAL_BITS`; a longer one goes on
as a ball at flint's present precision. What a ball leaves open raises `Undecided`. A power series goes the way that its
constant term goes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce, singledispatch
from typing import Any

from flint import arb, arb_series, fmpq, fmpz
from sympy import ITE, Abs, Add, And, Expr, Integer, Mul, Not, Or, Piecewise, Pow, erf, exp, false, log, pi, sign, true
from sympy import Number as SympyNumber
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan

from derive.errors import InternalError
from derive.numbers.decimals import Undecided

Value = Any  # fmpq or arb: flint gives its types no common name
Compiled = Callable[[Sequence[Value]], Value]
ZERO, ONE = fmpq(0), fmpq(1)
# Bits of a numerator or denominator up to which a result stays rational. Fractions double in length with each product
# of two, so that without an end a few layers of long weights take minutes; 4,096 bits hold 1,200 digits.
RATIONAL_BITS = 4096


class OutsideDomain(Exception):
    """A logarithm was asked for of a number that is not positive."""


def rational(value: Fraction) -> fmpq:
    """Return the fraction as flint's rational."""
    return fmpq(value.numerator, value.denominator)


def kept(value: Value) -> Value:
    """Return the value, a rational that has become too long as a ball."""
    return arb(value) if type(value) is fmpq and value.height_bits() > RATIONAL_BITS else value


def times(left: Value, right: Value) -> Value:
    """Return the product; that with a factor that is exactly 0 is exactly 0."""
    if (type(left) is fmpq and not left) or (type(right) is fmpq and not right):
        return ZERO
    product = left * right
    return kept(product) if type(product) is fmpq else product


def total(values: Iterable[Value]) -> Value:
    """Return the sum of one value or more."""
    found, *others = values
    for value in others:
        found = found + value
        if type(found) is fmpq:
            found = kept(found)
    return found


def function(symbols: Sequence[Expr], expression: Expr) -> Callable[..., Value]:
    """Return the tree as a function of the values of the symbols, in their order."""
    compiled = _compile(expression, {symbol: index for index, symbol in enumerate(symbols)})
    return lambda *values: compiled(values)


@singledispatch
def _compile(expression: Expr, places: Mapping[Expr, int]) -> Compiled:
    if expression in places:
        index = places[expression]
        return lambda values: values[index]
    raise InternalError(f"no arithmetic for {type(expression).__name__}")


@_compile.register
def _(expression: SympyNumber, places: Mapping[Expr, int]) -> Compiled:
    constant = fmpq(int(expression.p), int(expression.q))
    return lambda values: constant


@_compile.register(type(pi))
def _(expression: Expr, places: Mapping[Expr, int]) -> Compiled:
    return lambda values: arb.pi()


@_compile.register
def _(expression: Add, places: Mapping[Expr, int]) -> Compiled:
    if len(expression.args) == 2 and expression.args[0] == 1 and isinstance(expression.args[1], erf):
        # 1 + erf z = erfc(−z), which loses no digits where erf comes close to −1.
        inner = _compile(expression.args[1].args[0], places)
        return lambda values: _erfc(-inner(values))
    parts = [_compile(part, places) for part in expression.args]
    return lambda values: total(part(values) for part in parts)


@_compile.register
def _(expression: Mul, places: Mapping[Expr, int]) -> Compiled:
    parts = [_compile(part, places) for part in _without_equals(expression.args)]
    return lambda values: reduce(times, (part(values) for part in parts))


def _without_equals(factors: Sequence[Expr]) -> list[Expr]:
    """Return the factors without e^x/e^x: the softmax of one neuron is exactly 1, which no ball would tell."""
    kept = list(factors)
    for factor in factors:
        if isinstance(factor, Pow) and factor.exp == -1 and isinstance(factor.base, exp) and factor.base in kept:
            kept.remove(factor)
            kept.remove(factor.base)
    return kept or [Integer(1)]


@_compile.register
def _(expression: Pow, places: Mapping[Expr, int]) -> Compiled:
    base = _compile(expression.base, places)
    if expression.exp.is_Rational and expression.exp.q == 2:
        roots = int(expression.exp.p)
        return lambda values: square_root(base(values)) ** roots
    if expression.exp.is_Integer:
        fixed = int(expression.exp)
        return lambda values: whole_power(base(values), fixed)
    exponent = _compile(expression.exp, places)
    return lambda values: whole_power(base(values), int(exponent(values).p))


@_compile.register
def _(expression: exp, places: Mapping[Expr, int]) -> Compiled:
    # e^0, ln 1 and erf 0 are rational: they keep the rationals that they reach exact.
    return _elementary(expression.args[0], places, at=ZERO, gives=ONE, otherwise=lambda value: _ball(value).exp())


@_compile.register
def _(expression: log, places: Mapping[Expr, int]) -> Compiled:
    behind = behind_one(expression)
    if behind is not None:
        return _elementary(behind, places, at=ZERO, gives=ZERO, otherwise=logarithm_beside_one)
    return _elementary(expression.args[0], places, at=ONE, gives=ZERO, otherwise=logarithm)


@_compile.register
def _(expression: erf, places: Mapping[Expr, int]) -> Compiled:
    return _elementary(expression.args[0], places, at=ZERO, gives=ZERO, otherwise=lambda value: _ball(value).erf())


@_compile.register
def _(expression: Abs, places: Mapping[Expr, int]) -> Compiled:
    inner = _compile(expression.args[0], places)

    def size(values: Sequence[Value]) -> Value:
        value = inner(values)
        return abs(value) if not isinstance(value, arb_series) else value if _is_positive(value[0]) else -value

    return size


@_compile.register
def _(expression: sign, places: Mapping[Expr, int]) -> Compiled:
    inner = _compile(expression.args[0], places)

    def signum(values: Sequence[Value]) -> Value:
        value = _constant(inner(values))
        for known, holds in ((1, value > 0), (-1, value < 0), (0, value == 0)):
            if holds:
                return fmpq(known)
        raise Undecided

    return signum


@_compile.register
def _(expression: Piecewise, places: Mapping[Expr, int]) -> Compiled:
    branches = [(_condition(test, places), _compile(branch, places)) for branch, test in expression.args]
    return lambda values: next(branch for holds, branch in branches if holds(values))(values)


def _condition(condition: Expr, places: Mapping[Expr, int]) -> Callable[[Sequence[Value]], bool]:
    if isinstance(condition, And | Or):
        parts = [_condition(part, places) for part in condition.args]
        together = all if isinstance(condition, And) else any
        return lambda values: together(part(values) for part in parts)
    if isinstance(condition, ITE):
        # SymPy makes one of a relation between functions that are defined by cases.
        test, then, otherwise = (_condition(part, places) for part in condition.args)
        return lambda values: then(values) if test(values) else otherwise(values)
    if isinstance(condition, Not):
        inner = _condition(condition.args[0], places)
        return lambda values: not inner(values)
    if condition in (true, false):  # true is the last case
        return lambda values: bool(condition)
    if type(condition) not in COMPARISONS:
        raise InternalError(f"no arithmetic for the condition {condition}")
    left, right = _compile(condition.lhs, places), _compile(condition.rhs, places)
    compare = COMPARISONS[type(condition)]

    def holds(values: Sequence[Value]) -> bool:
        difference = _constant(left(values) - right(values))
        known, refuted = compare(difference)
        if not known and not refuted:
            raise Undecided
        return bool(known)

    return holds


# For each relation to 0: whether it certainly holds, and whether it certainly does not.
COMPARISONS: Mapping[type[Relational], Callable[[Value], tuple[bool, bool]]] = {
    StrictGreaterThan: lambda value: (value > 0, value <= 0),
    StrictLessThan: lambda value: (value < 0, value >= 0),
    GreaterThan: lambda value: (value >= 0, value < 0),
    LessThan: lambda value: (value <= 0, value > 0),
}


def whole_power(value: Value, exponent: int) -> Value:
    """Return value^exponent; raises `Undecided` for the quotient by a power series that may start with 0."""
    if exponent < 0 and isinstance(value, arb_series) and value[0].contains(0):
        raise Undecided
    if exponent > 0 and isinstance(value, arb) and value.mid() == 0:
        return reduce(times, [value] * exponent)  # flint finds no power of a ball whose middle is 0
    return kept(value**exponent)


def square_root(value: Value) -> Value:
    """Return √value, rational where it is; what lies below 0 by the width of the ball alone counts as 0."""
    if isinstance(value, arb_series):
        return value.sqrt()
    if not isinstance(value, fmpq):
        if value > 0 or not value.is_finite():
            return value.sqrt()
        half = value.upper().sqrt().upper() / 2
        return arb(half.mid(), half)
    top, bottom = fmpz(value.p).isqrt(), fmpz(value.q).isqrt()
    return fmpq(top, bottom) if top * top == value.p and bottom * bottom == value.q else arb(value).sqrt()


def logarithm(value: Value) -> Value:
    """Return ln value; raises `OutsideDomain` where it is not positive, `Undecided` where it may not be."""
    if _constant(value) <= 0:
        raise OutsideDomain
    if not _constant(value) > 0:
        raise Undecided
    return _ball(value).log()


def behind_one(expression: Expr) -> Expr | None:
    """Return x for the logarithm ln(1 + x): near 0 the sum would lose the digits of x."""
    inner = expression.args[0]
    return inner.args[1] if isinstance(inner, Add) and len(inner.args) == 2 and inner.args[0] == 1 else None


def logarithm_beside_one(value: Value) -> Value:
    """Return ln(1 + value); raises as `logarithm` does."""
    if isinstance(value, arb_series):
        return logarithm(1 + value)
    if value <= -1:
        raise OutsideDomain
    if not value > -1:
        raise Undecided
    return arb(value).log1p()


def _erfc(value: Value) -> Value:
    return ONE if not isinstance(value, arb_series) and value == 0 else _ball(value).erfc()


def _ball(value: Value) -> Value:
    return value if isinstance(value, arb_series) else arb(value)


def _constant(value: Value) -> Value:
    return value[0] if isinstance(value, arb_series) else value


def _is_positive(value: Value) -> bool:
    if value > 0:
        return True
    if value < 0:
        return False
    raise Undecided


def _elementary(
    argument: Expr, places: Mapping[Expr, int], *, at: fmpq, gives: fmpq, otherwise: Callable[[Value], Value]
) -> Compiled:
    inner = _compile(argument, places)

    def applied(values: Sequence[Value]) -> Value:
        value = inner(values)
        return gives if not isinstance(value, arb_series) and value == at else otherwise(value)

    return applied
