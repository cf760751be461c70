"""``derive new``, ``template`` and ``networks``: files to start from."""

import os
from collections.abc import Iterable
from pathlib import Path

import click

from derive.cli.help import N_
from derive.cli.options import LANGUAGE
from derive.errors import InputError, Message
from derive.language.language import Language
from derive.reading.files import readable
from derive.writing import NotWritten, write_new


@click.command(help=N_("Write a commented network FILE (TOML) to start from."))
@click.argument("file", type=click.Path(path_type=Path), metavar=N_("FILE"))
@LANGUAGE
def new(file: Path, language: Language) -> None:
    """Write the commented example, never over another file."""
    from derive.reading.network_file import example

    if file.suffix.lower() != ".toml":
        raise InputError("{file}: found the ending {found}; expected .toml.", file=file, found=repr(file.suffix))
    if os.path.lexists(file):
        raise InputError("{file}: exists already; name another file, this one is left as it is.", file=file)
    try:
        wrote(language, write_new({file: example().encode()}))
    except NotWritten as failed:
        raise InputError(
            "{file}: cannot be written ({reason}); name another place.", file=failed.path, reason=failed.reason
        ) from None


@click.command(
    help=N_(
        "Copy the templates of the handout into FOLDER, to change them there and give them to derive handout "
        "--template FOLDER.\n\n"
        "article.md.j2 is the handout, and the folder article holds its sentences, a file a section; page.html.j2 is "
        "the page of the HTML and of the PDF, with the styles style.css and print.css; document.tex.j2 is the LaTeX "
        "document. A file that is missing from FOLDER is taken from derive: keep only what you change.\n\n"
        "With --language, the sentences are written in that language; give derive handout the same language."
    )
)
@click.argument("folder", metavar=N_("FOLDER"))
@click.option("--force", is_flag=True, help=N_("Replace templates that are in FOLDER already."))
@LANGUAGE
def template(folder: str, force: bool, language: Language) -> None:
    """Copy the shipped templates, over other files only where that is asked for."""
    from derive.language.own_templates import copy_to

    wrote(language, copy_to(folder, language, replace=force))


@click.command(help=N_("List the ready networks."))
@LANGUAGE
def networks(language: Language) -> None:
    """List the ready networks with a sentence on each."""
    from derive.reading.network_file import ready_networks

    for name, sentence in ready_networks().items():
        click.echo(f"{name}: {language.say(Message(sentence))}")


def wrote(spoken: Language, paths: Iterable[Path]) -> None:
    """Say which files were written."""
    for path in paths:
        click.echo(spoken.say(Message("wrote {path}", {"path": readable(str(path))})))
