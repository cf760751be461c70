"""Arrays by layer, out of a network and into one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, SupportsFloat, TypeAlias

from derive.checks import is_number, one_of, sequence
from derive.comparison.tolerance import LAYOUTS
from derive.computation.layers import LayerNames
from derive.errors import InputError, Message, counted
from derive.network.layers import Layer, Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Arrays: TypeAlias = list[tuple[NDArray[np.float64], NDArray[np.float64] | None]]


def layer_arrays(rows: Iterable[LayerNames], values: Mapping[str, SupportsFloat], layout: str) -> "Arrays":
    """Return the numbers of each layer as arrays of doubles, (W, b); b has the shape () where the layer shares one."""
    # Imported here, as NumPy is slow to load.
    import numpy as np

    is_turned = one_of(layout, LAYOUTS, "layout") == "in_out"
    found: Arrays = []
    for row in rows:
        weights = np.array([[float(values[name]) for name in neuron.weights] for neuron in row.neurons])
        biases = np.array([float(values[name]) for name in row.biases])
        bias = None if not row.biases else biases[0, ...].copy() if row.shared_bias else biases
        found.append((weights.T.copy() if is_turned else weights, bias))
    return found


def layers_of(given: Any, activation: str | Sequence[str], layout: str) -> list[Layer]:
    """Return the layers whose weights and biases are some arrays; raises `InputError` for what are none."""
    # Imported here, as NumPy is slow to load.
    from derive.comparison.network_arrays import read_layers

    arrays = read_layers(given, is_turned=one_of(layout, LAYOUTS, "layout") == "in_out")
    names = [activation] * len(arrays) if isinstance(activation, str) else list(_names(activation))
    if len(names) != len(arrays):
        raise InputError(
            "activation: found {found}; expected one name, or {size}, one for each layer.",
            found=counted("{number} name", "{number} names", len(names)),
            size=len(arrays),
        )
    return [Layer(weights, bias, name) for (weights, bias), name in zip(arrays, names, strict=True)]


def _names(activation: Any) -> tuple[Any, ...]:
    return sequence(activation, "activation", Message("a name, or a list of names, one for each layer"))


def samples_of(inputs: Any, targets: Any, sizes: tuple[int, int]) -> list[Sample]:
    """Return the samples of arrays of inputs, shape (samples, inputs), and of targets, shape (samples, outputs).

    A vector of inputs is one sample, or a sample a number where the network has a single input; so with targets.
    ``sizes`` are the numbers of inputs and outputs. Without targets there is a forward pass alone.
    """
    rows = _rows(inputs, sizes[0], "inputs")
    if targets is None:
        return [Sample(row) for row in rows]
    wanted = _rows(targets, sizes[1], "targets")
    if len(rows) != len(wanted):
        raise InputError(
            "targets: found {found}; expected as many as there are inputs, {size}.",
            found=counted("{number} row", "{number} rows", len(wanted)),
            size=len(rows),
        )
    return [Sample(*pair) for pair in zip(rows, wanted, strict=True)]


def _rows(given: Any, size: int, place: str) -> list[Any]:
    # Imported here, as NumPy is slow to load.
    from derive.comparison.arrays import is_array, leaf

    array = leaf(given, (), place) if is_array(given) else None
    rows = list(
        sequence(
            given if array is None else array.array,
            place,
            Message("an array of shape (samples, {size})", {"size": size}),
        )
    )
    if all(is_number(row) for row in rows):
        return [[row] for row in rows] if size == 1 else [rows]
    return rows
