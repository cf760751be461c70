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

from derive.errors import InputError, UnsupportedError, nearest, shown
from derive.exact import EXPECTED_SIZE
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
TOO_LONG = "found a whole number that is too long; expected numbers of at most 1,000 digits."
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
                f"found {network.size:,} weights and biases; the limit is {max_parameters:,}. Raise it with "
                "--max-parameters N, or max_parameters=N in Python."
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
        raise InputError(f"found {shown(source)}; expected the path of a file, or the name of a ready network.")
    name = os.fsdecode(source)
    # os.path's question, unlike Path's, is answered for a name of any length and any characters.
    exists = os.path.exists(name)
    if not exists and name in _ready_names():
        return READY / f"{name}.toml"
    if not exists:
        hint = nearest(name, _ready_names())
        raise InputError(
            f"{shown(name)}: found no such file; expected a TOML or JSON file, or a ready network "
            f"({', '.join(_ready_names())}).{hint}"
        )
    if not os.path.isfile(name):
        raise InputError(f"{_readable(name)}: found a folder or a device; expected a TOML or JSON file.")
    return Path(name)


def _readable(name: str) -> str:
    """Return the name as it is, or escaped where it would give commands to a terminal."""
    return name if name.isprintable() else repr(name)


def _parsed(path: Path, max_bytes: int) -> Any:
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


def _network(data: Any) -> Network:
    table = _table(data, NETWORK_KEYS, "the file")
    layers = _tables(table, "layer", _layer)
    samples = _tables(table, "sample", _sample)
    rest = {key: table[key] for key in PLAIN_KEYS if key in table}
    if "optimizer" in table:
        with _placed("optimizer", ", "):
            rest["optimizer"] = _optimizer(table["optimizer"])
    if "training" in table:
        with _placed("training", ", "):
            rest |= _table(table["training"], TRAINING_KEYS, "it")
    return Network(layers=layers, samples=samples, **rest)


def _optimizer(found: Any) -> Optimizer:
    return Optimizer(found) if isinstance(found, str) else Optimizer(**_table(found, OPTIMIZER_KEYS, "it"))


def _layer(table: Mapping[str, Any]) -> Layer:
    _required(table, LAYER_KEYS, ("weights",))
    return Layer(**table)


def _sample(table: Mapping[str, Any]) -> Sample:
    _required(table, SAMPLE_KEYS, ("inputs", "targets"))
    return Sample(**table)


def _tables(table: Mapping[str, Any], key: str, make: Callable[[Mapping[str, Any]], Any]) -> tuple[Any, ...]:
    found = table.get(key, [])
    if not isinstance(found, list):
        raise InputError(f"{key}: found {shown(found)}; expected [[{key}]], in double brackets, for each {key}.")
    made = []
    for number, entry in enumerate(found, start=1):
        with _placed(f"{key} {number}", ", "):
            made.append(make(entry))
    return tuple(made)


def _table(data: Any, keys: tuple[str, ...], what: str) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise InputError(f"found {shown(data)}; expected {what} to be a table with the keys {', '.join(keys)}.")
    for key in data:
        if key not in keys:
            raise InputError(f"found the unknown key {shown(key)}; expected {', '.join(keys)}.{nearest(key, keys)}")
    return data


def _required(data: Any, keys: tuple[str, ...], required: tuple[str, ...]) -> None:
    table = _table(data, keys, "it")
    for key in required:
        if key not in table:
            raise InputError(f"{key}: found nothing; expected {key} = [...].")


@contextmanager
def _placed(place: str, separator: str = ": ") -> Iterator[None]:
    """Put the place before the message of an error that comes from inside."""
    try:
        yield
    except InputError as error:
        raise type(error)(f"{place}{separator}{error}") from None
