"""The picture of the computation: every quantity and every local derivative, right, and nothing on anything else."""

import dataclasses
import decimal
import itertools
import re
import shutil
import subprocess
from xml.etree import ElementTree

import drawn
import mpmath
import oracle
import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive.figure import Computation, Dependence, Quantity, computation_layout, scene_svg, scene_tikz
from derive.figure.computation import MOST_ROWS
from derive.language.language import language
from derive.story.figures import computation, computation_scene, four_digits

READY = ["article", "two_hidden_layers", "xor", "single_neuron", "softmax_classifier", "regression"]
ENGLISH = language("en")


def pictured(derivation, digits=9):
    return computation_scene(derivation.evaluation, digits, ENGLISH)


def numbers(derivation):
    """The picture's values, gradients and local derivatives, to 15 digits."""
    made = computation(derivation.evaluation, lambda number: repr(float(number)))
    nodes = {q.id: (float(q.value), float(q.gradient)) for column in made.columns for q in column}
    return nodes, {(d.source, d.target): float(d.derivative) for d in made.dependences}


def by_hand(network):
    """Every quantity as a function of named ones, written down from the network's numbers alone, by mpmath."""
    start, steps = {}, {}
    sample = network.samples[0]
    signals = [f"i{n}" for n, _ in enumerate(sample.inputs, 1)]
    start |= dict(zip(signals, sample.inputs, strict=True))
    count = 0
    for k, layer in enumerate(network.layers):
        names = oracle.neuron_names(network, k)
        for row, name in zip(layer.weights, names, strict=True):
            weights = [f"w{count + n}" for n in range(1, len(row) + 1)]
            count += len(row)
            start |= dict(zip(weights, row, strict=True))
            bias = None
            if layer.bias is not None:
                shared = not isinstance(layer.bias, tuple)
                bias = f"b{k + 1}" if shared else f"b_{name}"
                start[bias] = layer.bias if shared else layer.bias[names.index(name)]
            pairs = list(zip(weights, signals, strict=True))
            needs = [*itertools.chain(*pairs), *([bias] if bias else [])]
            steps[f"net_{name}"] = (
                needs,
                lambda v, pairs=pairs, bias=bias: sum(v[w] * v[s] for w, s in pairs) + (v[bias] if bias else 0),
            )
            steps[f"out_{name}"] = (
                [f"net_{name}"],
                lambda v, name=name, layer=layer: oracle.PRECISE[layer.activation](v[f"net_{name}"]),
            )
        signals = [f"out_{name}" for name in names]
    for name, target in zip(names, sample.targets, strict=True):
        start[f"target_{name}"] = target
        steps[f"E_{name}"] = (
            [f"target_{name}", f"out_{name}"],
            lambda v, name=name: (v[f"target_{name}"] - v[f"out_{name}"]) ** 2 / 2,
        )
    parts = [f"E_{name}" for name in names]
    steps["E_total"] = (parts, lambda v: sum(v[part] for part in parts))
    return {name: mpmath.mpf(q.numerator) / q.denominator for name, q in start.items()}, steps


def run(start, steps, moved="", by=0):
    """The forward pass, one quantity moved by a little, wherever it stands."""
    values = {name: value + (by if name == moved else 0) for name, value in start.items()}
    for name, (_, compute) in steps.items():
        values[name] = compute(values) + (by if name == moved else 0)
    return values


def check_numbers(network):
    with mpmath.workdps(50):
        start, steps = by_hand(network)
        values, step = run(start, steps), mpmath.mpf(10) ** -20
        nodes, edges = numbers(network.derive())
        assert set(nodes) == set(values)
        assert set(edges) == {(source, target) for target, (needs, _) in steps.items() for source in needs}
        for name, (value, gradient) in nodes.items():
            up, down = (run(start, steps, name, sign * step)["E_total"] for sign in (1, -1))
            assert value == pytest.approx(float(values[name]), rel=1e-12, abs=1e-15), name
            assert gradient == pytest.approx(float((up - down) / (2 * step)), rel=1e-10, abs=1e-15), name
        for (source, target), derivative in edges.items():
            up, down = (steps[target][1](values | {source: values[source] + sign * step}) for sign in (1, -1))
            assert derivative == pytest.approx(float((up - down) / (2 * step)), rel=1e-10, abs=1e-15), (source, target)


