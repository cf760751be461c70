"""``--json`` of ``derive check`` and ``derive train``: valid, the same shape and exit code whatever was found."""

import json
import os
import subprocess
import sys

import pytest

import derive

PUBLISHED = """
source = "A book, “page 12”"
[values]
out_h1 = 0.5932
out_h11 = 3
dE_total_dw5 = -0.08216704
"δ_o1" = 0.138498562
[after.1]
w55 = 2
E_total = 0.291027924
"""


def run(*arguments, **environment):
    command = [sys.executable, "-m", "derive", *map(str, arguments)]
    named = {**os.environ, **environment}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=named, errors="replace"
    )


@pytest.fixture
def published(tmp_path):
    path = tmp_path / "book.toml"
    path.write_text(PUBLISHED, encoding="utf-8")
    return path


def test_published_numbers(published):
    done = run("check", "--against", published, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 2  # names are unknown
    assert done.stderr.startswith("derive: book.toml: found 2 names that this network does not have:\n")
    assert list(found) == ["format", "title", "agrees", "published", "gradients"]
    assert (found["format"], found["agrees"], found["gradients"]) == ("derive-check/1", False, None)
    rows = found["published"]["rows"]
    assert [(row["name"], row["printed"], row["verdict"], row["updates"]) for row in rows] == [
        ("out_h1", "0.5932", "rounded_differently", 0),
        ("dE_total_dw5", "-0.08216704", "wrong", 0),
        ("δ_o1", "0.138498562", "right", 0),
        ("E_total", "0.291027924", "wrong", 1),
    ]
    assert rows[0] == {
        "name": "out_h1",
        "printed": "0.5932",
        "true": "0.5932700",
        "verdict": "rounded_differently",
        "causes": [{"kind": "cut_off", "sentence": "Truncated to 4 decimals instead of rounded."}],
        "sample": 1,
        "updates": 0,
        "follows": [],
        "follows_wrong": False,
    }
    assert rows[3]["causes"][0]["kind"] == "update_order"
    unknown = found["published"]["unknown"]
    assert unknown == [
        {
            "name": "out_h11",
            "printed": "3",
            "place": "values, out_h11",
            "nearest": "out_h1",
            "sample": 1,
            "updates": 0,
        },
        {"name": "w55", "printed": "2", "place": "after.1, w55", "nearest": "w5", "sample": 1, "updates": 1},
    ]
    counts = {"right": 1, "rounded_differently": 1, "wrong": 2, "unknown": 2}
    assert {name: found["published"]["counts"][name] for name in counts} == counts
    assert found["published"]["source"] == "A book, “page 12”"


@pytest.mark.parametrize(("digits", "code"), [("0.138498562", 0), ("0.138", 0), ("0.5", 1)])
def test_the_exit_code_is_that_of_the_table(tmp_path, digits, code):
    path = tmp_path / "book.toml"
    path.write_text(f"[values]\ndelta_o1 = {digits}\n", encoding="utf-8")
    done = run("check", "--against", path, "--json")
    assert (done.returncode, done.stderr) == (code, "")
    assert json.loads(done.stdout)["agrees"] is (code == 0)
    assert run("check", "--against", path).returncode == code


def test_sentences_are_in_the_readers_language_and_numbers_are_not(published):
    done = run("check", "--against", published, "--with", "numpy", "--json", "--language", "pt-BR")
    found = json.loads(done.stdout)
    (cause,) = found["published"]["rows"][0]["causes"]
    assert cause["kind"] == "cut_off"
    assert not cause["sentence"].startswith("Cut")
    assert found["published"]["rows"][0]["true"] == "0.5932700"
    assert found["gradients"][0]["rows"][0]["true"] == "0.000438568"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_every_console_gets_the_same(published, encoding):
    done = run("check", "--against", published, "--json", PYTHONIOENCODING=encoding)
    assert json.loads(done.stdout)["published"]["source"] == "A book, “page 12”"


def test_gradients():
    done = run("check", "--with", "numpy,finite-differences", "--json", "--digits", "12")
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr, found["agrees"], found["published"]) == (0, "", True, None)
    assert [way["way"] for way in found["gradients"]] == ["numpy", "finite-differences"]
    for way in found["gradients"]:
        assert list(way) == ["way", "rows", "slips", "counts"]
        assert way["counts"] == {"agrees": 10, "lost": 0, "no_value": 0, "differs": 0}
        (row,) = (row for row in way["rows"] if row["name"] == "w5")
        assert (row["true"], row["verdict"], row["between"]) == ("0.082167040564", "agrees", None)
        assert float(row["given"]) == pytest.approx(0.08216704056423078)
        assert float(row["difference"]) < 1e-6


