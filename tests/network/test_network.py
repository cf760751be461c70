"""What a network refuses, and the names that it gives."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy

import derive
from derive import InputError, Layer, Network, Sample

ONE = Layer(weights=[[1, 2]])
GIVEN = Sample(inputs=[1, 2], targets=[1])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1, Fraction(1, 10)),
        (1e-7, Fraction(1, 10**7)),
        (3, Fraction(3)),
        (Decimal("0.30"), Fraction(3, 10)),
        (Fraction(1, 3), Fraction(1, 3)),
        (np.float64(0.1), Fraction(1, 10)),
        (np.int64(7), Fraction(7)),
        (np.float32(0.1), Fraction(1, 10)),
        (np.longdouble("0.1"), Fraction(1, 10)),
        (sympy.Float("0.12345678901234567890", 20), Fraction("0.12345678901234567890")),
        (Decimal("0e999999999"), Fraction(0)),
        (sympy.Rational(1, 3), Fraction(1, 3)),
    ],
)
def test_a_number_counts_as_the_decimal_that_it_prints(value, expected):
    assert Layer(weights=[[value]]).weights[0][0] == expected


def test_weights_may_come_as_an_array():
    assert Layer(weights=np.array([[0.1, 0.2]])).weights == ((Fraction(1, 10), Fraction(1, 5)),)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Layer(weights=[]), "weights: found no rows"),
        (lambda: Layer(weights=[[]]), "weights, row 1: found no numbers; expected at least 1"),
        (lambda: Layer(weights=[[1, 2], [3]]), "weights, row 2: found 1 number; expected 2"),
        (lambda: Layer(weights=[["0.4"]]), "weights, row 1, number 1: found the text '0.4'; expected a number"),
        (lambda: Layer(weights=[[True]]), "found true; expected a number"),
        (lambda: Layer(weights=[[math.nan]]), "expected a finite number"),
        (lambda: Layer(weights=[[math.inf]]), "expected a finite number"),
        (lambda: Layer(weights=[[Decimal("1e999999999")]]), "expected a number between"),
        (lambda: Layer(weights=[[Decimal("1e-401")]]), "expected a number between"),
        (lambda: Layer(weights=[[Decimal("sNaN")]]), "found nan; expected a finite number"),
        (lambda: Layer(weights=[[np.longdouble("-inf")]]), "found -inf; expected a finite number"),
        (lambda: Layer(weights=[[10**900]]), "found a number of about 1e900; expected a number between"),
        (lambda: Layer(weights=[[Fraction(1, 10**900)]]), "expected a number between"),
        (lambda: Layer(weights=[[10**2000]]), "more than 1,000 digits"),
        (lambda: Layer(weights=[[[10**6000]]]), "too long to show"),
        (lambda: Layer(weights=np.array(0.5)), "weights: found array(0.5); expected a list of rows"),
        (lambda: Layer(weights=np.array([0.5])), "weights, row 1: found"),
        (lambda: Layer(weights=[[1]], bias=np.array(0.5)), "bias: found array(0.5)"),
        (lambda: Layer(weights=None), "weights: found an empty value"),
        (lambda: Layer(weights=[[1j]]), "expected a number"),
        (lambda: Layer(weights="12"), "expected a list of rows"),
        (lambda: Layer(weights=[[1]], bias=[1, 2]), "bias: found a list of 2 numbers; expected one for each"),
        (lambda: Layer(weights=[[1]], bias="x"), "bias: found 'x'"),
        (lambda: Layer(weights=[[1]], activation="logistik"), "Did you mean 'logistic'"),
        (lambda: Layer(weights=[[1]], activation=3), "activation: found 3"),
        (lambda: Layer(weights=[[1]], train_bias=1), "expected true or false"),
        (lambda: Network([], [GIVEN]), "layers: no [[layer]] found"),
        (lambda: Network([ONE], []), "samples: no [[sample]] found"),
        (lambda: Network([ONE, ONE], [GIVEN]), "layer 2, weights: found rows of 2 numbers; expected 1"),
        (lambda: Network([ONE], [Sample([1], [1])]), "sample 1, inputs: found 1 number; expected 2"),
        (lambda: Network([ONE], [Sample([1, 2], [1, 2])]), "sample 1, targets: found 2 numbers; expected 1"),
        (lambda: Network([ONE], [GIVEN], learning_rate=-1), "learning_rate: found -1; expected 0"),
        (lambda: Network([ONE], [GIVEN], learning_rate=Decimal("-1e400")), "learning_rate: found -1E+400"),
        (lambda: Network([ONE], [GIVEN], error="squared"), "error: found 'squared'"),
        (lambda: Network([ONE], [GIVEN], updates="sequentiel"), "Did you mean 'sequential'"),
        (lambda: Network([ONE], [GIVEN], title="two\nlines"), "title"),
        (lambda: Network([ONE], [GIVEN], title=""), "title"),
        (lambda: Network([ONE], [GIVEN], title="x" * 201), "1 to 200 printable characters"),
        (lambda: Network([ONE], [[1, 2]]), "samples, number 1"),
    ],
)
def test_wrong_input_gets_one_clear_sentence(make, message):
    with pytest.raises(InputError) as caught:
        make()
    assert message in str(caught.value)


def test_the_names_of_the_articles_network():
    network = derive.load("article")
    assert network.input_names == ("i1", "i2")
    assert network.neuron_names == (("h1", "h2"), ("o1", "o2"))
    assert network.weight_names == ((("w1", "w2"), ("w3", "w4")), (("w5", "w6"), ("w7", "w8")))
    assert network.bias_names == ("b1", "b2")
    assert network.target_names == ("target_o1", "target_o2")


def test_the_names_of_a_deeper_network():
    layers = [Layer([[1]] * 2, bias=[1, 2]), Layer([[1, 1]]), Layer([[1]], bias=1)]
    network = Network(layers, [Sample([1], [1])])
    assert network.neuron_names == (("h1_1", "h1_2"), ("h2_1",), ("o1",))
    assert network.bias_names == (("b_h1_1", "b_h1_2"), None, "b3")
    assert set(network.derive().parameters) == {"w1", "w2", "w3", "w4", "w5", "b_h1_1", "b_h1_2", "b3"}


def test_a_network_without_hidden_layers_is_one():
    derivation = Network([ONE], [GIVEN]).derive()
    assert derivation.computation.equations[0].name == "net_o1"
    assert [f"{f.of}/{f.by}" for f in derivation["w1"].factors] == ["E_total/out_o1", "out_o1/net_o1", "net_o1/w1"]
