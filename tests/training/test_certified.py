"""Printed numbers of training: certain digits against other arithmetics, and marks on the others."""

import dataclasses
import json
import math
import random
from decimal import Decimal, localcontext
from fractions import Fraction

import mpmath
import pytest
from flint import fmpq
from hypothesis import given, settings
from oracle import networks, round_half_up
from precise_training import trained

import derive
from derive import Layer, Network, Sample
from derive.language.language import ENGLISH
from derive.numbers.certainty import Reading, agreed, certain, floating
from derive.numbers.precision import at_bits
from derive.numbers.rounding import Rounding
from derive.render import terminal
from derive.training.certified import certified, states
from derive.training.code.ball_run import BallProgram


def article_by_decimals(steps, *, sequential=False):
    """The article's training as a programmer writes it, in Python's decimals."""
    with localcontext() as context:
        context.prec = 70
        w1, w2, w3, w4, w5, w6, w7, w8 = (Decimal(n) / 100 for n in (15, 20, 25, 30, 40, 45, 50, 55))
        i1, i2, b1, b2, t1, t2, eta = (Decimal(n) / 100 for n in (5, 10, 35, 60, 1, 99, 50))

        def forward():
            h1, h2 = 1 / (1 + (-w1 * i1 - w2 * i2 - b1).exp()), 1 / (1 + (-w3 * i1 - w4 * i2 - b1).exp())
            o1, o2 = 1 / (1 + (-w5 * h1 - w6 * h2 - b2).exp()), 1 / (1 + (-w7 * h1 - w8 * h2 - b2).exp())
            return h1, h2, o1, o2

        for _ in range(steps):
            h1, h2, o1, o2 = forward()
            d1, d2 = (o1 - t1) * o1 * (1 - o1), (o2 - t2) * o2 * (1 - o2)
            old = w5, w6, w7, w8
            w5, w6, w7, w8 = w5 - eta * d1 * h1, w6 - eta * d1 * h2, w7 - eta * d2 * h1, w8 - eta * d2 * h2
            v5, v6, v7, v8 = (w5, w6, w7, w8) if sequential else old
            e1, e2 = (d1 * v5 + d2 * v7) * h1 * (1 - h1), (d1 * v6 + d2 * v8) * h2 * (1 - h2)
            w1, w2, w3, w4 = w1 - eta * e1 * i1, w2 - eta * e1 * i2, w3 - eta * e2 * i1, w4 - eta * e2 * i2
        *_, o1, o2 = forward()
        error = ((t1 - o1) ** 2 + (t2 - o2) ** 2) / 2
        weights = {f"w{k}": w for k, w in enumerate((w1, w2, w3, w4, w5, w6, w7, w8), start=1)}
        return {"error": error, "o1": o1, "o2": o2, **weights}


def rounded(value, digits):
    return round_half_up(Fraction(str(value)), digits)


@pytest.mark.parametrize("updates", ["simultaneous", "sequential", "online"])
def test_the_articles_10_000_iterations_to_40_decimals(updates):
    network = dataclasses.replace(derive.load("article"), updates=updates)
    expected = article_by_decimals(10_000, sequential=updates == "sequential")
    found = network.derive().train(10_000).certified(40)
    assert found.errors[-1] == Reading(rounded(expected["error"], 40), "certain")
    assert [out.text for out in found.outs[0]] == [rounded(expected[name], 40) for name in ("o1", "o2")]
    for name in (f"w{k}" for k in range(1, 9)):
        assert found.parameters[name] == Reading(rounded(expected[name], 40), "certain")
    assert found.parameters["b1"] == Reading("0.35", "exact")


def test_the_articles_numbers_as_this_handout_corrects_them(article):
    found = states(article.evaluation, [9_999, 10_000], 13)
    assert found[9_999].error.text.startswith("0.0000351085481")
    assert found[10_000].error.text.startswith("0.00003510187")
    assert [out.text for out in found[10_000].outs[0]] == ["0.0159136204436", "0.9840642735146"]
    assert {reading.sure for state in found.values() for reading in state.all} == {"certain", "exact"}


def numbers(rows, columns, seed):
    made = random.Random(seed)
    return [[Fraction(made.randint(-100, 100), 100) for _ in range(columns)] for _ in range(rows)]


