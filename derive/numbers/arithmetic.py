"""SymPy trees as functions of rationals, balls and power series (python-flint's ``fmpq``, ``arb``, ``arb_series``).

A result is rational while the formula keeps it rational and it is no longer than `RATIONAL_BITS`; a longer one becomes
a ball at flint's present precision. A comparison that a ball leaves open raises `Undecided`. Of a power series, the
constant term is compared.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce, singledispatch
from typing import Any

from flint import arb, arb_series, fmpq, fmpz
from sympy import ITE, Add, And, Expr, Integer, Max, Min, Mul, Not, Or, Piecewise, Pow, erf, exp, false, log, pi, true
from sympy import Number as SympyNumber
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan

from derive.errors import InternalError
from derive.notation.elementary import ERFC, LN, LOG1P, ROOT, Elementary, elementary
from derive.notation.extremes import Extreme, Largest
from derive.notation.tidy import tidy
from derive.numbers.decimals import Undecided
from derive.numbers.given import Given
from derive.numbers.traced import Condition, Traced, joined, present_trace
from derive.numbers.traced import larger as traced_larger

Value = Any  # fmpq or arb: flint gives its types no common name
Compiled = Callable[[Sequence[Value]], Value]
ZERO = fmpq(0)
# Bits of a numerator or denominator up to which a result stays rational. Fractions double in length with each product
# of two, so without this limit a few layers of long weights would take minutes; 4,096 bits hold 1,200 digits.
RATIONAL_BITS = 4096


class OutsideDomain(Exception):
    """A function was asked for outside its domain, such as a logarithm of a number that is not positive.

    ``function`` is its name in generated code, "pow" for a power that is no whole one; ``value`` what it was asked of.
    """

    def __init__(self, function: str = "", value: Value = None) -> None:
        super().__init__(function, value)
        self.function, self.value = function, value


def rational(value: Fraction) -> Value:
    """Return the fraction as flint's rational; of a given one its register, where calculations are written down."""
    if type(value) is Given:
        trace = present_trace()
        if trace is not None:
            return trace.number(value.key)
    return fmpq(value.numerator, value.denominator)


def kept(value: Value) -> Value:
    """Return the value; a rational that is longer than `RATIONAL_BITS` as a ball."""
    return arb(value) if type(value) is fmpq and value.height_bits() > RATIONAL_BITS else value


def times(left: Value, right: Value) -> Value:
    """Return the product; it is exactly 0 where one factor is, even if the other is a ball without a bound."""
    if (type(left) is fmpq and not left) or (type(right) is fmpq and not right):
        return ZERO
    product = left * right
    # What `kept` does: this is called for each use of each quantity.
    return arb(product) if type(product) is fmpq and product.height_bits() > RATIONAL_BITS else product


def total(values: Iterable[Value]) -> Value:
    """Return the sum of the values, at least one."""
    found, *others = values
    for value in others:
        found = found + value
        if type(found) is fmpq and found.height_bits() > RATIONAL_BITS:
            found = arb(found)
    return found


def function(symbols: Sequence[Expr], expression: Expr) -> Callable[..., Value]:
    """Return the tree as a function of the values of the symbols, in their order."""
    compiled = _compile(expression, {symbol: index for index, symbol in enumerate(symbols)})
    return lambda *values: compiled(values)


@singledispatch
def _compile(expression: Expr, indexes: Mapping[Expr, int]) -> Compiled:
    if expression in indexes:
        index = indexes[expression]
        return lambda values: values[index]
    entry = elementary(expression)
    if entry is None:
        raise InternalError(f"no arithmetic for {type(expression).__name__}")
    return _applied(entry, expression.args[0], indexes)


def _applied(entry: Elementary, argument: Expr, indexes: Mapping[Expr, int]) -> Compiled:
    inner, apply = _compile(argument, indexes), function_of_value(entry)
    return lambda values: apply(inner(values))


@_compile.register
def _(expression: SympyNumber, indexes: Mapping[Expr, int]) -> Compiled:
    constant = fmpq(int(expression.p), int(expression.q))
    return lambda values: constant


@_compile.register(type(pi))
def _(expression: Expr, indexes: Mapping[Expr, int]) -> Compiled:

    def ball(values: Sequence[Value]) -> Value:
        trace = present_trace()
        return arb.pi() if trace is None else trace.made("pi")

    return ball


