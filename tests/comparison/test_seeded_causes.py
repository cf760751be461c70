"""Slips put into single numbers of random networks, each calculated in a plain loop: each is found and named."""

import math
import random
from decimal import Decimal

import pytest
from by_hand import FUNCTIONS, ByHand, drawn, names, rounded

import derive
from derive.comparison.published import FOLLOWS, RIGHT, WRONG
from derive.language.language import LANGUAGES

SEEDS = range(15)
DIGITS = 8
SLIPS = ("missing path", "missing slope", "wrong derivative", "transposed weights")


def network_for(draw):
    shape = draw.choice([[2, 2, 2], [2, 3, 3], [3, 2, 2, 2]])
    return drawn(draw, shape=shape, activations=("logistic", "logistic", "tanh"))


def forward(network):
    outs = [[float(value) for value in network.samples[0].inputs]]
    for layer in network.layers:
        biases = layer.bias or [0] * len(layer.weights)
        nets = [
            sum(float(w) * x for w, x in zip(row, outs[-1], strict=True)) + float(b)
            for row, b in zip(layer.weights, biases, strict=True)
        ]
        outs.append([FUNCTIONS[layer.activation][0](net) for net in nets])
    return outs


def deltas(network, slip="", at=1):
    """The deltas of all layers before ``at``, where the slip is made on the way back through layer ``at``."""
    outs = forward(network)
    targets = network.samples[0].targets
    flow = [out - float(target) for out, target in zip(outs[-1], targets, strict=True)]
    found = {}
    for k in reversed(range(len(network.layers))):
        layer = network.layers[k]
        slope = FUNCTIONS[layer.activation][1]
        if k == at - 1 and slip == "missing slope":
            slope = lambda y: 1.0  # noqa: E731
        if k == at - 1 and slip == "wrong derivative":
            slope = FUNCTIONS["tanh" if layer.activation == "logistic" else "logistic"][1]
        delta = [f * slope(y) for f, y in zip(flow, outs[k + 1], strict=True)]
        found |= dict(zip((f"delta_{name}" for name in names(network, k)), delta, strict=True))
        rows = [list(map(float, row)) for row in layer.weights]
        if k == at and slip == "transposed weights":
            rows = [list(column) for column in zip(*rows, strict=True)]
        used = list(zip(rows, delta, strict=True))[1 if k == at and slip == "missing path" else 0 :]
        flow = [sum(row[c] * d for row, d in used) for c in range(len(outs[k]))]
    return {name: value for name, value in found.items() if name[6:] in names(network, at - 1)}


def true_lines(network):
    outs, lines = forward(network), {}
    for k in range(len(network.layers)):
        lines |= {f"out_{n}": rounded(v, DIGITS) for n, v in zip(names(network, k), outs[k + 1], strict=True)}
        lines |= {name: rounded(value, DIGITS) for name, value in deltas(network, at=k + 1).items()}
    return lines


def row_with(network, name, text):
    """The row of one number that is another one, beside those that are right."""
    rows = derive.compare_published(network.derive(), {"values": {**true_lines(network), name: text}})
    assert not rows.conventions
    assert {row.verdict for row in rows if row.name != name} == {RIGHT}
    (row,) = (row for row in rows if row.name == name)
    return row


def is_off(text, meant):
    return abs(Decimal(text) - Decimal(meant)) > 20_000 * Decimal(1).scaleb(-DIGITS)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_a_delta_is_named(seed, slip):
    draw = random.Random(f"{slip} {seed}")
    network = network_for(draw)
    at = draw.randint(1, len(network.layers) - 1)
    if len(network.layers[at].weights) != len(network.layers[at].weights[0]) and slip == "transposed weights":
        return
    name, value = draw.choice(sorted(deltas(network, slip, at).items()))
    text, meant = rounded(value, DIGITS), true_lines(network)[name]
    if not is_off(text, meant):
        return
    row = row_with(network, name, text)
    assert row.verdict == WRONG
    kinds = [cause.kind for cause in row.causes]
    assert ("other slope" if slip == "wrong derivative" else slip) in kinds, str(row)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_digits_that_are_exchanged_are_seen(seed):
    draw = random.Random(seed)
    network = network_for(draw)
    name, text = draw.choice(sorted(true_lines(network).items()))
    places = [at for at in range(len(text) - 1) if text[at : at + 2].isdigit() and text[at] != text[at + 1]]
    at = draw.choice(places)
    wrong = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    row = row_with(network, name, wrong)
    if row.verdict == WRONG:  # 0.12345687 for 0.12345678 is only rounded differently
        assert "exchanged digits" in [cause.kind for cause in row.causes], str(row)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_digit_that_is_misprinted_is_seen(seed):
    draw = random.Random(seed)
    network = network_for(draw)
    name, text = draw.choice(sorted(true_lines(network).items()))
    at = text.index(".") + draw.choice([1, 2, 3])
    wrong = text[:at] + draw.choice([digit for digit in "123456789" if digit != text[at]]) + text[at + 1 :]
    kinds = [cause.kind for cause in row_with(network, name, wrong).causes]
    assert kinds, (text, wrong)
    assert "misprint" in kinds, (text, wrong, kinds)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_digit_that_is_carried_on_is_not_only_misprinted(seed):
    draw = random.Random(seed)
    weight, signal = draw.randint(11, 99) / 100, draw.randint(11, 99) / 100
    network = derive.Network([derive.Layer([[weight]], [0.3], "tanh")], [derive.Sample([signal], [0])])
    net = weight * signal  # the bias is forgotten
    lines = {"net_o1": f"{net:.6f}", "out_o1": f"{math.tanh(net):.6f}"}
    rows = {row.name: row for row in derive.compare_published(network.derive(), {"values": lines})}
    assert (rows["net_o1"].verdict, rows["out_o1"].verdict) == (WRONG, FOLLOWS)
    assert "misprint" not in [cause.kind for cause in rows["net_o1"].causes]


