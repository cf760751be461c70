"""Gradients from outside: what agrees, and each slip seeded into a backward pass of the tests' own."""

import dataclasses
import itertools
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle import FUNCTIONS

import derive
from derive.cli.check import WAYS as OFFERED
from derive.comparison.ways import WAYS, is_installed
from derive.testing import assert_gradients_match

numbers = st.integers(-900, 900).filter(lambda n: abs(n) > 50).map(lambda n: Fraction(n, 1000))


@st.composite
def networks(draw, samples=3):
    """Square in the middle, so that every slip can happen; logistic and tanh, biases, three samples."""
    size = draw(st.integers(2, 3))
    layers = [
        derive.Layer(
            [draw(st.lists(numbers, min_size=size, max_size=size)) for _ in range(size)],
            bias=draw(st.lists(numbers, min_size=size, max_size=size)),
            activation=draw(st.sampled_from(["logistic", "tanh"])),
        )
        for _ in range(3)
    ]
    made = [
        derive.Sample(
            draw(st.lists(numbers, min_size=size, max_size=size)), draw(st.lists(numbers, min_size=size, max_size=size))
        )
        for _ in range(samples)
    ]
    return derive.Network(layers, made, learning_rate=Fraction(7, 10), reduction=draw(st.sampled_from(["mean", "sum"])))


def backward(network, slip=""):
    """A programmer's backward pass for half the squared error, with one slip in it; nothing of derive's is used."""
    weights = [np.array([[float(w) for w in row] for row in layer.weights]) for layer in network.layers]
    biases = [np.array([float(b) for b in layer.bias]) for layer in network.layers]
    total = [np.zeros_like(w) for w in weights], [np.zeros_like(b) for b in biases]
    for sample in network.samples:
        outs, nets = [np.array([float(v) for v in sample.inputs])], []
        for w, b, layer in zip(weights, biases, network.layers, strict=True):
            nets.append(w @ outs[-1] + (0 if slip == "bias left out" else b))
            outs.append(FUNCTIONS[layer.activation][0](nets[-1]))
        flow = outs[-1] - np.array([float(t) for t in sample.targets])
        flow = -flow if slip == "sign" else 2 * flow if slip == "doubled" else flow / 2 if slip == "halved" else flow
        for k in (2, 1, 0):
            slope = FUNCTIONS[network.layers[k].activation][1](nets[k], outs[k + 1])
            missing = slip == "slope everywhere" or slip == f"slope {k}"
            delta = flow if missing else flow * slope
            by_weights = np.outer(delta, outs[k])
            total[0][k][...] += by_weights.T if slip == f"turned {k}" else by_weights
            total[1][k][...] += delta
            back = weights[k].T
            if slip == f"transposed {k}":
                back = weights[k]
            if slip == f"path {k}":
                back = back.copy()
                back[:, 0] = 0
            flow = back @ delta
    share = len(network.samples) if (network.reduction == "mean") != (slip == "mean and sum") else 1
    found = {}
    for k, names in enumerate(network.weight_names):
        found |= dict(zip(itertools.chain.from_iterable(names), (total[0][k] / share).ravel(), strict=True))
        found |= dict(zip(network.bias_names[k], total[1][k] / share, strict=True))
    return found


SLIPS = {
    "sign": ("sign", "wrong sign"),
    "slope everywhere": ("missing slope", "every layer"),
    "slope 0": ("missing slope", "hidden layer 1"),
    "slope 1": ("missing slope", "hidden layer 2"),
    "slope 2": ("missing slope", "the last layer"),
    "transposed 1": ("transposed weights", "weights of hidden layer 2 are transposed"),
    "transposed 2": ("transposed weights", "weights of the last layer are transposed"),
    "turned 0": ("transposed weights", "gradient of hidden layer 1"),
    "turned 2": ("transposed weights", "gradient of the last layer"),
    "path 1": ("missing path", "through h2_1 is missing"),
    "path 2": ("missing path", "through o1 is missing"),
    "mean and sum": ("mean and sum", "samples"),
    "doubled": ("factor two", "twice too large"),
    "halved": ("factor two", "half of what it should be"),
    "bias left out": ("bias left out", "biases"),
}


@pytest.mark.parametrize("slip", SLIPS)
@settings(max_examples=12, deadline=None)
@given(network=networks())
def test_a_seeded_slip_is_recognised(slip, network):
    derivation = network.derive()
    right, wrong = backward(network), backward(network, slip)
    size = max(abs(value) for value in right.values())
    assume(max(abs(wrong[name] - right[name]) for name in right) > 1e-3 * size)
    comparison = derive.compare_gradients(derivation, wrong)
    assert not comparison.agrees
    kind, word = SLIPS[slip]
    assert (comparison.slips[0].kind, word in str(comparison.slips[0].sentence)) == (kind, True)


@settings(max_examples=12, deadline=None)
@given(network=networks(samples=1))
def test_updated_weights_are_recognised(network):
    """The sequential order's gradients, from the evaluation's own second pass."""
    late = dataclasses.replace(network, updates="sequential").derive()
    found = {name: late.evaluation.gradient_used(name) for name in late.parameters}
    comparison = derive.compare_gradients(network.derive(), found, rtol=1e-9, atol=0)
    assume(not comparison.agrees)
    assume(max(row.difference for row in comparison) > 1e-3)
    assert comparison.slips[0].kind == "updated weights"


