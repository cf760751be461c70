"""Differentiation by named rules: the tree of rules is the product, the derivative falls out of it.

``differentiate(expression, symbol)`` returns a `Rule`; the docstring of each rule is its formula. A rule knows the
derivative *as written*, before anything is simplified (``2·½(t − o)^(2−1)·(−1)``), and *tidied* (``−(t − o)``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch

from sympy import Add, Expr, Integer, Mul, Piecewise, Pow, StrictGreaterThan, StrictLessThan, Symbol

from derive.errors import InternalError
from derive.notation import to_latex, to_text
from derive.notation.elementary import elementary
from derive.notation.extremes import Extreme, rest
from derive.notation.mathml import Mathematics
from derive.notation.tidy import product, tidy
from derive.notation.trees import HALF, ONE, ZERO, add, cases, fraction, minus, mul, power, square
from derive.numbers.brief import LONGEST, shortened
from derive.stored import Stored, unlocked_property


@dataclass(frozen=True, repr=False)
class Rule(Stored, Mathematics):
    """One application of a rule: the expression that it takes apart and the rules for its parts."""

    expression: Expr
    by: Symbol
    parts: tuple["Rule", ...] = ()

    @property
    def name(self) -> str:
        """The name of the rule, as in "power"."""
        words = type(self).__name__
        return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in words).strip()

    @unlocked_property
    def written(self) -> Expr:
        """The derivative as the rule writes it, nothing simplified."""
        return product(self.factors)

    @property
    def factors(self) -> tuple[Expr, ...]:
        """The factors of the derivative as written, an exponent that came down first."""
        return (self.written,)

    @unlocked_property
    def result(self) -> Expr:
        """The derivative, tidied: zeros and ones gone, numbers multiplied, the order kept."""
        return tidy(self.written)

    def _repr_latex_(self) -> str:
        derivative = rf"\frac{{\partial}}{{\partial {to_latex(self.by)}}}"
        return rf"$\displaystyle {derivative} \left({to_latex(self.expression)}\right) = {to_latex(self.written)}$"

    def __str__(self) -> str:
        return f"{self.name}: {to_text(self.written)}"

    def __repr__(self) -> str:
        return f"<{shortened(str(self), LONGEST)}>"

    def steps(self) -> Iterator["Rule"]:
        """Yield this rule and then those of its parts, as they are applied."""
        yield self
        for part in self.parts:
            yield from part.steps()


class Constant(Rule):
    """diff(c, x) -> 0"""

    @property
    def factors(self) -> tuple[Expr, ...]:
        return (ZERO,)


class Sum(Rule):
    """diff(f(x) + g(x), x) -> diff(f(x), x) + diff(g(x), x)"""

    @property
    def factors(self) -> tuple[Expr, ...]:
        return (add(*(part.written for part in self.parts)),)


class ConstantMultiple(Rule):
    """diff(c*f(x), x) -> c*diff(f(x), x), an exponent that comes down written before c"""

    @property
    def factors(self) -> tuple[Expr, ...]:
        constants = [factor for factor in self.expression.args if not factor.has(self.by)]
        inner = self.parts[0].factors
        lead = 1 if isinstance(self.parts[0], Power) or _is_power_chain(self.parts[0]) else 0
        return (*inner[:lead], *constants, *inner[lead:])


class Product(Rule):
    """diff(f(x)*g(x), x) -> diff(f(x), x)*g(x) + f(x)*diff(g(x), x)"""

    @property
    def factors(self) -> tuple[Expr, ...]:
        left, right = self.parts
        return (add(mul(left.result, right.expression), mul(left.expression, right.result)),)


class Quotient(Rule):
    """diff(f(x)/g(x), x) -> (diff(f(x), x)*g(x) - f(x)*diff(g(x), x))/g(x)**2"""

    @property
    def factors(self) -> tuple[Expr, ...]:
        top, bottom = self.parts
        change = minus(mul(top.result, bottom.expression), mul(top.expression, bottom.result))
        return (fraction(change, square(bottom.expression)),)


class Power(Rule):
    """diff(x**n, x) -> n*x**(n - 1)"""

    @property
    def factors(self) -> tuple[Expr, ...]:
        return _power_factors(self.expression)


class ElementaryFunction(Rule):
    """diff(f(x), x) -> the derivative in the table of functions of one argument, such as exp(x) for exp(x)"""

    @property
    def name(self) -> str:
        """The name of the function's own rule, as in "exponential"."""
        return _function_rule(self.expression)

    @property
    def factors(self) -> tuple[Expr, ...]:
        return _outer_factors(self.expression)


