"""The slips that gradients written by hand suffer from, and which of them explains wrong numbers.

Each slip is put into a backward pass in floating point; one that gives all the numbers that were found, the right ones
and the wrong ones, explains them.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from derive.activations import ACTIVATIONS, Activation
from derive.graph import activation_shape
from derive.network import Network
from derive.numeric import Variation, numpy_gradients
from derive.slopes import slope
from derive.trees import ONE

CLOSE = 1e-6  # of the size of a number: hand-written code is compared in floats, and may be in single precision


@dataclass(frozen=True)
class Slip:
    """A slip: its kind, and a sentence that says what went wrong and where."""

    kind: str
    sentence: str


def explanations(network: Network, found: Mapping[str, float], expected: Mapping[str, float]) -> tuple[Slip, ...]:
    """Return the slips that explain the numbers found, the likeliest first; none where the numbers are right.

    ``expected`` is the true gradient by name; ``found`` may leave names out.
    """
    scale = max((abs(expected[name]) for name in found), default=0.0)
    wrong = [name for name in found if not _is_close(found[name], expected[name], scale)]
    if not wrong:
        return ()
    slips = []
    if all(_is_close(found[name], -expected[name], scale) for name in wrong):
        slips.append(Slip("sign", f"The sign of {_listed(wrong, found)} is the opposite one."))
    for slip, variation in candidates(network):
        predicted = numpy_gradients(network, variation)
        size = max(scale, max(abs(predicted[name]) for name in found))
        if all(_is_close(found[name], predicted[name], size) for name in found):
            slips.append(slip)
    return tuple(slips)


def _is_close(left: float, right: float, scale: float) -> bool:
    return math.isclose(left, right, rel_tol=CLOSE, abs_tol=CLOSE * 1e-3 * scale)


def _listed(wrong: list[str], found: Mapping[str, float]) -> str:
    if len(wrong) == len(found):
        return "every derivative"
    return ", ".join(wrong[:6]) + (", …" if len(wrong) > 6 else "")


def candidates(network: Network) -> Iterator[tuple[Slip, Variation]]:
    """Yield the slips that this network can suffer from, with the backward pass that has them."""
    yield from _missing_slopes(network)
    yield from _wrong_ways_back(network)
    yield from _wrong_factors(network)
    if any(bias for layer in network.layers for bias in layer.biases):
        yield Slip("bias left out", "The biases are left out of the forward pass."), Variation(no_bias=True)


def _missing_slopes(network: Network) -> Iterator[tuple[Slip, Variation]]:
    kind, missing = "missing slope", "The derivative of the activation is missing in"
    bent = [k for k, layer in enumerate(network.layers) if not _is_straight(layer.activation, layer.constant)]
    if len(bent) > 1:
        yield Slip(kind, f"{missing} every layer."), Variation(no_slope=-1)
    for k in bent:
        yield Slip(kind, f"{missing} {_place(network, k)} ({network.layers[k].activation})."), Variation(no_slope=k)


def _wrong_ways_back(network: Network) -> Iterator[tuple[Slip, Variation]]:
    if len(network.layers) > 1:
        sentence = "The hidden layers are reached through the updated weights, not the original ones."
        yield Slip("updated weights", sentence), Variation(updated=True)
    for k, layer in enumerate(network.layers):
        if layer.size == layer.inputs and layer.size > 1:
            if k:
                sentence = f"The way back through {_place(network, k)} takes its weights transposed the wrong way."
                yield Slip("transposed weights", sentence), Variation(transposed=k)
            yield (
                Slip("transposed weights", f"The gradient of {_place(network, k)} is transposed."),
                Variation(turned=k),
            )
    for k, layer in enumerate(network.layers):
        for neuron in range(layer.size) if k and layer.size > 1 else ():
            sentence = f"In the sum over the paths, the one through {network.neuron_names[k][neuron]} is missing."
            yield Slip("missing path", sentence), Variation(dropped=(k, neuron))


def _wrong_factors(network: Network) -> Iterator[tuple[Slip, Variation]]:
    samples, outputs = len(network.samples), network.layers[-1].size
    if samples > 1:
        is_mean = network.reduction == "mean"
        taken, meant = ("sum", "mean") if is_mean else ("mean", "sum")
        sentence = f"The samples are taken as their {taken}; the network asks for their {meant}."
        yield Slip("mean and sum", sentence), Variation(factor=float(samples) if is_mean else 1 / samples)
    if "squared" in network.error:
        for factor, word, forgotten in ((2.0, "doubled", "½ before"), (0.5, "halved", "2 from")):
            sentence = f"Every derivative is {word}: the {forgotten} the square is forgotten."
            yield Slip("factor two", sentence), Variation(factor=factor)
    if outputs > 1:
        is_mean = network.error == "mean_squared_error"
        taken, meant = ("sum", "mean") if is_mean else ("mean", "sum")
        sentence = f"The outputs are taken as their {taken}; {network.error} is their {meant}."
        yield Slip("mean and sum", sentence), Variation(factor=float(outputs) if is_mean else 1 / outputs)


def _is_straight(name: str, constant: Fraction | None) -> bool:
    entry = ACTIVATIONS[name]
    return isinstance(entry, Activation) and slope(activation_shape(entry, constant), 0) == ONE


def _place(network: Network, k: int) -> str:
    return "the output layer" if k == len(network.layers) - 1 else f"hidden layer {k + 1}"
