"""What only layers can tell of a computation: the names of its quantities, row by row.

A computation of any other shape has none of this. Matrices, code over arrays, figures and the story told in layers read
it; whatever else is asked of a computation, its equations say.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import chain

from derive.computation.notation import USUAL, Notation
from derive.notation.display import cut

# A layer with more neurons or inputs is large: its first and last neurons stand for all.
MOST_NEURONS, FIRST_NEURONS, LAST_NEURONS = 8, 3, 2
DERIVED = re.compile("[_/]d")  # between what is differentiated and by what
REDUCTIONS = ("mean", "sum")  # of the errors of several samples


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
    ``notation`` what the user calls the quantities. Where an output is differentiated there is no loss, and the outputs
    on which it does not depend are left out: with all that is theirs they are no part of the computation, and
    ``output_neurons`` are those of the whole layer; () where none is left out.
    """

    rows: tuple[LayerNames, ...]
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    errors: tuple[str, ...]
    loss: str
    loss_constant: Fraction | None
    notation: Notation = USUAL
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

    @cached_property
    def usual_names(self) -> Mapping[str, str]:
        """The names of quantities by those in derive's own words, where a notation of the user's has others."""
        neurons = {neuron.name: None for row in self.whole_rows for neuron in row.neurons}
        last = [neuron.name for neuron in self.whole_rows[-1].neurons] if self.errors else []
        return renamed(self.notation, tuple(neurons), tuple(last))

    def own_name(self, name: str) -> str:
        """Return the user's name for one in derive's own words, which may be that of a derivative; else the name."""
        usual = self.usual_names
        if not usual:
            return name
        body, star = name.removesuffix("*"), "*" * name.endswith("*")
        for mark in DERIVED.finditer(body) if body.startswith("d") else ():
            of, by = self._part(body[1 : mark.start()]), self._part(body[mark.end() :])
            if of and by:
                return f"d{of}{mark[0]}{by}{star}"
        return usual.get(body, body) + star

    def _part(self, name: str) -> str:
        """Return the user's name for one of the two quantities of a derivative; "" for what is none."""
        of, through, unit = name.partition("_through_")
        known = self.usual_names.get(of, of)
        return known + through + unit if known in self._own_names else ""

    @cached_property
    def _own_names(self) -> frozenset[str]:
        errors = (*self.errors, *(self.notation.of("error", end) for end in ("total", *REDUCTIONS)))
        parts = (part for row in self.whole_rows for part in (*row.nets, *row.outs, *row.parameters))
        return frozenset((*self.inputs, *self.targets, *errors, *parts))


def renamed(notation: Notation, neurons: Sequence[str], outputs: Sequence[str]) -> dict[str, str]:
    """Return the names of quantities by those in derive's own words, where they differ.

    ``neurons`` are all of them, ``outputs`` those that have a target and an error.

    >>> renamed(Notation(out="a", target="y"), ["h1", "o1"], ["o1"])
    {'out_h1': 'a_h1', 'out_o1': 'a_o1', 'target_o1': 'y_o1'}
    """
    errors = (*outputs, "total", *REDUCTIONS)
    indexes = {"net": neurons, "out": neurons, "target": outputs, "error": errors}
    return {USUAL.of(kind, index): notation.of(kind, index) for kind in notation.chosen for index in indexes[kind]}
