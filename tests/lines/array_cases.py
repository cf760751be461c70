"""Graphs of blocks, and the same in PyTorch: what each array of gradients is to be, by the sign that it has on a page.

Sizes are such that a wrong transposition still fits, so that only the numbers can tell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

import derive

torch = pytest.importorskip("torch")
F = torch.nn.functional


class Numbers:
    """Numbers of one decimal, none of them 0, in nested lists."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def __call__(self, *shape: int) -> Any:
        if not shape:
            return self._random.choice([-1, 1]) * self._random.randint(1, 19) / 10
        return [self(*shape[1:]) for _ in range(shape[0])]


def tensor(numbers: Any) -> Any:
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


@dataclass(frozen=True)
class Case:
    """A derivation, and gradients by their signs."""

    derivation: Any
    gradients: Mapping[str, Any]


def kept(*tensors: Any) -> None:
    for each in tensors:
        each.retain_grad()


def _half_square(out: Any, target: Any) -> Any:
    return ((out - torch.tensor(target, dtype=torch.float64)) ** 2).sum() / 2


def _ended(graph: Any, out: Any, made: Any, target: Any, gradients: Callable[[], Mapping[str, Any]]) -> Case:
    """End both in the same error and go back."""
    graph.error(out, target=target, name="E")
    _half_square(made, target).backward()
    return Case(graph.derive(), gradients())


def linear_batch() -> Case:
    numbers, graph = Numbers(1), derive.Graph()
    x, w, b, v, t = numbers(2, 2), numbers(2, 2), numbers(2), numbers(2, 2), numbers(2, 2)
    h = graph.linear(graph.input("x", x), weight=w, bias=b, activation="tanh", name="h")
    y = graph.linear(h, weight=v, name="y")
    tw, tb, tv = map(tensor, (w, b, v))
    net = torch.tensor(x, dtype=torch.float64) @ tw.T + tb
    th = torch.tanh(net)
    ty = th @ tv.T
    kept(net, th, ty)
    return _ended(graph, y, ty, t, lambda: {
        r"d\mathbf{W}": tw.grad, r"d\mathbf{b}": tb.grad[:, None], r"d\mathbf{W}_{y}": tv.grad,
        r"\boldsymbol{\delta}_{h}": net.grad, r"d\mathbf{h}": th.grad, r"d\mathbf{y}": ty.grad,
    })  # fmt: skip


def linear_vector() -> Case:
    numbers, graph = Numbers(2), derive.Graph()
    x, w, b, v, t = numbers(2), numbers(2, 2), numbers(2), numbers(2, 2), numbers(2)
    h = graph.linear(graph.input("x", x), weight=w, bias=b, activation="logistic", name="h")
    y = graph.softmax(graph.linear(h, weight=v, name="z"), name="p")
    tw, tb, tv = map(tensor, (w, b, v))
    net = tw @ torch.tensor(x, dtype=torch.float64) + tb
    th = torch.sigmoid(net)
    tz = tv @ th
    ty = torch.softmax(tz, 0)
    kept(net, th, tz, ty)
    return _ended(graph, y, ty, t, lambda: {
        r"d\mathbf{W}": tw.grad, r"d\mathbf{b}": tb.grad[:, None], r"d\mathbf{W}_{z}": tv.grad,
        r"\boldsymbol{\delta}_{h}": net.grad[:, None], r"d\mathbf{h}": th.grad[:, None],
        r"d\mathbf{z}": tz.grad[:, None], r"d\mathbf{p}": ty.grad[:, None],
    })  # fmt: skip


def shared_and_skip() -> Case:
    """A weight in two blocks, and a vector that goes on beside a block."""
    numbers, graph = Numbers(3), derive.Graph()
    x, w, t = numbers(2), numbers(2, 2), numbers(2)
    weight = graph.parameter("W", w)
    h = graph.linear(graph.input("x", x), weight=weight, activation="tanh", name="h")
    g = graph.linear(h, weight=weight, name="g")
    y = graph.add(g, h, name="y")
    tw = tensor(w)
    th = torch.tanh(tw @ torch.tensor(x, dtype=torch.float64))
    tg = tw @ th
    ty = tg + th
    kept(th, tg, ty)
    return _ended(graph, y, ty, t, lambda: {
        r"d\mathbf{W}": tw.grad, r"d\mathbf{h}": th.grad[:, None], r"d\mathbf{g}": tg.grad[:, None],
    })  # fmt: skip


