"""The sums of products that the matrix form stands for, row by row from the names in the layers.

The entries of a matrix are the numbers of the other lines, so only what stands beside what is left to check.
"""

from collections.abc import Iterator, Sequence
from functools import partial as bound
from itertools import chain

from derive.calculus.chain import Derivation
from derive.notation import partial_text
from derive.verification.checking import Value
from derive.verification.sides import Both, Line, Scene, total


def matrix_lines(derivation: Derivation) -> Iterator[Line]:
    """Yield the sums that W·out + b, Wᵀδ and δ·outᵀ stand for, row by row from the names in the layers."""
    network = derivation.network
    signals = network.input_names
    for place, rows in enumerate(network.weight_names):
        neurons, biases = network.neuron_names[place], network.bias_names[place]
        for row, weights in enumerate(rows):
            net = f"net_{neurons[row]}"
            bias = biases if biases is None or isinstance(biases, str) else biases[row]
            yield Line(net, f"row {row + 1} of W·out + b", _affine(net, weights, signals, bias))
            for weight, signal in zip(weights, signals, strict=True):
                left = bound(partial_text, derivation.graph.output, weight)
                yield Line(left, "δ·outᵀ", _outer(weight, net, signal))
        for column, signal in enumerate(signals if place else ()):
            pairs = [(row[column], f"net_{neuron}") for row, neuron in zip(rows, neurons, strict=True)]
            yield Line(partial_text(derivation.graph.output, signal), f"row {column + 1} of Wᵀδ", _back(signal, pairs))
        if isinstance(biases, str):
            nets = [(None, f"net_{neuron}") for neuron in neurons]
            yield Line(partial_text(derivation.graph.output, biases), "the sum of δ", _back(biases, nets))
        signals = tuple(f"out_{neuron}" for neuron in neurons)


def _affine(net: str, weights: Sequence[str], signals: Sequence[str], bias: str | None) -> Both:
    def both(scene: Scene) -> tuple[Value, Value]:
        values = scene.table.passes[0]
        parts = (values[weight] * values[signal] for weight, signal in zip(weights, signals, strict=True))
        return total(chain(parts, [values[bias]] if bias else [])), values[net]

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
