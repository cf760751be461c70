"""Reads from an OpenType font the numbers that mathematics is laid out by: glyphs, kerning and the MATH table."""

from __future__ import annotations

from typing import Any

from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

Metrics = dict[str, Any]  # plain lists and dictionaries, ready for JSON


def read_metrics(font: TTFont) -> Metrics:
    """All numbers of `font`, glyphs named by their index.

    `glyphs` holds one row a glyph: advance, left, bottom, right and top of the ink, in font units. Fonts without a
    MATH table have no `constants`.
    """
    index = font.getReverseGlyphMap()
    metrics: Metrics = {
        "units": font["head"].unitsPerEm,
        "ascent": font["hhea"].ascent,
        "descent": font["hhea"].descent,
        "name": font["name"].getDebugName(6),
        "family": font["name"].getDebugName(1),
        "characters": {code: index[name] for code, name in font.getBestCmap().items()},
        "glyphs": _glyph_rows(font),
        "kerning": _kerning(font, index),
    }
    if "MATH" in font:
        metrics |= _math(font["MATH"].table, index)
        metrics["small"] = _small_shapes(font, index)
    return metrics


def _glyph_rows(font: TTFont) -> list[list[int]]:
    glyphs = font.getGlyphSet()
    rows = []
    for name in font.getGlyphOrder():
        pen = BoundsPen(glyphs)
        glyphs[name].draw(pen)
        bounds = pen.bounds or (0, 0, 0, 0)
        rows.append([glyphs[name].width, *(round(bound) for bound in bounds)])
    return rows


def _kerning(font: TTFont, index: dict[str, int]) -> dict[str, int]:
    """Pair kerning between ASCII letters and digits, keyed 'left,right': words in formulas need no more."""
    if "GPOS" not in font:
        return {}
    cmap = font.getBestCmap()
    names = [cmap[code] for code in range(33, 127) if code in cmap]
    pairs: dict[str, int] = {}
    for lookup in font["GPOS"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            table = getattr(table, "ExtSubTable", table)
            if table.LookupType == 2:
                for left in names:
                    for right, value in _kerns_after(table, left, names).items():
                        pairs.setdefault(f"{index[left]},{index[right]}", value)
    return {key: value for key, value in pairs.items() if value}


def _kerns_after(table: Any, left: str, names: list[str]) -> dict[str, int]:
    if left not in table.Coverage.glyphs:
        return {}
    if table.Format == 1:
        records = table.PairSet[table.Coverage.glyphs.index(left)].PairValueRecord
        found = {record.SecondGlyph: record.Value1 for record in records if record.SecondGlyph in names}
    else:
        row = table.Class1Record[table.ClassDef1.classDefs.get(left, 0)].Class2Record
        found = {right: row[table.ClassDef2.classDefs.get(right, 0)].Value1 for right in names}
    return {right: getattr(value, "XAdvance", 0) for right, value in found.items() if value}


def _math(table: Any, index: dict[str, int]) -> Metrics:
    constants = {name: getattr(value, "Value", value) for name, value in vars(table.MathConstants).items()}
    info, variants = table.MathGlyphInfo, table.MathVariants
    italics, accents = info.MathItalicsCorrectionInfo, info.MathTopAccentAttachment
    vertical = (variants.VertGlyphCoverage, variants.VertGlyphConstruction)
    horizontal = (variants.HorizGlyphCoverage, variants.HorizGlyphConstruction)
    return {
        "constants": constants,
        "overlap": variants.MinConnectorOverlap,
        "italics": _values(italics.Coverage, italics.ItalicsCorrection, index),
        "accents": _values(accents.TopAccentCoverage, accents.TopAccentAttachment, index),
        "vertical": _constructions(*vertical, index),
        "horizontal": _constructions(*horizontal, index),
    }


def _values(coverage: Any, records: list[Any], index: dict[str, int]) -> dict[int, int]:
    return {index[name]: record.Value for name, record in zip(coverage.glyphs, records, strict=True)}


def _constructions(coverage: Any, records: list[Any], index: dict[str, int]) -> dict[int, list[Any]]:
    """For each glyph: its larger variants as [glyph, extent], and the parts of its assembly, with italics."""
    found = {}
    for name, record in zip(coverage.glyphs if coverage else [], records or [], strict=True):
        variants = [[index[v.VariantGlyph], v.AdvanceMeasurement] for v in record.MathGlyphVariantRecord]
        assembly = record.GlyphAssembly
        parts = [
            [index[p.glyph], p.StartConnectorLength, p.EndConnectorLength, p.FullAdvance, p.PartFlags & 1]
            for p in (assembly.PartRecords if assembly else [])
        ]
        found[index[name]] = [variants, parts]
    return found


def _small_shapes(font: TTFont, index: dict[str, int]) -> dict[int, list[int]]:
    """The feature `ssty`: for each glyph the shapes for the first and the second script size."""
    if "GSUB" not in font:
        return {}
    found: dict[int, list[int]] = {}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            for name, shapes in getattr(table, "alternates", {}).items():
                found[index[name]] = [index[shape] for shape in shapes]
    return found
