"""The command line: ``derive handout``, ``show``, ``train``, ``check``, ``new``, ``template`` and ``networks``.

Exit codes: 0 done, 1 a check failed, 2 wrong input or output that cannot be written, 3 training left the range of
numbers; as shells count signals, 130 interrupted and 141 the reader of the output left.
"""

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from derive.api.network import load
from derive.checks import one_of
from derive.cli import progress
from derive.cli.help import N_, OPTION, Commands, asked_language, translate_click, translated
from derive.cli.streams import OutputError, spelled, standard_streams
from derive.errors import DeriveError, InputError, Message, Text, reason
from derive.language.language import LANGUAGES, Language, language
from derive.reading.files import MAX_BYTES, base_of, readable, ready_names
from derive.reading.network_file import (
    MAX_PARAMETERS,
    PUBLISHED,
    READY,
    example,
    is_ready,
    network_file,
    ready_networks,
)
from derive.render.formats import FORMATS, OTHER_WORDS, OWN, USUAL_FORMATS, format_name, refused
from derive.story.options import DETAILS, FORMS, PAPERS, PDF_VARIANTS, ROUNDINGS
from derive.writing import NotWritten, write_new

if TYPE_CHECKING:
    from derive.evaluation.evaluation import Evaluation

WAYS = ("numpy", "finite-differences", "torch", "jax")
DEFAULT_WAYS = "numpy,finite-differences"
STEPS = 10_000
DIVERGED = 3
INTERRUPTED = 130
READER_LEFT = 141
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


def _word(
    *names: str,
    among: Iterable[str],
    offered: Iterable[str] | None = None,
    default: str | None = None,
    **settings: Any,
) -> Callable[[Command], Command]:
    """Return an option that takes one of the words, in letters of either case; a shell offers them, or ``offered``."""
    words = list(among)
    settings.setdefault("callback", lambda context, parameter, given: _meant(given, words))
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


def _meant(given: Any, words: Iterable[str]) -> Any:
    """Return the word that is given in other letters or with other signs between them; else what is given, to refuse.

    >>> _meant(("PDF", ".Tex", "Markdown", "pfd"), ["pdf", "tex", "md"]), _meant("By_Hand", ["exact", "by-hand"])
    (('pdf', 'tex', 'md', 'pfd'), 'by-hand')
    """
    if not isinstance(given, str):
        return None if given is None else tuple(_meant(word, words) for word in given)
    known = {_letters(word): word for word in words}
    letters = _letters(given)
    return known.get(letters) or known.get(OTHER_WORDS.get(letters, ""), given)


def _letters(word: str) -> str:
    return "".join(filter(str.isalnum, word)).casefold()


