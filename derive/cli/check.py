"""``derive check``: numeric gradients, and the numbers of a book or a blog, against the derivation."""

import sys
from typing import TYPE_CHECKING

import click

from derive.checks import check_digits
from derive.cli.help import N_
from derive.cli.notes import say_notes
from derive.cli.options import DIGITS, JSON, LANGUAGE, NETWORK, limits, meant, ready_or_file
from derive.cli.refusal import told_as_json
from derive.cli.source import loaded
from derive.cli.streams import on_console
from derive.language.language import Language
from derive.reading.files import PUBLISHED

if TYPE_CHECKING:
    from derive.comparison.published import PublishedComparison
    from derive.evaluation.evaluation import Evaluation

WAYS = ("numpy", "finite-differences", "torch", "jax")
DEFAULT_WAYS = "numpy,finite-differences"


@click.command(
    help=N_(
        "Check numeric gradients or published numbers against the derivation of NETWORK.\n\n"
        "--with compares gradients parameter by parameter; torch and jax are used if installed. --against checks "
        "the numbers of a book or blog post and reports each as right, rounded differently in the last digit, "
        "right by another convention, following from other printed numbers, or wrong, with the true digits and a "
        "likely explanation of the wrong ones. Both options can be combined. Exits with 1 if a gradient differs, "
        "a published number is wrong or its convention is not declared, and with 2 if a name is unknown; the "
        "other numbers are still checked."
    ),
    epilog=N_(
        "A file of published numbers lists the names of the network's quantities with the digits as printed: "
        "under [values] those before any update, out_h1 = 0.593269992 or dE_total_dw5 = 0.082167041; under "
        "[after.1] those after one update, w5 or its change Delta_w5; under [sample.2] those of the second "
        "sample."
    ),
)
@NETWORK
@click.option(
    "--with",
    "ways",
    metavar=",".join(WAYS),
    help=N_("How to compute the numeric gradient [default: numpy and finite-differences, unless --against is given]."),
)
@click.option(
    "--against",
    "published",
    metavar=N_("FILE"),
    shell_complete=ready_or_file(PUBLISHED),
    help=N_('Published numbers: a TOML or JSON file, or the built-in "article".'),
)
@JSON
@DIGITS
@limits
@LANGUAGE
def check(
    network: str,
    ways: str | None,
    published: str | None,
    as_json: bool,
    digits: int,
    max_bytes: int,
    max_parameters: int,
    language: Language,
) -> None:
    """Hold numeric gradients and published numbers against the symbolic ones."""
    from derive.api.network import Network
    from derive.comparison.published import compare_published
    from derive.render.check_data import FORMAT

    with told_as_json(as_json, FORMAT, language):
        check_digits(digits)
        given = loaded(network, Network, max_bytes=max_bytes, max_parameters=max_parameters)
        say_notes(given, language)
        evaluation = given.derive().evaluation
        numbers = None if published is None else compare_published(evaluation, published, max_bytes=max_bytes)
        asked = _asked(DEFAULT_WAYS if ways is None and published is None else ways)
        print_results = _print_json if as_json else _print_tables
        agrees = print_results(evaluation, numbers, asked, digits, language)
    if numbers is not None and numbers.refusal:
        raise numbers.refusal
    if not agrees:
        sys.exit(1)


def _asked(ways: str | None) -> list[str] | None:
    return None if ways is None else [meant(way.strip(), WAYS) for way in ways.split(",")]


def _print_tables(
    evaluation: "Evaluation",
    numbers: "PublishedComparison | None",
    ways: list[str] | None,
    digits: int,
    language: Language,
) -> bool:
    """Print the tables of what is asked for; return whether no number is wrong and no gradient differs."""
    from derive.render import terminal

    texts, agrees = [], True
    if numbers is not None:
        texts.append(terminal.published(evaluation, numbers, language=language))
    if ways is not None:
        text, agrees = terminal.check(evaluation, ways, digits=digits, language=language, spell=on_console)
        texts.append(text)
    click.echo("\n".join(texts), nl=False)
    return agrees and (numbers is None or numbers.agrees)


def _print_json(
    evaluation: "Evaluation",
    numbers: "PublishedComparison | None",
    ways: list[str] | None,
    digits: int,
    language: Language,
) -> bool:
    """Print the same as JSON; return the same."""
    from derive.comparison.every_way import compare_ways, differ
    from derive.render import check_data

    compared = None if ways is None else compare_ways(evaluation, ways)
    text = check_data.render(evaluation, published=numbers, gradients=compared, digits=digits, language=language)
    click.echo(text, nl=False)
    return not differ(compared or {}) and (numbers is None or numbers.agrees)
