"""A packaged font in the form in which WeasyPrint embeds fonts. The only file that imports WeasyPrint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from weasyprint.pdf.fonts import Font
from weasyprint.text.ffi import ffi, harfbuzz

_DECLARATIONS = """
    hb_blob_t *hb_blob_create (const char *data, unsigned int length, int mode, void *user_data, void *destroy);
    hb_face_t *hb_face_create (hb_blob_t *blob, unsigned int index);
"""
_READ_ONLY = 1


def _harfbuzz_face(data: bytes) -> tuple[Any, Any]:
    """A HarfBuzz face over a font's bytes, and the buffer that must live as long as it."""
    if not hasattr(harfbuzz, "hb_face_create"):
        ffi.cdef(_DECLARATIONS, override=True)
    buffer = ffi.from_buffer(data)
    blob = ffi.gc(harfbuzz.hb_blob_create(buffer, len(data), _READ_ONLY, ffi.NULL, ffi.NULL), harfbuzz.hb_blob_destroy)
    face = ffi.gc(harfbuzz.hb_face_create(blob, 0), harfbuzz.hb_face_destroy)
    return face, (buffer, blob)


class PackagedFont(Font):  # type: ignore[misc]
    """WeasyPrint's font, made from a file of this package and not from one that Pango chose."""

    def __init__(self, path: Path, tag: str, metrics: dict[str, Any]) -> None:
        self.file_content = path.read_bytes()
        self.hb_face, self._kept = _harfbuzz_face(self.file_content)
        self.hb_font = None
        self.index = 0
        self.font_size = 1
        self.style = 0
        self.weight = 400
        self.variations: dict[str, float] = {}
        self.family = metrics["family"]
        self.hash = tag
        self.name = f"/{tag}+{metrics['name']}".encode()
        scale = 1000 / metrics["units"]
        self.ascent, self.descent = round(metrics["ascent"] * scale), round(metrics["descent"] * scale)
        self.tables = ["CFF "]
        self.bitmap = self.png = self.svg = self.colr = False
        self.italic_angle = 0
        self.upem = metrics["units"]
        self.glyph_count = len(metrics["glyphs"])
        self.stemv = self.stemh = 80
        self.widths: dict[int, int] = {}
        self.to_unicode: dict[int, str] = {}
        self.missing: dict[int, int] = {}
        self.used_in_forms = False
        self.flags = 4  # symbolic: it has an order of glyphs of its own
