"""Progress bars on stderr: only on a terminal, and only for work that takes longer than a second."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from derive.errors import Message, Whole, counted
from derive.language.language import Language

PATIENCE = 1.0  # seconds before a bar appears


@contextmanager
def parts(total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar for work of a few parts, each told by its name when it begins."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    started: list[str] = []
    patient = threading.Timer(PATIENCE, lambda: _draw(started, total))
    patient.daemon = True
    patient.start()

    def step(name: str) -> None:
        started.append(name)
        if not patient.is_alive():
            _draw(started, total)

    try:
        yield step
    finally:
        patient.cancel()
        _clear()


def _draw(started: list[str], total: int) -> None:
    done = len(started) - 1
    _bar(done, total, total, started[-1])


@contextmanager
def steps(total: int, language: Language) -> Iterator[Callable[[int], None]]:
    """Show a bar for work that counts its iterations."""

    def words(done: int) -> Message:
        return counted("{done} of {number} iteration", "{done} of {number} iterations", total, done=Whole(done))

    with _counting(total, language, words) as step:
        yield step


@contextmanager
def students(total: int, language: Language) -> Iterator[Callable[[int], None]]:
    """Show a bar for work that counts students."""

    def words(done: int) -> Message:
        return counted("{done} of {number} student", "{done} of {number} students", total, done=Whole(done))

    with _counting(total, language, words) as step:
        yield step


@contextmanager
def _counting(total: int, language: Language, words: Callable[[int], Message]) -> Iterator[Callable[[int], None]]:
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    start = time.monotonic()

    def step(done: int) -> None:
        if time.monotonic() - start > PATIENCE:
            _bar(done, total, 20, language.say(words(done)))

    try:
        yield step
    finally:
        _clear()


def _bar(done: int, total: int, width: int, label: str) -> None:
    full = width * done // total
    bar = "█" * full + "░" * (width - full)
    click.echo(f"\r\033[K{bar} {100 * done // total:3d} %  {label}", nl=False, err=True)


def _clear() -> None:
    click.echo("\r\033[K", nl=False, err=True)
