"""The help of the command line in the reader's language, and the words that click says itself."""

import copy
import gettext
import os
from collections.abc import Sequence
from typing import Any

import click

from derive.errors import InputError, Message, nearest
from derive.language.folder import FOLDER
from derive.language.language import Language, language

OPTION = "--language"


def N_(text: str) -> str:
    """Mark a text for the catalogues; it is translated where the help is shown."""
    return text


class Commands(click.Group):
    """A group that names the nearest command for a misspelt one, and shows examples: a line and what it gives."""

    examples: Sequence[tuple[str, str]] = ()

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Return the command, or say which one was probably meant."""
        if args and self.get_command(ctx, args[0].lower()) is None and not args[0].startswith("-"):
            names = self.list_commands(ctx)
            raise InputError(
                "no such command {found}; expected one of {names}.{hint}",
                found=repr(args[0]),
                names=", ".join(names),
                hint=nearest(args[0], names),
            )
        return super().resolve_command(ctx, args)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command line is for, and the examples."""
        super().format_help_text(ctx, formatter)
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_dl(self.examples)


def asked_language(arguments: Sequence[str]) -> Language:
    """Return the language of ``--language``, the last one where it stands twice; without it the environment's.

    It is needed before click reads the arguments: for the help, and for what is wrong with them.

    >>> asked_language(["show", "w5", "--language", "es"]).code, asked_language(["--language=pt-BR"]).code
    ('es', 'pt-BR')
    """
    code = None
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        name, equals, value = argument.partition("=")
        if name.lower() == OPTION:
            code = value if equals else next(iter(arguments[place + 1 :]), None)
    return language(code)


def translated(command: click.Command, spoken: Language) -> click.Command:
    """Return the command, and those in it, with their help in that language."""
    made = copy.copy(command)
    made.help = _said(command.help, spoken)
    made.epilog = _said(command.epilog, spoken)
    made.options_metavar = spoken.say(Message("[OPTIONS]"))
    made.params = [_parameter(parameter, spoken) for parameter in command.params]
    if isinstance(made, Commands):
        made.subcommand_metavar = spoken.say(Message("COMMAND [ARGS]..."))
        made.examples = [(line, spoken.say(Message(words))) for line, words in made.examples]
        made.commands = {name: translated(inner, spoken) for name, inner in made.commands.items()}
    return made


def _parameter(parameter: click.Parameter, spoken: Language) -> click.Parameter:
    made = copy.copy(parameter)
    made.metavar = _said(made.metavar, spoken)
    if isinstance(made, click.Option):
        made.help = _said(made.help, spoken)
    return made


def _said(text: str | None, spoken: Language) -> str | None:
    return None if text is None else spoken.say(Message(text))


def translate_click(spoken: Language) -> None:
    """Have this process say click's own words, which go through gettext's default domain, in that language."""
    os.environ["LANGUAGE"] = spoken.catalogue
    gettext.bindtextdomain("click", str(FOLDER / "locale"))
    gettext.textdomain("click")
