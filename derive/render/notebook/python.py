"""Formulas as Python with NumPy, as a person writes it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import singledispatchmethod

from sympy import Add, Expr, Max, Min, Mul, Piecewise, Pow, Symbol, erf, log, pi
from sympy import Number as SympyNumber
from sympy.core.function import AppliedUndef
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan

from derive.errors import InternalError
from derive.notation.elementary import ROOT, elementary
from derive.notation.extremes import Extreme
from derive.notation.trees import HALF
from derive.numbers.decimals import to_float
from derive.render.notebook.stable import Stable

LINE = 100
RELATIONS = {StrictGreaterThan: ">", StrictLessThan: "<", GreaterThan: ">=", LessThan: "<="}
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
Code = tuple[str, int]  # and how tightly its outermost operator binds


@dataclass(frozen=True)
class Python:
    """Writes a SymPy tree as an expression, in its stable form.

    ``name`` gives the code of a symbol, ``logarithm`` that of ln, ``helpers`` the names of the functions that the
    notebook defines for stable forms.
    """

    name: Callable[[str], str]
    logarithm: str = "np.log"
    stable: Stable = field(default_factory=Stable)
    helpers: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, tree: Expr) -> str:
        """Return the code, without parentheses round it."""
        return self.code(self.stable(tree))[0]

    def _above(self, tree: Expr, least: int) -> str:
        text, binds = self.code(tree)
        return text if binds >= least else f"({text})"

    @singledispatchmethod
    def code(self, tree: Expr) -> Code:
        """Return the code of a node; raises `InternalError` for one that NumPy has no function for."""
        entry = elementary(tree)
        if entry is None or not entry.numpy:
            raise InternalError(f"no Python for {type(tree).__name__}")
        return f"np.{entry.numpy}({self(tree.args[0])})", ATOM

    @code.register
    def _(self, tree: Symbol) -> Code:
        return self.name(tree.name), ATOM

    @code.register
    def _(self, tree: SympyNumber) -> Code:
        return number(Fraction(int(tree.p), int(tree.q)))

    @code.register(type(pi))
    def _(self, tree: Expr) -> Code:
        return "np.pi", ATOM

    @code.register
    def _(self, tree: Add) -> Code:
        terms = sorted(tree.args, key=_is_negated) if len(tree.args) == 2 else tree.args
        text = ""
        for term in terms:
            if text and term.is_Number and term < 0:
                text += f" - {self._above(-term, PRODUCT)}"
            elif text and _is_negated(term):
                text += f" - {self._above(_without_sign(term), PRODUCT)}"
            else:
                text += f" + {self._above(term, PRODUCT)}" if text else self._above(term, PRODUCT)
        return text, SUM

    @code.register
    def _(self, tree: Mul) -> Code:
        if _is_negated(tree):
            rest = _without_sign(tree)
            # The sign binds less than a power and as tightly as a product read from the left.
            text, binds = self.code(rest)
            return (f"-{text}", min(binds, SIGN)) if binds >= PRODUCT else (f"-({text})", SIGN)
        text = ""
        for factor in tree.args:
            below = isinstance(factor, Pow) and factor.exp == -1
            shown = self._above(factor.base if below else factor, SIGN)
            text = f"{text} {'/' if below else '*'} {shown}" if text else f"1 / {shown}" if below else shown
        return text, PRODUCT

    @code.register
    def _(self, tree: Pow) -> Code:
        if tree.exp == -1:
            return f"1 / {self._above(tree.base, SIGN)}", PRODUCT
        if tree.exp == HALF:
            return f"np.{ROOT.numpy}({self(tree.base)})", ATOM
        base, exponent = self._above(tree.base, ATOM), self._above(tree.exp, ATOM)
        is_simple = (base + exponent).replace("_", "").replace(".", "").isalnum()
        return f"{base}**{exponent}" if is_simple else f"{base} ** {exponent}", POWER

    @code.register(AppliedUndef)
    def _(self, tree: Expr) -> Code:
        function = tree.func.__name__
        return f"{self.helpers.get(function, f'np.{function}')}({self(tree.args[0])})", ATOM

    @code.register(log)
    def _(self, tree: Expr) -> Code:
        return f"{self.logarithm}({self(tree.args[0])})", ATOM

    @code.register
    def _(self, tree: Extreme) -> Code:
        first, *others = map(self, tree.args)
        for other in others:
            first = f"np.{tree.word}imum({first}, {other})"
        return first, ATOM

    @code.register
    def _(self, tree: Max) -> Code:
        return _pairwise("np.maximum", sorted(map(self, tree.args), reverse=True)), ATOM

    @code.register
    def _(self, tree: Min) -> Code:
        return _pairwise("np.minimum", sorted(map(self, tree.args), reverse=True)), ATOM

    @code.register(erf)
    def _(self, tree: Expr) -> Code:
        return f"1 - {self.helpers.get('erfc', 'erfc')}({self(tree.args[0])})", SUM

    @code.register
    def _(self, tree: Piecewise) -> Code:
        *branches, (last, _) = tree.args
        text = self(last)
        for branch, condition in reversed(branches):
            text = f"np.where({self._condition(condition)}, {self(branch)}, {text})"
        return text, ATOM

    def _condition(self, condition: Relational) -> str:
        return f"{self(condition.lhs)} {RELATIONS[type(condition)]} {self(condition.rhs)}"


def _pairwise(function: str, arguments: Sequence[str]) -> str:
    """Return a function of two arguments that is applied to more, one after the other.

    >>> _pairwise("np.maximum", ["a", "b", "c"])
    'np.maximum(a, np.maximum(b, c))'
    """
    *first, one, other = arguments
    text = f"{function}({one}, {other})"
    for argument in reversed(first):
        text = f"{function}({argument}, {text})"
    return text


def _is_negated(tree: Expr) -> bool:
    return isinstance(tree, Mul) and bool(tree.args[0] == -1) and len(tree.args) > 1


def _without_sign(tree: Expr) -> Expr:
    rest = tree.args[1:]
    return Mul(*rest, evaluate=False) if len(rest) > 1 else rest[0]


def number(value: Fraction) -> Code:
    """Return the code of a number: as a decimal where it is one, else as a fraction.

    >>> number(Fraction(7, 20)), number(Fraction(-1, 3))
    (('0.35', 4), ('-1 / 3', 1))
    """
    binds = SIGN if value < 0 else ATOM
    if value.denominator == 1 and abs(value) < 10**6:
        return str(value.numerator), binds
    text = repr(to_float(value))
    if max(abs(value.numerator), value.denominator) < 10**4 and Fraction(text) != value:
        return f"{value.numerator} / {value.denominator}", PRODUCT
    # Beyond the range of floats the nearest code is infinity, which is no literal.
    return text.replace("inf", "np.inf"), binds


def floats(values: Iterable[float]) -> str:
    """Return a list of numbers as code."""
    return f"[{', '.join(repr(float(value)).replace('inf', 'np.inf') for value in values)}]"


def assignment(target: str, value: str) -> list[str]:
    """Return the lines of an assignment, broken where a formatter would break it.

    >>> assignment("net_h1", "w1 * i1 + b1")
    ['net_h1 = w1 * i1 + b1']
    """
    line = f"{target} = {value}"
    terms = _terms(value)
    if len(line) <= LINE or len(terms) == 1:
        return [line]
    return [f"{target} = (", *(f"    {term}" for term in terms), ")"]


def _terms(value: str) -> list[str]:
    """Return the terms of a sum, each behind the first with its sign."""
    terms, depth, start = [], 0, 0
    for place, letter in enumerate(value):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 and place and value[place : place + 3] in (" + ", " - "):
            terms.append(value[start:place].strip())
            start = place
    return [*terms, value[start:].strip()]


def tuple_lines(names: Sequence[str], *, before: str = "", after: str = "") -> list[str]:
    """Return at least two names as a tuple, or behind ``before`` as arguments: one line, or more where it is long.

    >>> tuple_lines(["w1", "w2"]), tuple_lines(["w1"], before="def train", after=":")
    (['w1, w2'], ['def train(w1):'])
    """
    is_bare = not before.strip() or before == "return "
    line = f"{before}{', '.join(names)}" if is_bare else f"{before}({', '.join(names)}){after}"
    if len(line) <= LINE:
        return [line]
    return [f"{before}(", *(f"    {name}," for name in names), f"){after}"]


def indented(lines: Iterable[str], by: int = 1) -> list[str]:
    """Return the lines further to the right."""
    return [f"{'    ' * by}{line}" if line else line for line in lines]
