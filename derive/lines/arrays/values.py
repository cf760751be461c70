"""What a tree of matrices gives, out of the numbers of its leaves: rationals and balls, in rows."""

from collections.abc import Callable, Iterable, Sequence
from functools import singledispatch
from typing import TypeVar

from flint import fmpq
from sympy import Symbol, exp

from derive.errors import InternalError
from derive.evaluation.local import term_function
from derive.lines.arrays.trees import (
    Applied,
    Below,
    Beside,
    Constant,
    Correlated,
    Defined,
    Dilated,
    Entrywise,
    Gradients,
    Inverse,
    Leaf,
    Masked,
    Minus,
    Padded,
    Pooled,
    Product,
    Root,
    Routed,
    Slopes,
    Softmax,
    Sum,
    Times,
    Transposed,
    Tree,
    Turned,
    Values,
)
from derive.numbers.arithmetic import ZERO, Value, function, kept, rational, square_root, times, total
from derive.numbers.decimals import Undecided

T = TypeVar("T")
Rows = Sequence[Sequence[Value]]
Read = Callable[[Leaf], Rows]
_NET = Symbol("net")
_exponential = function([_NET], exp(_NET))


def value(tree: Tree, read: Read) -> Rows:
    """Return the rows of a tree, at flint's present precision; ``read`` gives those of a leaf.

    Raises `Undecided` where the precision leaves open which entry is the greatest of a window.
    """
    return _value(tree, read)


@singledispatch
def _value(tree: Tree, read: Read) -> Rows:
    raise InternalError(f"no arithmetic for {type(tree).__name__}")


@_value.register(Values)
@_value.register(Gradients)
@_value.register(Slopes)
@_value.register(Defined)
def _(tree: Leaf, read: Read) -> Rows:
    return read(tree)


@_value.register
def _(tree: Constant, read: Read) -> Rows:
    return [[rational(each) for each in row] for row in tree.rows]


@_value.register
def _(tree: Transposed, read: Read) -> Rows:
    return list(zip(*_value(tree.of, read), strict=True))


@_value.register
def _(tree: Product, read: Read) -> Rows:
    left, columns = _value(tree.left, read), list(zip(*_value(tree.right, read), strict=True))
    return [[_inner(row, column) for column in columns] for row in left]


def _inner(left: Iterable[Value], right: Iterable[Value]) -> Value:
    return total(times(one, other) for one, other in zip(left, right, strict=True))


@_value.register
def _(tree: Sum, read: Read) -> Rows:
    parts = [_value(part, read) for part in tree.parts]
    return [[total(entries) for entries in zip(*rows, strict=True)] for rows in zip(*parts, strict=True)]


@_value.register
def _(tree: Minus, read: Read) -> Rows:
    return _together(lambda one, other: kept(one - other), tree.left, tree.right, read)


@_value.register
def _(tree: Entrywise, read: Read) -> Rows:
    return _together(times, tree.left, tree.right, read)


def _together(combine: Callable[[Value, Value], Value], left: Tree, right: Tree, read: Read) -> Rows:
    rows = zip(_value(left, read), _value(right, read), strict=True)
    return [[combine(one, other) for one, other in zip(*pair, strict=True)] for pair in rows]


@_value.register
def _(tree: Times, read: Read) -> Rows:
    factor = _single(tree.number, read)
    return [[times(factor, each) for each in row] for row in _value(tree.of, read)]


@_value.register
def _(tree: Inverse, read: Read) -> Rows:
    return [[1 / _single(tree.of, read)]]


@_value.register
def _(tree: Root, read: Read) -> Rows:
    return [[square_root(_single(tree.of, read))]]


def _single(tree: Tree, read: Read) -> Value:
    ((found,),) = _value(tree, read)
    return found


@_value.register
def _(tree: Applied, read: Read) -> Rows:
    apply = term_function(tree.shape)
    return [[apply(each) for each in row] for row in _value(tree.of, read)]


@_value.register
def _(tree: Softmax, read: Read) -> Rows:
    found = []
    for place, row in enumerate(_value(tree.of, read)):
        seen = tree.seen[place] if tree.seen else (True,) * len(row)
        shares = [_exponential(each) if is_seen else ZERO for each, is_seen in zip(row, seen, strict=True)]
        whole = total(share for share, is_seen in zip(shares, seen, strict=True) if is_seen)
        found.append([share / whole for share in shares])
    return found


