"""The file of a network of layers."""

from collections.abc import Collection, Sequence
from typing import Any

from derive.computation.equations import Computation
from derive.computation.layers import LayerNames, Layers
from derive.computation.notation import USUAL
from derive.computation.plan import Plan
from derive.functions.activations import ACTIVATIONS
from derive.functions.losses import ERRORS, NO_ERROR
from derive.network.layers import Layer, Sample
from derive.network.network import Network
from derive.render.toml.plans import top_of_plan, training_of
from derive.render.toml.text import Document, Table, Unwritable


def layers_document(computation: Computation, layers: Layers, plan: Plan) -> Document:
    """Return the file; raises `Unwritable` where the computation does not know all of the network."""
    if layers.left_out:  # with their weights
        raise Unwritable(", ".join(layers.left_out))
    usual = _with_usual_names(computation, layers)
    has_error = layers.loss != NO_ERROR
    top = {
        "title": computation.title,
        **({"differentiate": computation.objective} if computation.objective and not has_error else {}),
        **(_error(layers) if has_error else {}),
        **({"reduction": computation.reduction} if computation.reduction != "mean" else {}),
        **top_of_plan(plan, is_trained=has_error),
    }
    letters = {kind: getattr(layers.notation, kind) for kind in layers.notation.chosen if kind != "error"}
    if layers.notation.error != USUAL.error:
        top["error_name"] = layers.notation.error
    rows = enumerate(layers.rows)
    return Document(
        top,
        [
            *([("[notation]", letters)] if letters else []),
            *training_of(plan),
            *(("[[sample]]", sample) for sample in _samples(computation, layers, usual)),
            *(("[[layer]]", _layer(computation, row, usual, index, has_error=has_error)) for index, row in rows),
        ],
    )


def _with_usual_names(computation: Computation, layers: Layers) -> Network:
    """Return a network of the same sizes, nothing of which has a name of the user's."""
    values = computation.values
    return Network(
        layers=[Layer(weights=row.weights(values), bias=_bias(computation, row)) for row in layers.rows],
        samples=[Sample([values[name] for name in layers.inputs])],
    )


def _bias(computation: Computation, row: LayerNames) -> Any:
    biases = [computation.values[name] for name in row.biases]
    return biases[0] if row.shared_bias else biases or None


def _error(layers: Layers) -> Table:
    entry = ERRORS[layers.loss]
    found: dict[str, Any] = {"error": layers.loss}
    if entry.parameter and layers.loss_constant != entry.default:
        found[entry.parameter] = layers.loss_constant
    return found


def _samples(computation: Computation, layers: Layers, usual: Network) -> Sequence[Table]:
    found: list[dict[str, Any]] = [
        {
            "inputs": [sample[name] for name in layers.inputs],
            **({"targets": [sample[name] for name in layers.targets]} if layers.targets else {}),
        }
        for sample in computation.samples
    ]
    if layers.inputs != usual.input_names:
        found[0] = {"input_names": layers.inputs, **found[0]}
    return found


def _layer(computation: Computation, row: LayerNames, usual: Network, index: int, *, has_error: bool) -> Table:
    found: dict[str, Any] = {"activation": row.function}
    entry = ACTIVATIONS[row.function]
    if entry.parameter and row.constant != entry.default:
        found[entry.parameter] = row.constant
    neurons = tuple(neuron.name for neuron in row.neurons)
    if neurons != usual.neuron_names[index]:
        found["neurons"] = neurons
    weights = tuple(neuron.weights for neuron in row.neurons)
    found["weights"] = row.weights(computation.values)
    if weights != usual.weight_names[index]:
        found["weight_names"] = weights
    if row.biases:
        found["bias"] = _bias(computation, row)
        if row.biases != _listed(usual.bias_names[index]):
            found["bias_names"] = row.biases
    trained = computation.trained
    rows = [[name in trained for name in names] for names in weights]
    fixed = {
        "train": _alike([each for names in rows for each in names], rows),
        "train_bias": _alike([name in trained for name in row.biases]),
    }
    return found | {key: each for key, each in fixed.items() if has_error and each is not True}


def _listed(names: str | Collection[str] | None) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names or ())


def _alike(truths: Sequence[bool], rows: Any = None) -> Any:
    """Return the one truth value of all where they are alike, else the rows in which they stand."""
    return all(truths) if len(set(truths)) < 2 else truths if rows is None else rows
