"""A derivation and what it may have been taken for, each made once and only when it is looked at."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from flint import fmpq

from derive.derivation import Derivation
from derive.errors import InputError

ORDERS = {"simultaneous": "sequential", "sequential": "simultaneous"}


class Diverged(InputError):
    """Training left the range of numbers before the count that was asked for."""


@dataclass(frozen=True, eq=False)
class Variant:
    """One way to compute: a derivation, and the parameters that its training comes to."""

    derivation: Derivation
    _trained: dict[int, Mapping[str, fmpq]] = field(default_factory=dict, repr=False)
    _by_hand: dict[int, "Variant"] = field(default_factory=dict, repr=False)

    @property
    def order(self) -> str:
        """The order of the updates: simultaneous or sequential."""
        return self.derivation.network.updates

    @cached_property
    def other_order(self) -> "Variant":
        """The same network with the other order of updates."""
        return self._with_order(ORDERS[self.order])

    @cached_property
    def sequential(self) -> "Variant":
        """The network with sequential updates."""
        return self if self.order == "sequential" else self.other_order

    def _with_order(self, order: str) -> "Variant":
        return Variant(dataclasses.replace(self.derivation.network, updates=order).derive())

    def by_hand(self, decimals: int) -> "Variant":
        """The same, each value rounded to so many decimals and carried on so, as with a calculator.

        Raises `InputError` for more decimals than that is done with.
        """
        if decimals not in self._by_hand:
            self._by_hand[decimals] = Variant(self.derivation.by_hand(decimals))
        return self._by_hand[decimals]

    def trained(self, updates: int) -> Mapping[str, fmpq]:
        """Return weights and biases after so many updates; raises `Diverged` where there are none.

        Training runs in floating point, so these are the floats that it comes to, taken as exact: what follows from
        them is certain, they themselves are good to about ten digits where training is as tame as the article's (there
        10,000 steps lose about two of sixteen), and no more than likely where it amplifies small differences.
        """
        if updates not in self._trained:
            training = self.derivation.train(updates)
            if training.interrupted:
                raise KeyboardInterrupt
            if training.divergence:
                raise Diverged(f"training leaves the range of numbers at update {training.divergence.iteration:,}.")
            self._trained[updates] = {name: _exact(value) for name, value in training.parameters.items()}
        return self._trained[updates]


def _exact(value: float) -> fmpq:
    return fmpq(*value.as_integer_ratio())
