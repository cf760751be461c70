"""Boxes: what holds for every formula, and what holds for particular ones."""

from __future__ import annotations

import math
from collections.abc import Iterator

import math_core
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.typeset import MathError, MathImages, MissingGlyph, UnknownElement
from derive.typeset.boxes import Box, Placed
from derive.typeset.draw import Drawing
from derive.typeset.layout import Style, layout
from derive.typeset.mathml import parse

CONVERT = math_core.LatexToMathML(pretty_print="never").convert_with_local_state
EPSILON = 1e-9


def box_of(latex: str, *, display: bool = True) -> Box:
    return layout(parse(CONVERT(latex, displaystyle=display)), Style(display=display))


def tokens() -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(["x", "w", "E", "σ", "f", "net", "target"]).map(lambda text: f"<mi>{text}</mi>"),
        st.sampled_from(["0", "1", "0.593269992", "12"]).map(lambda text: f"<mn>{text}</mn>"),
        st.sampled_from("=+−⋅≈()[]{|‖,∑∫′→⊙⋯").map(lambda text: f"<mo>{text}</mo>"),
        st.sampled_from(["if ", "für", ""]).map(lambda text: f"<mtext>{text}</mtext>"),
        st.just('<mspace width="0.2em"/>'),
        st.just("<mrow/>"),
    )


