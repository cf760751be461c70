"""Formulas as text, and lines that fit the page."""

import math
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Integer, Rational, Symbol

import derive
from derive.functions.activations import ACTIVATIONS, JointActivation
from derive.functions.losses import ERRORS
from derive.notation import aligned, name_latex, to_latex, to_sympy_text, to_text
from derive.notation.display import broken, visible_width
from derive.notation.mathml import mathml
from derive.notation.pretty import lines_of, to_pictures
from derive.notation.trees import add, e_to, fraction, minus, mul, negative, power
from derive.story.document import Display
from derive.typeset import display_width

w, i, o, t = Symbol("w1"), Symbol("i1"), Symbol("out_o1"), Symbol("target_o1")


@pytest.mark.parametrize(
    ("expression", "text", "latex"),
    [
        (mul(w, i), "w1·i1", r"w_{1} \cdot i_{1}"),
        (minus(t, o), "target_o1 − out_o1", r"\mathrm{target}_{o1} - \mathrm{out}_{o1}"),
        (mul(o, minus(Integer(1), o)), "out_o1(1 − out_o1)", r"\mathrm{out}_{o1} \left(1 - \mathrm{out}_{o1}\right)"),
        (negative(minus(t, o)), "−(target_o1 − out_o1)", r"-\left(\mathrm{target}_{o1} - \mathrm{out}_{o1}\right)"),
        (add(w, negative(minus(t, o))), "w1 − (target_o1 − out_o1)", None),
        (mul(w, Integer(-1)), "w1·(−1)", r"w_{1} \cdot \left(-1\right)"),
        (mul(Rational(1, 2), power(w, Integer(2))), "½·w1²", r"\frac{1}{2} \cdot w_{1}^{2}"),
        (e_to(negative(w)), "e^(−w1)", r"e^{-w_{1}}"),
        (power(add(w, i), minus(Integer(2), Integer(1))), "(w1 + i1)^(2 − 1)", None),
        (power(fraction(w, i), Integer(2)), "(w1/i1)²", r"\left(\frac{w_{1}}{i_{1}}\right)^{2}"),
        (power(Rational(1, 2), Integer(2)), None, r"\left(\frac{1}{2}\right)^{2}"),
        (power(power(w, Integer(2)), Integer(3)), "(w1²)³", r"\left(w_{1}^{2}\right)^{3}"),
    ],
)
def test_a_formula(expression, text, latex):
    if text:
        assert to_text(expression) == text
    if latex:
        assert to_latex(expression) == latex


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (mul(w, i), "0.5·(−0.25)"),
        (mul(i, w), "−0.25·0.5"),
        (add(mul(w, i), mul(i, w)), "0.5·(−0.25) − 0.25·0.5"),
        (minus(w, i), "0.5 + 0.25"),
        (minus(i, mul(i, i)), "−0.25 + 0.25·(−0.25)"),
        (add(w, i, negative(w), negative(i)), "0.5 − 0.25 − 0.5 + 0.25"),
        (add(negative(i), w), "0.25 + 0.5"),
        (add(w, power(i, Integer(2))), "0.5 + (−0.25)²"),
        (add(w, fraction(i, w)), "0.5 + (−0.25)/0.5"),
        (minus(w, minus(i, w)), "0.5 − (−0.25 − 0.5)"),
        (power(i, Integer(2)), "(−0.25)²"),
        (negative(i), "−(−0.25)"),
    ],
)
def test_a_formula_with_its_numbers(expression, text):
    values = {"w1": "0.5", "i1": "-0.25"}
    assert to_text(expression, values.get) == text


def test_a_minus_within_a_fraction_stays_there():
    """The sign before a fraction is not that of the number with which its upper line begins."""
    values = {"w1": "0.5", "i1": "-0.25"}
    expression = add(w, mul(i, w, power(Integer(7), Integer(-1))))
    assert to_latex(expression, values.get) == r"0.5 + \frac{-0.25 \cdot 0.5}{7}"
    assert to_text(expression, values.get) == "0.5 − 0.25·0.5/7"


TERMS = st.lists(
    st.tuples(st.sampled_from([-1, 1]), st.lists(st.integers(-99, 99).filter(bool), min_size=1, max_size=3)),
    min_size=2,
    max_size=5,
)


@given(TERMS)
def test_a_sum_has_one_sign_before_each_number_and_the_value_of_its_terms(terms):
    """Read by Python itself, in fractions; parentheses stand round a negative factor that is not the first alone."""
    names, trees, value = {}, [], Fraction(0)
    for sign, factors in terms:
        symbols = [Symbol(f"x{len(names) + place}") for place in range(len(factors))]
        names |= {symbol.name: f"{factor / 100:.2f}" for symbol, factor in zip(symbols, factors, strict=True)}
        product = mul(*symbols) if len(symbols) > 1 else symbols[0]
        trees.append(product if sign > 0 else negative(product))
        value += sign * math.prod(Fraction(factor, 100) for factor in factors)
    latex = to_latex(add(*trees), names.get).replace(r"\left", "").replace(r"\right", "").replace(r"\cdot", "*")
    drawn = "".join(lines_of(picture, 500) for picture in to_pictures(add(*trees), names.get))
    for text in (latex, to_text(add(*trees), names.get), drawn):
        assert not re.search(r"[+−-] ?[−-]|[+−-] ?\([−-]", text[1:]), text
        plain = re.sub(r"(\d+\.\d+)", r'Fraction("\1")', text.replace("−", "-").replace("·", "*"))
        assert eval(plain, {"Fraction": Fraction}) == value, text


