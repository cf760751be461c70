"""What joins arrays or lays them out anew: add (a skip), multiply, concat, reshape, flatten, sum, mean, select."""

from collections.abc import Sequence
from fractions import Fraction
from math import prod

from derive.computation.equations import Term
from derive.computation.groups import Group, Tensor
from derive.computation.shapes import PRODUCT, SAME
from derive.errors import InputError
from derive.network.blocks.block import MOST, Block, Option, Options
from derive.network.blocks.builder import Builder, node_place
from derive.network.blocks.given import indexes, shape_text
from derive.network.blocks.shapes import mean_shape, scaled_shape

LONGEST_MEAN = 12  # of the quantities that stand over one line of a fraction; of more, each is divided for itself


def mean_terms(names: Sequence[str]) -> list[Term]:
    """Return the terms of the mean of the quantities."""
    if len(names) == 1:
        return [Term(SAME, tuple(names))]
    if len(names) <= LONGEST_MEAN:
        return [Term(mean_shape(len(names), len(names)), tuple(names))]
    return [Term(scaled_shape(Fraction(1, len(names))), (name,)) for name in names]


def check_alike(inputs: Sequence[Tensor]) -> None:
    """Raise `InputError` unless all inputs have the same shape."""
    for number, tensor in enumerate(inputs[1:], start=2):
        if tensor.shape != inputs[0].shape:
            raise InputError(
                "inputs: found the shape {first} for the first and {other} for number {number}; expected the same "
                "for all.",
                first=shape_text(inputs[0].shape),
                other=shape_text(tensor.shape),
                number=number,
            )


def _add(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    check_alike(inputs)
    output = build.take(name, inputs[0].shape, node_place(name))
    for out, *parts in zip(output.names, *(tensor.names for tensor in inputs), strict=True):
        build.define(out, [Term(SAME, (part,)) for part in parts])
    return build.end(Group(name, "add", output.names, output, inputs))


def _multiply(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    check_alike(inputs)
    output = build.take(name, inputs[0].shape, node_place(name))
    for out, *parts in zip(output.names, *(tensor.names for tensor in inputs), strict=True):
        build.define(out, [Term(PRODUCT, tuple(parts))])
    return build.end(Group(name, "multiply", output.names, output, inputs))


def _concat(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    first = inputs[0].shape or (1,)
    axis = axis_of(options["axis"], first)
    parts = [Tensor(tensor.shape or (1,), tensor.names) for tensor in inputs]
    for number, part in enumerate(parts, start=1):
        if len(part.shape) != len(first) or _without(part.shape, axis) != _without(first, axis):
            raise InputError(
                "inputs: found the shape {first} for the first and {other} for number {number}; expected shapes that "
                "differ only along axis {axis}.",
                first=shape_text(first),
                other=shape_text(part.shape),
                number=number,
                axis=axis,
            )
    shape = (*first[:axis], sum(part.shape[axis] for part in parts), *first[axis + 1 :])
    names = {}
    start = 0
    for part in parts:
        for index, quantity in zip(indexes(part.shape), part.names, strict=True):
            names[(*index[:axis], index[axis] + start, *index[axis + 1 :])] = quantity
        start += part.shape[axis]
    build.own(name, node_place(name))
    return _laid_out(build, name, "concat", inputs, Tensor(shape, tuple(names[index] for index in indexes(shape))))


def axis_of(axis: int, shape: tuple[int, ...]) -> int:
    """Return an axis counted from 0; one counted from the end is negative."""
    if not -len(shape) <= axis < len(shape):
        raise InputError(
            "{place}: found {found}; expected {least} to {most}, as the input has the shape {shape}.",
            place="axis",
            found=axis,
            least=-len(shape),
            most=len(shape) - 1,
            shape=shape_text(shape),
        )
    return axis % len(shape)


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return shape[:axis] + shape[axis + 1 :]


def _laid_out(build: Builder, name: str, op: str, inputs: Sequence[Tensor], output: Tensor) -> Tensor:
    """Add a block that defines nothing: what it gives are its inputs' quantities, in another order or shape."""
    return build.end(Group(name, op, (), output, inputs))


def _reshape(build: Builder, name: str, inputs: Sequence[Tensor], options: Options, op: str = "reshape") -> Tensor:
    (x,) = inputs
    shape = options["shape"]
    if prod(shape) != len(x.names):
        raise InputError(
            "{place}: found {found}; expected a shape of as many quantities as the input's, {shape}.",
            place="shape",
            found=shape_text(shape),
            shape=shape_text(x.shape),
        )
    build.own(name, node_place(name))
    return _laid_out(build, name, op, inputs, Tensor(shape, x.names))


def _flatten(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    return _reshape(build, name, inputs, {"shape": (len(inputs[0].names),)}, "flatten")


def _transpose(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    (x,) = inputs
    if len(x.shape) != 2:
        raise InputError("inputs: found the shape {found}; expected rows and columns.", found=shape_text(x.shape))
    rows, columns = x.shape
    names = tuple(x.at(row, column) for column in range(columns) for row in range(rows))
    build.own(name, node_place(name))
    return _laid_out(build, name, "transpose", inputs, Tensor((columns, rows), names))


def _sum(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    return _reduced(build, name, inputs[0], "sum")


def _mean(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    return _reduced(build, name, inputs[0], "mean")


def _reduced(build: Builder, name: str, x: Tensor, op: str) -> Tensor:
    output = build.take(name, (), node_place(name))
    terms = mean_terms(x.names) if op == "mean" else [Term(SAME, (each,)) for each in x.names]
    build.define(name, terms)
    return build.end(Group(name, op, output.names, output, (x,)))


ADD = Block("add", _add, "s", {}, 2, MOST)
MULTIPLY = Block("multiply", _multiply, "p", {}, 2, 2)
CONCAT = Block("concat", _concat, "c", {"axis": Option("axis", 0)}, 2, MOST)
RESHAPE = Block("reshape", _reshape, "r", {"shape": Option("sizes", is_required=True)})
FLATTEN = Block("flatten", _flatten, "r")
TRANSPOSE = Block("transpose", _transpose, "r")
SUM = Block("sum", _sum, "S")
MEAN = Block("mean", _mean, "M")
