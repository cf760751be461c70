"""The error of any network by mpmath, with formulas of its own: nothing of derive's arithmetic or rules."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

import mpmath

NOTHING: Mapping[str, object] = MappingProxyType({})


def _cases(net, slope):
    return net if net > 0 else slope * net


ACTIVATIONS = {
    "identity": lambda x, c: x,
    "logistic": lambda x, c: 1 / (1 + mpmath.exp(-x)),
    "tanh": lambda x, c: mpmath.tanh(x),
    "relu": lambda x, c: _cases(x, 0),
    "leaky_relu": lambda x, c: _cases(x, c),
    "elu": lambda x, c: x if x > 0 else c * mpmath.expm1(x),
    "softplus": lambda x, c: mpmath.log1p(mpmath.exp(x)),
    "softsign": lambda x, c: x / (1 + abs(x)),
    "gelu": lambda x, c: x * mpmath.ncdf(x),
    "silu": lambda x, c: x / (1 + mpmath.exp(-x)),
    "hard_tanh": lambda x, c: min(max(x, -1), 1),
}
ERRORS = {
    "half_squared_error": lambda t, o, n: (t - o) ** 2 / 2,
    "squared_error": lambda t, o, n: (t - o) ** 2,
    "mean_squared_error": lambda t, o, n: (t - o) ** 2 / n,
    "absolute_error": lambda t, o, n: abs(t - o),
    "huber": lambda t, o, n: (t - o) ** 2 / 2 if abs(t - o) <= 1 else abs(t - o) - mpmath.mpf(1) / 2,
    "binary_cross_entropy": lambda t, o, n: -(t * mpmath.log(o) + (1 - t) * (mpmath.log(1 - o) if t != 1 else 0)),
    "cross_entropy": lambda t, o, n: -t * mpmath.log(o) if t else mpmath.mpf(0),
    "hinge": lambda t, o, n: max(0, 1 - t * o),
}


def mp(value):
    """A fraction at the present precision."""
    return mpmath.mpf(value.numerator) / value.denominator


def error_of(network, changed: Mapping[str, object] = NOTHING, digits=60):
    """The error of all samples; ``changed`` is what is added to weights and biases, by name."""
    with mpmath.workdps(digits):
        found = []
        for sample in network.samples:
            outs = list(map(mp, sample.inputs))
            for k, layer in enumerate(network.layers):
                outs = _outs(layer, network.weight_names[k], network.bias_names[k], outs, changed)
            error = ERRORS[network.error]
            found.append(sum(error(mp(t), o, len(outs)) for t, o in zip(sample.targets, outs, strict=True)))
        return sum(found) / (len(found) if network.reduction == "mean" else 1)


def _outs(layer, weights, biases, signals, changed):
    bias = layer.bias if isinstance(layer.bias, tuple) else [layer.bias or Fraction(0)] * layer.size
    names = [biases] * layer.size if isinstance(biases, str) else biases or [""] * layer.size
    nets = [
        sum((mp(w) + changed.get(n, 0)) * s for n, w, s in zip(rows, row, signals, strict=True))
        + mp(b)
        + changed.get(name, 0)
        for rows, row, b, name in zip(weights, layer.weights, bias, names, strict=True)
    ]
    if layer.activation == "softmax":
        shares = [mpmath.exp(net - max(nets)) for net in nets]
        return [share / sum(shares) for share in shares]
    constant = mp(layer.constant) if layer.constant is not None else None
    return [ACTIVATIONS[layer.activation](net, constant) for net in nets]


def gradient_of(network, name, digits=400):
    """The central difference of the error by a weight or bias, with a step of 1e-150."""
    with mpmath.workdps(digits):
        step = mpmath.mpf(10) ** -150
        above, below = (error_of(network, {name: moved}, digits) for moved in (step, -step))
        return (above - below) / (2 * step)
