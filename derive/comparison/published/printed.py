"""Published numbers as they are printed, from a TOML or JSON file or a mapping of the same shape.

``[values]`` holds numbers of the first sample before any update, ``[sample.2]`` those of the second, ``[after.10]``
numbers after ten updates and ``[after.10.sample.2]`` the same of the second sample. ``source`` says whose they are,
``convention`` which of the conventions of `conventions` the source has.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from derive.checks import MOST_ITERATIONS, check_iterations
from derive.errors import InputError, Message, Text, Whole, nearest, shown
from derive.numbers.exact import EXPECTED_SIZE, LARGEST_EXPONENT, NUMBER, exact, no_number
from derive.reading.files import MAX_BYTES, PUBLISHED, found_file, parsed, placed, readable

SECTIONS = ("source", "convention", "values", "sample", "after")
LONGEST_SOURCE = 200
COUNT = re.compile("[1-9][0-9]{0,8}")  # of a sample, or of updates
NAMES = Message("names and numbers")


@dataclass(frozen=True)
class Printed:
    """A number as it is printed under a name, of one sample (counted from 1) after so many updates."""

    name: str
    number: Decimal
    sample: int = 1
    updates: int = 0

    @property
    def text(self) -> str:
        """The number with the digits that were printed."""
        return str(self.number).lower()

    @property
    def decimals(self) -> int:
        """How many decimals are printed; fewer than 0 where the last digit stands before the point, as in 12e3."""
        return -int(self.number.as_tuple().exponent)

    @cached_property
    def whole(self) -> int:
        """The number in units of its last digit."""
        return int(Fraction(self.number) * Fraction(10) ** self.decimals)

    @cached_property
    def significant(self) -> int:
        """How many digits are printed from the first that is not 0."""
        return len(str(abs(self.whole))) if self.whole else 0

    @property
    def place(self) -> str:
        """Where the number stands in its file, as its messages say it."""
        parts = (["after", str(self.updates)] if self.updates else []) + (
            ["sample", str(self.sample)] if self.sample > 1 else []
        )
        return f"{'.'.join(parts or ['values'])}, {self.name}"


@dataclass(frozen=True)
class Publication:
    """Everything that was published: its source, the conventions that it declares, and the numbers in their order."""

    source: str
    numbers: tuple[Printed, ...]
    conventions: tuple[str, ...] = ()


def read(source: Any, samples: int, *, max_bytes: int = MAX_BYTES) -> tuple[str, Publication]:
    """Return a place to name in messages and what was published: a path, a packaged name or a mapping.

    Raises `InputError` for whatever is wrong with it.
    """
    if isinstance(source, Mapping):
        return "published", _placed_publication("published", source, samples)
    if not isinstance(source, str | os.PathLike):
        raise InputError("published: found {found}; expected a mapping, or the path of a file.", found=shown(source))
    path: Path = found_file(source, PUBLISHED, Message("a built-in file of published numbers"))
    name = readable(path.name)
    with placed(name):
        data = parsed(path, max_bytes).data
    return name, _placed_publication(name, data, samples)


def _placed_publication(name: str, data: Any, samples: int) -> Publication:
    with placed(name):
        return _publication(data, samples)


def _publication(data: Any, samples: int) -> Publication:
    table = _table(data, Message("the file to consist of tables"))
    for key in table:
        if key not in SECTIONS:
            raise InputError(
                "found the unknown section {key}; expected [values], [sample.2], [after.1], source or "
                "convention.{hint}",
                key=shown(key),
                hint=nearest(str(key), SECTIONS),
            )
    numbers = tuple(_sections(table, samples))
    if not numbers:
        raise InputError("found no numbers; expected some, such as out_h1 = 0.593269992 under [values].")
    return Publication(_source(table.get("source", "")), numbers, _conventions(table.get("convention", [])))


def _conventions(found: Any) -> tuple[str, ...]:
    names = [found] if isinstance(found, str) else found
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise InputError(
            "convention: found {found}; expected the name of a convention, or a list of names.", found=shown(found)
        )
    return tuple(names)


def _sections(table: Mapping[str, Any], samples: int) -> Iterator[Printed]:
    """Yield the numbers section by section, in the order of the network's life."""
    yield from _numbers(_table(table.get("values", {}), NAMES, "values"), "values", 1, 0)
    yield from _samples(_table(table.get("sample", {}), "[sample.2]", "sample"), "sample", samples, 0)
    for key, found in _table(table.get("after", {}), "[after.1]", "after").items():
        updates = _count(key, f"after.{key}")
        rows = dict(_table(found, NAMES, f"after.{key}"))
        own = rows.pop("sample") if isinstance(rows.get("sample"), Mapping) else {}
        yield from _numbers(rows, f"after.{key}", 1, updates)
        yield from _samples(own, f"after.{key}.sample", samples, updates)


def _samples(found: Mapping[str, Any], place: str, samples: int, updates: int) -> Iterator[Printed]:
    for key, rows in found.items():
        if not COUNT.fullmatch(str(key)) or int(key) > samples:
            raise InputError(
                "{place}.{key}: there is no such sample; use a number from 1 to {most}.",
                place=place,
                key=key,
                most=samples,
            )
        yield from _numbers(_table(rows, NAMES, f"{place}.{key}"), f"{place}.{key}", int(key), updates)


def _count(key: Any, place: str) -> int:
    if not COUNT.fullmatch(str(key)):
        raise InputError(
            "{place}: found {found} updates; expected a whole number from 1 to {most}. Values before any update "
            "belong under [values].",
            place=place,
            found=shown(key),
            most=Whole(MOST_ITERATIONS),
        )
    return check_iterations(int(key), place, least=1)


def _numbers(rows: Mapping[str, Any], place: str, sample: int, updates: int) -> Iterator[Printed]:
    for name, value in rows.items():
        yield Printed(str(name), _as_printed(value, f"{place}, {name}"), sample, updates)


def _as_printed(value: Any, place: str) -> Decimal:
    """Return the number with its printed digits; a float's are those that Python shows."""
    found = _decimal(value.strip().replace("−", "-")) if isinstance(value, str) else value
    if found is None:
        raise no_number(value, place)
    exact(found, place)
    try:
        number = Decimal(str(found))
    except InvalidOperation:
        raise InputError(
            "{place}: found {found}; expected a decimal number.", place=place, found=shown(value)
        ) from None
    # A zero is of any power of ten for `exact`; here each power is a digit that was printed.
    if abs(number.adjusted()) > LARGEST_EXPONENT:
        raise InputError(
            "{place}: found {found}; expected {expected}.",
            place=place,
            found=shown(str(number)),
            expected=EXPECTED_SIZE,
        )
    return number


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text) if NUMBER.fullmatch(text) else None
    except InvalidOperation:  # an exponent beyond what a Decimal holds
        return None


def _table(found: Any, expected: Text, place: str = "") -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        error = InputError("found {found}; expected {expected}.", found=shown(found), expected=expected)
        raise error.inside(place) if place else error
    return found


def _source(found: Any) -> str:
    if not isinstance(found, str) or not (found.isprintable() and len(found) <= LONGEST_SOURCE):
        raise InputError(
            "source: found {found}; expected one line of at most {most} characters.",
            found=shown(found),
            most=LONGEST_SOURCE,
        )
    return found.strip()
