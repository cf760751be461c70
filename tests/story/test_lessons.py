"""What the handout says of samples, softmax, optimizers, biases, depth, size and matrices: lines checked by hand."""

import dataclasses
import itertools
import re
from decimal import Decimal, getcontext
from fractions import Fraction

import numpy as np
import pytest

import derive
from derive import Layer, Network, Optimizer, Sample
from derive.lines.elision import Elision
from derive.lines.matrix import Matrices
from derive.lines.scalar import Formulas
from derive.notation import to_latex, to_text
from derive.story.views import layer_views

READY = sorted(derive.ready_networks())


def softmax_network(**settings):
    layers = [Layer([[0.5, -0.25], [0.75, 0.5]], activation="softmax")]
    return Network(layers, [Sample([1, 2], [1, 0])], error="cross_entropy", **settings)


def test_softmax_and_cross_entropy_line_by_line():
    derivation = softmax_network().derive()
    lines = [to_text(line) for line in derivation.short_deltas["net_o1"]]
    assert lines == [
        "−target_o1/out_o1·out_o1(1 − out_o1) + (−target_o2/out_o2)·(−out_o2·out_o1)",
        "−target_o1(1 − out_o1) + target_o2·out_o1",
        "−target_o1 + (target_o1 + target_o2)·out_o1",
        "−target_o1 + 1·out_o1",
        "out_o1 − target_o1",
    ]
    text = derivation.handout().markdown
    for line in derivation.short_deltas["net_o1"]:
        assert to_latex(line) in text
    paths = [to_text(path.formula) for path in derivation["delta_o1"].paths]
    assert paths == ["∂E_total/∂out_o1·out_o1(1 − out_o1)", "−∂E_total/∂out_o2·out_o2·out_o1"]


def test_logistic_and_binary_cross_entropy_line_by_line():
    network = Network([Layer([[0.5]])], [Sample([1], [1])], error="binary_cross_entropy")
    lines = [to_text(line) for line in network.derive().short_deltas["net_o1"]]
    assert lines == [
        "−(target_o1/out_o1 − (1 − target_o1)/(1 − out_o1))·out_o1(1 − out_o1)",
        "−(target_o1(1 − out_o1) − (1 − target_o1)·out_o1)",
        "−(target_o1 − target_o1·out_o1 − out_o1 + target_o1·out_o1)",
        "−(target_o1 − out_o1)",
        "out_o1 − target_o1",
    ]


@pytest.mark.parametrize(
    "make", [softmax_network, lambda: derive.load("xor"), lambda: derive.load("softmax_classifier")]
)
def test_every_line_of_a_short_delta_has_the_value_of_the_delta(make):
    derivation = make().derive()
    for net, lines in derivation.short_deltas.items():
        for line in lines:
            values = {symbol: derivation.evaluation.quantity(symbol.name) for symbol in line.free_symbols}
            assert float(line.subs(values)) == pytest.approx(derivation[net].value, abs=1e-13)


def test_other_pairs_have_no_short_delta():
    assert not derive.load("article").derive().short_deltas
    assert not dataclasses.replace(softmax_network(), error="squared_error").derive().short_deltas


SAMPLES = [Sample([1, 2], [0.5]), Sample([-1, 0], [1]), Sample([0, 3], [0])]


@pytest.mark.parametrize(("reduction", "share"), [("mean", 3), ("sum", 1)])
def test_several_samples_add_up(reduction, share):
    network = Network([Layer([[0.2, 0.1]], bias=0.3)], SAMPLES, reduction=reduction)
    derivation = network.derive()
    singles = [dataclasses.replace(network, samples=[sample]).derive() for sample in SAMPLES]
    assert derivation.error.value == pytest.approx(sum(one.error.value for one in singles) / share)
    for name, gradient in derivation.gradients.items():
        assert gradient == pytest.approx(sum(one[name].value for one in singles) / share)
    assert [float(value) for value in derivation.error.samples] == [float(one.error.value) for one in singles]
    assert derivation["w1"].value == singles[0]["w1"].value


