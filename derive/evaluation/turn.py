"""One sample's turn in a pass of online updates."""

from dataclasses import dataclass, field
from typing import Any

import attrs

from derive.evaluation.evaluation import Evaluation
from derive.evaluation.table import Table

SHOWN = 4  # turns that a handout derives line by line


@dataclass(frozen=True, eq=False, repr=False)
class Turn(Evaluation):
    """The evaluation of one sample alone, with the parameters that the update before has left.

    Its numbers are those of the ``number``-th turn, counted from 0, in the tables of ``of_all``, the evaluation of all
    samples.
    """

    of_all: Evaluation = field(kw_only=True)
    number: int = field(kw_only=True)

    def __reduce__(self) -> tuple[Any, ...]:
        return turn, (self.of_all, self.number)

    def table(self, bits: int) -> Table:
        """Return all values at that many bits; see `Evaluation.table`."""
        return self.of_all.table(bits).turns[self.number]

    def written_down(self) -> Table:
        """Return all values of the turn in a calculation that is written down."""
        return self.of_all.written_down().turns[self.number]

    @property
    def most_bits(self) -> int:
        """The bits up to which the precision doubles: those of all samples, whose tables these are."""
        return self.of_all.most_bits


def turn(whole: Evaluation, number: int) -> Turn:
    """Return a sample's turn, counted from 0; the updates of ``whole`` are online.

    >>> import derive
    >>> evaluation = derive.load("xor").replace(updates="online").derive().evaluation
    >>> turn(evaluation, 1).quantity("w5") == turn(evaluation, 0).updated("w5")
    True
    """
    samples = (whole.computation.samples[number],)
    computation = attrs.evolve(whole.computation, samples=samples, whole_objective="")  # its error is the sample's own
    plan = attrs.evolve(whole.plan, updates="simultaneous")
    return Turn(computation, plan, whole.rounding, of_all=whole, number=number)