def test_the_articles_picture_has_every_quantity_and_local_derivative():
    check_numbers(derive.load("article"))


@settings(max_examples=25, deadline=None)
@given(oracle.networks())
def test_any_networks_picture_has_every_quantity_and_local_derivative(network):
    check_numbers(network)


def test_a_joint_layer_has_the_derivative_of_every_out_by_every_net():
    network = derive.load("softmax_classifier")
    nodes, edges = numbers(network.derive())
    outs = [mpmath.exp(nodes[f"net_o{n}"][0]) for n in (1, 2, 3)]
    outs = [out / sum(outs) for out in outs]
    for i, j in itertools.product(range(3), repeat=2):
        expected = outs[i] * ((i == j) - outs[j])
        assert edges[f"net_o{j + 1}", f"out_o{i + 1}"] == pytest.approx(float(expected), rel=1e-12)


def test_a_gradient_is_what_comes_back_over_the_arrows():
    for name in READY:
        nodes, edges = numbers(derive.load(name).derive())
        for start in nodes:
            leaving = [(target, slope) for (source, target), slope in edges.items() if source == start]
            if leaving:
                back = sum(nodes[target][1] * slope for target, slope in leaving)
                assert nodes[start][1] == pytest.approx(back, rel=1e-12, abs=1e-15), (name, start)


@pytest.mark.parametrize(
    ("parameter", "digits", "text"),
    [
        ("w5", 9, "0.08217"),
        ("w1", 9, "0.0004386"),
        ("w5", 2, "0.08217"),
        ("out_o1", 9, "0.7414"),
        ("out_o1", 2, "0.74"),
    ],
)
def test_numbers_have_four_digits(article, parameter, digits, text):
    assert four_digits(article[parameter].value, digits) == text


def test_numbers_that_are_rounded_by_hand_are_shown_so(article):
    by_hand = article.by_hand(3)
    made = computation(by_hand.evaluation, lambda number: four_digits(number, 3))
    nodes = {quantity.id: quantity for column in made.columns for quantity in column}
    assert nodes["net_h1"].value == "0.378"  # 0.3775 carried with three decimals
    assert nodes["out_h1"].value == "0.593"
    slopes = {(each.source, each.target): each.derivative for each in made.dependences}
    assert slopes["w5", "net_o1"] == "0.593"


def shortened(text, rounding):
    """At most four decimals, or four significant digits of what is small, of a number as it stands in the text."""
    found = decimal.Decimal(text)
    is_large = abs(found) >= decimal.Decimal("0.1") and rounding == "by-hand"
    places = 4 if is_large else 3 - found.adjusted()
    if not found or -found.as_tuple().exponent <= places:
        return found
    return found.quantize(decimal.Decimal(1).scaleb(-places), decimal.ROUND_HALF_UP)


ROW = re.compile(
    r"^\| \$(\w)_\{(\d+)\}\$ \| [^|]*delta[^|]* \| \$[^|]*?(-?[\d.]+)(?: \\cdot 10\^\{(.*?)\})?\$", re.MULTILINE
)


@pytest.mark.parametrize("rounding", ["by-hand", "significant"])
@pytest.mark.parametrize("digits", [3, 4, 6])
def test_gradients_rounded_by_hand_are_those_of_the_text(rounding, digits):
    handout = derive.load("article").derive().handout(rounding=rounding, digits=digits, language="en")
    made = computation(handout.shown, lambda number: four_digits(number, digits))
    gradients = {quantity.id: quantity.gradient for column in made.columns for quantity in column}
    rows = ROW.findall(handout.markdown)
    assert len(rows) == 10
    for letter, index, number, power in rows:
        assert decimal.Decimal(gradients[letter + index]) == shortened(f"{number}e{power or 0}", rounding)


# Where things are.


def check_places(scene):
    read = drawn.svg(scene_svg(scene, ""))
    drawn.check_nothing_touches(read)
    # What stands side by side is not read as one, and a name does not touch its node.
    for one, other in itertools.combinations([words.area for words in read.words], 2):
        if one.top < other.bottom and other.top < one.bottom:
            assert one.apart(other) > 3, (one, other)
    for words in read.words:
        for home in (outline.area for outline in read.outlines if outline.area.apart(words.area) < 0):
            assert min(words.area.left - home.left, home.right - words.area.right) > 1.2, words
    # Each arrow has the number that stands where its line is left out.
    assert len(read.lines) == 2 * len(read.heads) == 2 * len(scene.arrows)
    for (start, before), (behind, end) in zip(read.lines[::2], read.lines[1::2], strict=True):
        middle = [(a + b) / 2 for a, b in zip(before, behind, strict=True)]
        (words,) = (w for w in read.words if drawn.runs_through(middle, middle, w.area))
        assert start[0] < words.area.left
        assert words.area.right < end[0]


