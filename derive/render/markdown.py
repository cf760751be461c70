"""The article as a Markdown file, its figures as SVG files beside it."""

import re
from collections.abc import Iterable, Mapping
from itertools import count

from derive.document import Figure

FIGURE = re.compile(r"\]\(figure:([A-Za-z0-9_-]+)")


def render(markdown: str, figures: Mapping[str, Figure], *, prefix: str) -> tuple[str, dict[str, str]]:
    """Return the article with its figures as relative files, and these files: name and SVG text."""
    files = {name: f"{prefix}-figures/{base}.svg" for name, base in _kept_apart(figures).items()}
    text = FIGURE.sub(lambda match: f"]({files[match.group(1)]}", markdown)
    return text, {files[name]: figure.svg for name, figure in figures.items()}


def _kept_apart(names: Iterable[str]) -> dict[str, str]:
    """Return a file's base for each name; where only capital letters tell two apart, some disks would not.

    >>> _kept_apart(["path-w1", "path-W1"])
    {'path-w1': 'path-w1', 'path-W1': 'path-W1-2'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        bases = (f"{name}-{number}" if number > 1 else name for number in count(1))
        found[name] = next(base for base in bases if base.lower() not in taken)
        taken.add(found[name].lower())
    return found
