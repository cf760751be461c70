"""Embedding: Y = PV, where P has a 1 in each row at the index looked up, and dV = PᵀdY adds the rows up again."""

from fractions import Fraction

from derive.computation.groups import Tensor
from derive.lines.arrays.blocks.block import Block
from derive.lines.arrays.trees import Constant, product, transposed

CHOICE = r"\mathbf{P}"


def embedding(block: Block) -> None:
    """Add the lines of a table of which rows are looked up."""
    group = block.group
    table, indices = group.weights["weight"], group.options["indices"]
    assert isinstance(indices, tuple)
    rows = tuple(table.rows())
    chosen = Constant(CHOICE, tuple(tuple(Fraction(place == index) for place in range(len(rows))) for index in indices))
    output = tuple(Tensor((len(indices), len(rows[0])), group.output.names).rows())
    block.says_forward("out", block.values(output), product(chosen, block.values(rows)))
    if block.is_wanted(rows) and block.reaches(output):
        block.says_backward("weights", block.part(rows), product(transposed(chosen), block.gradient(output)))
