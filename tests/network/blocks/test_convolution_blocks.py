"""Convolutions, with strides and padding, against PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive

torch = pytest.importorskip("torch")
F = torch.nn.functional
from against_torch import check, draw, tensor  # noqa: E402 - after the skip

sizes = st.tuples(st.integers(3, 6), st.integers(3, 6))
windows = st.tuples(st.integers(1, 3), st.integers(1, 3))


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 9),
    size=sizes,
    window=windows,
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    channels=st.integers(1, 2),
    filters=st.integers(1, 2),
    batch=st.sampled_from([(), (1,), (2,)]),
    has_bias=st.booleans(),
)
def test_a_convolution_of_two_dimensions(seed, size, window, stride, padding, channels, filters, batch, has_bias):
    padding = tuple(min(pad, part - 1) for pad, part in zip(padding, window, strict=True))  # no window on padding alone
    numbers = np.random.default_rng(seed)
    x, w, b = draw(numbers, *batch, channels, *size), draw(numbers, filters, channels, *window), draw(numbers, filters)
    graph = derive.Graph()
    weight = graph.parameter("K", w)
    graph.input("x", x)
    y = graph.conv2d("x", weight=weight, bias=b if has_bias else None, stride=stride, padding=padding)
    tx, tw, tb = tensor(x), tensor(w), tensor(b)
    out = F.conv2d(tx, tw, tb if has_bias else None, stride=stride, padding=padding)
    assert y.shape == tuple(out.shape)
    t = draw(numbers, *y.shape)
    graph.error(y, target=t)
    error = ((out - torch.tensor(t)) ** 2).sum() / 2
    check(graph, error, {"x": tx, "K": tw} | ({"b": tb} if has_bias else {}), {"y": out})


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 9), st.integers(3, 7), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.booleans())
def test_a_convolution_of_one_dimension(seed, length, window, stride, padding, has_channels):
    padding = min(padding, window - 1)
    numbers = np.random.default_rng(seed)
    x, w = draw(numbers, length), draw(numbers, 2, window)
    graph = derive.Graph()
    given_x = graph.input("x", x[None] if has_channels else x)
    y = graph.conv1d(given_x, weight=w[:, None] if has_channels else w, stride=stride, padding=padding)
    tx, tw = tensor(x), tensor(w)
    out = F.conv1d(tx[None], tw[:, None], stride=stride, padding=padding)
    assert y.shape == tuple(out.shape)
    graph.sum(graph.activation(y, activation="tanh", name="a"))
    check(graph, torch.tanh(out).sum(), {"x": tx, "K": tw}, {"y": out})


def test_a_single_filter_over_a_plain_picture_gives_a_plain_picture():
    graph = derive.Graph()
    y = graph.conv2d(graph.input("x", np.ones((3, 3))), weight=[[1, 2], [3, 4]], bias=0.5, activation="relu")
    assert y.shape == (2, 2)
    graph.sum(y, name="S")
    computation = graph.computation()
    assert str(computation.equations[0]) == "net_y_1_1 = K_1_1·x_1_1 + K_1_2·x_1_2 + K_2_1·x_2_1 + K_2_2·x_2_2 + b"
    group = computation.groups[0]
    assert (group.op, group.options["stride"], group.options["activation"]) == ("conv2d", (1, 1), "relu")
    assert group.weights["weight"].shape == (1, 2, 2)


def test_filters_of_an_input_without_channels_may_have_one_channel_each():
    x = [[1, 2, 0], [0, 1, 3], [2, 0, 1]]
    kernel = [[[1, -1], [0, 2]], [[0, 1], [1, 0]]]
    found = []
    for weight in (kernel, [[each] for each in kernel]):
        graph = derive.Graph()
        graph.mean(graph.conv2d(graph.input("x", x), weight=weight, name="y"))
        found.append({name: str(value) for name, value in graph.derive().gradients.items()})
    assert found[0] == found[1]
    graph = derive.Graph()
    with pytest.raises(derive.InputError, match="found the shape 2×2×2×2; expected n×n×n"):
        graph.conv2d(graph.input("x", x), weight=[[each, each] for each in kernel], name="y")
