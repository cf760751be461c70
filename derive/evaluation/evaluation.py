"""The numbers: every quantity and every partial to as many certain digits as asked for.

Values are exact rationals as long as the formulas keep them so, and balls of python-flint's ``arb`` otherwise: a ball
contains the true value, and a decimal is given only when the whole ball rounds to it. Where it does not, everything is
computed again with twice the bits.

With rounding by hand, every line is calculated from the rounded results of the lines before it, as a student with a
calculator does: a table keeps what each line gives, and `Carried` what the next lines go on with.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from functools import partial as bound
from types import MappingProxyType
from typing import Any, TypeVar

import attrs
from sympy import Expr, Symbol

from derive.calculus.chain import Derivation
from derive.calculus.partials import Factor, LocalDerivative, Partial, Path
from derive.checks import ByName, check_digits_by_hand
from derive.computation.equations import Computation
from derive.computation.plan import Plan
from derive.errors import InputError, Message, Text, counted
from derive.evaluation.carried import Carried, Late, Values, flint_values
from derive.evaluation.local import local_value, path_value, term_function
from derive.evaluation.table import Entry, Later, State, Table
from derive.evaluation.update import Update
from derive.functions.activations import Activation, JointActivation
from derive.notation import partial_text, to_latex
from derive.numbers.arithmetic import ZERO, OutsideDomain, Value, function, kept, rational, total
from derive.numbers.brief import LONGEST, shortened
from derive.numbers.decimals import MOST_BITS, Undecided, as_printed, at_enough_bits, refusal, round_exact
from derive.numbers.number import THE_VALUE, Number
from derive.numbers.precision import at_bits, present_bits

T = TypeVar("T")
# The work of a table is counted in sums and products times bits: an elementary function takes as long as some twenty
# of them. A table of this much work takes about two seconds.
FUNCTION, MOST_WORK = 20, 1000 * MOST_BITS
NO_STEPS: Mapping[str, Values] = MappingProxyType({})


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """The numbers of a computation and of its partials; tables are made at the precision that a digit needs and kept.

    Quantities and partials belong to one sample, the first (number 0) where none is named. ``plan`` says how an update
    is made, ``rounding`` is None where values are carried in full, else the decimals to which each is rounded.
    """

    computation: Computation
    plan: Plan = Plan()  # noqa: RUF009 - frozen
    rounding: int | None = None
    _tables: dict[int, Table | Undecided] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.computation, self.plan, self.rounding)

    @property
    def summary(self) -> str:
        """What is differentiated, how much there is of everything, and the decimals of rounding by hand."""
        rounding = "" if self.rounding is None else f", every result rounded to {self.rounding} decimals"
        return self.computation.summary + rounding

    def __repr__(self) -> str:
        return f"<Evaluation of {self.summary}>"

    @cached_property
    def derivation(self) -> Derivation:
        """The partials in symbols, which take their numbers from here."""
        return Derivation(self.computation, self)

    @cached_property
    def with_biases(self) -> "Evaluation | None":
        """The same with every bias trained, too; None where all are, or nothing is trained."""
        computation = self.computation
        kept = frozenset(n for n in computation.parameters if computation.kinds[n] == "bias") - computation.trained
        return self.with_trained(computation.trained | kept) if kept and computation.trained else None

    def with_samples(self, samples: Sequence[Mapping[str, Fraction]]) -> "Evaluation":
        """Return the same with other samples."""
        return Evaluation(attrs.evolve(self.computation, samples=samples), self.plan, self.rounding)

    def with_trained(self, names: Iterable[str]) -> "Evaluation":
        """Return the same with these parameters trained."""
        return Evaluation(attrs.evolve(self.computation, trained=names), self.plan, self.rounding)

    def by_hand(self, digits: int = 9) -> "Evaluation":
        """Return the same with every intermediate result rounded to so many decimals and carried on so.

        Raises `InputError` for digits outside 1 to 20.
        """
        decimals = check_digits_by_hand(digits)
        return Evaluation(self.computation, self.plan, decimals)

    @cached_property
    def in_full(self) -> "Evaluation":
        """The same with values carried in full."""
        return self if self.rounding is None else Evaluation(self.computation, self.plan)

    def table(self, bits: int) -> Table:
        """Return all values at that many bits; raises `Undecided` where these leave open which case applies."""
        found = self._tables.get(bits) or at_bits(bits, self._kept_table, bits)
        if isinstance(found, Undecided):
            raise Undecided(found.place)
        return found

    def _kept_table(self, bits: int) -> Table | Undecided:
        if bits not in self._tables:  # by another thread, in the meantime
            try:
                self._tables[bits] = self._compute()
            except Undecided as undecided:  # kept as well: each quantity asks again
                self._tables[bits] = undecided
        return self._tables[bits]

    @cached_property
    def most_bits(self) -> int:
        """The bits up to which the precision doubles: as many as the size of the network leaves seconds for."""
        computation = self.computation
        terms = sum(len(equation.terms) for equation in computation.equations)
        entries = (term.shape.entry for equation in computation.equations for term in equation.terms)
        functions = sum(isinstance(entry, Activation | JointActivation) for entry in entries)
        work = (terms + FUNCTION * functions) * len(computation.samples)
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
        digits = self.rounding
        return value if digits is None else as_printed(round_exact(value, digits).text)

    def _all_carried(self, given: Values, named: Callable[[str], Text] = str) -> Values:
        digits = self.rounding
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
        self._check_objective()
        return Number(self, Entry("error"), self.computation.whole_objective_name)

    @property
    def error_after(self) -> Number:
        """The error of all samples after one update: where these are online, after a pass."""
        self._check_objective()
        return Number(self, self.whole_error_after, _after_update(self.computation.whole_objective_name))

    def _check_objective(self) -> None:
        if not self.computation.objective:
            raise no_objective(self.computation)

    def whole_error_after(self, table: Table) -> Value:
        """Return the error of all samples after one update, out of a table."""
        return self._error(table.after)

    def error_at(self, name: str, moved: Value) -> Value:
        """Return the error of all samples where one parameter is moved, at flint's present precision."""
        starts = (flint_values(values) for values in self.computation.samples)
        return self._error([self._forward({**start, name: start[name] + moved}) for start in starts])

    def _gradient_text(self, name: str) -> str:
        return _partial_text(self.computation.whole_objective_name, name)

    def gradient(self, name: str) -> Number:
        """Return the partial of the error of all samples by a parameter, or by one of `inputs`."""
        self._check_objective()
        if name in self.inputs:
            return self.derivation[name].value
        return Number(self, Entry("gradients", (name,)), self._gradient_text(name))

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The inputs by which there is a gradient: those that reach the objective, where there is one sample."""
        if len(self.computation.samples) > 1:
            return ()
        kinds = self.computation.kinds
        return tuple(name for name in self.derivation.partials if kinds.get(name) == "input")

    def after(self, name: str, sample: int = 0) -> Number:
        """Return the value of a quantity in the forward pass after one update: where these are online, after a pass."""
        return Number(self, Entry("after", (sample, name)), _after_update(name))

    def gradient_used(self, name: str) -> Number:
        """Return the gradient with which a parameter is updated: where updates are online, the last one of a pass."""
        return Number(self, Entry("update_gradients", (name,)), self._gradient_text(name))

    def partial_used(self, name: str, sample: int = 0) -> Number:
        """Return one sample's partial with which it updates: with parameters that are updated before, if any are."""
        return Number(self, Entry("update_partials", (sample, name)), _partial_text(self.computation.objective, name))

    def new(self, name: str) -> Number:
        """Return the value of a parameter after one update, the old one where it is not trained."""
        return self.updated(name) if name in self.computation.trained else self.quantity(name)

    def step(self, parameter: str, symbol: str) -> Number:
        """Return a quantity of the optimizer's step for a parameter, by the name that it has in the formulas."""
        return Number(self, Entry("steps", (parameter, symbol)), _after_update(parameter))

    def updated(self, name: str) -> Number:
        """Return the value of a parameter after one update: where these are online, after a pass over all samples."""
        return Number(self, Entry("updated", (name,)), _after_update(name))

    def derivative(self, factor: Factor, sample: int = 0) -> Number:
        """Return the value of a partial or of a local derivative."""
        if isinstance(factor, LocalDerivative):
            return Number(self, bound(self.local_at, factor, sample), partial_text(factor.equation.name, factor.by))
        return Number(self, Entry("partials", (sample, factor.by)), partial_text(factor.of, factor.by))

    def path(self, path: Path, sample: int = 0) -> Number:
        """Return the number that one path adds to its partial."""
        place = partial_text(self.computation.objective, path.local.by)
        return Number(self, bound(self.path_at, path, sample), place)

    def path_used(self, path: Path, sample: int = 0) -> Number:
        """Return the number that one path adds where the layers to the right are updated already."""
        place = partial_text(self.computation.objective, path.local.by)
        return Number(self, bound(self.path_used_at, path, sample), place)

    def local_at(self, factor: LocalDerivative, sample: int, table: State) -> Value:
        """Return the value of a local derivative, out of a table."""
        return local_value(factor.equation, factor.by, self._all_carried(table.passes[sample]))

    def path_at(self, path: Path, sample: int, table: State) -> Value:
        """Return what one path adds to its partial, out of a table."""
        return self._path(path, table.partials[sample], table.passes[sample])

    def path_used_at(self, path: Path, sample: int, table: Table) -> Value:
        """Return what one path adds where the layers to the right are updated already, out of a table."""
        values = self.late(table.passes[sample], table.updated, path.local.by)
        return self._path(path, table.update_partials[sample], values)

    def late(self, values: Values, updated: Values, by: str) -> Late:
        """Return the values with which the partial by a quantity is calculated where updates are sequential."""
        return Late(values, updated, self._order, self._order[by])

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.derivation.partials)}

    def _path(self, path: Path, partials: Values, values: Values) -> Value:
        return path_value(path, self._all_carried(partials), self._all_carried(values))

    def _compute(self) -> Table:
        try:
            return self._computed()
        except ZeroDivisionError:
            raise InputError(
                "rounding by hand to {decimals} leaves 0 where the derivation divides; expected more digits, or the "
                "rounding exact.",
                decimals=counted("{number} decimal", "{number} decimals", self.rounding or 0),
            ) from None

    def _computed(self) -> Table:
        computation = self.computation
        passes = tuple(self._forward(flint_values(values)) for values in computation.samples)
        partials, gradients, _, _ = self._backward(passes, sequential=False)
        turns = self._turns() if self.plan.is_online else ()
        update_partials, update_gradients, steps, updated = (
            (tuple(turn.partials[0] for turn in turns), turns[-1].gradients, turns[-1].steps, turns[-1].updated)
            if turns
            else self._backward(passes, sequential=True)
            if self.plan.is_sequential
            else (partials, gradients, *self._updates(passes[0], gradients))
        )
        return Table(
            passes,
            partials,
            {name: gradients[name] for name in computation.parameters if name in gradients},
            update_partials,
            update_gradients,
            steps,
            updated,
            self._error(passes) if self.computation.objective else ZERO,
            rational(self.plan.learning_rate),
            bound(self._passes_again, present_bits(), computation.samples),
            turns,
        )

    def _turns(self) -> tuple[Table, ...]:
        """Return the tables of a pass with online updates: each sample starts from what the one before has left."""
        found: list[Table] = []
        for sample in self.computation.samples:
            before = found[-1] if found else None
            start = {**flint_values(sample), **(before.updated if before else {})}
            values = self._forward(start, updated=before is not None)
            partials, gradients, _, _ = self._backward((values,), sequential=False)
            steps, updated = self._updates(values, gradients, before.steps if before else {})
            error = self._error((values,)) if self.computation.objective else ZERO
            rate, again = rational(self.plan.learning_rate), bound(self._passes_again, present_bits(), (sample,))
            own = {name: gradients[name] for name in self.computation.parameters if name in gradients}
            found.append(Table((values,), partials, own, partials, gradients, steps, updated, error, rate, again))
        return tuple(found)

    def later(self, passes: tuple[Values, ...]) -> Later:
        """Return the values after updates, of which these are the forward passes, at flint's present precision."""
        error = self._error(passes) if self.computation.objective else ZERO
        return Later(passes, error, rational(self.plan.learning_rate), bound(self._differentiated, present_bits()))

    def _differentiated(self, bits: int, passes: tuple[Values, ...]) -> tuple[tuple[Values, ...], Values]:
        return at_bits(bits, self._backward, passes, sequential=False)[:2]

    def _passes_again(self, bits: int, samples: Sequence[Mapping[str, Fraction]], new: Values) -> tuple[Values, ...]:
        return at_bits(bits, self._passes_with, samples, new)

    def _passes_with(self, samples: Sequence[Mapping[str, Fraction]], new: Values) -> tuple[Values, ...]:
        return tuple(self._forward({**flint_values(values), **new}, updated=True) for values in samples)

    def _error(self, passes: Sequence[Values]) -> Value:
        return self._reduced([self.carried(values[self.computation.objective]) for values in passes])

    def _forward(self, start: Values, *, updated: bool = False) -> dict[str, Value]:
        given = dict(start)
        values = self._all_carried(given)
        for equation in self.computation.equations:
            try:
                terms = [term_function(term.shape)(*(values[name] for name in term.names)) for term in equation.terms]
            except OutsideDomain:
                raise InputError(
                    "{place}: {error} takes the logarithm of a number that is 0 or negative; expected outs for which "
                    "it is defined, such as those of logistic or softmax in the last layer.",
                    place=self._place(equation.name, updated),
                    error=equation.terms[0].shape.name,
                ) from None
            except Undecided:
                raise Undecided(self._place(equation.name, updated)) from None
            given[equation.name] = total(terms)
        return given

    def _place(self, name: str, updated: bool) -> Text:
        """Return the quantity as a message names it, with the circumstances under which it has its value."""
        place = _after_update(name) if updated else name
        digits = self.rounding
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
        computation = self.computation
        known = [dict(values) for values in passes]
        found: tuple[dict[str, Value], ...] = tuple({} for _ in passes)
        named = bound(partial_text, computation.objective)
        lines = [(self._all_carried(found[k], named), self._all_carried(known[k])) for k in range(len(passes))]
        gradients: dict[str, Value] = {}
        steps: dict[str, Values] = {}
        updated: dict[str, Value] = {}
        is_parameter = frozenset(computation.parameters)
        for name, partial in self.derivation.partials.items():
            for given, (partials, values) in zip(found, lines, strict=True):
                given[name] = self._partial(partial, partials, values)
            if name in is_parameter:
                gradients[name] = self._reduced([partials[name] for partials, _ in lines])
            if sequential and name in computation.trained:
                steps[name] = self._step(name, passes[0][name], gradients[name])
                updated[name] = steps[name]["w+"]
                for values in known:
                    values[name] = updated[name]
        return found, gradients, steps, updated

    def _partial(self, partial: Partial, partials: Values, values: Values) -> Value:
        """Return what the line of the partial gives: the sum of its paths, or a product that is written in one."""
        if self.rounding is not None and partial.is_net and len(partial.paths) == 1:
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

    def _updates(
        self, values: Values, gradients: Values, before: Mapping[str, Values] = NO_STEPS
    ) -> tuple[Mapping[str, Values], Values]:
        trained = [name for name in gradients if name in self.computation.trained]
        steps = {name: self._step(name, values[name], gradients[name], before.get(name)) for name in trained}
        return steps, {name: step["w+"] for name, step in steps.items()}

    def _step(self, name: str, weight: Value, gradient: Value, before: Values | None = None) -> Values:
        return self._update[self.computation.kinds[name]].step(
            weight, gradient, lambda given: self._all_carried(given, lambda _: _after_update(name)), before
        )

    @cached_property
    def _update(self) -> Mapping[str, Update]:
        return {kind: Update(self.plan, kind) for kind in ("weight", "bias")}

    def _reduced(self, values: Sequence[Value]) -> Value:
        """Return the mean or the sum over the samples."""
        whole = total(values)
        return kept(whole / len(values)) if self.computation.is_mean else whole

    @cached_property
    def gradients(self) -> Mapping[str, Number]:
        """The gradient of the error of all samples: the mean or the sum of the samples' partials, by parameter."""
        return ByName({name: self.gradient(name) for name in self.computation.parameters})

    @cached_property
    def values(self) -> Mapping[str, Number]:
        """The value of every quantity in the forward pass of the first sample, by name."""
        return ByName({name: self.quantity(name) for name in self.computation.kinds})

    @cached_property
    def whole(self) -> "Objective":
        """The objective: its formula, and its values before and after an update; `InputError` where there is none."""
        self._check_objective()
        return Objective(self)


