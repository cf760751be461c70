"""Pooling: the largest or the mean of a window that slides over each channel, as PyTorch takes them."""

from collections.abc import Sequence

from derive.computation.equations import Term
from derive.computation.groups import Group, Tensor
from derive.computation.shapes import SAME, maximum_shape
from derive.errors import InputError, Message
from derive.network.blocks.block import Block, Option, Options
from derive.network.blocks.builder import Builder, node_place
from derive.network.blocks.convolution import covered, per_dimension, slides
from derive.network.blocks.given import indexes, shape_text
from derive.network.blocks.shapes import mean_shape


def _pool(build: Builder, name: str, inputs: Sequence[Tensor], options: Options, dimensions: int, op: str) -> Tensor:
    (x,) = inputs
    if len(x.shape) < dimensions:
        raise InputError(
            "inputs: found the shape {found}; expected {expected}.",
            found=shape_text(x.shape),
            expected=Message("(length), with any sizes before it")
            if dimensions == 1
            else Message("(height, width), with any sizes before them"),
        )
    window = per_dimension(options["window"], dimensions, "window")
    stride = window if options["stride"] is None else per_dimension(options["stride"], dimensions, "stride")
    padding = per_dimension(options["padding"], dimensions, "padding")
    if any(2 * more > part for more, part in zip(padding, window, strict=True)):
        raise InputError(
            "{place}: found {found}; expected at most half of the window, {window}.",
            place="padding",
            found=", ".join(map(str, padding)),
            window=shape_text(window),
        )
    front, size = x.shape[: len(x.shape) - dimensions], x.shape[len(x.shape) - dimensions :]
    slid = slides(size, window, stride, padding)
    output = build.take(name, (*front, *slid), node_place(name))
    signals = dict(zip(indexes(x.shape), x.names, strict=True))
    where = {place: [below for _, below in covered(place, size, window, stride, padding)] for place in indexes(slid)}
    divisor = 1
    for part in window:
        divisor *= part
    for index, out in zip(indexes(output.shape), output.names, strict=True):
        before, place = index[: len(front)], index[len(front) :]
        names = tuple(signals[(*before, *below)] for below in where[place])
        build.define(out, [_largest(names) if op == "max" else _mean(names, divisor)])
    group = Group(
        name,
        f"{op}_pool{dimensions}d",
        output.names,
        output,
        (x,),
        options={"window": window, "stride": stride, "padding": padding},
    )
    return build.end(group)


def _largest(names: tuple[str, ...]) -> Term:
    return Term(maximum_shape(len(names), "first"), names) if len(names) > 1 else Term(SAME, names)


def _mean(names: tuple[str, ...], divisor: int) -> Term:
    """Return the mean over a window; what lies on padding is 0 and counts."""
    if len(names) == divisor == 1:
        return Term(SAME, names)
    return Term(mean_shape(len(names), divisor), names)


def _max_pool1d(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    return _pool(build, name, inputs, options, 1, "max")


def _max_pool2d(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    return _pool(build, name, inputs, options, 2, "max")


def _avg_pool1d(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    return _pool(build, name, inputs, options, 1, "avg")


def _avg_pool2d(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    return _pool(build, name, inputs, options, 2, "avg")


_OPTIONS = {
    "window": Option("counts", is_required=True),
    "stride": Option("counts"),
    "padding": Option("padding", 0),
}
MAX_POOL1D = Block("max_pool1d", _max_pool1d, "m", _OPTIONS)
MAX_POOL2D = Block("max_pool2d", _max_pool2d, "m", _OPTIONS)
AVG_POOL1D = Block("avg_pool1d", _avg_pool1d, "m", _OPTIONS)
AVG_POOL2D = Block("avg_pool2d", _avg_pool2d, "m", _OPTIONS)
