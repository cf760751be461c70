"""Where the templates are, and how they are read."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

if TYPE_CHECKING:
    from derive.language import Language

_PACKAGED = Path(__file__).parent / "templates"
FOLDER = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parent.parent / "templates"


def environment(
    *,
    language: "Language | None" = None,
    finalize: Callable[[Any], str] | None = None,
    autoescape: bool = False,
) -> Environment:
    """Return an environment that reads the templates' folder and refuses a name that is not there.

    ``{% trans %}`` gives its sentence in the language, English without one; what stands in its places goes through
    ``finalize`` as everything else does.
    """
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        autoescape=autoescape,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["sentence"] = _sentence
    made.policies["ext.i18n.trimmed"] = True
    _install_translations(made, language, finalize)
    return made


def _install_translations(
    made: Environment, language: "Language | None", finalize: Callable[[Any], str] | None
) -> None:
    """Give the environment its gettext and ngettext. A sentence is a part of the template: it is not escaped."""
    catalogue = None if language is None else language.translations

    def filled(text: str, places: dict[str, Any]) -> Markup:
        whole = {name: finalize(value) if finalize else value for name, value in places.items()}
        return Markup(text) % whole if made.autoescape else Markup(text % whole)

    def gettext(text: str, /, **places: Any) -> Markup:
        return filled(text if catalogue is None else catalogue.gettext(text), places)

    def ngettext(one: str, many: str, number: int, /, **places: Any) -> Markup:
        if catalogue is None:
            return filled(one if number == 1 else many, places)
        return filled(catalogue.ngettext(one, many, number), places)

    made.install_gettext_callables(gettext, ngettext)  # type: ignore[attr-defined]
    made.newstyle_gettext = True  # type: ignore[attr-defined]


def _sentence(words: str) -> str:
    """Return the words as a sentence begins: the first letter large, the others as they are."""
    return words[:1].upper() + words[1:]