@_value.register
def _(tree: Masked, read: Read) -> Rows:
    rows = zip(_value(tree.of, read), tree.seen, strict=True)
    return [[each if seen else ZERO for each, seen in zip(*row, strict=True)] for row in rows]


@_value.register
def _(tree: Padded, read: Read) -> Rows:
    return padded(_value(tree.of, read), tree, ZERO)


@_value.register
def _(tree: Dilated, read: Read) -> Rows:
    return dilated(_value(tree.of, read), tree, ZERO)


@_value.register
def _(tree: Turned, read: Read) -> Rows:
    return turned(_value(tree.of, read))


@_value.register
def _(tree: Correlated, read: Read) -> Rows:
    signal, kernel = _value(tree.signal, read), _value(tree.kernel, read)
    window = len(kernel), len(kernel[0])
    weights = [each for row in kernel for each in row]
    return [
        [_inner(_under(signal, top, left, window), weights) for left in _starts(signal[0], window[1], tree.stride[1])]
        for top in _starts(signal, window[0], tree.stride[0])
    ]


@_value.register
def _(tree: Pooled, read: Read) -> Rows:
    signal, windows = _value(tree.of, read), tree.windows
    share = fmpq(1, windows.window[0] * windows.window[1])  # what lies on padding counts, too
    rows, columns = windows.slid
    found = []
    for row in range(rows):
        below = [[signal[y][x] for y, x in windows.places(row, column)] for column in range(columns)]
        found.append([_greatest(each) if tree.kind == "max" else total(each) * share for each in below])
    return found


def _starts(items: Sequence[object], window: int, stride: int) -> range:
    return range(0, len(items) - window + 1, stride)


def _under(signal: Rows, top: int, left: int, window: tuple[int, int]) -> list[Value]:
    """Return the entries of a signal that a window at that place covers, row by row."""
    return [each for row in signal[top:][: window[0]] for each in row[left:][: window[1]]]


def _greatest(values: Sequence[Value]) -> Value:
    first, *others = values
    for other in others:
        if other > first:
            first = other
        elif not other <= first:
            raise Undecided
    return first


@_value.register
def _(tree: Routed, read: Read) -> Rows:
    height, width = tree.windows.signal
    found = [[ZERO] * width for _ in range(height)]
    slopes = iter(read(tree.slopes)) if tree.slopes else None
    for row, entries in enumerate(_value(tree.of, read)):
        for column, each in enumerate(entries):
            known = next(slopes) if slopes else None
            for place, (y, x) in enumerate(tree.windows.places(row, column)):
                found[y][x] = total((found[y][x], times(known[place], each) if known else each))
    return found


@_value.register
def _(tree: Beside, read: Read) -> Rows:
    return [[each for row in rows for each in row] for rows in zip(*(_value(p, read) for p in tree.parts), strict=True)]


@_value.register
def _(tree: Below, read: Read) -> Rows:
    return [row for part in tree.parts for row in _value(part, read)]


# What moves entries to other places; those who print numbers do the same with these.


def padded(rows: Sequence[Sequence[T]], tree: Padded, zero: T) -> list[list[T]]:
    """Return rows with zeros around them, or without their outer rows and columns."""
    wide = [_framed(list(row), tree.left, tree.right, zero) for row in rows]
    blank = [zero] * (len(rows[0]) + tree.left + tree.right)
    return _framed(wide, tree.above, tree.below, blank)


def _framed(items: list[T], before: int, after: int, filler: T) -> list[T]:
    kept_ = items[max(0, -before) : len(items) - max(0, -after)]
    return [filler] * max(0, before) + kept_ + [filler] * max(0, after)


def dilated(rows: Sequence[Sequence[T]], tree: Dilated, zero: T) -> list[list[T]]:
    """Return rows with zeros between the entries."""
    wide = [_between(list(row), tree.stride[1], zero) for row in rows]
    return _between(wide, tree.stride[0], [zero] * len(wide[0]))


def _between(items: list[T], stride: int, filler: T) -> list[T]:
    found = items[:1]
    for item in items[1:]:
        found += [filler] * (stride - 1) + [item]
    return found


def turned(rows: Sequence[Sequence[T]]) -> list[list[T]]:
    """Return rows from the last to the first, each from its end."""
    return [list(reversed(row)) for row in reversed(rows)]
