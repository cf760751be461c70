"""Where derive stands on parts of WeasyPrint that are not promised: which, and what for. Known on WeasyPrint 70.

A packaged font is embedded by a `Font` of WeasyPrint's that is filled here instead of by Pango. Of the folder
`typeset`, only this file imports WeasyPrint; what other files meet without an import stands here too:

| part | used by | what for |
|---|---|---|
| `pdf.fonts.Font` and its attributes | here | embeds a subset of a font with its widths and its map to Unicode |
| `text.ffi.ffi`, `text.ffi.harfbuzz` | here | the HarfBuzz face from which that subset is cut |
| `Stream._fonts`, a dictionary | here | makes a font known to the whole document |
| `Stream.stream`, a list of operators, and its `transform`, `set_color` | `draw.MathImage.draw` | a formula is text |
| what is asked of an image: `get_intrinsic_size`, `draw` | `draw.MathImage` | a formula is an image in a line of text |
| `HTML.render(cache=…)` holds such images by their URL | `images.MathImages.cache` | the page finds them |
| `HTML.etree_element`, the page's elements | `render/pdf.py` | a page that is XML is read without an HTML parser |
| the same, moved and set again; `Page.anchors` has rectangles | `render/placing.py` | a drawing leaves little white |
| `pydyf` objects of the finished file: a tag is a dictionary with `S` and `Alt` | `tags` | figures become formulas |
| a tag's `A` with a `BBox` in px from the top, its `Pg`, a page's `MediaBox` | `tags` | says where a figure lies |
| `/Span <</MCID 0>> BDC` is three operators; `ParentTree` has a page's tags in order | `tags` | margins are artifacts |
| a `TH` with its `ID`, below a row, below `THead` or `TBody` | `tags` | heads of tables have a scope |
| `urls.URLFetcher`, `urls.FatalURLFetchingError` | `render/pdf.py` | nothing is fetched, and what asks for it is told |

`tests/typeset/test_typeset_pdf.py` fails by name where one of them has changed; the bounds in `pyproject.toml` are the
versions above, of which the tests run on the lowest and on the pinned one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weasyprint.pdf.fonts import Font
from weasyprint.text.ffi import ffi, harfbuzz

from derive.typeset.font import FONTS, Glyph, face

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


def register(stream: Any, face_name: str, tag: str, glyphs: Mapping[int, tuple[Glyph, str]]) -> None:
    """Make a packaged font known to the document of the stream, with the glyphs that are used by their index.

    WeasyPrint embeds just these. ``tag`` is the font's name in the page's resources.
    """
    key = f"derive.typeset {face_name}"
    font = stream._fonts.get(key)
    if font is None:
        font = stream._fonts[key] = PackagedFont(FONTS / f"{face_name}.otf", tag, face(face_name).metrics)
    for index, (glyph, text) in glyphs.items():
        if index not in font.widths:
            font.widths[index] = round(glyph.width * 1000)
            font.to_unicode[index] = text
