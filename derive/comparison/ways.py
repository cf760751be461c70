"""A gradient in floating point, by one of several ways that do not use the derivation's chain rule.

- ``numpy``: a backward pass over whole layers, as a programmer writes it; `Variation` puts a slip into it. Where there
  are no layers, it goes over the equations (`derive.comparison.backward`).
- ``finite-differences``: central differences of the error alone, in ball arithmetic, so that nothing cancels.
- ``torch`` and ``jax``: their own differentiation of the error, where they are installed.
"""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from itertools import chain
from typing import Any

import numpy as np
from flint import fmpq
from sympy import Expr

from derive.calculus.local import RESULT, shape_derivative
from derive.comparison.backward import equations_by_jax, equations_by_numpy, equations_by_torch
from derive.comparison.libraries import Library, jax_library, torch_library
from derive.comparison.variation import CORRECT, Slope, Variation
from derive.computation.equations import Computation
from derive.computation.layers import LayerNames, Layers
from derive.computation.shapes import activation_shape, error_shape
from derive.evaluation.evaluation import Evaluation
from derive.functions.activations import ACTIVATIONS, Activation, JointActivation
from derive.notation.tidy import tidy
from derive.notation.trees import ONE, minus
from derive.numbers.decimals import MOST_BITS, START_BITS, Undecided, at_enough_bits, nearest_float, refusal, to_float
from derive.numbers.precision import at_bits
from derive.training.code.arrays import NET, OUT, array_functions, floats
from derive.training.code.expressions import NumpyCode

STEP_BITS, WORK_BITS = 80, 400


@lru_cache(maxsize=512)
def _function(expression: Expr, *symbols: Expr) -> Callable[..., Any]:
    """Return an element-wise formula as a function of arrays; its code holds no name of a user's."""
    names = {symbol: f"a{number}" for number, symbol in enumerate(symbols)}
    code = f"lambda {', '.join(names.values())}: {NumpyCode(names)(expression)}"
    return eval(compile(code, "<formula>", "eval"), dict(array_functions()))  # type: ignore[no-any-return]


def doubles(computation: Computation) -> tuple[list[Any], list[Any], Any, Any]:
    """Return the weights and the biases by layer, and the inputs and targets by sample, as arrays of doubles."""
    layers = computation.layered
    inputs = floats([[sample[name] for name in layers.inputs] for sample in computation.samples])
    targets = floats([[sample[name] for name in layers.targets] for sample in computation.samples])
    return _weights(computation), _biases(computation), inputs, targets


def numpy_gradients(evaluation: Evaluation, variation: Variation = CORRECT, given: Any = None) -> dict[str, float]:
    """Return the gradient of the error of all samples by every weight and bias, in doubles, with that slip.

    ``given`` is what `doubles` returns of the computation, where it is known already. Without layers it is a backward
    pass over the equations, and has no slip.
    """
    if evaluation.computation.layers is None:
        return equations_by_numpy(evaluation.computation)
    return _by_name(evaluation.computation.layers, _passed_back(evaluation, variation, given))


def numpy_partials(evaluation: Evaluation, variation: Variation) -> dict[str, float]:
    """Return the same with the deltas, by the names of the nets; over several samples their sums."""
    layers, found = evaluation.computation.layered, _passed_back(evaluation, variation, None)
    named = _by_name(layers, found)
    for k, row in enumerate(layers.rows):
        named.update(zip(row.nets, found[k][1].tolist(), strict=True))
    return named


def _passed_back(evaluation: Evaluation, variation: Variation, given: Any) -> dict[int, tuple[Any, Any]]:
    """Return the derivatives by the weights and by the nets of each layer."""
    computation, layers = evaluation.computation, evaluation.computation.layered
    weights, biases, inputs, targets = given or doubles(computation)
    outs, nets = [inputs], []
    with np.errstate(all="ignore"):
        for k, row in enumerate(layers.rows):
            nets.append(outs[-1] @ weights[k].T + (0.0 if variation.no_bias else biases[k]))
            outs.append(_activated(row.function, row.constant, nets[-1]))
        flow = _flow(computation, targets, outs[-1])
        flow *= variation.factor / (len(targets) if computation.is_mean else 1)
        if variation.only is not None:
            flow[[n for n in range(len(flow)) if n != variation.only]] = 0
        found: dict[int, tuple[Any, Any]] = {}
        for k in reversed(range(len(weights))):
            row = layers.rows[k]
            if variation.cut == k:
                flow = np.zeros_like(flow)
            delta = _delta(row, k, flow, nets[k], outs[k + 1], variation)
            takes_nets = k and variation.net_signal in (k, -1)
            by_weights = delta.T @ (nets[k - 1] if takes_nets else outs[k])
            share = variation.bias_factor if variation.bias_layer in (k, None) else 1
            gradient = by_weights.T if variation.turned in (k, -1) else by_weights, delta.sum(axis=0) * share
            found[k] = (gradient[0] * 0, gradient[1] * 0) if variation.frozen == k else gradient
            back = (
                weights[k] - to_float(evaluation.plan.learning_rate) * by_weights if variation.updated else weights[k]
            )
            if variation.dropped is not None and variation.dropped[0] == k:
                back = back.copy()
                back[variation.dropped[1]] = 0
            flow = delta @ (back.T if variation.transposed == k else back)
    return found


