"""The notebook of computations without layers: it runs, and ends in the digits of the handout."""

import attrs
import pytest
from notebooks import code, notebook, run

import derive
from derive import Equation, terms
from tests.computation.computations import CASES, computation
from tests.computation.random_computations import random_computation

PLANS = {
    "plain": derive.Plan(),
    "sequential": derive.Plan(optimizer="adam", updates="sequential"),
    "online": derive.Plan(optimizer="rmsprop", updates="online", learning_rate=0.125),
    "training": derive.Plan(learning_rate=0.125, iterations=4),
}
READY = ("circuit", "recurrence", "neuron_without_error")


def ended(derivation, capsys, **options):
    """What the notebook prints last, and what it defines."""
    defined = run(notebook(derivation.handout(**options)).cells)
    return capsys.readouterr().out.splitlines()[-1], defined


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("rounding", ["exact", "by-hand"])
@pytest.mark.parametrize("name", CASES)
def test_every_case_ends_in_the_digits_of_the_handout(name, rounding, plan, capsys):
    if (name, plan, rounding) == ("no error terms", "sequential", "by-hand"):
        pytest.skip("refused, as its numbers are rounded to 0")
    derivation = CASES[name].computation.derive(PLANS[plan])
    said, defined = ended(derivation, capsys, rounding=rounding, digits=6)
    assert said.startswith("All results agree with the handout")
    assert set(derivation.parameters) <= defined.keys()


@pytest.mark.parametrize("updates", ["simultaneous", "sequential", "online"])
def test_the_numbers_are_those_of_derive(updates, capsys):
    derivation = CASES["recurrence"].computation.derive(derive.Plan(updates=updates, learning_rate=0.125))
    _, defined = ended(derivation, capsys)
    for name in derivation.parameters:
        expected = float(derivation.evaluation.updated(name).decimal(15))
        assert float(defined[f"{name}_new"]) == pytest.approx(expected, abs=1e-14)
    for name in ("z1", "h1", "z2", "h2"):
        first, second = defined[name]
        assert first == pytest.approx(float(derivation.values[name].decimal(15)), abs=1e-14)
        assert second == pytest.approx(float(derivation.evaluation.quantity(name, 1).decimal(15)), abs=1e-14)


@pytest.mark.parametrize("seed", range(12))
def test_a_random_computation_ends_in_the_digits_of_the_handout(seed, capsys):
    made = random_computation(seed)
    said, _ = ended(made.computation.derive(derive.Plan(learning_rate=0.03125)), capsys)
    assert said.startswith("All results agree with the handout")


@pytest.mark.parametrize("name", READY)
def test_those_that_are_ready_end_in_the_digits_of_the_handout(name, capsys):
    said, _ = ended(derive.load(name).derive(), capsys)
    assert said.startswith("All results agree with the handout")


def test_a_forward_pass_alone(capsys):
    equations = [Equation("z", [terms.product("w", "x")]), Equation("h", [terms.activation("tanh", "z")])]
    made = computation(equations, {"w": "0.5", "x": 2}, None)
    said, defined = ended(made.derive(), capsys)
    assert said == "All results agree with the handout."
    assert float(defined["h"]) == pytest.approx(0.7615941559557649)


def test_functions_are_called_by_their_names():
    equations = [
        Equation("z1", [terms.product("w", "x")]),
        Equation("h1", [terms.activation("leaky_relu", "z1", 0.5), terms.activation("leaky_relu", "z1", 0.25)]),
        Equation("h2", [terms.activation("gelu", "h1")]),
        Equation("E", [terms.error("huber", "y", "h2", 2), terms.error("huber", "y", "h1", 1)]),
    ]
    derivation = computation(equations, {"w": "0.5", "x": 2, "y": 4}).derive()
    source = "\n".join(code(notebook(derivation.handout()).cells))
    for name in ("leaky_relu_1", "leaky_relu_2", "gelu", "huber_1", "huber_2", "erfc"):
        assert f"def {name}(" in source
    assert "h1 = leaky_relu_1(z1) + leaky_relu_2(z1)" in source
    assert "of the network" not in source


def test_wrong_code_does_not_pass(capsys):
    derivation = CASES["recurrence"].computation.derive()
    cells = notebook(derivation.handout()).cells
    for cell in cells:
        if cell.cell_type == "code":
            cell.source = cell.source.replace("u * h1", "w * h1")
    with pytest.raises(AssertionError):
        run(cells)


def test_a_name_of_the_optimizers_step_is_told_apart():
    made = attrs.evolve(CASES["skip"].computation)
    with pytest.raises(derive.InputError, match="found 'v' for a parameter and for the update rule of momentum"):
        made.derive(derive.Plan(optimizer=derive.Optimizer("momentum", momentum=0.9))).handout()
