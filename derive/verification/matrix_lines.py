"""The sums of products that the matrix form stands for, row by row from the names in the layers.

The entries of a matrix are the numbers of the other lines, so only what stands beside what is left to check.
"""

from collections.abc import Iterator, Sequence
from functools import partial as bound
from itertools import chain

from derive.evaluation.evaluation import Evaluation
from derive.notation import partial_text
from derive.verification.checking import Value
from derive.verification.sides import Both, Check, Scene, total


def matrix_lines(evaluation: Evaluation) -> Iterator[Check]:
    """Yield the sums that W·out + b, Wᵀδ and δ·outᵀ stand for, row by row from the names in the layers."""
    layers, objective = evaluation.computation.layers, evaluation.computation.objective
    rows = list(zip(layers.rows, layers.signals, strict=True)) if layers else []
    for row, signals in rows:
        for number, neuron in enumerate(row.neurons, start=1):
            products = _affine(neuron.net, neuron.weights, signals, neuron.biases)
            yield Check(neuron.net, f"row {number} of W·out + b", products)
    for row, signals in rows if objective else ():
        for neuron in row.neurons:
            for weight, signal in zip(neuron.weights, signals, strict=True):
                yield Check(bound(partial_text, objective, weight), "δ·outᵀ", _outer(weight, neuron.net, signal))
        for column, signal in enumerate(signals if row.index else ()):
            pairs = [(neuron.weights[column], neuron.net) for neuron in row.neurons]
            yield Check(partial_text(objective, signal), f"row {column + 1} of Wᵀδ", _back(signal, pairs))
        if row.shared_bias:
            (bias,) = row.biases
            yield Check(partial_text(objective, bias), "the sum of δ", _back(bias, [(None, net) for net in row.nets]))


def _affine(net: str, weights: Sequence[str], signals: Sequence[str], biases: Sequence[str]) -> Both:
    def both(scene: Scene) -> tuple[Value, Value]:
        values = scene.table.passes[0]
        parts = (values[weight] * values[signal] for weight, signal in zip(weights, signals, strict=True))
        return total(chain(parts, [values[bias] for bias in biases])), values[net]

    return both


def _outer(weight: str, net: str, signal: str) -> Both:
    return lambda scene: (
        scene.table.partials[0][net] * scene.table.passes[0][signal],
        scene.table.partials[0][weight],
    )


def _back(by: str, pairs: Sequence[tuple[str | None, str]]) -> Both:
    def both(scene: Scene) -> tuple[Value, Value]:
        values, partials = scene.table.passes[0], scene.table.partials[0]
        return total(partials[net] * (values[weight] if weight else 1) for weight, net in pairs), partials[by]

    return both
