"""Words as people write them on the command line: ready networks beside folders of their names, and other letters."""

import copy
import os
import pickle
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

import derive
from derive.cli.options import meant
from derive.render.formats import FORMATS
from derive.story.options import DETAILS, FORMS, PAPERS, PDF_VARIANTS, ROUNDINGS

READY = sorted(derive.ready_networks())


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """A working folder with a folder, a file without an ending, or a network file for each ready name."""
    for name in READY[::2]:
        (tmp_path / name).mkdir()
    for name in READY[1::2]:
        (tmp_path / name).write_text("no network")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", READY)
def test_a_ready_name_is_the_ready_network(beside, name):
    there = derive.load(Path(derive.__file__).parent / "networks" / f"{name}.toml")
    assert derive.load(name) == derive.load(Path(name)) == derive.load(name.upper()) == there


@pytest.mark.parametrize("name", ["./{}", "{}/", "../here/{}", "{}.toml", "{}.json", "{}.TOML"])
@pytest.mark.parametrize("ready", [READY[0], READY[1]])
def test_a_separator_or_an_ending_means_a_file(tmp_path, monkeypatch, name, ready):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(derive.InputError, match=r"no such file; give|found a folder"):
        derive.load(name.format(ready))
    Path(ready).mkdir()
    with pytest.raises(derive.InputError, match=r"no such file; give|found a folder"):
        derive.load(name.format(ready))


def test_a_file_with_an_ending_is_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("xor.toml").write_text("[[sample]]\ninputs = [1]\ntargets = [0]\n[[layer]]\nweights = [[0.5]]\n")
    assert (derive.load("xor").size, derive.load("xor.toml").size) == (9, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "w5"], "Weight w5"),
        (["show", "article", "w5"], "Weight w5"),
        (["show", "Article", "w5"], "Weight w5"),
        (["CHECK", "--Digits", "4"], "parameters agree"),
        (["check", "article", "--against", "article"], "Right:"),
        (["check", "--against", "ARTICLE"], "Right:"),
        (["Train", "XOR", "--ITERATIONS", "1", "--Language", "ES"], "iteraciones"),
        (["handout", "--format", "json"], "wrote output/article.json"),
        (["handout", "ARTICLE", "--format", "json"], "wrote output/article.json"),
    ],
    ids=" ".join,
)
def test_commands_after_a_handout_in_a_folder_of_that_name(tmp_path, command, arguments, said):
    for name in ("article", "Article", "ARTICLE", "XOR"):
        (tmp_path / name).mkdir()
    done = command(*arguments, cwd=tmp_path)
    assert done.stderr == ""
    assert said in done.stdout


