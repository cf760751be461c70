"""Rounding by hand, as a student with a calculator does it, and the mark on lines whose numbers do not add up."""

import dataclasses
import re
from decimal import ROUND_HALF_UP, Decimal, getcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from oracle import networks
from ready import UNLAYERED

import derive
from derive.api.handout import Handout
from derive.cli.main import main
from derive.lines.scalar import Formulas
from derive.numbers import number
from derive.numbers.number import Number

getcontext().prec = 60


def rounded(value, digits=9):
    """As a calculator with so many decimals shows it."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def logistic(net):
    return 1 / (1 + (-net).exp())


@pytest.mark.parametrize("digits", [2, 3, 4, 6, 9, 12, 20])
def test_by_hand_is_what_a_calculator_gives_with_every_result_written_down(article, digits):
    """The article's walk with Decimal: each result is rounded where the article writes one down."""

    def note(value):
        return rounded(value, digits)

    hand = article.by_hand(digits)
    i1, i2, b1, b2, rate = map(Decimal, ("0.05", "0.10", "0.35", "0.60", "0.5"))
    i1, i2 = note(i1), note(i2)
    w = {k: note(Decimal(v)) for k, v in enumerate((".15", ".20", ".25", ".30", ".40", ".45", ".50", ".55"), start=1)}
    net_h = [note(w[1] * i1 + w[2] * i2 + b1), note(w[3] * i1 + w[4] * i2 + b1)]
    out_h = [note(logistic(net)) for net in net_h]
    net_o = [note(w[5] * out_h[0] + w[6] * out_h[1] + b2), note(w[7] * out_h[0] + w[8] * out_h[1] + b2)]
    out_o = [note(logistic(net)) for net in net_o]
    target = [Decimal("0.01"), Decimal("0.99")]
    errors = [note((t - o) ** 2 / 2) for t, o in zip(target, out_o, strict=True)]
    delta_o = [note(-(t - o) * o * (1 - o)) for t, o in zip(target, out_o, strict=True)]
    ways = [[note(delta_o[0] * w[5]), note(delta_o[1] * w[7])], [note(delta_o[0] * w[6]), note(delta_o[1] * w[8])]]
    back = [note(sum(way)) for way in ways]
    delta_h = [note(b * o * (1 - o)) for b, o in zip(back, out_h, strict=True)]
    slopes = [delta_h[0] * i1, delta_h[0] * i2, delta_h[1] * i1, delta_h[1] * i2]
    slopes += [delta_o[0] * out_h[0], delta_o[0] * out_h[1], delta_o[1] * out_h[0], delta_o[1] * out_h[1]]
    quantities = {
        **{f"net_h{k + 1}": v for k, v in enumerate(net_h)},
        **{f"out_h{k + 1}": v for k, v in enumerate(out_h)},
        **{f"net_o{k + 1}": v for k, v in enumerate(net_o)},
        **{f"out_o{k + 1}": v for k, v in enumerate(out_o)},
        **{f"E_o{k + 1}": v for k, v in enumerate(errors)},
        "E_total": note(sum(errors)),
    }
    for name, value in quantities.items():
        assert Decimal(hand.evaluation.quantity(name).decimal(digits)) == value, name
    for k in (0, 1):
        assert Decimal(hand[f"delta_o{k + 1}"].decimal(digits)) == delta_o[k]
        assert Decimal(hand[f"out_h{k + 1}"].decimal(digits)) == back[k]
        assert [Decimal(path.value.decimal(digits)) for path in hand[f"out_h{k + 1}"].paths] == ways[k]
        assert Decimal(hand[f"delta_h{k + 1}"].decimal(digits)) == delta_h[k]
    for k, slope in enumerate(slopes, start=1):
        assert Decimal(hand[f"w{k}"].decimal(digits)) == note(slope), k
        assert Decimal(hand.evaluation.updated(f"w{k}").decimal(digits)) == note(w[k] - rate * note(slope)), k


