"""Numbers of every size: fractions that would grow without end, powers of ten of any length, and exact zeros.

The oracle is mpmath, which shares no code with the evaluation.
"""

import dataclasses
import itertools
import random
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
from flint import fmpq

import derive
from derive import Layer, Network, Optimizer, Sample
from derive.numbers.arithmetic import RATIONAL_BITS, kept, times
from derive.numbers.decimals import as_printed, is_same, mantissa_and_power, round_exact
from derive.numbers.precision import at_bits
from derive.training.certified import certified


def of_long_weights(activation, sizes=(2, 5, 1), samples=4):
    """A network whose numbers all have 16 digits."""
    draw = random.Random(7)
    numbers = lambda count: [draw.uniform(-1, 1) for _ in range(count)]  # noqa: E731
    layers = [
        Layer([numbers(inputs) for _ in range(size)], numbers(size), activation=activation)
        for inputs, size in itertools.pairwise(sizes)
    ]
    return Network(layers, [Sample(numbers(sizes[0]), numbers(sizes[-1])) for _ in range(samples)])


def rationals(table):
    """Every rational in a table."""
    groups = [*table.passes, *table.partials, table.gradients, *table.steps.values(), table.updated, *table.after]
    return [value for group in groups for value in group.values() if isinstance(value, fmpq)]


@pytest.mark.parametrize("activation", sorted(derive.ACTIVATIONS))
@pytest.mark.parametrize("sizes", [(2, 5, 1), (3, 3, 3, 2)])
def test_no_rational_grows_without_end(activation, sizes):
    table = of_long_weights(activation, sizes).derive().evaluation.table(128)
    assert all(value.height_bits() <= RATIONAL_BITS for value in rationals(table))


def test_long_rationals_are_the_same_number_as_balls():
    derivation = of_long_weights("softsign", (2, 4, 3, 1), 3).derive()
    with mpmath.workdps(60):
        number = lambda q: mpmath.mpf(q.numerator) / q.denominator  # noqa: E731
        total = mpmath.mpf(0)
        for sample in derivation.network.samples:
            signals = [number(value) for value in sample.inputs]
            for layer in derivation.network.layers:
                nets = [
                    sum(number(w) * x for w, x in zip(row, signals, strict=True)) + number(bias)
                    for row, bias in zip(layer.weights, layer.bias, strict=True)
                ]
                signals = [net / (1 + abs(net)) for net in nets]
            total += (number(sample.targets[0]) - signals[0]) ** 2 / 2
        expected = mpmath.nstr(total / len(derivation.network.samples), 40)
    assert abs(Fraction(derivation.error.value.decimal(30)) - Fraction(expected)) <= Fraction(1, 10**30)


def test_short_networks_stay_rational():
    derivation = Network([Layer([[0.25, 0.5]], activation="softsign")], [Sample([1, 1.5], [0.5])]).derive()
    assert derivation["w1"].value.exact == 0
    assert derivation.evaluation.quantity("net_o1").exact == 1


def test_a_product_with_an_exact_zero_is_an_exact_zero():
    overflown = at_bits(128, as_printed, "1e30000")
    assert times(fmpq(0), overflown) == 0
    assert isinstance(times(overflown, fmpq(0)), fmpq)
    assert isinstance(kept(fmpq(1, 3) ** RATIONAL_BITS), type(overflown))


@pytest.mark.parametrize("text", ["1.5e-43430", "-9.99e400000000", "1e-43429448190325182765", "1.25e4000"])
def test_printed_powers_of_ten_are_read_at_any_length(text):
    assert is_same(at_bits(256, lambda: round_exact(as_printed(text), 9)).text, text)
    mantissa, power = mantissa_and_power(text)
    assert abs(mantissa) < 1000
    assert power == int(text.partition("e")[2]) - len(text.partition("e")[0].partition(".")[2])


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [("0.5", "0.500", True), ("1.5e-3", "0.0015", True), ("0", "0.000", True), ("1e5", "1e6", False)],
)
def test_printed_numbers_are_compared_as_numbers(left, right, same):
    assert is_same(left, right) == same


def saturated(net, activation="logistic", target=0.3):
    return Network([Layer([[0.1]], activation=activation)], [Sample([net * 10], [target])])


@pytest.mark.parametrize("net", [10**2, 10**3, 10**4])
def test_a_saturated_gradient_has_its_digits(net):
    """∂E/∂w = (out − target)·out·(1 − out)·input, with out·(1 − out) = 1/(2 + e^net + e^(−net))."""
    with mpmath.workdps(60):
        out = 1 / (1 + mpmath.exp(-net))
        slope = 1 / (2 + mpmath.exp(net) + mpmath.exp(-net))
        expected = mpmath.nstr((out - mpmath.mpf("0.3")) * slope * net * 10, 10, strip_zeros=False)
    value = saturated(net).derive()["w1"].value.decimal(9)
    assert value == expected


