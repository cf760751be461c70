"""A drawing as TikZ, for plain tikz with arrows.meta."""

from derive.figure.diagram import Diagram
from derive.figure.layout import layout
from derive.figure.scene import UNIT, Box, Circle, Label, Scene
from derive.notation.names import GREEK


def tikz(diagram: Diagram) -> str:
    """Return the drawing as a TikZ picture for arrows.meta; it is at most 14.5 cm wide."""
    return scene_tikz(layout(diagram))


def scene_tikz(scene: Scene) -> str:
    """Return a drawing whose parts have their places as a TikZ picture."""
    unit = f"{scene.unit:.5f}".rstrip("0")
    lines = [rf"\begin{{tikzpicture}}[x={unit}cm,y=-{unit}cm,>={{Stealth[length=1.6mm]}}]"]
    for arrow in scene.arrows:
        lines.append(
            rf"\draw[->,{_tikz_stroke(arrow.marked)}] ({_at(arrow.x1, arrow.y1)}) -- ({_at(arrow.x2, arrow.y2)});"
        )
    lines += map(_tikz_circle, scene.circles)
    lines += map(_tikz_box, scene.boxes)
    lines += (_tikz_label(label, scene.unit / UNIT) for label in scene.labels)
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


def _tikz_box(box: Box) -> str:
    x, y = box.width / 2, box.height / 2
    corners = "1pt" if box.is_given else "3pt"
    return (
        rf"\draw[fill=white,line width=0.3pt,rounded corners={corners}] "
        rf"({_at(box.x - x, box.y - y)}) rectangle ({_at(box.x + x, box.y + y)});"
    )


TIKZ_ANCHORS = {"middle": "", "start": ",anchor=west", "end": ",anchor=east"}


def _tikz_label(label: Label, scale: float) -> str:
    text = r"\vdots" if label.stem == "⋮" else _tikz_text(label)
    seen = scale * label.size
    size = r"\footnotesize" if seen > 11 else r"\scriptsize" if seen > 9 else r"\tiny"
    fill = ",fill=white,inner sep=1pt" if label.halo else ",inner sep=0pt"
    colour = ",text={rgb,255:red,194;green,65;blue,12}" if label.marked else ""
    return rf"\node[font={size}{fill}{TIKZ_ANCHORS[label.anchor]}{colour}] at ({_at(label.x, label.y)}) {{${text}$}};"


def _tikz_text(label: Label) -> str:
    stem = _tikz_escape(label.stem)
    letter = rf"\{stem}" if stem in GREEK else stem if len(stem) < 2 else rf"\mathrm{{{stem}}}"
    name = letter + (f"_{{{_tikz_escape(label.index)}}}" if label.index else "")
    value = _tikz_escape(label.value)
    return f"{name} = {value}" if label.stem and label.value else name or value


def _tikz_escape(text: str) -> str:
    """Keep letters, digits and what numbers need; names and numbers hold nothing else, and other text must not act."""
    return "".join(c for c in text.replace("−", "-") if (c.isascii() and c.isalnum()) or c in ".,+-")
