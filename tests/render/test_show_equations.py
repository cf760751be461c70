"""One quantity of a computation without layers in the terminal, as LaTeX and as JSON, and in Jupyter."""

import json
import re
from typing import Any

import pytest

import derive
from derive import Equation, terms
from derive.errors import UnknownNameError
from derive.language.language import ENGLISH
from derive.render import asked, show
from tests.computation.computations import CASES, Case, computation

cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
OF_NETWORKS = re.compile(r"\b(networks?|neurons?|layers?|weights?|bias(es)?)\b", re.IGNORECASE)


@cases
def test_every_name_shows_its_value_and_the_derivative(case: Case) -> None:
    derivation = case.computation.derive()
    evaluation = derivation.evaluation
    for name, kind in asked.names(evaluation).items():
        text = show.render(evaluation, name, digits=9)
        assert not OF_NETWORKS.search(text), text
        data = json.loads(show.render_json(evaluation, name, digits=9))
        assert show.render_latex(evaluation, name, digits=9)
        printed = text.replace("−", "-")
        if kind != "delta":
            assert derivation.values[name].decimal(9) in printed or "e-" in data["value"]
            assert data["value"] == derivation.values[name].decimal(9)
        if name in derivation.partials:
            assert derivation[name].decimal(9) in printed or "e-" in data["partial"]["value"]
            assert f"Derivative of E with respect to {name}" in text


def test_what_everybody_sees_is_not_written_by_the_rules() -> None:
    evaluation = derive.derive("x*y + z^3", {"x": 3, "y": 2, "z": 2}).evaluation
    plain = show.render(evaluation, "x", digits=9)
    assert "rules" not in plain
    assert "1 − 1" not in plain
    assert re.search(r"Factor 1\n\n +3?\n? +f = x·y \+ z", plain)
    assert "power" in show.render(evaluation, "z", digits=9)


@cases
def test_the_list_has_each_name_once(case: Case) -> None:
    evaluation = case.computation.derive().evaluation
    text = asked.render_names(evaluation, "mine.toml")
    assert not OF_NETWORKS.search(text)
    paragraphs = [line.partition(":") for line in text.splitlines() if line.startswith("  ")]
    heads = [head for head, _, _ in paragraphs]
    assert len(heads) == len(set(heads))
    listed = [name.strip() for _, _, names in paragraphs for name in names.split(",")]
    assert sorted(listed) == sorted(asked.names(evaluation))


def test_a_net_has_a_delta_where_it_has_a_unit() -> None:
    equations = [
        Equation("net_h", [terms.product("w", "x")]),
        Equation("h", [terms.activation("tanh", "net_h")]),
        Equation("E", [terms.error("squared_error", "y", "h")]),
    ]
    kinds = {"w": "weight", "x": "input", "y": "target", "net_h": "net", "h": "out", "E": "error"}
    given: list[Any] = [{"w": "0.5", "x": 1, "y": 2}]
    for units, deltas in (({"net_h": "h"}, ["delta_h"]), ({}, [])):
        derivation = derive.Computation(equations, given, kinds, "E", units=units).derive()
        found = asked.names(derivation.evaluation)
        assert [name for name, kind in found.items() if kind == "delta"] == deltas
        for name in (*deltas, "dE_dnet_h"):
            text = show.render(derivation.evaluation, asked.asked(derivation.evaluation, name), digits=9)
            assert "Derivative of E with respect to net_h" in text


def test_a_number_alone_stands_once() -> None:
    equations = [
        Equation("z", [terms.product("w", "x")]),
        Equation("h", [terms.same("z")]),
        Equation("E", [terms.error("squared_error", "y", "h")]),
    ]
    evaluation = computation(equations, {"w": "0.5", "x": 1, "y": 2}).derive().evaluation
    assert "(−3)\n" not in show.render(evaluation, "z", digits=9)


@cases
def test_a_name_that_is_none_is_told_with_the_nearest(case: Case) -> None:
    derivation = case.computation.derive()
    for ask in (lambda: show.render(derivation.evaluation, "ww", digits=9), lambda: derivation["ww"]):
        with pytest.raises(UnknownNameError, match="ww") as refused:
            ask()
        assert not OF_NETWORKS.search(str(refused.value))


@cases
def test_jupyter_shows_each_parameter(case: Case) -> None:
    derivation = case.computation.derive()
    html = derivation._repr_mimebundle_()["text/html"]
    assert "derivative of E" in html
    assert html.count("<details>") == len(derivation.parameters)
    assert ">E" in derivation.train(3)._repr_mimebundle_()["text/html"]


def test_jupyter_shows_a_forward_pass_alone() -> None:
    made = computation([Equation("h", [terms.activation("tanh", "w")])], {"w": 0.5}, None)
    html = made.derive()._repr_mimebundle_()["text/html"]
    assert "0.462117157" in html
    assert "<math" in html
    assert show.render(made.derive().evaluation, "h", digits=6, language=ENGLISH).startswith("Computed value h\n")
