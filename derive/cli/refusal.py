"""What a command that prints JSON says of a mistake: an object with the sentence that stands on standard error, too."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click

from derive.errors import DeriveError
from derive.language.language import Language


@contextmanager
def told_as_json(as_json: bool, kind: str, language: Language) -> Iterator[None]:
    """Print an object of that format with the error that ends the command, where JSON is asked for."""
    try:
        yield
    except DeriveError as error:
        if as_json:
            click.echo(json.dumps({"format": kind, "error": language.say(error.message)}, indent=1))
        raise
