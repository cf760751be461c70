"""A derivation and what it may have been taken for, each made once and only when it is looked at."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeVar

from flint import arb, ctx, fmpq

from derive.arithmetic import Value
from derive.decimals import Undecided
from derive.derivation import Derivation
from derive.errors import InputError

ORDERS = {"simultaneous": "sequential", "sequential": "simultaneous"}
BITS = 4096  # more than the digits that a published number may have
T = TypeVar("T")


class Diverged(InputError):
    """Training left the range of numbers before the count that was asked for."""


class Decidable(Protocol):
    """A number about which questions are answered, such as `Number`."""

    def decide(self, question: Callable[[Value], T]) -> T:
        """Return the answer to a question about the value."""


@dataclass(frozen=True)
class Reached:
    """A number that training comes to, as well as it is known: what its ball leaves open, its middle answers."""

    value: Value

    def decide(self, question: Callable[[Value], T]) -> T:
        """Return the answer to a question about the value."""
        with ctx.workprec(BITS):
            try:
                return question(self.value)
            except Undecided:
                return question(arb(self.value).mid())


@dataclass(frozen=True, eq=False)
class Variant:
    """One way to compute: a derivation, and the parameters that its training comes to."""

    derivation: Derivation
    _trained: dict[int, Mapping[str, Value]] = field(default_factory=dict, repr=False)
    _by_hand: dict[int, "Variant"] = field(default_factory=dict, repr=False)

    @property
    def order(self) -> str:
        """The order of the updates: simultaneous or sequential."""
        return self.derivation.network.updates

    @cached_property
    def other_order(self) -> "Variant":
        """The same network with the other order of updates."""
        network = dataclasses.replace(self.derivation.network, updates=ORDERS[self.order])
        return Variant(network.derive())

    @cached_property
    def sequential(self) -> "Variant":
        """The network with sequential updates."""
        return self if self.order == "sequential" else self.other_order

    def by_hand(self, decimals: int) -> "Variant":
        """The same, each value rounded to so many decimals and carried on so, as with a calculator.

        Raises `InputError` for more decimals than that is done with.
        """
        if decimals not in self._by_hand:
            self._by_hand[decimals] = Variant(self.derivation.by_hand(decimals))
        return self._by_hand[decimals]

    def after(self, updates: int, read: Callable[[tuple[Mapping[str, Value], ...]], Value]) -> Reached:
        """Return what is read off the forward passes of all samples after so many updates.

        Raises `Diverged` where training does not come so far.
        """
        if updates not in self._trained:
            self._trained[updates] = trained(self.derivation, updates)
        with ctx.workprec(BITS):
            return Reached(read(self.derivation.evaluation.table(BITS).pass_again(self._trained[updates])))


def trained(derivation: Derivation, updates: int) -> Mapping[str, Value]:
    """Return weights and biases after so many updates; raises `Diverged` where there are none.

    Training runs in floating point, so these are the floats that it comes to, taken as exact. What follows from them is
    certain; they themselves are good to about twelve significant digits where training is as tame as the article's, and
    no more than likely where it amplifies small differences.
    """
    training = derivation.train(updates)
    if training.interrupted:
        raise KeyboardInterrupt
    if training.divergence:
        raise Diverged(f"training leaves the range of numbers at update {training.divergence.iteration:,}.")
    return {name: fmpq(*value.as_integer_ratio()) for name, value in training.parameters.items()}
