"""Files are written all or none, each in one step: a failed run leaves the older files as they were.

`content` reads a file that may turn out to be a folder, a device or a pipe.
"""

import os
import shutil
import signal
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from errno import EACCES, EEXIST, EISDIR, ELOOP, ENODEV
from pathlib import Path
from typing import Any

from derive.errors import Message, Text, reason

Put = Callable[[Path, Path], None]  # moves the first path to the second


class NotWritten(Exception):
    """Nothing was written: ``path`` is the file that could not be, and ``reason`` says why."""

    def __init__(self, path: Path, reason: Text) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


def write_all(files: Mapping[Path, bytes]) -> list[Path]:
    """Write every file, or none of them, and return their paths.

    Each is written beside its target and renamed to it. Where that fails halfway, the older files and folders are
    restored. A new file has the mode that the umask gives; a replaced one keeps its mode, and its owner where this
    process may set it. Of a symbolic link the target is replaced; other hard links to a file keep the older content.
    Raises `NotWritten`, also where the path is a folder, a device or a file without write permission, and where two
    paths lead to one file.
    """
    targets: dict[Path, Path] = {}
    for path in files:
        with _blaming(path):
            target = _target(path)
        if target in targets.values():
            raise NotWritten(path, Message("it leads to the same file as another output"))
        targets[path] = target
    return _put_all(files, targets, _replace)


def write_new(files: Mapping[Path, bytes]) -> list[Path]:
    """Write every file, or none of them, as `write_all` does, but raise `NotWritten` where any of them exists."""
    for path in files:
        with _blaming(path):
            if os.path.lexists(path):
                raise _error(EEXIST)
    return _put_all(files, {path: path for path in files}, _link)


def _put_all(files: Mapping[Path, bytes], targets: Mapping[Path, Path], put: Put) -> list[Path]:
    # Undone from the last to the first: replaced files are restored, then temporary files and new folders are removed.
    with _signals_later(), ExitStack() as folders, ExitStack() as beside, ExitStack() as replaced:
        made: dict[Path, Path] = {}
        older: dict[Path, Path] = {}
        for path, target in targets.items():
            with _blaming(path):
                _make_folder(target.parent, folders)
                made[path] = _written(target, files[path], beside)
        for path, target in targets.items():
            if target.exists():
                with _blaming(path):
                    older[path] = _kept(target, beside)
        for path, target in targets.items():
            with _blaming(path):
                put(made[path], target)
            if path in older:
                replaced.callback(_restore, older[path], target)
            else:
                replaced.callback(_remove, target)
        replaced.pop_all()
        folders.pop_all()
    return list(files)


def _target(path: Path) -> Path:
    """Return the file that the path leads to through links; it need not be there."""
    target = Path(os.path.realpath(path))
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return target
    if stat.S_ISLNK(mode):  # realpath leaves a link that leads in a circle
        raise _error(ELOOP)
    if stat.S_ISDIR(mode):
        raise _error(EISDIR)
    if not stat.S_ISREG(mode):
        raise NotWritten(path, Message("it is a device"))
    if not os.access(target, os.W_OK):
        raise _error(EACCES)
    return target


def _make_folder(folder: Path, made: ExitStack) -> None:
    """Make the folder and its parents; ``made`` removes each of them again when it is closed."""
    if folder.is_dir():
        return
    _make_folder(folder.parent, made)
    folder.mkdir()
    made.callback(_remove_folder, folder)


def _written(target: Path, content: bytes, beside: ExitStack) -> Path:
    """Return a new file beside the target with that content, and the mode and owner that the target has."""
    path = _free(target)
    beside.callback(_remove, path)
    is_new = not target.exists()
    # The older file may be secret: nobody else reads this one before it has the same mode.
    with open(path, "xb", opener=None if is_new else lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
    if not is_new:
        older = target.stat()
        with suppress(OSError, AttributeError):  # others' files, and systems without owners
            os.chown(path, older.st_uid, older.st_gid)
        path.chmod(older.st_mode & 0o777)
    return path


def _kept(target: Path, beside: ExitStack) -> Path:
    """Return a hard link to the older file, or a copy of it.

    Some disks have no hard links, and in a sticky folder a link to somebody else's file could not be removed.
    """
    path = _free(target)
    beside.callback(_remove, path)
    with suppress(OSError):
        if not target.parent.stat().st_mode & stat.S_ISVTX:
            os.link(target, path)
            return path
    shutil.copy2(target, path)
    return path


def _free(target: Path) -> Path:
    """Return an unused short name beside the target, whose own may already be as long as the disk allows."""
    return target.with_name(f".derive-{os.urandom(8).hex()}.tmp")


def _replace(made: Path, target: Path) -> None:
    made.replace(target)


def _restore(older: Path, target: Path) -> None:
    with _blaming(target):
        older.replace(target)


def _link(made: Path, target: Path) -> None:
    """Rename the file to the target; raises FileExistsError where that exists."""
    try:
        os.link(made, target)
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links
        made.rename(target)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _remove_folder(path: Path) -> None:
    with suppress(OSError):  # another program has put a file into it
        path.rmdir()


@contextmanager
def _blaming(path: Path) -> Iterator[None]:
    """Turn the system's errors into `NotWritten` with the path."""
    try:
        yield
    except OSError as error:
        raise NotWritten(path, reason(error)) from None
    except ValueError:
        raise NotWritten(path, Message("the name has a character that file names cannot have")) from None


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@contextmanager
def _signals_later() -> Iterator[None]:
    """Hold back SIGINT, SIGTERM and SIGHUP until the files are written; only the main thread gets and handles them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    handlers: dict[int, Any] = {}
    try:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) not in (None, signal.SIG_IGN):
                handlers[number] = signal.signal(number, lambda number, frame: arrived.append(number))
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in arrived:
            signal.raise_signal(number)


def content(path: str | os.PathLike[str], most: int) -> bytes:
    """Return at most so many bytes of a regular file; a link to one counts as one.

    Raises OSError where it cannot be read. The kind is asked of the open file, as another file could take the path
    meanwhile; O_NONBLOCK opens a pipe without waiting for its writer.
    """
    flags = (getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))
    handle = os.open(path, sum(flags, start=os.O_RDONLY))
    try:
        kind = os.fstat(handle).st_mode
        if not stat.S_ISREG(kind):
            raise OSError(EISDIR if stat.S_ISDIR(kind) else ENODEV, "no regular file")
        with open(handle, "rb", closefd=False) as file:
            return file.read(most)
    finally:
        os.close(handle)
