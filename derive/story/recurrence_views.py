"""A recurrence as the article's template sees it: what each time step adds, and what a step multiplies by."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial, reduce

from derive.calculus.partials import Path
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.table import Table
from derive.lines.recurrence import Contributions, Crossing, Recurrence, contributions, recurrences
from derive.numbers.arithmetic import Value, times, total
from derive.numbers.facts import guard, is_beyond_one, is_largest, is_within_one, moves
from derive.numbers.number import Number

MOST_PARAMETERS = 24  # whose contributions are shown


@dataclass(frozen=True)
class ShareView:
    """What one time step adds to a partial, in all its paths together."""

    number: int
    paths: tuple[Path, ...]
    value: Number


@dataclass(frozen=True)
class SharesView:
    """What the time steps add to the partial by one parameter, and the number of the step that adds most, 0 for none.

    ``is_single`` says whether all others add 0; ``zero`` is the quantity that is 0 where a step adds nothing.
    """

    name: str
    shares: tuple[ShareView, ...]
    largest: int
    is_single: bool
    zero: str


@dataclass(frozen=True)
class ChainView:
    """The states of a recurrence; ``factors`` are what each step multiplies by, ``product`` that of all of them.

    ``sizes`` is "below" where each factor is smaller than 1, "above" where each is larger, "" where they differ.
    ``is_whole`` says that a state comes from the one before it in this way alone.
    """

    states: tuple[str, ...]
    crossings: tuple[Crossing, ...]
    factors: tuple[Number, ...]
    product: Number
    sizes: str
    is_whole: bool


@dataclass(frozen=True)
class TimeView:
    """What repeats itself from step to step."""

    chains: tuple[ChainView, ...]
    shares: tuple[SharesView, ...]


def time_view(evaluation: Evaluation) -> TimeView | None:
    """Return what there is to say of the time steps; None where nothing repeats itself."""
    if not evaluation.computation.objective:
        return None
    found = recurrences(evaluation.derivation)
    through_time = any(group.steps for group in evaluation.computation.groups)
    if not found and not through_time:
        return None
    shares = [_shares(evaluation, each) for each in contributions(evaluation.derivation)]
    if not found and not shares:
        return None
    chains = (_chain(evaluation, each) for each in found)
    return TimeView(tuple(chains), tuple(shares[:MOST_PARAMETERS]))


def _shares(evaluation: Evaluation, found: Contributions) -> SharesView:
    shares = tuple(
        ShareView(number, paths, Number(evaluation, partial(_added, evaluation, paths)))
        for number, paths in found.steps.items()
    )
    sizes = sorted((abs(share.value), share.number) for share in shares)
    is_tie = sizes[-1][0] == sizes[-2][0]
    is_single = not is_tie and not sizes[-2][0]
    largest = 0 if is_tie else sizes[-1][1]
    values = [share.value for share in shares]
    guard(is_largest(next((place for place, share in enumerate(shares) if share.number == largest), -1), values))
    for value in values:
        guard(moves(value))
    return SharesView(found.partial.by, shares, largest, is_single, _zero(shares) if is_single else "")


def _zero(shares: Sequence[ShareView]) -> str:
    """Return the quantity that is 0 by which a step that adds nothing multiplies, "" where there is none."""
    local = next(share for share in shares if not share.value).paths[0].local
    return str(local.formula.name) if local.formula.is_Symbol and not local.value else ""


def _added(evaluation: Evaluation, paths: Sequence[Path], table: Table) -> Value:
    return total([evaluation.path_at(path, 0, table) for path in paths])


def _chain(evaluation: Evaluation, found: Recurrence) -> ChainView:
    factors = tuple(evaluation.across(crossing.locals) for crossing in found.crossings)
    sizes = list(map(abs, factors))
    for factor in factors:
        guard(is_within_one(factor))
        guard(is_beyond_one(factor))
    kind = "below" if all(size < 1 for size in sizes) else "above" if all(size > 1 for size in sizes) else ""
    whole = Number(evaluation, partial(_multiplied, factors))
    return ChainView(found.states, found.crossings, factors, whole, kind, found.is_whole)


def _multiplied(factors: Sequence[Number], table: Table) -> Value:
    return reduce(times, [factor.found_in(table) for factor in factors])