class Chain(Rule):
    """diff(f(g(x)), x) -> diff(f(g), g)*diff(g(x), x)"""

    @property
    def outer(self) -> str:
        """The name of the rule for the function outside; "" for a power, whose exponent shows it."""
        return _function_rule(self.expression)

    @property
    def factors(self) -> tuple[Expr, ...]:
        return (*_outer_factors(self.expression), self.parts[0].result)


class Cases(Rule):
    """diff(Piecewise((f(x), c), (g(x), True)), x) -> Piecewise((diff(f(x), x), c), (diff(g(x), x), True))"""

    @property
    def factors(self) -> tuple[Expr, ...]:
        conditions = [condition for _, condition in self.expression.args]
        results = [part.result for part in self.parts]
        return (cases(*zip(results, conditions, strict=True)),)


class Maximum(Rule):
    """diff(Max(f(x), g(x)), x) -> diff(f(x), x) where f(x) > g(x), diff(g(x), x) where g(x) > f(x), else their mean"""

    @property
    def factors(self) -> tuple[Expr, ...]:
        return (_extreme_derivative(self.expression, [part.result for part in self.parts]),)


class Minimum(Maximum):
    """diff(Min(f(x), g(x)), x) -> diff(f(x), x) where f(x) < g(x), diff(g(x), x) where g(x) < f(x), else their mean"""


@dataclass(frozen=True, repr=False)
class Named(Rule):
    """diff(f(x), x) -> the short form that is derived once, in the appendix"""

    function: str = ""
    short: Expr = ZERO

    @property
    def name(self) -> str:
        """The name of the function whose derivative is known."""
        return self.function

    @property
    def factors(self) -> tuple[Expr, ...]:
        return (self.short,)


def differentiate(expression: Expr, by: Symbol) -> Rule:
    """Return the rules that give the derivative of the expression by the symbol.

    >>> from sympy import Symbol
    >>> from derive.notation.trees import mul
    >>> w, out = Symbol("w5"), Symbol("out_h1")
    >>> rule = differentiate(mul(w, out), w)
    >>> [step.name for step in rule.steps()], rule.result
    (['constant multiple', 'power'], out_h1)
    """
    return _differentiate(expression, by) if expression.has(by) else Constant(expression, by)


@singledispatch
def _differentiate(expression: Expr, by: Symbol) -> Rule:
    if not _function_rule(expression):
        raise InternalError(f"no differentiation rule for {type(expression).__name__}")
    inner = expression.args[0]
    if inner == by:
        return ElementaryFunction(expression, by)
    return Chain(expression, by, (differentiate(inner, by),))


@_differentiate.register
def _(expression: Symbol, by: Symbol) -> Rule:
    return Power(expression, by)


@_differentiate.register
def _(expression: Add, by: Symbol) -> Rule:
    return Sum(expression, by, tuple(differentiate(term, by) for term in expression.args))


@_differentiate.register
def _(expression: Mul, by: Symbol) -> Rule:
    varying = [factor for factor in expression.args if factor.has(by)]
    bottom = [factor for factor in varying if _is_inverse(factor)]
    if len(varying) < len(expression.args):
        return ConstantMultiple(expression, by, (differentiate(product(tuple(varying)), by),))
    if len(bottom) == 1:
        top = product(tuple(factor for factor in varying if not _is_inverse(factor)))
        return Quotient(expression, by, (differentiate(top, by), differentiate(bottom[0].base, by)))
    left, right = varying[0], product(tuple(varying[1:]))
    return Product(expression, by, (differentiate(left, by), differentiate(right, by)))