TARGETS = {"hinge": [[1, -1], [-1, 1]], "cross_entropy": [[1, 0], [Fraction(1, 4), Fraction(3, 4)]]}
ON_WEIGHTS = derive.WeightDecay(Fraction(1, 50), on="weights")
LAST = {"binary_cross_entropy": "logistic", "cross_entropy": "softmax"}


def assert_these_digits(readings, training, digits):
    """Every reading is sure, and the rounding of what mpmath finds at many more digits."""
    expected = {"error": training.error, **training.parameters}
    found = {"error": readings.error, **readings.parameters}
    for row, outs in enumerate(training.outs):
        expected |= {(row, place): out for place, out in enumerate(outs)}
        found |= {(row, place): out for place, out in enumerate(readings.outs[row])}
    assert found.keys() == expected.keys()
    for key, reading in found.items():
        # A number with a power of ten has its own last place, at least as fine in relation to its size.
        exponent = Decimal(reading.text).as_tuple().exponent
        assert reading.sure == "exact" or exponent == -digits or "e" in reading.text, key
        unit = mpmath.mpf(10) ** exponent
        most = abs(expected[key]) * mpmath.mpf(10) ** -(digits + 10) if reading.sure == "exact" else unit / 2
        assert reading.sure in ("exact", "certain"), key
        assert abs(mpmath.mpf(reading.text) - expected[key]) <= most * (1 + mpmath.mpf(10) ** -20), key


@pytest.mark.parametrize("updates", ["simultaneous", "sequential", "online"])
@pytest.mark.parametrize("error", derive.ERRORS)
@pytest.mark.parametrize("activation", derive.ACTIVATIONS)
def test_every_function_with_every_optimizer_against_mpmath(activation, error, updates):
    for place, optimizer in enumerate(derive.OPTIMIZERS):
        layers = [
            Layer(numbers(2, 2, place), bias=[None, 0.1, [0.1, 0.2]][place % 3], activation=activation),
            Layer(numbers(2, 2, place + 9), bias=[0.1, -0.2], activation=LAST.get(error, activation)),
        ]
        targets = TARGETS.get(error, [[Fraction(1, 3), 1], [0, Fraction(1, 2)]])
        network = Network(
            layers,
            [Sample([1, 0.5], targets[0]), Sample([-1, 0.5], targets[1])],
            error=error,
            optimizer=derive.Optimizer(optimizer, weight_decay=[0, Fraction(1, 100), ON_WEIGHTS][place % 3]),
            learning_rate=Fraction(1, 20),
            updates=updates,
            reduction=["mean", "sum"][place % 2],
        )
        with mpmath.workdps(80):
            assert_these_digits(states(network.derive().evaluation, [3], 20)[3], trained(network, 3), 20)


@settings(max_examples=30, deadline=None)
@given(networks(activations=("logistic", "tanh", "relu", "identity")))
def test_random_networks_against_mpmath_and_the_floats(network):
    training = network.derive().train(4)
    found = training.certified(25)
    if found.kinds <= {"exact", "certain"}:  # floats may have ended before 4 steps
        with mpmath.workdps(90):
            assert_these_digits(found.last, trained(network, training.iterations), 25)
    for name, value in training.parameters.items():
        assert math.isclose(float(found.parameters[name].text), value, rel_tol=1e-6, abs_tol=1e-6)


def test_a_thousand_digits(article):
    found = states(article.evaluation, [3], 1000)[3]
    with mpmath.workdps(1030):
        training = trained(article.network, 3)
        assert len(found.error.text) == 1002
        assert_these_digits(found, training, 1000)


def test_exclusive_or_is_certain_for_hundreds_of_steps():
    network = derive.load("xor")
    with mpmath.workdps(200):
        assert_these_digits(states(network.derive().evaluation, [300], 30)[300], trained(network, 300), 30)


@pytest.fixture
def no_balls(monkeypatch):
    """The search for digits begins where balls have given up."""
    monkeypatch.setattr("derive.training.search.Search.by_balls", lambda search, budget: None)


def test_where_balls_do_not_last_the_digits_of_two_precisions_are_given(no_balls):
    network = derive.load("xor")
    found = network.derive().train(100).certified(30)
    with mpmath.workdps(80):
        training = trained(network, 100)
        pairs = [(found.errors[-1], training.error)]
        pairs += [(found.parameters[name], value) for name, value in training.parameters.items()]
        for reading, value in pairs:
            assert reading.sure == "agreed"
            assert len(reading.text.partition(".")[2]) == 30
            assert abs(mpmath.mpf(reading.text) - value) <= mpmath.mpf(10) ** -30 / 2


