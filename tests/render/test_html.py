"""The HTML page: well-formed, self-contained, and quiet in a browser."""

import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest
from hostile import HOSTILE, hostile_derivation

import derive
from derive.language.folder import FOLDER
from derive.notation.mathml import for_browsers, mathml
from derive.render import html
from derive.story.document import Heading, Math, Paragraph
from derive.story.parse import parse

SPACE = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def page(written):
    return (written / "article.html").read_text(encoding="utf-8")


def test_it_is_well_formed(page):
    root = ElementTree.fromstring(page.replace("<!DOCTYPE html>", ""))
    assert root.get("lang") == "en"
    assert root.find(f"{SPACE}head/{SPACE}title").text == "A step by step example"


def test_it_needs_nothing_else(page):
    assert "default-src 'none'" in page
    assert "<script" not in page
    links = r'<a href="(https?:[^"]*)"'  # which a reader may follow, and a browser does not load
    assert re.findall(links, page) == ["https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/"]
    loaded = re.findall(r"""(?:src|href)=["']([^"']*)|url\(["']?([^"')]*)""", re.sub(links, "", page))
    assert all(found.startswith(("#", "data:")) for pair in loaded for found in pair if found)


def test_each_link_has_its_place_and_each_id_is_there_once(page):
    ids = re.findall(r' id="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(ids)


def test_formulas_are_mathml_and_figures_svg(page):
    assert page.count("<math") > 100
    assert page.count("<svg") == 5
    assert "$" not in re.sub(r"<style>.*?</style>", "", page, flags=re.S)


def test_only_a_formula_and_the_sign_behind_it_are_kept_on_one_line():
    written = html.page(parse("Of $a$ and many words that may be broken, then $b$: more."), {})
    (kept,) = re.findall(r'<span class="kept">(.*?)</span>', written)
    assert kept.count("<math") == 1
    assert kept.endswith(":")


@pytest.mark.parametrize(
    ("latex", "stretches"),
    [
        (r"\frac{1}{2} \left(0.01 - x\right)^{2}", False),
        (r"x \cdot \left(1 - x\right)", False),
        (r"\left(\frac{1}{2}\right)", True),
    ],
)
def test_a_fence_stretches_only_round_what_is_tall(latex, stretches):
    assert ('stretchy="false"' not in mathml(latex, True)) == stretches


def test_a_link_leads_to_a_place_or_to_a_page():
    written = html.page(parse("[a](#b) [c](https://example.org/?d&e)"), {})
    assert '<a href="#b">a</a> <a href="https://example.org/?d&amp;e">c</a>' in written


def test_each_column_and_each_row_of_a_table_has_its_head():
    table = "| | neuron | $w_{1}^{+}$ |\n|---|---|---|\n| $h_{1}$ | a | $0.5$ |\n| mean | b | |\n| | c | |\n"
    root = ElementTree.fromstring(html.page(parse(table), {}).replace("<!DOCTYPE html>", ""))
    rows = [[(cell.tag.removeprefix(SPACE), cell.get("scope")) for cell in row] for row in root.iter(f"{SPACE}tr")]
    column, row, cell = ("th", "col"), ("th", "row"), ("td", None)
    # An empty cell is the head of nothing.
    assert rows == [[cell, column, column], [row, cell, cell], [row, cell, cell], [cell, cell, cell]]
    names = [
        found.get("aria-label") for head in root.iter(f"{SPACE}th") for found in head.iter() if "math" in found.tag
    ]
    assert [name for name in names if name] == ["new w 1", "h 1"]


def test_only_what_is_wider_than_a_phone_is_a_tab_stop():
    long = " + ".join(f"w_{{{place}}}" for place in range(30))
    written = html.page(
        parse(f"$$\na = b\n$$\n\n$$\n{long}\n$$\n\n| a |\n|---|\n| ${long}$ |\n\n| a |\n|---|\n| b |\n"), {}
    )
    kinds = re.findall(r'<div class="(formula|table short)"([^>]*)>', written)
    assert [("tabindex" in attributes, "aria-label" in attributes) for _, attributes in kinds] == [
        (False, False),
        (True, True),
        (True, True),
        (False, False),
    ]


def test_it_is_small(page):
    assert len(page.encode()) <= 450_000


def test_hostile_text_is_text(tmp_path):
    (path,) = hostile_derivation().handout().write(tmp_path, ["html"])
    page = path.read_text(encoding="utf-8")
    root = ElementTree.fromstring(page.replace("<!DOCTYPE html>", ""))
    assert root.find(f"{SPACE}head/{SPACE}title").text == HOSTILE
    assert "".join(root.find(f".//{SPACE}h1").itertext()) == HOSTILE
    assert not list(root.iter(f"{SPACE}script"))


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--enable-logging=stderr", "--v=0"),
]


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here to open the page in")
@pytest.mark.parametrize("width", [500, 1200])
def test_a_browser_opens_it_without_a_word_and_shows_the_figures(written, tmp_path, width):
    from PIL import Image

    picture = tmp_path / "page.png"
    done = subprocess.run(
        [
            BROWSER,
            *FLAGS,
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--screenshot={picture}",
            f"--window-size={width},1500",
            (written / "article.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "CONSOLE" not in done.stderr
    image = Image.open(picture).convert("L")
    assert image.width == width
    # Ink in the band of the network's figure, between its paragraph and the first table.
    rows = [sum(1 for x in range(0, width, 3) if image.getpixel((x, y)) < 128) for y in range(0, 1500, 5)]
    assert sum(1 for count in rows if count) > 60


def luminance(colour):
    """By the Web Content Accessibility Guidelines."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def test_the_colour_of_drawings_is_read_on_light_and_on_dark_pages(written):
    page = (written / "article.html").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{([^}]*)\}", page)[:2]
    for variables in (light, dark):
        found = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", variables))
        assert contrast(found["accent"], found["paper"]) >= 4.5
        assert contrast(found["ink"], found["paper"]) >= 4.5
    # Every colour of a drawing is one of the page's: of its ink, of its ground, or replaced by a rule.
    fixed = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', page)) - {"#ffffff"}
    assert fixed
    for colour in fixed:
        assert f'figure [fill="{colour}"] {{ fill: var(--accent); }}' in page
        assert f'figure [stroke="{colour}"] {{ stroke: var(--accent); }}' in page


def test_printed_by_a_browser_tables_are_cut_where_the_pdf_cuts_them():
    printed = (FOLDER / "style.css").read_text(encoding="utf-8").partition("@media print")[2]
    pdf = (FOLDER / "print.css").read_text(encoding="utf-8")
    rules = re.findall(r"^(?:thead \{|tbody tr:nth).*?\}", pdf, re.MULTILINE)
    assert len(rules) == 3
    assert all(rule in printed for rule in rules)
    assert re.search(r"\.table\.short[^}]*\{ break-inside: avoid; \}", printed)
    assert re.search(r"\.table\.short[^}]*\{ break-inside: avoid; \}", pdf)


def test_the_shade_of_what_is_scrolled_is_lower_than_what_covers_it():
    """Where heights are no whole pixels, a hairline of the shade would be seen under every formula that fits."""
    style = (FOLDER / "style.css").read_text(encoding="utf-8")
    covers = re.findall(r"var\(--ground\).*? / 3rem (.*?) no-repeat local", style)
    shades = re.findall(r"var\(--shade\).*? / 1rem (.*?) no-repeat scroll", style)
    assert covers == ["100%"] * 2
    assert shades == ["calc(100% - 4px)"] * 2


def test_parentheses_grow_in_browsers():
    root = ElementTree.fromstring(for_browsers(r"f'\left(\sum_{i=1}^{n} w_{i}\right) + \left(x + 1\right)", True))
    grown = [each.attrib for each in root.iter("mo") if each.get("stretchy") == "true"]
    assert [each["form"] for each in grown] == ["prefix", "postfix"]
    assert all(float(each["minsize"].removesuffix("em")) > 2 for each in grown)
    assert [each.text for each in root.iter("mo") if each.get("stretchy") == "false"] == ["(", ")"]


@pytest.mark.parametrize("formula", ["f'", "f_{n}'", "f_{2}'", "f_{n+1}'"])
def test_a_prime_has_the_size_of_its_letter_and_keeps_from_it_in_browsers(formula):
    """The sign is raised in the font: where a browser raises it as it does scripts, it is let down again."""
    root = ElementTree.fromstring(for_browsers(rf"{formula}\left(x\right)", True))
    (prime,) = (each for each in root.iter("mpadded") if [part.tag for part in each] == ["mspace", "mo"])
    assert (prime.get("scriptlevel"), prime[1].text) == ("+0", "′")
    assert float(prime.get("voffset").removesuffix("em")) < -0.3
    assert float(prime[0].get("width").removesuffix("em")) > 0


@pytest.mark.parametrize(("rows", "is_stretched"), [(1, "false"), (2, "true")])
def test_the_parentheses_of_a_row_are_those_of_text(rows, is_stretched):
    """Chromium sets space within parentheses that may stretch and do not."""
    matrix = r" \\ ".join(["0.5 & 0.25"] * rows)
    root = ElementTree.fromstring(mathml(rf"\begin{{pmatrix}} {matrix} \end{{pmatrix}}", True))
    assert [each.get("stretchy") for each in root.iter("mo") if each.text in "()"] == [is_stretched] * 2


@pytest.mark.parametrize("name", ["target", "age", "out", "net"])
def test_subscripts_of_names_stand_at_one_height(name):
    """What reaches below the line would push a subscript down: its depth is taken from the name."""
    formula = mathml(rf"\mathrm{{{name}}}_{{o1}}", False)
    has_depth = any(letter in "gjpqy" for letter in name)
    assert ('<mpadded depth="0px">' in formula) == has_depth
    assert "".join(ElementTree.fromstring(formula).itertext()) == f"{name}o1"


@pytest.mark.parametrize("name", sorted(derive.ready_networks()))
def test_no_line_of_text_has_a_stacked_fraction(name):
    document = derive.load(name).derive().handout(language="en").document
    shown = [block.content for block in document.blocks if isinstance(block, Heading | Paragraph)]
    formulas = [piece.latex for content in shown for piece in content if isinstance(piece, Math)]
    assert formulas
    assert not [latex for latex in formulas if r"\frac" in latex]
