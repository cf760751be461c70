"""A name is spelled the same wherever it stands: in text, formulas, speech, drawings and LaTeX."""

import re
import unicodedata

import drawn
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive.figure import Diagram, Edge, Node, svg, tikz
from derive.notation.mathml import mathml
from derive.notation.names import name_latex, name_text
from derive.typeset.mathml import parse
from derive.typeset.speech import speak

# Written down here, not taken from derive.
SMALL = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi"
LARGE = "omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
LETTERS = dict(zip(f"{SMALL} {LARGE}".split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True))
STEMS = [*LETTERS, "h", "w", "b", "M", "net", "out", "target", "speed", "etaone", "alphabet"]
INDICES = ["1", "12", "o1", "h1", "left", "left2", "phi", "phi1", "Omega3", "x", "theta12", "alphabet", "10a"]
names = st.builds(
    lambda stem, number, indices: "_".join([stem + number, *indices]),
    st.sampled_from(STEMS),
    st.sampled_from(["", "1", "23"]),
    st.lists(st.sampled_from(INDICES), max_size=2),
)


def atoms(name):
    """What the name consists of, in order: words, letters and digits, Greek letters as such."""
    runs = re.findall(r"[A-Za-z]+|[0-9]+", name)
    return [LETTERS.get(run, run) for run in runs]


def folded(text):
    return unicodedata.normalize("NFKC", text)


@settings(deadline=None)
@given(names)
def test_text_has_every_greek_letter_as_a_letter(name):
    assert re.sub("_", "", name_text(name)) == "".join(atoms(name))


@settings(deadline=None)
@given(names)
def test_latex_has_every_greek_letter_as_its_command_and_every_word_upright(name):
    latex = name_latex(name)
    commands = {letter: rf"\{word}" for word, letter in LETTERS.items()}
    expected = [
        commands.get(atom, rf"\mathrm{{{atom}}}" if atom.isalpha() and len(atom) > 1 else atom) for atom in atoms(name)
    ]
    letter, _, below = latex.partition("_{")
    assert letter + below.removesuffix("}" if below else "").replace(",", "") == "".join(expected)


@settings(deadline=None)
@given(names)
def test_mathml_shows_the_same(name):
    shown = "".join(parse_text(mathml(name_latex(name), False)))
    assert folded(shown).replace(",", "") == "".join(atoms(name))


def parse_text(markup):
    return re.findall(r">([^<>]+)<", markup)


@settings(deadline=None)
@given(names, st.sampled_from(["en", "es", "pt-BR"]))
def test_it_is_spoken_letter_by_letter(name, language):
    said = speak(parse(mathml(name_latex(name), False)), language)
    for word in atoms(name):
        if word in LETTERS.values():
            assert word not in said
            assert not re.search(rf"{word}\d", said)
        elif word not in ("out", "net", "target"):
            assert re.search(rf"(?<![A-Za-z0-9]){word}(?![A-Za-z0-9])", said), said


@settings(max_examples=60, deadline=None)
@given(names)
def test_a_drawing_shows_the_same_in_the_packaged_faces(name):
    diagram = Diagram(((Node(name, name, "input"),), (Node("o", "o", "output"),)), (Edge(name, "o", "w"),))
    shown = [folded(text).replace(",", "") for text in drawn.svg(svg(diagram, "")).texts]
    long = len(name) > 14  # shortened where it has no room
    assert "".join(atoms(name)) in shown or (long and any("…" in text for text in shown))
    assert long or f"${name_latex(name)}$" in tikz(diagram)


GREEK_NETWORK = derive.Network(
    layers=[
        derive.Layer([[0.1, 0.2], [0.3, -0.4]], [0.1, 0.2], neurons=("phi1", "theta_2")),
        derive.Layer([[0.5, 0.6]], [0.7], neurons=("psi",), weight_names=[["w_alpha", "lambda_1"]]),
    ],
    samples=[derive.Sample([0.3, 0.4], [0.9], input_names=("Omega3", "xi"))],
)


@pytest.mark.parametrize("language", ["en", "es", "pt-BR"])
def test_a_whole_article_has_no_greek_letter_as_a_word(language):
    text = GREEK_NETWORK.derive().handout(language=language, detail="full").markdown
    bare = re.sub(r"!\[.*?\]\(figure:[^)]*\)|\]\([^)]*\)|<a id=[^>]*>", "", text)  # addresses are not read
    greek = "|".join(["phi", "theta", "psi", "lambda", "Omega", "xi"])
    assert not re.findall(rf"(?<![\\A-Za-z])(?:{greek})(?![A-Za-z]).{{0,20}}", bare)
