"""The Markdown that the article is made of: text escaped, displays with numbers and anchors, references to them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from derive.language.language import Language
from derive.lines.scalar import Display
from derive.notation import Latex


class Markdown(str):
    """A string that is Markdown; every other string is escaped when the template writes it."""

    __slots__ = ()


def escape(text: str) -> Markdown:
    r"""Return text that Markdown shows literally, on one line.

    >>> print(escape("<b> *x* $y$"))
    \<b\> \*x\* \$y\$
    """
    return Markdown(re.sub(r"([\\`*_{}\[\]<>#!|~$&^])", r"\\\1", " ".join(text.split())))


def escape_line(text: str) -> Markdown:
    r"""Return text that Markdown shows literally where a line begins, too: as no list, heading or rule.

    >>> print(escape_line("3. March"), escape_line("- 2025"))
    3\. March \- 2025
    """
    return Markdown(re.sub(r"^([0-9]+(?=[.)])|)(?=[-+=.)])", r"\1\\", escape(text)))


@dataclass(frozen=True)
class Numbering:
    """The numbers of the equations; it collects which are displayed and which are referred to."""

    language: Language
    numbers: Mapping[str, int] = field(default_factory=dict)
    displayed: list[str] = field(default_factory=list)
    referred: set[str] = field(default_factory=set)

    def reference(self, name: str) -> Markdown:
        """Return a link to the equation by its number."""
        self.referred.add(name)
        return Markdown(f"[({self.numbers.get(name, 0)})](#{anchor_of(name)})")

    def display(self, latex: Latex, name: str | None = None) -> Markdown:
        """Return a display: with a number where it is referred to, with an anchor where a name finds it.

        A line is found by its own id, where no name is given; where that is "", by none.
        """
        formula = self.language.math(latex)
        if name is None:
            name = latex.id if isinstance(latex, Display) else ""
        anchor = "" if not name or name in self.displayed else f'<a id="{anchor_of(name)}"></a>\n\n'
        is_first = name not in self.displayed
        self.displayed.append(name)
        tag = rf" \tag{{{self.numbers[name]}}}" if name in self.numbers and is_first else ""
        return Markdown(f"{anchor}$$\n{formula}{tag}\n$$")

    def numbered(self) -> "Numbering":
        """Return the numbering of what was displayed and referred to."""
        names = [name for name in dict.fromkeys(self.displayed) if name in self.referred]
        return Numbering(self.language, {name: number for number, name in enumerate(names, start=1)})


def anchor_of(name: str) -> str:
    """Return the id of the anchor of the display with that name; different names have different ids."""
    return "eq-" + name.replace("_", "-")


def anchor_of_place(name: str) -> str:
    """Return the id of a place at which no line stands."""
    return f"at-{name}"


def finalized(language: Language, value: object) -> Markup:
    """Escape whatever the template writes, unless it is a part of the template, Markdown, LaTeX or a whole number."""
    if isinstance(value, Latex):
        return Markup(language.math(value))
    if isinstance(value, int):
        return Markup(language.whole(value))
    return Markup(value if isinstance(value, Markup | Markdown) else escape(str(value)))