def test_by_hand_finds_the_slip_of_the_article_and_exact_does_not(article):
    text = article.handout(rounding="by-hand").markdown
    assert r"\approx -0.019049119" in text
    assert "-0.019049118" not in text
    assert "-0.019049119" not in article.handout().markdown


def test_with_several_samples_and_an_optimizer_every_result_is_carried_on_rounded():
    network = derive.Network(
        [derive.Layer([[0.7]], activation="identity")],
        [derive.Sample([0.3], [1]), derive.Sample([0.7], [0])],
        optimizer=derive.Optimizer("momentum", momentum=0.9),
    )
    hand = network.derive().by_hand(2)
    # out .21 and .49; errors ½·.79² = .31205, ½·.49² = .12005; partials −.79·.3 = −.237, .49·.7 = .343.
    assert [hand.evaluation.quantity("out_o1", k).decimal(2) for k in (0, 1)] == ["0.21", "0.49"]
    assert [value.decimal(2) for value in hand.error.samples] == ["0.31", "0.12"]
    assert hand.error.value.decimal(2) == "0.22"  # (.31 + .12) / 2 = .215
    assert hand.gradients["w1"].decimal(2) == "0.05"  # (−.24 + .34) / 2
    assert hand.evaluation.updated("w1").decimal(3) == "0.68"  # .7 − round(.5 · .05) = .7 − .025 → .675


def test_sequential_updates_go_on_with_the_rounded_new_weights(sequential):
    hand = sequential.by_hand(3)
    # δ_o1 = .139 → w5+ = .4 − .5·round(.139·.593) = .4 − .5·.082 = .359
    assert hand.evaluation.updated("w5").decimal(3) == "0.359"
    new, old = (Decimal(hand.evaluation.updated(w).decimal(3)) for w in ("w5", "w7"))
    deltas = [Decimal(hand[f"delta_o{k}"].decimal(3)) for k in (1, 2)]
    late = rounded(rounded(deltas[0] * new, 3) + rounded(deltas[1] * old, 3), 3)
    assert Decimal(hand.evaluation.partial_used("out_h1").decimal(3)) == late


# The mark.

TERM = re.compile(r"(?:\\left\()?(-?\d+(?:\.\d+)?)(?: \\cdot 10\^\{(-?\d+)\})?(?:\\right\))?")
SUM_LINE = re.compile(
    r"&(?:=|\\approx) (?P<numbers>[-\d.]+(?: (?:\+|-|\\cdot) (?:[-\d.]+|\\left\([-\d.]+\\right\)))+) "
    r"(?:\\\\ &)?(?:=|\\approx) (?P<result>-?[\d.]+)(?P<mark>\^\{\\dagger\})?"
)


def reckoned(text):
    """The value of numbers joined by +, − and ·, as a reader calculates it."""
    total = Fraction(0)
    for sign, product in re.findall(r"(^| \+ | - )((?:(?! \+ | - ).)+)", text):
        value = Fraction(1)
        for factor in product.split(r" \cdot "):
            value *= Fraction(factor.replace(r"\left(", "").replace(r"\right)", ""))
        total += -value if sign == " - " else value
    return total


@pytest.mark.parametrize("name", derive.ready_networks())
def test_sums_and_products_carry_the_mark_where_they_do_not_add_up_and_nowhere_else(name):
    seen = set()
    for match in SUM_LINE.finditer(derive.load(name).derive().handout(detail="full").markdown):
        digits = len(match["result"].partition(".")[2])
        value = reckoned(match["numbers"])
        again = rounded(Decimal(value.numerator) / value.denominator, digits)
        assert (again != Decimal(match["result"])) == bool(match["mark"]), match[0]
        seen.add(bool(match["mark"]))
    assert False in seen or name in UNLAYERED  # a small computation has no such sum


def test_the_line_of_the_issue_is_marked(article):
    text = article.handout().markdown
    assert r"0.055399425 - 0.019049118 \\ &\approx 0.036350306^{\dagger}" in text
    assert text.count("### The dagger") == 1
    assert "[dagger](#the-dagger)" in text


