"""The largest and the smallest of several: written as they stand, exact where they can be, derived as in PyTorch."""

import copy
import pickle
from fractions import Fraction

import pytest
import sympy
from flint import arb, arb_series, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Symbol

import derive
from derive import Equation
from derive.calculus.rules import differentiate
from derive.computation.equations import Term
from derive.computation.shapes import maximum_shape, minimum_shape
from derive.notation import to_latex, to_sympy_text, to_text
from derive.notation.mathml import mathml
from derive.notation.pretty import lines_of, to_pictures
from derive.notation.tidy import tidy
from derive.notation.trees import (
    add,
    first_largest,
    largest,
    minus,
    mul,
    packed,
    renamed,
    smallest,
    square,
    unpacked,
)
from derive.numbers.arithmetic import function
from derive.numbers.decimals import Undecided
from derive.numbers.precision import at_bits
from derive.render.notebook.python import Python
from derive.training.code.balls import BallCode, functions
from derive.training.code.expressions import NumpyCode, PythonCode
from derive.typeset.mathml import parse
from derive.typeset.speech import speak
from derive.verification import verify

x, y, z = map(Symbol, "xyz")


def test_they_are_written_in_their_order_in_every_notation():
    tree = minus(largest(y, x, Integer(0)), square(smallest(y, mul(Integer(2), x))))
    assert to_text(tree) == "max(y, x, 0) − min(y, 2·x)²"
    assert to_latex(tree) == r"\max\left(y, x, 0\right) - \min\left(y, 2 \cdot x\right)^{2}"
    assert to_sympy_text(tree) == "Max(y, x, 0) - Min(y, 2*x)**2"
    assert str(largest(y, x)) == "Max(y, x)"
    (picture,) = to_pictures(largest(y, x))
    assert lines_of(picture, 80) == "max(y, x)"
    assert next(lines_of(part, 80).strip() for part in to_pictures(tree)) == "max(y, x, 0)"
    assert Python(str)(tree) == "np.maximum(np.maximum(y, x), 0) - np.minimum(y, 2 * x) ** 2"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "the maximum of"), ("de", "das Maximum von"), ("es", "el máximo de"), ("pt", "o máximo de")],
)
def test_they_are_spoken(language, said):
    assert speak(parse(mathml(to_latex(largest(x, y)), False)), language).startswith(said)


def test_trees_are_kept_as_they_stand():
    tree = largest(y, add(x, Integer(0)))
    assert to_text(tidy(tree)) == "max(y, x)"
    assert to_text(renamed(tree, {x: z})) == "max(y, z + 0)"
    assert to_text(unpacked(packed(first_largest(y, x)))) == "max(y, x)"
    assert largest(x) is x
    shape = maximum_shape(3, "first")
    assert pickle.loads(pickle.dumps(shape)) == copy.deepcopy(shape) == shape
    assert minimum_shape(2) != maximum_shape(2) != maximum_shape(2, "first")


numbers = st.integers(-3, 3).map(lambda n: Fraction(n, 2))
lists = st.lists(numbers, min_size=2, max_size=5)


@settings(deadline=None)
@given(lists)
def test_of_rationals_they_are_exact(values):
    names = sympy.symbols(f"a:{len(values)}")
    flints = [fmpq(v.numerator, v.denominator) for v in values]
    most, least = max(values), min(values)
    assert function(names, largest(*names))(*flints) == fmpq(most.numerator, most.denominator)
    assert function(names, smallest(*names))(*flints) == fmpq(least.numerator, least.denominator)
    code = dict(zip(map(str, names), map(float, values), strict=True))
    for writer in (PythonCode, NumpyCode):
        text = writer(dict(zip(names, map(str, names), strict=True)))(smallest(*names))
        assert eval(text, {"min": min}, code) == float(least)
    text = BallCode(dict(zip(names, map(str, names), strict=True)))(smallest(*names))
    assert eval(text, dict(functions(midpoints=False)), dict(zip(map(str, names), flints, strict=True))) == min(flints)


def test_balls_enclose_and_series_ask_for_more_bits():
    def enclosed():
        wide, narrow = arb(1, 0.5), arb(1.25)
        found = function([x, y], largest(x, y))(wide, narrow)
        assert found.contains(arb(1.25))
        assert found.contains(arb(1.5))
        assert not found.contains(arb(1))
        assert function([x, y], smallest(x, y))(wide, narrow).contains(arb(0.5))
        assert function([x, y], largest(x, y))(fmpq(2), arb(1, 0.5)) == fmpq(2)
        with pytest.raises(Undecided):
            function([x, y], largest(x, y))(arb_series([wide, 1]), narrow)
        assert function([x, y], largest(x, y))(arb_series([arb(2), 1]), narrow)[1] == 1

    at_bits(64, enclosed)


