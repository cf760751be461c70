"""What is printed is what was checked: each number that a handout asks for, against the table of the other lines."""

from collections.abc import Callable, Iterator

from derive.calculus.partials import Partial
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.local import local_value, path_value
from derive.evaluation.table import Table
from derive.notation import partial_text
from derive.numbers.number import Number
from derive.verification.checking import Value
from derive.verification.derivative_lines import written_out
from derive.verification.sides import Check, sample_number, samples

Read = Callable[[Table], Value]
RIGHT = "what is printed"


def reader_lines(evaluation: Evaluation, chosen: frozenset[str]) -> Iterator[Check]:
    """Yield a line for each number that is printed, of the parameters those that are chosen."""
    computation, written = evaluation.computation, written_out(evaluation.derivation)
    yield _line("the learning rate", evaluation.learning_rate, lambda table: table.rate)
    if computation.objective:
        whole = computation.whole_objective_name
        yield _line(whole, evaluation.error, lambda table: table.error)
        yield _line(f"{whole}⁺", evaluation.error_after, evaluation.whole_error_after)
    for name in computation.parameters if computation.objective else ():
        if name in chosen:
            yield from _parameter(evaluation, name)
    for k in samples(evaluation):
        number = sample_number(evaluation, k)
        for name in computation.kinds:
            if name in chosen or name not in evaluation.computation.parameters:
                yield _line(name, evaluation.quantity(name, k), lambda t, k=k, n=name: t.passes[k][n], number)  # type: ignore[misc]
                yield _line(f"{name}⁺", evaluation.after(name, k), lambda t, k=k, n=name: t.after[k][n], number)  # type: ignore[misc]
        for name, partial in evaluation.derivation.partials.items():
            if name in chosen or name not in evaluation.computation.parameters:
                yield from _partial(evaluation, partial, k)
                if written is None or name in written:
                    yield from _paths(evaluation, partial, k)


def _line(left: str, number: Number, read: Read, sample: int = 0) -> Check:
    return Check(left, RIGHT, lambda scene: (number.found_in(scene.table), read(scene.table)), sample)


def _parameter(evaluation: Evaluation, name: str) -> Iterator[Check]:
    left = partial_text(evaluation.computation.whole_objective_name, name)
    yield _line(left, evaluation.gradient(name), lambda table: table.gradients[name])
    if name not in evaluation.computation.trained:
        return
    yield _line(left, evaluation.gradient_used(name), lambda table: table.update_gradients[name])
    yield _line(f"{name}⁺", evaluation.updated(name), lambda table: table.updated[name])
    for target, _ in evaluation.plan.optimizer.of(evaluation.computation.kinds[name]).steps:
        yield _line(f"{target} of {name}", evaluation.step(name, target), lambda t, s=target: t.steps[name][s])  # type: ignore[misc]


def _partial(evaluation: Evaluation, partial: Partial, k: int) -> Iterator[Check]:
    number, name = sample_number(evaluation, k), partial.by
    left = partial_text(partial.of, name)
    yield _line(left, evaluation.derivative(partial, k), lambda table: table.partials[k][name], number)
    yield _line(
        f"{left} with the new weights", evaluation.partial_used(name, k), lambda t: t.update_partials[k][name], number
    )


def _paths(evaluation: Evaluation, partial: Partial, k: int) -> Iterator[Check]:
    number, name = sample_number(evaluation, k), partial.by
    for path in partial.paths:
        local = path.local
        yield _line(
            partial_text(local.of, local.by),
            evaluation.derivative(local, k),
            lambda table, local=local: local_value(local.equation, local.by, table.passes[k]),  # type: ignore[misc]
            number,
        )
        yield _line(
            path.name,
            evaluation.path(path, k),
            lambda table, path=path: path_value(path, table.partials[k], table.passes[k]),  # type: ignore[misc]
            number,
        )
        if evaluation.plan.is_sequential:
            yield _line(
                f"{path.name} with the new weights",
                evaluation.path_used(path, k),
                lambda t, path=path: path_value(  # type: ignore[misc]
                    path, t.update_partials[k], evaluation.late(t.passes[k], t.updated, name)
                ),
                number,
            )