def _offered(folder: Path) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Return what a shell offers for a file: those in the folder, which are ready, and files."""
    return lambda context, parameter, begun: [
        *(CompletionItem(name) for name in ready_names(folder) if name.startswith(begun.casefold())),
        CompletionItem(begun, type="file"),
    ]


NETWORK = click.argument("network", default="article", metavar=N_("[NETWORK]"), shell_complete=_offered(READY))
DIGITS = click.option(
    "--digits", type=int, metavar="N", default=9, show_default=True, help=N_("Decimals that are shown.")
)


def _page(command: Command) -> Command:
    """Add the options for the page and for templates of one's own."""
    options = (
        _word("--paper", among=PAPERS, default="a4", help=N_("The paper to print on.")),
        click.option("--notes-margin", is_flag=True, help=N_("A wide right margin on every page, for notes.")),
        click.option("--author", default="", metavar=N_("TEXT"), help=N_("A line under the title.")),
        click.option("--course", default="", metavar=N_("TEXT"), help=N_("A line under the title.")),
        click.option(
            "--date", default="", metavar=N_("TEXT"), help=N_("A line under the title, printed as it is given.")
        ),
        click.option(
            "--template", metavar=N_("FOLDER"), help=N_("Folder with templates of your own: see derive template.")
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


ROUNDING = _word(
    "--rounding",
    among=ROUNDINGS,
    default="exact",
    help=N_("by-hand: round every intermediate result to the digits shown, and carry that on."),
)
LANGUAGE = _word(
    OPTION,
    among=LANGUAGES,
    callback=_chosen,
    help=N_(
        "Language of what is said; that of the environment (LANGUAGE, LC_ALL, LC_MESSAGES, LANG) by default, else "
        "English."
    ),
)


@click.group(
    cls=Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "token_normalize_func": str.lower,  # commands and options in letters of either case
    },
    help=N_("Derive a neural network's gradient, line by line, with its numbers."),
)
@click.version_option(package_name="derive", message="%(prog)s %(version)s", help=N_("Show the version and exit."))
@_word(OPTION, among=LANGUAGES, callback=_chosen, expose_value=False, help=N_("Language of this help and of errors."))
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
    ("derive check --against blog.toml", N_("the numbers of a book or a blog against the true ones")),
    ("derive new my.toml", N_("a network file to start from")),
    ("derive template templates", N_("the templates of the handout, to change them")),
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
@_word(
    "--format",
    "formats",
    among=OWN,
    offered=FORMATS,
    multiple=True,
    help=N_("May be repeated; all but ipynb by default."),
)
@_word("--detail", among=DETAILS, default="article", help=N_("full: every weight."))
@_word("--form", among=FORMS, default="scalar", help=N_("matrix: a line a layer."))
@DIGITS
@ROUNDING
@_word("--pdf-variant", among=PDF_VARIANTS, help=N_("A standard of accessibility for the PDF."))
@_page
@click.option(
    "--watch", "watched", is_flag=True, help=N_("Write again when NETWORK or a template changes, until Ctrl-C.")
)
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
    watched: bool,
    max_bytes: int,
    max_parameters: int,
    language: Language,
    **page: Any,
) -> None:
    """Write a handout's files and say where they are."""

    wanted = tuple(map(format_name, formats)) or USUAL_FORMATS
    for message in refused() if formats else ():
        click.echo(f"derive: {language.say(message)}", err=True)

    def write() -> None:
        source = network_file(network)
        _keep(source, folder, wanted)
        loaded = load(network, max_bytes=max_bytes, max_parameters=max_parameters)
        document = loaded.derive().handout(
            detail=detail, digits=digits, form=form, rounding=rounding, language=language.code, **page
        )
        # What nobody asked for by name stops nobody: the other formats are written without it.
        lacking = {} if formats else {format_: document.lacks(format_) for format_ in wanted}
        for error in filter(None, lacking.values()):
            without = Message("{message} The other formats are written.", {"message": error.message})
            click.echo(f"derive: {language.say(without)}", err=True)
        made = [format_ for format_ in wanted if not lacking.get(format_)]
        with progress.parts(len(made)) as step:
            paths = document.write(folder, made, name=base_of(source), pdf_variant=pdf_variant, progress=step)
        _wrote(language, paths)

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
                "{path}: found the file that the network is read from; name another folder with -o.",
                path=readable(str(path)),
            )


def _watch(network: str, template: str | None, write: Callable[[], None], language: Language) -> None:
    """Write whenever the network or a template changes; a mistake in them is said, and the watch goes on."""
    from derive.cli.watch import watch
    from derive.language.templates import user_folder

    def write_or_say() -> None:
        try:
            write()
        except DeriveError as error:
            click.echo(f"derive: {language.say(error.message)}", err=True)

    source = network_file(network)
    with suppress(KeyboardInterrupt):
        watch(None if is_ready(source) else source, user_folder(template), write_or_say)


@commands.command(
    help=N_(
        "Show one quantity and its derivative: w5, out_h1, delta_o1, E_total.\n\n"
        'NETWORK is a file or a ready one, "article" by default.'
    )
)
@click.argument("words", nargs=-1, required=True, metavar=N_("[NETWORK] NAME"))
@click.option("--latex", "form", flag_value="latex", help=N_("LaTeX in place of text."))
@click.option("--json", "form", flag_value="json", help=N_("JSON in place of text."))
@DIGITS
@ROUNDING
@_limits
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
    from derive.checks import check_digits
    from derive.render import show as shown

    *source, name = words
    check_digits(digits)
    loaded = load(source[0] if source else "article", max_bytes=max_bytes, max_parameters=max_parameters)
    evaluation = loaded.derive().evaluation
    if one_of(rounding, ROUNDINGS, "rounding") == "by-hand":
        evaluation = evaluation.by_hand(digits)
    if form == "json":
        text = shown.render_json(evaluation, name, digits=digits)
    elif form == "latex":
        text = shown.render_latex(evaluation, name, digits=digits, language=language)
    else:
        text = shown.render(evaluation, name, digits=digits, language=language, colour=_is_coloured(), spell=_spelled)
    click.echo(text, nl=False)


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
    from derive.checks import check_digits
    from derive.render import terminal

    check_digits(digits)
    loaded = load(network, max_bytes=max_bytes, max_parameters=max_parameters)
    steps = (loaded.iterations or STEPS) if iterations is None else iterations
    with progress.steps(steps, language) as step:
        derivation = loaded.derive()
        training = derivation.train(steps, every=loaded.every if every is None else every, progress=step)
    with progress.steps(steps, language) as step:
        certified = training.certified(digits, progress=step)
    text = terminal.training(
        derivation.evaluation, training, certified, wanted=steps, digits=digits, language=language, spell=_spelled
    )
    click.echo(text, nl=False)
    if training.divergence:
        sys.exit(DIVERGED)


