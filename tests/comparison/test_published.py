"""Published numbers: each verdict, each cause seeded by a calculation of the tests' own, and what a file may say."""

import dataclasses
import json
import subprocess
import sys
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle import PRECISE, networks, neuron_names

import derive
from derive.comparison.published import CONVENTION, DIFFERENT, RIGHT, WRONG

SLOPES = {
    "logistic": lambda y: y * (1 - y),
    "tanh": lambda y: 1 - y**2,
    "identity": lambda y: mpmath.mpf(1),
}
DIGITS = 60


# --- a calculation of the tests' own, by mpmath: a network's life, with either order of updates


def number(value):
    return mpmath.mpf(value.numerator) / value.denominator


def start(network):
    weights = [[[number(w) for w in row] for row in layer.weights] for layer in network.layers]
    biases = []
    for layer in network.layers:
        bias = layer.bias if isinstance(layer.bias, tuple) else [layer.bias or Fraction(0)] * len(layer.weights)
        biases.append([number(b) for b in bias])
    return weights, biases


def forward(network, weights, biases, sample):
    """The outs of every layer, the inputs first, and the nets."""
    outs, nets = [[number(v) for v in sample.inputs]], []
    for layer, rows, bias in zip(network.layers, weights, biases, strict=True):
        nets.append(
            [sum(w * x for w, x in zip(row, outs[-1], strict=True)) + b for row, b in zip(rows, bias, strict=True)]
        )
        outs.append([PRECISE[layer.activation](net) for net in nets[-1]])
    return outs, nets


def error(outs, sample):
    return sum((number(t) - o) ** 2 for t, o in zip(sample.targets, outs[-1], strict=True)) / 2


def step(network, weights, biases, order):
    """The deltas of every sample by layer, the gradients by layer, and the weights and biases after one update."""
    runs = [forward(network, weights, biases, sample)[0] for sample in network.samples]
    flows = [
        [o - number(t) for o, t in zip(outs[-1], sample.targets, strict=True)]
        for outs, sample in zip(runs, network.samples, strict=True)
    ]
    share = len(runs) if network.reduction == "mean" else 1
    rate = number(network.learning_rate)
    new_weights, new_biases, deltas, gradients = list(weights), list(biases), {}, {}
    for k in reversed(range(len(weights))):
        layer = network.layers[k]
        deltas[k] = [
            [f * SLOPES[layer.activation](y) for f, y in zip(flow, outs[k + 1], strict=True)]
            for flow, outs in zip(flows, runs, strict=True)
        ]
        gradients[k] = [
            [
                sum(delta[r] * outs[k][c] for delta, outs in zip(deltas[k], runs, strict=True)) / share
                for c in range(len(row))
            ]
            for r, row in enumerate(weights[k])
        ]
        new_weights[k] = [
            [w - rate * g for w, g in zip(row, slopes, strict=True)]
            for row, slopes in zip(weights[k], gradients[k], strict=True)
        ]
        by_bias = [sum(delta[r] for delta in deltas[k]) / share for r in range(len(biases[k]))]
        if layer.train_bias and layer.bias is not None:
            moved = by_bias if isinstance(layer.bias, tuple) else [sum(by_bias)] * len(by_bias)
            new_biases[k] = [b - rate * g for b, g in zip(biases[k], moved, strict=True)]
        back = new_weights[k] if order == "sequential" else weights[k]
        flows = [[sum(back[r][c] * d for r, d in enumerate(delta)) for c in range(layer.inputs)] for delta in deltas[k]]
    return deltas, gradients, new_weights, new_biases