def softmax_rows() -> Case:
    numbers, graph = Numbers(4), derive.Graph()
    x, w, t = numbers(2, 2), numbers(2, 2), numbers(2, 2)
    z = graph.linear(graph.input("x", x), weight=w, name="z")
    p = graph.softmax(z, name="p")
    tw = tensor(w)
    tz = torch.tensor(x, dtype=torch.float64) @ tw.T
    tp = torch.softmax(tz, 1)
    kept(tz, tp)
    return _ended(graph, p, tp, t, lambda: {
        r"d\mathbf{W}": tw.grad, r"d\mathbf{z}": tz.grad, r"d\mathbf{p}": tp.grad,
    })  # fmt: skip


def conv2d() -> Case:
    """Two filters with padding and a stride that leaves a column out, then one over both channels."""
    numbers, graph = Numbers(5), derive.Graph()
    x, k, b, m = numbers(1, 4, 4), numbers(2, 1, 2, 2), numbers(2), numbers(1, 2, 2, 2)
    y = graph.conv2d(graph.input("x", x), weight=k, bias=b, stride=2, padding=1, activation="tanh", name="y")
    z = graph.conv2d(y, weight=m, name="z")
    tk, tb, tm = map(tensor, (k, b, m))
    ty = torch.tanh(F.conv2d(torch.tensor(x, dtype=torch.float64)[None], tk, tb, stride=2, padding=1))
    tz = F.conv2d(ty, tm)
    t = numbers(1, 2, 2)
    kept(ty, tz)
    return _ended(graph, z, tz[0], t, lambda: {
        r"d\mathbf{K}_{1}": tk.grad[0, 0], r"d\mathbf{K}_{2}": tk.grad[1, 0],
        r"db_{1}": tb.grad[:1, None], r"db_{2}": tb.grad[1:, None],
        r"d\mathbf{K}_{z1}": tm.grad[0, 0], r"d\mathbf{K}_{z2}": tm.grad[0, 1],
        r"d\mathbf{y}_{1}": ty.grad[0, 0], r"d\mathbf{y}_{2}": ty.grad[0, 1], r"d\mathbf{z}": tz.grad[0, 0],
    })  # fmt: skip


def conv1d() -> Case:
    numbers, graph = Numbers(6), derive.Graph()
    x, k, m, t = numbers(6), numbers(1, 2), numbers(1, 2), numbers(2)
    y = graph.conv1d(graph.input("x", x), weight=k, name="y")
    z = graph.conv1d(y, weight=m, stride=3, name="z")
    tk, tm = tensor(k), tensor(m)
    ty = F.conv1d(torch.tensor(x, dtype=torch.float64)[None, None], tk[None])
    tz = F.conv1d(ty, tm[None], stride=3)
    kept(ty)
    return _ended(graph, z, tz[0, 0], t, lambda: {
        r"d\mathbf{K}": tk.grad, r"d\mathbf{K}_{z}": tm.grad, r"d\mathbf{y}": ty.grad[0],
    })  # fmt: skip


def _pool(op: str, **options: int) -> Case:
    numbers, graph = Numbers(7), derive.Graph()
    x, k = numbers(1, 5, 5), numbers(1, 1, 2, 2)
    q = graph.conv2d(graph.input("x", x), weight=k, name="q")
    y = getattr(graph, f"{op}_pool2d")(q, 2, name="y", **options)
    tk = tensor(k)
    tq = F.conv2d(torch.tensor(x, dtype=torch.float64)[None], tk)
    ty = getattr(F, f"{op}_pool2d")(tq, 2, **options)
    kept(tq)
    t = numbers(1, *ty.shape[2:])
    return _ended(graph, y, ty[0], t, lambda: {r"d\mathbf{K}": tk.grad[0, 0], r"d\mathbf{q}": tq.grad[0, 0]})


def max_pool() -> Case:
    return _pool("max")


def max_pool_over_each_other() -> Case:
    return _pool("max", stride=1, padding=1)


def avg_pool() -> Case:
    return _pool("avg")


def avg_pool_over_each_other() -> Case:
    return _pool("avg", stride=1, padding=1)


