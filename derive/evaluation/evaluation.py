"""The numbers: every quantity and every partial to as many certain digits as asked for.

Values are exact rationals as long as the formulas keep them so, and balls of python-flint's ``arb`` otherwise: a ball
contains the true value, and a decimal is given only when the whole ball rounds to it. Where it does not, everything is
computed again with twice the bits.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, reduce
from functools import partial as bound
from typing import Any, TypeVar

import attrs

from derive.calculus.chain import Derivation
from derive.calculus.partials import Factor, LocalDerivative, Path
from derive.checks import ByName, check_digits_by_hand, truth
from derive.computation.equations import Computation
from derive.computation.plan import Plan
from derive.errors import Text
from derive.evaluation.calculation import Calculation, after_update
from derive.evaluation.carried import Late, Values
from derive.evaluation.local import local_value, path_value
from derive.evaluation.objective import Objective, no_objective
from derive.evaluation.table import Entry, Later, State, Table
from derive.functions.activations import Activation, JointActivation
from derive.notation import partial_text
from derive.numbers.arithmetic import Value, times
from derive.numbers.decimals import MOST_BITS, Undecided, Unprintable, at_enough_bits, refusal
from derive.numbers.number import THE_VALUE, Number
from derive.numbers.precision import at_bits
from derive.numbers.rounding import Rounding
from derive.stored import collector_paused, unlocked_property

T = TypeVar("T")
# The work of a table is counted in sums and products times bits: an elementary function takes as long as some twenty
# of them. A table of this much work takes about two seconds.
FUNCTION, MOST_WORK = 20, 1000 * MOST_BITS


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """The numbers of a computation and of its partials; tables are made at the precision that a digit needs and kept.

    Quantities and partials belong to one sample, the first (number 0) where none is named. ``plan`` says how an update
    is made, ``rounding`` is None where values are carried in full, else how each is rounded by hand.
    """

    computation: Computation
    plan: Plan = Plan()  # noqa: RUF009 - frozen
    rounding: Rounding | None = None
    _tables: dict[int, Table | Undecided] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.computation, self.plan, self.rounding)

    @property
    def summary(self) -> str:
        """What is differentiated, how much there is of everything, and to what is rounded by hand."""
        rounding = "" if self.rounding is None else f", every result rounded to {self.rounding.size}"
        return self.computation.summary + rounding

    def __repr__(self) -> str:
        return f"<Evaluation of {self.summary}>"

    @cached_property
    def derivation(self) -> Derivation:
        """The partials in symbols, which take their numbers from here."""
        return Derivation(self.computation, self)

    @unlocked_property
    def calculation(self) -> Calculation:
        """What makes the tables."""
        return Calculation(self.computation, self.plan, self.derivation, self.rounding)

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

    def by_hand(self, digits: int = 9, *, significant: bool = False) -> "Evaluation":
        """Return the same with every intermediate result rounded to so many decimals and carried on so.

        With ``significant`` it is so many significant digits. Raises `InputError` for digits outside 1 to 20.
        """
        rounding = Rounding(check_digits_by_hand(digits), truth(significant, "significant"))
        return Evaluation(self.computation, self.plan, rounding)

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

    def written_down(self) -> Table:
        """Return all values as they come in a calculation that is written down, see `derive.numbers.traced`."""
        # One of its own: a calculation keeps what its updates start from.
        return Calculation(self.computation, self.plan, self.derivation, self.rounding).table()

    def _kept_table(self, bits: int) -> Table | Undecided:
        if bits not in self._tables:  # by another thread, in the meantime
            try:
                with collector_paused():
                    self._tables[bits] = self.calculation.table()
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

        Raises `UnsupportedError`, naming the value by its place, where no precision can that takes seconds, and for one
        that is too large to print.
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
        except Unprintable as error:
            raise error.at(place) from None

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
        return self.calculation.carried(value)

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
        return Number(self, self.whole_error_after, after_update(self.computation.whole_objective_name))

    def _check_objective(self) -> None:
        if not self.computation.objective:
            raise no_objective(self.computation)

    def whole_error_after(self, table: Table) -> Value:
        """Return the error of all samples after one update, out of a table."""
        return self.calculation.error(table.after)

    def error_at(self, name: str, moved: Value) -> Value:
        """Return the error of all samples where one parameter is moved, at flint's present precision."""
        return self.calculation.error_at(name, moved)

    def later(self, passes: tuple[Values, ...]) -> Later:
        """Return the values after updates, of which these are the forward passes, at flint's present precision."""
        return self.calculation.later(passes)

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
        return Number(self, Entry("after", (sample, name)), after_update(name))

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
        return Number(self, Entry("steps", (parameter, symbol)), after_update(parameter))

    def updated(self, name: str) -> Number:
        """Return the value of a parameter after one update: where these are online, after a pass over all samples."""
        return Number(self, Entry("updated", (name,)), after_update(name))

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
        return local_value(factor.equation, factor.by, self.calculation.all_carried(table.passes[sample]))

    def across(self, factors: Sequence[LocalDerivative], sample: int = 0) -> Number:
        """Return the product of local derivatives that follow each other: how a step of a recurrence multiplies."""
        place = partial_text(factors[0].of, factors[-1].by)
        return Number(self, bound(self._across_at, tuple(factors), sample), place)

    def _across_at(self, factors: Sequence[LocalDerivative], sample: int, table: State) -> Value:
        return reduce(times, [self.local_at(factor, sample, table) for factor in factors])

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
        return path_value(path, self.calculation.all_carried(partials), self.calculation.all_carried(values))

    @cached_property
    def gradients(self) -> Mapping[str, Number]:
        """The gradient of the error of all samples: the mean or the sum of the samples' partials, by parameter."""
        return ByName({name: self.gradient(name) for name in self.computation.parameters})

    @cached_property
    def values(self) -> Mapping[str, Number]:
        """The value of every quantity in the forward pass of the first sample, by name."""
        with collector_paused():
            return ByName({name: self.quantity(name) for name in self.computation.kinds})

    @cached_property
    def whole(self) -> Objective:
        """The objective: its formula, and its values before and after an update; `InputError` where there is none."""
        self._check_objective()
        return Objective(self)


def _partial_text(of: str, by: Any) -> str:
    """Return how a partial is called in a message; what is no name at all is refused where it is looked up."""
    return partial_text(of, str(by))
