"""The packaged fonts as numbers: glyph sizes, kerning, and the MATH table's constants, variants and assemblies.

The numbers were read from the fonts once, by fonts/make_fonts.py, so that setting a formula opens no font file. All
lengths are in em of the font.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from derive.typeset.errors import MissingGlyph

FONTS = Path(__file__).parent / "fonts"
MATH_FACE = "latinmodern-math"
TEXT_FACE = "lmroman10-regular"

# Latin Modern Math folds several parameters that TeX keeps apart into one, and has two of them exchanged
# (UpperLimitGapMin and UpperLimitBaselineRiseMin). These are TeX's own, from cmsy10 and cmex10; see The TeXbook,
# appendix G, rules 13a and 18.
LATIN_MODERN_CONSTANTS = {
    "SuperscriptShiftUpDisplay": 0.413,
    "SubscriptShiftDownAlone": 0.15,
    "SuperscriptBaselineDropMax": 0.275,
    "SubscriptBaselineDropMin": 0.05,
    "UpperLimitGapMin": 0.111,
    "UpperLimitBaselineRiseMin": 0.2,
    "LimitPadding": 0.1,
}


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph: its advance `width`, the ink's edges, the italic correction, and where an accent sits."""

    face: str
    index: int
    width: float
    left: float
    bottom: float
    right: float
    top: float
    italic: float
    accent: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an assembled glyph; an extender may be repeated. Connectors say how far parts may overlap."""

    glyph: Glyph
    start: float
    end: float
    extent: float
    extender: bool


class Face:
    """The numbers of one font, each looked up when it is first asked for."""

    def __init__(self, name: str, metrics: dict[str, Any]) -> None:
        self.name = name
        self.metrics = metrics
        self.scale = 1 / metrics["units"]
        self._glyphs: dict[int, Glyph] = {}

    @cached_property
    def constants(self) -> dict[str, float]:
        """The MATH constants in em; the percentages as they are."""
        found = {
            name: value if "Percent" in name else value * self.scale
            for name, value in self.metrics["constants"].items()
        }
        found["SuperscriptShiftUpDisplay"] = found["SuperscriptShiftUp"]
        found["SubscriptShiftDownAlone"] = found["SubscriptShiftDown"]
        found["LimitPadding"] = 0.0
        if self.name == MATH_FACE:
            found |= LATIN_MODERN_CONSTANTS
        return found

    def find(self, character: str) -> int | None:
        """The index of the glyph for a character, None when the font has none."""
        index: int | None = self.metrics["characters"].get(str(ord(character)))
        return index

    def glyph(self, index: int) -> Glyph:
        found = self._glyphs.get(index)
        if found is None:
            width, left, bottom, right, top = (value * self.scale for value in self.metrics["glyphs"][index])
            italic = self.metrics.get("italics", {}).get(str(index), 0) * self.scale
            accent = self.metrics.get("accents", {}).get(str(index))
            middle = (width + italic) / 2 if accent is None else accent * self.scale
            found = Glyph(self.name, index, width, left, bottom, right, top, italic, middle)
            self._glyphs[index] = found
        return found

    def small(self, index: int, level: int) -> int:
        """The shape drawn for script level 1 or 2, where the font has one."""
        shapes = self.metrics.get("small", {}).get(str(index)) if level else None
        return shapes[min(level, len(shapes)) - 1] if shapes else index

    def kern(self, left: str, right: str) -> float:
        """The space between two characters of a word, mostly negative."""
        key = f"{self.find(left)},{self.find(right)}"
        return float(self.metrics["kerning"].get(key, 0) * self.scale)

    def variants(self, index: int, *, vertical: bool) -> list[tuple[Glyph, float]]:
        """The glyph in its sizes, from small to large, each with its height (or width)."""
        sizes = self._construction(index, vertical)[0]
        return [(self.glyph(variant), extent * self.scale) for variant, extent in sizes]

    def assembly(self, index: int, *, vertical: bool) -> list[Piece]:
        """The parts that the glyph of any size is put together from, bottom up (or left to right)."""
        return [
            Piece(self.glyph(part), start * self.scale, end * self.scale, extent * self.scale, bool(extender))
            for part, start, end, extent, extender in self._construction(index, vertical)[1]
        ]

    def _construction(self, index: int, vertical: bool) -> Any:
        return self.metrics["vertical" if vertical else "horizontal"].get(str(index), ([], []))

    @property
    def overlap(self) -> float:
        """How far parts of an assembly overlap at least."""
        return float(self.metrics["overlap"] * self.scale)


@cache
def face(name: str) -> Face:
    """A packaged face by name, its numbers read once a process."""
    return Face(name, json.loads((FONTS / f"{name}.json").read_bytes()))


def math_face() -> Face:
    return face(MATH_FACE)


@lru_cache(maxsize=4096)
def glyph_for(character: str, level: int = 0) -> Glyph:
    """The glyph of a character at a script level, from the math font or else the text font.

    Raises MissingGlyph when neither has it.
    """
    for name in (MATH_FACE, TEXT_FACE):
        found = face(name).find(character)
        if found is not None:
            return face(name).glyph(face(name).small(found, level))
    raise MissingGlyph(character)
