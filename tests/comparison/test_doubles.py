"""Doubles of a backward pass in NumPy against the bound on them: right ones are right, a changed digit is found."""

import itertools
import os
import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import derive
from derive.comparison.published import DOUBLE, RIGHT

SLOPES = {
    "logistic": (lambda x: 1 / (1 + np.exp(-x)), lambda y: y * (1 - y)),
    "tanh": (np.tanh, lambda y: 1 - y * y),
    "identity": (lambda x: x, lambda y: np.ones_like(y)),
}
NETWORKS = int(os.environ.get("DOUBLES_OF_NETWORKS", "80"))
PARTS = 4


def drawn(draw):
    """A network of random shape and numbers; its doubles are those of its decimals."""
    shape = [draw.randint(1, 4) for _ in range(draw.randint(2, 4))]
    size = draw.choice([0.1, 1, 3])

    def number():
        return round(draw.uniform(-size, size), draw.choice([1, 2, 6]))

    layers = [
        derive.Layer(
            [[number() for _ in range(a)] for _ in range(b)],
            bias=draw.choice([None, [number() for _ in range(b)]]),
            activation=draw.choice(list(SLOPES)),
        )
        for a, b in itertools.pairwise(shape)
    ]
    samples = [
        derive.Sample([number() for _ in range(shape[0])], [number() for _ in range(shape[-1])])
        for _ in range(draw.choice([1, 1, 3]))
    ]
    return derive.Network(layers, samples, learning_rate=draw.choice([0.1, 0.5]))


def names(network, k):
    last = len(network.layers) - 1
    prefix = "o" if k == last else "h" if last == 1 else f"h{k + 1}_"
    return [f"{prefix}{place}" for place in range(1, len(network.layers[k].weights) + 1)]


def doubles(network, draw, stirred=0.0):
    """Everything that a backward pass in NumPy finds, by name, its sums in some order, and the weights updated by it.

    ``stirred`` is by what share of itself each number of the network, net and out is moved at most.
    """

    def moved(array):
        return array * (1 + stirred * np.array([draw.uniform(-1, 1) for _ in range(array.size)]).reshape(array.shape))

    weights = [np.array([[float(w) for w in row] for row in layer.weights]) for layer in network.layers]
    biases = [
        np.array([float(b) for b in layer.bias]) if layer.bias else np.zeros(len(layer.weights))
        for layer in network.layers
    ]
    weights, biases = list(map(moved, weights)), list(map(moved, biases))
    order = draw.choice([1, -1])

    def added(rows, signals):
        return (rows * signals)[:, ::order].sum(axis=1) if draw.random() < 0.5 else rows @ signals

    found, gradients, total = {}, [np.zeros_like(w) for w in weights], 0.0
    for place, sample in enumerate(network.samples):
        outs = [moved(np.array([float(v) for v in sample.inputs]))]
        target = np.array([float(v) for v in sample.targets])
        nets = []
        for layer, w, b in zip(network.layers, weights, biases, strict=True):
            nets.append(moved(added(w, outs[-1]) + b))
            outs.append(moved(SLOPES[layer.activation][0](nets[-1])))
        error = ((target - outs[-1]) ** 2 / 2)[::order].sum()
        total += error
        flow = outs[-1] - target
        for k in reversed(range(len(weights))):
            delta = flow * SLOPES[network.layers[k].activation][1](outs[k + 1])
            by_weight = np.outer(delta, outs[k])
            gradients[k] += by_weight
            flow = added(weights[k].T, delta)
            if place == 0:
                for r, name in enumerate(names(network, k)):
                    found |= {f"net_{name}": nets[k][r], f"out_{name}": outs[k + 1][r], f"delta_{name}": delta[r]}
        if place == 0:
            found["E_total"] = error
    count = len(network.samples)
    if count > 1:
        found["E_mean"] = total / count
    numbers = (gradient for rows in gradients for gradient in rows.ravel())
    whole = "E_mean" if count > 1 else "E_total"
    found |= {f"d{whole}_dw{place}": gradient / count for place, gradient in enumerate(numbers, start=1)}
    flat = [w for rows in weights for w in rows.ravel()]
    rate = float(network.learning_rate)
    after = {f"w{place}": w - rate * found[f"d{whole}_dw{place}"] for place, w in enumerate(flat, start=1)}
    return found, after


def changed(value):
    """The number with its last digit but three one larger, of 17 digits."""
    digits = Decimal(f"{value:.16e}")
    return str(digits + Decimal((0, (1,), digits.as_tuple().exponent + 3)))


def section(found, after, draw):
    write = draw.choice(
        [repr, lambda value: f"{value:.17g}", lambda value: f"{value:.16g}", lambda value: f"{value:.15g}"]
    )
    return {
        "values": {name: write(float(value)) for name, value in found.items()},
        "after": {1: {name: write(float(value)) for name, value in after.items()}},
    }


def spread(network, name, value):
    """How far the number moves where the numbers on the way to it move by a unit of their last place."""
    runs = [doubles(network, random.Random(seed), stirred=2.0**-52)[0][name] for seed in range(8)]
    return max(abs(run - value) for run in runs)


@pytest.mark.parametrize("part", range(PARTS))
def test_right_doubles_are_right_and_a_changed_digit_is_caught(part):
    """No right double is wrong; the last digit but three, one larger, is found where doubles hold it at all."""
    caught = tried = 0
    for seed in range(part, NETWORKS, PARTS):
        draw = random.Random(seed)
        network = drawn(draw)
        found, after = doubles(network, draw)
        derivation = network.derive()
        for row in derive.compare_published(derivation, section(found, after, draw)):
            assert row.verdict in (RIGHT, DOUBLE), (seed, row)
            assert not row.causes
        name = draw.choice(sorted(found))
        if found[name]:
            text = changed(found[name])
            (row,) = derive.compare_published(derivation, {"values": {name: text}})
            is_caught = row.verdict not in (RIGHT, DOUBLE)
            tried, caught = tried + 1, caught + is_caught
            change = abs(float(Fraction(text) - Fraction(float(found[name]))))
            assert is_caught or change < 128 * spread(network, name, found[name]), (seed, row)
    assert caught >= 0.6 * tried
    print(f"caught {caught} of {tried}")


@pytest.mark.parametrize("part", range(PARTS))
def test_a_changed_digit_in_a_whole_file_of_doubles_is_caught(part):
    """What a line loses that is calculated from printed doubles is a few units of their last place, and no more."""
    for seed in range(part, NETWORKS, PARTS):
        draw = random.Random(seed)
        network = drawn(draw)
        found, after = doubles(network, draw)
        name = draw.choice(sorted(found))
        text = changed(found[name])
        change = abs(float(Fraction(text) - Fraction(float(found[name]))))
        if not found[name] or change < 128 * spread(network, name, found[name]):
            continue
        published = section(found, after, draw)
        published["values"][name] = text
        compared = derive.compare_published(network.derive(), published)
        assert name in [row.name for row in compared.wrong], (seed, [str(row) for row in compared])
