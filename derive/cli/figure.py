"""``derive figure``: one drawing of a network as a file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from derive.cli import progress
from derive.cli.files import wrote
from derive.cli.help import N_
from derive.cli.notes import say_notes
from derive.cli.options import ITERATIONS, LANGUAGE, WHOLE, limits, ready_or_file
from derive.cli.source import STANDARD_INPUT, STREAM, file_of, loaded, network_and
from derive.cli.streams import Output
from derive.cli.train import STEPS
from derive.language.language import Language
from derive.reading.files import READY, base_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

NAMES = ("network", "path:", "computation", "training")
DIGITS = 4


def _offered(context: click.Context, parameter: click.Parameter, begun: str) -> list["CompletionItem"]:
    """Return what a shell offers: networks and figures."""
    from click.shell_completion import CompletionItem

    figures = [CompletionItem(name) for name in NAMES if name.startswith(begun)]
    return [*ready_or_file(READY)(context, parameter, begun), *figures]


@click.command(
    help=N_(
        "Draw one figure of NETWORK, a file or a built-in network (default: article).\n\n"
        "FIGURE is network (the default), path:w5 (the paths from a weight or bias to the error), computation (the "
        "graph of all quantities) or training (the error over the iterations)."
    )
)
@click.argument("words", nargs=-1, metavar=N_("[NETWORK] [FIGURE]"), shell_complete=_offered)
@click.option(
    "-o",
    "--output",
    metavar=N_("FILE"),
    help=N_(
        "File to write: .svg, .pdf, .png or .tex (TikZ); or - for SVG on standard output [default: an SVG file named "
        "after NETWORK and FIGURE]."
    ),
)
@click.option(
    "--digits",
    type=WHOLE,
    metavar="N",
    default=DIGITS,
    show_default=True,
    help=N_("Number of decimals in the drawing; at most 4."),
)
@ITERATIONS
@limits
@LANGUAGE
def figure(
    words: tuple[str, ...],
    output: str | None,
    digits: int,
    iterations: int | None,
    max_bytes: int,
    max_parameters: int,
    language: Language,
) -> None:
    """Draw one figure and say where it is."""
    from derive.api.network import Network
    from derive.render.asked import asked
    from derive.story.single_figure import split

    source, word = network_and(words)
    kind, typed = split(word or "network")
    given = loaded(source, Network, max_bytes=max_bytes, max_parameters=max_parameters)
    say_notes(given, language)
    derivation = given.derive()
    parameter = asked(derivation.evaluation, typed) if typed else ""
    name = f"{kind}:{parameter}" if parameter else kind
    training = None
    if kind == "training":
        steps = iterations or derivation.evaluation.plan.iterations or STEPS
        with progress.steps(steps, language) as step:
            training = derivation.train(steps, progress=step)
    drawing = derivation.figure(name, digits=digits, language=language.code, training=training)
    if output == STREAM:
        cast(Output, sys.stdout).write_bytes(drawing.render("svg"))
        return
    base = base_of(file_of(source) or STANDARD_INPUT)
    wrote(language, [drawing.write(output or Path(f"{base}-{name.replace(':', '-')}.svg"))])
