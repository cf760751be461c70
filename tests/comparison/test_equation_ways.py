"""Gradients of computations without layers, by each way, against SymPy's derivative of formulas."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import attrs
import pytest
import sympy
from sympy import Symbol, diff

import derive
from derive import Equation, terms
from derive.comparison import backward
from derive.comparison.every_way import compare_ways
from derive.comparison.ways import WAYS, is_installed
from tests.computation.computations import CASES, Case, computation

ways = pytest.mark.parametrize("way", WAYS)


def gradient(case: Case, name: str) -> float:
    def at(values: Mapping[str, Fraction]) -> Any:
        exact = {Symbol(key): sympy.Rational(value.numerator, value.denominator) for key, value in values.items()}
        return sympy.N(diff(case.error, Symbol(name)).subs(exact), 40)

    found = sum(at(sample) for sample in case.computation.samples)
    return float(found / (len(case.computation.samples) if case.computation.is_mean else 1))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@ways
def test_every_way_finds_the_gradient_of_the_formula(way: str, case: Case, reduction: str) -> None:
    if not is_installed(way):
        pytest.skip(f"{way} is not installed here")
    case = Case(attrs.evolve(case.computation, reduction=reduction), case.error)
    evaluation = case.computation.derive().evaluation
    found = WAYS[way](evaluation)
    assert found == pytest.approx({name: gradient(case, name) for name in case.computation.parameters}, rel=1e-12)
    assert compare_ways(evaluation, [way])[way].agrees


@ways
def test_a_way_that_forgets_a_use_is_found(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way != "numpy":
        pytest.skip("its differentiation is not ours")
    evaluation = CASES["skip"].computation.derive().evaluation
    right = backward.derivative_code
    monkeypatch.setattr(
        backward, "derivative_code", lambda shape, place: lambda *given: 2 * right(shape, place)(*given)
    )
    assert not compare_ways(evaluation, [way])[way].agrees


@pytest.mark.parametrize("activation", [name for name in derive.ACTIVATIONS if name != "softmax"])
@pytest.mark.parametrize("way", ["numpy", "torch"])
def test_every_activation_and_loss_is_the_librarys(way: str, activation: str) -> None:
    pytest.importorskip("torch")
    for loss, target in (
        ("squared_error", 2),
        ("half_squared_error", 2),
        ("absolute_error", 3),
        ("huber", 3),
        ("hinge", 1),
    ):
        made = computation(
            [
                Equation("z", [terms.product("w", "x"), terms.product("v", "x")]),
                Equation("h", [terms.activation(activation, "z"), terms.same("z")]),
                Equation("E", [terms.error(loss, "y", "h"), terms.product("w", "h")]),
            ],
            {"w": "0.3", "v": "0.25", "x": "-0.7", "y": target},
        )
        assert compare_ways(made.derive().evaluation, [way])[way].agrees


def test_a_softmax_beside_other_terms_is_the_librarys() -> None:
    pytest.importorskip("torch")
    nets, outs = ["z1", "z2"], ["h1", "h2"]
    equations = [
        Equation("z1", [terms.product("w", "x")]),
        Equation("z2", [terms.product("v", "x")]),
        *(Equation(out, [terms.joint_activation("softmax", nets, outs, out)]) for out in outs),
        Equation("h3", [terms.joint_activation("softmax", nets, outs, "h2"), terms.same("x")]),
        Equation("E", [terms.product("h1", "h3"), terms.product("h2", "z1")]),
    ]
    made = computation(equations, {"w": "0.5", "v": "-0.25", "x": 2}).derive().evaluation
    assert all(found.agrees for found in compare_ways(made, ["numpy", "torch", "finite-differences"]).values())


def test_a_softmax_of_many_nets_takes_its_largest() -> None:
    nets, outs = [f"z{k}" for k in range(1, 6)], [f"h{k}" for k in range(1, 6)]
    equations = [
        *(Equation(net, [terms.product(f"w{k}", "x")]) for k, net in enumerate(nets, 1)),
        *(Equation(out, [terms.joint_activation("softmax", nets, outs, out)]) for out in outs),
        Equation("E", [terms.error("cross_entropy", "y", "h4"), terms.product("w1", "h2")]),
    ]
    values = {**{f"w{k}": k * 100 for k in range(1, 6)}, "x": 1, "y": 1}
    evaluation = computation(equations, values).derive().evaluation
    pytest.importorskip("torch")
    compared = compare_ways(evaluation, ["numpy", "torch"])
    assert all(found.agrees for found in compared.values())
