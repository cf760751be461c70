"""``derive handout``: writes the handout's files, with ``--watch`` again whenever a source changes."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import click

from derive.cli.help import N_
from derive.cli.notes import say_notes
from derive.cli.options import DIGITS, LANGUAGE, NETWORK, ROUNDING, limits, meant, page_options, word
from derive.cli.output import target
from derive.cli.source import STANDARD_INPUT, STREAM, file_of, loaded
from derive.errors import DeriveError, Message
from derive.language.language import Language
from derive.render.formats import FORMATS, OWN, refused
from derive.story.options import DETAILS, FORMS, PDF_VARIANTS

NO_WHOLE_LINES = Message(
    "--form {form}: there are no layers or blocks here, of which each could have one line; every quantity has its own."
)


@click.command(help=N_("Write a handout for NETWORK, a TOML or JSON file or a built-in network (default: article)."))
@NETWORK
@click.option(
    "-o",
    "--output",
    "output",
    default="output",
    metavar=N_("PLACE"),
    show_default=True,
    help=N_("Output folder; or one file, such as notes.pdf; or - for standard output, with one --format."),
)
@word(
    "--format",
    "formats",
    among=OWN,
    offered=FORMATS,
    multiple=True,
    callback=lambda context, parameter, given: meant([name for part in given for name in part.split(",")], OWN),
    help=N_("Several with commas, or repeated. Default: pdf, html, tex, md and json."),
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
    output: str,
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
    from derive.api.network import Network

    to = target(output, formats)
    for message in refused() if formats else ():
        click.echo(f"derive: {language.say(message)}", err=True)
    read = partial(loaded, network, Network, max_bytes=max_bytes, max_parameters=max_parameters)
    given = read() if network == STREAM else None  # which can be read once

    def write() -> None:
        file = file_of(network)
        if file:
            to.check_apart(file)
        found = given or read()
        say_notes(found, language)
        if form != "scalar" and getattr(found, "groups", None) == ():
            click.echo(f"derive: {language.say(Message(NO_WHOLE_LINES.text, {'form': form}))}", err=True)
        document = found.derive().handout(
            detail=detail, digits=digits, form=form, rounding=rounding, language=language.code, **page
        )
        to.write(document, file or STANDARD_INPUT, pdf_variant, language)

    if watched:
        _watch(file_of(network), page["template"], write, language)
    else:
        write()


def _watch(source: Path | None, template: str | None, write: Callable[[], None], language: Language) -> None:
    """Write whenever the network or a template changes; mistakes in them are printed, and watching goes on."""
    from derive.cli.watch import watch
    from derive.language.own_templates import user_folder
    from derive.reading.network_file import is_ready

    def write_or_say() -> None:
        try:
            write()
        except DeriveError as error:
            click.echo(f"derive: {language.say(error.message)}", err=True)

    with suppress(KeyboardInterrupt):
        watch(None if source is None or is_ready(source) else source, user_folder(template), write_or_say)
