"""How far rounding can take the numbers of a notebook from those without it.

A running error bound (Higham, Accuracy and Stability of Numerical Algorithms, section 3.3): the notebook's own lines
run on numbers that carry, beside the float, the most by which it can be off. A comparison that the bound leaves open
counts both sides.
"""

import ast
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Union

import numpy as np
from flint import arb

from derive.errors import InternalError
from derive.notation.elementary import entries
from derive.numbers.rounding import Rounding
from derive.training.code.program import compiled, run

UNIT = 2.0**-52  # twice what rounding to the nearest float changes: room for the library's own functions
LIBRARY = 4 * UNIT  # what a function of the library, and a difference of two of its results, can be off by
SMALLEST = 5e-324
SUBNORMAL = 1e-290  # below it a product's own error is no float
SHORT = 2.0**20  # a number of so few bits behind the point is its float, where nothing else is known of it
SPLIT = 2.0**27 + 1

Operand = Union["Bounded", float, Any]


@dataclass(frozen=True, eq=False)
class Bounded:
    """An array of floats and of the most by which each can be off; infinite where nothing is known."""

    value: Any
    bound: Any
    # NumPy leaves the operators to this class.
    __array_ufunc__ = None

    def __add__(self, other: Operand) -> "Bounded":
        other = lifted(other)
        value = self.value + other.value
        back = value - self.value
        error = (self.value - (value - back)) + (other.value - back)  # Knuth's TwoSum: what rounding took
        return _made(value, self.bound + other.bound, error)

    def __mul__(self, other: Operand) -> "Bounded":
        other = lifted(other)
        value = self.value * other.value
        propagated = np.abs(self.value) * other.bound + self.bound * (np.abs(other.value) + other.bound)
        # Zero times what no bound is known of is zero where the zero is exact.
        propagated = np.where(_is_zero(self) | _is_zero(other), 0.0, propagated)
        propagated += np.where((np.abs(value) < SUBNORMAL) & (self.value != 0) & (other.value != 0), SMALLEST, 0.0)
        return _made(value, propagated, _product_error(self.value, other.value, value))

    def __truediv__(self, other: Operand) -> "Bounded":
        other = lifted(other)
        value = self.value / other.value
        least = np.abs(other.value) - other.bound
        propagated = (self.bound + np.abs(value) * other.bound) / np.where(least > 0, least, np.nan)
        is_exact = (value * other.value == self.value) & (_product_error(value, other.value, self.value) == 0)
        return _made(value, propagated, np.where(is_exact, 0.0, 1.0))

    def __pow__(self, exponent: Operand) -> "Bounded":
        power = int(lifted(exponent).value)
        if power == 2:
            return self * self
        base = np.abs(self.value)
        return _made(self.value**power, (base + self.bound) ** power - base**power + LIBRARY * base**power)

    def __neg__(self) -> "Bounded":
        return Bounded(-self.value, self.bound)

    def __sub__(self, other: Operand) -> "Bounded":
        return self + -lifted(other)

    def __matmul__(self, other: Operand) -> "Bounded":
        other = lifted(other)
        if self.value.ndim == 1:
            return (self[None, :] @ other)[0]
        if other.value.ndim == 1:
            return (self @ other[:, None])[:, 0]
        products = (self[:, k, None] * other[None, k, :] for k in range(other.value.shape[0]))
        return _added(products)

    def __radd__(self, other: Operand) -> "Bounded":
        return lifted(other) + self

    def __rmul__(self, other: Operand) -> "Bounded":
        return lifted(other) * self

    def __rsub__(self, other: Operand) -> "Bounded":
        return lifted(other) - self

    def __rtruediv__(self, other: Operand) -> "Bounded":
        return lifted(other) / self

    def __gt__(self, other: Operand) -> "Choice":
        difference = self - other
        return Choice(difference.value > 0, (np.abs(difference.value) > difference.bound) | _is_zero(difference))

    def __lt__(self, other: Operand) -> "Choice":
        return lifted(other) > self

    def __ge__(self, other: Operand) -> "Choice":
        return (self < other).opposite

    def __le__(self, other: Operand) -> "Choice":
        return (self > other).opposite

    def __eq__(self, other: Any) -> Any:  # entry by entry, as arrays compare: a Choice
        difference = self - other
        return Choice(difference.value == 0, (np.abs(difference.value) > difference.bound) | _is_zero(difference))

    def __getitem__(self, index: Any) -> "Bounded":
        return Bounded(self.value[index], self.bound[index])

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> "Iterator[Bounded]":
        return (self[place] for place in range(len(self.value)))

    @property
    def T(self) -> "Bounded":
        """The transposed array."""
        return Bounded(self.value.T, self.bound.T)

    @property
    def is_known(self) -> bool:
        """Whether every number is a float with a finite bound."""
        return bool(np.all(np.isfinite(self.value)) and np.all(np.isfinite(self.bound)))


