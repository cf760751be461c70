"""The weights and biases of a network out of arrays, in the forms of `derive.comparison.by_layer` but one vector."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, permutations
from typing import Any

from derive.comparison.arrays import (
    BIAS,
    WEIGHTS,
    LayerArrays,
    Leaf,
    are_numbered,
    array_name,
    by_names,
    is_array,
    leaf,
    leaves,
    natural,
    opened,
    path_text,
    without_empty,
)
from derive.comparison.by_layer import MOST_ORDERS
from derive.comparison.tolerance import is_module
from derive.errors import InputError, Message, shown

PLACE = Message("arrays")
MAPPING = '{"W1": …, "b1": …}'
USUAL, TURNED = Message("(neurons, inputs)"), Message("(inputs, neurons)")
EXPECTED = Message(
    "weights and biases by layer, such as [(W1, b1), (W2, b2)] or {mapping}, or a PyTorch module",
    {"mapping": MAPPING},
)


def read_layers(given: Any, *, is_turned: bool) -> list[tuple[list[list[Any]], Any]]:
    """Return the weights of each layer, shape (neurons, inputs), with its bias: None, a number, or one a neuron.

    ``is_turned`` says that weights come in the shape (inputs, neurons). Numbers stay what they are. Raises `InputError`
    for what are no layers of arrays.
    """
    layers = _layers(opened(given), is_turned)
    for k, layer in enumerate(layers):
        for kind, each in ((WEIGHTS, layer.weights), (BIAS, layer.bias)):
            if each is not None and each.array is None:
                raise InputError(
                    "arrays, {name}: found None; expected an array.", name=each.name or array_name(kind, k)
                )
    return [_numbers(layer, k, is_turned) for k, layer in enumerate(layers)]


def _layers(given: Any, is_turned: bool) -> list[LayerArrays]:
    if is_module(given):
        return _flat(
            [each for name, one in given.named_parameters() for each in leaves(one, PLACE, tuple(name.split(".")))]
        )
    if isinstance(given, Mapping) and given:
        return _ordered(by_names(list(leaves(given, PLACE)), PLACE), is_turned)
    if isinstance(given, Iterator):
        given = list(given)
    if isinstance(given, list | tuple) and without_empty(given) and leaf(given, (), PLACE) is None:
        items = [list(leaves(each, PLACE, (number,))) for number, each in enumerate(without_empty(given))]
        if all(len(item) == 1 and item[0].path == (number,) for number, item in enumerate(items)):
            return _flat([each for item in items for each in item])
        if len(items) == 2 and len(items[0]) > 1 and _are_halves(*items):
            return [LayerArrays(*pair) for pair in zip(*items, strict=True)]
        if len(items) == 1 and (isinstance(given[0], Mapping) or len(items[0]) > 2):
            return _layers(given[0], is_turned)
        return [_layer(each, item) for each, item in zip(without_empty(given), items, strict=True)]
    if is_array(given) and len(given.shape) == 2:
        return _flat(list(leaves(given, PLACE)))
    raise InputError("arrays: found {found}; expected {expected}.", found=shown(given), expected=EXPECTED)


def _are_halves(weights: Sequence[Leaf], biases: Sequence[Leaf]) -> bool:
    return (
        len(weights) == len(biases)
        and all(each.array is not None and each.array.ndim == 2 for each in weights)
        and all(each.array is not None and each.array.ndim < 2 for each in biases)
    )


def _layer(given: Any, found: Sequence[Leaf]) -> LayerArrays:
    if isinstance(given, Mapping):
        named = list(by_names(list(found), PLACE).values())
        if len(named) == 1:
            return named[0]
    elif len(found) == 2 and found[1].array is None:
        return LayerArrays(found[0])
    elif len(found) <= 2:
        return LayerArrays(*found)
    raise InputError(
        "arrays, {name}: found {found}; expected the weights and the bias of one layer.",
        name=path_text(found[0].path[:1]),
        found=shown(given),
    )


def _flat(found: Sequence[Leaf]) -> list[LayerArrays]:
    """Return the layers of a flat list, in which a matrix begins a layer and a vector or a number is its bias."""
    layers: list[LayerArrays] = []
    for each in found:
        if each.array is not None and each.array.ndim == 2:
            layers.append(LayerArrays(each))
        elif layers and layers[-1].bias is None:
            layers[-1] = LayerArrays(layers[-1].weights, each)
        else:
            raise InputError(
                "arrays, {name}: found a second bias, or one without weights; expected {expected}.",
                name=path_text(each.path),
                expected=EXPECTED,
            )
    return layers


def _ordered(layers: Mapping[tuple[str, ...], LayerArrays], is_turned: bool) -> list[LayerArrays]:
    """Return named layers in their order, which numbers in the names tell, or else the sizes."""
    if are_numbered(list(layers)):
        return [layers[stem] for stem in sorted(layers, key=natural)]
    given = list(layers.values())
    if len(given) > MOST_ORDERS:
        return given
    fitting = [order for order in permutations(given) if _is_chain(order, is_turned)]
    if len(fitting) > 1:
        raise InputError(
            "arrays: found names that do not tell the order of the layers, and shapes that fit in more than one "
            "order; expected names with numbers, such as W1, b1, or a list with one item per layer."
        )
    return list(fitting[0]) if fitting else given


def _is_chain(layers: Sequence[LayerArrays], is_turned: bool) -> bool:
    shapes = [
        each.weights.array.shape for each in layers if each.weights is not None and each.weights.array is not None
    ]
    return all(
        (one[1] == other[0]) if is_turned else (one[0] == other[1])
        for one, other in pairwise(shapes)
        if len(one) == len(other) == 2
    )


def _numbers(layer: LayerArrays, k: int, is_turned: bool) -> tuple[list[list[Any]], Any]:
    if layer.weights is None:
        raise InputError(
            "arrays, layer {layer}: found a bias without weights; expected weights of the shape {expected}.",
            layer=k + 1,
            expected=TURNED if is_turned else USUAL,
        )
    if layer.weights.array.ndim != 2:
        raise InputError(
            "arrays, layer {layer}: found weights of shape {shape}; expected {expected}.",
            layer=k + 1,
            shape=layer.weights.array.shape,
            expected=TURNED if is_turned else USUAL,
        )
    weights = layer.weights.array.T if is_turned else layer.weights.array
    if layer.bias is None:
        return list(map(list, weights)), None
    bias = layer.bias.array
    if bias.ndim == 0 or (bias.size == 1 and len(weights) > 1):
        return list(map(list, weights)), bias.ravel()[0]
    if bias.ndim > 2 or bias.size != len(weights):
        raise InputError(
            "arrays, layer {layer}: found a bias of shape {shape}; expected {expected}, one number per neuron, "
            "or a single number that all share.",
            layer=k + 1,
            shape=bias.shape,
            expected=f"({len(weights)},)",
        )
    return list(map(list, weights)), list(bias.ravel())
