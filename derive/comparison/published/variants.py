"""An evaluation, and others that a publication may have calculated instead: other order, biases, rounding, updates."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeVar

import attrs
from flint import arb

from derive.errors import InputError, UnsupportedError, Whole
from derive.evaluation.evaluation import Evaluation
from derive.numbers.arithmetic import Value
from derive.numbers.certainty import Reading
from derive.numbers.decimals import Undecided, as_printed, mantissa_and_power, ten_to
from derive.numbers.precision import at_bits
from derive.training.certified import states
from derive.training.run import train

ORDERS = {"simultaneous": "sequential", "sequential": "simultaneous", "online": "simultaneous"}
BITS = 4096  # more than the digits that a published number may have
DECIMALS = 120  # of weights and biases after training: enough for large ones too, where no number asks for more
Parameters = Mapping[str, Value]
T = TypeVar("T")


class Diverged(InputError):
    """Training left the range of numbers before the count that was asked for."""


class Decidable(Protocol):
    """A value that can be asked a question at a precision that decides it, such as `Number`."""

    def decide(self, question: Callable[[Value], T]) -> T:
        """Return the answer to a question about the value."""


@dataclass(frozen=True)
class Reached:
    """A value after training, as a ball that its known digits allow."""

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
    """One way to calculate: an evaluation, and its parameters after any number of updates, each calculated once."""

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

    def after(self, updates: int, read: Callable[[tuple[Mapping[str, Value], ...]], Value]) -> Reached:
        """Return what ``read`` makes of the forward passes, one a sample, after so many updates (2 or more).

        Raises `Diverged` where no digit of them is known.
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
        """Train once for all of these numbers of updates, before they are asked for one by one."""
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
    """Return the ball of half a unit around the printed digits, certain or agreed; the rational of an exact number."""
    middle = as_printed(reading.text)
    if reading.sure == "exact":
        return middle
    return arb(middle, arb(ten_to(mantissa_and_power(reading.text)[1]) / 2))
