"""Differentiation rules: each line as it is written, and each result against SymPy."""

import math
from fractions import Fraction

import pytest
import sympy
from sympy import Integer, Rational, Symbol

from derive.calculus.rules import differentiate
from derive.calculus.short_forms import activation_lines
from derive.functions.activations import ACTIVATIONS
from derive.notation import to_latex, to_sympy_text, to_text
from derive.notation.tidy import tidy
from derive.notation.trees import absolute, add, e_to, fraction, gauss_error, ln, minus, mul, negative, power

x, a, b, t = (Symbol(name) for name in "xabt")
ONE, TWO = Integer(1), Integer(2)
half_square = mul(Rational(1, 2), power(minus(t, x), TWO))

# expression, outermost rule, LaTeX of the derivative by x as written
LINES = [
    (a, "constant", "0"),
    (x, "power", "1 \\cdot x^{1 - 1}"),
    (power(x, Integer(3)), "power", "3 \\cdot x^{3 - 1}"),
    (mul(a, x), "constant multiple", "1 \\cdot a \\cdot x^{1 - 1}"),
    (add(mul(a, x), b), "sum", "1 \\cdot a \\cdot x^{1 - 1} + 0"),
    (add(mul(x, a), mul(b, t), ONE), "sum", "1 \\cdot a \\cdot x^{1 - 1} + 0 + 0"),
    (half_square, "constant multiple", "2 \\cdot \\frac{1}{2} \\left(t - x\\right)^{2 - 1} \\cdot \\left(-1\\right)"),
    (add(half_square, a), "sum", "2 \\cdot \\frac{1}{2} \\left(t - x\\right)^{2 - 1} \\cdot \\left(-1\\right) + 0"),
    (e_to(x), "exponential", "e^{x}"),
    (e_to(negative(x)), "chain", "e^{-x} \\cdot \\left(-1\\right)"),
    (mul(x, e_to(x)), "product", "1 \\cdot e^{x} + x \\cdot e^{x}"),
    (fraction(x, add(ONE, x)), "quotient", "\\frac{1 \\left(1 + x\\right) - x \\cdot 1}{\\left(1 + x\\right)^{2}}"),
    (fraction(ONE, add(ONE, x)), "chain", "-\\left(1 + x\\right)^{-1 - 1} \\cdot 1"),
    (ln(x), "logarithm", "\\frac{1}{x}"),
    (ln(minus(ONE, x)), "chain", "\\frac{1}{1 - x} \\cdot \\left(-1\\right)"),
    (negative(mul(a, ln(x))), "constant multiple", "-\\frac{a}{x}"),
    (gauss_error(x), "gauss error", "\\frac{2}{\\sqrt{\\pi}} \\cdot e^{-x^{2}}"),
]


@pytest.mark.parametrize(("expression", "rule", "latex"), LINES)
def test_a_line_as_written(expression, rule, latex):
    found = differentiate(expression, x)
    assert (found.name, to_latex(found.written)) == (rule, latex)


@pytest.mark.parametrize("expression", [line[0] for line in LINES])
def test_written_and_tidied_are_sympys_derivative(expression):
    rule = differentiate(expression, x)
    expected = sympy.diff(expression.doit(), x)
    for found in (rule.written, rule.result):
        assert sympy.simplify(sympy.sympify(found.doit()) - expected) == 0


def test_the_slope_of_an_absolute_value_is_the_sign():
    rule = differentiate(absolute(minus(t, x)), x)
    assert to_latex(rule.written) == "\\operatorname{sgn}\\left(t - x\\right) \\cdot \\left(-1\\right)"
    assert (rule.outer, to_text(rule.result)) == ("absolute value", "−sgn(t − x)")


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_each_line_of_the_appendix_equals_the_one_before(name):
    entry, y, real = ACTIVATIONS[name], Symbol("y"), Symbol("r", real=True)
    constant = Rational(*entry.default.as_integer_ratio()) if entry.default else Integer(0)
    rule = differentiate(entry.formula(real, constant), real)
    lines = [rule.written, rule.result, *entry.lines(real, y, constant), entry.derivative(real, y, constant)]
    formula = entry.formula(real, constant).doit()
    for point in (Rational(-4, 3), Rational(2, 7), Rational(12, 7)):
        values = [sympy.N(line.doit().subs(y, formula).subs(real, point), 30) for line in lines]
        assert all(abs(value - values[0]) < 1e-27 for value in values)
        assert abs(sympy.N(sympy.diff(formula, real).subs(real, point), 30) - values[0]) < 1e-27


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (mul(TWO, Rational(1, 2), power(minus(t, x), minus(TWO, ONE)), Integer(-1)), "−(t − x)"),
        (add(mul(a, x), Integer(0)), "a·x"),
        (add(Integer(0), Integer(-1)), "−1"),
        (mul(a, Integer(0)), "0"),
        (mul(ONE, a, power(x, minus(ONE, ONE))), "a"),
        (power(add(a, b), minus(Integer(-1), ONE)), "1/(a + b)²"),
    ],
)
def test_tidying_keeps_the_order(expression, text):
    assert to_text(tidy(expression)) == text


def test_a_sum_keeps_the_order_in_which_it_is_written():
    terms = add(mul(Symbol("w2"), Symbol("i2")), mul(Symbol("w1"), Symbol("i1")), mul(Symbol("b1"), ONE))
    assert to_sympy_text(terms) == "w2*i2 + w1*i1 + b1*1"


@pytest.mark.parametrize("constant", [Fraction(1), Fraction(3, 2)])
def test_the_lines_of_an_activation_take_its_constant(constant):
    """elu at −½: alpha·e^net on every line of the appendix, from the one the rules write to the short form."""
    lines = activation_lines(ACTIVATIONS["elu"], constant)
    alpha, slope = float(constant), float(constant) * math.exp(-0.5)
    values = {sympy.Symbol("net"): -0.5, sympy.Symbol("out"): slope - alpha}
    assert len(lines) == 5
    for line in lines:
        assert math.isclose(float(line.subs(values)), slope, rel_tol=1e-12)
    assert lines[-1].has(sympy.Symbol("out"))
