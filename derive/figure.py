"""A network drawn: one layout, written as SVG and as TikZ.

The drawing knows nothing of derivations: it gets columns of nodes, edges with labels, and what to mark.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

ACCENT = "#c2410c"
MOST_MARKED = 3  # labels in a compact drawing: the weight itself and the next ones
MOST_IN_COLUMN, FIRST_SHOWN, LAST_SHOWN = 12, 8, 2


@dataclass(frozen=True)
class Node:
    """A neuron, an input or a bias. ``label`` is a name such as h1_2: a letter or word, the rest is its index."""

    id: str
    label: str
    kind: str
    value: str = ""
    target: str = ""


@dataclass(frozen=True)
class Edge:
    """An arrow between two nodes, with the name and the value of its weight."""

    source: str
    target: str
    label: str = ""
    value: str = ""
    on_path: bool = False


@dataclass(frozen=True)
class Diagram:
    """Columns of nodes from left to right; a compact one is small and labels only what is marked."""

    columns: tuple[tuple[Node, ...], ...]
    edges: tuple[Edge, ...]
    highlighted: frozenset[str] = frozenset()
    compact: bool = False


@dataclass(frozen=True)
class Circle:
    """A node's outline; a bias is a square of that size."""

    x: float
    y: float
    radius: float
    is_bias: bool
    marked: bool


@dataclass(frozen=True)
class Arrow:
    """A straight arrow from outline to outline."""

    x1: float
    y1: float
    x2: float
    y2: float
    marked: bool

    def at(self, share: float) -> tuple[float, float]:
        """Return the point at that share of the way."""
        return self.x1 + share * (self.x2 - self.x1), self.y1 + share * (self.y2 - self.y1)


@dataclass(frozen=True)
class Label:
    """A name, its index and a value, centred at a point; ``anchor`` start or end puts the point at a side."""

    x: float
    y: float
    stem: str
    index: str
    value: str
    size: float
    anchor: str = "middle"
    halo: bool = False
    marked: bool = False

    @property
    def width(self) -> float:
        """An estimate of its width, on the safe side."""
        value = len(self.value) + (2.2 if self.value and self.stem else 0)
        return self.size * (0.56 * (len(self.stem) + value) + 0.42 * len(self.index))

    def overlaps(self, other: "Label", margin: float = 2.0) -> bool:
        """Whether the two would touch."""
        near_x = abs(self.x - other.x) < (self.width + other.width) / 2 + margin
        return near_x and abs(self.y - other.y) < 0.62 * (self.size + other.size) + margin

    def touches(self, circle: Circle, margin: float = 2.0) -> bool:
        """Whether it would touch the node."""
        dx = max(abs(self.x - circle.x) - self.width / 2, 0)
        dy = max(abs(self.y - circle.y) - 0.62 * self.size, 0)
        return math.hypot(dx, dy) < circle.radius + margin

    def crosses(self, arrow: Arrow) -> bool:
        """Whether the arrow runs through it: whether some part of the line lies within both its width and its height."""
        start, end = 0.0, 1.0
        sides = ((arrow.x1 - self.x, arrow.x2 - arrow.x1, self.width / 2), (arrow.y1 - self.y, arrow.y2 - arrow.y1, 0.6 * self.size))
        for offset, change, half in sides:
            if change == 0:
                if abs(offset) > half:
                    return False
                continue
            first, last = sorted(((-half - offset) / change, (half - offset) / change))
            start, end = max(start, first), min(end, last)
        return start < end


@dataclass(frozen=True)
class Scene:
    """Everything in its place, in px; ``width`` and ``height`` are those of the drawing."""

    width: float
    height: float
    circles: tuple[Circle, ...]
    arrows: tuple[Arrow, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class Measures:
    """The sizes of a drawing, in px."""

    width: float
    left: float
    right: float
    row: float
    tallest: float
    radius: float
    text: float


LARGE = Measures(width=660, left=86, right=150, row=104, tallest=460, radius=21, text=13)
SMALL = Measures(width=230, left=18, right=18, row=46, tallest=190, radius=11.5, text=9.5)

Point = tuple[float, float]


def svg(diagram: Diagram, description: str) -> str:
    """Return the drawing as an SVG element, well-formed and readable on light and dark pages.

    >>> print(svg(Diagram(((Node("i1", "i1", "input"),),), ()), "One input.")[:60])
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 113
    """
    scene = layout(diagram)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {scene.width:g} {scene.height:g}" '
        f'width="{scene.width:g}" height="{scene.height:g}" role="img" aria-label={quoteattr(description)} '
        'font-family="Latin Modern Roman, Georgia, serif">',
        f"<title>{escape(description)}</title>",
        f'<rect class="halo" width="{scene.width:g}" height="{scene.height:g}" fill="#ffffff"/>',
        *map(_svg_arrow, scene.arrows),
        *map(_svg_circle, scene.circles),
        *map(_svg_label, scene.labels),
        "</svg>",
    ]
    return "\n".join(parts)


