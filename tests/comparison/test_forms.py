"""Gradients in the forms in which programs hold them: each is read, and what is none of them is one sentence."""

import itertools
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
from programs import Program

import derive
from derive.testing import assert_gradients_match


class Tensor:
    """An array as JAX's are to those who do not know JAX: it has a dtype, a shape and `__array__`."""

    def __init__(self, values, dtype=np.float32):
        self.values = np.asarray(values, dtype)
        self.dtype, self.shape = self.values.dtype, self.values.shape

    def __array__(self, dtype=None, copy=None):
        return self.values.astype(dtype or self.dtype)


class Affine(NamedTuple):
    b: Any
    w: Any


@dataclass
class Dense:
    bias: Any
    kernel: Any
    size: int

    def __call__(self, x):
        raise NotImplementedError


def named(found, weight, bias):
    return {name.format(k): each[place] for k, each in enumerate(found) for place, name in enumerate((weight, bias))}


def flat(found):
    return list(itertools.chain.from_iterable(found))


def keyed(found):
    keys = itertools.product(range(len(found)), ("weight", "bias"))
    return zip(keys, flat(found), strict=True)


FORMS = {
    "pairs": lambda found: found,
    "lists of lists": lambda found: [[w.tolist(), b.tolist()] for w, b in found],
    "a flat list": flat,
    "an iterator": lambda found: iter(flat(found)),
    "weights alone": lambda found: [(w,) for w, _ in found],
    "W1, b1": lambda found: named(found, "W{}", "b{}"),
    "dW_1, db_1, backwards": lambda found: dict(reversed(named(found, "dW_{}", "db_{}").items())),
    "grad_W, grad_b": lambda found: named(found, "grad_W{}", "grad_b{}"),
    "0.weight, 2.weight": lambda found: {f"{2 * k}.{key}": each for (k, key), each in keyed(found)},
    "fc1.weight": lambda found: named(found, "model.fc{}.weight", "model.fc{}.bias"),
    "two lists": lambda found: tuple(zip(*found, strict=True)),
    "two lists, biases first": lambda found: tuple(zip(*found, strict=True))[::-1],
    "weights and biases": lambda found: dict(
        zip(("weights", "biases"), map(list, zip(*found, strict=True)), strict=True)
    ),
    "one vector": lambda found: np.concatenate([each.ravel() for each in flat(found)]),
    "one list of numbers": lambda found: np.concatenate([each.ravel() for each in flat(found)]).tolist(),
    "a pytree": lambda found: {"params": {f"Dense_{k}": {"bias": b, "kernel": w} for k, (w, b) in enumerate(found)}},
    "a list of mappings": lambda found: [{"b": b, "w": w} for w, b in found],
    "layers without parameters between": lambda found: flat((pair, ()) for pair in found),
    "by name of the layer": lambda found: {f"layer{k}": pair for k, pair in enumerate(found)},
    "columns of biases": lambda found: [(w, b[:, None]) for w, b in found],
    "rows of biases": lambda found: [(w, b[None, :]) for w, b in found],
    "arrays of another library": lambda found: [(Tensor(w, np.float64), Tensor(b)) for w, b in found],
    "named tuples": lambda found: [Affine(b, w) for w, b in found],
    "dataclasses": lambda found: {f"Dense_{k}": Dense(b, w, len(b)) for k, (w, b) in enumerate(found)},
    "a flat list, biases first": lambda found: flat([(b, w) for w, b in found]),
    "a part by name": lambda found: {"W2": found[1][0]},
    "a function": lambda found: lambda parameters: found,
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_read(form):
    for seed in range(4):
        made = Program(seed, depth=seed % 3 + 1)
        network, found = made.network(), made.gradients()
        assert_gradients_match(network, FORMS[form](found))
        found[1][0][0, 1] += 0.5
        comparison = derive.compare_gradients(network.derive(), FORMS[form](found))
        assert [row.name for row in comparison.wrong] == [network.weight_names[1][0][1]], form


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_read_in_the_other_layout(form):
    made = Program(8)
    turned = [(w.T, b) for w, b in made.gradients()]
    assert_gradients_match(made.network(), FORMS[form](turned), layout="in_out")


def test_the_place_in_the_arrays_is_named():
    made = Program(2)
    found = made.gradients()
    found[1][0][0, 1] += 1
    found[0][1][1] += 1
    text = str(derive.compare_gradients(made.network().derive(), found))
    assert ", W2[0, 1]: found" in text
    assert "b_h1_2, b1[1]: found" in text
    turned = str(derive.compare_gradients(made.network().derive(), [(w.T, b) for w, b in found], layout="in_out"))
    assert ", W2[1, 0]: found" in turned
    keys = {
        f"{k}.{name}": each for k, pair in enumerate(found) for name, each in zip(("weight", "bias"), pair, strict=True)
    }
    assert ", 1.weight[0, 1]: found" in str(derive.compare_gradients(made.network().derive(), keys))


SHAPES = [(3, 2), (3, 3), (1, 3)]


def network(bias=(None, None, None), **settings):
    draw = np.random.default_rng(4)
    layers = [
        derive.Layer(draw.uniform(-1, 1, shape).round(2), each, "tanh", **settings)
        for shape, each in zip(SHAPES, bias, strict=True)
    ]
    return derive.Network(layers, [derive.Sample([0.3, -0.7], [0.2]), derive.Sample([0.1, 0.9], [0.5])])


SHARED, EACH = (0.2, -0.1, 0.3), ([0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.4])


def test_a_shared_bias_is_one_number_or_one_a_neuron():
    net = network(SHARED)
    right = net.derive().gradients.arrays()
    assert [b.shape for _, b in right] == [(), (), ()]
    draw = np.random.default_rng(0)
    for shape in ((), (1,), (1, 1)):
        assert_gradients_match(net, [(w, b.reshape(shape)) for w, b in right], partial=False)
    parts = [(w, draw.dirichlet(np.ones(len(w))) * float(b)) for w, b in right]  # a number a neuron
    assert [b.shape for _, b in parts] == [(3,), (3,), (1,)]
    assert_gradients_match(net, parts, partial=False)
    assert_gradients_match(net, np.concatenate([each.ravel() for each in flat(parts)]), partial=False)
    assert_gradients_match(net, np.concatenate([each.ravel() for each in flat(right)]), partial=False)
    assert_gradients_match(net, {"b1": parts[0][1], "b2": float(right[1][1])})
    wrong = [(w, b + 1) for w, b in parts]
    assert [row.name for row in derive.compare_gradients(net.derive(), wrong).wrong] == ["b1", "b2", "b3"]


def test_layers_without_biases_and_biases_that_are_not_trained():
    bare = network()
    weights = [w for w, _ in bare.derive().gradients.arrays()]
    for form in (weights, [(w,) for w in weights], [(w, None) for w in weights], {"W1": weights[0], "W2": weights[1]}):
        assert_gradients_match(bare, form)
    mixed = network((EACH[0], None, 0.3))
    right = mixed.derive().gradients.arrays()
    assert_gradients_match(mixed, [right[0], (right[1][0],), right[2]], partial=False)
    assert_gradients_match(mixed, [*right[0], right[1][0], *right[2]], partial=False)
    kept = network(EACH, train_bias=False)
    right = kept.derive().gradients.arrays()
    for form in (right, flat(right), [w for w, _ in right], flat([(w, None) for w, _ in right])):
        assert_gradients_match(kept, form, partial=False)
        assert_gradients_match(kept, lambda _, form=form: form)


def arrays():
    return network(EACH).derive().gradients.arrays()


COMPARISONS = [derive.compare_gradients, assert_gradients_match]
REFUSED = {
    "5": (lambda a: 5, "found 5; expected a mapping from names to numbers, arrays by layer"),
    "text": (lambda a: "abc", "found 'abc'; expected a mapping"),
    "a set": (lambda a: {1, 2}, "expected a mapping from names"),
    "a function that returns nothing": (lambda a: lambda _: None, "found an empty value (null); expected a mapping"),
    "a function of nothing": (lambda a: lambda: a, "found a function that does not take one argument"),
    "turned": (
        lambda a: [(w.T, b) for w, b in a],
        "gradients, W1: found an array of shape (2, 3); expected (3, 2), as layer 1 has 3 neurons and 2 inputs. Give "
        'layout="in_out" for arrays of that shape.',
    ),
    "another shape": (
        lambda a: [(w[:, :1], b) for w, b in a],
        "shape (3, 1); expected (3, 2), as layer 1 has 3 neurons",
    ),
    "short bias": (lambda a: [(w, b[:2]) for w, b in a], "gradients, b1: found an array of shape (2,); expected (3,)"),
    "a layer too few": (lambda a: a[:2], "gradients: found 2 layers; expected 3, one for each"),
    "one layer": (lambda a: (a[0],), "gradients: found 1 layer; expected 3, one for each"),
    "two layers in one": (lambda a: [*a[:2], {"w": a[2][0], "x": {"b": a[2][1]}}], "expected a mapping from names"),
    "nothing in it": (lambda a: {"params": {}}, "gradients: found no numbers"),
    "an array too few": (lambda a: flat(a)[:5], "gradients: found 5 arrays; expected 6: W1, b1, W2, b2, W3, b3."),
    "a short vector": (lambda a: np.ones(5), "found a vector of 5 numbers; expected 25 numbers"),
    "complex": (lambda a: [(w + 1j, b) for w, b in a], "gradients, [0][0]: found an array of complex128"),
    "truth": (lambda a: [(w > 0, b) for w, b in a], "found an array of bool; expected an array of real numbers"),
    "an object": (lambda a: {"W1": object()}, "expected a weight or bias of this network"),
    "an object between": (lambda a: [(object(), b) for _, b in a], "; expected an array of numbers."),
    "None": (lambda a: [(None, b) for _, b in a], "gradients, W1: found None; expected an array. PyTorch has None"),
    "names alone": (
        lambda a: {"in.weight": a[1][0], "out.weight": a[1][0]},
        "found arrays for 2 layers, 'in', 'out'; expected 3",
    ),
    "twice": (
        lambda a: {"W1": a[0][0], "dW1": a[0][0]},
        "found two arrays for the same parameters of a layer, the second named 'dW1'",
    ),
    "a huge number": (lambda a: [[[[10**400, 1]] * 3, [0, 0, 0]], *a[1:]], "expected a number that a float can hold"),
    "no key": (lambda a: {(1, 2): a[0][0], "W2": a[1][0]}, "found the key (1, 2); expected a name such as W1"),
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("compare", COMPARISONS)
def test_what_is_no_gradient_is_one_sentence(what, compare):
    make, message = REFUSED[what]
    with pytest.raises(derive.InputError) as caught:
        compare(network(EACH).derive(), make(arrays()))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bias_of_a_layer_that_has_none_is_refused():
    found = [(w, np.zeros(len(w))) for w, _ in network().derive().gradients.arrays()]
    with pytest.raises(derive.InputError, match="b1: found an array; expected none, as layer 1 has no bias"):
        assert_gradients_match(network(), found)


def test_names_that_tell_no_order_are_refused_where_the_shapes_tell_none():
    square = derive.Network(
        [derive.Layer([[0.1, 0.2], [0.3, 0.4]]), derive.Layer([[0.5, 0.6], [0.7, 0.8]])],
        [derive.Sample([1, 2], [0, 1])],
    )
    (first, _), (second, _) = square.derive().gradients.arrays()
    with pytest.raises(derive.InputError, match="names that do not tell the order of the layers"):
        assert_gradients_match(square, {"output_w": second, "hidden_w": first})
    assert_gradients_match(square, {"W2": second, "W1": first})
    net = network(EACH)
    (w1, b1), (w2, b2), (w3, b3) = net.derive().gradients.arrays()
    assert_gradients_match(net, {"out_w": w3, "out_b": b3, "in_w": w1, "in_b": b1, "mid_w": w2, "mid_b": b2})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layout": "rows"}, "layout: found 'rows'; expected one of out_in, in_out"),
        ({"rtol": "small"}, "rtol: found 'small'; expected a number of 0 or more"),
        ({"rtol": -1}, "rtol: found -1; expected a number of 0 or more"),
        ({"atol": float("nan")}, "atol: found nan; expected a number of 0 or more"),
        ({"partial": "yes"}, "partial: found 'yes'; expected true or false"),
    ],
)
def test_settings_that_are_none(article, settings, message):
    with pytest.raises(derive.InputError, match=message):
        derive.compare_gradients(article, {"w5": 0.0821670405642}, **settings)


