"""The files of a handout: their names are looked at, and all of them are written or none."""

from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Any

from derive.errors import InputError, shown
from derive.reading.files import DEVICE, readable
from derive.writing import NotWritten, write_all


def write(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write the files into the folder and return their paths; raises `InputError` where one cannot be written."""
    try:
        return write_all({folder / name: content for name, content in files.items()})
    except NotWritten as failed:
        raise InputError(
            "{path}: cannot be written ({reason}); choose another folder with -o.",
            path=readable(str(failed.path)),
            reason=failed.reason,
        ) from None


def joined(files: Mapping[str, bytes], more: Mapping[str, bytes], format_: str) -> dict[str, bytes]:
    """Return the files with those of one more format; raises `InputError` where it makes a file that is there."""
    for name in more:
        if name in files:
            raise InputError(
                "format {format}: writes the file {found}, which another format writes too; leave one of them out.",
                format=format_,
                found=shown(name),
            )
    return {**files, **more}


def main_file(files: Mapping[str, bytes], ending: str) -> str:
    """Return the name of the file that shows the handout: the one with the ending of the format, else the first."""
    return next((name for name in files if "/" not in name and name.endswith(ending)), next(iter(files)))


def under_name(files: Mapping[str, bytes], ending: str, name: str) -> dict[str, bytes]:
    """Return the files of a format, the one that shows the handout under that name."""
    main = main_file(files, ending)
    return {name if each == main else each: content for each, content in files.items()}


def checked(files: Any, format_: str) -> dict[str, bytes]:
    """Return what the renderer of a package made; raises `InputError` for anything but files inside the folder."""
    if not isinstance(files, dict) or not all(isinstance(content, bytes) for content in files.values()):
        raise InputError(
            "format {format}: found {found}; expected a dict from file names to bytes.",
            format=format_,
            found=shown(files),
        )
    for name in files:
        if not _is_inside(name):
            raise InputError(
                "format {format}: found the file name {found}; expected one inside the output folder.",
                format=format_,
                found=shown(name),
            )
    return files


def _is_inside(name: Any) -> bool:
    """Whether a file of that name lies in the folder, on every system."""
    if not isinstance(name, str) or not name.isprintable() or "\\" in name or PureWindowsPath(name).drive:
        return False
    return all(part and part[-1] not in ". " and not DEVICE.fullmatch(part) for part in name.split("/"))
