"""Networks from files: TOML or JSON, or a ready one by its name. Every message says file, place, find and mend."""

import json
import os
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from derive.errors import InputError, Message, Text, UnsupportedError, Whole, counted, nearest, reason, shown
from derive.exact import EXPECTED_SIZE, MOST_DIGITS
from derive.layers import Layer, Sample
from derive.network import Network
from derive.optimizers import OPTIMIZER_KEYS, Optimizer

READY = Path(__file__).parent / "networks"
NEW_NETWORK = Path(__file__).parent / "new_network.toml"
MAX_BYTES = 1_000_000
MAX_PARAMETERS = 10_000

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
PLAIN_KEYS = ("title", "learning_rate", "error", "delta", "reduction", "updates", "error_name", "learning_rate_name")
NETWORK_KEYS = (*PLAIN_KEYS, "optimizer", "training", "sample", "layer")
TRAINING_KEYS = ("iterations", "every")
LAYER_KEYS = tuple(field.name for field in fields(Layer))
SAMPLE_KEYS = tuple(field.name for field in fields(Sample))


def load(
    source: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES, max_parameters: int = MAX_PARAMETERS
) -> Network:
    """Return the network of a TOML or JSON file, or the ready one of that name.

    Numbers are read exactly. Raises `InputError` for whatever is wrong with the file, and `UnsupportedError` for a file
    of more than ``max_bytes`` bytes or a network of more than ``max_parameters`` weights and biases.

    >>> print(load("article"))
    A step by step example: 2-2-2, logistic, half_squared_error
    """
    path = _path(source)
    with _placed(_readable(path.name)):
        network = _network(_parsed(path, max_bytes))
        if network.size > max_parameters:
            raise UnsupportedError(
                "found {found} weights and biases; the limit is {limit}. Raise it with --max-parameters N, or "
                "max_parameters=N in Python.",
                found=Whole(network.size),
                limit=Whole(max_parameters),
            )
    return network


def ready_networks() -> Mapping[str, str]:
    """Return the ready networks: name and a sentence on each.

    >>> "article" in ready_networks()
    True
    """
    return {name: _described(READY / f"{name}.toml") for name in _ready_names()}


def _ready_names() -> list[str]:
    return sorted(path.stem for path in READY.glob("*.toml"))


