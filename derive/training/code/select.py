"""Which code trains a computation."""

from derive.evaluation.evaluation import Evaluation
from derive.training.code.program import Program
from derive.training.code.scalar import scalar_program

# Below about so many products of a weight and a signal, Python's own floats are faster than NumPy's calls.
LARGEST_SCALAR = 150


def program(evaluation: Evaluation) -> Program:
    """Return the code that trains the computation: plain Python for small ones, NumPy for larger ones."""
    computation = evaluation.computation
    is_small = len(computation.parameters) * len(computation.samples) <= LARGEST_SCALAR
    if is_small or not computation.layers:
        return scalar_program(evaluation)
    # Imported here, as NumPy is slow to load and a small network does without it.
    from derive.training.code.arrays import array_program

    return array_program(evaluation)
