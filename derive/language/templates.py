"""How templates are read: the package's, and a user's that replace them."""

import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from traceback import walk_tb
from types import CodeType
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.loaders import split_template_path
from markupsafe import Markup

from derive.errors import InputError, InternalError, counted, reason
from derive.language import bytecode
from derive.language.compiled import Compiled, Source
from derive.language.folder import FOLDER
from derive.language.language import Language
from derive.language.sandbox import Offer, Sandbox, check_format
from derive.writing import content

ARTICLE, GRAPH = "article.md.j2", "graph.md.j2"  # of a network of layers, and of any other computation
FOLDERS = ("article/", "graph/")
# The files that the two include, one a section, and what they share.
SECTIONS = tuple(f"{folder}{path.name}" for folder in FOLDERS for path in sorted((FOLDER / folder).glob("*.md.j2")))
# What makes a handout: a folder of a user's may hold any of them.
HANDOUT = (ARTICLE, GRAPH, *SECTIONS, "page.html.j2", "document.tex.j2", "style.css", "print.css")
LONGEST_REASON = 200  # characters
MAX_BYTES = 10_000_000  # of a template, and of a style file with the fonts that it may hold

Finalize = Callable[[Any], str]
_COMPILED = Compiled()


@dataclass(frozen=True)
class Templates:
    """The templates: each from the user's ``folder`` where it is there, else from the package.

    ``offered`` is what a user's templates may use of what they are given, by its class.
    """

    folder: Path | None = None
    offered: Mapping[type, Offer] = field(default_factory=dict, repr=False)

    def path(self, name: str) -> Path:
        """Return where the file of that name is."""
        parts = split_template_path(name)
        own = self.folder.joinpath(*parts) if self.folder else None
        return own if own and os.path.lexists(own) else FOLDER.joinpath(*parts)

    def owns(self, name: str) -> bool:
        """Whether the file of that name is the user's."""
        return self.path(name) != FOLDER.joinpath(*split_template_path(name))

    def changed(self, name: str) -> list[Path]:
        """Return the user's files that the template is made of, without those that are copies of the package's."""
        parts = (name, *SECTIONS) if name in (ARTICLE, GRAPH) else (name,)
        return [
            self.path(part)
            for part in parts
            if self.owns(part) and read(self.path(part)) != read(FOLDER.joinpath(*split_template_path(part)))
        ]

    def check_inside(self, name: str) -> None:
        """Raise `SecurityError` where the file of that name is a link that leads out of the user's folder."""
        path = self.path(name)
        if self.folder and self.owns(name) and not path.resolve().is_relative_to(self.folder.resolve()):
            raise SecurityError(f"{name!r} is a link that leads out of the folder")

    def environment(
        self, *, language: Language | None = None, finalize: Finalize | None = None, autoescape: bool = False
    ) -> Environment:
        """Return an environment that reads the templates, and refuses a name that is not there.

        ``{% trans %}`` gives its sentence in the language, English without one; what stands in its places goes through
        ``finalize`` as everything else does. A user's templates run in a sandbox. Code is shared with other
        environments, so none gets filters of its own: what a template may call beside, it is given by name.
        """
        made = self._bare(finalize, autoescape)
        made.loader = _Loader(self)
        _install_translations(made, language, finalize)
        return made

    def compiler(self, made: Environment) -> Environment:
        """Return an environment that compiles as the other one would, and leaves to it what depends on the language."""
        compiler = self._bare(_written_as_it_stands if made.finalize else None, bool(made.autoescape))
        compiler.newstyle_gettext = True  # type: ignore[attr-defined]
        return compiler

    def _bare(self, finalize: Finalize | None, autoescape: bool) -> Environment:
        options: dict[str, Any] = {
            "extensions": ["jinja2.ext.i18n"],
            "undefined": StrictUndefined,
            "autoescape": autoescape,
            "finalize": finalize,
            "trim_blocks": True,
            "lstrip_blocks": True,
            "keep_trailing_newline": True,
        }
        made = self._sandbox(options) if self.folder else Environment(**options)
        made.filters["sentence"] = _sentence
        made.policies["ext.i18n.trimmed"] = True
        return made

    def _sandbox(self, options: dict[str, Any]) -> Environment:
        return Sandbox(offered=self.offered, check_named=self.check_inside, **options)

    def render(self, name: str, environment: Environment, /, **context: Any) -> str:
        """Return what the template writes; raises `InputError` with file, line and reason where a user's cannot."""
        with self._blaming(name):
            return environment.get_template(name).render(context)

    @contextmanager
    def _blaming(self, name: str) -> Iterator[None]:
        """Say where in a user's template an error arose; one in the package's own stays what it is."""
        try:
            yield
        except TemplateSyntaxError as error:
            if not self._is_own(error.filename):
                raise
            raise broken(f"{error.filename}, line {error.lineno}", error.message or "") from None
        except Exception as error:
            place = self._place(error)
            if place is None and isinstance(error, SecurityError):  # all that was written, put together, is too long
                place = ", ".join(map(str, self.changed(name)))
            if not place:
                raise
            raise broken(place, _reason(error)) from None

    def _place(self, error: Exception) -> str | None:
        """Return file and line where the error left the innermost template of the user's, if there is one.

        One of the package's has the user's to thank for its error where a user's included or extended it.
        """
        lines = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
        own = [(file, line) for file, line in lines if self._is_own(file)]
        return f"{own[-1][0]}, line {own[-1][1]}" if own else None

    def _is_own(self, file: str | None) -> bool:
        is_template = file and not file.endswith(".py") and os.path.isfile(file)
        return bool(self.folder and file and is_template and Path(file).is_relative_to(self.folder))

    def css(self, name: str) -> str:
        """Return a style file; raises `InputError` where a user's cannot be read, or would have to fetch something."""
        text = read(self.path(name))
        if self.owns(name):
            from derive.language.style import check

            check(text, str(self.path(name)))
        return text


