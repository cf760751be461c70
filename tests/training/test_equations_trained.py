"""What training prints of computations without layers."""

import json

import attrs
import jsonschema
import pytest

import derive
from derive import Equation, terms
from derive.language.language import ENGLISH
from derive.render import terminal, training_data
from derive.render.schema import SCHEMAS
from tests.computation.computations import CASES, Case, computation

cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def printed(derivation: derive.Derivation, steps: int, digits: int = 6) -> str:
    training = derivation.train(steps)
    evaluation, certified = derivation.evaluation, training.certified(digits)
    return terminal.training(evaluation, training, certified, wanted=steps, digits=digits, language=ENGLISH)


@cases
def test_the_table_has_the_objective_each_parameter_and_each_output(case: Case) -> None:
    derivation = case.computation.derive(derive.Plan(learning_rate=0.01))
    text = printed(derivation, 3)
    training = derivation.train(3)
    head = f"iterations  {derivation.computation.whole_objective_name}"
    assert head in text.splitlines()
    rows = dict(line.split(None, 1) for line in text.splitlines() if len(line.split()) == 3)
    for name, value in training.parameters.items():
        assert rows[name] == f"≈ {value:.6f}".replace("-", "−")
    assert len(training.outs) == len(case.computation.samples)
    for row in training.outs:
        for name, value in zip(case.computation.outputs, row, strict=True):
            assert f"{name:<10}  ≈ {value:.6f}".replace("-", "−") in text


@cases
def test_the_json_keeps_its_schema(case: Case) -> None:
    derivation = case.computation.derive(derive.Plan(learning_rate=0.01))
    training = derivation.train(2)
    text = training_data.render(derivation.evaluation, training, training.certified(6), wanted=2, digits=6)
    data = json.loads(text)
    jsonschema.validate(data, SCHEMAS["train"]())
    assert len(data["outputs"]) == len(data["targets"][0]) == len(data["outs"][0])


def test_an_output_without_an_error_of_its_own_has_no_target() -> None:
    equations = [
        Equation("h1", [terms.product("w", "x")]),
        Equation("h2", [terms.activation("tanh", "h1")]),
        Equation("E", [terms.error("squared_error", "y", "h2"), terms.product("h1", "h1")]),
    ]
    made = attrs.evolve(computation(equations, {"w": "0.5", "x": 1, "y": 2}), title="Two outputs")
    derivation = made.derive(derive.Plan(learning_rate=0.1))
    assert training_data.targets_of(derivation.computation) == ("y", None)
    lines = printed(derivation, 1).splitlines()
    assert lines[0] == "Two outputs"
    (second,) = [line for line in lines if "  h2  " in line]
    (first,) = [line for line in lines if "  h1  " in line]
    assert second.split()[-1] == "2"
    assert len(first.split()) == len(second.split()) - 1


def test_what_has_no_minimum_is_told_so() -> None:
    made = computation([Equation("E", [terms.product("w", "v")])], {"w": 2, "v": 1})
    derivation = made.derive(derive.Plan(learning_rate=1))
    text = printed(derivation, 5000)
    assert "E had been falling below 0 without end: it has no minimum that training could reach." in text
    assert derivation.train(5000).divergence.cause == "falling"


def test_where_nothing_is_trained_a_sentence_says_so() -> None:
    kinds = {"x": "weight", "y": "weight", "f": "out"}
    made = derive.Computation([Equation("f", [terms.product("x", "y")])], [{"x": 2, "y": 3}], kinds, "f", trained=())
    with pytest.raises(derive.InputError, match="nothing to train; name those that f is minimized over"):
        made.derive().train(3)
