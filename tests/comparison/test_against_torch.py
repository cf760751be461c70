"""Everything that a network gives, against PyTorch: every activation with every error, every optimizer, every kink."""

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest
from oracle import parameter_places

import derive

torch = pytest.importorskip("torch")

import torch_oracle  # noqa: E402

# Where a gradient is exactly 0, PyTorch's is what rounding leaves: so far from 0 it may be.
NOISE = 1e-14
WEIGHTS = [[1.31, -0.92], [-0.73, 1.64]], [[1.37, -1.12], [0.61, 1.23]]
BIASES = {
    "none": (None, None),
    "shared": (0.21, -0.12),
    "each": ([0.27, -0.34], [-0.17, 0.11]),
}
INPUTS = [0.5, 1.5], [-1.2, -0.4], [0.9, -0.35]
TARGETS = {
    "binary_cross_entropy": ([0, 0.3], [1, 0.6], [0.8, 1]),
    "cross_entropy": ([0.3, 0.7], [1, 0], [0, 1]),
    "hinge": ([1, -1], [-1, 1], [-1, -1]),
}
OTHER_TARGETS = [0.2, 0.8], [-0.6, 0.4], [1.1, -0.3]
# The activations whose outs the error's logarithms take; elsewhere the last layer is the first of them.
LAST = {"binary_cross_entropy": ("logistic", "softmax"), "cross_entropy": ("softmax", "logistic", "softplus")}
OPTIMIZERS = [derive.Optimizer(name) for name in derive.OPTIMIZERS]
DECAYING = [derive.Optimizer(name, weight_decay=Fraction(1, 50)) for name in derive.OPTIMIZERS]
ON_WEIGHTS = [
    derive.Optimizer(name, weight_decay=derive.WeightDecay(Fraction(1, 50), on="weights")) for name in derive.OPTIMIZERS
]
RATE = Fraction(1, 20)
RATES = {"adagrad": Fraction(1, 20), "rmsprop": Fraction(1, 200), "adam": Fraction(1, 50)}
CASES = list(itertools.product(derive.ACTIVATIONS, derive.ERRORS))


def optimizer_id(optimizer):
    """Its name, and what decays."""
    decay = optimizer.weight_decay
    return optimizer.name + (f" decaying {getattr(decay, 'on', 'all')}" if decay else "")


def network(activation, error, bias="each", *, trained=True, copies=1, **settings):
    """A 2-2-2 network with the activation in both layers, in the last one with a constant of its own."""
    last = activation if activation in LAST.get(error, [activation]) else LAST[error][0]
    own = {"leaky_relu": {"slope": Fraction(1, 5)}, "elu": {"alpha": Fraction(3, 2)}}.get(last, {})
    hidden_bias, last_bias = BIASES[bias]
    return derive.Network(
        [
            derive.Layer(WEIGHTS[0], hidden_bias, activation, train_bias=trained),
            derive.Layer(WEIGHTS[1], last_bias, last, **own),
        ],
        [derive.Sample(*pair) for pair in zip(INPUTS, TARGETS.get(error, OTHER_TARGETS), strict=True)] * copies,
        error=error,
        delta=Fraction(3, 4) if error == "huber" else None,
        **settings,
    )


def agree(found, expected, what, *, rtol=1e-9, atol=0.0):
    """Fail with the names of the numbers that differ."""
    assert set(found) == set(expected), what
    different = {
        name: (found[name], value)
        for name, value in expected.items()
        if not abs(found[name] - value) <= atol + rtol * abs(value)
    }
    assert not different, f"{what}: found and expected {different}"


def trained_names(net):
    """The parameters that an update changes."""
    return [
        name for name, (layer, row, _) in parameter_places(net).items() if row != "bias" or net.layers[layer].train_bias
    ]


def without_effect(net):
    """The biases that change nothing: softmax gives the same outs where all of a layer's nets grow alike."""
    return {
        name
        for name, (layer, row, _) in parameter_places(net).items()
        if row == "bias" and net.layers[layer].activation == "softmax" and not isinstance(net.layers[layer].bias, tuple)
    }


