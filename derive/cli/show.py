"""``derive show``: one quantity and its derivative in the terminal, as LaTeX or as JSON."""

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from derive.checks import check_digits, one_of
from derive.cli.help import N_
from derive.cli.notes import say_notes
from derive.cli.options import DIGITS, LANGUAGE, ROUNDING, limits, ready_or_file
from derive.cli.source import evaluation_of, is_network, loaded, network_and
from derive.cli.streams import on_console
from derive.errors import DeriveError, InputError
from derive.language.language import Language
from derive.reading.files import READY
from derive.story.options import ROUNDINGS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from derive.evaluation.evaluation import Evaluation


def _offered(context: click.Context, parameter: click.Parameter, begun: str) -> list["CompletionItem"]:
    """Return what a shell offers: the names of the network that stands before, or networks and the article's names."""
    before = [word for word in context.params.get("words") or () if is_network(word)]
    with suppress(DeriveError):
        networks = [] if before else ready_or_file(READY)(context, parameter, begun)
        return [*networks, *_names_of(before[0] if before else "article", begun)]
    return []


def _names_of(file: str, begun: str) -> list["CompletionItem"]:
    """Return the names of a network's quantities that begin so."""
    from click.shell_completion import CompletionItem

    from derive.api.computation import Computation
    from derive.network.network import Network
    from derive.reading.sources import load
    from derive.render.asked import names

    known = names(evaluation_of(load(file, Network, Computation)))
    return [CompletionItem(name) for name in known if name.casefold().startswith(begun.casefold())]


@click.command(
    help=N_(
        "Show one quantity and its derivative: w5, out_h1, delta_o1, E_total.\n\n"
        "NETWORK is a file or a built-in network (default: article). Without NAME, the names of its quantities are "
        "listed."
    )
)
@click.argument("words", nargs=-1, metavar=N_("[NETWORK] [NAME]"), shell_complete=_offered)
@click.option("--latex", "form", flag_value="latex", help=N_("Print LaTeX instead of text."))
@click.option("--json", "form", flag_value="json", help=N_("Print JSON instead of text."))
@DIGITS
@ROUNDING
@limits
@LANGUAGE
def show(
    words: tuple[str, ...],
    form: str | None,
    digits: int,
    rounding: str,
    max_bytes: int,
    max_parameters: int,
    language: Language,
) -> None:
    """Show one quantity and its derivative."""
    file, name = network_and(words)
    from derive.network.network import Network
    from derive.render import show as shown

    check_digits(digits)
    given = loaded(file, Network, max_bytes=max_bytes, max_parameters=max_parameters)
    say_notes(given, language)
    evaluation = evaluation_of(given)
    word = one_of(rounding, ROUNDINGS, "rounding")
    if word != "exact":
        evaluation = evaluation.by_hand(digits, significant=word == "significant")
    if name is None:
        text = _names(evaluation, file, form, language)
    elif form == "json":
        text = shown.render_json(evaluation, name, digits=digits)
    elif form == "latex":
        text = shown.render_latex(evaluation, name, digits=digits, language=language)
    else:
        text = shown.render(evaluation, name, digits=digits, language=language, colour=_is_coloured(), spell=on_console)
    click.echo(text, nl=False)


def _names(evaluation: "Evaluation", file: str, form: str | None, language: Language) -> str:
    """Return which names the network has, where none is given."""
    from derive.render import asked

    if form == "latex":
        raise InputError("{place}: found no name to show; expected one, such as w1.", place=file)
    return asked.render_names_json(evaluation) if form == "json" else asked.render_names(evaluation, file, language)


def _is_coloured() -> bool:
    """Whether the output may be coloured: on a terminal, unless NO_COLOR says no."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
