"""Where the templates are, and how they are read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_PACKAGED = Path(__file__).parent / "templates"
FOLDER = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parent.parent / "templates"


def environment(*, finalize: Callable[[Any], str] | None = None, autoescape: bool = False) -> Environment:
    """Return an environment that reads the templates' folder and refuses a name that is not there."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=autoescape,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["sentence"] = _sentence
    return made


def _sentence(words: str) -> str:
    """Return the words as a sentence begins: the first letter large, the others as they are."""
    return words[:1].upper() + words[1:]
