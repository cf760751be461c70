"""The letters of a course: what is in them, what is understood beside them, and what is refused."""

import json
import pickle
import re
import unicodedata

import pytest
from notebooks import notebook, run

import derive
from derive.notation.mathml import mathml
from derive.typeset.mathml import parse
from derive.typeset.speech import speak

COURSE = {"net": "z", "out": "a", "target": "y", "error": "J"}
# Words of the same letters are as wide as derive's own, so all else of a handout stays where it is.
TURNED = {"net": "tne", "out": "tuo", "target": "rattge"}
# Derive's own words as names: in LaTeX, in MathML, with an index or a derivative's d, and as a variable of code.
OWN = re.compile(
    r"\\math(?:rm|bf)\{(?:net|out|target)\}|<m\w+[^>]*>(?:net|out|target)<|(?<![a-zA-Z])(?:net|out|target)_\w|_d(?:net|out)"
)
VARIABLE = re.compile(r"\b(?:net|out|target)s?\b")
PICTURE_OR_FONT = re.compile(r'"PHN2Zy[^"]*"|base64,[^")]*')


def lettered(name="article", notation=COURSE, **changes):
    return derive.load(name).replace(notation=notation, **changes)


def contents(network, **options):
    """Each text of the handout by its file, without pictures in base64, which are files of the Markdown as well."""
    handout = network.replace(iterations=0).derive().handout(**options)
    files = [file for form in ("md", "tex", "html", "ipynb", "json") for file in handout.render(form).items()]
    # Bold letters of MathML are letters of their own.
    return {name: PICTURE_OR_FONT.sub("", unicodedata.normalize("NFKC", text.decode())) for name, text in files}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("article", {"form": "both"}),
        ("softmax_classifier", {"form": "both", "detail": "full"}),
        ("xor", {"detail": "brief"}),
    ],
)
def test_a_handout_in_other_words_has_these_wherever_derives_own_stood(name, options):
    own, other = (contents(network, **options) for network in (derive.load(name), lettered(name, TURNED)))
    for file, text in other.items():
        assert OWN.search(own[file]) or file.endswith(".svg"), file
        assert not OWN.search(text), (file, OWN.search(text))
        for word, turned in TURNED.items():
            text = text.replace(turned, word)
        text = re.sub(r' "notation": \{[^}]*\},\n', "", text)
        # The array of all targets is called targets only in derive's own words.
        assert text.replace("targets", "target") == own[file].replace("targets", "target"), file


@pytest.mark.parametrize(
    ("name", "options"),
    [("article", {"form": "both"}), ("softmax_classifier", {}), ("xor", {"form": "matrix"}), ("two_hidden_layers", {})],
)
def test_a_course_finds_its_own_letters_everywhere(name, options):
    for file, text in contents(lettered(name), **options).items():
        assert not OWN.search(text), (file, OWN.search(text))
        assert not re.search(r"(?<![a-zA-Z])d?E_|\\partial E\b|<mi>E</mi>", text), file


@pytest.mark.parametrize(
    ("name", "notation", "options"),
    [
        ("xor", {"net": "lambda", "out": "small", "target": "np"}, {"form": "matrix"}),
        ("softmax_classifier", COURSE, {}),
        ("article", {"net": "small", "out": "logistic"}, {}),
    ],
)
def test_the_notebook_calculates_with_the_letters(name, notation, options):
    own, other = (
        notebook(network.replace(iterations=0).derive().handout(**options)).cells
        for network in (derive.load(name), lettered(name, notation))
    )
    code = "\n".join(cell.source for cell in other if cell.cell_type == "code")
    assert notation != COURSE or not VARIABLE.search(re.sub("#.*", "", code))
    expected, found = run(own), run(other)
    new = "W_1_new" if options else "w1_new"
    assert str(found[new]) == str(expected[new])


def test_a_layers_vectors_are_bold():
    markdown = contents(lettered(notation={"net": "zeta"}), form="matrix")["handout.md"]
    assert r"\boldsymbol{\zeta}_{1} &= W_{1} \mathbf{x}" in markdown
    assert r"\boldsymbol{\zeta}_{n} &= W_{n} \mathbf{out}_{n-1}" in markdown


def test_numbers_are_the_same_under_the_other_names(article):
    derivation = lettered().derive()
    assert str(derivation["w5"]) == "∂J_total/∂w5 = −(y_o1 − a_o1)·a_o1(1 − a_o1)·a_h1"
    usual = derivation.computation.layers.usual_names
    assert [usual.get(name, name) for name in article.values] == list(derivation.values)
    for name, value in article.values.items():
        assert derivation.values[usual.get(name, name)].decimal(30) == value.decimal(30)
    for name, partial in article.partials.items():
        assert derivation[name].value.decimal(30) == partial.value.decimal(30)


