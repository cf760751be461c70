"""``derive show``: one quantity and its derivative in the terminal, as LaTeX or as JSON."""

import os
import sys

import click

from derive.checks import check_digits, one_of
from derive.cli.help import N_
from derive.cli.notes import say_notes
from derive.cli.options import DIGITS, LANGUAGE, ROUNDING, limits
from derive.cli.streams import on_console
from derive.errors import InputError
from derive.language.language import Language
from derive.story.options import ROUNDINGS


@click.command(
    help=N_(
        "Show one quantity and its derivative: w5, out_h1, delta_o1, E_total.\n\n"
        "NETWORK is a file or a built-in network (default: article)."
    )
)
@click.argument("words", nargs=-1, required=True, metavar=N_("[NETWORK] NAME"))
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
    if len(words) > 2:
        raise InputError("found {number} words; expected at most two: a network and a name.", number=len(words))
    # Not through derive.api, which loads every stage.
    from derive.evaluation.evaluation import Evaluation
    from derive.network.compile import compiled, plan_of
    from derive.network.network import Network
    from derive.reading.network_file import load
    from derive.render import show as shown

    *source, name = words
    check_digits(digits)
    file = source[0] if source else "article"
    loaded = load(file, Network, max_bytes=max_bytes, max_parameters=max_parameters)
    say_notes(loaded, language)
    evaluation = Evaluation(compiled(loaded), plan_of(loaded))
    word = one_of(rounding, ROUNDINGS, "rounding")
    if word != "exact":
        evaluation = evaluation.by_hand(digits, significant=word == "significant")
    if form == "json":
        text = shown.render_json(evaluation, name, digits=digits)
    elif form == "latex":
        text = shown.render_latex(evaluation, name, digits=digits, language=language)
    else:
        text = shown.render(evaluation, name, digits=digits, language=language, colour=_is_coloured(), spell=on_console)
    click.echo(text, nl=False)


def _is_coloured() -> bool:
    """Whether the output may be coloured: on a terminal, unless NO_COLOR says no."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
