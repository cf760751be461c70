"""The slips of code over arrays: what a backward pass in a program gets wrong, and one on paper hardly does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from derive.calculus.local import RESULT, shape_derivative
from derive.comparison.slips import Slip, is_linear, layer_text
from derive.comparison.variation import Slope, Variation
from derive.computation.layers import Layers
from derive.computation.shapes import activation_shape
from derive.errors import Message
from derive.evaluation.evaluation import Evaluation
from derive.functions.activations import ACTIVATIONS, Activation


def code_candidates(evaluation: Evaluation) -> Iterator[tuple[Slip, Variation]]:
    """Yield the slips that code for this network can suffer from, with the backward pass that has them."""
    layers = evaluation.computation.layered
    yield from _zeros(layers)
    yield from other_slopes(layers)
    yield from _wrong_signals(layers)
    yield from _other_layout(layers)
    yield from _batches(evaluation)


def _zeros(layers: Layers) -> Iterator[tuple[Slip, Variation]]:
    last = len(layers.rows) - 1
    with_biases = [k for k, row in enumerate(layers.rows) if row.biases]
    yield (
        Slip("detached", Message("Every derivative is zero: no gradient was computed, or none was stored.")),
        Variation(factor=0.0),
    )
    if with_biases:
        sentence = Message("The derivatives of the biases are zero.")
        yield Slip("zero biases", sentence), Variation(bias_factor=0.0)
    for k in range(last):
        sentence = Message(
            "No gradient reaches {layer} or the layers before it: the backward pass stops there, as with detach().",
            {"layer": layer_text(layers, k)},
        )
        if k == 0:
            sentence = Message(
                "No gradient reaches {layer}: the backward pass stops there, as with detach().",
                {"layer": layer_text(layers, k)},
            )
        yield Slip("detached", sentence), Variation(cut=k)
    for k in range(1, last + 1):
        sentence = Message("Only the derivatives of {layer} are zero.", {"layer": layer_text(layers, k)})
        yield Slip("detached", sentence), Variation(frozen=k)
    for k in with_biases if len(with_biases) > 1 else ():
        sentence = Message("The derivatives of the biases of {layer} are zero.", {"layer": layer_text(layers, k)})
        yield Slip("zero biases", sentence), Variation(bias_factor=0.0, bias_layer=k)


@dataclass(frozen=True)
class _Where:
    """The layers in which a wrong derivative stands, and what they are called."""

    layers: frozenset[int]
    text: Message


def other_slopes(layers: Layers) -> Iterator[tuple[Slip, Variation]]:
    """Yield the derivatives of an activation that are taken in another's place, or of the wrong quantity."""
    single = [k for k, row in enumerate(layers.rows) if isinstance(ACTIVATIONS[row.function], Activation)]
    for k, row in enumerate(layers.rows):
        if k not in single:
            sentence = Message(
                "Only the diagonal of the Jacobian of {activation} is used: the derivative of each output with "
                "respect to its own net input.",
                {"activation": row.function},
            )
            yield Slip("diagonal", sentence), Variation(diagonal=k)
    for where in _places(layers, single):
        rows = [layers.rows[k] for k in sorted(where.layers)]
        if len({(row.function, row.constant) for row in rows}) == 1:
            yield from _of_the_wrong_place(rows[0].function, rows[0].constant, where)
        yield from _of_another(where, [row.function for row in rows])


def _places(layers: Layers, single: Sequence[int]) -> Iterator[_Where]:
    """Yield where a wrong derivative may stand: one layer, all hidden ones, all with one function, all there are."""
    known = {frozenset({k}) for k in single}
    for k in single:
        yield _Where(frozenset({k}), layer_text(layers, k))
    hidden = [k for k in single if k < len(layers.rows) - 1]
    joint = [(hidden, Message("every hidden layer")), (single, Message("every layer"))]
    for function in dict.fromkeys(layers.rows[k].function for k in single):
        same = [k for k in single if layers.rows[k].function == function]
        joint.insert(0, (same, Message("every layer with {activation}", {"activation": function})))
    for found, text in reversed(joint):
        if found and frozenset(found) not in known:
            known.add(frozenset(found))
            yield _Where(frozenset(found), text)


