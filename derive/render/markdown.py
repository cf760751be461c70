"""The article as a Markdown file, its figures as SVG files beside it."""

import os
import re
from collections.abc import Mapping
from urllib.parse import quote

from derive.document import Figure

# Only the template begins a line so: in text that comes from a user, these signs stand behind backslashes.
FIGURE = re.compile(r"^( {0,3}!\[(?:[^\\\]]|\\.)*\]\()figure:([A-Za-z0-9_-]+)", re.MULTILINE | re.DOTALL)


def render(markdown: str, figures: Mapping[str, Figure], *, prefix: str) -> tuple[str, dict[str, str]]:
    """Return the article with its figures as relative files, and these files: name and SVG text."""
    text = FIGURE.sub(lambda match: match[1] + address(_file(prefix, match[2])), markdown)
    return text, {_file(prefix, name): figure.svg for name, figure in figures.items()}


def address(file: str) -> str:
    """Return the relative address of a file, in which no sign means something to Markdown or to a browser.

    >>> address("my net (1)-figures/network.svg")
    'my%20net%20%281%29-figures/network.svg'
    """
    return quote(os.fsencode(file))


def _file(prefix: str, name: str) -> str:
    return f"{prefix}-figures/{name}.svg"
