"""The brief handout: each formula once, every number in a table, whatever the network."""

import itertools
import random
import re

import numpy as np
import pytest

import derive
from derive.story.document import slug

ACTIVATIONS = ["logistic", "tanh", "relu", "leaky_relu", "softplus"]
OPTIMIZERS = ["gradient_descent", "momentum", "adam"]


def network(seed):
    """A random network, its numbers and its way to learn."""
    draw = random.Random(seed)
    sizes = [draw.randint(1, 4) for _ in range(draw.choice([2, 3, 3, 4]))]

    def numbers(count):
        return [round(draw.uniform(-1, 1), 2) or 0.5 for _ in range(count)]

    is_softmax = sizes[-1] > 1 and draw.random() < 0.4
    layers = [
        derive.Layer([numbers(fan_in) for _ in range(size)], numbers(size), draw.choice(ACTIVATIONS))
        for fan_in, size in itertools.pairwise(sizes)
    ]
    if is_softmax:
        layers[-1] = derive.Layer(layers[-1].weights, layers[-1].bias, "softmax")
    targets = [[float(place == draw.randrange(sizes[-1])) for place in range(sizes[-1])] for _ in range(3)]
    if is_softmax:
        targets = [[1.0, *[0.0] * (sizes[-1] - 1)] for _ in range(3)]
    samples = [derive.Sample(numbers(sizes[0]), targets[place]) for place in range(draw.choice([1, 1, 2, 3]))]
    return derive.Network(
        layers,
        samples,
        error="cross_entropy" if is_softmax else "half_squared_error",
        updates=draw.choice(["simultaneous", "sequential", "online"] if len(samples) > 1 else ["simultaneous"]),
        optimizer=derive.Optimizer(draw.choice(OPTIMIZERS)),
        iterations=draw.choice([0, 3]),
    )


def displays(text):
    return [re.sub(r"\s*\\tag\{\d+\}", "", found).strip() for found in re.findall(r"\$\$(.*?)\$\$", text, re.DOTALL)]


@pytest.mark.parametrize("seed", range(16))
def test_each_formula_of_a_random_network_stands_there_once(seed):
    text = network(seed).derive().handout(detail="brief").markdown
    found = displays(text)
    assert len(found) == len(set(found))
    assert len(displays(text)) < len(displays(network(seed).derive().handout().markdown))
    # The names of what is on the left are those of a neuron that is the first of its layer.
    neurons = re.findall(r"\\mathrm\{net\}_\{([a-z]+[0-9,]+)\} &?=", "".join(found))
    assert neurons
    assert all(neuron.endswith("1") for neuron in neurons)


NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(?: \\cdot 10\^\{(-?\d+)\})?")


def numbers_in(rows):
    return [float(found[1]) * 10 ** int(found[2] or 0) for row in rows for found in NUMBER.finditer(row)]


@pytest.mark.parametrize("seed", range(4))
def test_the_tables_hold_every_number(seed):
    """Beside a loop in NumPy: the activations of all neurons, and the new weights."""
    draw = np.random.default_rng(seed)
    weights = [np.round(draw.uniform(-1, 1, size), 2) for size in ((3, 2), (2, 3))]
    biases = [np.round(draw.uniform(-1, 1, size), 2) for size in (3, 2)]
    inputs, targets = np.round(draw.uniform(-1, 1, 2), 2), np.array([0.25, 0.75])
    layers = [derive.Layer(w.tolist(), b.tolist(), "tanh") for w, b in zip(weights, biases, strict=True)]
    made = derive.Network(layers, [derive.Sample(inputs.tolist(), targets.tolist())], learning_rate=0.5)
    text = made.derive().handout(detail="brief", digits=4).markdown
    shown = numbers_in(line for line in text.splitlines() if line.startswith("| $"))
    hidden = np.tanh(weights[0] @ inputs + biases[0])
    outs = np.tanh(weights[1] @ hidden + biases[1])
    deltas = (outs - targets) * (1 - outs**2)
    hidden_deltas = weights[1].T @ deltas * (1 - hidden**2)
    new = [weights[0] - 0.5 * np.outer(hidden_deltas, inputs), weights[1] - 0.5 * np.outer(deltas, hidden)]
    for expected in (hidden, outs, deltas, hidden_deltas, *new):
        for number in expected.ravel():
            assert any(abs(number - each) < 0.51e-4 for each in shown), number


@pytest.mark.parametrize("seed", range(6))
def test_it_is_written_in_every_format_and_language(seed, tmp_path):
    language, form = ["en", "es", "pt-BR"][seed % 3], ["scalar", "matrix", "both"][seed % 3]
    handout = network(100 + seed).derive().handout(detail="brief", language=language, form=form)
    written = handout.write(tmp_path, formats=["md", "html", "tex", "json", "ipynb"])
    assert all(path.stat().st_size > 1000 for path in written)
    text = (tmp_path / "handout.md").read_text()
    links = set(re.findall(r"\]\(#([^)]*)\)", text))
    headings = {slug(line.lstrip("# ")) for line in text.splitlines() if line.startswith("#")}
    assert links <= headings | set(re.findall(r'<a id="([^"]*)"', text))


@pytest.mark.parametrize("differentiate", [None, "out_o1"])
def test_it_ends_where_there_is_no_error(differentiate):
    layers = [derive.Layer([[0.5, -0.25], [0.75, 1]], [0.1, 0.2], "tanh"), derive.Layer([[1, -1]], [0.5])]
    made = derive.Network(layers, [derive.Sample([0.5, -1])], differentiate=differentiate)
    text = made.derive().handout(detail="brief").markdown
    assert (r"\partial" in text) is bool(differentiate)
    assert r"\eta" not in text
