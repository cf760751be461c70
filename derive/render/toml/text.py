"""A TOML file as text: tables, lists, strings and numbers, and a mark where a number may change later."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from derive.numbers.given import Given

MARK = "\0"  # on both sides of an id; in a string it would be escaped
LONGEST_LINE = 100
Key = tuple[str, int]
Piece = str | list[str]
Table = Mapping[str, Any]


class Unwritable(Exception):
    """No file says this."""


@dataclass(frozen=True)
class Document:
    """A file: its keys above the first table, and its tables with their headings, such as ``[[layer]]``."""

    top: Table
    tables: list[tuple[str, Table]] = field(default_factory=list)


def decimal(value: Fraction) -> str:
    """Return a number as it is read again: a decimal, or a fraction where it has no end.

    >>> decimal(Fraction(-1, 8)), decimal(Fraction(1, 3))
    ('-0.125', '1/3')
    """
    rest, decimals = value.denominator, 0
    while rest % 2 == 0 or rest % 5 == 0:
        rest = rest // 10 if rest % 10 == 0 else rest // 2 if rest % 2 == 0 else rest // 5
        decimals += 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    while value.denominator != 1 and (value * 10 ** (decimals - 1)).denominator == 1:
        decimals -= 1
    digits = str(abs(value.numerator) * 10**decimals // value.denominator).rjust(decimals + 1, "0")
    whole = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"-{whole}" if value < 0 else whole


def written(document: Document, ids: Mapping[Key, str]) -> str:
    """Return the text of the file; a number whose key is among the ids is its id between two marks.

    Raises `Unwritable` for a number whose decimals have no end, as a file has no fractions.
    """
    parts = ["\n".join(_lines(document.top, ids)), *_tables(document.tables, ids)]
    return "\n\n".join(part for part in parts if part) + "\n"


def pieces(text: str) -> list[Piece]:
    """Return the text in pieces, each id in a list of its own.

    >>> pieces("a = \\0w1\\0")
    ['a = ', ['w1']]
    """
    parts = enumerate(text.split(MARK))
    return [[part] if number % 2 else part for number, part in parts if part]


def filled(found: Iterable[Piece], texts: Mapping[str, str]) -> str:
    """Return the file with these texts of numbers in it, by id."""
    return "".join(piece if isinstance(piece, str) else texts[piece[0]] for piece in found)


def _tables(tables: Iterable[tuple[str, Table]], ids: Mapping[Key, str]) -> Iterator[str]:
    for heading, table in tables:
        yield "\n".join([heading, *_lines(table, ids)])


def _lines(table: Table, ids: Mapping[Key, str]) -> Iterator[str]:
    for key, value in table.items():
        yield f"{_key(key)} = {_value(value, ids)}"


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "a").isalnum() else _string(key)


def _value(value: Any, ids: Mapping[Key, str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping):
        return f"{{ {', '.join(_lines(value, ids))} }}"
    if isinstance(value, list | tuple):
        return _list([_value(each, ids) for each in value])
    return _number(Fraction(value) if isinstance(value, int) else value, ids)


def _list(parts: list[str]) -> str:
    """Return a list in one line, or its lists below each other where the line would be long."""
    line = f"[{', '.join(parts)}]"
    if len(line) <= LONGEST_LINE or not parts[0].startswith("["):
        return line
    return "\n".join(["[", *(f"  {part}," for part in parts), "]"])


def _string(text: str) -> str:
    # JSON's escapes are TOML's, which wants one more sign escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _number(value: Fraction, ids: Mapping[Key, str]) -> str:
    text = decimal(value)
    if "/" in text:
        raise Unwritable(text)
    return f"{MARK}{ids[value.key]}{MARK}" if isinstance(value, Given) and value.key in ids else text
