"""A training as data for programs, in a handout's JSON and in that of the command."""

import json
from typing import Any

from derive.computation.equations import Computation
from derive.evaluation.evaluation import Evaluation
from derive.functions.losses import Loss
from derive.numbers.certainty import Reading
from derive.training.certified import Certified
from derive.training.run import Training

FORMAT = "derive-train/1"


def render(evaluation: Evaluation, training: Training, certified: Certified, *, wanted: int, digits: int) -> str:
    """Return what `derive train` shows as one JSON object; ``wanted`` is the number of iterations asked for."""
    computation = evaluation.computation
    samples, targets = range(len(computation.samples)), targets_of(computation)
    data = {
        "format": FORMAT,
        "title": computation.title,
        "digits": digits,
        "wanted": wanted,
        **training_data(training, certified),
        "outputs": list(computation.outputs),
        "targets": [
            [None if name is None else evaluation.quantity(name, sample).decimal(digits) for name in targets]
            for sample in samples
        ],
        "cause_of_divergence": training.divergence.cause if training.divergence else None,
        "interrupted": training.interrupted or certified.interrupted,
    }
    return json.dumps(data, indent=1) + "\n"  # in ASCII, which no console spells in another way


def targets_of(computation: Computation) -> tuple[str | None, ...]:
    """Return the target of each output, None where it has none: outputs of equations need no error of their own.

    >>> import derive
    >>> targets_of(derive.load("article").derive().computation)
    ('target_o1', 'target_o2')
    """
    if computation.layers is not None:
        return computation.layers.targets
    terms = computation.opened_objective.terms if computation.has_error else ()
    found = {term.names[-1]: term.names[0] for term in terms if isinstance(term.shape.entry, Loss)}
    return tuple(found.get(name) for name in computation.outputs)


def training_data(training: Training, certified: Certified) -> dict[str, Any]:
    """Return what training came to, each number with what its digits rest on; see `derive.numbers.certainty`."""
    return {
        "iterations": training.iterations,
        "rows": [{"iteration": number, "error": _read(error)} for number, error in certified.rows],
        "parameters": {name: _read(reading) for name, reading in certified.parameters.items()},
        "outs": [list(map(_read, outs)) for outs in certified.outs],
        "diverged_at": training.divergence.iteration if training.divergence else None,
    }


def _read(reading: Reading) -> dict[str, Any]:
    return {"value": reading.text if reading.is_number else None, "sure": reading.sure}
