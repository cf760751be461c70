"""Runs of lines of both passes of a computation without layers, as the article's template sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from derive.story.array_tables import ArrayTable


@dataclass(frozen=True)
class RunView:
    """Quantities that follow each other; ``form`` is "full", "short" (in numbers alone) or "table".

    ``step`` is the number of their time step, 0 for none, ``role`` what they are in their block, ``table`` the array in
    which they stand. ``is_after`` says that they come after the last time step.
    """

    names: tuple[str, ...]
    form: str
    step: int = 0
    role: str = ""
    table: ArrayTable | None = None
    is_after: bool = False


@dataclass(frozen=True)
class PartView:
    """A block, or all that is calculated where there are none; ``size`` is that of what comes out.

    ``has_roles`` says that its quantities are of several roles, ``is_alone`` that a share in it is alone in its row.
    ``has`` names its weights ("bias"), the arrays in it ("mixed") and what it was told to do ("masked"), "units" where
    a recurrence has several; ``function`` is the function that it applies, ``error`` how it measures an error; these
    are "" where there is none. ``letters`` are the first quantities of its gates and states, by the letters that these
    usually have; ``has_heads`` says that the first index of scores and shares is a head.
    """

    name: str
    op: str
    size: tuple[int, ...]
    runs: tuple[RunView, ...]
    count: int
    has_roles: bool = False
    is_alone: bool = False
    has: frozenset[str] = frozenset()
    function: str = ""
    error: str = ""
    letters: Mapping[str, str] = field(default_factory=dict)
    has_heads: bool = False


@dataclass(frozen=True)
class UseView:
    """A quantity in whose equation another one stands; ``gate`` says what it does with a derivative, the first time.

    ``extreme`` says, each time, whether it is the "greatest" or the "least" of several; ``function`` is, the first
    time, the activation function that the equation is.
    """

    name: str
    gate: str
    extreme: str = ""
    function: str = ""


@dataclass(frozen=True)
class StepView:
    """A run of the backward pass: one partial in full with the uses of its quantity, or several that are alike.

    ``form`` is "full", "whole" (all in one line), "short", "table", or "equal" where all of them have the same value.
    ``step`` is the number of their time step, 0 for none, and ``table`` the array in which they stand.
    """

    names: tuple[str, ...]
    form: str
    uses: tuple[UseView, ...] = ()
    is_root: bool = False
    are_parameters: bool = False
    step: int = 0
    table: ArrayTable | None = None


@dataclass(frozen=True)
class StageView:
    """A block in the backward pass with the runs of its partials, or all of that pass where there are no blocks."""

    name: str
    op: str
    steps: tuple[StepView, ...]
    is_alone: bool = False
