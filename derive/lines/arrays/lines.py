"""The lines of matrices of a computation: for each block those of its forward pass and of its backward pass."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from derive.calculus.chain import Derivation
from derive.computation.groups import Group
from derive.lines import ids
from derive.lines.arrays.blocks import (
    attention,
    convolution,
    embedding,
    ends,
    joining,
    linear,
    normalization,
    pooling,
    recurrent,
)
from derive.lines.arrays.blocks.block import Block, Make, part_sign
from derive.lines.arrays.trees import ArrayLine, Gradients, Sum

MAKERS: Mapping[str, Make] = {
    "linear": linear.linear,
    "activation": linear.function,
    "softmax": linear.function,
    "conv1d": convolution.convolution,
    "conv2d": convolution.convolution,
    "rnn": recurrent.rnn,
    "lstm": recurrent.lstm,
    "gru": recurrent.gru,
    "max_pool1d": pooling.pooling,
    "max_pool2d": pooling.pooling,
    "avg_pool1d": pooling.pooling,
    "avg_pool2d": pooling.pooling,
    "embedding": embedding.embedding,
    "layer_norm": normalization.layer_norm,
    "batch_norm": normalization.batch_norm,
    "attention": attention.attention,
    "error": ends.error,
    "sum": ends.total,
    "mean": ends.total,
    "add": joining.add,
    "multiply": joining.multiply,
}


@dataclass(frozen=True)
class GroupLines:
    """The lines of a block: ``forward``, ``backward``, and what then adds up to ``sums`` with other blocks' parts."""

    group: Group
    forward: tuple[ArrayLine, ...]
    backward: tuple[ArrayLine, ...]
    sums: tuple[ArrayLine, ...] = ()

    def __iter__(self) -> Iterator[ArrayLine]:
        """Yield every line."""
        yield from (*self.forward, *self.backward, *self.sums)


def lines_of(derivation: Derivation) -> tuple[GroupLines, ...]:
    """Return the lines of every block that has some, in the order of the blocks."""
    blocks = [Block(derivation, group) for group in derivation.computation.groups]
    for block in blocks:
        if block.group.op in MAKERS:
            MAKERS[block.group.op](block)
    sums = _sums(derivation, blocks)
    return tuple(
        GroupLines(block.group, tuple(block.forward), tuple(block.backward), tuple(sums.get(block.group.name, ())))
        for block in blocks
        if block.forward or block.backward
    )


def _sums(derivation: Derivation, blocks: list[Block]) -> Mapping[str, list[ArrayLine]]:
    """Return the sums of what several blocks add to the gradient of an array, each with the first of these blocks.

    That block comes last in the backward pass. An array of which some part comes from no block has no such line.
    """
    owner = {name: block.group.name for block in blocks for name in block.group.names}
    objective = derivation.computation.objective
    owner.setdefault(objective, objective)
    found: dict[str, list[ArrayLine]] = {}
    seen = set()
    for block in blocks:
        for line in block.backward:
            left = line.left
            if not isinstance(left, Gradients) or not left.through or left.names in seen:
                continue
            seen.add(left.names)
            sum_ = _sum(derivation, block, left, owner)
            if sum_ is not None:
                found.setdefault(block.group.name, []).append(sum_)
    return found


def _sum(derivation: Derivation, block: Block, left: Gradients, owner: Mapping[str, str]) -> ArrayLine | None:
    whole = block.gradient(left.names)
    users: dict[str, set[str]] = {}
    for name in (name for row in left.names for name in row if name):
        for path in derivation.partials[name].paths if name in derivation.partials else ():
            if path.through not in owner:
                return None
            users.setdefault(owner[path.through], set()).add(path.through)
    parts = tuple(
        Gradients(part_sign(whole.sign, name), left.names, frozenset(through)) for name, through in users.items()
    )
    number = sum(line.kind == "sum" for line in block.backward) + 1
    first = left.names[0][0]
    return ArrayLine(ids.arrays(block.group.name, f"sum_{first}", number), "sum", whole, Sum(parts))
