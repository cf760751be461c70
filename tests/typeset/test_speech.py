"""Formulas in words."""

from __future__ import annotations

import math_core
import pytest

from derive.render.mathml import mathml
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

PORTUGUESE = [
    (
        r"\frac{\partial E_{\mathrm{total}}}{\partial w_{5}} \approx 0{,}082167041",
        "derivada parcial de E total em relação a w 5 aproximadamente igual a 0,082167041",
    ),
    (r"\mathrm{net}_{h1} = w_{1} \cdot i_{1} + b_{1} \cdot 1", "net h 1 igual a w 1 vezes i 1 mais b 1 vezes 1"),
    (
        r"\mathrm{out}_{h1} = \frac{1}{1 + e^{-\mathrm{net}_{h1}}}",
        "out h 1 igual a fração 1 sobre 1 mais e elevado a menos net h 1, fim da fração",
    ),
    (r"1 + e^{-0{,}3775}", "1 mais e elevado a menos 0,3775"),
    (
        r"\frac{1}{2} \left(\mathrm{target}_{o1} - \mathrm{out}_{o1}\right)^{2}",
        "um meio abre parênteses target o 1 menos out o 1 fecha parênteses ao quadrado",
    ),
    (r"\sum_{i=1}^{n} w_{i} \cdot x_{i} + b", "somatório de i igual a 1 até n de w i vezes x i mais b"),
    (r"\sum_{k} \delta_{k} \cdot w_{kj}", "somatório em k de delta k vezes w k j"),
    (r"w_{5}^{+} = w_{5} - \eta", "w 5 mais igual a w 5 menos eta"),
    (r"-0{,}019049118^{\dagger}", "menos 0,019049118 adaga"),
    (r"0{,}5 \cdot \left(-0{,}0226\right)", "0,5 vezes menos 0,0226"),
    (r"\frac{d \mathrm{out}}{d \mathrm{net}}", "derivada de out em relação a net"),
    (
        r"\begin{cases} \mathrm{net} & \text{se } \mathrm{net} > 0 \\ 0 & \text{caso contrário} \end{cases}",
        "abre chaves net se net maior que 0; 0 caso contrário",
    ),
    (
        r"\begin{pmatrix} 0{,}15 & 0{,}2 \\ 0{,}25 & 0{,}3 \end{pmatrix}",
        "abre parênteses matriz 2 por 2 com 0,15, 0,2; 0,25, 0,3, fim da matriz, fecha parênteses",
    ),
    (r"\boldsymbol{\delta}_{n}^{\top}", "delta n transposta"),
    (r"\mathrm{net}_{h1,2}", "net h 1, 2"),
    (r"\sqrt{s} + \epsilon", "raiz quadrada de s, fim da raiz, mais épsilon"),
    (r"\sigma'(x)", "sigma linha de x"),
]


@pytest.mark.parametrize(("latex", "words"), SPOKEN)
def test_a_formula_is_read_as_a_teacher_reads_it(latex: str, words: str) -> None:
    assert speak(parse(CONVERT(latex, displaystyle=True))) == words


@pytest.mark.parametrize(("latex", "words"), PORTUGUESE)
def test_a_formula_is_read_in_portuguese(latex: str, words: str) -> None:
    assert speak(parse(mathml(latex, display=True)), "pt-BR") == words


def test_every_language_has_all_words() -> None:
    for language, words in WORDS.items():
        assert set(words) == set(WORDS["en"]), language


def test_a_language_without_words_is_read_in_english() -> None:
    assert speak(parse("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>"), "xx-YY") == "x equals 1"


def test_a_german_handout_is_read_in_german() -> None:
    formula = parse(CONVERT(r"\frac{\partial E}{\partial w_5} = 0{,}5", displaystyle=True))
    assert speak(formula, "de-AT").startswith("die partielle Ableitung von E nach w 5 gleich 0")


SPANISH = [
    (
        r"\frac{\partial E_{\mathrm{total}}}{\partial w_{5}} \approx 0{,}082167041",
        "la derivada parcial de E total respecto de w 5 aproximadamente igual a 0,082167041",
    ),
    (r"\mathrm{net}_{h1} = w_{1} \cdot i_{1} + b_{1} \cdot 1", "net h 1 igual a w 1 por i 1 más b 1 por 1"),
    (
        r"\mathrm{out} = \frac{1}{1 + e^{-\mathrm{net}}}",
        "out igual a la fracción 1 sobre 1 más e elevado a menos net, fin de la fracción",
    ),
    (
        r"\frac{1}{2} \left(\mathrm{target}_{o1} - \mathrm{out}_{o1}\right)^{2}",
        "un medio abre paréntesis target o 1 menos out o 1 cierra paréntesis al cuadrado",
    ),
    (r"0{,}274811083^{\dagger}", "0,274811083 cruz"),
    (r"w_{5}^{+} = w_{5} - 0{,}5 \cdot \left(-0{,}0226\right)", "w 5 más igual a w 5 menos 0,5 por menos 0,0226"),
    (r"1 \cdot i_{1} \cdot w_{1}^{1 - 1} + 0", "1 por i 1 por w 1 elevado a 1 menos 1, más 0"),
    (r"\mathrm{net}_{h1,2}", "net h 1, 2"),
    (r"\sum_{i=1}^{n} w_{i} \cdot x_{i}", "la suma desde i igual a 1 hasta n de w i por x i"),
    (r"\sum_{k} \delta_{k} \cdot w_{kj}", "la suma sobre k de delta k por w k j"),
    (
        r"\frac{\eta}{\sqrt{s} + \epsilon} \cdot g",
        "la fracción eta sobre la raíz cuadrada de s, fin de la raíz, más épsilon, fin de la fracción, por g",
    ),
    (
        r"\begin{pmatrix} 0{,}15 & 0{,}2 \\ 0{,}25 & 0{,}3 \end{pmatrix}",
        "abre paréntesis la matriz de 2 por 2 con 0,15, 0,2; 0,25, 0,3, fin de la matriz, cierra paréntesis",
    ),
    (
        r"\begin{cases} \mathrm{net} & \text{si } \mathrm{net} > 0 \\ 0 & \text{en otro caso} \end{cases}",
        "abre llave net si net mayor que 0; 0 en otro caso",
    ),
    (r"W_{2}^{\top} \boldsymbol{\delta}_{2}", "W 2 traspuesta delta 2"),
    (
        r"\begin{aligned} \delta_{h1} &= 0{,}03 \cdot 0{,}24 \\ &\approx 0{,}0087 \end{aligned}",
        "delta h 1 igual a 0,03 por 0,24; aproximadamente igual a 0,0087",
    ),
    (r"\frac{d \mathrm{out}}{d \mathrm{net}}", "la derivada de out respecto de net"),
]


@pytest.mark.parametrize(("latex", "words"), SPANISH)
def test_a_formula_is_read_in_spanish(latex: str, words: str) -> None:
    assert speak(parse(mathml(latex, display=True)), "es") == words
