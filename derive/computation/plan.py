"""The plan of a training: how large its steps are, in which order updates happen, and how long it goes on."""

from decimal import Decimal
from fractions import Fraction

import attrs

from derive.checks import Synonyms, check_iterations, one_of
from derive.computation.naming import own_name
from derive.errors import InputError, shown
from derive.functions.optimizers import Optimizer
from derive.numbers.exact import GivenNumber, exact

UPDATES = ("simultaneous", "sequential", "online")
OTHER_NAMES = Synonyms(
    same={
        "batch": "simultaneous",
        "stochastic": "online",
        "incremental": "online",
        "persample": "online",
        "aftereachsample": "online",
    }
)
PLAIN = Optimizer()


def given_learning_rate(given: GivenNumber) -> Fraction:
    """Return a learning rate; raises `InputError` for a negative one."""
    value = exact(given, "learning_rate")
    if value < 0:
        raise InputError(
            "{place}: found {found}; expected 0 or a positive number.",
            place="learning_rate",
            found=(Decimal(value.numerator) / value.denominator).normalize(),
        )
    return value


def given_updates(given: str) -> str:
    """Return the order of the updates."""
    return one_of(given, UPDATES, "updates", OTHER_NAMES)


def given_optimizer(given: Optimizer | str) -> Optimizer:
    """Return an optimizer, one with its usual constants where its name is given."""
    found = Optimizer(given) if isinstance(given, str) else given
    if not isinstance(found, Optimizer):
        raise InputError("optimizer: found {found}; expected an Optimizer or its name.", found=shown(found))
    return found


def given_iterations(given: GivenNumber) -> int:
    """Return how many steps a handout trains."""
    return check_iterations(given, "iterations", least=0)


def given_every(given: GivenNumber | None) -> int | None:
    """Return the distance of the rows of a training's table."""
    return None if given is None else check_iterations(given, "every", least=1)


def given_rate_name(given: str) -> str:
    """Return what formulas call the learning rate."""
    return own_name(given, "learning_rate_name")


@attrs.frozen(slots=False)
class Plan:
    """What an update is made of.

    ``updates`` is "simultaneous", "sequential" where a parameter is new before the backward pass goes on to the left of
    it, or "online" where each sample in its turn makes an update of its own; an iteration is then one pass over all
    samples, and the optimizer keeps its state from sample to sample. ``optimizer`` is a `derive.Optimizer` or its name.
    ``iterations`` is how long a handout trains, ``every`` the distance of the rows of its table, None for 1, 10, 100,
    …; ``learning_rate_name`` is what the formulas call the rate. Raises `InputError` for what is none of these.

    >>> Plan(learning_rate=0.1, optimizer="adam").learning_rate
    Fraction(1, 10)
    """

    learning_rate: Fraction = attrs.field(default=Fraction(1, 2), converter=given_learning_rate)
    updates: str = attrs.field(default="simultaneous", converter=given_updates)
    optimizer: Optimizer = attrs.field(default=PLAIN, converter=given_optimizer)
    iterations: int = attrs.field(default=0, converter=given_iterations)
    every: int | None = attrs.field(default=None, converter=given_every)
    learning_rate_name: str = attrs.field(default="eta", converter=given_rate_name)

    @property
    def is_sequential(self) -> bool:
        """Whether partials are calculated with parameters that are new already."""
        return self.updates == "sequential"

    @property
    def is_online(self) -> bool:
        """Whether each sample makes an update of its own, with its own gradient alone."""
        return self.updates == "online"
