"""A long sum shows the terms that carry its value: read from the LaTeX and calculated again in NumPy."""

import itertools
import random
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive.lines.scalar import Formulas

DIGITS = 9
CLOSE = 1e-6


def wide(seed, *, error="cross_entropy"):
    """A network whose sums are long, its arrays, its input and the number of its true class."""
    draw = random.Random(seed)
    sizes = [draw.randint(10, 14), draw.randint(10, 13), draw.randint(10, 16)]
    weights = [
        [[draw.randint(-99, 99) / 100 for _ in range(inputs)] for _ in range(size)]
        for inputs, size in itertools.pairwise(sizes)
    ]
    biases = [[draw.randint(-99, 99) / 100 for _ in range(size)] for size in sizes[1:]]
    inputs = [draw.randint(-99, 99) / 100 for _ in range(sizes[0])]
    true = draw.randrange(sizes[2])
    last = "softmax" if error == "cross_entropy" else "logistic"
    layers = [derive.Layer(w, bias=b, activation=f) for w, b, f in zip(weights, biases, ("tanh", last), strict=True)]
    target = [int(place == true) for place in range(sizes[2])]
    network = derive.Network(layers, [derive.Sample(inputs, target)], error=error)
    return network, [np.array(w) for w in weights], [np.array(b) for b in biases], np.array(inputs), true


def top_level(latex, pattern):
    """The parts of a formula between the signs that match, outside braces and parentheses, each behind its sign."""
    parts, start, depth, sign, place = [], 0, 0, "", 0
    while place < len(latex):
        depth += latex[place] in "{(" or -(latex[place] in "})")
        found = re.compile(pattern).match(latex, place) if depth == 0 else None
        if found:
            parts.append((sign, latex[start:place].strip()))
            sign, start, place = found[0].strip(), found.end(), found.end()
        else:
            place += 1
    return [*parts, (sign, latex[start:].strip())]


def sides(display):
    """The right sides of a display, each as terms with their signs."""
    line = re.sub(r"\\(begin|end)\{aligned\}|\\quad \{\}|&|\\\\", "", str(display)).replace("^{\\dagger}", "")
    rights = top_level(line, r"=|\\approx ")[1:]
    return [
        [("-" if text.startswith("-") else sign or "+", text.lstrip("-")) for sign, text in top_level(right, r" [+-] ")]
        for right in (re.sub(r"\s+", " ", right) for _, right in rights)
    ]


def number(term):
    """The value of a term: a product of decimals, some with a power of ten."""
    sign, text = term
    factors = re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", text.replace(r"\left(", "").replace(r"\right)", ""))
    return (-1 if sign == "-" else 1) * np.prod([float(factor) for factor in factors.split(r" \cdot ")])


def check(display, terms, shown_at_least, place_of):
    """Compare a printed sum with all of its terms, which were calculated apart."""
    *formulas, numbers, result = sides(display)
    for formula in formulas:
        assert [text == r"\cdots" for _, text in formula] == [text == r"\cdots" for _, text in numbers]
    # A sum that prints the same value as its formula in names has no side of its own for it.
    places = [None if text == r"\cdots" else place_of(text) for _, text in formulas[0]]
    shown = [place for place in places if place is not None]
    assert {0, len(terms) - 1, int(np.argmax(np.abs(terms))), *shown_at_least} <= set(shown)
    assert shown == sorted(set(shown))
    assert len(shown) < len(terms)
    for index, place in enumerate(places):
        if place is None:
            assert places[index + 1] - places[index - 1] > 2  # dots are no shorter than one term
        elif index and places[index - 1] is not None:
            assert place == places[index - 1] + 1
    for place, term in zip(places, numbers, strict=True):
        assert place is None or number(term) == pytest.approx(terms[place], abs=CLOSE)
    hidden = sum(terms[place] for place in range(len(terms)) if place not in shown)
    (value,) = result
    total = sum(number(term) for place, term in zip(places, numbers, strict=True) if place is not None) + hidden
    assert number(value) == pytest.approx(total, abs=CLOSE)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["cross_entropy", "binary_cross_entropy", "half_squared_error"]))
