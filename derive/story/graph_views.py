"""A computation without layers as the article's template sees it: what is given, and both passes in runs of lines.

A run is shown in full, each line in numbers alone, or as a table: quantities that are worked out as one before them
need not be shown again.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from derive.calculus.chain import Derivation
from derive.calculus.partials import Partial
from derive.computation.equations import Computation, Equation
from derive.computation.groups import Group
from derive.computation.wellformed import PARAMETERS
from derive.evaluation.evaluation import Evaluation
from derive.lines import order
from derive.lines.graph import gate, partial_kind
from derive.lines.recurrence import counted, equation_kind, recurrences

# So many equations, or partials, are all shown in full where they have to be in an article, and where all can be.
MOST_IN_ARTICLE, MOST_IN_FULL = 14, 60
LETTERS = "quvsrpkabcgmn"


@dataclass(frozen=True)
class RunView:
    """Quantities that follow each other; ``form`` is "full", "short" (in numbers alone) or "table".

    ``step`` is the number of the time step that begins with them, 0 where none does.
    """

    names: tuple[str, ...]
    form: str
    step: int = 0


@dataclass(frozen=True)
class PartView:
    """A block, or all that is calculated where there are none; ``inputs`` and ``size`` say what comes in and out."""

    name: str
    op: str
    size: tuple[int, ...]
    runs: tuple[RunView, ...]
    count: int


@dataclass(frozen=True)
class UseView:
    """A quantity in whose equation another one stands; ``gate`` says what it does with a derivative, the first time."""

    name: str
    gate: str


@dataclass(frozen=True)
class StepView:
    """A run of the backward pass: one partial in full with the uses of its quantity, or several that are alike."""

    names: tuple[str, ...]
    form: str
    uses: tuple[UseView, ...] = ()
    is_root: bool = False
    are_parameters: bool = False


@dataclass(frozen=True)
class StoryView:
    """The computation in its order: given values, equations by parts, and the backward pass from the objective."""

    parameters: tuple[str, ...]
    given: tuple[str, ...]
    defined: tuple[str, ...]
    equations: tuple[str, ...]
    differentiated: tuple[str, ...]
    telling: tuple[str, ...]
    reached: tuple[str, ...]
    parts: tuple[PartView, ...]
    steps: tuple[StepView, ...]
    deltas: tuple[str, ...]
    letters: tuple[str, str]
    outputs: tuple[str, ...]
    is_opened: bool
    has_groups: bool


def story_view(evaluation: Evaluation, detail: str) -> StoryView:
    """Return the computation as its handout in so much detail goes through it."""
    computation, derivation = evaluation.computation, evaluation.derivation
    kept = [equation.name for equation in computation.equations]
    wanted = order.differentiated(derivation)
    return StoryView(
        parameters=computation.parameters,
        given=tuple(name for name in computation.values if computation.kinds[name] not in PARAMETERS),
        defined=tuple(kept),
        equations=tuple(kept if len(kept) <= MOST_IN_ARTICLE else _first_of_kinds(computation)),
        differentiated=tuple(wanted),
        telling=tuple({partial_kind(derivation.partials[name]): name for name in reversed(wanted)}.values())[::-1],
        reached=tuple(derivation.partials),
        parts=tuple(_parts(computation, derivation, detail)),
        steps=tuple(_steps(computation, derivation, detail)) if computation.objective else (),
        letters=_letters(computation),
        deltas=tuple(name for name, partial in derivation.partials.items() if partial.unit),
        outputs=computation.outputs,
        is_opened=bool(computation.folded),
        has_groups=bool(computation.groups),
    )


def _letters(computation: Computation) -> tuple[str, str]:
    """Return two letters for any quantity and for one that it is used by, which no quantity here is called."""
    free = [letter for letter in LETTERS if letter not in computation.kinds]
    return (free[0], free[1]) if len(free) > 1 else ("xi", "upsilon")


def _first_of_kinds(computation: Computation) -> list[str]:
    first: dict[Hashable, str] = {}
    for equation in computation.equations:
        first.setdefault(equation_kind(equation), equation.name)
    return list(first.values())


# The forward pass.


def _parts(computation: Computation, derivation: Derivation, detail: str) -> Iterator[PartView]:
    """Yield the blocks with their equations, what stands between them as parts without a name."""
    of_group = {name: group for group in computation.groups for name in group.names}
    shows_all = len(computation.equations) <= (MOST_IN_FULL if detail == "full" else MOST_IN_ARTICLE)
    has_steps = not computation.groups and bool(recurrences(derivation))
    for group, equations in groupby(computation.equations, lambda equation: of_group.get(equation.name)):
        found = list(equations)
        yield _part(group, found, shows_all=shows_all, has_steps=has_steps)


def _part(group: Group | None, equations: Sequence[Equation], *, shows_all: bool, has_steps: bool) -> PartView:
    name, op, size = (group.name, group.op, group.output.shape) if group else ("", "", ())
    by_name = {equation.name: equation for equation in equations}
    if shows_all:
        runs = [RunView(tuple(by_name), "full")]
    else:
        found = order.runs(list(by_name), lambda each: equation_kind(by_name[each]))
        runs = [RunView(run.names, run.form) for run in found]
    return PartView(name, op, size, tuple(_by_steps(runs) if has_steps and shows_all else runs), len(equations))


def _by_steps(runs: Iterable[RunView]) -> Iterator[RunView]:
    """Yield the runs of a recurrence, parted where a step begins; what goes back to an earlier one belongs to all."""
    last = 0
    rest: list[str] = []
    for run in runs:
        for step, names in groupby(run.names, lambda name: (counted(name) or ("", 0))[1]):
            if rest or step < last:
                rest += names
            else:
                last = step
                yield RunView(tuple(names), run.form, step)
    if rest:
        yield RunView(tuple(rest), "full")


# The backward pass.


def _steps(computation: Computation, derivation: Derivation, detail: str) -> Iterator[StepView]:
    """Yield the partials in their order, the first of each kind in full; of many parameters the table has the rest."""
    wanted = order.differentiated(derivation)
    partials = {name: derivation.partials[name] for name in wanted}
    limit = MOST_IN_FULL if detail == "full" else MOST_IN_ARTICLE
    said: set[str] = set()
    if len(wanted) <= limit and detail == "full":
        runs: Iterable[order.Run] = [order.Run(tuple(wanted), "full")]
    else:
        runs = order.backward(derivation)
    for run in runs:
        if run.form == "full":
            yield from (_in_full(partials[name], computation, said) for name in run.names)
        else:
            yield _together(run, computation)


def _in_full(partial: Partial, computation: Computation, said: set[str]) -> StepView:
    """Return a partial with the uses of its quantity; ``said`` are the gates of which it was said what they do."""
    uses = []
    for path in partial.paths:
        found = gate(path.local.equation) if path.local.of in computation.by_name else ""
        uses.append(UseView(path.local.of, "" if found in said else found))
        said.add(found)
    is_root = all(path.upstream is None for path in partial.paths)
    return StepView((partial.by,), "full", tuple(uses), is_root, partial.by in computation.parameters)


def _together(run: order.Run, computation: Computation) -> StepView:
    """Return alike partials: of parameters, or of what is calculated."""
    return StepView(run.names, run.form, are_parameters=run.names[0] in computation.parameters)