def _of_the_wrong_place(function: str, constant: Fraction | None, where: _Where) -> Iterator[tuple[Slip, Variation]]:
    if is_linear(function, constant):
        return
    fields = {"activation": function, "layer": where.text}
    if _is_of_out(function, constant):
        sentence = Message(
            "The derivative of {activation}, which is written in terms of the output, is evaluated at the net "
            "input in {layer}.",
            fields,
        )
        yield Slip("wrong place", sentence), Variation(slope=Slope(where.layers, function, constant, "net as out"))
    sentence = Message(
        "The derivative of {activation} is evaluated at the output instead of the net input in {layer}.", fields
    )
    yield Slip("wrong place", sentence), Variation(slope=Slope(where.layers, function, constant, "out as net"))


def _of_another(where: _Where, own: Sequence[str]) -> Iterator[tuple[Slip, Variation]]:
    for name, entry in ACTIVATIONS.items():
        if not isinstance(entry, Activation) or name in own or is_linear(name, entry.default):
            continue
        sentence = Message(
            "The derivative of {other} is used instead of that of {activation} in {layer}.",
            {"other": name, "activation": ", ".join(dict.fromkeys(own)), "layer": where.text},
        )
        readings = ["out", "net"] if _is_of_out(name, entry.default) else ["net"]
        for taken in readings:
            slope = Slope(where.layers, name, entry.default, taken)
            yield Slip("other slope", sentence), Variation(slope=slope)


def _is_of_out(function: str, constant: Fraction | None) -> bool:
    """Whether the derivative's short form is a formula in the out, as out·(1 − out) is."""
    entry = ACTIVATIONS[function]
    assert isinstance(entry, Activation)
    return RESULT in shape_derivative(activation_shape(entry, constant), 0).free_symbols


def _wrong_signals(layers: Layers) -> Iterator[tuple[Slip, Variation]]:
    later = range(1, len(layers.rows))
    if len(later) > 1:
        sentence = Message(
            "The derivatives of every layer use the net inputs of the previous layer instead of its outputs."
        )
        yield Slip("net as signal", sentence), Variation(net_signal=-1)
    for k in later:
        sentence = Message(
            "The derivatives of {layer} use the net inputs of the previous layer instead of its outputs.",
            {"layer": layer_text(layers, k)},
        )
        yield Slip("net as signal", sentence), Variation(net_signal=k)


def _other_layout(layers: Layers) -> Iterator[tuple[Slip, Variation]]:
    """Yield the layout that no shape tells, where every layer has as many neurons as inputs."""
    if all(row.size == row.fan_in for row in layers.rows) and layers.rows[0].size > 1 and len(layers.rows) > 1:
        sentence = Message(
            "The gradient of every layer is transposed, as if the weights had the shape (inputs, neurons); if "
            'they do, give layout="in_out".'
        )
        yield Slip("transposed weights", sentence), Variation(turned=-1)


def _batches(evaluation: Evaluation) -> Iterator[tuple[Slip, Variation]]:
    """Yield what goes wrong over several samples: one alone, and biases that are reduced another way than weights."""
    computation = evaluation.computation
    count = len(computation.samples)
    if count < 2:
        return
    for number, sentence in (
        (0, Message("Only the first sample is used.")),
        (count - 1, Message("Only the last sample is used.")),
    ):
        for factor in (1.0, float(count)) if computation.is_mean else (1.0, 1 / count):
            yield Slip("one sample", sentence), Variation(only=number, factor=factor)
    if any(row.biases for row in computation.layered.rows):
        if computation.is_mean:
            sentence = Message(
                "The derivatives of the biases are summed over the samples, but those of the weights are averaged."
            )
            yield Slip("mean and sum", sentence), Variation(bias_factor=float(count))
            sentence = Message(
                "The derivatives of the weights are summed over the samples, but those of the biases are averaged."
            )
            yield Slip("mean and sum", sentence), Variation(factor=float(count), bias_factor=1 / count)
        else:
            sentence = Message(
                "The derivatives of the biases are averaged over the samples, but those of the weights are summed."
            )
            yield Slip("mean and sum", sentence), Variation(bias_factor=1 / count)