@dataclass(frozen=True)
class Objective:
    """The error of a computation. The formulas are those of one sample, the values those of all samples.

    >>> import derive
    >>> derivation = derive.Network(
    ...     layers=[derive.Layer(weights=[[0.5]], activation="identity")],
    ...     samples=[derive.Sample(inputs=[1], targets=[2])],
    ... ).derive()
    >>> derivation.error.composed
    (-i1*w1 + target_o1)**2/2
    """

    evaluation: Evaluation = field(repr=False)

    @property
    def formula(self) -> Expr:
        """SymPy, over the error of each output."""
        computation = self.evaluation.computation
        return computation.by_name[computation.objective].expression

    @property
    def composed(self) -> Expr:
        """The error as one SymPy expression in weights, biases, inputs and targets alone."""
        return self.evaluation.derivation.composition.quantity(self.evaluation.computation.objective)

    @property
    def value(self) -> Number:
        """The error before the update, over all samples."""
        return self.evaluation.error

    @property
    def after(self) -> Number:
        """The error after one update, over all samples."""
        return self.evaluation.error_after

    @property
    def samples(self) -> tuple[Number, ...]:
        """The error of each sample before the update."""
        computation = self.evaluation.computation
        return tuple(
            self.evaluation.quantity(computation.objective, number) for number in range(len(computation.samples))
        )

    def __repr__(self) -> str:
        computation = self.evaluation.computation
        equation = shortened(str(computation.by_name[computation.objective]), LONGEST)
        return f"<{equation}; {computation.whole_objective_name} is {self.value.decimal(9)}>"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {to_latex(Symbol(self.evaluation.computation.objective))} = {to_latex(self.formula)}$"


def no_objective(computation: Computation) -> InputError:
    """Return the error for what needs an objective where there is a forward pass alone."""
    if computation.layers is not None:
        return InputError(
            "found a forward pass alone, without an error that could be differentiated or trained for; expected "
            "samples with targets, or the output to differentiate."
        )
    return InputError("objective: found none; expected the quantity that is differentiated.")


def _partial_text(of: str, by: Any) -> str:
    """Return how a partial is called in a message; what is no name at all is refused where it is looked up."""
    return partial_text(of, str(by))


def _after_update(name: str) -> Message:
    return Message("{name} after the update", {"name": name})
