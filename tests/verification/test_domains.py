"""Formulas that are not defined everywhere: outside the quantity is named, inside they are checked."""

import itertools
from fractions import Fraction

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Rational, Symbol

import derive
from derive import Equation
from derive.computation.equations import Term
from derive.computation.shapes import Shape
from derive.notation.elementary import ELEMENTARY
from derive.notation.trees import add, fraction, ln, minus, mul, power, root
from derive.verification import verify
from derive.verification.algebra import sympys

ONE = Integer(1)
COUNT = itertools.count()  # two shapes are the same where they come from the same place


def derivation(build, **values):
    """The derivation of f = build(x, …) for given numbers, of which each is what f is derived by."""
    shape = Shape("formula", len(values), f"formula {next(COUNT)}", build)
    kinds = {**dict.fromkeys(values, "weight"), "f": "out"}
    equations = [Equation("f", [Term(shape, tuple(values))])]
    return derive.Computation(equations, [values], kinds, "f", trained=()).derive()


OUTSIDE = {
    "root": (lambda x: root(x), -2, "f: found the square root of −2; expected one of a number that is not negative."),
    "root of a difference": (
        lambda x: root(minus(x, Integer(3))),
        "0.5",
        "f: found the square root of −2.5; expected one of a number that is not negative.",
    ),
    "logarithm": (lambda x: ln(x), 0, "f: found the logarithm of 0; expected one of a number above 0."),
    "logarithm of 1 + x": (
        lambda x: ln(add(ONE, x)),
        -1,
        "f: found the logarithm of −1; expected one of a number above 0.",
    ),
    "logarithm of a root": (lambda x: ln(root(x)), 0, "f: found the logarithm of 0; expected one of a number above 0."),
    "quotient": (
        lambda x: fraction(ONE, minus(x, Integer(3))),
        3,
        "f: found a division by 0; expected values with which its formula divides by none.",
    ),
    "0 to a negative power": (
        lambda x: power(x, Integer(-2)),
        0,
        "f: found a division by 0; expected values with which its formula divides by none.",
    ),
    "0 to a negative root": (
        lambda x: power(x, Rational(-1, 3)),
        0,
        "f: found a division by 0; expected values with which its formula divides by none.",
    ),
    "one over a root": (
        lambda x: power(x, Rational(-1, 2)),
        0,
        "f: found a division by 0; expected values with which its formula divides by none.",
    ),
    "broken power": (
        lambda x: power(x, Rational(1, 3)),
        -8,
        "f: found −8 with an exponent that is no whole number; expected a number that is not negative.",
    ),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_its_domain_the_quantity_is_named(name):
    build, value, message = OUTSIDE[name]
    with pytest.raises(derive.InputError) as raised:
        derivation(build, x=value).values["f"].decimal(6)
    assert str(raised.value) == message


def test_a_value_without_a_derivative_is_one_sentence():
    with pytest.raises(derive.InputError, match="∂f/∂x: found values at which a formula has no derivative"):
        derivation(lambda x: root(x), x=0)["x"].decimal(6)


def test_a_number_to_the_power_0_is_1():
    made = derivation(lambda x: add(power(x, Integer(0)), x), x=0)
    assert (made.values["f"].decimal(3), made["x"].decimal(3)) == ("1", "1")


BROKEN = [(8, 1, 3, "2"), (32, 2, 5, "4"), ("0.25", 3, 2, "0.125"), (8, -2, 3, "0.25")]


@pytest.mark.parametrize(("base", "above", "below", "expected"), BROKEN)
def test_broken_powers_are_exact_where_they_can_be(base, above, below, expected):
    made = derivation(lambda x: power(x, Rational(above, below)), x=base)
    assert made.values["f"].decimal(20) == expected
    slope = Fraction(above, below) * Fraction(expected) / Fraction(base)
    assert abs(Fraction(made["x"].decimal(25)) - slope) < Fraction(1, 10**24)
    report = verify(made.evaluation)
    assert (report.differences, report.undecided) == (1, 0)


def test_training_out_of_the_domain_ends_as_any_divergence_does():
    shape = Shape("formula", 1, f"formula {next(COUNT)}", lambda x: root(x))
    kinds = {"w": "weight", "y": "target", "r": "out", "E": "error"}
    equations = [
        Equation("r", [Term(shape, ("w",))]),
        Equation("E", [derive.terms.error("half_squared_error", "y", "r")]),
    ]
    made = derive.Computation(equations, [{"w": 1, "y": -9}], kinds, "E").derive(derive.Plan(learning_rate=1))
    assert made.train(5).divergence.cause == "undefined"


# Formulas of one quantity, with a value in the domain and SymPy's own form of them.
INSIDE = {
    "root of x + 1": (lambda x: root(add(x, ONE)), 1),
    "root of −x": (lambda x: root(mul(Integer(-1), x)), -4),
    "logarithm of a root": (lambda x: ln(root(x)), 3),
    "logarithm far out": (lambda x: ln(minus(x, Integer(100))), 1000),
    "a narrow domain": (lambda x: root(mul(minus(x, Integer(1000)), minus(Integer(1001), x))), "1000.25"),
    "one over x − 3": (lambda x: fraction(ONE, minus(x, Integer(3))), 4),
    "logarithm of a logarithm": (lambda x: ln(ln(ln(x))), 30),
    "broken power of −x": (lambda x: power(mul(Integer(-1), x), Rational(2, 3)), -5),
}


@pytest.mark.parametrize("name", INSIDE)
def test_a_formula_is_checked_where_it_is_defined(name):
    build, value = INSIDE[name]
    made = derivation(build, x=value)
    report = verify(made.evaluation)
    assert (report.differences, report.undecided) == (1, 0)
    assert report.locals == 1
    x = Symbol("x", positive=True) if float(value) > 0 else Symbol("x", real=True)
    expected = sympy.diff(build(x).doit(), x).subs(x, sympy.Rational(str(value)))
    assert abs(sympy.Rational(made["x"].decimal(30)) - sympy.N(expected, 50)) < sympy.Rational(1, 10**28)


ENTRIES = [entry for entry in ELEMENTARY.values() if entry.rule or entry.code == "sqrt"]
MPMATH = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "erf": mpmath.erf,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "abs": abs,
    "sqrt": mpmath.sqrt,
}


