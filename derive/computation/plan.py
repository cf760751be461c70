"""The plan of a training: how large its steps are, in which order updates happen, and how long it goes on."""

from dataclasses import dataclass
from fractions import Fraction

from derive.functions.optimizers import Optimizer

UPDATES = ("simultaneous", "sequential")


@dataclass(frozen=True)
class Plan:
    """What an update is made of.

    ``updates`` is "simultaneous", or "sequential" where a parameter is new before the backward pass goes on to the left
    of it. ``iterations`` is how long a handout trains, ``every`` the distance of the rows of its table, None for 1, 10,
    100, …; ``learning_rate_name`` is what the formulas call the rate.
    """

    learning_rate: Fraction = Fraction(1, 2)
    updates: str = "simultaneous"
    optimizer: Optimizer = Optimizer()  # noqa: RUF009 - frozen
    iterations: int = 0
    every: int | None = None
    learning_rate_name: str = "eta"

    @property
    def is_sequential(self) -> bool:
        """Whether partials are calculated with parameters that are new already."""
        return self.updates == "sequential"
