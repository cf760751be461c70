"""Computations that no layer made, against SymPy's derivative of formulas written by hand and plain training loops."""

import copy
import math
import pickle
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import attrs
import pytest
import sympy
from sympy import Symbol, diff

import derive
from derive import Equation, terms
from derive.evaluation import local as evaluated
from derive.verification import verify
from tests.computation.computations import CASES, Case, computation

DIGITS = 30
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def number(expression: sympy.Expr, values: Mapping[str, Fraction]) -> sympy.Float:
    exact = {Symbol(name): sympy.Rational(value.numerator, value.denominator) for name, value in values.items()}
    return sympy.N(expression.subs(exact), DIGITS + 20)


def close(text: str, value: sympy.Expr, digits: int = DIGITS) -> bool:
    return abs(sympy.Rational(text) - sympy.Rational(value)) <= sympy.Rational(1, 10**digits)


def gradient(case: Case, name: str) -> sympy.Expr:
    samples = case.computation.samples
    each = [number(diff(case.error, Symbol(name)), values) for values in samples]
    return sum(each) / (len(each) if case.computation.reduction == "mean" else 1)


@cases
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_partials_gradients_and_error_are_those_of_the_formula(case: Case, reduction: str) -> None:
    case = Case(attrs.evolve(case.computation, reduction=reduction), case.error)
    derivation = case.computation.derive()
    for name in derivation.parameters:
        partial = derivation[name]
        assert close(partial.decimal(DIGITS), number(diff(case.error, Symbol(name)), case.computation.values))
        assert close(derivation.gradients[name].decimal(DIGITS), gradient(case, name))
        assert close(partial.decimal(DIGITS), number(partial.composed, case.computation.values))
    errors = [number(case.error, values) for values in case.computation.samples]
    whole = sum(errors) / (len(errors) if reduction == "mean" else 1)
    assert close(derivation.error.value.decimal(DIGITS), whole)
    assert close(derivation.values["E"].decimal(DIGITS), errors[0])


@cases
def test_every_partial_of_a_quantity_in_between_is_that_of_what_follows_it(case: Case) -> None:
    """What is defined by an equation is held fixed, and the equations after it are composed by SymPy."""
    derivation = case.computation.derive()
    for name, partial in derivation.partials.items():
        known: dict[Symbol, sympy.Expr] = {}
        for equation in case.computation.equations:
            if equation.name != name:
                known[Symbol(equation.name)] = equation.expression.doit().subs(known)
        values = {**case.computation.values, name: Fraction(derivation.values[name].decimal(60))}
        assert close(partial.decimal(DIGITS), number(diff(known[Symbol("E")], Symbol(name)), values)), name


@cases
def test_labels_of_paths_are_what_they_say(case: Case) -> None:
    """A path that is shown as the derivative of one error has the value of that derivative."""
    made = case.computation
    derivation = made.derive()
    for name, partial in derivation.partials.items():
        names = [path.name for path in partial.paths]
        assert len(set(names)) == len(names)
        for path in partial.paths:
            if path.part:
                needed = made.needed(path.part)
                kinds = {k: v if k in needed or v not in ("weight", "bias") else "input" for k, v in made.kinds.items()}
                alone = attrs.evolve(made, objective=path.part, kinds=kinds, trained=()).derive()
                assert path.value.decimal(20) == alone[name].decimal(20), (path.part, name)


@cases
@pytest.mark.parametrize("updates", ["simultaneous", "sequential"])
def test_lines_hold_and_a_planted_fault_is_found(case: Case, updates: str, monkeypatch: pytest.MonkeyPatch) -> None:
    derivation = case.computation.derive(derive.Plan(updates=updates))
    report = verify(derivation.evaluation)
    assert report.differences == report.partials > 0
    assert report.undecided == 0
    right = evaluated.path_value
    monkeypatch.setattr("derive.evaluation.evaluation.path_value", lambda *given: 2 * right(*given))
    with pytest.raises(derive.VerificationError):
        verify(case.computation.derive().evaluation)


OPTIMIZERS = [
    derive.Optimizer("gradient_descent"),
    derive.Optimizer("momentum", momentum=0.5),
    derive.Optimizer("nesterov", momentum=0.5),
    derive.Optimizer("adagrad"),
    derive.Optimizer("rmsprop"),
    derive.Optimizer("adam"),
]


