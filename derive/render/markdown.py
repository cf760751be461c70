"""The article as a Markdown file, its figures as SVG files beside it."""

import os
import re
from collections.abc import Iterable, Mapping
from itertools import count
from urllib.parse import quote

from derive.render.rendered import Rendered
from derive.story.document import Figure

# Only the template begins a line so: in text that comes from a user, these signs stand behind backslashes.
BLANK = re.compile(r'!\[(?:[^\\\]]|\\.)*\]\((blank|formula|text):(\w+)(?::\d+)?(?: "((?:[^\\"]|\\.)*)")?\)')
LINE = r"\_" * 6
FIGURE = re.compile(r"^( {0,3}!\[(?:[^\\\]]|\\.)*\]\()figure:([A-Za-z0-9_-]+)", re.MULTILINE | re.DOTALL)


def render(handout: Rendered) -> dict[str, bytes]:
    """Return the article and its figures as files."""
    text, pictures = linked(handout.markdown, handout.figures, prefix=handout.name)
    return {f"{handout.name}.md": text.encode()} | {file: picture.encode() for file, picture in pictures.items()}


def linked(markdown: str, figures: Mapping[str, Figure], *, prefix: str) -> tuple[str, dict[str, str]]:
    """Return the article with its figures as relative files, and these files: name and SVG text."""
    files = {name: f"{prefix}-figures/{base}.svg" for name, base in _kept_apart(figures).items()}
    text = FIGURE.sub(lambda match: match[1] + address(files[match[2]]) if match[2] in files else match[0], markdown)
    return BLANK.sub(_blank, text), {files[name]: figure.svg for name, figure in figures.items()}


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


def address(file: str) -> str:
    """Return the relative address of a file, in which no sign means something to Markdown or to a browser.

    >>> address("my net (1)-figures/network.svg")
    'my%20net%20%281%29-figures/network.svg'
    """
    return quote(os.fsencode(file))


def _blank(found: re.Match[str]) -> str:
    r"""Return a blank as a line to write on, or its answer, and its number behind it.

    >>> print(BLANK.sub(_blank, '![net](blank:1) ![net](blank:2 "0.25") ![net](formula:3 "\\\\frac{1}{2}")'))
    \_\_\_\_\_\_ (1) **0.25** (2) $\frac{1}{2}$ (3)
    """
    kind, number, title = found.groups()
    answer = re.sub(r"\\([\\\"&])", r"\1", title or "")
    shown = f"${answer}$" if kind == "formula" else f"**{answer}**"
    written = shown if answer else LINE
    return written if kind == "text" else f"{written} ({number})"
