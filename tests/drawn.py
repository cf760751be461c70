"""What a drawing shows, read from its SVG or TikZ and from the font files: nothing of derive's own layout is used."""

import functools
import math
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

import derive.typeset

FONTS = Path(derive.typeset.__file__).parent / "fonts"
NAMESPACE = "{http://www.w3.org/2000/svg}"


@functools.cache
def font(name):
    """The character map, the advances and the outlines."""
    found = TTFont(FONTS / f"{name}.otf")
    return found.getBestCmap(), found["hmtx"], found.getGlyphSet()


@functools.cache
def glyph(name, character):
    """The advance of a character and its ink's bounds in em; a character that the face lacks is a failure."""
    cmap, advances, outlines = font(name)
    assert ord(character) in cmap, f"{name} lacks {character!r}"
    pen = BoundsPen(outlines)
    outlines[cmap[ord(character)]].draw(pen)
    left, bottom, right, top = pen.bounds or (0, 0, 0, 0)
    return tuple(value / 1000 for value in (advances[cmap[ord(character)]][0], left, bottom, right, top))


@dataclass(frozen=True)
class Area:
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other):
        return (
            self.left <= other.left <= other.right <= self.right
            and self.top <= other.top <= other.bottom <= self.bottom
        )

    def apart(self, other):
        """How far the two are apart, across or down; negative where they overlap."""
        return max(self.left - other.right, other.left - self.right, self.top - other.bottom, other.top - self.bottom)


@dataclass(frozen=True)
class Words:
    text: str
    area: Area
    sizes: tuple
    slanted: bool
    colour: str


@dataclass(frozen=True)
class Outline:
    area: Area
    radius: float

    def depth(self, x, y):
        """How deep a point lies within the rounded rectangle; negative outside."""
        a, r = self.area, self.radius
        dx = max(a.left + r - x, x - a.right + r)
        dy = max(a.top + r - y, y - a.bottom + r)
        if dx > 0 and dy > 0:
            return r - math.hypot(dx, dy)
        return min(x - a.left, a.right - x, y - a.top, a.bottom - y)


@dataclass(frozen=True)
class Drawing:
    width: float
    height: float
    words: tuple
    lines: tuple  # of two points
    heads: tuple  # of three points
    outlines: tuple

    @property
    def texts(self):
        return [words.text for words in self.words]


def svg(source):
    """Read an SVG drawing."""
    root = ElementTree.fromstring(source)
    width, height = map(float, root.get("viewBox").split()[2:])
    assert (float(root.get("width")), float(root.get("height"))) == (width, height)
    lines = tuple(
        ((float(e.get("x1")), float(e.get("y1"))), (float(e.get("x2")), float(e.get("y2"))))
        for e in root.iter(f"{NAMESPACE}line")
    )
    heads = tuple(
        tuple(tuple(map(float, point.split(","))) for point in e.get("points").split())
        for e in root.iter(f"{NAMESPACE}polygon")
    )
    outlines = []
    for e in root.iter(f"{NAMESPACE}rect"):
        if "ground" not in e.get("class"):
            x, y, w, h = (float(e.get(name)) for name in ("x", "y", "width", "height"))
            outlines.append(Outline(Area(x, y, x + w, y + h), min(float(e.get("rx")), w / 2, h / 2)))
    words = tuple(_words(e, root.get("font-family")) for e in root.iter(f"{NAMESPACE}text"))
    return Drawing(width, height, words, lines, heads, tuple(outlines))


def _face(family, style):
    first = family.split(",")[0]
    return {
        "Derive Roman": "lmroman10-italic" if style == "italic" else "lmroman10-regular",
        "Derive Math": "latinmodern-math",
    }[first]


