"""What is printed is what was checked: each number that a handout asks for, against the table of the other lines."""

from collections.abc import Callable, Iterator

from derive.calculus.chain import Derivation
from derive.calculus.partials import Partial
from derive.evaluation.evaluation import Number, Table, local_value, path_value
from derive.notation import partial_text
from derive.verification.checking import Value
from derive.verification.sides import Line, sample_number, samples

Read = Callable[[Table], Value]
RIGHT = "what is printed"


def reader_lines(derivation: Derivation, chosen: frozenset[str]) -> Iterator[Line]:
    """Yield a line for each number that is printed, of the parameters those that are chosen."""
    evaluation, graph = derivation.evaluation, derivation.graph
    yield _line("the learning rate", evaluation.learning_rate, lambda table: table.rate)
    yield _line(derivation.network.whole_error_name, evaluation.error, lambda table: table.error)
    yield _line(f"{derivation.network.whole_error_name}⁺", evaluation.error_after, evaluation.whole_error_after)
    for name in graph.parameters:
        if name in chosen:
            yield from _parameter(derivation, name)
    for k in samples(derivation):
        number = sample_number(derivation, k)
        for name in graph.kinds:
            if name in chosen or name not in derivation.parameters:
                yield _line(name, evaluation.quantity(name, k), lambda t, k=k, n=name: t.passes[k][n], number)  # type: ignore[misc]
                yield _line(f"{name}⁺", evaluation.after(name, k), lambda t, k=k, n=name: t.after[k][n], number)  # type: ignore[misc]
        for name, partial in derivation.partials.items():
            if name in chosen or name not in derivation.parameters:
                yield from _partial(derivation, partial, k)


def _line(left: str, number: Number, read: Read, sample: int = 0) -> Line:
    return Line(left, RIGHT, lambda scene: (number.found_in(scene.table), read(scene.table)), sample)


def _parameter(derivation: Derivation, name: str) -> Iterator[Line]:
    evaluation = derivation.evaluation
    left = partial_text(derivation.network.whole_error_name, name)
    yield _line(left, evaluation.gradient(name), lambda table: table.gradients[name])
    if name not in derivation.graph.trained:
        return
    yield _line(left, evaluation.gradient_used(name), lambda table: table.used[name])
    yield _line(f"{name}⁺", evaluation.updated(name), lambda table: table.updated[name])
    for target, _ in derivation.network.optimizer.steps:
        yield _line(f"{target} of {name}", evaluation.step(name, target), lambda t, s=target: t.steps[name][s])  # type: ignore[misc]


def _partial(derivation: Derivation, partial: Partial, k: int) -> Iterator[Line]:
    evaluation, number, name = derivation.evaluation, sample_number(derivation, k), partial.by
    left = partial_text(partial.of, name)
    yield _line(left, evaluation.derivative(partial, k), lambda table: table.partials[k][name], number)
    yield _line(f"{left} with the new weights", evaluation.partial_used(name, k), lambda t: t.late[k][name], number)
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
        if derivation.network.updates == "sequential":
            yield _line(
                f"{path.name} with the new weights",
                evaluation.path_used(path, k),
                lambda t, path=path: path_value(path, t.late[k], {**t.passes[k], **t.updated}),  # type: ignore[misc]
                number,
            )
