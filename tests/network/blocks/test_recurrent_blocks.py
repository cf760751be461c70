"""Recurrences, LSTM and GRU against PyTorch's modules."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive

torch = pytest.importorskip("torch")
from against_torch import compare, draw, tensor  # noqa: E402 - after the skip

GATES = {"rnn": [""], "lstm": ["_i", "_f", "_g", "_o"], "gru": ["_r", "_z", "_n"]}
MODULES = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
KEYS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 9),
    op=st.sampled_from(sorted(GATES)),
    steps=st.integers(1, 3),
    features=st.integers(1, 2),
    size=st.integers(1, 2),
    outputs=st.sampled_from(["each", "last"]),
    has_bias=st.booleans(),
    has_start=st.booleans(),
)
def test_values_and_gradients_are_those_of_the_module(seed, op, steps, features, size, outputs, has_bias, has_start):
    numbers = np.random.default_rng(seed)
    module = MODULES[op](features, size, bias=has_bias, dtype=torch.float64)
    given_weights = {}
    for key in KEYS[: 4 if has_bias else 2]:
        weight = getattr(module, f"{key}_l0")
        given_weights[key] = draw(numbers, *weight.shape)
        weight.data = torch.tensor(given_weights[key])
    x, h_0, c_0 = draw(numbers, steps, features), draw(numbers, size), draw(numbers, size)
    tx, th, tc = tensor(x), tensor(h_0), tensor(c_0)
    start = (th[None], tc[None]) if op == "lstm" else th[None]
    out, _ = module(tx, start) if has_start else module(tx)
    out = out[-1] if outputs == "last" else out
    graph = derive.Graph()
    graph.input("x", x)
    starts = ({"h_0": h_0} | ({"c_0": c_0} if op == "lstm" else {})) if has_start else {}
    h = graph.add_block(op, "x", **given_weights, outputs=outputs, **starts)
    assert h.shape == tuple(out.shape)
    t = draw(numbers, *h.shape)
    graph.error(h, target=t)
    derivation = graph.derive()
    error = ((out - torch.tensor(t)) ** 2).sum() / 2
    error.backward()
    assert float(derivation.error.value) == pytest.approx(error.item(), rel=1e-12, abs=1e-12)
    group = derivation.computation.groups[0]
    for key, given_weight in given_weights.items():
        names = [name for gate in GATES[op] for name in group.weights[f"{key}{gate}"].names]
        assert [float(derivation.computation.values[name]) for name in names] == given_weight.flatten().tolist()
        compare(derivation, names, getattr(module, f"{key}_l0"))
    compare(derivation, graph["x"].names, tx)
    if has_start:
        compare(derivation, graph["h_0"].names, th)
        if op == "lstm":
            compare(derivation, graph["c_0"].names, tc)
    assert len(group.steps) == steps
    assert sum(map(len, group.steps)) == len(group.names) == len(set(group.names))


def test_a_unit_by_itself_reads_as_in_a_book():
    graph = derive.Graph()
    graph.input("x", [1, 2])
    h = graph.rnn("x", weight_ih=0.5, weight_hh=0.1, bias_ih=0.2, outputs="last")
    graph.error(h, target=1)
    lines = [str(equation) for equation in graph.computation().equations]
    assert lines[0] == "net_h_1 = W_x·x_1 + W_h·h_0 + b"
    assert lines[2] == "net_h_2 = W_x·x_2 + W_h·h_1 + b"
    assert lines[-1] == "E = ½(t − h_2)²"


def test_the_lines_of_an_lstm():
    graph = derive.Graph()
    graph.input("x", [1, 2])
    graph.lstm(
        "x", weight_ih=[0.1, 0.2, 0.3, 0.4], weight_hh=[0.5, 0.6, 0.7, 0.8], bias_ih=[0, 1, 0, 0], outputs="last"
    )
    graph.error("h", target=1)
    computation = graph.computation()
    lines = {equation.name: str(equation) for equation in computation.equations}
    assert lines["net_f_2"] == "net_f_2 = W_f·x_2 + U_f·h_1 + b_f"
    assert lines["c_2"] == "c_2 = f_2·c_1 + i_2·g_2"
    assert lines["h_2"] == "h_2 = o_2·tanh_c_2"
    assert [step[-1] for step in computation.groups[0].steps] == ["h_1", "h_2"]


def test_weights_of_gates_may_be_named_and_shared():
    graph = derive.Graph()
    graph.input("x", [1, 2])
    for name in "ifgo":
        graph.parameter(f"V_{name}", 0.5)
    names = [f"V_{name}" for name in "ifgo"]
    graph.lstm("x", weight_ih=names, weight_hh=names, outputs="last")
    graph.error("h", target=1)
    assert graph.computation().parameters == ("V_i", "V_f", "V_g", "V_o")
