"""Updates calculated by authors who round each line in their own way, in floats and decimals alone, and print some."""

import itertools
import math
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import derive

FUNCTIONS = {
    "logistic": (lambda x: 1 / (1 + math.exp(-x)), lambda y: y * (1 - y)),
    "tanh": (math.tanh, lambda y: 1 - y * y),
    "relu": (lambda x: max(x, 0.0), lambda y: float(y > 0)),
}
SHAPES = ((2, 2, 1), (2, 2, 2), (1, 3, 1), (3, 2, 1))
WHOLE, GRADIENT, STEP = "whole", "gradient", "step"  # what an author rounds on the way to a weight: no, one, two lines
PASSES, STEPS, GRADIENTS, ALL, TURNS = "passes", "steps", "gradients", "all", "turns"  # what an author prints


def drawn(draw, updates, optimizer):
    """A network with one hidden layer and its samples, of numbers with two decimals."""
    sizes = draw.choice(SHAPES)

    def number():
        return draw.choice([-1, 1]) * draw.randint(1, 99) / 100

    hidden = draw.choice(["logistic", "logistic", "tanh"])
    layers = [
        derive.Layer([[number() for _ in range(a)] for _ in range(b)], bias=[number() for _ in range(b)], activation=f)
        for (a, b), f in zip(itertools.pairwise(sizes), (hidden, draw.choice(sorted(FUNCTIONS))), strict=True)
    ]
    samples = [
        derive.Sample([number() for _ in range(sizes[0])], [abs(number()) for _ in range(sizes[-1])])
        for _ in range(draw.randint(2, 4))
    ]
    rate = draw.choice([0.1, 0.5])
    return derive.Network(layers, samples, updates=updates, learning_rate=rate, optimizer=optimizer)


@dataclass
class Author:
    """How an author rounds: to so many decimals or significant digits, and which lines."""

    digits: int
    is_significant: bool
    is_cut: bool
    rounds: str

    def text(self, value):
        exact = Decimal(value)
        if not exact:
            return "0"
        last = exact.adjusted() - self.digits + 1 if self.is_significant else -self.digits
        return f"{exact.quantize(Decimal(1).scaleb(last), ROUND_DOWN if self.is_cut else ROUND_HALF_UP):f}"


