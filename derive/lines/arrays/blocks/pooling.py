"""Pooling, slice by slice: the gradient goes back to the greatest entry of a window, or spreads over all of it."""

from derive.computation.groups import Tensor
from derive.lines.arrays.blocks.block import Block
from derive.lines.arrays.blocks.convolution import Slices, pair, slices
from derive.lines.arrays.trees import (
    Grid,
    Inverse,
    Pooled,
    Routed,
    Slopes,
    Times,
    Tree,
    Windows,
    entrywise,
    number,
)

PLACES = r"\mathbf{M}"


def pooling(block: Block) -> None:
    """Add Y = pool(X) and how dY goes back to X."""
    group = block.group
    kind, dimensions = group.op[:3], 1 if group.op.endswith("1d") else 2
    (x,) = group.inputs
    signals, outs = _slices(x, dimensions), _slices(group.output, dimensions)
    for index, out in outs.items():
        signal = signals[index]
        windows = Windows(
            (len(signal), len(signal[0])),
            pair(group.options["window"], None if dimensions == 2 else 1),
            pair(group.options["stride"]),
            pair(group.options["padding"], None if dimensions == 2 else 0),
        )
        block.says_forward("out", block.values(out), Pooled(kind, block.values(signal), windows), in_numbers=False)
        if not (block.is_wanted(signal) and block.reaches(out)):
            continue
        if kind == "avg":
            share = Inverse(number(windows.window[0] * windows.window[1]))
            back: Tree = Times(share, Routed(block.gradient(out), windows))
        else:
            back = _routed(block, out, signal, windows)
        block.says_backward("inputs", block.part(signal), back)


def _slices(tensor: Tensor, dimensions: int) -> Slices:
    """Return the last dimensions of an array as matrices, those in front of them counted through."""
    size = tensor.shape[len(tensor.shape) - dimensions :]
    count = len(tensor.names)
    for each in size:
        count //= each
    return slices(Tensor((1, count, *size), tensor.names), (1, count), dimensions)


def _routed(block: Block, out: Grid, signal: Grid, windows: Windows) -> Tree:
    """Return dY carried back to where the maxima were: 𝐌 has a 1 there, where no two windows share an entry."""
    spread = Routed(block.gradient(out), windows)
    places = {(row, column): windows.places(row, column) for row in range(len(out)) for column in range(len(out[0]))}
    if windows.is_apart:
        owner = {place: out[row][column] for (row, column), below in places.items() for place in below}
        names = tuple(tuple(owner.get((y, x), "") for x in range(len(signal[0]))) for y in range(len(signal)))
        return entrywise(Slopes(PLACES, names, signal), spread)
    by = [tuple(signal[y][x] for y, x in below) for below in places.values()]
    widest = max(map(len, by))
    padded = tuple((*each, *[""] * (widest - len(each))) for each in by)
    names = tuple((out[row][column],) * widest for row, column in places)
    return Routed(spread.of, windows, Slopes(PLACES, names, padded))