def test_the_handout_has_a_line_for_every_sample_and_a_total():
    derivation = Network([Layer([[0.2, 0.1]], bias=0.3)], SAMPLES).derive()
    text = derivation.handout().markdown
    for number in range(3):
        value = derivation.evaluation.derivative(derivation["w2"], number)
        assert f"| ${'=' if value.is_exact(9) else chr(92) + 'approx'} {value.latex(9)}$ |" in text
    assert rf"\approx {derivation.gradients['w1'].latex(9)}" in text
    assert r"E_{\mathrm{mean}} &= \frac{1}{3} \left(E_{\mathrm{total}}^{(1)}" in text
    assert "| mean |" in text


def test_reduction_is_said_in_words():
    text = Network([Layer([[0.2, 0.1]])], SAMPLES, reduction="sum").derive().handout().markdown
    assert "its derivative is the sum of the samples’ derivatives" in text
    assert r"E_{\mathrm{sum}}" in text
    assert r"E_{\mathrm{mean}}" not in text


def test_adam_by_hand():
    """The first step for a gradient that is worked with Decimal, to 12 digits."""
    getcontext().prec = 40
    network = Network(
        [Layer([[0.5]], activation="identity")],
        [Sample([2], [3])],
        optimizer=Optimizer("adam", weight_decay=Fraction(1, 10)),
        learning_rate=Fraction(1, 10),
    )
    evaluation = network.derive().evaluation
    g = -(Decimal(3) - Decimal(1)) * 2 + Decimal("0.1") * Decimal("0.5")
    m, s = Decimal("0.1") * g, Decimal("0.001") * g * g
    m_hat, s_hat = m / (1 - Decimal("0.9")), s / (1 - Decimal("0.999"))
    new = Decimal("0.5") - Decimal("0.1") * m_hat / (s_hat.sqrt() + Decimal("1e-8"))
    expected = {"g_lambda": g, "m+": m, "s+": s, "m_hat": m_hat, "s_hat": s_hat, "w+": new}
    found = {name: evaluation.step("w1", name).decimal(12) for name in expected}
    for name, value in expected.items():
        assert round(Decimal(found[name]), 12) == round(value, 12), name


def test_weight_decay_on_the_weights_leaves_the_step_of_a_bias_without_it():
    network = derive.load("article_trained_biases").replace(
        optimizer=Optimizer(weight_decay={"value": Fraction(1, 10), "on": "weights"}), iterations=0
    )
    derivation = network.derive()
    evaluation, text = derivation.evaluation, derivation.handout().markdown
    assert evaluation.updated("w5") == pytest.approx(0.4 - 0.5 * (derivation.gradients["w5"] + 0.04), rel=1e-14)
    assert evaluation.updated("b2") == pytest.approx(0.6 - 0.5 * derivation.gradients["b2"], rel=1e-14)
    assert "It applies to the weights alone" in text
    assert r"w_{5}^{+} &= w_{5} - \eta \cdot g_{\lambda}" in text
    assert r"b_{2}^{+} &= b_{2} - \eta \cdot g \\" in text


@pytest.mark.parametrize("name", derive.OPTIMIZERS)
@pytest.mark.parametrize("decay", [0, 0.01])
def test_the_update_is_derived_step_by_step(name, decay):
    network = dataclasses.replace(derive.load("article"), optimizer=Optimizer(name, weight_decay=decay), iterations=0)
    derivation = network.derive()
    text = derivation.handout().markdown
    assert derivation.evaluation.updated("w5").latex(9) in text
    for target, _ in network.optimizer.steps[:-1]:
        assert derivation.evaluation.step("w5", target).latex(9) in text
    if decay:
        assert "Weight decay" in text


def test_untrained_biases_are_explained_with_the_error_that_training_them_gives(article):
    text = article.handout().markdown
    trained = derive.load("article_trained_biases").derive()
    assert "Why aren’t the biases updated?" in text
    assert f"would be ${trained.error.after.latex(9)}$" in text
    assert trained["b2"].decimal(12) == "0.100400325112"
    assert "the biases updated?" not in trained.handout().markdown
    assert r"\delta_{o1} + \delta_{o2}" in trained.handout().markdown


def test_no_bias_no_word_of_biases():
    network = Network([Layer([[0.5, 0.5]])], [Sample([1, 1], [1])])
    assert "bias" not in network.derive().handout().markdown


