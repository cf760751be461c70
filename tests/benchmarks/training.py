"""Training: the article's 10,000 steps, and a batch of 32 through 784-30-10, against what people would write instead.

derive's article run starts at its TOML file each time: reading, deriving, writing the code and running it. The later
rounds find in derive's caches what does not depend on the network object, so the first run is printed too. All take
turns in one process, and the best round of each counts. That all end with the same weights is checked first. micrograd
has neither exp nor a logistic function: it gets exp as its author adds it in his lecture, the formula composed from it,
and beside that a logistic of a single node, the quickest way.
"""

import gc
import importlib.util
import math
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import derive
from derive.training.code import program

ROUNDS = 7
STEPS, PEER_STEPS = 10_000, 300
SIZES, BATCH, BATCH_STEPS, RATE = (784, 30, 10), 32, 100, 0.5
Work = Callable[[], object]


def best_seconds(works: Mapping[str, Work], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the shortest time of each, all of them taking turns."""
    best = dict.fromkeys(works, math.inf)
    for _ in range(rounds):
        for name, work in works.items():
            gc.collect()
            start = time.perf_counter()
            work()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def agree(found: object, expected: object, who: str) -> None:
    """Stop where two ways do not end with the same numbers."""
    np.testing.assert_allclose(found, expected, rtol=1e-9, err_msg=who)


def article(steps: int) -> list[float]:
    """Train the article's network by derive, from the file to the last weights."""
    parameters = derive.load("article").derive().train(steps).parameters
    return [parameters[f"w{number}"] for number in range(1, 9)]


def certified(steps: int, digits: int = 9) -> list[float]:
    """Train it in ball arithmetic, from the file to the certain digits of the last weights."""
    found = derive.load("article").derive().train(steps).certified(digits)
    if found.kinds != {"certain", "exact"}:
        raise SystemExit(f"certified training is not certain: {sorted(found.kinds)}")
    return [float(found.parameters[f"w{number}"].text) for number in range(1, 9)]


def python_loop(steps: int) -> list[float]:
    """The same, written out by hand for these numbers."""
    exp = math.exp
    w1, w2, w3, w4, w5, w6, w7, w8 = 0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55
    for _ in range(steps):
        h1 = 1.0 / (1.0 + exp(-(w1 * 0.05 + w2 * 0.10 + 0.35)))
        h2 = 1.0 / (1.0 + exp(-(w3 * 0.05 + w4 * 0.10 + 0.35)))
        o1 = 1.0 / (1.0 + exp(-(w5 * h1 + w6 * h2 + 0.60)))
        o2 = 1.0 / (1.0 + exp(-(w7 * h1 + w8 * h2 + 0.60)))
        # The learning rate is in the deltas.
        d1 = 0.5 * (o1 - 0.01) * o1 * (1.0 - o1)
        d2 = 0.5 * (o2 - 0.99) * o2 * (1.0 - o2)
        e1 = (d1 * w5 + d2 * w7) * h1 * (1.0 - h1)
        e2 = (d1 * w6 + d2 * w8) * h2 * (1.0 - h2)
        w1 -= e1 * 0.05
        w2 -= e1 * 0.10
        w3 -= e2 * 0.05
        w4 -= e2 * 0.10
        w5 -= d1 * h1
        w6 -= d1 * h2
        w7 -= d2 * h1
        w8 -= d2 * h2
    return [w1, w2, w3, w4, w5, w6, w7, w8]


def micrograd(steps: int) -> list[float]:
    """The same in micrograd, the formula of the logistic function written in its operations and exp."""
    from micrograd.engine import Value

    def exp(value: Value) -> Value:
        out = Value(math.exp(value.data), (value,), "exp")

        def backward() -> None:
            value.grad += out.data * out.grad

        out._backward = backward
        return out

    return _micrograd(steps, lambda net: (1 + exp(-net)) ** -1)


def micrograd_node(steps: int) -> list[float]:
    """The same in micrograd with a node of its own for the logistic function."""
    from micrograd.engine import Value

    def logistic(net: Value) -> Value:
        out = Value(1 / (1 + math.exp(-net.data)), (net,), "logistic")

        def backward() -> None:
            net.grad += out.data * (1 - out.data) * out.grad

        out._backward = backward
        return out

    return _micrograd(steps, logistic)


def _micrograd(steps: int, logistic: Callable[..., Any]) -> list[float]:
    from micrograd.engine import Value

    w = [Value(number) for number in (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)]
    for _ in range(steps):
        h1 = logistic(w[0] * 0.05 + w[1] * 0.10 + 0.35)
        h2 = logistic(w[2] * 0.05 + w[3] * 0.10 + 0.35)
        o1 = logistic(w[4] * h1 + w[5] * h2 + 0.60)
        o2 = logistic(w[6] * h1 + w[7] * h2 + 0.60)
        error = ((o1 - 0.01) ** 2 + (o2 - 0.99) ** 2) * 0.5
        for weight in w:
            weight.grad = 0
        error.backward()
        for weight in w:
            weight.data -= 0.5 * weight.grad
    return [weight.data for weight in w]


def torch_eager(steps: int) -> list[float]:
    """The same in PyTorch, on one thread, the quickest for so few numbers."""
    import torch

    torch.set_num_threads(1)

    def tensor(values: object, *, trained: bool = False) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.float64, requires_grad=trained)

    inputs, target = tensor([0.05, 0.10]), tensor([0.01, 0.99])
    hidden, last = (
        tensor([[0.15, 0.20], [0.25, 0.30]], trained=True),
        tensor([[0.40, 0.45], [0.50, 0.55]], trained=True),
    )
    hidden_bias, last_bias = tensor([0.35, 0.35]), tensor([0.60, 0.60])
    optimizer = torch.optim.SGD([hidden, last], lr=0.5)
    for _ in range(steps):
        optimizer.zero_grad()
        out = torch.sigmoid(torch.addmv(hidden_bias, hidden, inputs))
        out = torch.sigmoid(torch.addmv(last_bias, last, out))
        (torch.nn.functional.mse_loss(out, target, reduction="sum") / 2).backward()
        optimizer.step()
    return [*hidden.flatten().tolist(), *last.flatten().tolist()]


