"""A network with some numbers changed, and networks as a terminal shows them."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest

import derive
from derive import Layer, Network, Optimizer, Sample

NAMES = {"derive": derive, "Layer": Layer, "Network": Network, "Optimizer": Optimizer, "Sample": Sample}


def test_numbers_change_by_name_and_all_else_stays() -> None:
    article = derive.load("article")
    changed = article.replace(w5=0.5, b1=np.float32(0.25), i2=3, target_o1=0, title="Mine")
    rows = [[Fraction("0.5"), Fraction("0.45")], [Fraction("0.5"), Fraction("0.55")]]
    assert [list(row) for row in changed.layers[1].weights] == rows
    assert changed.layers[0] == dataclasses.replace(article.layers[0], bias=0.25)
    assert (changed.samples[0].inputs, changed.samples[0].targets) == (
        (Fraction("0.05"), 3),
        (0, Fraction("0.99")),
    )
    assert changed.title == "Mine"
    assert not changed.layers[1].train_bias
    assert article == derive.load("article")


def test_a_users_own_names_and_those_of_a_training_are_known() -> None:
    network = derive.load("single_neuron")
    trained = network.derive().train(3).parameters
    changed = network.replace(trained)
    assert changed.weight_names == network.weight_names
    values = [number for row in changed.layers[0].weights for number in row]
    names = [name for row in network.weight_names[0] for name in row]
    assert values == [Fraction(repr(float(trained[name]))) for name in names]


def test_what_cannot_be_changed_is_refused() -> None:
    article = derive.load("article")
    with pytest.raises(KeyError, match="Did you mean 'w5'"):
        article.replace(W5=1)
    with pytest.raises(derive.InputError, match="Did you mean 'learning_rate'"):
        article.replace(learningrate=1)
    with pytest.raises(derive.InputError, match="'w5': given twice"):
        article.replace({"w5": 1}, w5=2)
    with pytest.raises(derive.InputError, match="'w5': given together with layers"):
        article.replace(w5=1, layers=article.layers)
    with pytest.raises(derive.InputError, match="w5: found the text 'x'"):
        article.replace(w5="x")
    with pytest.raises(derive.InputError, match="'i1': found no such name"):
        derive.load("xor").replace(i1=1)


def test_a_number_named_as_a_field_is_asked_for_in_a_mapping() -> None:
    network = Network([Layer([[1]], weight_names=[["delta"]])], [Sample([1], [1])])
    with pytest.raises(derive.InputError, match=r"replace\(\{'delta': …\}\)"):
        network.replace(delta=2)
    assert network.replace({"delta": 2}).layers[0].weights == ((2,),)


@pytest.mark.parametrize("name", [name for name in derive.ready_networks() if name != "two_hidden_layers"])
def test_a_small_network_is_typed_back(name: str) -> None:
    network = derive.load(name)
    if not repr(network).startswith("<"):
        assert eval(repr(network), dict(NAMES)) == network
    assert "Fraction" not in repr(network)
    assert len(repr(network)) <= 900


def test_a_large_network_is_short() -> None:
    long = [[f"a_very_long_name_{row}_{place}" for place in range(50)] for row in range(40)]
    layers = [Layer(np.full((40, 50), 1 / 3), weight_names=long, bias=[Fraction(1, 7)] * 40)]
    layers += [Layer(np.full((40, 40), 1e-300), bias=0.1)] * 30
    network = Network(layers, [Sample([1] * 50, [Fraction(1, 3)] * 40)] * 100, title="x" * 200)
    assert len(repr(network)) <= 900
    assert "50-40-40" in repr(network)
    assert len(repr(layers[0])) <= 900
