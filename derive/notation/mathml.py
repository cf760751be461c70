"""LaTeX as MathML, which browsers show and `derive.typeset` sets, and what Jupyter shows of it."""

import re
from functools import lru_cache
from xml.etree import ElementTree

from derive.errors import InternalError

# What math-core makes of 0{,}5. It is one number, and what stands above it belongs to all of it.
DECIMAL_COMMA = re.compile(r'<mn>(\d+)</mn><mo rspace="0">,</mo>(<msup>|)<mn>')


class Mathematics:
    """What shows itself in Jupyter as mathematics: as LaTeX, and beside it as MathML, which needs no network."""

    __slots__ = ()

    def _repr_latex_(self) -> str | None:
        """Return LaTeX between dollars, None where there is none to show."""
        raise NotImplementedError

    def _repr_html_(self) -> str | None:
        latex = self._repr_latex_()
        return None if latex is None else mathml(latex.strip("$"), False)


@lru_cache(maxsize=8192)
def mathml(latex: str, display: bool) -> str:
    """Return the formula as MathML; a display in display style."""
    # Imported here, as everything that Jupyter can show imports this module, and most of it is never shown there.
    from math_core import LatexError, LatexToMathML

    try:
        converted = LatexToMathML(pretty_print="never").convert_with_local_state(latex, displaystyle=display)
    except LatexError as error:
        raise InternalError(f"the formula {latex!r} is not understood: {_mistake(error)}") from None
    # An HTML entity that XML does not know.
    return _quiet_fences(DECIMAL_COMMA.sub(r"\2<mn>\1,", converted).replace("&ApplyFunction;", "\u2061"))


def _mistake(error: Exception) -> str:
    """Return what is wrong: math-core paints it in colours, and draws the place below."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().splitlines()
    return lines[0].removeprefix("Error: ") if lines else "LatexError"


def _quiet_fences(markup: str) -> str:
    """Keep fences from stretching where nothing in them is tall: Chromium would set space round them."""
    if ">(</mo>" not in markup:
        return markup
    root = ElementTree.fromstring(markup)
    tall = {"mfrac", "mtable", "msqrt", "mroot", "munder", "mover", "munderover"}
    for row in root.iter("mrow"):
        fences = [child for child in row if child.tag == "mo" and child.text in ("(", ")")]
        if fences and not any(inner.tag in tall for inner in row.iter()):
            for fence in fences:
                fence.set("stretchy", "false")
    return ElementTree.tostring(root, encoding="unicode")
