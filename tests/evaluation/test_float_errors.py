"""The tolerance: right gradients that differ in their last digits agree, wrong ones do not, however small they are."""

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest
from oracle import FUNCTIONS

import derive
from derive.comparison.ways import WAYS, is_installed

ACTIVATIONS = [name for name in derive.ACTIVATIONS if name != "softmax"]
SMOOTH = ["logistic", "tanh", "softplus", "identity"]


def drawn(seed):
    """A network of any depth, size of weights, activations and error."""
    draw = random.Random(seed)
    depth, size = draw.choice([1, 2, 3, 5, 10]), draw.choice([0.01, 0.5, 2, 10])
    shape = [draw.randint(1, 3) for _ in range(depth + 1)]
    error = draw.choice([*derive.ERRORS])
    last = {"binary_cross_entropy": "logistic", "cross_entropy": "softmax"}.get(error)

    def number():
        return round(draw.uniform(-size, size), draw.choice([2, 6, 15]))

    layers = [
        derive.Layer(
            [[number() for _ in range(inputs)] for _ in range(neurons)],
            bias=draw.choice([None, number(), [number() for _ in range(neurons)]]),
            activation=last if last and place == depth - 1 else draw.choice(ACTIVATIONS),
        )
        for place, (inputs, neurons) in enumerate(itertools.pairwise(shape))
    ]
    targets = {
        "hinge": lambda: [draw.choice([-1, 1]) for _ in range(shape[-1])],
        "binary_cross_entropy": lambda: [draw.choice([0, 0.3, 1]) for _ in range(shape[-1])],
        "cross_entropy": lambda: [1, *[0] * (shape[-1] - 1)],
    }.get(error, lambda: [number() for _ in range(shape[-1])])
    samples = [
        derive.Sample([round(draw.uniform(-1, 1), 3) for _ in range(shape[0])], targets())
        for _ in range(draw.randint(1, 3))
    ]
    return derive.Network(layers, samples, error=error, reduction=draw.choice(["mean", "sum"]))


@pytest.mark.parametrize("seed", range(60))
def test_right_gradients_in_floats_agree(seed):
    network = drawn(seed)
    derivation = network.derive()
    for way in ("numpy", "torch"):
        if is_installed(way):
            for row in derive.compare_gradients(derivation, WAYS[way](network.derive().evaluation)):
                assert row.agrees or not row.is_finite, (way, row)
    shifted = {name: np.nextafter(float(value), 0) for name, value in derivation.gradients.items()}
    assert derive.compare_gradients(derivation, shifted).agrees


@pytest.mark.parametrize("seed", range(40))
def test_a_backward_pass_of_ones_own_in_any_order_agrees(seed):
    """Sums in another order, by a pass that shares nothing with derive's."""
    draw = random.Random(seed)
    shape = [draw.randint(1, 4) for _ in range(draw.randint(2, 7))]
    layers = [
        derive.Layer([[draw.uniform(-2, 2) for _ in range(a)] for _ in range(b)], activation=draw.choice(SMOOTH[:2]))
        for a, b in itertools.pairwise(shape)
    ]
    sample = derive.Sample([draw.uniform(-1, 1) for _ in range(shape[0])], [0.25] * shape[-1])
    network = derive.Network(layers, [sample])
    outs = [[float(v) for v in sample.inputs]]
    nets = []
    for layer in layers:
        nets.append([added(draw, [float(w) * x for w, x in zip(row, outs[-1], strict=True)]) for row in layer.weights])
        outs.append([FUNCTIONS[layer.activation][0](net) for net in nets[-1]])
    flow = [out - 0.25 for out in outs[-1]]
    found = {}
    for k in reversed(range(len(layers))):
        slope = FUNCTIONS[layers[k].activation][1]
        delta = [f * slope(net, out) for f, net, out in zip(flow, nets[k], outs[k + 1], strict=True)]
        for names, d in zip(network.weight_names[k], delta, strict=True):
            found |= {name: d * x for name, x in zip(names, outs[k], strict=True)}
        columns = zip(*layers[k].weights, strict=True)
        flow = [added(draw, [float(w) * d for w, d in zip(column, delta, strict=True)]) for column in columns]
    comparison = derive.compare_gradients(network.derive(), found)
    assert comparison.agrees, comparison


