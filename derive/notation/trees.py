"""Unevaluated SymPy trees: each function returns the tree of its operation, as written.

SymPy's own operators reorder, merge and drop; a formula that is shown must print in the order in which it was written.
And SymPy evaluates a text where it expects an expression: it is refused before SymPy sees it.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sympy import Abs, Add, Basic, Expr, Integer, Mul, Piecewise, Pow, Rational, Symbol, erf, exp, log
from sympy.core.relational import Relational

from derive.errors import InputError, shown
from derive.notation.extremes import FirstLargest, Largest, Smallest

P = ParamSpec("P")
T = TypeVar("T")

ZERO, ONE, TWO = Integer(0), Integer(1), Integer(2)
HALF = Rational(1, 2)


class PartialSymbol(Symbol):  # type: ignore[misc]
    """The derivative of one quantity by another as a name in a formula, written ∂of/∂by.

    ``through`` says that it is only what comes through that quantity, ``sample`` (counted from 1, 0 for none) whose
    error is differentiated; ``is_late`` that parameters to the right are new already.

    >>> PartialSymbol("out_o1", "net_o1")
    dout_o1_dnet_o1
    """

    __slots__ = ("by", "is_late", "of", "sample", "through")

    def __new__(cls, of: str, by: str, through: str = "", sample: int = 0, is_late: bool = False) -> "PartialSymbol":
        """Make the name; two are equal where all that is said of them is."""
        name = f"d{of}{f'({sample})' if sample else ''}{f'_through_{through}' if through else ''}_d{by}"
        symbol = Symbol.__xnew__(cls, name + ("*" if is_late else ""))
        symbol.of, symbol.by, symbol.through, symbol.sample, symbol.is_late = of, by, through, sample, is_late
        return symbol  # type: ignore[no-any-return]

    def __getnewargs_ex__(self) -> tuple[tuple[str, str, str, int, bool], dict[str, Any]]:
        return (self.of, self.by, self.through, self.sample, self.is_late), {}


class SampleSymbol(Symbol):  # type: ignore[misc]
    """A quantity of one sample, which is counted from 1, as a name in a formula."""

    __slots__ = ("of", "sample")

    def __new__(cls, of: str, sample: int) -> "SampleSymbol":
        """Make the name."""
        symbol = Symbol.__xnew__(cls, f"{of}({sample})")
        symbol.of, symbol.sample = of, sample
        return symbol  # type: ignore[no-any-return]

    def __getnewargs_ex__(self) -> tuple[tuple[str, int], dict[str, Any]]:
        return (self.of, self.sample), {}


class NewSymbol(Symbol):  # type: ignore[misc]
    """The value of a quantity after the update as a name in a formula: w5+ of w5."""

    __slots__ = ("of",)

    def __new__(cls, of: str) -> "NewSymbol":
        """Make the name."""
        symbol = Symbol.__xnew__(cls, f"{of}+")
        symbol.of = of
        return symbol  # type: ignore[no-any-return]

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.of,), {}


class LateSymbol(Symbol):  # type: ignore[misc]
    """A delta that is calculated with parameters to the right that are new already: delta_h1* of delta_h1."""

    __slots__ = ("of",)

    def __new__(cls, of: str) -> "LateSymbol":
        """Make the name."""
        symbol = Symbol.__xnew__(cls, f"{of}*")
        symbol.of = of
        return symbol  # type: ignore[no-any-return]

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.of,), {}


def check_expressions(*values: Any) -> None:
    """Raise `InputError` where a value is neither an expression nor a number, nor a list of such.

    >>> check_expressions(Integer(1), (2, None))
    >>> check_expressions("1 + 1")
    Traceback (most recent call last):
    derive.errors.InputError: found '1 + 1'; expected a SymPy expression.
    """
    for value in values:
        if isinstance(value, list | tuple):
            check_expressions(*value)
        elif not isinstance(value, Basic | int | float | Fraction | None):
            raise InputError("found {found}; expected a SymPy expression.", found=shown(value))


def of_expressions(function: Callable[P, T]) -> Callable[P, T]:
    """Return the function so that it takes expressions and numbers alone; a text would be evaluated."""

    @wraps(function)
    def checked(*arguments: P.args, **named: P.kwargs) -> T:
        check_expressions(*arguments, *named.values())
        return function(*arguments, **named)

    return checked


def take_expressions(entry: object, *names: str) -> None:
    """Make functions of a table's entry, where it has them, take expressions and numbers alone."""
    for name in names:
        function = getattr(entry, name)
        if function is not None:
            object.__setattr__(entry, name, of_expressions(function))