def test_the_shell_offers_ready_names_in_any_letters(tmp_path):
    (tmp_path / "article").mkdir()
    found = set()
    for words in ("derive handout AR", "derive check --against a"):
        asked = {"_DERIVE_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        command = Path(sys.executable).parent / "derive"
        done = subprocess.run(
            [command], env=os.environ | asked, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        found |= {(words.split()[1], line) for line in done.stdout.split()}
    assert {("handout", "plain,article"), ("check", "plain,article"), ("check", "file,a")} <= found


WORDS = {"format": FORMATS, "detail": DETAILS, "form": FORMS, "rounding": ROUNDINGS, "paper": PAPERS}


@pytest.mark.parametrize("words", [*WORDS.values(), PDF_VARIANTS, ["numpy", "finite-differences", "torch", "jax"]])
def test_a_word_is_understood_in_other_letters(words):
    for word in words:
        for written in (word, word.upper(), word.title(), f" {word} ", word.replace("-", "_"), word.replace("-", " ")):
            assert meant(written, words) == word


@pytest.mark.parametrize("word", ["pfd", "p d", "", "a5", "pdff", "-", "tex2"])
def test_a_word_that_is_none_is_left_to_be_refused(word):
    assert meant(word, FORMATS) == word


@pytest.mark.parametrize(
    ("arguments", "made"),
    [
        (["--format", "JSON", "--paper", "A4", "--detail", "FULL"], ".json"),
        (["--format", "Markdown", "--rounding", "By-Hand", "--form", "MATRIX", "--language", "português"], ".md"),
        (["--format", "LaTeX", "--paper", "Letter", "--rounding", "by_hand", "--pdf-variant", "PDF/UA-2"], ".tex"),
    ],
    ids=" ".join,
)
def test_options_are_understood(tmp_path, command, arguments, made):
    done = command("handout", "single_neuron", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "output" / f"single_neuron{made}").is_file()


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["handout", "--format", "PFD"], "Did you mean 'pdf'?"),
        (["Hanout", "--FORMAT", "pdf"], "Did you mean 'handout'?"),
        (["handout", "--FROMAT", "pdf"], "--format"),
        (["check", "--with", "Numpi"], "Did you mean 'numpy'?"),
        (["networks", "--language", "Englsh"], "expected one of en, pt-BR, es"),
    ],
    ids=" ".join,
)
def test_what_is_not_understood_is_hinted_at(tmp_path, command, arguments, hint):
    done = command(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert hint in done.stderr
    assert done.stderr.count("\n") <= 3


SYNONYMS = [
    ("activation", "Sigmoid", "logistic"),
    ("activation", "linear", "identity"),
    ("activation", "None", "identity"),
    ("activation", "swish", "silu"),
    ("error", "mse", "mean_squared_error"),
    ("error", "MSELoss", "mean_squared_error"),
    ("error", "BCE", "binary_cross_entropy"),
    ("error", "categorical_crossentropy", "cross_entropy"),
    ("optimizer", "SGD", "gradient_descent"),
    ("reduction", "average", "mean"),
    ("updates", "stochastic", "online"),
    ("updates", "batch", "simultaneous"),
]


def one_layer(**changes):
    layer = {"activation": changes.pop("activation")} if "activation" in changes else {}
    targets = [Fraction(1)]
    return derive.Network([derive.Layer([[0.5]], **layer)], [derive.Sample([1], targets)], **changes)


@pytest.mark.parametrize(("key", "given", "name"), SYNONYMS)
def test_synonyms_are_one_name_and_are_said_once(key, given, name, tmp_path):
    net = one_layer(**{key: given})
    assert net == one_layer(**{key: name})
    assert repr(net) == repr(one_layer(**{key: name}))
    for kept in (net, pickle.loads(pickle.dumps(net)), copy.deepcopy(net), net.replace(w1=2)):
        assert str(kept.notes[0]).startswith(f"{given} is read as {name}")
        assert len(kept.notes) == 1
    assert one_layer(**{key: name}).notes == one_layer(**{key: name.upper()}).notes == ()


def test_the_command_line_says_them_beside_the_result(tmp_path):
    file = tmp_path / "net.toml"
    layer = '[[layer]]\nactivation = "Sigmoid"\nweights = [[0.5]]\n'
    file.write_text(f'error = "mse"\n[[sample]]\ninputs = [1]\ntargets = [1]\n{layer}{layer}')
    done = subprocess.run(
        [sys.executable, "-m", "derive", "show", str(file), "w1"], capture_output=True, text=True, check=True
    )
    assert done.stderr == "derive: Sigmoid is read as logistic.\nderive: mse is read as mean_squared_error.\n"
    assert "Sigmoid" not in done.stdout


def test_what_others_average_over_outputs_is_said_exactly():
    layers, samples = [derive.Layer([[0.5], [0.2]])], [derive.Sample([1], [1, 0])]
    (note,) = derive.Network(layers, samples, error="bce").notes
    assert "these divided by 2" in str(note)
    (note,) = derive.Network(layers, samples, error="CrossEntropyLoss").notes
    assert "with softmax in the last layer" in str(note)


@pytest.mark.parametrize(
    ("key", "given", "meant"), [("activation", "logistik", "logistic"), ("error", "nll", "cross_entropy")]
)
def test_other_words_are_still_asked_about(key, given, meant):
    with pytest.raises(derive.InputError, match=f"Did you mean '{meant}'"):
        one_layer(**{key: given})
