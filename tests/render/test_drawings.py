"""Drawings as they are printed and shown: large enough to be read, in the packaged faces, with words of their own."""

import itertools
import json
import math
import os
import re
import shutil
import subprocess
import sys

import pikepdf
import pymupdf
import pytest
from kept import ready_pdf

import derive
from derive.render.drawings import printed
from derive.story.document import Figure
from derive.story.page import Page

READY = ["article", "two_hidden_layers", "xor", "single_neuron", "softmax_classifier", "regression"]
LEAST = 6.0  # points
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def network(*sizes, bias=0.25):
    numbers = itertools.cycle([-0.73, 0.53, 0.69, -0.49, 0.3, 0.58, -0.81, -0.94, 0.07])
    layers = [
        derive.Layer([[next(numbers) for _ in range(before)] for _ in range(size)], bias, "tanh")
        for before, size in itertools.pairwise(sizes)
    ]
    return derive.Network(layers, [derive.Sample([0.3] * sizes[0], [0.7] * sizes[-1])])


GREEK = derive.Network(
    [
        derive.Layer([[0.1, 0.2], [0.3, -0.4]], [0.1, -0.2], neurons=("phi1", "theta_2")),
        derive.Layer([[0.5, 0.6]], [0.00000123], neurons=("Psi",)),
    ],
    [derive.Sample([0.3, 0.4], [0.9], input_names=("Omega3", "xi"))],
    iterations=2000,
)
CASES = {
    **{name: derive.load(name) for name in READY},
    "3-4-4-2": network(3, 4, 4, 2),
    "8-8-8": network(8, 8, 8),
    "20-15-10": network(20, 15, 10),
    "greek": GREEK,
    "untrained bias": derive.Network(
        [derive.Layer([[0.3, -0.7]], 0.25, train_bias=False)], [derive.Sample([0.1, 0.6], [0.9])]
    ),
}


def figures(path):
    """Yield the words of each figure in the PDF, its page and its box from the top, as its tags say."""

    def below(node):
        kids = node.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield kid
                yield from below(kid)

    with pikepdf.open(path) as opened:
        numbers = {page.objgen: number for number, page in enumerate(opened.pages)}
        for tag in below(opened.Root.StructTreeRoot):
            if tag.S == "/Figure":
                height = float(tag.Pg.MediaBox[3])
                x1, y1, x2, y2 = map(float, tag.A.BBox)
                yield str(tag.Alt), numbers[tag.Pg.objgen], (x1, height - y2, x2, height - y1)


@pytest.mark.parametrize("name", CASES)
def test_every_letter_of_a_drawing_has_six_points_on_paper(name, tmp_path):
    path = ready_pdf(name) if name in READY else CASES[name].derive().handout().write(tmp_path, ["pdf"])[0]
    found = list(figures(path))
    assert found
    with pymupdf.open(path) as opened:
        for words, number, box in found:
            letters = [
                (span["size"], span["text"])
                for block in opened[number].get_text("dict", clip=pymupdf.Rect(box))["blocks"]
                for line in block.get("lines", ())
                for span in line["spans"]
                if span["text"].strip()
            ]
            assert letters, words
            assert min(letters)[0] >= LEAST - 0.02, (words, min(letters))


def test_no_upright_page_is_parted_for_a_drawing_of_a_ready_network():
    for name in READY:
        with pymupdf.open(ready_pdf(name)) as opened:
            assert all(page.rect.width < page.rect.height for page in opened), name


def test_what_follows_a_drawing_beside_the_text_stands_beside_it(tmp_path):
    (path,) = derive.load("two_hidden_layers").derive().handout(language="en").write(tmp_path, ["pdf"])
    beside = 0
    with pymupdf.open(path) as opened:
        for _, number, (left, top, _, bottom) in figures(path):
            if left < 300:
                continue
            # The chain rule, the first fraction below the heading, starts before the drawing ends.
            partials = [w for w in opened[number].get_text("words") if w[4].startswith("∂") and w[1] > top]
            beside += min(w[1] for w in partials) < bottom
            assert not [w for w in partials if w[2] > left and w[1] < bottom]
    assert beside == 3


