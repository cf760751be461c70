"""What the tests compare with: written without any of derive's derivation, evaluation or rounding."""

import itertools
from fractions import Fraction

import mpmath
import numpy as np
from hypothesis import strategies as st

import derive

FUNCTIONS = {
    "logistic": (lambda x: 1 / (1 + np.exp(-x)), lambda x, y: y * (1 - y)),
    "tanh": (np.tanh, lambda x, y: 1 - y**2),
    "relu": (lambda x: np.maximum(x, 0), lambda x, y: (x > 0).astype(float)),
    "identity": (lambda x: x, lambda x, y: np.ones_like(x)),
}
PRECISE = {
    "logistic": lambda x: 1 / (1 + mpmath.exp(-x)),
    "tanh": mpmath.tanh,
    "relu": lambda x: max(x, mpmath.mpf(0)),
    "identity": lambda x: x,
}


def arrays(network):
    """The weights, biases, input and target as float arrays."""
    weights = [np.array([[float(w) for w in row] for row in layer.weights]) for layer in network.layers]
    biases = []
    for layer in network.layers:
        bias = layer.bias if isinstance(layer.bias, tuple) else [layer.bias or 0] * len(layer.weights)
        biases.append(np.array([float(b) for b in bias]))
    sample = network.samples[0]
    return weights, biases, np.array(list(map(float, sample.inputs))), np.array(list(map(float, sample.targets)))


def backward(network, *, sequential=False):
    """Gradients by parameter name and the updated network's error, as a programmer writes it in NumPy."""
    weights, biases, x, t = arrays(network)
    outs, nets = [x], []
    for w, b, layer in zip(weights, biases, network.layers, strict=True):
        nets.append(w @ outs[-1] + b)
        outs.append(FUNCTIONS[layer.activation][0](nets[-1]))
    gradients = {}
    rate = float(network.learning_rate)
    new_weights, new_biases = [w.copy() for w in weights], [b.copy() for b in biases]
    flow = outs[-1] - t
    number = sum(w.size for w in weights)
    for k in reversed(range(len(weights))):
        layer = network.layers[k]
        delta = flow * FUNCTIONS[layer.activation][1](nets[k], outs[k + 1])
        by_weight = np.outer(delta, outs[k])
        number -= by_weight.size
        for place, value in enumerate(by_weight.ravel(), start=1):
            gradients[f"w{number + place}"] = value
        new_weights[k] -= rate * by_weight
        if isinstance(layer.bias, tuple):
            gradients |= {f"b_{name}": d for name, d in zip(neuron_names(network, k), delta, strict=True)}
            step = delta
        else:
            step = np.full_like(delta, delta.sum())
            if layer.bias is not None:
                gradients[f"b{k + 1}"] = delta.sum()
        if layer.bias is not None and layer.train_bias:
            new_biases[k] -= rate * step
        flow = (new_weights[k] if sequential else weights[k]).T @ delta
    out = x
    for w, b, layer in zip(new_weights, new_biases, network.layers, strict=True):
        out = FUNCTIONS[layer.activation][0](w @ out + b)
    return gradients, float(((t - out) ** 2).sum() / 2), new_weights


def neuron_names(network, k):
    """The neurons of a layer, named as the issue says."""
    hidden = len(network.layers) - 1
    prefix = "o" if k == hidden else "h" if hidden == 1 else f"h{k + 1}_"
    return [f"{prefix}{number}" for number in range(1, len(network.layers[k].weights) + 1)]


def precise_error(network, changed=None, digits=60):
    """The error by mpmath; ``changed`` maps (layer, row, column) or (layer, "bias", row) to what is added."""
    changed = changed or {}
    with mpmath.workdps(digits):
        number = lambda q: mpmath.mpf(q.numerator) / q.denominator  # noqa: E731
        signals = [number(v) for v in network.samples[0].inputs]
        for k, layer in enumerate(network.layers):
            nets = []
            for r, row in enumerate(layer.weights):
                net = sum((number(w) + changed.get((k, r, c), 0)) * signals[c] for c, w in enumerate(row))
                if layer.bias is not None:
                    bias = layer.bias[r] if isinstance(layer.bias, tuple) else layer.bias
                    place = (k, "bias", r if isinstance(layer.bias, tuple) else 0)
                    net += number(bias) + changed.get(place, 0)
                nets.append(net)
            signals = [PRECISE[layer.activation](net) for net in nets]
        targets = [number(v) for v in network.samples[0].targets]
        return sum((t - o) ** 2 for t, o in zip(targets, signals, strict=True)) / 2


def parameter_places(network):
    """Parameter names and where ``precise_error`` changes them."""
    places, count = {}, 0
    for k, layer in enumerate(network.layers):
        for r, row in enumerate(layer.weights):
            for c in range(len(row)):
                count += 1
                places[f"w{count}"] = (k, r, c)
        if isinstance(layer.bias, tuple):
            places |= {f"b_{name}": (k, "bias", r) for r, name in enumerate(neuron_names(network, k))}
        elif layer.bias is not None:
            places[f"b{k + 1}"] = (k, "bias", 0)
    return places


def round_half_up(value, digits):
    """A fraction as text with that many decimals, a tie away from zero."""
    scaled = abs(Fraction(value)) * 10**digits
    whole = int(scaled + Fraction(1, 2))
    text = str(whole).rjust(digits + 1, "0")
    return ("-" if value < 0 and whole else "") + text[:-digits] + "." + text[-digits:]


numbers = st.integers(-200, 200).map(lambda n: Fraction(n, 100))


@st.composite
def networks(draw, activations=("logistic", "tanh", "identity"), largest=3, deepest=3):
    """Networks of random shape, biases and numbers."""
    sizes = draw(st.lists(st.integers(1, largest), min_size=2, max_size=deepest + 1))
    layers = []
    for inputs, size in itertools.pairwise(sizes):
        kind = draw(st.sampled_from(["none", "shared", "each"]))
        each = draw(st.lists(numbers, min_size=size, max_size=size))
        layers.append(
            derive.Layer(
                weights=[draw(st.lists(numbers, min_size=inputs, max_size=inputs)) for _ in range(size)],
                bias={"none": None, "shared": each[0], "each": each}[kind],
                activation=draw(st.sampled_from(activations)),
                train_bias=draw(st.booleans()),
            )
        )
    sample = derive.Sample(
        inputs=draw(st.lists(numbers, min_size=sizes[0], max_size=sizes[0])),
        targets=draw(st.lists(numbers, min_size=sizes[-1], max_size=sizes[-1])),
    )
    updates = draw(st.sampled_from(["simultaneous", "sequential"]))
    return derive.Network(layers=layers, samples=[sample], learning_rate=Fraction(3, 10), updates=updates)
