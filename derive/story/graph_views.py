"""A computation without layers as the article's template sees it: what is given, and both passes in runs of lines.

A run is shown in full, each line in numbers alone, or as a table: quantities that are worked out as one before them
need not be shown again.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from derive.calculus.chain import Derivation
from derive.calculus.partials import Partial
from derive.computation.checked_lines import varied_in
from derive.computation.equations import Computation, Equation
from derive.computation.wellformed import PARAMETERS
from derive.functions.activations import Activation, JointActivation
from derive.lines import order
from derive.lines.arrays.printed import ArrayLines
from derive.lines.graph import EXTREMES, gate, partial_kind
from derive.lines.recurrence import equation_kind, recurrences, stem_and_number
from derive.lines.scalar import Formulas
from derive.story import block_views
from derive.story.array_tables import GivenView, given_arrays
from derive.story.letters import generic_letters
from derive.story.runs import PartView, RunView, StageView, StepView, UseView

# So many equations, or partials, are all shown in full where they have to be in an article, and where all can be.
MOST_IN_ARTICLE, MOST_IN_FULL = 14, 60
MOST_STEPS = 6  # time steps, and what comes after them, that are told one by one


@dataclass(frozen=True)
class FunctionView:
    """An activation function: in the equations of which quantities it stands, and what is split off as its argument."""

    name: str
    units: tuple[str, ...]
    nets: tuple[str, ...]


@dataclass(frozen=True)
class StoryView:
    """The computation in its order: given values, equations by parts, and the backward pass from the objective.

    Of the given values that are no parameters, the ``shared`` ones are the same in all samples, the ``varied`` are not.
    """

    parameters: tuple[str, ...]
    given: tuple[str, ...]
    shared: tuple[str, ...]
    varied: tuple[str, ...]
    defined: tuple[str, ...]
    ends: tuple[str, ...]
    equations: tuple[str, ...]
    differentiated: tuple[str, ...]
    telling: tuple[str, ...]
    reached: tuple[str, ...]
    parts: tuple[PartView, ...]
    blocks: tuple[PartView, ...]
    stages: tuple[StageView, ...]
    parameters_given: GivenView
    values_given: GivenView
    deltas: tuple[str, ...]
    letters: tuple[str, str]
    outputs: tuple[str, ...]
    is_opened: bool
    folded: tuple[str, ...]
    functions: tuple[FunctionView, ...]
    has_sums: bool
    has_groups: bool


def story_view(formulas: Formulas, detail: str) -> StoryView:
    """Return the computation as its handout in so much detail goes through it."""
    evaluation = formulas.evaluation
    computation, derivation = evaluation.computation, evaluation.derivation
    lines = ArrayLines(formulas)
    given = tuple(name for name in computation.values if computation.kinds[name] not in PARAMETERS)
    varied = varied_in(computation.samples)
    shared = tuple(name for name in given if name not in varied)
    kept = [equation.name for equation in computation.equations]
    wanted = order.differentiated(derivation)
    stages = tuple(_stages(computation, derivation, detail)) if computation.objective else ()
    parts = tuple(_parts(computation, derivation, detail))
    return StoryView(
        parameters=computation.parameters,
        given=given,
        shared=shared,
        varied=tuple(name for name in given if name in varied),
        defined=tuple(kept),
        ends=tuple(_ends(computation)),
        equations=tuple(kept if len(kept) <= MOST_IN_ARTICLE else _first_of_kinds(computation)),
        differentiated=tuple(wanted),
        telling=tuple(_shown(stages) if computation.groups else _telling(derivation, wanted)),
        reached=tuple(derivation.partials),
        parts=parts,
        blocks=tuple(block_views.listed(computation, parts)),
        stages=stages,
        parameters_given=given_arrays(computation, lines, computation.parameters),
        values_given=given_arrays(computation, lines, shared),
        letters=generic_letters(computation),
        deltas=tuple(name for name, partial in derivation.partials.items() if partial.unit),
        outputs=computation.outputs,
        is_opened=bool(computation.folded),
        folded=tuple(name for name in computation.by_name if name in computation.folded),
        functions=tuple(_functions(computation)),
        has_sums=any(len(each.paths) > 1 for each in derivation.partials.values()),
        has_groups=bool(computation.groups),
    )


def _shown(stages: Iterable[StageView]) -> Iterator[str]:
    """Yield the quantities of blocks whose derivatives are shown in full."""
    for stage in stages:
        for step in stage.steps:
            if step.form in ("full", "whole"):
                yield step.names[0]


def _telling(derivation: Derivation, names: Iterable[str]) -> Iterable[str]:
    """Return the first quantity of each kind, in their order."""
    first: dict[Hashable, str] = {}
    for name in names:
        first.setdefault(partial_kind(derivation.partials[name]), name)
    return first.values()


def _functions(computation: Computation) -> Iterator[FunctionView]:
    """Yield the functions that whole equations are, of computations without blocks, whose table names them."""
    found: dict[str, list[Equation]] = {}
    for equation in computation.equations if not computation.groups else ():
        is_single = isinstance(equation.terms[0].shape.entry, Activation)
        if is_single and (function := _function(equation)):
            found.setdefault(function, []).append(equation)
    for name, equations in found.items():
        nets = tuple(each.names[0] for each in equations)
        are_nets = all(computation.kinds[net] == "net" for net in nets)
        yield FunctionView(name, tuple(each.name for each in equations), nets if are_nets else ())


def _function(equation: Equation) -> str:
    """Return the name of the activation function that an equation is as a whole, "" where it is none."""
    entry = equation.terms[0].shape.entry
    is_one = len(equation.terms) == 1 and isinstance(entry, Activation | JointActivation)
    return entry.name if is_one and entry.name != "identity" else ""  # type: ignore[union-attr]


def _first_of_kinds(computation: Computation) -> list[str]:
    first: dict[Hashable, str] = {}
    for equation in computation.equations:
        first.setdefault(equation_kind(equation), equation.name)
    return list(first.values())


def _ends(computation: Computation) -> list[str]:
    """Return what comes out of the blocks; all that is calculated where there are none."""
    outs = {name for group in computation.groups for name in group.output.names}
    names = list(computation.by_name)
    return [name for name in names if name in outs or name == computation.objective] if outs else names


# The forward pass.


def _parts(computation: Computation, derivation: Derivation, detail: str) -> Iterator[PartView]:
    """Yield what is calculated in runs of equations, block by block where there are some, or step by step."""
    shows_all = len(computation.equations) <= (MOST_IN_FULL if detail == "full" else MOST_IN_ARTICLE)
    if computation.groups:
        yield from block_views.forward(computation, shows_all=shows_all and detail == "full")
        return
    equations = computation.equations
    stretches = list(_by_steps(equations)) if recurrences(derivation) else []
    if not stretches or (len(stretches) > MOST_STEPS and not shows_all):
        stretches = [Stretch(tuple(equations))]
    known: set[Hashable] = set()
    runs = [run for stretch in stretches for run in _runs(stretch, known, shows_all=shows_all)]
    yield PartView("", "", (), tuple(runs), len(equations))


@dataclass(frozen=True)
class Stretch:
    """Equations that follow each other: those of a time step, or those that come after the last one."""

    equations: tuple[Equation, ...]
    step: int = 0
    is_after: bool = False


def _by_steps(equations: Iterable[Equation]) -> Iterator[Stretch]:
    """Yield the equations of a recurrence, parted where a step begins; what goes back to an earlier one comes after."""
    last = 0
    rest: list[Equation] = []
    for step, found in groupby(equations, lambda equation: (stem_and_number(equation.name) or ("", 0))[1]):
        if rest or step < last:
            rest += found
        else:
            last = step
            yield Stretch(tuple(found), step)
    if rest:
        yield Stretch(tuple(rest), is_after=True)


def _runs(stretch: Stretch, known: set[Hashable], *, shows_all: bool) -> Iterator[RunView]:
    """Yield the runs of a stretch, the first equation of each kind in full; ``known`` are the kinds that were shown."""
    by_name = {equation.name: equation for equation in stretch.equations}
    if shows_all:
        yield RunView(tuple(by_name), "full", stretch.step, is_after=stretch.is_after)
        return
    for run in order.runs(list(by_name), lambda name: equation_kind(by_name[name]), known):
        yield RunView(run.names, run.form, stretch.step, is_after=stretch.is_after)


# The backward pass.


def _stages(computation: Computation, derivation: Derivation, detail: str) -> Iterator[StageView]:
    """Yield the partials in their order, block by block where there are some."""
    wanted = order.differentiated(derivation)
    said: set[str] = set()
    in_full = partial(_in_full, computation=computation, said=said)
    shows_all = len(wanted) <= MOST_IN_FULL and detail == "full"
    if computation.groups:
        yield from block_views.backward(derivation, wanted, in_full, shows_all=shows_all)
        return
    runs = [order.Run(tuple(wanted), "full")] if shows_all else order.backward(derivation)
    yield StageView("", "", tuple(_steps(runs, derivation, in_full)))


def _steps(
    runs: Iterable[order.Run], derivation: Derivation, in_full: Callable[[Partial], StepView]
) -> Iterator[StepView]:
    """Yield the partials of runs, the first of each kind in full; of many parameters the table has the rest."""
    for run in runs:
        if run.form == "full":
            yield from (in_full(derivation.partials[name]) for name in run.names)
        else:
            yield StepView(run.names, run.form, are_parameters=run.names[0] in derivation.computation.parameters)


def _in_full(found: Partial, computation: Computation, said: set[str]) -> StepView:
    """Return a partial with the uses of its quantity; ``said`` are the gates of which it was said what they do."""
    uses = []
    for path in found.paths:
        does = gate(path.local.equation) if path.local.of in computation.by_name else ""
        extreme = does if does in EXTREMES.values() else ""
        function = _function(path.local.equation)
        shown = ("" if word in said else word for word in (does, function))
        uses.append(UseView(path.local.of, next(shown), extreme, next(shown)))
        said |= {does, function}
    is_root = all(path.upstream is None for path in found.paths)
    return StepView((found.by,), "full", tuple(uses), is_root, found.by in computation.parameters)