def test_a_corner(tmp_path):
    path = tmp_path / "corner.toml"
    path.write_text(
        '[[layer]]\nactivation = "relu"\nweights = [[0]]\n[[layer]]\nactivation = "identity"\nweights = [[1]]\n'
        "[[sample]]\ninputs = [1]\ntargets = [3]\n",
        encoding="utf-8",
    )
    found = json.loads(run("check", path, "--with", "numpy", "--json").stdout)
    assert found["gradients"][0]["rows"][0]["between"] == ["-3", "0"]


def test_slips_and_no_value():
    """What the command never finds of derive itself, asked of the function that prints it."""
    from derive.comparison.gradients import compare_gradients
    from derive.language.language import ENGLISH
    from derive.render import check_data

    evaluation = derive.load("article").derive().evaluation
    right = {name: float(number) for name, number in evaluation.gradients.items()}
    compared = {
        "mine": compare_gradients(evaluation, {name: -number for name, number in right.items()}),
        "other": compare_gradients(evaluation, right | {"w1": float("nan")}),
    }
    text = check_data.render(evaluation, published=None, gradients=compared, digits=9, language=ENGLISH)
    mine, other = json.loads(text)["gradients"]
    assert mine["counts"] == {"agrees": 0, "lost": 0, "no_value": 0, "differs": 10}
    assert mine["slips"][0]["kind"] == "sign"
    assert mine["slips"][0]["sentence"].startswith("Every derivative has the wrong sign")
    assert other["counts"]["no_value"] == 1
    assert (other["rows"][0]["given"], other["rows"][0]["difference"]) == ("nan", None)
    assert json.loads(text)["agrees"] is False


def test_training():
    done = run("train", "--iterations", "100", "--digits", "12", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr, found["format"]) == (0, "", "derive-train/1")
    assert (found["wanted"], found["iterations"], found["diverged_at"], found["interrupted"]) == (100, 100, None, False)
    certified = derive.load("article").derive().train(100).certified(12)
    assert found["rows"] == [
        {"iteration": number, "error": {"value": error.text, "sure": error.sure}} for number, error in certified.rows
    ]
    assert found["parameters"]["w5"] == {"value": certified.parameters["w5"].text, "sure": "certain"}
    assert found["parameters"]["b1"] == {"value": "0.35", "sure": "exact"}
    assert found["outputs"] == ["out_o1", "out_o2"]
    assert found["targets"] == [["0.01", "0.99"]]
    assert [out["value"] for out in found["outs"][0]] == [out.text for out in certified.outs[0]]


def test_training_that_diverges(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(
        'learning_rate = 1000\n[[layer]]\nactivation = "identity"\nweights = [[1]]\n'
        "[[sample]]\ninputs = [10]\ntargets = [3]\n",
        encoding="utf-8",
    )
    done = run("train", path, "--iterations", "500", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["cause_of_divergence"]) == (3, "growth")
    assert 0 < found["diverged_at"] <= 500
    assert found["wanted"] == 500 > found["iterations"]


def test_all_samples_are_in_it():
    found = json.loads(run("train", "xor", "--iterations", "2", "--json").stdout)
    assert (len(found["outs"]), len(found["targets"])) == (4, 4)


@pytest.mark.parametrize(
    "arguments", [["check", "nothere.toml"], ["check", "--with", "nothing"], ["train", "--digits", "0"]]
)
def test_errors_are_sentences_and_objects(arguments):
    done = run(*arguments, "--json")
    assert done.returncode == 2
    assert done.stderr == f"derive: {json.loads(done.stdout)['error']}\n"


def test_no_known_name_is_an_error_alone(tmp_path):
    path = tmp_path / "book.toml"
    path.write_text("[values]\nfoo = 1\nbar = 2\n", encoding="utf-8")
    done = run("check", "--against", path, "--json")
    assert (done.returncode, list(json.loads(done.stdout))) == (2, ["format", "error"])
    assert "found 2 names" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "article", "--against", "{wrong}"),
        ("check", "{missing}"),
        ("train", "{missing}"),
        ("train", "{wrong}"),
    ],
)
def test_a_mistake_is_an_object_as_well(tmp_path, arguments):
    """With the sentence that stands on standard error, and the same exit code as without JSON."""
    wrong, missing = tmp_path / "wrong.toml", tmp_path / "missing.toml"
    wrong.write_text("[sample.2]\nout_h1 = 0.5\n", encoding="utf-8")
    command = [each.format(wrong=wrong, missing=missing) for each in arguments]
    plain, found = run(*command), run(*command, "--json")
    assert plain.returncode == found.returncode == 2
    data = json.loads(found.stdout)
    assert data["format"] == f"derive-{command[0]}/1"
    assert found.stderr == plain.stderr == f"derive: {data['error']}\n"


def test_networks(command, tmp_path):
    done = command("networks", "--json", "--language", "es", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert (done.returncode, list(found), found["format"]) == (0, ["format", "networks"], "derive-networks/1")
    assert list(found["networks"]) == list(derive.ready_networks())
