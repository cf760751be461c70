"""Expressions over matrices: what a line of matrices says, for those that check it and those that print it.

Leaves are matrices of named quantities, of the objective's partials by them or of local derivatives, each with the sign
that it has in symbols. Whatever has more dimensions than two, such as the kernels of a convolution, comes in slices. A
vector is a matrix of one column or of one row, a number one of a single entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Union

from derive.computation.shapes import Shape

ONES = r"\mathbf{1}"  # the sign of a matrix of ones
# Names in rows; "" where nothing stands, which counts as 0.
Grid = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Values:
    """Quantities of the forward pass; ``blank`` is what is written where nothing stands, which counts as 0."""

    sign: str
    names: Grid
    blank: str = "0"


@dataclass(frozen=True)
class Gradients:
    """The partials of the objective by quantities: whole, or the part that comes ``through`` these alone."""

    sign: str
    names: Grid
    through: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Slopes:
    """The derivative of each of the quantities by the one at its place in ``by``, all else held fixed."""

    sign: str
    names: Grid
    by: Grid


@dataclass(frozen=True)
class Constant:
    """Numbers that are known: ones, or a row of an identity matrix."""

    sign: str
    rows: tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True)
class Defined:
    """What a line before has given a sign of its own."""

    sign: str
    tree: "Tree"


@dataclass(frozen=True)
class Transposed:
    """Rows as columns."""

    of: "Tree"


@dataclass(frozen=True)
class Product:
    """The product of two matrices."""

    left: "Tree"
    right: "Tree"


@dataclass(frozen=True)
class Sum:
    """A sum of matrices of one shape."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class Minus:
    """The difference of two matrices of one shape."""

    left: "Tree"
    right: "Tree"


@dataclass(frozen=True)
class Entrywise:
    """The product entry by entry."""

    left: "Tree"
    right: "Tree"


@dataclass(frozen=True)
class Times:
    """A number times a matrix."""

    number: "Tree"
    of: "Tree"


@dataclass(frozen=True)
class Inverse:
    """1 over a number."""

    of: "Tree"


@dataclass(frozen=True)
class Root:
    """The square root of a number."""

    of: "Tree"


@dataclass(frozen=True)
class Applied:
    """A function of one quantity at every entry; ``sign`` is the function's."""

    sign: str
    shape: Shape
    of: "Tree"


@dataclass(frozen=True)
class Softmax:
    """Softmax of every row; ``seen`` says which entries take part, all where it is empty; the others become 0."""

    of: "Tree"
    seen: tuple[tuple[bool, ...], ...] = ()


@dataclass(frozen=True)
class Masked:
    """The entries that are seen; the others are left out, and count as 0."""

    of: "Tree"
    seen: tuple[tuple[bool, ...], ...]


@dataclass(frozen=True)
class Padded:
    """Zeros above, below, to the left and to the right; a negative number takes rows or columns away."""

    of: "Tree"
    above: int
    below: int
    left: int
    right: int


@dataclass(frozen=True)
class Dilated:
    """Rows and columns of zeros between the entries, so that each is so many rows and columns after the one before."""

    of: "Tree"
    stride: tuple[int, int]


@dataclass(frozen=True)
class Turned:
    """Turned by 180°: the last row first, each from its end."""

    of: "Tree"


@dataclass(frozen=True)
class Correlated:
    """The kernel laid on the signal wherever it fits, ``stride`` apart: each time the sum of the products."""

    signal: "Tree"
    kernel: "Tree"
    stride: tuple[int, int] = (1, 1)


@dataclass(frozen=True)
class Windows:
    """How windows lie over a signal, with so much padding, that has no entries itself, around it."""

    signal: tuple[int, int]
    window: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]

    @property
    def slid(self) -> tuple[int, int]:
        """How many windows there are, down and across."""
        y, x = (
            (size + 2 * padding - window) // stride + 1
            for size, window, stride, padding in zip(self.signal, self.window, self.stride, self.padding, strict=True)
        )
        return y, x

    @property
    def is_apart(self) -> bool:
        """Whether no two windows share an entry."""
        return all(stride >= window for stride, window in zip(self.stride, self.window, strict=True))

    def places(self, row: int, column: int) -> list[tuple[int, int]]:
        """Return the entries of the signal below a window."""
        top, left = (
            at * stride - padding for at, stride, padding in zip((row, column), self.stride, self.padding, strict=True)
        )
        return [
            (y, x)
            for y in range(max(0, top), min(self.signal[0], top + self.window[0]))
            for x in range(max(0, left), min(self.signal[1], left + self.window[1]))
        ]


