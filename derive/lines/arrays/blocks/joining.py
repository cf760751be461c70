"""What joins arrays entry by entry: a sum passes a gradient on, a product swaps its factors."""

from derive.lines.arrays.blocks.block import Block, rows_of, summed
from derive.lines.arrays.trees import Sum, entrywise


def add(block: Block) -> None:
    """Add S = A + B + … and dA = dS, dB = dS, …."""
    output = rows_of(block.group.output)
    grids = [rows_of(tensor) for tensor in block.group.inputs]
    block.says_forward("out", block.values(output), Sum(tuple(map(block.values, grids))))
    for grid in dict.fromkeys(grids):
        if block.is_wanted(grid) and block.reaches(output):
            # What is added twice gets the gradient twice.
            came = [block.gradient(output)] * grids.count(grid)
            block.says_backward("inputs", block.part(grid), summed(came))


def multiply(block: Block) -> None:
    """Add P = A ⊙ B and dA = dP ⊙ B, dB = dP ⊙ A."""
    output = rows_of(block.group.output)
    left, right = map(rows_of, block.group.inputs)
    block.says_forward("out", block.values(output), entrywise(block.values(left), block.values(right)))
    if not block.reaches(output):
        return
    d = block.gradient(output)
    parts = [(left, entrywise(d, block.values(right))), (right, entrywise(d, block.values(left)))]
    if left == right:
        parts = [(left, Sum((parts[0][1], parts[0][1])))]
    for grid, tree in parts:
        if block.is_wanted(grid):
            block.says_backward("inputs", block.part(grid), tree)
