"""Second derivatives against SymPy's, PyTorch's and differences of gradients; signs of eigenvalues against NumPy's."""

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Symbol, diff

import derive
from derive import Equation
from derive.computation.equations import Term
from derive.computation.shapes import maximum_shape
from derive.evaluation.hessian import signs_of
from tests.computation.computations import CASES, Case

cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def number(expression, values):
    return sympy.N(expression.subs({Symbol(n): sympy.Rational(str(v)) for n, v in values.items()}), 50)


@cases
def test_every_entry_is_sympys(case: Case) -> None:
    made = case.computation
    hessian = made.derive().hessian
    for name in hessian.names:
        for by in hessian.names:
            second = diff(case.error, Symbol(name), Symbol(by))
            each = [number(second, values) for values in made.samples]
            expected = sum(each) / (len(each) if made.reduction == "mean" else 1)
            assert abs(sympy.Rational(hessian[name, by].decimal(30)) - expected) <= sympy.Rational(1, 10**29)


@cases
def test_the_formula_of_an_entry_has_its_value(case: Case) -> None:
    derivation = case.computation.derive()
    hessian = derivation.hessian
    known = {Symbol(name): sympy.Float(value.decimal(60), 60) for name, value in derivation.values.items()}
    known |= {p.symbol: sympy.Float(p.value.decimal(60), 60) for p in derivation.partials.values()}
    for name in hessian.names:
        for by in hessian.names:
            found = sympy.N(hessian.formula(name, by).doit().xreplace(known), 40)
            expected = number(diff(case.error, Symbol(name), Symbol(by)), case.computation.values)
            assert abs(found - expected) < sympy.Float("1e-30"), (name, by)


def test_the_articles_hessian_is_torchs() -> None:
    torch = pytest.importorskip("torch")
    derivation = derive.load("article").derive()
    names = derivation.parameters
    start = torch.tensor([float(derivation.values[name]) for name in names], dtype=torch.float64)

    def error(parameters):
        w = dict(zip(names, parameters, strict=True))
        h1 = torch.sigmoid(w["w1"] * 0.05 + w["w2"] * 0.10 + w["b1"])
        h2 = torch.sigmoid(w["w3"] * 0.05 + w["w4"] * 0.10 + w["b1"])
        o1 = torch.sigmoid(w["w5"] * h1 + w["w6"] * h2 + w["b2"])
        o2 = torch.sigmoid(w["w7"] * h1 + w["w8"] * h2 + w["b2"])
        return ((0.01 - o1) ** 2 + (0.99 - o2) ** 2) / 2

    expected = torch.autograd.functional.hessian(error, start).numpy()
    hessian = derivation.hessian
    assert hessian.array() == pytest.approx(expected, rel=1e-12, abs=1e-16)
    # One sample: w1 and w2 change the same net by their inputs, so the matrix is singular, and w3 and w4 likewise.
    eigenvalues = np.linalg.eigvalsh(expected)
    signs = hessian.signs
    assert (signs.positive, signs.negative) == (sum(eigenvalues > 1e-9), sum(eigenvalues < -1e-9))
    assert signs.zero + signs.open == 10 - signs.positive - signs.negative


def test_it_is_what_gradients_change_by() -> None:
    derivation, step = derive.load("xor").derive(), Fraction(1, 10**12)
    hessian = derivation.hessian
    for by in derivation.parameters[::4]:
        value = derivation.computation.values[by]
        above, below = (derivation.at({by: value + move}).gradients for move in (step, -step))
        for name in hessian.names:
            change = (Fraction(above[name].decimal(40)) - Fraction(below[name].decimal(40))) / (2 * step)
            assert abs(Fraction(hessian[name, by].decimal(20)) - change) < Fraction(1, 10**15)


def test_it_shows_itself_and_is_copied() -> None:
    hessian = derive.load("single_neuron").derive().hessian
    assert repr(hessian) == "<Hessian of J_mean by 3 parameters>"
    assert str(hessian).split()[:3] == ["θ1", "θ2", "θ0"]
    assert "pmatrix" in hessian._repr_latex_()
    for again in (copy.deepcopy(hessian), pickle.loads(pickle.dumps(hessian))):
        assert again["theta1", "theta0"].decimal(20) == hessian["theta1", "theta0"].decimal(20)
    number = pickle.loads(pickle.dumps(hessian["theta1", "theta2"]))
    assert number.decimal(20) == hessian["theta1", "theta2"].decimal(20)
    assert hessian.matrix().shape == (3, 3)
    by_hand = derive.load("single_neuron").derive().by_hand(3)
    assert by_hand.hessian["theta1", "theta1"].decimal(15) == hessian["theta1", "theta1"].decimal(15)


def test_what_has_none_is_refused() -> None:
    with pytest.raises(derive.UnsupportedError, match="found 22 parameters; expected at most 20"):
        _ = derive.load("two_hidden_layers").derive().hessian
    with pytest.raises(derive.InputError, match="w9"):
        _ = derive.load("article").derive().hessian["w9", "w1"]
    with pytest.raises(derive.InputError):
        _ = derive.load("article").derive().hessian["w1"]


@pytest.mark.parametrize("activation", ["relu", "elu", "softsign"])
def test_where_a_case_changes_there_is_none(activation: str) -> None:
    network = derive.Network([derive.Layer([[1, -1]], activation=activation)], [derive.Sample([1, 1], [1])])
    with pytest.raises(derive.UnsupportedError, match="the formula of out_o1 changes from one case to another"):
        network.derive().hessian["w1", "w2"].decimal(3)
    beside = network.replace(w2=-0.5).derive().hessian
    assert beside["w1", "w2"].decimal(6)


def test_where_two_are_largest_there_is_none() -> None:
    def hessian(a, b):
        kinds = {"a": "weight", "b": "weight", "m": "out", "y": "target", "E": "error"}
        equations = [
            Equation("m", [Term(maximum_shape(2), ("a", "b"))]),
            Equation("E", [derive.terms.error("half_squared_error", "y", "m")]),
        ]
        return derive.Computation(equations, [{"a": a, "b": b, "y": 3}], kinds, "E").derive().hessian

    with pytest.raises(derive.UnsupportedError, match="the formula of m changes"):
        hessian(1, 1)["a", "b"].decimal(3)
    found = hessian(1, 2)
    assert [found[pair].decimal(3) for pair in (("a", "a"), ("a", "b"), ("b", "b"))] == ["0", "0", "1"]
    assert (found.signs.positive, found.signs.negative, found.signs.zero) == (1, 0, 1)


@settings(deadline=None)
@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.integers(-3, 3), min_size=n * n, max_size=n * n)))
def test_signs_are_those_of_the_eigenvalues(values: list[int]) -> None:
    size = int(len(values) ** 0.5)
    half = np.array(values, dtype=float).reshape(size, size)
    matrix = half + half.T
    exact = sympy.Matrix(matrix.astype(int))
    signs = signs_of([[fmpq(int(value)) for value in row] for row in matrix])
    zeros = size - exact.rank()
    eigenvalues = sorted(np.linalg.eigvalsh(matrix), key=abs)[zeros:]
    assert (signs.positive, signs.negative) == (sum(e > 0 for e in eigenvalues), sum(e < 0 for e in eigenvalues))
    assert (signs.zero, signs.open) == (zeros, 0)
