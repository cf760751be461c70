"""Each partial against three oracles that share no code with the derivation."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from oracle import backward, networks, parameter_places, precise_error
from sympy import Symbol, simplify, symbols

import derive
from derive import Layer, Network, Sample
from derive.errors import InputError, UnsupportedError
from derive.functions.activations import ACTIVATIONS, JointActivation


def values_of(derivation):
    return {
        sympy.Symbol(name): sympy.Rational(value.numerator, value.denominator)
        for name, value in derivation.graph.values.items()
    }


def test_each_partial_is_sympys_derivative_of_the_composed_error(article):
    error, values = article.error.composed, values_of(article)
    for name in article.parameters:
        expected = sympy.diff(error, sympy.Symbol(name)).subs(values).evalf(30)
        assert abs(article[name].composed.subs(values).evalf(30) - expected) < 1e-28
        assert abs(sympy.Float(article[name].decimal(25), 30) - expected) < 1e-24


@settings(max_examples=25, deadline=None)
@given(networks(largest=2, deepest=2))
def test_partials_of_random_networks_are_sympys(network):
    derivation = network.derive()
    error, values = derivation.error.composed, values_of(derivation)
    for name in derivation.parameters:
        expected = sympy.diff(error, sympy.Symbol(name)).subs(values).evalf(25)
        assert abs(derivation[name].composed.subs(values).evalf(25) - expected) < 1e-18
        assert abs(float(derivation[name].value) - float(expected)) < 1e-14


@settings(max_examples=60, deadline=None)
@given(networks(activations=("logistic", "tanh", "relu", "identity")))
def test_partials_and_the_update_are_those_of_a_numpy_backward_pass(network):
    derivation = network.derive()
    gradients, after, weights = backward(network, sequential=network.updates == "sequential")
    if network.updates == "simultaneous":
        assert set(gradients) == set(derivation.parameters)
        for name, expected in gradients.items():
            assert np.isclose(derivation[name].value, expected, rtol=1e-9, atol=1e-10), name
    assert np.isclose(derivation.error.after, after, rtol=1e-8, atol=1e-10)
    flat = np.concatenate([w.ravel() for w in weights])
    for number, expected in enumerate(flat, start=1):
        assert np.isclose(derivation.evaluation.updated(f"w{number}"), expected, rtol=1e-9, atol=1e-10)


@settings(max_examples=25, deadline=None)
@given(networks())
def test_partials_are_central_differences(network):
    derivation = network.derive()
    step = mpmath.mpf(10) ** -15
    with mpmath.workdps(60):
        for name, place in parameter_places(network).items():
            up = precise_error(network, {place: step})
            down = precise_error(network, {place: -step})
            assert abs((up - down) / (2 * step) - mpmath.mpf(derivation[name].decimal(25))) < 1e-22


@settings(max_examples=25, deadline=None)
@given(networks(largest=2))
def test_a_partial_is_the_product_of_its_factors_or_the_sum_of_its_paths(network):
    derivation = network.derive()
    for partial in derivation.partials.values():
        if partial.factors:
            product = np.prod([float(factor.value) for factor in partial.factors])
            assert np.isclose(product, partial.value, rtol=1e-12, atol=1e-14)
        assert np.isclose(sum(float(path.value) for path in partial.paths), partial.value, rtol=1e-12, atol=1e-14)


@settings(max_examples=25, deadline=None)
@given(networks(largest=2))
def test_a_formula_has_the_value_of_its_partial(network):
    derivation = network.derive()
    evaluation = derivation.evaluation
    for partial in derivation.partials.values():
        names = [symbol.name for symbol in partial.formula.free_symbols]
        numbers = {n: derivation[n].value if n.startswith("d") else evaluation.quantity(n) for n in names}
        value = partial.formula.subs({sympy.Symbol(n): sympy.Float(float(v)) for n, v in numbers.items()})
        assert np.isclose(float(value), partial.value, rtol=1e-9, atol=1e-12)


def test_the_factors_of_the_articles_weights(article):
    names = [f"∂{factor.of}/∂{factor.by}" for factor in article["w5"].factors]
    assert names == ["∂E_total/∂out_o1", "∂out_o1/∂net_o1", "∂net_o1/∂w5"]
    names = [f"∂{factor.of}/∂{factor.by}" for factor in article["w1"].factors]
    assert names == ["∂E_total/∂out_h1", "∂out_h1/∂net_h1", "∂net_h1/∂w1"]


def test_the_formula_of_w5_is_the_articles(article):
    target, out, hidden = sympy.symbols("target_o1 out_o1 out_h1")
    assert sympy.simplify(article["w5"].formula + (target - out) * out * (1 - out) * hidden) == 0


def test_the_steps_of_the_first_factor(article):
    assert [step.name for step in article["w5"].factors[0].steps][:3] == ["sum", "constant multiple", "chain"]


def test_depth_costs_no_paths():
    """Forty layers of three have 3^40 paths; the deltas make it a walk."""
    layer = derive.Layer(weights=[[0.1, 0.2, 0.3]] * 3, activation="tanh")
    network = derive.Network(layers=[layer] * 40, samples=[derive.Sample([0.1, 0.2, 0.3], [1, 0, 1])])
    derivation = network.derive()
    gradients, _, _ = backward(network)
    assert np.isclose(derivation["w1"].value, gradients["w1"], rtol=1e-9)
    assert len(str(derivation["w1"].formula)) < 200


def test_what_is_too_large_to_compose_is_refused():
    layer = derive.Layer(weights=[[0.1] * 40] * 40)
    network = derive.Network(layers=[layer] * 3, samples=[derive.Sample([1] * 40, [1] * 40)])
    derivation = network.derive()
    with pytest.raises(UnsupportedError, match=r"50,000.*use \.formula"):
        _ = derivation.error.composed
    with pytest.raises(UnsupportedError, match="50,000"):
        _ = derivation["w1"].composed


def test_an_unknown_name_is_told_with_the_nearest(article):
    with pytest.raises(InputError, match="Did you mean 'w5'"):
        article["w55"]


@pytest.mark.parametrize("net", [800, -800, 10_000])
def test_a_saturated_neuron_gives_numbers(net):
    network = derive.Network(layers=[derive.Layer(weights=[[net]])], samples=[derive.Sample([1], [0.5])])
    derivation = network.derive()
    with mpmath.workdps(50):
        slope = mpmath.exp(-abs(net)) / (1 + mpmath.exp(-abs(net))) ** 2
        expected = (1 / (1 + mpmath.exp(-mpmath.mpf(net))) - mpmath.mpf("0.5")) * slope
        assert abs(mpmath.mpf(derivation["w1"].decimal(9)) / expected - 1) < 1e-8


@pytest.mark.parametrize(("net", "expected"), [(0, 0.0), (0.5, 1.0), (-0.5, 0.0)])
def test_relu_at_and_beside_its_corner(net, expected):
    layer = derive.Layer(weights=[[net]], activation="relu")
    derivation = derive.Network(layers=[layer], samples=[derive.Sample([1], [2])]).derive()
    (_, slope, _) = derivation["w1"].factors
    assert slope.value == expected


def test_numbers_are_exact_where_formulas_keep_them_so():
    layer = derive.Layer(weights=[[0.1, 0.2]], activation="identity")
    derivation = derive.Network(layers=[layer], samples=[derive.Sample([0.3, 0.1], [1])]).derive()
    assert derivation.evaluation.quantity("net_o1").exact == Fraction(1, 20)
    assert derivation["w1"].decimal(9) == "-0.285"


def test_nine_decimals_are_shown_where_no_number_is_asked_for(article):
    partial = article["w5"]
    nine = "0.082167041"
    assert (partial.decimal(), partial.value.decimal(), str(partial.value.latex()), partial.value.rounded().text) == (
        nine,
    ) * 4
    layers = [derive.Layer([[Fraction(1, 2**10)]], activation="identity")]
    tenth = derive.Network(layers, [derive.Sample([1], [0])]).derive().evaluation.quantity("out_o1")
    assert (tenth.is_exact(9), tenth.is_exact(10), tenth.is_exact()) == (False, True, False)


# Partials that are 0 by form


def softmax(bias, *, last="softmax", **settings):
    layers = [Layer([[0.3, 0.2], [0.1, 0.4]], bias=0.1), Layer([[0.5, -0.5], [0.1, 0.2]], bias=bias, activation=last)]
    return Network(layers, [Sample([1, 0.5], [0.25, 0.75])], **settings).derive()


@pytest.mark.parametrize("error", ["cross_entropy", "squared_error"])
def test_a_bias_that_all_neurons_of_softmax_share_has_a_partial_of_exactly_0(error):
    partial = softmax(0.1, error=error)["b2"]
    assert partial.value.exact == 0
    # Each of its paths counts, and the numbers alone leave it open whether their sum is 0.
    assert all(abs(path.value) > 0.001 for path in partial.paths)
    assert sum(path.value for path in partial.paths) == pytest.approx(0, abs=1e-15)


def test_other_biases_have_partials_of_their_own():
    assert softmax([0.1, 0.2])["b_o1"].value.exact is None
    assert softmax(0.1, last="tanh")["b2"].value.exact is None
    assert softmax(0.1)["b1"].value.exact is None


def test_by_hand_a_sum_is_what_its_printed_terms_give():
    by_hand = softmax(0.1, error="squared_error").by_hand(2)["b2"]
    assert by_hand.value == pytest.approx(sum(path.value for path in by_hand.paths))


@pytest.mark.parametrize("entry", [each for each in ACTIVATIONS.values() if isinstance(each, JointActivation)])
def test_a_function_that_ignores_a_shift_does_so(entry):
    nets, shift = symbols("a b c"), Symbol("s")
    moved = [entry.formula([net + shift for net in nets], place) for place in range(3)]
    same = [simplify(out - entry.formula(nets, place)) == 0 for place, out in enumerate(moved)]
    assert all(same) == entry.ignores_shift
