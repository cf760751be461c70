"""A line of a handout as data: made once, printed, checked and calculated by all that come after."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sympy import Expr, Symbol

from derive.notation.trees import packed, unpacked
from derive.numbers.decimals import Rounded


@dataclass(frozen=True)
class Line:
    """name = right₁ = right₂ … = the last one with numbers = value.

    ``id`` is its only name, in text, anchors and notebooks; "" where nothing refers to it. ``name`` is the quantity
    that the line defines, ``left`` how it is written, where that is not the name alone. ``right`` are the right sides
    in symbols, ``filled`` the one whose names are printed as numbers: None where a line shows no numbers. ``is_late``
    says that partials and parameters stand for those with which sequential updates go on, ``parameter`` that names are
    those of the optimizer's step for this parameter.

    The numbers are there once `derive.lines.filling` has put them in: ``printed`` by the names in ``filled``,
    ``is_exact`` whether all of them are, ``value`` what is printed behind them, ``is_marked`` whether the printed
    numbers give it otherwise.
    """

    id: str
    name: Symbol
    right: tuple[Expr, ...] = ()
    filled: Expr | None = None
    left: tuple[Expr, ...] = ()
    is_late: bool = False
    parameter: str = ""
    printed: tuple[tuple[str, Rounded], ...] = ()
    is_exact: bool = True
    value: Rounded | None = None
    is_marked: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        trees = {name: tuple(map(packed, values[name])) for name in ("right", "left")}
        filled = None if self.filled is None else packed(self.filled)
        return _unpacked, ({**values, **trees, "filled": filled},)

    @property
    def defined(self) -> tuple[Expr, ...]:
        """What stands to the left of the first relation, each of the trees equal to the next."""
        return self.left or (self.name,)

    @property
    def trees(self) -> tuple[Expr, ...]:
        """Every right side, also the one with numbers where it is another; the name is equal to each."""
        is_last = self.filled is None or (self.right and self.filled is self.right[-1])
        return self.right if is_last else (*self.right, self.filled)


def _unpacked(values: Mapping[str, Any]) -> Line:
    trees = {name: tuple(map(unpacked, values[name])) for name in ("right", "left")}
    return Line(**{**values, **trees, "filled": unpacked(values["filled"])})
