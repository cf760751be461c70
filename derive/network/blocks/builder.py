"""What a graph of blocks is built in: every array by its name, the equations so far, and what each name stands for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import prod
from typing import Any

import attrs

from derive.computation.equations import Equation, Term
from derive.computation.groups import Group, Tensor
from derive.computation.naming import LONGEST_NAME, own_name
from derive.errors import InputError, Message, Text, UnsupportedError, Whole, nearest, shown
from derive.network.blocks.given import Given, given_numbers, indexes, shape_text

MOST_TERMS = 500_000  # of a graph's equations: some 1.5 GB


@attrs.frozen(repr=False)
class Array:
    """An array of a graph: an input, a parameter or what a block gives, by the names of its quantities.

    ``names`` are those row by row; an index that can only be 1 is left out of them.
    """

    name: str
    tensor: Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of its dimensions."""
        return self.tensor.shape

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its quantities, row by row."""
        return self.tensor.names

    def __repr__(self) -> str:
        return f"<Array {self.name}, {shape_text(self.shape)}>"


def named_tensor(name: str, shape: tuple[int, ...], *, keep: int = 0) -> Tensor:
    """Return an array's quantities by their names: its own, and every index that can be more than 1.

    The first ``keep`` indexes are always there, as the steps of a recurrence are.

    >>> named_tensor("W", (1, 2)).names, named_tensor("h", (2, 2)).names, named_tensor("b", (1,)).names
    (('W_1', 'W_2'), ('h_1_1', 'h_1_2', 'h_2_1', 'h_2_2'), ('b',))
    """
    seen = [position for position, size in enumerate(shape) if size > 1 or position < keep]
    names = ("_".join([name, *(str(index[position] + 1) for position in seen)]) for index in indexes(shape))
    return Tensor(shape, tuple(names))


@dataclass
class Builder:
    """A graph that grows, block by block; each is checked when it comes.

    ``kinds`` and ``values`` are by quantity as in a computation, ``arrays`` what can be named as an input or weights,
    ``parts`` the quantities of each part of a block, and ``nodes`` the blocks' arrays. What the user gave no
    name is ``chosen``, with the word that is written below its name where that cannot be had.
    """

    equations: list[Equation] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    values: dict[str, Fraction] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    arrays: dict[str, Tensor] = field(default_factory=dict)
    parameters: dict[str, Tensor] = field(default_factory=dict)
    given: dict[str, Tensor] = field(default_factory=dict)
    nodes: dict[str, Tensor] = field(default_factory=dict)
    parts: dict[str, Tensor] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    owners: dict[str, Text] = field(default_factory=dict)  # of names of arrays and quantities: where they come from
    terms: int = 0  # of all equations

    def grown(self) -> dict[str, int]:
        """Return how far the graph has grown."""
        return {key: value if isinstance(value, int) else len(value) for key, value in vars(self).items()}

    def restore(self, grown: Mapping[str, int]) -> None:
        """Take away what was added since then: dictionaries keep the order in which names came."""
        for key, size in grown.items():
            part = getattr(self, key)
            if isinstance(part, int):
                setattr(self, key, size)
            elif isinstance(part, list):
                del part[size:]
            else:
                for name in list(part)[size:]:
                    del part[name]

    # What is given.

    def add_given(self, name: str, array: Any, kind: str) -> Tensor:
        """Add an input or a target with its numbers; raises `InputError` for a name that is taken and for no number."""
        place = Message("input {name}", {"name": shown(name)}) if kind == "input" else target_place(name)
        found = given_numbers(array, place)
        tensor = self._with_values(name, found, kind, place)
        self.given[name] = tensor
        return tensor

    def add_parameter(self, name: str, array: Any) -> Tensor:
        """Add a parameter with its numbers, to be shared by its name."""
        place = parameter_place(name)
        return self._parameter(name, given_numbers(array, place), place)

    def _parameter(self, name: str, found: Given[Fraction], place: Text) -> Tensor:
        tensor = self._with_values(name, found, "weight", place)
        self.parameters[name] = tensor
        return tensor

    def weights(self, given: Any, letter: str, block: str, shape: Sequence[int | None], what: str) -> Tensor:
        """Return the parameter that is named, or a new one of these numbers, of that shape; None is any size.

        A new one is called by the letter, and by the letter and the block's name where that is taken. Sizes of 1 in
        front may be left out: one row needs no brackets round it.
        """
        if _is_name(given):
            return _fitted(self.found(given, what), shape, what)
        found = given_numbers(given, what)
        _fitted_shape(found.shape, shape, what)
        place = Message("the {what} of node {block}", {"what": what, "block": block})
        name = self.free(letter, block)
        self.chosen[name] = block
        return _fitted(self._parameter(name, found, place), shape, what)

    def state(self, given: Any, name: str, block: str, size: int, what: str) -> Tensor:
        """Return what a recurrence starts from or what is known: an array that is named, or given numbers under a name.

        Where none are given they are 0.
        """
        if _is_name(given):
            return _fitted(self.found(given, what), (size,), what)
        found = Given((size,), (Fraction(0),) * size) if given is None else given_numbers(given, what)
        _fitted_shape(found.shape, (size,), what)
        place = Message("the {what} of node {block}", {"what": what, "block": block})
        self.chosen[name] = block
        tensor = self._with_values(name, found, "input", place)
        self.given[name] = tensor
        return _fitted(tensor, (size,), what)

    def _with_values(self, name: str, found: Given[Fraction], kind: str, place: Text) -> Tensor:
        tensor = self.take(name, found.shape, place)
        self.arrays[name] = tensor
        self.kinds.update(dict.fromkeys(tensor.names, kind))
        self.values.update(zip(tensor.names, found.flat, strict=True))
        return tensor

    # Names.

    def free(self, letter: str, block: str) -> str:
        """Return the letter of a part of a block, with the block's name behind it where another has the letter."""
        return f"{letter}_{block}" if letter in self.owners else letter

    def take(self, name: str, shape: tuple[int, ...], place: Text, *, keep: int = 0) -> Tensor:
        """Return a new array's quantities; raises `InputError` for names that are taken, too long or none."""
        own_name(name, place)
        if prod(shape) > MOST_TERMS:
            raise _too_large()
        tensor = named_tensor(name, shape, keep=keep)
        longest = max(map(len, tensor.names))
        if longest > LONGEST_NAME - len("net_"):
            raise InputError(
                "{place}: found a name whose quantities are called as long as {found}; expected a shorter one.",
                place=place,
                found=max(tensor.names, key=len),
            )
        for each in dict.fromkeys((name, *tensor.names)):
            self.own(each, place)
        return tensor

    def own(self, name: str, place: Text) -> None:
        """Note what a name stands for; raises `InputError`, with both places, where it stands for something already."""
        if name in self.owners:
            raise InputError(
                "{place}: found the name {name}, which {other} has already; choose another name.",
                place=place,
                name=shown(name),
                other=self.owners[name],
            )
        self.owners[name] = place

    def found(self, given: Any, place: Text) -> Tensor:
        """Return the array that is meant, by its name or as it was returned."""
        if isinstance(given, Tensor):
            return given
        name = given.name if isinstance(given, Array) else given
        if not isinstance(name, str):
            raise InputError(
                "{place}: found {found}; expected the name of an input, a parameter or a node.",
                place=place,
                found=shown(given),
            )
        if name not in self.arrays or (isinstance(given, Array) and self.arrays[name] != given.tensor):
            raise InputError(
                "{place}: found {found}, which nothing defines; expected an input, a parameter or a node.{hint}",
                place=place,
                found=shown(name),
                hint=nearest(name, self.arrays),
            )
        return self.arrays[name]

    # What blocks define.

    def part(self, letter: str, shape: tuple[int, ...], block: str, *, keep: int = 0) -> Tensor:
        """Return the quantities of a part of a block that has no name of its own, such as a gate."""
        place = Message("a part of node {name}", {"name": block})
        name = self.free(letter, block)
        self.chosen[name] = block
        self.parts[name] = self.take(name, shape, place, keep=keep)
        return self.parts[name]

    def define(self, name: str, terms: Iterable[Term], kind: str = "out") -> None:
        """Add the equation of a quantity."""
        equation = Equation(name, tuple(terms))
        self.terms += len(equation.terms)
        if self.terms > MOST_TERMS:
            raise _too_large()
        self.equations.append(equation)
        self.kinds[name] = kind

    def net(self, unit: str, terms: Iterable[Term], block: str) -> str:
        """Add the equation of what a function is applied to, net_… of the unit, and return its name."""
        name = f"net_{unit}"
        self.own(name, node_place(block))
        self.define(name, terms, "net")
        self.units[name] = unit
        return name

    def end(self, group: Group) -> Tensor:
        """Add a block that is whole; its output is known by its name from now on."""
        self.groups.append(group)
        return self.join(group.name, group.output)

    def join(self, name: str, tensor: Tensor) -> Tensor:
        """Add what a node gives under its name."""
        self.arrays[name] = tensor
        self.nodes[name] = tensor
        return tensor


