"""Make the packaged fonts from Debian's fonts-lmodern. Run once, by hand, when the choice of glyphs changes.

    python -m derive.typeset.fonts.make_fonts

Writes beside itself, for every face, an OTF (for the PDF: quick to decode), a WOFF2 (for HTML: small), and for the
faces that are measured a `.json` with the numbers that layout needs, so that no font is parsed at run time.

The fonts are Latin Modern 2.005 and Latin Modern Math 1.959 by B. Jackowski, J. M. Nowacki, P. Strzelczyk and
P. Pianowski, under the GUST Font License (GUST-FONT-LICENSE.txt): glyphs left out, hints left out, no outline changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from derive.typeset.opentype import read_metrics

HERE = Path(__file__).parent
SOURCE = Path("/usr/share/texmf/fonts/opentype/public")

Codes = set[int] | frozenset[int]


def _range(first: int, last: int) -> Codes:
    return set(range(first, last + 1))


def _characters(text: str) -> Codes:
    return {ord(character) for character in text}


# What a first course in machine learning writes. A letter outside these sets raises MissingGlyph when typeset.
ITALIC = _range(0x1D434, 0x1D467) | {0x210E, 0x1D6A4, 0x1D6A5} | _range(0x1D6E2, 0x1D71B)
BOLD = _range(0x1D400, 0x1D433) | _range(0x1D7CE, 0x1D7D7) | _range(0x1D6A8, 0x1D6E1)
BOLD_ITALIC = _range(0x1D468, 0x1D49B) | _range(0x1D71C, 0x1D755)
SANS = _range(0x1D5A0, 0x1D5D3)
SCRIPT = _range(0x1D49C, 0x1D4B5) | _characters("ℬℰℱℋℐℒℳℛ")
FRAKTUR = _range(0x1D504, 0x1D537) | _characters("ℭℌℑℜℨ")
MONOSPACE = _range(0x1D670, 0x1D6A3) | _range(0x1D7F6, 0x1D7FF)
DOUBLE_STRUCK = _range(0x1D538, 0x1D550) | _characters("ℂℍℕℙℚℝℤ") | {0x1D7D9}
GREEK = _range(0x391, 0x3A9) | _range(0x3B1, 0x3C9) | _characters("ϑϕϖϰϱϵ")
ASCII = _range(0x20, 0x7E)
OPERATORS = (
    _characters(
        "¬±×÷·′″‴‵†‡…‖°‘’“”–—−∓∗∘∙⋅⋆⊕⊖⊗⊘⊙∧∨∩∪∖∀∃∄∅∆∇∈∉∋∝∞∠∥∣∤∂ℓℜℑℏ℘ℵ∴∵∼∽≀≁≃≅≈≉≍≐≔≕≜≝≟≠≡≢≤≥≦≧≨≩≪≫≮≯≺≻≼≽⊂⊃⊄⊆⊇⊈⊊⊏⊐⊑⊒"
        "⊢⊣⊤⊥⊨⊩⋀⋁⋂⋃⋈⋮⋯⋰⋱⋄◦•∎□◻△▽▷◁∑∏∐∫∬∭∮⨀⨁⨂⨄⨆"
        "←↑→↓↔↕↖↗↘↙↚↛↞↠↢↣↦↩↪↼⇀↽⇁⇌⇋⇐⇑⇒⇓⇔⇕⇍⇏⟵⟶⟷⟸⟹⟺⟼⇝↝"
        "√⌈⌉⌊⌋⟨⟩⟦⟧⟮⟯⦃⦄∥⏞⏟⏜⏝⎴⎵⎛⎜⎝⎞⎟⎠⎡⎢⎣⎤⎥⎦⎧⎨⎩⎪⎫⎬⎭⎷⏐"
    )
    | _characters("ˆ˜¯˙¨´`ˇ˘̸")
    | _range(0x300, 0x304)
    | _range(0x305, 0x308)
    | {0x30A, 0x30C, 0x20D6, 0x20D7, 0x20DB, 0x332}
)
MATH = ASCII | GREEK | OPERATORS | ITALIC | BOLD | BOLD_ITALIC | SANS | SCRIPT | DOUBLE_STRUCK | FRAKTUR | MONOSPACE
# These have shapes of their own for small sizes (they were drawn at 7 and 5 points); the rest is scaled.
SCRIPTED = (ASCII | GREEK | ITALIC | BOLD | BOLD_ITALIC | _characters("−±×⋅⊙∗∞∂∇→′″‴∈≤≥≠≈∘ℓ")) - _characters('#$%&@"`')
TEXT = ASCII | _range(0xA0, 0x17F) | _range(0x218, 0x21B) | _characters("–—‘’‚“”„†‡•…‰‹›€™−ﬁﬂﬀﬃﬄ\u202f\u2009")

NOT_ON_THE_WEB = FRAKTUR | MONOSPACE | _range(0x1D71C, 0x1D755) | _range(0x1D5BA, 0x1D5D3)
# A web page carries the font within itself, so it is spared what is rare; a browser scales what it misses.
WEB_SCRIPTED = _range(0x30, 0x39) | _range(0x61, 0x7A) | _range(0x1D434, 0x1D467) | _characters("+−=()′″‴")

FACES = {
    "latinmodern-math": ("lm-math/latinmodern-math.otf", MATH),
    "lmroman10-regular": ("lm/lmroman10-regular.otf", TEXT),
    "lmroman10-italic": ("lm/lmroman10-italic.otf", TEXT),
    "lmroman10-bold": ("lm/lmroman10-bold.otf", TEXT),
}
WITH_METRICS = ("latinmodern-math", "lmroman10-regular", "lmroman10-italic")


def keep_small_shapes(font: TTFont, codes: Iterable[int], sizes: int) -> None:
    """Leave the feature `ssty` only for the characters given, in so many sizes: each costs a glyph."""
    cmap = font.getBestCmap()
    kept = {cmap[code] for code in codes if code in cmap}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            shapes = getattr(table, "alternates", {})
            for name in list(shapes):
                shapes[name] = shapes[name][:sizes]
                if name not in kept:
                    del shapes[name]


def subset(path: Path, codes: Codes, features: list[str], small: Codes = frozenset(), sizes: int = 2) -> TTFont:
    """The font with the glyphs of these characters, their variants and the parts that they are assembled from."""
    options = Options(
        layout_features=features, hinting=False, desubroutinize=False, notdef_outline=True, glyph_names=False
    )
    options.drop_tables += ["FFTM", "GDEF", "DSIG"]
    font = TTFont(path, recalcTimestamp=False)
    if "MATH" in font:
        keep_small_shapes(font, small, sizes)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    return font


def main() -> None:
    for name, (source, codes) in FACES.items():
        features = ["ssty"] if "math" in name else ["kern", "liga"]
        font = subset(SOURCE / source, codes, features, SCRIPTED)
        font.save(HERE / f"{name}.otf")
        if name in WITH_METRICS:
            metrics = read_metrics(TTFont(HERE / f"{name}.otf"))
            text = json.dumps(metrics, separators=(",", ":"), sort_keys=True)
            (HERE / f"{name}.json").write_text(text + "\n", encoding="ascii")
        font = subset(SOURCE / source, codes - NOT_ON_THE_WEB, features, WEB_SCRIPTED, sizes=1)
        font.flavor = "woff2"
        font.save(HERE / f"{name}.woff2")
        sizes = [(HERE / f"{name}{suffix}").stat().st_size for suffix in (".otf", ".woff2")]
        print(f"{name}: {font['maxp'].numGlyphs} glyphs, otf {sizes[0]} B, woff2 {sizes[1]} B")


if __name__ == "__main__":
    main()
