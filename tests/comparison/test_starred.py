"""Derivatives of a sequential update: by the weights from before it, or by those that are new already, with a star."""

import math
import random

import pytest

import derive
from derive.comparison.published import RIGHT, WRONG

SEEDS = range(6)
RATE = 0.5


def drawn(seed):
    draw = random.Random(seed)

    def number():
        return draw.choice([-1, 1]) * draw.randint(10, 99) / 100

    hidden, outer = ([[number(), number()], [number(), number()]] for _ in range(2))
    return hidden, outer, [number(), number()], [draw.randint(1, 9) / 10, draw.randint(1, 9) / 10]


def updates(hidden, outer, inputs, targets, count):
    """The hidden deltas by the old weights and by the new ones, and one gradient, update by update."""
    for _ in range(count):
        outs = [logistic(sum(w * x for w, x in zip(row, inputs, strict=True))) for row in hidden]
        ends = [logistic(sum(w * x for w, x in zip(row, outs, strict=True))) for row in outer]
        deltas = [(y - t) * y * (1 - y) for y, t in zip(ends, targets, strict=True)]
        new = [[w - RATE * d * x for w, x in zip(row, outs, strict=True)] for row, d in zip(outer, deltas, strict=True)]
        found = {}
        for star, weights in (("", outer), ("*", new)):
            for j, out in enumerate(outs):
                flow = sum(d * row[j] for d, row in zip(deltas, weights, strict=True))
                found[f"delta_h{j + 1}{star}"] = flow * out * (1 - out)
        found["dE_total_dw1*"] = found["delta_h1*"] * inputs[0]
        yield found
        for j, row in enumerate(hidden):
            hidden[j] = [w - RATE * found[f"delta_h{j + 1}*"] * x for w, x in zip(row, inputs, strict=True)]
        outer = new


def logistic(value):
    return 1 / (1 + math.exp(-value))


def compared(seed, made, order="sequential"):
    """Compare what ``made`` prints of each update with that network."""
    hidden, outer, inputs, targets = drawn(seed)
    network = derive.Network(
        [derive.Layer(hidden), derive.Layer(outer)], [derive.Sample(inputs, targets)], learning_rate=RATE, updates=order
    )
    first, *more = [made(found) for found in updates([*hidden], outer, inputs, targets, 3)]
    return derive.compare_published(network.derive(), {"values": first, "after": dict(enumerate(more, start=1))})


def texts(found):
    return {name: f"{value:.9f}" for name, value in found.items()}


@pytest.mark.parametrize("order", ["sequential", "simultaneous"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_star_stands_for_the_weights_that_are_new(seed, order):
    rows = compared(seed, texts, order)
    own = [row for row in rows if order == "sequential" or (row.updates == 0)]
    assert {row.verdict for row in own} == {RIGHT}, [str(row) for row in rows]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_name_alone_is_read_either_way(seed):
    rows = compared(seed, lambda found: {n: t for n, t in texts(found).items() if not n.endswith("*")})
    assert {row.verdict for row in rows} == {RIGHT}
    rows = compared(seed, lambda found: {n[:-1]: t for n, t in texts(found).items() if n.endswith("*")})
    assert {row.verdict for row in rows} == {RIGHT}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_neither_gives_is_wrong(seed):
    between = compared(seed, lambda found: texts({"delta_h1": found["delta_h1"] + 7 * found["delta_h1*"]}))
    assert {row.verdict for row in between} == {WRONG}
    starred = compared(seed, lambda found: texts({"delta_h1*": found["delta_h1"]}))
    assert {row.verdict for row in starred} == {WRONG}