def _too_large() -> UnsupportedError:
    return UnsupportedError(
        "found more than {limit} quantities or terms of their equations, which is the limit; expected smaller blocks.",
        limit=Whole(MOST_TERMS),
    )


def node_place(name: str) -> Message:
    """Return the place of a node in a message."""
    return Message("node {name}", {"name": name})


def parameter_place(name: str) -> Message:
    """Return the place of a parameter in a message."""
    return Message("parameter {name}", {"name": name})


def target_place(name: str) -> Message:
    """Return the place of a target in a message."""
    return Message("target {name}", {"name": name})


def all_names(tensors: Mapping[str, Tensor]) -> list[str]:
    """Return the names of all quantities of the arrays."""
    return [name for tensor in tensors.values() for name in tensor.names]


def _is_name(given: Any) -> bool:
    return isinstance(given, Array | Tensor | str)


def _fitted(tensor: Tensor, wanted: Sequence[int | None], place: Text) -> Tensor:
    return Tensor(_fitted_shape(tensor.shape, wanted, place), tensor.names)


def _fitted_shape(found: tuple[int, ...], wanted: Sequence[int | None], place: Text) -> tuple[int, ...]:
    """Return the shape with sizes of 1 in front, or without some; raises `InputError` where that is not the wanted one.

    The filters of an input without channels may have one channel each, as PyTorch has them.
    """
    filled = (1,) * (len(wanted) - len(found)) + found
    ones = [place for place, size in enumerate(filled) if size == 1 and place > 0]  # the first counts the filters
    for left_out in combinations(ones, max(0, len(filled) - len(wanted))):
        shape = tuple(size for place, size in enumerate(filled) if place not in left_out)
        if len(shape) == len(wanted) and all(size in (None, each) for each, size in zip(shape, wanted, strict=True)):
            return shape
    raise InputError(
        "{place}: found the shape {found}; expected {wanted}.",
        place=place,
        found=shape_text(found),
        wanted="×".join("n" if size is None else str(size) for size in wanted),
    )
