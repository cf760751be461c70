"""A drawing as TikZ, for plain tikz with arrows.meta."""

from derive.figure.diagram import Diagram
from derive.figure.layout import layout
from derive.figure.scene import UNIT, Arrow, Box, Label, Scene
from derive.figure.text import POWER, RAISED, SMALL
from derive.notation.names import Spelling

CM_A_POINT = 2.54 / 72.27
# For a size that LaTeX does not know it takes this ratio; a size near 10 has the shapes that were measured.
FULL_SIZE = 9.99  # points
FONT = rf"\def\defaultscriptratio{{{SMALL}}}\fontsize{{{FULL_SIZE}}}{{12}}\selectfont"
WIDEST = 14.5  # cm: a drawing of a network
ACCENT = "{rgb,255:red,194;green,65;blue,12}"
TIMES = r" \times "
SIGNS = {
    "⋮": r"\vdots",
    "+": "+",
    "=": "=",
    "≈": r"\approx",
    "−": "-",
    "·": r"\cdot",
    "×": r"\times",
    "Σ": r"\Sigma",
    "𝜎": r"\sigma",
    "√": r"\surd",
    "x²": "x^{2}",
    "1/x": "1/x",
    "|x|": "|x|",
}  # of operations; any other one is a word
ANCHORS = {"middle": "base", "start": "base west", "end": "base east"}


def tikz(diagram: Diagram) -> str:
    """Return the drawing as a TikZ picture for arrows.meta; it is at most 14.5 cm wide."""
    return scene_tikz(layout(diagram))


def scene_tikz(scene: Scene) -> str:
    """Return a laid-out drawing as a TikZ picture."""
    unit = scene.unit if scene.unit != UNIT else min(UNIT, WIDEST / scene.width)
    size = f"{unit:.5f}".rstrip("0")
    lines = [
        rf"\begin{{tikzpicture}}[x={size}cm,y=-{size}cm,>={{Stealth[length={10 * unit * scene.head:.1f}mm]}}]",
        *map(_arrow, scene.arrows),
        *(_box(box, unit) for box in scene.boxes),
        *(_label(label, unit) for label in scene.labels),
        r"\end{tikzpicture}",
    ]
    return "\n".join(lines)


def _at(x: float, y: float) -> str:
    return f"{x:.1f},{y:.1f}"


def _stroke(marked: bool) -> str:
    return f"line width=0.8pt,draw={ACCENT}" if marked else "line width=0.3pt"


def _arrow(arrow: Arrow) -> str:
    start, stroke = f"({_at(arrow.x1, arrow.y1)})", _stroke(arrow.marked)
    before = ""
    if arrow.gap:
        before = rf"\draw[{stroke}] {start} -- ({_at(*arrow.at(arrow.gap[0]))}); "
        start = f"({_at(*arrow.at(arrow.gap[1]))})"
    kind = "->" if arrow.has_head else "line cap=round"
    return rf"{before}\draw[{kind},{stroke}] {start} -- ({_at(arrow.x2, arrow.y2)});"


def _box(box: Box, unit: float) -> str:
    left, top, right, bottom = box.area
    corners = f"rounded corners={0.95 * box.corner * unit:.3f}cm"
    dashes = ",dash pattern=on 1.6pt off 1.2pt" if box.dashed else ""
    stroke = _stroke(box.marked) + dashes
    return rf"\draw[fill=white,{stroke},{corners}] ({_at(left, top)}) rectangle ({_at(right, bottom)});"


def _label(label: Label, unit: float) -> str:
    """Return a label, scaled to its size: the shapes that LaTeX has for small sizes are wider, and would not fit."""
    size = label.size * unit / (FULL_SIZE * CM_A_POINT)
    colour = f",text={ACCENT}" if label.marked else ""
    where = f"anchor={ANCHORS[label.anchor]},inner sep=0pt"
    place = _at(label.x, label.base)
    return rf"\node[font={{{FONT}}},scale={size:.3f},{where}{colour}] at ({place}) {{${_text(label)}$}};"


def _text(label: Label) -> str:
    if label.sign:
        return _sign(str(label.sign))
    name = _name(label.name) if label.name else ""
    if label.of:
        name = rf"\partial {_name(label.of)}/\partial {name}"
    value = _number(label.value, slanted=label.slanted)
    return f"{name} {SIGNS[str(label.relation)]} {value}" if name and value else name or value


def _sign(text: str) -> str:
    r"""Write the sign of an operation, or its name upright: none of its characters acts.

    >>> print(_sign("·"), _sign("1/x"), _sign("tanh"), _sign("a#b"))
    \cdot 1/x \mathrm{tanh} \mathrm{ab}
    """
    if text in SIGNS:
        return SIGNS[text]
    factors = [r"\ ".join(map(_escape, factor.split())) for factor in text.split("×")]
    return rf"\mathrm{{{TIMES.join(factors)}}}"


def _name(name: Spelling) -> str:
    return name.latex.replace("…", r"{\ldots}")


def _number(text: str, *, slanted: bool = False) -> str:
    r"""Write a number: a comma in it does not list, and a power of ten stays one.

    >>> print(_number("0,25"), _number("1.5·10⁻⁷"), _number("0.5", slanted=True))
    0{,}25 1.5 \cdot 10^{-7} \mathit{0.5}
    """
    power = POWER.search(text)
    mantissa = _escape(text[: power.start()] if power else text).replace(",", "{,}")
    raised = rf"^{{{_escape(power[1].translate(RAISED))}}}" if power else ""
    number = mantissa + (rf" \cdot 10{raised}" if power else "")
    return rf"\mathit{{{number}}}" if slanted and number else number


def _escape(text: str) -> str:
    """Keep letters, digits and what numbers need; names and numbers hold nothing else, and other text must not act."""
    return "".join(
        c for c in text.replace("−", "-").replace("…", "...") if (c.isascii() and c.isalnum()) or c in ".,+-"
    )
