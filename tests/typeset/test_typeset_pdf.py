"""Formulas in a PDF of WeasyPrint: text that can be found and copied, tags, and the same bytes every time."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import math_core
import pikepdf
import pytest
import weasyprint
from weasyprint.pdf.fonts import Font

from derive.typeset import MathImages, font_faces
from derive.typeset.font import FONTS, face

CONVERT = math_core.LatexToMathML(pretty_print="never").convert_with_local_state
HOOK = (
    "A part of WeasyPrint has changed that it does not promise; derive/typeset/embedding.py lists them. "
    f"They are known on WeasyPrint 70; this is {weasyprint.__version__}. "
)
SQUARE = "<svg xmlns=%27http://www.w3.org/2000/svg%27 width=%279%27 height=%279%27/>"
FORMULAS = [
    r"\mathrm{net}_{h1} = w_{1} \cdot i_{1} + w_{2} \cdot i_{2} + b_{1} \cdot 1",
    r"\mathrm{out}_{h1} = \frac{1}{1 + e^{-\mathrm{net}_{h1}}} = 0.593269992",
    r"\left(\begin{matrix} 1 \\ 2 \\ 3 \\ 4 \\ 5 \\ 6 \end{matrix}\right)",
    r"n + e + t \approx 0.751365070",
]


def page(images: MathImages, body: str, lang: str = "en") -> str:
    style = f"{font_faces('pdf', math=False)} body {{ font: 10.5pt 'Derive Roman' }} {images.stylesheet}"
    return f"<html lang={lang}><title>t</title><style>{style}</style><body>{body}"


def pdf(target: Path, formulas: list[str] = FORMULAS, **options: Any) -> Path:
    images = MathImages()
    parts = [f"<p>{images.markup(CONVERT(f, displaystyle=True), display=True)}</p>" for f in formulas]
    inline = images.markup(CONVERT("w_5^{+} = 0.4", displaystyle=False), display=False)
    picture = f'<img alt="a picture" src="data:image/svg+xml,{SQUARE}">'
    html = page(images, "".join(parts) + f"<p>The weight {inline} is new. {picture}</p>")
    document = weasyprint.HTML(string=html).render(cache=images.cache, **options)
    document.write_pdf(target, finisher=images.finisher, **options)
    return target


def elements(node: Any) -> list[Any]:
    """All structure elements below one."""
    found: list[Any] = []
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found += [kid, *elements(kid)]
    return found


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_names_and_numbers_are_found_in_reading_order(tmp_path: Path) -> None:
    target = pdf(tmp_path / "a.pdf")
    command = ["pdftotext", str(target), "-"]
    text = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    words = ["net", "out", "0.593269992", "0.751365070", "The weight", "0.4", "is new."]
    places = [text.index(word) for word in words]
    assert places == sorted(places)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_letters_and_digits_are_copied_plain_and_a_tall_parenthesis_once(tmp_path: Path) -> None:
    target = pdf(tmp_path / "a.pdf")
    command = ["pdftotext", "-raw", str(target), "-"]
    text = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    assert all(ord(character) < 0x1D400 for character in text)
    assert text.count("(") == text.count(")") == 1
    assert "w1 ⋅" in text.replace(" 1", "1")


def test_formulas_are_tagged_formula_with_spoken_words_and_pictures_figure(tmp_path: Path) -> None:
    target = pdf(tmp_path / "a.pdf", pdf_tags=True)
    with pikepdf.open(target) as document:
        found = elements(document.Root.StructTreeRoot)
        formulas = [str(element.Alt) for element in found if element.S == "/Formula"]
        figures = [str(element.Alt) for element in found if element.S == "/Figure"]
    assert len(formulas) == len(FORMULAS) + 1
    assert formulas[0].startswith("net h 1 equals w 1 times i 1 plus")
    assert not any("\u2063" in words for words in formulas)
    assert figures == ["a picture"]


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_every_box_lies_on_its_page_round_what_is_drawn_there(tmp_path: Path) -> None:
    # Poppler says where the words are, from the top; a page of another size shows which page is asked.
    drawings = [
        f"<div style='break-before: page; page: {page}; padding: {top}mm 0 0 {left}mm'>"
        f"<svg xmlns='http://www.w3.org/2000/svg' width='90' height='40'><title>{word}</title>"
        f"<text x='5' y='25' font-size='20'>{word}</text></svg></div>"
        for page, top, left, word in (("a", 10, 40, "first"), ("b", 200, 5, "second"), ("a", 120, 70, "third"))
    ]
    images = MathImages()
    formula = images.markup(CONVERT("q = 0.4", displaystyle=True), display=True)
    sizes = "@page a { size: 150mm 250mm } @page b { size: 100mm 280mm }"
    html = page(images, f"<style>{sizes}</style>{formula}{''.join(drawings)}")
    target = tmp_path / "a.pdf"
    document = weasyprint.HTML(string=html).render(cache=images.cache, pdf_tags=True)
    document.write_pdf(target, finisher=images.finisher, pdf_tags=True)
    layout = subprocess.run(
        ["pdftotext", "-bbox", target, "-"], capture_output=True, check=True, encoding="utf-8"
    ).stdout
    pages = re.findall(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', layout, flags=re.DOTALL)
    words = {
        text: (float(x1), float(height) - float(y2), float(x2), float(height) - float(y1))
        for _, height, inner in pages
        for x1, y1, x2, y2, text in re.findall(
            r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]+)<', inner
        )
    }
    with pikepdf.open(target) as opened:
        tags = [e for e in elements(opened.Root.StructTreeRoot) if e.S in ("/Figure", "/Formula")]
        boxes = {str(tag.Alt): [float(side) for side in tag.A.BBox] for tag in tags}
        media = {str(tag.Alt): [float(side) for side in tag.Pg.MediaBox] for tag in tags}
    assert len(boxes) == 4
    for name, box in boxes.items():
        left, bottom, right, top = media[name]
        assert left <= box[0] < box[2] <= right, name
        assert bottom <= box[1] < box[3] <= top, name
        word = words[name if name in words else "0.4"]
        assert box[0] - 1 <= word[0] < word[2] <= box[2] + 1, name
        assert box[1] - 9 <= word[1] < word[3] <= box[3] + 9, name  # a word's box is its line's
    assert boxes["first"][2] - boxes["first"][0] == pytest.approx(0.75 * 90)


def test_given_alt_text_is_kept(tmp_path: Path) -> None:
    images = MathImages()
    markup = images.markup("<math><mi>x</mi></math>", display=True, alt='x, the "input" < 1')
    document = weasyprint.HTML(string=page(images, markup)).render(cache=images.cache, pdf_tags=True)
    document.write_pdf(tmp_path / "a.pdf", finisher=images.finisher, pdf_tags=True)
    with pikepdf.open(tmp_path / "a.pdf") as opened:
        formula = next(e for e in elements(opened.Root.StructTreeRoot) if e.S == "/Formula")
        assert str(formula.Alt) == 'x, the "input" < 1'


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = pdf(tmp_path / "a.pdf", pdf_tags=True), pdf(tmp_path / "b.pdf", pdf_tags=True)
    assert first.read_bytes() == second.read_bytes()


def test_only_used_glyphs_are_embedded(tmp_path: Path) -> None:
    assert pdf(tmp_path / "a.pdf").stat().st_size < 30_000


def test_the_variant_for_accessibility_is_written(tmp_path: Path) -> None:
    target = pdf(tmp_path / "a.pdf", pdf_variant="pdf/ua-2")
    with pikepdf.open(target) as document:
        formulas = [element for element in elements(document.Root.StructTreeRoot) if element.S == "/Formula"]
        assert len(formulas) == len(FORMULAS) + 1
        if int(weasyprint.__version__.partition(".")[0]) < 69:
            pytest.skip("before version 69 WeasyPrint's tags do not say that they are those of PDF 2.0")
        mathml = bytes(formulas[0].AF[0].EF.F.read_bytes()).decode()
    assert mathml.startswith('<math xmlns="http://www.w3.org/1998/Math/MathML"><msub><mi>net</mi>')


def test_a_formula_takes_the_size_of_the_text_around_it() -> None:
    images = MathImages()
    images.markup("<math><mi>x</mi></math>", display=False)
    small, large = (images.cache["math:0"].get_intrinsic_size(1, size)[0] for size in (10.0, 20.0))
    assert large == pytest.approx(2 * small)


def test_weasyprint_asks_cached_images_as_it_did() -> None:
    """The hook: fails loudly when WeasyPrint changes what it asks of an image in its cache."""
    asked: list[str] = []

    class Recorder:
        def get_intrinsic_size(self, resolution: object, font_size: float) -> tuple[float, float, float]:
            asked.append("size")
            assert isinstance(font_size, (int, float)), HOOK + "get_intrinsic_size got no font size."
            return 30.0, 10.0, 3.0

        def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
            asked.append("draw")
            assert (width, height) == (30.0, 10.0), HOOK + f"draw got the size {width} × {height}."
            assert style["color"] is not None, HOOK + "draw got no style."
            assert isinstance(stream._fonts, dict), HOOK + "The stream keeps no dictionary of fonts."
            assert isinstance(stream.stream, list), HOOK + "The stream is no list of operators."

    html = '<img style="overflow: visible" src="math:0" alt="x">'
    try:
        weasyprint.HTML(string=html).render(cache={"math:0": Recorder()}).write_pdf()
    except (TypeError, AttributeError, KeyError) as error:
        pytest.fail(f"{HOOK}It fails with: {error}")
    assert asked.count("draw") == 1, HOOK + "The image was not drawn."
    assert "size" in asked, HOOK + "The image was not asked for its size."


def test_the_packaged_font_has_all_that_weasyprints_font_has() -> None:
    """Every attribute that WeasyPrint sets on a font is set on ours."""
    from derive.typeset.embedding import PackagedFont

    tree = ast.parse(textwrap.dedent(inspect.getsource(Font.__init__)))
    expected = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self"
    }
    missing = expected - set(
        vars(PackagedFont(FONTS / "latinmodern-math.otf", "ABCDEF", face("latinmodern-math").metrics))
    )
    assert not missing, f"{HOOK}Its fonts now also have: {', '.join(sorted(missing))}."