def slope(tree, by, values):
    """The derivative by the rules, out of the form as written and out of the tidy one, which must be the same."""
    rule = differentiate(tree, by)
    names = list(values)
    found = {function(names, part)(*values.values()) for part in (rule.written, rule.result)}
    assert len(found) == 1
    return float(found.pop())


@settings(deadline=None)
@given(lists)
def test_slopes_are_those_of_torch_at_ties_too(values):
    torch = pytest.importorskip("torch")
    names = sympy.symbols(f"a:{len(values)}")
    flints = {n: fmpq(v.numerator, v.denominator) for n, v in zip(names, values, strict=True)}
    leaf = torch.tensor([float(v) for v in values], dtype=torch.float64, requires_grad=True)
    ways = {
        largest: torch.amax(leaf, 0),
        smallest: torch.amin(leaf, 0),
        first_largest: torch.max_pool1d(leaf[None, None], len(values)).sum(),
    }
    for make, result in ways.items():
        (expected,) = torch.autograd.grad(result, leaf)
        found = [slope(make(*names), name, flints) for name in names]
        assert found == pytest.approx(expected.tolist(), rel=1e-15)


@settings(deadline=None)
@given(numbers, numbers)
def test_the_chain_rule_goes_through_them(first, second):
    torch = pytest.importorskip("torch")
    u, v = (torch.tensor(float(n), dtype=torch.float64, requires_grad=True) for n in (first, second))
    result = torch.maximum(u * v, v) ** 2 + 3 * torch.minimum(u, torch.tensor(0.5, dtype=torch.float64))
    expected = torch.autograd.grad(result, (u, v), allow_unused=True)
    half = sympy.Rational(1, 2)
    tree = add(square(largest(mul(x, y), y)), mul(Integer(3), smallest(x, half)))
    flints = {n: fmpq(k.numerator, k.denominator) for n, k in zip((x, y), (first, second), strict=True)}
    assert slope(tree, x, flints) == pytest.approx(float(expected[0]), rel=1e-14)
    assert slope(tree, y, flints) == pytest.approx(float(expected[1]), rel=1e-14)


def test_the_derivative_is_short_on_the_page():
    assert to_text(differentiate(largest(x, y), x).result) == "{1 if x > y; 0 if y > x; ½ otherwise}"
    assert to_text(differentiate(largest(x, y), y).result) == "{1 if y > x; 0 if x > y; ½ otherwise}"
    assert to_text(differentiate(smallest(x, y), x).result) == "{1 if x < y; 0 if y < x; ½ otherwise}"
    assert to_text(differentiate(first_largest(x, y, z), x).result) == "{0 if max(y, z) > x; 1 otherwise}"
    assert to_text(differentiate(first_largest(x, y, z), y).result) == "{0 if z > y; 1 if y > x; 0 otherwise}"
    assert differentiate(smallest(x, y), x).name == "minimum"


SHAPES = [maximum_shape(2), maximum_shape(4), maximum_shape(4, "first"), maximum_shape(16, "first"), minimum_shape(3)]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.name}{shape.arity}")
def test_a_computation_of_them_is_verified_and_trains(shape):
    names = [f"w{k}" for k in range(shape.arity)]
    values = {name: Fraction(k * 7 % 5, 2) + Fraction(k, 100) for k, name in enumerate(names)}
    kinds = {**dict.fromkeys(names, "weight"), "h": "out", "y": "target", "E": "error"}
    equations = [
        Equation("h", [Term(shape, names)]),
        Equation("E", [derive.terms.error("half_squared_error", "y", "h")]),
    ]
    derivation = derive.Computation(equations, [{**values, "y": Fraction(1, 4)}], kinds, "E").derive()
    report = verify(derivation.evaluation)
    assert (report.differences, report.corners, report.undecided) == (shape.arity, 0, 0)
    best = (max if shape.name == "max" else min)(values, key=values.get)
    slopes = {name: derivation.gradients[name] for name in names}
    assert {name for name, gradient in slopes.items() if gradient != 0} == {best}
    assert Fraction(slopes[best].decimal(6)) == values[best] - Fraction(1, 4)
    trained = derivation.train(1).parameters
    rate = derivation.evaluation.plan.learning_rate
    assert trained[best] == pytest.approx(float(values[best] - rate * (values[best] - Fraction(1, 4))))
    assert derivation.train(3).certified(12).parameters[names[0]].text


def test_sympys_own_derivative_is_that_of_the_cases():
    found = sympy.diff(largest(mul(x, x), y), x)
    for a, b in ((1, 3), (2, 3)):
        assert found.subs({x: a, y: b}) == (2 * a if a * a > b else 0)
    assert sympy.N(largest(sympy.sqrt(2), Integer(1)), 20) == sympy.N(sympy.sqrt(2), 20)
