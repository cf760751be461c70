"""What known slips make of a line of a sheet, with a student's own numbers before it.

They are the slips of `derive.comparison.slips`, and of `derive.comparison.equation_slips` where there are no layers:
each is said in the same words as of a whole gradient.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from itertools import chain, islice

import numpy as np
from flint import arb

from derive.comparison.backward import Backward, Detour
from derive.comparison.block_slips import exchanged_gradients
from derive.comparison.equation_slips import Slips
from derive.comparison.own_numbers import OwnNumbers
from derive.comparison.slips import Slip, candidates
from derive.comparison.variation import Variation
from derive.errors import Message
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.local import local_value
from derive.functions.losses import Loss
from derive.lines.blanks import BACKWARD, FORWARD, GRADIENT, UPDATE, Blank
from derive.numbers.arithmetic import ZERO, Value, rational, times, total

MOST_ALIKE = 1000  # samples or outputs
MOST_DETOURS = 400  # of equations, the likelier ones
WRONG_SIGN = Slip("sign", Message("The sign of a derivative is wrong."))
Changed = Callable[[OwnNumbers, Blank], Value]  # what a line gives with a slip; None where it leaves the line as it is


@dataclass(frozen=True, eq=False)
class LineSlip:
    """A slip, and what it makes of a line with somebody's own numbers: None where it leaves the line as it is."""

    slip: Slip
    changed: Changed


def line_slips(evaluation: Evaluation) -> tuple[LineSlip, ...]:
    """Return the slips that lines of this computation can suffer from, the likelier ones first."""
    own = chain(_signs(), _of_layers(evaluation) if evaluation.computation.layers else _of_equations(evaluation))
    return (*own, *_of_updates(evaluation))


def said(slip: Slip, names: Sequence[str]) -> Message:
    """Return the sentence on a slip that happened at these blanks."""
    if slip is not WRONG_SIGN:
        return slip.sentence
    return Message("Wrong sign: {names}.", {"names": ", ".join(names)})


def without_blanks(sentence: Message) -> Message:
    """Return what is said of a slip, in which blanks are named, without these: as of a class."""
    return WRONG_SIGN.sentence if sentence.text == said(WRONG_SIGN, ()).text else sentence


def _signs() -> Iterator[LineSlip]:
    def turned(own: OwnNumbers, blank: Blank) -> Value:
        return -own.line(blank) if blank.part in (BACKWARD, GRADIENT) else None

    yield LineSlip(WRONG_SIGN, turned)


def _of_updates(evaluation: Evaluation) -> Iterator[LineSlip]:
    if not evaluation.plan.optimizer.is_plain:
        return

    def upward(own: OwnNumbers, blank: Blank) -> Value:
        return 2 * own.values[0][blank.quantity] - own.line(blank) if blank.part == UPDATE else None

    def without_rate(own: OwnNumbers, blank: Blank) -> Value:
        if blank.part != UPDATE:
            return None
        return own.values[0][blank.quantity] - own.gradient_used(blank.quantity)

    sentence = Message("The step is added, not subtracted: the update goes up the gradient.")
    yield LineSlip(Slip("sign", sentence), upward)
    if evaluation.plan.learning_rate != 1:
        sentence = Message("The learning rate is missing from the update.")
        yield LineSlip(Slip("learning rate", sentence), without_rate)


# Networks of layers.


def _of_layers(evaluation: Evaluation) -> Iterator[LineSlip]:
    places = _Places(evaluation)
    for slip, variation in candidates(evaluation):
        if variation.factor != 1:
            factor = _exact(evaluation, slip, variation.factor)
            yield LineSlip(slip, partial(_times, places.of_factor(slip, variation.factor), factor))
        else:
            yield LineSlip(slip, partial(_varied, places, variation))