def tikz(diagram: Diagram) -> str:
    """Return the drawing as a TikZ picture for arrows.meta; it is at most 14.5 cm wide."""
    scene = layout(diagram)
    lines = [r"\begin{tikzpicture}[x=0.022cm,y=-0.022cm,>={Stealth[length=1.6mm]}]"]
    for arrow in scene.arrows:
        lines.append(rf"\draw[->,{_tikz_stroke(arrow.marked)}] ({_at(arrow.x1, arrow.y1)}) -- ({_at(arrow.x2, arrow.y2)});")
    lines += map(_tikz_circle, scene.circles)
    lines += map(_tikz_label, scene.labels)
    return "\n".join([*lines, r"\end{tikzpicture}"])


def layout(diagram: Diagram) -> Scene:
    """Return where everything goes."""
    columns, edges = _shortened(diagram)
    sizes = SMALL if diagram.compact else LARGE
    places, radius, height = _places(columns, edges, sizes)
    nodes = [node for column in columns for node in column if node.id in places]
    circles = {node.id: _circle(node, places[node.id], radius, diagram) for node in nodes}
    arrows = {edge: _arrow(circles[edge.source], circles[edge.target], edge.on_path) for edge in edges}
    text = min(sizes.text, radius)
    labels = [_name(node, circles[node.id], text) for node in nodes]
    if not diagram.compact:
        labels += [label for node in nodes for label in _beside(node, circles[node.id], text)]
    dots = [_dots(column, places, text) for column in columns if len(column) > FIRST_SHOWN and _is_cut(diagram, column)]
    labels += [*dots, *_edge_labels(arrows, [*circles.values()], labels, text, compact=diagram.compact)]
    return Scene(sizes.width, height, tuple(circles.values()), tuple(arrows.values()), tuple(labels))


def _shortened(diagram: Diagram) -> tuple[list[tuple[Node, ...]], list[Edge]]:
    """Leave out the middle of columns that are too long to draw, and from a compact drawing biases without a mark."""
    columns = [_ends(column) for column in diagram.columns]
    if diagram.compact:
        columns = [tuple(n for n in column if n.kind != "bias" or n.id in diagram.highlighted) for column in columns]
    kept = {node.id for column in columns for node in column}
    return columns, [edge for edge in diagram.edges if edge.source in kept and edge.target in kept]


def _ends(column: tuple[Node, ...]) -> tuple[Node, ...]:
    neurons = [node for node in column if node.kind != "bias"]
    if len(neurons) <= MOST_IN_COLUMN:
        return column
    kept = {node.id for node in (*neurons[:FIRST_SHOWN], *neurons[-LAST_SHOWN:])}
    return tuple(node for node in column if node.kind == "bias" or node.id in kept)


def _is_cut(diagram: Diagram, column: tuple[Node, ...]) -> bool:
    return any(column[0].id == whole[0].id and len(column) < len(whole) for whole in diagram.columns)


def _dots(column: tuple[Node, ...], places: dict[str, Point], text: float) -> Label:
    (x, above), (_, below) = places[column[FIRST_SHOWN - 1].id], places[column[FIRST_SHOWN].id]
    return Label(x, (above + below) / 2, "⋮", "", "", text)


def _places(columns: Sequence[tuple[Node, ...]], edges: Sequence[Edge], sizes: Measures) -> tuple[dict[str, Point], float, float]:
    """Return the places of the nodes, their radius and the height of the drawing.

    Neurons stand centred in their column. A bias with several arrows stands below its column, one with a single arrow
    right under the neuron that it serves.
    """
    neurons = [[node for node in column if node.kind != "bias"] for column in columns]
    most = max(len(column) + 0.6 * _is_cut_column(column) for column in neurons)
    row = min(sizes.row, sizes.tallest / max(most - 1, 1))
    radius = min(sizes.radius, 0.36 * row)
    step = (sizes.width - sizes.left - sizes.right) / max(len(columns) - 1, 1)
    top, middle = radius + 12, (most - 1) * row / 2
    places: dict[str, Point] = {}
    for number, column in enumerate(neurons):
        extra = 0.6 * _is_cut_column(column)
        for place, node in enumerate(column):
            gap = extra if place >= FIRST_SHOWN else 0
            offset = place + gap - (len(column) - 1 + extra) / 2
            places[node.id] = (sizes.left + number * step, top + middle + offset * row)
    lowest = max(y for _, y in places.values())
    biases = list(_bias_places(columns, edges, places, sizes, (step, lowest, row, radius)))
    places.update(biases)
    return places, radius, max(y for _, y in places.values()) + top + (0 if sizes is SMALL else 4)


