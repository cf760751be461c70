"""A network's gradient in floating point, by one of several ways that know nothing of the derivation's chain rule.

- ``numpy``: a backward pass over whole layers, as a programmer writes it; `Variation` puts a slip into it.
- ``finite-differences``: central differences of the error alone, in ball arithmetic, so that nothing cancels.
- ``torch`` and ``jax``: their own differentiation of the error, where they are installed.
"""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from itertools import chain
from typing import Any

import numpy as np
from flint import fmpq
from sympy import Expr

from derive.calculus.chain import Derivation
from derive.calculus.local import TARGET, slope
from derive.calculus.rules import tidy
from derive.computation.equations import activation_shape, error_shape
from derive.functions.activations import ACTIVATIONS, Activation
from derive.network.network import Network
from derive.notation.trees import ONE, minus
from derive.numbers.decimals import MOST_BITS, START_BITS, Undecided, at_enough_bits, nearest_float, refusal, to_float
from derive.numbers.precision import at_bits
from derive.training.code.arrays import ARRAYS, NET, OUT
from derive.training.code.expressions import NumpyCode

Gradients = Mapping[str, float]
STEP_BITS, WORK_BITS = 80, 400


@dataclass(frozen=True)
class Variation:
    """What a backward pass does otherwise than it should; layers are counted from 0, None means none of them.

    ``no_bias`` leaves the biases out of the forward pass, ``no_slope`` the activation's derivative (-1: everywhere),
    ``transposed`` goes back through a layer's weights the wrong way round, ``turned`` transposes a layer's gradient,
    ``dropped`` is a layer and the neuron in it over which the error does not come back, ``updated`` goes back through
    the weights of the next step, ``factor`` multiplies everything.
    """

    no_bias: bool = False
    no_slope: int | None = None
    transposed: int | None = None
    turned: int | None = None
    dropped: tuple[int, int] | None = None
    updated: bool = False
    factor: float = 1.0


CORRECT = Variation()


@lru_cache(maxsize=512)
def _function(expression: Expr, *symbols: Expr) -> Callable[..., Any]:
    """Return an element-wise formula as a function of arrays; no name in it is a user's."""
    names = {symbol: f"a{number}" for number, symbol in enumerate(symbols)}
    code = f"lambda {', '.join(names.values())}: {NumpyCode(names)(expression)}"
    return eval(compile(code, "<formula>", "eval"), dict(ARRAYS))  # type: ignore[no-any-return]


def numpy_gradients(network: Network, variation: Variation = CORRECT) -> dict[str, float]:
    """Return the gradient of the error of all samples by every weight and bias."""
    weights = [np.array([[to_float(w) for w in row] for row in layer.weights]) for layer in network.layers]
    biases = [np.array([to_float(b) for b in layer.biases] or [0.0]) for layer in network.layers]
    outs = [np.array([[to_float(v) for v in sample.inputs] for sample in network.samples])]
    targets = np.array([[to_float(v) for v in sample.targets] for sample in network.samples])
    nets = []
    with np.errstate(all="ignore"):
        for k, layer in enumerate(network.layers):
            nets.append(outs[-1] @ weights[k].T + (0.0 if variation.no_bias else biases[k]))
            outs.append(_activated(layer.activation, layer.constant, nets[-1]))
        error = error_shape(network.error, network.error_constant)
        flow = _function(slope(error, 1), NET, OUT)(targets, outs[-1]) * np.ones_like(outs[-1])
        flow *= variation.factor / (len(targets) if network.reduction == "mean" else 1)
        found: dict[int, tuple[Any, Any]] = {}
        for k in reversed(range(len(weights))):
            layer = network.layers[k]
            is_without = variation.no_slope in (k, -1)
            delta = flow if is_without else _through(layer.activation, layer.constant, flow, nets[k], outs[k + 1])
            by_weights = delta.T @ outs[k]
            found[k] = by_weights.T if variation.turned == k else by_weights, delta.sum(axis=0)
            back = weights[k] - to_float(network.learning_rate) * by_weights if variation.updated else weights[k]
            if variation.dropped is not None and variation.dropped[0] == k:
                back = back.copy()
                back[variation.dropped[1]] = 0
            flow = delta @ (back.T if variation.transposed == k else back)
    return _by_name(network, found)


