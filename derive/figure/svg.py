"""A drawing as SVG: well-formed, the same in browsers and in WeasyPrint, and at home on a dark page."""

import math
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from derive.figure.diagram import Diagram
from derive.figure.layout import layout
from derive.figure.scene import HEAD, Arrow, Box, Label, Scene
from derive.figure.text import ITALIC_FACE, Run, Runs, runs
from derive.notation.slots import Drawn, words_at_first, words_that_follow
from derive.typeset.faces import MATH_FAMILY, TEXT_FAMILY
from derive.typeset.font import MATH_FACE

ACCENT = "#c2410c"
# What stands behind the packaged faces is for a drawing that is shown on its own, where they are not at hand.
TEXT_FAMILIES = f"{TEXT_FAMILY}, Latin Modern Roman, Georgia, serif"
MATH_FAMILIES = f"{MATH_FAMILY}, Latin Modern Math, STIX Two Math, Cambria Math, serif"


def svg(diagram: Diagram, description: str, details: str = "", *, is_open: bool = False) -> str:
    """Return the drawing as an SVG element, well-formed and readable on light and dark pages.

    ``description`` says what it is, ``details`` what is in it. In one that ``is_open``, each shape says of which
    quantity it is, for a page whose numbers may change.

    >>> from derive.figure import Node
    >>> print(svg(Diagram(((Node("i1", "i1", "input"),),), ()), "One input.")[:58])
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 130 5
    """
    return scene_svg(layout(diagram), description, details, is_open=is_open)


def scene_svg(scene: Scene, description: str, details: str = "", *, is_open: bool = False) -> str:
    """Return a laid-out drawing as an SVG element."""
    if not is_open:
        scene = scene.of_nothing
    parts = [
        opened(scene.width, scene.height, description, details),
        *(_svg_arrow(arrow, scene) for arrow in scene.arrows),
        *map(_svg_box, scene.boxes),
        *map(_svg_label, scene.labels),
        "</svg>",
    ]
    return "\n".join(parts)


def opened(width: float, height: float, description: str, details: str, *, is_start: bool = False) -> str:
    """Return how a drawing begins: its size, what it shows, and its ground.

    One that ``is_start`` shows the numbers of the start, also where the page has others. Details with numbers that may
    change have them by their slots, too.
    """
    template, details = words_that_follow(details), words_at_first(details)
    whole = " ".join(filter(None, (description, details)))
    follows = f" data-words={quoteattr(template)}" if template else ""
    desc = f"<desc{follows}>{escape(details)}</desc>\n" if details else ""
    start = ' data-start="true"' if is_start else ""
    return (
        f'<svg{start} xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-label={quoteattr(whole)} font-family="{TEXT_FAMILIES}">\n'
        f"<title>{escape(description)}</title>\n{desc}"
        f'<rect class="halo ground" width="{width:g}" height="{height:g}" fill="#ffffff"/>'
    )


def _svg_arrow(arrow: Arrow, scene: Scene) -> str:
    far = math.hypot(arrow.x2 - arrow.x1, arrow.y2 - arrow.y1) or 1.0
    ux, uy = (arrow.x2 - arrow.x1) / far, (arrow.y2 - arrow.y1) / far
    size = HEAD + 1 if arrow.marked else scene.head
    bx, by = (arrow.x2 - size * ux, arrow.y2 - size * uy) if arrow.has_head else (arrow.x2, arrow.y2)
    head = (
        f"{arrow.x2:.1f},{arrow.y2:.1f} {bx - 0.4 * size * uy:.1f},{by + 0.4 * size * ux:.1f} "
        f"{bx + 0.4 * size * uy:.1f},{by - 0.4 * size * ux:.1f}"
    )
    colour, width = (ACCENT, "2.4") if arrow.marked else ("currentColor", f"{scene.line:g}")
    cap = "" if arrow.has_head else ' stroke-linecap="round"'
    lines = "".join(
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"{cap}/>'
        for (x1, y1), (x2, y2) in _pieces(arrow, (bx, by))
    )
    kind = "edge marked" if arrow.marked else "edge"
    drawn = f'<polygon points="{head}" fill="{colour}"/>' if arrow.has_head else ""
    return f'<g class="{kind}"{_of(arrow)}>{lines}{drawn}</g>'


def _of(shape: Arrow | Box | Label) -> str:
    """Return the attribute that says of which quantities a shape is, "" where it is of none."""
    return f" data-of={quoteattr(shape.about)}" if shape.about else ""