def embedding() -> Case:
    numbers, graph = Numbers(8), derive.Graph()
    v, w, t = numbers(3, 2), numbers(2, 2), numbers(3, 2)
    e = graph.embedding([1, 0, 1], weight=v, name="e")
    y = graph.linear(e, weight=w, name="y")
    tv, tw = tensor(v), tensor(w)
    te = F.embedding(torch.tensor([1, 0, 1]), tv)
    kept(te)
    return _ended(graph, y, te @ tw.T, t, lambda: {
        r"d\mathbf{V}": tv.grad, r"d\mathbf{W}": tw.grad, r"d\mathbf{e}": te.grad,
    })  # fmt: skip


def layer_norm() -> Case:
    numbers, graph = Numbers(9), derive.Graph()
    x, w, gamma, beta, t = numbers(2, 3), numbers(3, 3), numbers(3), numbers(3), numbers(2, 3)
    q = graph.linear(graph.input("x", x), weight=w, name="q")
    y = graph.layer_norm(q, weight=gamma, bias=beta, name="y")
    tw, tg, tb = map(tensor, (w, gamma, beta))
    tq = torch.tensor(x, dtype=torch.float64) @ tw.T
    ty = F.layer_norm(tq, (3,), tg, tb)
    kept(tq, ty)
    return _ended(graph, y, ty, t, lambda: {
        r"d\mathbf{W}": tw.grad, r"d\boldsymbol{\gamma}": tg.grad[:, None], r"d\boldsymbol{\beta}": tb.grad[:, None],
        r"d\mathbf{q}_{1}": tq.grad[0][:, None], r"d\mathbf{q}_{2}": tq.grad[1][:, None],
    })  # fmt: skip


def batch_norm() -> Case:
    return _batch_norm(None, None)


def batch_norm_fixed() -> Case:
    return _batch_norm([0.1, -0.2], [0.5, 1.5])


def _batch_norm(mean: Any, variance: Any) -> Case:
    numbers, graph = Numbers(10), derive.Graph()
    x, w, gamma, beta, t = numbers(3, 2), numbers(2, 2), numbers(2), numbers(2), numbers(3, 2)
    q = graph.linear(graph.input("x", x), weight=w, name="q")
    y = graph.batch_norm(q, weight=gamma, bias=beta, mean=mean, variance=variance, name="y")
    tw, tg, tb = map(tensor, (w, gamma, beta))
    tq = torch.tensor(x, dtype=torch.float64) @ tw.T
    running = [None if each is None else torch.tensor(each, dtype=torch.float64) for each in (mean, variance)]
    ty = F.batch_norm(tq, *running, tg, tb, training=mean is None)
    kept(tq)
    return _ended(graph, y, ty, t, lambda: {
        r"d\mathbf{W}": tw.grad, r"d\gamma_{1}": tg.grad[:1, None], r"d\beta_{2}": tb.grad[1:, None],
        r"d\mathbf{q}_{:,1}": tq.grad[:, :1], r"d\mathbf{q}_{:,2}": tq.grad[:, 1:],
    })  # fmt: skip


def attention() -> Case:
    """An input that attends to itself as it is."""
    numbers, graph = Numbers(11), derive.Graph()
    x, w, t = numbers(3, 2), numbers(3, 2), numbers(3, 3)
    q = graph.linear(graph.input("x", x), weight=w, name="q")
    y = graph.attention(q, name="y")
    tw = tensor(w)
    tq = torch.tensor(x, dtype=torch.float64) @ tw.T
    ty = F.scaled_dot_product_attention(tq, tq, tq)
    kept(tq)
    return _ended(graph, y, ty, t, lambda: {r"d\mathbf{W}": tw.grad, r"d\mathbf{q}": tq.grad})


