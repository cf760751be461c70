"""The numbers: every quantity and every partial to as many certain digits as asked for.

Values are exact rationals as long as the formulas keep them so, and balls of python-flint's ``arb`` otherwise: a ball
contains the true value, and a decimal is given only when the whole ball rounds to it. Where it does not, everything is
computed again with twice the bits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache, singledispatch
from typing import Any, TypeVar

from flint import arb, ctx, fmpq
from sympy import Add, Dummy, Expr, Mul, Piecewise, Pow, Symbol, exp
from sympy import Number as SympyNumber

from derive.decimals import Rounded, Undecided, nearest_float, round_exact
from derive.derivation import Derivation
from derive.errors import InternalError, UnsupportedError
from derive.graph import Equation, Shape
from derive.notation import Latex, value_latex
from derive.partials import Factor, LocalDerivative, Path
from derive.slopes import TARGET, place_names, slope

T = TypeVar("T")
Value = Any  # fmpq or arb: flint gives its types no common name
START_BITS, MOST_BITS = 128, 1 << 17


class Number(float):
    """A value: a float for calculating, and its certain digits for printing.

    >>> import derive
    >>> number = derive.load("article").derive()["w1"].value
    >>> number.decimal(9), number.decimal(30), number.exact is None
    ('0.000438568', '0.000438567734474346727048375599', True)
    """

    _evaluation: "Evaluation"
    _read: Callable[["Table"], Value]

    def __new__(cls, evaluation: "Evaluation", read: Callable[["Table"], Value]) -> "Number":
        """Make the number that ``read`` finds in the evaluation's tables."""
        number = super().__new__(cls, evaluation.certain(read, nearest_float))
        number._evaluation, number._read = evaluation, read
        return number

    def rounded(self, digits: int = 9) -> Rounded:
        """Return the value rounded correctly to that many decimals, and whether that is exact.

        A tie is rounded away from zero. A value too small for four significant digits at that setting, and one of more
        than fifteen digits before the point, comes with a power of ten. Raises `UnsupportedError` where the digits
        cannot be made certain.
        """
        return self._evaluation.certain(self._read, lambda value: round_exact(value, digits))

    def decimal(self, digits: int = 9) -> str:
        """Return the rounded value as text: "0.082167041", "0.3775", "4.387e-13"."""
        return self.rounded(digits).text

    def latex(self, digits: int = 9) -> Latex:
        """Return the rounded value in LaTeX."""
        return value_latex(self.decimal(digits))

    def is_exact(self, digits: int = 9) -> bool:
        """Whether the value printed with that many decimals is the value itself."""
        return self.rounded(digits).exact

    @property
    def exact(self) -> Fraction | None:
        """The value as a fraction, where it is rational by its formula."""
        value = self._read(self._evaluation.table(START_BITS))
        return Fraction(int(value.p), int(value.q)) if isinstance(value, fmpq) else None

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        return float, (float(self),)


