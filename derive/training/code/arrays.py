"""A larger network's training as NumPy: a few lines a layer, all samples at once.

The element-wise formulas are those of the evaluation; only the chain rule over whole layers is written here. With a row
a sample, NET = X·Wᵀ + b, DELTA = ∂E/∂OUT ⊙ f′(NET), ∂E/∂W = DELTAᵀ·X and ∂E/∂X = DELTA·W: backpropagation in
matrices, as in Goodfellow, Bengio and Courville, Deep Learning (2016), section 6.5. Shapes: X (samples, inputs), W
(neurons, inputs), NET and DELTA (samples, neurons).
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np
from sympy import Expr, Symbol

from derive.calculus.local import RESULT, argument_names, shape_derivative
from derive.computation.equations import Computation
from derive.computation.layers import LayerNames, Layers
from derive.computation.plan import Plan
from derive.computation.shapes import activation_shape, error_shape
from derive.evaluation.evaluation import Evaluation
from derive.functions.activations import ACTIVATIONS, Activation
from derive.functions.losses import SHORT_DELTAS
from derive.functions.optimizers import T
from derive.notation.elementary import LN, entries
from derive.notation.tidy import tidy
from derive.notation.trees import ONE, minus
from derive.numbers.decimals import to_float
from derive.training.code.expressions import NumpyCode
from derive.training.code.program import SMALLEST, Outcome, Program, State, assigned, compiled, run
from derive.training.code.steps import step_lines, step_only


def _one_by_one(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """Return the function applied to each element of an array of any shape, for what NumPy does not have."""
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
        "min": np.minimum,
        "pow": np.power,
        "dot": np.dot,
        "einsum": np.einsum,
    }


NET, OUT = map(Symbol, argument_names(error_shape("half_squared_error")))


def floats(values: Sequence[Any]) -> Any:
    """Return the doubles nearest to exact numbers as an array, of the shape of the nested list."""
    return np.array([floats(value) if isinstance(value, list) else to_float(value) for value in values])


def array_program(evaluation: Evaluation) -> Program:
    """Return the code that trains a computation of layers, all neurons and samples of a layer at once."""
    layers = evaluation.computation.layered
    writer = _Writer(evaluation.computation, evaluation.plan)
    source = writer.source()
    functions = run(compiled(source), array_functions())
    numbers = writer.numbers()

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
        return dict(_named(layers, arrays))

    return Program(
        source,
        writer.start(),
        advance,
        advance,
        outcome,
        parameters,
        lambda state: all(bool(np.isfinite(array).all()) for array in state[:-1]),
    )


def _named(layers: Layers, arrays: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for k, row in enumerate(layers.rows):
        weights = chain.from_iterable(neuron.weights for neuron in row.neurons)
        yield from zip(weights, arrays[f"W{k}"].ravel().tolist(), strict=True)
        if row.biases:
            yield from zip(row.biases, arrays[f"b{k}"].ravel().tolist(), strict=True)


@dataclass(frozen=True)
class _Writer:
    """Writes the code. The variables of layer k are Wk, bk, nk (net), ok (out) and dk (delta), x holds the inputs."""

    computation: Computation
    plan: Plan

    @property
    def rows(self) -> tuple[LayerNames, ...]:
        """The layers from left to right."""
        return self.computation.layered.rows

    @property
    def parameters(self) -> list[str]:
        """The variables of weights and biases."""
        return [name for row in self.rows for name in ([f"W{row.index}", f"b{row.index}"][: 1 + bool(row.biases)])]

    @property
    def trained(self) -> list[str]:
        """The variables of which an update changes some number at least."""
        trained = self.computation.trained
        return [name for name in self.parameters if not trained.isdisjoint(self._names_in(name))]

    @property
    def fixed(self) -> Mapping[str, list[int]]:
        """The places of the numbers that stay as they are, counted row by row, by the variable that also has others."""
        trained = self.computation.trained
        places = {
            name: [place for place, each in enumerate(self._names_in(name)) if each not in trained]
            for name in self.trained
        }
        return {name: found for name, found in places.items() if found}

    def _names_in(self, variable: str) -> list[str]:
        row = self.rows[int(variable[1:])]
        return list(row.biases if variable[0] == "b" else chain.from_iterable(n.weights for n in row.neurons))

    @property
    def state(self) -> list[str]:
        """The variables of the optimizer's state."""
        return [f"{kind}_{name}" for name in self.trained for kind in self.plan.optimizer.rule.state]

    def start(self) -> State:
        """Return the state before the first step."""
        arrays: dict[str, Any] = {}
        values = self.computation.values
        for row in self.rows:
            arrays[f"W{row.index}"] = floats(row.weights(values))
            if row.biases:
                arrays[f"b{row.index}"] = floats([values[bias] for bias in row.biases])
        zeros = [np.zeros_like(arrays[name]) for name in self.trained for _ in self.plan.optimizer.rule.state]
        return (*arrays.values(), *zeros, 0)

    def numbers(self) -> tuple[Any, ...]:
        """Return what the code is given: inputs (samples, inputs), targets (samples, outputs), and the constants."""
        layers, samples = self.computation.layered, self.computation.samples
        inputs = floats([[sample[name] for name in layers.inputs] for sample in samples])
        targets = floats([[sample[name] for name in layers.targets] for sample in samples])
        values = self.computation.values
        kept = (floats([values[self._names_in(name)[place]] for place in fixed]) for name, fixed in self.fixed.items())
        constants = (to_float(value) for value in self._constants.values())
        return inputs, targets, *constants, *map(np.array, self.fixed.values()), *kept

    @property
    def _constants(self) -> dict[str, Fraction]:
        """The constants by name. All partials are multiples of the first ones, which are multiplied by ``scale``."""
        is_mean = self.computation.is_mean and not self.plan.is_online
        scale = Fraction(1, len(self.computation.samples)) if is_mean else Fraction(1)
        scale *= self.plan.learning_rate if self._is_plain else 1
        return {"scale": scale, "eta": self.plan.learning_rate, **self.plan.optimizer.symbols}

    def source(self) -> str:
        """Return the source of the functions ``advance`` and ``outcome``."""
        state = assigned([*self.parameters, *self.state, "t"])
        fixed = [f"{kind}_{name}" for kind in ("fixed", "kept") for name in self.fixed]
        numbers = assigned(["x", "target", *(f"c_{name}" for name in self._constants), *fixed])
        last = len(self.rows) - 1
        error = error_shape(self.computation.layered.loss, self.computation.layered.loss_constant)
        code = NumpyCode({NET: "target", OUT: f"o{last}"})
        lines = [
            "def advance(state, numbers, steps):",
            f"    {state} = state",
            f"    {numbers} = numbers",
            "    for _ in range(steps):",
            *(f"        {line}" for line in self._iteration()),
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
        for k, layer in enumerate(self.rows):
            yield f"n{k} = dot({signal}, W{k}.T)"
            if layer.biases:
                yield f"n{k} += b{k}"
            yield from self._activation(k, layer)
            signal = f"o{k}"

    def _activation(self, k: int, layer: LayerNames) -> Iterator[str]:
        entry = ACTIVATIONS[layer.function]
        if isinstance(entry, Activation):
            shape = activation_shape(entry, layer.constant)
            yield f"o{k} = {NumpyCode({NET: f'n{k}'})(tidy((shape.numeric or shape.build)(NET)))}"
        else:
            share = NumpyCode({NET: f"n{k}", OUT: f"n{k}.max(axis=1, keepdims=True)"})(entry.share(NET, OUT))
            yield f"o{k} = {share}"
            yield f"o{k} /= o{k}.sum(axis=1, keepdims=True)"

    def _iteration(self) -> Iterator[str]:
        """Yield the lines of one step of training: an update, or where updates are online, one of each sample."""
        if not self.plan.is_online:
            yield from self._step()
            return
        yield "inputs, targets = x, target"
        yield f"for row in range({len(self.computation.samples)}):"
        yield "    x, target = inputs[row : row + 1], targets[row : row + 1]"
        yield from (f"    {line}" for line in self._step())
        yield "x, target = inputs, targets"

    def _step(self) -> Iterator[str]:
        yield "t += 1"
        yield from (f"{variable} = {NumpyCode(self._names)(node)}" for node, variable in self._corrections.items())
        yield from self._forward()
        sequential = self.plan.is_sequential
        last = len(self.rows) - 1
        for k in reversed(range(last + 1)):
            flow = [f"flow = dot(d{k}, W{k})"] if k else []
            yield from self._delta(k, is_last=k == last)
            yield from [*self._updates(k), *flow] if sequential else [*flow, *self._updates(k)]

    def _delta(self, k: int, *, is_last: bool) -> Iterator[str]:
        layers = self.computation.layered
        layer = layers.rows[k]
        entry = ACTIVATIONS[layer.function]
        short = SHORT_DELTAS.get((layer.function, layers.loss)) if is_last else None
        if short:
            code = NumpyCode({NET: "target", OUT: f"o{k}"})(short.lines((NET,), (OUT,), 0)[-1])
            yield f"d{k} = c_scale * {code}"
            return
        if is_last:
            error = error_shape(layers.loss, layers.loss_constant)
            yield f"flow = c_scale * {NumpyCode({NET: 'target', OUT: f'o{k}'})(shape_derivative(error, 1))}"
        if isinstance(entry, Activation):
            factor = shape_derivative(activation_shape(entry, layer.constant), 0)
            code = NumpyCode({NET: f"n{k}", RESULT: f"o{k}"})(factor)
            yield f"d{k} = flow" if factor == ONE else f"d{k} = flow * {code}"
            return
        # The Jacobian of every sample: its formula beside the diagonal, and what is added to that on the diagonal.
        beside, on = (tidy(entry.derivative((NET, OUT), 0, by)) for by in (1, 0))
        jacobian = NumpyCode({NET: f"o{k}[:, :, None]", OUT: f"o{k}[:, None, :]"})(beside)
        more = NumpyCode({NET: f"o{k}", OUT: f"o{k}"})(minus(on, beside))
        yield f"d{k} = einsum('kij,ki->kj', {jacobian}, flow) + flow * {more}"

    def _updates(self, k: int) -> Iterator[str]:
        signal = f"o{k - 1}" if k else "x"
        sums = f"d{k}.sum()" if self.rows[k].shared_bias else f"d{k}.sum(axis=0)"
        gradients = {f"W{k}": f"dot(d{k}.T, {signal})", f"b{k}": sums}
        for name in self.trained:
            if name not in gradients:
                continue
            if self._is_plain:
                yield f"{name} -= {gradients[name]}"
            else:
                yield f"g = {gradients[name]}"
                state = {kind: f"{kind}_{name}" for kind in self.plan.optimizer.rule.state}
                names = {**self._names, **self._corrections, Symbol("g"): "g"}
                optimizer = self.plan.optimizer.of("bias" if name[0] == "b" else "weight")
                yield from step_lines(optimizer, names, name, state, NumpyCode)
            if name in self.fixed:
                yield f"{name}.flat[fixed_{name}] = kept_{name}"

    @property
    def _is_plain(self) -> bool:
        return self.plan.optimizer.is_plain

    @property
    def _names(self) -> dict[Expr, str]:
        return {T: "t", **{Symbol(name): f"c_{name}" for name in self._constants}}

    @property
    def _corrections(self) -> dict[Expr, str]:
        """What in the optimizer's formulas depends on the number of the step alone."""
        return step_only(self.plan.optimizer)
