"""Formulas in words."""

from __future__ import annotations

import math_core
import pytest

from derive.typeset.mathml import parse
from derive.typeset.speech import speak
from derive.typeset.words import WORDS

CONVERT = math_core.LatexToMathML(pretty_print="never").convert_with_local_state

SPOKEN = [
    (
        r"\frac{\partial E_{\mathrm{total}}}{\partial w_{5}} = 0.082167041",
        "the partial derivative of E total with respect to w 5 equals 0.082167041",
    ),
    (r"\mathrm{net}_{h1} = w_{1} \cdot i_{1} + b_{1}", "net h 1 equals w 1 times i 1 plus b 1"),
    (
        r"\frac{1}{1+e^{-\mathrm{net}_{h1}}}",
        "the fraction 1 over 1 plus e to the power negative net h 1, end of fraction",
    ),
    (r"\frac{1}{2}\left(t-o\right)^{2}", "one half open parenthesis t minus o close parenthesis squared"),
    (r"\frac{a}{b}", "a over b"),
    (r"a \cdot (-1)", "a times negative 1"),
    (r"-x + 1", "negative x plus 1"),
    (r"\sigma'(x) \approx 0.2", "sigma prime of x is approximately 0.2"),
    (r"\sum_{i=1}^{n} x_i^2", "the sum from i equals 1 to n of x i squared"),
    (r"\sum_{o} \delta_{o}", "the sum over o of delta o"),
    (r"\sqrt{x}", "the square root of x, end of root"),
    (r"W^{\mathsf T} \mathbf{x}", "W transposed x"),
    (r"w_5^{+} = w_5 - \eta", "w 5 plus equals w 5 minus eta"),
    (r"\hat{y}", "y hat"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
     "open parenthesis the 2 by 2 matrix 1, 2; 3, 4, end of matrix, close parenthesis"),
    (r"\begin{aligned} a &= b \\ &= 0.5 \end{aligned}", "a equals b; equals 0.5"),
    (r"\underbrace{a+b}_{\text{sum}}", "a plus b, labelled sum"),
    (r"\frac{dy}{dx}", "the derivative of y with respect to x"),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "words"), SPOKEN)
def test_a_formula_is_read_as_a_teacher_reads_it(latex: str, words: str) -> None:
    assert speak(parse(CONVERT(latex, displaystyle=True))) == words


def test_every_language_has_all_words() -> None:
    for language, words in WORDS.items():
        assert set(words) == set(WORDS["en"]), language


def test_a_language_without_words_is_read_in_english() -> None:
    assert speak(parse("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>"), "xx-YY") == "x equals 1"


def test_a_german_handout_is_read_in_german() -> None:
    formula = parse(CONVERT(r"\frac{\partial E}{\partial w_5} = 0{,}5", displaystyle=True))
    assert speak(formula, "de-AT").startswith("die partielle Ableitung von E nach w 5 gleich 0")
