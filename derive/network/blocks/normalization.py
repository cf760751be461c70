"""Normalization: mean 0 and variance 1, over the last dimension (layer_norm) or over the batch (batch_norm).

Sources: Ba, Kiros and Hinton, Layer Normalization (2016); Ioffe and Szegedy, Batch Normalization (2015). The variance
is divided by the number of quantities, as PyTorch does where it normalizes.
"""

from collections.abc import Sequence
from fractions import Fraction

from derive.computation.equations import Term
from derive.computation.groups import Group, Tensor
from derive.computation.shapes import PRODUCT, SAME
from derive.errors import InputError, Message
from derive.network.blocks.block import Block, Option, Options
from derive.network.blocks.builder import Builder, node_place
from derive.network.blocks.given import indexes, shape_text
from derive.network.blocks.joining import LONGEST_MEAN, mean_terms
from derive.network.blocks.shapes import normalized_shape, spread_shape, variance_shape

EPSILON = Fraction(1, 100_000)  # PyTorch's


def variance_terms(names: Sequence[str], mean: str) -> list[Term]:
    """Return the terms of the variance of the quantities round their mean."""
    if len(names) <= LONGEST_MEAN:
        return [Term(variance_shape(len(names)), (*names, mean))]
    return [Term(spread_shape(len(names)), (name, mean)) for name in names]


def _epsilon(options: Options) -> Fraction:
    epsilon: Fraction = options["epsilon"]
    if epsilon < 0:
        raise InputError("{place}: found {found}; expected 0 or a positive number.", place="epsilon", found=epsilon)
    return epsilon


def _affine(build: Builder, options: Options, name: str, size: int) -> dict[str, Tensor]:
    letters = {"weight": "gamma", "bias": "beta"}
    return {
        key: build.weights(options[key], letter, name, (size,), key)
        for key, letter in letters.items()
        if options[key] is not None
    }


def _hat(build: Builder, x: Tensor, name: str, weights: dict[str, Tensor]) -> Tensor:
    """Return the normalized quantities: x_hat_1 of x_1; the block's own where nothing comes after them."""
    if not weights:
        return build.take(name, x.shape, node_place(name))
    letter = next((each for each, tensor in build.arrays.items() if tensor.names == x.names), "x")
    return build.part(f"{letter}_hat", x.shape, name)


def _scaled(
    build: Builder, name: str, hat: Tensor, weights: dict[str, Tensor], units: Sequence[int], shape: tuple[int, ...]
) -> Tensor:
    """Return γ·x̂ + β, of which each has that of its unit; x̂ itself where there is neither."""
    if not weights:
        return hat
    output = build.take(name, shape, node_place(name))
    for out, normalized, unit in zip(output.names, hat.names, units, strict=True):
        gamma, beta = (weights[key].names[unit] if key in weights else "" for key in ("weight", "bias"))
        terms = [Term(PRODUCT, (gamma, normalized)) if gamma else Term(SAME, (normalized,))]
        build.define(out, [*terms, *([Term(SAME, (beta,))] if beta else [])])
    return output


def _layer_norm(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    (x,) = inputs
    if not x.shape or x.shape[-1] < 2:
        raise InputError(
            "inputs: found the shape {found}; expected at least 2 quantities in the last dimension.",
            found=shape_text(x.shape),
        )
    size, front, first = x.shape[-1], x.shape[:-1], len(build.equations)
    weights = _affine(build, options, name, size)
    mean, variance = build.part("m", front, name), build.part("v", front, name)
    hat = _hat(build, x, name, weights)
    shape = normalized_shape(_epsilon(options))
    width = [Tensor((len(mean.names), size), each.names).rows() for each in (x, hat)]
    for m, v, row, normalized in zip(mean.names, variance.names, *width, strict=True):
        build.define(m, mean_terms(row))
        build.define(v, variance_terms(row, m))
        for quantity, out in zip(row, normalized, strict=True):
            build.define(out, [Term(shape, (quantity, m, v))])
    units = [index[-1] for index in indexes(x.shape)]
    output = _scaled(build, name, hat, weights, units, x.shape)
    inner = {"mean": mean, "variance": variance, **({"normalized": hat} if weights else {})}
    return _whole(build, name, "layer_norm", first, output, x, weights, inner, {"epsilon": _epsilon(options)})


def _batch_norm(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    (x,) = inputs
    if len(x.shape) < 2:
        raise InputError(
            "inputs: found the shape {found}; expected {expected}.",
            found=shape_text(x.shape),
            expected=Message("(batch, channels), with any sizes after them"),
        )
    channels, first = x.shape[1], len(build.equations)
    weights = _affine(build, options, name, channels)
    is_fixed = options["mean"] is not None
    if is_fixed != (options["variance"] is not None):
        raise InputError(
            "found only one of mean and variance; give both, as they were after a training, or none to take those of "
            "the batch."
        )
    per_channel: list[list[int]] = [[] for _ in range(channels)]
    for place, index in enumerate(indexes(x.shape)):
        per_channel[index[1]].append(place)
    if not is_fixed and len(per_channel[0]) < 2:
        raise InputError(
            "inputs: found the shape {found}; expected at least 2 quantities of each channel, whose mean is taken.",
            found=shape_text(x.shape),
        )
    if is_fixed:
        mean = build.state(options["mean"], build.free("m", name), name, channels, "mean")
        variance = build.state(options["variance"], build.free("v", name), name, channels, "variance")
    else:
        mean, variance = build.part("m", (channels,), name), build.part("v", (channels,), name)
    hat, shape = _hat(build, x, name, weights), normalized_shape(_epsilon(options))
    for places, m, v in zip(per_channel, mean.names, variance.names, strict=True):
        names = [x.names[place] for place in places]
        if not is_fixed:
            build.define(m, mean_terms(names))
            build.define(v, variance_terms(names, m))
        for place, quantity in zip(places, names, strict=True):
            build.define(hat.names[place], [Term(shape, (quantity, m, v))])
    output = _scaled(build, name, hat, weights, [index[1] for index in indexes(x.shape)], x.shape)
    inner = {"mean": mean, "variance": variance, **({"normalized": hat} if weights else {})}
    kept = {"epsilon": _epsilon(options), "fixed": is_fixed}
    return _whole(build, name, "batch_norm", first, output, x, weights, inner, kept)


def _whole(
    build: Builder,
    name: str,
    op: str,
    first: int,
    output: Tensor,
    x: Tensor,
    weights: dict[str, Tensor],
    inner: dict[str, Tensor],
    options: Options,
) -> Tensor:
    names = [equation.name for equation in build.equations[first:]]
    return build.end(Group(name, op, names, output, (x,), weights, inner, options))


_OPTIONS = {"weight": Option("array"), "bias": Option("array"), "epsilon": Option("number", EPSILON)}
LAYER_NORM = Block("layer_norm", _layer_norm, "y", _OPTIONS)
BATCH_NORM = Block("batch_norm", _batch_norm, "y", {**_OPTIONS, "mean": Option("array"), "variance": Option("array")})
