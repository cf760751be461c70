"""The packaged fonts as CSS."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Literal

from derive.typeset.font import FONTS

FONT_LICENCE = FONTS / "GUST-FONT-LICENSE.txt"
# Names of our own: a system that has Latin Modern would put its copy, with other glyph numbers, in place of ours.
TEXT_FAMILY, MATH_FAMILY = "Derive Roman", "Derive Math"

_FACES = (
    ("lmroman10-regular", TEXT_FAMILY, "normal", "normal"),
    ("lmroman10-italic", TEXT_FAMILY, "normal", "italic"),
    ("lmroman10-bold", TEXT_FAMILY, "bold", "normal"),
    ("latinmodern-math", MATH_FAMILY, "normal", "normal"),
)


def font_files(suffix: Literal["otf", "woff2"] = "woff2") -> dict[str, Path]:
    """The font files by name: OTF for a PDF, WOFF2 for a web page."""
    return {name: FONTS / f"{name}.{suffix}" for name, *_ in _FACES}


@cache
def font_faces(kind: Literal["pdf", "html"] = "pdf", *, math: bool = True) -> str:
    """The @font-face rules of the packaged fonts: Latin Modern Roman and Math, as "Derive Roman" and "Derive Math".

    For a PDF they name the OTF files, for a web page they hold the WOFF2 files within themselves. `math=False`
    leaves the math font out: a PDF does not need it, formulas bring it along.
    """
    rules = []
    for name, family, weight, style in _FACES:
        if math or family != MATH_FAMILY:
            source = _file(name) if kind == "pdf" else _data(name)
            rules.append(
                f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; src: {source} }}'
            )
    return "\n".join(rules)


def _file(name: str) -> str:
    return f'url("{(FONTS / f"{name}.otf").as_uri()}") format("opentype")'


def _data(name: str) -> str:
    encoded = b64encode((FONTS / f"{name}.woff2").read_bytes()).decode("ascii")
    return f'url("data:font/woff2;base64,{encoded}") format("woff2")'