@dataclass(frozen=True)
class Table:
    """All values at one precision.

    ``values`` is the forward pass, ``gradients`` the partial by each name, ``used`` the gradient with which each
    trained parameter is updated (another one where updates are sequential), ``updated`` its new value, ``after`` the
    forward pass with the new values, ``rate`` the learning rate.
    """

    values: Mapping[str, Value]
    gradients: Mapping[str, Value]
    used: Mapping[str, Value]
    updated: Mapping[str, Value]
    after: Mapping[str, Value]
    rate: Value


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The numbers of a derivation; tables are made at the precision that a digit needs and kept."""

    derivation: Derivation
    _tables: dict[int, Table] = field(default_factory=dict, repr=False)

    def table(self, bits: int) -> Table:
        """Return all values at that many bits."""
        if bits not in self._tables:
            with ctx.workprec(bits):
                self._tables[bits] = self._compute()
        return self._tables[bits]

    def certain(self, read: Callable[[Table], Value], decide: Callable[[Value], T]) -> T:
        """Return what ``decide`` makes of the value, at the first precision at which it can."""
        bits = START_BITS
        while bits <= MOST_BITS:
            try:
                table = self.table(bits)
                with ctx.workprec(bits):
                    return decide(read(table))
            except Undecided:
                bits *= 2
        raise UnsupportedError(
            f"A digit is still not certain at {MOST_BITS:,} bits: the value lies on a rounding tie or is exactly zero "
            "without its formula showing it. Ask for another number of digits."
        )

    def quantity(self, name: str) -> Number:
        """Return the value of a quantity in the forward pass."""
        return Number(self, lambda table: table.values[name])

    @property
    def learning_rate(self) -> Number:
        """The learning rate of the network."""
        return Number(self, lambda table: table.rate)

    def after(self, name: str) -> Number:
        """Return the value of a quantity in the forward pass after one update."""
        return Number(self, lambda table: table.after[name])

    def gradient_used(self, name: str) -> Number:
        """Return the gradient with which a parameter is updated."""
        return Number(self, lambda table: table.used[name])

    def updated(self, name: str) -> Number:
        """Return the value of a parameter after one update."""
        return Number(self, lambda table: table.updated[name])

    def derivative(self, factor: Factor) -> Number:
        """Return the value of a partial or of a local derivative."""
        if isinstance(factor, LocalDerivative):
            return Number(self, lambda table: _local_value(factor.equation, factor.by, table.values))
        return Number(self, lambda table: table.gradients[factor.by])

    def path(self, path: Path) -> Number:
        """Return the number that one path adds to its partial."""
        return Number(self, lambda table: _path_value(path, table.gradients, table.values))

    def path_used(self, path: Path) -> Number:
        """Return the number that one path adds where the layers to the right are updated already."""
        return Number(self, lambda table: _path_value(path, table.used, {**table.values, **table.updated}))

    def _compute(self) -> Table:
        graph, network = self.derivation.graph, self.derivation.network
        start = {name: fmpq(value.numerator, value.denominator) for name, value in graph.values.items()}
        rate = fmpq(network.learning_rate.numerator, network.learning_rate.denominator)
        values = self._forward(start)
        gradients, _ = self._backward(values, rate, sequential=False)
        used, updated = self._backward(values, rate, sequential=network.updates == "sequential")
        return Table(values, gradients, used, updated, self._forward(start | updated), rate)

    def _forward(self, start: Mapping[str, Value]) -> dict[str, Value]:
        values = dict(start)
        for equation in self.derivation.graph.equations:
            terms = [_term(term.shape)(*(values[name] for name in term.names)) for term in equation.terms]
            values[equation.target] = sum(terms[1:], start=terms[0])
        return values

    def _backward(
        self, values: Mapping[str, Value], rate: Value, *, sequential: bool
    ) -> tuple[dict[str, Value], dict[str, Value]]:
        """Return the gradients and the updated parameters.

        Partials come in the order of the backward pass, so that with sequential updates the weights between two layers
        are new before the left one is reached.
        """
        known, trained = dict(values), self.derivation.graph.trained
        gradients: dict[str, Value] = {}
        updated: dict[str, Value] = {}
        for name, partial in self.derivation.partials.items():
            parts = [_path_value(path, gradients, known) for path in partial.paths]
            gradients[name] = sum(parts[1:], start=parts[0])
            if name in trained:
                updated[name] = values[name] - rate * gradients[name]
                if sequential:
                    known[name] = updated[name]
        return gradients, updated


def _path_value(path: Path, gradients: Mapping[str, Value], values: Mapping[str, Value]) -> Value:
    local = _local_value(path.local.equation, path.local.by, values)
    return local if path.upstream is None else gradients[path.upstream.by] * local


def _local_value(equation: Equation, by: str, values: Mapping[str, Value]) -> Value:
    target = values.get(equation.target)
    parts = [
        _slope(term.shape, place)(*(values[name] for name in term.names), target)
        for term in equation.terms_with[by]
        for place, name in enumerate(term.names)
        if name == by
    ]
    return sum(parts[1:], start=parts[0])


@lru_cache
def _term(shape: Shape) -> Callable[..., Value]:
    places = [Dummy() for _ in range(shape.arity)]
    return _function(places, shape.build(*places))


@lru_cache
def _slope(shape: Shape, place: int) -> Callable[..., Value]:
    """Return the derivative of the shape by one of its places, a function of the places and of the target."""
    order = [*map(Symbol, place_names(shape)), TARGET]
    return _function(order, slope(shape, place))


def _function(symbols: Sequence[Expr], expression: Expr) -> Callable[..., Value]:
    compiled = _compile(expression, {symbol: index for index, symbol in enumerate(symbols)})
    return lambda *values: compiled(values)


Compiled = Callable[[Sequence[Value]], Value]


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


@_compile.register
def _(expression: Add, places: Mapping[Expr, int]) -> Compiled:
    first, *rest = (_compile(part, places) for part in expression.args)
    return lambda values: sum((part(values) for part in rest), start=first(values))


@_compile.register
def _(expression: Mul, places: Mapping[Expr, int]) -> Compiled:
    parts = [_compile(part, places) for part in expression.args]

    def product(values: Sequence[Value]) -> Value:
        result = parts[0](values)
        for part in parts[1:]:
            result = result * part(values)
        return result

    return product


@_compile.register
def _(expression: Pow, places: Mapping[Expr, int]) -> Compiled:
    base, exponent = _compile(expression.base, places), int(expression.exp)
    return lambda values: base(values) ** exponent


@_compile.register
def _(expression: exp, places: Mapping[Expr, int]) -> Compiled:
    inner = _compile(expression.args[0], places)

    def exponential(values: Sequence[Value]) -> Value:
        value = inner(values)
        # e^0 is the one rational power of e: it keeps the rationals that it reaches exact.
        return fmpq(1) if value == 0 else arb(value).exp()

    return exponential


@_compile.register
def _(expression: Piecewise, places: Mapping[Expr, int]) -> Compiled:
    (positive, condition), (otherwise, _) = expression.args
    tested = _compile(condition.lhs - condition.rhs, places)
    then, other = _compile(positive, places), _compile(otherwise, places)

    def cases(values: Sequence[Value]) -> Value:
        value = tested(values)
        if value > 0:
            return then(values)
        if value <= 0:
            return other(values)
        raise Undecided

    return cases
