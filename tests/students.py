"""Students who fill in sheets of networks of layers with a calculator, in a plain loop that shares no code with derive.

Each rounds or cuts each result as they like and goes on with what they wrote or with what the calculator has. With a
slip they do one thing wrong and go on from there.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from by_hand import names
from mpmath import mp, mpf

SLIPS = {
    "bias": "bias left out",
    "half": "factor two",
    "slope": "missing slope",
    "sign": "sign",
    "path": "missing path",
    "transposed": "transposed weights",
    "turned": "transposed weights",
    "updated": "updated weights",
    "rate": "learning rate",
    "upward": "sign",
    "without rate": "learning rate",
}
FUNCTIONS = {
    "logistic": (lambda x: 1 / (1 + mp.exp(-x)), lambda x, y: y * (1 - y)),
    "tanh": (mp.tanh, lambda x, y: 1 - y * y),
    "identity": (lambda x: x, lambda x, y: mpf(1)),
    "relu": (lambda x: max(x, mpf(0)), lambda x, y: mpf(x > 0)),
}


def number(value):
    value = Fraction(value)
    return mpf(value.numerator) / mpf(value.denominator)


@dataclass
class Student:
    """``habits`` is asked at each line whether it is cut and whether what was written is gone on with."""

    network: object
    digits: int
    habits: object = None
    slip: str = ""
    layer: int = 0  # where the slip is
    answers: dict = field(default_factory=dict)

    def __post_init__(self):
        with mp.workdps(60):
            self.work()

    def line(self, name, value):
        is_cut, is_written = self.habits() if self.habits else (False, True)
        scaled = abs(value) * mpf(10) ** self.digits
        # A result that has no more digits is written as it is: what is left of it in binary is not cut off.
        whole = int(mp.floor(scaled + mpf(10) ** -30)) if is_cut else int(mp.floor(scaled + mpf("0.5")))
        written = Fraction(whole if value > 0 else -whole, 10**self.digits)
        self.answers[name] = f"{'-' if written < 0 else ''}{abs(whole) // 10**self.digits}." + (
            f"{abs(whole) % 10**self.digits:0{self.digits}d}"
        )
        return number(written) if is_written else value

    def work(self):
        network, slip = self.network, self.slip
        layers, sample = network.layers, network.samples[0]
        last, rate = len(layers) - 1, number(network.learning_rate)
        weights = [[[number(w) for w in row] for row in layer.weights] for layer in layers]
        nets, outs = [], [[number(value) for value in sample.inputs]]
        for k, layer in enumerate(layers):
            given = [layer.bias] * len(weights[k]) if not isinstance(layer.bias, tuple | list) else layer.bias
            biases = [mpf(0) if bias is None or slip == "bias" else number(bias) for bias in given]
            sums = [sum(w * x for w, x in zip(row, outs[-1], strict=True)) for row in weights[k]]
            found = zip(names(network, k), sums, biases, strict=True)
            nets.append([self.line(f"net_{name}", net + bias) for name, net, bias in found])
            function = FUNCTIONS[layer.activation][0]
            outs.append([self.line(f"out_{n}", function(x)) for n, x in zip(names(network, k), nets[k], strict=True)])
        half = mpf(1) if slip == "half" else mpf("0.5")
        pairs = list(zip(names(network, last), map(number, sample.targets), outs[-1], strict=True))
        errors = [self.line(f"E_{name}", half * (target - out) ** 2) for name, target, out in pairs]
        if len(errors) > 1:
            self.line("E_total", sum(errors))
        flow = [(out - target) * 2 * half for _, target, out in pairs]
        deltas = {}
        for k in reversed(range(len(layers))):
            slope = FUNCTIONS[layers[k].activation][1]
            found = []
            for place, name in enumerate(names(network, k)):
                value = flow[place]
                if not (slip == "slope" and self.layer == k):
                    value *= slope(nets[k][place], outs[k + 1][place])
                found.append(self.line(f"delta_{name}", -value if slip == "sign" and self.layer == k else value))
            deltas[k] = found
            if k:
                flow = [self.passed_back(k, column, weights[k], found, outs[k], rate) for column in range(len(outs[k]))]
        self.gradients_and_update(weights, deltas, outs, rate)

    def passed_back(self, k, column, weights, deltas, outs, rate):
        is_here = self.layer == k
        rows = range(len(weights))
        if self.slip == "path" and is_here:
            rows = rows[:-1]
        total = mpf(0)
        for row in rows:
            weight = weights[column][row] if self.slip == "transposed" and is_here else weights[row][column]
            if self.slip == "updated":
                weight -= rate * deltas[row] * outs[column]
            total += deltas[row] * weight
        return self.line(f"dE_total_dout_{names(self.network, k - 1)[column]}", total)

    def gradients_and_update(self, weights, deltas, outs, rate):
        count = 0
        for k, rows in enumerate(weights):
            for row, _ in enumerate(rows):
                for column, weight in enumerate(rows[row]):
                    count += 1
                    j, i = (column, row) if self.slip == "turned" and self.layer == k else (row, column)
                    value = deltas[k][j] * outs[k][i] * (rate if self.slip == "rate" else 1)
                    gradient = self.line(f"dE_total_dw{count}", value)
                    factor = {"upward": -rate, "without rate": mpf(1)}.get(self.slip, rate)
                    self.line(f"w{count}+", weight - factor * gradient)