@pytest.mark.parametrize("name", READY)
def test_nothing_lies_on_anything(name):
    check_places(pictured(derive.load(name).derive()))


@settings(max_examples=30, deadline=None)
@given(oracle.networks(), st.sampled_from([2, 9]))
def test_nothing_lies_on_anything_in_any_small_network(network, digits):
    scene = pictured(network.derive(), digits)
    if scene is not None:
        check_places(scene)


@pytest.mark.parametrize("sizes", [(1, 1), (2, 2), (3, 2), (1, 1, 1), (2, 3, 1), (2, 2, 2), (2, 1, 1, 1), (2, 2, 2, 2)])
def test_small_networks_have_the_picture(sizes):
    assert pictured(network(*sizes).derive()) is not None


@pytest.mark.parametrize("sizes", [(8, 8), (20, 20, 20), (2, 6, 1), (1, 1, 1, 1, 1)])
def test_large_networks_have_no_picture(sizes):
    assert pictured(network(*sizes).derive()) is None


def test_a_handout_without_the_picture_has_no_word_of_it():
    with_it, without = (network(*sizes).derive().handout(language="en").markdown for sizes in [(2, 1), (2, 6, 1)])
    for text in ("figure:computation", "The computational graph"):
        assert text in with_it
        assert text not in without


def network(*sizes, bias=0.1):
    layers = [
        derive.Layer([[(r * 7 + c * 3) % 11 / 10 - 0.5 for c in range(inputs)] for r in range(size)], bias, "tanh")
        for inputs, size in itertools.pairwise(sizes)
    ]
    return derive.Network(layers, [derive.Sample([0.3] * sizes[0], [0.7] * sizes[-1])])


def test_a_drawing_that_would_be_too_small_to_read_is_none():
    def chain(text):
        quantities = tuple((Quantity(f"q{n}", text, text),) for n in range(9))
        return Computation(quantities, tuple(Dependence(f"q{n}", f"q{n + 1}", text) for n in range(8)))

    assert computation_layout(chain("0.5")) is not None
    assert computation_layout(chain("1234567890.1234")) is None


def test_more_rows_than_a_page_has_are_none():
    def fan(size):
        starts = tuple(Quantity(f"q{n}", "1", "1", is_given=True) for n in range(size))
        edges = tuple(Dependence(f"q{n}", "e", "1") for n in range(size))
        return computation_layout(Computation((starts, (Quantity("e", "1", "1"),)), edges))

    assert fan(MOST_ROWS) is not None
    assert fan(MOST_ROWS + 1) is None


# The two languages.


