"""A drawing as TikZ, for plain tikz with arrows.meta."""

import re

from derive.figure.diagram import Diagram
from derive.figure.layout import layout
from derive.figure.scene import UNIT, Box, Circle, Label, Scene
from derive.notation.names import GREEK

LONG_NAME = 8  # letters: a longer name, or one that was shortened, is set in the very size that it has room for
CM_A_POINT = 2.54 / 72.27


def tikz(diagram: Diagram) -> str:
    """Return the drawing as a TikZ picture for arrows.meta; it is at most 14.5 cm wide."""
    return scene_tikz(layout(diagram))


def scene_tikz(scene: Scene) -> str:
    """Return a laid-out drawing as a TikZ picture."""
    unit = f"{scene.unit:.5f}".rstrip("0")
    lines = [rf"\begin{{tikzpicture}}[x={unit}cm,y=-{unit}cm,>={{Stealth[length=1.6mm]}}]"]
    for arrow in scene.arrows:
        lines.append(
            rf"\draw[->,{_tikz_stroke(arrow.marked)}] ({_at(arrow.x1, arrow.y1)}) -- ({_at(arrow.x2, arrow.y2)});"
        )
    lines += map(_tikz_circle, scene.circles)
    lines += (_tikz_box(box, scene.unit) for box in scene.boxes)
    fonts = _font_size if scene.boxes else _font_name
    lines += (
        _tikz_label(label, (_font_size if _is_long(label) else fonts)(label.size, scene.unit)) for label in scene.labels
    )
    return "\n".join([*lines, r"\end{tikzpicture}"])


def _at(x: float, y: float) -> str:
    return f"{x:.1f},{y:.1f}"


def _tikz_stroke(marked: bool) -> str:
    return "line width=0.8pt,draw={rgb,255:red,194;green,65;blue,12}" if marked else "line width=0.3pt"


def _tikz_circle(circle: Circle) -> str:
    style = f"fill=white,{_tikz_stroke(circle.marked)}"
    if circle.is_bias:
        x, y, r = circle.x, circle.y, circle.radius
        return rf"\draw[{style},rounded corners=1pt] ({_at(x - r, y - r)}) rectangle ({_at(x + r, y + r)});"
    return rf"\draw[{style}] ({_at(circle.x, circle.y)}) circle [radius={UNIT * circle.radius:.3f}cm];"


def _tikz_box(box: Box, unit: float) -> str:
    x, y = box.width / 2, box.height / 2
    return (
        rf"\draw[fill=white,line width=0.3pt,rounded corners={0.95 * box.corner * unit:.3f}cm] "
        rf"({_at(box.x - x, box.y - y)}) rectangle ({_at(box.x + x, box.y + y)});"
    )


TIKZ_ANCHORS = {"middle": "", "start": ",anchor=west", "end": ",anchor=east"}


def _is_long(label: Label) -> bool:
    return "…" in label.stem + label.index or max(len(label.stem), len(label.index)) > LONG_NAME


def _font_name(size: float, unit: float) -> str:
    seen = size * unit / UNIT
    return r"\footnotesize" if seen > 11 else r"\scriptsize" if seen > 9 else r"\tiny"


def _font_size(size: float, unit: float) -> str:
    """Return the very size, for where a named one, which depends on the document's, would be too large."""
    points = size * unit / CM_A_POINT
    return rf"\fontsize{{{points:.1f}}}{{{1.2 * points:.1f}}}\selectfont"


def _tikz_label(label: Label, font: str) -> str:
    text = r"\vdots" if label.stem == "⋮" else _tikz_text(label)
    fill = ",fill=white,inner sep=1pt" if label.halo else ",inner sep=0pt"
    colour = ",text={rgb,255:red,194;green,65;blue,12}" if label.marked else ""
    return rf"\node[font={font}{fill}{TIKZ_ANCHORS[label.anchor]}{colour}] at ({_at(label.x, label.y)}) {{${text}$}};"


def _tikz_text(label: Label) -> str:
    stem = _tikz_escape(label.stem)
    letter = rf"\{stem}" if stem in GREEK else stem if len(stem) < 2 else rf"\mathrm{{{stem}}}"
    index = _tikz_escape(label.index)
    word = rf"\mathrm{{{index}}}" if index.isalpha() and len(index) > 1 else index
    name = letter + (f"_{{{word}}}" if word else "")
    value = _tikz_number(label.value)
    return f"{name} = {value}" if label.stem and label.value else name or value


POWER = re.compile(r"·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$")
RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def _tikz_number(text: str) -> str:
    r"""Write a number: a comma in it does not list, and a power of ten stays one.

    >>> print(_tikz_number("0,25"), _tikz_number("1.5·10⁻⁷"))
    0{,}25 1.5 \cdot 10^{-7}
    """
    power = POWER.search(text)
    mantissa = _tikz_escape(text[: power.start()] if power else text).replace(",", "{,}")
    return mantissa + (rf" \cdot 10^{{{power[1].translate(RAISED)}}}" if power else "")


def _tikz_escape(text: str) -> str:
    """Keep letters, digits and what numbers need; names and numbers hold nothing else, and other text must not act."""
    return "".join(
        c for c in text.replace("−", "-").replace("…", "...") if (c.isascii() and c.isalnum()) or c in ".,+-"
    )
