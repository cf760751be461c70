"""The curve of the error: its points and ticks are where their numbers say, and nothing is cut or overlaps."""

import itertools
import math
import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from derive.figure import Curve, curve_svg, curve_tikz
from derive.figure.curve import HEIGHT, MOST_POINTS, WIDTH, plot

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = r"<b>&$%_ \input{x} #~^"
FALLING = tuple((step, 0.3 / (1 + step) ** 2) for step in range(300))
CASES = {
    "falling": FALLING,
    "long": tuple((round(10 ** (place / 10)), 0.3 * 10 ** (-place / 13)) for place in range(71)),
    "linear": tuple((step, 0.3 - 0.01 * step) for step in range(11)),
    "negative": tuple((step, math.cos(step)) for step in range(50)),
    "wide": ((0, 1e300), (10_000_000, 1e-300)),
    "huge": ((0, 9e299), (5, 1e300), (9, 0.0)),
    "tiny": ((0, 9e-12), (5, 8e-12), (9, 0.0)),
    "large": ((0, 123_456.0), (9_999, 123_457.0), (10_000, 123_458.0)),
    "close": ((0, 0.2500001), (60, 0.2500005), (99, 0.2500008)),
    "to zero": ((0, 100.0), (10, 0.0)),
    "equal": ((0, 0.5), (5, 0.5)),
    "zeros": ((0, 0.0), (1, 0.0)),
    "one": ((0, 0.3),),
    "none": (),
    "no numbers": ((0, math.nan), (1, math.inf)),
}

errors = st.floats(allow_nan=True, allow_infinity=True) | st.floats(1e-300, 1e300)
histories = st.lists(st.tuples(st.integers(0, 10_000_000), errors), max_size=30, unique_by=lambda point: point[0])


def curve(*points, x_label="iteration", y_label="error"):
    return Curve(tuple(points), x_label, y_label)


def named(ticks):
    return [tick.text + (f"^{tick.exponent}" if tick.exponent else "") for tick in ticks]


def drawn_ticks(*points):
    drawn = plot(curve(*points))
    return named(drawn.x.ticks), named(drawn.y.ticks)


@pytest.mark.parametrize("name", CASES)
def test_the_svg_is_well_formed_and_says_what_it_shows(name):
    root = ElementTree.fromstring(curve_svg(curve(*CASES[name]), "A & B <c>"))
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{SVG}title") == "A & B <c>"
    assert root.get("viewBox") == f"0 0 {WIDTH:g} {HEIGHT:g}"
    assert not [e for e in root.iter() if e.get("id") or e.tag == f"{SVG}style" or e.get("style")]


@settings(deadline=None)
@example([(0, 5e-324), (1, 1.7e308)])
@example([(0, -1.7e308), (1, 1.7e308)])
@example([(0, 0.0), (1, 5e-324)])
@example([(0, 1.0), (10**40, 1.0)])
@given(histories)
def test_everything_stays_in_its_place(history):
    drawn = plot(curve(*sorted(history, key=lambda point: point[0])))
    left, right, top, bottom = drawn.x.start, drawn.x.end, drawn.y.end, drawn.y.start
    assert len(drawn.line) == sum(math.isfinite(error) for _, error in history)
    for x, y in drawn.line:
        assert left - 1e-6 <= x <= right + 1e-6
        assert top - 1e-6 <= y <= bottom + 1e-6
    for axis in (drawn.x, drawn.y):
        places = [tick.position for tick in axis.ticks]
        assert 2 <= len(places) <= 7
        assert all(min(axis.start, axis.end) - 1e-6 <= place <= max(axis.start, axis.end) + 1e-6 for place in places)
        assert len(set(named(axis.ticks))) == len(places)
    check_labels(drawn)


