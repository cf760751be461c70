"""Formulas as text, against Python's own reading of the same text, and what is refused of them."""

import re
import time
from contextlib import suppress
from fractions import Fraction

import hypothesis.strategies as st
import mpmath
import pytest
from hypothesis import given, settings

import derive
from derive.computation.formula import names_in, terms_of
from derive.notation import to_text
from derive.reading.formulas.parser import parsed_formula

VALUES = {"a": Fraction(3, 7), "b": Fraction(-5, 3), "h_1": Fraction(11, 4), "lambda": Fraction(2), "W_x": Fraction(-1)}
OPERANDS = [*VALUES, "2", "0.5", "7", "1e-2", ".25", "3."]


@st.composite
def formulas(draw: st.DrawFn, depth: int = 4) -> str:
    """Text with the precedences of a person: parentheses only where they are drawn."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(OPERANDS))
    kind = draw(st.sampled_from(["+", "-", "*", "/", "^", "()", "minus"]))
    inner = formulas(depth - 1)
    if kind == "()":
        return f"({draw(inner)})"
    if kind == "minus":
        return f"(-{draw(inner)})"
    if kind == "^":
        base = draw(st.sampled_from(OPERANDS)) if draw(st.booleans()) else f"({draw(inner)})"
        return f"{base}{draw(st.sampled_from(['^', '**', ' ^ ']))}{draw(st.sampled_from(['2', '3', '-1', '1', '(2)']))}"
    space = draw(st.sampled_from(["", " "]))
    return f"{draw(inner)}{space}{kind}{space}{draw(inner)}"


def pythons(text: str) -> Fraction | None:
    """What Python makes of it: every number a fraction, and names that are words of Python by another name."""
    numbered = re.sub(
        r"[A-Za-z_]\w*|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?",
        lambda found: f"V[{found[0]!r}]" if found[0][0].isalpha() else f"F({found[0]!r})",
        text.replace("^", "**"),
    )
    # An exponent is a whole number, which a fraction of Python's raises exactly.
    try:
        return eval(numbered, {"V": VALUES, "F": Fraction})  # a text of this test's own
    except ZeroDivisionError:
        return None


def value(text: str) -> Fraction:
    """What derive calculates: one equation, its names given."""
    tree = parsed_formula(text).tree
    given = {name: VALUES[name] for name in names_in(tree)}
    return Fraction(derive.Computation({"f": text}, values=given).derive().values["f"].decimal(60))


@given(formulas())
@settings(max_examples=150, deadline=None)
def test_a_formula_means_what_python_reads_in_it(text: str) -> None:
    expected = pythons(text)
    if expected is None or not any(name in text for name in VALUES):
        return
    found = value(text)
    assert abs(found - expected) <= Fraction(1, 10**55) * max(1, abs(expected)), text


FUNCTIONS = {
    "exp(a)": lambda x: mpmath.exp(x),
    "ln(a)": lambda x: mpmath.log(x),
    "sqrt(a + 1)": lambda x: mpmath.sqrt(x + 1),
    "abs(a - 2)": lambda x: abs(x - 2),
    "erf(a)*1": lambda x: mpmath.erf(x),
    "sin(a)": lambda x: mpmath.sin(x),
    "cos(a)": lambda x: mpmath.cos(x),
    "tan(a)": lambda x: mpmath.tan(x),
    "sinh(a)": lambda x: mpmath.sinh(x),
    "cosh(a)": lambda x: mpmath.cosh(x),
    "2*tanh(a)": lambda x: 2 * mpmath.tanh(x),
    "sigmoid(a)/2": lambda x: 1 / (1 + mpmath.exp(-x)) / 2,
    "leaky_relu(-a, 0.1)": lambda x: -x * mpmath.mpf("0.1"),
    "leaky_relu(-a)": lambda x: -x * mpmath.mpf("0.01"),
    "elu(-a, 2)": lambda x: 2 * (mpmath.exp(-x) - 1),
    "half_squared_error(2, a)": lambda x: (2 - x) ** 2 / 2,
    "huber(3, a, 0.5)": lambda x: mpmath.mpf("0.5") * (3 - x - mpmath.mpf("0.25")),
    "mean_squared_error(2, a, 4)": lambda x: (2 - x) ** 2 / 4,
}


@pytest.mark.parametrize("text", FUNCTIONS)
@mpmath.workdps(50)
def test_every_kind_of_function_has_its_value(text: str) -> None:
    x = mpmath.mpf(3) / 7
    assert abs(mpmath.mpf(value(text).numerator) / value(text).denominator - FUNCTIONS[text](x)) < mpmath.mpf(10) ** -45


WRITTEN = {
    "(W_x*h_1 - a)^2/2": ["(W_x·h_1 − a)²/2"],
    "x/2 + 1/2*(a - b)^2 - 0.1*x": ["x/2", "½(a − b)²", "−0.1·x"],
    "a/b*c": ["a/b·c"],
    "a*b*c/d": ["a·b·c/d"],
    "-a*b": ["−a·b"],
    "-a^2": ["−a²"],
    "(-a)^2": ["(−a)²"],
    "2^-3*x": ["1/2³·x"],
    "a + (b + c) - (d - e)": ["a", "b", "c", "−(d − e)"],
    "x - 2 - -3": ["x", "−2", "3"],
    "a − b·c × d": ["a", "−b·c·d"],
    "exp(-x^2/2)": ["e^(−x²/2)"],
    "lambda*w^2": ["λ·w²"],
    "sqrt(x)*x^(3/2)": ["√(x)·x^(3/2)"],
}


@pytest.mark.parametrize("text", WRITTEN)
def test_a_formula_is_printed_in_the_order_in_which_it_is_written(text: str) -> None:
    assert [to_text(term.expression) for term in terms_of(parsed_formula(text).tree)] == WRITTEN[text]


# What is refused: the formula, what the message says, and over which sign its caret stands.
REFUSED = {
    "__import__('os').system('ls')": ("the name __import__", 0),
    "a.__class__": ("'.'", 1),
    "(a).b": ("'.'", 3),
    "a[0]": ("Use round parentheses", 1),
    "[a for a in b]": ("'['", 0),
    "{a: b}": ("Use round parentheses", 0),
    "lambda a: a": ("':'", 8),
    "lambda a, b": ("found 'a'", 7),
    "exp(lambda)(x)": ("found '('", 11),
    "exp(a)(b)": ("found '('", 6),
    "exp()": ("found ')'", 4),
    "exp(a, b)": ("found 2 arguments of exp; expected 1", 0),
    "exp(*a)": ("found '*'", 4),
    "exp(**a)": ("found '^'", 4),
    "exp(x=a)": ("'='", 5),
    "(a := 3)": ("':'", 3),
    "a if b else c": ("found 'if'", 2),
    "not a": ("found 'a'", 4),
    "a and b": ("found 'and'", 2),
    "a is b": ("found 'is'", 2),
    "yield a": ("found 'a'", 6),
    "await a": ("found 'a'", 6),
    "f'{a}'": ("found", 1),
    "'a'": ("found", 0),
    '"a" "b"': ("found", 0),
    "`a`": ("'`'", 0),
    "a; b": ("';'", 1),
    "a # b": ("'#'", 2),
    "a\\\nb": ("found", 1),
    "a @ b": ("'@'", 2),
    "a % b": ("'%'", 2),
    "a // b": ("found '/'", 3),
    "a << b": ("'<'", 2),
    "a == b": ("'='", 2),
    "a | b": ("abs(x)", 2),
    "a & b": ("'&'", 2),
    "~a": ("'~'", 0),
    "a!": ("'!'", 1),
    "...": ("'.'", 0),
    "0x1F": ("found 'x1F'", 1),
    "0b11": ("found 'b11'", 1),
    "1_000*a": ("the name _000", 1),
    "3j*a": ("found 'j'", 1),
    "1e999999999*a": ("expected a number between 1e-400 and 1e400", 0),
    "1e99999999999999999999*a": ("expected a number between 1e-400 and 1e400", 0),
    "9**9**9**9": ("power of a power", 4),
    "(99^33)^30*a": ("too long", 1),
    "(9^999)^999*a": ("power above 1,000", 8),
    "(sqrt(2)^999)^999*a": ("power above 1,000", 14),
    "((a^100)^100)^100": ("power above 1,000", 9),
    "a^b": ("exp(b*ln(a))", 2),
    "2^a": ("exp(b*ln(a))", 2),
    "a^(1/3)": ("the exponent 1/3", 3),
    "a^1e400": ("the exponent 100", 2),
    "0^-1*a": ("power of 0", 3),
    "a/0": ("division by 0", 2),
    "a/(2 - 2)": ("division by 0", 3),
    "2a": ("found 'a'; expected one of + - * / ^ before it", 1),
    "a b": ("found 'b'", 2),
    "a(b)": ("Write * for a product: a*(…)", 0),
    "2(a)": ("found '('; expected one of", 1),
    "(a)(b)": ("found '('; expected one of", 3),
    "(a + b": ("not closed", 0),
    "a + b)": ("closes nothing", 5),
    "a +": ("the formula ends here", 3),
    "* a": ("found '*'", 0),
    "--a": ("found '-'", 1),
    "a, b": ("found ','", 1),
    "0,5*a": ("Write a decimal comma as a point: 0.5", 1),
    "½*a": ("Write 1/2 for it", 0),
    "a²": ("Write ^2 for it", 1),
    "√a": ("Write sqrt(x) for it", 0),
    "α*a": ("Write alpha for it", 0),
    "log(a)": ("Write ln(x) for the natural logarithm", 0),
    "logistik(a)": ("Did you mean 'logistic'", 0),
    "softmax(a, b)": ("several quantities", 0),
    "1 + softmax(a, b)": ("several quantities", 4),
    "leaky_relu(a, b)": ("a number for the slope", 14),
    "huber(a, b, -1)": ("a positive number for the delta", 13),
    "huber(a)": ("found 1 argument of huber; expected 2, or one more, its delta", 0),
    "a" * 31: ("at most 30 letters", 0),
    "a__b": ("the name a__b", 0),
    "a\x00b": ("found", 1),
    "a\x1b[31m": ("found", 1),
    "а*b": ("found", 0),  # a Cyrillic letter
    "": ("the formula ends here", 0),
    "   ": ("the formula ends here", 0),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_formula_is_refused_with_one_sentence_and_a_caret(text: str) -> None:
    says, place = REFUSED[text]
    with pytest.raises(derive.InputError) as caught:
        parsed_formula(text)
    sentence, line, caret = str(caught.value).rsplit("\n", 2)
    assert says in sentence
    assert "\n" not in sentence
    assert len(line) == len(text) + 4
    assert line.isprintable()
    assert caret == " " * (place + 4) + "^"


LARGE = {
    "parentheses": "(" * 10**6,
    "closed parentheses": "(" * 10**6 + "a" + ")" * 10**6,
    "parentheses within what is short": "(" * 900 + "a" + ")" * 900,
    "functions in functions": "exp(" * 900 + "a" + ")" * 900,
    "a sum": "a+" * 4999 + "a",
    "signs": "-" * 9000 + "a",
    "powers": "^".join("a" * 900),
    "digits": "9" * 9999,
    "letters": "a" * 9999,
    "spaces": " " * 10**6,
    "one of a million": "+".join(["a"] * 10**6),
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_what_is_too_large_is_refused_at_once(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(derive.InputError) as caught:
        parsed_formula(text)
    assert time.perf_counter() - start < 1
    assert len(str(caught.value)) < 500


def test_the_longest_sum_that_is_taken_is_read() -> None:
    assert len(terms_of(parsed_formula("+".join(["a"] * 1000)).tree)) == 1000
    assert len(terms_of(parsed_formula("a*b*c".join(["-"] * 200)[1:-1]).tree)) == 199


@given(st.text(alphabet="ab1.()+-*/^, eE_lnxp²½\n'\"[]{}=:", max_size=25))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    with suppress(derive.InputError):
        assert terms_of(parsed_formula(text, several=True).tree)
