"""Arrays of quantities as tables and as what is given: rows and columns under the sign of the array."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from derive.computation.equations import Computation
from derive.computation.groups import Tensor
from derive.lines.arrays.printed import ArrayLines
from derive.lines.arrays.signs import gradient_sign, sign, stem_and_rest
from derive.lines.arrays.trees import Grid, Values
from derive.notation import Latex
from derive.notation.display import visible_width

BETWEEN = r" \qquad "
BETWEEN_WIDTH = 5
MOST_BESIDE = 4  # numbers that stand beside the arrays; more stand in a table
MOST_SLICES = 2  # matrices of an array of more dimensions that are shown


@dataclass(frozen=True)
class ArrayTable:
    """An array of two dimensions or more: its sign, the index of each row, and its names row by row, "" for none.

    ``gradient`` is the sign of the partials by its quantities.
    """

    sign: Latex
    gradient: Latex
    labels: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ArrayEntryView:
    """An entry of an array that shows how entries are called: the array by its sign, and where the entry stands."""

    sign: Latex
    name: str
    row: int
    column: int


@dataclass(frozen=True)
class GivenView:
    """Values that are given: ``displays`` of arrays, and ``scalars``, the names of the others.

    ``slices`` says that of an array of more dimensions only the first matrices are shown, ``is_cut`` that a matrix is
    cut; ``has_vectors`` that some array is a vector, ``drops_index`` that one of more dimensions has only one row, one
    column or the like. ``entry`` is one of a matrix, or of a vector, None for no array.
    """

    displays: tuple[Latex, ...]
    scalars: tuple[str, ...]
    slices: bool = False
    is_cut: bool = False
    has_vectors: bool = False
    drops_index: bool = False
    entry: ArrayEntryView | None = None


def array_table(array: Tensor, units: Mapping[str, str]) -> ArrayTable | None:
    """Return an array as a table; None for a vector, and for one whose quantities have no letter in common.

    ``units`` are those whose nets have partials with a name of their own.
    """
    shape = tuple(size for size in array.shape[:-1] if size > 1)
    names = tuple(name for name in array.names if name)
    if not shape or array.shape[-1] == 1 or not stem_and_rest(names)[0]:
        return None
    rows = tuple(array.rows())
    labels = tuple(",".join(str(each + 1) for each in index) for index in product(*map(range, shape)))
    gradient = gradient_sign(rows, [units[name] for name in names if name in units])
    return ArrayTable(Latex(sign(rows)), Latex(gradient), labels, rows)


def given_arrays(computation: Computation, lines: ArrayLines, names: Collection[str]) -> GivenView:
    """Return those of the names that stand in arrays as these, and the others."""
    arrays = list(_arrays(computation, names))
    written, slices = [], False
    for array in arrays:
        grids = list(_grids(array))
        slices |= len(grids) > MOST_SLICES
        written += [lines.given(Values(sign(grid), grid)) for grid in grids[:MOST_SLICES]]
    known = {name for array in arrays for name in array.names}
    scalars = tuple(name for name in names if name not in known)
    if written and len(scalars) <= MOST_BESIDE:
        written += [lines.given(Values(sign(((name,),)), ((name,),))) for name in scalars]
        scalars = ()
    return GivenView(
        tuple(_packed(written, lines.formulas.width)),
        scalars,
        slices,
        any(r"\vdots" in each or r"\cdots &" in each for each in written),
        any(_is_vector(array) for array in arrays),
        any(not _is_vector(array) and 1 in array.shape for array in arrays),
        next(iter(sorted(filter(None, map(_entry, arrays)), key=lambda each: each.column == 0)), None),
    )


def _arrays(computation: Computation, names: Collection[str]) -> Iterator[Tensor]:
    """Yield the arrays of the blocks whose quantities are all among the names, each quantity once."""
    left = set(names)
    for group in computation.groups:
        for array in (*group.inputs, *group.weights.values()):
            if len(array.names) > 1 and left.issuperset(array.names):
                left -= set(array.names)
                yield array


def _is_vector(array: Tensor) -> bool:
    return len(array.shape) == 1


def _grids(array: Tensor) -> Iterator[Grid]:
    """Yield an array as a column, as a matrix, or as one matrix for each of its first indexes."""
    if _is_vector(array):
        yield tuple((name,) for name in array.names)
        return
    rows = array.rows()
    height = array.shape[-2]
    for start in range(0, prod(array.shape[:-1]), height):
        yield tuple(rows[start : start + height])


def _entry(array: Tensor) -> ArrayEntryView | None:
    """Return an entry that shows how those of the array are called."""
    stem, indexes = stem_and_rest(array.names)
    if not stem:
        return None
    (grid, *others), width = _grids(array), array.shape[-1]
    if len(indexes[0]) == 1:
        return ArrayEntryView(Latex(sign(grid)), array.names[1], 2, 0)
    if others or len(indexes[0]) > 2 or width == 1:
        return None
    return ArrayEntryView(Latex(sign(grid)), array.names[1], 1, 2)


def _packed(written: Sequence[Latex], width: int) -> Iterator[Latex]:
    """Yield arrays side by side as far as a line has room."""
    line: list[Latex] = []
    taken = 0.0
    for each in written:
        wide = visible_width(each) + BETWEEN_WIDTH
        if line and taken + wide > width:
            yield Latex(BETWEEN.join(line))
            line, taken = [], 0.0
        line.append(each)
        taken += wide
    if line:
        yield Latex(BETWEEN.join(line))