def test_without_a_marked_line_there_is_no_footnote():
    network = derive.Network([derive.Layer([[0.5]], activation="identity")], [derive.Sample([1], [2])])
    text = network.derive().handout().markdown
    assert "dagger" not in text


def test_an_exact_value_without_its_last_zeros_is_the_same_number(article):
    """−(0.01 − 0.751365070) is exactly 0.74136507, printed as 0.741365070: no mark."""
    formulas = Formulas(article.evaluation, 9)
    assert "dagger" not in formulas.local(article["out_o1"].paths[0].local)


@settings(max_examples=15, deadline=None)
@given(networks())
def test_by_hand_every_line_gives_its_result(network):
    """By hand the printed numbers of a line always give the printed result: only a second way to a value is marked."""
    hand = network.derive().by_hand(6)
    formulas = Formulas(hand.evaluation, 6)
    for equation in hand.graph.equations:
        assert "dagger" not in formulas.equation(equation.name)
    for name, partial in hand.partials.items():
        if hand.graph.kinds[name] == "net":
            assert "dagger" not in formulas.delta(partial)
        elif len(partial.paths) > 1 and hand.graph.kinds[name] == "out":
            assert "dagger" not in formulas.total(partial)
    for line in formulas.updates([name for name in hand.parameters if name in hand.graph.trained]):
        assert "dagger" not in line


def test_matrix_entries_are_marked_by_what_the_printed_matrices_give(article):
    """−0.038098 · 0.593270 = −0.0226024: the printed entry is −0.022603."""
    text = article.handout(form="matrix").markdown
    assert r"-0.022603^{\dagger}" in text
    assert r"0.082167 & 0.082668 \\" in text


@pytest.mark.parametrize("name", derive.ready_networks())
@pytest.mark.parametrize("form", ["scalar", "matrix"])
def test_every_ready_network_by_hand(name, form):
    handout = derive.load(name).derive().handout(rounding="by-hand", form=form, digits=6)
    assert "rounded as you would with a pocket calculator: every number is rounded to 6 decimals" in handout.markdown
    assert "nan" not in handout.markdown.lower().replace("finance", "")


def test_a_number_by_hand_is_the_rounded_one(article):
    value = article.by_hand(3).evaluation.quantity("out_h1")
    assert isinstance(value, Number)
    assert (float(value), value.exact, value.decimal(9), value.decimal(2)) == (
        0.593,
        Fraction(593, 1000),
        "0.593",
        "0.59",
    )
    assert not value.is_exact(3)


@pytest.mark.parametrize("digits", [0, 21, 2.5, True])
def test_digits_by_hand_have_their_range(article, digits):
    with pytest.raises(derive.InputError, match="expected a whole number from 1 to 20"):
        article.by_hand(digits)


def test_an_unknown_rounding_is_refused(article):
    with pytest.raises(derive.InputError, match="rounding: found 'by head'; expected one of exact, by-hand"):
        Handout(article, rounding="by head")


def test_where_rounding_leaves_nothing_to_take_the_logarithm_of():
    network = derive.Network([derive.Layer([[9]])], [derive.Sample([1], [1])], error="binary_cross_entropy")
    with pytest.raises(derive.InputError, match="rounded by hand to 2 decimals"):
        network.derive().by_hand(2).error.value.decimal(2)


def test_where_the_squares_of_gradients_are_lost_significant_digits_are_pointed_to():
    optimizer = derive.Optimizer("adam")
    network = derive.Network([derive.Layer([[0.5]])], [derive.Sample([0.01], [1])], optimizer=optimizer, iterations=0)
    with pytest.raises(derive.InputError, match="4 decimals, the square of a gradient and epsilon become 0, and adam"):
        network.derive().by_hand(4).evaluation.updated("w1")
    assert "becomes 0 here" not in network.derive().handout(rounding="significant", digits=4, language="en").markdown
    # At 8 decimals epsilon is kept, but 0.001 · 0.0009² is not.
    text = network.derive().handout(rounding="by-hand", digits=8, language="en").markdown
    assert "At 8 decimals, the square of a gradient becomes 0 here" in text
    assert "Rounding to significant digits keeps such squares." in text


