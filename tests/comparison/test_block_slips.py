"""The slips of blocks are named: the oracle is PyTorch with the mistake put in."""

import numpy as np
import pytest

import derive

torch = pytest.importorskip("torch")
f = torch.nn.functional
DOUBLE = torch.float64


def said(derivation, wrong):
    compared = derive.compare_gradients(derivation, wrong)
    assert not compared.agrees
    return [str(slip.sentence) for slip in compared.slips]


def by_name(group, gradient):
    return dict(zip(group.weights["weight"].names, gradient.reshape(-1).tolist(), strict=True))


def test_a_kernel_that_is_not_turned_on_the_way_back_is_named():
    x = [[0.5, -1, 2, 0.25], [1, 0.75, -0.5, 1.5], [0.2, 1, -1, 0.3], [0.6, -0.2, 0.9, 1]]
    first, second = [[0.3, -0.2], [0.5, 0.1]], [[0.7, -0.4], [0.2, 0.9]]
    g = derive.Graph()
    y = g.conv2d(g.input("x", x), weight=first, activation="tanh", name="y")
    z = g.conv2d(y, weight=second, name="z")
    derivation = g.derive(objective=g.error(g.mean(z, name="m"), target=1, name="E"))
    groups = {group.name: group for group in derivation.computation.groups}
    signal, k1, k2 = (torch.tensor(each, dtype=DOUBLE)[None, None] for each in (x, first, second))
    out = torch.tanh(f.conv2d(signal, k1))
    above = torch.full((1, 1, 2, 2), -(1 - f.conv2d(out, k2).mean().item()) / 4, dtype=DOUBLE)
    for kernel, is_right in ((k2, True), (k2.flip(2, 3), False)):
        nets = f.conv_transpose2d(above, kernel) * (1 - out**2)
        found = by_name(groups["y"], f.conv2d(signal, nets)) | by_name(groups["z"], f.conv2d(out, above))
        if is_right:
            assert derive.compare_gradients(derivation, found).agrees
        else:
            assert said(derivation, found) == ["The kernel of z is not turned around on the way back to its input."]


def test_weights_that_are_transposed_on_the_way_back_are_named():
    first, second = [[0.3, -0.2], [0.5, 0.1]], [[0.7, -0.4], [0.2, 0.9]]
    g = derive.Graph()
    y = g.linear(g.input("x", [0.5, -1]), weight=first, activation="tanh", name="y")
    z = g.linear(y, weight=second, name="z")
    derivation = g.derive(objective=g.error(z, target=[1, 0.25], name="E"))
    groups = {group.name: group for group in derivation.computation.groups}
    x, w1, w2, t = (torch.tensor(each, dtype=DOUBLE) for each in ([0.5, -1], first, second, [1, 0.25]))
    out = torch.tanh(w1 @ x)
    above = w2 @ out - t
    found = by_name(groups["z"], torch.outer(above, out))
    right = found | by_name(groups["y"], torch.outer(w2.T @ above * (1 - out**2), x))
    assert derive.compare_gradients(derivation, right).agrees
    wrong = found | by_name(groups["y"], torch.outer(w2 @ above * (1 - out**2), x))
    assert said(derivation, wrong) == ["The weights of z are transposed in the backward pass."]


def test_a_kernel_that_is_not_turned_and_one_whose_gradient_is_are_named():
    derivation = derive.load("convolution").derive()
    (group,) = [group for group in derivation.computation.groups if group.op == "conv2d"]
    right = {name: float(value) for name, value in derivation.gradients.items()}
    names = group.weights["weight"].names
    turned = {**right, **{name: right[other] for name, other in zip(names, reversed(names), strict=True)}}
    assert f"The gradient of the kernel of {group.name} is turned around." in said(derivation, turned)


def test_a_gradient_of_transposed_weights_is_named():
    derivation = derive.load("attention").derive()
    (group,) = [group for group in derivation.computation.groups if group.op == "attention"]
    right = {name: float(value) for name, value in derivation.gradients.items()}
    query = group.weights["query"]
    wrong = {**right, query.at(0, 1): right[query.at(1, 0)], query.at(1, 0): right[query.at(0, 1)]}
    assert f"The gradient of the weights of {group.name} is transposed." in said(derivation, wrong)


def test_arrays_are_compared_by_the_names_of_the_parameters():
    derivation = derive.load("embedding").derive()
    right = {name: float(value) for name, value in derivation.gradients.items()}
    table = np.array([[right["V_1_1"], right["V_1_2"]], [0, 0], [right["V_3_1"], right["V_3_2"]]])
    assert derive.compare_gradients(derivation, {"V": table, "w_1": right["w_1"], "w_2": right["w_2"]}).agrees
    assert derive.compare_gradients(derivation, {"V": table.tolist(), "w": [right["w_1"], right["w_2"]]}).agrees
    table[1, 0] = 0.5
    wrong = derive.compare_gradients(derivation, {"V": table})
    assert [row.name for row in wrong.wrong] == ["V_2_1"]
    assert "V_2_1: the objective does not depend on it, so that 0 is right." in str(wrong)
    with pytest.raises(derive.InputError, match="gradients, V: found the shape 2×3; expected 3×2"):
        derive.compare_gradients(derivation, {"V": table.T})


def test_what_nothing_uses_is_said_to_have_derivatives_of_0():
    derivation = derive.load("embedding").derive()
    for asked in (derivation.gradients, derivation):
        with pytest.raises(derive.InputError, match="V_2_1': E does not depend on it, so that every derivative"):
            _ = asked["V_2_1"]
