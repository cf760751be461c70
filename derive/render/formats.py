"""The formats of a handout: the table of derive's own, and those that installed packages add.

A renderer is a module with ``render(handout: Rendered) -> dict[str, bytes]``, which returns the files by name, and
where it cannot show every handout ``lacks(handout: Rendered) -> InputError | None``, which says why. It is imported
when its format is asked for: WeasyPrint takes longer to load than the rest to run. A package adds one as an entry point
of the group ``derive.formats``; see ``docs/formats.md``.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Protocol

from derive.checks import Synonyms, one_of
from derive.errors import DeriveError, InputError, Message, folded, shown
from derive.render.files import checked

if TYPE_CHECKING:  # the table is read for help and completion, which load nothing else
    from derive.render.rendered import Rendered

GROUP = "derive.formats"
LONGEST_REASON = 200  # characters
NAME = re.compile(r"[a-z][a-z0-9]*")


class Renderer(Protocol):
    """The module of a format."""

    def render(self, handout: "Rendered") -> dict[str, bytes]:
        """Return the files of the format: name and content."""


@dataclass(frozen=True)
class Library:
    """A library that a format needs, and how it is installed."""

    module: str
    command: str


@dataclass(frozen=True)
class Format:
    """One format: its name, the ending of its main file, and its module; ``is_usual`` where nobody need ask for it.

    ``packages`` are those that add it, none where it is derive's own.
    """

    name: str
    ending: str
    module: str
    synonyms: tuple[str, ...] = ()
    is_usual: bool = True
    needs: Library | None = None
    packages: tuple[str, ...] = ()

    def renderer(self) -> Renderer:
        """Return the module; raises `InputError` where it or its library cannot be loaded."""
        if self.needs:
            self._check_library(self.needs)
        if not self.packages:
            return import_module(self.module)
        if len(self.packages) > 1:
            raise InputError(
                "format {format}: several packages add it ({packages}); keep one and uninstall the others.",
                format=self.name,
                packages=", ".join(self.packages),
            )
        try:
            found: Renderer = resolve_name(self.module)
        except (Exception, SystemExit) as error:
            raise InputError(
                "format {format}: the package {package} cannot be loaded ({found}); another version of it may work.",
                format=self.name,
                package=self.packages[0],
                found=_said(error),
            ) from error
        if not callable(getattr(found, "render", None)):
            raise InputError(
                "format {format}: the package {package} has no function render in {module}; tell its authors.",
                format=self.name,
                package=self.packages[0],
                module=self.module,
            )
        return found

    def render(self, handout: "Rendered") -> dict[str, bytes]:
        """Return the files; raises `InputError` where a package's renderer fails or names files outside the folder."""
        renderer = self.renderer()
        if not self.packages:
            return renderer.render(handout)
        try:
            files = renderer.render(handout)
        except DeriveError:
            raise
        except Exception as error:
            raise InputError(
                "format {format}: the package {package} failed ({found}); choose another format, or tell its authors.",
                format=self.name,
                package=self.packages[0],
                found=_said(error),
            ) from error
        return checked(files, self.name)

    def lacks(self, handout: "Rendered") -> InputError | None:
        """Return why the format cannot show the handout, None where it can."""
        try:
            found: InputError | None = getattr(self.renderer(), "lacks", lambda _: None)(handout)
        except InputError as error:
            return error
        return found

    def _check_library(self, library: Library) -> None:
        try:
            import_module(library.module)
        except ImportError:
            raise InputError(
                "The format {format} needs {library}, which is not installed; install it with: {command}",
                format=self.name,
                library=library.module,
                command=library.command,
            ) from None


def _said(error: BaseException) -> str:
    """Return an error of somebody else's on one line."""
    line = "".join(sign for sign in " ".join(f"{type(error).__name__}: {error}".split()) if sign.isprintable())
    return line if len(line) <= LONGEST_REASON else f"{line[: LONGEST_REASON - 3]}..."


OWN: Mapping[str, Format] = {
    format_.name: format_
    for format_ in (
        Format("pdf", ".pdf", "derive.render.pdf"),
        Format("html", ".html", "derive.render.html", synonyms=("htm",)),
        Format("tex", ".tex", "derive.render.latex", synonyms=("latex",)),
        Format("md", ".md", "derive.render.markdown", synonyms=("markdown",)),
        Format("json", ".json", "derive.render.data"),
        Format(
            "ipynb",
            ".ipynb",
            "derive.render.notebook",
            synonyms=("jupyter", "notebook"),
            is_usual=False,
            needs=Library("nbformat", "pip install 'derive-backprop[notebook]'"),
        ),
        Format("slides", ".slides.pdf", "derive.render.slides", synonyms=("presentation",), is_usual=False),
        Format("docx", ".docx", "derive.render.docx", synonyms=("word",), is_usual=False),
        Format("explore", ".explore.html", "derive.render.explore", synonyms=("explorable",), is_usual=False),
    )
}
USUAL_FORMATS = tuple(name for name, format_ in OWN.items() if format_.is_usual)
OTHER_WORDS = {word: name for name, format_ in OWN.items() for word in format_.synonyms}


class _Formats(Mapping[str, Format]):
    """The table with what packages add. They are looked for where derive's own do not answer, as that takes a while."""

    def __getitem__(self, name: str) -> Format:
        return OWN[name] if name in OWN else _added()[name]

    def __iter__(self) -> Iterator[str]:
        yield from OWN
        yield from _added()

    def __len__(self) -> int:
        return len(OWN) + len(_added())


FORMATS: Mapping[str, Format] = _Formats()


def format_name(word: Any) -> str:
    """Return the name of the format that is meant; raises `InputError`, with the nearest name, where there is none.

    >>> format_name("LaTeX")
    'tex'
    """
    known = {folded(name): name for name in OWN} | OTHER_WORDS
    own = known.get(folded(word)) if isinstance(word, str) else None
    return own or one_of(word, FORMATS, "format", Synonyms(same=OTHER_WORDS))


def refused() -> list[Message]:
    """Return a sentence for each format that a package adds under a name that is none, or is derive's own."""
    return [
        Message(
            "The format {format} of the package {package} is not used: {reason}",
            {"format": shown(name), "package": package, "reason": reason},
        )
        for name, package, _ in _entries()
        if (reason := _reason(name))
    ]


def _added() -> dict[str, Format]:
    """Return the formats that packages add; none of them is loaded."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, package, module in _entries():
        if not _reason(name):
            found[name].append((package, module))
    return {
        name: Format(
            name, f".{name}", added[0][1], is_usual=False, packages=tuple(sorted(package for package, _ in added))
        )
        for name, added in sorted(found.items())
    }


def _reason(name: str) -> Message | None:
    """Return why no package may add a format of that name, None where one may."""
    if not NAME.fullmatch(name):
        return Message("its name may only have lowercase letters and digits.")
    if folded(name) in {*OWN, *OTHER_WORDS}:
        return Message("derive itself has a format with that name.")
    return None


def _entries() -> Iterator[tuple[str, str, str]]:
    """Yield name, package and place of each format that an installed package adds."""
    from importlib.metadata import entry_points  # slow to load

    try:
        entries = list(entry_points(group=GROUP))
    except Exception as error:
        raise InputError(
            "The installed packages cannot be listed ({found}); one of them is broken.",
            found=_said(error),
        ) from None
    for entry in entries:
        yield entry.name, _package(entry.dist), entry.value


def _package(distribution: Any) -> str:
    try:
        return str(distribution.name or "?")
    except Exception:  # one without metadata has no name
        return "?"
