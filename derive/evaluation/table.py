"""All values at one precision, and where one of them stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from derive.checks import unknown, whole
from derive.evaluation.carried import Values
from derive.numbers.arithmetic import Value
from derive.numbers.decimals import Undecided
from derive.stored import unlocked_property


@dataclass(frozen=True)
class Table:
    """All values at one precision.

    ``passes`` is the forward pass of each sample, ``partials`` each sample's partial by every name, ``gradients`` that
    of the error of all samples by every parameter. ``update_partials`` and ``update_gradients`` are those with which
    the trained parameters are updated: where updates are sequential, they are calculated with the new weights of the
    layers to the right, elsewhere they are the same as ``partials`` and ``gradients``. ``steps`` holds what the
    optimizer makes of them, ``updated`` the new values and ``after`` the forward passes with these, calculated when
    they are first read: with the new weights the error may not be defined. ``error`` is the error of all samples,
    ``rate`` the learning rate.

    Where updates are online, ``turns`` has a table for each sample, of that sample alone: it starts from the parameters
    that the turn before has left. ``update_partials`` are then those of each sample in its turn, ``updated`` are the
    parameters after the whole pass, and ``update_gradients`` and ``steps`` those of its last turn.
    """

    passes: tuple[Values, ...]
    partials: tuple[Values, ...]
    gradients: Values
    update_partials: tuple[Values, ...]
    update_gradients: Values
    steps: Mapping[str, Values]
    updated: Values
    error: Value
    rate: Value
    pass_again: Callable[[Values], tuple[Values, ...]]
    turns: "tuple[Table, ...]" = ()

    @unlocked_property
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
class Later:
    """The values of a `Table` after updates, under the same names, without those of an update from there.

    ``differentiate`` makes the partials and the gradients of the forward passes, when they are first read.
    """

    passes: tuple[Values, ...]
    error: Value
    rate: Value
    differentiate: Callable[[tuple[Values, ...]], tuple[tuple[Values, ...], Values]]

    @unlocked_property
    def _derivatives(self) -> tuple[tuple[Values, ...], Values]:
        return self.differentiate(self.passes)

    @property
    def partials(self) -> tuple[Values, ...]:
        """Each sample's partial by every name."""
        return self._derivatives[0]

    @property
    def gradients(self) -> Values:
        """The gradient of the error of all samples by every parameter."""
        return self._derivatives[1]


State = Table | Later  # the values before any update, or after some


@dataclass(frozen=True)
class Entry:
    """Where a value stands in a table: the field, and the keys that lead on from there."""

    field: str
    keys: tuple[str | int, ...] = ()

    def __call__(self, table: State) -> Value:
        """Return the value."""
        found = getattr(table, self.field)
        for key in self.keys:
            found = found[_number(key, len(found))] if isinstance(found, tuple) else _named(found, key)
        return found


def _named(values: Mapping[str, Any], name: Any) -> Any:
    try:
        return values[name]
    except (LookupError, TypeError):
        raise unknown(name, values) from None


def _number(sample: Any, samples: int) -> int:
    return whole(sample, "sample", least=0, most=samples - 1)