def _is_cut_column(column: Sequence[Node]) -> bool:
    return len(column) == FIRST_SHOWN + LAST_SHOWN


def _bias_places(
    columns: Sequence[tuple[Node, ...]],
    edges: Sequence[Edge],
    places: dict[str, Point],
    sizes: Measures,
    grid: tuple[float, float, float, float],
) -> Iterator[tuple[str, Point]]:
    step, lowest, row, radius = grid
    for number, column in enumerate(columns):
        for node in (node for node in column if node.kind == "bias"):
            reached = [edge.target for edge in edges if edge.source == node.id]
            if len(reached) == 1:
                x, y = places[reached[0]]
                yield node.id, (x - 0.42 * min(step, row), y + max(0.5 * row, 2.2 * radius))
            else:
                yield node.id, (sizes.left + number * step, lowest + max(0.8 * row, 2.8 * radius))


def _circle(node: Node, place: Point, radius: float, diagram: Diagram) -> Circle:
    is_bias = node.kind == "bias"
    return Circle(*place, radius * (0.72 if is_bias else 1), is_bias, node.id in diagram.highlighted)


def _arrow(start: Circle, end: Circle, marked: bool) -> Arrow:
    dx, dy = end.x - start.x, end.y - start.y
    far = math.hypot(dx, dy) or 1.0
    out, back = start.radius * (1.25 if start.is_bias else 1) / far, (end.radius + 1.5) / far
    return Arrow(start.x + out * dx, start.y + out * dy, end.x - back * dx, end.y - back * dy, marked)


def _name(node: Node, circle: Circle, text: float) -> Label:
    stem, index = split(node.label)
    size = text if circle.radius > 9 else 0.8 * circle.radius
    return Label(circle.x, circle.y, stem, index, "", size * (0.85 if circle.is_bias else 1), marked=circle.marked)


def _beside(node: Node, circle: Circle, text: float) -> Iterator[Label]:
    if node.value and node.kind == "bias":
        yield Label(circle.x, circle.y + circle.radius + 0.85 * text, "", "", node.value, text, halo=True)
    elif node.value:
        yield Label(circle.x - circle.radius - 8, circle.y, "", "", node.value, text, "end")
    if node.target:
        yield Label(circle.x + circle.radius + 10, circle.y, "target", split(node.label)[0] + split(node.label)[1], node.target, text, "start")


def split(name: str) -> tuple[str, str]:
    """Split a name into what is written large and its index.

    >>> split("w5"), split("h1_2"), split("b_h1")
    (('w', '5'), ('h', '1,2'), ('b', 'h1'))
    """
    head, *rest = name.split("_")
    stem = head.rstrip("0123456789") or head
    number = head[len(stem) :]
    return stem, ",".join([number, *rest] if number else rest)


def _edge_labels(
    arrows: dict[Edge, Arrow], circles: list[Circle], taken: list[Label], text: float, *, compact: bool
) -> list[Label]:
    """Return labels that touch nothing: with values, else names alone, else none."""
    marked = [edge for edge in arrows if edge.on_path]
    shown = [edge for edge in (marked[:MOST_MARKED] if compact else arrows) if edge.label]
    for with_value in (False,) if compact else (True, False):
        labels = _placed(shown, arrows, circles, taken, text, with_value)
        if labels is not None:
            return labels
    return []


def _placed(
    edges: list[Edge], arrows: dict[Edge, Arrow], circles: list[Circle], taken: list[Label], text: float, with_value: bool
) -> list[Label] | None:
    placed: list[Label] = []
    if len(edges) > 60:
        return None
    for edge in edges:
        stem, index = split(edge.label)
        base = Label(0, 0, stem, index, edge.value if with_value else "", 0.92 * text, halo=True, marked=edge.on_path)
        others = [arrow for other, arrow in arrows.items() if other is not edge]
        best = _best(base, arrows[edge], others, circles, [*taken, *placed])
        if best is None:
            return None
        placed.append(best)
    return placed


def _best(
    base: Label, arrow: Arrow, others: list[Arrow], circles: list[Circle], taken: list[Label]
) -> Label | None:
    """Return the label at the place along its arrow that fewest other arrows cross, near a third of the way."""
    free = []
    for step in range(18, 83, 4):
        x, y = arrow.at(step / 100)
        label = replace(base, x=x, y=y)
        if not any(label.touches(circle) for circle in circles) and not any(label.overlaps(t) for t in taken):
            free.append((sum(label.crosses(other) for other in others), abs(step - 34), label))
    return min(free, key=lambda item: item[:2])[2] if free else None


