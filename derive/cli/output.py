"""Where ``derive handout`` writes to: a folder, one file whose ending says its format, or standard output."""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from derive.cli import progress
from derive.cli.files import wrote
from derive.cli.source import STREAM
from derive.cli.streams import Output
from derive.errors import InputError, Message
from derive.language.language import Language
from derive.reading.files import base_of, readable
from derive.render.formats import FORMATS, USUAL_FORMATS, format_name

if TYPE_CHECKING:
    from derive.api.handout import Handout

FILE_ENDING = re.compile(r"\.[A-Za-z]{2,5}")
ONE_FORMAT = "--format md"
BINARY = ("pdf", "slides", "docx")


@dataclass(frozen=True)
class Target:
    """A place to write to, and the formats; ``is_chosen`` says that somebody asked for them."""

    place: str
    formats: tuple[str, ...]
    is_chosen: bool
    is_file: bool

    @property
    def is_stream(self) -> bool:
        """Whether it is standard output."""
        return self.place == STREAM

    def paths(self, source: Path) -> Iterator[Path]:
        """Yield where the formats' own files go."""
        if self.is_file:
            yield Path(self.place)
        elif not self.is_stream:
            for format_ in self.formats:
                yield Path(self.place, f"{base_of(source)}{FORMATS[format_].ending}")

    def check_apart(self, source: Path) -> None:
        """Refuse to write over the file that the network is read from."""
        for path in self.paths(source):
            if os.path.exists(path) and path.samefile(source):
                raise InputError(
                    "{path}: this is the file that the network is read from; choose another place with -o.",
                    path=readable(str(path)),
                )

    def write(self, document: "Handout", source: Path, variant: str | None, language: Language) -> None:
        """Write the handout and say where."""
        if self.is_stream:
            _to_stream(document, self.formats[0], variant, language)
            return
        made = self.formats if self.is_chosen else tuple(_shown(document, self.formats, language))
        with progress.parts(len(made)) as step:
            if self.is_file:
                step(made[0])
                paths = document.write_file(self.place, made[0], pdf_variant=variant)
            else:
                paths = document.write(self.place, made, name=base_of(source), pdf_variant=variant, progress=step)
        wrote(language, paths)


def target(place: str, formats: tuple[str, ...]) -> Target:
    """Return what ``-o`` and ``--format`` ask for; raises `InputError` where they do not fit together.

    >>> target("notes.pdf", ()).formats, target("notes", ("html",)).is_file
    (('pdf',), False)
    """
    asked = tuple(dict.fromkeys(map(format_name, formats)))
    if place == STREAM:
        if not asked:
            raise InputError("-o -: no format was given; add one, as in {example}.", example=ONE_FORMAT)
        if len(asked) > 1:
            raise InputError(
                "-o -: found {found}; expected one format, as in {example}.",
                found=", ".join(asked),
                example=ONE_FORMAT,
            )
        return Target(place, asked, is_chosen=True, is_file=False)
    ending = None if os.path.isdir(place) else _format_of(Path(place).suffix, asked)
    if ending is None:
        _check_folder(place)
        return Target(place, asked or USUAL_FORMATS, is_chosen=bool(asked), is_file=False)
    if asked not in ((), (ending,)):
        raise InputError(
            "-o {path}: its ending asks for the format {ending}, and --format for {formats}; give a folder to write "
            "several formats.",
            path=readable(place),
            ending=ending,
            formats=", ".join(asked),
        )
    return Target(place, (ending,), is_chosen=True, is_file=True)


def _check_folder(place: str) -> None:
    """Refuse a new folder that is called like a file: its ending may be mistyped."""
    suffix = Path(place).suffix
    if FILE_ENDING.fullmatch(suffix) and not place.endswith(os.sep) and not os.path.isdir(place):
        raise InputError(
            "-o {path}: found the ending {ending}, which is no format's; expected one of {endings}, or a folder. A "
            "folder of that name ends with {slash}.",
            path=readable(place),
            ending=suffix,
            endings=", ".join(sorted({Path(f"x{entry.ending}").suffix for entry in FORMATS.values()})),
            slash="/",
        )


def _format_of(suffix: str, asked: tuple[str, ...]) -> str | None:
    """Return the format that a file's ending says, None where it says none; of those with one ending the asked one."""
    if suffix and len(asked) == 1 and FORMATS[asked[0]].ending.endswith(suffix.lower()):
        return asked[0]
    try:
        return format_name(suffix[1:]) if suffix else None
    except InputError:
        return None


def _shown(document: "Handout", formats: Iterable[str], language: Language) -> Iterator[str]:
    """Yield the formats that can show the handout on this machine, and say why others are left out.

    Nobody asked for one by name; one that was asked for raises its error.
    """
    for format_ in formats:
        error = document.lacks(format_)
        if error is None:
            yield format_
        else:
            without = Message("{message} The other formats were written.", {"message": error.message})
            click.echo(f"derive: {language.say(without)}", err=True)


def _to_stream(document: "Handout", format_: str, variant: str | None, language: Language) -> None:
    """Write the file that shows the handout to standard output, and say so where others are left out."""
    from derive.render.files import main_file

    if format_ in BINARY and sys.stdout.isatty():
        raise InputError(
            "-o -: a file of the format {format} is not text; send it on, as in {example}.",
            format=format_,
            example=f"derive handout -o - --format {format_} > handout.{format_}",
        )
    made = document.render(format_, pdf_variant=variant)
    cast(Output, sys.stdout).write_bytes(made[main_file(made, FORMATS[format_].ending)])
    if len(made) > 1:
        without = Message("The drawings are files of their own and were left out; -o {file} writes them, too.")
        click.echo(
            f"derive: {language.say(Message(without.text, {'file': f'handout{FORMATS[format_].ending}'}))}", err=True
        )
