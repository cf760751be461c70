"""How a handout ends that has no update: a forward pass alone, an output that is differentiated, nothing trained."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import FUNCTIONS, arrays, networks

import derive


def sections(text):
    """The parts of an article by their headings of the second rank, in order."""
    return dict(re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", text, flags=re.DOTALL | re.MULTILINE))


def first_out(network, inputs):
    """The first output, in NumPy."""
    weights, biases, _, _ = arrays(network)
    for w, b, layer in zip(weights, biases, network.layers, strict=True):
        inputs = FUNCTIONS[layer.activation][0](w @ inputs + b)
    return inputs[0]


@settings(max_examples=8, deadline=None)
@given(networks(activations=("logistic", "tanh", "identity"), largest=4, deepest=2))
def test_the_derivative_by_each_input_is_that_of_a_difference(network):
    sample = derive.Sample(network.samples[0].inputs)
    asked = derive.Network(network.layers, [sample], differentiate="out_o1")
    text = asked.derive().handout().markdown
    count = len(sample.inputs)
    part = sections(text)["The input" if count == 1 else "The inputs"]
    results = re.findall(
        r"(-?[\d.]+)(?: \\cdot 10\^\{(-?\d+)\})?(?:\}?\^\{\\dagger\})? \\end\{aligned\}|= (\S+)\n", part
    )
    assert len(results) == count
    point = np.array([float(number) for number in sample.inputs])
    for place, (digits, power, alone) in enumerate(results):
        step = np.zeros(count)
        step[place] = 1e-5
        slope = (first_out(network, point + step) - first_out(network, point - step)) / 2e-5
        assert float(digits or alone) * 10 ** int(power or 0) == pytest.approx(slope, abs=1e-8)
    paths = len(network.layers[0].weights) if len(network.layers) > 1 else 1
    assert ("through a single neuron" in part) == (paths == 1)
    assert (f"through {paths} neurons" in part) == (paths > 1)
    assert part.count(r"\partial i_") >= count


@pytest.mark.parametrize(("count", "said"), [(1, False), (16, False), (17, True)])
def test_of_many_inputs_it_is_said_which_are_shown(count, said):
    layer = derive.Layer([[0.1] * count])
    text = derive.Network([layer], [derive.Sample([1] * count)], differentiate="out_o1").derive().handout().markdown
    part = sections(text)["The input" if count == 1 else "The inputs"]
    assert ("The first 8 inputs and the last 2:" in part) == said
    assert part.count("$$\n") // 2 == (10 if said else count)


FORMS = st.sampled_from(["scalar", "matrix", "both"])


@settings(max_examples=8, deadline=None)
@given(networks(deepest=2), st.integers(1, 14), FORMS)
def test_a_forward_pass_alone_ends_with_the_answer(network, count, form):
    samples = [derive.Sample([i + n for i in network.samples[0].inputs]) for n in range(count)]
    text = derive.Network(network.layers, samples).derive().handout(form=form, digits=4).markdown
    found = sections(text)
    assert [title for title in found if title != "The dagger"][-1] == "The answer"
    outputs = len(network.layers[-1].weights) * count
    assert ("The output above is" in text, "The outputs above are" in text) == (outputs == 1, outputs > 1)
    titles = {1: [], 2: ["The other sample"]}.get(count, ["The other samples"])
    assert [title for title in found if title.startswith("The other")] == titles
    assert ("(the first 8 and the last 2)" in text) == (count > 12)


@settings(max_examples=8, deadline=None)
@given(networks(deepest=2), FORMS)
def test_where_nothing_is_trained_no_new_value_is_spoken_of(network, form):
    text = network.replace(trained=[], updates="simultaneous").derive().handout(form=form, digits=4).markdown
    assert "^{+}" not in text
    part = sections(text)["No update"]
    biases = any(layer.bias is not None for layer in network.layers)
    only = len(network.derive().parameters) == 1
    assert ("The only weight" in part, "weights and biases" in part) == (only, biases)


@pytest.mark.parametrize(("inputs", "said"), [(39, False), (40, True)])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_table_of_all_samples_says_which_parameters_it_has(inputs, said, reduction):
    layer = derive.Layer([[0.01] * inputs], bias=0.5)
    samples = [derive.Sample([n] * inputs, [0]) for n in (1, 2)]
    part = sections(derive.Network([layer], samples, reduction=reduction).derive().handout(digits=4).markdown)
    part = part["All samples together"]
    assert (
        "the first 16 and the last 4 parameters" in part,
        "The tables list all derivatives. In the row" in part,
    ) == (said, not said)
    whole = rf"$E_{{\mathrm{{{reduction}}}}}$"
    assert f"the last row of each table has the {reduction}, the derivative of {whole}" in part
    # The head is right for every row: each has the derivatives of its own error.
    assert r"\partial E_{\mathrm{total}} / \partial" not in part
    named = set(itertools.chain(*re.findall(r"/ \\partial (w_\{\d+\})|/ \\partial (b_\{\d+\}|b_\{o1\})", part))) - {""}
    assert len(named) == (20 if said else inputs + 1)
