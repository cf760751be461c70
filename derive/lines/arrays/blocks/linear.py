"""Weighted sums and functions of them: Y = XWᵀ + 𝟏bᵀ and, backwards, dW = dYᵀX, dX = dY W, db = dYᵀ𝟏.

A vector x is a column, for which that is y = Wx + b, dW = dy xᵀ, dx = Wᵀdy, db = dy.
"""

from derive.computation.groups import Tensor
from derive.computation.shapes import activation_shape
from derive.functions.activations import ACTIVATIONS, Activation
from derive.lines.arrays.blocks.block import FUNCTION, Block, rows_of, summed
from derive.lines.arrays.trees import (
    Applied,
    Defined,
    Grid,
    Minus,
    Softmax,
    Times,
    Tree,
    column,
    entrywise,
    ones,
    product,
    transposed,
)


def linear(block: Block) -> None:
    """Add the lines of weighted sums."""
    group = block.group
    (x,), output = group.inputs, group.output
    is_vector = len(output.shape) < 2
    outs = rows_of(output)
    nets = rows_of(Tensor(output.shape, group.inner["net"].names)) if "net" in group.inner else outs
    weight = rows_of(group.weights["weight"])
    bias = column(group.weights["bias"].names) if "bias" in group.weights else ()
    signals = _signals(x, len(weight[0]), is_vector=is_vector)
    _weighted(block, nets, signals, weight, bias, is_vector=is_vector)
    if nets is not outs:
        activation(block, outs, nets, is_vector=is_vector)
    if block.reaches(nets):
        _back_weighted(block, nets, signals, weight, bias, is_vector=is_vector)


def _signals(x: Tensor, size: int, *, is_vector: bool) -> Grid:
    if is_vector:
        return column(x.names)
    return tuple(Tensor((len(x.names) // size, size), x.names).rows())


def _weighted(block: Block, nets: Grid, signals: Grid, weight: Grid, bias: Grid, *, is_vector: bool) -> None:
    w, x = block.values(weight), block.values(signals)
    parts: list[Tree] = [product(w, x) if is_vector else product(x, transposed(w))]
    if bias:
        b = block.values(bias)
        parts.append(b if is_vector else product(ones(len(nets), 1), transposed(b)))
    block.says_forward("net", block.values(nets), summed(parts))


def _back_weighted(block: Block, nets: Grid, signals: Grid, weight: Grid, bias: Grid, *, is_vector: bool) -> None:
    d, w, x = block.gradient(nets), block.values(weight), block.values(signals)
    if block.is_wanted(weight):
        by_weights = product(d, transposed(x)) if is_vector else product(transposed(d), x)
        block.says_backward("weights", block.part(weight), by_weights)
    if bias and block.is_wanted(bias):
        total: Tree = d if is_vector else product(transposed(d), ones(len(nets), 1))
        block.says_backward("biases", block.part(bias), total)
    if block.is_wanted(signals):
        back = product(transposed(w), d) if is_vector else product(d, w)
        block.says_backward("inputs", block.part(signals), back)


def function(block: Block) -> None:
    """Add the lines of an activation, or of a softmax, that is a block of its own."""
    (z,) = block.group.inputs
    is_vector = len(z.shape) < 2
    width = z.shape[-1] if z.shape else 1
    grids = [
        rows_of(tensor) if is_vector else tuple(Tensor((len(tensor.names) // width, width), tensor.names).rows())
        for tensor in (block.group.output, z)
    ]
    activation(block, *grids, is_vector=is_vector)


def activation(block: Block, outs: Grid, nets: Grid, *, is_vector: bool) -> None:
    """Add Y = φ(Z) and dZ = dY ⊙ φ′(Z), or those of softmax for each row."""
    options = block.group.options
    entry = ACTIVATIONS[str(options.get("activation", "softmax"))]
    z = block.values(nets)
    if isinstance(entry, Activation):
        constant = options.get(entry.parameter) if entry.parameter else None
        shape = activation_shape(entry, entry.default if constant is None else constant)
        block.says_forward("out", block.values(outs), Applied(FUNCTION, shape, z), in_numbers=False)
        if block.is_wanted(nets) and block.reaches(outs):
            right = entrywise(block.gradient(outs), block.slopes(outs, nets))
            block.says_backward("nets", block.part(nets), right)
        return
    # A vector's softmax is that of a row, which stands as a column.
    tree: Tree = transposed(Softmax(transposed(z))) if is_vector else Softmax(z)
    block.says_forward("out", block.values(outs), tree, in_numbers=False)
    if block.is_wanted(nets) and block.reaches(outs):
        back_softmax(block, outs, nets, is_vector=is_vector)


def back_softmax(block: Block, outs: Grid, nets: Grid, *, is_vector: bool = False) -> None:
    """Add the rule of softmax: dz = a ⊙ (da − ⟨a, da⟩𝟏), row by row."""
    a, d = block.values(outs), block.gradient(outs)
    if is_vector:
        inner = Defined(rf"\langle {a.sign}, {d.sign} \rangle", product(transposed(a), d))
        spread: Tree = Times(inner, ones(len(outs), 1))
    else:
        inner = Defined(r"\mathbf{r}", product(entrywise(a, d), ones(len(outs[0]), 1)))
        spread = product(inner, transposed(ones(len(outs[0]), 1)))
    block.says_backward("inner", inner, inner.tree)
    block.says_backward("nets", block.part(nets), entrywise(a, Minus(d, spread)))
