"""Published numbers of networks in which nothing is trained: no error, an output that is differentiated, all kept."""

from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import networks

import derive
from derive.comparison.published import RIGHT, WRONG
from derive.comparison.published.lookup import names, reading
from derive.comparison.published.variants import Variant
from derive.errors import UnknownNameError
from derive.numbers.decimals import round_exact

LAYERS = [
    derive.Layer([[0.15, 0.20], [0.25, 0.30]], 0.35, "tanh"),
    derive.Layer([[0.40, 0.45], [0.50, 0.55], [-0.2, 0.1]], [0.1, 0.2, 0.3], "softmax"),
]
SAMPLES = [derive.Sample([0.05, 0.1]), derive.Sample([0.5, -0.3])]
FORWARD = derive.Network(LAYERS, SAMPLES)
OUTPUT = derive.Network(LAYERS, SAMPLES[:1], differentiate="out_o1")


def row(network, section):
    (found,) = derive.compare_published(network.derive(), section)
    return found


@pytest.mark.parametrize("network", [FORWARD, OUTPUT], ids=["forward", "output"])
def test_a_wrong_number_is_only_wrong(network):
    found = row(network, {"values": {"out_o1": "0.4567"}})
    assert (found.verdict, found.causes) == (WRONG, ())
    found = row(network, {"values": {"out_o1": "0.4123"}})
    assert (found.verdict, found.cause) == (WRONG, "The value of net_o1.")


def test_the_opposite_sign_of_an_outputs_gradient_is_recognised():
    true = OUTPUT.derive().gradients["w5"].decimal(9)
    assert row(OUTPUT, {"values": {"dout_o1_dw5": true}}).verdict == RIGHT
    found = row(OUTPUT, {"values": {"dout_o1_dw5": str(-Decimal(true))}})
    assert (found.verdict, [cause.kind for cause in found.causes]) == (WRONG, ["sign"])


@pytest.mark.parametrize(
    ("network", "said"), [(FORWARD, "only a forward pass"), (OUTPUT, "no error to train for")], ids=["none", "output"]
)
@pytest.mark.parametrize("updates", [1, 2, 50])
def test_there_are_no_numbers_after_updates(network, said, updates):
    with pytest.raises(derive.InputError, match=rf"after\.{updates}, out_o1: found .*{said}"):
        row(network, {"after": {updates: {"out_o1": "0.4123"}}})


@pytest.mark.parametrize("network", [FORWARD, FORWARD.replace(samples=SAMPLES[:1])], ids=["two", "one"])
def test_a_forward_pass_has_no_error_under_any_name(network):
    assert not any("mean" in name or "E_" in name for name in names(network.derive().evaluation, 0))
    for name in ("_mean", "", "d_mean_dw5", "d_dw5"):
        with pytest.raises(UnknownNameError):
            row(network, {"values": {name: "0.1"}})


@st.composite
def untrained(draw):
    """A network in which nothing is trained, with one sample or two."""
    network = draw(networks(activations=("logistic", "tanh", "relu", "softmax")))
    kind = draw(st.sampled_from(["forward", "output", "kept"]))
    (sample,) = network.samples
    if kind == "output":
        bare = derive.Sample(sample.inputs)
        return network.replace(samples=[bare], differentiate="out_o1")
    samples = [sample, derive.Sample([value + 1 for value in sample.inputs], sample.targets)]
    samples = samples[: draw(st.integers(1, 2))]
    if kind == "forward":
        return network.replace(samples=[derive.Sample(each.inputs) for each in samples])
    order = draw(st.sampled_from(["simultaneous", "sequential", "online"]))
    return network.replace(samples=samples, updates=order, trained=[])


SLIPS = {
    "noise": lambda value, other: value + Decimal("1.2345678"),
    "sign": lambda value, other: -value,
    "double": lambda value, other: 2 * value,
    "other": lambda value, other: other,
    "unit": lambda value, other: value + Decimal("0.000003"),
}


@settings(max_examples=60, deadline=None)
@given(network=untrained(), data=st.data())
def test_no_wrong_number_of_random_networks_ends_it(network, data):
    evaluation = network.derive().evaluation
    can_train = bool(evaluation.computation.objective) and not evaluation.computation.differentiates_output
    updates = data.draw(st.integers(0, 2)) if can_train else 0
    sample = data.draw(st.integers(1, len(network.samples)))
    valid = list(names(evaluation, updates))
    chosen = data.draw(st.lists(st.sampled_from(valid), min_size=1, max_size=4, unique=True))
    numbers = {}
    for name in chosen:
        true, other = (
            Decimal(
                reading(evaluation, each, sample, updates)
                .number(Variant(evaluation))
                .decide(partial(round_exact, digits=9))
                .text
            )
            for each in (name, data.draw(st.sampled_from(valid)))
        )
        slip = SLIPS[data.draw(st.sampled_from(sorted(SLIPS)))]
        numbers[name] = str(round(slip(true, other), data.draw(st.integers(2, 8))))
    section = {"sample": {sample: numbers}}
    section = {"after": {updates: section}} if updates else section
    found = derive.compare_published(network.derive(), section)
    assert [each.name for each in found] == chosen
    assert not any("update" in str(cause.sentence) for each in found for cause in each.causes) or can_train