def trained_by_hand(case: Case, optimizer: str, steps: int, rate: float) -> tuple[dict[str, float], float]:
    """Train with SymPy's gradient in floats, each optimizer written out."""
    made = case.computation
    order = sorted(made.samples[0])
    names = sorted(made.trained)
    slopes = {name: sympy.lambdify(order, diff(case.error, Symbol(name)), "math") for name in names}
    error = sympy.lambdify(order, case.error, "math")
    values = {name: float(value) for name, value in made.values.items() if name in made.parameters}
    velocity, squares = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)

    def over_samples(function: Any) -> float:
        found = [function(*({**map_floats(sample), **values}[name] for name in order)) for sample in made.samples]
        return sum(found) / (len(found) if made.reduction == "mean" else 1)

    for step in range(1, steps + 1):
        gradients = {name: over_samples(slopes[name]) for name in names}
        for name, g in gradients.items():
            if optimizer == "gradient_descent":
                values[name] -= rate * g
            elif optimizer in ("momentum", "nesterov"):
                velocity[name] = 0.5 * velocity[name] + g
                values[name] -= rate * (g + 0.5 * velocity[name] if optimizer == "nesterov" else velocity[name])
            elif optimizer == "adagrad":
                squares[name] += g * g
                values[name] -= rate * g / (math.sqrt(squares[name]) + 1e-10)
            elif optimizer == "rmsprop":
                squares[name] = 0.99 * squares[name] + 0.01 * g * g
                values[name] -= rate * g / (math.sqrt(squares[name]) + 1e-8)
            else:
                velocity[name] = 0.9 * velocity[name] + 0.1 * g
                squares[name] = 0.999 * squares[name] + 0.001 * g * g
                first, second = velocity[name] / (1 - 0.9**step), squares[name] / (1 - 0.999**step)
                values[name] -= rate * first / (math.sqrt(second) + 1e-8)
    return values, over_samples(error)


def map_floats(sample: Mapping[str, Fraction]) -> dict[str, float]:
    return {name: float(value) for name, value in sample.items()}


@cases
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer.name)
def test_training_is_that_of_a_loop_written_by_hand(case: Case, optimizer: derive.Optimizer) -> None:
    rate = 0.01
    derivation = case.computation.derive(derive.Plan(learning_rate=rate, optimizer=optimizer))
    training = derivation.train(7)
    values, error = trained_by_hand(case, optimizer.name, 7, rate)
    assert training.error == pytest.approx(error, rel=1e-9, abs=1e-12)
    assert dict(training.parameters) == pytest.approx(values, rel=1e-9, abs=1e-12)
    certain = training.certified(12)
    assert float(certain.errors[-1].text) == pytest.approx(error, rel=1e-9, abs=1e-11)
    assert {n: float(r.text) for n, r in certain.parameters.items()} == pytest.approx(values, rel=1e-9, abs=1e-11)
    once, _ = trained_by_hand(case, optimizer.name, 1, rate)
    for name in derivation.parameters:
        assert float(derivation.evaluation.updated(name).decimal(15)) == pytest.approx(once[name], rel=1e-9, abs=1e-12)


@cases
def test_sequential_training_is_its_certified_one(case: Case) -> None:
    derivation = case.computation.derive(derive.Plan(learning_rate=0.01, updates="sequential"))
    training = derivation.train(1)
    for name, value in training.parameters.items():
        assert value == pytest.approx(float(derivation.evaluation.updated(name).decimal(15)), rel=1e-9, abs=1e-12)
    later = derivation.train(5)
    assert later.error == pytest.approx(float(later.certified(12).errors[-1].text), rel=1e-9, abs=1e-11)


@cases
def test_copies_pickles_and_what_is_shown(case: Case) -> None:
    derivation = case.computation.derive(derive.Plan(optimizer="adam"))
    for again in (copy.deepcopy(derivation), pickle.loads(pickle.dumps(derivation)), copy.copy(derivation)):
        assert [str(again[name]) for name in again.partials] == [str(derivation[n]) for n in derivation.partials]
        assert again.gradients[derivation.parameters[0]].decimal(20) == derivation.gradients[
            derivation.parameters[0]
        ].decimal(20)
    assert repr(derivation).startswith(f"<Derivation of E: {len(case.computation.equations)} equation")
    assert repr(derivation.error).startswith("<E = ")
    assert derivation.by_hand(6, significant=True).gradients[derivation.parameters[0]].decimal(6)
    assert derivation._repr_mimebundle_()["text/html"]
    for name in derivation.partials:
        assert "dE" not in str(derivation[name])
        assert "dE" not in derivation[name]._repr_latex_()


@cases
def test_gradients_are_compared_without_layers(case: Case) -> None:
    derivation = case.computation.derive()
    right = {name: float(gradient(case, name)) for name in derivation.parameters}
    assert derive.compare_gradients(derivation, right).agrees
    wrong = derive.compare_gradients(derivation, {name: -2 * value - 1 for name, value in right.items()})
    assert not wrong.agrees
    assert str(wrong)


