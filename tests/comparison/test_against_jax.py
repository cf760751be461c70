"""Gradients as programs in JAX have them: its arrays, its pytrees, compiled or not, in its usual types and layout."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pytest
from programs import Program

import derive
from derive.comparison.every_way import compare_ways
from derive.testing import assert_gradients_match

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy

ERRORS = {
    "half_squared_error": lambda out, target: ((target - out) ** 2).sum() / 2,
    "cross_entropy": lambda out, target: -(target * jnp.log(out)).sum(),
}
ACTIVATIONS = {"logistic": jax.nn.sigmoid, "tanh": jnp.tanh, "softmax": jax.nn.softmax, "relu": jax.nn.relu}


class Affine(NamedTuple):
    b: Any
    w: Any


@jax.tree_util.register_dataclass
@dataclass
class Dense:
    bias: Any
    kernel: Any


@partial(
    jax.tree_util.register_dataclass,
    data_fields=["weight", "bias"],
    meta_fields=["in_features", "use_bias", "activation"],
)
@dataclass
class Linear:
    weight: Any
    bias: Any
    in_features: int
    use_bias: bool
    activation: Any


@partial(jax.tree_util.register_dataclass, data_fields=["layers"], meta_fields=["depth"])
@dataclass
class Model:
    """A model that is called, as those of Equinox; its gradient is a model, too."""

    layers: Any
    depth: int

    def __call__(self, x):
        raise NotImplementedError


@jax.tree_util.register_pytree_node_class
class Frozen(dict):
    """A mapping that JAX knows by its registration, as Flax's FrozenDict."""

    def tree_flatten(self):
        return tuple(self.values()), tuple(self)

    @classmethod
    def tree_unflatten(cls, keys, values):
        return cls(zip(keys, values, strict=True))


