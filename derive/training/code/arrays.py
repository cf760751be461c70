"""A larger network's training as NumPy: a few lines a layer, all samples at once.

The element-wise formulas are those of the derivation; what is written here is how the chain rule runs over whole
layers. With a row a sample, NET = X·Wᵀ + b, DELTA = ∂E/∂OUT ⊙ f′(NET), ∂E/∂W = DELTAᵀ·X and ∂E/∂X = DELTA·W.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np
from sympy import Expr, Symbol

from derive.calculus.chain import Derivation
from derive.calculus.local import TARGET, place_names, slope
from derive.calculus.rules import tidy
from derive.computation.equations import activation_shape, error_shape
from derive.functions.activations import ACTIVATIONS, Activation
from derive.functions.losses import SHORT_DELTAS
from derive.functions.optimizers import T
from derive.network.layers import Layer
from derive.network.network import Network
from derive.notation.elementary import LN, entries
from derive.notation.trees import ONE, minus
from derive.numbers.decimals import to_float
from derive.training.code.expressions import NumpyCode
from derive.training.code.program import SMALLEST, Outcome, Program, State, assigned, compiled, run
from derive.training.code.steps import step_lines, step_only


def _one_by_one(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """Return the function of an array of any shape, for what NumPy does not have."""
    return lambda values: np.array([function(value) for value in values.ravel()]).reshape(values.shape)


def _array_log(values: Any) -> Any:
    return np.log(np.where(values == 0, SMALLEST, values))


def array_functions() -> Mapping[str, Any]:
    """Return the functions that code for arrays may call."""
    return {
        **{entry.code: getattr(np, entry.numpy) if entry.numpy else _one_by_one(entry.floats) for entry in entries()},
        LN.code: _array_log,
        "inf": math.inf,
        "range": range,
        "square": np.square,
        "where": np.where,
        "max": np.maximum,
        "dot": np.dot,
        "einsum": np.einsum,
    }


NET, OUT = map(Symbol, place_names(error_shape("half_squared_error")))


def array_program(derivation: Derivation) -> Program:
    """Return the code that trains the network layer by layer."""
    writer = _Writer(derivation.network)
    source = writer.source()
    functions = run(compiled(source), array_functions())
    numbers = writer.numbers()
    shapes = [(layer.size, layer.inputs) for layer in derivation.network.layers]

    def advance(state: State, steps: int) -> State:
        # A step changes its arrays in place; the state that came in stays as it was.
        with np.errstate(all="ignore"):
            return functions["advance"](tuple(map(np.copy, state[:-1])) + state[-1:], numbers, steps)

    def outcome(state: State) -> Outcome:
        with np.errstate(all="ignore"):
            errors, outs = functions["outcome"](state, numbers)
        return Outcome(tuple(errors.sum(axis=1).tolist()), tuple(map(tuple, outs.tolist())))

    def parameters(state: State) -> Mapping[str, float]:
        arrays = dict(zip(writer.parameters, state, strict=False))
        return dict(_named(derivation.network, arrays))

    return Program(
        source,
        writer.start(shapes),
        advance,
        advance,
        outcome,
        parameters,
        lambda state: all(bool(np.isfinite(array).all()) for array in state[:-1]),
    )


def _named(network: Network, arrays: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for place, layer in enumerate(network.layers):
        yield from zip(
            chain.from_iterable(network.weight_names[place]), arrays[f"W{place}"].ravel().tolist(), strict=True
        )
        names = network.bias_names[place]
        if layer.bias is not None:
            listed = (names,) if isinstance(names, str) else names or ()
            yield from zip(listed, np.atleast_1d(arrays[f"b{place}"]).ravel().tolist(), strict=True)


@dataclass(frozen=True)
class _Writer:
    """Writes the code. The variables of layer k are Wk, bk, nk (net), ok (out), dk (delta); x is o(-1)."""

    network: Network

    @property
    def parameters(self) -> list[str]:
        """The variables of weights and biases."""
        layers = enumerate(self.network.layers)
        return [name for k, layer in layers for name in ([f"W{k}", f"b{k}"] if layer.bias is not None else [f"W{k}"])]

    @property
    def trained(self) -> list[str]:
        """The variables that an update changes."""
        layers = self.network.layers
        return [name for name in self.parameters if name[0] == "W" or layers[int(name[1:])].train_bias]

    @property
    def state(self) -> list[str]:
        """The variables of the optimizer's state."""
        return [f"{kind}_{name}" for name in self.trained for kind in self.network.optimizer.rule.state]

    def start(self, shapes: list[tuple[int, int]]) -> State:
        """Return the state before the first step."""
        arrays: dict[str, Any] = {}
        for k, layer in enumerate(self.network.layers):
            arrays[f"W{k}"] = np.array([[to_float(weight) for weight in row] for row in layer.weights])
            if layer.bias is not None:
                arrays[f"b{k}"] = np.array([to_float(bias) for bias in layer.biases])
        zeros = [np.zeros_like(arrays[name]) for name in self.trained for _ in self.network.optimizer.rule.state]
        return (*arrays.values(), *zeros, 0)

    def numbers(self) -> tuple[Any, ...]:
        """Return what the code is given: inputs, targets, constants."""
        samples = self.network.samples
        inputs = np.array([[to_float(value) for value in sample.inputs] for sample in samples])
        targets = np.array([[to_float(value) for value in sample.targets] for sample in samples])
        return inputs, targets, *(to_float(value) for value in self._constants.values())

    @property
    def _constants(self) -> dict[str, Fraction]:
        """The numbers by name; ``scale`` is multiplied in where the error begins, as partials are linear in it."""
        network = self.network
        scale = Fraction(1, len(network.samples)) if network.reduction == "mean" else Fraction(1)
        scale *= network.learning_rate if self._is_plain else 1
        return {"scale": scale, "eta": network.learning_rate, **network.optimizer.symbols}

    def source(self) -> str:
        """Return the two functions."""
        state = assigned([*self.parameters, *self.state, "t"])
        numbers = assigned(["x", "target", *(f"c_{name}" for name in self._constants)])
        last = len(self.network.layers) - 1
        error = error_shape(self.network.error, self.network.error_constant)
        code = NumpyCode({NET: "target", OUT: f"o{last}"})
        lines = [
            "def advance(state, numbers, steps):",
            f"    {state} = state",
            f"    {numbers} = numbers",
            "    for _ in range(steps):",
            *(f"        {line}" for line in self._step()),
            f"    return {state}",
            "def outcome(state, numbers):",
            f"    {state} = state",
            f"    {numbers} = numbers",
            *(f"    {line}" for line in self._forward()),
            f"    return {code(tidy(error.build(NET, OUT)))}, o{last}",
        ]
        return "\n".join(lines) + "\n"

    def _forward(self) -> Iterator[str]:
        signal = "x"
        for k, layer in enumerate(self.network.layers):
            yield f"n{k} = dot({signal}, W{k}.T)"
            if layer.bias is not None:
                yield f"n{k} += b{k}"
            yield from self._activation(k, layer)
            signal = f"o{k}"

    def _activation(self, k: int, layer: Layer) -> Iterator[str]:
        entry = ACTIVATIONS[layer.activation]
        if isinstance(entry, Activation):
            shape = activation_shape(entry, layer.constant)
            yield f"o{k} = {NumpyCode({NET: f'n{k}'})(tidy((shape.numeric or shape.build)(NET)))}"
        else:
            share = NumpyCode({NET: f"n{k}", OUT: f"n{k}.max(axis=1, keepdims=True)"})(entry.share(NET, OUT))
            yield f"o{k} = {share}"
            yield f"o{k} /= o{k}.sum(axis=1, keepdims=True)"

    def _step(self) -> Iterator[str]:
        yield "t += 1"
        yield from (f"{variable} = {NumpyCode(self._names)(node)}" for node, variable in self._corrections.items())
        yield from self._forward()
        sequential = self.network.updates == "sequential"
        last = len(self.network.layers) - 1
        for k in reversed(range(last + 1)):
            flow = [f"flow = dot(d{k}, W{k})"] if k else []
            yield from self._delta(k, is_last=k == last)
            yield from [*self._updates(k), *flow] if sequential else [*flow, *self._updates(k)]

    def _delta(self, k: int, *, is_last: bool) -> Iterator[str]:
        network = self.network
        layer = network.layers[k]
        entry = ACTIVATIONS[layer.activation]
        short = SHORT_DELTAS.get((layer.activation, network.error)) if is_last else None
        if short:
            code = NumpyCode({NET: "target", OUT: f"o{k}"})(short.lines((NET,), (OUT,), 0)[-1])
            yield f"d{k} = c_scale * {code}"
            return
        if is_last:
            error = error_shape(network.error, network.error_constant)
            yield f"flow = c_scale * {NumpyCode({NET: 'target', OUT: f'o{k}'})(slope(error, 1))}"
        if isinstance(entry, Activation):
            factor = slope(activation_shape(entry, layer.constant), 0)
            code = NumpyCode({NET: f"n{k}", TARGET: f"o{k}"})(factor)
            yield f"d{k} = flow" if factor == ONE else f"d{k} = flow * {code}"
            return
        # The Jacobian of every sample: what stands beside its diagonal, and what the diagonal has more.
        beside, on = (tidy(entry.derivative((NET, OUT), 0, by)) for by in (1, 0))
        jacobian = NumpyCode({NET: f"o{k}[:, :, None]", OUT: f"o{k}[:, None, :]"})(beside)
        more = NumpyCode({NET: f"o{k}", OUT: f"o{k}"})(minus(on, beside))
        yield f"d{k} = einsum('kij,ki->kj', {jacobian}, flow) + flow * {more}"

    def _updates(self, k: int) -> Iterator[str]:
        signal = f"o{k - 1}" if k else "x"
        layer = self.network.layers[k]
        sums = f"d{k}.sum(axis=0)" if isinstance(layer.bias, tuple) else f"d{k}.sum()"
        gradients = {f"W{k}": f"dot(d{k}.T, {signal})", f"b{k}": sums}
        for name in self.trained:
            if name not in gradients:
                continue
            if self._is_plain:
                yield f"{name} -= {gradients[name]}"
            else:
                yield f"g = {gradients[name]}"
                state = {kind: f"{kind}_{name}" for kind in self.network.optimizer.rule.state}
                names = {**self._names, **self._corrections, Symbol("g"): "g"}
                yield from step_lines(self.network.optimizer, names, name, state, NumpyCode)

    @property
    def _is_plain(self) -> bool:
        return self.network.optimizer.is_plain

    @property
    def _names(self) -> dict[Expr, str]:
        return {T: "t", **{Symbol(name): f"c_{name}" for name in self._constants}}

    @property
    def _corrections(self) -> dict[Expr, str]:
        """What in the optimizer's formulas depends on the number of the step alone."""
        return step_only(self.network.optimizer)