def test_agreed_digits_of_a_long_training_are_those_of_a_higher_precision():
    derivation = derive.load("regression").derive()
    found = states(derivation.evaluation, [8000], 9)[8000]
    run = BallProgram(derivation.evaluation).start(512, midpoints=True)
    run.advance(8000)
    values = dict(run.values(everything=True))
    assert {reading.sure for reading in found.all} == {"agreed"}
    for name, reading in {"error": found.error, **found.parameters}.items():
        assert reading.text == at_bits(512, certain, values[name], 9).text


def test_numbers_that_grow_stay_certain():
    layer = Layer([[Fraction(1, 3)]], activation="identity")
    network = Network([layer], [Sample([1], [1])], error="squared_error", learning_rate=Fraction(3, 2))
    # The weight's distance from 1 doubles each time, on the other side.
    weight = states(network.derive().evaluation, [20], 40)[20].parameters["w1"]
    assert weight == Reading(round_half_up(1 - Fraction(2, 3) * 2**20, 40), "certain")


def test_one_precision_and_floats_where_two_cannot_be_had(no_balls, monkeypatch):
    network = derive.load("softmax_classifier")
    derivation = network.derive()
    monkeypatch.setattr("derive.training.certified.BUDGET", BallProgram(derivation.evaluation).work.at(256) * 160)
    found = derivation.train(120).certified(30)
    with mpmath.workdps(60):
        training = trained(network, 120)
        for name, value in training.parameters.items():
            text = found.parameters[name].text
            decimals = len(text.partition(".")[2])
            assert found.parameters[name].sure == "agreed"
            assert 8 <= decimals <= 18  # two precisions would agree on all 30
            assert abs(mpmath.mpf(text) - value) <= mpmath.mpf(10) ** -decimals / 2


def test_floats_are_marked_where_nothing_else_can_be_had(monkeypatch):
    monkeypatch.setattr("derive.training.certified.BUDGET", 0)
    derivation = derive.load("xor").derive()
    training = derivation.train(1000)
    found = training.certified(9)
    assert found.kinds == {"float"}
    assert found.errors[-1] == Reading(f"{training.error:.6f}", "float")


def test_floats_that_have_lost_their_way_are_not_printed(monkeypatch):
    # The kink again: floats learn, the network does not.
    derivation = at_a_kink(learning_rate=Fraction(1, 100)).derive()
    monkeypatch.setattr("derive.training.certified.BUDGET", BallProgram(derivation.evaluation).work.at(256) * 40)
    training = derivation.train(1000)
    assert training.rows[2].error < 0.4
    found = training.certified(9)
    assert found.errors == (Reading("0.5", "exact"),) * 3 + (Reading("–", "agreed"),) * 2
    shown = terminal.training(derivation.evaluation, training, found, wanted=1000, digits=9, language=ENGLISH)
    assert "(– if none)" in shown


def at_a_kink(**settings):
    """3·0.1 − 0.3 is 0, and relu lets nothing through; in floats it is 5.6e-17, and the weight moves."""
    layers = [Layer([[0.1]], bias=-0.3, activation="relu"), Layer([[2]], activation="identity")]
    return Network(layers, [Sample([3], [1])], **settings)


def test_a_large_network_stays_in_floats_and_says_so():
    network = Network([Layer([[0.01] * 60] * 60)], [Sample([0.5] * 60, [0] * 60)], iterations=2)
    derivation = network.derive()
    assert derivation.training.certified(9).errors[-1].sure == "float"
    shown = terminal.training(
        derivation.evaluation,
        derivation.training,
        derivation.training.certified(9),
        wanted=2,
        digits=9,
        language=ENGLISH,
    )
    assert "floating point: digits not guaranteed" in shown
    assert "every digit shown is correct" not in shown


def test_a_rational_network_is_exact_as_long_as_its_numbers_fit():
    layer = Layer([[Fraction(1, 4)]], activation="identity")
    derivation = Network([layer], [Sample([1], [1])], learning_rate=Fraction(1, 2)).derive()
    training = derivation.train(30)
    weight = Fraction(1, 4)
    for _ in range(30):
        weight -= Fraction(1, 2) * (weight - 1)
    found = training.certified(40)
    assert found.parameters["w1"] == Reading(round_half_up(weight, 32), "exact")
    assert training.certified(9).parameters["w1"] == Reading(round_half_up(weight, 9), "certain")


