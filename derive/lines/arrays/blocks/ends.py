"""Where the backward pass starts: errors whose gradient is a multiple of what an output is off, and sums and means."""

from fractions import Fraction

from derive.computation.groups import Tensor
from derive.lines.arrays.blocks.block import Block, rows_of
from derive.lines.arrays.trees import Inverse, Minus, Times, Tree, number, ones

# What ∂E/∂y is a multiple of, y − t; a mean over n outputs divides it by n.
FACTORS = {"half_squared_error": 1, "squared_error": 2, "mean_squared_error": 2}


def error(block: Block) -> None:
    """Add dY = c·(Y − T)."""
    group, computation = block.group, block.derivation.computation
    out, target = group.inputs
    factor = FACTORS.get(str(group.options["error"]))
    outs = rows_of(out)
    inside = frozenset(group.names)
    is_alone = all(user in inside for name in out.names for user in computation.uses[name])
    if factor is None or not is_alone or not block.is_wanted(outs):
        return
    constant = group.options.get("constant")
    share = Fraction(factor) / (constant if isinstance(constant, Fraction) else 1)
    tree: Tree = Minus(block.values(outs), block.values(rows_of(Tensor(out.shape, target.names))))
    if share != 1:
        tree = Times(number(share, _fraction(share)), tree)
    block.says_backward("inputs", block.part(outs), _by(block, group.output, tree))


def total(block: Block) -> None:
    """Add dX = dS·𝟏 of a sum, and dX = (dM/n)·𝟏 of a mean."""
    (x,) = block.group.inputs
    grid = rows_of(x)
    if not block.is_wanted(grid):
        return
    tree: Tree = ones(len(grid), len(grid[0]))
    if block.group.op == "mean" and len(x.names) > 1:
        tree = Times(Inverse(number(len(x.names))), tree)
    block.says_backward("inputs", block.part(grid), _by(block, block.group.output, tree))


def _by(block: Block, output: Tensor, tree: Tree) -> Tree:
    """Return the tree times the partial by what the block gives, which for the objective itself is 1."""
    grid = rows_of(output)
    return Times(block.gradient(grid), tree) if block.reaches(grid) else tree


def _fraction(share: Fraction) -> str:
    return str(share.numerator) if share.denominator == 1 else rf"\frac{{{share.numerator}}}{{{share.denominator}}}"
