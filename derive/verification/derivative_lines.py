"""The lines of the partials: formulas, factors, paths, local derivatives, short deltas."""

from collections.abc import Callable, Iterator

from flint import fmpq

from derive.calculus.partials import LocalDerivative, Partial
from derive.errors import VerificationError
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.local import local_value, path_value
from derive.notation import partial_text
from derive.verification.checking import Value
from derive.verification.sides import Line, Scene, Text, formula_lines, sample_number, samples, total

# A longer sum shows a local derivative, every term of it, only for the first and the last names in it.
MOST_WRITTEN, FIRST_WRITTEN, LAST_WRITTEN = 20, 6, 4


def partial_lines(evaluation: Evaluation, partial: Partial) -> Iterator[Line]:
    by = partial.by

    def left() -> str:
        return partial_text(partial.of, by)

    formulas = [partial.formula]
    if partial.factors:
        formulas.append(partial.named_formula)
    if partial.delta:
        formulas.append(partial.delta.formula)
    for formula in dict.fromkeys(formulas):
        yield from formula_lines(evaluation, left, formula, lambda table, k: table.partials[k][by])
    for path in partial.paths:
        if partial.by in evaluation.computation.by_name or len(partial.paths) == 1:
            yield from _local(evaluation, path.local, left)
    if partial.factors:
        yield from _product(evaluation, partial, left)
    else:
        yield from _sum_over_paths(evaluation, partial, left)


def _local(evaluation: Evaluation, local: LocalDerivative, within: Callable[[], str]) -> Iterator[Line]:
    """Yield a local derivative: tidied, and as written where a handout can show it."""

    def left() -> str:
        return f"{within()}: {partial_text(local.of, local.by)}"

    names = local.equation.names
    formulas = [local.formula]
    shown = (*names[:FIRST_WRITTEN], *names[-LAST_WRITTEN:])
    if len(local.equation.terms) <= MOST_WRITTEN or local.by in shown:
        formulas.append(local.written)
    for formula in dict.fromkeys(formulas):
        yield from formula_lines(
            evaluation, left, formula, lambda table, k: local_value(local.equation, local.by, table.passes[k])
        )


def _product(evaluation: Evaluation, partial: Partial, left: Text) -> Iterator[Line]:
    factors = partial.factors
    for k in samples(evaluation):

        def both(scene: Scene, k: int = k) -> tuple[Value, Value]:
            found: Value = fmpq(1)
            for factor in factors:
                found = found * (
                    local_value(factor.equation, factor.by, scene.table.passes[k])
                    if isinstance(factor, LocalDerivative)
                    else scene.table.partials[k][factor.by]
                )
            return found, scene.table.partials[k][partial.by]

        yield Line(left, "the product of its factors", both, sample_number(evaluation, k))


def _sum_over_paths(evaluation: Evaluation, partial: Partial, left: Callable[[], str]) -> Iterator[Line]:
    for path in partial.paths:
        yield from formula_lines(
            evaluation,
            lambda path=path: f"{left()} over {path.local.of}",  # type: ignore[misc]
            path.formula,
            lambda table, k, path=path: path_value(path, table.partials[k], table.passes[k]),  # type: ignore[misc]
        )
    for k in samples(evaluation):
        yield Line(
            left,
            "the sum over its paths",
            lambda scene, k=k: (  # type: ignore[misc]
                total(path_value(path, scene.table.partials[k], scene.table.passes[k]) for path in partial.paths),
                scene.table.partials[k][partial.by],
            ),
            sample_number(evaluation, k),
        )


def short_delta_lines(evaluation: Evaluation) -> Iterator[Line]:
    for net, lines in evaluation.derivation.short_deltas.items():
        left = partial_text(evaluation.computation.objective, net)
        for line in lines:
            yield from formula_lines(evaluation, left, line, lambda table, k, net=net: table.partials[k][net])  # type: ignore[misc]


def verify_parts(evaluation: Evaluation) -> None:
    """Check that a path shown as the derivative of one output's error leads there, and is the only one that does."""
    computation = evaluation.computation
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
                    "{part} in {whole}: the path over {name} is not all of it. Nothing was written. This is a fault "
                    "of derive; please report it.",
                    part=partial_text(part, partial.by),
                    whole=partial_text(partial.of, partial.by),
                    name=name,
                )
