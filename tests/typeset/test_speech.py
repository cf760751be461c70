"""Formulas in words: what a teacher says aloud, written down by ear in each language."""

from __future__ import annotations

import re

import math_core
import pytest

from derive.notation.mathml import mathml
from derive.typeset.mathml import parse
from derive.typeset.speech import speak
from derive.typeset.words import WORDS

CONVERT = math_core.LatexToMathML(pretty_print="never").convert_with_local_state
LANGUAGES = ("en", "es", "pt-BR")

# LaTeX with a decimal point, and its words in each of LANGUAGES.
SPOKEN = [
    (r"w_{5}", "w 5", "w 5", "w 5"),
    (r"-0.5", "minus 0.5", "menos 0,5", "menos 0,5"),
    (
        r"\frac{\partial E_{\mathrm{total}}}{\partial w_{5}} \approx 0.082167041",
        "the partial derivative of E total with respect to w 5 is approximately 0.082167041",
        "la derivada parcial de E total respecto de w 5 es aproximadamente igual a 0,082167041",
        "a derivada parcial de E total em relação a w 5 é aproximadamente igual a 0,082167041",
    ),
    (
        r"\mathrm{net}_{h1} = w_{1} \cdot i_{1} + b_{1} \cdot 1",
        "net h 1 equals w 1 times i 1 plus b 1 times 1",
        "net h 1 es igual a w 1 por i 1 más b 1 por 1",
        "net h 1 é igual a w 1 vezes i 1 mais b 1 vezes 1",
    ),
    (
        r"0.9 \cdot 1 + \left(-0.6\right) \cdot 1",
        "0.9 times 1 plus minus 0.6 times 1",
        "0,9 por 1 más menos 0,6 por 1",
        "0,9 vezes 1 mais menos 0,6 vezes 1",
    ),
    (
        r"\mathrm{out}_{h1} = \frac{1}{1 + e^{-\mathrm{net}_{h1}}}",
        "out h 1 equals the fraction 1 over 1 plus e to the power minus net h 1, end of fraction",
        "out h 1 es igual a la fracción 1 sobre 1 más e elevado a menos net h 1, fin de la fracción",
        "out h 1 é igual à fração 1 sobre 1 mais e elevado a menos net h 1, fim da fração",
    ),
    (
        r"\begin{aligned} a &= \frac{1}{1 + x} \\ &= 0.5 \end{aligned}",
        "a equals the fraction 1 over 1 plus x, end of fraction; equals 0.5",
        "a es igual a la fracción 1 sobre 1 más x, fin de la fracción; es igual a 0,5",
        "a é igual à fração 1 sobre 1 mais x, fim da fração; é igual a 0,5",
    ),
    (
        r"\frac{1}{2} \left(\mathrm{target}_{o1} - \mathrm{out}_{o1}\right)^{2}",
        "one half times open parenthesis target o 1 minus out o 1 close parenthesis squared",
        "un medio por abre paréntesis target o 1 menos out o 1 cierra paréntesis al cuadrado",
        "um meio vezes abre parênteses target o 1 menos out o 1 fecha parênteses ao quadrado",
    ),
    (
        r"\mathrm{out}_{o1} \left(1 - \mathrm{out}_{o1}\right)",
        "out o 1 times open parenthesis 1 minus out o 1 close parenthesis",
        "out o 1 por abre paréntesis 1 menos out o 1 cierra paréntesis",
        "out o 1 vezes abre parênteses 1 menos out o 1 fecha parênteses",
    ),
    (
        r"w^{+} = w - \eta \cdot \frac{\partial E}{\partial w}",
        "new w equals w minus eta times the partial derivative of E with respect to w",
        "nuevo w es igual a w menos eta por la derivada parcial de E respecto de w",
        "novo w é igual a w menos eta vezes a derivada parcial de E em relação a w",
    ),
    (
        r"w_{5}^{+} \approx 0.4 - 0.5 \cdot \left(-0.0226\right)",
        "new w 5 is approximately 0.4 minus 0.5 times minus 0.0226",
        "nuevo w 5 es aproximadamente igual a 0,4 menos 0,5 por menos 0,0226",
        "novo w 5 é aproximadamente igual a 0,4 menos 0,5 vezes menos 0,0226",
    ),
    (r"0.274811083^{\dagger}", "0.274811083 dagger", "0,274811083 cruz", "0,274811083 adaga"),
    (
        r"\mathrm{out} = f\left(\mathrm{net}\right)",
        "out equals f of net",
        "out es igual a f de net",
        "out é igual a f de net",
    ),
    (
        r"f\left(\sum_{i=1}^{n} w_{i} \cdot x_{i} + b\right)",
        "f of open parenthesis the sum from i equals 1 to n of w i times x i plus b close parenthesis",
        "f de abre paréntesis la suma desde i igual a 1 hasta n de w i por x i más b cierra paréntesis",
        "f de abre parênteses o somatório de i igual a 1 até n de w i vezes x i mais b fecha parênteses",
    ),
    (
        r"\sum_{k} \delta_{k} \cdot w_{kj}",
        "the sum over k of delta k times w k j",
        "la suma sobre k de delta k por w k j",
        "o somatório em k de delta k vezes w k j",
    ),
    (
        r"\mathbf{w} \cdot \mathbf{x} + b",
        "vector w dot vector x plus b",
        "vector w producto escalar con vector x más b",
        "vetor w produto escalar com vetor x mais b",
    ),
    (
        r"\mathbf{net}_{1} = W_{1} \mathbf{x} + \mathbf{b}_{1}",
        "vector net 1 equals W 1 times vector x plus vector b 1",
        "vector net 1 es igual a W 1 por vector x más vector b 1",
        "vetor net 1 é igual a W 1 vezes vetor x mais vetor b 1",
    ),
    (
        r"b_{2} \mathbf{1}",
        "b 2 times the vector of ones",
        "b 2 por el vector de unos",
        "b 2 vezes o vetor de uns",
    ),
    (
        r"\left(W_{2}^{\top} \boldsymbol{\delta}_{2}\right) \odot f_{1}'\left(\mathbf{net}_{1}\right)",
        "open parenthesis W 2 transposed times vector delta 2 close parenthesis elementwise times "
        "f 1 prime of vector net 1",
        "abre paréntesis W 2 traspuesta por vector delta 2 cierra paréntesis producto elemento a elemento por "
        "f 1 prima de vector net 1",
        "abre parênteses W 2 transposta vezes vetor delta 2 fecha parênteses vezes elemento a elemento "
        "f 1 linha de vetor net 1",
    ),
    (
        r"\boldsymbol{\delta}_{2} \, \mathbf{out}_{1}^{\top}",
        "vector delta 2 times vector out 1 transposed",
        "vector delta 2 por vector out 1 traspuesta",
        "vetor delta 2 vezes vetor out 1 transposta",
    ),
    (
        r"\mathbf{b}_{2}^{+} = \mathbf{b}_{2}",
        "new vector b 2 equals vector b 2",
        "nuevo vector b 2 es igual a vector b 2",
        "novo vetor b 2 é igual a vetor b 2",
    ),
    (
        r"\begin{pmatrix} 0.15 & -0.2 \\ 0.25 & 0.3 \end{pmatrix} \begin{pmatrix} 0.05 \\ 0.1 \end{pmatrix}",
        "the 2 by 2 matrix 0.15, minus 0.2; 0.25, 0.3, end of matrix, times the column vector 0.05, 0.1, end of vector",
        "la matriz de 2 por 2 con 0,15, menos 0,2; 0,25, 0,3, fin de la matriz, por "
        "el vector columna 0,05, 0,1, fin del vector",
        "a matriz 2 por 2 com 0,15, menos 0,2; 0,25, 0,3, fim da matriz, vezes o vetor coluna 0,05, 0,1, fim do vetor",
    ),
    (
        r"\mathbf{x}^{\top} = \begin{pmatrix} 1 & 2 \end{pmatrix}",
        "vector x transposed equals the row vector 1, 2, end of vector",
        "vector x traspuesta es igual al vector fila 1, 2, fin del vector",
        "vetor x transposta é igual ao vetor linha 1, 2, fim do vetor",
    ),
    (
        r"\frac{\partial E_{\mathrm{total}}^{(2)}}{\partial w_{1}}",
        "the partial derivative of E total of sample 2 with respect to w 1",
        "la derivada parcial de E total de la muestra 2 respecto de w 1",
        "a derivada parcial de E total da amostra 2 em relação a w 1",
    ),
    (
        r"\frac{1}{3} \left(E^{(1)} + E^{(2)}\right)",
        "one third times open parenthesis E of sample 1 plus E of sample 2 close parenthesis",
        "un tercio por abre paréntesis E de la muestra 1 más E de la muestra 2 cierra paréntesis",
        "um terço vezes abre parênteses E da amostra 1 mais E da amostra 2 fecha parênteses",
    ),
    (
        r"\partial E_{\mathrm{total}} / \partial w_{10}",
        "the partial derivative of E total with respect to w 10",
        "la derivada parcial de E total respecto de w 10",
        "a derivada parcial de E total em relação a w 10",
    ),
    (
        r"-\ln\left(\mathrm{out}_{o1}\right)",
        "minus natural log of out o 1",
        "menos el logaritmo natural de out o 1",
        "menos o logaritmo natural de out o 1",
    ),
    (
        r"\ln\left(1 - \mathrm{out}_{o1}\right)",
        "natural log of open parenthesis 1 minus out o 1 close parenthesis",
        "el logaritmo natural de abre paréntesis 1 menos out o 1 cierra paréntesis",
        "o logaritmo natural de abre parênteses 1 menos out o 1 fecha parênteses",
    ),
    (
        r"1 \cdot i_{1} \cdot w_{1}^{1 - 1} + 0",
        "1 times i 1 times w 1 to the power 1 minus 1, plus 0",
        "1 por i 1 por w 1 elevado a 1 menos 1, más 0",
        "1 vezes i 1 vezes w 1 elevado a 1 menos 1, mais 0",
    ),
    (
        r"\frac{\eta}{\sqrt{\hat{v}} + \epsilon} \cdot \hat{m}",
        "the fraction eta over the square root of v hat, end of root, plus epsilon, end of fraction, times m hat",
        "la fracción eta sobre la raíz cuadrada de v gorro, fin de la raíz, más épsilon, fin de la fracción, "
        "por m gorro",
        "a fração eta sobre a raiz quadrada de v chapéu, fim da raiz, mais épsilon, fim da fração, vezes m chapéu",
    ),
    (
        r"\frac{d \mathrm{out}}{d \mathrm{net}} = 1 - \mathrm{out}^{2}",
        "the derivative of out with respect to net equals 1 minus out squared",
        "la derivada de out respecto de net es igual a 1 menos out al cuadrado",
        "a derivada de out em relação a net é igual a 1 menos out ao quadrado",
    ),
    (
        r"\sigma'(x) < 2 \cdot 10^{-3}",
        "sigma prime of x is less than 2 times 10 to the power minus 3",
        "sigma prima de x es menor que 2 por 10 elevado a menos 3",
        "sigma linha de x é menor que 2 vezes 10 elevado a menos 3",
    ),
    (r"\mathrm{net}_{h1,2}", "net h 1, 2", "net h 1, 2", "net h 1, 2"),
    (r"\frac{a}{b}", "a over b", "a sobre b", "a sobre b"),
    (
        r"\delta_{ij} - \mathrm{out}_{j}",
        "delta i j minus out j",
        "delta i j menos out j",
        "delta i j menos out j",
    ),
]