@dataclass(frozen=True)
class Choice:
    """A comparison: what floats find, and where that is certain."""

    found: Any
    is_certain: Any

    @property
    def opposite(self) -> "Choice":
        """The comparison's negation."""
        return Choice(~self.found, self.is_certain)


def _is_zero(number: Bounded) -> Any:
    return (number.value == 0) & (number.bound == 0)


def _made(value: Any, bound: Any, error: Any = 0.0) -> Bounded:
    """Return a result: ``error`` is not 0 where it was rounded."""
    value = np.asarray(value, dtype=float)
    bound = bound + np.where(error == 0, 0.0, UNIT * np.abs(value))
    known = np.isfinite(value) & np.isfinite(bound)
    return Bounded(value, np.where(known, bound, math.inf))


def _product_error(left: Any, right: Any, product: Any) -> Any:
    """Return what rounding took from a product (Dekker's TwoProduct); something that is not 0 where that overflows."""
    high, other_high = (SPLIT * each - (SPLIT * each - each) for each in (left, right))
    low, other_low = left - high, right - other_high
    return low * other_low - (((product - high * other_high) - low * other_high) - high * other_low)


def _added(terms: Iterable[Bounded]) -> Bounded:
    first, *rest = terms
    for term in rest:
        first = first + term
    return first


def lifted(number: Operand) -> Bounded:
    """Return a number of the code as one with a bound: none where few bits hold it, else that of its rounding."""
    if isinstance(number, Bounded):
        return number
    value = np.asarray(number, dtype=float)
    return _made(value, np.zeros_like(value), np.where(value * SHORT == np.floor(value * SHORT), 0.0, 1.0))


def _one(value: Any) -> Any:
    return 1.0


def _monotone(function: Callable[[Any], Any], loss: Callable[[Any], Any] = _one) -> Callable[[Operand], Bounded]:
    """Return a function that only rises or only falls, with the bound of its result.

    ``loss`` says how many times more than usual the code of the function is off by.
    """

    def bounded(number: Operand) -> Bounded:
        number = lifted(number)
        value = function(number.value)
        off = [np.abs(function(number.value + step) - value) for step in (number.bound, -number.bound)]
        return _made(
            value, np.where(number.bound == 0, 0.0, np.maximum(*off)) + LIBRARY * loss(number.value) * np.abs(value)
        )

    return bounded


def _enclosed(function: Callable[[Any], Any], ball: Callable[[arb], Any]) -> Callable[[Operand], Bounded]:
    """Return a function that may turn, with the bound of its result: its values over the whole argument.

    The ball is python-flint's, of a double's precision at least; where it leaves the value open no bound is known.
    """

    def off(value: float, bound: float, found: float) -> float:
        whole = ball(arb(value, bound)) if math.isfinite(value) and math.isfinite(bound) else None
        return math.inf if whole is None else float(abs(whole - found).upper())

    def bounded(number: Operand) -> Bounded:
        number = lifted(number)
        value = np.asarray(function(number.value))
        bound = np.vectorize(off, otypes=[float])(number.value, number.bound, value)
        return _made(value, np.where(number.bound == 0, 0.0, bound) + LIBRARY * np.abs(value))

    return bounded


def _logarithm(value: Any) -> Any:
    return np.where(value > 0, np.log(np.where(value > 0, value, 1.0)), np.nan)


def _squared(value: Any) -> Any:
    return 1 + np.square(np.maximum(value, 0))


# Above 0 the square in e^(−z²) is rounded before it goes into the exponent.
erfc = _monotone(np.vectorize(math.erfc, otypes=[float]), _squared)


