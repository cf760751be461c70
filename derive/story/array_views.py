"""Lines of matrices as the template of a computation of blocks sees them: for each block those that are shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.lines.arrays.blocks.block import OUTSIDE
from derive.lines.arrays.blocks.pooling import PLACES
from derive.lines.arrays.lines import GroupLines
from derive.lines.arrays.printed import MOST_ALIKE, ArrayLines
from derive.lines.arrays.trees import (
    ONES,
    ArrayLine,
    Constant,
    Correlated,
    Dilated,
    Gradients,
    Leaf,
    Masked,
    Padded,
    Routed,
    Slopes,
    Tree,
    Turned,
    Values,
    children,
    names_of,
)
from derive.lines.scalar import Formulas
from derive.notation import Latex
from derive.story.block_views import function_of

MOST_EQUATIONS = 24  # of a block that are shown one by one or in a table; a larger one is easier to read in matrices


@dataclass(frozen=True)
class ArrayPartView:
    """A block: what it does, its lines, and ``words``, what of its lines has to be explained.

    ``function`` is the function that it applies, "" where it applies none, ``names`` whose gradients other blocks add
    to, ``left_out`` says whether there are more lines of these kinds.
    """

    name: str
    op: str
    function: str
    is_vector: bool
    forward: tuple[Latex, ...]
    backward: tuple[Latex, ...]
    sums: tuple[Latex, ...]
    words: frozenset[str]
    left_out: bool


@dataclass(frozen=True)
class ArraysView:
    """The blocks in their order.

    ``example`` is an array by its sign, ``entries`` its first two quantities; ``is_cut`` says that some matrix does not
    show all its entries.
    """

    parts: tuple[ArrayPartView, ...]
    example: Latex
    entries: tuple[str, str]
    is_cut: bool
    has_deltas: bool
    has_ones: bool
    has_parts: bool
    has_products: bool

    def of(self, name: str) -> ArrayPartView | None:
        """Return the lines of a block; None where it has none."""
        return next((part for part in self.parts if part.name == name), None)


def arrays_view(formulas: Formulas, *, form: str, detail: str) -> ArraysView | None:
    """Return the lines of matrices that a handout shows, of large blocks alone where it is scalar; None for none."""
    lines = ArrayLines(formulas)
    groups = [group for group in lines.groups if form != "scalar" or len(group.group.names) > MOST_EQUATIONS]
    example = next(iter(_arrays(groups)), None)
    if example is None:
        return None
    parts = tuple(_part(lines, group, every=detail == "full") for group in groups)
    shown = [line for part in parts for line in (*part.forward, *part.backward, *part.sums)]
    words = frozenset[str]().union(*(part.words for part in parts))
    first, second, *_ = names_of(example.names)
    return ArraysView(
        parts,
        Latex(example.sign),
        (first, second),
        any(r"\vdots" in line or r"\cdots &" in line for line in shown),
        "delta" in words,
        "ones" in words,
        "part" in words,
        any(r"\odot" in line for line in shown),
    )


def _arrays(groups: Sequence[GroupLines]) -> Iterator[Values]:
    """Yield the arrays that have a letter of their own: weights first, since these are known best."""
    leaves = [leaf for group in groups for line in group for leaf in _leaves(line)]
    values = [leaf for leaf in leaves if isinstance(leaf, Values) and leaf.sign.startswith(r"\mathbf")]
    wide = [leaf for leaf in values if len(names_of(leaf.names)) > 1 and leaf.sign.count("{") == 1]
    yield from sorted(wide, key=lambda leaf: min(len(leaf.names), len(leaf.names[0])) == 1)


def _part(lines: ArrayLines, found: GroupLines, *, every: bool) -> ArrayPartView:
    group = found.group
    kept = {name: _kept(getattr(found, name), every=every) for name in ("forward", "backward", "sums")}
    shown = {name: tuple(map(lines.display, chosen)) for name, chosen in kept.items()}
    words = frozenset(word for chosen in kept.values() for line in chosen for word in _words(line))
    weight = group.weights.get("weight")
    words |= {"fixed"} if group.options.get("fixed") else frozenset()
    words |= {"number"} if weight is not None and len(weight.names) == 1 else frozenset()
    return ArrayPartView(
        name=group.name,
        op=group.op,
        function=function_of(group),
        is_vector=len(group.output.shape) < 2,
        forward=shown["forward"],
        backward=shown["backward"],
        sums=shown["sums"],
        words=words,
        left_out=any(len(chosen) < len(getattr(found, name)) for name, chosen in kept.items()),
    )


def _kept(lines: Sequence[ArrayLine], *, every: bool) -> list[ArrayLine]:
    count: dict[str, int] = {}
    found = []
    for line in lines:
        count[line.kind] = count.get(line.kind, 0) + 1
        if every or count[line.kind] <= MOST_ALIKE:
            found.append(line)
    return found


def _leaves(line: ArrayLine) -> Iterator[Leaf]:
    for tree in _trees(line):
        if isinstance(tree, Leaf):
            yield tree


def _trees(line: ArrayLine) -> Iterator[Tree]:
    waiting: list[Tree] = [line.left, line.right]
    while waiting:
        tree = waiting.pop()
        yield tree
        waiting += children(tree)


def _words(line: ArrayLine) -> Iterator[str]:
    """Yield what of a line has to be explained."""
    for tree in _trees(line):
        match tree:
            case Constant(sign) if sign == ONES:
                yield "ones"
            case Padded():
                yield "pad"
            case Dilated():
                yield "space"
            case Turned():
                yield "turn"
            case Masked():
                yield "mask"
            case Correlated(stride=stride) if stride != (1, 1):
                yield "stride"
            case Routed(slopes=slopes) if slopes is not None:
                yield "route"
            case Slopes(sign) if sign == PLACES:
                yield "places"
            case Values(sign) if "_{[" in sign:
                yield "heads"
            case Gradients(sign, through=through):
                yield from _of_gradients(sign, through)


def _of_gradients(sign: str, through: frozenset[str]) -> Iterator[str]:
    if sign.startswith((r"\boldsymbol{\delta", r"\delta")):
        yield "delta"
    if through:
        yield "outside" if sign.endswith(OUTSIDE) else "part"
