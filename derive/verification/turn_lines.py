"""The lines of online updates: each sample's turn starts from the parameters that the one before has left.

Of every turn its forward pass, its partials and each equation of the optimizer's step are calculated again, and of the
turns that a handout derives line by line every number that is printed, too.
"""

from collections.abc import Iterator
from dataclasses import replace

from derive.evaluation.carried import flint_values
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.turn import SHOWN, turn
from derive.lines import symbolic
from derive.lines.line import Line
from derive.verification.checking import Value
from derive.verification.reader_lines import reader_lines
from derive.verification.sides import Check, Scene, checks_of, samples
from derive.verification.update_lines import updates


def turn_lines(evaluation: Evaluation, chosen: frozenset[str]) -> Iterator[Check]:
    """Yield the lines of all turns, of the parameters' partials those that are chosen."""
    yield from checks_of(evaluation, _lines(evaluation, chosen), Scene.in_turn)
    for k in samples(evaluation):
        yield from _starts(evaluation, k)
        if evaluation.computation.objective:
            yield from _gradients(evaluation, k)
    for k in samples(evaluation)[:SHOWN]:
        yield from _printed(evaluation, k, chosen)


def _lines(evaluation: Evaluation, chosen: frozenset[str]) -> Iterator[Line]:
    """Yield the lines that hold in each turn as in any other update."""
    computation, derivation = evaluation.computation, evaluation.derivation
    yield from (symbolic.equation(computation, equation.name) for equation in computation.equations)
    for name, partial in derivation.partials.items():
        if name in chosen or name not in computation.parameters:
            yield symbolic.formula(partial)
            if computation.kinds[name] in ("net", "out"):
                yield from symbolic.shortly(partial, derivation)
            elif name in chosen:
                yield symbolic.delta_form(partial)
    yield from updates(evaluation)


def _starts(evaluation: Evaluation, k: int) -> Iterator[Check]:
    """Yield that a turn starts from what the turn before has left, and the last one leaves what a pass comes to."""
    computation = evaluation.computation
    for name, value in flint_values(computation.samples[k]).items():

        def start(scene: Scene, name: str = name, given: Value = value) -> Value:
            return scene.table.turns[k - 1].updated.get(name, given) if k else given

        yield Check(
            f"{name} in its turn",
            f"{name} as the turn before has left it",
            lambda scene, name=name, start=start: (start(scene), scene.table.turns[k].passes[0][name]),  # type: ignore[misc]
            k + 1,
        )
    if k == len(computation.samples) - 1:
        for name in computation.parameters:
            if name in computation.trained:
                yield Check(
                    f"{name} after the update",
                    f"{name} after the last turn",
                    lambda scene, name=name: (scene.table.turns[k].updated[name], scene.table.updated[name]),  # type: ignore[misc]
                )


def _gradients(evaluation: Evaluation, k: int) -> Iterator[Check]:
    """Yield that a turn updates by the partials of its own sample alone."""
    for name in evaluation.computation.parameters:
        yield Check(
            f"gradient by {name} in its turn",
            "the partial of its sample",
            lambda scene, name=name: (  # type: ignore[misc]
                scene.table.turns[k].partials[0][name],
                scene.table.turns[k].update_gradients[name],
            ),
            k + 1,
        )


def _printed(evaluation: Evaluation, k: int, chosen: frozenset[str]) -> Iterator[Check]:
    """Yield a line for each number that is printed of a turn."""
    its = turn(evaluation, k)
    for line in reader_lines(its, chosen):

        def both(scene: Scene, line: Check = line) -> tuple[Value, Value]:
            return line.both(Scene(its, scene.table.turns[k]))

        yield replace(line, both=both, sample=k + 1)