def rounding(source: str, by_hand: Rounding, *, has_ties: bool) -> Callable[[Operand], Bounded]:
    """Return the rounding by hand, ``source`` being its code, with the bound of its result.

    What comes as near to a tie as its bound reaches is one if ``has_ties``: the handout rounds it away from zero.
    Otherwise it may lie on either side.
    """
    in_floats = run(compiled(source), {"np": np})["rounded"]

    def in_decimals(value: float, bound: float, found: float) -> float:
        if not math.isfinite(value) or not math.isfinite(bound):
            return math.inf
        off = Fraction(bound)
        ends = [by_hand.of_fraction(Fraction(value) + step) for step in (off, -off)]
        meant = [max(ends, key=abs)] if has_ties else ends
        return max(abs(float(end - Fraction(found))) for end in meant)

    def rounded(number: Operand) -> Bounded:
        number = lifted(number)
        found = np.asarray(in_floats(number.value))
        off = np.vectorize(in_decimals, otypes=[float])(number.value, number.bound, found)
        return _made(found, off, found)

    return rounded


@dataclass
class _Numpy:
    """What the code calls as np, on numbers with bounds; ``inexact`` are the literals that are not what was given.

    Where a comparison is left open, a bound reaches to the side that floats do not take if ``reaches_over``.
    """

    inexact: frozenset[float]
    reaches_over: bool = True
    has_both_sides: bool = False  # whether a comparison was left open and its sides are apart
    pi: Bounded = field(default_factory=lambda: lifted(math.pi))
    inf: float = math.inf  # a given number beyond the range of floats
    newaxis: None = None
    __version__ = "2"

    expm1 = staticmethod(_monotone(np.expm1))
    log = staticmethod(_monotone(_logarithm))
    eye = staticmethod(np.eye)

    def __getattr__(self, name: str) -> Callable[[Operand], Bounded]:
        """Return one of the functions of one argument that NumPy has, with the bound of its result."""
        entry = next((entry for entry in entries() if entry.numpy == name), None)
        if entry is None:
            raise AttributeError(name)
        function = getattr(np, name)
        return _monotone(function) if entry.rises else _enclosed(function, entry.ball)

    def given(self, number: Operand) -> Bounded:
        """Return a number to start from; what was calculated stays as it is."""
        if isinstance(number, Bounded):
            return number
        number = lifted(number)
        is_rounded = np.isin(number.value, list(self.inexact))
        return Bounded(number.value, np.where(is_rounded, UNIT * np.abs(number.value), number.bound))

    float64 = given

    def array(self, items: Sequence[Any]) -> Bounded:
        """Return the items, or rows of items, as one array."""
        rows = [self.array(item) if isinstance(item, list) else self.given(item) for item in items]
        values = np.broadcast_arrays(*(row.value for row in rows))
        bounds = np.broadcast_arrays(*(row.bound for row in rows))
        return Bounded(np.stack(values), np.stack(bounds))

    def where(self, condition: Any, then: Operand, otherwise: Operand) -> Bounded:
        """Return the side that floats take, with a bound that reaches to the other one where it may be meant."""
        then, otherwise = lifted(then), lifted(otherwise)
        if not isinstance(condition, Choice):
            condition = Choice(condition, np.ones_like(condition))
        found = condition.found
        value = np.where(found, then.value, otherwise.value)
        own, other = np.where(found, then.bound, otherwise.bound), np.where(found, otherwise.bound, then.bound)
        apart = np.abs(then.value - otherwise.value)
        is_open = np.broadcast_to(~np.asarray(condition.is_certain, dtype=bool), value.shape)
        self.has_both_sides |= bool(np.any(is_open & (apart > 4 * (own + other))))
        return _made(value, np.where(is_open & self.reaches_over, np.maximum(own, apart + other), own))

    def sign(self, number: Operand) -> Bounded:
        """Return the sign."""
        return self.where(lifted(number) > 0, 1.0, self.where(lifted(number) < 0, -1.0, 0.0))

    @staticmethod
    def abs(number: Operand) -> Bounded:
        """Return the size."""
        return Bounded(np.abs(lifted(number).value), lifted(number).bound)

    @staticmethod
    def maximum(one: Operand, other: Operand) -> Bounded:
        """Return the larger number."""
        one, other = lifted(one), lifted(other)
        return _made(np.maximum(one.value, other.value), np.maximum(one.bound, other.bound))

    @classmethod
    def minimum(cls, one: Operand, other: Operand) -> Bounded:
        """Return the smaller number; one that is surely so bounds the result by itself."""
        one, other = lifted(one), lifted(other)
        is_sure = one.value - one.bound >= other.value + other.bound
        least = -cls.maximum(-one, -other)
        return Bounded(least.value, np.where(is_sure, other.bound, least.bound))

    @staticmethod
    def max(number: Bounded, axis: int) -> Bounded:
        """Return the largest along an axis."""
        return _made(np.max(number.value, axis=axis), np.max(number.bound, axis=axis))

    @staticmethod
    def sum(number: Operand, axis: int | None = None) -> Bounded:
        """Return the sum, along an axis or of all."""
        number = lifted(number)
        if axis is None:
            return _added(Bounded(number.value.reshape(-1), number.bound.reshape(-1)))
        return _added(Bounded(np.moveaxis(number.value, axis, 0), np.moveaxis(number.bound, axis, 0)))

    def mean(self, number: Operand, axis: int | None = None) -> Bounded:
        """Return the mean, along an axis or of all."""
        number = lifted(number)
        count: int = number.value.size if axis is None else number.value.shape[axis]
        return self.sum(number, axis) / count

    @staticmethod
    def outer(left: Bounded, right: Bounded) -> Bounded:
        """Return all products."""
        return left[:, None] * right[None, :]

    @staticmethod
    def delete(number: Bounded, place: int, axis: int) -> Bounded:
        """Return the array without one entry along an axis."""
        return Bounded(np.delete(number.value, place, axis), np.delete(number.bound, place, axis))

    @staticmethod
    def set_printoptions(**_: object) -> None:
        """Print nothing."""

    @staticmethod
    def seterr(**_: object) -> None:
        """Calculate on."""


