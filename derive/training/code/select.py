"""Which code a network gets."""

from derive.calculus.chain import Derivation
from derive.training.code.program import Program
from derive.training.code.scalar import scalar_program

# Below about so many products of a weight and a signal, Python's own floats are faster than NumPy's calls.
LARGEST_SCALAR = 150


def program(derivation: Derivation) -> Program:
    """Return the code that trains the derivation's network: plain Python for small ones, NumPy for larger ones."""
    network = derivation.network
    is_small = network.size * len(network.samples) <= LARGEST_SCALAR
    if is_small:
        return scalar_program(derivation)
    # NumPy is imported where it is needed: a small network does without.
    from derive.training.code.arrays import array_program

    return array_program(derivation)