def values(network, updates=0, order="simultaneous", sample=0):
    """Every quantity of a sample by name after so many updates; before any its deltas and gradients too."""
    with mpmath.workdps(DIGITS):
        weights, biases = start(network)
        for _ in range(updates):
            _, _, weights, biases = step(network, weights, biases, order)
        outs, nets = forward(network, weights, biases, network.samples[sample])
        found = {"E_total": error(outs, network.samples[sample])}
        deltas, gradients, _, _ = step(network, weights, biases, order)
        count = 0
        for k, rows in enumerate(weights):
            for r, (row, neuron) in enumerate(zip(rows, neuron_names(network, k), strict=True)):
                found |= {f"net_{neuron}": nets[k][r], f"out_{neuron}": outs[k + 1][r]}
                if not updates:
                    found[f"delta_{neuron}"] = deltas[k][sample][r]
                for c, weight in enumerate(row):
                    count += 1
                    found[f"w{count}"] = weight
                    if not updates:
                        found[f"dE_total_dw{count}"] = deltas[k][sample][r] * outs[k][c]
                        if len(network.samples) > 1:
                            found[f"dE_{network.reduction}_dw{count}"] = gradients[k][r][c]
        if len(network.samples) > 1:
            errors = [error(forward(network, weights, biases, s)[0], s) for s in network.samples]
            found[f"E_{network.reduction}"] = sum(errors) / (len(errors) if network.reduction == "mean" else 1)
        return {name: Decimal(mpmath.nstr(value, 50)) for name, value in found.items()}


def printed(value, decimals, rounding=ROUND_HALF_UP):
    with localcontext(prec=100):
        return f"{value.quantize(Decimal(1).scaleb(-decimals), rounding=rounding):f}"


def published(network, name, text, updates=0):
    section = {"after": {str(updates): {name: text}}} if updates else {"values": {name: text}}
    (row,) = derive.compare_published(network.derive(), section)
    return row


@pytest.fixture(scope="module")
def network():
    return derive.load("article")


# --- the article

PRINTED = """
0.3775 0.593269992 0.596884378 1.105905967 0.75136507 0.772928465 0.274811083 0.023560026 0.298371109 0.74136507
0.186815602 0.082167041 0.35891648 0.408666186 0.511301270 0.561370121 0.138498562 0.055399425 -0.019049119 0.036350306
0.241300709 0.05 0.000438568 0.149780716 0.19956143 0.24975114 0.29950229 0.291027924 0.0000351085 0.015912196
0.984065734
"""


def test_the_article_is_wrong_exactly_where_it_is_known_to_be(article):
    rows = [row for row in derive.compare_published(article, "article") if row.verdict != RIGHT]
    assert [(row.updates, row.name, row.printed, row.verdict, row.causes[0].kind) for row in rows] == [
        (0, "dE_o2_dout_h1", "-0.019049119", DIFFERENT, "chained rounding"),
        (1, "E_total", "0.291027924", WRONG, "update order"),
        (10_000, "E_total", "0.0000351085", WRONG, "count"),
        (10_000, "out_o1", "0.015912196", WRONG, "update order"),
        (10_000, "out_o2", "0.984065734", WRONG, "update order"),
    ]
    assert "9,999 updates" in rows[2].cause
    assert all("Sequential" in rows[place].cause for place in (1, 3, 4))
    assert [row.true for row in rows] == [
        "-0.019049118258",
        "0.291027773694",
        "0.0000351018778",
        "0.015913620444",
        "0.984064273515",
    ]


def test_every_number_that_the_article_prints_is_compared(article):
    found = {row.printed for row in derive.compare_published(article, "article")}
    assert found == set(PRINTED.split())


# --- verdicts


@pytest.mark.parametrize(
    ("name", "text", "verdict"),
    [
        ("out_h1", "0.593269992", RIGHT),  # 0.593269992107
        ("out_h1", "0.593269992107", RIGHT),
        ("out_h1", "0.6", RIGHT),
        ("out_h1", "1", RIGHT),
        ("out_h1", "5.93269992e-1", RIGHT),
        ("net_h1", "0.3775", RIGHT),
        ("net_h1", "0.37750", RIGHT),
        ("net_h1", "0.378", RIGHT),  # a tie: either neighbour
        ("net_h1", "0.377", RIGHT),
        ("net_h1", "0.376", WRONG),
        ("net_h1", "0.379", WRONG),
        ("net_h1", "0.3776", DIFFERENT),  # exactly one unit
        ("net_h1", "0.3774", DIFFERENT),
        ("net_h1", "0.3777", WRONG),
        ("net_h1", "-0.3775", WRONG),
        ("out_h1", "0.593269993", DIFFERENT),
        ("out_h1", "0.593269991", WRONG),
        ("out_h1", "0.5932699921", RIGHT),
        ("out_h1", "0.593269992108", DIFFERENT),  # …1070599
        ("E_o2", "0.023560025", DIFFERENT),  # 0.0235600255838
        ("delta_o2", "-0.03809823", DIFFERENT),  # −0.0380982365166
        ("delta_o2", "−0.03809824", RIGHT),
        ("i1", "0.05", RIGHT),
        ("w5", "0.40", RIGHT),
        ("eta", "0.5", RIGHT),
        ("target_o2", "0.99", RIGHT),
        ("w5+", "0.35891648", RIGHT),
        ("dE_o1_dnet_o1", "0.138498562", RIGHT),
        ("dE_o1_dout_o1", "0.74136507", RIGHT),
        # One unit of the last digit is everything where a single digit is printed.
        ("dE_total_dw3", "1", WRONG),  # 0.000497712735261
        ("E_total", "1", WRONG),  # 0.298371108760
        ("dE_total_dw1", "0.001", WRONG),  # 0.000438567734474
        ("dE_total_dw1", "0.000", RIGHT),
        ("dE_total_dw3", "0.000", RIGHT),
        ("E_total", "0", RIGHT),
        ("out_h1", "0", WRONG),
        ("dE_total_dw1", "0.00043", DIFFERENT),
        ("delta_h1", "0.0087", DIFFERENT),  # 0.00877135468949
    ],
)
def test_the_verdict(network, name, text, verdict):
    assert published(network, name, text).verdict == verdict


