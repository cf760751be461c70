"""Files of blocks: nodes in any order, chains of layers, and every mistake with one sentence and its places."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

import derive

GRAPH = """
title = "Two blocks"
trained = ["W"]
learning_rate = 0.1
[inputs]
x = [1, 2]
[targets]
t = [0.5]
[parameters]
W = [[0.5, -0.25]]
b = 0.125
[[node]]
op = "error"
inputs = ["y"]
target = "t"
[[node]]
op = "linear"
name = "y"
inputs = ["x"]
weights = "W"
bias = "b"
[[sample]]
x = [3, 4]
t = [1]
"""
READY = (
    *("attention", "batch_norm", "convolution", "embedding", "lstm_cell"),
    *("max_pooling", "skip_connection", "weight_tying"),
)


def load(folder: Path, text: str, ending: str = "toml") -> Any:
    path = folder / f"my.{ending}"
    path.write_text(text, encoding="utf-8")
    return derive.load(path)


def message(folder: Path, text: str) -> str:
    with pytest.raises(derive.InputError) as caught:
        load(folder, text)
    assert str(caught.value).count("\n") == 0
    return str(caught.value).removeprefix("my.toml: ")


def test_nodes_may_stand_in_any_order(tmp_path: Path) -> None:
    computation = load(tmp_path, GRAPH)
    assert [str(equation) for equation in computation.equations] == ["y = W_1·x_1 + W_2·x_2 + b", "E = ½(t − y)²"]
    assert computation.title == "Two blocks"
    assert computation.trained == {"W_1", "W_2"}
    assert [float(sample["x_2"]) for sample in computation.samples] == [2, 4]
    assert float(computation.plan.learning_rate) == 0.1
    # y is 0.125 and 0.625, so that both miss their target by −0.375
    assert [float(computation.derive().gradients[name]) for name in ("W_1", "W_2")] == [-0.75, -1.125]


def test_json_says_the_same(tmp_path: Path) -> None:
    import tomllib

    found = load(tmp_path, json.dumps(tomllib.loads(GRAPH)), "json")
    assert str(found) == str(load(tmp_path, GRAPH))


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    from derive.reading.sources import load_from

    found = load_from(io.BytesIO(GRAPH.encode()), derive.Network, derive.Computation)
    assert found.objective == "E"


CHAIN = """
error = "squared_error"
[[sample]]
inputs = [[1, 2, 0], [0, 1, 3], [2, 0, 1]]
targets = [0.5]
[[sample]]
inputs = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
targets = [1]
[[layer]]
kind = "conv2d"
weight = [[0.5, -0.25], [-0.5, 0.75]]
activation = "relu"
[[layer]]
kind = "flatten"
[[layer]]
kind = "dense"
weight = [[1, 2, 3, 4]]
"""


def test_a_chain_of_layers_of_other_kinds(tmp_path: Path) -> None:
    computation = load(tmp_path, CHAIN)
    assert [group.op for group in computation.groups] == ["conv2d", "flatten", "linear", "error"]
    assert str(computation.equations[-1]) == "E = (t − h)²"
    assert len(computation.samples) == 2
    without = (
        CHAIN.replace("targets = [0.5]\n", "").replace("targets = [1]\n", "").replace('error = "squared_error"', "")
    )
    assert load(tmp_path, without).objective == "h"


@pytest.mark.parametrize("name", READY)
def test_ready_ones_derive_and_train(name: str) -> None:
    computation = derive.load(name)
    derivation = computation.derive()
    assert derivation.training is not None
    assert derivation.training.error < 0.1 * float(derivation.error.value)
    assert computation.title
    assert len(computation.equations) <= 40


def test_the_ready_embedding_has_a_word_that_does_not_occur() -> None:
    derivation = derive.load("embedding").derive()
    assert str(derivation["V_1_1"]) == "∂E/∂V_1_1 = ∂E/∂e_1_1 + ∂E/∂e_3_1"
    assert "V_2_1" not in derivation.partials


def test_with_nothing_trained_it_is_differentiated_by_every_parameter(tmp_path: Path) -> None:
    text = (
        'trained = []\n[inputs]\nx = [2]\n[parameters]\nW = [[3], [5]]\n[[node]]\nop = "linear"\nname = "y"\n'
        'inputs = ["x"]\nweight = "W"\n[[node]]\nop = "error"\ninputs = ["y"]\ntarget = [1, 4]\n'
    )
    computation = load(tmp_path, text)
    derivation = computation.derive()
    assert (computation.trained, computation.parameters) == (frozenset(), ("W_1", "W_2"))
    assert "error" not in computation.kinds.values()
    # half the squares of 2·3 − 1 and 2·5 − 4
    assert {name: float(value) for name, value in derivation.gradients.items()} == {"W_1": 10, "W_2": 12}
    assert "$W_{1}$ and $W_{2}$" in derivation.handout().markdown


def test_without_parameters_there_is_nothing_to_differentiate_by(tmp_path: Path) -> None:
    computation = load(tmp_path, '[inputs]\nx = [2, 3]\n[[node]]\nop = "sum"\nname = "s"\ninputs = ["x"]\n')
    with pytest.raises(derive.InputError, match=r"^found no parameter that s depends on; expected at least one"):
        computation.derive().handout()


def node(text: str) -> str:
    return f"[inputs]\nx = [1, 2]\n[parameters]\nW = [[1, 2]]\n{text}\n"


LINEAR = '[[node]]\nop = "linear"\nname = "y"\ninputs = ["x"]\nweight = "W"\n'
MISTAKES = {
    "a cycle": (
        '[[node]]\nop = "add"\nname = "a"\ninputs = ["x", "b"]\n[[node]]\nop = "activation"\nname = "b"\n'
        'inputs = ["a"]\nactivation = "tanh"',
        "node a: found a cycle, a → b → a; expected nodes of which none needs what it gives itself.",
    ),
    "an unused node": (
        f'{LINEAR}[[node]]\nop = "sum"\nname = "S"\ninputs = ["x"]',
        "node y: S does not depend on it; use it in another node, or leave it out.",
    ),
    "an unused input": (
        f'{LINEAR}[[node]]\nop = "embedding"\nindices = [0]\nweight = [[1]]',
        "node y: e does not depend on it; use it in another node, or leave it out.",
    ),
    "a wrong shape": (
        '[[node]]\nop = "linear"\nname = "y"\ninputs = ["x"]\nweight = [[1, 2, 3]]',
        "node y, weight: found the shape 1×3; expected n×2.",
    ),
    "shapes that differ": (
        '[[node]]\nop = "add"\nname = "s"\ninputs = ["x", "W"]',
        "node s, inputs: found the shape 2 for the first and 1×2 for number 2; expected the same for all.",
    ),
    "an undefined name": (
        '[[node]]\nop = "linear"\nname = "y"\ninputs = ["z"]\nweight = "W"',
        "node y, inputs: found 'z', which nothing defines; expected an input, a parameter or a node.",
    ),
    "a misspelled name": (
        '[[node]]\nop = "linear"\nname = "y"\ninputs = ["x"]\nweight = "w"',
        "node y, weight: found 'w', which nothing defines; expected an input, a parameter or a node. Did you mean 'W'?",
    ),
    "two nodes of one name": (
        f"{LINEAR}{LINEAR}",
        "node 2: found the name 'y', which node 1 has already; choose another name.",
    ),
    "a node with an input's name": (
        LINEAR.replace('"y"', '"x"').replace('["x"]', '["W"]').replace('weight = "W"', "weight = [[1, 2]]"),
        "node 1: found the name 'x', which input 'x' has already; choose another name.",
    ),
    "a node with the name of its own input": (
        f'{LINEAR}[[node]]\nop = "add"\nname = "x"\ninputs = ["x", "x"]',
        "node 2: found the name 'x', which input 'x' has already; choose another name.",
    ),
    "a node with the name of its own parameter": (
        LINEAR.replace('"y"', '"W"'),
        "node 1: found the name 'W', which parameter W has already; choose another name.",
    ),
    "a node of no name": (
        LINEAR.replace('"y"', '""'),
        "node 1, name: found ''; expected a name of at most 30 letters (a to z, A to Z), digits and single ",
    ),
    "an unknown op": (
        '[[node]]\nop = "conv3d"\ninputs = ["x"]',
        "node 1, op: found 'conv3d'; expected one of",
    ),
    "a missing op": ('[[node]]\ninputs = ["x"]', 'node 1, op: no value follows it; write op = "linear".'),
    "a missing option": (
        '[[node]]\nop = "linear"\nname = "y"\ninputs = ["x"]',
        "node y, weight: no value is given; linear needs one.",
    ),
    "an extra option": (
        f"{LINEAR}stride = 2",
        "node y: found the unknown key 'stride'; linear takes weight, bias, activation, slope, alpha.",
    ),
    "a misspelled option": (f'{LINEAR}activaton = "tanh"', "Did you mean 'activation'?"),
    "a wrong kind of value": (
        '[[node]]\nop = "max_pool1d"\nname = "m"\ninputs = ["x"]\nwindow = "two"',
        "node m, window: found 'two'; expected a whole number from 1 to 10,000.",
    ),
    "too many inputs": (
        LINEAR.replace('["x"]', '["x", "x"]'),
        "node y, inputs: found 2; linear takes 1.",
    ),
    "rows of unequal length": (
        '[[node]]\nop = "linear"\nname = "y"\ninputs = ["x"]\nweight = [[1, 2], [3]]',
        "node y, weight, number 2: found a list of 1; expected 2, as many as the first row has.",
    ),
    "no number": (
        '[[node]]\nop = "linear"\nname = "y"\ninputs = ["x"]\nweight = [[1, true]]',
        "node y, weight, number 1, number 2: found true; expected a number.",
    ),
    "several outputs": (
        '[[node]]\nop = "linear"\nname = "y"\ninputs = ["x"]\nweight = [[1, 2], [3, 4]]',
        "differentiate: found 'y' of the shape 2; expected one quantity, such as y_1, an error or a sum.",
    ),
    "a wrong target": (
        f'{LINEAR}[[node]]\nop = "error"\ninputs = ["y"]\ntarget = [1, 2]',
        "node E, target: found the shape 2; expected 1.",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_one_sentence_with_its_place(case: str, tmp_path: Path) -> None:
    text, expected = MISTAKES[case]
    assert expected in message(tmp_path, node(text))


def test_an_unknown_objective_names_the_key_and_the_nearest_name(tmp_path: Path) -> None:
    assert message(tmp_path, f'differentiate = "Y"\n{node(LINEAR)}') == (
        "differentiate: found 'Y'; expected a quantity that an equation defines. Did you mean 'y'?"
    )


def test_nodes_and_equations_or_layers_do_not_go_together(tmp_path: Path) -> None:
    assert message(tmp_path, f'{node(LINEAR)}[equations]\nf = "x"') == (
        "found both [[node]] and [equations]; expected one of them."
    )
    assert "found both [[node]] and [[layer]]" in message(tmp_path, f"{node(LINEAR)}[[layer]]\nweights = [[1, 2]]")


def test_trained_names_a_parameter(tmp_path: Path) -> None:
    assert message(tmp_path, f'trained = ["V"]\n{node(LINEAR)}').startswith("trained: found 'V'; expected the name of")
    assert load(tmp_path, f"trained = []\n{node(LINEAR)}").kinds["y"] == "out"