@dataclass(frozen=True)
class Bounds:
    """What the lines of a notebook give: each variable with its bound.

    ``both_sides`` are the variables for which a case had to be taken that floats cannot decide.
    """

    variables: Mapping[str, Bounded]
    both_sides: tuple[str, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The variables with a number that no bound is known of, as where floats end."""
        return tuple(name for name, number in self.variables.items() if not number.is_known)


# What the lines of a notebook are made of; in none of it is there a way to anything but numbers.
CALCULATION = (
    *(ast.Assign, ast.Expr, ast.If, ast.For, ast.FunctionDef, ast.Return),
    *(ast.arguments, ast.arg, ast.keyword, ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Slice, ast.Call),
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Tuple, ast.List, ast.ListComp),
    *(ast.comprehension, ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
)
ATTRIBUTES = {name for name in vars(_Numpy) if not name.startswith("_")} | {"pi", "T", "startswith", "__version__"}


def _check(statement: ast.stmt) -> None:
    """Refuse a statement that could do anything but calculate."""
    attributes = ATTRIBUTES | {entry.numpy for entry in entries()}
    for node in ast.walk(statement):
        is_private = isinstance(node, ast.Name | ast.arg | ast.FunctionDef) and "__" in ast.unparse(node).split("(")[0]
        is_foreign = isinstance(node, ast.Attribute) and node.attr not in attributes
        if is_private or is_foreign or not isinstance(node, CALCULATION):
            raise InternalError(f"code of a notebook that does not calculate: {ast.unparse(node)[:80]!r}")


def bounds_of(
    cells: Iterable[str],
    inexact: frozenset[float],
    known: Mapping[str, Callable[[Any], Any]],
    *,
    reaches_over: bool = True,
) -> Bounds:
    """Run cells of code, the numbers to start from first, and return what they give.

    Without ``reaches_over`` the side of a corner that floats take counts as the one that is meant.
    ``known`` are functions that the code defines and that are bounded otherwise than line by line. The code is a
    notebook's: made of literals, of identifiers that were checked, and of calls of `_Numpy`; raises `InternalError`
    where anything else stands in it.
    """
    calls = _Numpy(inexact, reaches_over)
    names: dict[str, Any] = {"np": calls, "__builtins__": {"range": range, "len": len}, **known}
    both_sides: dict[str, None] = {}
    with np.errstate(all="ignore"):
        for statement in (each for cell in cells for each in ast.parse(cell).body):
            if isinstance(statement, ast.Import) or getattr(statement, "name", "") in known:
                continue
            _check(statement)
            calls.has_both_sides = False
            exec(compiled(ast.unparse(statement)), names)
            # What a function returns as a tuple is taken apart by the line after it.
            targets = [name for name in _targets(statement) if not isinstance(names[name], tuple)]
            names.update((name, calls.given(names[name])) for name in targets)
            if calls.has_both_sides:
                both_sides.update(dict.fromkeys(targets))
    variables = {name: value for name, value in names.items() if isinstance(value, Bounded)}
    return Bounds(variables, tuple(both_sides))


def _targets(statement: ast.stmt) -> list[str]:
    if not isinstance(statement, ast.Assign):
        return []
    return [node.id for target in statement.targets for node in ast.walk(target) if isinstance(node, ast.Name)]
