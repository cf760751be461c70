"""Weighted sums, functions, what joins arrays, and errors, against PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive

torch = pytest.importorskip("torch")
F = torch.nn.functional
from against_torch import check, draw, tensor  # noqa: E402 - after the skip


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 9), st.lists(st.integers(1, 3), max_size=2), st.integers(1, 4), st.integers(1, 3), st.booleans())
def test_linear_is_over_the_last_dimension(seed, front, ins, outs, has_bias):
    numbers = np.random.default_rng(seed)
    x, w, b, t = draw(numbers, *front, ins), draw(numbers, outs, ins), draw(numbers, outs), draw(numbers, *front, outs)
    graph = derive.Graph()
    weight = graph.parameter("W", w)
    h = graph.linear(graph.input("x", x), weight=weight, bias=b if has_bias else None, activation="tanh")
    graph.error(h, target=t)
    tx, tw, tb = tensor(x), tensor(w), tensor(b)
    out = torch.tanh(F.linear(tx, tw, tb if has_bias else None))
    error = ((out - torch.tensor(t)) ** 2).sum() / 2
    found = check(graph, error, {"x": tx, "W": tw} | ({"b": tb} if has_bias else {}), {"h": out})
    (group, _) = found.computation.groups
    assert group.op == "linear"
    assert group.output.shape == (*front, outs)
    assert set(group.inner["net"].names) <= set(found.partials)


def test_one_weight_is_called_by_its_letter_alone():
    graph = derive.Graph()
    y = graph.linear(graph.input("x", 3), weight=2, bias=1, name="y")
    assert y.names == ("y",)
    graph.error(y, target=5)
    assert [str(equation) for equation in graph.computation().equations] == ["y = W·x + b", "E = ½(t − y)²"]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 9), st.sampled_from(sorted(derive.ACTIVATIONS)))
def test_every_activation_is_a_block(seed, function):
    import torch_oracle

    numbers = np.random.default_rng(seed)
    x, t = draw(numbers, 2, 3), draw(numbers, 2, 3)
    constant = {"slope": 0.2} if function == "leaky_relu" else {"alpha": 0.7} if function == "elu" else {}
    graph = derive.Graph()
    graph.input("x", x)
    y = graph.activation(graph.linear("x", weight=np.eye(3), name="z"), activation=function, **constant)
    graph.error(y, target=t, error="squared_error")
    layer = type("Layer", (), {"constant": next(iter(constant.values()), 0)})
    tx = tensor(x)
    out = torch_oracle.ACTIVATIONS[function](tx, layer)
    check(graph, ((out - torch.tensor(t)) ** 2).sum(), {"x": tx}, {"y": out})


ERRORS = {
    "half_squared_error": lambda out, target: F.mse_loss(out, target, reduction="sum") / 2,
    "squared_error": lambda out, target: F.mse_loss(out, target, reduction="sum"),
    "mean_squared_error": F.mse_loss,
    "absolute_error": lambda out, target: F.l1_loss(out, target, reduction="sum"),
    "huber": lambda out, target: F.huber_loss(out, target, reduction="sum", delta=0.3),
    "binary_cross_entropy": lambda out, target: F.binary_cross_entropy(out, target, reduction="sum"),
    "cross_entropy": lambda out, target: -(target * torch.log(out)).sum(),
    "hinge": lambda out, target: torch.relu(1 - target * out).sum(),
}


@pytest.mark.parametrize("error", sorted(derive.ERRORS))
def test_every_error_is_a_block(error):
    numbers = np.random.default_rng(3)
    x = draw(numbers, 2, 3)
    t = {"hinge": [[1, -1, 1], [-1, -1, 1]], "cross_entropy": [[1, 0, 0], [0, 0.5, 0.5]]}.get(
        error, [[1, 0, 0], [0, 0.25, 1]]
    )
    graph = derive.Graph()
    p = graph.softmax(graph.linear(graph.input("x", x), weight=np.eye(3), name="z"))
    graph.error(p, target=t, error=error, **({"delta": 0.3} if error == "huber" else {}))
    tx = tensor(x)
    out = torch.softmax(tx, -1)
    check(graph, ERRORS[error](out, torch.tensor(t, dtype=torch.float64)), {"x": tx}, {"p": out})


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 9), st.integers(0, 1))
def test_what_joins_arrays(seed, axis):
    numbers = np.random.default_rng(seed)
    a, b, c = draw(numbers, 2, 3), draw(numbers, 2, 3), draw(numbers, *((1, 3) if axis == 0 else (2, 1)))
    graph = derive.Graph()
    for name, values in {"a": a, "b": b, "c": c}.items():
        graph.parameter(name, values)
    s = graph.add("a", "b", name="s")
    p = graph.multiply(s, "a", name="p")
    joined = graph.concat(p, "c", "b", axis=axis, name="j")
    turned = graph.transpose(joined, name="k")
    row = graph.flatten(turned, name="row")
    shaped = graph.reshape(row, [1, len(row.names)], name="q")
    M = graph.mean(graph.activation(shaped, activation="tanh", name="y"), name="M")
    S = graph.sum(s, name="S")
    graph.weighted_sum(M, S, factors=[2, 0.5])
    ta, tb, tc = tensor(a), tensor(b), tensor(c)
    product = (ta + tb) * ta
    whole = torch.cat([product, tc, tb], axis)
    out = torch.tanh(whole.T.reshape(1, -1))
    error = 2 * out.mean() + 0.5 * (ta + tb).sum()
    check(graph, error, {"a": ta, "b": tb, "c": tc}, {"p": product, "j": whole, "q": whole.T, "y": out})


def test_further_samples_and_a_plan():
    graph = derive.Graph(title="Two samples")
    graph.linear(graph.input("x", [1, 2]), weight=[[0.5, -0.25]], bias=[0.1], name="y")
    graph.error("y", target=[1])
    graph.sample(x=[3, -1], t=[0])
    derivation = graph.derive(derive.Plan(learning_rate=0.1), reduction="sum")
    x, w, b = torch.tensor([[1.0, 2.0], [3.0, -1.0]], dtype=torch.float64), tensor([[0.5, -0.25]]), tensor([0.1])
    (((F.linear(x, w, b)[:, 0] - torch.tensor([1.0, 0.0])) ** 2).sum() / 2).backward()
    found = [float(derivation.gradients[name]) for name in ("W_1", "W_2", "b")]
    assert found == pytest.approx([*w.grad.flatten().tolist(), *b.grad.tolist()], rel=1e-12)
    assert derivation.plan.learning_rate == derive.Plan(learning_rate=0.1).learning_rate
    assert derivation.train(3).error < float(derivation.error.value)