def test_own_words_stand_in_every_line():
    text = derive.load("single_neuron").derive().handout().markdown
    for name in (
        r"\theta_{1} \cdot x_{1}",
        r"\theta_{0}",
        "J_{y}",
        r"J_{\mathrm{total}}",
        r"\alpha",
        r"\theta_{1}^{+}",
    ):
        assert name in text
    assert not re.search(r"w_\{\d|E_\{|i_\{\d|\\eta", text)


NAMES = [
    (lambda: Layer([[1]], weight_names=[["w 1"]]), "weight_names, row 1, number 1: found 'w 1'; expected a name"),
    (lambda: Layer([[1]], weight_names=[["w__1"]]), "single underscores"),
    (lambda: Layer([[1]], weight_names=[["1w"]]), "begins with a letter"),
    (lambda: Layer([[1]], weight_names=[["é"]]), "expected a name"),
    (lambda: Layer([[1]], weight_names=[["w" * 31]]), "at most 30"),
    (lambda: Layer([[1]], weight_names=[["a", "b"]]), "weight_names, row 1: found 2; expected 1"),
    (lambda: Layer([[1]], weight_names=[["a"], ["b"]]), "weight_names: found 2 rows; expected 1"),
    (lambda: Layer([[1]], neurons=["a", "b"]), "neurons: found 2; expected 1, one for each neuron"),
    (lambda: Layer([[1]], bias_names=["a"]), "bias_names: found 1; expected 0"),
    (lambda: Layer([[1], [1]], bias=[1, 2], bias_names=["a"]), "bias_names: found 1; expected 2"),
    (lambda: Layer([[1]], neurons=[3]), "neurons, number 1: found 3"),
    (lambda: Sample([1], [1], input_names=["a", "b"]), "input_names: found 2; expected 1"),
    (
        lambda: Network([Layer([[1]], weight_names=[["i1"]])], [Sample([1], [1])]),
        "found 'i1' for an input and for a weight",
    ),
    (lambda: Network([Layer([[1]], weight_names=[["net_o1"]])], [Sample([1], [1])]), "'net_o1' for a quantity of o1"),
    (lambda: Network([Layer([[1]], weight_names=[["eta"]])], [Sample([1], [1])]), "the learning rate"),
    (lambda: Network([Layer([[1]])], [Sample([1], [1])], error_name="E 1"), "error_name: found 'E 1'"),
    (lambda: Network([Layer([[1]], neurons=["total"])], [Sample([1], [1])]), "'E_total'"),
    (lambda: Optimizer("adm"), "Did you mean 'adam'"),
    (lambda: Optimizer("adam", momentum=0.9), "momentum: adam does not take it; it takes beta1, beta2, epsilon"),
    (lambda: Optimizer("adam", beta1=1), "beta1: found 1; expected a number from 0 to below 1"),
    (lambda: Optimizer("adam", epsilon=0), "epsilon: found 0; expected a positive number"),
    (lambda: Optimizer("momentum", weight_decay=-1), "weight_decay: found -1"),
    (lambda: Optimizer(weight_decay={"value": 1, "on": "biases"}), "weight_decay, on: found 'biases'; expected"),
    (lambda: Optimizer(weight_decay={"amount": 1}), "weight_decay: found a table with the keys 'amount'; exp"),
    (lambda: Layer([[1]], slope=0.1), "slope: only allowed with leaky_relu, not with logistic"),
    (lambda: Layer([[1]], activation="relu", alpha=1), "alpha: only allowed with elu, not with relu"),
    (
        lambda: Network([Layer([[1]])], [Sample([1], [1])], delta=1),
        "delta: only allowed with huber, not with half_squared_error",
    ),
    (
        lambda: Network([Layer([[1]])], [Sample([1], [1])], error="huber", delta=0),
        "delta: found 0; expected a positive",
    ),
    (lambda: Network([Layer([[1]])], [Sample([1], [2])], error="binary_cross_entropy"), "sample 1, targets: found 2;"),
    (lambda: Network([Layer([[1], [1]])], [Sample([1], [0.5, 0.6])], error="cross_entropy"), "add up to 1"),
    (lambda: Network([Layer([[1]])], [Sample([1], [0])], error="hinge"), "expected targets of -1 or 1"),
    (lambda: Network([Layer([[1]])], [Sample([1], [1])], reduction="max"), "reduction: found 'max'"),
    (lambda: Network([Layer([[1]])], [Sample([1], [1])], iterations=-1), "iterations: found -1"),
    (lambda: Network([Layer([[1]])], [Sample([1], [1])], every=0), "every: found 0"),
    (lambda: Network([Layer([[1]])], [Sample([1], [1])], optimizer=3), "optimizer: found 3"),
]


