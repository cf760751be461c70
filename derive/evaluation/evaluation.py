"""The numbers: every quantity and every partial to as many certain digits as asked for.

Values are exact rationals as long as the formulas keep them so, and balls of python-flint's ``arb`` otherwise: a ball
contains the true value, and a decimal is given only when the whole ball rounds to it. Where it does not, everything is
computed again with twice the bits.

With rounding by hand, every line is calculated from the rounded results of the lines before it, as a student with a
calculator does: a table keeps what each line gives, and `Carried` what the next lines go on with.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from functools import partial as bound
from typing import Any, TypeVar

from flint import arb, ctx, fmpq
from sympy import Dummy, Symbol

from derive.calculus.chain import Derivation
from derive.calculus.local import TARGET, place_names, sibling_names, slope, steep_slope
from derive.calculus.partials import Factor, LocalDerivative, Partial, Path
from derive.checks import check_digits, unknown, whole
from derive.computation.equations import Equation, Shape
from derive.errors import InputError, Message, Text, UnsupportedError, VerificationError, counted
from derive.notation import Latex, partial_text, value_latex
from derive.numbers.arithmetic import OutsideDomain, Value, function, kept, times, total
from derive.numbers.decimals import (
    MOST_BITS,
    MOST_DECIMALS,
    Rounded,
    Undecided,
    as_printed,
    at_enough_bits,
    enclosure,
    nearest_float,
    refusal,
    round_exact,
)

T = TypeVar("T")
Values = Mapping[str, Value]
THE_VALUE = Message("the value")
# The work of a table is counted in sums and products times bits: an elementary function takes as long as some twenty
# of them. A table of this much work takes about two seconds.
FUNCTION, MOST_WORK = 20, 1000 * MOST_BITS


class Number(float):
    """A value: a float for calculating, and its certain digits for printing.

    >>> import derive
    >>> number = derive.load("article").derive()["w1"].value
    >>> number.decimal(9), number.decimal(30), number.exact is None
    ('0.000438568', '0.000438567734474346727048375599', True)
    """

    _evaluation: "Evaluation"
    _read: Callable[["Table"], Value]
    _place: Text

    def __new__(cls, evaluation: "Evaluation", read: Callable[["Table"], Value], place: Text = THE_VALUE) -> "Number":
        """Make the number that ``read`` finds in the evaluation's tables; ``place`` names it where it is refused."""
        nearest = evaluation.certain(read, lambda value: nearest_float(evaluation.carried(value)), place)
        number = super().__new__(cls, nearest)
        number._evaluation, number._read, number._place = evaluation, read, place
        return number

    def rounded(self, digits: int = 9) -> Rounded:
        """Return the value rounded correctly to that many decimals, and whether that is exact.

        A tie is rounded away from zero. A value too small for four significant digits at that setting, and one of more
        than fifteen digits before the point, comes with a power of ten. Raises `UnsupportedError` where the digits
        cannot be made certain, and `InputError` for more than 10,000 of them. A value that is rounded by hand has no
        more decimals than were carried on.
        """
        digits = check_digits(digits, least=0, most=MOST_DECIMALS)
        carried = self._evaluation.derivation.rounding
        if carried is None:
            return self._certain(lambda value: _verified(round_exact(value, digits), value))
        rounded = self._certain(lambda value: _verified(round_exact(value, carried), value))
        if digits >= carried:
            return rounded
        again = round_exact(as_printed(rounded.text), digits)
        return Rounded(again.text, rounded.exact and again.exact)

    def decimal(self, digits: int = 9) -> str:
        """Return the rounded value as text: "0.082167041", "0.3775", "4.387e-13"."""
        return self.rounded(digits).text

    def latex(self, digits: int = 9) -> Latex:
        """Return the rounded value in LaTeX."""
        return value_latex(self.decimal(digits))

    def is_exact(self, digits: int = 9) -> bool:
        """Whether the value printed with that many decimals is the value itself."""
        return self.rounded(digits).exact

    def _certain(self, decide: Callable[[Value], T]) -> T:
        return self._evaluation.certain(self._read, decide, self._place)

    def decide(self, question: Callable[[Value], T]) -> T:
        """Return the answer to a question about the value, at the first precision that does not raise `Undecided`."""
        return self._certain(lambda value: question(self._evaluation.carried(value)))

    def found_in(self, table: "Table") -> Value:
        """Return what is read off a table for this number."""
        return self._read(table)

    @property
    def by_hand(self) -> bool:
        """Whether intermediate results were rounded on the way to it."""
        return self._evaluation.derivation.rounding is not None

    @property
    def exact(self) -> Fraction | None:
        """The value as a fraction, where it is rational by its formula."""
        value = self._certain(self._evaluation.carried)
        return Fraction(int(value.p), int(value.q)) if isinstance(value, fmpq) else None

    def _repr_latex_(self) -> str | None:
        try:
            relation = "" if self.is_exact() else r"\approx "
            return f"${relation}{self.latex()}$"
        except UnsupportedError:  # no certain digits: the float is shown
            return None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._evaluation, self._read, self._place)


