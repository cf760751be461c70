"""The user's own names for things: what a name may look like, and that each stands for one thing."""

import re
from collections.abc import Iterable
from typing import Any, TypeVar

from derive.errors import InputError, Message, Text, nearest, shown
from derive.exact import numbered, sequence

LONGEST_NAME = 30
MOST_SHOWN = 12  # of the names that a message lists
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
T = TypeVar("T")


def own_name(name: Any, place: Text) -> str:
    """Return the name; raises `InputError` where it is none.

    >>> own_name("w14", "weight_names")
    'w14'
    """
    if not isinstance(name, str) or len(name) > LONGEST_NAME or not NAME.fullmatch(name):
        raise InputError(
            "{place}: found {found}; expected a name of at most {longest} letters (a to z, A to Z), digits and single "
            "underscores that begins with a letter, such as w14 or theta_4.",
            place=place,
            found=shown(name),
            longest=LONGEST_NAME,
        )
    return name


class ByName(dict[str, T]):
    """Things by name; asked for what is not there, it raises `InputError` with the name that is nearest.

    >>> ByName({"w5": 1, "w6": 2})["W5"]
    Traceback (most recent call last):
    derive.errors.InputError: 'W5': found no such name; expected one of w5, w6. Did you mean 'w5'?
    """

    def __getitem__(self, name: Any) -> T:
        if isinstance(name, str) and name in self:
            return super().__getitem__(name)
        raise unknown(name, self)


def unknown(name: Any, known: Iterable[str]) -> InputError:
    """Return the error for a name that is none of those that are known."""
    names = list(known)
    return InputError(
        "{name}: found no such name; expected one of {names}.{hint}",
        name=shown(name),
        names=", ".join(names if len(names) <= MOST_SHOWN else [*names[:MOST_SHOWN], "…"]),
        hint=nearest(name, names),
    )


def own_names(names: Any, size: int, place: Text, each: Message) -> tuple[str, ...]:
    """Return a list of so many names, one for ``each``."""
    found = sequence(names, place, Message("a list of names"))
    if len(found) != size:
        raise InputError(
            "{place}: found {found}; expected {size}, one for each {each}.",
            place=place,
            found=len(found),
            size=size,
            each=each,
        )
    return tuple(own_name(name, numbered(place, number)) for number, name in enumerate(found, start=1))


def check_unique(names: Iterable[tuple[str, Message]]) -> None:
    """Refuse a name that stands for two things; each name comes with what it names."""
    known: dict[str, Message] = {}
    for name, thing in names:
        if name in known:
            raise InputError(
                "names: found {name} for {first} and for {second}; expected a name for each.",
                name=repr(name),
                first=known[name],
                second=thing,
            )
        known[name] = thing
