"""Groups: what a block of a computation, such as a convolution, defines and is made of, by the names of its quantities.

A computation says all that is calculated in its equations; groups say which of them belong together, and in which
arrays their quantities stand. The story, matrix lines and figures read them; nothing else needs them.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product
from math import prod
from types import MappingProxyType
from typing import Any

import attrs

Option = int | str | bool | Fraction | tuple[int, ...] | tuple[Fraction, ...] | tuple[tuple[int, ...], ...]


def _shape(given: Iterable[int]) -> tuple[int, ...]:
    return tuple(given)


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


@attrs.frozen
class Tensor:
    """Quantities in an array: its shape, and their names row by row, the last index fastest.

    >>> Tensor((2, 2), ("a", "b", "c", "d")).at(1, 0)
    'c'
    """

    shape: tuple[int, ...] = attrs.field(converter=_shape)
    names: tuple[str, ...] = attrs.field(converter=_names)

    def __attrs_post_init__(self) -> None:
        assert prod(self.shape) == len(self.names), (self.shape, self.names)

    def at(self, *index: int) -> str:
        """Return the name at an index, counted from 0."""
        place = 0
        for size, each in zip(self.shape, index, strict=True):
            place = place * size + each
        return self.names[place]

    @property
    def name(self) -> str:
        """What the whole array is called: what its quantities' names have before the indexes; "" where it has no name.

        >>> Tensor((1, 2), ("W_y_1", "W_y_2")).name, Tensor((1, 1), ("b",)).name, Tensor((2,), ("x_1", "y_1")).name
        ('W_y', 'b', '')
        """
        sizes = [size for size in self.shape if size > 1]
        found = self.names[0].removesuffix("_1" * len(sizes)) if self.names else ""
        indexes = product(*(range(1, size + 1) for size in sizes))
        return found if self.names == tuple("_".join([found, *map(str, index)]) for index in indexes) else ""

    def rows(self) -> list[tuple[str, ...]]:
        """Return the names row by row: of an array of more dimensions, one row for each of its last ones."""
        width = self.shape[-1] if self.shape else 1
        return [self.names[start : start + width] for start in range(0, len(self.names), width)]


def _tensors(given: Iterable[Tensor]) -> tuple[Tensor, ...]:
    return tuple(given)


def _read_only(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(given))


@attrs.frozen(slots=False)
class Group:
    """A block by the names of its quantities.

    ``name`` is the user's name for it, and ``op`` says what it does ("linear", "conv2d", …). ``names`` are the
    quantities that its equations define, in their order, () where it only lays out anew what comes in, as "flatten"
    does; ``output`` those that others go on with. ``inputs`` are the
    arrays that come in, ``weights`` its parameters by what they are ("weight", "bias", …), shared ones too, ``inner``
    the arrays in between by what they are ("net", "mean", …), and ``options`` whatever else it was given (stride,
    padding, heads). ``steps`` are, for a block that goes through time, the quantities of each of its steps.
    """

    name: str
    op: str
    names: tuple[str, ...] = attrs.field(converter=_names)
    output: Tensor
    inputs: tuple[Tensor, ...] = attrs.field(default=(), converter=_tensors)
    weights: Mapping[str, Tensor] = attrs.field(factory=dict, converter=_read_only, hash=False)
    inner: Mapping[str, Tensor] = attrs.field(factory=dict, converter=_read_only, hash=False)
    options: Mapping[str, Option] = attrs.field(factory=dict, converter=_read_only, hash=False)
    steps: tuple[tuple[str, ...], ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return Group, (
            *(self.name, self.op, self.names, self.output, self.inputs),
            *(dict(self.weights), dict(self.inner), dict(self.options), self.steps),
        )