def test_the_true_digits_are_three_more_than_printed(network):
    assert published(network, "out_h1", "0.59").true == "0.59327"
    assert published(network, "out_h1", "0.593269999").true == "0.593269992107"
    assert published(network, "dE_total_dw1", "0.0004").true == "0.0004386"


def test_digits_far_beyond_floats_are_decided(network):
    with mpmath.workdps(120):
        digits = mpmath.nstr(1 / (1 + mpmath.exp(-mpmath.mpf("0.3775"))), 110)
    whole = int(Fraction(digits) * 10**80 + Fraction(1, 2))
    for units in range(-3, 4):
        distance = abs(whole + units - Fraction(digits) * 10**80)
        expected = RIGHT if distance <= Fraction(1, 2) else DIFFERENT if distance <= 1 else WRONG
        assert published(network, "out_h1", f"0.{whole + units}").verdict == expected


@settings(max_examples=30, deadline=None)
@given(net=networks(), data=st.data())
def test_what_is_rounded_correctly_is_right(net, data):
    """Every quantity, delta and gradient; one unit more or less is never right, two are wrong."""
    decimals = data.draw(st.integers(3, 14))
    true = values(net)
    rows = derive.compare_published(net.derive(), {"values": {n: printed(v, decimals) for n, v in true.items()}})
    assert {row.verdict for row in rows} == {RIGHT}
    net = net.replace(updates="simultaneous")  # sequential, a derivative may be meant by the weights before or after
    unit = Decimal(1).scaleb(-decimals)
    off = data.draw(st.sampled_from([-4, -3, -2, 2, 3, 4]))
    moved = {name: printed(value + off * unit, decimals) for name, value in true.items()}
    verdicts = {row.verdict for row in derive.compare_published(net.derive(), {"values": moved})}
    # Of many numbers that are moved together some follow from others, or are by chance what another way would give.
    assert WRONG in verdicts
    assert RIGHT not in verdicts
    for name in data.draw(st.lists(st.sampled_from(sorted(moved)), min_size=4, max_size=4)):
        is_opposite = Decimal(moved[name]) == -Decimal(printed(true[name], decimals))
        assert published(net, name, moved[name]).verdict in ({WRONG, CONVENTION} if is_opposite else {WRONG})


@settings(max_examples=20, deadline=None)
@given(net=networks(), updates=st.integers(1, 4))
def test_what_is_right_after_updates(net, updates):
    true = values(net, updates, net.updates)
    assume(max(map(abs, true.values())) < 10**30)  # what explodes has more digits than the oracle
    texts = {name: printed(value, 9) for name, value in true.items()}
    section = {"after": {updates: texts}}
    rows = derive.compare_published(net.derive(), section)
    assert {row.verdict for row in rows} == {RIGHT}, rows


# --- causes


@pytest.mark.parametrize(("name", "decimals"), [("E_o2", 9), ("E_o1", 3), ("delta_o2", 8), ("out_h1", 6), ("w5+", 8)])
def test_what_is_cut_off_is_called_so(network, name, decimals):
    true = values(network) | {"E_o2": "0.0235600255838", "E_o1": "0.274811083176", "w5+": "0.358916479718"}
    row = published(network, name, printed(Decimal(true[name]), decimals, ROUND_DOWN))
    assert (row.verdict, row.causes[0].kind) == (DIFFERENT, "cut off")
    assert f"Truncated to {decimals} decimals" in row.cause