# What words within a formula belong to one language.
TOLD = [
    (
        "en",
        r"\begin{cases} \mathrm{net} & \text{if } \mathrm{net} > 0 \\ 0 & \text{otherwise} \end{cases}",
        "open brace net if net is greater than 0; 0 otherwise",
    ),
    (
        "es",
        r"\begin{cases} \mathrm{net} & \text{si } \mathrm{net} > 0 \\ 0 & \text{en otro caso} \end{cases}",
        "abre llave net si net es mayor que 0; 0 en otro caso",
    ),
    (
        "pt-BR",
        r"\begin{cases} \mathrm{net} & \text{se } \mathrm{net} > 0 \\ 0 & \text{caso contrário} \end{cases}",
        "abre chaves net se net é maior que 0; 0 caso contrário",
    ),
    ("en", r"\underbrace{a+b}_{\text{sum}}", "a plus b, labelled sum"),
    ("en", r"a \left(b + c\right) \left(d - e\right)",
     "a times open parenthesis b plus c close parenthesis times open parenthesis d minus e close parenthesis"),
    ("en", r"\left(a + b\right)^{2} x", "open parenthesis a plus b close parenthesis squared times x"),
    ("en", r"\begin{pmatrix} 1 & 2 \end{pmatrix}^{\top} \begin{pmatrix} 3 \\ 4 \end{pmatrix}",
     "the row vector 1, 2, end of vector, transposed times the column vector 3, 4, end of vector"),
    ("en", r"\lim_{n \to 0} h(n)", "the limit over n to 0 of h of n"),
    ("en", r"h_{1} \left(1 - h_{1}\right)", "h 1 times open parenthesis 1 minus h 1 close parenthesis"),
    # Neurons and variables that are called a and o melt into no preposition.
    ("pt-BR", r"\mathrm{out} = a", "out é igual a a"),
    ("es", r"\mathrm{out} = \max\left(x\right)", "out es igual al máximo de x"),
    ("pt-BR", r"\ln\left(\frac{1}{1 + x}\right)", "o logaritmo natural da fração 1 sobre 1 mais x, fim da fração"),
]  # fmt: skip


