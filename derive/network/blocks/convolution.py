"""Convolutions as PyTorch takes them: a kernel slides over the input, unturned (cross-correlation)."""

from collections.abc import Iterator, Sequence
from itertools import product

from derive.computation.equations import Term
from derive.computation.groups import Group, Tensor
from derive.computation.shapes import PRODUCT, SAME
from derive.errors import InputError, Message
from derive.network.blocks.block import Block, Option, Options
from derive.network.blocks.builder import Builder, node_place
from derive.network.blocks.given import indexes, shape_text
from derive.network.blocks.linear import FUNCTION, activate, function_options

WINDOW = {"stride": Option("counts", 1), "padding": Option("padding", 0)}


def per_dimension(value: int | tuple[int, ...], dimensions: int, key: str) -> tuple[int, ...]:
    """Return the value of each dimension, of which one number may stand for all."""
    found = (value,) * dimensions if isinstance(value, int) else value
    if len(found) != dimensions:
        raise InputError(
            "{place}: found {found}; expected {size}, one for each dimension.",
            place=key,
            found=len(found),
            size=dimensions,
        )
    return found


def slides(
    size: Sequence[int], window: Sequence[int], stride: Sequence[int], padding: Sequence[int]
) -> tuple[int, ...]:
    """Return in how many places a window lies over an input of that size, in each dimension.

    >>> slides((5, 5), (3, 2), (2, 1), (1, 0))
    (3, 4)
    """
    wide = [each + 2 * more for each, more in zip(size, padding, strict=True)]
    if any(width < part for width, part in zip(wide, window, strict=True)):
        raise InputError(
            "{place}: found a window of {window} over an input of {size}; expected one that fits into it with its "
            "padding.",
            place="inputs",
            window=shape_text(tuple(window)),
            size=shape_text(tuple(size)),
        )
    return tuple((width - part) // step + 1 for width, part, step in zip(wide, window, stride, strict=True))


def covered(
    place: Sequence[int], size: Sequence[int], window: Sequence[int], stride: Sequence[int], padding: Sequence[int]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Yield, for the window at a place, each index within it and that of the input below; padding has none."""
    first = [at * step - more for at, step, more in zip(place, stride, padding, strict=True)]
    # Only what lies on the input is gone through: a window may be large, and nearly all of it on padding.
    lies = [
        range(max(0, -start), min(part, most - start)) for start, part, most in zip(first, window, size, strict=True)
    ]
    for within in product(*lies):
        yield within, tuple(start + offset for start, offset in zip(first, within, strict=True))


def _convolution(build: Builder, name: str, inputs: Sequence[Tensor], options: Options, dimensions: int) -> Tensor:
    (x,) = inputs
    is_batch, has_channels = len(x.shape) == dimensions + 2, len(x.shape) > dimensions
    if not dimensions <= len(x.shape) <= dimensions + 2:
        raise InputError(
            "inputs: found the shape {found}; expected {expected}.",
            found=shape_text(x.shape),
            expected=Message("(length), (channels, length) or (batch, channels, length)")
            if dimensions == 1
            else Message("(height, width), (channels, height, width) or (batch, channels, height, width)"),
        )
    size, channels = x.shape[-dimensions:], x.shape[-dimensions - 1] if has_channels else 1
    wanted = (None, *((channels,) if has_channels else ()), *(None,) * dimensions)
    kernel = build.weights(options["weight"], "K", name, wanted, "weight")
    filters, window = kernel.shape[0], kernel.shape[-dimensions:]
    weights = {"weight": kernel}
    if options["bias"] is not None:
        weights["bias"] = build.weights(options["bias"], "b", name, (filters,), "bias")
    stride = per_dimension(options["stride"], dimensions, "stride")
    padding = per_dimension(options["padding"], dimensions, "padding")
    slid = slides(size, window, stride, padding)
    batch = x.shape[0] if is_batch else 1
    # A single filter over an input without channels gives an output without them.
    front = (batch,) * is_batch + ((filters,) if has_channels or filters > 1 else ())
    output = build.take(name, (*front, *slid), node_place(name))
    whole = Tensor((batch, channels, *size), x.names)
    full = Tensor((filters, channels, *window), kernel.names)
    outs = Tensor((batch, filters, *slid), output.names)
    # Taken before what lies below each place is looked for, as there may be too many places.
    where = {place: list(covered(place, size, window, stride, padding)) for place in indexes(slid)}
    signals = dict(zip(indexes(whole.shape), whole.names, strict=True))
    taps = dict(zip(indexes(full.shape), full.names, strict=True))
    function, nets = options["activation"], []
    for (sample, each, *place), out in zip(indexes(outs.shape), outs.names, strict=True):
        terms = [
            Term(PRODUCT, (taps[(each, channel, *within)], signals[(sample, channel, *below)]))
            for channel in range(channels)
            for within, below in where[tuple(place)]
        ]
        if "bias" in weights:
            terms.append(Term(SAME, (weights["bias"].names[each],)))
        if not terms:
            raise InputError(
                "{place}: found {found}, so that a window lies on padding alone; expected less.",
                place="padding",
                found=", ".join(map(str, padding)),
            )
        if function is None:
            build.define(out, terms)
        else:
            nets.append(build.net(out, terms, name))
    if function is not None:
        width = slid[-1]
        for start in range(0, len(nets), width):
            activate(build, function, options, nets[start : start + width], outs.names[start : start + width])
    return build.end(
        Group(
            name,
            f"conv{dimensions}d",
            (*nets, *output.names),
            output,
            (x,),
            weights,
            {"net": Tensor(output.shape, nets)} if nets else {},
            {"stride": stride, "padding": padding, **function_options(options)},
        )
    )


def _conv1d(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    return _convolution(build, name, inputs, options, 1)


def _conv2d(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    return _convolution(build, name, inputs, options, 2)


_OPTIONS = {"weight": Option("array", is_required=True), "bias": Option("array"), **WINDOW, **FUNCTION}
CONV1D = Block("conv1d", _conv1d, "y", _OPTIONS)
CONV2D = Block("conv2d", _conv2d, "y", _OPTIONS)
