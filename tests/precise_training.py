"""Training as it is written by hand, in mpmath: no line of derive's formulas, code or arithmetic is in it."""

import mpmath
from oracle import neuron_names

mp = mpmath.mp


def number(value):
    return mpmath.mpf(value.numerator) / value.denominator


def sigma(x):
    return 1 / (1 + mp.exp(-x))


def normal(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


# Each function with its derivative by the net; c is its constant.
ACTIVATIONS = {
    "identity": (lambda x, c: x, lambda x, c: mpmath.mpf(1)),
    "logistic": (lambda x, c: sigma(x), lambda x, c: sigma(x) * sigma(-x)),
    "tanh": (lambda x, c: mp.tanh(x), lambda x, c: mp.sech(x) ** 2),
    "relu": (lambda x, c: x if x > 0 else 0 * x, lambda x, c: mpmath.mpf(x > 0)),
    "leaky_relu": (lambda x, c: x if x > 0 else c * x, lambda x, c: mpmath.mpf(1) if x > 0 else c),
    "elu": (lambda x, c: x if x > 0 else c * mp.expm1(x), lambda x, c: mpmath.mpf(1) if x > 0 else c * mp.exp(x)),
    "softplus": (lambda x, c: mp.log1p(mp.exp(x)), lambda x, c: sigma(x)),
    "softsign": (lambda x, c: x / (1 + abs(x)), lambda x, c: (1 + abs(x)) ** -2),
    "gelu": (lambda x, c: x * normal(x), lambda x, c: normal(x) + x * mp.npdf(x)),
    "silu": (lambda x, c: x * sigma(x), lambda x, c: sigma(x) + x * sigma(x) * sigma(-x)),
    "hard_tanh": (lambda x, c: min(max(x, mpmath.mpf(-1)), mpmath.mpf(1)), lambda x, c: mpmath.mpf(-1 < x < 1)),
}

# Each error of an output with its derivative by the out; c is its constant, n the number of outputs.
ERRORS = {
    "half_squared_error": (lambda t, o, c, n: (t - o) ** 2 / 2, lambda t, o, c, n: o - t),
    "squared_error": (lambda t, o, c, n: (t - o) ** 2, lambda t, o, c, n: 2 * (o - t)),
    "mean_squared_error": (lambda t, o, c, n: (t - o) ** 2 / n, lambda t, o, c, n: 2 * (o - t) / n),
    "absolute_error": (lambda t, o, c, n: abs(t - o), lambda t, o, c, n: mp.sign(o - t)),
    "huber": (
        lambda t, o, c, n: (t - o) ** 2 / 2 if abs(t - o) <= c else c * (abs(t - o) - c / 2),
        lambda t, o, c, n: o - t if abs(t - o) <= c else c * mp.sign(o - t),
    ),
    "binary_cross_entropy": (
        lambda t, o, c, n: -(t * mp.log(o) + (1 - t) * mp.log(1 - o)),
        lambda t, o, c, n: (1 - t) / (1 - o) - t / o,
    ),
    "cross_entropy": (lambda t, o, c, n: -t * mp.log(o), lambda t, o, c, n: -t / o),
    "hinge": (lambda t, o, c, n: max(1 - t * o, mpmath.mpf(0)), lambda t, o, c, n: -t if t * o < 1 else 0 * o),
}


class Training:
    """The numbers of a network as it trains; ``step`` is one update."""

    def __init__(self, network):
        self.network, self.t = network, 0
        self.weights = [[list(map(number, row)) for row in layer.weights] for layer in network.layers]
        self.biases = [self.first_biases(layer) for layer in network.layers]
        self.inputs = [list(map(number, sample.inputs)) for sample in network.samples]
        self.targets = [list(map(number, sample.targets)) for sample in network.samples]
        self.state = {}

    @staticmethod
    def first_biases(layer):
        each = layer.bias if isinstance(layer.bias, tuple) else [layer.bias or 0] * len(layer.weights)
        return [number(b) for b in each]

    def function(self, k, which, x):
        constant = self.network.layers[k].constant
        return ACTIVATIONS[self.network.layers[k].activation][which](x, None if constant is None else number(constant))

    def loss(self, which, t, o, n):
        constant = self.network.error_constant
        return ERRORS[self.network.error][which](t, o, None if constant is None else number(constant), n)

    def forward(self, x):
        nets, outs = [], [x]
        for k, (rows, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            net = [mp.fdot(row, outs[-1]) + bias for row, bias in zip(rows, biases, strict=True)]
            nets.append(net)
            if self.network.layers[k].activation == "softmax":
                whole = sum(map(mp.exp, net))
                outs.append([mp.exp(x) / whole for x in net])
            else:
                outs.append([self.function(k, 0, x) for x in net])
        return nets, outs

    @property
    def scale(self):
        return mpmath.mpf(1) / (len(self.inputs) if self.network.reduction == "mean" else 1)

    @property
    def error(self):
        return self.scale * sum(
            self.loss(0, t, o, len(ts))
            for outs, ts in zip(self.outs, self.targets, strict=True)
            for t, o in zip(ts, outs, strict=True)
        )

    @property
    def outs(self):
        return [self.forward(x)[1][-1] for x in self.inputs]

    def deltas(self, k, net, outs, flow):
        if self.network.layers[k].activation != "softmax":
            return [f * self.function(k, 1, x) for f, x in zip(flow, net, strict=True)]
        whole = mp.fdot(flow, outs)
        return [o * (f - whole) for f, o in zip(flow, outs, strict=True)]

    def step(self):
        if self.network.updates != "online":
            self.update(self.inputs, self.targets, self.scale)
            return
        for x, ts in zip(self.inputs, self.targets, strict=True):
            self.update([x], [ts], mpmath.mpf(1))

    def update(self, inputs, targets, scale):
        self.t += 1
        passes = [self.forward(x) for x in inputs]
        flows = [
            [scale * self.loss(1, t, o, len(ts)) for t, o in zip(ts, outs[-1], strict=True)]
            for (_, outs), ts in zip(passes, targets, strict=True)
        ]
        for k in reversed(range(len(self.weights))):
            both = zip(passes, flows, strict=True)
            deltas = [self.deltas(k, nets[k], outs[k + 1], flow) for (nets, outs), flow in both]
            old = [list(row) for row in self.weights[k]]
            for r, row in enumerate(self.weights[k]):
                for c in range(len(row)):
                    gradient = sum(d[r] * outs[k][c] for d, (_, outs) in zip(deltas, passes, strict=True))
                    row[c] = self.moved((k, r, c), row[c], gradient)
            self.move_biases(k, deltas)
            rows = self.weights[k] if self.network.updates == "sequential" else old
            flows = [[mp.fdot(d, column) for column in zip(*rows, strict=True)] for d in deltas]

    def move_biases(self, k, deltas):
        layer, biases = self.network.layers[k], self.biases[k]
        if layer.bias is None or not layer.train_bias:
            return
        sums = [sum(column) for column in zip(*deltas, strict=True)]
        if isinstance(layer.bias, tuple):
            pairs = enumerate(zip(biases, sums, strict=True))
            self.biases[k] = [self.moved((k, r), b, g, is_bias=True) for r, (b, g) in pairs]
        else:
            self.biases[k] = [self.moved((k,), biases[0], sum(sums), is_bias=True)] * len(biases)

    def moved(self, place, w, g, *, is_bias=False):
        """The conventions are PyTorch's."""
        optimizer, eta = self.network.optimizer, number(self.network.learning_rate)
        c = {name: number(value) for name, value in optimizer.constants.items()}
        decay = optimizer.weight_decay
        if not (is_bias and hasattr(decay, "on")):
            g += number(getattr(decay, "value", decay)) * w
        first, second = self.state.get(place, (mpmath.mpf(0), mpmath.mpf(0)))
        match optimizer.name:
            case "gradient_descent":
                step = g
            case "momentum" | "nesterov":
                first = c["momentum"] * first + g
                step = first if optimizer.name == "momentum" else g + c["momentum"] * first
            case "adagrad":
                second += g**2
                step = g / (mp.sqrt(second) + c["epsilon"])
            case "rmsprop":
                second = c["decay"] * second + (1 - c["decay"]) * g**2
                step = g / (mp.sqrt(second) + c["epsilon"])
            case "adam":
                first = c["beta1"] * first + (1 - c["beta1"]) * g
                second = c["beta2"] * second + (1 - c["beta2"]) * g**2
                mean, squares = first / (1 - c["beta1"] ** self.t), second / (1 - c["beta2"] ** self.t)
                step = mean / (mp.sqrt(squares) + c["epsilon"])
        self.state[place] = first, second
        return w - eta * step

    @property
    def parameters(self):
        found, count = {}, 0
        for k, rows in enumerate(self.weights):
            for weight in (weight for row in rows for weight in row):
                count += 1
                found[f"w{count}"] = weight
            bias = self.network.layers[k].bias
            if isinstance(bias, tuple):
                found |= {f"b_{n}": b for n, b in zip(neuron_names(self.network, k), self.biases[k], strict=True)}
            elif bias is not None:
                found[f"b{k + 1}"] = self.biases[k][0]
        return found


def trained(network, steps):
    """The training after so many steps, at mpmath's present precision."""
    training = Training(network)
    for _ in range(steps):
        training.step()
    return training
