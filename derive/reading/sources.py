"""What a file describes, by its keys: a network of layers, or a computation of equations or blocks."""

import os
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, TypeVar

from derive.computation.equations import Computation
from derive.errors import Message, UnsupportedError, Whole
from derive.network.network import Network
from derive.reading.equations_file import computation_of, has_equations
from derive.reading.files import MAX_BYTES, MAX_PARAMETERS, Parsed, parsed, parsed_from, placed, readable
from derive.reading.graph_file import graph_of, has_blocks
from derive.reading.network_file import most_parameters, network_file, network_of

N = TypeVar("N", bound=Network)
C = TypeVar("C", bound=Computation)
# Whether what a file says is a computation of a kind, and what makes one of it; all else is a network.
COMPUTATIONS: Mapping[Callable[[Any], bool], Callable[[Any, Any], Any]] = {
    has_blocks: graph_of,
    has_equations: computation_of,
}


def load(
    source: str | os.PathLike[str],
    network: type[N],
    computation: Callable[..., C],
    *,
    max_bytes: int = MAX_BYTES,
    max_parameters: int = MAX_PARAMETERS,
) -> N | C:
    """Return what a TOML or JSON file describes, or the built-in one of that name, as one of these kinds.

    Numbers are read exactly. Raises `InputError` for whatever is wrong with the file, and `UnsupportedError` for a file
    of more than ``max_bytes`` bytes or one with more than ``max_parameters`` weights and biases, or given values.

    >>> from derive.api.computation import Computation
    >>> print(load("circuit", Network, Computation))
    q = x + y
    f = q·z
    """
    most = most_parameters(max_parameters)
    path = network_file(source)
    with placed(readable(path.name)):
        return _of(parsed(path, max_bytes), network, computation, most)


def load_from(
    stream: BinaryIO,
    network: type[N],
    computation: Callable[..., C],
    *,
    max_bytes: int = MAX_BYTES,
    max_parameters: int = MAX_PARAMETERS,
) -> N | C:
    """Return what standard input describes, in JSON where it begins with a brace, else in TOML."""
    most = most_parameters(max_parameters)
    with placed(Message("standard input")):
        return _of(parsed_from(stream, max_bytes), network, computation, most)


def _of(file: Parsed, network: type[N], computation: Callable[..., C], most: int) -> N | C:
    file = file.of_network
    make = next((make for is_one, make in COMPUTATIONS.items() if is_one(file.data)), None)
    if make is None:
        return network_of(file, network, most)
    with file.with_hint():
        found: C = make(file.data, computation)
    size = len(found.values)
    if size > most:
        raise UnsupportedError(
            "found {found} values; the limit is {limit}. Raise it with --max-parameters N, or max_parameters=N in "
            "Python.",
            found=Whole(size),
            limit=Whole(most),
        )
    return found