def test_drawings_are_the_same_on_a_system_without_fonts(tmp_path):
    (tmp_path / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>/nonexistent</dir></fontconfig>'
    )
    (path,) = GREEK.derive().handout(language="pt-BR").write(tmp_path, ["pdf"])
    program = (
        "import sys; sys.path[:0] = sys.argv[1:3]; from test_drawings import GREEK; "
        "GREEK.derive().handout(language='pt-BR').write(sys.argv[3], ['pdf'])"
    )
    here = os.path.dirname(__file__)
    command = [sys.executable, "-c", program, here, os.path.dirname(here), tmp_path / "bare"]
    subprocess.run(
        command, env={**os.environ, "FONTCONFIG_FILE": str(tmp_path / "fonts.conf")}, check=True, timeout=300
    )
    bare = tmp_path / "bare" / path.name
    with pymupdf.open(bare) as opened:
        faces = {font[3].partition("+")[2] for page in opened for font in page.get_fonts()}
        shown = "".join(page.get_text() for page in opened)
    assert all(re.match("Derive-|LatinModernMath", face) for face in faces), faces
    assert {"𝜙", "𝜃", "𝜉", "Ω", "Ψ"} <= set(shown)
    assert bare.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(("language", "point"), [("en", "."), ("es", ","), ("pt-BR", ",")])
def test_a_drawing_says_what_is_in_it(language, point, tmp_path):
    made = CASES["xor"]
    pdf, html = made.derive().handout(language=language).write(tmp_path, ["pdf", "html"])
    page = html.read_text(encoding="utf-8")
    spoken = re.findall(r'<svg [^>]*aria-label="([^"]*)"', page)
    printed = [words for words, _, _ in figures(pdf)]
    assert [words.split() for words in spoken] == [words.split() for words in printed]
    weights = itertools.chain(*made.layers[0].weights, *made.layers[1].weights)
    network_words, *paths, graph = [words for words in spoken if "10" not in words.split()[:6]][:4]
    for number, weight in enumerate(weights, start=1):
        value = f"{float(weight):g}".replace(".", point).replace("-", "−")
        assert f"w{number} = {value}" in network_words
        assert f"w{number} = {value}, " in graph
    for neuron in ("h1", "h2", "o1"):
        assert neuron in network_words
    for sample in (made.samples[0],):
        assert f"i1 = {float(sample.inputs[0]):g}" in network_words
        assert f"o1 = {float(sample.targets[0]):g}" in network_words
    assert "w5" in paths[0]
    assert "o1" in paths[0]


MEASURE = """
addEventListener("load", () => {
  const found = [...document.querySelectorAll("figure svg")].map((svg) => {
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const sizes = [...svg.querySelectorAll("text, tspan")].map((e) => parseFloat(getComputedStyle(e).fontSize));
    const scroller = svg.closest(".drawing");
    const hidden = scroller ? scroller.scrollWidth - scroller.clientWidth : 0;
    return {size: scale * Math.min(...sizes), right: (scroller || svg).getBoundingClientRect().right, hidden};
  });
  const page = {figures: found, width: document.documentElement.scrollWidth, window: innerWidth};
  const out = document.createElement("pre"); out.id = "measured"; out.textContent = JSON.stringify(page);
  document.body.append(out);
});
"""


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here to open the page in")
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["article", "two_hidden_layers", "softmax_classifier", "8-8-8", "greek"])
def test_every_letter_of_a_drawing_has_eleven_pixels_on_a_phone(name, width, tmp_path):
    (path,) = CASES[name].derive().handout().write(tmp_path, ["html"])
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", path.read_text(encoding="utf-8"))
    # A window is never as narrow as a phone; a frame is.
    (tmp_path / "inner.html").write_text(page.replace("</head>", f"<script>{MEASURE}</script></head>"))
    outer = f"""<iframe width="{width}" height="3000" src="inner.html"></iframe><script>
    addEventListener("load", () => setTimeout(() => {{
      document.body.append(frames[0].document.getElementById("measured"));
    }}, 300));</script>"""
    (tmp_path / "outer.html").write_text(outer)
    command = [
        *(BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"),
        *(f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=5000", "--window-size=1500,1000"),
        *("--dump-dom", (tmp_path / "outer.html").as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    measured = json.loads(re.search(r'<pre id="measured">(.*?)</pre>', done.stdout)[1])
    assert measured["window"] == width
    assert measured["width"] <= width
    for figure in measured["figures"]:
        assert figure["size"] >= 10.95
        assert figure["right"] <= width
        assert width < 1280 or figure["hidden"] <= 0


@pytest.mark.parametrize(("highest", "height"), [(math.inf, 450.0), (12.0, 340.2), (3.0, 313.0)])
def test_a_drawing_is_no_higher_than_it_may_be_as_long_as_it_is_read(highest, height):
    """Of 600 px, which are 450 points: 12 cm are 340.2, and letters of 11.5 px have six points at 313."""
    svg = '<svg viewBox="0 0 400 600" width="400" height="600"><text font-size="11.5">a</text></svg>'
    made = printed(Figure(svg, "", natural=True, highest=highest), Page())
    found = re.search(r"height: ([\d.]+)pt", made.svg)
    assert (float(found[1]) if found else 600 * 0.75) == pytest.approx(height, abs=0.1)
    assert made.floating