def _svg_arrow(arrow: Arrow) -> str:
    far = math.hypot(arrow.x2 - arrow.x1, arrow.y2 - arrow.y1) or 1.0
    ux, uy = (arrow.x2 - arrow.x1) / far, (arrow.y2 - arrow.y1) / far
    size = 7 if arrow.marked else 6
    bx, by = arrow.x2 - size * ux, arrow.y2 - size * uy
    head = (
        f"{arrow.x2:.1f},{arrow.y2:.1f} {bx - 0.4 * size * uy:.1f},{by + 0.4 * size * ux:.1f} "
        f"{bx + 0.4 * size * uy:.1f},{by - 0.4 * size * ux:.1f}"
    )
    colour, width = (ACCENT, "2.4") if arrow.marked else ("currentColor", "0.8")
    return (
        f'<g class="{"edge marked" if arrow.marked else "edge"}"><line x1="{arrow.x1:.1f}" y1="{arrow.y1:.1f}" x2="{bx:.1f}" '
        f'y2="{by:.1f}" stroke="{colour}" stroke-width="{width}"/><polygon points="{head}" fill="{colour}"/></g>'
    )


def _svg_circle(circle: Circle) -> str:
    colour, width = (ACCENT, "2.4") if circle.marked else ("currentColor", "1.2")
    style = f'class="halo" fill="#ffffff" stroke="{colour}" stroke-width="{width}"'
    if circle.is_bias:
        side = 2 * circle.radius
        return f'<rect {style} x="{circle.x - circle.radius:.1f}" y="{circle.y - circle.radius:.1f}" width="{side:.1f}" height="{side:.1f}" rx="4"/>'
    return f'<circle {style} cx="{circle.x:.1f}" cy="{circle.y:.1f}" r="{circle.radius:.1f}"/>'


def _svg_label(label: Label) -> str:
    colour = ACCENT if label.marked else "currentColor"
    drop = 0.25 * label.size
    halo = ""
    if label.halo:
        halo = (
            f'<rect class="halo" x="{label.x - label.width / 2:.1f}" y="{label.y - 0.62 * label.size:.1f}" '
            f'width="{label.width:.1f}" height="{1.24 * label.size:.1f}" fill="#ffffff"/>'
        )
    italic = ' font-style="italic"' if len(label.stem) == 1 else ""
    text = f"<tspan{italic}>{escape(label.stem)}</tspan>" if label.stem else ""
    if label.index:
        text += f'<tspan dy="{drop:.1f}" font-size="{0.72 * label.size:.1f}">{escape(label.index)}</tspan>'
    if label.value:
        value = f"\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{label.value}" if label.stem else label.value
        text += f'<tspan dy="{-drop if label.index else 0:.1f}">{escape(value)}</tspan>'
    return (
        f'{halo}<text x="{label.x:.1f}" y="{label.y + 0.33 * label.size:.1f}" font-size="{label.size:.1f}" '
        f'text-anchor="{label.anchor}" fill="{colour}">{text}</text>'
    )


def _at(x: float, y: float) -> str:
    return f"{x:.1f},{y:.1f}"


def _tikz_stroke(marked: bool) -> str:
    return "line width=0.8pt,draw={rgb,255:red,194;green,65;blue,12}" if marked else "line width=0.3pt"


def _tikz_circle(circle: Circle) -> str:
    style = f"fill=white,{_tikz_stroke(circle.marked)}"
    if circle.is_bias:
        x, y, r = circle.x, circle.y, circle.radius
        return rf"\draw[{style},rounded corners=1pt] ({_at(x - r, y - r)}) rectangle ({_at(x + r, y + r)});"
    return rf"\draw[{style}] ({_at(circle.x, circle.y)}) circle [radius={0.022 * circle.radius:.3f}cm];"


TIKZ_ANCHORS = {"middle": "", "start": ",anchor=west", "end": ",anchor=east"}


def _tikz_label(label: Label) -> str:
    text = r"\vdots" if label.stem == "⋮" else _tikz_text(label)
    size = r"\footnotesize" if label.size > 11 else r"\scriptsize" if label.size > 9 else r"\tiny"
    fill = ",fill=white,inner sep=1pt" if label.halo else ",inner sep=0pt"
    colour = ",text={rgb,255:red,194;green,65;blue,12}" if label.marked else ""
    return rf"\node[font={size}{fill}{TIKZ_ANCHORS[label.anchor]}{colour}] at ({_at(label.x, label.y)}) {{${text}$}};"


def _tikz_text(label: Label) -> str:
    stem = _tikz_escape(label.stem)
    name = (stem if len(label.stem) < 2 else rf"\mathrm{{{stem}}}") + (f"_{{{_tikz_escape(label.index)}}}" if label.index else "")
    value = _tikz_escape(label.value)
    return f"{name} = {value}" if label.stem and label.value else name or value


def _tikz_escape(text: str) -> str:
    """Keep letters, digits and what numbers need; names and numbers hold nothing else, and other text must not act."""
    return "".join(c for c in text.replace("−", "-") if (c.isascii() and c.isalnum()) or c in ".,+-")
