"""The command line: ``derive handout``, ``show``, ``train``, ``check``, ``new`` and ``networks``.

Exit codes: 0 done, 1 a check of derive's own failed, 2 wrong input, 3 training left the range of numbers.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from derive import progress
from derive.errors import DeriveError, InputError, Message, Text, reason
from derive.handout import DETAILS, FORMATS, FORMS, PDF_VARIANTS, ROUNDINGS, rounded
from derive.help import N_, OPTION, Commands, asked_language, translate_click, translated
from derive.language import LANGUAGES, Language, language
from derive.spec import MAX_BYTES, MAX_PARAMETERS, example, load, ready_networks

WAYS = ("numpy", "finite-differences", "torch", "jax")
STEPS = 10_000
DIVERGED = 3
Command = Callable[..., None]


def _limits(command: Command) -> Command:
    """Add the options that raise the limits on what is read."""
    bytes_option = click.option(
        "--max-bytes",
        type=click.IntRange(1),
        metavar="N",
        default=MAX_BYTES,
        show_default=True,
        help=N_("Largest file that is read."),
    )
    parameters_option = click.option(
        "--max-parameters",
        type=click.IntRange(1),
        metavar="N",
        default=MAX_PARAMETERS,
        show_default=True,
        help=N_("Most weights and biases that are derived."),
    )
    return bytes_option(parameters_option(command))


def _chosen(context: click.Context, parameter: click.Parameter, code: str | None) -> Language:
    """Return the language, which may stand before the command, too."""
    before: Language | None = context.obj
    chosen = before if before and code is None else language(code)
    context.obj = chosen
    return chosen


NETWORK = click.argument("network", default="article", metavar=N_("[NETWORK]"))
DIGITS = click.option(
    "--digits", type=int, metavar="N", default=9, show_default=True, help=N_("Decimals that are shown.")
)
ROUNDING = click.option(
    "--rounding",
    default="exact",
    show_default=True,
    metavar="|".join(ROUNDINGS),
    help=N_("by-hand: round every intermediate result to the digits shown, and carry that on."),
)
LANGUAGE = click.option(
    OPTION,
    metavar="|".join(LANGUAGES),
    callback=_chosen,
    help=N_("Language of what is said; that of the environment (LC_ALL, LC_MESSAGES, LANG) by default, else English."),
)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=N_("Derive a neural network's gradient, line by line, with its numbers."),
)
@click.version_option(package_name="derive", message="%(prog)s %(version)s", help=N_("Show the version and exit."))
@click.option(
    OPTION,
    metavar="|".join(LANGUAGES),
    callback=_chosen,
    expose_value=False,
    help=N_("Language of this help and of errors."),
)
def commands() -> None:
    """Hold the commands together."""


assert isinstance(commands, Commands)
commands.examples = (
    ("derive handout", N_("the handout of the classic article, in ./output")),
    ("derive handout my.toml", N_("the handout of your own network")),
    ("derive handout --rounding by-hand", N_("every intermediate result rounded, as with a calculator")),
    ("derive show w5", N_("one derivative in the terminal")),
    ("derive show my.toml w5 --latex", N_("the same of your own network, as LaTeX")),
    ("derive train xor", N_("the error over the iterations, the last weights and outputs")),
    ("derive check my.toml", N_("numeric gradients against the symbolic ones")),
    ("derive new my.toml", N_("a network file to start from")),
)


@commands.command(help=N_('Write the handout of NETWORK: a TOML or JSON file, or a ready one ("article" by default).'))
@NETWORK
@click.option(
    "-o",
    "--output",
    "folder",
    default="output",
    metavar=N_("FOLDER"),
    show_default=True,
    help=N_("Folder to write to."),
)
@click.option(
    "--format", "formats", multiple=True, metavar="|".join(FORMATS), help=N_("May be repeated; all by default.")
)
@click.option(
    "--detail", default="article", show_default=True, metavar="|".join(DETAILS), help=N_("full: every weight.")
)
@click.option(
    "--form", default="scalar", show_default=True, metavar="|".join(FORMS), help=N_("matrix: a line a layer.")
)
@DIGITS
@ROUNDING
@click.option("--pdf-variant", metavar="|".join(PDF_VARIANTS), help=N_("A standard of accessibility for the PDF."))
@_limits
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
    max_bytes: int,
    max_parameters: int,
    language: Language,
) -> None:
    """Write a handout's files and say where they are."""
    loaded = load(network, max_bytes=max_bytes, max_parameters=max_parameters)
    wanted = formats or FORMATS
    document = loaded.derive().handout(detail=detail, digits=digits, form=form, rounding=rounding)
    with progress.parts(len(wanted)) as step:
        paths = document.write(folder, wanted, name=Path(network).stem, pdf_variant=pdf_variant, progress=step)
    for path in paths:
        _echo(language, Message("wrote {path}", {"path": path}))


