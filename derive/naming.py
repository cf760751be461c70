"""The user's own names for things: what a name may look like, and that each stands for one thing."""

import re
from collections.abc import Iterable
from typing import Any

from derive.errors import InputError, shown
from derive.exact import sequence

LONGEST_NAME = 30
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
EXPECTED_NAME = (
    f"expected a name of at most {LONGEST_NAME} letters (a to z, A to Z), digits and single underscores that begins "
    "with a letter, such as w14 or theta_4."
)


def own_name(name: Any, place: str) -> str:
    """Return the name; raises `InputError` where it is none.

    >>> own_name("w14", "weight_names")
    'w14'
    """
    if not isinstance(name, str) or len(name) > LONGEST_NAME or not NAME.fullmatch(name):
        raise InputError(f"{place}: found {shown(name)}; {EXPECTED_NAME}")
    return name


def own_names(names: Any, size: int, place: str, each: str) -> tuple[str, ...]:
    """Return a list of so many names, one for ``each``."""
    found = sequence(names, place, "a list of names")
    if len(found) != size:
        raise InputError(f"{place}: found {len(found)}; expected {size}, one for each {each}.")
    return tuple(own_name(name, f"{place}, number {number}") for number, name in enumerate(found, start=1))


def check_unique(names: Iterable[tuple[str, str]]) -> None:
    """Refuse a name that stands for two things; each name comes with what it names."""
    known: dict[str, str] = {}
    for name, thing in names:
        if name in known:
            raise InputError(f"names: found {name!r} for {known[name]} and for {thing}; expected a name for each.")
        known[name] = thing
