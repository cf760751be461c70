"""The command line: the table of its commands, and how a run ends.

Exit codes: 0 done, 1 a check failed, 2 wrong input or output that cannot be written, 3 training left the range of
numbers; as shells count signals, 130 interrupted and 141 the reader of the output left.
"""

import atexit
import gc
import sys

import click

import derive
from derive.cli import INTERRUPTED
from derive.cli.help import N_, OPTION, Commands, asked_language, translate_click, translated
from derive.cli.options import chosen, word
from derive.cli.streams import OutputError, standard_streams
from derive.errors import DeriveError, InputError, Message, Text, reason
from derive.language.language import LANGUAGES, Language, language

READER_LEFT = 141
# New objects between two runs of the garbage collector. SymPy and the stages make 140,000 lasting objects while they
# load: with a run every 700, Python's default, that takes a tenth longer, with one every 50,000 a twentieth.
SELDOM = 200_000
# The module of each command, which has it under its own name.
COMMANDS = {
    "check": "derive.cli.check",
    "figure": "derive.cli.figure",
    "grade": "derive.cli.grade",
    "handout": "derive.cli.handout",
    "networks": "derive.cli.files",
    "new": "derive.cli.files",
    "schema": "derive.cli.schema",
    "show": "derive.cli.show",
    "template": "derive.cli.files",
    "train": "derive.cli.train",
    "worksheet": "derive.cli.worksheet",
}
EXAMPLES = (
    ("derive handout", N_("handout for Mazur's classic example, in ./output")),
    ("derive handout my.toml", N_("handout for your own network")),
    ("derive handout lstm_cell", N_("handout for equations or blocks of any shape")),
    ("derive handout --rounding by-hand", N_("round every intermediate result, as with a calculator")),
    ("derive show w5", N_("show one derivative in the terminal")),
    ("derive show my.toml w5 --latex", N_("the same for your own network, as LaTeX")),
    ("derive figure path:w5", N_("draw the paths from one weight to the error")),
    ("derive train xor", N_("train, with the error, the final weights and the outputs")),
    ("derive check my.toml", N_("compare numeric with symbolic gradients")),
    ("derive check --against blog.toml", N_("check a book's or blog's numbers")),
    ("derive worksheet my.toml", N_("a worksheet with blanks, its key, and what grades it")),
    ("derive worksheet --roster class.csv", N_("a sheet with other numbers for each student")),
    ("derive grade KEY.json answers.csv", N_("grade the answers of a class")),
    ("derive new my.toml", N_("write a starter network file")),
    ("derive new x.toml --kind blocks", N_("the same for blocks, or for equations")),
    ("derive template templates", N_("copy the handout templates to edit them")),
)


def _show_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(f"{context.find_root().info_name} {derive.__version__}")
        context.exit()


@click.group(
    cls=Commands,
    modules=COMMANDS,
    examples=EXAMPLES,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "token_normalize_func": str.lower,  # commands and options in letters of either case
    },
    invoke_without_command=True,
    help=N_("Derive a neural network's gradient step by step, with all the numbers."),
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help=N_("Show the version and exit."),
)
@word(
    OPTION,
    among=LANGUAGES,
    callback=chosen,
    expose_value=False,
    help=N_("Language of this help and of error messages."),
)
@click.pass_context
def commands(context: click.Context) -> None:
    """Hold the commands together; without one, show the help."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main() -> None:
    """Run the command line in the reader's language; a user's mistake ends in one message and exit code 2."""
    gc.set_threshold(SELDOM)
    atexit.register(gc.disable)  # a last search through everything, to free what the system frees anyway
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
