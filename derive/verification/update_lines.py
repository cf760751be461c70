"""The lines of the update: the samples together, each step of the optimizer, and the pass with the new weights."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from attrs import evolve
from sympy import Symbol

from derive.computation.equations import Computation
from derive.evaluation.evaluation import Evaluation
from derive.lines import symbolic
from derive.lines.line import Line
from derive.notation.trees import PartialSymbol
from derive.verification.sides import (
    FIRST_SHOWN,
    LAST_SHOWN,
    Check,
    Scene,
    checks_of,
    checks_of_all,
    sample_number,
    samples,
)


def after_lines(evaluation: Evaluation) -> Iterator[Check]:
    """Yield what the samples give together, each step for each parameter, and the pass with what comes out."""
    computation = evaluation.computation
    if computation.objective:
        whole, over = symbolic.reduction(computation), f"the {computation.reduction} over the samples"
        yield from checks_of_all([whole], right=over)
        yield from checks_of_all([whole], Scene.after, over)
        yield from checks_of_all(_gradients(evaluation), right=over)
    if not evaluation.plan.is_online:  # else each turn has its own
        yield from checks_of_all(updates(evaluation))
    yield from _after(evaluation)


def _gradients(evaluation: Evaluation) -> Iterator[Line]:
    """Yield each gradient as the mean or the sum over the samples, and the one that an update goes on with."""
    computation = evaluation.computation
    if not computation.parameters:
        return
    shown = symbolic.gradient_reduction(computation, computation.parameters[0])
    for parameter in computation.parameters:
        line = replace(shown, name=PartialSymbol(shown.name.of, parameter), parameter=parameter)
        yield line
        if parameter in computation.trained and not evaluation.plan.is_online:
            yield replace(line, is_late=True)


def updates(evaluation: Evaluation) -> Iterator[Line]:
    """Yield each equation of the optimizer's step for each parameter, weight decay included.

    Where a handout can show them, they are those of this parameter, else the rule's with the numbers of the parameter.
    """
    computation, plan = evaluation.computation, evaluation.plan
    is_plain = plan.optimizer.is_plain
    # That g is the derivative says nothing: both are read from one place.
    rules = {
        kind: symbolic.update_rule(computation, evolve(plan, optimizer=plan.optimizer.of(kind)))
        for kind in ("weight", "bias")
    }
    shown = _shown(computation, is_plain=is_plain)
    for name in (name for name in computation.parameters if name in computation.trained):
        if name not in shown:
            rule = rules[computation.kinds[name]]
            yield from (replace(line, is_late=True, parameter=name) for line in rule if line.name != Symbol("g"))
        elif is_plain:
            yield symbolic.updated(computation, plan, name)
        else:
            yield from islice(symbolic.update_steps(computation, plan, name), 1, None)


def _shown(computation: Computation, *, is_plain: bool) -> frozenset[str]:
    """Return the parameters whose update can have lines of its own, with steps only one of the last layer.

    Without layers they stand in one row.
    """
    rows = [row.parameters for row in computation.layers.rows] if computation.layers else [computation.parameters]
    moving = [[name for name in row if name in computation.trained] for row in (rows if is_plain else rows[-1:])]
    return frozenset(name for names in moving for name in (*names[:FIRST_SHOWN], *names[-LAST_SHOWN:]))


def _after(evaluation: Evaluation) -> Iterator[Check]:
    """Yield the forward pass with the new weights, and that all else stays as it was."""
    computation = evaluation.computation
    lines = (symbolic.equation(computation, equation.name) for equation in computation.equations)
    yield from checks_of(evaluation, lines, Scene.after)
    for k in samples(evaluation):
        for name in computation.values:
            yield Check(
                f"{name} after the update",
                f"{name} as it was, or updated",
                lambda scene, k=k, name=name: (  # type: ignore[misc]
                    scene.table.updated.get(name, scene.table.passes[k][name]),
                    scene.table.after[k][name],
                ),
                sample_number(evaluation, k),
            )
