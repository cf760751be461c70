"""The lines of online updates: each sample's turn starts from the parameters that the one before has left.

Of every turn its forward pass, its partials and each equation of the optimizer's step are calculated again, and of the
turns that a handout derives line by line every number that is printed, too.
"""

from collections.abc import Iterator
from dataclasses import replace

from derive.evaluation.carried import flint_values
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.turn import SHOWN, turn
from derive.notation import partial_text
from derive.verification.checking import Value
from derive.verification.reader_lines import reader_lines
from derive.verification.sides import Line, Scene, formula_lines, samples
from derive.verification.update_lines import step_lines


def turn_lines(evaluation: Evaluation, chosen: frozenset[str]) -> Iterator[Line]:
    """Yield the lines of all turns, of the parameters' partials those that are chosen."""
    computation = evaluation.computation
    for equation in computation.equations:
        yield from formula_lines(
            evaluation,
            f"{equation.name} in its turn",
            equation.expression,
            lambda table, k, name=equation.name: table.turns[k].passes[0][name],  # type: ignore[misc]
            lambda scene: scene.turns,
        )
    for name, partial in evaluation.derivation.partials.items():
        if name in chosen or name not in computation.parameters:
            yield from formula_lines(
                evaluation,
                f"{partial_text(partial.of, name)} in its turn",
                partial.formula,
                lambda table, k, name=name: table.turns[k].partials[0][name],  # type: ignore[misc]
                lambda scene: scene.turns,
            )
    for k in samples(evaluation):
        yield from _starts(evaluation, k)
        if computation.objective:
            yield from _gradients(evaluation, k)
        yield from step_lines(
            evaluation,
            lambda table, k=k: table.turns[k],  # type: ignore[misc]
            (lambda table, k=k: table.turns[k - 1]) if k else None,  # type: ignore[misc]
            k + 1,
        )
    for k in samples(evaluation)[:SHOWN]:
        yield from _printed(evaluation, k, chosen)


def _starts(evaluation: Evaluation, k: int) -> Iterator[Line]:
    """Yield that a turn starts from what the turn before has left, and the last one leaves what a pass comes to."""
    computation = evaluation.computation
    for name, value in flint_values(computation.samples[k]).items():

        def start(scene: Scene, name: str = name, given: Value = value) -> Value:
            return scene.table.turns[k - 1].updated.get(name, given) if k else given

        yield Line(
            f"{name} in its turn",
            f"{name} as the turn before has left it",
            lambda scene, name=name, start=start: (start(scene), scene.table.turns[k].passes[0][name]),  # type: ignore[misc]
            k + 1,
        )
    if k == len(computation.samples) - 1:
        for name in computation.parameters:
            if name in computation.trained:
                yield Line(
                    f"{name} after the update",
                    f"{name} after the last turn",
                    lambda scene, name=name: (scene.table.turns[k].updated[name], scene.table.updated[name]),  # type: ignore[misc]
                )


def _gradients(evaluation: Evaluation, k: int) -> Iterator[Line]:
    """Yield that a turn updates by the partials of its own sample alone."""
    for name in evaluation.computation.parameters:
        yield Line(
            f"gradient by {name} in its turn",
            "the partial of its sample",
            lambda scene, name=name: (  # type: ignore[misc]
                scene.table.turns[k].partials[0][name],
                scene.table.turns[k].update_gradients[name],
            ),
            k + 1,
        )


def _printed(evaluation: Evaluation, k: int, chosen: frozenset[str]) -> Iterator[Line]:
    """Yield a line for each number that is printed of a turn."""
    its = turn(evaluation, k)
    for line in reader_lines(its, chosen):

        def both(scene: Scene, line: Line = line) -> tuple[Value, Value]:
            return line.both(Scene(its, scene.table.turns[k]))

        yield replace(line, both=both, sample=k + 1)
