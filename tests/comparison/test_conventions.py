"""Conventions are found where they explain what they change, and not where other numbers speak against them."""

import math

import pytest

import derive
from derive.comparison.published import CONVENTION, RIGHT, WRONG

RATE = 0.6


def decayed(on_weights, on_biases, updates=2):
    """Return a neuron's weights and biases by hand after each update, decayed by so much."""
    w, b, after = [0.3, -0.4], 0.25, {}
    for n in range(1, updates + 1):
        out = 1 / (1 + math.exp(-(0.1 * w[0] + 0.5 * w[1] + b)))
        delta = (out - 0.9) * out * (1 - out)
        gradients = [delta * x + on_weights * each for x, each in zip((0.1, 0.5), w, strict=True)]
        w = [each - RATE * gradient for each, gradient in zip(w, gradients, strict=True)]
        b -= RATE * (delta + on_biases * b)
        after[n] = {name: f"{value:.6f}" for name, value in zip(("w1", "w2", "b1"), (*w, b), strict=True)}
    return after


def with_decay(after, **changes):
    network = derive.Network(
        [derive.Layer([[0.3, -0.4]], bias=0.25)],
        [derive.Sample([0.1, 0.5], [0.9])],
        error="half_squared_error",
        learning_rate=RATE,
        optimizer=derive.Optimizer(weight_decay=0.1),
    )
    return derive.compare_published(network.derive(), {"after": after, **changes})


def test_no_decay_is_one_convention():
    found = with_decay(decayed(0, 0))
    assert [each.name for each in found.conventions] == ["no_decay"]
    assert {row.verdict for row in found} == {CONVENTION}
    assert {row.verdict for row in with_decay(decayed(0, 0), convention="no_decay")} == {RIGHT}


def test_decay_on_the_weights_alone_is_another():
    found = with_decay(decayed(0.1, 0))
    assert [each.name for each in found.conventions] == ["decay_on_weights"]
    assert WRONG not in {row.verdict for row in found}


def test_a_wrong_decay_is_no_convention():
    assert not with_decay(decayed(0.2, 0)).conventions


@pytest.mark.parametrize("declared", [True, False])
def test_each_update_of_online_training_may_be_counted(declared):
    w, after = [0.3, -0.2, 0.4], {}
    samples = [([0, 1, -1], 1), ([1, 1, -1], 0)]
    for n in range(6):
        inputs, target = samples[n % 2]
        error = sum(a * b for a, b in zip(w, inputs, strict=True)) - target
        w = [each - 0.1 * error * x for each, x in zip(w, inputs, strict=True)]
        after[n + 1] = {f"w{place}": f"{each:.5f}" for place, each in enumerate(w, start=1)}
    network = derive.Network(
        [derive.Layer([[0.3, -0.2, 0.4]], activation="identity")],
        [derive.Sample(inputs, [target]) for inputs, target in samples],
        error="half_squared_error",
        learning_rate=0.1,
        updates="online",
    )
    published = {"after": after} | ({"convention": "online_samples"} if declared else {})
    found = derive.compare_published(network.derive(), published)
    assert WRONG not in {row.verdict for row in found}
    assert [(each.name, each.is_declared) for each in found.conventions] == [("online_samples", declared)]