def added(draw, terms):
    return sum(draw.sample(terms, len(terms)))


def chain(activation, weight, depth, inputs=1.0):
    layers = [derive.Layer([[weight]], activation=activation) for _ in range(depth)]
    return derive.Network(layers, [derive.Sample([inputs], [0.3])])


TINY = {
    "eight logistic layers": chain("logistic", 0.1, 8),
    "twelve logistic layers": chain("logistic", 0.01, 12),
    "1e-200 by weights": chain("identity", 1e-20, 11),
    "1e-200 by an input": chain("tanh", 0.5, 3, 1e-200),
    "softplus": chain("softplus", 0.001, 6),
}


@pytest.mark.parametrize("wrong", [0, -1, 0.5, 2, 1.001, 0.999])
@pytest.mark.parametrize("name", TINY)
def test_a_wrong_gradient_is_caught_however_small(name, wrong):
    derivation = TINY[name].derive()
    right = {key: float(value) for key, value in derivation.gradients.items()}
    assert derive.compare_gradients(derivation, {key: value * (1 + 1e-13) for key, value in right.items()}).agrees
    for key, value in right.items():
        comparison = derive.compare_gradients(derivation, right | {key: value * wrong})
        assert [row.name for row in comparison.wrong] == [key], (key, value)


@pytest.mark.parametrize("name", TINY)
def test_a_slip_in_tiny_gradients_is_told_from_others(name):
    """The first layer's gradients are far below the last one's, and count as much."""
    derivation = TINY[name].derive()
    right = {key: float(value) for key, value in derivation.gradients.items()}
    wrong = right | {"w1": -right["w1"]}
    assert [str(slip.sentence) for slip in derive.compare_gradients(derivation, wrong).slips] == ["Wrong sign: w1."]
    assert derive.compare_gradients(derivation, right | {"w1": right["w1"] * 1.3}).slips == ()


def test_what_floats_cannot_hold_agrees_and_is_said_so():
    """1 − out of a neuron at net 40 is 4e-18, which a double of out does not hold: the gradient comes out as 0."""
    derivation = derive.Network([derive.Layer([[40]])], [derive.Sample([1], [0])]).derive()
    comparison = derive.compare_gradients(derivation, {"w1": 0.0})
    assert (comparison.agrees, comparison.rows[0].is_lost) == (True, True)
    assert "floats cannot give more digits" in str(comparison)
    assert not derive.compare_gradients(derivation, {"w1": 1e-13}).agrees


def test_an_absolute_tolerance_that_is_given_is_kept():
    derivation = chain("logistic", 0.1, 8).derive()
    assert derive.compare_gradients(derivation, {"w1": 0.0}, atol=1e-9).agrees
    right = float(derivation.gradients["w8"])
    assert not derive.compare_gradients(derivation, {"w8": right * (1 + 1e-12)}, rtol=0, atol=0).agrees


def test_a_number_for_a_derivative_beyond_all_floats_does_not_agree():
    derivation = chain("identity", Fraction(10**150), 4).derive()
    assert not derive.compare_gradients(derivation, {"w1": 5.0}).agrees


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5, 0.7, 3])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_step_of_an_update_is_recognised(rate, sign):
    network = derive.Network(
        [derive.Layer([[0.3, -0.2], [0.1, 0.4]]), derive.Layer([[0.5, 0.6]])],
        [derive.Sample([1, 2], [0.3])],
        learning_rate=rate,
        optimizer="adam",
    )
    derivation = network.derive()
    found = {name: sign * rate * float(value) for name, value in derivation.gradients.items()}
    comparison = derive.compare_gradients(derivation, found)
    assert comparison.slips[0].kind == "learning rate"
    assert ("half of what it should be" in str(comparison)) == (rate == 0.5 and sign == 1)