def test_what_is_rounded_up_is_not_called_cut_off(network):
    row = published(network, "out_h1", "0.593269993")
    assert (row.verdict, row.causes) == (DIFFERENT, ())


def by_hand(decimals):
    """The article's ∂E_o2/∂out_h1 with every value rounded and carried on so, worked in decimals."""
    unit = Decimal(1).scaleb(-decimals)

    def rounded(value):
        return value.quantize(unit, ROUND_HALF_UP)

    def logistic(net):
        return rounded(1 / (1 + (-net).exp()))

    w = [None, *map(Decimal, ("0.15", "0.20", "0.25", "0.30", "0.40", "0.45", "0.50", "0.55"))]
    i1, i2, b1, b2, target = map(Decimal, ("0.05", "0.10", "0.35", "0.60", "0.99"))
    out_h1 = logistic(rounded(w[1] * i1 + w[2] * i2 + b1))
    out_h2 = logistic(rounded(w[3] * i1 + w[4] * i2 + b1))
    out_o2 = logistic(rounded(w[7] * out_h1 + w[8] * out_h2 + b2))
    delta = rounded(rounded(-(target - out_o2)) * rounded(out_o2 * (1 - out_o2)))
    return str(rounded(delta * w[7]))


@pytest.mark.parametrize("decimals", [4, 5, 6, 7, 9])
def test_chained_rounding_is_recognised(network, decimals):
    text = by_hand(decimals)
    true = values(network)["delta_o2"] * Decimal("0.5")
    row = published(network, "dE_o2_dout_h1", text)
    if text == printed(true, decimals):
        assert row.verdict == RIGHT
    else:
        assert "chained rounding" in [cause.kind for cause in row.causes]
        assert f"rounded to {decimals} decimals" in " ".join(str(cause.sentence) for cause in row.causes)


def test_chained_rounding_changes_the_article_at_nine_decimals():
    assert by_hand(9) == "-0.019049119"


SIX = {"E_total": 9, "out_o1": 9, "w1": 12}


@pytest.mark.parametrize("updates", [1, 2, 7])
@pytest.mark.parametrize(("own", "other"), [("simultaneous", "sequential"), ("sequential", "simultaneous")])
def test_the_other_order_is_recognised(network, updates, own, other):
    net = dataclasses.replace(network, updates=own)
    for name, decimals in SIX.items():
        row = published(net, name, printed(values(net, updates, other)[name], decimals), updates)
        assert (row.verdict, row.causes[0].kind) == (WRONG, "update order"), row
        assert other in row.cause.lower()


def with_biases(network, trained):
    layers = [dataclasses.replace(layer, train_bias=trained) for layer in network.layers]
    return dataclasses.replace(network, layers=layers)


@pytest.mark.parametrize("updates", [1, 2, 7])
@pytest.mark.parametrize(("own", "said"), [(False, "With the biases trained too"), (True, "With the biases kept")])
def test_biases_that_are_trained_or_kept_are_recognised(network, updates, own, said):
    other = values(with_biases(network, not own), updates)
    for name, decimals in {"E_total": 9, "out_o1": 9}.items():
        row = published(with_biases(network, own), name, printed(other[name], decimals), updates)
        assert (row.verdict, row.causes[0].kind) == (WRONG, "biases"), row
        assert said in row.cause


def test_the_articles_biases_after_one_update_of_a_blog_that_trains_them(network):
    """b1 − η · 0.0187256093947 and b2 − η · 0.100400325112: the sums of each layer's deltas."""
    for name, text in {"b1": "0.340637195", "b2": "0.549799837"}.items():
        row = published(network, name, text, 1)
        assert (row.verdict, [cause.kind for cause in row.causes]) == (WRONG, ["biases"])


