"""What only layers can tell of a computation: the names of its quantities, row by row.

A computation of any other shape has none of this. Matrices, code over arrays, figures and the story told in layers read
it; whatever else is asked of a computation, its equations say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import chain

from derive.notation.display import cut

# A layer with more neurons or inputs is large: its first and last neurons stand for all.
MOST_NEURONS, FIRST_NEURONS, LAST_NEURONS = 8, 3, 2


@dataclass(frozen=True)
class Neuron:
    """A neuron by the names of its quantities: its pre-activation, its activation, weights, and biases if any."""

    name: str
    net: str
    out: str
    weights: tuple[str, ...]
    biases: tuple[str, ...]


@dataclass(frozen=True)
class LayerNames:
    """A layer by its names; ``index`` counts from 0, ``biases`` has each once.

    ``function`` is the activation's name in `derive.ACTIVATIONS`, ``constant`` what it depends on, where it does.
    """

    index: int
    function: str
    constant: Fraction | None
    is_joint: bool
    neurons: tuple[Neuron, ...]
    biases: tuple[str, ...]
    shared_bias: bool
    is_output: bool

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its weights and then of its biases."""
        return (*chain.from_iterable(neuron.weights for neuron in self.neurons), *self.biases)

    @property
    def nets(self) -> tuple[str, ...]:
        """The names of its pre-activations."""
        return tuple(neuron.net for neuron in self.neurons)

    @property
    def size(self) -> int:
        """The number of neurons."""
        return len(self.neurons)

    @property
    def fan_in(self) -> int:
        """The number of signals that come in."""
        return len(self.neurons[0].weights)

    def weights(self, values: Mapping[str, Fraction]) -> list[list[Fraction]]:
        """Return the weights, shape (neurons, signals)."""
        return [[values[name] for name in neuron.weights] for neuron in self.neurons]

    @property
    def outs(self) -> tuple[str, ...]:
        """The names of its activations."""
        return tuple(neuron.out for neuron in self.neurons)

    @property
    def is_large(self) -> bool:
        """Whether its first and last neurons stand for all."""
        return max(self.size, self.fan_in) > MOST_NEURONS

    @cached_property
    def shown(self) -> list[Neuron | None]:
        """The neurons, or the first and last ones of a large layer with None between."""
        return cut(self.neurons, MOST_NEURONS, FIRST_NEURONS, LAST_NEURONS)


@dataclass(frozen=True)
class Layers:
    """The layers from left to right, and what stands at both ends of them.

    ``inputs`` and ``targets`` are the names of a sample's numbers, ``errors`` what each output adds to the error, by
    output; ``loss`` is the error function's name in `derive.ERRORS`, ``loss_constant`` what it depends on,
    ``error_name`` what the user calls it. Where an output is differentiated there is no loss, and the outputs on which
    it does not depend are left out: with all that is theirs they are no part of the computation, and ``output_neurons``
    are those of the whole layer; () where none is left out.
    """

    rows: tuple[LayerNames, ...]
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    errors: tuple[str, ...]
    loss: str
    loss_constant: Fraction | None
    error_name: str
    output_neurons: tuple[Neuron, ...] = ()

    @property
    def last(self) -> LayerNames:
        """The layer of the outputs."""
        return self.rows[-1]

    @property
    def left_out(self) -> tuple[str, ...]:
        """The outputs that are no part of the computation."""
        return tuple(neuron.out for neuron in self.output_neurons if neuron not in self.last.neurons)

    @cached_property
    def whole_rows(self) -> tuple[LayerNames, ...]:
        """The layers as the network has them, with the outputs that are left out: the shapes of a program's arrays."""
        if not self.output_neurons:
            return self.rows
        biases = dict.fromkeys(chain.from_iterable(neuron.biases for neuron in self.output_neurons))
        return (*self.rows[:-1], replace(self.last, neurons=self.output_neurons, biases=tuple(biases)))

    @cached_property
    def unused(self) -> tuple[str, ...]:
        """The weights and biases that only the outputs use that are left out; each derivative by them is 0."""
        return tuple(name for name in self.whole_rows[-1].parameters if name not in self.last.parameters)

    @cached_property
    def signals(self) -> tuple[tuple[str, ...], ...]:
        """What goes into each layer: the inputs, then the outs of the layer before it."""
        return (self.inputs, *(row.outs for row in self.rows[:-1]))