def attention_heads() -> Case:
    """Two heads with a causal mask, all projected."""
    numbers, graph = Numbers(12), derive.Graph()
    x = numbers(3, 4)
    given = {part: numbers(4, 4) for part in ("query", "key", "value", "output")}
    bias, t = numbers(4), numbers(3, 4)
    y = graph.attention(graph.input("x", x), **given, query_bias=bias, heads=2, causal=True, name="y")
    made = {part: tensor(numbers) for part, numbers in given.items()}
    tb, tx = tensor(bias), torch.tensor(x, dtype=torch.float64)
    tq, tk, tv = tx @ made["query"].T + tb, tx @ made["key"].T, tx @ made["value"].T
    split = [each.reshape(3, 2, 2).transpose(0, 1) for each in (tq, tk, tv)]
    tz = F.scaled_dot_product_attention(*split, is_causal=True).transpose(0, 1).reshape(3, 4)
    kept(tq, tk, tv, tz)
    return _ended(graph, y, tz @ made["output"].T, t, lambda: {
        r"d\mathbf{W}_{q}": made["query"].grad, r"d\mathbf{W}_{k}": made["key"].grad,
        r"d\mathbf{W}_{v}": made["value"].grad, r"d\mathbf{W}_{o}": made["output"].grad,
        r"d\mathbf{b}_{q}": tb.grad[:, None], r"d\mathbf{z}": tz.grad,
        r"d\mathbf{q}_{[1]}": tq.grad[:, :2], r"d\mathbf{k}_{[2]}": tk.grad[:, 2:],
        r"d\mathbf{v}_{[2]}": tv.grad[:, 2:],
    })  # fmt: skip


def rnn() -> Case:
    return _recurrent("rnn", [("x", "h", "b", "d")], {})


def lstm() -> Case:
    return _recurrent("lstm", [(each, each, f"b_{{{each}}}", f"d_{{{each}}}") for each in "ifgo"], {"c_0": 14})


def gru() -> Case:
    return _recurrent("gru", [(each, each, f"b_{{{each}}}", f"d_{{{each}}}") for each in "rzn"], {})


def _recurrent(op: str, gates: list[tuple[str, str, str, str]], more: Mapping[str, int]) -> Case:
    """Three steps over what another block gives; the error is of every step."""
    numbers, graph = Numbers(13), derive.Graph()
    x, w, t, start = numbers(3, 2), numbers(2, 2), numbers(3, 2), {"h_0": numbers(2)}
    start |= {key: Numbers(seed)(2) for key, seed in more.items()}
    rows = 2 * len(gates)
    sizes = {"weight_ih": (rows, 2), "weight_hh": (rows, 2), "bias_ih": (rows,), "bias_hh": (rows,)}
    given = {key: numbers(*size) for key, size in sizes.items()}
    q = graph.linear(graph.input("x", x), weight=w, name="q")
    h = getattr(graph, op)(q, **given, **start, name="h")
    module = getattr(torch.nn, op.upper())(2, 2, dtype=torch.float64)
    for key, each in given.items():
        getattr(module, f"{key}_l0").data = torch.tensor(each, dtype=torch.float64)
    first = [torch.tensor([each], dtype=torch.float64) for each in start.values()]
    tw = tensor(w)
    tq = torch.tensor(x, dtype=torch.float64) @ tw.T
    made, _ = module(tq, tuple(first) if len(first) > 1 else first[0])
    kept(tq, made)
    letters = ("W", "W") if op == "rnn" else ("W", "U")

    def gradients() -> Mapping[str, Any]:
        found = {rf"d\mathbf{{q}}_{{{step + 1}}}": tq.grad[step][:, None] for step in range(3)}
        found[r"d\mathbf{W}"] = tw.grad
        for place, (of_input, of_state, *biases) in enumerate(gates):
            part = slice(2 * place, 2 * place + 2)
            found[rf"d\mathbf{{{letters[0]}}}_{{{of_input}}}"] = module.weight_ih_l0.grad[part]
            found[rf"d\mathbf{{{letters[1]}}}_{{{of_state}}}"] = module.weight_hh_l0.grad[part]
            for bias, whole in zip(biases, (module.bias_ih_l0, module.bias_hh_l0), strict=True):
                letter, *below = bias.split("_", 1)
                sign = rf"d\mathbf{{{letter}}}" + "".join(f"_{each}" for each in below)
                found[sign] = whole.grad[part][:, None]
        return found

    return _ended(graph, h, made, t, gradients)


CASES: Mapping[str, Callable[[], Case]] = {
    made.__name__: made
    for made in (
        *(linear_batch, linear_vector, shared_and_skip, softmax_rows, conv2d, conv1d),
        *(max_pool, max_pool_over_each_other, avg_pool, avg_pool_over_each_other, embedding),
        *(layer_norm, batch_norm, batch_norm_fixed, attention, attention_heads, rnn, lstm, gru),
    )
}