PEERS = {
    "micrograd": ("micrograd", micrograd, 100),
    "micrograd, a node for the logistic": ("micrograd", micrograd_node, 100),
    "eager PyTorch": ("torch", torch_eager, 100),
}


def small() -> None:
    """Print how long the article's 10,000 steps take, and how that compares."""
    start = time.perf_counter()
    ours = article(STEPS)
    first = time.perf_counter() - start
    agree(ours, python_loop(STEPS), "the Python loop")
    agree(ours, certified(STEPS, digits=15), "ball arithmetic")
    present = {name: peer for name, (package, peer, _) in PEERS.items() if importlib.util.find_spec(package)}
    for name, peer in present.items():
        agree(article(PEER_STEPS), peer(PEER_STEPS), name)
    made = program(derive.load("article").derive())
    works: dict[str, Work] = {
        "derive": lambda: article(STEPS),
        "code": lambda: made.advance(made.start, STEPS),
        "loop": lambda: python_loop(STEPS),
        "certified": lambda: certified(STEPS),
    }
    works |= {name: lambda peer=peer: peer(PEER_STEPS) for name, peer in present.items()}
    best = best_seconds(works)
    milliseconds = {name: 1000 * value for name, value in best.items()}
    print(f"The article's network, {STEPS:,} steps: derive {milliseconds['derive']:.1f} ms, code generation included")
    print(f"  the first run in the process {1000 * first:.1f} ms, the code alone {milliseconds['code']:.1f} ms")
    for name, (_, _, goal) in PEERS.items():
        if name in best:
            theirs = best[name] * STEPS / PEER_STEPS
            times = theirs / best["derive"]
            print(
                f"  {name} {theirs:.2f} s, scaled from {PEER_STEPS} steps: derive is {times:,.0f} times faster"
                f"   (goal: at least {goal})"
            )
        else:
            print(f"  {name} is not installed: no comparison   (goal: at least {goal} times faster)")
    ratio = best["derive"] / best["loop"]
    print(f"  Python loop {milliseconds['loop']:.1f} ms: derive takes {ratio:.2f} of it   (goal: at most 1.0)")
    print(
        f"  with every printed digit certain {milliseconds['certified']:.0f} ms, "
        f"{best['certified'] / best['loop']:.1f} times the loop   (goal: well under 1 s)"
    )


