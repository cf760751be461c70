"""The network that a command is about: a file, a built-in one, or what comes from standard input."""

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from derive.errors import InputError
from derive.reading.files import READY, ready_names

if TYPE_CHECKING:
    from derive.api.computation import Computation
    from derive.computation.plan import Plan
    from derive.evaluation.evaluation import Evaluation
    from derive.network.network import Network

N = TypeVar("N", bound="Network")
STREAM = "-"
STANDARD_INPUT = Path("handout.toml")  # what files are called that are made of standard input


def loaded(network: str, kind: type[N], *, max_bytes: int, max_parameters: int) -> N | Any:
    """Return the network of that file, that built-in one, or for "-" the one on standard input.

    What has equations is a `derive.Computation`.
    """
    from derive.reading.sources import load, load_from

    if network != STREAM:
        return load(network, kind, _computation, max_bytes=max_bytes, max_parameters=max_parameters)
    stream = io.BytesIO(_input(max_bytes + 1))
    return load_from(stream, kind, _computation, max_bytes=max_bytes, max_parameters=max_parameters)


def _computation(**parts: Any) -> "Computation":
    """Return a computation as a user holds it; a network of layers is read without derive.api, which loads all."""
    from derive.api.computation import Computation

    return Computation(**parts)


def evaluation_of(given: Any) -> "Evaluation":
    """Return the numbers of a network or of a computation of equations."""
    # Not through derive.api, which loads every stage.
    from derive.evaluation.evaluation import Evaluation
    from derive.network.compile import compiled
    from derive.network.network import Network

    return Evaluation(compiled(given) if isinstance(given, Network) else given, plan_of(given))


def plan_of(given: Any) -> "Plan":
    """Return how a network or a computation of equations makes its updates."""
    from derive.network.compile import plan_of as plan_of_network
    from derive.network.network import Network

    if isinstance(given, Network):
        return plan_of_network(given)
    plan: Plan = given.plan
    return plan


def file_of(network: str) -> Path | None:
    """Return the file that a network is read from, None for standard input."""
    from derive.reading.network_file import network_file

    return None if network == STREAM else network_file(network)


def _input(most: int) -> bytes:
    return b"" if sys.stdin is None else sys.stdin.buffer.read(most)


def network_and(words: tuple[str, ...]) -> tuple[str, str | None]:
    """Return a network and a name, in whichever order they are given; the article's network and no name by default.

    >>> network_and(("w5",)), network_and(("xor",)), network_and(("w5", "my.toml"))
    (('article', 'w5'), ('xor', None), ('my.toml', 'w5'))
    """
    if len(words) > 2:
        raise InputError("found {number} words; expected at most two: a network and a name.", number=len(words))
    if len(words) < 2:
        return (words[0], None) if words and is_network(words[0]) else ("article", words[0] if words else None)
    first, last = words
    return (last, first) if is_network(last) and not is_network(first) else (first, last)


def is_network(word: str) -> bool:
    """Whether a word is the name of a built-in network, or looks like a file's, or standard input."""
    return word == STREAM or word.casefold() in ready_names(READY) or Path(word).suffix.lower() in (".toml", ".json")
