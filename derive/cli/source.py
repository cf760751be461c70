"""The network that a command is about: a file, a built-in one, or what comes from standard input."""

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from derive.network.network import Network

N = TypeVar("N", bound="Network")
STREAM = "-"


def loaded(network: str, kind: type[N], *, max_bytes: int, max_parameters: int) -> N:
    """Return the network of that file, that built-in one, or for "-" the one on standard input."""
    from derive.reading.network_file import load, load_from

    if network != STREAM:
        return load(network, kind, max_bytes=max_bytes, max_parameters=max_parameters)
    return load_from(io.BytesIO(_input(max_bytes + 1)), kind, max_bytes=max_bytes, max_parameters=max_parameters)


def file_of(network: str) -> Path | None:
    """Return the file that a network is read from, None for standard input."""
    from derive.reading.network_file import network_file

    return None if network == STREAM else network_file(network)


def _input(most: int) -> bytes:
    return b"" if sys.stdin is None else sys.stdin.buffer.read(most)