@pytest.mark.parametrize("seed", SEEDS)
def test_noise_is_no_misprint(seed):
    draw = random.Random(seed)
    network = network_for(draw)
    noise = {
        k: rounded(float(v) + draw.choice([-1, 1]) * draw.uniform(0.01, 1), 6) for k, v in true_lines(network).items()
    }
    rows = derive.compare_published(network.derive(), {"values": noise})
    assert not any(cause.kind in ("misprint", "exchanged digits") for row in rows for cause in row.causes)


@pytest.mark.parametrize("seed", SEEDS)
def test_inputs_that_are_exchanged_are_seen(seed):
    draw = random.Random(seed)
    network = network_for(draw)
    x, row = [float(value) for value in network.samples[0].inputs], network.layers[0].weights[0]
    bias = float(network.layers[0].bias[0]) if network.layers[0].bias else 0.0
    x[0], x[1] = x[1], x[0]
    first = names(network, 0)[0]
    text = rounded(sum(float(w) * each for w, each in zip(row, x, strict=True)) + bias, DIGITS)
    true = Decimal(text) - Decimal(rounded(float(row[0] - row[1]) * (x[0] - x[1]), DIGITS))
    if is_off(text, true):
        row = row_with(network, f"net_{first}", text)
        assert "exchanged inputs" in [cause.kind for cause in row.causes], str(row)


def after_at(network, rate):
    """The new weights with another rate, and with the network's own."""
    return [ByHand(each, lambda: 14).after for each in (network.replace(learning_rate=rate), network)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("printed", ["all", "two"])
def test_another_learning_rate_is_said_once(seed, printed):
    draw = random.Random(seed)
    network = network_for(draw)
    rate = draw.choice([rate for rate in (0.05, 0.2, 0.25, 0.3, 0.6, 0.9, 1.5) if rate != network.learning_rate])
    found, true = ({w: rounded(float(v), DIGITS) for w, v in each.items()} for each in after_at(network, rate))
    seen = [w for w in found if is_off(found[w], true[w])]
    if len(seen) < 2:
        return
    after = {w: found[w] for w in (draw.sample(seen, 2) if printed == "two" else found)}
    rows = derive.compare_published(network.derive(), {"after": {1: after}})
    assert [each.name for each in rows.conventions] == ["learning_rate"], [str(row) for row in rows]
    assert str(rows.conventions[0].sentence).startswith(f"The learning rate is {rate} here")
    assert str(rate).replace(".", ",") in LANGUAGES["pt-BR"].say(rows.conventions[0].sentence)
    assert not rows.wrong
    assert not any(row.own_causes for row in rows)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_step_in_the_wrong_direction_is_seen(seed):
    draw = random.Random(seed)
    network = network_for(draw)
    after, exactly = (ByHand(network, lambda digits=digits: digits).after for digits in (DIGITS, 14))
    weights = [w for layer in network.layers for row in layer.weights for w in row]
    place = draw.randint(1, len(weights))
    name = f"w{place}"
    wrong = rounded(2 * float(weights[place - 1]) - float(exactly[name]), DIGITS)
    if not is_off(wrong, after[name]):
        return
    rows = derive.compare_published(network.derive(), {"after": {1: {**after, name: wrong}}})
    assert [row.name for row in rows.wrong] == [name]
    assert "direction" in [cause.kind for cause in rows.wrong[0].causes], str(rows.wrong[0])