@commands.command(
    help=N_(
        "Show one quantity and its derivative: w5, out_h1, delta_o1, E_total.\n\n"
        'NETWORK is a file or a ready one, "article" by default.'
    )
)
@click.argument("words", nargs=-1, required=True, metavar=N_("[NETWORK] NAME"))
@click.option("--latex", is_flag=True, help=N_("LaTeX in place of text."))
@DIGITS
@ROUNDING
@_limits
@LANGUAGE
def show(
    words: tuple[str, ...],
    latex: bool,
    digits: int,
    rounding: str,
    max_bytes: int,
    max_parameters: int,
    language: Language,
) -> None:
    """Show one quantity and its derivative."""
    if len(words) > 2:
        raise InputError("found {number} words; expected at most two: a network and a name.", number=len(words))
    from derive.render import terminal

    *source, name = words
    loaded = load(source[0] if source else "article", max_bytes=max_bytes, max_parameters=max_parameters)
    derivation = rounded(loaded.derive(), rounding, digits)
    click.echo(terminal.render(derivation, name, digits=digits, latex=latex), nl=False)


@commands.command(
    help=N_(
        "Train NETWORK and show the error, the last weights and biases, and the outputs beside their targets.\n\n"
        "An interrupt (Ctrl-C) keeps what is done so far."
    )
)
@NETWORK
@click.option(
    "--iterations",
    type=int,
    metavar="N",
    help=N_("Steps of training; what the file says by default, else 10,000."),
)
@click.option(
    "--every",
    type=int,
    metavar="N",
    help=N_("A row of the table every so many steps; at 1, 10, 100, … by default."),
)
@DIGITS
@_limits
@LANGUAGE
def train(
    network: str,
    iterations: int | None,
    every: int | None,
    digits: int,
    max_bytes: int,
    max_parameters: int,
    language: Language,
) -> None:
    """Train and show the course of the error; an interrupt keeps what is done so far."""
    from derive.render import terminal

    loaded = load(network, max_bytes=max_bytes, max_parameters=max_parameters)
    steps = (loaded.iterations or STEPS) if iterations is None else iterations
    with progress.steps(steps, language) as step:
        derivation = loaded.derive()
        training = derivation.train(steps, every=loaded.every if every is None else every, progress=step)
    click.echo(terminal.training(derivation, training, wanted=steps, digits=digits, language=language), nl=False)
    if training.divergence:
        sys.exit(DIVERGED)


@commands.command(
    help=N_(
        "Hold numeric gradients of NETWORK against the symbolic ones, parameter by parameter.\n\n"
        "torch and jax take part where they are installed. Exit code 1 where any number differs."
    )
)
@NETWORK
@click.option(
    "--with",
    "ways",
    default="numpy,finite-differences",
    show_default=True,
    metavar=",".join(WAYS),
    help=N_("Ways to the numeric gradient."),
)
@DIGITS
@_limits
@LANGUAGE
def check(network: str, ways: str, digits: int, max_bytes: int, max_parameters: int, language: Language) -> None:
    """Hold numeric gradients against the symbolic ones."""
    from derive.render import terminal

    wanted = [way.strip() for way in ways.split(",")]
    loaded = load(network, max_bytes=max_bytes, max_parameters=max_parameters)
    text, agrees = terminal.check(loaded.derive(), wanted, digits=digits, language=language)
    click.echo(text, nl=False)
    if not agrees:
        sys.exit(1)


@commands.command(help=N_("Write a commented network FILE (TOML) to start from."))
@click.argument("file", type=click.Path(path_type=Path), metavar=N_("FILE"))
@LANGUAGE
def new(file: Path, language: Language) -> None:
    """Write the commented example, never over another file."""
    if file.suffix != ".toml":
        raise InputError("{file}: found the ending {found}; expected .toml.", file=file, found=repr(file.suffix))
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(example())
    except FileExistsError:
        raise InputError("{file}: exists already; name another file, this one is left as it is.", file=file) from None
    except OSError as error:
        raise InputError(
            "{file}: cannot be written ({reason}); name another place.", file=file, reason=reason(error)
        ) from None
    _echo(language, Message("wrote {path}", {"path": file}))


@commands.command(help=N_("List the ready networks."))
@LANGUAGE
def networks(language: Language) -> None:
    """List the ready networks with a sentence on each."""
    for name, sentence in ready_networks().items():
        click.echo(f"{name}: {language.say(Message(sentence))}")


def _echo(spoken: Language, message: Text) -> None:
    click.echo(spoken.say(message))


def main() -> None:
    """Run the command line in the reader's language; a user's mistake ends in one message and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    spoken = language()
    try:
        spoken = asked_language(sys.argv[1:])
        translate_click(spoken)
        translated(commands, spoken)(standalone_mode=False)
    except InputError as error:
        _stop(spoken, error.message, 2)
    except DeriveError as error:
        _stop(spoken, error.message, 1)
    except click.ClickException as error:
        _stop(spoken, error.format_message(), 2)
    except click.Abort:
        _stop(spoken, Message("interrupted"), 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stop(spoken: Language, message: Text, code: int) -> None:
    click.echo(f"derive: {spoken.say(message)}", err=True)
    sys.exit(code)