@pytest.mark.parametrize(("activation", "error"), CASES)
def test_gradients_errors_and_the_first_update_are_pytorchs(activation, error):
    kinds = [("none", True), ("shared", True), ("shared", False), ("each", True)]
    for (bias, trained), reduction in itertools.product(kinds, ["mean", "sum"]):
        for optimizer in [*OPTIMIZERS, DECAYING[0], DECAYING[-1]]:
            settings = {"reduction": reduction, "optimizer": optimizer, "learning_rate": RATE}
            net = network(activation, error, bias, trained=trained, **settings)
            what = f"bias {bias}, trained {trained}, {reduction}, {optimizer}"
            derivation = net.derive()
            value, gradients = torch_oracle.gradients(net)
            (_, after), updated = torch_oracle.train(net, 1)
            if not optimizer.weight_decay:
                # Their gradient is 0, and an optimizer that divides by its size would show PyTorch's rounding.
                updated |= {name: float(BIASES[bias][parameter_places(net)[name][0]]) for name in without_effect(net)}
            agree(derivation.gradients, gradients, f"gradients, {what}", atol=NOISE)
            changed = {name: derivation.evaluation.updated(name) for name in trained_names(net)}
            agree(changed, {name: updated[name] for name in changed}, f"first update, {what}")
            errors = {"before": derivation.error.value, "after": derivation.error.after}
            agree(errors, {"before": value, "after": after}, f"errors, {what}")


@pytest.mark.parametrize("copies", [1, 20], ids=["floats", "arrays"])
@pytest.mark.parametrize(("activation", "error"), CASES)
def test_five_steps_of_training_are_pytorchs(activation, error, copies):
    for (bias, trained), reduction in itertools.product(
        [("none", True), ("shared", True), ("each", False)], ["mean", "sum"]
    ):
        rate = Fraction(1, 10 if reduction == "mean" else 10 * 3 * copies)
        settings = {"reduction": reduction, "learning_rate": rate, "optimizer": derive.Optimizer("nesterov")}
        net = network(activation, error, bias, trained=trained, copies=copies, **settings)
        training = net.derive().train(5, every=1)
        errors, parameters = torch_oracle.train(net, 5)
        what = f"bias {bias}, trained {trained}, {reduction}"
        agree(training.parameters, parameters, f"parameters, {what}")
        agree({row.iteration: row.error for row in training.rows}, dict(enumerate(errors)), f"errors, {what}")


def classifier(sizes, samples, **settings):
    """tanh, then softmax with cross-entropy, from random numbers."""
    layers, inputs, _ = drawn(sizes, samples, ("tanh", "softmax"))
    classes = [[int(place == number % sizes[-1]) for place in range(sizes[-1])] for number in range(samples)]
    data = [derive.Sample(*pair) for pair in zip(inputs, classes, strict=True)]
    return derive.Network(layers, data, error="cross_entropy", **settings)


def regression(sizes, samples, **settings):
    """tanh, then identity with the squared error, from random numbers."""
    layers, inputs, draw = drawn(sizes, samples, ("tanh", "identity"))
    data = [derive.Sample(row, [draw() for _ in range(sizes[-1])]) for row in inputs]
    return derive.Network(layers, data, error="mean_squared_error", **settings)


def drawn(sizes, samples, activations):
    """Layers and inputs of random numbers, and what draws more."""
    source = random.Random(7)

    def draw():
        return Fraction(source.randint(-999, 999), 1000)

    layers = [
        derive.Layer([[draw() for _ in range(n)] for _ in range(size)], [draw() for _ in range(size)], activation)
        for (n, size), activation in zip(itertools.pairwise(sizes), activations, strict=True)
    ]
    return layers, [[draw() for _ in range(sizes[0])] for _ in range(samples)], draw


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, *DECAYING, *ON_WEIGHTS], ids=optimizer_id)
@pytest.mark.parametrize(("sizes", "samples"), [((2, 3, 3), 3), ((12, 16, 4), 8)], ids=["floats", "arrays"])
@pytest.mark.parametrize("make", [classifier, regression])
def test_a_hundred_steps_of_training_are_pytorchs(make, sizes, samples, optimizer):
    rate = RATES.get(optimizer.name, Fraction(1, 10))
    net = make(sizes, samples, optimizer=optimizer, learning_rate=rate)
    training = net.derive().train(100, every=1)
    errors, parameters = torch_oracle.train(net, 100)
    assert [row.iteration for row in training.rows] == list(range(101))
    np.testing.assert_allclose([row.error for row in training.rows], errors, rtol=1e-10)
    agree(training.parameters, parameters, "parameters", rtol=1e-10, atol=1e-12)
    assert errors[-1] < 0.9 * errors[0]


