"""A evaluation and what it may have been taken for, each made once and only when it is looked at."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol, TypeVar

from flint import arb

from derive.errors import InputError, UnsupportedError, Whole
from derive.evaluation.evaluation import Evaluation
from derive.numbers.arithmetic import Value
from derive.numbers.certainty import Reading
from derive.numbers.decimals import Undecided, as_printed, mantissa_and_power, ten_to
from derive.numbers.precision import at_bits
from derive.training.certified import states
from derive.training.run import train

ORDERS = {"simultaneous": "sequential", "sequential": "simultaneous"}
BITS = 4096  # more than the digits that a published number may have
DECIMALS = 120  # of weights and biases after training: enough for large ones too, where no number asks for more
Parameters = Mapping[str, Value]
T = TypeVar("T")


class Diverged(InputError):
    """Training left the range of numbers before the count that was asked for."""


class Decidable(Protocol):
    """A number about which questions are answered, such as `Number`."""

    def decide(self, question: Callable[[Value], T]) -> T:
        """Return the answer to a question about the value."""


@dataclass(frozen=True)
class Reached:
    """A number that training comes to, as far as its digits are known."""

    value: Value

    def decide(self, question: Callable[[Value], T]) -> T:
        """Return the answer to a question about the value; raises `UnsupportedError` where too few digits are known."""
        try:
            return at_bits(BITS, question, self.value)
        except Undecided:
            raise UnsupportedError(
                "training leaves these digits open, for small differences grow in it; expected fewer digits or updates."
            ) from None


@dataclass(frozen=True, eq=False)
class Variant:
    """One way to compute: an evaluation, and the parameters that its training comes to."""

    evaluation: Evaluation
    decimals: int = DECIMALS
    _trained: dict[int, Parameters | None] = field(default_factory=dict, repr=False)
    _by_hand: dict[int, "Variant"] = field(default_factory=dict, repr=False)

    @property
    def order(self) -> str:
        """The order of the updates: simultaneous or sequential."""
        return self.evaluation.plan.updates

    @cached_property
    def other_order(self) -> "Variant":
        """The same network with the other order of updates."""
        plan = replace(self.evaluation.plan, updates=ORDERS[self.order])
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
        """The same, each value rounded to so many decimals and carried on so, as with a calculator.

        Raises `InputError` for more decimals than that is done with.
        """
        if decimals not in self._by_hand:
            self._by_hand[decimals] = Variant(self.evaluation.by_hand(decimals), self.decimals)
        return self._by_hand[decimals]

    def after(self, updates: int, read: Callable[[tuple[Mapping[str, Value], ...]], Value]) -> Reached:
        """Return what is read off the forward passes of all samples after so many updates.

        Raises `Diverged` where nothing is known of them.
        """
        self.prepare([updates])
        parameters = self._trained[updates]
        if parameters is None:
            raise self._why_not(updates)
        table = self.evaluation.table(BITS)
        return Reached(at_bits(BITS, lambda: read(table.pass_again(parameters))))

    def _why_not(self, updates: int) -> Diverged:
        divergence = train(self.evaluation, updates).divergence
        if divergence:
            return Diverged(
                "training leaves the range of numbers at update {update}.", update=Whole(divergence.iteration)
            )
        return Diverged(
            "no digit of training is known by update {update}; expected a smaller number of updates.",
            update=Whole(updates),
        )

    def prepare(self, counts: Iterable[int]) -> None:
        """Train up to each of these counts in one run, for they are going to be asked for."""
        missing = sorted({count for count in counts if count > 1} - set(self._trained))
        if missing:
            self._trained.update(_trained(self.evaluation, missing, self.decimals))


def _trained(evaluation: Evaluation, counts: Sequence[int], decimals: int) -> Mapping[int, Parameters | None]:
    """Return weights and biases after each of these counts of updates, as balls; None where nothing is known of one."""
    found = states(evaluation, counts, decimals)
    return {count: _balls(readings.parameters) for count, readings in found.items()}


def _balls(readings: Mapping[str, Reading]) -> Parameters | None:
    if not all(reading.is_number for reading in readings.values()):
        return None
    return {name: at_bits(BITS, _ball, reading) for name, reading in readings.items()}


def _ball(reading: Reading) -> Value:
    """Return the number as far as its digits go, be they proven or those on which two precisions or floats agree."""
    middle = as_printed(reading.text)
    if reading.sure == "exact":
        return middle
    return arb(middle, arb(ten_to(mantissa_and_power(reading.text)[1]) / 2))
