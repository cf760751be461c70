"""The LaTeX: it compiles, without a line that runs off the page, and shows text as text."""

import contextlib
import itertools
import re
import subprocess
import sys
from dataclasses import replace

import pikepdf
import pytest
from hostile import hostile_derivation
from tex_engines import compiled, text_of

import derive
from derive.errors import InternalError
from derive.render import latex
from derive.story.parse import parse

ENGINES = ["pdflatex", "lualatex"]


def network(*sizes, bias=0.1, activation="tanh"):
    layers = [
        derive.Layer([[(r * 7 + c * 3) % 11 / 10 - 0.5 for c in range(inputs)] for r in range(size)], bias, activation)
        for inputs, size in itertools.pairwise(sizes)
    ]
    return derive.Network(layers, [derive.Sample([0.3] * sizes[0], [0.7] * sizes[-1])])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("detail", ["article", "full"])
def test_the_article_compiles_without_overfull_lines(article, tmp_path, engine, detail):
    (path,) = article.handout(detail=detail).write(tmp_path, ["tex"], name="article")
    said = compiled(engine, path)
    assert "Overfull" not in said
    assert "undefined" not in said
    assert "0.082167041" in text_of(path.with_suffix(".pdf"))


@pytest.mark.parametrize(
    ("made", "digits"),
    [(network(8, 4, 2), 9), (network(2, 3, 3, 2, activation="relu"), 9), (network(2, 2, 1), 50), (network(1, 1), 4)],
    ids=["wide", "deep", "fifty digits", "smallest"],
)
def test_other_networks_compile_without_overfull_lines(made, digits, tmp_path):
    (path,) = made.derive().handout(digits=digits, detail="full").write(tmp_path, ["tex"])
    assert "Overfull" not in compiled("pdflatex", path)


@pytest.mark.parametrize("engine", ENGINES)
def test_hostile_text_is_text(tmp_path, engine):
    (path,) = hostile_derivation().handout().write(tmp_path, ["tex"])
    compiled(engine, path)
    text = " ".join(text_of(path.with_suffix(".pdf")).split())
    assert "root:" not in text
    for part in ("alert(1)", r"\input{/etc/passwd}", "$x$", "100%", "{{ 7*7 }}", "*a*", "[b](c)", "&amp;"):
        assert part in text


SHOWN = "Réseau à 2 couches — “naïf” ½ µ Ω → ∞ ≤ № ł ő ș α β"
# Title, and what is seen where it is not the title itself.
TITLES = {
    SHOWN: "",
    "Ελληνικά άέ αβγδεζηθικλμνξοπρσςτυφχψω ΓΔΘΛΞΠΣΥΦΨΩ ΑΒΕ": "",
    "← ↔ ⇒ ⇔ ↦ ≈ ≠ ≥ ∈ ∉ ⊂ ∪ ∩ ∂∇∑∏∫√∞ ± × ÷ ⋅ ∘": "",
    "ąčďęěğįķłńňőřșťțůűźż ĐđÞþŒœßÆæØø İı Ǩ Ḃ ẞ": "",
    "Tiếng Việt Nguyễn ẽ ậ": "",
    "cafe\u0301 e\u0323\u0302 x\u0304": "",
    "𝐱 𝑥 ℝ ℕ 𝔤 𝒳 𝟏 x² H₂O ⅓ Ⅳ ﬁn ℓ": "",
    "a--b ,, << >> ?` !` '' `` “x” ‘y’ «z» [1] *2* \"q\"": "a--b ,, << >>",
    r"100% \input{x} $x$ #1 a_b^c~ & {y} | \\ \%": r"100% \input{x} $x$ #1 a_b^c~ & {y} | \\ \%",
    'figure:network <a id="eq-1"></a> {{ 1 }}': "figure:network <a id=",
}


def titled(title):
    return derive.Network([derive.Layer([[0.5]])], [derive.Sample([1], [0])], title=title).derive()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
def test_a_title_is_set_and_named_in_the_pdf(title, engine, tmp_path):
    handout = titled(title).handout(author=title, course="[2cm] *x*")
    document = replace(handout.document, blocks=handout.document.blocks[:1])
    source = latex.source(document, {}, page=handout.page)
    assert "[U+" not in source
    path = tmp_path / "t.tex"
    path.write_text(source, encoding="utf-8")
    said = compiled(engine, path)
    assert "Missing character" not in path.with_suffix(".log").read_text(errors="replace"), said
    with pikepdf.open(path.with_suffix(".pdf")) as pdf:
        assert str(pdf.docinfo["/Title"]) == str(pdf.docinfo["/Author"]) == title
    text = " ".join(text_of(path.with_suffix(".pdf")).split())
    assert TITLES[title] in text
    assert "[2cm] *x*" in text.replace("∗", "*")


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("日", "U+65E5, CJK UNIFIED IDEOGRAPH-65E5"),
        ("Ж", "U+0416, CYRILLIC CAPITAL LETTER ZHE"),
        ("א", "U+05D0, HEBREW LETTER ALEF"),
        ("🙂", "U+1F642, SLIGHTLY SMILING FACE"),
        ("ơ", "U+01A1, LATIN SMALL LETTER O WITH HORN"),
        ("x\u20d7", "U+20D7, COMBINING RIGHT ARROW ABOVE"),
        ("日\u0301", "U+0301, COMBINING ACUTE ACCENT"),
    ],
)
def test_a_character_that_latex_cannot_show_is_refused_by_name(character, name):
    with pytest.raises(derive.InputError, match=r"^title: found .*choose formats other than tex") as caught:
        titled(f"A {character} b").handout().render("tex")
    assert name in str(caught.value)
    with pytest.raises(derive.InputError, match=r"^course: found "):
        titled("A").handout(course=f"{character} b").render("tex")
    assert titled(f"A {character} b").handout().render("html")


