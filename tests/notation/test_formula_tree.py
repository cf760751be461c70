"""Formulas are broken between the nodes of a tree: nothing is cut, nothing is lost, whatever the digits."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import derive
from derive.errors import InternalError
from derive.notation import aligned, marked, value_latex
from derive.notation.display import broken, visible_width
from derive.notation.mathml import mathml
from derive.notation.tree import parse, write
from derive.story.document import Display, ListBlock, Note

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\S")
ENVIRONMENT = re.compile(r"\\(begin|end)\{([a-z]+)\}")


def well_formed(latex):
    """Whether braces, fences and environments are closed in the order in which they are opened, line by line.

    It reads character by character and shares nothing with the package's own reader.
    """
    open_: list[str] = []
    text = ENVIRONMENT.sub(lambda found: "⟨" if found[1] == "begin" else "⟩", latex)
    for token in TOKEN.findall(text):
        if token in ("{", "⟨", r"\left"):
            open_.append(token)
        elif token in ("}", "⟩", r"\right"):
            pair = {"}": "{", "⟩": "⟨", r"\right": r"\left"}[token]
            if not open_ or open_.pop() != pair:
                return False
        elif token in ("&", r"\\"):
            if not open_ or open_[-1] != "⟨":
                return False
        elif re.fullmatch(r"\\[A-Za-z]+", token) and not re.search(rf"\{token}(?![a-z])", COMMANDS):
            return False
    return not open_


COMMANDS = (
    r"\begin\end\left\right\bigl\bigr\biggl\biggr\frac\sqrt\mathrm\mathbf\boldsymbol\operatorname\hat\text\ln\quad\cdot\times"
    r"\partial\Delta\delta\eta\alpha\theta\lambda\mu\approx\le\ge\dagger\ddagger\ast\top\odot\cdots\vdots\sum"
)


def text_of(latex):
    """The text of a formula without what breaks it into lines; braces are judged by `well_formed`."""
    latex = re.sub(r"\\begin\{aligned\}|\\end\{aligned\}|\\\\|&|\\quad \{\}", "", latex)
    return re.sub(r"\\(left|bigg?l|right|bigg?r)\b|[\s{}]", "", latex)


def displays(blocks):
    for block in blocks:
        if isinstance(block, Display):
            yield block.latex
        elif isinstance(block, Note):
            yield from displays(block.blocks)
        elif isinstance(block, ListBlock):
            for item in block.items:
                yield from displays(item)


digits = st.integers(1, 1000).flatmap(lambda n: st.integers(0, 10**n - 1).map(lambda k: f"0.{k:0{n}d}"))
exponents = st.sampled_from(["", "e-12", "e30"])
values = st.builds(lambda sign, text, e: value_latex(f"{sign}{text}{e}"), st.sampled_from(["", "-"]), digits, exponents)
numbers = st.builds(
    lambda value, mark: marked(value, mark) if mark else value, values, st.sampled_from(["", r"\dagger", r"\ddagger"])
)
formulas = st.recursive(
    st.one_of(numbers, st.sampled_from([r"w_{12}^{+}", r"\mathrm{out}_{h1,2}", r"\frac{\partial E}{\partial w_{1}}"])),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=6).map(" + ".join),
        st.lists(inner, min_size=2, max_size=4).map(r" \cdot ".join),
        inner.map(lambda text: rf"-\left({text}\right)^{{2}}"),
        inner.map(lambda text: rf"\left|{text}\right|"),
        inner.map(lambda text: rf"\sqrt{{{text}}}"),
        st.tuples(inner, inner).map(lambda pair: rf"\frac{{{pair[0]}}}{{{pair[1]}}}"),
        st.tuples(inner, inner).map(
            lambda pair: (
                rf"\begin{{cases}} {pair[0]} & \text{{if }} x > 0 \\ {pair[1]} & \text{{otherwise}} \end{{cases}}"
            )
        ),
        st.tuples(inner, inner).map(lambda pair: rf"\begin{{pmatrix}} {pair[0]} & {pair[1]} \end{{pmatrix}}"),
    ),
    max_leaves=8,
)


@given(formulas)
def test_reading_a_formula_loses_nothing(latex):
    assert well_formed(latex)
    assert write(parse(latex)) == latex


@given(formulas, st.integers(12, 62))
def test_a_broken_formula_is_well_formed_and_whole(latex, room):
    chain = aligned("x", [("=", latex)], width=room)
    assert well_formed(chain)
    assert text_of(chain) == text_of(f"x = {latex}")
    ElementTree.fromstring(mathml(chain, True))


@given(numbers, st.integers(30, 62))
def test_a_number_fits_the_room_and_its_mark_stays_with_the_last_digits(latex, room):
    *parts, last = broken(latex, room)
    assert all(re.fullmatch(r"-?[0-9.]+", part) for part in parts)
    assert all(visible_width(part) <= room for part in (*parts, last))
    behind = re.sub(r"^[-{0-9.]*", "", latex)
    assert re.sub(r"^[-{0-9.]*", "", last) == behind


@given(values)
def test_a_long_number_ends_its_lines_at_tens_of_digits(latex):
    first, *rest = broken(latex, 57)
    if rest:
        assert len(first.partition(".")[2]) == 50
        assert all(len(part) == 50 for part in rest[:-1])


def test_parentheses_open_only_where_a_line_ends_in_them():
    term = rf"\left({'0.1234567890' * 1} - \mathrm{{out}}_{{o1}}\right)"
    parts = broken(rf"x \left({' + '.join([term] * 5)}\right)", 62)
    assert len(parts) > 1
    assert parts[0].startswith(r"x \bigl(\left(")
    assert parts[-1].endswith(r"\right)\bigr)")


def test_parentheses_round_tall_things_are_tall_on_two_lines_too():
    term = rf"\frac{{{'0.1234567890'}}}{{w_{{1}}}}"
    parts = broken(rf"x \left({' + '.join([term] * 5)}\right)^{{2}}", 40)
    assert len(parts) > 1
    assert parts[0].startswith(r"x \biggl(\frac")
    assert parts[-1].endswith(r"\biggr)^{2}")


def test_a_fraction_wider_than_a_line_has_its_parts_on_several():
    below = " + ".join(rf"e^{{0.{place}2345678901234567890}}" for place in range(1, 9))
    (part,) = broken(rf"\frac{{e^{{0.5}}}}{{{below}}}", 50)
    assert part.startswith(r"\frac{e^{0.5}}{\begin{aligned} &e^{")
    assert visible_width(part.replace(r"\\", "").replace("&", "")) > 50
    assert well_formed(part)


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{1}{2",
        r"x^{\dagg",
        r"x^",
        r"\left(x",
        r"x\right)",
        r"a & b",
        r"a \\ b",
        r"\begin{cases} x",
        "}",
        r"\frac{1} 2",
    ],
)
def test_a_formula_that_is_cut_is_refused(latex):
    with pytest.raises(InternalError, match="not well formed"):
        parse(latex)


SOME_DIGITS = [*range(1, 131, 8), 105, 107, 250, 1000]


@pytest.mark.parametrize("digits", SOME_DIGITS)
def test_every_display_is_well_formed_whatever_the_digits(article, digits):
    handout = article.handout(digits=digits, language="pt-BR" if digits % 2 else "en", form="both")
    found = list(displays(handout.document.blocks))
    assert len(found) > 40
    for latex in found:
        assert well_formed(latex.replace("{,}", ".")), latex
        assert "<math" in mathml(latex, True)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed here; CI has it")
def test_no_display_is_wider_than_the_text_in_latex(article, tmp_path):
    """TeX itself measures: long numbers, wide fractions, wide matrices."""
    row = [0.123456, -0.234567, 0.345678, -0.456789, 0.567891, -0.678912]
    softmax = derive.Network(
        [derive.Layer([[value, -value] for value in row], [0.1] * 6, "softmax")],
        [derive.Sample([0.25, 1], [1, 0, 0, 0, 0, 0])],
        error="cross_entropy",
    ).derive()
    huge = derive.Network(
        [derive.Layer([[value * 1e10 for value in row]] * 6, activation="identity")] * 2,
        [derive.Sample([value * 1e10 for value in row], row)],
    ).derive()
    made = [
        article.handout(digits=105, form="both"),
        softmax.handout(digits=20, form="both", detail="full"),
        huge.handout(form="both"),
    ]
    found = [latex for handout in made for latex in displays(handout.document.blocks)]
    lines = [rf"\setbox0\hbox{{$\displaystyle {latex}$}}\immediate\write16{{WIDE \the\wd0}}" for latex in found]
    preamble = r"\documentclass[11pt]{article}\usepackage[T1]{fontenc}\usepackage{amsmath,amssymb,lmodern}"
    source = "\n".join([preamble, r"\begin{document}", *lines, r"\end{document}"])
    (tmp_path / "w.tex").write_text(source)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "w.tex"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=True).stdout.decode()
    widths = [float(width) for width in re.findall(r"WIDE ([0-9.]+)pt", said)]
    assert len(widths) == len(found)
    assert max(widths) <= 455, found[widths.index(max(widths))]