def test_every_number_is_text_in_both(article):
    made = computation(article.evaluation, lambda number: four_digits(number, 9))
    scene = pictured(article)
    source = scene_tikz(scene)
    root = ElementTree.fromstring(scene_svg(scene, "A & B"))
    read = ["".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert root.get("role") == "img"
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "A & B"
    texts = [t for column in made.columns for q in column for t in (q.value, q.gradient)]
    texts += [each.derivative for each in made.dependences]
    for text in texts:
        assert read.count(text.replace("-", "−")) == texts.count(text)
        assert source.count(f"${text}$") + source.count(rf"$\mathit{{{text}}}$") == texts.count(text)
    for name in ("w1", "neth1", "outo2", "targeto1", "Eo1", "Etotal"):
        assert name in read
    assert r"$E_{\mathrm{total}}$" in source


def test_gradients_have_the_accent_in_both(article):
    scene = pictured(article)
    source = scene_tikz(scene)
    marked = [words for words in drawn.svg(scene_svg(scene, "")).words if words.colour == "#c2410c"]
    assert len(marked) == len(scene.boxes) == source.count("text={rgb,255:red,194")
    assert "0.08217" in [words.text for words in marked]


def test_gradients_are_told_without_their_colour_too(article):
    scene = pictured(article)
    read = drawn.svg(scene_svg(scene, ""))
    slanted = {words for words in read.words if words.slanted and words.text[-1].isdigit() and "." in words.text}
    assert slanted == {words for words in read.words if words.colour == "#c2410c" and "." in words.text}
    for words in slanted:
        assert rf"$\mathit{{{words.text.replace('−', '-')}}}$" in scene_tikz(scene)


def test_decimal_commas_and_powers_of_ten_are_numbers_in_tikz():
    layer = derive.Layer([[0.0000123]], None, "identity")
    scene = computation_scene(
        derive.Network([layer], [derive.Sample([0.5], [1])]).derive().evaluation,
        9,
        dataclasses.replace(ENGLISH, decimal_mark=","),
    )
    source = scene_tikz(scene)
    assert r"$1{,}23 \cdot 10^{-5}$" in source
    assert "$0{,}5$" in source


def test_the_handout_shows_it_once_and_says_what_it_shows(written):
    page = (written / "article.html").read_text(encoding="utf-8")
    figures = re.findall(r'<figure class="natural".*?</figure>', page, flags=re.S)
    (figure,) = [each for each in figures if "local derivative" in each]
    assert 'role="img"' in figure
    assert "computational graph" in re.search(r"<title>(.*?)</title>", figure)[1]
    assert "<figcaption>" in figure


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed here; CI has it")
@pytest.mark.parametrize("name", ["article", "two_hidden_layers"])
def test_the_tikz_compiles_and_fits_the_page(name, tmp_path):
    scene = pictured(derive.load(name).derive())
    (tmp_path / "graph.tex").write_text(
        r"\documentclass[tikz]{standalone}\usepackage[T1]{fontenc}\usepackage{lmodern}\usetikzlibrary{arrows.meta}"
        rf"\begin{{document}}{scene_tikz(scene)}\end{{document}}"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "graph.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    said = subprocess.run(["pdfinfo", tmp_path / "graph.pdf"], capture_output=True, text=True, check=True).stdout
    width, height = map(float, re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", said).groups())
    if name == "two_hidden_layers":  # on its side
        width, height = height, width
    assert width < 16 / 2.54 * 72
    assert height < 24 / 2.54 * 72


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed here; CI has it")
def test_nothing_touches_anything_where_latex_sets_the_letters(tmp_path):
    """Measured in the finished PDF: LaTeX has fonts and widths of its own."""
    pictures = []
    for name in READY:
        handout = derive.load(name).derive().handout(language="en")
        pictures += [figure.tikz for key, figure in handout.figures.items() if not key.startswith("training")]
    (tmp_path / "all.tex").write_text(
        r"\documentclass[tikz]{standalone}\usepackage[T1]{fontenc}\usepackage{lmodern}\usetikzlibrary{arrows.meta}"
        rf"\begin{{document}}{''.join(pictures)}\end{{document}}"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=300, check=True)
    with pymupdf.open(tmp_path / "all.pdf") as opened:
        assert len(opened) == len(pictures)
        for page in opened:
            # A word's box is as high as its line; its letters fill the middle of it.
            words = [
                drawn.Area(x1, y1 + 0.3 * (y2 - y1), x2, y2 - 0.3 * (y2 - y1))
                for x1, y1, x2, y2, *_ in page.get_text("words")
            ]
            lines = [
                item[1:3]
                for shape in page.get_drawings()
                for item in shape["items"]
                if item[0] == "l" and "s" in shape["type"]
            ]
            assert words
            assert lines
            for one, other in itertools.combinations(words, 2):
                assert one.apart(other) > -0.3
            for area in words:
                assert not any(drawn.runs_through(tuple(a), tuple(b), area) for a, b in lines), area


@pytest.mark.parametrize("name", ["article", "single_neuron", "xor"])
def test_no_number_on_an_arrow_is_read_with_the_gradient_beside_it(name):
    """Upright and slanted numbers in one line are further apart than two digits are wide."""
    read = drawn.svg(scene_svg(pictured(derive.load(name).derive()), "")).words
    slanted = [words.area for words in read if words.slanted and words.text[-1].isdigit()]
    upright = [words.area for words in read if not words.slanted and words.text[-1].isdigit()]
    assert slanted
    for one, other in itertools.product(slanted, upright):
        if one.top < other.bottom and other.top < one.bottom:
            assert max(one.left - other.right, other.left - one.right) > 11.5
