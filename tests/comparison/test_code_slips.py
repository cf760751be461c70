"""The slips of programs: each is named where it is seeded, and none is where the program is right."""

import numpy as np
import pytest
from programs import Program

import derive

TANH = {"hidden": ("tanh",), "last": "tanh"}
LOGISTIC = {"hidden": ("logistic",), "last": "logistic"}
# By name: the slip, the layer that has it, what the program is like, and the kind and words that name it.
SLIPS = {
    "σ′ for tanh, of the out": (
        "slope of logistic out",
        0,
        TANH,
        "other slope",
        "logistic is used instead of that of tanh",
    ),
    "σ′ for tanh, of the net": ("slope of logistic net", 1, TANH, "other slope", "tanh in hidden layer 2"),
    "σ′ for tanh everywhere": ("slope of logistic out", None, TANH, "other slope", "tanh in every layer"),
    "tanh′ for σ": ("slope of tanh out", 2, LOGISTIC, "other slope", "tanh is used instead of that of logistic"),
    "relu′ for σ": ("slope of relu net", 1, LOGISTIC, "other slope", "relu is used instead of that of logistic"),
    "σ′ at the net": ("net as out", 1, LOGISTIC, "wrong place", "evaluated at the net input in hidden layer 2"),
    "tanh′ at the net everywhere": (
        "net as out",
        None,
        TANH,
        "wrong place",
        "evaluated at the net input in every layer",
    ),
    "softplus′ at the out": ("out as net", 0, {"hidden": ("softplus",)}, "wrong place", "evaluated at the output"),
    "first sample": ("first sample", None, {}, "one sample", "Only the first sample is used"),
    "last sample": ("last sample", None, {}, "one sample", "Only the last sample is used"),
    "last sample, divided": ("last sample", 1, {}, "one sample", "Only the last sample is used"),
    "zero biases": ("zero biases", None, {}, "zero biases", "derivatives of the biases are zero"),
    "zero biases of a layer": ("zero biases", 1, {}, "zero biases", "biases of hidden layer 2 are zero"),
    "biases summed": ("bias sum", None, {"reduction": "mean"}, "mean and sum", "biases are summed"),
    "net as signal": ("net as signal", 2, {}, "net as signal", "net inputs of the previous layer"),
    "net as signal everywhere": ("net as signal", None, {}, "net as signal", "every layer"),
    "swapped rows": ("swapped rows", 1, {}, "swapped rows", "Rows are swapped in the gradient of hidden layer 2"),
    "updated weights returned": ("updated returned", None, {}, "no gradients", "updated weights are returned"),
    "times the learning rate": ("rate", None, {}, "learning rate", "multiplied by the learning rate"),
    "missing batch division": (
        "missing batch division",
        None,
        {"reduction": "mean"},
        "mean and sum",
        "The samples are summed",
    ),
    "softmax's diagonal": ("diagonal", None, {"last": "softmax"}, "diagonal", "diagonal of the Jacobian"),
    "detached": ("detached", 1, {}, "detached", "hidden layer 2 or the layers before it"),
    "detached first layer": ("detached", 0, {}, "detached", "No gradient reaches hidden layer 1"),
    "a layer of zeros": ("frozen", 1, {}, "detached", "Only the derivatives of hidden layer 2 are zero"),
    "all zero": ("detached", 2, {}, "detached", "Every derivative is zero"),
}


def program(seed, reduction=None, **settings):
    made = Program(seed, **settings)
    made.reduction = reduction or made.reduction
    return made


@pytest.mark.parametrize("name", SLIPS)
def test_a_seeded_slip_stands_first(name):
    slip, at, settings, kind, words = SLIPS[name]
    for seed in range(8):
        made = program(seed, **settings)
        comparison = derive.compare_gradients(made.network().derive(), made.gradients(slip, at))
        first = comparison.slips[0] if comparison.slips else None
        assert first is not None, f"{seed}: {comparison}"
        assert (first.kind, words in str(first.sentence)) == (kind, True), f"{seed}: {comparison}"


@pytest.mark.parametrize("name", SLIPS)
def test_a_seeded_slip_is_named_in_single_precision_too(name):
    slip, at, settings, _, words = SLIPS[name]
    made = program(11, dtype=np.float32, **settings)
    comparison = derive.compare_gradients(made.network().derive(), made.gradients(slip, at))
    assert any(words in str(found.sentence) for found in comparison.slips), comparison


def test_no_slip_is_named_on_a_thousand_right_programs():
    for seed in range(1000):
        last = ("logistic", "softmax", "identity")[seed % 3]
        made = Program(seed, hidden=("logistic", "tanh", "relu"), last=last, samples=1 + seed % 3, depth=seed % 2 + 1)
        comparison = derive.compare_gradients(made.network().derive(), made.gradients())
        assert (comparison.agrees, comparison.slips) == (True, ()), f"{seed}: {comparison}"


def test_noise_is_no_slip():
    for seed in range(40):
        made = Program(seed)
        draw = np.random.default_rng(seed)
        noisy = [(w * draw.uniform(0.5, 2, w.shape), b * draw.uniform(0.5, 2, b.shape)) for w, b in made.gradients()]
        assert derive.compare_gradients(made.network().derive(), noisy).slips == ()


def test_a_multiple_of_everything_is_said_to_be_one():
    made = Program(3)
    found = [(0.037 * w, 0.037 * b) for w, b in made.gradients()]
    text = str(derive.compare_gradients(made.network().derive(), found))
    assert "Every derivative is 0.037 times as large as it should be" in text


def test_a_rate_of_one_half_and_a_forgotten_2_are_both_said_the_rate_first():
    made = Program(5)
    made.rate = 0.5
    comparison = derive.compare_gradients(made.network().derive(), made.gradients("rate"))
    assert comparison.slips[0].kind == "learning rate"
    assert "half of what it should be" in str(comparison)


def test_square_layers_in_the_other_layout_are_not_guessed_but_named():
    article = derive.load("article").derive()
    turned = [(w.T, b) for w, b in article.gradients.arrays()]
    comparison = derive.compare_gradients(article, turned)
    assert [slip.kind for slip in comparison.slips] == ["transposed weights"]
    assert 'give layout="in_out"' in str(comparison)
    assert derive.compare_gradients(article, turned, layout="in_out").agrees
