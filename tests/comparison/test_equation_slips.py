"""The slip that wrong gradients come from is named where there are no layers; the oracle is a PyTorch program."""

import random

import pytest

import derive
from derive import Equation, terms
from tests.computation.computations import CASES, computation
from tests.computation.random_computations import mistakes, random_computation

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("seed", range(60))
def test_a_right_gradient_is_never_blamed(seed: int) -> None:
    made = random_computation(seed)
    compared = derive.compare_gradients(made.computation.derive(), made.gradients())
    assert compared.agrees
    assert compared.slips == ()


@pytest.mark.parametrize("seed", range(120))
def test_a_seeded_slip_is_named(seed: int) -> None:
    """It is among the explanations, but for slips that nothing tells apart and that stand before it."""
    made = random_computation(seed)
    derivation, right = made.computation.derive(), made.gradients()
    for sentence, mistake in random.Random(seed).sample(list(mistakes(made).items()), k=3):
        wrong = made.gradients(mistake)
        compared = derive.compare_gradients(derivation, wrong)
        if all(wrong[name] == pytest.approx(right[name], rel=1e-6, abs=1e-9) for name in right):
            continue
        assert not compared.agrees
        said = [str(slip.sentence) for slip in compared.slips]
        assert any(sentence in each for each in said) or "wrong sign" in said[0], (sentence, said)


def test_the_contribution_of_a_time_step_is_named() -> None:
    derivation = CASES["recurrence"].computation.derive()
    right = {name: float(value) for name, value in derivation.gradients.items()}
    path = derivation["w"].paths
    assert [each.through for each in path] == ["z1", "z2"]
    later = sum(
        derivation.evaluation.derivative(derivation["z2"], sample) * float(values["x2"]) / 2
        for sample, values in enumerate(derivation.computation.samples)
    )
    text = str(derive.compare_gradients(derivation, {**right, "w": right["w"] - later}))
    assert "Most likely mistake: The contribution through z2 is missing from the derivative with respect to w." in text


def test_what_overwrites_is_named() -> None:
    made = computation(
        [
            Equation("z1", [terms.product("w", "x"), terms.product("v", "x")]),
            Equation("z2", [terms.product("w", "z1"), terms.product("v", "x")]),
            Equation("z3", [terms.product("w", "z2"), terms.product("v", "z1")]),
            Equation("E", [terms.error("squared_error", "y", "z3")]),
        ],
        {"w": "0.5", "v": "0.25", "x": 2, "y": 3},
    )
    w, v, x, y = 0.5, 0.25, 2.0, 3.0
    z1 = w * x + v * x
    z2 = w * z1 + v * x
    d3 = -2 * (y - (w * z2 + v * z1))
    d2, d1 = d3 * w, d3 * w * w + d3 * v
    only_last = {"w": d3 * z2, "v": d3 * z1}
    only_first = {"w": d1 * x, "v": d1 * x}
    derivation = made.derive()
    assert derive.compare_gradients(
        derivation, {"w": d3 * z2 + d2 * z1 + d1 * x, "v": d3 * z1 + d2 * x + d1 * x}
    ).agrees
    for which, wrong in (("last", only_last), ("first", only_first)):
        slips = derive.compare_gradients(derivation, wrong).slips
        assert f"Only the {which} use of each shared parameter counts" in str(slips[0].sentence)


def test_a_forgotten_factor_and_a_gradient_of_the_wrong_factor_are_named() -> None:
    equations = [Equation("q", [terms.same("x"), terms.same("y")]), Equation("f", [terms.product("q", "z")])]
    kinds = {"x": "weight", "y": "weight", "z": "weight", "q": "out", "f": "out"}
    derivation = derive.Computation(equations, [{"x": -2, "y": 5, "z": -4}], kinds, "f", trained=()).derive()
    assert derive.compare_gradients(derivation, {"x": -4, "y": -4, "z": 3}).agrees
    for wrong, sentence in (
        ({"x": 3, "y": 3, "z": 3}, "The derivative of f with respect to q is taken as q itself."),
        ({"x": 1, "y": 1, "z": 3}, "The factor z is missing from the derivative of f with respect to q."),
        ({"x": -4, "y": 0, "z": 3}, "Only the derivative with respect to y is zero."),
        ({"x": 4, "y": 4, "z": 3}, "The derivative of f with respect to q has the wrong sign."),
        ({"x": -4, "y": 3, "z": -4}, "The derivatives with respect to y and z are swapped."),
        ({"x": -2, "y": 5, "z": -4}, "The parameters are returned instead of the derivatives."),
    ):
        said = [str(slip.sentence) for slip in derive.compare_gradients(derivation, wrong).slips]
        assert sentence in said, (wrong, said)


def test_inputs_count_as_evidence() -> None:
    made = random_computation(3)
    made = type(made)(made.lines, made.samples[:1], made.reduction)
    derivation = made.computation.derive()
    inputs = derivation.evaluation.inputs
    right = {name: float(derivation.evaluation.gradient(name)) for name in (*derivation.parameters, *inputs)}
    assert derive.compare_gradients(derivation, right).agrees
    slips = derive.compare_gradients(derivation, {name: -value for name, value in right.items()}).slips
    assert str(slips[0].sentence) == "Every derivative has the wrong sign."


def test_a_state_that_no_gradient_passes_is_named() -> None:
    equations = []
    for step in range(1, 4):
        before = f"h_{step - 1}" if step > 1 else "x0"
        equations += [
            Equation(f"net_h_{step}", [terms.product("w", "x"), terms.product("u", before)]),
            Equation(f"h_{step}", [terms.activation("tanh", f"net_h_{step}")]),
        ]
    equations.append(
        Equation("E", [terms.error("squared_error", "y", f"h_{step}") for step in range(1, 4)]),
    )
    kinds = {"w": "weight", "u": "weight", "x": "input", "x0": "input", "y": "target", "E": "error"}
    kinds |= {f"net_h_{step}": "net" for step in range(1, 4)} | {f"h_{step}": "out" for step in range(1, 4)}
    values = {"w": "0.4", "u": "-0.3", "x": 1, "x0": "0.5", "y": "0.7"}
    units = {f"net_h_{step}": f"h_{step}" for step in range(1, 4)}
    derivation = derive.Computation(equations, [values], kinds, "E", units=units).derive()
    w, u = (torch.tensor(float(values[name]), dtype=torch.float64, requires_grad=True) for name in "wu")
    state, error = torch.tensor(0.5, dtype=torch.float64), 0.0
    for _ in range(3):
        state = torch.tanh(w + u * state.detach())
        error = error + (0.7 - state) ** 2
    error.backward()
    slips = derive.compare_gradients(derivation, {"w": w.grad, "u": u.grad}).slips
    assert "not passed back from step to step" in str(slips[0].sentence)