@_compile.register
def _(expression: Add, indexes: Mapping[Expr, int]) -> Compiled:
    if len(expression.args) == 2 and expression.args[0] == 1 and isinstance(expression.args[1], erf):
        # 1 + erf z = erfc(−z), in which nothing cancels where erf is nearly −1.
        inner, complement = _compile(expression.args[1].args[0], indexes), function_of_value(ERFC)
        return lambda values: complement(-inner(values))
    parts = [_compile(part, indexes) for part in expression.args]
    return lambda values: total(part(values) for part in parts)


@_compile.register
def _(expression: Mul, indexes: Mapping[Expr, int]) -> Compiled:
    parts = [_compile(part, indexes) for part in _without_equals(expression.args)]
    return lambda values: reduce(times, (part(values) for part in parts))


def _without_equals(factors: Sequence[Expr]) -> list[Expr]:
    """Return the factors without e^x/e^x: the softmax of one neuron is exactly 1, which balls could not show."""
    kept = list(factors)
    for factor in factors:
        if isinstance(factor, Pow) and factor.exp == -1 and isinstance(factor.base, exp) and factor.base in kept:
            kept.remove(factor)
            kept.remove(factor.base)
    return kept or [Integer(1)]


@_compile.register
def _(expression: Pow, indexes: Mapping[Expr, int]) -> Compiled:
    base, exponent = _compile(expression.base, indexes), tidy(expression.exp)  # a rule writes it as 3/2 − 1
    if exponent.is_Rational and exponent.q == 2:
        roots = int(exponent.p)
        return lambda values: square_root(base(values)) ** roots
    if exponent.is_Integer:
        fixed = int(exponent)
        return lambda values: whole_power(base(values), fixed)
    if exponent.is_Rational:
        share = fmpq(int(exponent.p), int(exponent.q))
        return lambda values: broken_power(base(values), share)
    number = _compile(exponent, indexes)
    return lambda values: _power_of_number(base(values), number(values))


def _power_of_number(base: Value, exponent: Value) -> Value:
    """Return the power by a whole number that is given, as that of Adam's steps is."""
    if isinstance(exponent, Traced):
        return exponent.as_exponent_of(base)
    return whole_power(base, int(exponent.p))


@_compile.register
def _(expression: log, indexes: Mapping[Expr, int]) -> Compiled:
    behind = behind_one(expression)
    return _applied(LN, expression.args[0], indexes) if behind is None else _applied(LOG1P, behind, indexes)


@_compile.register(Max)
@_compile.register(Min)
@_compile.register(Extreme)
def _(expression: Expr, indexes: Mapping[Expr, int]) -> Compiled:
    parts = [_compile(part, indexes) for part in expression.args]
    if isinstance(expression, Largest | Max):
        return lambda values: reduce(larger, (part(values) for part in parts))
    return lambda values: -reduce(larger, (-part(values) for part in parts))


def larger(left: Value, right: Value) -> Value:
    """Return the larger one, a rational where it is known to be that; of power series raise `Undecided` where open."""
    traced = traced_larger(left, right)
    if traced is not None:
        return traced
    difference = _constant(left) - _constant(right)
    if difference >= 0:
        return left
    if difference < 0:
        return right
    if isinstance(left, arb_series) or isinstance(right, arb_series):
        raise Undecided
    return arb(left).max(arb(right))


@_compile.register
def _(expression: Piecewise, indexes: Mapping[Expr, int]) -> Compiled:
    branches = [(_condition(test, indexes), _compile(branch, indexes)) for branch, test in expression.args]
    return lambda values: _chosen(branches, values)


def _chosen(branches: Sequence[tuple[Callable[[Sequence[Value]], Any], Compiled]], values: Sequence[Value]) -> Value:
    """Return the value of the first branch whose condition holds."""
    for place, (holds, branch) in enumerate(branches):
        found = holds(values)
        if isinstance(found, Condition):
            return found.chosen(branch(values), _chosen(branches[place + 1 :], values))
        if found:
            return branch(values)
    raise InternalError("no case of a formula holds")


def _condition(condition: Expr, indexes: Mapping[Expr, int]) -> Callable[[Sequence[Value]], Any]:
    if isinstance(condition, And | Or):
        parts = [_condition(part, indexes) for part in condition.args]
        word, together = ("both", all) if isinstance(condition, And) else ("either", any)
        return lambda values: joined(word, (part(values) for part in parts), together)
    if isinstance(condition, ITE):
        # SymPy makes one of a relation between functions that are defined by cases.
        test, then, otherwise = (_condition(part, indexes) for part in condition.args)
        return lambda values: _either(test(values), then, otherwise, values)
    if isinstance(condition, Not):
        inner = _condition(condition.args[0], indexes)
        return lambda values: _opposite(inner(values))
    if condition in (true, false):  # true is the last case
        return lambda values: bool(condition)
    if type(condition) not in COMPARISONS:
        raise InternalError(f"no arithmetic for the condition {condition}")
    left, right = _compile(condition.lhs, indexes), _compile(condition.rhs, indexes)
    compare, relation = COMPARISONS[type(condition)], condition.rel_op

    def holds(values: Sequence[Value]) -> Any:
        difference = _constant(left(values) - right(values))
        if isinstance(difference, Traced):
            return difference.compared(relation)
        known, refuted = compare(difference)
        if not known and not refuted:
            raise Undecided
        return bool(known)

    return holds