@pytest.mark.parametrize("compare", [*COMPARISONS, derive.compare_published])
def test_what_is_no_network_is_one_sentence(compare):
    with pytest.raises(derive.InputError, match=r"network: found 5; expected a derive.Network or a derive.Derivation"):
        compare(5, {})


def test_a_network_is_as_good_as_its_derivation(article):
    network = derive.load("article")
    assert derive.compare_gradients(network, {"w5": 0.0821670405642}).agrees
    assert derive.compare_published(network, "article").counts == derive.compare_published(article, "article").counts


def test_sparse_gradients_of_pytorch():
    torch = pytest.importorskip("torch")
    assert_gradients_match(network(EACH), [(torch.tensor(w).to_sparse(), torch.tensor(b)) for w, b in arrays()])


def test_a_computation_without_layers_takes_names_alone():
    product = derive.Equation("E", [derive.terms.product("w", "x")])
    kinds = {"w": "weight", "x": "input", "E": "error"}
    derivation = derive.Computation([product], [{"w": 2, "x": 0.5}], kinds, "E").derive()
    assert_gradients_match(derivation, {"w": 0.5})
    with pytest.raises(derive.InputError, match="as this computation has no layers"):
        assert_gradients_match(derivation, [np.array([[0.5]])])


def test_a_module_of_pytorch():
    torch = pytest.importorskip("torch")
    made = Program(3, hidden=("tanh",), last="identity")
    modules = []
    for w, b in zip(made.weights, made.biases, strict=True):
        linear = torch.nn.Linear(w.shape[1], w.shape[0], dtype=torch.float32)
        linear.weight.data, linear.bias.data = torch.tensor(w).float(), torch.tensor(b).float()
        modules += [linear, torch.nn.Tanh()]
    model = torch.nn.Sequential(*modules[:-1])
    net = made.network()
    with pytest.raises(derive.InputError, match=r"found None in the \.grad of every parameter"):
        assert_gradients_match(net, model)
    error = ((model(torch.tensor(made.inputs).float()) - torch.tensor(made.targets).float()) ** 2).sum() / 2
    (error / (len(made.inputs) if made.reduction == "mean" else 1)).backward()
    gradients = [each.grad for each in model.parameters()]
    assert_gradients_match(net, model)
    assert_gradients_match(net, gradients)
    assert_gradients_match(net, {name: each.grad for name, each in model.named_parameters()})
    assert_gradients_match(net, torch.nn.utils.parameters_to_vector(gradients))
    assert_gradients_match(net, [each.bfloat16() for each in gradients])
    gradients[0][0, 0] += 1
    assert "w1, 0.weight.grad[0, 0]: found" in str(derive.compare_gradients(net.derive(), model))
    model[0].weight.grad = None
    with pytest.raises(derive.InputError, match=r"0\.weight\.grad: found None; expected an array"):
        assert_gradients_match(net, model)