def _delta(row: LayerNames, k: int, flow: Any, net: Any, out: Any, variation: Variation) -> Any:
    """Return ∂E/∂NET of a layer, or what a slip in its derivative makes of it."""
    if variation.no_derivative in (k, -1):
        return flow
    if variation.slope is not None and k in variation.slope.layers:
        return flow * _slope(variation.slope, net, out)
    return _through(row.function, row.constant, flow, net, out, is_diagonal=variation.diagonal == k)


def _slope(slope: Slope, net: Any, out: Any) -> Any:
    """Return the derivative of that activation, taken of what the slip takes it of."""
    entry = ACTIVATIONS[slope.function]
    assert isinstance(entry, Activation)
    taken = {
        "net": lambda: (net, _activated(slope.function, slope.constant, net)),
        "out": lambda: (net, out),
        "net as out": lambda: (net, net),
        "out as net": lambda: (out, _activated(slope.function, slope.constant, out)),
    }
    factor = shape_derivative(activation_shape(entry, slope.constant), 0)
    return _function(factor, NET, RESULT)(*taken[slope.taken]())


def _flow(computation: Computation, targets: Any, outs: Any) -> Any:
    """Return ∂E/∂OUT of the last layer, 1 and 0 where one of its outs is differentiated itself."""
    layers = computation.layered
    if computation.differentiates_output:
        return _chosen(computation) * np.ones_like(outs)
    error = error_shape(layers.loss, layers.loss_constant)
    return _function(shape_derivative(error, 1), NET, OUT)(targets, outs) * np.ones_like(outs)


def _chosen(computation: Computation) -> Any:
    """Return 1 for the output that is differentiated and 0 for the others."""
    return np.array([float(out == computation.objective) for out in computation.layered.last.outs])


