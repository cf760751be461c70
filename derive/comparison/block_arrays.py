"""Arrays of gradients by the names of blocks' parameters, such as {"W": dW}."""

from collections.abc import Mapping
from typing import Any

from derive.comparison.arrays import leaf
from derive.comparison.layer_values import as_float
from derive.comparison.tolerance import Found
from derive.computation.groups import Tensor
from derive.errors import InputError, Message, shown


def opened_arrays(
    given: Mapping[str, Any], tensors: Mapping[str, Tensor]
) -> tuple[Mapping[str, Any], Mapping[str, Found]]:
    """Return what is no array of these, and the numbers of those that are, by the names of their quantities.

    Sizes of 1 may be left out or added. Raises `InputError` for another shape, and for what is no array of numbers.
    """
    found: dict[str, Found] = {}
    for name, value in given.items():
        if name in tensors:
            found |= _numbers(name, value, tensors[name])
    return {name: value for name, value in given.items() if name not in tensors}, found


def _numbers(name: str, value: Any, tensor: Tensor) -> Mapping[str, Found]:
    place = Message("gradients, {name}", {"name": name})
    read = leaf(value, (name,), place)
    if read is None:
        raise InputError("{place}: found {found}; expected an array of numbers.", place=place, found=shown(value))
    if _sizes(read.array.shape) != _sizes(tensor.shape):
        raise InputError(
            "{place}: found the shape {found}; expected {wanted}.",
            place=place,
            found="×".join(map(str, read.array.shape)) or "1",
            wanted="×".join(map(str, tensor.shape)),
        )
    values = [as_float(number, name) for number in read.array.ravel().tolist()]
    return {each: Found(number, read.precision) for each, number in zip(tensor.names, values, strict=True)}


def _sizes(shape: tuple[int, ...]) -> list[int]:
    return [size for size in shape if size > 1]
