"""Copies and pickles of frozen data, and attrs classes that `dataclasses.replace` takes."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
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

        For properties that read each other or wait for flint's precision: with the locks, two threads could wait for
        each other for ever. Where two threads compute the value at once, the first result is kept for both.
        """

        def __get__(self, instance: Any, owner: type | None = None) -> Any:
            if instance is None:
                return self
            if self.attrname not in instance.__dict__:
                return instance.__dict__.setdefault(self.attrname, self.func(instance))
            return instance.__dict__[self.attrname]


T = TypeVar("T")


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python from looking for garbage meanwhile, where very many things are made and all of them are kept.

    It would look at all of them again and again. Where another thread pauses it, too, the first one to end lets it go
    on; then it only takes longer.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def replaceable(kind: type[T]) -> type[T]:
    """Return the attrs class, which `dataclasses.replace`, `fields` and `asdict` then take as a dataclass."""
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
    """An unevaluated SymPy tree as a pickle holds it; SymPy's own pickles are evaluated when they are loaded."""

    kind: type[Basic]
    parts: "tuple[Tree | Basic, ...]"

    @property
    def whole(self) -> Basic:
        """The SymPy tree, unevaluated."""
        parts = [part.whole if isinstance(part, Tree) else part for part in self.parts]
        return self.kind(*parts, evaluate=False) if issubclass(self.kind, Expr) else self.kind(*parts)


def _packed(value: Any) -> Any:
    return Tree(value.func, tuple(map(_packed, value.args))) if isinstance(value, Basic) and value.args else value


def _fields(kind: type) -> list[str]:
    """Return the names of the fields of a dataclass or of a class of attrs."""
    return [field.name for field in (attrs.fields(kind) if attrs.has(kind) else fields(kind))]


class Stored:
    """A mixin for frozen classes: copies and pickles hold the fields alone, and no cached property.

    Cached values may be large, or hold flint's numbers, which cannot be pickled; they are calculated again when needed.
    """

    def __getstate__(self) -> dict[str, Any]:
        return {name: _packed(getattr(self, name)) for name in _fields(type(self))}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({name: value.whole if isinstance(value, Tree) else value for name, value in state.items()})