def _exact(evaluation: Evaluation, slip: Slip, factor: float) -> Value:
    """Return the factor of a slip, which is a rate or the number of something, without the rounding of a float."""
    if slip.kind == "learning rate":
        return rational(evaluation.plan.learning_rate if factor > 0 else -evaluation.plan.learning_rate)
    return rational(Fraction(factor).limit_denominator(MOST_ALIKE))


def _times(happens: Callable[[Blank], bool], factor: Value, own: OwnNumbers, blank: Blank) -> Value:
    return own.line(blank) * factor if happens(blank) else None


@dataclass(frozen=True, eq=False)
class _Places:
    """Where the quantities of a network of layers stand."""

    evaluation: Evaluation

    @cached_property
    def layer(self) -> Mapping[str, int]:
        """The layer of each net, out, weight and bias, counted from 0."""
        rows = self.evaluation.computation.layered.rows
        return {name: k for k, row in enumerate(rows) for name in (*row.nets, *row.outs, *row.parameters)}

    @cached_property
    def last(self) -> int:
        """The number of the last layer."""
        return len(self.evaluation.computation.layered.rows) - 1

    @cached_property
    def turned(self) -> Mapping[str, str]:
        """The weight that stands at a weight's place where its layer's matrix is transposed; of square ones alone."""
        rows = self.evaluation.computation.layered.rows
        return {
            weight: row.neurons[i].weights[j]
            for row in rows
            if row.size == row.fan_in
            for j, neuron in enumerate(row.neurons)
            for i, weight in enumerate(neuron.weights)
        }

    @cached_property
    def biases(self) -> frozenset[str]:
        """All biases."""
        return frozenset(name for name, kind in self.evaluation.computation.kinds.items() if kind == "bias")

    def of_factor(self, slip: Slip, factor: float) -> Callable[[Blank], bool]:
        """Return at which blanks every derivative is multiplied first; what comes after follows from there."""
        computation = self.evaluation.computation
        if slip.kind == "learning rate":
            return lambda blank: blank.part == GRADIENT
        if slip.kind == "factor two":
            return lambda blank: self._is_delta_of_last(blank) or self._is_error(blank)
        of_samples = len(computation.samples) > 1 and factor in (len(computation.samples), 1 / len(computation.samples))
        if not of_samples:
            return lambda blank: self._is_delta_of_last(blank) or blank.quantity == computation.objective
        whole = computation.whole_objective_name
        return lambda blank: blank.part == GRADIENT or (blank.part == FORWARD and blank.quantity == whole)

    def _is_delta_of_last(self, blank: Blank) -> bool:
        return blank.part == BACKWARD and blank.quantity in self.evaluation.computation.layered.last.nets

    def _is_error(self, blank: Blank) -> bool:
        equation = self.evaluation.computation.by_name.get(blank.quantity)
        is_loss = equation is not None and any(isinstance(term.shape.entry, Loss) for term in equation.terms)
        return blank.part == FORWARD and is_loss


def _varied(places: _Places, variation: Variation, own: OwnNumbers, blank: Blank) -> Value:
    """Return what a line gives in which a backward pass deviates so; None where it is the same line."""
    name, sample = blank.quantity, blank.sample
    computation, layer = own.computation, places.layer.get(name, -1)
    if blank.part == FORWARD:
        is_net = variation.no_bias and computation.kinds.get(name) == "net"
        return own.equation(name, sample, _Without(own.values[sample], places.biases)) if is_net else None
    if blank.part == UPDATE:
        return None
    if name in computation.parameters:
        if variation.turned != layer or name == places.turned.get(name, name):
            return None
        other = places.turned[name]
        return own.gradient(other) if blank.part == GRADIENT else own.partials[sample][other]
    row = computation.layered.rows[layer]
    if name in row.nets:
        is_straight = variation.no_derivative in (layer, -1)
        return own.partials[sample][row.outs[row.nets.index(name)]] if is_straight else None
    return None if layer == places.last else _passed_back(places, variation, own, blank)


