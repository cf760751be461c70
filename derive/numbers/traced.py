"""A calculation written down while it is made: values that are places in a list of operations, and no numbers.

What calculates in rationals and balls calculates in these as well, and leaves behind it a program that makes the same
of other numbers. A page in which numbers can be changed carries it; see `derive.render.explore`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from operator import add, mul, sub
from typing import Any, TypeVar

from flint import fmpq, fmpz

from derive.errors import InternalError
from derive.numbers.precision import at_bits

NO_BITS = 53  # of what is written down nothing is rounded; no table has so few
T = TypeVar("T")
Argument = int | str
# How an operation compares a value with 0, by the sign of the relation.
COMPARED = {">": "above", "<": "below", ">=": "least", "<=": "most"}
# How many registers an operation takes.
REGISTERS = {
    **dict.fromkeys(("given", "constant", "pi", "printed"), 0),
    **dict.fromkeys(("neg", "power", "broken", "apply", "carried", "above", "below", "least", "most", "not"), 1),
    **dict.fromkeys(("add", "sub", "mul", "div", "larger", "raised", "both", "either"), 2),
    "choose": 3,
}


@dataclass(frozen=True)
class Operation:
    """One operation: its name, and what it takes, registers first."""

    name: str
    arguments: tuple[Argument, ...]


@dataclass(eq=False)
class Trace:
    """The operations of a calculation: the result of each stands in the register of its number.

    A number that is given is the operation "given", one that the formulas bring along "constant". What was calculated
    before is not calculated twice.
    """

    operations: list[Operation] = field(default_factory=list)
    given: dict[tuple[str, int], int] = field(default_factory=dict)
    _known: dict[Operation, int] = field(default_factory=dict)

    def register(self, name: str, *arguments: Argument) -> int:
        """Return the register of what the operation gives."""
        operation = Operation(name, arguments)
        if operation not in self._known:
            self._known[operation] = len(self.operations)
            self.operations.append(operation)
        return self._known[operation]

    def made(self, name: str, *arguments: Argument) -> "Traced":
        """Return what the operation gives as a value."""
        return Traced(self, self.register(name, *arguments))

    def number(self, key: tuple[str, int]) -> "Traced":
        """Return the number that is given under the key."""
        found = self.made("given", *key)
        self.given[key] = found.register
        return found

    def of(self, value: Any) -> int:
        """Return the register of a value, which may be a rational that the formulas bring along."""
        if isinstance(value, Traced):
            return value.register
        if isinstance(value, fmpq | fmpz | int | Fraction):
            return self.register("constant", str(value))
        raise InternalError(f"a {type(value).__name__} stands in a calculation that is written down")


_present: ContextVar[Trace | None] = ContextVar("trace", default=None)


def present_trace() -> Trace | None:
    """Return what calculations are written down in, None where they are made."""
    return _present.get()


def written_down(trace: Trace, compute: Callable[[], T]) -> T:
    """Return what ``compute`` gives, all that it calculates written down in the trace."""

    def inside() -> T:
        token = _present.set(trace)
        try:
            return compute()
        finally:
            _present.reset(token)

    return at_bits(NO_BITS, inside)


@dataclass(frozen=True, eq=False, slots=True)
class Traced:
    """The value in a register."""

    trace: Trace = field(repr=False)
    register: int

    def _with(self, name: str, left: Any, right: Any) -> "Traced":
        return self.trace.made(name, self.trace.of(left), self.trace.of(right))

    def __add__(self, other: Any) -> "Traced":
        return self._with("add", self, other)

    def __radd__(self, other: Any) -> "Traced":
        return self._with("add", other, self)

    def __sub__(self, other: Any) -> "Traced":
        return self._with("sub", self, other)

    def __rsub__(self, other: Any) -> "Traced":
        return self._with("sub", other, self)

    def __mul__(self, other: Any) -> "Traced":
        return self._with("mul", self, other)

    def __rmul__(self, other: Any) -> "Traced":
        return self._with("mul", other, self)

    def __truediv__(self, other: Any) -> "Traced":
        return self._with("div", self, other)

    def __rtruediv__(self, other: Any) -> "Traced":
        return self._with("div", other, self)

    def __neg__(self) -> "Traced":
        return self.trace.made("neg", self.register)

    def __pow__(self, exponent: int) -> "Traced":
        return self.trace.made("power", self.register, int(exponent))

    def __bool__(self) -> bool:
        raise InternalError("a calculation that is written down asks for a number")

    __lt__ = __gt__ = __le__ = __ge__ = lambda self, other: bool(self)

    def as_exponent_of(self, base: Any) -> "Traced":
        """Return another value to the power of this one, which is a whole number."""
        return self._with("raised", base, self)

    def to_share(self, exponent: fmpq) -> "Traced":
        """Return the value to the power of a fraction."""
        return self.trace.made("broken", self.register, int(exponent.p), int(exponent.q))

    def applied(self, function: str) -> "Traced":
        """Return a function of the value, by its name in generated code."""
        return self.trace.made("apply", self.register, function)

    def rounded(self, digits: int, *, is_significant: bool) -> "Traced":
        """Return the value as it is written down by hand."""
        return self.trace.made("carried", self.register, digits, int(is_significant))

    def compared(self, relation: str) -> "Condition":
        """Return whether the relation to 0 holds."""
        return Condition(self.trace, self.trace.register(COMPARED[relation], self.register))


@dataclass(frozen=True, eq=False, slots=True)
class Condition:
    """Whether something holds, in a register."""

    trace: Trace = field(repr=False)
    register: int

    def __bool__(self) -> bool:
        raise InternalError("a calculation that is written down asks whether something holds")

    def joined(self, name: str, other: "Condition | bool") -> "Condition | bool":
        """Return what "both" or "either" makes of two conditions, of which one may be known."""
        if isinstance(other, bool):
            return self if other is (name == "both") else other
        return Condition(self.trace, self.trace.register(name, self.register, other.register))

    def opposite(self) -> "Condition":
        """Return whether it does not hold."""
        return Condition(self.trace, self.trace.register("not", self.register))

    def chosen(self, value: Any, otherwise: Any) -> Traced:
        """Return the first value where it holds, else the second."""
        return self.trace.made("choose", self.register, self.trace.of(value), self.trace.of(otherwise))


def larger(left: Any, right: Any) -> Traced | None:
    """Return the larger of two values, None where neither is written down."""
    found = next((each for each in (left, right) if isinstance(each, Traced)), None)
    return None if found is None else found._with("larger", left, right)


def joined(name: str, conditions: Iterator[Any], otherwise: Callable[[Iterator[Any]], bool]) -> Any:
    """Return what "both" or "either" makes of conditions; ``otherwise`` is `all` or `any`, for those that are known."""
    first, *others = conditions
    if not any(isinstance(each, Condition) for each in (first, *others)):
        return otherwise(iter((first, *others)))
    found = first
    for each in others:
        found = found.joined(name, each) if isinstance(found, Condition) else each.joined(name, found)
    return found


@dataclass(frozen=True)
class TracedMatrix:
    """A matrix of values that are written down, with what a calculation asks of flint's matrices."""

    rows: Sequence[Sequence[Any]]

    def __mul__(self, other: Any) -> "TracedMatrix":
        if not isinstance(other, TracedMatrix):
            return TracedMatrix([[entry * other for entry in row] for row in self.rows])
        columns = list(zip(*other.rows, strict=True))
        return TracedMatrix([[_sum_of_products(row, column) for column in columns] for row in self.rows])

    def __add__(self, other: "TracedMatrix") -> "TracedMatrix":
        return self._entry_by_entry(other, add)

    def __sub__(self, other: "TracedMatrix") -> "TracedMatrix":
        return self._entry_by_entry(other, sub)

    def _entry_by_entry(self, other: "TracedMatrix", made: Callable[[Any, Any], Any]) -> "TracedMatrix":
        both = zip(self.rows, other.rows, strict=True)
        return TracedMatrix([[made(*pair) for pair in zip(*rows, strict=True)] for rows in both])

    def __getitem__(self, place: tuple[int, int]) -> Any:
        row, column = place
        return self.rows[row][column]

    def nrows(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def transpose(self) -> "TracedMatrix":
        """Return it with rows and columns exchanged."""
        return TracedMatrix(list(zip(*self.rows, strict=True)))

    def tolist(self) -> Sequence[Sequence[Any]]:
        """Return the rows."""
        return self.rows


def _sum_of_products(left: Sequence[Any], right: Sequence[Any]) -> Any:
    return reduce(add, map(mul, left, right))
