"""Nothing runs off the page: displays are broken into lines, inline formulas into pieces."""

from __future__ import annotations

import math_core
import pytest

from derive.typeset import MathImages
from derive.typeset.breaking import display_lines, inline_pieces
from derive.typeset.draw import Drawing
from derive.typeset.mathml import Node, parse

CONVERT = math_core.LatexToMathML(pretty_print="never").convert_with_local_state
WIDTH = 40.0


def formula(latex: str, *, display: bool = True) -> Node:
    return parse(CONVERT(latex, displaystyle=display))


def first_sign(nodes: tuple[Node, ...]) -> str:
    return next((node.text for node in nodes), "")


FORTY = " + ".join(rf"w_{{{i}}} \cdot x_{{{i}}}" for i in range(1, 41))
LONG = {
    "forty terms": rf"\mathrm{{net}} = {FORTY}",
    "forty terms without a left side": FORTY,
    "forty terms in parentheses": rf"E = \left({FORTY}\right)^2",
    "forty terms between fences": rf"E = \left[{FORTY}\right]",
    "forty terms in aligned": rf"\begin{{aligned}} y &= {FORTY} \\ &\approx 0.5 \end{{aligned}}",
    "forty factors": " \\cdot ".join(["0.593269992"] * 40),
    "a long chain": "a = " + " = ".join(["0.593269992 + 0.1"] * 12),
    "letters without a sign": "x" * 200,
    "a long numerator": rf"y = \frac{{{FORTY}}}{{2}} + \sqrt{{{FORTY}}}",
    "a long left side": rf"{FORTY} = 0",
}


BREAKABLE = [name for name in LONG if name != "letters without a sign"]


@pytest.mark.parametrize("latex", [LONG[name] for name in BREAKABLE], ids=BREAKABLE)
def test_lines_stay_within_the_width(latex: str) -> None:
    lines = display_lines(formula(latex), WIDTH)
    assert len(lines) > 1
    assert all(line.box.width <= WIDTH for line in lines)


@pytest.mark.parametrize("latex", LONG.values(), ids=LONG.keys())
@pytest.mark.parametrize("display", [True, False])
def test_images_stay_within_the_width(latex: str, display: bool) -> None:
    images = MathImages(font_size=10, max_width=WIDTH * 10)
    images.markup(CONVERT(latex, displaystyle=display), display=display)
    for image in images.cache.values():
        width, _, _ = image.get_intrinsic_size(1, 1.0)
        assert width <= WIDTH + 1e-6


@pytest.mark.parametrize("name", ["forty terms", "forty terms without a left side", "forty terms in aligned"])
def test_sums_break_before_a_plus(name: str) -> None:
    lines = display_lines(formula(LONG[name]), WIDTH)
    assert len(lines) > 2
    inner = [line for line in lines[1:] if first_sign(line.nodes) != ""]
    assert {first_sign(line.nodes) for line in inner} <= {"+", "≈"}


def test_a_chain_breaks_before_its_relations() -> None:
    lines = display_lines(formula(LONG["a long chain"]), WIDTH)
    assert {first_sign(line.nodes) for line in lines[1:]} == {"="}


def test_products_break_before_a_sign_when_there_is_nothing_better() -> None:
    lines = display_lines(formula(LONG["forty factors"]), WIDTH)
    assert {first_sign(line.nodes) for line in lines[1:]} == {"⋅"}


def test_a_break_within_parentheses_comes_last() -> None:
    latex = "y = (" + " + ".join(["0.5"] * 8) + ") + (" + " + ".join(["0.7"] * 8) + ")"
    first, second = display_lines(formula(latex), 28)
    assert [node.text for node in second.nodes][:2] == ["+", "("]
    assert first.nodes[-1].text == ")"


def test_lines_after_the_first_start_behind_the_relation() -> None:
    first, second, *_ = display_lines(formula(LONG["forty terms"]), WIDTH)
    after = next(x for x, _, item in first.box.walk() if getattr(item, "texts", ()) == ("w",))
    start = next(x for x, _, item in second.box.walk())
    assert start == pytest.approx(after, abs=1e-6)


def test_a_formula_that_fits_is_one_line() -> None:
    assert len(display_lines(formula("a = b + c"), WIDTH)) == 1


def test_broken_lines_hold_every_sign_once() -> None:
    lines = display_lines(formula(LONG["forty terms"]), WIDTH)
    count = sum(text.texts.count("x") for line in lines for _, _, text in line.box.walk() if hasattr(text, "texts"))
    assert count == 40


def test_inline_formulas_end_a_line_after_a_sign() -> None:
    pieces = inline_pieces(formula("a = b + c - (d + e)", display=False), 0.0)
    assert [piece.nodes[-1].text for piece in pieces] == ["=", "+", "−", ")"]
    assert [round(piece.gap, 3) for piece in pieces] == [0.278, 0.222, 0.222, 0.0]


def test_short_inline_formulas_stay_whole() -> None:
    assert len(inline_pieces(formula("x = 1", display=False), 5.0)) == 1


def test_a_display_of_many_lines_may_part_between_pages() -> None:
    rows = r" \\ ".join(rf"a_{{{i}}} &= {i}" for i in range(12))
    images = MathImages()
    html = images.markup(CONVERT(rf"\begin{{aligned}}{rows}\end{{aligned}}", displaystyle=True), display=True)
    assert html.count("<img") == 12
    widths = {round(image.drawing.box.width, 6) for image in images.cache.values()}
    assert len(widths) == 1
    assert all(isinstance(image.drawing, Drawing) for image in images.cache.values())