def test_a_cut_sum_shows_what_carries_its_value(seed, error):
    network, (w1, w2), (b1, b2), x, true = wide(seed, error=error)
    derivation = network.derive()
    formulas = Formulas(derivation.evaluation, DIGITS)
    hidden = np.tanh(w1 @ x + b1)
    net = w2 @ hidden + b2
    target = (np.arange(len(net)) == true).astype(float)
    if error == "cross_entropy":
        out = np.exp(net) / np.exp(net).sum()
        errors, delta = -target * np.log(out), out - target
    else:
        out = 1 / (1 + np.exp(-net))
        if error == "binary_cross_entropy":
            errors, delta = -target * np.log(out) - (1 - target) * np.log(1 - out), out - target
        else:
            errors, delta = (target - out) ** 2 / 2, (out - target) * out * (1 - out)

    def output_of(text):
        return int(re.search(r"o(\d+)\}", text)[1]) - 1

    def signal_of(text):
        found = re.search(r"i_\{(\d+)\}", text)
        return int(found[1]) - 1 if found else len(x)

    check(formulas.equation(derivation.graph.objective), errors, {true}, output_of)
    check(formulas.total(derivation["out_h3"]), delta * w2[:, 2], {true}, output_of)
    check(formulas.equation("net_h2"), np.append(w1[1] * x, b1[1]), set(), signal_of)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6))
def test_dots_stand_behind_the_sign_of_the_terms_that_they_stand_for(seed):
    """The error of a softmax subtracts every term; a delta of it all but one, which is shown."""
    network, *_, true = wide(seed)
    derivation = network.derive()
    formulas = Formulas(derivation.evaluation, 4)
    (terms,) = sides(formulas.whole_error())
    assert {sign for sign, _ in terms} == {"-"}
    assert any(rf"target}}_{{o{true + 1}}}" in text for _, text in terms)
    for own in (1, 5):
        *_, symbols, _, _ = sides(formulas.delta(derivation[f"delta_o{own}"]))
        assert [sign for sign, text in symbols if r"\left(1 - " in text] == ["+"]
        assert {sign for sign, text in symbols if r"\left(1 - " not in text} == {"-"}


def test_by_hand_and_in_a_handout_the_true_class_is_shown():
    network, *_, true = wide(5)
    for rounding in ("exact", "by-hand"):
        text = network.derive().handout(rounding=rounding, digits=5).markdown
        assert re.search(
            rf"E_\{{\\mathrm\{{total\}}\}} &= E_\{{o1\}} [^=]*E_\{{o{true + 1}\}} [^=]*\\cdots|"
            rf"E_\{{\\mathrm\{{total\}}\}} &= E_\{{o1\}} [^=]*\\cdots[^=]*E_\{{o{true + 1}\}}",
            text,
        )
        assert not re.search(r"approx 0(\.0*)? \+ 0(\.0*)?( \+ 0(\.0*)?)* \+ \\cdots( \+ 0(\.0*)?)+ ", text)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("error", ["cross_entropy", "half_squared_error"])
def test_the_paths_that_are_worked_out_are_those_that_carry_the_sum(seed, error):
    network, (w1, w2), (b1, b2), x, true = wide(seed, error=error)
    derivation = network.derive()
    hidden = np.tanh(w1 @ x + b1)
    net = w2 @ hidden + b2
    target = (np.arange(len(net)) == true).astype(float)
    softmax, logistic = np.exp(net) / np.exp(net).sum(), 1 / (1 + np.exp(-net))
    delta = softmax - target if error == "cross_entropy" else (logistic - target) * logistic * (1 - logistic)
    partial = derivation["out_h3"]
    found = Formulas(derivation.evaluation, DIGITS).shown_paths(partial)
    places = [None if path is None else partial.paths.index(path) for path in found]
    shown = [place for place in places if place is not None]
    assert {0, len(net) - 1, int(np.argmax(np.abs(delta * w2[:, 2]))), true} <= set(shown)
    assert shown == sorted(set(shown))
    gaps = [before for before, after in itertools.pairwise(shown) if after > before + 1]
    assert [before for before, after in itertools.pairwise(places) if after is None] == gaps
    assert (None in places) == (len(shown) < len(net))