def _activated(name: str, constant: Fraction | None, net: Any) -> Any:
    entry = ACTIVATIONS[name]
    if isinstance(entry, Activation):
        return _function(_formula(entry, constant), NET)(net)
    shares = _function(_share(entry), NET, OUT)(net, net.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


@lru_cache(maxsize=128)  # slips are looked for in thousands of passes, each of which asks for the same formulas
def _formula(entry: Activation, constant: Fraction | None) -> Expr:
    shape = activation_shape(entry, constant)
    return tidy((shape.numeric or shape.build)(NET))


@lru_cache(maxsize=16)
def _share(entry: JointActivation) -> Expr:
    return entry.share(NET, OUT)


@lru_cache(maxsize=16)
def _joint_derivatives(entry: JointActivation) -> tuple[Expr, Expr]:
    """Return the derivatives of an out by the net of another neuron and by its own."""
    return tidy(entry.derivative((NET, OUT), 0, 1)), tidy(entry.derivative((NET, OUT), 0, 0))


def _through(name: str, constant: Fraction | None, flow: Any, net: Any, out: Any, *, is_diagonal: bool = False) -> Any:
    """Return ∂E/∂NET from ``flow``, which is ∂E/∂OUT; all are (samples, neurons).

    ``is_diagonal`` leaves out the derivatives of a softmax's outs by the nets of other neurons.
    """
    entry = ACTIVATIONS[name]
    if isinstance(entry, Activation):
        factor = shape_derivative(activation_shape(entry, constant), 0)
        return flow if factor == ONE else flow * _function(factor, NET, RESULT)(net, out)
    beside, on = _joint_derivatives(entry)
    if is_diagonal:
        return flow * _function(on, NET, OUT)(out, out)
    jacobian = _function(beside, NET, OUT)(out[:, :, None], out[:, None, :])
    return np.einsum("kij,ki->kj", jacobian, flow) + flow * _function(minus(on, beside), NET, OUT)(out, out)


def _weights(computation: Computation) -> list[Any]:
    return [floats(row.weights(computation.values)) for row in computation.layered.rows]


def _biases(computation: Computation) -> list[Any]:
    """Return the biases of each layer, one of 0 where it has none."""
    rows = computation.layered.rows
    return [floats([computation.values[bias] for bias in row.biases] or [Fraction(0)]) for row in rows]


def _by_name(layers: Layers, found: Mapping[int, tuple[Any, Any]]) -> dict[str, float]:
    named: dict[str, float] = {}
    for k, row in enumerate(layers.rows):
        by_weights, by_nets = found[k]
        weights = chain.from_iterable(neuron.weights for neuron in row.neurons)
        named.update(zip(weights, by_weights.ravel().tolist(), strict=True))
        by_biases = [float(by_nets.sum())] if row.shared_bias else by_nets.tolist()
        named.update(zip(row.biases, by_biases, strict=False))
    return named


def difference_gradients(evaluation: Evaluation) -> dict[str, float]:
    """Return central differences of the error, (E(w + h) − E(w − h)) / 2h with h = 2⁻⁸⁰.

    Each is the float nearest to the difference, which is calculated in balls with as many bits as that needs. The
    difference quotient differs from the derivative by h²·E‴/6 (Taylor).
    """
    try:
        return {
            name: at_enough_bits(partial(_difference, evaluation, name)) for name in evaluation.computation.parameters
        }
    except Undecided as undecided:
        raise refusal(None, undecided.place or evaluation.computation.objective, MOST_BITS) from None


def _difference(evaluation: Evaluation, name: str, bits: int) -> float:
    return at_bits(WORK_BITS * bits // START_BITS, _difference_at_present, evaluation, name)


def _difference_at_present(evaluation: Evaluation, name: str) -> float:
    step = fmpq(1, 2**STEP_BITS)
    above, below = (evaluation.error_at(name, moved) for moved in (step, -step))
    return nearest_float((above - below) / (2 * step))


def torch_gradients(evaluation: Evaluation) -> dict[str, float]:
    """Return the gradient by PyTorch's automatic differentiation, in double precision; needs torch."""
    computation, library = evaluation.computation, torch_library()
    if computation.layers is None:
        return equations_by_torch(computation, library)
    weights = [library.tensor(weight).requires_grad_() for weight in _weights(computation)]
    biases = [library.tensor(bias).requires_grad_() for bias in _biases(computation)]
    _error_of_layers(computation, library, weights, biases).backward()
    return _of_tensors(computation.layers, [w.grad.numpy() for w in weights], [b.grad.numpy() for b in biases])


def jax_gradients(evaluation: Evaluation) -> dict[str, float]:
    """Return the gradient by JAX's automatic differentiation, in double precision; needs jax."""
    import jax

    computation, library = evaluation.computation, jax_library()
    if computation.layers is None:
        return equations_by_jax(computation, library)
    weights, biases = map(library.tensor, _weights(computation)), map(library.tensor, _biases(computation))
    error = partial(_error_of_layers, computation, library)
    by_weights, by_biases = jax.grad(error, argnums=(0, 1))(list(weights), list(biases))
    return _of_tensors(computation.layers, [np.asarray(w) for w in by_weights], [np.asarray(b) for b in by_biases])


def _error_of_layers(computation: Computation, library: Library, weights: Sequence[Any], biases: Sequence[Any]) -> Any:
    """Return the error of all samples, by the library's functions of whole layers."""
    layers = computation.layered
    _, _, inputs, targets = doubles(computation)
    out = library.tensor(inputs)
    for row, weight, bias in zip(layers.rows, weights, biases, strict=True):
        out = library.activation(row.function)(out @ weight.T + bias, to_float(row.constant or Fraction(0)))
    if computation.differentiates_output:
        parts = library.tensor(_chosen(computation)) * out
    else:
        parts = library.loss(layers.loss)(library.tensor(targets), out, to_float(layers.loss_constant or Fraction(0)))
    return parts.sum() / (len(targets) if computation.is_mean else 1)


def _of_tensors(layers: Layers, weights: list[Any], biases: list[Any]) -> dict[str, float]:
    return _by_name(layers, dict(enumerate(zip(weights, biases, strict=True))))


WAYS: Mapping[str, Callable[[Evaluation], dict[str, float]]] = {
    "numpy": numpy_gradients,
    "finite-differences": difference_gradients,
    "torch": torch_gradients,
    "jax": jax_gradients,
}


def is_installed(way: str) -> bool:
    """Whether the library that a way needs is installed: torch or jax; numpy and finite-differences need no other."""
    return way not in ("torch", "jax") or importlib.util.find_spec(way) is not None