@pytest.mark.parametrize("format", ["md", "tex", "ipynb", "html"])
def test_a_handout_needs_no_layers(format: str, tmp_path: Any) -> None:
    CASES["recurrence"].computation.derive().handout().write(tmp_path, [format])
    (written,) = (path for path in tmp_path.iterdir() if path.is_file())
    assert written.stat().st_size > 1000


def test_gradients_of_the_recurrence_are_torchs() -> None:
    torch = pytest.importorskip("torch")
    case = CASES["recurrence"]
    found = dict.fromkeys(case.computation.parameters, 0.0)
    for sample in case.computation.samples:
        leaf = {n: torch.tensor(float(v), dtype=torch.float64, requires_grad=True) for n, v in sample.items()}
        state = torch.tanh(leaf["w"] * leaf["x1"] + leaf["u"] * leaf["h0"] + leaf["b"])
        state = torch.tanh(leaf["w"] * leaf["x2"] + leaf["u"] * state + leaf["b"])
        ((leaf["y"] - state) ** 2 / 4).backward()
        for name in found:
            found[name] += leaf[name].grad.item()
    assert derive.compare_gradients(case.computation.derive(), found).agrees


def test_what_is_not_trained_stays_as_it_is() -> None:
    derivation = attrs.evolve(CASES["recurrence"].computation, trained=["w"]).derive()
    assert derivation.train(3).parameters["u"] == -0.25
    assert derivation.gradients["u"] != 0
    assert derivation.with_biases is not None
    assert verify(derivation.evaluation).undecided == 0


def test_a_forward_pass_alone() -> None:
    made = computation([Equation("h", [terms.activation("tanh", "w")])], {"w": 0.5}, None)
    derivation = made.derive()
    assert derivation.values["h"].decimal(12) == "0.462117157260"
    assert dict(derivation.partials) == {}
    assert repr(derivation) == "<Derivation of a forward pass: 1 equation, 1 parameter, 1 sample>"
    assert verify(derivation.evaluation).partials == 0
    for ask in (
        lambda: derivation.error.value,
        lambda: derivation.gradients["w"].decimal(3),
        lambda: derivation.train(3),
        lambda: derive.compare_gradients(derivation, {"w": 1.0}),
    ):
        with pytest.raises(derive.InputError, match="objective"):
            ask()


@pytest.mark.parametrize(
    ("given", "sides"),
    [
        # relu and a skip of the same net: 0 or 1 from relu, and 1 from the skip.
        ([terms.activation("relu", "z"), terms.same("z")], (1, 2)),
        ([terms.activation("relu", "z")], (0, 1)),
        ([terms.activation("relu", "z"), terms.activation("relu", "z")], (0, 2)),
    ],
)
def test_a_corner_widens_only_the_term_that_has_it(given: list[derive.Term], sides: tuple[int, int]) -> None:
    equations = [Equation("z", [terms.product("w", "x")]), Equation("h", given), Equation("E", [terms.same("h")])]
    derivation = computation(equations, {"w": 1, "x": 0}).derive()
    assert [corner.name for corner in derivation.corners.found][:1] == ["z"]
    assert derivation.corners.sides("z") == sides


def test_a_corner_in_one_use_of_a_net_leaves_its_other_uses_alone() -> None:
    equations = [
        Equation("z", [terms.product("w", "x"), terms.bias("b")]),
        Equation("h1", [terms.activation("relu", "z")]),
        Equation("z2", [terms.product("v", "z")]),
        Equation("E", [terms.same("h1"), terms.same("z2")]),
    ]
    derivation = computation(equations, {"w": 1, "x": 1, "b": -1, "v": 5}).derive()
    assert derivation.corners.gradient_sides("w") == (5, 6)
    assert derive.compare_gradients(derivation, {"w": 5.5, "b": 6.0, "v": 0.0}).agrees
    assert not derive.compare_gradients(derivation, {"w": 0.5, "b": 5.0, "v": 0.0}).agrees


def test_a_long_recurrence_trains_and_derives() -> None:
    equations = []
    for step in range(1, 301):
        equations += [Equation(f"z{step}", [terms.product("w", f"z{step - 1}" if step > 1 else "x")])]
    equations.append(Equation("E", [terms.error("half_squared_error", "y", "z300")]))
    derivation = computation(equations, {"w": 1, "x": 1, "y": 2}).derive(derive.Plan(learning_rate=1e-6))
    assert derivation.gradients["w"].decimal(3) == "-300"
    assert derivation.train(1).parameters["w"] == pytest.approx(1 + 300e-6)
