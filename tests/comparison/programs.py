"""Networks at random, and backward passes over arrays as programs have them, with slips; none of it is derive's."""

from itertools import pairwise

import numpy as np

import derive


def sigma(x):
    """Return σ(x), of e^(−|x|) alone, so that nothing overflows."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


ACTIVATIONS = {
    "logistic": (sigma, lambda net, out: out * (1 - out)),
    "tanh": (np.tanh, lambda net, out: 1 - out**2),
    "relu": (lambda net: np.maximum(net, 0), lambda net, out: (net > 0).astype(net.dtype)),
    "softplus": (lambda net: np.maximum(net, 0) + np.log1p(np.exp(-np.abs(net))), lambda net, out: sigma(net)),
    "identity": (lambda net: net, lambda net, out: np.ones_like(net)),
}


class Program:
    """A network of 2 to 4 neurons a layer as arrays, in a type of floating point; softmax last where asked for."""

    def __init__(self, seed, *, hidden=("logistic", "tanh"), last="logistic", samples=3, dtype=np.float64, depth=2):
        draw = np.random.default_rng(seed)
        self.dtype = dtype
        sizes = draw.integers(2, 5, size=depth + 2)
        self.functions = [*draw.choice(hidden, size=depth).tolist(), last]
        self.reduction = str(draw.choice(["mean", "sum"]))
        self.rate = float(draw.choice([0.1, 0.3, 0.7]))
        # Three decimals, so that what is exact for derive is the nearest number here.
        self.weights = [draw.uniform(-1.2, 1.2, (n, m)).round(3) for m, n in pairwise(sizes)]
        self.biases = [draw.uniform(-0.8, 0.8, n).round(3) for n in sizes[1:]]
        self.inputs = draw.uniform(-1.5, 1.5, (samples, sizes[0])).round(3)
        self.targets = draw.uniform(0, 1, (samples, sizes[-1])).round(3)
        self.error = "half_squared_error"
        if last == "softmax":
            self.targets = np.eye(sizes[-1])[draw.integers(0, sizes[-1], samples)]
            self.error = "cross_entropy"

    def network(self):
        """Return derive's network."""
        return derive.Network.from_arrays(
            list(zip(self.weights, self.biases, strict=True)),
            inputs=self.inputs,
            targets=self.targets,
            activation=self.functions,
            error=self.error,
            reduction=self.reduction,
            learning_rate=self.rate,
        )

    def gradients(self, slip="", at=None):
        """Return [(dW, db), …] by a backward pass with that slip, in the layer ``at`` where it has one."""
        weights = [each.astype(self.dtype) for each in self.weights]
        biases = [each.astype(self.dtype) for each in self.biases]
        count, last = len(self.inputs), len(weights) - 1
        outs, nets = [self.inputs.astype(self.dtype)], []
        for w, b, function in zip(weights, biases, self.functions, strict=True):
            nets.append(outs[-1] @ w.T + b)
            outs.append(softmax(nets[-1]) if function == "softmax" else ACTIVATIONS[function][0](nets[-1]))
        targets = self.targets.astype(self.dtype)
        is_mean = (self.reduction == "mean") != (slip == "missing batch division")
        share = self.dtype(1 / count if is_mean else 1)
        if slip in ("first sample", "last sample"):
            chosen = 0 if slip == "first sample" else count - 1
            share = np.where(np.arange(count) == chosen, 1 / count if is_mean and at else 1, 0)[:, None].astype(
                self.dtype
            )
        flow = (outs[-1] - targets) * share
        found = []
        for k in reversed(range(last + 1)):
            delta = flow * self.slope(k, nets[k], outs[k + 1], slip, at) if self.functions[k] != "softmax" else flow
            if self.functions[k] == "softmax" and slip == "diagonal":
                delta = -targets / outs[-1] * share * outs[-1] * (1 - outs[-1])
            if slip == "detached" and k <= at:
                delta = np.zeros_like(delta)
            signal = nets[k - 1] if slip == "net as signal" and k and at in (k, None) else outs[k]
            gradient = [delta.T @ signal, delta.sum(axis=0)]
            if slip == "frozen" and k == at:
                gradient = [each * 0 for each in gradient]
            if slip == "zero biases" and at in (k, None):
                gradient[1] = gradient[1] * 0
            if slip == "bias sum":
                gradient[1] = gradient[1] * count
            if slip == "swapped rows" and k == at:
                gradient = [each[::-1] for each in gradient]
            if slip == "updated returned":
                gradient = [weights[k] - self.rate * gradient[0], biases[k] - self.rate * gradient[1]]
            if slip == "rate":
                gradient = [self.rate * each for each in gradient]
            found.insert(0, tuple(gradient))
            flow = delta @ weights[k]
        return found

    def slope(self, k, net, out, slip, at):
        """Return the derivative of a layer's activation, or what a slip makes of it."""
        function = self.functions[k]
        if slip.startswith("slope of ") and at in (k, None):
            other, reading = slip.split()[2:]
            activate, derivative = ACTIVATIONS[other]
            return derivative(net, activate(net) if reading == "net" else out)
        if slip == "net as out" and at in (k, None):
            return ACTIVATIONS[function][1](net, net)
        if slip == "out as net" and at in (k, None):
            return ACTIVATIONS[function][1](out, ACTIVATIONS[function][0](out))
        return ACTIVATIONS[function][1](net, out)


def softmax(nets):
    """Return the shares of each row."""
    powers = np.exp(nets - nets.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