@pytest.mark.parametrize("order", ["simultaneous", "sequential"])
@pytest.mark.parametrize(
    ("updates", "count"), [(1, 0), (1, 2), (5, 4), (5, 6), (5, 3), (9, 1), (20, 19), (20, 22), (20, 0)]
)
def test_another_count_is_recognised(network, updates, count, order):
    for name, decimals in SIX.items():
        row = published(network, name, printed(values(network, count, order)[name], decimals), updates)
        assert row.verdict == WRONG
        counted = f"after {count} sequential update" if order == "sequential" else f"after {count} update"
        assert (counted if count else "before any update") in row.cause
        assert row.causes[0].kind == ("count and order" if count and order == "sequential" else "count")


def test_a_gradient_through_updated_weights_is_recognised(network):
    late = values(network, 0, "sequential")
    for name in ("dE_total_dw1", "dE_total_dw4", "delta_h1"):
        row = published(network, name, printed(late[name], 9))
        assert (row.verdict, row.causes[0].kind) == (WRONG, "update order")


@pytest.mark.parametrize("name", ["dE_total_dw5", "dE_total_dw1", "dE_total_dout_h1", "dE_o2_dout_h1"])
def test_the_opposite_sign_is_recognised(article, network, name):
    true = values(network)
    true |= {"dE_total_dout_h1": Decimal("0.0363503063931"), "dE_o2_dout_h1": Decimal("-0.0190491182583")}
    row = published(network, name, printed(-true[name], 9))
    assert (row.verdict, row.causes[0].kind) == (WRONG, "sign")


def test_slips_of_a_backward_pass_are_recognised(network):
    true = values(network)
    without_slope = (true["out_o1"] - Decimal("0.01")) * true["out_h1"]
    for text, kind, word in (
        (printed(2 * true["dE_total_dw5"], 9), "factor two", "twice too large"),
        (printed(true["dE_total_dw5"] / 2, 9), "factor two", "half of what it should be"),
        (printed(without_slope, 9), "missing slope", "derivative of the activation"),
    ):
        row = published(network, "dE_total_dw5", text)
        assert (row.verdict, row.causes[0].kind) == (WRONG, kind)
        assert word in row.cause


def test_the_value_of_another_quantity_is_recognised(network):
    row = published(network, "out_h1", "0.596884378")
    assert (row.verdict, row.cause) == (WRONG, "The value of out_h2.")
    assert published(network, "out_h1", "0.77293").cause == "The value of out_o2."


def test_few_digits_are_no_ground_for_an_explanation(network):
    """0.77 is what out_o2 is, and chance as well."""
    assert published(network, "out_h1", "0.77").causes == ()


@settings(max_examples=25, deadline=None)
@given(net=networks(), seed=st.integers(0, 10**6))
def test_noise_is_wrong_and_gets_no_cause(net, seed):
    draw = np.random.default_rng(seed)
    noise = {name: f"{value + Decimal(2 + draw.random()):.9f}" for name, value in values(net).items()}
    for row in derive.compare_published(net.derive(), {"values": noise}):
        assert (row.verdict, row.causes) == (WRONG, ())


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_noise_after_updates_gets_no_cause(seed):
    draw = np.random.default_rng(seed)
    net = derive.load("article")
    for updates in (1, 3):
        noise = {n: f"{v + Decimal(2 + draw.random()):.9f}" for n, v in values(net, updates).items()}
        for row in derive.compare_published(net.derive(), {"after": {updates: noise}}):
            assert (row.verdict, row.causes) == (WRONG, ())


# --- several samples


@pytest.fixture(scope="module", params=["mean", "sum"])
def several(request, network):
    samples = (*network.samples, derive.Sample([0.7, -0.2], [0.3, 0.4]), derive.Sample([-1, 0.5], [0.9, 0.1]))
    return dataclasses.replace(network, samples=samples, reduction=request.param)