@of_expressions
def add(*terms: Expr) -> Expr:
    """Return the sum: nothing is reordered, merged or dropped."""
    return Add(*terms, evaluate=False)


@of_expressions
def mul(*factors: Expr) -> Expr:
    """Return the product, its factors in their order and none multiplied: 2·½ stays 2·½."""
    return Mul(*factors, evaluate=False)


@of_expressions
def power(base: Expr, exponent: Expr) -> Expr:
    """Return base^exponent, a power even where the exponent is 0 or 1."""
    return Pow(base, exponent, evaluate=False)


@of_expressions
def square(base: Expr) -> Expr:
    """Return base²."""
    return power(base, TWO)


@of_expressions
def root(radicand: Expr) -> Expr:
    """Return √radicand, which SymPy holds as the power ½."""
    return power(radicand, HALF)


@of_expressions
def negative(expression: Expr) -> Expr:
    """Return −expression."""
    return mul(Integer(-1), expression)


@of_expressions
def minus(left: Expr, right: Expr) -> Expr:
    """Return left − right."""
    return add(left, negative(right))


@of_expressions
def fraction(numerator: Expr, denominator: Expr) -> Expr:
    """Return numerator / denominator."""
    inverse = power(denominator, Integer(-1))
    return inverse if numerator == ONE else mul(numerator, inverse)


@of_expressions
def e_to(exponent: Expr) -> Expr:
    """Return e^exponent, SymPy's exp and no power of its E."""
    return exp(exponent, evaluate=False)


@of_expressions
def ln(argument: Expr) -> Expr:
    """Return ln argument, SymPy's log."""
    return log(argument, evaluate=False)


@of_expressions
def gauss_error(argument: Expr) -> Expr:
    """Return erf argument = 2/√π · ∫ e^(−t²) dt from 0 to the argument."""
    return erf(argument, evaluate=False)


@of_expressions
def absolute(argument: Expr) -> Expr:
    """Return |argument|."""
    return Abs(argument, evaluate=False)


@of_expressions
def largest(first: Expr, *others: Expr) -> Expr:
    """Return max(first, …): the largest of them; where several are, they share its derivative equally."""
    return Largest(first, *others, evaluate=False) if others else first


@of_expressions
def smallest(first: Expr, *others: Expr) -> Expr:
    """Return min(first, …): the smallest of them; where several are, they share its derivative equally."""
    return Smallest(first, *others, evaluate=False) if others else first


@of_expressions
def first_largest(first: Expr, *others: Expr) -> Expr:
    """Return max(first, …), of which the first has the derivative alone where several are the largest."""
    return FirstLargest(first, *others, evaluate=False) if others else first


@of_expressions
def cases(*branches: tuple[Expr, Relational | bool]) -> Expr:
    """Return a function defined by cases; the first condition that holds decides, the last one is True."""
    return Piecewise(*branches, evaluate=False)


def renamed(expression: Expr, names: Mapping[Symbol, Expr]) -> Expr:
    """Return the tree with other symbols, nothing evaluated (SymPy's own substitution evaluates)."""
    if not expression.args:
        return names.get(expression, expression)
    parts = [renamed(part, names) for part in expression.args]
    is_evaluated = not isinstance(expression, Expr | Relational)
    return expression.func(*parts) if is_evaluated else expression.func(*parts, evaluate=False)


def packed(expression: Basic) -> Any:
    """Return the tree as what pickles as it stands: SymPy's own way evaluates the tree that it makes again."""
    return (expression.func, *map(packed, expression.args)) if expression.args else expression


def unpacked(stored: Any) -> Any:
    """Return the tree that was packed.

    >>> unpacked(packed(mul(Symbol("b"), ONE)))
    b*1
    """
    if not isinstance(stored, tuple):
        return stored
    func, *parts = stored
    arguments = map(unpacked, parts)
    return func(*arguments, evaluate=False) if issubclass(func, Expr | Relational) else func(*arguments)