@_differentiate.register
def _(expression: Pow, by: Symbol) -> Rule:
    if expression.exp.has(by):
        raise InternalError("no differentiation rule for a variable exponent")
    if expression.base == by:
        return Power(expression, by)
    return Chain(expression, by, (differentiate(expression.base, by),))


@_differentiate.register
def _(expression: Piecewise, by: Symbol) -> Rule:
    return Cases(expression, by, tuple(differentiate(branch, by) for branch, _ in expression.args))


@_differentiate.register
def _(expression: Extreme, by: Symbol) -> Rule:
    kind = Maximum if expression.is_largest else Minimum
    return kind(expression, by, tuple(differentiate(value, by) for value in expression.args))


def _extreme_derivative(extreme: Extreme, slopes: Sequence[Expr]) -> Expr:
    """Return the derivative of the largest or smallest of several, of which each has its slope."""
    values = extreme.args
    if len(values) == 2 and not extreme.first_wins:
        shared = tidy(mul(HALF, add(*slopes)))
        sides = [(slopes[0], _beats(extreme, *values)), (slopes[1], _beats(extreme, values[1], values[0]))]
        return cases(*sorted(sides, key=lambda side: side[0] == ZERO), (shared, True))
    share = _first_share if extreme.first_wins else _equal_share
    terms = [tidy(mul(share(extreme, place), slope)) for place, slope in enumerate(slopes) if slope != ZERO]
    return add(*terms) if len(terms) > 1 else terms[0]


def _beats(extreme: Extreme, one: Expr, other: Expr) -> Expr:
    """Return the condition that one is larger, or smaller where the smallest is meant."""
    return (StrictGreaterThan if extreme.is_largest else StrictLessThan)(one, other, evaluate=False)


def _equal_share(extreme: Extreme, place: int) -> Expr:
    """Return 1 where the value at that place is the largest alone, and one over their number where several are."""
    values = extreme.args
    one, others = values[place], [*values[:place], *values[place + 1 :]]
    count = add(ONE, *(cases((ZERO, _beats(extreme, one, other)), (ONE, True)) for other in others))
    beaten = rest(extreme, others)
    sides = (ONE, _beats(extreme, one, beaten)), (ZERO, _beats(extreme, beaten, one))
    return cases(*sides, (fraction(ONE, count), True))


def _first_share(extreme: Extreme, place: int) -> Expr:
    """Return 1 where the value at that place is larger than all before it and no less than any behind it."""
    values = extreme.args
    one, before, behind = values[place], values[:place], values[place + 1 :]
    late = [(ZERO, _beats(extreme, rest(extreme, behind), one))] if behind else []
    if not before:
        return cases(*late, (ONE, True))
    return cases(*late, (ONE, _beats(extreme, one, rest(extreme, before))), (ZERO, True))


def _is_inverse(factor: Expr) -> bool:
    return isinstance(factor, Pow) and factor.exp == Integer(-1)


def _is_power_chain(rule: Rule) -> bool:
    return isinstance(rule, Chain) and isinstance(rule.expression, Pow)


def _outer_factors(expression: Expr) -> tuple[Expr, ...]:
    """Return the derivative of the function outside, its argument left as it is."""
    entry = elementary(expression)
    if entry is None or entry.derivative is None:
        return _power_factors(expression)
    return entry.derivative(expression.args[0])


def _function_rule(expression: Expr) -> str:
    """Return the name of the rule for the function of one argument outside; "" where there is none."""
    entry = elementary(expression)
    return entry.rule if entry else ""


def _power_factors(expression: Expr) -> tuple[Expr, ...]:
    base, exponent = (expression, ONE) if isinstance(expression, Symbol) else (expression.base, expression.exp)
    return exponent, power(base, add(exponent, Integer(-1)))
