"""Files as they are read everywhere: TOML or JSON, never evaluated, numbers exactly as they are written."""

import json
import os
import re
import tomllib
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, BinaryIO

from derive.checks import MOST_DIGITS, whole
from derive.errors import (
    InputError,
    Message,
    Text,
    UnknownNameError,
    UnsupportedError,
    Whole,
    counted,
    nearest,
    reason,
    shown,
)
from derive.numbers.exact import EXPECTED_SIZE, comma_hint
from derive.reading.reasons import JSON, TOML, said
from derive.writing import content

READY = Path(__file__).parent.parent / "networks"  # what is packaged
PUBLISHED = READY / "published"
WORKSHEET = "worksheet"  # the table that says nothing of the network itself
MAX_PARAMETERS = 10_000
MAX_BYTES = 1_000_000
MOST_BYTES = 1_000_000_000  # that may be asked for: room for all of them is made before the file is read
LONGEST_BASE = 200  # of the 255 bytes that a file's name has on most disks, with room for what is added to it
DEVICE = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9¹²³])(?:\..*)?", re.IGNORECASE)

# Comments, long strings, and names joined by dots. Strings count as read where they are not closed, and nothing
# backtracks, so that looking for the long runs of names takes a time that is linear in the text.
MOST_DOTS = 50
NAME = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"?+|'[^'\n]*+'?+)"""
INNERMOST, COMMENT = re.compile(r"\[([^\[\]]*)"), re.compile(r"#.*")
MIXED = re.compile(r"\d(?:\s*;|\s*,\s|\s,)")  # what parts the numbers of a list that have commas of their own
TWICE = re.compile(r"Cannot declare \('(layer|sample)',\) twice")  # a table of which there are several
MORE = rf"(?:[\ \t]*+\.[\ \t]*+{NAME})"
DOTTED = re.compile(
    r"""\#[^\n]*+ | \"{3}(?:[^"\\] | \\[\s\S] | "{1,2}+(?!"))*+"{0,5}+ | '{3}(?:[^'] | '{1,2}+(?!'))*+'{0,5}+"""
    rf"| (?P<many>{NAME}{MORE}{{{MOST_DOTS},}}+) | {NAME}{MORE}*+",
    re.VERBOSE,
)