def test_a_number_with_a_power_of_ten():
    values = {"w1": "1.5e-12", "i1": "-2e-7"}
    assert to_latex(mul(w, i), values.get) == r"1.5 \cdot 10^{-12} \cdot \left(-2 \cdot 10^{-7}\right)"


@pytest.mark.parametrize("entry", ACTIVATIONS.values(), ids=lambda entry: entry.name)
def test_sympys_text_reads_back_as_the_formula(entry):
    import sympy

    x, constant = Symbol("x"), Rational(1, 3)
    is_joint = isinstance(entry, JointActivation)
    formula = entry.formula((x, Symbol("z")), 0) if is_joint else entry.formula(x, constant)
    assert sympy.simplify(sympy.sympify(to_sympy_text(formula)) - formula.doit()) == 0


def test_sympys_text_of_the_error():
    assert to_sympy_text(ERRORS["half_squared_error"].formula(t, o, Integer(0))) == "1/2*(target_o1 - out_o1)**2"


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("w12", "w_{12}"),
        ("b_h1", "b_{h1}"),
        ("b_h2_3", "b_{h2,3}"),
        ("h1_2", "h_{1,2}"),
        ("net_h1_2", r"\mathrm{net}_{h1,2}"),
        ("delta_o1", r"\delta_{o1}"),
        ("w5+", "w_{5}^{+}"),
        ("w14", "w_{14}"),
        ("theta4", r"\theta_{4}"),
        ("Omega_1_2", r"\Omega_{1,2}"),
        ("bias", r"\mathrm{bias}"),
        ("w1a", "w_{1a}"),
        ("m_hat", r"\hat{m}"),
        ("g_lambda", r"g_{\lambda}"),
        ("dJ_total_dout_y", r"\frac{\partial J_{\mathrm{total}}}{\partial \mathrm{out}_{y}}"),
        ("dE_total_dout_h1", r"\frac{\partial E_{\mathrm{total}}}{\partial \mathrm{out}_{h1}}"),
    ],
)
def test_a_name(name, latex):
    assert name_latex(name) == latex


LATEX_LINE = (210 - 50) / 25.4 * 72 / 10.909  # em: a line of the narrowest page, LaTeX's on A4 at 11 pt


@given(st.integers(2, 60), st.integers(1, 40))
def test_no_line_of_a_long_sum_is_too_wide(terms, digits):
    number = "0." + "7" * digits
    total = " + ".join(rf"{number} \cdot w_{{{place}}}" for place in range(terms))
    chain = aligned("x", [("=", total)])
    rows = chain.removeprefix(r"\begin{aligned}").removesuffix(r"\end{aligned}").split(r" \\ ")
    assert all(display_width(mathml(row.replace("&", ""), True)) <= LATEX_LINE for row in rows)
    assert re.findall(r"w_\{(\d+)\}", chain) == [str(place) for place in range(terms)]


@pytest.mark.parametrize("name", ["article", "softmax_classifier", "two_hidden_layers", "regression"])
def test_a_line_is_about_as_wide_as_it_is_taken_to_be(name):
    """What is estimated in digits, beside the widths of the font's glyphs."""
    blocks = derive.load(name).derive().handout(detail="full", form="both").document.blocks
    rows = {
        row.replace("&", "").strip()
        for block in blocks
        if isinstance(block, Display) and "pmatrix" not in block.latex
        for row in re.sub(r"\\(begin|end)\{aligned\}", "", block.latex).split(r"\\")
    }
    measured = {row: 2 * display_width(mathml(row, True)) for row in rows if "cases" not in row}
    wide = [row for row, width in measured.items() if width > 30]
    assert len(wide) > 15
    assert {row: measured[row] for row in wide if not 0.85 < visible_width(row) / measured[row] < 1.15} == {}


def test_a_number_of_a_thousand_digits_is_cut_into_lines():
    number = "0." + "123456789" * 111
    parts = broken(number, 60)
    assert "".join(parts) == number
    assert max(map(len, parts)) <= 60


def test_cases_are_as_wide_as_their_longest_row():
    one = r"\begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"
    assert visible_width(one) < 25


@pytest.mark.parametrize("activation", ["softplus", "logistic", "tanh", "softsign", "silu"])
def test_no_derivative_stands_above_the_line_of_another_fraction(activation):
    layers = [derive.Layer([[0.3], [0.4]], activation=activation), derive.Layer([[0.5, 0.6]])]
    page = derive.Network(layers, [derive.Sample([0.3], [0.7])]).derive().handout(language="en").markdown
    assert r"\delta_{h1}" in page
    assert r"\frac{\frac{\partial" not in page
