"""Programs that a format needs beside Python: run where they are installed, and named with how to install them."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from derive.errors import InputError

LONGEST_REASON = 200  # characters


@dataclass(frozen=True)
class Program:
    """A program, and the commands that install it."""

    name: str
    debian: str
    fedora: str
    macos: str
    windows: str


PANDOC = Program(
    "pandoc",
    debian="apt install pandoc",
    fedora="dnf install pandoc",
    macos="brew install pandoc",
    windows="winget install JohnMacFarlane.Pandoc",
)
PDFTOPPM = Program(
    "pdftoppm",
    debian="apt install poppler-utils",
    fedora="dnf install poppler-utils",
    macos="brew install poppler",
    windows="winget install oschwartz10612.Poppler",
)


def path_of(program: Program, format_: str) -> str:
    """Return where a program is; raises `InputError`, with the commands that install it, where it is missing."""
    found = shutil.which(program.name)
    if found is None:
        raise InputError(
            "The format {format} needs {library}, which is not installed; install it with: {debian} (Debian, Ubuntu), "
            "{fedora} (Fedora), {macos} (macOS), or {windows} (Windows).",
            format=format_,
            library=program.name,
            debian=program.debian,
            fedora=program.fedora,
            macos=program.macos,
            windows=program.windows,
        )
    return found


def made_by(program: Program, arguments: Sequence[str], given: bytes, format_: str) -> bytes:
    """Return what a program makes of its input; raises `InputError` where it is missing or fails."""
    done = subprocess.run([path_of(program, format_), *arguments], input=given, capture_output=True, check=False)
    if done.returncode or not done.stdout:
        raise InputError(
            "The format {format} was not made: {library} failed ({reason}).",
            format=format_,
            library=program.name,
            reason=" ".join(done.stderr.decode(errors="replace").split())[:LONGEST_REASON] or done.returncode,
        )
    return done.stdout