@commands.command(
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
        "update, under [sample.2] those of the second sample."
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
    shell_complete=_offered(PUBLISHED),
    help=N_('Published numbers: a TOML or JSON file, or "article", which is ready.'),
)
@DIGITS
@_limits
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
    from derive.checks import check_digits

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
    return terminal.published(evaluation, found, language=language), not found.wrong


def _check_gradients(evaluation: "Evaluation", ways: str, digits: int, language: Language) -> tuple[str, bool]:
    from derive.render import terminal

    asked = [_meant(way.strip(), WAYS) for way in ways.split(",")]
    return terminal.check(evaluation, asked, digits=digits, language=language, spell=_spelled)


@commands.command(help=N_("Write a commented network FILE (TOML) to start from."))
@click.argument("file", type=click.Path(path_type=Path), metavar=N_("FILE"))
@LANGUAGE
def new(file: Path, language: Language) -> None:
    """Write the commented example, never over another file."""
    if file.suffix.lower() != ".toml":
        raise InputError("{file}: found the ending {found}; expected .toml.", file=file, found=repr(file.suffix))
    if os.path.lexists(file):
        raise InputError("{file}: exists already; name another file, this one is left as it is.", file=file)
    try:
        _wrote(language, write_new({file: example().encode()}))
    except NotWritten as failed:
        raise InputError(
            "{file}: cannot be written ({reason}); name another place.", file=failed.path, reason=failed.reason
        ) from None


@commands.command(
    help=N_(
        "Copy the templates of the handout into FOLDER, to change them there and give them to derive handout "
        "--template FOLDER.\n\n"
        "article.md.j2 is the handout, and the folder article holds its sentences, a file a section; page.html.j2 is "
        "the page of the HTML and of the PDF, with the styles style.css and print.css; document.tex.j2 is the LaTeX "
        "document. A file that is missing from FOLDER is taken from derive: keep only what you change."
    )
)
@click.argument("folder", metavar=N_("FOLDER"))
@LANGUAGE
def template(folder: str, language: Language) -> None:
    """Copy the shipped templates, never over another file."""
    from derive.language.templates import copy_to

    _wrote(language, copy_to(folder))


@commands.command(help=N_("List the ready networks."))
@LANGUAGE
def networks(language: Language) -> None:
    """List the ready networks with a sentence on each."""
    for name, sentence in ready_networks().items():
        click.echo(f"{name}: {language.say(Message(sentence))}")


def _is_coloured() -> bool:
    """Whether the output may be coloured: on a terminal, unless NO_COLOR says no."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _spelled(text: str) -> str:
    """Return the text in signs that standard output has."""
    return spelled(text, sys.stdout.encoding)


def _wrote(spoken: Language, paths: Iterable[Path]) -> None:
    for path in paths:
        click.echo(spoken.say(Message("wrote {path}", {"path": readable(str(path))})))


def main() -> None:
    """Run the command line in the reader's language; a user's mistake ends in one message and exit code 2."""
    with standard_streams():
        _run()


def _run() -> None:
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
    except (click.Abort, KeyboardInterrupt):
        _stop(spoken, Message("interrupted"), INTERRUPTED)
    except OutputError as error:
        if isinstance(error.reason, BrokenPipeError):
            sys.exit(READER_LEFT)
        _stop(spoken, Message("the output cannot be written ({reason})", {"reason": reason(error.reason)}), 2)


def _stop(spoken: Language, message: Text, code: int) -> None:
    click.echo(f"derive: {spoken.say(message)}", err=True)
    sys.exit(code)
