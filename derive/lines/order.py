"""In which order the lines of a computation without layers stand, and which of them stand for others.

A run is shown in full, each line in numbers alone, or as a table: quantities that are worked out as one before them
need not be shown again.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

from derive.calculus.chain import Derivation
from derive.lines.graph import partial_kind

MOST_SHORT = 6  # of a run in numbers; a longer one is a table


@dataclass(frozen=True)
class Run:
    """Quantities that follow each other; ``form`` is "full", "short" (each in one line) or "table"."""

    names: tuple[str, ...]
    form: str


def differentiated(derivation: Derivation) -> list[str]:
    """Return by what the objective is differentiated in a handout: what is calculated, and the parameters."""
    computation = derivation.computation
    shown = {*computation.by_name, *computation.parameters}
    return [name for name in derivation.partials if name in shown]


def backward(derivation: Derivation) -> Iterator[Run]:
    """Yield the partials in the order in which they are found, the first of each kind in full, parameters apart."""
    partials, parameters = derivation.partials, frozenset(derivation.computation.parameters)
    for run in runs(differentiated(derivation), lambda name: partial_kind(partials[name])):
        if run.form == "full":
            yield run
            continue
        for are_parameters in (False, True):
            names = [name for name in run.names if (name in parameters) == are_parameters]
            yield from _alike(names, lambda name: partial_kind(partials[name]))


def runs(names: Sequence[str], kind: Callable[[str], Hashable], known: set[Hashable] | None = None) -> Iterator[Run]:
    """Yield the first of each kind in full, those between them in numbers or as tables.

    ``known`` are the kinds that were shown before, to which those of these names are added.
    """
    known = set() if known is None else known
    waiting: list[str] = []
    full: list[str] = []
    for name in names:
        found = kind(name)
        if found in known:
            yield from _full(full)
            full = []
            waiting.append(name)
            continue
        known.add(found)
        yield from _alike(waiting, kind)
        waiting = []
        full.append(name)
    yield from _full(full)
    yield from _alike(waiting, kind)


def _full(names: Sequence[str]) -> Iterator[Run]:
    if names:
        yield Run(tuple(names), "full")


def _alike(names: Sequence[str], kind: Callable[[str], Hashable]) -> Iterator[Run]:
    """Yield quantities whose kind is known: a few in their order, of many a table, and one for each larger kind."""
    kinds: dict[Hashable, list[str]] = {}
    for name in names:
        kinds.setdefault(kind(name), []).append(name)
    large = [found for found in kinds.values() if len(found) > MOST_SHORT]
    apart = {name for found in large for name in found}
    rest = tuple(name for name in names if name not in apart)
    if rest:
        yield Run(rest, "short" if len(rest) <= MOST_SHORT else "table")
    yield from (Run(tuple(found), "table") for found in large)
