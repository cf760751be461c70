"""Convolutions, slice by slice: Y = x ⋆ K + b and, backwards, dK = x ⋆ dY, dx = dY ⋆ K turned by 180°, db = Σ dY.

⋆ lays the kernel on the signal as it is (cross-correlation), as PyTorch does. Slices are those of a sample, a filter
and a channel; a signal of one dimension is a row.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from derive.computation.groups import Tensor
from derive.lines.arrays.blocks.block import Block, summed
from derive.lines.arrays.blocks.linear import activation
from derive.lines.arrays.trees import (
    Correlated,
    Dilated,
    Grid,
    Padded,
    Times,
    Tree,
    Turned,
    ones,
    product,
    transposed,
)

Slices = Mapping[tuple[int, int], Grid]


@dataclass(frozen=True)
class Geometry:
    """How a window goes over a signal: sizes, strides and padding, of rows and of columns."""

    size: tuple[int, int]
    window: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]

    @property
    def rest(self) -> tuple[int, int]:
        """The rows and columns at the end that no window reaches."""
        y, x = (
            (size + 2 * padding - window) % stride
            for size, window, stride, padding in zip(self.size, self.window, self.stride, self.padding, strict=True)
        )
        return y, x

    @property
    def slid(self) -> tuple[int, int]:
        """In how many places the window lies, down and across."""
        y, x = (
            (size + 2 * padding - window) // stride + 1
            for size, window, stride, padding in zip(self.size, self.window, self.stride, self.padding, strict=True)
        )
        return y, x

    def signal(self, tree: Tree) -> Tree:
        """Return a signal with its padding."""
        return padded(tree, self.padding, self.padding)

    def reached(self, tree: Tree) -> Tree:
        """Return a signal with its padding, without what no window reaches."""
        y, x = self.rest
        return padded(tree, self.padding, (self.padding[0] - y, self.padding[1] - x))

    def spaced(self, tree: Tree) -> Tree:
        """Return what came out, each entry where the first of its window is."""
        return tree if self.stride == (1, 1) or self.slid == (1, 1) else Dilated(tree, self.stride)

    def back(self, tree: Tree) -> Tree:
        """Return the same with so many zeros that the turned kernel on it gives the size of the signal."""
        more = (self.window[0] - 1 - self.padding[0], self.window[1] - 1 - self.padding[1])
        y, x = self.rest
        return padded(self.spaced(tree), more, (more[0] + y, more[1] + x))


def padded(tree: Tree, before: tuple[int, int], after: tuple[int, int]) -> Tree:
    """Return a tree with zeros before and after its rows and columns, itself where there are none."""
    return Padded(tree, before[0], after[0], before[1], after[1]) if any((*before, *after)) else tree


def pair(option: object, missing: int | None = None) -> tuple[int, int]:
    """Return an option for rows and columns; of a signal of one row, rows have the same or what is missing."""
    given = (option, option) if isinstance(option, int) else option
    assert isinstance(given, tuple)
    *before, last = given
    return (*before, last) if before else (last if missing is None else missing, last)


def slices(tensor: Tensor, front: tuple[int, int], dimensions: int) -> Slices:
    """Return the last dimensions of an array as matrices, by the two indexes in front of them."""
    size = tensor.shape[len(tensor.shape) - dimensions :]
    height, width = size if dimensions == 2 else (1, size[0])
    names = iter(tensor.names)
    return {
        index: tuple(tuple(next(names) for _ in range(width)) for _ in range(height))
        for index in itertools.product(range(front[0]), range(front[1]))
    }


def convolution(block: Block) -> None:
    """Add the lines of a convolution."""
    group = block.group
    dimensions = 1 if group.op == "conv1d" else 2
    (x,), kernel = group.inputs, group.weights["weight"]
    filters = kernel.shape[0]
    channels = x.shape[-dimensions - 1] if len(x.shape) > dimensions else 1
    batch = x.shape[0] if len(x.shape) == dimensions + 2 else 1
    signals, taps = slices(x, (batch, channels), dimensions), slices(kernel, (filters, channels), dimensions)
    outs = slices(group.output, (batch, filters), dimensions)
    nets = outs
    if "net" in group.inner:
        nets = slices(Tensor(group.output.shape, group.inner["net"].names), (batch, filters), dimensions)
    biases = group.weights["bias"].names if "bias" in group.weights else ()
    found = _Convolution(block, _geometry(block, signals, taps, dimensions), signals, taps, nets, biases)
    found.forward()
    if nets is not outs:
        for index, each in outs.items():
            activation(block, each, nets[index], is_vector=False)
    found.backward()


def _geometry(block: Block, signals: Slices, taps: Slices, dimensions: int) -> Geometry:
    signal, kernel, options = signals[0, 0], taps[0, 0], block.group.options
    return Geometry(
        (len(signal), len(signal[0])),
        (len(kernel), len(kernel[0])),
        pair(options["stride"]),
        pair(options["padding"], None if dimensions == 2 else 0),
    )


@dataclass(frozen=True)
class _Convolution:
    block: Block
    geometry: Geometry
    signals: Slices
    taps: Slices
    nets: Slices
    biases: tuple[str, ...]

    @property
    def batch(self) -> range:
        return range(1 + max(sample for sample, _ in self.signals))

    @property
    def channels(self) -> range:
        return range(1 + max(channel for _, channel in self.signals))

    @property
    def filters(self) -> range:
        return range(1 + max(each for each, _ in self.taps))

    def forward(self) -> None:
        block, geometry = self.block, self.geometry
        for (sample, each), net in self.nets.items():
            parts: list[Tree] = [
                Correlated(
                    geometry.signal(block.values(self.signals[sample, channel])),
                    block.values(self.taps[each, channel]),
                    geometry.stride,
                )
                for channel in self.channels
            ]
            if self.biases:
                bias = block.values(((self.biases[each],),))
                parts.append(Times(bias, ones(len(net), len(net[0]))) if geometry.slid != (1, 1) else bias)
            block.says_forward("net", block.values(net), summed(parts))

    def backward(self) -> None:
        block = self.block
        for (each, channel), kernel in self.taps.items():
            if block.is_wanted(kernel):
                parts = [self._by_kernel(sample, each, channel) for sample in self.batch]
                block.says_backward("weights", block.part(kernel), summed(parts))
        for each, bias in enumerate(self.biases):
            if block.is_wanted(((bias,),)):
                total = summed(self._all_of(self.nets[sample, each]) for sample in self.batch)
                block.says_backward("biases", block.part(((bias,),)), total)
        for (sample, channel), signal in self.signals.items():
            if block.is_wanted(signal):
                back = [self._by_signal(sample, each, channel) for each in self.filters]
                block.says_backward("inputs", block.part(signal), summed(back))

    def _by_kernel(self, sample: int, each: int, channel: int) -> Tree:
        signal = self.geometry.reached(self.block.values(self.signals[sample, channel]))
        return Correlated(signal, self.geometry.spaced(self.block.gradient(self.nets[sample, each])))

    def _by_signal(self, sample: int, each: int, channel: int) -> Tree:
        came = self.geometry.back(self.block.gradient(self.nets[sample, each]))
        return Correlated(came, Turned(self.block.values(self.taps[each, channel])))

    def _all_of(self, grid: Grid) -> Tree:
        """Return the sum of all entries: 𝟏ᵀ dY 𝟏."""
        d: Tree = self.block.gradient(grid)
        if len(grid) > 1:
            d = product(transposed(ones(len(grid), 1)), d)
        return product(d, ones(len(grid[0]), 1)) if len(grid[0]) > 1 else d
