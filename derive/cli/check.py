"""``derive check``: numeric gradients, and the numbers of a book or a blog, against the derivation."""

import sys
from typing import TYPE_CHECKING

import click

from derive.checks import check_digits
from derive.cli.help import N_
from derive.cli.options import DIGITS, LANGUAGE, NETWORK, limits, meant, ready_or_file
from derive.cli.streams import on_console
from derive.language.language import Language
from derive.reading.files import PUBLISHED

if TYPE_CHECKING:
    from derive.evaluation.evaluation import Evaluation

WAYS = ("numpy", "finite-differences", "torch", "jax")
DEFAULT_WAYS = "numpy,finite-differences"


@click.command(
    help=N_(
        "Hold numbers against the derivation of NETWORK: numeric gradients, or published numbers.\n\n"
        "--with compares gradients, parameter by parameter; torch and jax take part where they are installed. "
        "--against compares the numbers of a book or a blog, each by its name: right, rounded differently in the last "
        "digit, or wrong, with the true digits and what explains the wrong ones. Both together do both. Exit code 1 "
        "where a gradient differs or a published number is wrong."
    ),
    epilog=N_(
        "A file of published numbers has the names of the network and the digits that are printed: under [values] "
        "those before any update, out_h1 = 0.593269992 or dE_total_dw5 = 0.082167041, under [after.1] those after one "
        "update, w5 or its change Delta_w5, under [sample.2] those of the second sample."
    ),
)
@NETWORK
@click.option(
    "--with",
    "ways",
    metavar=",".join(WAYS),
    help=N_("Ways to the numeric gradient; numpy and finite-differences where there is no --against."),
)
@click.option(
    "--against",
    "published",
    metavar=N_("FILE"),
    shell_complete=ready_or_file(PUBLISHED),
    help=N_('Published numbers: a TOML or JSON file, or "article", which is ready.'),
)
@DIGITS
@limits
@LANGUAGE
def check(
    network: str,
    ways: str | None,
    published: str | None,
    digits: int,
    max_bytes: int,
    max_parameters: int,
    language: Language,
) -> None:
    """Hold numeric gradients and published numbers against the symbolic ones."""
    from derive.api.network import load

    check_digits(digits)
    evaluation = load(network, max_bytes=max_bytes, max_parameters=max_parameters).derive().evaluation
    done = []
    if published is not None:
        done.append(_check_published(evaluation, published, max_bytes, language))
    if published is None or ways is not None:
        done.append(_check_gradients(evaluation, DEFAULT_WAYS if ways is None else ways, digits, language))
    click.echo("\n".join(text for text, _ in done), nl=False)
    if not all(agrees for _, agrees in done):
        sys.exit(1)


def _check_published(evaluation: "Evaluation", published: str, max_bytes: int, language: Language) -> tuple[str, bool]:
    from derive.comparison.published import compare_published
    from derive.render import terminal

    found = compare_published(evaluation, published, max_bytes=max_bytes)
    return terminal.published(evaluation, found, language=language), found.agrees


def _check_gradients(evaluation: "Evaluation", ways: str, digits: int, language: Language) -> tuple[str, bool]:
    from derive.render import terminal

    asked = [meant(way.strip(), WAYS) for way in ways.split(",")]
    return terminal.check(evaluation, asked, digits=digits, language=language, spell=on_console)
