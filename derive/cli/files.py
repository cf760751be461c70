"""``derive new``, ``template`` and ``networks``: files to start from."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

import click

from derive.cli.help import N_
from derive.cli.options import JSON, LANGUAGE
from derive.errors import InputError, Message
from derive.language.language import Language
from derive.reading.files import readable
from derive.writing import NotWritten, write_new

NETWORKS_FORMAT = "derive-networks/1"


@click.command(help=N_("Write a starter FILE (TOML) with comments, for a network or another computation."))
@click.argument("file", type=click.Path(path_type=Path), metavar=N_("FILE"))
@click.option(
    "--kind",
    metavar="layers|equations|blocks",
    default="layers",
    show_default=True,
    help=N_("A network of layers, equations of your own, or blocks such as conv2d, lstm and attention."),
)
@LANGUAGE
def new(file: Path, kind: str, language: Language) -> None:
    """Write the commented example, never over another file."""
    from derive.reading.network_file import example

    if file.suffix.lower() != ".toml":
        raise InputError("{file}: unsupported file type {found}; use .toml.", file=file, found=repr(file.suffix))
    if os.path.lexists(file):
        raise InputError("{file}: already exists and was not changed; choose another name.", file=file)
    text = example(language.code, kind)
    try:
        wrote(language, write_new({file: text.encode()}))
    except NotWritten as failed:
        raise InputError(
            "{file}: cannot be written ({reason}); choose another place.", file=failed.path, reason=failed.reason
        ) from None


@click.command(
    help=N_(
        "Copy the handout templates into FOLDER so that you can edit them and use them with derive handout "
        "--template FOLDER.\n\n"
        "article.md.j2 is the handout, and the folder article has its text, one file per section; page.html.j2 "
        "is the page for HTML and PDF, with the styles style.css and print.css; document.tex.j2 is the LaTeX "
        "document. Files you delete fall back to the built-in ones, so keep only what you change.\n\n"
        "With --language, the text is in that language; give derive handout the same language."
    )
)
@click.argument("folder", metavar=N_("FOLDER"))
@click.option("--force", is_flag=True, help=N_("Replace templates that are already in FOLDER."))
@LANGUAGE
def template(folder: str, force: bool, language: Language) -> None:
    """Copy the shipped templates, over other files only where that is asked for."""
    from derive.language.own_templates import copy_to

    wrote(language, copy_to(folder, language, replace=force))


@click.command(help=N_("List the built-in networks."))
@JSON
@LANGUAGE
def networks(as_json: bool, language: Language) -> None:
    """List the built-in networks with a sentence on each."""
    from derive.reading.network_file import ready_networks

    said = {name: language.say(Message(sentence)) for name, sentence in ready_networks().items()}
    if as_json:
        click.echo(json.dumps({"format": NETWORKS_FORMAT, "networks": said}, ensure_ascii=False, indent=1))
        return
    for name, sentence in said.items():
        click.echo(f"{name}: {sentence}")


def wrote(spoken: Language, paths: Iterable[Path]) -> None:
    """Say which files were written."""
    for path in paths:
        click.echo(spoken.say(Message("wrote {path}", {"path": readable(str(path))})))