def _either(test: Any, then: Callable[..., Any], otherwise: Callable[..., Any], values: Sequence[Value]) -> Any:
    if not isinstance(test, Condition):
        return then(values) if test else otherwise(values)
    # (test and then) or (not test and otherwise)
    sides = ((test, then(values)), (test.opposite(), otherwise(values)))
    return joined("either", (joined("both", iter(side), all) for side in sides), any)


def _opposite(found: Any) -> Any:
    return found.opposite() if isinstance(found, Condition) else not found


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
        return reduce(times, [value] * exponent)  # flint's power of a ball with midpoint 0 is not finite
    return kept(value**exponent)


def broken_power(value: Value, exponent: fmpq) -> Value:
    """Return value^exponent for an exponent that is no whole number; rational where the value has such a root.

    Raises `OutsideDomain` for what is negative, as floats do, ZeroDivisionError for 0 with a negative exponent, and
    `Undecided` for a ball or a power series that may start with such.
    """
    if isinstance(value, Traced):
        return value.to_share(exponent)
    constant = _constant(value)
    if constant < 0:
        raise OutsideDomain("pow", constant)
    if constant == 0 and not isinstance(value, arb_series):
        if exponent < 0:
            raise ZeroDivisionError
        return ZERO
    if isinstance(value, fmpq):
        above, below = _whole_root(value.p, int(exponent.q)), _whole_root(value.q, int(exponent.q))
        if above is not None and below is not None:
            return kept(fmpq(above, below) ** int(exponent.p))
    if not constant > 0:
        raise Undecided
    trace = present_trace()
    if trace is not None:
        return trace.made("broken", trace.of(value), int(exponent.p), int(exponent.q))
    share = arb(exponent)
    return (value.log() * share).exp() if isinstance(value, arb_series) else arb(value) ** share


def _whole_root(number: fmpz, degree: int) -> fmpz | None:
    found = fmpz(number).root(degree)
    return found if found**degree == number else None


def function_of_value(entry: Elementary) -> Callable[[Value], Value]:
    """Return the function of a rational, a ball or a power series; rational where the table has the exact value.

    So e^0, ln 1 and √4 are rational. It raises `OutsideDomain` for a value outside the domain, and `Undecided` for a
    ball that may be outside, or whose value is open.
    """
    inside, exact, ball, code = check_of_domain(entry), entry.exact, entry.ball, entry.code

    def apply(value: Value) -> Value:
        if isinstance(value, Traced):
            return value.applied(code)
        inside(value)
        if isinstance(value, arb_series):
            found = ball(value)
        else:
            rational = exact(value)
            if rational is not None:
                return rational
            trace = present_trace()
            if trace is not None:  # of a constant, such as √2
                return trace.made("apply", trace.of(value), code)
            found = ball(arb(value))
        if found is None:
            raise Undecided
        return found

    return apply


def check_of_domain(entry: Elementary) -> Callable[[Value], None]:
    """Return a check that raises `OutsideDomain` for a value outside the domain, `Undecided` for one that may be.

    A ball that only partly lies below a closed domain passes, as its true value lies inside.
    """
    domain, code = entry.domain, entry.code
    if domain is None:
        return lambda value: None
    least = domain.least

    def from_least(value: Value) -> None:
        constant = _constant(value)
        if constant < least:
            raise OutsideDomain(code, constant)

    def above_least(value: Value) -> None:
        constant = _constant(value)
        if constant <= least:
            raise OutsideDomain(code, constant)
        if not constant > least:
            raise Undecided

    return from_least if domain.is_closed else above_least


square_root = function_of_value(ROOT)


def behind_one(expression: Expr) -> Expr | None:
    """Return x for the logarithm ln(1 + x): near 0 the sum would lose the digits of x."""
    inner = expression.args[0]
    return inner.args[1] if isinstance(inner, Add) and len(inner.args) == 2 and inner.args[0] == 1 else None


def _constant(value: Value) -> Value:
    return value[0] if isinstance(value, arb_series) else value
