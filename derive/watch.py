"""Watching files: what is written from them is written again when they change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from derive.errors import InputError

PATIENCE = 200  # milliseconds without a further change before something is written
TEMPLATE_ENDINGS = (".j2", ".css")


def watch(network: Path | None, templates: Path | None, write: Callable[[], None]) -> None:
    """Write once, and again whenever the network's file or a file in the folder of templates changes, until Ctrl-C.

    Folders are watched, not files, since editors put a new file in the place of the old one. Raises `InputError` where
    there is nothing to watch, or where watchfiles is missing, and KeyboardInterrupt at Ctrl-C.
    """
    watchfiles = _watchfiles()
    folders = _folders(network, templates)
    if not folders:
        raise InputError(
            "{place}: found a ready network and no templates of your own; expected a file of your own, or --template "
            "DIR: there is nothing here that changes.",
            place="--watch",
        )
    # The first round comes before any change, and the watch begins before the first writing: nothing is missed.
    rounds = watchfiles.watch(
        *folders,
        watch_filter=lambda _, path: _matters(Path(path), network, templates),
        debounce=PATIENCE,
        rust_timeout=PATIENCE,
        yield_on_timeout=True,
        recursive=False,
    )
    is_first = True
    for changes in rounds:
        if changes or is_first:
            write()
        is_first = False


def _folders(network: Path | None, templates: Path | None) -> list[Path]:
    beside = [network.absolute().parent] if network else []
    return [*beside, templates, *(path for path in templates.rglob("*") if path.is_dir())] if templates else beside


def _matters(path: Path, network: Path | None, templates: Path | None) -> bool:
    """Whether the file is one that the handout is made from."""
    is_network = network is not None and path.absolute() == network.absolute()
    is_template = templates is not None and path.suffix in TEMPLATE_ENDINGS and _is_inside(path, templates)
    return is_network or is_template


def _is_inside(path: Path, folder: Path) -> bool:
    return path.absolute().is_relative_to(folder.absolute())


def _watchfiles() -> Any:
    try:
        import watchfiles
    except ImportError:
        raise InputError(
            "{place}: found no watchfiles, which it needs; install it with pip install 'derive[watch]'.",
            place="--watch",
        ) from None
    return watchfiles
