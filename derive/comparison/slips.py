"""The slips that gradients by hand suffer from, on paper and in code, each as a variation of a backward pass."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from derive.calculus.local import shape_derivative
from derive.comparison.variation import Variation
from derive.computation.layers import Layers
from derive.computation.shapes import activation_shape
from derive.errors import Message
from derive.evaluation.evaluation import Evaluation
from derive.functions.activations import ACTIVATIONS, Activation
from derive.notation.trees import ONE
from derive.numbers.decimals import to_float

CLOSE = 1e-6  # of the size of a number: hand-written code is compared in floats, and may be in single precision


@dataclass(frozen=True)
class Slip:
    """A slip: its kind, and a sentence that says what went wrong and where."""

    kind: str
    sentence: Message


def candidates(evaluation: Evaluation) -> Iterator[tuple[Slip, Variation]]:
    """Yield the slips that this network can suffer from, with the backward pass that has them."""
    layers, values = evaluation.computation.layered, evaluation.computation.values
    yield from _missing_derivatives(layers)
    yield from _wrong_ways_back(layers)
    yield from _wrong_factors(evaluation)
    if any(values[bias] for layer in layers.rows for bias in layer.biases):
        sentence = Message("The biases are missing from the forward pass.")
        yield Slip("bias left out", sentence), Variation(no_bias=True)


def _missing_derivatives(layers: Layers) -> Iterator[tuple[Slip, Variation]]:
    kind = "missing slope"
    nonlinear = [k for k, layer in enumerate(layers.rows) if not is_linear(layer.function, layer.constant)]
    if len(nonlinear) > 1:
        sentence = Message("The derivative of the activation is missing in every layer.")
        yield Slip(kind, sentence), Variation(no_derivative=-1)
    for k in nonlinear:
        sentence = Message(
            "The derivative of the activation is missing in {layer} ({activation}).",
            {"layer": layer_text(layers, k), "activation": layers.rows[k].function},
        )
        yield Slip(kind, sentence), Variation(no_derivative=k)


def _wrong_ways_back(layers: Layers) -> Iterator[tuple[Slip, Variation]]:
    if len(layers.rows) > 1:
        sentence = Message(
            "The error is propagated to the hidden layers through the updated weights, not the original ones."
        )
        yield Slip("updated weights", sentence), Variation(updated=True)
    for k, layer in enumerate(layers.rows):
        if layer.size == layer.fan_in and layer.size > 1:
            if k:
                sentence = Message(
                    "The weights of {layer} are transposed in the backward pass.",
                    {"layer": layer_text(layers, k)},
                )
                yield Slip("transposed weights", sentence), Variation(transposed=k)
            sentence = Message("The gradient of {layer} is transposed.", {"layer": layer_text(layers, k)})
            yield Slip("transposed weights", sentence), Variation(turned=k)
    for k, layer in enumerate(layers.rows):
        for neuron in range(layer.size) if k and layer.size > 1 else ():
            sentence = Message(
                "The path through {neuron} is missing from the sum.",
                {"neuron": layer.neurons[neuron].name},
            )
            yield Slip("missing path", sentence), Variation(dropped=(k, neuron))


def _wrong_factors(evaluation: Evaluation) -> Iterator[tuple[Slip, Variation]]:
    computation, layers = evaluation.computation, evaluation.computation.layered
    samples, outputs = len(computation.samples), layers.last.size
    if samples > 1 and computation.is_mean:
        sentence = Message("The samples are summed; this network averages them.")
        yield Slip("mean and sum", sentence), Variation(factor=float(samples))
    if samples > 1 and not computation.is_mean:
        sentence = Message("The samples are averaged; this network sums them.")
        yield Slip("mean and sum", sentence), Variation(factor=1 / samples)
    rate = to_float(evaluation.plan.learning_rate)
    if rate not in (0.0, 1.0):  # all would be 0 with 0, and equal but for the sign with 1
        sentence = Message(
            "Every derivative is multiplied by the learning rate: these are steps of an update, not gradients."
        )
        yield Slip("learning rate", sentence), Variation(factor=rate)
        sentence = Message(
            "Every derivative is multiplied by minus the learning rate: these are the changes "
            "that an update makes, not gradients."
        )
        yield Slip("learning rate", sentence), Variation(factor=-rate)
    if "squared" in layers.loss:
        sentence = Message("Every derivative is twice too large: the factor ½ is missing.")
        yield Slip("factor two", sentence), Variation(factor=2.0)
        sentence = Message("Every derivative is half of what it should be: the factor 2 from the square is missing.")
        yield Slip("factor two", sentence), Variation(factor=0.5)
    if outputs > 1:
        yield _outputs(layers.loss, outputs)


def _outputs(error: str, outputs: int) -> tuple[Slip, Variation]:
    if error == "mean_squared_error":
        sentence = Message("The outputs are summed; {error} averages them.", {"error": error})
        return Slip("mean and sum", sentence), Variation(factor=float(outputs))
    sentence = Message("The outputs are averaged; {error} sums them.", {"error": error})
    return Slip("mean and sum", sentence), Variation(factor=1 / outputs)


def is_linear(name: str, constant: Fraction | None) -> bool:
    """Whether the activation's derivative is 1 everywhere."""
    entry = ACTIVATIONS[name]
    return isinstance(entry, Activation) and shape_derivative(activation_shape(entry, constant), 0) == ONE


def layer_text(layers: Layers, k: int) -> Message:
    """Return what a layer, counted from 0, is called in a sentence."""
    if k == len(layers.rows) - 1:
        return Message("the last layer")
    return Message("hidden layer {number}", {"number": k + 1})