@dataclass(frozen=True)
class Pooled:
    """The greatest entry, or the mean, of each window of a signal; ``kind`` is "max" or "avg"."""

    kind: str
    of: "Tree"
    windows: Windows


@dataclass(frozen=True)
class Routed:
    """Each entry carried back to the entries of its window in the signal: times 1, or what ``slopes`` say.

    ``slopes`` holds, in a row for each window, the derivative by each of the entries below it.
    """

    of: "Tree"
    windows: Windows
    slopes: Union["Slopes", None] = None


@dataclass(frozen=True)
class Beside:
    """Matrices next to each other."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class Below:
    """Matrices one below the other."""

    parts: tuple["Tree", ...]


Leaf = Values | Gradients | Slopes | Constant | Defined
Tree = (
    Leaf
    | Transposed
    | Product
    | Sum
    | Minus
    | Entrywise
    | Times
    | Inverse
    | Root
    | Applied
    | Softmax
    | Masked
    | Padded
    | Dilated
    | Turned
    | Correlated
    | Pooled
    | Routed
    | Beside
    | Below
)


@dataclass(frozen=True)
class ArrayLine:
    """left = right, in symbols, in numbers and the value; ``id`` is its only name.

    ``kind`` says what it is in its block: of many lines of a kind, a handout shows the first. ``in_numbers`` says that
    the right side is printed with its numbers, too; a function's value speaks for itself.
    """

    id: str
    kind: str
    left: Leaf
    right: Tree
    in_numbers: bool = True


def ones(rows: int, columns: int) -> Constant:
    """Return a matrix of ones, as adds up what it is multiplied by."""
    return Constant(ONES, ((Fraction(1),) * columns,) * rows)


def number(value: int | Fraction, sign: str = "") -> Constant:
    """Return a known number; its sign is how it is written."""
    return Constant(sign or str(value), ((Fraction(value),),))


def column(names: Sequence[str]) -> Grid:
    """Return names below each other.

    >>> column("ab")
    (('a',), ('b',))
    """
    return tuple((name,) for name in names)


def row(names: Sequence[str]) -> Grid:
    """Return names beside each other."""
    return (tuple(names),)


def size(leaf: Leaf) -> tuple[int, int] | None:
    """Return how many rows and columns a leaf has; None of what a line defines."""
    match leaf:
        case Defined():
            return None
        case Constant(rows=rows):
            return len(rows), len(rows[0])
        case _:
            return len(leaf.names), len(leaf.names[0])


def transposed(tree: Tree) -> Tree:
    """Return rows as columns; a number is itself."""
    return tree if is_number(tree) else Transposed(tree)


def product(left: Tree, right: Tree) -> Tree:
    """Return the product of two matrices; a number among them is a factor."""
    if is_number(left):
        return Times(left, right)
    return Times(right, left) if is_number(right) else Product(left, right)


def entrywise(left: Tree, right: Tree) -> Tree:
    """Return the product entry by entry, of two numbers the product."""
    return Times(left, right) if is_number(left) else Entrywise(left, right)


def is_number(tree: Tree) -> bool:
    """Whether a leaf, or a leaf transposed, is a single number."""
    return isinstance(tree, Leaf) and size(tree) == (1, 1)


def names_of(grid: Grid) -> list[str]:
    """Return the names row by row."""
    return [name for row in grid for name in row if name]


def leaves(tree: Tree) -> list[Leaf]:
    """Return the leaves in the order in which they are written."""
    if isinstance(tree, Leaf):
        return [tree]
    found: list[Leaf] = []
    for child in children(tree):
        found += leaves(child)
    return found


def children(tree: Tree) -> tuple[Tree, ...]:
    """Return what a tree is directly made of."""
    match tree:
        case Sum(parts) | Beside(parts) | Below(parts):
            return parts
        case Product(left, right) | Minus(left, right) | Entrywise(left, right):
            return left, right
        case Times(factor, of):
            return factor, of
        case Correlated(signal, kernel):
            return signal, kernel
        case Routed(of, slopes=slopes):
            return (of,) if slopes is None else (of, slopes)
        case Values() | Gradients() | Slopes() | Constant() | Defined():
            return ()
        case _:
            return (tree.of,)