def check_labels(drawn):
    along = [(tick.position - tick.width / 2, tick.position + tick.width / 2) for tick in drawn.x.ticks]
    assert all(end + 2 < start for (_, end), (start, _) in itertools.pairwise(along))
    assert along[-1][1] <= WIDTH
    up = [tick.position for tick in drawn.y.ticks]
    assert all(lower - upper > 15 for lower, upper in itertools.pairwise(up))
    word = drawn.words[1].x
    assert all(drawn.x.start - 8 - tick.width > word + 6 for tick in drawn.y.ticks)


@pytest.mark.parametrize("name", CASES)
def test_named_curves_have_labels_apart(name):
    check_labels(plot(curve(*CASES[name])))


@pytest.mark.parametrize(
    ("last", "ticks"),
    [
        (1, ["0", "1"]),
        (7, ["0", "2", "4", "6"]),
        (99, ["0", "20", "40", "60", "80"]),
        (100, ["0", "1", "10", "100"]),
        (999, ["0", "1", "10", "100"]),
        (10_000, ["0", "1", "10", "100", "1,000", "10,000"]),
        (100_000, ["0", "1", "10", "100", "1,000", "10,000", "10^5"]),
        (10_000_000, ["0", "1", "100", "10,000", "10^6"]),
    ],
)
def test_iterations_at_their_axis(last, ticks):
    assert drawn_ticks((0, 1.0), (last, 0.5))[0] == ticks


@pytest.mark.parametrize(
    ("first", "last", "ticks"),
    [
        (0.3, 1e-5, ["10^−5", "10^−4", "10^−3", "10^−2", "10^−1", "10^0"]),
        (0.3, 2e-33, ["10^−30", "10^−20", "10^−10", "10^0"]),
        (1e300, 1e-300, ["10^−200", "10^0", "10^200"]),
        (0.3, 0.2, ["0.0", "0.1", "0.2", "0.3"]),
        (1.0, -1.0, ["−1.0", "−0.5", "0.0", "0.5", "1.0"]),
        (-2.0, -4.0, ["−4.0", "−3.5", "−3.0", "−2.5", "−2.0"]),
        (30_000.0, 0.0, ["0", "10,000", "20,000", "30,000"]),
        (8e300, 0.0, ["0", "2·10^300", "4·10^300", "6·10^300", "8·10^300"]),
        (-8e-9, 0.0, ["−8·10^−9", "−6·10^−9", "−4·10^−9", "−2·10^−9", "0"]),
        (0.25, 0.25 + 1e-12, ["0.240", "0.245", "0.250", "0.255", "0.260"]),
    ],
)
def test_errors_at_their_axis(first, last, ticks):
    assert drawn_ticks((0, first), (1, last))[1] == ticks


@pytest.mark.parametrize(
    ("points", "x_log", "y_log"),
    [
        (((0, 1.0), (99, 0.5)), False, False),
        (((0, 1.0), (100, 0.5)), True, False),
        (((0, 20.0), (99, 1.0)), False, False),
        (((0, 20.1), (99, 1.0)), False, True),
        (((0, 1.0), (100, 20.1)), True, True),
        (((0, 1.0), (100, 0.0)), True, False),
        (((0, 1.0), (100, -1e-9)), True, False),
        (((0, -1.0), (9, -1000.0)), False, False),
        (((0, 1.0), (9, 0.9), (1000, math.nan)), False, False),
        (((0, 1.0), (9, 0.9), (10, math.inf)), False, False),
        (((0, 0.5), (10, 0.5)), False, False),
        (((0, 0.0),), False, False),
        ((), False, False),
    ],
)
def test_which_axes_are_logarithmic(points, x_log, y_log):
    drawn = plot(curve(*points))
    assert (drawn.x.is_log, drawn.y.is_log) == (x_log, y_log)


def test_points_stand_at_the_ticks_of_their_numbers():
    drawn = plot(curve((0, 1.0), (10, 1e-2), (1000, 1e-4)))
    x = {tick.text: tick.position for tick in drawn.x.ticks}
    y = {tick.exponent: tick.position for tick in drawn.y.ticks}
    for point, (step, power) in zip(drawn.line, [("0", "0"), ("10", "−2"), ("1,000", "−4")], strict=True):
        assert point == pytest.approx((x[step], y[power]))