def test_samples_have_sections_of_their_own(several):
    sections = {
        "values": {n: printed(v, 9) for n, v in values(several).items()},
        "sample": {s: {n: printed(v, 9) for n, v in values(several, sample=s - 1).items()} for s in (2, 3)},
        "after": {
            n: {name: printed(v, 9) for name, v in values(several, n).items()}
            | {"sample": {2: {name: printed(v, 9) for name, v in values(several, n, sample=1).items()}}}
            for n in (1, 3)
        },
    }
    rows = derive.compare_published(several.derive(), sections)
    assert {row.verdict for row in rows} == {RIGHT}
    assert {(row.updates, row.sample) for row in rows} == {(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (3, 1), (3, 2)}


def test_a_number_of_another_sample_is_wrong(several):
    other = printed(values(several, sample=1)["out_o1"], 9)
    assert published(several, "out_o1", other).verdict == WRONG


def test_mean_and_sum_are_told_apart(several):
    taken, other = ("mean", "sum") if several.reduction == "mean" else ("sum", "mean")
    factor = 3 if taken == "mean" else Fraction(1, 3)
    true = values(several)[f"dE_{taken}_dw5"]
    row = published(several, f"dE_{taken}_dw5", printed(true * factor.numerator / factor.denominator, 9))
    assert (row.verdict, row.causes[0].kind) == (WRONG, "mean and sum")
    words = {"sum": "are summed; this network averages", "mean": "are averaged; this network sums"}
    assert words[other] in row.cause


# --- any quantity by any that it comes from


@pytest.mark.parametrize(
    ("name", "factors"),
    [
        ("dnet_o1_dw1", "0.4 0.241300708572 0.05"),
        ("dout_o1_dw1", "0.186815601809 0.4 0.241300708572 0.05"),
        ("dE_o1_dw1", "0.138498561629 0.4 0.241300708572 0.05"),
        ("dE_o2_dw1", "-0.0380982365166 0.5 0.241300708572 0.05"),
        ("dE_o1_db2", "0.138498561629"),
        ("dE_o1_dw5", "0.138498561629 0.593269992107"),
        ("dE_total_dE_o1", "1"),
    ],
)
def test_a_derivative_over_several_steps(network, name, factors):
    true = Decimal(1)
    for factor in factors.split():
        true *= Decimal(factor)
    assert published(network, name, printed(true, 9)).verdict == RIGHT
    assert published(network, name, printed(true + Decimal("1e-5"), 9)).verdict == WRONG


def test_one_output_gets_the_whole_error_however_many_paths():
    network = derive.Network(
        [derive.Layer([[0.5, 0.25], [0.75, -1]]), derive.Layer([[1, 2], [3, -4]]), derive.Layer([[2, -3]])],
        [derive.Sample([0.5, 1], [1])],
    )
    for name in ("i1", "w1", "out_h1_1", "net_h2_2", "w9"):
        assert published(network, f"dE_o1_d{name}", network.derive()[name].decimal(9)).verdict == RIGHT


# --- deeper networks


def test_parts_of_one_output_in_a_deeper_network():
    derivation = derive.load("two_hidden_layers").derive()
    path = derivation["out_h1_1"].paths[1]
    name = path.name
    assert name.startswith("dE_total_through_h2_2_d")
    assert len({path.name for path in derivation["out_h1_1"].paths}) == 2
    row = derive.compare_published(derivation, {"values": {name: path.value.decimal(9)}})[0]
    assert (row.name, row.verdict) == (name, RIGHT)


# --- files


def test_toml_json_and_a_mapping_say_the_same(article, tmp_path):
    data = {"source": "a blog", "values": {"out_h1": 0.593269992}, "after": {"1": {"w5": "0.358916480"}}}
    (tmp_path / "a.json").write_text(json.dumps(data), encoding="utf-8")
    (tmp_path / "a.toml").write_text(
        'source = "a blog"\n[values]\nout_h1 = 0.593269992\n[after.1]\nw5 = 0.358916480\n', encoding="utf-8"
    )
    found = [derive.compare_published(article, source) for source in (data, tmp_path / "a.json", tmp_path / "a.toml")]
    assert found[0] == found[1] == found[2]
    assert (found[0].source, found[0][1].printed) == ("a blog", "0.358916480")


def test_rows_are_frozen_and_show_themselves(article):
    (row,) = derive.compare_published(article, {"values": {"out_h1": np.float32(0.59327)}})
    assert str(row) == "out_h1: printed 0.59327, true 0.59326999: right."
    with pytest.raises(dataclasses.FrozenInstanceError):
        row.verdict = WRONG


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "found no numbers; expected some"),
        ("[values]", "found no numbers"),
        ("[values]\nout_h11 = 0.5", "values, out_h11: not a quantity of this network"),
        ("[values]\nout_h11 = 0.5", "Did you mean 'out_h1'?"),
        ("[values]\ndE_total_dw55 = 0.5", "Did you mean 'dE_total_dw5'?"),
        ("[values]\ndE_total_dE_o7 = 0.5", "not a quantity of this network"),
        ("[values]\nE_mean = 0.5", "not a quantity of this network"),
        ("[values]\nd = 0.5", "not a quantity of this network"),
        ("[values]\n'' = 0.5", "not a quantity of this network"),
        ("[after.1]\ndelta_o11 = 0.5", "not a quantity of this network after updates"),
        ("[values]\nout_h1 = 'much'", "values, out_h1: found the text 'much'; expected a number"),
        ("[values]\nout_h1 = '__import__(\"os\")'", "expected a number"),
        ("[values]\nout_h1 = true", "values, out_h1: found true; expected a number"),
        ("[values]\nout_h1 = [0.5]", "expected a number"),
        ("[values]\nout_h1 = 2020-01-01", "expected a number"),
        ("[values]\nout_h1 = nan", "values, out_h1: found nan; expected a finite number"),
        ("[values]\nout_h1 = -inf", "values, out_h1: found -inf; expected a finite number"),
        ("[values]\nout_h1 = 1e999999", "expected a number between"),
        ("[values]\nout_h1 = '1e99999999999999999999'", "expected a number"),
        ("[values]\nout_h1 = '1e999999'", "expected a number between"),
        (f"[values]\nout_h1 = 0.{'3' * 2000}", "at most 1,000 digits"),
        ("[values]\nout_h1 = 0.5\nout_h1 = 0.5\nout_h2 = 0.5", "line 3"),
        ("[values]\nout_h1 = 0.5\n[values]\nout_h2 = 0.5", "line 3"),
        ("[valeus]\nout_h1 = 0.5", "found the unknown section 'valeus'"),
        ("[valeus]\nout_h1 = 0.5", "Did you mean 'values'?"),
        ("out_h1 = 0.5", "found the unknown section 'out_h1'"),
        ("values = 3", "values: found 3; expected names and numbers"),
        ("[after]\nE_total = 0.5", "after.E_total: found 'E_total' updates; expected a whole number from 1"),
        ("[after.-1]\nE_total = 0.5", "after.-1: found '-1' updates"),
        ("[after.0]\nE_total = 0.5", "Values before any update belong under [values]"),
        ("[after.100000000000]\nE_total = 0.5", "expected a whole number from 1 to 10,000,000"),
        ("[after]\n1 = 0.5", "after.1: found 0.5; expected names and numbers"),
        ("[sample.2]\nout_h1 = 0.5", "sample.2: there is no such sample; use a number from 1 to 1"),
        ("[sample.x]\nout_h1 = 0.5", "sample.x: there is no such sample"),
        ("[after.1.sample.0]\nout_h1 = 0.5", "after.1.sample.0: there is no such sample"),
        ("source = 3\n[values]\nout_h1 = 0.5", "source: found 3; expected one line"),
        ('source = "a\\u001bb"\n[values]\nout_h1 = 0.5', "source: found 'a\\x1bb'; expected one line"),
        ("[values\n", "found text that is not TOML"),
        (b"[values]\nout_h1 = \xff", "found a byte that is not UTF-8"),
    ],
)
def test_what_a_file_may_not_say(article, tmp_path, content, message):
    path = tmp_path / "numbers.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(derive.InputError) as caught:
        derive.compare_published(article, path)
    assert str(caught.value).startswith("numbers.toml: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (3, "published: found 3; expected a mapping, or the path of a file"),
        ("articel", "Did you mean 'article'?"),
        ({"values": {"out_h1": Fraction(1, 3)}}, "expected a decimal number"),
        ({"values": {"out_h1": 1 + 1j}}, "expected a number"),
        ({"values": {3: 1}}, "values, 3: not a quantity of this network"),
        ({3: {}}, "found the unknown section 3"),
    ],
)
def test_what_is_no_publication(article, source, message):
    with pytest.raises(derive.InputError) as caught:
        derive.compare_published(article, source)
    assert message in str(caught.value)


