"""Attention, its heads and masks, and embeddings against PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive

torch = pytest.importorskip("torch")
F = torch.nn.functional
from against_torch import check, draw, tensor  # noqa: E402 - after the skip


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 9),
    queries=st.integers(1, 3),
    keys=st.integers(1, 3),
    wide=st.integers(1, 4),
    deep=st.integers(1, 2),
    heads=st.integers(1, 2),
    causal=st.booleans(),
    has_mask=st.booleans(),
)
def test_queries_keys_and_values_as_given(seed, queries, keys, wide, deep, heads, causal, has_mask):
    numbers = np.random.default_rng(seed)
    q, k, v = (draw(numbers, *shape) for shape in ((queries, heads * wide), (keys, heads * wide), (keys, heads * deep)))
    mask = numbers.random((queries, keys)) < 0.6
    mask[:, 0] = True  # each sees one at least
    graph = derive.Graph()
    inputs = [graph.parameter(name, values) for name, values in {"q": q, "k": k, "v": v}.items()]
    y = graph.attention(*inputs, heads=heads, causal=causal, mask=mask if has_mask else None)
    graph.sum(graph.activation(y, activation="tanh", name="a_y"))
    tensors = {"q": tensor(q), "k": tensor(k), "v": tensor(v)}
    seen = (mask if has_mask else np.ones_like(mask)) & (np.tri(queries, keys, dtype=bool) if causal else True)
    split = [each.reshape(len(each), heads, -1).transpose(0, 1) for each in tensors.values()]
    out = F.scaled_dot_product_attention(*split, attn_mask=torch.tensor(seen))
    out = out.transpose(0, 1).reshape(queries, -1)
    check(graph, torch.tanh(out).sum(), tensors, {y.name: out})


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 9), st.integers(1, 2), st.booleans())
def test_with_projections_it_is_the_module_of_many_heads(seed, heads, causal):
    numbers = np.random.default_rng(seed)
    size = 2 * heads
    module = torch.nn.MultiheadAttention(size, heads, dtype=torch.float64)
    weights = {key: draw(numbers, size, size) for key in ("query", "key", "value", "output")}
    biases = {f"{key}_bias": draw(numbers, size) for key in ("query", "key", "value")}
    module.in_proj_weight.data = torch.tensor(np.concatenate([weights[key] for key in ("query", "key", "value")]))
    module.in_proj_bias.data = torch.tensor(np.concatenate(list(biases.values())))
    module.out_proj.weight.data = torch.tensor(weights["output"])
    module.out_proj.bias.data.zero_()
    x, t = draw(numbers, 3, size), draw(numbers, 3, size)
    graph = derive.Graph()
    graph.input("x", x)
    graph.attention("x", **weights, **biases, heads=heads, causal=causal)
    graph.error("y", target=t)
    tx = tensor(x)
    hidden = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1) if causal else None
    out, _ = module(tx, tx, tx, attn_mask=hidden, need_weights=False)
    derivation = check(graph, ((out - torch.tensor(t)) ** 2).sum() / 2, {"x": tx}, {"y": out})
    group = derivation.computation.groups[0]
    for kind in ("", "_bias"):
        names = [name for key in ("query", "key", "value") for name in group.weights[f"{key}{kind}"].names]
        wanted = (module.in_proj_bias if kind else module.in_proj_weight).grad.flatten().tolist()
        assert [float(derivation[name].value) for name in names] == pytest.approx(wanted, rel=1e-12, abs=1e-12)
    assert group.inner["share"].shape == (heads, 3, 3)
    assert ("" in group.inner["share"].names) == causal


def test_the_line_of_a_score():
    graph = derive.Graph()
    graph.input("x", [[1, 0], [0, 1]])
    graph.attention("x", "x", causal=True)
    graph.sum("y")
    computation = graph.computation()
    lines = [str(equation) for equation in computation.equations]
    assert lines[0] == "s_1_1 = (x_1_1·x_1_1 + x_1_2·x_1_2)/√(2)"
    assert lines[-2] == "y_2_2 = a_2_1·x_1_2 + a_2_2·x_2_2"


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 9), st.lists(st.integers(0, 3), min_size=1, max_size=4), st.booleans())
def test_embedding_scatters_its_gradient(seed, indices, is_tied):
    numbers = np.random.default_rng(seed)
    table = draw(numbers, 4, 2)
    graph = derive.Graph()
    V = graph.parameter("V", table)
    e = graph.embedding(indices, weight=V)
    scores = graph.linear(e, weight=V, name="z") if is_tied else e
    graph.sum(graph.activation(scores, activation="tanh"), name="S")
    tv = tensor(table)
    out = F.embedding(torch.tensor(indices), tv)
    error = torch.tanh(F.linear(out, tv) if is_tied else out).sum()
    derivation = check(graph, error, {"V": tv}, {"e": out})
    used = {f"V_{index + 1}_{feature}" for index in indices for feature in (1, 2)}
    assert set(derivation.parameters) == ({*V.names} if is_tied else used)