def test_a_rational_network_stays_certain_for_a_thousand_steps():
    network = derive.load("single_neuron")
    assert states(network.derive().evaluation, [1000], 9)[1000].error.text == "2.968393663e-104"
    with mpmath.workdps(400):
        assert mpmath.nstr(trained(network, 1000).error, 10) == "2.968393663e-104"


def test_a_net_exactly_at_a_kink_stays_there_where_floats_stray_from_it():
    training = at_a_kink().derive().train(50)
    found = training.certified(9)
    assert found.parameters == {
        name: Reading(text, "exact") for name, text in (("w1", "0.1"), ("b1", "-0.3"), ("w2", "2"))
    }
    assert found.errors[-1] == Reading("0.5", "exact")
    assert abs(training.parameters["w1"] - 0.1) > 0.1


def test_a_kink_that_no_ball_decides_ends_in_marked_digits():
    layers = [
        Layer([[0.3], [0.3]], activation="logistic"),
        Layer([[1, -1]], activation="relu"),
        Layer([[1]], bias=0.5, activation="identity"),
    ]
    found = states(Network(layers, [Sample([1], [1])]).derive().evaluation, [0], 9)[0]
    assert "float" not in {reading.sure for reading in found.all}
    assert found.error == Reading("0.125", "agreed")


def test_a_diverged_training_is_certain_up_to_where_floats_end():
    layer = Layer([[0.5]], activation="identity")
    network = Network([layer], [Sample([1], [1])], error="squared_error", learning_rate=30, iterations=1000)
    training = network.derive().training
    assert training.divergence.cause == "growth"
    found = training.certified(9)
    weight = Fraction(1, 2)
    for _ in range(training.iterations):
        weight -= 60 * (weight - 1)
    assert found.errors[1] == Reading("870.25", "exact")
    assert Decimal(found.errors[-1].text) == Decimal(f"{Decimal(round((1 - weight) ** 2)):.9e}")
    assert "the learning rate is probably too large" in network.derive().handout().markdown


def test_an_interrupt_keeps_what_is_certain_by_then_and_is_not_remembered(article):
    def stop(done):
        if done >= 1000:
            raise KeyboardInterrupt

    training = article.train(10_000)
    found = training.certified(9, progress=stop)
    assert found.interrupted
    assert [reading.sure for reading in found.errors] == ["certain"] * 4 + ["float"] * 2
    assert not training.certified(9).interrupted
    assert training.certified(9) is training.certified(9)
    shown = terminal.training(article.evaluation, training, found, wanted=10_000, digits=9, language=ENGLISH)
    assert "The search for guaranteed digits was interrupted." in shown


@pytest.mark.parametrize("digits", [0, 1001, 1.5, "9"])
def test_digits_that_cannot_be_had(article, digits):
    with pytest.raises(derive.InputError, match=r"digits: found .*; expected a whole number from 1 to 1,000"):
        article.train(1).certified(digits)


@pytest.mark.parametrize(
    ("left", "right", "digits", "text"),
    [
        (0.5, 0.5, 9, "0.5"),
        (0.5, 0.5 + 1e-13, 9, "0.500000000"),
        (0.12345, 0.12344, 9, "0.123"),
        (1234.5678, 1234.5671, 9, "1234.57"),
        (-2.5e-30, -2.5e-30 * (1 + 1e-7), 9, "-2.500000e-30"),
        (1e-30, 2e-30, 9, "–"),
        (0.3, 0.2, 9, "–"),
        (3.0, math.inf, 9, "–"),
        (0.0, 0.0, 9, "0"),
        (0.0, 1e-30, 9, "–"),
    ],
)
def test_agreed_digits(left, right, digits, text):
    assert agreed(left, right, digits) == agreed(right, left, digits) == Reading(text, "agreed")


def test_a_float_that_is_no_number_is_a_dash():
    assert not floating(math.nan, 9).is_number
    assert not floating(None, 9).is_number
    assert floating(123.456789012, 9) == Reading("123.456789", "float")