@settings(max_examples=40, deadline=None)
@given(network=networks())
def test_right_code_gets_no_diagnosis(network):
    comparison = derive.compare_gradients(network.derive(), backward(network))
    assert (comparison.agrees, comparison.slips, comparison.wrong) == (True, (), ())


@settings(max_examples=20, deadline=None)
@given(network=networks(), seed=st.integers(0, 10**6))
def test_noise_gets_no_diagnosis(network, seed):
    draw = np.random.default_rng(seed)
    noise = {name: value + draw.normal() for name, value in backward(network).items()}
    assert derive.compare_gradients(network.derive(), noise).slips == ()


def test_some_names_are_enough_and_a_function_may_give_them(article):
    assert derive.compare_gradients(article, {"w5": 0.0821670405642}).agrees
    seen = []

    def mine(parameters):
        seen.append(parameters)
        return {"w5": 0.0821670405642, "w1": 0.000438567734474}

    assert len(derive.compare_gradients(article, mine, partial=True).rows) == 2
    assert seen[0]["w5"] == 0.4
    assert derive.compare_gradients(article, {"w5": np.float32(0.08216704)}).agrees


@pytest.mark.parametrize(
    ("numeric", "message"),
    [
        ({"w55": 1}, "found 'w55'; expected a weight or bias of this network. Did you mean 'w5'"),
        ({"w5": "much"}, "gradients, w5: found 'much'; expected a number"),
        (5, "gradients: found 5; expected a mapping from names to numbers, arrays by layer"),
    ],
)
def test_what_is_no_gradient(article, numeric, message):
    with pytest.raises(derive.InputError, match=message.replace("?", r"\?")):
        derive.compare_gradients(article, numeric)


@pytest.mark.parametrize(
    "numeric",
    [{"w5": "0.0821670405642"}, {"w5": True}, {"w5": np.True_}, {"w5": b"1"}, {"w5": 10**400}, {"w5": None}],
)
def test_text_truth_and_what_no_float_holds_are_no_numbers(article, numeric):
    with pytest.raises(derive.InputError, match=r"gradients, w5: found .*; expected a number"):
        derive.compare_gradients(article, numeric)


@pytest.mark.parametrize("nothing", [{}, lambda parameters: {}])
@pytest.mark.parametrize("compare", [derive.compare_gradients, assert_gradients_match])
def test_nothing_to_compare_is_no_agreement(article, nothing, compare):
    with pytest.raises(derive.InputError, match="gradients: found no numbers"):
        compare(article, nothing)


@pytest.mark.parametrize("compare", [derive.compare_gradients, assert_gradients_match])
def test_a_function_gives_every_trained_parameter_unless_part_is_asked_for(article, compare):
    right = backward_of_article()
    some = {name: right[name] for name in ("w1", "w5")}
    compare(article, {name: value for name, value in right.items() if name[0] == "w"}, partial=False)  # b1, b2: kept
    compare(article, lambda _: {name: value for name, value in right.items() if name[0] == "w"})
    compare(article, lambda _: some, partial=True)
    compare(article, some)
    for numeric, asked in ((lambda _: some, {}), (some, {"partial": False})):
        with pytest.raises(derive.InputError, match="found no number for w2, w3, w4, w6, w7, w8"):
            compare(article, numeric, **asked)


def test_a_comparison_says_how_many_parameters_were_compared(article):
    right = backward_of_article()
    two = {name: right[name] for name in ("w1", "w5")}
    assert str(derive.compare_gradients(article, two)).endswith("2 of 10 parameters compared.")
    assert str(derive.compare_gradients(article, right)) == "All 10 derivatives agree."
    with pytest.raises(AssertionError, match="2 of 10 parameters compared"):
        assert_gradients_match(article, two | {"w5": 1.0})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_never_agrees_and_is_said_to_be_no_number(article, value):
    comparison = derive.compare_gradients(article, {"w5": value})
    assert not comparison.agrees
    assert f"w5: found {value}, which is no finite number" in str(comparison)


def test_two_slips_that_give_the_same_numbers_are_both_named(article):
    halved = {name: value / 2 for name, value in backward_of_article().items()}
    text = str(derive.compare_gradients(article, halved))
    assert "Every derivative is half of what it should be: the factor 2 from the square is missing." in text
    assert "The outputs are averaged; half_squared_error sums them." in text


def test_the_assertion_names_parameter_values_difference_and_slip(article):
    assert_gradients_match(article, backward_of_article())
    wrong = {name: -value for name, value in backward_of_article().items()}
    with pytest.raises(AssertionError) as caught:
        assert_gradients_match(derive.load("article"), wrong)
    message = str(caught.value)
    for part in ("w5: found -0.0821670", "expected 0.082167040564", "relative difference 2.0e+00", "wrong sign"):
        assert part in message


