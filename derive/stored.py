"""What copies and pickles of frozen data hold, and how the standard library makes changed copies of it."""

from dataclasses import dataclass, fields
from dataclasses import field as dataclass_field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from sympy import Basic, Expr

if TYPE_CHECKING:
    unlocked_property = cached_property
else:

    class unlocked_property(cached_property):
        """`functools.cached_property` without the lock that Python 3.11 holds meanwhile, one for all objects.

        For properties that ask each other, or calculate with balls: with their locks two threads would wait for each
        other. Two that come at once both compute, and the first result stays for all.
        """

        def __get__(self, instance: Any, owner: type | None = None) -> Any:
            if instance is None:
                return self
            if self.attrname not in instance.__dict__:
                return instance.__dict__.setdefault(self.attrname, self.func(instance))
            return instance.__dict__[self.attrname]


T = TypeVar("T")


def replaceable(kind: type[T]) -> type[T]:
    """Let `dataclasses.replace`, `fields` and `asdict` know an attrs class as they know a dataclass."""
    known = {}
    for each in attrs.fields(kind):  # type: ignore[arg-type]
        entry = dataclass_field() if each.default is attrs.NOTHING else dataclass_field(default=each.default)
        known[each.name] = entry
    names = {"__annotations__": dict.fromkeys(known, Any), **known}
    kind.__dataclass_fields__ = fields_of(dataclass(type(kind.__name__, (), names)))  # type: ignore[attr-defined]
    return kind


def fields_of(kind: Any) -> dict[str, Any]:
    """Return the fields of a dataclass by name."""
    return {each.name: each for each in fields(kind)}


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
