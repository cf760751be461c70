"""Embedding: each index looks up a row of a table, to which its gradient goes back."""

from collections.abc import Sequence

from derive.computation.equations import Term
from derive.computation.groups import Group, Tensor
from derive.computation.shapes import SAME
from derive.errors import InputError
from derive.network.blocks.block import Block, Option, Options
from derive.network.blocks.builder import Builder, node_place


def _embedding(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    found = options["indices"]
    table = build.weights(options["weight"], "V", name, (None, None), "weight")
    rows, size = table.shape
    for index in found.flat:
        if index >= rows:
            raise InputError(
                "{place}: found {found}; expected {least} to {most}, as the table has {rows} rows.",
                place="indices",
                found=index,
                least=0,
                most=rows - 1,
                rows=rows,
            )
    output = build.take(name, (*found.shape, size), node_place(name))
    looked_up = [each for index in found.flat for each in table.names[index * size : (index + 1) * size]]
    for out, each in zip(output.names, looked_up, strict=True):
        build.define(out, [Term(SAME, (each,))])
    group = Group(
        name, "embedding", output.names, output, weights={"weight": table}, options={"indices": tuple(found.flat)}
    )
    return build.end(group)


EMBEDDING = Block(
    "embedding",
    _embedding,
    "e",
    {"indices": Option("indices", is_required=True), "weight": Option("array", is_required=True)},
    0,
    0,
)