def applied(entry, tree):
    return root(tree) if entry.code == "sqrt" else entry.kind(tree, evaluate=False)


@settings(max_examples=60, deadline=None)
@given(
    outer=st.sampled_from(ENTRIES),
    inner=st.sampled_from(ENTRIES),
    shift=st.integers(-2, 2),
    value=st.integers(-30, 30).filter(bool).map(lambda n: Fraction(n, 8)),
)
def test_every_composition_is_right_or_refused(outer, inner, shift, value):
    """f(g(x) + c) against mpmath: its value, and its derivative as mpmath's numeric one; refused where it has none."""
    made = derivation(lambda x: applied(outer, add(applied(inner, x), Integer(shift))), x=value)
    with mpmath.workdps(60):

        def f(x):
            between = MPMATH[inner.code](x)
            return MPMATH[outer.code](between + shift)

        point = mpmath.mpf(value.numerator) / value.denominator
        try:
            expected = f(point)
            between = MPMATH[inner.code](point) + shift
        except (ValueError, ZeroDivisionError):
            expected = None
        complex_somewhere = expected is None or any(
            isinstance(part, mpmath.mpc) for part in (expected, MPMATH[inner.code](point))
        )
        if complex_somewhere or mpmath.isinf(expected):
            with pytest.raises(derive.InputError, match=r"^f: "):
                made.values["f"].decimal(6)
            return
        if abs(expected) > 10**20:
            return
        found = mpmath.mpf(made.values["f"].decimal(30))
        assert abs(found - expected) < mpmath.mpf(10) ** -28
        if abs(between) < mpmath.mpf(10) ** -10 and outer.code in ("abs", "sqrt"):
            return  # a corner
        slope = mpmath.diff(f, point)
        assert abs(mpmath.mpf(made["x"].decimal(20)) - slope) <= mpmath.mpf(10) ** -12 * (1 + abs(slope))
    report = verify(made.evaluation)
    assert report.undecided == 0
    assert report.differences + report.corners == 1


def test_sympys_steps_are_cases():
    x, y = Symbol("x0"), Symbol("x1")
    found = sympys(derive.computation.shapes.maximum_shape(2).build(x, y), x)
    assert found.subs({x: 2, y: 1}) == 1
    assert found.subs({x: 1, y: 2}) == 0
