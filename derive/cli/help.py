"""The help of the command line in the reader's language, and click's own words."""

import copy
import gettext
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
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
    """A group that imports a command when it is used, has examples, and proposes a command for a misspelt name.

    ``modules`` maps each command to the module that has it under its own name; an example is a command line and what
    it does.
    """

    spoken: Language | None = None  # the language of the commands' help; English without one

    def __init__(self, *, modules: Mapping[str, str], examples: Sequence[tuple[str, str]], **settings: Any) -> None:
        super().__init__(**settings)
        self.modules, self.examples = modules, examples

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in alphabetical order."""
        return sorted(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, None where there is none."""
        if cmd_name not in self.modules:
            return None
        found: click.Command = getattr(import_module(self.modules[cmd_name]), cmd_name)
        return translated(found, self.spoken) if self.spoken else found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Return the command; raises `InputError` for an unknown one, with the most similar name."""
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
    """Return the language of the last ``--language``; without one, the environment's.

    It is needed before click parses the arguments: for the help, and for errors in the arguments.

    >>> asked_language(["show", "w5", "--language", "es"]).code, asked_language(["--language=pt-BR"]).code
    ('es', 'pt-BR')
    """
    code = None
    for index, argument in enumerate(arguments):
        if argument == "--":
            break
        name, equals, value = argument.partition("=")
        if name.lower() == OPTION:
            code = value if equals else next(iter(arguments[index + 1 :]), None)
    return language(code)


def translated(command: click.Command, spoken: Language) -> click.Command:
    """Return the command, and those in it when they are asked for, with their help in that language."""
    made = copy.copy(command)
    made.help = _said(command.help, spoken)
    made.epilog = _said(command.epilog, spoken)
    made.options_metavar = spoken.say(Message("[OPTIONS]"))
    made.params = [_parameter(parameter, spoken) for parameter in command.params]
    if isinstance(made, Commands):
        made.subcommand_metavar = spoken.say(Message("COMMAND [ARGS]..."))
        made.examples = [(line, spoken.say(Message(words))) for line, words in made.examples]
        made.spoken = spoken
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
    """Make click say its own words, which it gets from gettext's default domain, in that language."""
    os.environ["LANGUAGE"] = spoken.catalogue
    gettext.bindtextdomain("click", str(FOLDER / "locale"))
    gettext.textdomain("click")
