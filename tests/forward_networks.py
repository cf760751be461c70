"""Random networks without targets."""

import itertools
import random
from fractions import Fraction

import derive


def number(draw):
    return Fraction(draw.randint(-200, 200), 100)


def without_error(seed, *, samples=1, **settings):
    """A random network without targets: every activation, biases of each kind."""
    draw = random.Random(seed)
    sizes = [draw.randint(1, 3) for _ in range(draw.randint(2, 4))]
    layers = []
    for inputs, size in itertools.pairwise(sizes):
        biases = [number(draw) for _ in range(size)]
        weights = [[number(draw) for _ in range(inputs)] for _ in range(size)]
        activation = sorted(derive.ACTIVATIONS)[draw.randrange(len(derive.ACTIVATIONS))]
        layers.append(derive.Layer(weights, bias=draw.choice([None, biases[0], biases]), activation=activation))
    given = [derive.Sample([number(draw) for _ in range(sizes[0])]) for _ in range(samples)]
    return derive.Network(layers, given, title="Without an error", **settings)