@pytest.mark.parametrize(("make", "message"), NAMES)
def test_what_is_refused_is_told_in_one_sentence(make, message):
    with pytest.raises(derive.InputError) as caught:
        make()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_input_names_are_given_once():
    first, second = Sample([1], [1], input_names=["x"]), Sample([2], [1], input_names=["z"])
    with pytest.raises(derive.InputError, match="sample 2, input_names"):
        Network([Layer([[1]])], [first, second])
    assert Network([Layer([[1]])], [Sample([2], [1]), first]).input_names == ("x",)


def made(sizes, activation="tanh", last="logistic", **settings):
    layers = [
        Layer(
            [[Fraction((3 * r + 5 * c) % 7 - 3, 10) for c in range(inputs)] for r in range(size)],
            bias=[Fraction(r, 10) for r in range(size)],
            activation=last if place == len(sizes) - 2 else activation,
        )
        for place, (inputs, size) in enumerate(itertools.pairwise(sizes))
    ]
    return Network(layers, [Sample([Fraction(1, 2)] * sizes[0], [1] + [0] * (sizes[-1] - 1))], **settings)


def matrices_of(text):
    found = []
    plain = text.replace(r"\,}^{\dagger}", "}").replace(r"^{\dagger}", "")
    for body in re.findall(r"\\begin\{pmatrix\}(.*?)\\end\{pmatrix\}", plain):
        rows = [[entry.strip() for entry in row.split("&")] for row in body.split(r"\\")]
        found.append([[float(entry.replace(r" \cdot 10^{", "e").strip("{}")) for entry in row] for row in rows])
    return [np.array(matrix) for matrix in found]


@pytest.mark.parametrize("sizes", [(2, 3, 2), (3, 4, 4, 2)])
def test_the_matrices_multiply_as_they_are_printed(sizes):
    derivation = made(sizes).derive()
    layers = layer_views(derivation.computation)
    lines = Matrices(Formulas(derivation.evaluation, 9), layers)
    for layer in layers:
        weights, signals, biases, nets = matrices_of(lines.net(layer))
        assert np.allclose(weights @ signals + biases, nets, atol=1e-5)
        deltas, signal_row, gradients = matrices_of(lines.by_weights(layer))
        assert np.allclose(deltas @ signal_row, gradients, atol=1e-5)
        if layer.is_output:
            flow, slopes, delta = matrices_of(lines.delta(layer))
        else:
            behind, next_delta, slopes, delta = matrices_of(lines.delta(layer))
            flow = behind.T @ next_delta
        assert np.allclose(flow * slopes, delta, atol=1e-5)


def test_the_jacobian_of_a_joint_layer_as_a_matrix():
    derivation = made((2, 3, 3), last="softmax", error="squared_error").derive()
    layers = layer_views(derivation.computation)
    jacobian, flow, delta = matrices_of(Matrices(Formulas(derivation.evaluation, 9), layers).delta(layers[-1]))
    assert np.allclose(jacobian.T @ flow, delta, atol=1e-5)
    assert np.allclose(jacobian.sum(axis=0), 0, atol=1e-5)


@pytest.mark.parametrize(("form", "scalar", "matrix"), [("scalar", 1, 0), ("matrix", 0, 1), ("both", 1, 1)])
def test_the_three_forms(article, form, scalar, matrix):
    text = article.handout(form=form).markdown
    assert ("#### The weight" in text) == bool(scalar)
    assert ("pmatrix" in text) == bool(matrix)
    assert "$w_{5}$ | $\\delta_{o1}" in text


def test_another_form_is_refused(article):
    with pytest.raises(derive.InputError, match="form: found 'vector'; expected one of scalar, matrix, both"):
        article.handout(form="vector")


