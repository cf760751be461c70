"""``derive handout``: writes the handout's files, with ``--watch`` again whenever a source changes."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from derive.cli import progress
from derive.cli.files import wrote
from derive.cli.help import N_
from derive.cli.notes import say_notes
from derive.cli.options import DIGITS, LANGUAGE, NETWORK, ROUNDING, limits, page_options, word
from derive.errors import DeriveError, InputError, Message
from derive.language.language import Language
from derive.reading.files import base_of, readable
from derive.render.formats import FORMATS, OWN, USUAL_FORMATS, format_name, refused
from derive.story.options import DETAILS, FORMS, PDF_VARIANTS


@click.command(help=N_("Write a handout for NETWORK, a TOML or JSON file or a built-in network (default: article)."))
@NETWORK
@click.option(
    "-o",
    "--output",
    "folder",
    default="output",
    metavar=N_("FOLDER"),
    show_default=True,
    help=N_("Output folder."),
)
@word(
    "--format",
    "formats",
    among=OWN,
    offered=FORMATS,
    multiple=True,
    help=N_("Can be repeated. Default: every format except ipynb."),
)
@word(
    "--detail",
    among=DETAILS,
    default="article",
    help=N_("brief: each formula once, values in tables; full: every weight in full."),
)
@word("--form", among=FORMS, default="scalar", help=N_("matrix: one equation per layer."))
@DIGITS
@ROUNDING
@word("--pdf-variant", among=PDF_VARIANTS, help=N_("PDF accessibility standard to follow."))
@page_options
@click.option(
    "--watch", "watched", is_flag=True, help=N_("Rebuild whenever NETWORK or a template changes (stop with Ctrl-C).")
)
@limits
@LANGUAGE
def handout(
    network: str,
    folder: str,
    formats: tuple[str, ...],
    detail: str,
    form: str,
    digits: int,
    rounding: str,
    pdf_variant: str | None,
    watched: bool,
    max_bytes: int,
    max_parameters: int,
    language: Language,
    **page: Any,
) -> None:
    """Write a handout's files and say where they are."""
    from derive.api.network import load
    from derive.reading.network_file import network_file

    wanted = tuple(map(format_name, formats)) or USUAL_FORMATS
    for message in refused() if formats else ():
        click.echo(f"derive: {language.say(message)}", err=True)

    def write() -> None:
        source = network_file(network)
        _keep(source, folder, wanted)
        loaded = load(network, max_bytes=max_bytes, max_parameters=max_parameters)
        say_notes(loaded, language)
        document = loaded.derive().handout(
            detail=detail, digits=digits, form=form, rounding=rounding, language=language.code, **page
        )
        # Of the usual formats, one that cannot show this handout is left out; one that was asked for raises its error.
        lacking = {} if formats else {format_: document.lacks(format_) for format_ in wanted}
        for error in filter(None, lacking.values()):
            without = Message("{message} The other formats were written.", {"message": error.message})
            click.echo(f"derive: {language.say(without)}", err=True)
        made = [format_ for format_ in wanted if not lacking.get(format_)]
        with progress.parts(len(made)) as step:
            paths = document.write(folder, made, name=base_of(source), pdf_variant=pdf_variant, progress=step)
        wrote(language, paths)

    if watched:
        _watch(network, page["template"], write, language)
    else:
        write()


def _keep(source: Path, folder: str, formats: Iterable[str]) -> None:
    """Refuse to write over the file that the network is read from."""
    for format_ in formats:
        path = Path(folder, f"{base_of(source)}{FORMATS[format_].ending}")
        if os.path.exists(path) and path.samefile(source):
            raise InputError(
                "{path}: this is the file that the network is read from; choose another folder with -o.",
                path=readable(str(path)),
            )


def _watch(network: str, template: str | None, write: Callable[[], None], language: Language) -> None:
    """Write whenever the network or a template changes; mistakes in them are printed, and watching goes on."""
    from derive.cli.watch import watch
    from derive.language.own_templates import user_folder
    from derive.reading.network_file import is_ready, network_file

    def write_or_say() -> None:
        try:
            write()
        except DeriveError as error:
            click.echo(f"derive: {language.say(error.message)}", err=True)

    source = network_file(network)
    with suppress(KeyboardInterrupt):
        watch(None if is_ready(source) else source, user_folder(template), write_or_say)
