"""One figure as a user holds it: it shows itself in Jupyter, and is written as SVG, PDF, PNG or TikZ."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from derive.language.language import Language
from derive.reading.files import folder_path
from derive.render import drawing, files
from derive.story.document import Figure


@dataclass(frozen=True)
class Drawing:
    """A figure of a derivation: ``derivation.figure("path:w5")``.

    >>> import derive
    >>> drawing = derive.load("article").derive().figure("path:w5")
    >>> drawing
    <Drawing path:w5 of A step by step example>
    >>> drawing.render("svg")[:4]
    b'<svg'
    """

    name: str
    title: str
    figure: Figure = field(repr=False)
    language: Language = field(repr=False)

    def render(self, format_: str) -> bytes:
        """Return the drawing as "svg", "pdf", "png" (by pdftoppm, where it is installed) or "tex"."""
        return drawing.render(self.figure, format_, self.title, self.language)

    def write(self, file: str | os.PathLike[str]) -> Path:
        """Write the drawing as that file, in the format that its ending says, and return its path."""
        path = folder_path(file)
        return files.write(path.parent, {path.name: self.render(path.suffix[1:])})[0]

    def _repr_svg_(self) -> str:
        return self.figure.svg

    def __repr__(self) -> str:
        return f"<Drawing {self.name} of {self.title}>"