def _passed_back(places: _Places, variation: Variation, own: OwnNumbers, blank: Blank) -> Value:
    """Return a partial by an out where the way back through the next layer deviates; None where it does not."""
    layer = places.layer[blank.quantity] + 1
    before, row = own.computation.layered.rows[layer - 1 : layer + 1]
    column, dropped = before.outs.index(blank.quantity), variation.dropped or (-1, -1)
    if not (variation.updated or variation.transposed == layer or dropped[0] == layer):
        return None
    partials, values = own.partials[blank.sample], own.values[blank.sample]
    trained = own.computation.trained

    def weight_of(name: str) -> Value:
        if variation.transposed == layer:
            return values[places.turned[name]]
        return own.updated(name) if variation.updated and name in trained else values[name]

    left = [
        (net, neuron)
        for place, (net, neuron) in enumerate(zip(row.nets, row.neurons, strict=True))
        if dropped != (layer, place)
    ]
    return total([times(partials[net], weight_of(neuron.weights[column])) for net, neuron in left])


class _Without(Mapping[str, Value]):
    """Values of which some are 0."""

    def __init__(self, given: Mapping[str, Value], names: frozenset[str]) -> None:
        self.given, self.names = given, names

    def __getitem__(self, name: str) -> Value:
        return ZERO if name in self.names else self.given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)


# Equations and blocks.


def _of_equations(evaluation: Evaluation) -> Iterator[LineSlip]:
    computation = evaluation.computation
    if not computation.objective:
        return
    for slip, detour in islice(Slips(evaluation, Backward(computation)).all(), MOST_DETOURS):
        if detour.factor != 0:  # nobody writes 0 in every blank
            factor = _exact(evaluation, slip, detour.factor)
            yield LineSlip(slip, partial(_detoured, detour, factor, is_step=slip.kind == "learning rate"))
    for slip, others in exchanged_gradients(computation):
        yield LineSlip(slip, partial(_exchanged, others))


def _exchanged(others: Mapping[str, str], own: OwnNumbers, blank: Blank) -> Value:
    other = others.get(blank.quantity, blank.quantity)
    is_changed = blank.part == GRADIENT and other != blank.quantity and other in own.derivation.partials
    return own.gradient(other) if is_changed else None


def _detoured(detour: Detour, factor: Value, own: OwnNumbers, blank: Blank, *, is_step: bool) -> Value:
    """Return what a line gives on which a backward pass takes a detour; None where it is the same line."""
    name, count = blank.quantity, len(own.values)
    is_gradient = blank.part == GRADIENT
    if blank.part not in (BACKWARD, GRADIENT):
        return None
    if detour.only is not None:
        if not is_gradient:
            return None
        only = own.partials[detour.only][name] * factor
        return only / count if own.computation.is_mean else only
    uses = own.derivation.partials[name].uses
    if factor != 1:
        is_first = any(use.name == own.computation.objective for use in uses) and not is_step
        of_samples = count > 1 or is_step
        return own.line(blank) * factor if (is_gradient if of_samples else is_first) else None
    if is_gradient and count > 1:
        return None  # the slip is in the partials of the samples
    kept = detour.keeps.get(name)
    if kept and len(uses) > 1:
        uses = uses[:1] if kept == "first" else uses[-1:]
    elif not any((use.name, name) in detour.edges for use in uses):
        return None
    return total([_handed(detour, own, use.name, name, blank.sample) for use in uses])


def _handed(detour: Detour, own: OwnNumbers, use: str, name: str, sample: int) -> Value:
    """Return what a use hands on to a quantity, with the local derivative of the detour where it has one."""
    computation, values = own.computation, own.values[sample]
    changed = detour.edges.get((use, name))
    if changed is None:
        local = local_value(computation.by_name[use], name, values)
    else:
        local = arb(float(np.broadcast_to(np.asarray(changed, dtype=float), (len(own.values),))[sample]))
    return local if use == computation.objective else times(own.partials[sample][use], local)
