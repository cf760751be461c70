"""``derive schema``: the JSON Schema of a file format, for editors and programs."""

import json

import click

from derive.checks import one_of
from derive.cli.help import N_
from derive.cli.options import LANGUAGE
from derive.language.language import Language

FORMATS = ("network", "published", "handout", "check", "train")


@click.command(
    help=N_(
        "Print the JSON Schema of a file format, with which an editor completes and checks a file.\n\n"
        "network: network files; published: published numbers; handout: a handout as JSON; check, train: what these "
        "commands print with --json."
    )
)
@click.argument(
    "file_format",
    metavar="|".join(FORMATS),
    shell_complete=lambda context, parameter, begun: [word for word in FORMATS if word.startswith(begun)],
)
@LANGUAGE
def schema(file_format: str, language: Language) -> None:
    """Print the schema as JSON, in ASCII, which no console spells in another way."""
    from derive.render.schema import SCHEMAS

    click.echo(json.dumps(SCHEMAS[one_of(file_format, SCHEMAS, "format")](), indent=1))