def test_on_the_command_line(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["derive", "show", "out_h1", "--rounding", "by-hand"])
    main()
    by_hand = capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["derive", "show", "out_h1"])
    main()
    exact = capsys.readouterr().out
    assert "≈ −0.019049119\n" in by_hand
    assert "Rounded by hand: every result has 9 decimals" in by_hand
    assert "≈ −0.019049118†" in exact
    assert "† The printed numbers of this equation are rounded" in exact


PRODUCT_LINE = re.compile(
    r"&(?:=|\\approx) (?P<numbers>-?[\d.]+(?: \\cdot (?:-?[\d.]+|\\left\(-?[\d.]+\\right\)))+) "
    r"(?:\\\\ &)?(?P<relation>=|\\approx) (?P<result>-?[\d.]+)"
)


@pytest.mark.parametrize(("name", "digits"), [("xor", 1), ("xor", 3), ("xor", 9), ("softmax_classifier", 9)])
def test_by_hand_an_equals_sign_stands_before_exact_results_alone(name, digits):
    """0.214 · 0.961 · 1 is 0.205654: ≈ 0.206, however exact another way to the same quantity may be."""
    text = derive.load(name).derive().handout(rounding="by-hand", digits=digits, detail="full").markdown
    lines = list(PRODUCT_LINE.finditer(text))
    assert lines
    for match in lines:
        exact = reckoned(match["numbers"]) == Fraction(match["result"])
        assert (match["relation"] == "=") == exact, match[0]


def test_a_dagger_does_not_hide_a_wrong_number(article, monkeypatch):
    """Rounding explains one unit of the last digit; a path that counts twice is no matter of rounding."""
    right = derive.Evaluation._path
    monkeypatch.setattr(derive.Evaluation, "_path", lambda self, *given: 2 * right(self, *given))
    derivation = derive.load("article").derive()
    with pytest.raises(derive.VerificationError, match=r"the numbers of this equation, .*, do not give"):
        Formulas(derivation.evaluation, 9).path(derivation["out_h1"].paths[1])


def test_a_matrix_that_is_not_what_its_factors_give_is_refused(monkeypatch):
    from derive.lines.matrix import Matrices

    right = Matrices._weights
    monkeypatch.setattr(Matrices, "_weights", lambda self, layer: right(self, turned(layer)))
    with pytest.raises(derive.VerificationError, match="the matrices of this equation do not give"):
        assert derive.load("article").derive().handout(form="matrix").markdown


def turned(layer):
    return dataclasses.replace(layer, neurons=layer.neurons[::-1])


def test_a_printed_digit_is_held_against_its_value_once_more(article, monkeypatch):
    right = number.round_exact

    def wrong(value, digits):
        rounded = right(value, digits)
        return dataclasses.replace(rounded, text=rounded.text.replace("0.593269992", "0.593269993"))

    monkeypatch.setattr("derive.numbers.number.round_exact", wrong)
    with pytest.raises(derive.VerificationError, match=r"0\.593269993 is printed for"):
        article.evaluation.quantity("out_h1").decimal(9)


def test_a_negative_number_behind_a_minus_has_parentheses():
    handout = derive.load("softmax_classifier").derive().handout(rounding="by-hand", detail="full")
    assert "--" not in re.sub(r"\|-+:?\|[-:|]*|---+", "", handout.markdown)


@pytest.mark.parametrize("name", ["article", "article_trained_biases", "two_hidden_layers"])
def test_by_hand_an_update_is_what_its_printed_numbers_are(name):
    """The gradient that an update goes on with is the rounded one: nothing in the line stands for another number."""
    derivation = derive.load(name).derive().by_hand(5)
    text = derivation.handout().markdown
    updates = re.findall(r"[wb]_\{?\w+\}?\^\{\+\} &(=|\\approx) (-?[\d.]+ [-+] |\\left)", text)
    assert updates
    assert {relation for relation, _ in updates} == {"="}