def elements(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def of(tag: str, count: int, attributes: str = "") -> st.SearchStrategy[str]:
        parts = st.tuples(*[children] * count)
        return parts.map(lambda found: f"<{tag}{attributes}>{''.join(found)}</{tag}>")

    row = st.lists(children, max_size=5).map(lambda parts: f"<mrow>{''.join(parts)}</mrow>")
    cell = children.map(lambda part: f"<mtd>{part}</mtd>")
    table_row = st.lists(cell, min_size=1, max_size=3).map(lambda cells: f"<mtr>{''.join(cells)}</mtr>")
    table = st.tuples(st.lists(table_row, min_size=1, max_size=3), st.booleans()).map(
        lambda found: f'<mtable displaystyle="{str(found[1]).lower()}">{"".join(found[0])}</mtable>'
    )
    braced = children.map(
        lambda part: f'<munder><munder accentunder="true">{part}<mo>⏟</mo></munder><mi>n</mi></munder>'
    )
    lined = children.map(lambda part: f'<mover accent="true">{part}<mo stretchy="true">¯</mo></mover>')
    return st.one_of(
        row,
        table,
        braced,
        lined,
        of("mfrac", 2),
        of("mfrac", 2, ' linethickness="0"'),
        of("msqrt", 1),
        of("mroot", 2),
        of("msub", 2),
        of("msup", 2),
        of("msubsup", 3),
        of("munder", 2),
        of("mover", 2),
        of("munderover", 3),
        of("mstyle", 1, ' displaystyle="false" scriptlevel="1"'),
        of("mphantom", 1),
        of("menclose", 1, ' notation="box"'),
    )


FORMULAS = st.recursive(tokens(), elements, max_leaves=14).map(lambda inner: f'<math display="block">{inner}</math>')


def within(box: Box) -> Iterator[tuple[Box, Placed]]:
    for part in box.parts:
        yield box, part
        if isinstance(part.item, Box):
            yield from within(part.item)


@settings(max_examples=150, deadline=None)
@given(FORMULAS)
def test_a_box_contains_its_children_and_has_numbers(mathml: str) -> None:
    box = layout(parse(mathml), Style())
    for size in (box.width, box.height, box.depth):
        assert math.isfinite(size)
    for parent, part in within(box):
        assert math.isfinite(part.x)
        assert math.isfinite(part.y)
        if isinstance(part.item, Box):
            child = part.item
            assert part.y + child.height <= parent.height + EPSILON
            assert part.y - child.depth >= -parent.depth - EPSILON
            assert part.x >= -EPSILON
            assert part.x + child.width <= parent.width + EPSILON


@settings(max_examples=60, deadline=None)
@given(FORMULAS)
def test_laying_out_twice_gives_the_same(mathml: str) -> None:
    first, second = layout(parse(mathml), Style()), layout(parse(mathml), Style())
    assert first == second
    assert Drawing(first).operators == Drawing(second).operators


@settings(max_examples=40, deadline=None)
@given(FORMULAS, st.booleans())
def test_a_cached_formula_draws_as_a_fresh_one(mathml: str, display: bool) -> None:
    images = MathImages()
    assert images.markup(mathml, display=display) == images.markup(mathml, display=display)
    fresh = MathImages()
    fresh.markup(mathml, display=display)
    assert {name: image.drawing.operators for name, image in images.cache.items()} == {
        name: image.drawing.operators for name, image in fresh.cache.items()
    }


def test_identical_formulas_share_one_layout() -> None:
    images = MathImages()
    first = images.markup("<math><mi>x</mi></math>", display=False)
    images.markup("<math><mi>x</mi></math>", display=False, alt="ex")
    assert list(images.cache) == ["math:0"]
    assert 'src="math:0"' in first


def test_an_unknown_element_is_an_error_that_names_it() -> None:
    with pytest.raises(UnknownElement, match="<mlongdiv>"):
        MathImages().markup("<math><mrow><mi>x</mi><mlongdiv/></mrow></math>", display=True)


@pytest.mark.parametrize(
    ("mathml", "message"),
    [
        ("<math><msub><mi>x</mi></msub></math>", "<msub> has 1 parts and needs 2"),
        ("<math><mi>x</math>", "not well-formed"),
        ('<math><menclose notation="phasorangle"><mi>x</mi></menclose></math>', "phasorangle"),
        ("<math><mtable><mi>x</mi></mtable></math>", "<mi>"),
    ],
)
def test_mathematics_that_cannot_be_set_is_an_error(mathml: str, message: str) -> None:
    with pytest.raises(MathError, match=message):
        MathImages().markup(mathml, display=True)


def test_a_character_that_no_font_has_is_an_error() -> None:
    with pytest.raises(MissingGlyph, match=r"U\+4E2D"):
        MathImages().markup("<math><mtext>中</mtext></math>", display=True)


def test_words_with_accents_come_from_the_text_font() -> None:
    glyphs = Drawing(box_of(r"\text{für ħ ŵ}")).glyphs
    assert set(glyphs) == {"latinmodern-math", "lmroman10-regular"}


def test_white_space_and_unseen_characters_need_no_glyph() -> None:
    box = layout(parse("<math><mtext>a\n\u2009b\u200b</mtext><mi>\u2061</mi></math>"), Style())
    assert box.width == pytest.approx(layout(parse("<math><mtext>a  b</mtext></math>"), Style()).width)


def test_an_unknown_colour_is_an_error() -> None:
    box = layout(parse('<math mathcolor="mauve-ish"><mi>x</mi></math>'), Style())
    with pytest.raises(MathError, match="mauve-ish"):
        Drawing(box).operators  # noqa: B018


def test_colour_is_set_for_its_part_alone() -> None:
    operators = Drawing(box_of(r"a + \textcolor{red}{b}")).operators.decode()
    assert operators.count("1 0 0 rg") == 1
    assert operators.count("q\n") == operators.count("\nQ") == 1


@pytest.mark.parametrize(
    ("taller", "lower"),
    [
        (r"\left(\frac{a}{b}\right)", "(a)"),
        (r"\sqrt{\frac{a}{b}}", r"\sqrt{a}"),
        (r"\sum_{i=1}^{n}", r"\textstyle\sum_{i=1}^{n}"),
        (r"\frac{a}{b}", r"\tfrac{a}{b}"),
        (r"\begin{pmatrix}1\\2\\3\end{pmatrix}", r"\begin{pmatrix}1\\2\end{pmatrix}"),
    ],
)
def test_signs_grow_with_what_they_enclose(taller: str, lower: str) -> None:
    assert box_of(taller).extent > box_of(lower).extent


@pytest.mark.parametrize(("sign", "space"), [("=", 5 / 18), ("+", 4 / 18), (r"\times", 4 / 18), (r"\le", 5 / 18)])
def test_spaces_around_signs_are_those_of_tex(sign: str, space: float) -> None:
    assert box_of(f"1 {sign} 1").width == pytest.approx(2 * 0.5 + 0.778 + 2 * space, abs=1e-3)


def test_a_minus_after_a_parenthesis_is_a_sign() -> None:
    assert box_of("(-1)").width == pytest.approx(box_of("()").width + box_of("1").width + 0.778, abs=0.001)


def test_one_letter_is_italic_and_a_word_upright() -> None:
    letters = Drawing(box_of(r"n \mathrm{net}")).glyphs["latinmodern-math"]
    assert sorted(text for _, text in letters.values()) == ["e", "n", "n", "t"]
