"""Networks calculated by hand in a plain loop, which shares no code with derive: each line is rounded as printed."""

import itertools
import math
from decimal import ROUND_HALF_UP, Decimal

import derive

FUNCTIONS = {
    "logistic": (lambda x: 1 / (1 + math.exp(-x)), lambda y: y * (1 - y)),
    "tanh": (math.tanh, lambda y: 1 - y * y),
    "identity": (lambda x: x, lambda y: 1.0),
}


def drawn(draw, samples=1, shape=None, activations=("logistic", "logistic", "tanh", "identity")):
    shape = shape or [draw.randint(1, 3) for _ in range(draw.randint(2, 4))]

    def number():
        return draw.choice([-1, 1]) * draw.randint(1, 99) / 100

    layers = [
        derive.Layer(
            [[number() for _ in range(a)] for _ in range(b)],
            bias=draw.choice([None, [number() for _ in range(b)]]),
            activation=draw.choice(activations),
        )
        for a, b in itertools.pairwise(shape)
    ]
    given = [
        derive.Sample([number() for _ in range(shape[0])], [number() for _ in range(shape[-1])]) for _ in range(samples)
    ]
    return derive.Network(layers, given, learning_rate=draw.choice([0.1, 0.5]))


def names(network, k):
    last = len(network.layers) - 1
    prefix = "o" if k == last else "h" if last == 1 else f"h{k + 1}_"
    return [f"{prefix}{place}" for place in range(1, len(network.layers[k].weights) + 1)]


def rounded(value, digits):
    return f"{Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"


class ByHand:
    """One sample's forward and backward pass and the update, line by line: what each line prints is carried on.

    ``wrong`` is the place in the order of the lines, and by what factor its number is wrong there.
    """

    def __init__(self, network, digits, wrong=(-1, 1.0), carried=True, factor=1.0):
        self.lines, self.digits, self.wrong, self.carried = {}, digits, wrong, carried
        self.seeded = None
        weights = [[[float(w) for w in row] for row in layer.weights] for layer in network.layers]
        sample = network.samples[0]
        outs = [[float(v) for v in sample.inputs]]
        for k, layer in enumerate(network.layers):
            biases = [float(b) for b in layer.bias] if layer.bias else [0.0] * len(layer.weights)
            nets = [
                self.line(f"net_{name}", sum(w * x for w, x in zip(row, outs[-1], strict=True)) + b)
                for name, row, b in zip(names(network, k), weights[k], biases, strict=True)
            ]
            function = FUNCTIONS[layer.activation][0]
            outs.append([self.line(f"out_{n}", function(x)) for n, x in zip(names(network, k), nets, strict=True)])
        targets = [float(t) for t in sample.targets]
        self.line("E_total", sum((t - o) ** 2 for t, o in zip(targets, outs[-1], strict=True)) / 2)
        flow = [(o - t) * factor for t, o in zip(targets, outs[-1], strict=True)]
        self.after, count = {}, sum(len(row) for rows in weights for row in rows)
        for k in reversed(range(len(weights))):
            slope = FUNCTIONS[network.layers[k].activation][1]
            delta = [
                self.line(f"delta_{n}", f * slope(y))
                for n, f, y in zip(names(network, k), flow, outs[k + 1], strict=True)
            ]
            count -= sum(map(len, weights[k]))
            places = itertools.count(count + 1)
            for r, row in enumerate(weights[k]):
                for c, w in enumerate(row):
                    place = next(places)
                    gradient = self.line(f"dE_total_dw{place}", delta[r] * outs[k][c])
                    self.after[f"w{place}"] = self.printed(w - float(network.learning_rate) * gradient)
            flow = [sum(w[c] * d for w, d in zip(weights[k], delta, strict=True)) for c in range(len(outs[k]))]

    def line(self, name, value):
        place, by = self.wrong
        is_wrong = len(self.lines) == place
        digits = self.digits()
        meant, text = (rounded(each, digits) for each in (value, value * by if is_wrong else value))
        self.lines[name] = text
        if is_wrong:
            self.seeded = name
        return float(text if self.carried else meant)

    def printed(self, value):
        return rounded(value, self.digits())

    def compared(self, network, **changes):
        return derive.compare_published(network.derive(), {"values": self.lines, "after": {1: self.after}, **changes})


def of_its_own(draw):
    usual = draw.randint(4, 6)
    return lambda: usual + draw.choice([-1, 0, 0, 0, 1])


def is_seen(found, name, by):
    """Whether a number that is wrong by that factor has digits that tell."""
    number = Decimal(found.lines[name])
    return abs(number * Decimal(by - 1)) > 20 * Decimal(1).scaleb(number.as_tuple().exponent)