def _verified(rounded: Rounded, value: Value) -> Rounded:
    """Return the printed digits, held against the value once more, in another way than they came about."""
    stands_for = enclosure(rounded)
    if not (stands_for == value if rounded.exact else arb(stands_for).overlaps(arb(value))):
        raise VerificationError(
            "{printed} is printed for {value}. Nothing was written. This is a fault of derive; please report it.",
            printed=rounded.text,
            value=str(arb(value).str(12)),
        )
    return rounded


class Carried(Mapping[str, Value]):
    """Values as later lines go on with them: each rounded to so many decimals.

    ``named`` says how a message calls the one of that key.
    """

    def __init__(self, given: Values, digits: int, named: Callable[[str], Text] = str) -> None:
        self.given, self.digits, self.named = given, digits, named

    def __getitem__(self, name: str) -> Value:
        try:
            return as_printed(round_exact(self.given[name], self.digits).text)
        except Undecided as undecided:
            raise Undecided(undecided.place or self.named(name)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)


@dataclass(frozen=True)
class Table:
    """All values at one precision.

    ``passes`` is the forward pass of each sample, ``partials`` each sample's partial by every name, ``gradients`` that
    of the error of all samples by every parameter. ``late`` and ``used`` are the partials and gradients with which the
    trained parameters are updated, others where updates are sequential; ``steps`` is what the optimizer makes of them,
    ``updated`` the new values and ``after`` the forward passes with these, made when they are looked at: the new
    weights may lead to where the error is not defined. ``error`` is the error of all samples, ``rate`` the rate.
    """

    passes: tuple[Values, ...]
    partials: tuple[Values, ...]
    gradients: Values
    late: tuple[Values, ...]
    used: Values
    steps: Mapping[str, Values]
    updated: Values
    error: Value
    rate: Value
    pass_again: Callable[[Values], tuple[Values, ...]]

    @cached_property
    def _again(self) -> tuple[Values, ...] | Undecided:
        try:
            return self.pass_again(self.updated)
        except Undecided as undecided:
            return undecided

    @property
    def after(self) -> tuple[Values, ...]:
        """The forward pass of each sample with the updated parameters."""
        if isinstance(self._again, Undecided):
            raise Undecided(self._again.place)
        return self._again


@dataclass(frozen=True)
class Entry:
    """Where a value stands in a table: the field, and the keys that lead on from there."""

    field: str
    keys: tuple[str | int, ...] = ()

    def __call__(self, table: Table) -> Value:
        """Return the value."""
        found = getattr(table, self.field)
        for key in self.keys:
            found = _named(found, key) if isinstance(found, Mapping) else found[_number(key, len(found))]
        return found


def _named(values: Mapping[str, Any], name: Any) -> Any:
    try:
        return values[name]
    except (LookupError, TypeError):
        raise unknown(name, values) from None


