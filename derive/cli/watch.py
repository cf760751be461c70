"""``--watch``: the handout is written again whenever its network or a template changes."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from derive.errors import InputError

PATIENCE = 200  # milliseconds without a further change before something is written
TEMPLATE_ENDINGS = (".j2", ".css")
MOST_LINKS = 40  # that are followed on one path, as on Linux

INSTALL = "pip install 'derive-backprop[watch]'"

State = dict[Path, tuple[int, ...] | None]


def watch(network: Path | None, templates: Path | None, write: Callable[[], None]) -> None:
    """Write once, and again whenever the network's file or a file in the folder of templates changes, until Ctrl-C.

    Links are followed: a file has changed when it is written or replaced, or when a link on its path leads elsewhere.
    Raises `InputError` where there is nothing to watch, or where watchfiles
    is missing, and KeyboardInterrupt at Ctrl-C.
    """
    watchfiles = _watchfiles()
    if network is None and templates is None:
        raise InputError(
            "{place}: nothing here can change, as this is a built-in network and no templates are given; watch a "
            "file of your own, or add --template FOLDER.",
            place="--watch",
        )
    written: State | None = None
    while True:
        folders = _folders(network, templates)
        # Folders are watched and not files, as editors replace a file by a new one. Each round, after an event or a
        # timeout, the state of the files is compared.
        rounds = watchfiles.watch(
            *folders, debounce=PATIENCE, rust_timeout=PATIENCE, yield_on_timeout=True, recursive=False
        )
        for _ in rounds:
            state = _state(network, templates)
            if state != written:
                written = state
                write()
            if _folders(network, templates) != folders:
                break


def _state(network: Path | None, templates: Path | None) -> State:
    """Return a signature of each file's content, None where the file is missing."""
    files = [*([network] if network else []), *(_templates(templates) if templates else [])]
    return {path: _signature(path) for path in files}


def _signature(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _templates(folder: Path) -> Iterator[Path]:
    for inside in _inside(folder):
        yield from (path for path in sorted(inside.iterdir()) if path.suffix in TEMPLATE_ENDINGS)


def _inside(folder: Path) -> Iterator[Path]:
    """Yield the folder and all folders in it, each once, also where a link leads back to one of them."""
    seen: set[str] = set()
    for found, inner, _ in os.walk(folder, followlinks=True):
        if os.path.realpath(found) in seen:
            inner.clear()
        else:
            seen.add(os.path.realpath(found))
            yield Path(found)


def _folders(network: Path | None, templates: Path | None) -> set[Path]:
    """Return the folders to watch: those of the files, and of each link on their paths."""
    files = [*([network] if network else []), *([templates] if templates else [])]
    beside = {_that_is_there(folder) for path in files for folder in _passed(path)}
    return beside | (set(_inside(templates)) if templates else set())


def _passed(path: Path) -> Iterator[Path]:
    """Yield the folder of each link on the path of the file, then the file's own folder."""
    whole = Path.cwd() / path
    here, ahead, links = Path(whole.anchor), list(whole.parts[1:]), 0
    while ahead:
        name = ahead.pop(0)
        step = here.parent if name == ".." else here / name
        if step.is_symlink() and links < MOST_LINKS:
            yield here
            links += 1
            target = here / os.readlink(step)
            here, ahead = Path(target.anchor), [*target.parts[1:], *ahead]
        else:
            here = step
    yield here.parent


def _that_is_there(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.is_dir())


def _watchfiles() -> Any:
    try:
        import watchfiles
    except ImportError:
        raise InputError(
            "{place}: needs {library}, which is not installed; install it with: {command}",
            place="--watch",
            library="watchfiles",
            command=INSTALL,
        ) from None
    return watchfiles
