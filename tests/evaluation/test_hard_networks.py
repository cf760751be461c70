"""Networks that are hard on numbers: saturated, dead, equal, zero, long and far apart.

Each ends in a handout or in one sentence, within seconds; its values and gradients are mpmath's.
"""

import itertools
import random
import signal
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
from precise_networks import error_of, gradient_of

import derive

KINDS = {
    "usual": lambda draw: Fraction(draw.randint(-200, 200), 100),
    "zeros": lambda draw: Fraction(draw.choice([0, 0, 1, -1]), 2),
    "equal": lambda draw: Fraction(draw.choice([1, -1]), 2),
    "long": lambda draw: draw.uniform(-1, 1),
    "saturated": lambda draw: draw.choice([20, -30, Fraction(1, 4), 7, -9]),
    "far apart": lambda draw: Decimal(draw.choice(["1e5", "-1e5", "0.1", "800", "-30", "1e20", "1e-300", "1e390"])),
}
SECONDS = 60  # for what takes two on a quiet machine: a guard against a run that never ends, and no measure
LAST = {"binary_cross_entropy": ["logistic"], "cross_entropy": ["softmax"]}


def a_network(seed):
    """The kind of its numbers, and a network of one to three layers of one to three neurons."""
    draw = random.Random(seed)
    kind = list(KINDS)[seed % len(KINDS)]
    error = draw.choice(sorted(derive.ERRORS))
    sizes = [draw.randint(1, 3) for _ in range(draw.randint(2, 4))]

    def numbers(count):
        return [KINDS[kind](draw) for _ in range(count)]

    layers = []
    for place, (inputs, size) in enumerate(itertools.pairwise(sizes), start=2):
        among = LAST.get(error) if place == len(sizes) else None
        layers.append(
            derive.Layer(
                [numbers(inputs) for _ in range(size)],
                bias=draw.choice([None, numbers(1)[0], numbers(size)]),
                activation=draw.choice(among or sorted(derive.ACTIVATIONS)),
                train_bias=draw.random() < 0.7,
            )
        )

    def targets():
        if error == "hinge":
            return [draw.choice([-1, 1]) for _ in range(sizes[-1])]
        if error == "cross_entropy":
            true = draw.randrange(sizes[-1])
            return [int(place == true) for place in range(sizes[-1])]
        if error == "binary_cross_entropy":
            return [draw.choice([0, 1, Fraction(1, 2)]) for _ in range(sizes[-1])]
        return numbers(sizes[-1])

    network = derive.Network(
        layers,
        [derive.Sample(numbers(sizes[0]), targets()) for _ in range(draw.randint(1, 3))],
        error=error,
        optimizer=derive.Optimizer(draw.choice(sorted(derive.OPTIMIZERS))),
        updates=draw.choice(["simultaneous", "sequential"]),
        reduction=draw.choice(["mean", "sum"]),
        learning_rate=draw.choice([Fraction(1, 10), Fraction(1, 2), 1]),
        iterations=draw.choice([0, 1, 5]),
    )
    return kind, network, draw


@pytest.fixture(autouse=True)
def ends():
    """End a test that goes on and on."""
    before = signal.signal(signal.SIGALRM, lambda *_: pytest.fail(f"no end within {SECONDS} seconds"))
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("seed", range(60))
def test_a_hard_network_has_a_handout_or_one_sentence(seed):
    kind, network, draw = a_network(seed)
    rounding = draw.choice(["exact", "exact", "by-hand"])
    format_ = draw.choice(["md", "json", "tex", "ipynb"])
    form = draw.choice(["scalar", "matrix", "both"])
    try:
        files = network.derive().handout(rounding=rounding, digits=5, form=form).render(format_)
    except derive.InputError as refused:
        words = str(refused)
        # What is of a usual size is refused by hand alone, where a rounded 0 stands below a line or in a logarithm, or
        # where a step leads to where the error is not defined; and where a value is 0 without its formula showing it.
        told = (
            "by hand",
            "logarithm",
            "could not be told from 0",
            "could not be determined whether",
            "range of numbers",
        )
        is_told = kind in ("far apart", "saturated") or any(each in words for each in told)
        if "\n" in words or not is_told:
            raise
    else:
        assert all(files.values())


@pytest.mark.parametrize("seed", range(1000, 1060))
def test_its_values_are_mpmaths(seed):
    kind, network, _ = a_network(seed)
    if kind == "far apart":  # no number of digits that mpmath can be given holds 1 − e^(−1e20)
        return
    derivation = network.derive()
    try:
        error = derivation.error.value
    except derive.InputError:
        return
    expected = error_of(network, digits=400)
    if not mpmath.isfinite(expected):  # 1 − out is 0 at so few digits
        return
    assert mpmath.almosteq(mpmath.mpf(error), expected, rel_eps=1e-12, abs_eps=1e-300)
    for name in derivation.parameters[:4]:
        if derivation.corners.touching(name):
            continue
        try:
            found = mpmath.mpf(derivation.gradients[name])
        except derive.UnsupportedError:
            found = mpmath.mpf(0)  # it could not be told from 0, and should be next to it
        assert mpmath.almosteq(found, gradient_of(network, name), rel_eps=1e-9, abs_eps=1e-140), name
