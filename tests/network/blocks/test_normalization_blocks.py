"""Layer norm and batch norm against PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive

torch = pytest.importorskip("torch")
F = torch.nn.functional
from against_torch import check, draw, tensor  # noqa: E402 - after the skip


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 9), st.sampled_from([(), (1,), (3,)]), st.sampled_from([2, 3, 14]), st.booleans(), st.booleans())
def test_layer_norm(seed, front, size, has_weight, has_bias):
    numbers = np.random.default_rng(seed)
    x, gamma, beta, t = (
        draw(numbers, *front, size),
        draw(numbers, size),
        draw(numbers, size),
        draw(numbers, *front, size),
    )
    graph = derive.Graph()
    graph.activation(graph.input("x", x), activation="tanh", name="h")
    graph.layer_norm("h", weight=gamma if has_weight else None, bias=beta if has_bias else None, epsilon=0.01)
    graph.error("y", target=t)
    tx, tg, tb = tensor(x), tensor(gamma), tensor(beta)
    out = F.layer_norm(torch.tanh(tx), (size,), tg if has_weight else None, tb if has_bias else None, eps=0.01)
    weights = ({"gamma": tg} if has_weight else {}) | ({"beta": tb} if has_bias else {})
    check(graph, ((out - torch.tensor(t)) ** 2).sum() / 2, {"x": tx} | weights, {"y": out})


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 9), st.sampled_from([(3, 1), (3, 2), (2, 2, 2), (1, 2, 2, 3)]), st.booleans(), st.booleans())
def test_batch_norm(seed, shape, is_fixed, has_weight):
    numbers = np.random.default_rng(seed)
    x, t, channels = draw(numbers, *shape), draw(numbers, *shape), shape[1]
    gamma, beta, mean, variance = draw(numbers, channels), draw(numbers, channels), draw(numbers, channels), None
    variance = np.abs(draw(numbers, channels)) + 0.5
    graph = derive.Graph()
    graph.input("x", x)
    own = {"mean": mean, "variance": variance} if is_fixed else {}
    affine = {"weight": gamma, "bias": beta} if has_weight else {}
    graph.batch_norm("x", **own, **affine)
    graph.error("y", target=t)
    tx, tg, tb = tensor(x), tensor(gamma), tensor(beta)
    out = F.batch_norm(
        tx,
        torch.tensor(mean),
        torch.tensor(variance),
        tg if has_weight else None,
        tb if has_weight else None,
        training=not is_fixed,
        eps=1e-5,
    )
    weights = {"gamma": tg, "beta": tb} if has_weight else {}
    check(graph, ((out - torch.tensor(t)) ** 2).sum() / 2, {"x": tx} | weights, {"y": out})


def test_the_lines_of_a_layer_norm():
    graph = derive.Graph()
    graph.input("x", [1, 2, 3])
    graph.layer_norm("x", weight=[1, 1, 1], bias=[0, 0, 0], epsilon=0)
    graph.error("y", target=[0, 0, 0])
    lines = [str(equation) for equation in graph.computation().equations]
    assert lines[:3] == [
        "m = (x_1 + x_2 + x_3)/3",
        "v = ((x_1 − m)² + (x_2 − m)² + (x_3 − m)²)/3",
        "x_hat_1 = (x_1 − m)/√(v)",
    ]
    assert lines[6] == "y_2 = γ_2·x̂_2 + β_2"
    derivation = graph.derive()
    assert "/(2·v)" in str(derivation["v"])