def test_a_ball_is_printed_only_where_all_of_it_rounds_alike():
    from flint import arb

    assert at_bits(53, certain, arb(0.3, 1e-4), 3) == Reading("0.300", "certain")
    assert at_bits(53, certain, arb(0.3, 1e-3), 3) is None
    assert certain(arb(0.375), 9) == Reading("0.375", "exact")


def handout_of(name):
    return derive.load(name).derive().handout()


def test_a_handout_explains_the_marks_that_it_has_and_no_others(monkeypatch, article):
    text = article.handout().markdown.partition("## Training")[2]
    assert r"| 10,000 | $\approx 0.000035102$ |" in text
    assert "are guaranteed" in text
    assert not any(mark in text for mark in (r"\ddagger", "loating point", "is exact"))
    monkeypatch.setattr("derive.training.certified.BUDGET", 600_000)
    text = handout_of("softmax_classifier").markdown.partition("## Training")[2]
    assert r"^{\ddagger}$ |" in text
    assert r"A double dagger, $\ddagger$, marks digits that are not guaranteed" in text
    assert "loating point" not in text
    monkeypatch.setattr("derive.training.certified.BUDGET", 0)
    handout = handout_of("softmax_classifier")
    text = handout.markdown.partition("## Training")[2]
    assert "(floating point) |" in text
    assert "computed in ordinary double precision (about 16 digits) without a check" in text
    assert "ddagger" not in text
    assert all(handout.render(kind) for kind in ("html", "tex"))


def test_the_data_says_what_digits_rest_on(monkeypatch):
    monkeypatch.setattr("derive.training.certified.BUDGET", 600_000)
    (text,) = handout_of("softmax_classifier").render("json").values()
    training = json.loads(text)["training"]
    assert training["rows"][0] == {"iteration": 0, "error": {"value": "1.016538262", "sure": "certain"}}
    assert training["rows"][-1]["error"]["sure"] == "agreed"
    assert {out["sure"] for outs in training["outs"] for out in outs} == {"agreed"}
    assert all(set(number) == {"value", "sure"} for number in training["parameters"].values())


def test_the_double_dagger_is_written_in_latex(monkeypatch):
    monkeypatch.setattr("derive.training.certified.BUDGET", 600_000)
    (text,) = (content.decode() for content in handout_of("softmax_classifier").render("tex").values())
    assert r"^{\ddagger}}$ \\" in text


# As numbers that are rounded by hand are written


@pytest.mark.parametrize(
    ("rounding", "written"),
    [
        (Rounding(4), {"0.0200468", "0.0000351"}),
        (Rounding(4, is_significant=True), {"0.0200468", "0.0000351"}),
    ],
)
def test_a_number_is_written_as_those_that_are_rounded_by_hand(rounding, written):
    """0.0200468 is 0.0200 to 4 decimals and 0.02005 to 4 digits; 0.0000351 is 0.0000 and 3.51e-5."""
    wanted = ["3.51e-5", "0.02005"] if rounding.is_significant else ["0.0000", "0.0200"]
    for text, expected in zip(sorted(written), wanted, strict=True):
        value = Decimal(text)
        exact = fmpq(*value.as_integer_ratio())
        assert certain(exact, 4, rounding).text == expected
        assert agreed(exact, exact, 4, rounding).text == expected
        assert floating(float(text), 4, rounding).text == expected


def test_digits_on_which_two_agree_are_as_many_by_hand_as_else():
    one, other = fmpq(123456, 10**6), fmpq(123444, 10**6)
    assert agreed(one, other, 9, Rounding(9)).text == "0.123"
    assert agreed(one, other, 9, Rounding(9, is_significant=True)).text == "0.123"
    assert not agreed(fmpq(1, 3), fmpq(2, 3), 9, Rounding(9, is_significant=True)).is_number


@pytest.mark.parametrize("significant", [True, False])
def test_training_of_a_handout_by_hand_is_that_without_rounding_written_by_hand(significant):
    training = derive.load("article").replace(iterations=100).derive().train(100)
    full = training.certified(30)
    short = certified(training, 4, rounding=Rounding(4, is_significant=significant))
    assert short is certified(training, 4, rounding=Rounding(4, is_significant=significant))
    for found, known in zip(short.errors, full.errors, strict=True):
        value = Decimal(known.text)
        places = 4 if not significant else 3 - value.adjusted()
        assert Decimal(found.text) == round(value, places)
        assert "e" not in found.text
    assert "e-2" in training.certified(4).errors[-1].text