def _described(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().removeprefix("#").strip()


def example() -> str:
    """Return a commented network file to start from."""
    return NEW_NETWORK.read_text(encoding="utf-8")


def _path(source: str | os.PathLike[str]) -> Path:
    if not isinstance(source, str | os.PathLike):
        raise InputError(
            "found {found}; expected the path of a file, or the name of a ready network.", found=shown(source)
        )
    name = os.fsdecode(source)
    # os.path's question, unlike Path's, is answered for a name of any length and any characters.
    exists = os.path.exists(name)
    if not exists and name in _ready_names():
        return READY / f"{name}.toml"
    if not exists:
        raise InputError(
            "{place}: found no such file; expected a TOML or JSON file, or a ready network ({names}).{hint}",
            place=shown(name),
            names=", ".join(_ready_names()),
            hint=nearest(name, _ready_names()),
        )
    if not os.path.isfile(name):
        raise InputError("{place}: found a folder or a device; expected a TOML or JSON file.", place=_readable(name))
    return Path(name)


def _readable(name: str) -> str:
    """Return the name as it is, or escaped where it would give commands to a terminal."""
    return name if name.isprintable() else repr(name)


def _parsed(path: Path, max_bytes: int) -> Any:
    parse = {".toml": _toml, ".json": _json}.get(path.suffix.lower())
    if parse is None:
        raise InputError("found the ending {found}; expected .toml or .json.", found=shown(path.suffix))
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise InputError(
            "found a file that cannot be read ({reason}); expected one that can.", reason=reason(error)
        ) from None
    if len(content) > max_bytes:
        raise UnsupportedError(
            "found more than {bytes}, which is the limit. Raise it with --max-bytes N, or max_bytes=N in Python.",
            bytes=counted("{number} byte", "{number} bytes", max_bytes),
        )
    try:
        return parse(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(
            "byte {place}: found a byte that is no UTF-8; expected UTF-8 text.", place=error.start + 1
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
        raise InputError("{place}: found text that is not TOML ({reason}).", place=place, reason=what) from None
    except ValueError:
        raise _too_long() from None


def _toml_mistake(error: tomllib.TOMLDecodeError) -> tuple[str, Message]:
    """Return what is wrong, as tomllib says it, and where."""
    what, _, place = str(error).rpartition(" (at ")
    short = what if len(what) <= 80 else f"{what[:77]}..."
    found = re.fullmatch(r"line (\d+), column (\d+)\)", place)
    return short, _in_text(int(found[1]), int(found[2])) if found else Message("end of document")


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
        raise InputError("{place}: found text that is not JSON ({reason}).", place=place, reason=error.msg) from None
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
        raise InputError("{key}: found twice; expected each key once.", key=shown(twice))
    return found


def _network(data: Any) -> Network:
    if not isinstance(data, dict):
        raise InputError(
            "found {found}; expected the file to be a table with the keys {keys}.",
            found=shown(data),
            keys=", ".join(NETWORK_KEYS),
        )
    table = _table(data, NETWORK_KEYS)
    layers = _tables(table, "layer", _layer)
    samples = _tables(table, "sample", _sample)
    rest = {key: table[key] for key in PLAIN_KEYS if key in table}
    if "optimizer" in table:
        with _placed("optimizer", ", "):
            rest["optimizer"] = _optimizer(table["optimizer"])
    if "training" in table:
        with _placed("training", ", "):
            rest |= _table(table["training"], TRAINING_KEYS)
    return Network(layers=layers, samples=samples, **rest)


def _optimizer(found: Any) -> Optimizer:
    return Optimizer(found) if isinstance(found, str) else Optimizer(**_table(found, OPTIMIZER_KEYS))


def _layer(table: Mapping[str, Any]) -> Layer:
    _required(table, LAYER_KEYS, ("weights",))
    return Layer(**table)


def _sample(table: Mapping[str, Any]) -> Sample:
    _required(table, SAMPLE_KEYS, ("inputs", "targets"))
    return Sample(**table)


def _tables(table: Mapping[str, Any], key: str, make: Callable[[Mapping[str, Any]], Any]) -> tuple[Any, ...]:
    found = table.get(key, [])
    if not isinstance(found, list):
        raise InputError(
            "{key}: found {found}; expected [[{key}]], in double brackets, for each {what}.",
            key=key,
            found=shown(found),
            what=Message("layer") if key == "layer" else Message("sample"),
        )
    made = []
    for number, entry in enumerate(found, start=1):
        count = {"number": number}
        place = Message("layer {number}", count) if key == "layer" else Message("sample {number}", count)
        with _placed(place, ", "):
            made.append(make(entry))
    return tuple(made)


def _table(data: Any, keys: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise InputError(
            "found {found}; expected it to be a table with the keys {keys}.", found=shown(data), keys=", ".join(keys)
        )
    for key in data:
        if key not in keys:
            raise InputError(
                "found the unknown key {key}; expected {keys}.{hint}",
                key=shown(key),
                keys=", ".join(keys),
                hint=nearest(key, keys),
            )
    return data


def _required(data: Any, keys: tuple[str, ...], required: tuple[str, ...]) -> None:
    table = _table(data, keys)
    for key in required:
        if key not in table:
            raise InputError("{key}: found nothing; expected {key} = [...].", key=key)


@contextmanager
def _placed(place: Text, separator: str = ": ") -> Iterator[None]:
    """Put the place before the message of an error that comes from inside."""
    try:
        yield
    except InputError as error:
        raise error.inside(place, separator) from None
