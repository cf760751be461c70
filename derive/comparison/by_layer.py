"""Gradients given as arrays, read as the number of each parameter by its name.

The order of a flat list is that of PyTorch's ``parameters()``: W1, b1, W2, b2, …, where a layer without biases
has no b.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from derive.comparison.arrays import (
    BIAS,
    EXPECTED,
    WEIGHTS,
    LayerArrays,
    Leaf,
    are_numbered,
    array_name,
    by_names,
    leaf,
    leaves,
    natural,
    opened,
    without_empty,
)
from derive.comparison.layer_values import Shapes, added, as_float
from derive.comparison.tolerance import Found, is_module
from derive.computation.equations import Computation
from derive.computation.layers import LayerNames
from derive.errors import InputError, Message, counted, shown

PLACE = Message("gradients")
MOST_ORDERS = 6  # layers of which every order is tried, to tell whether the shapes leave one


def read(given: Any, computation: Computation, layout: str) -> dict[str, Found]:
    """Return the numbers of some arrays by the names of the parameters; see `derive.comparison.gradients`.

    Raises `InputError` for what is no form of arrays, and where numbers of arrays or shapes are not the network's.
    """
    if computation.layers is None:
        raise InputError(
            "gradients: found {found}; expected a mapping from names to numbers, as this computation has no layers.",
            found=shown(given),
        )
    given = opened(given)
    reader = _Reader(Shapes(computation.layers.whole_rows, computation.trained, layout))
    if is_module(given):
        return reader.module(given)
    whole = leaf(given, (), PLACE) if not isinstance(given, Mapping) else None
    if whole is not None and whole.array.ndim:
        return reader.alone(whole)
    if isinstance(given, Mapping):
        return reader.mapping(given)
    if isinstance(given, Iterator):
        given = list(given)
    if isinstance(given, list | tuple):
        return reader.sequence(given)
    raise InputError("gradients: found {found}; expected {expected}.", found=shown(given), expected=EXPECTED)


@dataclass(frozen=True)
class _Reader:
    """Reads the forms for the layers of one network."""

    shapes: Shapes

    @property
    def rows(self) -> Sequence[LayerNames]:
        """The names of the layers."""
        return self.shapes.rows

    # The forms.

    def module(self, module: Any) -> dict[str, Found]:
        """Read the ``.grad`` of a PyTorch module's parameters, in the order in which it has them."""
        parameters = list(module.named_parameters())
        given = [
            next(leaves(each.grad, PLACE, (*name.split("."), "grad"))) if each.grad is not None else None
            for name, each in parameters
        ]
        if parameters and all(each is None for each in given):
            raise InputError(
                "gradients: found None in the .grad of every parameter of the module; expected gradients, which "
                "loss.backward() leaves there."
            )
        found = [
            each or Leaf((*name.split("."), "grad"), None) for (name, _), each in zip(parameters, given, strict=True)
        ]
        return self.shapes.values(self._flat(found))

    def alone(self, whole: Leaf) -> dict[str, Found]:
        """Read one array: a vector of all parameters, or the weights of a single layer."""
        if whole.array.ndim == 1:
            return self.shapes.values(self._vector(whole))
        return self.shapes.values(self._flat([whole]))

    def mapping(self, given: Mapping[Any, Any]) -> dict[str, Found]:
        """Read a mapping from names of arrays, or of layers, to arrays."""
        own = {row.biases[0]: row for row in self.rows if row.shared_bias}
        known = {name for row in self.rows for name in row.parameters}
        if all(name in known for name in given):
            return self._of_names(given, own)
        kinds = self._of_kinds(given)
        if kinds is not None:
            return self.shapes.values(kinds)
        named = by_names(list(leaves(given, PLACE)), PLACE)
        return self.shapes.values(self._ordered(named)) if named else {}

    def sequence(self, given: Sequence[Any]) -> dict[str, Found]:
        """Read a list: an array or a layer an item, or the weights of all layers and then their biases."""
        items = without_empty(given)
        if not items:
            return {}
        if all(each is None or leaf(each, (), PLACE) is not None for each in items):
            return self.shapes.values(self._flat([found for each in items for found in leaves(each, PLACE)]))
        by_layer = self._by_layer(items) if len(items) == len(self.rows) else None
        halves = self._halves(items) if len(items) == 2 else None
        if halves is not None and (by_layer is None or not self.shapes.fit(by_layer)):
            return self.shapes.values(halves)
        if by_layer is None:
            if len(items) == 1 and isinstance(items[0], Mapping):  # ({"params": …},), as JAX nests them
                return self.mapping(items[0])
            if len(items) == len(self.rows):
                raise InputError(
                    "gradients: found {found}; expected {expected}.", found=shown(given), expected=EXPECTED
                )
            raise InputError(
                "gradients: found {found}; expected {size}, one for each.",
                found=counted("{number} layer", "{number} layers", len(items)),
                size=len(self.rows),
            )
        return self.shapes.values(by_layer)

    # What belongs to which layer.

    def _flat(self, found: Sequence[Leaf]) -> list[LayerArrays]:
        """Return what a flat list holds: all arrays, those that are trained, or the weights alone.

        The bias of each layer may stand first, as JAX sorts the names of a mapping, where the shapes say so.
        """
        biases_first = [sorted(order, key=lambda each: (each[1], each[0] != BIAS)) for order in self._orders()]
        orders = [order for order in (*self._orders(), *biases_first) if len(order) == len(found)]
        if not orders:
            raise InputError(
                "gradients: found {found}; expected {size}: {names}.",
                found=counted("{number} array", "{number} arrays", len(found)),
                size=len(self._orders()[0]),
                names=", ".join(array_name(kind, number) for kind, number in self._orders()[0]),
            )
        filled = [self._filled(order, found) for order in orders]
        return next((layers for layers in filled if self.shapes.fit(layers)), filled[0])

    def _orders(self) -> list[list[tuple[str, int]]]:
        """Return which arrays of which layers a flat list may hold: the kind and the layer of each."""
        rows = list(enumerate(self.rows))
        orders = [
            [(kind, k) for k, row in rows for kind in (WEIGHTS, BIAS) if kind == WEIGHTS or row.biases],
            [
                (kind, k)
                for k, row in rows
                for kind in (WEIGHTS, BIAS)
                if kind == WEIGHTS or self.shapes.trained.intersection(row.biases)
            ],
            [(WEIGHTS, k) for k, _ in rows],
        ]
        return [order for place, order in enumerate(orders) if order not in orders[:place]]

    def _filled(self, order: Sequence[tuple[str, int]], found: Sequence[Leaf]) -> list[LayerArrays]:
        by_place = dict(zip(order, found, strict=True))
        return [LayerArrays(by_place.get((WEIGHTS, k)), by_place.get((BIAS, k))) for k in range(len(self.rows))]

    def _vector(self, whole: Leaf) -> list[LayerArrays]:
        """Return the parts of one vector; a shared bias has one number in it, or one a neuron."""
        cuts: dict[tuple[int, ...], list[LayerArrays]] = {}
        sizes = []
        for order in self._orders():
            for is_each in (False, True):
                lengths = [self._length(kind, k, is_each=is_each) for kind, k in order]
                sizes.append(sum(lengths))
                if sum(lengths) == whole.array.size:
                    starts = [sum(lengths[:place]) for place in range(len(lengths))]
                    parts = [
                        Leaf((start,), whole.array[start : start + length], whole.precision)
                        for start, length in zip(starts, lengths, strict=True)
                    ]
                    cuts.setdefault(
                        tuple(lengths),
                        self._filled(order, [self._as_matrix(*each) for each in zip(order, parts, strict=True)]),
                    )
        if not cuts:
            raise InputError(
                "gradients: found a vector of {found}; expected {size}, the weights and biases in the order of the "
                "layers.",
                found=_count(whole.array.size),
                size=_count(sizes[0]),
            )
        if len(cuts) > 1:
            raise InputError(
                "gradients: found a vector of {found}, which fits this network in several ways; expected arrays by "
                "layer, such as [(dW1, db1), (dW2, db2)].",
                found=_count(whole.array.size),
            )
        return next(iter(cuts.values()))

    def _length(self, kind: str, k: int, *, is_each: bool) -> int:
        row = self.rows[k]
        if kind == WEIGHTS:
            return row.size * row.fan_in
        return row.size if is_each else len(row.biases)

    def _as_matrix(self, place: tuple[str, int], part: Leaf) -> Leaf:
        kind, k = place
        if kind == BIAS:
            return part
        return Leaf(part.path, part.array.reshape(self.shapes.of(k)), part.precision)

    def _by_layer(self, items: Sequence[Any]) -> list[LayerArrays] | None:
        """Return the layers of a list with an item a layer: (W, b), (W,), W alone or a mapping."""
        layers = []
        for number, item in enumerate(items):
            found = list(leaves(item, PLACE, (number,)))
            if isinstance(item, Mapping) and any(isinstance(part, str) for part in found[0].path):
                named = list(by_names(found, PLACE).values())
                if len(named) != 1:
                    return None
                layers.append(named[0])
            elif len(found) <= 2:
                layers.append(LayerArrays(*found))
            else:
                return None
        return layers

    def _halves(self, items: Sequence[Any]) -> list[LayerArrays] | None:
        """Return the layers of two lists, the weights of all layers and the biases of all, in either order."""
        halves = [list(leaves(item, PLACE, (number,))) for number, item in enumerate(items)]
        for weights, biases in (halves, halves[::-1]):
            with_biases = [k for k, row in enumerate(self.rows) if row.biases]
            if len(weights) == len(self.rows) and len(biases) in (len(with_biases), len(self.rows)):
                places = with_biases if len(biases) == len(with_biases) else list(range(len(self.rows)))
                by_place = dict(zip(places, biases, strict=True))
                layers = [LayerArrays(each, by_place.get(k)) for k, each in enumerate(weights)]
                if self.shapes.fit(layers):
                    return layers
        return None

    def _of_kinds(self, given: Mapping[Any, Any]) -> list[LayerArrays] | None:
        """Return the layers of a mapping such as {"weights": […], "biases": […]}."""
        if len(given) == 2 and all(isinstance(each, list | tuple) for each in given.values()):
            return self._halves(list(given.values()))
        return None

    def _ordered(self, layers: Mapping[tuple[str, ...], LayerArrays]) -> list[LayerArrays]:
        """Return named layers in the order of the network, one that the names or else the shapes tell."""
        stems = list(layers)
        if are_numbered(stems):
            stems.sort(key=natural)
            if len(stems) < len(self.rows) and all(len(stem) == 1 and stem[0].isdigit() for stem in stems):
                by_number = {int(stem[0]): layers[stem] for stem in stems}
                if min(by_number) >= 1 and max(by_number) <= len(self.rows):
                    return [by_number.get(k + 1, LayerArrays()) for k in range(len(self.rows))]
        if len(stems) != len(self.rows):
            raise InputError(
                "gradients: found arrays for {found}, {names}; expected {size}, one for each.",
                found=counted("{number} layer", "{number} layers", len(stems)),
                names=", ".join(repr(".".join(stem)) for stem in stems[:6]),
                size=len(self.rows),
            )
        in_order = [layers[stem] for stem in stems]
        if not are_numbered(stems) and len(stems) <= MOST_ORDERS:
            fitting = [list(order) for order in permutations(in_order) if self.shapes.fit(list(order))]
            if len(fitting) > 1:
                raise InputError(
                    "gradients: found names that do not tell the order of the layers, and shapes that fit in "
                    "more than one order; expected names with numbers, such as W1, b1, or a list with one item "
                    "per layer."
                )
            return fitting[0] if fitting else in_order
        return in_order

    def _of_names(self, given: Mapping[str, Any], shared: Mapping[str, LayerNames]) -> dict[str, Found]:
        """Read a mapping by the network's own names, in which a shared bias has a number a neuron."""
        found = {}
        for name, value in given.items():
            place = Message("gradients, {name}", {"name": name})
            each = leaf(value, (name,), place)
            size = shared[name].size if name in shared else 1
            if each is None or each.array.size not in (1, size):
                raise InputError("{place}: found {found}; expected a number.", place=place, found=shown(value))
            found[name] = Found(added([as_float(n, name) for n in each.array.ravel().tolist()]), each.precision)
        return found


def _count(number: int) -> Message:
    return counted("{number} number", "{number} numbers", int(number))