def said(latex: str, language: str) -> str:
    written = latex if language == "en" else re.sub(r"(?<=\d)\.(?=\d)", "{,}", latex)
    return speak(parse(mathml(written, display=True)), language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("formula", SPOKEN, ids=lambda formula: formula[0][:40])
def test_a_formula_is_read_as_a_teacher_reads_it(formula: tuple[str, ...], language: str) -> None:
    latex, *words = formula
    assert said(latex, language) == words[LANGUAGES.index(language)]


@pytest.mark.parametrize(("language", "latex", "words"), TOLD)
def test_words_in_a_formula_are_read_in_its_language(language: str, latex: str, words: str) -> None:
    assert said(latex, language) == words


def test_a_display_in_a_line_of_text_is_read_alike() -> None:
    for latex, *_ in SPOKEN:
        assert speak(parse(mathml(latex, display=False))) == speak(parse(mathml(latex, display=True)))


def test_every_language_has_all_words() -> None:
    for language, words in WORDS.items():
        assert set(words) == set(WORDS["en"]), language


def test_a_language_without_words_is_read_in_english() -> None:
    assert speak(parse("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>"), "xx-YY") == "x equals 1"


def test_a_german_handout_is_read_in_german() -> None:
    formula = parse(CONVERT(r"\frac{\partial E}{\partial w_5} = 0{,}5", displaystyle=True))
    assert speak(formula, "de-AT").startswith("die partielle Ableitung von E nach w 5 gleich 0")