SHIPPED = Templates()


def environment(language: Language | None = None, *, autoescape: bool = False) -> Environment:
    """Return an environment that reads the package's templates, in English without a language."""
    return SHIPPED.environment(language=language, autoescape=autoescape)


def read(path: Path) -> str:
    """Return the text of a template or style file; raises `InputError` where it cannot be read."""
    try:
        found = content(path, MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            "{place}: cannot be read ({found}); expected a file that can.",
            place=str(path),
            found=reason(error),
        ) from None
    if len(found) > MAX_BYTES:
        raise InputError(
            "{place}: has more than {bytes}; expected a shorter template or style file.",
            place=str(path),
            bytes=counted("{number} byte", "{number} bytes", MAX_BYTES),
        )
    try:
        return found.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = found.count(b"\n", 0, error.start) + 1
        raise InputError(
            "{place}: found a byte that is not UTF-8; save the file as UTF-8 text.", place=f"{path}, line {line}"
        ) from None


class _Loader(BaseLoader):
    """Reads templates where they are, and compiles those that were not compiled before."""

    def __init__(self, templates: Templates) -> None:
        self.templates = templates

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        path = self.templates.path(template)
        if not os.path.lexists(path):
            raise TemplateNotFound(template)
        return read(path), str(path), lambda: True

    def load(self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None) -> Template:
        """Return the template; what is compiled stands for what the file holds at this moment."""
        text, file, is_current = self.get_source(environment, name)
        source = Source(
            name,
            file,
            text,
            is_sandboxed=environment.sandboxed,
            autoescape=bool(environment.autoescape),
            is_finalized=environment.finalize is not None,
        )

        def compiled() -> CodeType:
            return self.templates.compiler(environment).compile(text, name, file)

        is_users = self.templates.owns(name) or environment.sandboxed
        code = _COMPILED.code(source, compiled if is_users else lambda: bytecode.kept(environment, source, compiled))
        return environment.template_class.from_code(environment, code, {} if globals is None else globals, is_current)


def _reason(error: Exception) -> str:
    """Return what went wrong in the words of the error, its kind with it where these alone say little."""
    if isinstance(error, InternalError):
        return str(error.message.fields["what"])
    if isinstance(error, TemplateNotFound):
        return f"no template {error.name!r}"
    says_enough = type(error).__module__.partition(".")[0] in ("jinja2", "derive")
    return str(error) if says_enough else f"{type(error).__name__}: {error}"


def broken(place: str, what: str) -> InputError:
    """Return the error that says where a user's template is wrong, and why."""
    printed = "".join(sign if sign.isprintable() or sign.isspace() else repr(sign)[1:-1] for sign in what)
    words = " ".join(printed.split()).rstrip(".")
    short = words if len(words) <= LONGEST_REASON else f"{words[: LONGEST_REASON - 3]}..."
    return InputError(
        "{place}: the template does not work ({found}). To compare it with the original, copy the built-in "
        "templates with `derive template DIR`.",
        place=place,
        found=short,
    )


def _install_translations(made: Environment, language: Language | None, finalize: Finalize | None) -> None:
    """Give the environment its gettext and ngettext. A sentence is a part of the template: it is not escaped."""
    catalogue = None if language is None else language.translations

    def filled(text: str, places: dict[str, Any]) -> Markup:
        check_format(text)
        whole = {name: finalize(value) if finalize else value for name, value in places.items()}
        return Markup(text) % whole if made.autoescape else Markup(text % whole)

    def gettext(text: str, /, **places: Any) -> Markup:
        return filled(text if catalogue is None else catalogue.gettext(text), places)

    def ngettext(one: str, many: str, number: int, /, **places: Any) -> Markup:
        found = (one if number == 1 else many) if catalogue is None else catalogue.ngettext(one, many, number)
        if language is not None and found in (one, many):  # a sentence of the user's, in the reader's language
            found = (one, many)[language.is_plural(number)]
        return filled(found, places)

    made.install_gettext_callables(gettext, ngettext)  # type: ignore[attr-defined]
    # Set last: the functions above fill the fields themselves, and Jinja would wrap them in its own that do so again.
    made.newstyle_gettext = True  # type: ignore[attr-defined]


def _written_as_it_stands(value: Any) -> Markup:
    """Let a constant of a template be written when it is compiled where no language would change it."""
    if isinstance(value, Markup):
        return value
    raise nodes.Impossible


def _sentence(words: str) -> str:
    """Return the words as a sentence begins: the first letter large, the others as they are."""
    return words[:1].upper() + words[1:]