def test_infinite_points_are_left_out():
    assert plot(curve((0, 1.0), (1, math.nan), (2, 0.5), (3, math.inf))) == plot(curve((0, 1.0), (2, 0.5)))


@pytest.mark.parametrize("last", [99, 100_000])
def test_long_curves_are_thinned_evenly_in_what_is_drawn(last):
    points = [(step * last // 100_000, 1.0 + 1 / (1 + step)) for step in range(100_001)]
    whole = plot(curve(points[0], points[-1]))
    thin = plot(curve(*points)).line
    assert len(thin) <= MOST_POINTS
    assert (thin[0], thin[-1]) == (whole.line[0], whole.line[-1])
    gaps = [after - before for (before, _), (after, _) in itertools.pairwise(thin)]
    assert min(gaps) >= 0
    if last == 100_000:  # the first few iterations are far apart by themselves
        assert max(after - before for (before, _), (after, _) in itertools.pairwise(thin) if before > 250) < 2.1


def test_labels_are_text_in_both():
    hostile = curve(*CASES["falling"], x_label=HOSTILE, y_label=HOSTILE[::-1])
    drawing, source = curve_svg(hostile, HOSTILE), curve_tikz(hostile)
    assert "<b>" not in drawing
    read = ["".join(text.itertext()) for text in ElementTree.fromstring(drawing).iter(f"{SVG}text")]
    assert read[-2:] == [HOSTILE, HOSTILE[::-1]]
    assert r"\input" not in source
    assert r"\&\$\%\_" in source


@pytest.mark.parametrize("name", CASES)
def test_both_have_the_same_coordinates(name):
    drawn = curve(*CASES[name])
    root, source = ElementTree.fromstring(curve_svg(drawn, "")), curve_tikz(drawn)
    lines = [re.split("[ ,]", line.get("points")) for line in root.iter(f"{SVG}polyline")]
    lines += [[dot.get("cx"), dot.get("cy")] for dot in root.iter(f"{SVG}circle")]
    texts = [(text.get("x"), text.get("y")) for text in root.iter(f"{SVG}text")]
    drawings = [
        re.findall(r"-?[\d.]+(?=[,)])", line) for line in re.findall(r"\\(?:draw|fill)\[[^]]*\]([^;]*)", source)
    ]
    assert all(line in drawings for line in lines)
    assert len(drawings) == len(lines) + len(list(root.iter(f"{SVG}path")))
    assert re.findall(r"at \(([\d.]+),([\d.]+)\)", source) == texts


@pytest.mark.parametrize("name", CASES)
def test_numbers_are_short(name):
    drawing = curve_svg(curve(*CASES[name]), "")
    attributes = itertools.chain.from_iterable(e.attrib.values() for e in ElementTree.fromstring(drawing).iter())
    assert not [value for value in attributes if re.search(r"\.\d{3}|\de[+-]?\d|nan|inf\b", value)]


@pytest.mark.parametrize("engine", ["pdflatex", "lualatex"])
def test_the_tikz_compiles_and_fits(tmp_path, engine):
    if shutil.which(engine) is None:
        pytest.skip(f"{engine} is not installed")
    pictures = [curve_tikz(curve(*points, x_label=HOSTILE)) for points in CASES.values()]
    body = "\n\n".join(rf"\noindent {picture}" for picture in pictures)
    head = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{textcomp,lmodern,tikz}"
    (tmp_path / "curves.tex").write_text(f"{head}\n\\begin{{document}}\n{body}\n\\end{{document}}\n", "utf-8")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "curves.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=300, check=False)
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, said[-2000:]
    assert "Overfull" not in said
    assert "Missing character" not in said