# How a program keeps its parameters: made of [(w, b), …], and [(w, b), …] of it.
TREES = {
    "pairs": (lambda p: p, lambda t: t),
    "a tuple of tuples": (tuple, list),
    "a dict of lists": (
        lambda p: {"W": [w for w, _ in p], "b": [b for _, b in p]},
        lambda t: list(zip(t["W"], t["b"], strict=True)),
    ),
    "a list of dicts": (
        lambda p: [{"weights": w, "biases": b} for w, b in p],
        lambda t: [(x["weights"], x["biases"]) for x in t],
    ),
    "one dict": (
        lambda p: {f"{kind}{k}": each for k, pair in enumerate(p, 1) for kind, each in zip("Wb", pair, strict=True)},
        lambda t: [(t[f"W{k}"], t[f"b{k}"]) for k in range(1, len(t) // 2 + 1)],
    ),
    "flax": (
        lambda p: {"params": {f"Dense_{k}": {"kernel": w, "bias": b} for k, (w, b) in enumerate(p)}},
        lambda t: [
            (t["params"][f"Dense_{k}"]["kernel"], t["params"][f"Dense_{k}"]["bias"]) for k in range(len(t["params"]))
        ],
    ),
    "haiku": (
        lambda p: {f"mlp/~/linear_{k}": {"w": w, "b": b} for k, (w, b) in enumerate(p)},
        lambda t: [(t[f"mlp/~/linear_{k}"]["w"], t[f"mlp/~/linear_{k}"]["b"]) for k in range(len(t))],
    ),
    "frozen": (
        lambda p: Frozen(params=Frozen({f"Dense_{k}": Frozen(kernel=w, bias=b) for k, (w, b) in enumerate(p)})),
        lambda t: [(x["kernel"], x["bias"]) for x in t["params"].values()],
    ),
    "an ordered dict": (
        lambda p: OrderedDict((f"layer{k}", {"w": w, "b": b}) for k, (w, b) in enumerate(p)),
        lambda t: [(x["w"], x["b"]) for x in t.values()],
    ),
    "stax": (lambda p: [each for pair in p for each in (pair, ())], lambda t: t[::2]),
    "named tuples": (lambda p: [Affine(b=b, w=w) for w, b in p], lambda t: [(x.w, x.b) for x in t]),
    "dataclasses": (
        lambda p: {f"Dense_{k}": Dense(b, w) for k, (w, b) in enumerate(p)},
        lambda t: [(x.kernel, x.bias) for x in t.values()],
    ),
    "a model": (
        lambda p: Model([Linear(w, b, 3, True, jnp.tanh) for w, b in p], len(p)),
        lambda t: [(x.weight, x.bias) for x in t.layers],
    ),
}


def gradients(made, tree, *, dtype, compiled=False, turned=False):
    """Return JAX's gradient by a pytree of the program's parameters, which has weights in JAX's layout where turned."""
    pairs = [(w.T if turned else w, b) for w, b in zip(made.weights, made.biases, strict=True)]
    pack, pairs_of = TREES[tree]
    inputs, targets = jnp.asarray(made.inputs, dtype), jnp.asarray(made.targets, dtype)

    def loss(parameters):
        out = inputs
        for (w, b), name in zip(pairs_of(parameters), made.functions, strict=True):
            out = ACTIVATIONS[name](out @ (w if turned else w.T) + b)
        return ERRORS[made.error](out, targets) / (len(inputs) if made.reduction == "mean" else 1)

    slope = jax.grad(loss)
    return (jax.jit(slope) if compiled else slope)(
        pack([(jnp.asarray(w, dtype), jnp.asarray(b, dtype)) for w, b in pairs])
    )


@pytest.mark.parametrize("tree", TREES)
def test_each_pytree_is_read(tree):
    for seed, (dtype, compiled, turned, last) in enumerate(
        [("float32", True, True, "softmax"), ("float64", False, False, "logistic"), ("float32", False, True, "tanh")]
    ):
        made = Program(seed, last=last, depth=1 + seed % 2)
        layout = "in_out" if turned else "out_in"
        found = gradients(made, tree, dtype=dtype, compiled=compiled, turned=turned)
        assert_gradients_match(made.network(), found, layout=layout)
        assert_gradients_match(made.network(), lambda _, found=found: found, layout=layout)
        wrong = jax.tree.map(lambda each: -each, found)
        comparison = derive.compare_gradients(made.network(), wrong, layout=layout)
        assert comparison.slips[0].kind == "sign"


@pytest.mark.parametrize("tree", ["pairs", "flax", "dataclasses", "named tuples"])
def test_the_leaves_of_a_pytree_are_read_in_the_order_that_jax_gives(tree):
    made = Program(5)
    found = gradients(made, tree, dtype="float64", turned=True)
    assert_gradients_match(made.network(), jax.tree.leaves(found), layout="in_out")


@pytest.mark.parametrize("seed", range(6))
def test_half_precision_and_value_and_grad(seed):
    made = Program(seed, hidden=("tanh", "logistic", "relu"))
    found = gradients(made, "flax", dtype="float64", turned=True)
    for dtype in ("bfloat16", "float16"):
        assert_gradients_match(
            made.network(), jax.tree.map(lambda each, d=dtype: each.astype(d), found), layout="in_out"
        )
    noise = np.random.default_rng(seed)
    off = jax.tree.map(lambda each: each * (1 + 1e-4 * noise.uniform(1, 2)), found)
    assert not derive.compare_gradients(made.network(), off, layout="in_out").agrees
    assert_gradients_match(made.network(), MappingProxyType(found), layout="in_out")


def test_a_layout_that_does_not_fit_says_which_one_does():
    made = Program(3, depth=1)
    made.weights[0] = made.weights[0][:, :1]
    made.inputs = made.inputs[:, :1]
    found = gradients(made, "flax", dtype="float32", turned=True)
    with pytest.raises(derive.InputError, match='Give layout="in_out" for arrays of that shape'):
        assert_gradients_match(made.network(), found)


@pytest.mark.parametrize("name", [*derive.ACTIVATIONS, *derive.ERRORS])
def test_jax_is_a_way_to_every_gradient(name):
    targets = {"cross_entropy": [0, 1], "hinge": [1, -1]}.get(name, [0.25, 0.75])
    is_error, joint = name in derive.ERRORS, name in ("cross_entropy", "softmax")
    hidden = "tanh" if is_error or joint else name
    last = "softmax" if joint else "logistic" if is_error else name
    network = derive.Network(
        [
            derive.Layer([[0.3, -0.7], [0.9, 0.2]], [0.1, -0.2], hidden),
            derive.Layer([[0.4, 0.6], [-0.5, 0.8]], 0.3, last),
        ],
        [derive.Sample([0.4, 1.2], targets), derive.Sample([-0.9, 0.3], targets)],
        error=name if is_error else "half_squared_error",
    )
    evaluation = network.derive().evaluation
    assert compare_ways(evaluation, ["jax"])["jax"].agrees


def test_a_network_of_arrays_of_jax():
    w, b = jnp.array([[0.5, -0.25]]), jnp.array([0.125])
    network = derive.Network.from_arrays(
        {"params": {"Dense_0": {"kernel": w.T, "bias": b}}},
        inputs=jnp.array([[1.0, 2.0]]),
        targets=jnp.array([[1.0]]),
        layout="in_out",
    )
    assert network.layers[0].weights == derive.Layer([[0.5, -0.25]]).weights