def test_a_large_layer_shows_its_first_and_last_neurons():
    derivation = made((30, 12, 10)).derive()
    text = derivation.handout().markdown
    # All inputs are ½; of the weights −0.3, 0.2, 0, −0.2, 0.3, 0.1, −0.1, … the first and the fifth are the largest.
    shown = (r"w_{1} \cdot i_{1} + w_{2} \cdot i_{2}", r"w_{5} \cdot i_{5}", r"w_{30} \cdot i_{30} + b_{h1} \cdot 1")
    assert r" + \cdots + ".join(shown) in text
    assert "a large layer (more than 8 neurons or inputs)" in text
    assert r"\vdots" in text
    assert "w_{15}" not in text
    assert r"\mathrm{net}_{h7}" not in text
    assert "pmatrix" in text
    assert r"\sum_{k} \delta_{k} \cdot w_{kj}" in text
    assert len(text) < 60_000


def test_a_long_sum_keeps_the_term_that_counts():
    from sympy import Symbol

    from derive.notation.trees import ZERO, add

    terms = [Symbol(f"a{k}") if k == 7 else ZERO for k in range(20)]
    shortened = Elision(lambda symbol: 1.0, frozenset()).shortened
    assert to_text(shortened(add(*terms))) == "0 + 0 + ⋯ + a7 + ⋯ + 0 + 0"


def test_three_hidden_layers_are_sums_over_the_next_layer():
    derivation = made((3, 4, 4, 2)).derive()
    text = derivation.handout(detail="full").markdown
    assert "We never list them one by one" in text
    assert r"\delta_{h2,1} \cdot w_{13} + \delta_{h2,2} \cdot w_{17}" in text
    assert max(len(line) for line in text.splitlines()) < 2500


@pytest.mark.parametrize("name", READY)
def test_a_ready_network_makes_a_handout_and_says_what_it_is_for(name):
    assert re.fullmatch(r"[A-Z].{20,160}\.", derive.ready_networks()[name])
    derivation = derive.load(name).derive()
    for form in ("scalar", "both"):
        handout = derivation.handout(form=form)
        assert all(handout.render(kind) for kind in ("html", "tex", "md", "json"))


def test_the_ready_networks_are_those_of_the_issue():
    names = {"xor", "two_hidden_layers", "softmax_classifier", "regression", "single_neuron", "article_trained_biases"}
    equations = {"circuit", "linear_regression", "momentum_parabola", "neuron_without_error", "recurrence"}
    assert set(READY) >= names | {"article"} | equations


def test_trained_xor_has_learned():
    outs = [out for (out,) in derive.load("xor").derive().training.outs]
    targets = [float(sample.targets[0]) for sample in derive.load("xor").samples]
    assert max(abs(out - target) for out, target in zip(outs, targets, strict=True)) < 0.1


def test_the_rules_of_softmax_are_those_of_both_its_derivatives():
    """By its own net an out is a quotient of two functions of it; by another one, a constant times a power."""
    text = derive.load("softmax_classifier").replace(iterations=0).derive().handout(language="en").markdown
    rules = text.partition("### The softmax function")[2].partition("Rules used, in order: ")[2].partition("\n")[0]
    of_quotient = {"quotient rule", "exponential rule", "sum rule", "constant rule"}
    of_power = {"constant-factor rule", "chain rule", "power rule"}
    assert {rule.partition(" (")[0].rstrip(".") for rule in rules.split("; ")} == of_quotient | of_power


def test_numbers_with_a_power_of_ten_are_announced():
    inputs = (Fraction(1, 10**8), 1)
    networks = [Network([Layer([[0.5]])], [Sample([number], [1])], iterations=0) for number in inputs]
    texts = [network.derive().handout(language="en").markdown for network in networks]
    said = "A number too small or too large for that is written with a power of ten."
    assert [r"\cdot 10^{" in text for text in texts] == [said in text for text in texts] == [True, False]


@pytest.mark.parametrize("neurons", [1, 2, 12])
def test_of_a_large_layer_it_is_said_what_is_listed(neurons):
    text = made((9, neurons)).replace(iterations=0).derive().handout(language="en").markdown
    said = ["so its sum is shortened", "list all of its neurons in a table", "list the first and last few in a table"]
    assert [phrase in text for phrase in said] == [neurons == 1, neurons == 2, neurons == 12]