def _activated(name: str, constant: Fraction | None, net: Any) -> Any:
    entry = ACTIVATIONS[name]
    if isinstance(entry, Activation):
        shape = activation_shape(entry, constant)
        return _function(tidy((shape.numeric or shape.build)(NET)), NET)(net)
    shares = _function(entry.share(NET, OUT), NET, OUT)(net, net.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def _through(name: str, constant: Fraction | None, flow: Any, net: Any, out: Any) -> Any:
    """Return the derivative by the nets, given that by the outs."""
    entry = ACTIVATIONS[name]
    if isinstance(entry, Activation):
        factor = slope(activation_shape(entry, constant), 0)
        return flow if factor == ONE else flow * _function(factor, NET, TARGET)(net, out)
    beside, on = (tidy(entry.derivative((NET, OUT), 0, by)) for by in (1, 0))
    jacobian = _function(beside, NET, OUT)(out[:, :, None], out[:, None, :])
    return np.einsum("kij,ki->kj", jacobian, flow) + flow * _function(minus(on, beside), NET, OUT)(out, out)


def _by_name(network: Network, found: Mapping[int, tuple[Any, Any]]) -> dict[str, float]:
    named: dict[str, float] = {}
    for k, names in enumerate(network.weight_names):
        by_weights, by_nets = found[k]
        named.update(zip(chain.from_iterable(names), by_weights.ravel().tolist(), strict=True))
        biases = network.bias_names[k]
        if isinstance(biases, str):
            named[biases] = float(by_nets.sum())
        elif biases is not None:
            named.update(zip(biases, by_nets.tolist(), strict=True))
    return named


def difference_gradients(network: Network) -> dict[str, float]:
    """Return central differences of the error, (E(w + h) − E(w − h)) / 2h with h = 2⁻⁸⁰.

    Each is the float that is nearest to the difference, at the precision which that asks for.
    """
    derivation = network.derive()
    try:
        return {name: at_enough_bits(partial(_difference, derivation, name)) for name in derivation.parameters}
    except Undecided as undecided:
        raise refusal(None, undecided.place or derivation.graph.output, MOST_BITS) from None


def _difference(derivation: Derivation, name: str, bits: int) -> float:
    return at_bits(WORK_BITS * bits // START_BITS, _difference_at_present, derivation, name)


def _difference_at_present(derivation: Derivation, name: str) -> float:
    step = fmpq(1, 2**STEP_BITS)
    above, below = (derivation.evaluation.error_at(name, moved) for moved in (step, -step))
    return nearest_float((above - below) / (2 * step))


def torch_gradients(network: Network) -> dict[str, float]:
    """Return what PyTorch's automatic differentiation finds, in double precision."""
    import torch

    f = torch.nn.functional
    functions: dict[str, Callable[[Any, float], Any]] = {
        "identity": lambda net, _: net,
        "logistic": lambda net, _: torch.sigmoid(net),
        "tanh": lambda net, _: torch.tanh(net),
        "relu": lambda net, _: torch.relu(net),
        "leaky_relu": lambda net, slope: f.leaky_relu(net, slope),
        "elu": lambda net, alpha: f.elu(net, alpha),
        "softplus": lambda net, _: f.softplus(net, threshold=1e9),
        "softsign": lambda net, _: f.softsign(net),
        "gelu": lambda net, _: f.gelu(net),
        "silu": lambda net, _: f.silu(net),
        "hard_tanh": lambda net, _: f.hardtanh(net),
        "softmax": lambda net, _: torch.softmax(net, dim=1),
    }
    errors: dict[str, Callable[[Any, Any, float], Any]] = {
        "half_squared_error": lambda t, o, _: ((t - o) ** 2).sum() / 2,
        "squared_error": lambda t, o, _: ((t - o) ** 2).sum(),
        "mean_squared_error": lambda t, o, _: ((t - o) ** 2).mean(dim=1).sum(),
        "absolute_error": lambda t, o, _: f.l1_loss(o, t, reduction="sum"),
        "huber": lambda t, o, delta: f.huber_loss(o, t, reduction="sum", delta=delta),
        "binary_cross_entropy": lambda t, o, _: -(torch.xlogy(t, o) + torch.xlogy(1 - t, 1 - o)).sum(),
        "cross_entropy": lambda t, o, _: -torch.xlogy(t, o).sum(),
        "hinge": lambda t, o, _: torch.relu(1 - t * o).sum(),
    }

    def tensor(values: object) -> Any:
        return torch.tensor(values, dtype=torch.float64)

    weights = [tensor(w).requires_grad_() for w in _floats(layer.weights for layer in network.layers)]
    biases = [tensor([to_float(b) for b in layer.biases] or [0.0]).requires_grad_() for layer in network.layers]
    out = tensor([[to_float(v) for v in sample.inputs] for sample in network.samples])
    targets = tensor([[to_float(v) for v in sample.targets] for sample in network.samples])
    for layer, weight, bias in zip(network.layers, weights, biases, strict=True):
        out = functions[layer.activation](out @ weight.T + bias, to_float(layer.constant or Fraction(0)))
    error = errors[network.error](targets, out, to_float(network.error_constant or Fraction(0)))
    (error / (len(targets) if network.reduction == "mean" else 1)).backward()
    return _of_tensors(network, [w.grad.numpy() for w in weights], [b.grad.numpy() for b in biases])


def jax_gradients(network: Network) -> dict[str, float]:
    """Return what JAX's automatic differentiation finds, in double precision."""
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)
    functions: dict[str, Callable[[Any, float], Any]] = {
        "identity": lambda net, _: net,
        "logistic": lambda net, _: jax.nn.sigmoid(net),
        "tanh": lambda net, _: jnp.tanh(net),
        "relu": lambda net, _: jax.nn.relu(net),
        "leaky_relu": lambda net, slope: jnp.where(net > 0, net, slope * net),
        "elu": lambda net, alpha: jax.nn.elu(net, alpha),
        "softplus": lambda net, _: jax.nn.softplus(net),
        "softsign": lambda net, _: jax.nn.soft_sign(net),
        "gelu": lambda net, _: jax.nn.gelu(net, approximate=False),
        "silu": lambda net, _: jax.nn.silu(net),
        "hard_tanh": lambda net, _: jax.nn.hard_tanh(net),
        "softmax": lambda net, _: jax.nn.softmax(net, axis=1),
    }
    xlogy = jax.scipy.special.xlogy
    errors: dict[str, Callable[[Any, Any, float], Any]] = {
        "half_squared_error": lambda t, o, _: ((t - o) ** 2).sum() / 2,
        "squared_error": lambda t, o, _: ((t - o) ** 2).sum(),
        "mean_squared_error": lambda t, o, _: ((t - o) ** 2).mean(axis=1).sum(),
        "absolute_error": lambda t, o, _: jnp.abs(t - o).sum(),
        "huber": lambda t, o, delta: jnp.where(
            jnp.abs(t - o) <= delta, (t - o) ** 2 / 2, delta * (jnp.abs(t - o) - delta / 2)
        ).sum(),
        "binary_cross_entropy": lambda t, o, _: -(xlogy(t, o) + xlogy(1 - t, 1 - o)).sum(),
        "cross_entropy": lambda t, o, _: -xlogy(t, o).sum(),
        "hinge": lambda t, o, _: jax.nn.relu(1 - t * o).sum(),
    }
    inputs = jnp.array([[to_float(v) for v in sample.inputs] for sample in network.samples])
    targets = jnp.array([[to_float(v) for v in sample.targets] for sample in network.samples])

    def error(weights: list[Any], biases: list[Any]) -> Any:
        out = inputs
        for layer, weight, bias in zip(network.layers, weights, biases, strict=True):
            out = functions[layer.activation](out @ weight.T + bias, to_float(layer.constant or Fraction(0)))
        total = errors[network.error](targets, out, to_float(network.error_constant or Fraction(0)))
        return total / (len(targets) if network.reduction == "mean" else 1)

    weights = [jnp.array(w) for w in _floats(layer.weights for layer in network.layers)]
    biases = [jnp.array([to_float(b) for b in layer.biases] or [0.0]) for layer in network.layers]
    by_weights, by_biases = jax.grad(error, argnums=(0, 1))(weights, biases)
    return _of_tensors(network, [np.asarray(w) for w in by_weights], [np.asarray(b) for b in by_biases])


def _floats(layers: Any) -> list[list[list[float]]]:
    return [[[to_float(weight) for weight in row] for row in weights] for weights in layers]


def _of_tensors(network: Network, weights: list[Any], biases: list[Any]) -> dict[str, float]:
    return _by_name(network, dict(enumerate(zip(weights, biases, strict=True))))


WAYS: Mapping[str, Callable[[Network], dict[str, float]]] = {
    "numpy": numpy_gradients,
    "finite-differences": difference_gradients,
    "torch": torch_gradients,
    "jax": jax_gradients,
}


def is_installed(way: str) -> bool:
    """Whether the library that a way needs is there; the first two need none."""
    return way not in ("torch", "jax") or importlib.util.find_spec(way) is not None
