"""Blocks beside optimizers that are written in the letters of their parts: the letters change, no number does."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import derive
from derive import Graph, Plan
from derive.functions.optimizers import OPTIMIZERS
from derive.network.blocks.table import BLOCKS

SQUARE = [[0.5, -0.25], [0.75, 1]]
PAIRS = [[1, 2], [3, 5]]
SERIES = [[1], [2]]
FACTORS: Mapping[str, Any] = {"weight": [2, 1], "bias": [0.5, 0]}


def pooled(op: str) -> Callable[[Graph], Any]:
    values = [1, 2] if op.endswith("1d") else PAIRS
    return lambda graph: graph.add_block(op, graph.linear(graph.input("x", values), weight=SQUARE, name="h"), window=2)


def recurrent(op: str, gates: int) -> Callable[[Graph], Any]:
    sizes = [[0.1 * n + 0.1] for n in range(gates)]
    return lambda graph: graph.add_block(op, graph.input("x", SERIES), weight_ih=sizes, weight_hh=sizes, outputs="last")


def moved(graph: Graph, values: Any = (1, 2), name: str = "h") -> Any:
    """What a weight has moved, so that there is something to train."""
    return graph.linear(graph.input(f"x_{name}", values), weight=SQUARE, name=name)


def weighted(graph: Graph) -> Any:
    errors = [graph.error(moved(graph, name=name), target=[0, 1], name=f"D_{name}") for name in ("h", "k")]
    return graph.add_block("weighted_sum", *errors, factors=[2, 1])


# A graph for each block, in which nothing has a name of the user's but where a second one would be missing.
MADE: Mapping[str, Callable[[Graph], Any]] = {
    "linear": lambda graph: graph.linear(graph.input("x", [1, 2]), weight=SQUARE, bias=[0, 1]),
    "activation": lambda graph: graph.activation(moved(graph), activation="tanh"),
    "softmax": lambda graph: graph.softmax(moved(graph)),
    "conv1d": lambda graph: graph.conv1d(graph.input("x", [1, 2, 3]), weight=[1, 0.5], bias=1),
    "conv2d": lambda graph: graph.conv2d(graph.input("x", PAIRS), weight=SQUARE, bias=1),
    "rnn": recurrent("rnn", 1),
    "lstm": recurrent("lstm", 4),
    "gru": recurrent("gru", 3),
    **{op: pooled(op) for op in ("max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d")},
    "embedding": lambda graph: graph.embedding([1, 0], weight=SQUARE),
    "layer_norm": lambda graph: graph.layer_norm(graph.input("x", [1, 2]), **FACTORS),
    "batch_norm": lambda graph: graph.batch_norm(graph.input("x", PAIRS), **FACTORS),
    "attention": lambda graph: graph.attention(graph.input("x", [[1]]), query=[[1]], key=[[0.5]], value=[[2]]),
    "add": lambda graph: graph.add(*sums(graph)),
    "multiply": lambda graph: graph.multiply(*sums(graph)),
    "concat": lambda graph: graph.concat(*sums(graph)),
    "reshape": lambda graph: graph.reshape(moved(graph), [2, 1]),
    "flatten": lambda graph: graph.flatten(moved(graph, PAIRS)),
    "transpose": lambda graph: graph.transpose(moved(graph, PAIRS)),
    "sum": lambda graph: graph.sum(moved(graph)),
    "mean": lambda graph: graph.mean(moved(graph)),
    "weighted_sum": weighted,
    "error": lambda graph: graph.linear(graph.input("x", [1, 2]), weight=[[0.5, 1]]),
}


def sums(graph: Graph) -> list[Any]:
    """Two numbers, each of a weight."""
    return [graph.linear(graph.input(f"x_{name}", [1, 2]), weight=[[0.5, 1]], name=name) for name in ("h", "k")]


def graph_of(op: str) -> Graph:
    graph = Graph()
    y = MADE[op](graph)
    if op != "weighted_sum":
        target: Any = 0
        for size in reversed(y.shape):
            target = [target] * size
        graph.error(y, target=target)
    return graph


def test_every_kind_of_block_is_looked_at() -> None:
    assert set(MADE) == set(BLOCKS)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("op", MADE)
def test_every_block_has_a_handout_beside_every_optimizer(op: str, optimizer: str) -> None:
    graph = graph_of(op)
    plain = graph.derive()
    derivation = graph.derive(Plan(optimizer=optimizer, learning_rate=0.1))
    assert derivation.handout(language="en").digits
    assert [*map(float, derivation.gradients.values())] == [*map(float, plain.gradients.values())]
    if optimizer == "gradient_descent":
        assert derivation.computation.kinds == plain.computation.kinds


BATCH = """
optimizer = "{optimizer}"
[inputs]
x = [[1, 2], [3, 5]]
[parameters]
{parameters}
[[node]]
op = "batch_norm"
name = "y"
inputs = ["x"]
weight = {weight}
bias = [0.5, 0]
[[node]]
op = "error"
inputs = ["y"]
target = [[0, 1], [1, 0]]
"""


def loaded(folder: Path, optimizer: str, parameters: str = "", weight: str = "[2, 1]") -> Any:
    path = folder / "batch.toml"
    path.write_text(BATCH.format(optimizer=optimizer, parameters=parameters, weight=weight), encoding="utf-8")
    return derive.load(path)


def test_what_has_no_name_of_the_users_is_called_by_its_block(tmp_path: Path) -> None:
    graph = graph_of("max_pool1d")
    assert "m_pool" in graph.computation(plan=Plan(optimizer="adam")).kinds
    assert "m" in graph.computation(plan=Plan(optimizer="momentum")).kinds
    made = Graph()
    made.error(made.layer_norm(made.input("x", [1, 2]), **FACTORS, name="n"), target=[0, 1])
    kinds = made.computation(plan=Plan(optimizer="adam")).kinds
    assert {"m_n", "beta_n_1", "v", "gamma_1"} <= set(kinds)
    assert {"m", "beta_1"}.isdisjoint(kinds)
    assert {"v_n", "m"} <= set(made.computation(plan=Plan(optimizer="nesterov")).kinds)
    text = str(loaded(tmp_path, "adam").derive().handout(language="en").markdown)
    assert r"\beta_{y1}" in text or r"\beta_{y,1}" in text


def test_a_name_of_the_users_is_theirs_to_change(tmp_path: Path) -> None:
    made = loaded(tmp_path, "adam", "beta = [2, 1]", '"beta"')
    says = "names: found 'beta_1' for a parameter, which is printed like beta1, a name of the update rule of adam"
    with pytest.raises(derive.InputError, match=says):
        made.derive().handout()
    equations = {"m": "w*x", "E": "(m - 1)^2"}
    values = {"w": 0.5, "x": 1}
    computation = derive.Computation(equations, values=values, output="E", trained=["w"], plan=Plan(optimizer="adam"))
    with pytest.raises(derive.InputError) as caught:
        computation.derive().handout()
    assert str(caught.value) == (
        "names: found 'm' for a computed value and for the update rule of adam (its names: beta1, beta2, epsilon, g, "
        "m, m_hat, s, s_hat, t); choose another name in place of 'm'."
    )


def test_what_is_only_laid_out_anew_keeps_the_users_name() -> None:
    graph = Graph()
    rows = graph.linear(graph.input("x", [1, 2]), weight=[[0.5, 1]], name="m")
    graph.error(graph.reshape(rows, [1, 1]), target=[[0]])
    with pytest.raises(derive.InputError, match="found 'm' for a computed value"):
        graph.derive(Plan(optimizer="adam")).handout()
