r"""How arrays are called in symbols: a bold letter for what its quantities have in common, as 𝐖 for W_1_1, W_1_2, ….

A single quantity keeps its own name. What is laid out anew is written as that of the array that it was, and quantities
that have nothing in common stand in a matrix of names.
"""

from collections.abc import Sequence
from functools import lru_cache

from derive.lines.arrays.trees import Grid
from derive.lines.filled import FIRST_ENTRIES, LAST_ENTRIES, MOST_ENTRIES, matrix_latex
from derive.notation import name_latex, vector_latex
from derive.notation.display import cut
from derive.notation.names import run_latex, spelled

DELTA = "delta"


def bold(name: str) -> str:
    r"""Return the sign of an array of that name.

    >>> bold("W_x"), bold("gamma"), bold("x_hat")
    ('\\mathbf{W}_{x}', '\\boldsymbol{\\gamma}', '\\hat{\\mathbf{x}}')
    """
    spelling = spelled(name)
    letter = vector_latex(spelling.letter)
    below = spelling.index(run_latex)
    return (rf"\hat{{{letter}}}" if spelling.has_hat else letter) + (rf"_{{{below}}}" if below else "")


def sign(grid: Grid) -> str:
    r"""Return the sign of an array of quantities.

    >>> sign((("W_1_1", "W_1_2"), ("W_2_1", "W_2_2"))), sign((("b",),)), sign((("x_1_2",), ("x_2_2",)))
    ('\\mathbf{W}', 'b', '\\mathbf{x}_{:,2}')
    >>> sign((("W_1_1", "W_2_1"), ("W_1_2", "W_2_2"))), sign((("y_1_1",), ("y_1_2",), ("y_2_1",), ("y_2_2",)))
    ('\\mathbf{W}^{\\top}', '\\operatorname{flat}\\left(\\mathbf{y}\\right)')
    """
    names = [name for row in grid for name in row if name]
    if len(names) == 1:
        return name_latex(names[0])
    return _array(grid, names, "") or _matrix(grid, "")


def gradient_sign(grid: Grid, units: Sequence[str] = ()) -> str:
    r"""Return the sign of the gradients of an array: d before its own, 𝛅 for the nets of these units.

    >>> gradient_sign((("W_1", "W_2"),)), gradient_sign((("b",),))
    ('d\\mathbf{W}', 'db')
    >>> gradient_sign((("net_h_1",), ("net_h_2",)), ["h_1", "h_2"])
    '\\boldsymbol{\\delta}_{h}'
    """
    names = [name for row in grid for name in row if name]
    if units and len(units) == len(names):
        if len(units) == 1:
            return name_latex(f"{DELTA}_{units[0]}")
        stem, _ = stem_and_rest(tuple(units))
        if stem:
            return _beside_indexes(bold(f"{DELTA}_{stem}"), _still(tuple(units)))
    if len(names) == 1:
        return f"d{name_latex(names[0])}"
    return _array(grid, names, "d") or _matrix(grid, "d")


def _array(grid: Grid, names: Sequence[str], before: str) -> str:
    """Return the sign of quantities that have a letter in common; "" where they have none."""
    stem, rest = stem_and_rest(tuple(names))
    if not stem:
        return ""
    found = before + _beside_indexes(bold(stem), _still(tuple(names)))
    moving = [place for place in range(len(rest[0])) if len({index[place] for index in rest}) > 1]
    is_vector = min(len(grid), len(grid[0])) == 1
    if is_vector and len(moving) > 1:
        return rf"\operatorname{{flat}}\left({found}\right)"
    if not is_vector and len(moving) == 2 and _is_turned(grid, names, rest, moving):
        return rf"{found}^{{\top}}"
    return found


def _is_turned(grid: Grid, names: Sequence[str], rest: Sequence[tuple[str, ...]], moving: Sequence[int]) -> bool:
    """Whether the first index, which says the row, goes along the rows."""
    index = dict(zip(names, rest, strict=True))
    first = [index[name] for name in grid[0] if name]
    return len(first) > 1 and first[0][moving[0]] != first[1][moving[0]]


def _still(names: tuple[str, ...]) -> list[str]:
    """Return the indexes of which one stays while others change, each change as a colon; [] where none stays."""
    _, rest = stem_and_rest(names)
    fixed = [index[0] if len(set(index)) == 1 else ":" for index in zip(*rest, strict=True)]
    return fixed if any(each != ":" for each in fixed) else []


def _beside_indexes(letter: str, indexes: Sequence[str]) -> str:
    if not indexes:
        return letter
    below = ",".join(indexes)
    return f"{letter[:-1]},{below}}}" if letter.endswith("}") and "_{" in letter else rf"{letter}_{{{below}}}"


@lru_cache(maxsize=4096)
def stem_and_rest(names: tuple[str, ...]) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """Return what names begin with, and the indexes behind it of each; "" where they are not called alike.

    >>> stem_and_rest(("W_x_1_1", "W_x_1_2"))
    ('W_x_1', (('1',), ('2',)))
    """
    words = [name.split("_") for name in names]
    common = 0
    while all(len(each) > common + 1 for each in words) and len({each[common] for each in words}) == 1:
        common += 1
    rest = tuple(tuple(each[common:]) for each in words)
    alike = common and len({len(each) for each in rest}) == 1 and all(w.isdigit() for each in rest for w in each)
    return ("_".join(words[0][:common]), rest) if alike else ("", ())


def _matrix(grid: Grid, before: str) -> str:
    """Return the names in a matrix, of a large one the first and last."""
    rows = cut(grid, MOST_ENTRIES, FIRST_ENTRIES, LAST_ENTRIES)
    columns = cut(range(len(grid[0])), MOST_ENTRIES, FIRST_ENTRIES, LAST_ENTRIES)
    return matrix_latex([[_entry(row, place, before) for place in columns] for row in rows])


def _entry(row: Sequence[str] | None, place: int | None, before: str) -> str:
    if row is None:
        return r"\vdots"
    if place is None:
        return r"\cdots"
    return f"{before}{name_latex(row[place])}" if row[place] else "0"
