"""Errors: what an output misses its target by, and weighted sums of errors."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from derive.computation.equations import Term
from derive.computation.groups import Group, Tensor
from derive.computation.shapes import SAME, error_shape
from derive.errors import InputError, counted
from derive.functions.losses import ERRORS, Loss
from derive.network.blocks.block import MOST, Block, Option, Options
from derive.network.blocks.builder import Array, Builder, named_tensor, node_place
from derive.network.blocks.given import given_numbers, shape_text
from derive.network.blocks.shapes import scaled_shape


def _error(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    (out,) = inputs
    entry = ERRORS[options["error"]]
    target = _target(build, options["target"], name, out)
    constant = _constant(entry, options["delta"], len(out.names))
    output = build.take(name, (), node_place(name))
    shape = error_shape(entry.name, constant)
    pairs = list(zip(target.names, out.names, strict=True))
    parts = named_tensor(name, out.shape)
    if len(pairs) > 1:
        for part, pair in zip(parts.names, pairs, strict=True):
            build.own(part, node_place(name))
            build.define(part, [Term(shape, pair)], "error")
        build.define(name, [Term(SAME, (part,)) for part in parts.names], "error")
    else:
        build.define(name, [Term(shape, pairs[0])], "error")
    return build.end(
        Group(
            name,
            "error",
            (*(parts.names if len(pairs) > 1 else ()), name),
            output,
            (out, target),
            inner={"error": parts} if len(pairs) > 1 else {},
            options={"error": entry.name, **({} if constant is None else {"constant": constant})},
        )
    )


def _constant(entry: Loss, given: Fraction | None, size: int) -> Fraction | None:
    if given is not None and entry.parameter != "delta":
        raise InputError(
            "{parameter}: only allowed with {owner}, not with {activation}; leave it out.",
            parameter="delta",
            owner="huber",
            activation=entry.name,
        )
    if given is not None and given <= 0:
        raise InputError("{place}: found {found}; expected a positive number.", place="delta", found=given)
    return Fraction(size) if entry.takes_mean else entry.default if given is None else given


def _target(build: Builder, given: Any, block: str, out: Tensor) -> Tensor:
    if isinstance(given, str | Array | Tensor):
        found = build.found(given, "target")
    else:
        numbers = given_numbers(given, "target")
        _check_shape(numbers.shape, out)
        name = build.free("t", block)
        build.chosen[name] = block
        found = build.add_given(name, given, "target")
    _check_shape(found.shape, out)
    return found


def _check_shape(found: tuple[int, ...], out: Tensor) -> None:
    # A single output's target needs no brackets.
    if found != out.shape and not (len(out.names) == 1 and set(found) <= {1}):
        raise InputError(
            "{place}: found the shape {found}; expected {wanted}.",
            place="target",
            found=shape_text(found),
            wanted=shape_text(out.shape),
        )


def _weighted_sum(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    factors = options["factors"]
    if len(factors) != len(inputs):
        raise InputError(
            "{place}: found {found}; expected {size}, one for each input.",
            place="factors",
            found=counted("{number} number", "{number} numbers", len(factors)),
            size=len(inputs),
        )
    for tensor in inputs:
        if len(tensor.names) != 1:
            raise InputError(
                "inputs: found the shape {found}; expected single numbers, such as errors.",
                found=shape_text(tensor.shape),
            )
    output = build.take(name, (), node_place(name))
    parts = [tensor.names[0] for tensor in inputs]
    terms = [
        Term(SAME if factor == 1 else scaled_shape(factor), (part,))
        for factor, part in zip(factors, parts, strict=True)
    ]
    build.define(name, terms, "error")
    return build.end(Group(name, "weighted_sum", (name,), output, inputs, options={"factors": factors}))


ERROR = Block(
    "error",
    _error,
    "E",
    {
        "error": Option("error", "half_squared_error"),
        "target": Option("array", is_required=True),
        "delta": Option("number"),
    },
)
WEIGHTED_SUM = Block("weighted_sum", _weighted_sum, "E", {"factors": Option("numbers", is_required=True)}, 1, MOST)
