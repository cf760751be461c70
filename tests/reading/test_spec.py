"""Files: read exactly, and every mistake answered with file, place, find and mend."""

import json
import time
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive import InputError, UnsupportedError
from derive.reading.files import READY

ARTICLE = (READY / "article.toml").read_text(encoding="utf-8")
AS_JSON = {
    "title": "A step by step example",
    "training": {"iterations": 10000},
    "sample": [{"inputs": [0.05, 0.10], "targets": [0.01, 0.99]}],
    "layer": [
        {"weights": [[0.15, 0.20], [0.25, 0.30]], "bias": 0.35, "train_bias": False},
        {"weights": [[0.40, 0.45], [0.50, 0.55]], "bias": 0.60, "train_bias": False},
    ],
}


def load(folder, content, name="net.toml", **options):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return derive.load(path, **options)


def test_toml_and_json_give_the_same_network(tmp_path):
    assert load(tmp_path, json.dumps(AS_JSON), "net.json") == load(tmp_path, ARTICLE) == derive.load("article")


def test_numbers_are_read_exactly(tmp_path):
    network = load(tmp_path, ARTICLE.replace("0.15", "0.1000000000000000000000000000000001"))
    assert network.layers[0].weights[0][0] == Fraction(10**33 + 1, 10**34)


def changed(old, new):
    assert old in ARTICLE
    return ARTICLE.replace(old, new)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (changed("learning_rate = 0.5", "learning_rate = = 0.5"), "line 3"),
        (changed("learning_rate", "lerning_rate"), "unknown key 'lerning_rate'"),
        (changed("learning_rate", "lerning_rate"), "Did you mean 'learning_rate'"),
        (changed("inputs", "input"), "sample 1, found the unknown key 'input'"),
        (changed("weights = [[0.40", "wieghts = [[0.40"), "layer 2, found the unknown key 'wieghts'"),
        (changed("weights = [[0.40, 0.45], [0.50, 0.55]]\n", ""), "layer 2, weights: found nothing"),
        (changed("[0.50, 0.55]", "[0.50]"), "layer 2, weights, row 2: found 1 number; expected 2"),
        (changed("inputs = [0.05, 0.10]", "inputs = [0.05]"), "sample 1, inputs: found 1 number; expected 2"),
        (changed("targets = [0.01, 0.99]", "targets = [1, 2, 3]"), "sample 1, targets: found 3 numbers; expected 2"),
        (changed('activation = "logistic"', 'activation = "logisitc"'), "Did you mean 'logistic'"),
        (changed("0.15", "nan"), "layer 1, weights, row 1, number 1"),
        (changed("0.15", "inf"), "expected a finite number"),
        (changed("0.15", '"0.15"'), "found the text '0.15'; expected a number"),
        (changed("0.15", "1e999999"), "expected a number between"),
        (changed("0.15", "1e99999999999999999999"), "found the number '1e99999999999999999999'; expected a number"),
        (changed("0.15", "1" * 5000), "too long"),
        (changed("0.15", "true"), "layer 1, weights, row 1, number 1: found True; expected a number"),
        (changed("= 0.5", "= -1e400"), "learning_rate: found -1E+400; expected 0 or a positive number"),
        (changed("= 0.5", f"= [0x{'f' * 6000}]"), "learning_rate: found a value that is too long to show"),
        (ARTICLE + "[[sample]]\ninputs = [1]\ntargets = [1, 1]\n", "sample 2, inputs: found 1 number; expected 2"),
        ("title = '\x1b[31m'", "line 1, column 10: found text that is not TOML"),
        ('"\\u001b[31m" = 1', r"unknown key '\x1b[31m'"),
        ("k" * 100_000 + " = 1", "kkk...; expected title"),
        ("[" + "k" * 100_000 + "]\n[" + "k" * 100_000 + "]", "line 2, column"),
        (ARTICLE[: ARTICLE.index("[[layer]]")], "layers: found none"),
        (ARTICLE.replace("[[layer]]", "[layer]", 1).partition("[[layer]]")[0], "expected [[layer]]"),
        ("layer = 3", "layer: found 3"),
        ("[[layer]]\nweights = 3", "layer 1, weights: found 3"),
        (b"title = '\xff'", "no UTF-8"),
        ("x = " + "[" * 5000, "nested too deeply"),
    ],
)
def test_a_mistake_in_a_file(tmp_path, content, message):
    with pytest.raises(InputError) as caught:
        load(tmp_path, content)
    assert str(caught.value).startswith("net.toml: ")
    assert message in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


