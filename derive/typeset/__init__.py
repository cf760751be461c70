"""Mathematics as real text in PDFs made by WeasyPrint.

MathML is laid out as boxes by the MATH table of Latin Modern Math and written as text operators into WeasyPrint's
page streams, through the image cache that `HTML(...).render(cache=...)` takes. Nothing here knows of networks.
"""

# Each of these registers the elements that it lays out.
from derive.typeset import enclosures, fractions, rows, scripts, tables, tokens  # noqa: F401
from derive.typeset.errors import MathError, MissingGlyph, UnknownElement
from derive.typeset.faces import FONT_LICENCE, font_faces, font_files
from derive.typeset.images import MathImages, spoken_formula
from derive.typeset.measure import display_width, formula_widths, text_width

__all__ = [
    "FONT_LICENCE",
    "MathError",
    "MathImages",
    "MissingGlyph",
    "UnknownElement",
    "display_width",
    "font_faces",
    "font_files",
    "formula_widths",
    "spoken_formula",
    "text_width",
]
