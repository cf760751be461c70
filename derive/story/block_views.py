"""Computations of blocks as the article's template sees them: both passes, block by block and role by role.

Of the quantities of a role, such as the queries of an attention, the most telling one is shown in full, and the others
in numbers alone or in a table. What goes through time is told step by step.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from derive.calculus.chain import Derivation
from derive.calculus.partials import Partial
from derive.computation.equations import Computation, Equation
from derive.computation.groups import Group
from derive.lines.graph import partial_kind
from derive.lines.recurrence import stem_and_number
from derive.numbers.facts import guard, is_same
from derive.story.array_tables import ArrayTable, array_table
from derive.story.runs import PartView, RunView, StageView, StepView

MOST_BESIDE = 3  # of a role that are shown in numbers beside the first one; more stand in a table
MOST_PARTIALS_BESIDE = 4
MOST_OF_STEP = 12  # quantities of a later time step that are shown in numbers
MOST_COMPARED = 60  # quantities of which the most telling one is looked for
OUTPUT = "output"


@dataclass(frozen=True)
class Unit:
    """Quantities of one role, of one time step where there are some; ``role`` is what they are in the block."""

    step: int
    role: str
    names: tuple[str, ...]
    are_parameters: bool = False


@dataclass(frozen=True)
class Part:
    """A block with its equations, or what is calculated between blocks."""

    group: Group | None
    equations: tuple[Equation, ...]


def parts_of(computation: Computation) -> list[Part]:
    """Return the blocks in their order, what stands between them as parts without a group."""
    of_group = {name: group for group in computation.groups for name in group.names}
    found = groupby(computation.equations, lambda equation: of_group.get(equation.name))
    return [Part(group, tuple(equations)) for group, equations in found]


# The forward pass.


def forward(computation: Computation, *, shows_all: bool) -> Iterator[PartView]:
    """Yield the blocks with runs of their equations."""
    for part in parts_of(computation):
        names = [equation.name for equation in part.equations]
        roles = _roles(part.group)
        units = list(_units(part.group, names, roles))
        runs = [run for unit in units for run in _runs(part, unit, units, roles, shows_all=shows_all)]
        yield _view(part, tuple(_merged(runs)), len({unit.role for unit in units}))


def listed(computation: Computation, parts: Sequence[PartView]) -> Iterator[PartView]:
    """Yield the parts with the blocks between them that only lay out anew what others give, in their order."""
    left = list(computation.groups)
    for part in parts:
        while part.name and left and left[0].name != part.name:
            yield _view(Part(left.pop(0), ()), (), 0)
        if part.name and left:
            left.pop(0)
        yield part
    yield from (_view(Part(group, ()), (), 0) for group in left)


def _view(part: Part, runs: tuple[RunView, ...], roles: int) -> PartView:
    group = part.group
    if group is None:
        return PartView("", "", (), runs, len(part.equations))
    return PartView(
        group.name,
        group.op,
        group.output.shape,
        runs,
        len(part.equations),
        roles > 1,
        _alone(group),
        frozenset(_has(group)),
        function_of(group),
        str(group.options.get("error", "")),
        {letter: array.names[0] for letter, array in group.inner.items()} if group.steps else {},
        _has_heads(group),
    )


def _has_heads(group: Group) -> bool:
    """Whether the scores have three indexes, the head first: an index that can only be 1 is not written."""
    scores = group.inner.get("score")
    return group.op == "attention" and scores is not None and all(size > 1 for size in scores.shape)


def _has(group: Group) -> Iterator[str]:
    yield from (*group.weights, *group.inner)
    yield from (key for key, value in group.options.items() if value)
    if group.steps and any(array.shape[-1] > 1 for array in group.inner.values()):
        yield "units"


def function_of(group: Group) -> str:
    """Return the activation function that a block applies, "" for none."""
    return str(group.options.get("activation", "softmax" if group.op == "softmax" else ""))


def _alone(group: Group) -> bool:
    """Whether a share is alone in its row, so that it is 1 whatever comes in."""
    shares = group.inner.get("share")
    return shares is not None and any(sum(map(bool, row)) == 1 for row in shares.rows())


def _runs(
    part: Part, unit: Unit, units: Sequence[Unit], roles: Mapping[str, str], *, shows_all: bool
) -> Iterator[RunView]:
    by_name = {equation.name: equation for equation in part.equations}
    if unit.step > 1 and not shows_all:
        yield RunView(unit.names, "short", unit.step)
        return
    if shows_all or len(unit.names) == 1:
        yield RunView(unit.names, "full", unit.step, unit.role)
        return
    first = max(unit.names, key=lambda name: len(by_name[name].names))
    rest = tuple(name for name in unit.names if name != first)
    yield RunView((first,), "full", unit.step, unit.role)
    if len(rest) <= MOST_BESIDE:
        yield RunView(rest, "short", unit.step, unit.role)
    else:
        yield RunView(unit.names, "table", unit.step, unit.role, table=_table(part.group, unit, {}))


def _merged(runs: Iterable[RunView]) -> Iterator[RunView]:
    """Yield the runs, those in numbers together that follow each other: of too many a table."""
    for (form, step, role), together in groupby(runs, lambda run: (run.form, run.step, run.role)):
        found = list(together)
        if form != "short":
            yield from found
            continue
        names = tuple(name for run in found for name in run.names)
        if len(names) > MOST_OF_STEP:
            yield RunView(names, "table", step, role)
        else:
            yield RunView(names, "short", step, role)


def _table(group: Group | None, unit: Unit, units: Mapping[str, str]) -> ArrayTable | None:
    """Return the array in which quantities stand; None where they are not all of one."""
    if group is None:
        return None
    arrays = [group.output, *group.inner.values(), *group.weights.values(), *group.inputs]
    wanted = set(unit.names)
    found = next((array for array in arrays if wanted == {name for name in array.names if name}), None)
    return array_table(found, units) if found else None


def _roles(group: Group | None) -> Mapping[str, str]:
    """Return what each quantity is in its block: by the array that it stands in."""
    if group is None:
        return {}
    arrays = {**group.inner, OUTPUT: group.output}
    found: dict[str, str] = {}
    for role, array in arrays.items():
        for name in array.names:
            found.setdefault(name, role)
    return found


def _role(name: str, roles: Mapping[str, str]) -> str:
    """Return what a quantity is: where no array says so, what it is counted of."""
    if name in roles:
        return roles[name]
    stem = name
    while (found := stem_and_number(stem)) is not None:
        stem = found[0]
    return f"={stem}"


def _units(group: Group | None, names: Sequence[str], roles: Mapping[str, str]) -> Iterator[Unit]:
    """Yield the quantities of a part by time steps, then by roles, in the order in which the first of each comes."""
    steps = {name: t for t, each in enumerate(group.steps if group else (), start=1) for name in each}
    found: dict[tuple[int, str], list[str]] = {}
    for name in names:
        # What belongs to no step comes first or last: before the first step where it was found so far.
        role = _role(name, roles) if group else name
        found.setdefault((steps.get(name, 0), role), []).append(name)
    yield from (Unit(step, role, tuple(each)) for (step, role), each in found.items())


# The backward pass.


def backward(
    derivation: Derivation, wanted: Sequence[str], in_full: Callable[[Partial], StepView], *, shows_all: bool
) -> Iterator[StageView]:
    """Yield the blocks from the last to the first with the partials that are found in them, parameters at the end.

    ``wanted`` are the names by which the objective is differentiated, ``in_full`` shows such a partial in full.
    """
    computation = derivation.computation
    waiting, told = set(wanted), set[bool]()
    parameters = _parameters(computation, waiting)
    for number, part in reversed(list(enumerate(parts_of(computation)))):
        units = [*_back_units(part, waiting), *_units_of_parameters(part, parameters.get(number, ()))]
        if not units:
            continue
        if not _are_in_order(derivation, units):
            names = {name for unit in units for name in unit.names}
            units = [Unit(0, name, (name,), name in computation.parameters) for name in wanted if name in names]
        group = part.group
        steps = _shown(_told(derivation, part, units, in_full, told, shows_all=shows_all))
        yield StageView(
            group.name if group else "", group.op if group else "", tuple(steps), bool(group and _alone(group))
        )


def _parameters(computation: Computation, wanted: set[str]) -> Mapping[int, list[str]]:
    """Return the parameters by the number of the first part that uses them, which comes last in the backward pass."""
    left = {name for name in computation.parameters if name in wanted}
    found: dict[int, list[str]] = {}
    for number, part in enumerate(parts_of(computation)):
        for name in dict.fromkeys(name for equation in part.equations for name in equation.names):
            if name in left:
                left.remove(name)
                found.setdefault(number, []).append(name)
    return found


def _back_units(part: Part, wanted: set[str]) -> Iterator[Unit]:
    """Yield the quantities of a part from the last time step, and in each from the last role."""
    names = [equation.name for equation in part.equations if equation.name in wanted]
    units = list(_units(part.group, names, _roles(part.group)))
    units.reverse()
    yield from sorted(units, key=lambda unit: -unit.step)


def _units_of_parameters(part: Part, names: Sequence[str]) -> Iterator[Unit]:
    """Yield the parameters by the array that they stand in."""
    group, left = part.group, set(names)
    arrays = [*group.weights.values(), *group.inputs] if group else []
    for array in arrays:
        found = tuple(name for name in array.names if name in left)
        left -= set(found)
        if found:
            yield Unit(0, "", found, are_parameters=True)
    yield from (Unit(0, "", (name,), are_parameters=True) for name in names if name in left)


def _are_in_order(derivation: Derivation, units: Sequence[Unit]) -> bool:
    """Whether what each partial is made of comes before it."""
    place = {name: number for number, unit in enumerate(units) for name in unit.names}
    return all(
        place.get(path.upstream.by, -1) < number
        for number, unit in enumerate(units)
        for name in unit.names
        for path in derivation.partials[name].paths
        if path.upstream
    )


def _told(
    derivation: Derivation,
    part: Part,
    units: Sequence[Unit],
    in_full: Callable[[Partial], StepView],
    told: set[bool],
    *,
    shows_all: bool,
) -> Iterator[StepView]:
    """Yield for each role its most telling partial in full, where none of its kind is known, then the others.

    ``told`` has whether one of several paths was told in full, and whether one of a single path was.
    """
    computation = derivation.computation
    known: set[Hashable] = set()
    for unit in units:
        partials = {name: derivation.partials[name] for name in unit.names}
        if shows_all:
            yield from (replace(in_full(partial), step=unit.step) for partial in partials.values())
            continue
        first = _telling(partials, computation)
        # One parameter is worked out even where a quantity of the block was found in the same way.
        kind = unit.are_parameters, partial_kind(partials[first])
        rest = tuple(name for name in unit.names if name != first)
        if kind in known and (unit.are_parameters or len(rest) < MOST_PARTIALS_BESIDE):
            rest = unit.names
        elif kind in known:
            yield StepView((first,), "short", step=unit.step)
        else:
            known.add(kind)
            shown = replace(in_full(partials[first]), step=unit.step)
            is_many = len(partials[first].paths) > 1
            # Once one has seen how paths are added, a line says all.
            yield replace(shown, form="whole") if is_many in told else shown
            told.add(is_many)
        if unit.are_parameters:
            yield StepView(rest, "left", are_parameters=True)
        elif len(rest) <= MOST_PARTIALS_BESIDE:
            yield StepView(rest, "short", step=unit.step)
        else:
            values = [each.value for each in partials.values()]
            for other in values[1:]:  # with other numbers, they may differ
                guard(is_same(values[0], other))
            are_equal = len({float(each.value) for each in partials.values()}) == 1
            table = _table(part.group, unit, computation.units)
            yield StepView(
                rest if are_equal else unit.names, "equal" if are_equal else "table", step=unit.step, table=table
            )


def _telling(partials: Mapping[str, Partial], computation: Computation) -> str:
    """Return the name of a partial that is not 0, with most paths, of a quantity made of most; the first such."""

    def telling(name: str) -> tuple[bool, int, int]:
        made_of = computation.by_name[name].names if name in computation.by_name else ()
        return bool(partials[name].value), len(partials[name].paths), len(made_of)

    return max(list(partials)[:MOST_COMPARED], key=telling)


def _shown(steps: Iterable[StepView]) -> Iterator[StepView]:
    """Yield what is shown, those in one line together that follow each other, parameters left out at the end."""
    left: list[str] = []
    for (form, step), together in groupby(steps, lambda each: (each.form, each.step)):
        found = [each for each in together if each.names]
        names = tuple(name for each in found for name in each.names)
        if form == "left":
            left += names
        elif form != "short":
            yield from found
        elif names:
            yield StepView(names, "short" if len(names) <= MOST_OF_STEP else "table", step=step)
    if left:
        yield StepView(tuple(left), "table", are_parameters=True)
