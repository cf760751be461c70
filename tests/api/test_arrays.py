"""Networks out of arrays, and arrays out of networks and derivations."""

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest
from ready import LAYERED

import derive
from derive.testing import assert_gradients_match

W1, B1 = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]), np.array([0.1, 0.2, 0.3])
W2, B2 = np.array([[0.7, -0.8, 0.9]]), np.array([0.4])
INPUTS, TARGETS = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0], [1.0]])


def made(arrays, **settings):
    return derive.Network.from_arrays(arrays, inputs=INPUTS, targets=TARGETS, **settings)


EXPECTED = derive.Network(
    [
        derive.Layer(W1.tolist(), B1.tolist()),
        derive.Layer(W2.tolist(), B2.tolist()),
    ],
    [derive.Sample([1, 2], [0]), derive.Sample([3, 4], [1])],
)
FORMS = {
    "pairs": [(W1, B1), (W2, B2)],
    "lists": [[W1.tolist(), B1.tolist()], [W2.tolist(), B2.tolist()]],
    "flat": [W1, B1, W2, B2],
    "names": {"W1": W1, "b1": B1, "W2": W2, "b2": B2},
    "names of PyTorch": {"0.weight": W1, "0.bias": B1, "2.weight": W2, "2.bias": B2},
    "names that the sizes put in order": {"out_w": W2, "out_b": B2, "hidden_w": W1, "hidden_b": B1},
    "two lists": ([W1, W2], [B1, B2]),
    "a pytree": {"params": {"Dense_0": {"bias": B1, "kernel": W1}, "Dense_1": {"bias": B2, "kernel": W2}}},
    "a list of mappings": [{"w": W1, "b": B1}, {"w": W2, "b": B2}],
    "columns": [(W1, B1[:, None]), (W2, B2[None])],
}


@pytest.mark.parametrize("form", FORMS)
def test_a_network_is_made_of_each_form(form):
    assert made(FORMS[form]) == EXPECTED


def test_arrays_come_out_as_they_went_in():
    network = made(FORMS["pairs"])
    for (w, b), (given_w, given_b) in zip(network.arrays(), FORMS["pairs"], strict=True):
        np.testing.assert_array_equal(w, given_w)
        np.testing.assert_array_equal(b, given_b)
    assert derive.Network.from_arrays(network.arrays(), network.samples) == network
    turned = network.arrays(layout="in_out")
    assert [w.shape for w, _ in turned] == [(2, 3), (3, 1)]
    assert made(turned, layout="in_out") == network


@pytest.mark.parametrize("name", LAYERED)
def test_every_ready_network_comes_back(name):
    network = derive.load(name)
    layers = [derive.Layer(layer.weights, layer.bias, layer.activation) for layer in network.layers]
    again = derive.Network.from_arrays(
        network.arrays(), network.samples, activation=[layer.activation for layer in network.layers]
    )
    assert again.layers == tuple(layers)


def test_gradients_come_as_arrays_by_layer_with_the_numbers_of_their_names():
    network = made(FORMS["pairs"], activation=["tanh", "identity"])
    gradients = network.derive().gradients
    for layer, (w, b) in enumerate(gradients.arrays()):
        names = network.weight_names[layer]
        np.testing.assert_array_equal(w, [[float(gradients[name]) for name in row] for row in names])
        np.testing.assert_array_equal(b, [float(gradients[name]) for name in network.bias_names[layer]])
    for (w, b), (turned, same) in zip(gradients.arrays(), gradients.arrays(layout="in_out"), strict=True):
        np.testing.assert_array_equal(w.T, turned)
        np.testing.assert_array_equal(b, same)
    with pytest.raises(derive.InputError, match="layout: found 'rows'; expected one of out_in, in_out"):
        gradients.arrays(layout="rows")


def test_shared_biases_have_no_dimension_and_none_is_none():
    layers = [derive.Layer([[0.1, 0.2]] * 2, 0.3), derive.Layer([[0.4, 0.5]])]
    network = derive.Network(layers, [derive.Sample([1, 2], [0])])
    for arrays in (network.arrays(), network.derive().gradients.arrays()):
        assert (arrays[0][1].shape, arrays[1][1]) == ((), None)
    assert network.arrays()[0][1] == 0.3


def test_gradients_can_be_copied_and_pickled():
    gradients = derive.load("article").derive().gradients
    for other in (copy.deepcopy(gradients), pickle.loads(pickle.dumps(gradients))):
        assert dict(other) == dict(gradients)
        np.testing.assert_array_equal(other.arrays()[0][0], gradients.arrays()[0][0])


