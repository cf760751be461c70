"""LaTeX as MathML, which browsers show and `derive.typeset` sets, and what Jupyter shows of it."""

import re
from functools import lru_cache
from xml.etree import ElementTree

from derive.errors import InternalError
from derive.notation.slots import OPENING

# Letters of a name that reach below the line; a subscript behind them would stand lower than behind others.
NAME_WITH_SUBSCRIPT = re.compile(r"<(msub|msubsup)><mrow>(<mspace ?/><mi>[^<]*[gjpqy][^<]*</mi>)</mrow>")
SUM_HEIGHT = "2.9em"  # of a sum in a display with its limits
# The sign of a prime is raised already. Browsers raise it again, in the size of scripts: a speck high above the letter.
# So it has the letter's size and is let down by so much as they raise it; and it keeps from a slanted letter's end.
PRIME = re.compile(
    r"(<msup><mi>[^<]</mi>|<msubsup><mi>[^<]</mi>(?:<m([in])>[^<]*</m\2>|<mrow>.*?</mrow>))(<mo>′+</mo>)"
)
LET_DOWN = (
    r'\1<mpadded scriptlevel="+0" voffset="-0.45em" height="0.3em" depth="0px"><mspace width="0.04em"/>\3</mpadded>'
)
# What math-core makes of 0{,}5. It is one number, and what stands above it belongs to all of it.
DECIMAL_COMMA = re.compile(r'<mn>(\d+)</mn><mo rspace="0">,</mo>(<msup>|)<mn>')
# No formula has a colour of its own.
COLOURED, COLOUR = r"{\\color{red} ", re.compile('<mrow style="color:#FF0000;">')
# A sign that is alone in its slot stands between two terms, though math-core cannot see them.
TIGHT = ' lspace="0" rspace="0"'
ALONE = re.compile(rf'(<mrow slot="\d+">)<mo{TIGHT}>([^<]*)</mo></mrow>')
# And a minus behind a relation in a slot belongs to what follows.
BEHIND = re.compile(r'(<mrow slot="\d+"><mo>[=≈]</mo></mrow>)<mo>(?=−)')
# A slot with one element needs no row round it, as long as it is the one that it was written with.
SINGLE = re.compile(r'<mrow (slot="\d+")><(m[no])>([^<]*)</\2></mrow>')


class Mathematics:
    """What shows itself in Jupyter as mathematics: as LaTeX, and beside it as MathML, which needs no network."""

    __slots__ = ()

    def _repr_latex_(self) -> str | None:
        """Return LaTeX between dollars, None where there is none to show."""
        raise NotImplementedError

    def _repr_html_(self) -> str | None:
        latex = self._repr_latex_()
        return None if latex is None else for_browsers(latex.strip("$"), False)


@lru_cache(maxsize=8192)
def mathml(latex: str, display: bool) -> str:
    """Return the formula as MathML; a display in display style."""
    # Imported here, as everything that Jupyter can show imports this module, and most of it is never shown there.
    from math_core import LatexError, LatexToMathML

    # Of commands that mark a part, math-core knows colours.
    slots = iter(OPENING.findall(latex))
    coloured = OPENING.sub(COLOURED, latex)
    try:
        converted = LatexToMathML(pretty_print="never").convert_with_local_state(coloured, displaystyle=display)
    except LatexError as error:
        raise InternalError(f"the formula {latex!r} is not understood: {_mistake(error)}") from None
    converted = COLOUR.sub(lambda _: f'<mrow slot="{next(slots)}">', converted)
    converted = BEHIND.sub(rf"\1<mo{TIGHT}>", ALONE.sub(r"\1<mo>\2</mo></mrow>", converted))
    converted = NAME_WITH_SUBSCRIPT.sub(r'<\1><mpadded depth="0px">\2</mpadded>', converted)
    # An HTML entity that XML does not know.
    converted = SINGLE.sub(r"<\2 \1>\3</\2>", DECIMAL_COMMA.sub(r"\2<mn>\1,", converted))
    return _quiet_fences(converted.replace("&ApplyFunction;", "\u2061"))


def for_browsers(latex: str, display: bool) -> str:
    """Return the formula as MathML with what browsers need told: where a prime stands, the size of some parentheses."""
    found = PRIME.sub(LET_DOWN, mathml(latex, display))
    return _around_sums(found) if display and "<munder" in found and ">(</mo>" in found else found


def _around_sums(markup: str) -> str:
    """Make parentheses as high as a sum with its limits: Firefox counts these out."""
    root = ElementTree.fromstring(markup)
    for row in root.iter("mrow"):
        if any(child.tag in ("munder", "munderover") for child in row):
            for fence in (child for child in row if child.get("stretchy") == "true" and child.get("form")):
                fence.set("minsize", SUM_HEIGHT)
    return ElementTree.tostring(root, encoding="unicode")


def _mistake(error: Exception) -> str:
    """Return what is wrong: math-core paints it in colours, and draws the place below."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().splitlines()
    return lines[0].removeprefix("Error: ") if lines else "LatexError"


def _quiet_fences(markup: str) -> str:
    """Keep fences from stretching where nothing in them is tall: Chromium would set space round them.

    Where something is, they are told that they stretch: Firefox does not see it of itself.
    """
    if ">(</mo>" not in markup:
        return markup
    root = ElementTree.fromstring(markup)
    tall = {"mfrac", "msqrt", "mroot", "munder", "mover", "munderover"}
    for row in root.iter("mrow"):
        fences = [child for child in row if child.tag == "mo" and child.text in ("(", ")")]
        is_tall = any(inner.tag in tall or len(inner.findall("mtr")) > 1 for inner in row.iter())
        for fence in fences:
            if not is_tall:
                fence.set("stretchy", "false")
            elif fence.get("stretchy") != "false":
                fence.set("form", "prefix" if fence.text == "(" else "postfix")
                fence.set("stretchy", "true")
    return ElementTree.tostring(root, encoding="unicode")
