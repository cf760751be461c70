"""A drawing as SVG: well-formed, the same in browsers and in WeasyPrint, and at home on a dark page."""

import math
from xml.sax.saxutils import escape, quoteattr

from derive.figure.diagram import Diagram
from derive.figure.layout import layout
from derive.figure.scene import Arrow, Box, Circle, Label, Scene
from derive.notation.names import GREEK

ACCENT = "#c2410c"


def svg(diagram: Diagram, description: str) -> str:
    """Return the drawing as an SVG element, well-formed and readable on light and dark pages.

    >>> from derive.figure import Node
    >>> print(svg(Diagram(((Node("i1", "i1", "input"),),), ()), "One input.")[:60])
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 70"
    """
    return scene_svg(layout(diagram), description)


def scene_svg(scene: Scene, description: str) -> str:
    """Return a laid-out drawing as an SVG element."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {scene.width:g} {scene.height:g}" '
        f'width="{scene.width:g}" height="{scene.height:g}" role="img" aria-label={quoteattr(description)} '
        'font-family="Derive Roman, Latin Modern Roman, Georgia, serif">',
        f"<title>{escape(description)}</title>",
        f'<rect class="halo" width="{scene.width:g}" height="{scene.height:g}" fill="#ffffff"/>',
        *(_svg_arrow(arrow, "0.4" if scene.is_dense else "0.8") for arrow in scene.arrows),
        *map(_svg_circle, scene.circles),
        *map(_svg_box, scene.boxes),
        *map(_svg_label, scene.labels),
        "</svg>",
    ]
    return "\n".join(parts)


def _svg_arrow(arrow: Arrow, thin: str) -> str:
    far = math.hypot(arrow.x2 - arrow.x1, arrow.y2 - arrow.y1) or 1.0
    ux, uy = (arrow.x2 - arrow.x1) / far, (arrow.y2 - arrow.y1) / far
    size = 7 if arrow.marked else 6
    bx, by = arrow.x2 - size * ux, arrow.y2 - size * uy
    head = (
        f"{arrow.x2:.1f},{arrow.y2:.1f} {bx - 0.4 * size * uy:.1f},{by + 0.4 * size * ux:.1f} "
        f"{bx + 0.4 * size * uy:.1f},{by - 0.4 * size * ux:.1f}"
    )
    colour, width = (ACCENT, "2.4") if arrow.marked else ("currentColor", thin)
    return (
        f'<g class="{"edge marked" if arrow.marked else "edge"}">'
        f'<line x1="{arrow.x1:.1f}" y1="{arrow.y1:.1f}" x2="{bx:.1f}" y2="{by:.1f}" '
        f'stroke="{colour}" stroke-width="{width}"/><polygon points="{head}" fill="{colour}"/></g>'
    )


def _svg_circle(circle: Circle) -> str:
    colour, width = (ACCENT, "2.4") if circle.marked else ("currentColor", "1.2")
    style = f'class="halo" fill="#ffffff" stroke="{colour}" stroke-width="{width}"'
    if circle.is_bias:
        side = 2 * circle.radius
        x, y = circle.x - circle.radius, circle.y - circle.radius
        return f'<rect {style} x="{x:.1f}" y="{y:.1f}" width="{side:.1f}" height="{side:.1f}" rx="4"/>'
    return f'<circle {style} cx="{circle.x:.1f}" cy="{circle.y:.1f}" r="{circle.radius:.1f}"/>'


def _svg_box(box: Box) -> str:
    x, y = box.x - box.width / 2, box.y - box.height / 2
    return (
        f'<rect class="halo" fill="#ffffff" stroke="currentColor" stroke-width="1" x="{x:.1f}" y="{y:.1f}" '
        f'width="{box.width:.1f}" height="{box.height:.1f}" rx="{box.corner:g}"/>'
    )


def _svg_label(label: Label) -> str:
    colour, kind = (ACCENT, ' class="accent"') if label.marked else ("currentColor", "")
    drop = 0.25 * label.size
    halo = ""
    if label.halo:
        halo = (
            f'<rect class="halo" x="{label.x - label.width / 2:.1f}" y="{label.y - 0.62 * label.size:.1f}" '
            f'width="{label.width:.1f}" height="{1.24 * label.size:.1f}" fill="#ffffff"/>'
        )
    # As few elements as will do: each becomes an object of its own in the PDF.
    stem = GREEK.get(label.stem, label.stem)
    slanted, upright = (' font-style="italic"', ' font-style="normal"') if len(stem) == 1 else ("", "")
    text = escape(stem)
    if label.index:
        small = f'font-size="{0.72 * label.size:.1f}"'
        text += f'<tspan dy="{drop:.1f}" {small}{upright}>{escape(label.index)}</tspan>'
    if label.value and label.stem:
        value = escape(f"\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{label.value}")
        text += f'<tspan dy="{-drop if label.index else 0:.1f}"{upright}>{value}</tspan>'
    elif label.value:
        text = escape(label.value)
    return (
        f'{halo}<text{kind} x="{label.x:.1f}" y="{label.y + 0.33 * label.size:.1f}" font-size="{label.size:.1f}" '
        f'text-anchor="{label.anchor}" fill="{colour}"{slanted}>{text}</text>'
    )
