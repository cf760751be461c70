"""The packaged fonts: their numbers agree with the files, they are small, and their licence is with them."""

from __future__ import annotations

import json
import re
from base64 import b64decode

import pytest
from fontTools.ttLib import TTFont

from derive.typeset import FONT_LICENCE, font_faces, font_files
from derive.typeset.font import FONTS, face, glyph_for, math_face
from derive.typeset.opentype import read_metrics


@pytest.mark.parametrize("name", ["latinmodern-math", "lmroman10-regular"])
def test_the_numbers_are_those_of_the_font_file(name: str) -> None:
    fresh = json.loads(json.dumps(read_metrics(TTFont(FONTS / f"{name}.otf"))))
    assert fresh == face(name).metrics


def test_fonts_for_the_web_are_small() -> None:
    sizes = {name: path.stat().st_size for name, path in font_files("woff2").items()}
    assert sizes["latinmodern-math"] <= 120_000
    assert len(font_faces("html")) <= 260_000


def test_the_font_of_the_web_keeps_its_math_table() -> None:
    assert "MATH" in TTFont(font_files("woff2")["latinmodern-math"])


def test_rules_for_the_web_hold_the_files_and_fetch_nothing() -> None:
    rules = font_faces("html")
    sources = re.findall(r'url\("([^"]*)"\)', rules)
    assert len(sources) == rules.count("@font-face") == 4
    assert all(source.startswith("data:font/woff2;base64,") for source in sources)
    assert b64decode(sources[0].partition(",")[2])[:4] == b"wOF2"


def test_rules_for_the_pdf_name_the_packages_own_files() -> None:
    sources = re.findall(r'url\("([^"]*)"\)', font_faces("pdf"))
    assert set(sources) == {path.as_uri() for path in font_files("otf").values()}


@pytest.mark.parametrize("name", ["lmroman10-regular", "lmroman10-italic", "lmroman10-bold"])
def test_text_fonts_have_the_letters_of_european_languages(name: str) -> None:
    characters = TTFont(font_files("otf")[name]).getBestCmap()
    wanted = "äöüßÄÖÜéèêçñåøæœšžčřůłąęőűığşțğ–—„“”‚‘’«»…€"
    assert [character for character in wanted if ord(character) not in characters] == []


def test_the_math_font_has_what_a_first_course_writes() -> None:
    for character in "𝑥𝛿𝜂𝜎𝜃∂∇∑∏∫√⊙⋅×≈≠≤≥→⇒∈ℝ𝐖𝜽ℒ𝖳⏟⏞{}[]()⟨⟩‖±∞":
        assert glyph_for(character).face == "latinmodern-math", character


def test_small_sizes_have_shapes_of_their_own() -> None:
    index = math_face().find("𝑥")
    assert index is not None
    assert len({math_face().small(index, level) for level in (0, 1, 2)}) == 3


def test_the_licence_is_in_the_package() -> None:
    assert "GUST Font License" in FONT_LICENCE.read_text(encoding="utf-8")
