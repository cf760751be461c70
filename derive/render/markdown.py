"""The article as a Markdown file, its figures as SVG files beside it."""

import re
from collections.abc import Mapping

from derive.document import Figure

FIGURE = re.compile(r"\]\(figure:([A-Za-z0-9_-]+)")


def render(markdown: str, figures: Mapping[str, Figure], *, prefix: str) -> tuple[str, dict[str, str]]:
    """Return the article with its figures as relative files, and these files: name and SVG text."""
    text = FIGURE.sub(lambda match: f"]({_file(prefix, match.group(1))}", markdown)
    return text, {_file(prefix, name): figure.svg for name, figure in figures.items()}


def _file(prefix: str, name: str) -> str:
    return f"{prefix}-figures/{name}.svg"