def test_a_title_that_latex_cannot_show_stops_no_other_format(tmp_path):
    network = tmp_path / "net.toml"
    network.write_text(
        'title = "Сеть"\n[[sample]]\ninputs = [1]\ntargets = [0]\n[[layer]]\nweights = [[1]]\n', encoding="utf-8"
    )
    command = [sys.executable, "-m", "derive", "handout", str(network), "-o", str(tmp_path / "o")]
    usual = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert usual.returncode == 0
    assert "title: found 'С' (U+0421" in usual.stderr
    assert usual.stderr.count("\n") == 1
    assert {path.suffix for path in (tmp_path / "o").glob("net.*")} == {".pdf", ".html", ".md", ".json"}
    asked = subprocess.run([*command, "--format", "tex"], capture_output=True, text=True, encoding="utf-8")
    assert asked.returncode == 2
    assert not (tmp_path / "o" / "net.tex").exists()


def test_every_sign_that_is_set_is_known_to_both_engines(tmp_path):
    """All of Unicode's first planes: refused, or compiled without a missing character."""
    found = []
    for code in (*range(0xA0, 0x2C00), *range(0xFB00, 0xFB07), *range(0x1D400, 0x1D800)):
        character = chr(code)
        if character.isprintable():
            with contextlib.suppress(derive.InputError):
                found.append((code, latex.escape(character)))
    assert len(found) > 1000
    lines = "\n\n".join(f"\\typeout{{at {code:X}}}{text}" for code, text in found)
    (path,) = titled("t").handout().write(tmp_path, ["tex"])
    preamble = path.read_text().partition(r"\begin{document}")[0]
    path.write_text(f"{preamble}\\begin{{document}}\n{lines}\n\\end{{document}}", encoding="utf-8")
    for engine in ENGINES:
        compiled(engine, path)
        assert "Missing character" not in path.with_suffix(".log").read_text(errors="replace")


def test_a_formula_that_is_not_closed_is_never_written():
    with pytest.raises(InternalError, match="not well formed"):
        latex.source(parse("# t\n\n$$\n0.5^{\\dagg\n$$\n"), {})


@pytest.mark.parametrize("engine", ENGINES)
def test_a_link_to_a_page_is_a_link_to_that_page(engine, tmp_path):
    addresses = [
        "https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/",
        "https://example.org/a_b/%7Ec?d=100%25&e=_f#g-h",
        "http://example.org/it's(1,2)",
    ]
    marks = ["[words](<{}>)", "**[words](<{}>)**", "> [words](<{}>)"]
    text = "\n\n".join(mark.format(address) for address in addresses for mark in marks)
    path = tmp_path / "links.tex"
    path.write_text(latex.source(parse(f"# t\n\n{text}\n"), {}), encoding="utf-8")
    assert "undefined" not in compiled(engine, path)
    with pikepdf.open(path.with_suffix(".pdf")) as pdf:
        found = [str(link.A.URI) for page in pdf.pages for link in page.get("/Annots", []) if "/URI" in link.A]
    assert set(found) == set(addresses)
    assert len(found) == len(addresses) * len(marks)


def test_a_heading_and_what_leads_in_to_a_long_table_stay_with_its_first_rows():
    rows = "\n".join(f"| {place} |" for place in range(12))
    long, short = f"| a |\n|---|\n{rows}", "| a |\n|---|\n| 1 |"
    tex = latex.source(
        parse(f"## One\n\nThese are many rows:\n\n{long}\n\nMore:\n\n{long}\n\n## Two\n\nOne row:\n\n{short}"), {}
    )
    body = tex[tex.index(r"\begin{document}") :]
    assert re.findall(r"\\needroom\{\d+\}\n(.{5})", body) == [r"\sect", "More:"]
    assert body.count(r" \\*") == 2 * 4


def test_long_tables_begin_where_short_ones_do(written):
    """An argument in brackets would take the place of the common edge."""
    source = (written / "article.tex").read_text(encoding="utf-8")
    (edge,) = re.findall(r"\\setlength\{\\LTleft\}\{(\w+)\}", source)
    (short,) = re.findall(r"newenvironment\{shorttable\}.*?\\hspace\*\{(\w+)\}", source)
    assert edge == short
    assert r"\begin{longtable}{" in source
    assert r"\begin{longtable}[" not in source