@pytest.mark.parametrize(
    ("typed", "own"),
    [
        ("out_h1", "a_h1"),
        ("a_h1", "a_h1"),
        ("net_o2", "z_o2"),
        ("target_o1", "y_o1"),
        ("delta_h1", "z_h1"),
        ("dE_total_dout_h1", "a_h1"),
        ("dJ_total_da_h1", "a_h1"),
        ("dJ_total_dout_h1", "a_h1"),
        ("dE_total_dw5", "w5"),
        ("dJ_total_dw5", "w5"),
    ],
)
def test_both_names_are_understood(typed, own):
    assert lettered().derive()[typed].by == own


def test_published_numbers_may_have_either_name():
    numbers = {"out_h1": "0.5933", "∂E_total/∂out_h1": "0.0364", "net_h1": "0.3775", "dE_o1_dout_h1": "0.0554"}
    rows = derive.compare_published(lettered().derive(), {"values": numbers, "after": {1: {"E_total": "0.2910277737"}}})
    own = ["a_h1", "dJ_total_da_h1", "z_h1", "dJ_o1_da_h1", "J_total"]
    assert [(row.name, row.verdict) for row in rows] == [(name, "right") for name in own]
    again = derive.compare_published(lettered().derive(), {"values": dict(zip(own, numbers.values(), strict=False))})
    assert list(again) == list(rows)[:4]


def test_what_a_publication_does_otherwise_is_said_in_the_letters():
    published = {"values": {"delta_o1": "-0.138498562", "delta_o2": "0.038098237"}}
    (convention,) = derive.compare_published(lettered().derive(), published).conventions
    assert str(convention.sentence) == "Deltas have the opposite sign here: (y − a)·f′, as −∂J/∂z."


def test_an_output_that_is_differentiated_goes_by_either_name():
    given = derive.load("article")
    samples = [derive.Sample(given.samples[0].inputs)]
    for name in ("a_o1", "out_o1"):
        network = given.replace(samples=samples, iterations=0, error=None, differentiate=name, notation={"out": "a"})
        assert network.derive().computation.objective == "a_o1"
        assert network.replace(notation={"out": "o"}).derive().computation.objective == "o_o1"
    with pytest.raises(derive.InputError, match="'out_o3'; expected an output of the network: a_o1, a_o2"):
        given.replace(samples=samples, iterations=0, error=None, differentiate="out_o3", notation={"out": "a"})


def test_speech_says_the_letters():
    assert "z h 1" in speak(parse(mathml(lettered().derive()["z_h1"].latex, display=False)))


def test_the_notation_stays_with_the_network(tmp_path):
    network = lettered()
    assert "notation=Notation(net='z', out='a', target='y', error='J')" in repr(network)
    assert network.replace(w5=0.5, y_o1=0.5).letters == network.replace(target_o1=0.5).letters == network.letters
    assert pickle.loads(pickle.dumps(network)) == network
    assert derive.Network(network.layers, network.samples, notation=derive.Notation(net="z")).letters.net == "z"
    table = (
        "layer = [{weights = [[0.5]]}]\nsample = [{inputs = [1], targets = [1]}]\n[notation]\nnet = 'z'\nerror = 'J'\n"
    )
    (tmp_path / "own.toml").write_text(table)
    own = {"layer": [{"weights": [[0.5]]}], "sample": [{"inputs": [1], "targets": [1]}]}
    (tmp_path / "own.json").write_text(json.dumps({**own, "notation": {"net": "z", "error": "J"}}))
    found = derive.load(tmp_path / "own.toml")
    assert found == derive.load(tmp_path / "own.json")
    assert list(found.derive().values)[-3:] == ["out_o1", "J_o1", "J_total"]


def test_the_error_has_its_name_in_either_place():
    assert lettered(notation={"net": "z"}, error_name="L").letters.error == "L"
    assert lettered(notation={"error": "L"}).derive().computation.objective == "L_total"
    with pytest.raises(derive.InputError, match="error_name: found 'K', and 'J' in notation, error; give only one"):
        lettered(error_name="K")