def batch() -> tuple[derive.Network, list[np.ndarray]]:
    """Return 784-30-10 with logistic neurons and a batch, and the same numbers as arrays."""
    draw = np.random.default_rng(1)
    inputs, hidden, outs = SIZES
    x, t = draw.random((BATCH, inputs)).round(3), draw.random((BATCH, outs)).round(3)
    w1, w2 = draw.normal(0, 0.05, (hidden, inputs)).round(3), draw.normal(0, 0.3, (outs, hidden)).round(3)
    b1, b2 = draw.normal(0, 0.3, hidden).round(3), draw.normal(0, 0.3, outs).round(3)
    network = derive.Network(
        [derive.Layer(w1.tolist(), b1.tolist()), derive.Layer(w2.tolist(), b2.tolist())],
        [derive.Sample(*rows) for rows in zip(x.tolist(), t.tolist(), strict=True)],
        learning_rate=RATE,
        error="mean_squared_error",
    )
    return network, [x, t, w1, b1, w2, b2]


def numpy_by_hand(x, t, w1, b1, w2, b2, steps: int) -> list[np.ndarray]:  # type: ignore[no-untyped-def]
    """The same updates as a programmer writes them: what is constant once, the large arrays changed in place."""
    w1, b1, w2, b2 = w1.copy(), b1.copy(), w2.copy(), b2.copy()
    rate = RATE * 2 / t.size
    for _ in range(steps):
        h = 1 / (1 + np.exp(-(x @ w1.T + b1)))
        o = 1 / (1 + np.exp(-(h @ w2.T + b2)))
        d2 = rate * (o - t) * o * (1 - o)
        d1 = (d2 @ w2) * h * (1 - h)
        w2 -= d2.T @ h
        b2 -= d2.sum(axis=0)
        w1 -= d1.T @ x
        b1 -= d1.sum(axis=0)
    return [w1, b1, w2, b2]


def large() -> None:
    """Print how long 100 steps of the batch take, and how that compares."""
    network, arrays = batch()
    made = program(network.derive())
    expected = numpy_by_hand(*arrays, BATCH_STEPS)
    for found, array in zip(made.advance(made.start, BATCH_STEPS), expected, strict=False):
        agree(found, array, "NumPy")
    parameters = network.derive().train(BATCH_STEPS).parameters
    first, last, bias = parameters["w1"], parameters["w23520"], parameters["b_o10"]
    agree([first, last, bias], [expected[0][0, 0], expected[0][-1, -1], expected[3][-1]], "NumPy")
    best = best_seconds(
        {
            "code": lambda: made.advance(made.start, BATCH_STEPS),
            "NumPy": lambda: numpy_by_hand(*arrays, BATCH_STEPS),
            "all": lambda: network.derive().train(BATCH_STEPS),
        }
    )
    milliseconds = {name: 1000 * value for name, value in best.items()}
    print(
        f"{'-'.join(map(str, SIZES))}, batch {BATCH}, {BATCH_STEPS} steps: derive's code {milliseconds['code']:.1f} ms,"
        f" with code generation {milliseconds['all']:.1f} ms, NumPy by hand {milliseconds['NumPy']:.1f} ms"
    )
    for name, what in (("code", "without"), ("all", "with")):
        ratio = best[name] / best["NumPy"]
        print(f"  derive takes {ratio:.2f} of NumPy's time, {what} code generation   (goal: at most 1.0)")


def main() -> None:
    """Print both comparisons."""
    small()
    large()


if __name__ == "__main__":
    sys.exit(main())
