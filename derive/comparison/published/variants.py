"""An evaluation, and others that a publication may have calculated instead: other order, biases, rounding, updates."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from functools import partial as bound
from typing import ParamSpec, Protocol, TypeVar

import attrs
from flint import arb

from derive.calculus.partials import Path
from derive.errors import InputError, Text, UnsupportedError, Whole
from derive.evaluation.carried import Values
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.local import local_value
from derive.evaluation.table import Later, State, Table
from derive.evaluation.turn import turn
from derive.numbers.arithmetic import Value, times, total
from derive.numbers.certainty import Reading, Readings
from derive.numbers.decimals import Undecided, as_printed, mantissa_and_power, ten_to
from derive.numbers.number import Number
from derive.numbers.precision import at_bits, present_bits
from derive.training.certified import states
from derive.training.run import train

ORDERS = {"simultaneous": "sequential", "sequential": "simultaneous", "online": "simultaneous"}
BITS = 4096  # more than the digits that a published number may have
DECIMALS = 120  # of weights and biases after training: enough for large ones too, where no number asks for more
P = ParamSpec("P")
T = TypeVar("T")
Read = Callable[[Evaluation, State], Value]


class Decidable(Protocol):
    """A value that can be asked a question at a precision that decides it, such as `Number`."""

    def decide(self, question: Callable[[Value], T]) -> T:
        """Return the answer to a question about the value."""


def _decided(question: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    try:
        return at_bits(BITS, question, *given, **named)
    except Undecided:
        raise UnsupportedError(
            "these digits cannot be guaranteed because training amplifies small differences; ask for fewer "
            "digits or updates."
        ) from None


@dataclass(frozen=True)
class Reached:
    """A value after training, as a ball that its known digits allow."""

    value: Value

    def decide(self, question: Callable[[Value], T]) -> T:
        """Return the answer to a question about the value; raises `UnsupportedError` where too few digits are known."""
        return _decided(question, self.value)


@dataclass(frozen=True)
class Trained:
    """Balls after some number of updates: every parameter, and what is known of the optimizer's state."""

    parameters: Mapping[str, Value]
    state: Mapping[tuple[str, str], Value]