@dataclass
class Work:
    """The lines of an author, by the updates made before, the sample and the name.

    ``wrong`` is the place among the lines of a number that is misprinted by so many units of its last digit;
    ``carried`` says whether the author goes on with it.
    """

    network: derive.Network
    author: Author
    passes: int
    wrong: tuple[int, int] = (-1, 0)
    carried: bool = True
    lines: dict = field(default_factory=dict)

    def __post_init__(self):
        self.weights = [[[float(w) for w in row] for row in layer.weights] for layer in self.network.layers]
        self.biases = [[float(b) for b in layer.bias] for layer in self.network.layers]
        self.velocity = {}
        for step in range(self.passes * self.per_pass):
            samples = [step % self.count] if self.is_online else range(self.count)
            found = [self.gradients(step, sample) for sample in samples]
            for name in found[0]:
                self.update(step, name, [gradients[name] for gradients in found])

    @property
    def count(self):
        return len(self.network.samples)

    @property
    def is_online(self):
        return self.network.updates == "online"

    @property
    def per_pass(self):
        return self.count if self.is_online else 1

    def update(self, step, name, found):
        rows, place, _ = found[0]
        gradient = sum(value for _, _, value in found) / len(found)
        if len(found) > 1 and self.author.rounds != WHOLE:
            gradient = self.line(step, 0, f"dE_mean_d{name}", gradient)
        if self.network.optimizer.name == "momentum":
            gradient = self.line(step + 1, 0, f"v_{name}", 0.9 * self.velocity.get(name, 0.0) + gradient)
            self.velocity[name] = gradient
        change = float(self.network.learning_rate) * gradient
        if self.author.rounds == STEP:
            change = float(self.author.text(change))
        rows[place] = self.line(step + 1, 0, name, rows[place] - change)

    def gradients(self, step, sample):
        """The rows and places of the parameters with their gradients, by their names."""
        given, layers = self.network.samples[sample], list(zip("ho", self.network.layers, strict=True))
        outs = [[float(v) for v in given.inputs]]
        for k, (letter, layer) in enumerate(layers):
            sums = [
                math.fsum(w * x for w, x in zip(row, outs[-1], strict=True)) + bias
                for row, bias in zip(self.weights[k], self.biases[k], strict=True)
            ]
            nets = [self.line(step, sample, f"net_{letter}{j}", net) for j, net in enumerate(sums, start=1)]
            function = FUNCTIONS[layer.activation][0]
            outs.append([self.line(step, sample, f"out_{letter}{j}", function(x)) for j, x in enumerate(nets, start=1)])
        flow = [out - float(t) for out, t in zip(outs[2], given.targets, strict=True)]
        found = {}
        for k, (letter, layer) in reversed(list(enumerate(layers))):
            slopes = map(FUNCTIONS[layer.activation][1], outs[k + 1])
            values = [f * slope for f, slope in zip(flow, slopes, strict=True)]
            deltas = [self.line(step, sample, f"delta_{letter}{j}", value) for j, value in enumerate(values, start=1)]
            names = (f"w{n}" for n in itertools.count(1 + k * sum(map(len, self.weights[0]))))
            for j, delta in enumerate(deltas):
                for i, signal in enumerate(outs[k]):
                    name = next(names)
                    found[name] = self.weights[k][j], i, self.gradient(step, sample, name, delta * signal)
                found[f"b_{letter}{j + 1}"] = self.biases[k], j, delta
            flow = [
                sum(row[i] * delta for row, delta in zip(self.weights[k], deltas, strict=True))
                for i in range(len(outs[k]))
            ]
        return found

    def gradient(self, step, sample, name, value):
        return value if self.author.rounds == WHOLE else self.line(step, sample, f"dE_total_d{name}", value)

    def line(self, update, sample, name, value):
        place, units = self.wrong
        meant = text = self.author.text(value)
        if len(self.lines) == place:
            text = f"{Decimal(text) + units * Decimal(1).scaleb(Decimal(text).as_tuple().exponent):f}"
        self.lines[update, sample, name] = text
        return float(text if self.carried else meant)

    def keys(self, what):
        """The lines that are printed."""
        for update, sample, name in self.lines:
            is_weight = name.startswith(("w", "b_"))
            if what == PASSES:
                is_printed = is_weight and update % self.per_pass == 0
            elif what == TURNS:  # a weight's second number is that after the pass, which is the last turn's
                is_printed = update < self.count or (update == self.count and (is_weight or name.startswith("v_")))
            else:
                is_printed = is_weight or what == ALL or name.startswith("v_")
                is_printed |= what == GRADIENTS and name.startswith(("dE", "delta"))
            if is_printed:
                yield update, sample, name

    def place(self, key, what):
        """Where the number stands: the sample, counted from 1, the updates and the name, as the publication counts."""
        update, sample, name = key
        is_after = name.startswith(("w", "b_", "v_"))
        if what == TURNS:
            return (update, 0, f"{name}+") if is_after else (sample + 1, 0, name)
        return (sample + 1, update // self.per_pass if what == PASSES else update, name)

    def compared(self, what, network=None):
        """Compare what is printed with that network, in place of the author's own."""
        found = {"convention": "online_samples"} if self.is_online and what not in (PASSES, TURNS) else {}
        for key in self.keys(what):
            sample, updates, name = self.place(key, what)
            section = found.setdefault("after", {}).setdefault(updates, {}) if updates else found
            if sample > 1:
                section = section.setdefault("sample", {}).setdefault(sample, {})
            elif not updates:
                section = section.setdefault("values", {})
            section[name] = self.lines[key]
        return derive.compare_published((network or self.network).derive(), found)