def backward_of_article():
    derivation = derive.load("article").derive()
    return {name: float(value) for name, value in derivation.gradients.items()}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", derive.ready_networks())
def test_every_way_agrees_on_the_ready_networks(name, way):
    if not is_installed(way):
        pytest.skip(f"{way} is not installed here")
    network = derive.load(name)
    comparison = derive.compare_gradients(
        network.derive(), WAYS[way](network.derive().evaluation), rtol=1e-9, atol=1e-12
    )
    assert comparison.agrees, comparison


def check(*arguments):
    command = [sys.executable, "-m", "derive", "check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_check_on_the_command_line():
    done = check("article")
    assert (done.returncode, done.stderr) == (0, "")
    assert "w5" in done.stdout
    assert "0.082167041" in done.stdout
    assert "All 10 parameters agree." in done.stdout


def test_check_refuses_an_unknown_way():
    done = check("article", "--with", "numpi")
    assert done.returncode == 2
    assert "with: found 'numpi'" in done.stderr
    assert "Did you mean 'numpy'" in done.stderr


SATURATED = """
error = "binary_cross_entropy"
[[sample]]
inputs = [1]
targets = [0]
[[layer]]
activation = "identity"
weights = [[{net}]]
[[layer]]
activation = "logistic"
weights = [[1]]
"""


def test_differences_take_the_precision_that_a_saturated_network_asks_for():
    """At net 800 the error is ln(1 + e^800), whose derivatives by w1 and w2 are 1 and 800 to 300 digits and more."""
    found = WAYS["finite-differences"](saturated(800).derive().evaluation)
    assert found == {"w1": 1.0, "w2": 800.0}


def saturated(net):
    layers = [derive.Layer([[net]], activation="identity"), derive.Layer([[1]])]
    return derive.Network(layers, [derive.Sample([1], [0])], error="binary_cross_entropy")


@pytest.mark.parametrize("net", [40, 800])
def test_no_value_in_floating_point_is_neither_agreement_nor_a_failure(tmp_path, net):
    file = tmp_path / "net.toml"
    file.write_text(SATURATED.format(net=net))
    done = check(file)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line for line in done.stdout.splitlines() if line.startswith("w")]
    assert [row.split("  ")[-1] for row in rows] == ["no value in floating point"] * 2
    assert "DIFFERS" not in done.stdout
    assert "agree." not in done.stdout
    assert "2 of 2 parameters could not be compared" in done.stdout
    exact = check(file, "--with", "finite-differences")
    assert (exact.returncode, "All 2 parameters agree." in exact.stdout) == (0, True)


def test_a_difference_is_blamed_beside_a_missing_value(monkeypatch):
    """Of two parameters one has no value by one way, the other is wrong by it."""
    from derive.comparison import ways as numeric
    from derive.language.language import ENGLISH
    from derive.render import terminal

    derivation = saturated(2).derive()
    monkeypatch.setitem(numeric.WAYS, "numpy", lambda network: {"w1": float("nan"), "w2": 7.0})
    text, agrees = terminal.check(derivation.evaluation, ["numpy", "finite-differences"], digits=9, language=ENGLISH)
    verdicts = [line.split("  ")[-1] for line in text.splitlines() if line.startswith("w")]
    assert (agrees, verdicts) == (False, ["no value in floating point", "DIFFERS"])
    assert "1 of 2 parameters differs." in text


def test_numbers_beyond_all_floats_are_decided_at_once(tmp_path):
    """The gradient, e^(−1e300) about, is nothing but small; 30 seconds are far more than it takes."""
    file = tmp_path / "net.toml"
    file.write_text("[[sample]]\ninputs = [1e300]\ntargets = [1]\n[[layer]]\nweights = [[1]]\n")
    command = [sys.executable, "-m", "derive", "check", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The one parameter agrees." in done.stdout


@pytest.mark.parametrize("digits", [0, -3, 5000, 99999])
def test_digits_are_refused_by_the_functions_too(article, digits):
    from derive.language.language import ENGLISH
    from derive.render import show, terminal

    calls = [
        lambda: terminal.check(article.evaluation, ["numpy"], digits=digits, language=ENGLISH),
        lambda: show.render(article.evaluation, "w5", digits=digits),
        lambda: show.render_latex(article.evaluation, "w5", digits=digits),
        lambda: show.render_json(article.evaluation, "w5", digits=digits),
    ]
    for call in calls:
        with pytest.raises(derive.InputError, match=f"digits: found {digits}; expected a whole number from 1 to 1,000"):
            call()


def test_a_function_that_a_library_is_not_told_of_is_one_sentence(monkeypatch):
    pytest.importorskip("torch")
    evaluation = derive.load("article").derive().evaluation
    layers = evaluation.computation.layered
    new = [dataclasses.replace(row, function="new") for row in layers.rows]
    monkeypatch.setitem(evaluation.computation.__dict__, "layered", dataclasses.replace(layers, rows=tuple(new)))
    with pytest.raises(derive.InputError, match="torch has no function new to compare with; leave torch out"):
        WAYS["torch"](evaluation)


def test_the_command_line_offers_every_way():
    assert tuple(WAYS) == OFFERED