# Networks whose numbers are hard, each of which has a handout.
HARD = {
    "input of 100,000": saturated(10**4),
    "tanh": saturated(10**4, "tanh"),
    "logits 10⁸ apart": Network(
        [Layer([[0.1], [0.2]], activation="softmax")], [Sample([1e9], [0, 1])], error="cross_entropy"
    ),
    "a bias of twenty digits before a softmax": Network(
        [
            Layer([[1], [1]], 99999999999999999999, activation="relu"),
            Layer([[1, 0], [0, -1]], activation="softmax"),
        ],
        [Sample([1], [1, 0])],
        error="cross_entropy",
    ),
    "twelve identities of 1e400": Network([Layer([[10**400]], activation="identity")] * 12, [Sample([1], [0.3])]),
}


@pytest.mark.parametrize("name", sorted(HARD))
def test_hard_networks_have_a_handout(name):
    assert HARD[name].derive().handout().render("md")


def test_a_value_that_cannot_be_told_from_zero_is_refused_by_name():
    """tanh(x)·1 + tanh(x)·(−1) is 0, which no ball tells; the relu behind it asks for its sign."""
    layers = [Layer([[0.5], [0.5]], activation="tanh"), Layer([[1, -1]], activation="relu")]
    derivation = Network(layers, [Sample([1], [0.3])]).derive()
    with pytest.raises(
        derive.UnsupportedError, match=r"^out_o1: even with 131,072 bits it could not be determined whether"
    ):
        _ = derivation["w1"].value.decimal()


def test_more_decimals_than_can_be_had_are_refused_with_the_limit():
    value = derive.load("article").derive()["w5"].value
    with pytest.raises(derive.InputError, match=r"^digits: found 100000; expected a whole number from 0 to 10,000"):
        value.decimal(100_000)
    assert len(value.decimal(5000)) == 5002


@pytest.mark.parametrize("optimizer", sorted(derive.OPTIMIZERS))
@pytest.mark.parametrize("error", sorted(derive.ERRORS))
def test_training_of_a_dead_unit(error, optimizer):
    """No number of the code is one of Python's: a quotient of two would be a float among rationals."""
    last = "softmax" if error == "cross_entropy" else "logistic" if "cross" in error else "relu"
    layers = [Layer([[-1]], activation="relu"), Layer([[1]], 0.5, activation=last)]
    network = Network(
        layers, [Sample([1], [1])], error=error, optimizer=Optimizer(optimizer), iterations=2, learning_rate=0.1
    )
    derivation = network.derive()
    assert certified(derivation.train(2), 9).last.error.is_number


@pytest.mark.parametrize("activation", sorted(set(derive.ACTIVATIONS) - {"softmax"}))
def test_training_with_the_hinge_beside_its_corner(activation):
    network = Network(
        [Layer([[-1]], activation=activation)], [Sample([1], [1])], error="hinge", iterations=1, learning_rate=1
    )
    derivation = network.derive()
    assert certified(derivation.train(1), 9).last.error.is_number


@pytest.mark.parametrize("weight", ["1e390", "-1e309", "1e5"])
@pytest.mark.parametrize("activation", sorted(set(derive.ACTIVATIONS) - {"softmax"}))
def test_numbers_beyond_floats_have_matrices_and_a_notebook(activation, weight):
    """A handout in scalars and matrices: neither Python's floats nor flint's rationals hold all its numbers."""
    network = Network([Layer([[Decimal(weight)]], activation=activation)], [Sample([1], [0])])
    for form in ("scalar", "matrix"):
        handout = network.derive().handout(form=form)
        assert handout.render("md")
        assert handout.render("ipynb")


@pytest.mark.parametrize("text", ["0e-99999999", "0e99999999", "0e-999999999999", "0e-401"])
@pytest.mark.parametrize("section", ["values", "after.3"])
def test_a_published_zero_has_no_endless_digits(text, section):
    parts = {"w5": text}
    for name in reversed(section.split(".")):
        parts = {name: parts}
    with pytest.raises(derive.InputError, match="expected a number between 1e-400 and 1e400"):
        derive.compare_published(derive.load("article").derive(), parts)


@pytest.mark.parametrize("optimizer", ["gradient_descent", "adam"])
@pytest.mark.parametrize("beyond", ["1e390", "1e-390"])
def test_training_with_inputs_and_targets_beyond_floats(beyond, optimizer):
    """A target is a literal of the trained code, and the notebook's arrays hold the inputs of several samples."""
    samples = [Sample([1, Decimal(beyond)], [Decimal(beyond), 0]), Sample([0, 1], [0, Decimal(beyond)])]
    layers = [Layer([[1, 0.5], [0.5, 1]], activation="tanh")]
    for network in (Network(layers, samples), Network(layers, samples[:1], optimizer=Optimizer(optimizer))):
        for iterations in (0, 2):
            network = dataclasses.replace(network, iterations=iterations)
            for rounding in ("exact", "by-hand"):
                assert network.derive().handout(rounding=rounding).render("ipynb")


def test_corners_that_no_precision_tells_are_refused_in_words():
    """tanh(x) − tanh(x) before a relu is 0 without its formula showing it."""
    layers = [Layer([[0.5], [0.5]], activation="tanh"), Layer([[1, -1]], activation="relu")]
    derivation = Network(layers, [Sample([1], [1])]).derive()
    with pytest.raises(derive.UnsupportedError, match="it could not be determined whether"):
        _ = derivation.corners.found
    with pytest.raises(derive.UnsupportedError, match="it could not be determined whether"):
        _ = derivation.corners.float_errors
