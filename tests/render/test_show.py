"""`derive show`: pictures of formulas that line up on 80 columns, LaTeX, JSON, and colour only where it is wanted."""

import json
import os
import pty
import re
import subprocess
import sys
import unicodedata

import pytest
from oracle import FUNCTIONS
from sympy import Integer, Symbol

import derive
from derive.functions.activations import ACTIVATIONS
from derive.language.language import language
from derive.notation.elementary import entries
from derive.notation.pretty import lines_of, to_pictures
from derive.notation.trees import HALF, add, cases, e_to, fraction, ln, minus, mul, negative, power, square
from derive.render.show import RULES, render, render_json, render_latex

A, B, W1 = Symbol("a"), Symbol("b"), Symbol("w1")


def picture(expression, **values):
    return "\n".join(lines_of(term, 80) for term in to_pictures(expression, lambda name: values.get(name)))


@pytest.mark.parametrize(
    ("expression", "values", "lines"),
    [
        (fraction(A, B), {}, ["a", "─", "b"]),
        (fraction(Integer(1), add(Integer(1), e_to(negative(A)))), {}, [
            "   1", "───────", "     −a", "1 + e"]),
        (mul(HALF, square(minus(A, B))), {"a": "0.01", "b": "-2"}, ["            2", "½·(0.01 + 2)"]),
        (add(A, B), {"a": "0.01", "b": "-2"}, ["0.01", " − 2"]),
        (mul(A, Integer(-1)), {}, ["a·(−1)"]),
        (mul(W1, A), {"w1": "-0.5", "a": "3"}, ["(−0.5)·3"]),
        (A, {"a": "-0.5"}, ["−0.5"]),
        (e_to(A), {"a": "-0.5"}, [" −0.5", "e"]),
        (mul(A, ln(B)), {"a": "1.5e-9"}, ["1.5·10⁻⁹·ln(b)"]),
        (power(A, minus(Integer(2), Integer(1))), {}, [" 2 − 1", "a"]),
        (cases((A, A > 0), (B, True)), {}, ["⎧a  if a > 0", "⎨b  otherwise", "⎩"]),
        (Symbol("dE_total_dout_h1"), {}, ["∂E_total", "────────", "∂out_h1"]),
        (Symbol("theta_4"), {}, ["θ_4"]),
    ],
)  # fmt: skip
def test_a_formula_is_drawn_as_it_is_written(expression, values, lines):
    assert picture(expression, **values).splitlines() == lines


def test_the_words_of_cases_are_those_of_the_language():
    drawn = to_pictures(cases((A, A > 0), (B, True)), words={"if ": "se ", "otherwise": "caso contrário"}.__getitem__)
    assert "se a > 0" in lines_of(drawn[0], 80)
    assert "caso contrário" in lines_of(drawn[0], 80)


@pytest.mark.parametrize("name", derive.ready_networks())
def test_everything_fits_eighty_columns_and_relations_line_up(name):
    derivation = derive.load(name).derive()
    for quantity in derivation.graph.kinds:
        text = render(derivation.evaluation, quantity, digits=9)
        assert max(map(len, text.splitlines())) <= 80, quantity
        for block in text.split("\n\n"):
            # A formula by cases or a left side that is broken has signs of its own.
            if "if " not in block:
                assert len(set(map(relation_at, filter(relation_at, block.splitlines())))) <= 1, block


def relation_at(line):
    """The column of the first relation of a line that is indented; 0 where there is none."""
    seen = "".join(character for character in line if not unicodedata.combining(character))  # a hat has no column
    return seen.find(next((sign for sign in ("= ", "≈ ") if sign in seen), "")) if seen.startswith("    ") else 0


def test_fractions_stand_over_their_lines(article):
    assert (
        "    ∂E_total   ∂E_total   ∂out_o1   ∂net_o1\n"
        "    ──────── = ──────── · ─────── · ───────\n"
        "      ∂w5      ∂out_o1    ∂net_o1     ∂w5\n"
    ) in render(article.evaluation, "w5", digits=9)


def test_numbers_are_the_derivations(article):
    text = render(article.evaluation, "out_o1", digits=12)
    net = 1.10590596705943
    assert f"≈ {FUNCTIONS['logistic'][0](net):.12f}" in text


def test_in_portuguese_numbers_have_a_decimal_comma(article):
    text = render(article.evaluation, "out_h1", digits=9, language=language("pt-BR"))
    assert "≈ 0,593269992" in text
    assert re.search(r"\d\.\d", text) is None


def test_latex_has_one_formula_a_paragraph(article):
    parts = render_latex(article.evaluation, "w5", digits=9).split("\n\n")
    assert len(parts) == 5
    assert all("$" not in part for part in parts)


def test_json_is_the_same_for_programs(article):
    entry = json.loads(render_json(article.evaluation, "w5", digits=9))
    assert (entry["name"], entry["kind"], entry["value"], entry["gradient"]) == ("w5", "weight", "0.4", "0.082167041")
    assert [factor["by"] for factor in entry["partial"]["factors"]] == ["out_o1", "net_o1", "w5"]
    delta = json.loads(render_json(article.evaluation, "delta_h1", digits=9))
    assert (delta["kind"], delta["partial"]["value"]) == ("delta", "0.008771355")
    leaf = json.loads(render_json(article.evaluation, "E_total", digits=9))
    assert leaf["formula"] == "E_o1 + E_o2"


def test_an_unknown_name_is_refused_in_every_form(article):
    for form in (render, render_latex, render_json):
        with pytest.raises(derive.InputError, match="Did you mean 'w5'"):
            form(article.evaluation, "w55", digits=9)


def shown_on_a_terminal(**settings):
    """What `derive show` prints where its output is a terminal."""
    main, other = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm", **settings}
    subprocess.run(
        [sys.executable, "-m", "derive", "show", "w5"], stdout=other, env=environment, timeout=60, check=True
    )
    os.close(other)
    text = b""
    try:
        while part := os.read(main, 65536):
            text += part
    except OSError:  # the terminal has no other end any more
        pass
    os.close(main)
    return text.decode()


def test_colour_is_for_terminals_alone_and_never_with_no_color():
    assert "\x1b[" in shown_on_a_terminal()
    assert "\x1b[" not in shown_on_a_terminal(NO_COLOR="1")
    assert "\x1b[" not in shown_on_a_terminal(TERM="dumb")
    piped = subprocess.run([sys.executable, "-m", "derive", "show", "w5"], capture_output=True, timeout=60, check=True)
    assert b"\x1b[" not in piped.stdout


@pytest.mark.parametrize("code", ["en", "es", "pt-BR"])
def test_every_rule_has_a_name_in_words(code):
    names = [
        language(code).say(RULES[name]) for name in (*ACTIVATIONS, *(entry.rule for entry in entries() if entry.rule))
    ]
    assert not [name for name in names if "_" in name or name in ("logistic", "relu", "tanh")]
