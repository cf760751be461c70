"""Files as they are read everywhere: TOML or JSON, never evaluated, numbers exactly as they are written."""

import json
import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from derive.errors import InputError, UnsupportedError, nearest, shown
from derive.exact import EXPECTED_SIZE

MAX_BYTES = 1_000_000

# Comments, long strings, and names joined by dots. Strings count as read where they are not closed, and nothing
# backtracks, so that looking for the long runs of names takes a time that is linear in the text.
MOST_DOTS = 50
NAME = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"?+|'[^'\n]*+'?+)"""
MORE = rf"(?:[\ \t]*+\.[\ \t]*+{NAME})"
DOTTED = re.compile(
    r"""\#[^\n]*+ | \"{3}(?:[^"\\] | \\[\s\S] | "{1,2}+(?!"))*+"{0,5}+ | '{3}(?:[^'] | '{1,2}+(?!'))*+'{0,5}+"""
    rf"| (?P<many>{NAME}{MORE}{{{MOST_DOTS},}}+) | {NAME}{MORE}*+",
    re.VERBOSE,
)
TOO_LONG = "found a whole number that is too long; expected numbers of at most 1,000 digits."


def ready_names(folder: Path) -> list[str]:
    """Return the names of the files that are packaged in that folder."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def found_file(source: str | os.PathLike[str], folder: Path, ready: str) -> Path:
    """Return the path of a file, or the packaged one of that name in the folder; ``ready`` says what such a one is.

    Raises `InputError` where there is neither.
    """
    if not isinstance(source, str | os.PathLike):
        raise InputError(f"found {shown(source)}; expected the path of a file, or the name of {ready}.")
    name = os.fsdecode(source)
    # os.path's question, unlike Path's, is answered for a name of any length and any characters.
    exists = os.path.exists(name)
    if not exists and name in ready_names(folder):
        return folder / f"{name}.toml"
    if not exists:
        hint = nearest(name, ready_names(folder))
        raise InputError(
            f"{shown(name)}: found no such file; expected a TOML or JSON file, or {ready} "
            f"({', '.join(ready_names(folder))}).{hint}"
        )
    if not os.path.isfile(name):
        raise InputError(f"{readable(name)}: found a folder or a device; expected a TOML or JSON file.")
    return Path(name)


def readable(name: str) -> str:
    """Return the name as it is, or escaped where it would give commands to a terminal."""
    return name if name.isprintable() else repr(name)


def parsed(path: Path, max_bytes: int = MAX_BYTES) -> Any:
    """Return what the file says, TOML or JSON by its ending, each number as the Decimal that is written.

    Raises `InputError` for what cannot be read, and `UnsupportedError` for more than ``max_bytes`` bytes.
    """
    parse = {".toml": _toml, ".json": _json}.get(path.suffix.lower())
    if parse is None:
        raise InputError(f"found the ending {shown(path.suffix)}; expected .toml or .json.")
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise InputError(f"found a file that cannot be read ({error.strerror}); expected one that can.") from None
    if len(content) > max_bytes:
        raise UnsupportedError(
            f"found more than {max_bytes:,} bytes, which is the limit. Raise it with --max-bytes N, or max_bytes=N in "
            "Python."
        )
    try:
        return parse(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"byte {error.start + 1}: found a byte that is no UTF-8; expected UTF-8 text.") from None
    except RecursionError:
        raise InputError("found lists nested too deeply; expected rows of numbers.") from None


def _toml(text: str) -> Any:
    # tomllib's time grows with the square of a dotted key's length, and no key here has a dot.
    if any(run["many"] for run in DOTTED.finditer(text)):
        raise InputError(f"found more than {MOST_DOTS} names joined by dots; expected plain keys.")
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).rpartition(" (at ")
        reason = what if len(what) <= 80 else f"{what[:77]}..."
        raise InputError(f"{place.removesuffix(')')}: found text that is not TOML ({reason}).") from None
    except ValueError:
        raise InputError(TOO_LONG) from None


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_float=_decimal, parse_constant=Decimal, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise InputError(
            f"line {error.lineno}, column {error.colno}: found text that is not JSON ({error.msg})."
        ) from None
    except ValueError:
        raise InputError(TOO_LONG) from None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text.replace("_", ""))
    except InvalidOperation:  # an exponent beyond what a Decimal holds
        raise InputError(f"found the number {shown(text)}; {EXPECTED_SIZE}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name in counts if counts[name] > 1)
        raise InputError(f"{shown(twice)}: found twice; expected each key once.")
    return found


@contextmanager
def placed(place: str, separator: str = ": ") -> Iterator[None]:
    """Put the place before the message of an error that comes from inside."""
    try:
        yield
    except InputError as error:
        raise type(error)(f"{place}{separator}{error}") from None
