"""Arrays as developers hold them, by layer, in one of many forms: what each of them is.

A form is a nest of lists, tuples and mappings with arrays in it: a list of (W, b), a flat list as PyTorch's
``parameters()`` gives it, a mapping with names such as W1 or 0.weight, a PyTorch module, a pytree of JAX. An array is
NumPy's, PyTorch's, JAX's, or a list of numbers; no library is imported to tell. Which layer an array belongs to is read
from where it stands and what it is called, and left to the shapes only where a single order of the layers fits them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from derive.checks import is_number
from derive.comparison.tolerance import DOUBLE, Precision, named
from derive.errors import InputError, Message, Text, shown

WEIGHTS, BIAS = "weights", "bias"
# Names as people write them: W1, dW1, b_2, grad_w, weight, kernel, hidden_bias, W_out.
WORD = re.compile(
    r"(?:(?P<before>.*)_)??(?:d_?|grads?_?|nabla_?)?(?P<kind>w|weights?|kernels?|b|bias|biases)"
    r"(?:_?(?P<number>\d+)|_(?P<behind>.*?))?(?:_?grads?)?",
    re.IGNORECASE,
)
EXPECTED = Message(
    "a mapping from names to numbers, arrays by layer such as [(dW1, db1), (dW2, db2)], one vector, a PyTorch module, "
    "or a function that returns one of these"
)


@dataclass(frozen=True)
class Leaf:
    """An array, or None in the place of one, and the keys and numbers (from 0) that lead to it."""

    path: tuple[str | int, ...]
    array: Any
    precision: Precision = DOUBLE

    @property
    def name(self) -> str:
        """The keys that lead to it, as a message names them; "" where it stands in lists alone."""
        return path_text(self.path) if any(isinstance(part, str) for part in self.path) else ""


@dataclass(frozen=True)
class LayerArrays:
    """The arrays of one layer, as they are given; None where there is none."""

    weights: Leaf | None = None
    bias: Leaf | None = None


def array_name(kind: str, k: int) -> str:
    """Return the name of an array of a layer that is counted from 0: W1, b1, W2, …"""
    return f"{'W' if kind == WEIGHTS else 'b'}{k + 1}"


def path_text(path: Sequence[str | int]) -> str:
    """Return keys and numbers as Python writes them: params.dense[0], [1][0]."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def is_array(value: Any) -> bool:
    """Whether it is an array of NumPy, PyTorch, JAX or another library."""
    return hasattr(value, "dtype") and hasattr(value, "shape")


def leaf(value: Any, path: tuple[str | int, ...], place: Text) -> Leaf | None:
    """Return the array that a value is, at least a number's; None where it holds several or is none.

    A list of numbers is a vector, a list of such lists of one length a matrix; a tuple of lists is none. Their numbers
    stay what they are: a fraction is one. Raises `InputError` for arrays of what are no real numbers.
    """
    if is_array(value):
        return _of_library(value, path, place)
    if is_number(value):
        return Leaf(path, _of_numbers([value], ()))
    if isinstance(value, list | tuple) and value:
        if all(map(_is_scalar, value)):
            return Leaf(path, _of_numbers(value, (len(value),)), _joint(value))
        if isinstance(value, list) and all(isinstance(row, list | tuple) and row for row in value):
            flat = [each for row in value for each in row]
            if len({len(row) for row in value}) == 1 and all(map(_is_scalar, flat)):
                return Leaf(path, _of_numbers(flat, (len(value), len(value[0]))), _joint(flat))
    return None


def _is_scalar(value: Any) -> bool:
    if is_array(value):
        return tuple(value.shape) == () and named(value.dtype) is not None
    return is_number(value)


