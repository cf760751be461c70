"""The arrays of layers held against a network: their shapes, and the number of each parameter by its name.

A shared bias is one number, whose gradient is the sum over the neurons: it may come as one number, shape () or (1,), or
as a number a neuron, shape (n,), which are added up. A bias may be a row or a column too, as ``keepdims=True`` leaves
it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.comparison.arrays import BIAS, WEIGHTS, LayerArrays, Leaf, array_name
from derive.comparison.tolerance import Found
from derive.computation.layers import LayerNames
from derive.errors import InputError, Message, Text, counted, shown


@dataclass(frozen=True)
class Shapes:
    """The shapes that a network's arrays have in a layout, "out_in" or "in_out"."""

    rows: Sequence[LayerNames]
    trained: frozenset[str]
    layout: str

    def of(self, k: int) -> tuple[int, int]:
        """Return the shape of the weights of a layer, counted from 0."""
        row = self.rows[k]
        return (row.fan_in, row.size) if self.layout == "in_out" else (row.size, row.fan_in)

    def fit(self, layers: Sequence[LayerArrays]) -> bool:
        """Whether the arrays of the layers have these shapes."""
        try:
            self.check(layers)
        except InputError:
            return False
        return True

    def check(self, layers: Sequence[LayerArrays]) -> None:
        """Raise `InputError` for an array of another shape, and for None in place of what is trained."""
        for k, (row, each) in enumerate(zip(self.rows, layers, strict=True)):
            weights, bias = each.weights, each.bias
            if weights is not None and weights.array is None:
                self._check_none(weights, k, WEIGHTS, [name for neuron in row.neurons for name in neuron.weights])
            elif weights is not None and weights.array.shape != self.of(k):
                raise self._wrong_shape(weights, k)
            if bias is not None and bias.array is None:
                self._check_none(bias, k, BIAS, row.biases)
            elif bias is not None:
                self._check_bias(bias, k)

    def _check_none(self, given: Leaf, k: int, kind: str, names: Sequence[str]) -> None:
        if self.trained.intersection(names):
            raise InputError(
                "gradients, {name}: found None; expected an array. PyTorch has None where loss.backward() brought no "
                "gradient.",
                name=given.name or array_name(kind, k),
            )

    def _wrong_shape(self, given: Leaf, k: int) -> InputError:
        row, turned = self.rows[k], self.of(k)[::-1]
        other = {"in_out": "out_in", "out_in": "in_out"}[self.layout]
        hint: Text = ""
        if given.array.shape == turned:
            hint = Message(' Give layout="{other}" for arrays of that shape.', {"other": other})
        return InputError(
            "gradients, {name}: found an array of shape {found}; expected {shape}, as layer {layer} has {neurons} and "
            "{inputs}.{hint}",
            name=given.name or array_name(WEIGHTS, k),
            found=given.array.shape,
            shape=self.of(k),
            layer=k + 1,
            neurons=counted("{number} neuron", "{number} neurons", row.size),
            inputs=counted("{number} input", "{number} inputs", row.fan_in),
            hint=hint,
        )

    def _check_bias(self, given: Leaf, k: int) -> None:
        row, array = self.rows[k], given.array
        if not row.biases:
            raise InputError(
                "gradients, {name}: found an array; expected none, as layer {layer} has no bias.",
                name=given.name or array_name(BIAS, k),
                layer=k + 1,
            )
        is_vector = array.ndim <= 1 or (array.ndim == 2 and min(array.shape) == 1)
        if not is_vector or array.size not in (len(row.biases), row.size):
            shape = f"({row.size},)"
            raise InputError(
                "gradients, {name}: found an array of shape {found}; expected {shape}, as layer {layer} has {neurons}.",
                name=given.name or array_name(BIAS, k),
                found=array.shape,
                shape=Message("() for the bias that it shares, or {shape}", {"shape": shape})
                if row.shared_bias
                else shape,
                layer=k + 1,
                neurons=counted("{number} neuron", "{number} neurons", row.size),
            )

    def values(self, layers: Sequence[LayerArrays]) -> dict[str, Found]:
        """Return the numbers by the names of the parameters; raises `InputError` as `check` does."""
        self.check(layers)
        found: dict[str, Found] = {}
        for k, each in enumerate(layers):
            if each.weights is not None and each.weights.array is not None:
                found |= self._weights(each.weights, k)
            if each.bias is not None and each.bias.array is not None:
                found |= self._biases(each.bias, k)
        return found

    def _weights(self, given: Leaf, k: int) -> dict[str, Found]:
        is_turned = self.layout == "in_out"
        rows = (given.array.T if is_turned else given.array).tolist()
        base, found = given.name or array_name(WEIGHTS, k), {}
        for i, neuron in enumerate(self.rows[k].neurons):
            for j, name in enumerate(neuron.weights):
                place = f"{base}[{j}, {i}]" if is_turned else f"{base}[{i}, {j}]"
                found[name] = Found(as_float(rows[i][j], place), given.precision, place)
        return found

    def _biases(self, given: Leaf, k: int) -> dict[str, Found]:
        row, base = self.rows[k], given.name or array_name(BIAS, k)
        values = [as_float(value, f"{base}[{i}]") for i, value in enumerate(given.array.ravel().tolist())]
        if row.shared_bias:
            return {row.biases[0]: Found(added(values), given.precision, base)}
        return {
            name: Found(value, given.precision, f"{base}[{i}]")
            for i, (name, value) in enumerate(zip(row.biases, values, strict=True))
        }


def added(values: Sequence[float]) -> float:
    """Return the sum, rounded once; nan or an infinity where one is among the values."""
    return math.fsum(values) if all(map(math.isfinite, values)) else float(np.sum(values))


def as_float(value: Any, place: str) -> float:
    """Return the number as a float; raises `InputError`, which names its place, where none can hold it."""
    try:
        return float(value)
    except OverflowError:
        raise InputError(
            "{place}: found {found}; expected a number that a float can hold.",
            place=Message("gradients, {name}", {"name": place}),
            found=shown(value),
        ) from None
