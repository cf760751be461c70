"""Steps of optimizers printed line by line: what follows from a wrong number is no second error."""

import math
import random
from decimal import ROUND_HALF_UP, Decimal

import pytest

import derive
from derive.comparison.published import FOLLOWS, RIGHT, WRONG


def rounded(value, digits):
    return f"{Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"


class Steps:
    """A neuron ``w·x`` with the whole square trained by hand, each line rounded and carried on.

    ``wrong`` is the update and the name whose number is wrong, by a factor.
    """

    def __init__(self, optimizer, digits, updates, wrong=(0, "", 1.0)):
        self.digits, self.wrong, self.after = digits, wrong, {}
        self.network = derive.Network(
            [derive.Layer([[0.8]], activation="identity", weight_names=[["w"]])],
            [derive.Sample([1.5], [3])],
            error="squared_error",
            optimizer=optimizer,
            learning_rate=0.1,
        )
        w, v, m, s = 0.8, 0.0, 0.0, 0.0
        for n in range(1, updates + 1):
            g = 2 * (w * 1.5 - 3) * 1.5
            if optimizer == "adam":
                m = self.line(n, "m_w", 0.9 * m + 0.1 * g)
                s = self.line(n, "v_w", 0.999 * s + 0.001 * g * g)
                m_hat = self.line(n, "m_hat_w", m / (1 - 0.9**n))
                s_hat = self.line(n, "v_hat_w", s / (1 - 0.999**n))
                w = self.line(n, "w", w - 0.1 * m_hat / (math.sqrt(s_hat) + 1e-8))
            elif optimizer == "rmsprop":
                s = self.line(n, "v_w", 0.99 * s + 0.01 * g * g)
                w = self.line(n, "w", w - 0.1 * g / (math.sqrt(s) + 1e-8))
            else:
                v = self.line(n, "v_w", 0.9 * v + g)
                w = self.line(n, "w", w - 0.1 * v)

    def line(self, update, name, value):
        if (update, name) == self.wrong[:2]:
            value *= self.wrong[2]
        text = rounded(value, self.digits)
        self.after.setdefault(update, {})[name] = text
        return float(text)

    def compared(self):
        return derive.compare_published(self.network.derive(), {"after": self.after})


OPTIMIZERS = ("momentum", "rmsprop", "adam")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("digits", [3, 4, 6])
def test_steps_rounded_line_by_line_are_not_wrong(optimizer, digits):
    found = Steps(optimizer, digits, 5).compared()
    assert found.agrees, [str(row) for row in found.wrong]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("seed", range(4))
def test_a_wrong_state_is_the_one_error(optimizer, seed):
    draw = random.Random(seed)
    names = list(Steps(optimizer, 6, 1).after[1])
    wrong = (draw.randint(1, 3), draw.choice(names), draw.choice([0.7, 1.3]))
    found = Steps(optimizer, 6, 4, wrong).compared()
    assert [(row.updates, row.name) for row in found.wrong] == [wrong[:2]], [str(row) for row in found]


def test_a_wrong_velocity_and_the_weight_that_follows_from_it():
    network = derive.Network(
        [derive.Layer([[10]], activation="identity", weight_names=[["x"]])],
        [derive.Sample([1], [4])],
        error="squared_error",
        optimizer=derive.Optimizer("momentum", momentum=0.9),
        learning_rate=0.15,
    )
    after = {1: {"v_x": "12.0", "x": "8.2"}, 2: {"v_x": "19.0", "x": "5.35"}}
    found = derive.compare_published(network.derive(), {"after": after})
    assert [(row.updates, row.name) for row in found.wrong] == [(2, "v_x")]
    assert [(row.name, row.follows) for row in found if row.verdict == FOLLOWS] == [("x", ("v_x",))]


def test_the_velocity_with_the_rate_in_it_gives_the_weights():
    velocities = {1: "-1.800", 2: "-2.880", 3: "-2.988", 4: "-2.189", 5: "-0.813", 6: "0.669"}
    weights = {1: "8.200", 2: "5.320", 3: "2.332", 4: "0.143", 5: "-0.670", 6: "-0.001"}
    network = derive.Network(
        [derive.Layer([[10]], activation="identity", weight_names=[["x"]])],
        [derive.Sample([1], [4])],
        error="squared_error",
        optimizer=derive.Optimizer("momentum", momentum=0.9),
        learning_rate=0.15,
    )
    after = {n: {"velocity_x": velocities[n], "x": weights[n]} for n in velocities}
    assert WRONG not in {row.verdict for row in derive.compare_published(network.derive(), {"after": after})}


@pytest.mark.parametrize("by_sample", [False, True])
def test_online_steps_are_counted_by_passes_or_samples(by_sample):
    """Adam over two samples: its t counts the samples' updates, whatever the publication counts."""
    samples, after = [(1.5, 3.0), (-0.5, 1.0)], {}
    w, m, s = 0.8, 0.0, 0.0
    before = w
    for n in range(1, 7):
        x, target = samples[(n - 1) % 2]
        g = 2 * (w * x - target) * x
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
        m_hat, s_hat = m / (1 - 0.9**n), s / (1 - 0.999**n)
        w -= 0.1 * m_hat / (math.sqrt(s_hat) + 1e-8)
        if by_sample or n % 2 == 0:
            found = {"w": w, "Delta_w": w - before, "m_w": m, "s_w": s, "m_hat_w": m_hat, "s_hat_w": s_hat}
            after[n if by_sample else n // 2] = {name: rounded(value, 9) for name, value in found.items()}
            before = w
    network = derive.Network(
        [derive.Layer([[0.8]], activation="identity", weight_names=[["w"]])],
        [derive.Sample([x], [target]) for x, target in samples],
        error="squared_error",
        optimizer="adam",
        learning_rate=0.1,
        updates="online",
    )
    declared = {"convention": "online_samples"} if by_sample else {}
    rows = derive.compare_published(network.derive(), {"after": after, **declared})
    assert {row.verdict for row in rows} == {RIGHT}, [str(row) for row in rows if row.verdict != RIGHT]
