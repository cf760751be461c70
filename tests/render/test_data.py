"""The JSON: complete, and consistent when a program calculates with it."""

import json
import math

import pytest
import sympy
from oracle import parameter_places

import derive


@pytest.fixture(scope="module", params=["article", "mine"])
def data(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    if request.param == "mine":
        (folder / "mine.toml").write_text(derive.example())
    network = derive.load("article" if request.param == "article" else folder / "mine.toml")
    (path,) = network.derive().handout(digits=15).write(folder, ["json"])
    return network, json.loads(path.read_text(encoding="utf-8"))


def calculated(formula, values):
    symbols = {name: sympy.Symbol(name) for name in values}
    expression = sympy.sympify(formula, locals=symbols)
    return float(expression.subs({symbols[name]: sympy.Float(value, 20) for name, value in values.items()}))


def close(left, right):
    return math.isclose(left, float(right), rel_tol=1e-9, abs_tol=1e-12)


def test_its_top_level(data):
    network, found = data
    keys = ["format", "title", "digits", "rounding", "quantities", "partials", "samples", "gradients", "optimizer"]
    assert list(found) == [*keys, "updates", "error", "training", "checked"]
    assert (found["format"], found["title"], found["digits"]) == ("derive/1", network.title, 15)
    assert set(found["error"]) == {"before", "after"}


def test_there_is_a_partial_for_every_parameter(data):
    network, found = data
    assert {partial["name"] for partial in found["partials"]} == set(parameter_places(network))
    for partial in found["partials"]:
        assert {"name", "of", "by", "formula", "latex", "value", "factors"} <= set(partial)


def test_each_formula_gives_its_value(data):
    _, found = data
    values = {quantity["name"]: quantity["value"] for quantity in found["quantities"]}
    for entry in found["quantities"]:
        assert set(entry) == {"name", "kind", "formula", "latex", "value"}
        assert entry["formula"] is None or close(calculated(entry["formula"], values), entry["value"])
    for partial in found["partials"]:
        assert close(calculated(partial["formula"], values), partial["value"])
        for factor in partial["factors"]:
            assert close(calculated(factor["formula"], values), factor["value"])


def test_factors_multiply_and_paths_add_up(data):
    _, found = data
    for partial in found["partials"]:
        if partial["factors"]:
            assert close(math.prod(float(factor["value"]) for factor in partial["factors"]), partial["value"])
        if "paths" in partial:
            total = sum(math.prod(float(factor["value"]) for factor in path) for path in partial["paths"])
            assert close(total, partial["value"])


def test_updates_are_those_of_the_trained_parameters(data):
    network, found = data
    rate = float(network.learning_rate)
    kept = {f"b{k}" for k, layer in enumerate(network.layers, start=1) if not layer.train_bias}
    assert {update["name"] for update in found["updates"]} == set(parameter_places(network)) - kept
    for update in found["updates"]:
        assert close(float(update["before"]) - rate * float(update["gradient"]), update["after"])
