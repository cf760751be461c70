"""A computation whose given numbers may be changed: each is known by its key, wherever it comes to stand."""

from dataclasses import replace
from fractions import Fraction

import attrs

from derive.computation.wellformed import PARAMETERS
from derive.evaluation.evaluation import Evaluation
from derive.numbers.given import Given

RATE = "rate:"  # the key of the learning rate; no name has a colon


def explorable(evaluation: Evaluation) -> Evaluation:
    """Return the same evaluation with numbers that know their keys: a name, and the sample or -1.

    >>> import derive
    >>> evaluation = explorable(derive.load("xor").derive().evaluation)
    >>> [evaluation.computation.samples[2][name].key for name in ("w1", "i1")]
    [('w1', -1), ('i1', 2)]
    """
    computation = evaluation.computation
    is_shared = {name: kind in PARAMETERS for name, kind in computation.kinds.items()}
    samples = [
        {name: _given(value, name, -1 if is_shared[name] else number) for name, value in sample.items()}
        for number, sample in enumerate(computation.samples)
    ]
    plan = attrs.evolve(evaluation.plan, learning_rate=_given(evaluation.plan.learning_rate, RATE, -1))
    return replace(evaluation, computation=attrs.evolve(computation, samples=samples), plan=plan, _tables={})


def _given(value: Fraction, name: str, sample: int) -> Given:
    return Given(value, (name, sample))