def ready_names(folder: Path) -> list[str]:
    """Return the names of the files that are packaged in that folder."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def found_file(source: str | os.PathLike[str], folder: Path, ready: Text) -> Path:
    """Return the path of a file, or the packaged one of that name in the folder; ``ready`` says what such a one is.

    A name without a separator and without an ending is that of a packaged file, in letters of either case: what lies
    beside under such a name is a folder, or a file that could not be read. Raises `InputError` where there is neither.
    """
    if not isinstance(source, str | os.PathLike):
        raise InputError(
            "found {found}; expected the path of a file, or the name of {ready}.", found=shown(source), ready=ready
        )
    name = os.fsdecode(source)
    packaged = {known.casefold(): known for known in ready_names(folder)}.get(name.casefold())
    if packaged:
        return folder / f"{packaged}.toml"
    # os.path's question, unlike Path's, is answered for a name of any length and any characters.
    if not os.path.exists(name):
        raise UnknownNameError(
            "{place}: no such file; give a TOML or JSON file, or {ready} ({names}).{hint}",
            place=shown(name),
            ready=ready,
            names=", ".join(ready_names(folder)),
            hint=nearest(name, ready_names(folder)),
        )
    if not os.path.isfile(name):
        raise InputError("{place}: found a folder or a device; expected a TOML or JSON file.", place=readable(name))
    return Path(name)


def base_name(name: Any, place: Text) -> str:
    """Return a name for files, to which endings are added; raises `InputError` where it leads elsewhere or is none.

    What is a device's name or loses its end on Windows is refused everywhere, so that files can be handed on.

    >>> base_name("two layers (1)", "name")
    'two layers (1)'
    """
    if not isinstance(name, str) or not is_base_name(name):
        raise InputError(
            "{place}: found {found}; expected a file name without folder or extension, such as 'handout': at "
            "most {longest} characters, no dot or space at the end, and not the name of a Windows device, such "
            "as con.",
            place=place,
            found=shown(name),
            longest=LONGEST_BASE,
        )
    return name


def is_base_name(name: str) -> bool:
    """Whether every disk takes a file of that name, with an ending added to it."""
    if not name.isprintable() or len(name.encode()) > LONGEST_BASE:
        return False
    return bool(name) and name[-1] not in ". " and not {"/", "\\"} & set(name) and not DEVICE.fullmatch(name)


def base_of(path: Path) -> str:
    """Return the name for files that are made of that one: its own, where every disk takes it.

    >>> base_of(Path("my net (1).toml")), base_of(Path("con.toml")), base_of(Path("two\\nlines.toml"))
    ('my net (1)', 'con_', 'two_lines')
    """
    name = "".join("_" if sign in "/\\" or not sign.isprintable() else sign for sign in path.stem)
    short = name.encode()[:LONGEST_BASE].decode(errors="ignore").rstrip(". ")
    return f"{short}_" if not short or DEVICE.fullmatch(short) else short


def folder_path(folder: Any) -> Path:
    """Return the path of a folder to write to; raises `InputError` where it is none."""
    path = os.fspath(folder) if isinstance(folder, str | os.PathLike) else None
    if not isinstance(path, str) or "\0" in path:
        raise InputError("folder: found {found}; expected the path of a folder.", found=shown(folder))
    return Path(path)


def readable(name: str) -> str:
    """Return the name as it is, or escaped where it would give commands to a terminal."""
    return name if name.isprintable() else repr(name)


@dataclass(frozen=True)
class Parsed:
    """What a file says, and the text that says it."""

    data: Any
    text: str

    @property
    def of_network(self) -> "Parsed":
        """The same without what it says of its worksheet: what describes the network."""
        if not isinstance(self.data, dict) or WORKSHEET not in self.data:
            return self
        return Parsed({key: value for key, value in self.data.items() if key != WORKSHEET}, self.text)

    @contextmanager
    def with_hint(self) -> Iterator[None]:
        """Add a hint to an error that comes from inside where the text has decimal commas within a list."""
        try:
            yield
        except InputError as error:
            hint = _comma_within_list(self.text)
            if not hint or str(hint) in str(error):
                raise
            raise type(error)("{message}{hint}", message=error.message, hint=hint) from None


def parsed(path: Path, max_bytes: int = MAX_BYTES) -> Parsed:
    """Return what the file says, TOML or JSON by its ending, each number as the Decimal that is written.

    Raises `InputError` for what cannot be read, and `UnsupportedError` for more than ``max_bytes`` bytes.
    """
    most = _most(max_bytes)
    parse = {".toml": _toml, ".json": _json}.get(path.suffix.lower())
    if parse is None:
        raise InputError("unsupported file type {found}; use .toml or .json.", found=shown(path.suffix))
    try:
        found = content(path, most + 1)
    except OSError as error:
        raise InputError("the file cannot be read ({reason}); expected one that can.", reason=reason(error)) from None
    return _parsed(found, parse, most)


def parsed_from(stream: BinaryIO, max_bytes: int = MAX_BYTES) -> Parsed:
    """Return what a stream says, JSON where it begins with a brace and else TOML, as `parsed` does."""
    most = _most(max_bytes)
    try:
        found = stream.read(most + 1)
    except OSError as error:
        raise InputError("it cannot be read ({reason}).", reason=reason(error)) from None
    return _parsed(found, _json if found.removeprefix(BOM_UTF8).lstrip().startswith(b"{") else _toml, most)


def _most(max_bytes: int) -> int:
    return whole(max_bytes, "max_bytes", least=1, most=MOST_BYTES)


def _parsed(found: bytes, parse: Callable[[str], Any], most: int) -> Parsed:
    if len(found) > most:
        raise UnsupportedError(
            "the file has more than {bytes}, which is the limit. Raise it with --max-bytes N, or max_bytes=N in "
            "Python.",
            bytes=counted("{number} byte", "{number} bytes", most),
        )
    try:
        text = found.decode("utf-8-sig")
        return Parsed(parse(text), text)
    except UnicodeDecodeError as error:
        raise InputError(
            "byte {place}: found a byte that is not UTF-8; save the file as UTF-8 text.", place=error.start + 1
        ) from None
    except RecursionError:
        raise InputError("found lists nested too deeply; expected rows of numbers.") from None


def _toml(text: str) -> Any:
    # tomllib's time grows with the square of a dotted key's length, and no key here has a dot.
    if any(run["many"] for run in DOTTED.finditer(text)):
        raise InputError("found more than {most} names joined by dots; expected plain keys.", most=MOST_DOTS)
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        what, place = _toml_mistake(error)
        again = TWICE.match(what)
        if again:
            raise not_a_list(again[1], f"[{again[1]}]").inside(place) from None
        raise InputError(
            "{place}: found text that is not TOML ({reason}).{hint}",
            place=place,
            reason=said(what, TOML),
            hint=_comma_before(text, error),
        ) from None
    except InputError:
        raise
    except ValueError:
        raise _too_long() from None


def not_a_list(key: str, found: Text) -> InputError:
    """Return the error for one table where there is a list of them, each in double brackets."""
    return InputError(
        "{key}: found {found}; expected [[{key}]], in double brackets, for each {what}.",
        key=key,
        found=found,
        what=Message("layer") if key == "layer" else Message("sample"),
    )


def _toml_mistake(error: tomllib.TOMLDecodeError) -> tuple[str, Message]:
    """Return what is wrong, as tomllib says it, and where."""
    what, _, place = str(error).rpartition(" (at ")
    found = re.fullmatch(r"line (\d+), column (\d+)\)", place)
    return what, _in_text(int(found[1]), int(found[2])) if found else Message("end of document")


def _comma_before(text: str, error: tomllib.TOMLDecodeError) -> Text:
    """Return a hint where the line of the mistake has a decimal comma."""
    found = re.search(r"\(at line (\d+),", str(error))
    return _comma_in(text, int(found[1])) if found else ""


def _comma_in(text: str, line: int) -> Text:
    """Return a hint where a line, counted from 1, has a decimal comma; in a list only one before a 0 is sure to be."""
    written = text.split("\n")[line - 1]
    sure = "[" not in written or re.search(r"\d,0\d", written)
    return comma_hint(written) if sure else _comma_within_list(written)


def _comma_within_list(text: str) -> Text:
    """Return a hint where a list has decimal commas: other commas in it have a space beside them, or it has semicolons.

    >>> str(_comma_within_list("inputs = [0,5, 0,1]")), _comma_within_list("inputs = [0, 5] # [1,2, 3]")
    (' Write a decimal comma as a point: 0.5.', '')
    """
    lists = INNERMOST.findall(COMMENT.sub("", text))
    hints = (comma_hint(inside) for inside in lists if MIXED.search(inside))
    return next((hint for hint in hints if hint), "")


def _in_text(line: int, column: int) -> Message:
    return Message("line {line}, column {column}", {"line": line, "column": column})


def _too_long() -> InputError:
    return InputError(
        "found a whole number that is too long; expected numbers of at most {most} digits.", most=Whole(MOST_DIGITS)
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_float=_decimal, parse_constant=Decimal, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        place = _in_text(error.lineno, error.colno)
        raise InputError(
            "{place}: found text that is not JSON ({reason}).{hint}",
            place=place,
            reason=said(error.msg, JSON),
            hint=_comma_in(text, error.lineno),
        ) from None
    except InputError:
        raise
    except ValueError:
        raise _too_long() from None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text.replace("_", ""))
    except InvalidOperation:  # an exponent beyond what a Decimal holds
        raise InputError(
            "found the number {found}; expected {expected}.", found=shown(text), expected=EXPECTED_SIZE
        ) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name in counts if counts[name] > 1)
        raise InputError("{key}: this key appears twice; keep one of them.", key=shown(twice))
    return found


@contextmanager
def placed(place: Text, separator: str = ": ") -> Iterator[None]:
    """Put the place before the message of an error that comes from inside.

    A ``separator`` other than a colon stands between two places: a message that names none has the colon.
    """
    try:
        yield
    except InputError as error:
        names_no_place = error.message.text.startswith("found ")
        raise error.inside(place, ": " if names_no_place else separator) from None
