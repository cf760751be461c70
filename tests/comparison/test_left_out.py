"""Gradients in the shapes that programs have: rows of 0 for outputs that are left out, and for what a mask keeps."""

import random
from itertools import chain

import numpy as np
import pytest
from forward_networks import without_error
from programs import Program

import derive
from derive.testing import assert_gradients_match

torch = pytest.importorskip("torch")

import torch_oracle  # noqa: E402

COUNT = 12


def of_one_output(seed):
    """Return a network that differentiates one of several outputs, and PyTorch's parameters after backward()."""
    draw = random.Random(seed)
    while True:
        net = without_error(draw.random())
        if net.layers[-1].size > 1:
            break
    number = draw.randrange(net.layers[-1].size)
    net = net.replace(differentiate=f"out_o{number + 1}")
    weights, biases = torch_oracle.parameters(net)
    inputs = torch_oracle.tensor([net.samples[0].inputs], requires_grad=True)
    outs = torch_oracle.outs_of(net, weights, biases, inputs)
    return net, number, outs, weights, biases, inputs


def pairs(weights, biases):
    return [(w.grad.numpy(), None if b is None else b.grad.numpy()) for w, b in zip(weights, biases, strict=True)]


@pytest.mark.parametrize("seed", range(COUNT))
def test_full_shapes_of_pytorch_fit_where_outputs_are_left_out(seed):
    net, number, outs, weights, biases, inputs = of_one_output(seed)
    outs[0, number].backward()
    found = pairs(weights, biases)
    flat = [each for pair in found for each in pair if each is not None]
    signals = dict(zip(net.input_names, inputs.grad[0].tolist(), strict=True))
    for form in (found, flat, np.concatenate([each.ravel() for each in flat]), signals, lambda _: flat):
        assert_gradients_match(net, form)
    for array, (weight, bias) in zip(net.derive().gradients.arrays(), found, strict=True):
        np.testing.assert_allclose(array[0], weight, rtol=1e-9, atol=1e-12)
        if bias is not None:
            np.testing.assert_allclose(np.ravel(array[1]), bias, rtol=1e-9, atol=1e-12)
    assert [w.shape for w, _ in net.arrays()] == [tuple(w.shape) for w in weights]
    assert_gradients_match(net, [(w.T, b) for w, b in found], layout="in_out")
    assert_gradients_match(net, [(w.astype(np.float32), b) for w, b in found], rtol=1e-5)


@pytest.mark.parametrize("seed", range(COUNT))
def test_the_gradient_of_the_sum_of_all_outputs_is_wrong_and_says_so(seed):
    net, number, outs, weights, biases, _ = of_one_output(seed)
    outs.sum().backward()
    comparison = derive.compare_gradients(net, pairs(weights, biases))
    if not net.derive().computation.layers.left_out:  # of softmax, whose outputs depend on each other's nets
        return
    stray = [
        name
        for k, row in enumerate(net.weight_names[-1])
        for name, value in zip(row, weights[-1].grad[k].tolist(), strict=True)
        if k != number and value
    ]
    assert [row.name for row in comparison.wrong if row.name in set(chain.from_iterable(net.weight_names[-1]))] == stray
    if stray:
        assert "only other outputs depend on these, so their derivatives are 0" in str(comparison)


def test_weights_of_outputs_that_are_left_out_have_names():
    net = derive.load("article").replace(differentiate="out_o1", samples=[derive.Sample([0.05, 0.1])], iterations=0)
    assert_gradients_match(net, {"w7": 0.0, "w8": -0.0})
    text = str(derive.compare_gradients(net, {"w7": 0.25, "w1": float(net.derive().gradients["w1"])}))
    assert "w7: found 0.25, expected 0 (relative difference 2.5e-01)" in text
    assert "2 of 10 parameters compared." in text
    assert "w7: only other outputs depend on these" in text
    assert_gradients_match(net, {"w7": 1e-9}, atol=1e-8)
    with pytest.raises(derive.InputError, match="found 'w9'; expected a weight or bias of this network"):
        derive.compare_gradients(net, {"w9": 0.0})


def test_an_input_has_a_gradient_where_there_is_one_sample():
    net = derive.load("article")
    weights, biases = torch_oracle.parameters(net)
    leaf = torch_oracle.tensor([net.samples[0].inputs], requires_grad=True)
    out = torch_oracle.outs_of(net, weights, biases, leaf)
    (((out - torch_oracle.tensor([net.samples[0].targets])) ** 2).sum() / 2).backward()
    found = dict(zip(("i1", "i2"), leaf.grad[0].tolist(), strict=True))
    assert_gradients_match(net, found)
    assert_gradients_match(net, found | {"w5": 0.08216704056423078})
    comparison = derive.compare_gradients(net, {"i1": found["i1"] * 1.01, "w5": 0.08216704056423078})
    assert [row.name for row in comparison.wrong] == ["i1"]
    assert "1 of 10 parameters compared." in str(comparison)
    with pytest.raises(
        derive.InputError, match="found 'i1', an input, and each of the 4 samples has its own derivative"
    ):
        derive.compare_gradients(derive.load("xor"), {"i1": 0.5})


@pytest.mark.parametrize("seed", range(COUNT))
def test_a_mask_leaves_0_for_what_is_not_trained(seed):
    made, draw = Program(seed), np.random.default_rng(seed)
    net, found = made.network(), made.gradients()
    masks = [(draw.random(w.shape) < 0.7, draw.random(b.shape) < 0.7) for w, b in found]
    masks[0][0][0, 0], masks[0][0][0, 1] = True, False
    layers = [
        layer.__class__(layer.weights, layer.bias, layer.activation, train=w.tolist(), train_bias=b.tolist())
        for layer, (w, b) in zip(net.layers, masks, strict=True)
    ]
    kept = net.replace(layers=layers)
    masked = [(w * m, b * n) for (w, b), (m, n) in zip(found, masks, strict=True)]
    for form in (found, masked):
        assert_gradients_match(kept, form)
    text = str(derive.compare_gradients(kept, masked))
    assert "0 is accepted instead of the derivative, as these are not trained." in text
    assert "0 is accepted" not in str(derive.compare_gradients(kept, found))
    # Where all is trained, 0 is as wrong as ever; so is another number where it is not.
    assert not derive.compare_gradients(net, masked).agrees
    masked[0][0][0, 1] = found[0][0][0, 1] * 1.01 + 0.001
    assert [row.name for row in derive.compare_gradients(kept, masked).wrong] == [net.weight_names[0][0][1]]
    # A slip in what is trained is named all the same.
    opposite = [(-w * m, -b * n) for (w, b), (m, n) in zip(found, masks, strict=True)]
    assert derive.compare_gradients(kept, opposite).slips[0].kind == "sign"
