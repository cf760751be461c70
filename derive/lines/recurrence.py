"""What repeats itself from step to step: states that come from one another, and parameters that every step uses."""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from derive.calculus.chain import Derivation
from derive.calculus.partials import LocalDerivative, Partial, Path
from derive.computation.equations import Computation, Equation

COUNTED = re.compile(r"(?P<stem>.*[A-Za-z])_?(?P<number>\d+)")  # h_2 and h2 are number 2 of h


@dataclass(frozen=True)
class Crossing:
    """How one state comes from the one before it: the local derivatives that a step multiplies by, the later first."""

    of: str
    by: str
    locals: tuple[LocalDerivative, ...]


@dataclass(frozen=True)
class Recurrence:
    """The states of a recurrence in their order, and how each comes from the one before it.

    Where it comes from that through more than one quantity, as the hidden state of an LSTM, they are no chain.
    ``is_whole`` says that a state comes from the one before it in no other way, as the cell of an LSTM does through the
    hidden state.
    """

    stem: str
    states: tuple[str, ...]
    crossings: tuple[Crossing, ...]
    is_whole: bool = True


@dataclass(frozen=True)
class Contributions:
    """What each step adds to the partial by a parameter that all use: the paths by the number of the step."""

    partial: Partial
    steps: Mapping[int, tuple[Path, ...]]


def equation_kind(equation: Equation) -> Hashable:
    """Return what two equations share where one is worked out as the other is: all but the names and the numbers."""
    return tuple(term.shape for term in equation.terms)


def stem_and_number(name: str) -> tuple[str, int] | None:
    """Return what a name counts and its number, None where it ends in no number.

    >>> stem_and_number("h_12"), stem_and_number("net_h2"), stem_and_number("W_x")
    (('h', 12), ('net_h', 2), None)
    """
    found = COUNTED.fullmatch(name)
    return (found["stem"], int(found["number"])) if found else None


def recurrences(derivation: Derivation) -> tuple[Recurrence, ...]:
    """Return the chains of states, each quantity of which is worked out of the one before as that is of its own."""
    rows: dict[str, dict[int, str]] = {}
    for equation in derivation.computation.equations:
        found = stem_and_number(equation.name)
        # What is differentiated has no partial, and ends a chain that it names the last state of itself.
        ends = found and (found[0], found[1] - 1) in map(stem_and_number, equation.names)
        if found and (equation.name in derivation.partials or ends):
            rows.setdefault(found[0], {})[found[1]] = equation.name
    made = (_recurrence(derivation, stem, numbers) for stem, numbers in rows.items())
    chains = [each for each in made if each]
    inner = {local.by for each in chains for crossing in each.crossings for local in crossing.locals[:-1]}
    # A net comes from the net before it, too, through the state between them.
    return tuple(each for each in chains if each.states[-1] not in inner)


def _recurrence(derivation: Derivation, stem: str, numbers: Mapping[int, str]) -> Recurrence | None:
    first, last = min(numbers), max(numbers)
    states = [numbers[number] for number in range(first, last + 1) if number in numbers]
    if len(states) < 2 or len(states) < last - first + 1:
        return None
    kinds = {equation_kind(derivation.computation.by_name[name]) for name in states[1:]}
    crossings = [_crossing(derivation, after, before) for before, after in pairwise(states)]
    if len(kinds) > 1 or not all(crossings):
        return None
    found = tuple(each for each in crossings if each)
    is_whole = all(_is_only_way(derivation.computation, crossing) for crossing in found)
    return Recurrence(stem, tuple(states), found, is_whole)


def _is_only_way(computation: Computation, crossing: Crossing) -> bool:
    """Return whether the later state comes from the one before it in this way alone."""
    first = crossing.locals[-1].of
    others = {each.name for each in computation.equations if crossing.by in each.names and each.name != first}
    return others.isdisjoint({crossing.of, *computation.needed(crossing.of)})


def _crossing(derivation: Derivation, after: str, before: str) -> Crossing | None:
    """Return how a state comes from the one before it: in its own equation, or in that of its only argument."""
    by_name = derivation.computation.by_name
    later = by_name[after]
    if before in later.names:
        return Crossing(after, before, (LocalDerivative(later, before, derivation),))
    (argument, *others) = later.names
    if others or argument not in by_name or before not in by_name[argument].names:
        return None
    return Crossing(after, before, between(derivation, after, before))


def between(derivation: Derivation, after: str, before: str) -> tuple[LocalDerivative, LocalDerivative]:
    """Return the two local derivatives by which a state comes from the one before it, over its only argument."""
    by_name = derivation.computation.by_name
    (argument,) = by_name[after].names
    return LocalDerivative(by_name[after], argument, derivation), LocalDerivative(by_name[argument], before, derivation)


def contributions(derivation: Derivation) -> Iterator[Contributions]:
    """Yield for each parameter that several steps use what each of them adds to the partial by it."""
    computation = derivation.computation
    for name in computation.parameters:
        partial = derivation.partials.get(name)
        steps = by_step(computation, partial) if partial else {}
        if partial and len(steps) > 1:
            yield Contributions(partial, steps)


def by_step(computation: Computation, partial: Partial) -> Mapping[int, tuple[Path, ...]]:
    """Return the paths of a partial by the number of the step that they come through.

    {} where not all of them come through equations that are alike, in steps that count on.
    """
    found: dict[int, list[Path]] = {}
    blocks = _steps_of_groups(computation)
    for path in partial.paths:
        place = blocks.get(path.local.of) or stem_and_number(path.local.of)
        if place is None:
            return {}
        found.setdefault(place[1], []).append(path)
    stems = {(blocks.get(path.local.of) or stem_and_number(path.local.of) or ("",))[0] for path in partial.paths}
    kinds = {equation_kind(path.local.equation) for path in partial.paths}
    counts = {len(paths) for paths in found.values()}
    if len(stems) > 1 or len(kinds) > 1 or len(counts) > 1 or not _counts_on(sorted(found)):
        return {}
    return {number: tuple(found[number]) for number in sorted(found)}


def _counts_on(numbers: Sequence[int]) -> bool:
    return len(numbers) == numbers[-1] - numbers[0] + 1


def _steps_of_groups(computation: Computation) -> Mapping[str, tuple[str, int]]:
    """Return for each quantity of a block that goes through time the block and the number of its step."""
    return {
        name: (group.name, number)
        for group in computation.groups
        for number, names in enumerate(group.steps, start=1)
        for name in names
    }
