"""Arrays as a user gives them: nested lists, NumPy's or PyTorch's arrays, of numbers, indices or truth values."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, Generic, TypeVar

from derive.checks import numbered, sequence, truth, whole
from derive.errors import InputError, Message, Text, shown
from derive.numbers.exact import exact

MOST_DIMENSIONS = 4
LARGEST_INDEX = 1_000_000
T = TypeVar("T")
A_LIST = Message("a list of numbers, or rows of them")


@dataclass(frozen=True)
class Given(Generic[T]):
    """An array: its shape, and what stands in it row by row, the last index fastest."""

    shape: tuple[int, ...]
    flat: tuple[T, ...]


def given_numbers(given: Any, place: Text) -> Given[Fraction]:
    """Return an array of exact numbers; raises `InputError` for rows of unequal length and for what is no number.

    >>> given_numbers([[1, 0.5], [2, 3]], "x").shape
    (2, 2)
    """
    return _array(given, place, exact)


def given_indices(given: Any, place: Text) -> Given[int]:
    """Return an array of places, counted from 0."""
    return _array(given, place, lambda value, where: whole(value, where, least=0, most=LARGEST_INDEX))


def given_truths(given: Any, place: Text) -> Given[bool]:
    """Return an array of truth values."""
    return _array(given, place, truth)


def indexes(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield every index of an array, counted from 0, the last one fastest."""
    return product(*map(range, shape))


def shape_text(shape: tuple[int, ...]) -> Text:
    """Return a shape as messages say it: 2×3."""
    return "×".join(map(str, shape)) if shape else Message("a single number")


def _array(given: Any, place: Text, leaf: Callable[[Any, Text], T]) -> Given[T]:
    values = given.detach().cpu().numpy() if hasattr(given, "detach") else given  # a tensor of PyTorch
    shape = _shape(values, place)
    flat = tuple(leaf(value, where) for value, where in _leaves(values, place, shape))
    assert len(flat) == prod(shape)
    return Given(shape, flat)


def _is_list(value: Any) -> bool:
    # A NumPy array without dimensions has __iter__, too, but is a number.
    return hasattr(value, "__iter__") and getattr(value, "shape", None) != () and not isinstance(value, str | bytes)


def _shape(values: Any, place: Text) -> tuple[int, ...]:
    """Return the shape as the first rows have it; that of the others is looked at when they are read."""
    shape: list[int] = []
    while _is_list(values):
        if len(shape) == MOST_DIMENSIONS:
            raise InputError(
                "{place}: found lists nested more than {most} deep; expected {expected}.",
                place=place,
                most=MOST_DIMENSIONS,
                expected=A_LIST,
            )
        row = sequence(values, place, A_LIST)
        if not row:
            raise InputError("{place}: found an empty list; expected {expected}.", place=place, expected=A_LIST)
        shape.append(len(row))
        values = row[0]
    return tuple(shape)


def _leaves(values: Any, place: Text, shape: tuple[int, ...]) -> Iterator[tuple[Any, Text]]:
    if not shape:
        if _is_list(values):
            raise InputError("{place}: found a list; expected one number, as the first row has there.", place=place)
        yield values, place
        return
    if not _is_list(values):
        raise InputError(
            "{place}: found {found}; expected a list of {size}, as the first row has there.",
            place=place,
            found=shown(values),
            size=shape[0],
        )
    row = sequence(values, place, A_LIST)
    if len(row) != shape[0]:
        raise InputError(
            "{place}: found {found}; expected {size}, as many as the first row has.",
            place=place,
            found=Message("a list of {number}", {"number": len(row)}),
            size=shape[0],
        )
    for number, value in enumerate(row, start=1):
        yield from _leaves(value, numbered(place, number), shape[1:])