def test_a_computation_without_layers_has_no_arrays():
    product = derive.Equation("E", [derive.terms.product("w", "x")])
    kinds = {"w": "weight", "x": "input", "E": "error"}
    with pytest.raises(derive.UnsupportedError, match="no layers"):
        derive.Computation([product], [{"w": 2, "x": 0.5}], kinds, "E").derive().gradients.arrays()


def test_numbers_are_read_as_the_decimals_that_they_print():
    single = [(W1.astype(np.float32), B1.astype(np.float32)), (W2.astype(np.float32), None)]
    assert made(single).layers[0].weights[0] == (Fraction(1, 10), Fraction(1, 5))
    thirds = made([[[[Fraction(1, 3), 1]], 0.5]])
    assert (thirds.layers[0].weights[0][0], thirds.layers[0].bias) == (Fraction(1, 3), Fraction(1, 2))


def test_a_module_of_pytorch_becomes_a_network():
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    inputs, targets = torch.randn(4, 2), torch.randn(4, 1)
    network = derive.Network.from_arrays(
        model, inputs=inputs, targets=targets, activation=["tanh", "identity"], error="squared_error"
    )
    torch.nn.MSELoss()(model(inputs), targets).backward()
    assert_gradients_match(network, model)


def test_samples_may_be_vectors_where_a_network_has_one_input_or_output():
    one = derive.Network.from_arrays([([[0.5]], [0.1])], inputs=[1, 2, 3], targets=np.array([0.1, 0.2, 0.3]))
    assert [sample.targets[0] for sample in one.samples] == [Fraction(1, 10), Fraction(1, 5), Fraction(3, 10)]
    two = derive.Network.from_arrays([W1, W2], inputs=[1, 2], targets=[0.5])
    assert two.samples == (derive.Sample([1, 2], [0.5]),)
    pairs = derive.Network.from_arrays([W1, W2], [([1, 2], [0.5])])
    assert pairs.samples == two.samples


def test_without_targets_there_is_a_forward_pass_alone_or_the_gradient_of_an_output():
    forward = derive.Network.from_arrays([W1, W2], inputs=[[1, 2], [3, 4]])
    assert forward.samples == (derive.Sample([1, 2]), derive.Sample([3, 4], None))
    one = derive.Network.from_arrays([W1, W2], inputs=[1, 2], activation="identity", differentiate="out_o1")
    assert_gradients_match(one, [(W2 @ np.eye(3)).T @ np.array([[1.0, 2.0]]), (W1 @ [1.0, 2.0])[None]])


REFUSED = {
    "nothing": ({"arrays": []}, "arrays: found []; expected weights and biases by layer"),
    "a number": ({"arrays": 5}, "arrays: found 5; expected weights and biases by layer"),
    "text": ({"arrays": "W"}, "arrays: found 'W'; expected weights and biases by layer"),
    "a vector": ({"arrays": np.ones(9)}, "expected weights and biases by layer"),
    "a bias alone": ({"arrays": [B1, W1]}, "arrays, [0]: found a second bias, or one without weights"),
    "two biases": ({"arrays": [W1, B1, B1]}, "arrays, [2]: found a second bias"),
    "three in a layer": ({"arrays": [(W1, B1, B1), (W2,)]}, "expected the weights and the bias of one layer"),
    "a short bias": (
        {"arrays": [(W1, B1[:2]), (W2, B2)]},
        "layer 1: found a bias of shape (2,); expected (3,)",
    ),
    "a vector for weights": ({"arrays": [(B1, B1), (W2, B2)]}, "arrays, layer 1: found weights of shape (3,)"),
    "None": ({"arrays": [(None, B1), (W2, B2)]}, "arrays, W1: found None; expected an array"),
    "no chain": ({"arrays": [(W1, B1), (W2.T, B1)]}, "layer 2, weights: found rows of 1 number; expected 3"),
    "activations": ({"activation": ["tanh"]}, "activation: found 1 name; expected one name, or 2, one for each layer"),
    "no samples": ({"inputs": None}, "samples: give either samples, or inputs and"),
    "both": ({"samples": [derive.Sample([1, 2], [1])]}, "samples: give either samples, or inputs and"),
    "fewer targets": ({"targets": [[1]]}, "targets: found 1 row; expected as many as there are inputs, 2"),
    "no inputs": ({"inputs": 5}, "inputs: found 5; expected an array of shape (samples, 2)"),
    "nan": ({"arrays": [(W1 * np.nan, B1), (W2, B2)]}, "found nan; expected a finite number"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_network_is_one_sentence(what):
    given, message = REFUSED[what]
    arguments = {"arrays": FORMS["pairs"], "inputs": INPUTS, "targets": TARGETS} | given
    with pytest.raises(derive.InputError) as caught:
        derive.Network.from_arrays(arguments.pop("arrays"), **arguments)
    assert message in str(caught.value)
