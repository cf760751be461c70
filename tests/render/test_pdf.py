"""The PDF: outline, title, language, numbers as text."""

import re
import subprocess
from types import SimpleNamespace
from typing import ClassVar

import pikepdf
import pytest
from hostile import HOSTILE, hostile_derivation

import derive
from derive.render import pdf as renderer
from derive.typeset import images


@pytest.fixture(scope="module")
def pdf(written):
    with pikepdf.open(written / "article.pdf") as opened:
        yield opened


def text_of(path):
    return subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout


def test_it_has_title_and_language(pdf):
    assert str(pdf.docinfo["/Title"]) == "A step by step example"
    assert str(pdf.Root.Lang) == "en"


def test_its_outline_is_the_headings(pdf):
    with pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert titles[:3] == ["The network", "The forward pass", "The error"]


def test_its_numbers_are_text_in_reading_order(written):
    text = text_of(written / "article.pdf")
    found = re.findall(r"\d+\.\d{9}", text)
    for number in ("0.593269992", "1.105905967", "0.298371109", "0.082167041", "0.036350306", "0.291027774"):
        assert number in found
    assert found.index("0.593269992") < found.index("0.298371109") < found.index("0.036350306")
    assert "net" in text


def test_it_is_tagged_with_spoken_formulas(pdf):
    kinds, spoken = [], []

    def walk(node):
        if isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                kinds.append(str(node.S))
                if str(node.S) == "/Formula":
                    spoken.append(str(node.Alt))
            if "/K" in node:
                walk(node.K)

    walk(pdf.Root.StructTreeRoot.K)
    assert kinds.count("/Formula") > 60
    assert {"/H1", "/H2", "/Table", "/P", "/Figure"} <= set(kinds)
    assert any("partial derivative of E total" in words for words in spoken)
    assert not any("\\" in words for words in spoken)


def test_it_is_small_and_the_same_each_time(article, written, tmp_path):
    again = article.handout().write(tmp_path, ["pdf"], name="article")[0].read_bytes()
    assert again == (written / "article.pdf").read_bytes()
    assert len(again) <= 250_000


def test_hostile_text_is_text(tmp_path):
    (path,) = hostile_derivation().handout().write(tmp_path, ["pdf"])
    with pikepdf.open(path) as opened:
        assert str(opened.docinfo["/Title"]) == HOSTILE
    assert "".join(HOSTILE.split()) in "".join(text_of(path).split())
    assert "root:" not in text_of(path)


def test_nothing_but_its_own_files_is_fetched(tmp_path):
    import weasyprint

    from derive.render.pdf import _fetcher

    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    for url in (secret.as_uri(), "file:///etc/passwd", "http://localhost:1/x", "https://localhost:1/x"):
        with pytest.raises(weasyprint.urls.FatalURLFetchingError):
            _fetcher(weasyprint).fetch(url)


def test_a_pdf_for_accessibility_says_so_and_carries_its_formulas_as_mathml(article, tmp_path):
    (path,) = article.handout().write(tmp_path, ["pdf"], pdf_variant="pdf/ua-2")
    with pikepdf.open(path) as opened:
        assert "pdfuaid" in opened.Root.Metadata.read_bytes().decode()
        assert opened.Root.ViewerPreferences.DisplayDocTitle
        attached = [bytes(found.AF[0].EF.F.read_bytes()) for found in opened.objects if _is_formula_with_file(found)]
    assert any(b"<math" in content for content in attached)


def _is_formula_with_file(found):
    return isinstance(found, pikepdf.Dictionary) and found.get("/S") == "/Formula" and "/AF" in found


STARTS = ("Diagram of the network", "The network with", "The computational graph", "The error over 10,000 iterations")


def test_each_figure_has_a_description(pdf):
    figures = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure"]
    assert len(figures) == 5
    assert all(str(figure.Alt).startswith(STARTS) for figure in figures)
    assert any("3.51·10⁻⁵ at iteration 10,000" in str(figure.Alt) for figure in figures)


@pytest.mark.parametrize(
    "handout",
    [
        lambda: derive.load("article").derive().handout(detail="full"),
        lambda: derive.load("softmax_classifier").derive().handout(language="es", form="both", rounding="by-hand"),
        lambda: hostile_derivation().handout(language="pt-BR"),
        lambda: derive.load("single_neuron").derive().handout(notes_margin=True, author='"A" & <B>'),
    ],
    ids=["article", "softmax", "hostile", "page"],
)
def test_a_page_read_as_xml_is_the_page_that_a_browser_reads(handout, monkeypatch):
    found = handout().render("pdf")
    monkeypatch.setattr(renderer, "_xml", lambda source: None)
    assert handout().render("pdf") == found


def test_a_formula_that_is_kept_is_drawn_as_one_that_is_set_anew():
    handouts = [
        derive.load("single_neuron").derive().handout(language=language, notes_margin=is_narrow)
        for language in ("en", "pt-BR")
        for is_narrow in (False, True)
    ]
    alone = []
    for handout in handouts:
        images.laid_out.cache_clear()
        images.spoken.cache_clear()
        alone.append(handout.render("pdf", pdf_variant="pdf/ua-2"))
    before = images.laid_out.cache_info()
    assert [handout.render("pdf", pdf_variant="pdf/ua-2") for handout in reversed(handouts)] == alone[::-1]
    assert images.laid_out.cache_info().hits > before.hits


class Page:
    """A page as WeasyPrint renders it, one of whose fonts lacks characters."""

    fonts: ClassVar = {1: SimpleNamespace(missing={}), 2: SimpleNamespace(missing={0xABC3: 9, 0x7F51: 8})}

    def write_pdf(self, **options):
        return b"%PDF"


def test_a_character_that_no_font_has_is_named_and_never_a_box():
    with pytest.raises(derive.InputError) as caught:
        renderer.written(Page())
    assert "needs a font with '网' (U+7F51, CJK UNIFIED IDEOGRAPH-7F51), and none is installed" in str(caught.value)
    assert "apt install fonts-noto (Debian, Ubuntu)" in str(caught.value)


def test_letters_that_the_packaged_fonts_have_are_not_missed():
    network = derive.load("single_neuron").replace(title="Übung: Größen, ação, señal — naïve")
    assert network.derive().handout(author="Ñandú Łukasz").lacks("pdf") is None