def test_a_large_file_is_refused(article, tmp_path):
    path = tmp_path / "numbers.toml"
    path.write_text("[values]\nout_h1 = 0.5\n", encoding="utf-8")
    with pytest.raises(derive.UnsupportedError, match="more than 10 bytes"):
        derive.compare_published(article, path, max_bytes=10)


def test_training_that_diverges_is_said_so(network):
    net = derive.Network(
        [derive.Layer([[1]], activation="identity")], [derive.Sample([10], [3])], learning_rate=Fraction(1000)
    )
    with pytest.raises(derive.InputError, match=r"after.5000, w1: training overflows at update \d+"):
        published(net, "w1", "0.5", 5000)


# --- the command line


def check(*arguments):
    command = [sys.executable, "-m", "derive", "check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_article_on_the_command_line():
    done = check("article", "--against", "article")
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert "checked against Matt Mazur, A Step by Step Backpropagation Example (2015)" in lines
    (place,) = [number for number, line in enumerate(lines) if "0.291027924" in line]
    assert lines[place].split() == ["E_total", "0.291027924", "0.291027773694", "WRONG"]
    assert lines[place + 1].strip().startswith("Sequential updates")
    assert lines[-1] == "Right: 27, rounded differently: 1, wrong: 4."
    assert max(map(len, lines)) <= 80
    assert "agree" not in done.stdout


def test_what_is_only_rounded_differently_is_no_failure(tmp_path):
    path = tmp_path / "numbers.toml"
    path.write_text("[values]\nE_o2 = 0.023560025\n", encoding="utf-8")
    done = check("--against", path)
    assert done.returncode == 0
    assert "rounded differently\n    Truncated to 9 decimals instead of rounded." in done.stdout


def test_both_checks_run_together(tmp_path):
    path = tmp_path / "numbers.toml"
    path.write_text("[values]\nE_o2 = 0.023560026\n", encoding="utf-8")
    done = check("article", "--against", path, "--with", "numpy")
    assert done.returncode == 0
    assert "Right: 1, rounded differently: 0, wrong: 0." in done.stdout
    assert "All 10 parameters agree." in done.stdout
    path.write_text("[values]\nE_o2 = 0.5\n", encoding="utf-8")
    assert check("article", "--against", path, "--with", "numpy").returncode == 1


def test_a_wrong_file_is_one_message_and_exit_code_2(tmp_path):
    path = tmp_path / "numbers.toml"
    path.write_text("[values]\nout_h9 = 0.5\n", encoding="utf-8")
    done = check("article", "--against", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("derive: numbers.toml: values, out_h9: ")
    assert "Traceback" not in done.stderr
    assert check("article", "--against", tmp_path / "none.toml").returncode == 2


def test_the_published_numbers_are_no_ready_network():
    assert "published" not in derive.ready_networks()


@pytest.mark.parametrize("text", ["5e-324", "1e-400", "9e400", "-1e399", "0.0"])
@pytest.mark.parametrize("name", ["E_total", "out_h1", "dE_total_dw1", "w5"])
def test_a_number_beyond_what_floats_hold_is_wrong(article, name, text):
    published = {"values": {"out_o1": "0.7514"}, "after": {1: {"out_h1": "0.6"}}}
    published["after" if name == "w5" else "values"] |= (
        {1: {"w5": text, "out_h1": "0.6"}} if name == "w5" else {name: text}
    )
    place = (name, name == "w5")
    row = next(row for row in derive.compare_published(article, published) if (row.name, row.updates) == place)
    assert row.verdict == WRONG or text == "0.0"


@pytest.mark.parametrize("weight", ["1e390", "-1e309", "1e5"])
@pytest.mark.parametrize("activation", ["gelu", "identity", "logistic", "softplus", "tanh"])
def test_true_numbers_of_millions_of_digits_are_judged(activation, weight):
    """Neither what is true nor what follows is written out to be compared."""
    network = derive.Network(
        [derive.Layer([[Decimal(weight)]], activation=activation)], [derive.Sample([1], [0])], learning_rate=0.5
    )
    texts = {"out_o1": "0.123", "w1+": "0.34", "delta_o1": "-7.1", "dE_total_dw1": "12.2"}
    assert all(row.true for row in derive.compare_published(network.derive(), {"values": texts}))


def test_causes_are_looked_for_of_so_many_wrong_numbers_and_no_more(article, monkeypatch):
    monkeypatch.setattr("derive.comparison.published.comparison.MOST_EXPLAINED", 1)
    published = {"values": {"out_h1": 0.596884378, "E_o1": 0.023560026}}  # those of out_h2 and E_o2
    rows = derive.compare_published(article, published)
    assert [(row.verdict, bool(row.causes)) for row in rows] == [(WRONG, True), (WRONG, False)]
