"""Training: the article's 10,000 steps, and a batch of 32 through 784-30-10, against what people would write instead.

derive's article run starts at its TOML file each time: reading, deriving, writing the code and running it. The later
rounds find in derive's caches what does not depend on the network object, so the first run is printed too. All take
turns in one process, and the best round of each counts. That all end with the same weights is checked first. micrograd
has neither exp nor a logistic function: it gets exp as its author adds it in his lecture, the formula composed from it,
and beside that a logistic of a single node, the quickest way.
"""

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from measuring import Work, in_turns, installed, line, options

import derive
from derive.training.code import program

ROUNDS = 7
STEPS, PEER_STEPS = 10_000, 300
SIZES, BATCH, BATCH_STEPS, RATE = (784, 30, 10), 32, 100, 0.5
SMALL_SIZES = (4, 3, 2)


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


def small(quick: bool) -> None:
    """Print how long the article's 10,000 steps take, and how that compares."""
    steps, peer_steps, rounds = (100, 3, 1) if quick else (STEPS, PEER_STEPS, ROUNDS)
    start = time.perf_counter()
    ours = article(steps)
    first = time.perf_counter() - start
    agree(ours, python_loop(steps), "the Python loop")
    agree(ours, certified(steps, digits=15), "ball arithmetic")
    there = {package for package in ("micrograd", "torch") if installed(package)}
    present = {name: peer for name, (package, peer, _) in PEERS.items() if package in there}
    for name, peer in present.items():
        agree(article(peer_steps), peer(peer_steps), name)
    made = program(derive.load("article").derive().evaluation)
    works: dict[str, Work] = {
        "derive": lambda: article(steps),
        "code": lambda: made.advance(made.start, steps),
        "loop": lambda: python_loop(steps),
        "certified": lambda: certified(steps),
    }
    works |= {name: lambda peer=peer: peer(peer_steps) for name, peer in present.items()}
    best = {name: min(times) for name, times in in_turns(works, rounds).items()}
    line(f"the article's {steps:,} steps, from the file, the first run in the process", 1000 * first, unit="ms")
    for name, what in (("derive", "from the file"), ("code", "the code alone"), ("loop", "a loop by hand")):
        line(f"  {what}", 1000 * best[name], unit="ms")
    for name in present:
        goal = "" if quick else f"at least {PEERS[name][2]}"
        theirs = best[name] * steps / peer_steps
        line(f"  {name}, scaled from {peer_steps} steps, over derive from the file", theirs / best["derive"], goal)
    for name, what, goal in (
        ("derive", "derive from the file", "at most 1.0"),
        ("code", "derive's code alone", "at most 1.0"),
        ("certified", "derive with every printed digit certain", "well under 1 s"),
    ):
        line(f"  {what}, over the loop by hand", best[name] / best["loop"], "" if quick else goal)


def batch(sizes: tuple[int, int, int]) -> tuple[derive.Network, list[np.ndarray]]:
    """Return a network of logistic neurons and a batch, and the same numbers as arrays."""
    draw = np.random.default_rng(1)
    inputs, hidden, outs = sizes
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


def large(quick: bool) -> None:
    """Print how long 100 steps of the batch take, and how that compares."""
    sizes, steps, rounds = (SMALL_SIZES, 2, 1) if quick else (SIZES, BATCH_STEPS, ROUNDS)
    network, arrays = batch(sizes)
    made = program(network.derive().evaluation)
    expected = numpy_by_hand(*arrays, steps)
    for found, array in zip(made.advance(made.start, steps), expected, strict=False):
        agree(found, array, "NumPy")
    parameters = network.derive().train(steps).parameters
    inputs, hidden, outs = sizes
    first, last, bias = parameters["w1"], parameters[f"w{(inputs + outs) * hidden}"], parameters[f"b_o{outs}"]
    agree([first, last, bias], [expected[0][0, 0], expected[2][-1, -1], expected[3][-1]], "NumPy")
    works: dict[str, Work] = {
        "code": lambda: made.advance(made.start, steps),
        "NumPy": lambda: numpy_by_hand(*arrays, steps),
        "all": lambda: network.derive().train(steps),
    }
    best = {name: min(times) for name, times in in_turns(works, rounds).items()}
    print(f"{'-'.join(map(str, sizes))}, batch {BATCH}, {steps} steps")
    line("  NumPy by hand", 1000 * best["NumPy"], unit="ms")
    for name, what in (("code", "the code alone"), ("all", "from the network")):
        ratio = best[name] / best["NumPy"]
        line(f"  derive, {what}, over NumPy by hand", ratio, "" if quick else "at most 1.0")


def main(quick: bool) -> None:
    """Print both comparisons."""
    small(quick)
    large(quick)


if __name__ == "__main__":
    main(options(__doc__).parse_args().quick)