def _words(element, family):
    """Set a text element as SVG says: runs one behind the other, dx and dy moving what follows too."""
    family, style = element.get("font-family", family), element.get("font-style", "normal")
    size = float(element.get("font-size"))
    runs = [(element.text or "", family, style, size, 0.0, 0.0)]
    for span in element:
        assert span.tag == f"{NAMESPACE}tspan"
        runs.append(
            (
                span.text,
                span.get("font-family", family),
                span.get("font-style", style),
                float(span.get("font-size", size)),
                float(span.get("dx", 0)),
                float(span.get("dy", 0)),
            )
        )
        if span.tail:
            runs.append((span.tail, family, style, size, 0.0, 0.0))
    x, y, inks, sizes = 0.0, 0.0, [], []
    for text, its_family, its_style, its_size, dx, dy in runs:
        x, y = x + dx, y + dy
        for character in text:
            advance, left, bottom, right, top = glyph(_face(its_family, its_style), character)
            if right > left:
                inks.append((x + its_size * left, y - its_size * top, x + its_size * right, y - its_size * bottom))
                sizes.append(its_size)
            x += its_size * advance
    start = float(element.get("x")) - {"start": 0, "middle": x / 2, "end": x}[element.get("text-anchor")]
    base = float(element.get("y"))
    area = Area(
        start + min(ink[0] for ink in inks),
        base + min(ink[1] for ink in inks),
        start + max(ink[2] for ink in inks),
        base + max(ink[3] for ink in inks),
    )
    text = "".join(element.itertext()).replace("\N{NO-BREAK SPACE}", " ")
    return Words(text, area, tuple(sizes), style == "italic", element.get("fill"))


def runs_through(start, end, area, margin=0.0):
    """Whether a segment lies within an area and a margin around it, by many points along it."""
    (x1, x2), (y1, y2) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    if area.apart(Area(x1, y1, x2, y2)) > margin:
        return False
    count = max(2, int(math.dist(start, end) * 2))
    points = (
        (start[0] + (end[0] - start[0]) * n / count, start[1] + (end[1] - start[1]) * n / count)
        for n in range(count + 1)
    )
    return any(
        area.left - margin < x < area.right + margin and area.top - margin < y < area.bottom + margin for x, y in points
    )


def check_nothing_touches(drawing, least=11.0):
    """Names stand within their nodes; nothing else touches anything, all of it is on the drawing and can be read."""
    page = Area(0, 0, drawing.width, drawing.height)
    inside = {}
    for words in drawing.words:
        area = words.area
        assert min(words.sizes) >= least - 0.05, words
        assert page.holds(area), words
        homes = [o for o in drawing.outlines if o.area.apart(area) < 1]
        if homes:
            (home,) = homes
            corners = [(x, y) for x in (area.left, area.right) for y in (area.top, area.bottom)]
            assert all(home.depth(x, y) > -0.5 for x, y in corners), words
            assert home not in inside, (words, inside[home])
            inside[home] = words
    for place, words in enumerate(drawing.words):
        for other in drawing.words[place + 1 :]:
            assert words.area.apart(other.area) > 1, (words, other)
        for start, end in drawing.lines:
            assert not runs_through(start, end, words.area, 1.0), (words, start, end)
        for one, two, three in drawing.heads:
            for start, end in ((one, two), (two, three), (three, one)):
                assert not runs_through(start, end, words.area, 0.5), (words, one)
    for place, outline in enumerate(drawing.outlines):
        assert page.holds(outline.area), outline
        assert all(outline.area.apart(other.area) > 1 for other in drawing.outlines[place + 1 :])
        for start, end in drawing.lines:
            (x1, x2), (y1, y2) = sorted((start[0], end[0])), sorted((start[1], end[1]))
            if outline.area.apart(Area(x1, y1, x2, y2)) > 0:
                continue
            count = max(2, int(math.dist(start, end)))
            for n in range(count + 1):
                x, y = (a + (b - a) * n / count for a, b in zip(start, end, strict=True))
                assert outline.depth(x, y) < 0.6, (outline, start, end)
        for head in drawing.heads:
            assert all(outline.depth(x, y) < 0.6 for x, y in head), (outline, head)


def tikz(source):
    """Read a TikZ drawing: its lines and rectangles in px, and each text with its base line and its size in points."""
    point = r"\((-?[\d.]+),(-?[\d.]+)\)"
    lines = [((float(a), float(b)), (float(c), float(d))) for a, b, c, d in re.findall(rf"{point} -- {point}", source)]
    rectangles = [tuple(map(float, found)) for found in re.findall(rf"{point} rectangle {point}", source)]
    nodes = [
        (float(x), float(y), float(points) * float(scale), text)
        for points, scale, x, y, text in re.findall(
            rf"\\node\[font=\{{.*?\\fontsize\{{([\d.]+)\}}.*?scale=([\d.]+).*?at {point} \{{\$(.*)\$\}};", source
        )
    ]
    return lines, rectangles, nodes