@dataclass(frozen=True, eq=False)
class Variant:
    """One way to calculate: an evaluation, and its parameters after any number of updates, each calculated once."""

    evaluation: Evaluation
    decimals: int = DECIMALS
    _trained: dict[int, Trained | None] = field(default_factory=dict, repr=False)
    _first: dict[int, Later] = field(default_factory=dict, repr=False)  # after one update, by bits
    _later: dict[int, Later] = field(default_factory=dict, repr=False)  # after more, by their number
    _by_hand: dict[int, "Variant"] = field(default_factory=dict, repr=False)
    _turns: dict[int, "Variant"] = field(default_factory=dict, repr=False)
    made: dict[str, "Variant | None"] = field(default_factory=dict, repr=False)  # by conventions, by their names

    @property
    def order(self) -> str:
        """The order of the updates: simultaneous or sequential."""
        return self.evaluation.plan.updates

    @cached_property
    def other_order(self) -> "Variant":
        """The same network with the other order of updates."""
        plan = attrs.evolve(self.evaluation.plan, updates=ORDERS[self.order])
        return Variant(Evaluation(self.evaluation.computation, plan, self.evaluation.rounding), self.decimals)

    @cached_property
    def other_biases(self) -> "Variant | None":
        """The same with all biases trained, or kept where they are trained; None where there are none."""
        trained = self.evaluation.with_biases
        if trained is not None:
            return Variant(trained, self.decimals)
        kinds = self.evaluation.computation.kinds
        if "bias" not in kinds.values():
            return None
        kept = [name for name in self.evaluation.computation.trained if kinds[name] != "bias"]
        return Variant(self.evaluation.with_trained(kept), self.decimals)

    @cached_property
    def sequential(self) -> "Variant":
        """The network with sequential updates."""
        return self if self.order == "sequential" else self.other_order

    def by_hand(self, decimals: int) -> "Variant":
        """Return the variant in which each intermediate value is rounded to so many decimals, as with a calculator.

        Raises `InputError` for more than 20 decimals.
        """
        if decimals not in self._by_hand:
            self._by_hand[decimals] = Variant(self.evaluation.by_hand(decimals), self.decimals)
        return self._by_hand[decimals]

    def turn(self, number: int) -> "Variant":
        """Return one sample's turn in the first pass of online updates, counted from 0."""
        if number not in self._turns:
            self._turns[number] = Variant(turn(self.evaluation, number), self.decimals)
        return self._turns[number]

    def number(self, read: Read, updates: int, place: Text) -> Decidable:
        """Return what ``read`` makes of this evaluation and its values after so many updates; ``place`` names it.

        Raises `InputError` where no digit of them is known.
        """
        if not updates:
            return Number(self.evaluation, bound(read, self.evaluation), place)
        if updates == 1:
            return Number(self.evaluation, lambda table: read(self.evaluation, self._after_one(table)), place)
        return self.reached(lambda: read(self.evaluation, self._after_more(updates)))

    def reached(self, read: Callable[[], Value]) -> Reached:
        """Return a value that is calculated from what training came to, at the precision `BITS`."""
        return Reached(_decided(read))

    def used(self, by: str, sample: int, updates: int) -> Decidable:
        """Return the partial by a quantity with which the update after so many goes on: by weights that are new."""
        return self.reached(lambda: self._used(by, sample, updates))

    def _used(self, by: str, sample: int, updates: int) -> Value:
        is_one = updates == 1
        later = self._after_one(self.evaluation.table(BITS)) if is_one else self._after_more(updates)
        updated = {name: self.parameter(name, updates + 1) for name in self.evaluation.computation.parameters}

        def partial(by: str) -> Value:
            values = self.evaluation.late(later.passes[sample], updated, by)
            return total(product(path, values) for path in self.evaluation.derivation.partials[by].paths)

        def product(path: Path, values: Values) -> Value:
            local = local_value(path.local.equation, path.local.by, values)
            return local if path.upstream is None else times(partial(path.upstream.by), local)

        return partial(by)

    def _after_one(self, table: Table) -> Later:
        bits = present_bits()
        if bits not in self._first:
            self._first[bits] = self.evaluation.later(table.after)
        return self._first[bits]

    def _after_more(self, updates: int) -> Later:
        if updates not in self._later:
            table, trained = self.evaluation.table(BITS), self._reached(updates)
            self._later[updates] = self.evaluation.later(table.pass_again(trained.parameters))
        return self._later[updates]

    def parameter(self, name: str, updates: int) -> Value:
        """Return a weight or bias after so many updates, at flint's present precision or that of `BITS`."""
        if updates < 2:
            table = self.evaluation.table(present_bits())
            return table.updated[name] if updates else table.passes[0][name]
        return self._reached(updates).parameters[name]

    def kept(self, name: str, kind: str, updates: int) -> Value:
        """Return what the optimizer keeps for a parameter, such as its velocity, after so many updates (2 or more).

        Raises `InputError` where no digit of it is known.
        """
        value = self._reached(updates).state.get((name, kind))
        if value is None:
            raise _nothing_known(updates)
        return value

    def _reached(self, updates: int) -> "Trained":
        self.prepare([updates])
        trained = self._trained[updates]
        if trained is None:
            raise self._why_not(updates)
        return trained

    def _why_not(self, updates: int) -> InputError:
        divergence = train(self.evaluation, updates).divergence
        if divergence:
            return InputError(
                "training overflows at update {update}; ask for fewer updates.", update=Whole(divergence.iteration)
            )
        return _nothing_known(updates)

    def prepare(self, counts: Iterable[int]) -> None:
        """Train once for all of these numbers of updates, before they are asked for one by one."""
        missing = sorted({count for count in counts if count > 1} - set(self._trained))
        if missing:
            self._trained.update(_trained(self.evaluation, missing, self.decimals))


def _nothing_known(updates: int) -> InputError:
    return InputError(
        "no digit can be guaranteed at update {update} of training; ask for fewer updates.", update=Whole(updates)
    )


def _trained(evaluation: Evaluation, counts: Sequence[int], decimals: int) -> Mapping[int, Trained | None]:
    """Return what training came to after each of these counts of updates; None where a parameter is not known."""
    found = states(evaluation, counts, decimals, with_state=True)
    return {count: _balls(readings) for count, readings in found.items()}


def _balls(readings: Readings) -> Trained | None:
    if not all(reading.is_number for reading in readings.parameters.values()):
        return None
    parameters = {name: at_bits(BITS, _ball, reading) for name, reading in readings.parameters.items()}
    state = {key: at_bits(BITS, _ball, reading) for key, reading in readings.state.items() if reading.is_number}
    return Trained(parameters, state)


def _ball(reading: Reading) -> Value:
    """Return the ball of half a unit around the printed digits, certain or agreed; the rational of an exact number."""
    middle = as_printed(reading.text)
    if reading.sure == "exact":
        return middle
    return arb(middle, arb(ten_to(mantissa_and_power(reading.text)[1]) / 2))
