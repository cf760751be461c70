"""A calculation that was written down, read by a loop of its own in mpmath, gives what Python calculates."""

from fractions import Fraction

import attrs
import pytest
from mpmath import mp, mpf
from ready import ALL
from traces import read

import derive
from derive.computation.wellformed import PARAMETERS
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.explored import RATE, explorable
from derive.numbers.traced import Trace, Traced, written_down


def traced(evaluation):
    """Return the calculation, and the places of what it gives: of the first sample, the gradients, the new values."""
    trace = Trace()
    table = written_down(trace, evaluation.written_down)
    places = {
        **{("quantity", name): value for name, value in table.passes[0].items()},
        **{("gradient", name): value for name, value in table.gradients.items()},
        **{("updated", name): value for name, value in table.updated.items()},
    }
    return trace, {key: trace.of(value) for key, value in places.items() if isinstance(value, Traced)}


def moved(evaluation, by):
    """Return the evaluation with every parameter a little larger."""
    kinds = evaluation.computation.kinds
    samples = [
        {name: Fraction(value) + by * (kinds[name] in PARAMETERS) for name, value in sample.items()}
        for sample in evaluation.computation.samples
    ]
    return Evaluation(attrs.evolve(evaluation.computation, samples=samples), evaluation.plan)


@pytest.mark.parametrize("name", ALL)
def test_what_is_written_down_gives_the_same_with_other_numbers(name):
    own = derive.load(name).derive().evaluation
    trace, places = traced(explorable(own))
    other = moved(own, Fraction(1, 16))
    samples, rate = other.computation.samples, other.plan.learning_rate

    def given(key):
        of, sample = key
        number = rate if of == RATE else Fraction(0) if ":" in of else samples[max(sample, 0)][of]
        return mpf(number.numerator) / number.denominator

    with mp.workdps(40):
        values = read(trace, given)
        for (kind, of), register in places.items():
            expected = {"quantity": other.quantity, "gradient": other.gradient, "updated": other.updated}[kind](of)
            error = abs(values[register] - mpf(expected.decimal(25)))
            assert error <= mpf(10) ** -20 * max(1, abs(values[register])), (kind, of)
    assert len(places) > 3