def _number(sample: Any, samples: int) -> int:
    return whole(sample, "sample", least=0, most=samples - 1)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The numbers of a derivation; tables are made at the precision that a digit needs and kept.

    Quantities and partials belong to one sample, the first (number 0) where none is named.
    """

    derivation: Derivation
    _tables: dict[int, Table | Undecided] = field(default_factory=dict, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.derivation,)

    def table(self, bits: int) -> Table:
        """Return all values at that many bits; raises `Undecided` where these leave open which case applies."""
        if bits not in self._tables:
            with ctx.workprec(bits):
                try:
                    self._tables[bits] = self._compute()
                except Undecided as undecided:  # kept as well: each quantity asks again
                    self._tables[bits] = undecided
        found = self._tables[bits]
        if isinstance(found, Undecided):
            raise Undecided(found.place)
        return found

    @cached_property
    def most_bits(self) -> int:
        """The bits up to which the precision doubles: as many as the size of the network leaves seconds for."""
        graph = self.derivation.graph
        functions = sum(kind == "out" for kind in graph.kinds.values())
        terms = sum(len(equation.terms) for equation in graph.equations)
        work = (terms + FUNCTION * functions) * len(graph.samples)
        return next((bits for bits in (MOST_BITS, MOST_BITS // 2) if work * bits <= MOST_WORK), MOST_BITS // 4)

    def certain(self, read: Callable[[Table], Value], decide: Callable[[Value], T], place: Text = THE_VALUE) -> T:
        """Return what ``decide`` makes of the value, at the first precision at which it can.

        Raises `UnsupportedError`, naming the value by its place, where no precision can that takes seconds.
        """
        value: Value = None

        def attempt(bits: int) -> T:
            nonlocal value
            value = None
            value = read(self.table(bits))
            return decide(value)

        try:
            return at_enough_bits(attempt, self.most_bits)
        except Undecided as undecided:
            raise refusal(value, undecided.place or place, self.most_bits) from None

    def of_table(self, decide: Callable[[Table], T]) -> T:
        """Return what ``decide`` makes of all values, at the first precision at which it can.

        Raises `UnsupportedError` as `certain` does.
        """
        try:
            return at_enough_bits(lambda bits: decide(self.table(bits)), self.most_bits)
        except Undecided as undecided:
            raise refusal(None, undecided.place or THE_VALUE, self.most_bits) from None

    def carried(self, value: Value) -> Value:
        """Return what later lines go on with in place of the value: the value itself, unless rounded by hand."""
        digits = self.derivation.rounding
        return value if digits is None else as_printed(round_exact(value, digits).text)

    def _all_carried(self, given: Values, named: Callable[[str], Text] = str) -> Values:
        digits = self.derivation.rounding
        return given if digits is None else Carried(given, digits, named)

    def quantity(self, name: str, sample: int = 0) -> Number:
        """Return the value of a quantity in the forward pass."""
        return Number(self, Entry("passes", (sample, name)), name)

    @property
    def learning_rate(self) -> Number:
        """The learning rate of the network."""
        return Number(self, Entry("rate"))

    @property
    def error(self) -> Number:
        """The error of all samples."""
        return Number(self, Entry("error"), self.derivation.network.whole_error_name)

    @property
    def error_after(self) -> Number:
        """The error of all samples after one update."""
        return Number(self, self.whole_error_after, _after_update(self.derivation.network.whole_error_name))

    def whole_error_after(self, table: Table) -> Value:
        """Return the error of all samples after one update, out of a table."""
        return self._error(table.after)

    def error_at(self, name: str, moved: Value) -> Value:
        """Return the error of all samples where one parameter is moved, at flint's present precision."""
        starts = (_flint(values) for values in self.derivation.graph.samples)
        return self._error([self._forward({**start, name: start[name] + moved}) for start in starts])

    def _gradient_text(self, name: str) -> str:
        return _partial_text(self.derivation.network.whole_error_name, name)

    def gradient(self, name: str) -> Number:
        """Return the partial of the error of all samples by a parameter."""
        return Number(self, Entry("gradients", (name,)), self._gradient_text(name))

    def after(self, name: str, sample: int = 0) -> Number:
        """Return the value of a quantity in the forward pass after one update."""
        return Number(self, Entry("after", (sample, name)), _after_update(name))

    def gradient_used(self, name: str) -> Number:
        """Return the gradient with which a parameter is updated."""
        return Number(self, Entry("used", (name,)), self._gradient_text(name))

    def partial_used(self, name: str, sample: int = 0) -> Number:
        """Return one sample's partial where the layers to the right are updated already."""
        return Number(self, Entry("late", (sample, name)), _partial_text(self.derivation.graph.output, name))

    def step(self, parameter: str, symbol: str) -> Number:
        """Return a quantity of the optimizer's step for a parameter, by the name that it has in the formulas."""
        return Number(self, Entry("steps", (parameter, symbol)), _after_update(parameter))

    def updated(self, name: str) -> Number:
        """Return the value of a parameter after one update."""
        return Number(self, Entry("updated", (name,)), _after_update(name))

    def derivative(self, factor: Factor, sample: int = 0) -> Number:
        """Return the value of a partial or of a local derivative."""
        if isinstance(factor, LocalDerivative):
            return Number(self, bound(self._local, factor, sample), partial_text(factor.equation.target, factor.by))
        return Number(self, Entry("partials", (sample, factor.by)), partial_text(factor.of, factor.by))

    def path(self, path: Path, sample: int = 0) -> Number:
        """Return the number that one path adds to its partial."""
        place = partial_text(self.derivation.graph.output, path.local.by)
        return Number(self, bound(self._path_before, path, sample), place)

    def path_used(self, path: Path, sample: int = 0) -> Number:
        """Return the number that one path adds where the layers to the right are updated already."""
        place = partial_text(self.derivation.graph.output, path.local.by)
        return Number(self, bound(self._path_after, path, sample), place)

    def _local(self, factor: LocalDerivative, sample: int, table: Table) -> Value:
        return local_value(factor.equation, factor.by, self._all_carried(table.passes[sample]))

    def _path_before(self, path: Path, sample: int, table: Table) -> Value:
        return self._path(path, table.partials[sample], table.passes[sample])

    def _path_after(self, path: Path, sample: int, table: Table) -> Value:
        return self._path(path, table.late[sample], {**table.passes[sample], **table.updated})

    def _path(self, path: Path, partials: Values, values: Values) -> Value:
        return path_value(path, self._all_carried(partials), self._all_carried(values))

    def _compute(self) -> Table:
        try:
            return self._computed()
        except ZeroDivisionError:
            raise InputError(
                "rounding by hand to {decimals} leaves 0 where the derivation divides; expected more digits, or the "
                "rounding exact.",
                decimals=counted("{number} decimal", "{number} decimals", self.derivation.rounding or 0),
            ) from None

    def _computed(self) -> Table:
        graph, network = self.derivation.graph, self.derivation.network
        passes = tuple(self._forward(_flint(values)) for values in graph.samples)
        partials, gradients, _, _ = self._backward(passes, sequential=False)
        sequential = network.updates == "sequential"
        late, used, steps, updated = (
            self._backward(passes, sequential=True)
            if sequential
            else (partials, gradients, *self._updates(passes[0], gradients))
        )
        return Table(
            passes,
            partials,
            {name: gradients[name] for name in graph.parameters},
            late,
            used,
            steps,
            updated,
            self._error(passes),
            _rational(network.learning_rate),
            lambda new: tuple(self._forward({**_flint(values), **new}, updated=True) for values in graph.samples),
        )

    def _error(self, passes: Sequence[Values]) -> Value:
        return self._reduced([self.carried(values[self.derivation.graph.output]) for values in passes])

    def _forward(self, start: Values, *, updated: bool = False) -> dict[str, Value]:
        given = dict(start)
        values = self._all_carried(given)
        for equation in self.derivation.graph.equations:
            try:
                terms = [_term(term.shape)(*(values[name] for name in term.names)) for term in equation.terms]
            except OutsideDomain:
                raise InputError(
                    "{place}: {error} takes the logarithm of a number that is 0 or negative; expected outs for which "
                    "it is defined, such as those of logistic or softmax in the last layer.",
                    place=self._place(equation.target, updated),
                    error=self.derivation.network.error,
                ) from None
            except Undecided:
                raise Undecided(self._place(equation.target, updated)) from None
            given[equation.target] = total(terms)
        return given

    def _place(self, name: str, updated: bool) -> Text:
        """Return the quantity as a message names it, with the circumstances under which it has its value."""
        place = _after_update(name) if updated else name
        digits = self.derivation.rounding
        if digits is None:
            return place
        return counted(
            "{place}, rounded by hand to {number} decimal",
            "{place}, rounded by hand to {number} decimals",
            digits,
            place=place,
        )

    def _backward(
        self, passes: Sequence[Values], *, sequential: bool
    ) -> tuple[tuple[Values, ...], Values, Mapping[str, Values], Values]:
        """Return each sample's partials, the gradients, the optimizer's steps and the updated parameters.

        Partials come in the order of the backward pass, so that with sequential updates the weights between two layers
        are new before the left one is reached.
        """
        graph = self.derivation.graph
        known = [dict(values) for values in passes]
        found: tuple[dict[str, Value], ...] = tuple({} for _ in passes)
        named = bound(partial_text, graph.output)
        lines = [(self._all_carried(found[k], named), self._all_carried(known[k])) for k in range(len(passes))]
        gradients: dict[str, Value] = {}
        steps: dict[str, Values] = {}
        updated: dict[str, Value] = {}
        is_parameter = frozenset(graph.parameters)
        for name, partial in self.derivation.partials.items():
            for given, (partials, values) in zip(found, lines, strict=True):
                given[name] = self._partial(partial, partials, values)
            if name in is_parameter:
                gradients[name] = self._reduced([partials[name] for partials, _ in lines])
            if sequential and name in graph.trained:
                steps[name] = self._step(name, passes[0][name], gradients[name])
                updated[name] = steps[name]["w+"]
                for values in known:
                    values[name] = updated[name]
        return found, gradients, steps, updated

    def _partial(self, partial: Partial, partials: Values, values: Values) -> Value:
        """Return what the line of the partial gives: the sum of its paths, or a product that is written in one."""
        if self.derivation.rounding is not None and partial.is_net and len(partial.paths) == 1:
            return self._by_its_line(partial)(partials, values)
        parts = [path_value(path, partials, values) for path in partial.paths]
        if len(parts) > 1:
            parts = list(map(self.carried, parts))
        return total(parts)

    def _by_its_line(self, partial: Partial) -> Callable[[Values, Values], Value]:
        """Return the formula of a delta as it is written, which takes no partial but those with a name of their own."""
        formula = self.derivation.delta_formula(partial)
        symbols = sorted(formula.free_symbols, key=str)
        compute = function(symbols, formula)

        def value(partials: Values, values: Values) -> Value:
            known = (
                values[name] if name in values else partials[self.derivation[name].by] for name in map(str, symbols)
            )
            return compute(*known)

        return value

    def _updates(self, values: Values, gradients: Values) -> tuple[Mapping[str, Values], Values]:
        trained = self.derivation.graph.trained
        steps = {name: self._step(name, values[name], gradients[name]) for name in gradients if name in trained}
        return steps, {name: step["w+"] for name, step in steps.items()}

    def _reduced(self, values: Sequence[Value]) -> Value:
        """Return the mean or the sum over the samples."""
        whole = total(values)
        return kept(whole / len(values)) if self.derivation.network.reduction == "mean" else whole

    def _step(self, name: str, weight: Value, gradient: Value) -> Values:
        """Return everything in the optimizer's first step for one parameter, by the names in its formulas."""
        given = {**self._step_start, "w": weight, "g": gradient}
        values = self._all_carried(given, lambda symbol: _after_update(name))
        for target, needs, compute in self._step_functions:
            given[target] = compute(*(values[name] for name in needs))
        return given

    @cached_property
    def _step_start(self) -> Values:
        network = self.derivation.network
        optimizer = network.optimizer
        constants = {name: _rational(value) for name, value in optimizer.symbols.items()}
        state = dict.fromkeys(optimizer.rule.state, fmpq(0))
        return constants | state | {"eta": _rational(network.learning_rate), "t": fmpq(1)}

    @cached_property
    def _step_functions(self) -> tuple[tuple[str, tuple[str, ...], Callable[..., Value]], ...]:
        steps = self.derivation.network.optimizer.steps
        needs = [sorted(formula.free_symbols, key=str) for _, formula in steps]
        return tuple(
            (target, tuple(symbol.name for symbol in symbols), function(symbols, formula))
            for (target, formula), symbols in zip(steps, needs, strict=True)
        )


