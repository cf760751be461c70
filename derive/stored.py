"""What copies and pickles of a frozen class hold."""

from dataclasses import dataclass, fields
from typing import Any

import attrs
from sympy import Basic, Expr


@dataclass(frozen=True)
class Tree:
    """An unevaluated SymPy tree as it is stored: SymPy itself would evaluate it where it is read again."""

    kind: type[Basic]
    parts: "tuple[Tree | Basic, ...]"

    @property
    def whole(self) -> Basic:
        """The tree as it was."""
        parts = [part.whole if isinstance(part, Tree) else part for part in self.parts]
        return self.kind(*parts, evaluate=False) if issubclass(self.kind, Expr) else self.kind(*parts)


def _packed(value: Any) -> Any:
    return Tree(value.func, tuple(map(_packed, value.args))) if isinstance(value, Basic) and value.args else value


def _fields(kind: type) -> list[str]:
    """Return the names of the fields of a dataclass or of a class of attrs."""
    return [field.name for field in (attrs.fields(kind) if attrs.has(kind) else fields(kind))]


class Stored:
    """Made part of a frozen class: its copies and pickles hold its fields, and nothing that was made from them.

    What it keeps from earlier questions may be large, or hold flint's numbers, which cannot be stored; all of it is
    made anew when someone asks.
    """

    def __getstate__(self) -> dict[str, Any]:
        return {name: _packed(getattr(self, name)) for name in _fields(type(self))}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({name: value.whole if isinstance(value, Tree) else value for name, value in state.items()})
