"""The lines of the update: the samples together, each step of the optimizer, and the pass with the new weights."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial as bound

from flint import fmpq
from sympy import Expr

from derive.evaluation.carried import Values
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.local import path_value
from derive.evaluation.table import Table
from derive.functions.optimizers import Optimizer
from derive.notation import partial_text
from derive.numbers.arithmetic import function
from derive.verification.checking import Value
from derive.verification.sides import Line, Scene, Text, formula_lines, sample_number, samples, total


def after_lines(evaluation: Evaluation) -> Iterator[Line]:
    if evaluation.computation.objective:
        yield from _reductions(evaluation)
    if not evaluation.plan.is_online:  # else each turn has its own
        yield from step_lines(evaluation, lambda table: table)
    yield from _after(evaluation)


def _reductions(evaluation: Evaluation) -> Iterator[Line]:
    """Yield the error, before and after, and each gradient as the mean or the sum over the samples."""
    computation = evaluation.computation
    whole, output = computation.whole_objective_name, computation.objective

    def line(left: Text, each: Callable[[Table], Sequence[Value]], value: Callable[[Table], Value]) -> Line:
        return Line(
            left,
            f"the {computation.reduction} over the samples",
            lambda scene: (_reduced(evaluation, each(scene.table)), value(scene.table)),
        )

    yield line(whole, lambda table: [values[output] for values in table.passes], lambda table: table.error)
    yield line(f"{whole} after", lambda table: [v[output] for v in table.after], evaluation.whole_error_after)
    for name in evaluation.computation.parameters:
        left = bound(partial_text, whole, name)
        yield line(left, lambda t, n=name: [p[n] for p in t.partials], lambda t, n=name: t.gradients[n])  # type: ignore[misc]
        if name in computation.trained and not evaluation.plan.is_online:
            yield line(
                left,
                lambda t, n=name: [p[n] for p in t.update_partials],  # type: ignore[misc]
                lambda t, n=name: t.update_gradients[n],  # type: ignore[misc]
            )


def _reduced(evaluation: Evaluation, values: Sequence[Value]) -> Value:
    share = fmpq(1, len(values)) if evaluation.computation.is_mean else fmpq(1)
    return total(values) * share


def step_lines(
    evaluation: Evaluation,
    of: Callable[[Table], Table],
    before: Callable[[Table], Table] | None = None,
    sample: int = 0,
) -> Iterator[Line]:
    """Yield each equation of the optimizer's step for each parameter, weight decay included where it is on it.

    ``of`` finds the table of the update in that of the evaluation, ``before`` that of the update before it, whose state
    the optimizer goes on with. ``sample`` is named in the lines, counted from 1.
    """
    kinds, optimizer = evaluation.computation.kinds, evaluation.plan.optimizer
    given = {**optimizer.symbols, "eta": evaluation.plan.learning_rate}
    constants: dict[str, Value] = {name: fmpq(v.numerator, v.denominator) for name, v in given.items()}
    constants |= {"t": fmpq(sample or 1), **dict.fromkeys(optimizer.rule.state, fmpq(0))}
    equations = {kind: list(_step_functions(optimizer.of(kind))) for kind in ("weight", "bias")}
    for name in (name for name in evaluation.computation.parameters if name in evaluation.computation.trained):
        for target, formula, names, compute in equations[kinds[name]]:

            def both(
                scene: Scene,
                name: str = name,
                target: str = target,
                names: Sequence[str] = names,
                compute: Callable[..., Value] = compute,
            ) -> tuple[Value, Value]:
                state = before(scene.table).steps[name] if before else {}
                kept = {each: state[f"{each}+"] for each in optimizer.rule.state if state}
                known = _step(of(scene.table), name, {**constants, **kept})
                return compute(*[known[symbol] for symbol in names]), known[target]

            yield Line(f"{target} of {name}", formula, both, sample)


def _step_functions(optimizer: Optimizer) -> Iterator[tuple[str, Expr, list[str], Callable[..., Value]]]:
    """Yield each equation of a step: its target, its formula, the names in that, and what calculates it."""
    for target, formula in optimizer.steps:
        symbols = sorted(formula.free_symbols, key=str)
        yield target, formula, [symbol.name for symbol in symbols], function(symbols, formula)


def _step(table: Table, name: str, constants: Mapping[str, Value]) -> dict[str, Value]:
    """Return what the step starts from, read from the tables, and what it gives."""
    results = table.steps[name]
    start = {"w": table.passes[0][name], "g": table.update_gradients[name]}
    return {**results, **constants, **start, "w+": table.updated[name]}


def _after(evaluation: Evaluation) -> Iterator[Line]:
    """Yield the forward pass with the new weights, and that all else stays as it was."""
    computation = evaluation.computation
    for equation in computation.equations:
        name = equation.name
        yield from formula_lines(
            evaluation,
            f"{name} after the update",
            equation.expression,
            lambda table, k, name=name: table.after[k][name],  # type: ignore[misc]
            lambda scene: scene.table.after,
        )
    for k in samples(evaluation):
        for name in computation.values:
            yield Line(
                f"{name} after the update",
                f"{name} as it was, or updated",
                lambda scene, k=k, name=name: (  # type: ignore[misc]
                    scene.table.updated.get(name, scene.table.passes[k][name]),
                    scene.table.after[k][name],
                ),
                sample_number(evaluation, k),
            )


def late_lines(evaluation: Evaluation, chosen: frozenset[str]) -> Iterator[Line]:
    """Yield the partials of sequential updates, calculated with what is updated before them."""
    kinds = evaluation.computation.kinds
    for name, partial in evaluation.derivation.partials.items():
        if kinds[name] in ("input", "target") or (kinds[name] in ("weight", "bias") and name not in chosen):
            continue
        left = f"{partial_text(partial.of, name)} with the new weights"

        def value(table: Table, k: int, name: str = name) -> Value:
            return table.update_partials[k][name]

        def scope(scene: Scene, name: str = name) -> Sequence[Values]:
            return scene.late(name)

        yield from formula_lines(evaluation, left, partial.formula, value, scope)
        for path in partial.paths if kinds[name] == "out" else ():
            yield from formula_lines(
                evaluation,
                f"{left}, a path",
                path.formula,
                lambda t, k, name=name, path=path: path_value(  # type: ignore[misc]
                    path, t.update_partials[k], evaluation.late(t.passes[k], t.updated, name)
                ),
                scope,
            )