def _pieces(arrow: Arrow, end: tuple[float, float]) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Yield the line from its start to that end, in two pieces where a label stands between them."""
    start = (arrow.x1, arrow.y1)
    if arrow.gap:
        yield start, arrow.at(arrow.gap[0])
        start = arrow.at(arrow.gap[1])
    yield start, end


def _svg_box(box: Box) -> str:
    colour, width = (ACCENT, "2.4") if box.marked else ("currentColor", "1.2")
    dashes = ' stroke-dasharray="3.5 2.5"' if box.dashed else ""
    return (
        f'<rect class="halo"{_of(box)} fill="#ffffff" stroke="{colour}" stroke-width="{width}"{dashes} '
        f'x="{box.area.left:.1f}" y="{box.area.top:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="{box.corner:g}"/>'
    )


def _svg_label(label: Label) -> str:
    inner = _with_slots(label) if any(isinstance(each, Drawn) for each in (label.value, label.sign)) else ""
    return text_svg(
        label.runs, label.x, label.base, label.size, label.anchor, marked=label.marked, of=_of(label), inner=inner
    )


def _with_slots(label: Label) -> str:
    """Return the inside of a label with slots round what may change; a raised power is within that of its number."""
    if isinstance(label.sign, Drawn):
        return _slot(label.sign, escape(label.sign))
    number = runs(None, str(label.value), slanted=label.slanted)
    place = len(label.runs) - len(number)
    base, raised = label.runs[place], label.runs[place + 1 :]
    power = _spans(raised, label.size, base.rise, _face(base))
    before = base.text.removesuffix(number[0].text)
    written = [escape(run.text) for run in label.runs[:place]] + [escape(before)]
    if isinstance(label.relation, Drawn):
        relation = escape(label.relation)
        # It may need a face, and with this a run, of its own.
        at = max(at for at, text in enumerate(written) if relation in text)
        written[at] = written[at].replace(relation, _slot(label.relation, relation))
    written[place] += _slot(label.value, escape(number[0].text) + power)
    return _spans(label.runs[: place + 1], label.size, 0.0, _face(label.runs[0]), written)


def _slot(text: str, written: str) -> str:
    return f'<tspan slot="{text.slot}">{written}</tspan>' if isinstance(text, Drawn) else written


def text_svg(
    text: Runs,
    x: float,
    base: float,
    size: float,
    anchor: str,
    *,
    marked: bool = False,
    turned: bool = False,
    of: str = "",
    inner: str = "",
) -> str:
    """Return text as an SVG element, at a point on its base line.

    It has as few elements as will do: each becomes an object of its own in the PDF. ``of`` is one more attribute,
    ``inner`` what stands within it where that is not just the text.
    """
    colour, kind = (ACCENT, ' class="accent"') if marked else ("currentColor", "")
    turn = f' transform="rotate(-90 {x:.1f} {base:.1f})"' if turned else ""
    first = _face(text[0])
    inner = inner or _spans(text, size, 0.0, first)
    return (
        f'<text{kind}{of} x="{x:.1f}" y="{base:.1f}" font-size="{size:.1f}" text-anchor="{anchor}" '
        f'fill="{colour}"{first}{turn}>{inner}</text>'
    )


def _spans(text: Runs, size: float, before: float, first: str, written: Sequence[str] = ()) -> str:
    """Return runs of a text whose face is ``first``; ``before`` is how far the one before them is moved up.

    ``written`` is what stands in each, where that is not just its text.
    """
    rises = [before, *(run.rise for run in text)]
    inside = written or [escape(run.text) for run in text]
    return "".join(_span(run, rise, first, size, inner) for run, rise, inner in zip(text, rises, inside, strict=False))


def _span(run: Run, before: float, first: str, size: float, inner: str) -> str:
    """Return a run of a text; ``before`` is how far the one before it is moved up, ``first`` the face around it."""
    moved = f' dy="{(before - run.rise) * size:.2f}"' if run.rise != before else ""
    shifted = f' dx="{run.shift * size:.2f}"' if run.shift else ""
    scaled = f' font-size="{run.scale * size:.1f}"' if run.scale != 1 else ""
    face = _face(run, otherwise=first)
    attributes = f"{shifted}{moved}{scaled}{face}"
    return f"<tspan{attributes}>{inner}</tspan>" if attributes else inner


def _face(run: Run, otherwise: str = "") -> str:
    """Return the attributes of a run's face where it is not that of the text around it."""
    found = {
        MATH_FACE: f' font-family="{MATH_FAMILIES}"',
        ITALIC_FACE: ' font-style="italic"',
    }.get(run.face, "")
    if found == otherwise:
        return ""
    upright = ' font-style="normal"' if "italic" in otherwise and "italic" not in found else ""
    roman = f' font-family="{TEXT_FAMILIES}"' if "family" in otherwise and "family" not in found else ""
    return found + upright + roman