@pytest.mark.parametrize(
    ("notation", "changes", "said"),
    [
        ({"net": "z1"}, {}, "notation, net: found 'z1'; expected a letter"),
        ({"out": "a_"}, {}, "notation, out: found 'a_'; expected a letter"),
        ({"out": "ζ"}, {}, "notation, out: found 'ζ'; expected a letter"),
        ({"out": ""}, {}, "notation, out: found ''; expected a letter"),
        ({"out": 1}, {}, "notation, out: found 1; expected a letter"),
        ({"target": "activationmap"}, {}, "a word of at most 12 letters"),
        ({"target": "d"}, {}, "notation, target: found 'd', which the formulas of a handout use for something else"),
        ({"net": "f"}, {}, "notation, net: found 'f', which the formulas"),
        ({"error": "_"}, {}, "notation, error: found '_'; expected a name"),
        ("z", {}, "notation: found 'z'; expected a Notation, or letters by name: net, out, target, error"),
        ({"nets": "z"}, {}, "notation: 'nets': found no such name; expected one of net, out, target, error"),
        ({"net": "a", "out": "a"}, {}, "notation: found 'a' for net and for out"),
        ({"net": "out"}, {}, "notation: found 'out' for net and for out"),
        ({"net": "out", "out": "a"}, {}, "'out_h1' for a quantity of h1, but without the notation it is the name of"),
        ({"net": "e"}, {}, "'e' for net in notation and for the number e of the formulas"),
        ({"target": "e"}, {}, "'e' for target in notation and for the number e"),
        ({"net": "m"}, {"optimizer": "adam"}, "'m' for net in notation and for the update rule of adam"),
        ({"net": "eta"}, {}, "'eta' for net in notation and for the learning rate"),
        ({"net": "E"}, {}, "notation: found 'E' for net and for error"),
    ],
)  # fmt: skip
def test_a_letter_that_cannot_be_is_refused(notation, changes, said):
    with pytest.raises(derive.InputError) as caught:
        lettered(notation=notation, **changes)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("names", "notation", "said"),
    [
        ({"weight_names": [["a_h", "w"]]}, {"out": "a"}, "'a_h' for a quantity of h and for a weight"),
        ({"weight_names": [["a", "w"]]}, {"out": "a"}, "'a' for out in notation and for a weight"),
        ({"weight_names": [["out_h", "w"]]}, {"out": "a"}, "'out_h' for a weight, but without the notation"),
        ({"neurons": ["z"]}, {"net": "z"}, "'z' for net in notation and for a neuron"),
        ({"weight_names": [["y_1", "w"]]}, {"target": "y"}, None),
    ],
)  # fmt: skip
def test_names_of_the_network_and_letters_do_not_clash(names, notation, said):
    layer = derive.Layer([[0.5, -0.5]], **({"neurons": ["h"]} | names))
    samples = [derive.Sample([1, 2], [1])]
    if said is None:
        assert derive.Network([layer], samples, notation=notation).derive()
        return
    with pytest.raises(derive.InputError) as caught:
        derive.Network([layer], samples, notation=notation)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('net = "z"', "found 'net', which belongs to the notation, below [notation]"),
        ('notation = "z"', "notation: found 'z'; expected it to be a table with the keys net, out, target, error"),
        (
            'notation = {loss = "J"}',
            "notation: found the unknown key 'loss'; expected one of net, out, target, error. Did you mean",
        ),
        ('notation = {net = "z_"}', "notation, net: found 'z_'; expected a letter"),
    ],
)
def test_a_mistake_in_a_files_notation_is_told(tmp_path, text, said):
    path = tmp_path / "own.toml"
    path.write_text(f"{text}\n[[sample]]\ninputs = [1]\n[[layer]]\nweights = [[0.5]]\n")
    with pytest.raises(derive.InputError) as caught:
        derive.load(path)
    assert str(caught.value).startswith("own.toml: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(("notation", "is_told"), [({}, False), ({"error": "J"}, False), ({"net": "z"}, True)])
def test_the_json_tells_the_letters_where_they_are_not_derives_own(notation, is_told):
    (text,) = lettered(notation=notation, iterations=0).derive().handout().render("json").values()
    assert ("notation" in json.loads(text)) == is_told


def test_values_and_other_points_take_names_in_derives_own_words():
    network = derive.load("article").replace(notation={"net": "z", "out": "a", "target": "y", "error": "J"})
    derivation = network.derive()
    assert derivation.values["net_o1"] == derivation.values["z_o1"]
    assert derivation.values["E_total"] == derivation.values["J_total"]
    assert derivation.at(target_o1=0.5).values["y_o1"] == 0.5


@pytest.mark.parametrize("word", ["log", "sum", "exp"])
def test_words_of_the_formulas_are_no_letters(word):
    with pytest.raises(derive.InputError, match="use for something else"):
        derive.Notation(out=word)


@pytest.mark.parametrize(
    "changes",
    [{"learning_rate_name": "E"}, {"learning_rate_name": "J", "error_name": "J"}, {"error_name": "eta"}],
)
def test_the_learning_rate_is_not_called_as_the_error(changes):
    with pytest.raises(derive.InputError, match="for the learning rate and for an error"):
        derive.load("article").replace(**changes)
