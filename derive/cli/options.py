"""The options and arguments that several commands have, and the words that they take.

Everything here is light to import, since help and completion need it and nothing else of the package.
"""

import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derive.cli.help import N_, OPTION
from derive.errors import folded
from derive.language.language import LANGUAGES, Language, language
from derive.reading.files import MAX_BYTES, MAX_PARAMETERS, READY, ready_names
from derive.story.options import PAPERS, ROUNDINGS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = Callable[..., None]
POWER = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?e\+?\d{1,2}", re.ASCII | re.IGNORECASE)


class WholeNumber(click.types.IntParamType):
    """A whole number, also as 1e4."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        """Return the number; fails as click does for what is none."""
        return super().convert(without_power(value), parameter, context)


class Count(click.IntRange):
    """A whole number within bounds, also as 1e4."""

    name = "integer"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        """Return the number; fails as click does for what is none."""
        return super().convert(without_power(value), parameter, context)


def without_power(value: Any) -> Any:
    """Return the whole number that is written with a power of ten; anything else as it is.

    >>> without_power("1.5e3"), without_power("1.5e0"), without_power("x")
    (1500, '1.5e0', 'x')
    """
    power = Fraction(value) if isinstance(value, str) and POWER.fullmatch(value) else None
    return value if power is None or power.denominator != 1 else power.numerator


WHOLE, COUNT = WholeNumber(), Count(1)
ITERATIONS = click.option(
    "--iterations",
    type=WHOLE,
    metavar="N",
    help=N_("Number of training iterations [default: from the file, otherwise 10,000]."),
)


def limits(command: Command) -> Command:
    """Add the options that raise the limits on what is read."""
    bytes_option = click.option(
        "--max-bytes",
        type=COUNT,
        metavar="N",
        default=MAX_BYTES,
        show_default=True,
        help=N_("Maximum file size in bytes."),
    )
    parameters_option = click.option(
        "--max-parameters",
        type=COUNT,
        metavar="N",
        default=MAX_PARAMETERS,
        show_default=True,
        help=N_("Maximum number of weights and biases."),
    )
    return bytes_option(parameters_option(command))


def chosen(context: click.Context, parameter: click.Parameter, code: str | None) -> Language:
    """Return the language, which may stand before the command, too."""
    before: Language | None = context.obj
    found = before if before and code is None else language(code)
    context.obj = found
    return found


def word(
    *names: str,
    among: Iterable[str],
    offered: Iterable[str] | None = None,
    default: str | None = None,
    **settings: Any,
) -> Callable[[Command], Command]:
    """Return an option that takes one of the words, in letters of either case; a shell offers them, or ``offered``."""
    words = list(among)
    settings.setdefault("callback", lambda context, parameter, given: meant(given, words))
    return click.option(
        *names,
        default=default,
        show_default=default is not None,
        metavar="|".join(words),
        shell_complete=lambda context, parameter, begun: [
            word for word in (words if offered is None else offered) if word.startswith(begun)
        ],
        **settings,
    )


def meant(given: Any, words: Iterable[str]) -> Any:
    """Return the word that is given in other letters or with other signs between them; else what is given, to refuse.

    >>> meant(("PDF", ".Tex", "pfd"), ["pdf", "tex", "md"]), meant("By_Hand", ["exact", "by-hand"])
    (('pdf', 'tex', 'pfd'), 'by-hand')
    """
    if not isinstance(given, str):
        return None if given is None else tuple(meant(word, words) for word in given)
    return {folded(word): word for word in words}.get(folded(given), given)


def ready_or_file(folder: Path) -> Callable[[click.Context, click.Parameter, str], list["CompletionItem"]]:
    """Return what a shell offers for a file: those in the folder, which are ready, and files."""

    def found(context: click.Context, parameter: click.Parameter, begun: str) -> list["CompletionItem"]:
        from click.shell_completion import CompletionItem

        ready = [CompletionItem(name) for name in ready_names(folder) if name.startswith(begun.casefold())]
        return [*ready, CompletionItem(begun, type="file")]

    return found


NETWORK = click.argument("network", default="article", metavar=N_("[NETWORK]"), shell_complete=ready_or_file(READY))
JSON = click.option("--json", "as_json", is_flag=True, help=N_("Print JSON instead of text."))
DIGITS = click.option(
    "--digits", type=WHOLE, metavar="N", default=9, show_default=True, help=N_("Number of decimals to show.")
)


def page_options(command: Command) -> Command:
    """Add the options for the page and for templates of one's own."""
    options = (
        word("--paper", among=PAPERS, default="a4", help=N_("Paper size.")),
        click.option("--notes-margin", is_flag=True, help=N_("Leave a wide right margin for notes.")),
        click.option("--author", default="", metavar=N_("TEXT"), help=N_("Printed below the title.")),
        click.option("--course", default="", metavar=N_("TEXT"), help=N_("Printed below the title.")),
        click.option("--date", default="", metavar=N_("TEXT"), help=N_("Printed below the title, exactly as given.")),
        click.option(
            "--hessian", is_flag=True, help=N_("Add a section on the second derivatives (up to 20 parameters).")
        ),
        click.option(
            "--template", metavar=N_("FOLDER"), help=N_("Use the templates in FOLDER (see: derive template).")
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


ROUNDING = word(
    "--rounding",
    among=ROUNDINGS,
    default="exact",
    help=N_(
        "by-hand: round every intermediate result to the decimals shown, and carry that on; significant: to so many "
        "significant digits."
    ),
)
LANGUAGE = word(
    OPTION,
    among=LANGUAGES,
    callback=chosen,
    help=N_("Output language [default: from LANGUAGE, LC_ALL, LC_MESSAGES or LANG; otherwise English]."),
)
