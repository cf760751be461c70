"""A process that notices what it does: run by the tests of the sandbox as a child, with limits."""

import resource
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from types import CodeType

MARKER = "marker_of_the_sandbox"
CODE = f"__import__('pathlib').Path('{MARKER}').touch()"
MEMORY = 6 << 30
SECONDS = 20  # for one call
CHANGES = "chmod chown exec fork kill link mkdir posix_spawn remove rename rmdir spawn symlink system truncate unlink"
DOES = (
    *(f"os.{name}" for name in CHANGES.split()),
    *("pty.", "shutil.", "subprocess.", "urllib.", "webbrowser."),
    *("socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendto"),
)

happened: list[str] = []


class TooLong(BaseException):
    """A call took too long; no part of the package catches this."""


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if not _is_watching[0]:
        return
    if event == "open":
        path, mode, flags = (*arguments, None, None, None)[:3]
        writes = any(letter in str(mode or "") for letter in "wax+") or (isinstance(flags, int) and flags & 3)
        if writes:
            happened.append(f"open {path!r} {mode!r}")
    elif event == "compile" and MARKER in str(arguments[0]) and "<template>" not in str(arguments[1]):
        happened.append("the text was compiled")
    elif event == "exec" and isinstance(arguments[0], CodeType) and MARKER in str(arguments[0].co_consts):
        happened.append("the text was evaluated")
    elif event.startswith(DOES):
        happened.append(f"{event} {arguments!r}"[:200])


_is_watching = [False]


def limit() -> None:
    """Limit this process, and begin to note what it does."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def stop(number: int, frame: object) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, stop)
    sys.addaudithook(_note)


@contextmanager
def watching(what: str):
    """Note what happens inside, under that name; a call that never ends is ended."""
    before = len(happened)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    _is_watching[0] = True
    try:
        yield
    except TooLong:
        happened.append("took too long")
    except MemoryError:
        happened.append("ran out of memory")
    finally:
        _is_watching[0] = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        if Path(MARKER).exists():
            Path(MARKER).unlink()
            happened.append("the code ran")
        happened[before:] = [f"{what}: {event}" for event in happened[before:]]