def test_constants_that_are_left_out_are_pytorchs():
    parameter = [torch.zeros(1)]
    adam, rmsprop = torch.optim.Adam(parameter).defaults, torch.optim.RMSprop(parameter).defaults
    constants = {
        "adagrad": {"epsilon": torch.optim.Adagrad(parameter).defaults["eps"]},
        "rmsprop": {"decay": rmsprop["alpha"], "epsilon": rmsprop["eps"]},
        "adam": {"beta1": adam["betas"][0], "beta2": adam["betas"][1], "epsilon": adam["eps"]},
    }
    for name, expected in constants.items():
        found = derive.Optimizer(name).constants
        assert {constant: float(value) for constant, value in found.items()} == expected
    assert float(derive.Layer([[1]], activation="leaky_relu").constant) == torch.nn.LeakyReLU().negative_slope
    assert float(derive.Layer([[1]], activation="elu").constant) == torch.nn.ELU().alpha
    near, far = (derive.Network([derive.Layer([[1]])], [derive.Sample([1], [t])], error="huber") for t in (0.9, -9))
    for net in (near, far):
        expected = torch.nn.HuberLoss()(
            torch.sigmoid(torch.ones(1).double()), torch_oracle.tensor(net.samples[0].targets)
        )
        assert net.derive().error.value == pytest.approx(expected.item(), rel=1e-12)


KINKS = [
    ("relu", {}, 0),
    ("leaky_relu", {"slope": Fraction(1, 5)}, 0),
    ("elu", {"alpha": Fraction(3, 2)}, 0),
    ("elu", {"alpha": Fraction(1, 2)}, 0),
    ("hard_tanh", {}, 1),
    ("hard_tanh", {}, -1),
    ("hard_tanh", {}, 0),
    ("softsign", {}, 0),
]


@pytest.mark.parametrize("copies", [1, 64], ids=["floats", "arrays"])
@pytest.mark.parametrize("is_last", [True, False], ids=["last layer", "hidden layer"])
@pytest.mark.parametrize(("activation", "constant", "net"), KINKS)
def test_at_a_kink_an_activation_has_pytorchs_slope(activation, constant, net, is_last, copies):
    layers = [derive.Layer([[1, 0], [1, -1]], activation=activation, **constant)]
    if not is_last:
        layers.append(derive.Layer([[2, 1]], activation="identity"))
    targets = [3, -5] if is_last else [4]
    same_as_pytorch(derive.Network(layers, [derive.Sample([net, 0], targets)] * copies))


@pytest.mark.parametrize("copies", [1, 64], ids=["floats", "arrays"])
@pytest.mark.parametrize(
    ("error", "constant", "out", "targets"),
    [
        ("absolute_error", {}, 2, [2, 1]),
        ("huber", {"delta": Fraction(1, 2)}, 2, [Fraction(3, 2), Fraction(5, 2)]),
        ("huber", {}, 2, [1, 3]),
        ("huber", {}, 2, [2, 0]),
        ("hinge", {}, 1, [1, -1]),
        ("hinge", {}, -1, [1, -1]),
    ],
)
def test_at_a_kink_an_error_has_pytorchs_slope(error, constant, out, targets, copies):
    layers = [derive.Layer([[1, 0], [0, 1]], activation="identity")]
    network = derive.Network(layers, [derive.Sample([out, out], targets)] * copies, error=error, **constant)
    same_as_pytorch(network)


def same_as_pytorch(net):
    """Compare where all numbers are small fractions: nothing but the slope at a kink can differ."""
    derivation, training = net.derive(), net.derive().train(1)
    error, gradients = torch_oracle.gradients(net)
    errors, updated = torch_oracle.train(net, 1)
    agree(derivation.gradients, gradients, "gradients", rtol=1e-12)
    agree({name: derivation.evaluation.updated(name) for name in updated}, updated, "first update", rtol=1e-12)
    agree(training.parameters, updated, "training", rtol=1e-12)
    found = [derivation.error.value, derivation.error.after, *(row.error for row in training.rows)]
    np.testing.assert_allclose(found, [error, errors[1], *errors], rtol=1e-12)


def test_the_numbers_reach_every_branch():
    """What is tested above would be little if every net lay on one side."""
    for activation in ("identity", "relu", "leaky_relu", "elu", "hard_tanh"):
        for bias in BIASES:
            derivation = network(activation, "huber", bias).derive()
            for layer in ("h", "o"):
                names = [f"net_{layer}{number}" for number in (1, 2)]
                nets = [derivation.evaluation.quantity(name, sample) for name in names for sample in range(3)]
                where = f"{activation}, {bias}, {layer}: {[float(net) for net in nets]}"
                assert min(nets) < 0 < max(nets), where
                assert all(abs(abs(net) - kink) > 1e-3 for net in nets for kink in (0, 1)), where
                assert activation != "hard_tanh" or {abs(net) < 1 for net in nets} == {True, False}, where