def _of_numbers(values: Sequence[Any], shape: tuple[int, ...]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = [value if is_number(value) else float(value) for value in values]
    return array.reshape(shape)


def _joint(values: Sequence[Any]) -> Precision:
    """Return the least precise type of some numbers: a list of them is an array of that."""
    types = [named(value.dtype) or DOUBLE for value in values if is_array(value)]
    return min(types, key=lambda precision: precision.bits) if len(types) == len(values) else DOUBLE


def _of_library(value: Any, path: tuple[str | int, ...], place: Text) -> Leaf:
    precision = named(value.dtype)
    if str(value.dtype) == "object" and all(map(is_number, np.ravel(value))):
        return Leaf(path, np.asarray(value))
    if precision is None:
        raise InputError(
            "{place}: found an array of {dtype}; expected an array of real numbers.", place=place, dtype=value.dtype
        )
    if hasattr(value, "detach"):  # PyTorch's, which may be on another device, and in a type that NumPy has not
        value = value.detach().to_dense().cpu()
        value = value.float() if precision.name == "bfloat16" else value
    array = np.asarray(value)
    # A type that NumPy has from another package, as JAX's bfloat16, counts like float32 there.
    return Leaf(path, array if array.dtype.kind in "fiu" else array.astype(np.float32), precision)


def opened(value: Any) -> Any:
    """Return a form with a mapping from its names in place of each named tuple and each dataclass, as JAX nests them.

    Of a dataclass what is no array is no part of it: how many inputs there are, say, or which activation.
    """
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return opened(value._asdict())
    if is_dataclass(value) and not isinstance(value, type) and not is_array(value):
        found = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: opened(each) for name, each in found.items() if _is_form(each)}
    if isinstance(value, Mapping):
        return {key: opened(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(each if is_number(each) else opened(each) for each in value)
    return value


def _is_form(value: Any) -> bool:
    """Whether it is an array, or what may hold one."""
    return is_array(value) or is_dataclass(value) or isinstance(value, Mapping | list | tuple)


def leaves(value: Any, place: Text, path: tuple[str | int, ...] = ()) -> Iterator[Leaf]:
    """Yield every array of a form with its path, in order; raises `InputError` for what is neither."""
    where: Text = place
    if path:
        where = Message("{place}, {name}", {"place": place, "name": path_text(path)})
    found = leaf(value, path, where)
    if found is not None:
        yield found
    elif value is None:
        yield Leaf(path, None)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            parts = tuple(key.split(".")) if isinstance(key, str) else (key,)
            if not all(isinstance(part, str | int) for part in parts):
                raise InputError(
                    "{place}: found the key {found}; expected a name such as W1.", place=where, found=shown(key)
                )
            yield from leaves(each, place, (*path, *parts))
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from leaves(each, place, (*path, number))
    else:
        raise InputError("{place}: found {found}; expected an array of numbers.", place=where, found=shown(value))


def without_empty(items: Sequence[Any]) -> list[Any]:
    """Return the items of a list but for empty ones, which stand for layers that have no parameters."""
    return [each for each in items if not (isinstance(each, list | tuple | Mapping) and not each)]


@dataclass(frozen=True)
class _Named:
    """A leaf with what its path says: which of the two it is, and the rest of the path, which is its layer's."""

    leaf: Leaf
    kind: str | None
    stem: tuple[str, ...]


def _read_name(found: Leaf) -> _Named:
    parts = [str(part) for part in found.path]
    for place in reversed(range(len(parts))):
        match = WORD.fullmatch(parts[place]) if isinstance(found.path[place], str) else None
        if match:
            kind = WEIGHTS if match["kind"][0].lower() in "wk" else BIAS
            rest = [match["before"], match["number"], match["behind"]]
            stem = [*parts[:place], *rest, *parts[place + 1 :]]
            return _Named(found, kind, tuple(part for part in stem if part))
    return _Named(found, None, tuple(parts))


def by_names(found: list[Leaf], place: Text) -> dict[tuple[str, ...], LayerArrays]:
    """Return the arrays of each layer of a mapping by what its layer is called, in the order that is given.

    An array whose name does not say what it is has the weights where it is a matrix or stands first beside a vector.
    """
    layers: dict[tuple[str, ...], LayerArrays] = {}
    for read in map(_read_name, found):
        kind, stem = read.kind, read.stem
        if kind is None:
            is_placed = isinstance(read.leaf.path[-1], int) and len(stem) > 1
            kind = WEIGHTS if read.leaf.array is not None and read.leaf.array.ndim == 2 else BIAS
            if is_placed:  # {"hidden": (W, b)}
                kind, stem = (WEIGHTS if read.leaf.path[-1] == 0 else BIAS), stem[:-1]
        known = layers.get(stem, LayerArrays())
        if getattr(known, "weights" if kind == WEIGHTS else "bias") is not None:
            raise InputError(
                "{place}: found two arrays for the same parameters of a layer, the second named {name}; expected "
                "names that distinguish the layers, such as W1, b1, W2, b2.",
                place=place,
                name=repr(read.leaf.name),
            )
        layers[stem] = LayerArrays(read.leaf, known.bias) if kind == WEIGHTS else LayerArrays(known.weights, read.leaf)
    return layers


def natural(stem: tuple[str, ...]) -> list[tuple[int, int, str]]:
    """Return the key by which names with numbers are sorted, so that 10 comes after 9."""
    pieces = re.findall(r"\d+|\D+", ".".join(stem))
    return [(0, int(piece), "") if piece.isdigit() else (1, 0, piece) for piece in pieces]


def are_numbered(stems: list[tuple[str, ...]]) -> bool:
    """Whether the names of the layers have numbers that tell their order: all are alike but for these."""
    patterns = {re.sub(r"\d+", "#", ".".join(stem)) for stem in stems}
    return len(patterns) == 1 and (len(stems) == 1 or "#" in next(iter(patterns)))