# Each took tomllib or derive a time that grows with the square of the length; at this length minutes, or hours.
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("net.toml", "a." * 400_000 + "a = 1", "more than 50 names joined by dots"),
        ("net.toml", '"a" . ' * 100_000 + "a = 1", "more than 50 names joined by dots"),
        ("net.toml", 'b = """ " #\' """" # "\n' + "a." * 400_000 + "a = 1", "more than 50 names joined by dots"),
        ("net.toml", '"\\' * 400_000, "not TOML"),
        ("net.json", json.dumps({f"k{i}": 1 for i in range(60_000)})[:-1] + ', "k59999": 1}', "found twice"),
    ],
    ids=["dots", "quoted", "strings", "open string", "twice"],
)
def test_no_file_takes_long(tmp_path, name, content, message):
    start = time.process_time()
    with pytest.raises(InputError, match=message):
        load(tmp_path, content, name)
    assert time.process_time() - start < 5


def test_dots_in_text_and_numbers_are_no_names(tmp_path):
    assert load(tmp_path, changed("A step by step example", "a." * 90)).title == "a." * 90
    row = f"[{'0.1, ' * 200}]"
    wide = f"[[layer]]\nweights = [{row}] # it's\n[[sample]]\ninputs = {row}\ntargets = [1] # {'.a' * 90}"
    assert load(tmp_path, wide).size == 200


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"title": 1,}', "line 1, column"),
        ('{"layer": [], "layer": []}', "'layer': found twice"),
        ('{"learning_rate": NaN, "layer": [], "sample": []}', "learning_rate"),
        ('{"learning_rate": -Infinity}', "learning_rate: found -inf; expected a finite number"),
        ('{"learning_rate": 1e99999999999999999999}', "found the number '1e99999999999999999999'"),
        ('{"learning_rate": ' + "1" * 5000 + "}", "too long"),
        (r'{"title": "\ud800"}', r"title: found '\ud800'"),
        ("[1]", "expected the file to be a table"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_mistake_in_json(tmp_path, content, message):
    with pytest.raises(InputError) as caught:
        load(tmp_path, content, "net.json")
    assert message in str(caught.value)


def test_a_missing_file_is_told_with_the_nearest_ready_network():
    with pytest.raises(InputError, match=r"artcle.*found no such file.*Did you mean 'article'"):
        derive.load("artcle")


@pytest.mark.parametrize("source", ["x" * 5000, "x" * 300 + ".toml", "a\0b", "\udcff.toml", "", 3, None, b"article"])
def test_what_is_no_name_of_a_file_is_told_so(source):
    with pytest.raises(InputError, match="expected") as caught:
        derive.load(source)
    assert str(caught.value).isprintable()


def test_a_files_name_gives_no_commands_to_the_terminal(tmp_path):
    with pytest.raises(InputError) as caught:
        load(tmp_path, "x = 1", "a\x1b[31m.toml")
    assert str(caught.value).startswith(r"'a\x1b[31m.toml': found the unknown key")


def test_a_folder_and_another_ending_are_refused(tmp_path):
    with pytest.raises(InputError, match="folder"):
        derive.load(tmp_path)
    with pytest.raises(InputError, match=r"found the ending '\.yaml'"):
        load(tmp_path, "", "net.yaml")


def test_the_limits_say_what_they_are_and_how_to_raise_them(tmp_path):
    with pytest.raises(UnsupportedError, match=r"1,000 bytes.*--max-bytes"):
        load(tmp_path, "#" * 2000, max_bytes=1000)
    with pytest.raises(UnsupportedError, match=r"found 10 weights and biases; the limit is 9.*--max-parameters"):
        load(tmp_path, ARTICLE, max_parameters=9)


def test_the_example_to_start_from_is_a_network(tmp_path):
    assert load(tmp_path, derive.example()).derive()["w1"].value


def test_each_ready_network_has_a_sentence_and_loads():
    for name, sentence in derive.ready_networks().items():
        assert sentence.endswith(".")
        assert derive.load(name).derive().parameters


@settings(max_examples=200, deadline=None)
@given(st.text() | st.binary(), st.sampled_from(["net.toml", "net.json"]))
def test_any_content_is_a_network_or_one_clear_error(tmp_path_factory, content, name):
    with pytest.raises(InputError):
        load(tmp_path_factory.mktemp("any"), content, name)


SPOTS = ("0.15", "0.05", "0.5", '"logistic"', "false", "weights", "[[layer]]", "[[0.40, 0.45], [0.50, 0.55]]")
SCRAPS = ("1e400", "-1e400", "nan", "-inf", "1_0", "0x1f", "true", '"0.4"', "[]", "[[]]", "{}", "1979-05-27", "")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SPOTS), st.sampled_from(SCRAPS) | st.floats().map(repr) | st.integers().map(str) | st.text())
def test_a_changed_file_is_a_network_or_one_clear_error(tmp_path_factory, spot, scrap):
    content = ARTICLE.replace(spot, scrap, 1).encode("utf-8", "replace")
    with suppress(InputError):
        assert isinstance(load(tmp_path_factory.mktemp("any"), content), derive.Network)
