"""An extractor for Babel (see babel.cfg): the sentence on a ready network is the first comment of its file."""

from collections.abc import Iterator
from typing import Any, BinaryIO


def first_comment(file: BinaryIO, *_: Any, **__: Any) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield the message in the form that Babel asks of an extractor: line, function, text, comments."""
    yield 1, "", file.readline().decode("utf-8").removeprefix("#").strip(), []
