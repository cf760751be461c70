r"""Trees of matrices in LaTeX: in symbols, or with their numbers.

Entries that a tree only moves, such as those of a kernel that is turned, are printed where they have come to.
"""

from collections.abc import Callable
from functools import singledispatch

from derive.errors import InternalError
from derive.lines.arrays.trees import (
    Applied,
    Below,
    Beside,
    Constant,
    Correlated,
    Defined,
    Dilated,
    Entrywise,
    Gradients,
    Inverse,
    Leaf,
    Masked,
    Minus,
    Padded,
    Pooled,
    Product,
    Root,
    Routed,
    Slopes,
    Softmax,
    Sum,
    Times,
    Transposed,
    Tree,
    Turned,
    Values,
)
from derive.lines.filled import matrix_latex
from derive.notation.display import cut

# How a moved leaf is written, None where it is to be written as a function of the leaf.
Written = Callable[[Tree], str | None]
MOVED = Padded | Dilated | Turned | Beside | Below | Routed
SUM, PRODUCT, FACTOR = range(3)
MOST_TERMS, FIRST_TERMS = 4, 2  # of a longer sum, the first terms and the last one are written


def latex(tree: Tree, written: Written) -> str:
    """Return a tree in LaTeX; ``written`` writes leaves, and what moves their entries where it can."""
    return _at(tree, SUM, written)


def is_moved(tree: Tree) -> bool:
    """Whether a tree only moves the entries of leaves."""
    if isinstance(tree, Leaf):
        return True
    if isinstance(tree, Routed) and (tree.slopes is not None or not tree.windows.is_apart):
        return False
    parts = tree.parts if isinstance(tree, Beside | Below) else (tree.of,) if isinstance(tree, MOVED) else ()
    return bool(parts) and all(map(is_moved, parts))


def _at(tree: Tree, rank: int, written: Written) -> str:
    """Return a tree as an operand of a sign of that rank: what binds looser stands in parentheses."""
    found = written(tree)
    if found is not None:
        is_negative = found.startswith("-")
        return rf"\left({found}\right)" if is_negative and rank > SUM else found
    text = _write(tree, written)
    return rf"\left({text}\right)" if _rank(tree) < rank else text


def _rank(tree: Tree) -> int:
    if isinstance(tree, Sum | Minus):
        return SUM
    return PRODUCT if isinstance(tree, Product | Entrywise | Times | Correlated) else FACTOR


@singledispatch
def _write(tree: Tree, written: Written) -> str:
    raise InternalError(f"no LaTeX for {type(tree).__name__}")


@_write.register(Values)
@_write.register(Gradients)
@_write.register(Slopes)
@_write.register(Constant)
@_write.register(Defined)
def _(tree: Leaf, written: Written) -> str:
    return tree.sign


@_write.register
def _(tree: Transposed, written: Written) -> str:
    inside = _at(tree.of, FACTOR, written)
    is_raised = "^" in inside and not inside.startswith((r"\left", r"\begin"))
    return rf"\left({inside}\right)^{{\top}}" if is_raised else rf"{inside}^{{\top}}"


@_write.register
def _(tree: Product, written: Written) -> str:
    left, right = (_operand(part, Product, written) for part in (tree.left, tree.right))
    return rf"{left} \, {right}"


@_write.register
def _(tree: Entrywise, written: Written) -> str:
    left, right = (_operand(part, Entrywise, written) for part in (tree.left, tree.right))
    return rf"{left} \odot {right}"


def _operand(part: Tree, kind: type, written: Written) -> str:
    """Return a factor: products of another kind stand in parentheses, as no rule says which comes first."""
    is_other = isinstance(part, Product | Entrywise | Correlated | Times) and not isinstance(part, kind)
    return _at(part, FACTOR if is_other else PRODUCT, written)


@_write.register
def _(tree: Correlated, written: Written) -> str:
    signal, kernel = _at(tree.signal, FACTOR, written), _at(tree.kernel, FACTOR, written)
    strides = dict.fromkeys(tree.stride)
    star = r"\star" if set(strides) == {1} else rf"\star_{{{','.join(map(str, strides))}}}"
    return f"{signal} {star} {kernel}"


@_write.register
def _(tree: Times, written: Written) -> str:
    factor, of = _at(tree.number, FACTOR, written), _at(tree.of, PRODUCT, written)
    return rf"{factor} \cdot {of}"


@_write.register
def _(tree: Sum, written: Written) -> str:
    parts = [_at(part, PRODUCT if number else SUM, written) for number, part in enumerate(tree.parts)]
    return " + ".join(part or r"\cdots" for part in cut(parts, MOST_TERMS, FIRST_TERMS, 1))


@_write.register
def _(tree: Minus, written: Written) -> str:
    return f"{_at(tree.left, SUM, written)} - {_at(tree.right, PRODUCT, written)}"


@_write.register
def _(tree: Inverse, written: Written) -> str:
    return rf"\frac{{1}}{{{_at(tree.of, SUM, written)}}}"


@_write.register
def _(tree: Root, written: Written) -> str:
    return rf"\sqrt{{{_at(tree.of, SUM, written)}}}"


@_write.register
def _(tree: Applied, written: Written) -> str:
    return _function(tree.sign, tree.of, written)


@_write.register
def _(tree: Softmax, written: Written) -> str:
    return _function(r"\operatorname{softmax}", tree.of, written)


@_write.register
def _(tree: Masked, written: Written) -> str:
    return _function(r"\operatorname{mask}", tree.of, written)


@_write.register
def _(tree: Turned, written: Written) -> str:
    return _function(r"\operatorname{turn}", tree.of, written)


@_write.register
def _(tree: Padded, written: Written) -> str:
    return _function(r"\operatorname{pad}", tree.of, written)


@_write.register
def _(tree: Dilated, written: Written) -> str:
    return _function(r"\operatorname{space}", tree.of, written)


@_write.register
def _(tree: Pooled, written: Written) -> str:
    return _function(rf"\operatorname{{{tree.kind}pool}}", tree.of, written)


@_write.register
def _(tree: Routed, written: Written) -> str:
    return _function(rf"\operatorname{{{'spread' if tree.slopes is None else 'route'}}}", tree.of, written)


def _function(sign: str, of: Tree, written: Written) -> str:
    return rf"{sign}\left({_at(of, SUM, written)}\right)"


@_write.register
def _(tree: Beside, written: Written) -> str:
    return matrix_latex([[_at(part, SUM, written) for part in tree.parts]])


@_write.register
def _(tree: Below, written: Written) -> str:
    return matrix_latex([[_at(part, SUM, written)] for part in tree.parts])
