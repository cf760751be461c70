"""A folder with templates of a user's own: it is made, and looked at before it is used."""

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

from jinja2 import TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError

from derive.errors import InputError, shown, suggestion
from derive.language.folder import FOLDER
from derive.language.language import ENGLISH, Language
from derive.language.templates import FOLDERS, HANDOUT, SECTIONS, SHIPPED, Templates, read
from derive.writing import NotWritten, write_all, write_new

ENDINGS = (".j2", ".css")
# How like a template's name another one is: update.j2 is like update.md.j2, updte.md.j2 is it, but for a letter.
LIKE, ALMOST = 0.8, 0.9


def user_folder(folder: str | os.PathLike[str] | None) -> Path | None:
    """Return the folder with a user's templates.

    Raises `InputError` where it is none, where none of them is in it, and where the name of one is no template's.
    """
    if folder is None:
        return None
    if not isinstance(folder, str | os.PathLike) or not os.path.isdir(folder):
        raise InputError(
            "{place}: found {found}; expected a folder with templates, as `derive template DIR` makes one.",
            place="template",
            found=shown(folder if isinstance(folder, str) else str(folder)),
        )
    path = Path(os.fsdecode(folder))
    _check_names(path)
    if not any(os.path.lexists(path / name) for name in HANDOUT):
        raise InputError(
            "{place}: contains none of the templates; expected at least one of {names}.",
            place=str(path),
            names=", ".join(
                [*(name for name in HANDOUT if name not in SECTIONS), *(f"{section}*.md.j2" for section in FOLDERS)]
            ),
        )
    return path


def _check_names(folder: Path) -> None:
    """Raise `InputError` for a file that would change nothing: no template's name, and no template takes it in.

    Beside the folder of the sections a file may be anything else, so there it has to be like a template's name.
    """
    unknown = [name for name in _names(folder) if name not in HANDOUT]
    meant = {name: _meant(name) for name in unknown}
    idle = [name for name in unknown if meant[name] or "/" in name]
    if not idle:
        return
    used = _taken_in(folder)
    for name in idle:
        if used is not None and name not in used:
            raise InputError(
                "{place}: found a file that no template uses; expected a name as `derive template DIR` writes it, or a "
                "file that another template in this folder includes.{hint}",
                place=str(folder / name),
                hint=suggestion(meant[name]),
            )


def _names(folder: Path) -> Iterator[str]:
    """Yield the names of the files that look like templates; an editor's own files begin with a dot."""
    for inside in ("", *FOLDERS):
        if (folder / inside).is_dir():
            found = sorted(path.name for path in (folder / inside).iterdir() if path.suffix in ENDINGS)
            yield from (inside + name for name in found if not name.startswith("."))


def _meant(name: str) -> str:
    """Return the template's name that is most like this one, "" for none: it lies elsewhere, or is misspelled."""
    folder = name.rpartition("/")[0]
    # Two folders have sections of one name: one's own folder comes first, then a network's.
    by_folder = sorted(HANDOUT, key=lambda other: (other.startswith(f"{folder}/"), other.startswith(FOLDERS[0])))
    known = {_last(other): other for other in by_folder}
    found = difflib.get_close_matches(_last(name).casefold(), known, n=1, cutoff=LIKE if "/" in name else ALMOST)
    return known[found[0]] if found else ""


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _taken_in(folder: Path) -> set[str] | None:
    """Return the names that the user's templates include, import or extend; None where that cannot be told."""
    from jinja2.meta import find_referenced_templates

    templates = Templates(folder)
    environment = templates.environment()
    found: set[str] = set()
    waiting = [name for name in HANDOUT if name.endswith(".j2")]
    while waiting:
        name = waiting.pop()
        try:
            if not templates.owns(name):
                continue
            templates.check_inside(name)
            named = set(find_referenced_templates(environment.parse(read(templates.path(name)))))
        except (TemplateNotFound, TemplateSyntaxError, InputError, SecurityError):
            return None  # what is wrong there is told when the handout is written
        if None in named:  # a name that is made while the template runs
            return None
        new = {taken for taken in named if taken is not None} - found
        found |= new
        waiting += new
    return found


def copy_to(folder: str | os.PathLike[str], language: Language = ENGLISH, *, replace: bool = False) -> list[Path]:
    """Write the package's templates into the folder, their sentences in the language, and return their paths.

    Raises `InputError` where one is there, unless they are to be replaced, and where a link leads out of the folder.
    """
    target = Path(folder)
    there = dict.fromkeys(str(target / Path(name).parts[0]) for name in HANDOUT if os.path.lexists(target / name))
    if there and not replace:
        raise InputError(
            "{place}: already contains {found}; choose another folder, or replace them with --force. Nothing was "
            "written.",
            place=str(target),
            found=", ".join(there),
        )
    for name in HANDOUT:
        if not (target / name).resolve().is_relative_to(target.resolve()):
            raise InputError(
                "{place}: found a link that leads out of the folder, so nothing was written; remove the link or name "
                "another folder.",
                place=str(target / name),
            )
    files = {target / name: written_in(language, name) for name in HANDOUT}
    try:
        return write_all(files) if replace else write_new(files)
    except NotWritten as failed:
        raise InputError(
            "{place}: cannot be written to ({found}); choose another folder.",
            place=str(target),
            found=failed.reason,
        ) from None


def written_in(language: Language, name: str) -> bytes:
    """Return a file of the package's whose sentences are in the language; in English it is what the package has."""
    whole = (FOLDER / name).read_bytes()
    if language.catalogue == ENGLISH.catalogue or not name.endswith(".j2"):
        return whole
    from derive.language.translated import translated

    return translated(whole.decode("utf-8"), SHIPPED.environment(), language.translations).encode("utf-8")