def _partial_text(of: str, by: Any) -> str:
    """Return how a partial is called in a message; what is no name at all is refused where it is looked up."""
    return partial_text(of, str(by))


def _after_update(name: str) -> Message:
    return Message("{name} after the update", {"name": name})


def _rational(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def _flint(values: Mapping[str, Fraction]) -> dict[str, Value]:
    return {name: _rational(value) for name, value in values.items()}


def path_value(path: Path, partials: Values, values: Values) -> Value:
    local = local_value(path.local.equation, path.local.by, values)
    return local if path.upstream is None else times(partials[path.upstream.by], local)


def local_value(equation: Equation, by: str, values: Values) -> Value:
    """Return the derivative of the equation's right-hand side by the name, at flint's present precision.

    From rounded results it is calculated as it is written, from others so that no digits are lost.
    """
    as_written = isinstance(values, Carried)
    target = values.get(equation.target)
    parts = [
        _slope(term.shape, place, as_written)(*(values[name] for name in (*term.names, *term.siblings)), target)
        for term in equation.terms_with[by]
        for place, name in enumerate(term.names)
        if name == by
    ]
    return total(parts)


@lru_cache
def _term(shape: Shape) -> Callable[..., Value]:
    places = [Dummy() for _ in range(shape.arity)]
    return function(places, shape.build(*places))


@lru_cache(maxsize=4096)
def _slope(shape: Shape, place: int, as_written: bool) -> Callable[..., Value]:
    """Return the derivative of the shape by one of its places, a function of places, siblings and target."""
    order = [*map(Symbol, place_names(shape)), *map(Symbol, sibling_names(shape)), TARGET]
    return function(order, slope(shape, place) if as_written else steep_slope(shape, place))
