"""The lines of the partials: formulas, factors, paths, local derivatives, short deltas."""

from collections.abc import Iterator
from dataclasses import replace

from derive.calculus.chain import Derivation
from derive.calculus.partials import LocalDerivative, Partial
from derive.computation.wellformed import PARAMETERS
from derive.errors import VerificationError
from derive.evaluation.evaluation import Evaluation
from derive.lines import graph, symbolic
from derive.lines.late import LateLines
from derive.lines.line import Line
from derive.lines.order import backward
from derive.lines.recurrence import recurrences
from derive.notation import partial_text
from derive.verification.sides import Check, checks_of

# A longer sum shows a local derivative, every term of it, only for the first and the last names in it.
MOST_WRITTEN, FIRST_WRITTEN, LAST_WRITTEN = 20, 6, 4
# Paths of all partials together, of which each has its lines, about 5 ms each; of more, about so many.
MOST_PATHS, MOST_CHOSEN = 4000, 400


def written_out(derivation: Derivation) -> frozenset[str] | None:
    """Return the partials whose lines are evaluated one by one; None for all of them.

    Of a large computation without layers they are those that a handout writes out, and evenly chosen ones. What is
    alike has the same formulas, and the differences cover the gradients all the same.
    """
    partials = derivation.partials
    paths = sum(len(partial.paths) for partial in partials.values())
    if derivation.computation.layers is not None or paths <= MOST_PATHS:
        return None
    shown = (name for run in backward(derivation) if run.form != "table" for name in run.names)
    return frozenset((*shown, *list(partials)[:: -(-paths // MOST_CHOSEN)]))


def partial_lines(evaluation: Evaluation, partial: Partial) -> Iterator[Check]:
    """Yield both sides of every line that a handout can have of a partial."""
    return checks_of(evaluation, _lines(evaluation.derivation, partial))


def _lines(derivation: Derivation, partial: Partial) -> Iterator[Line]:
    if derivation.computation.layers is None:
        yield from graph.of_partial(partial, derivation)
    yield symbolic.formula(partial)
    if partial.is_net:
        yield symbolic.delta(partial, derivation)
        if partial.by in derivation.short_deltas:
            yield symbolic.short_delta(partial, derivation)
            yield symbolic.delta_in_short(partial, derivation)
    else:
        yield symbolic.chain(partial)
        yield symbolic.delta_form(partial)
    if partial.factors:
        yield symbolic.product(partial)
    is_defined = partial.by in derivation.computation.by_name
    for path in partial.paths:
        if is_defined or len(partial.paths) == 1:
            yield symbolic.local(path.local) if _is_written(path.local) else symbolic.tidied(path.local)
        if len(partial.paths) > 1 or (is_defined and not partial.is_net):
            yield symbolic.path(path)
    if len(partial.paths) > 1:
        yield symbolic.total(partial)


def step_lines(evaluation: Evaluation) -> Iterator[Check]:
    """Yield by how much each step of a recurrence multiplies."""
    crossings = (crossing for found in recurrences(evaluation.derivation) for crossing in found.crossings)
    return checks_of(evaluation, (graph.across(each) for each in crossings))


def _is_written(local: LocalDerivative) -> bool:
    """Whether a handout can show the local derivative as the rules write it."""
    names = local.equation.names
    return len(local.equation.terms) <= MOST_WRITTEN or local.by in (*names[:FIRST_WRITTEN], *names[-LAST_WRITTEN:])


def late_lines(evaluation: Evaluation, chosen: frozenset[str]) -> Iterator[Check]:
    """Yield the partials of sequential updates, calculated with what is updated before them."""
    kinds, shown_late = evaluation.computation.kinds, LateLines(evaluation.derivation)
    for name, partial in evaluation.derivation.partials.items():
        if kinds[name] in ("input", "target") or (kinds[name] in PARAMETERS and name not in chosen):
            continue
        lines = [symbolic.formula(partial)]
        if kinds[name] == "out":
            lines += map(symbolic.path, partial.paths)
        late = [replace(line, is_late=True) for line in lines]
        # The names in these lines are new in networks alone, whose layers are updated one after the other.
        shown = shown_late.of(partial) if evaluation.computation.layers and name in shown_late.names else []
        yield from checks_of(evaluation, [*late, *shown])


def verify_parts(evaluation: Evaluation) -> None:
    """Check that a path shown as the derivative of one output's error leads there, and is the only one that does."""
    computation = evaluation.computation
    if not computation.errors:
        return  # no path is shown so
    reached: dict[str, frozenset[str]] = {}
    for equation in reversed(computation.equations):
        uses = computation.uses.get(equation.name, ())
        own = {equation.name} if computation.objective in uses else set()
        reached[equation.name] = frozenset(own.union(*(reached[use] for use in uses)))
    sums = {computation.objective, *computation.folded}
    for partial in evaluation.derivation.partials.values():
        paths = {path.upstream.by: path for path in partial.paths if path.upstream}
        direct = sums.intersection(computation.uses[partial.by])
        for name, path in paths.items():
            part = path.part
            others = (paths.keys() | direct) - {name}
            if part and (reached[name] != {part} or any(part in reached[other] for other in others)):
                raise VerificationError(
                    "{part} in {whole}: the path through {name} does not give all of it. Nothing was written. "
                    "This is a bug in derive; please report it.",
                    part=partial_text(part, partial.by),
                    whole=partial_text(partial.of, partial.by),
                    name=name,
                )
