"""Networks of random shape, functions, biases and samples against PyTorch."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive

pytest.importorskip("torch")
import torch_oracle

numbers = st.integers(-1500, 1500).map(lambda n: Fraction(n, 1000))
LAST = {"binary_cross_entropy": ["logistic", "softmax"], "cross_entropy": ["softmax", "logistic"]}


@st.composite
def targets(draw, error, size):
    if error == "hinge":
        return draw(st.lists(st.sampled_from([-1, 1]), min_size=size, max_size=size))
    if error == "cross_entropy":
        shares = draw(st.lists(st.integers(0, 5), min_size=size, max_size=size).filter(any))
        return [Fraction(share, sum(shares)) for share in shares]
    if error == "binary_cross_entropy":
        return draw(st.lists(st.integers(0, 4).map(lambda n: Fraction(n, 4)), min_size=size, max_size=size))
    return draw(st.lists(numbers, min_size=size, max_size=size))


@st.composite
def networks(draw):
    error = draw(st.sampled_from(sorted(derive.ERRORS)))
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    layers = []
    for place, (inputs, size) in enumerate(itertools.pairwise(sizes), start=2):
        allowed = LAST.get(error, sorted(derive.ACTIVATIONS)) if place == len(sizes) else sorted(derive.ACTIVATIONS)
        if error == "binary_cross_entropy" and size == 1:
            allowed = [
                name for name in allowed if name != "softmax"
            ]  # of one neuron exactly 1, which has no ln(1 − out)
        each = draw(st.lists(numbers, min_size=size, max_size=size))
        layers.append(
            derive.Layer(
                weights=[draw(st.lists(numbers, min_size=inputs, max_size=inputs)) for _ in range(size)],
                bias=draw(st.sampled_from([None, each[0], each])),
                activation=draw(st.sampled_from(allowed)),
                train_bias=draw(st.booleans()),
            )
        )
    samples = [
        derive.Sample(draw(st.lists(numbers, min_size=sizes[0], max_size=sizes[0])), draw(targets(error, sizes[-1])))
        for _ in range(draw(st.integers(1, 3)))
    ]
    reduction = draw(st.sampled_from(["mean", "sum"]))
    return derive.Network(layers, samples, error=error, reduction=reduction, learning_rate=Fraction(1, 100))


@settings(max_examples=150, deadline=None)
@given(networks())
def test_gradients_and_error_are_pytorchs(network):
    derivation = network.derive()
    error, gradients = torch_oracle.gradients(network)
    assert np.isclose(derivation.error.value, float(error), rtol=1e-9, atol=1e-12)
    for name, expected in gradients.items():
        assert np.isclose(derivation.gradients[name], float(expected), rtol=1e-8, atol=1e-11), name


@settings(max_examples=40, deadline=None)
@given(networks())
def test_every_network_has_a_handout(network):
    try:
        handout = network.derive().handout(form="both", digits=6)
        assert all(handout.render(kind) for kind in ("html", "tex", "json"))
    except derive.InputError as error:
        # One step may lead to where a logarithm is not defined; nothing else is refused.
        if "takes the logarithm" not in str(error):
            raise
