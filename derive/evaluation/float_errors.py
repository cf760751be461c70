"""How far doubles may stray from the true value: a running error analysis of the forward and the backward pass.

Each quantity comes with a bound on the error of its double: the errors of what it is calculated from, carried on, and
half a unit of every result on the way (N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., 2002,
§3.3; for the sum of n terms in any order, §4.2). The formulas are those of the derivation, in their ``numeric`` form
where there is one. Where terms cancel, as in 1 − out of a saturated neuron, the bound is large beside the value; where
all is products, it is a few units of the last digit, be the value 1 or 1e-200.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, singledispatch
from typing import Any

from flint import arb, fmpq
from sympy import Abs, Add, Expr, Max, Mul, Piecewise, Pow, Symbol, pi, sign, true
from sympy import Number as SympyNumber
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan

from derive.calculus.chain import Derivation
from derive.calculus.local import RESULT, argument_names, shape_derivative, sibling_names
from derive.calculus.partials import Partial
from derive.computation.equations import Computation, Equation, Term
from derive.computation.shapes import Shape
from derive.errors import InternalError
from derive.evaluation.carried import Values
from derive.notation.elementary import Elementary, elementary
from derive.notation.extremes import Extreme
from derive.numbers.arithmetic import broken_power

UNIT = fmpq(1, 2**52)  # twice the unit roundoff: what is of second order has room in it
LEAST = fmpq(1, 2**1074)  # the least double, which a product may lose where it is smaller
FUNCTION_UNITS = 4  # a function of a usual library is off by no more
LONGEST_PRODUCT = 16  # of a power, that is multiplied factor by factor


@dataclass(frozen=True, slots=True)
class Held:
    """A value, and what its double may be off by."""

    value: arb
    error: arb

    def rounded(self, units: int = 1) -> "Held":
        """Return the same with the rounding of the operation that it comes out of."""
        return Held(self.value, self.error + abs(self.value) * (UNIT * units) + LEAST)

    def times(self, other: "Held") -> "Held":
        """Return the product."""
        error = abs(self.value) * other.error + abs(other.value) * self.error + self.error * other.error
        return Held(self.value * other.value, error).rounded()

    def inverse(self) -> "Held":
        """Return one over it; the bound is infinite where the double may be 0."""
        size = abs(self.value) - self.error
        value = 1 / self.value
        return Held(value, abs(value) * self.error / size if size > 0 else arb("inf")).rounded()


Compiled = Callable[[Sequence[Held]], Held]


def total(terms: Sequence[Held]) -> Held:
    """Return the sum of the terms, added in any order."""
    if len(terms) == 1:
        return terms[0]
    size = sum((abs(term.value) for term in terms), start=arb(0))
    error = sum((term.error for term in terms), start=size * (UNIT * (len(terms) - 1)))
    return Held(sum((term.value for term in terms), start=arb(0)), error)


@singledispatch
def _held(expression: Expr, places: Mapping[Expr, int]) -> Compiled:
    if expression in places:
        index = places[expression]
        return lambda held: held[index]
    entry = elementary(expression)
    if entry is None:
        raise InternalError(f"no rounding error for {type(expression).__name__}")
    return _applied(entry, expression.args[0], places)


@_held.register
def _(expression: SympyNumber, places: Mapping[Expr, int]) -> Compiled:
    number = arb(fmpq(int(expression.p), int(expression.q)))
    constant = Held(number, arb(0) if expression.q == 1 else abs(number) * UNIT)
    return lambda held: constant


@_held.register(type(pi))
def _(expression: Expr, places: Mapping[Expr, int]) -> Compiled:
    return lambda held: Held(arb.pi(), arb(0)).rounded()


@_held.register
def _(expression: Add, places: Mapping[Expr, int]) -> Compiled:
    parts = [_held(part, places) for part in expression.args]
    return lambda held: total([part(held) for part in parts])


@_held.register
def _(expression: Mul, places: Mapping[Expr, int]) -> Compiled:
    # A factor of −1 rounds nothing.
    is_negative = expression.args[0] == -1
    parts = [_held(part, places) for part in (expression.args[1:] if is_negative else expression.args)]

    def product(held: Sequence[Held]) -> Held:
        found = parts[0](held)
        for part in parts[1:]:
            found = found.times(part(held))
        return Held(-found.value, found.error) if is_negative else found

    return product


@_held.register
def _(expression: Pow, places: Mapping[Expr, int]) -> Compiled:
    base = _held(expression.base, places)
    if expression.exp.is_Rational and expression.exp.q == 2 and expression.exp.p == 1:
        return lambda held: _root(base(held))
    if expression.exp in places:  # the number of a step, as in βᵗ
        index = places[expression.exp]
        return lambda held: _power(base(held), int(float(held[index].value.mid())))
    if expression.exp.is_Rational and not expression.exp.is_Integer:
        share = fmpq(int(expression.exp.p), int(expression.exp.q))
        return lambda held: _broken_power(base(held), share)
    if not expression.exp.is_Integer:
        raise InternalError(f"no rounding error for the exponent {expression.exp}")
    count = int(expression.exp)
    return lambda held: _power(base(held), count)


def _power(base: Held, count: int) -> Held:
    once = base if count > 0 else base.inverse()
    if abs(count) > LONGEST_PRODUCT:
        # As for a product of so many factors, each off by what the first one is off by.
        value, share = once.value ** abs(count), abs(once.error / once.value) + UNIT
        return Held(value, abs(value) * ((1 + share) ** abs(count) - 1)).rounded()
    found = once
    for _ in range(abs(count) - 1):
        found = found.times(once)
    return found


def _root(base: Held) -> Held:
    value, above = base.value.sqrt(), (base.value + base.error).sqrt()
    below = (base.value - base.error).max(arb(0)).sqrt()
    return Held(value, (above - value).max(value - below)).rounded(FUNCTION_UNITS)


def _broken_power(base: Held, exponent: fmpq) -> Held:
    """Return a power that is no whole one, which rises or falls over all that the double may be."""
    value, below = broken_power(base.value, exponent), base.value - base.error
    if not below > 0:
        return Held(arb(value), arb("inf"))
    ends = [broken_power(end, exponent) for end in (below, base.value + base.error)]
    return Held(arb(value), abs(ends[0] - value).max(abs(ends[1] - value))).rounded(FUNCTION_UNITS)


def _applied(entry: Elementary, argument: Expr, places: Mapping[Expr, int]) -> Compiled:
    """Return the function: its error is what it changes within that of x."""
    inner, apply, domain = _held(argument, places), entry.ball, entry.domain

    def applied(held: Sequence[Held]) -> Held:
        x = inner(held)
        value, below, above = apply(x.value), x.value - x.error, x.value + x.error
        if domain is not None and not below > domain.least:
            return Held(value, arb("inf"))
        if entry.rises:
            error = (apply(above) - value).max(value - apply(below))
        else:
            error = abs(apply(below.union(above)) - value).upper()
        return Held(value, error).rounded(FUNCTION_UNITS)

    return applied


@_held.register
def _(expression: Abs, places: Mapping[Expr, int]) -> Compiled:
    inner = _held(expression.args[0], places)

    def size(held: Sequence[Held]) -> Held:
        x = inner(held)
        return Held(abs(x.value), x.error)

    return size


@_held.register(Max)
@_held.register(Extreme)
def _(expression: Expr, places: Mapping[Expr, int]) -> Compiled:
    parts = [_held(part, places) for part in expression.args]
    is_smallest = isinstance(expression, Extreme) and not expression.is_largest

    def extreme(held: Sequence[Held]) -> Held:
        first, *others = (part(held) for part in parts)
        for other in others:
            value = first.value.min(other.value) if is_smallest else first.value.max(other.value)
            first = Held(value, first.error.max(other.error))
        return first

    return extreme


@_held.register
def _(expression: sign, places: Mapping[Expr, int]) -> Compiled:
    # A float on the other side of 0 is a corner's business.
    inner = _held(expression.args[0], places)
    return lambda held: Held(arb(_sign(inner(held).value)), arb(0))


@_held.register
def _(expression: Piecewise, places: Mapping[Expr, int]) -> Compiled:
    branches = [(_condition(test, places), _held(branch, places)) for branch, test in expression.args]

    def chosen(held: Sequence[Held]) -> Held:
        # The double may come to lie in any case that its error reaches.
        reached, taken = [], None
        for condition, branch in branches:
            holds, is_sure = condition(held)
            if not holds and is_sure:
                continue
            reached.append(branch(held))
            if holds and taken is None:
                taken = reached[-1].value
            if holds and is_sure:
                break
        if len(reached) == 1:
            return reached[0]
        error = arb(0)
        for each in reached:
            error = error.max(abs(each.value - taken) + each.error)
        return Held(arb(taken), error)

    return chosen


def _condition(condition: Expr, places: Mapping[Expr, int]) -> Callable[[Sequence[Held]], tuple[bool, bool]]:
    """Return whether the condition holds, and whether it does for every number that the double may be."""
    if condition == true:
        return lambda held: (True, True)
    if type(condition) not in RELATIONS:
        raise InternalError(f"no rounding error for the condition {condition}")
    left, right = _held(condition.lhs, places), _held(condition.rhs, places)
    holds = RELATIONS[type(condition)]

    def decided(held: Sequence[Held]) -> tuple[bool, bool]:
        one, other = left(held), right(held)
        difference = total([one, Held(-other.value, other.error)])
        return holds(_sign(difference.value)), bool(abs(difference.value) > difference.error)

    return decided


def _sign(value: arb) -> int:
    middle = value.mid()
    return 1 if middle > 0 else -1 if middle < 0 else 0


RELATIONS: Mapping[type[Relational], Callable[[int], bool]] = {
    StrictGreaterThan: lambda found: found > 0,
    StrictLessThan: lambda found: found < 0,
    GreaterThan: lambda found: found >= 0,
    LessThan: lambda found: found <= 0,
}


def forward_errors(computation: Computation, values: Values, leaves: Values) -> Mapping[str, Held]:
    """Return every quantity of a forward pass with the bound on its double's error, at flint's present precision.

    ``leaves`` are the quantities that are given: their doubles are the nearest ones.
    """
    held = {name: Held(arb(value), arb(0)).rounded() for name, value in leaves.items()}
    for equation in computation.equations:
        terms = [of_shape(term.shape)([held[name] for name in term.names]) for term in equation.terms]
        held[equation.name] = Held(arb(values[equation.name]), total(terms).error)
    return held


def backward_errors(
    derivation: Derivation, held: Mapping[str, Held], partials: Values, slopes: Mapping[tuple[Term, str], Any]
) -> Mapping[str, arb]:
    """Return a bound on the error of each partial's double, for one sample.

    ``partials`` are their values, or how large they may be where a corner leaves them open; ``slopes`` the largest
    slope at each corner, by the term that has it and the name by which it is derived.
    """
    known: dict[str, Held] = {}
    for name, partial in derivation.partials.items():
        known[name] = Held(arb(partials[name]), partial_held(derivation, partial, known, held, slopes).error)
    return {name: each.error for name, each in known.items()}


def partial_held(
    derivation: Derivation,
    partial: Partial,
    known: Mapping[str, Held],
    held: Mapping[str, Held],
    slopes: Mapping[tuple[Term, str], Any],
) -> Held:
    """Return a partial by its paths, or by its short form, from those found before it and the forward pass."""
    if partial.by in derivation.short_deltas:
        # The long form ∂E/∂out · ∂out/∂net loses no more: what is divided by and multiplied with is the same double.
        formula = derivation.short_deltas[partial.by][-1]
        symbols = sorted(formula.free_symbols, key=str)
        return of_formula(tuple(symbols), formula)([held[symbol.name] for symbol in symbols]).rounded(FUNCTION_UNITS)
    return total(
        [
            local if path.upstream is None else known[path.upstream.by].times(local)
            for path in partial.paths
            for local in (_local(path.local.equation, path.local.by, held, slopes),)
        ]
    )


def _local(equation: Equation, by: str, held: Mapping[str, Held], slopes: Mapping[tuple[Term, str], Any]) -> Held:
    parts = []
    for term in equation.terms_with[by]:
        if (term, by) in slopes:
            parts.append(Held(arb(slopes[term, by]), arb(0)).rounded())
            continue
        places = [*(held[name] for name in (*term.names, *term.siblings)), held[equation.name]]
        for place, name in enumerate(term.names):
            if name == by:
                parts.append(_of_derivative(term.shape, place)(places))
    return total(parts)


@lru_cache
def of_shape(shape: Shape) -> Compiled:
    """Return the shape as a function of its places."""
    places = tuple(map(Symbol, argument_names(shape)))
    return of_formula(places, (shape.numeric if shape.numeric and not shape.siblings else shape.build)(*places))


@lru_cache(maxsize=4096)
def _of_derivative(shape: Shape, place: int) -> Compiled:
    return of_formula(
        (*map(Symbol, argument_names(shape)), *map(Symbol, sibling_names(shape)), RESULT),
        shape_derivative(shape, place),
    )


@lru_cache(maxsize=4096)
def of_formula(symbols: tuple[Expr, ...], formula: Expr) -> Compiled:
    """Return the formula as a function of its symbols, in their order."""
    return _held(formula, {symbol: index for index, symbol in enumerate(symbols)})
