"""Conventions are found where they explain what they change, and not where other numbers speak against them."""

import math
import random
import time

import pytest

import derive
from derive.comparison.published import CONVENTION, RIGHT, WRONG
from derive.language.language import ENGLISH
from derive.render.terminal import published

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


def test_biases_alone_do_not_show_that_the_weights_decay():
    """After one update they are the same with no decay at all, which is what their numbers say."""
    after = {1: {"b1": decayed(0, 0, 1)[1]["b1"]}}
    assert not with_decay(after).conventions  # one number shows nothing of a whole source
    network = derive.Network(
        [derive.Layer([[0.3, -0.4], [0.2, 0.1]], bias=[0.25, -0.3])],
        [derive.Sample([0.1, 0.5], [0.9, 0.2])],
        error="half_squared_error",
        learning_rate=RATE,
        optimizer=derive.Optimizer(weight_decay=0.1),
    )
    biases = {}
    for name, w, b, target in (("b_o1", (0.3, -0.4), 0.25, 0.9), ("b_o2", (0.2, 0.1), -0.3, 0.2)):
        out = 1 / (1 + math.exp(-(0.1 * w[0] + 0.5 * w[1] + b)))
        biases[name] = f"{b - RATE * (out - target) * out * (1 - out):.7f}"
    found = derive.compare_published(network.derive(), {"after": {1: biases}})
    assert [each.name for each in found.conventions] == ["no_decay"]


def test_updates_that_are_counted_one_by_one_are_called_updates():
    network = derive.Network(
        [derive.Layer([[0.3, -0.2]], activation="identity")],
        [derive.Sample([1, 0.5], [1]), derive.Sample([0.5, -1], [0])],
        error="half_squared_error",
        learning_rate=0.1,
        updates="online",
    )
    w, after = [0.3, -0.2], {}
    for n, (inputs, target) in enumerate([((1, 0.5), 1), ((0.5, -1), 0)] * 2, start=1):
        error = sum(a * b for a, b in zip(w, inputs, strict=True)) - target
        w = [each - 0.1 * error * x for each, x in zip(w, inputs, strict=True)]
        after[n] = {f"w{place}": f"{each:.6f}" for place, each in enumerate(w, start=1)}
    evaluation = network.derive().evaluation
    counted = published(evaluation, derive.compare_published(network.derive(), {"after": after}), language=ENGLISH)
    assert [line for line in counted.splitlines() if line.startswith("after")] == [
        "after 1 update, sample 1:",
        "after 2 updates, sample 1:",
        "after 3 updates, sample 1:",
        "after 4 updates, sample 1:",
    ]
    passes = {1: after[2], 2: after[4]}
    counted = published(evaluation, derive.compare_published(network.derive(), {"after": passes}), language=ENGLISH)
    assert "after 1 pass, sample 1:" in counted.splitlines()
    simultaneous = network.replace(updates="simultaneous").derive()
    found = derive.compare_published(simultaneous, {"after": passes})
    assert [each.name for each in found.conventions] == ["online"]
    assert "after 2 passes, sample 1:" in published(simultaneous.evaluation, found, language=ENGLISH).splitlines()


def test_large_publications_are_judged_quickly():
    """Of six hundred numbers that are all wrong: no look for a cause goes through all that the network has."""
    draw = random.Random(7)
    sizes = [(20, 15), (15, 10)]
    layers = [
        derive.Layer([[draw.uniform(-1, 1) for _ in range(a)] for _ in range(b)], [draw.uniform(-1, 1)] * b)
        for a, b in sizes
    ]
    sample = derive.Sample([draw.random() for _ in range(20)], [draw.random() for _ in range(10)])
    derivation = derive.Network(layers, [sample]).derive()
    names = [name for name, kind in derivation.evaluation.computation.kinds.items() if kind in ("net", "out")]
    names += [partial.symbol.name for partial in derivation.evaluation.derivation.partials.values()]
    noise = {name: f"{draw.uniform(-3, 3):.7f}" for name in names}
    assert len(noise) > 500
    start = time.process_time()
    rows = derive.compare_published(derivation, {"values": noise})
    taken = time.process_time() - start
    assert {row.verdict for row in rows} == {WRONG}
    assert not any(row.causes for row in rows)
    assert taken < 15, taken  # seconds of the processor, four on a usual one
