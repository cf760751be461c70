"""Pooling, with strides, padding and ties, against PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive

torch = pytest.importorskip("torch")
F = torch.nn.functional
from against_torch import check, draw, tensor  # noqa: E402 - after the skip

POOLS = {
    "avg_pool1d": F.avg_pool1d,
    "avg_pool2d": F.avg_pool2d,
    "max_pool1d": F.max_pool1d,
    "max_pool2d": F.max_pool2d,
}


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 9),
    op=st.sampled_from(sorted(POOLS)),
    size=st.tuples(st.integers(3, 5), st.integers(3, 5)),
    window=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.one_of(st.none(), st.tuples(st.integers(1, 3), st.integers(1, 3))),
    padding=st.tuples(st.integers(0, 1), st.integers(0, 1)),
    channels=st.integers(1, 2),
    has_ties=st.booleans(),
)
def test_pooling(seed, op, size, window, stride, padding, channels, has_ties):
    padding = tuple(min(pad, part // 2) for pad, part in zip(padding, window, strict=True))
    numbers = np.random.default_rng(seed)
    dimensions = int(op[-2])
    x = draw(numbers, channels, *size[:dimensions])
    x = np.round(x) if has_ties else x
    own = {"stride": stride[:dimensions] if stride else None, "padding": padding[:dimensions]}
    graph = derive.Graph()
    graph.input("x", x)
    m = graph.add_block(op, "x", window=window[:dimensions], **own)
    tx = tensor(x)
    out = POOLS[op](tx, window[:dimensions], **own)
    assert m.shape == tuple(out.shape)
    t = draw(numbers, *m.shape)
    graph.error("m", target=t)
    check(graph, ((out - torch.tensor(t)) ** 2).sum() / 2, {"x": tx}, {"m": out})
