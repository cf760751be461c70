"""Files: read exactly, and every mistake answered with file, place, find and mend."""

import inspect
import json
import re
import sys
import time
import tomllib
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mistaken_files import ARTICLE, MISTAKES, changed, load

import derive
from derive import InputError, UnsupportedError
from derive.language.language import language
from derive.reading import reasons

AS_JSON = {
    "title": "A step by step example",
    "training": {"iterations": 10000},
    "sample": [{"inputs": [0.05, 0.10], "targets": [0.01, 0.99]}],
    "layer": [
        {"weights": [[0.15, 0.20], [0.25, 0.30]], "bias": 0.35, "train_bias": False},
        {"weights": [[0.40, 0.45], [0.50, 0.55]], "bias": 0.60, "train_bias": False},
    ],
}


def test_toml_and_json_give_the_same_network(tmp_path):
    assert load(tmp_path, json.dumps(AS_JSON), "net.json") == load(tmp_path, ARTICLE) == derive.load("article")


def test_numbers_are_read_exactly(tmp_path):
    network = load(tmp_path, ARTICLE.replace("0.15", "0.1000000000000000000000000000000001"))
    assert network.layers[0].weights[0][0] == Fraction(10**33 + 1, 10**34)


@pytest.mark.parametrize(
    ("content", "message"),
    MISTAKES,
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
        ("net.json", json.dumps({f"k{i}": 1 for i in range(60_000)})[:-1] + ', "k59999": 1}', "this key appears twice"),
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
        ('{"layer": [], "layer": []}', "'layer': this key appears twice"),
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
    with pytest.raises(InputError, match=r"artcle.*no such file; give.*Did you mean 'article'"):
        derive.load("artcle")


@pytest.mark.parametrize("source", ["x" * 5000, "x" * 300 + ".toml", "a\0b", "\udcff.toml", "", 3, None, b"article"])
def test_what_is_no_name_of_a_file_is_told_so(source):
    with pytest.raises(InputError, match=r"expected the path|no such file; give") as caught:
        derive.load(source)
    assert str(caught.value).isprintable()


def test_a_files_name_gives_no_commands_to_the_terminal(tmp_path):
    with pytest.raises(InputError) as caught:
        load(tmp_path, "x = 1", "a\x1b[31m.toml")
    assert str(caught.value).startswith(r"'a\x1b[31m.toml': found the unknown key")


def test_a_folder_and_another_ending_are_refused(tmp_path):
    with pytest.raises(InputError, match="folder"):
        derive.load(tmp_path)
    with pytest.raises(InputError, match=r"unsupported file type '\.yaml'"):
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


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("bias 0.5", "net.toml", "(falta =)"),
        ("[layer\n", "net.toml", "(falta ])"),
        ("weights = [1 2]", "net.toml", "(hay una lista sin cerrar: falta un corchete o una coma)"),
        ("a = {b = 1", "net.toml", "(hay una tabla entre llaves sin cerrar: falta una llave o una coma)"),
        ("a =", "net.toml", "(falta un valor: "),
        ("= 1", "net.toml", "(falta una clave)"),
        ("a = 1 2", "net.toml", "(la línea continúa después del valor)"),
        ("a = 'x", "net.toml", "(faltan las comillas de cierre)"),
        ('a = "x\nb = 1', "net.toml", "(faltan las comillas de cierre)"),
        ("a = 'x\nb = 1", "net.toml", "(faltan las comillas de cierre)"),
        ('a = "C:\\net"\nb = "\\q"', "net.toml", "(las barras invertidas de un texto se escriben dobles)"),
        ("a = '\x07'", "net.toml", r"(aquí no se admite el carácter '\x07')"),
        ("a.b = 1\na.b = 2", "net.toml", "(la clave está repetida)"),
        ("[a.b]\n[a.b]", "net.toml", "(a.b está repetido)"),
        ("a = 2024-02-30", "net.toml", "(esa fecha u hora no existe)"),
        ('{"a": [1, ]}', "net.json", "JSON (falta un valor: "),
        ('{"a": [1 2]}', "net.json", "(falta ,)"),
        ('{"a" 1}', "net.json", "(falta :)"),
        ("{a: 1}", "net.json", "(falta una clave entre comillas dobles)"),
        ('{"a": "x}', "net.json", "(faltan las comillas de cierre)"),
        ("{} {}", "net.json", "(el texto continúa después del final de los datos)"),
        ('{"a": "x\n"}', "net.json", "(hay un texto que continúa en otra línea; "),
        ('{"a": "\\q"}', "net.json", "(las barras invertidas de un texto se escriben dobles)"),
    ],
)
def test_reasons_of_the_parsers_are_told_in_the_language(tmp_path, content, name, said):
    if "[1, ]" in content and sys.version_info >= (3, 13):  # where Python itself says more
        said = "(hay una coma antes de un corchete o una llave de cierre)"
    with pytest.raises(InputError) as caught:
        load(tmp_path, content, name)
    assert said in language("es").say(caught.value.message)


@pytest.mark.parametrize("source", [tomllib._parser, json.decoder], ids=["TOML", "JSON"])
def test_every_reason_that_this_python_gives_is_in_the_tables(source):
    text = inspect.getsource(source)
    given = re.findall(r'(?:suffixed_err\([^"]*?|TOMLDecodeError\([^"]*?|JSONDecodeError\(\s*|msg = )f?"([^"]+)"', text)
    examples = {re.sub(r"\{[^}]*\}", "'x'", reason).replace("\\\\", "\\") for reason in given}
    known = reasons.TOML if source is tomllib._parser else reasons.JSON
    assert len(examples) > 5
    assert [each for each in examples if isinstance(reasons.said(each, known), str)] in ([], ["'x' (at 'x')"])


@pytest.mark.parametrize(
    ("old", "new", "number"),
    [
        ("inputs = [0.05, 0.10]", "inputs = [0,5, 0,1]", "0.5"),
        ("inputs = [0.05, 0.10]", "inputs = [0,5; 0,1]", "0.5"),
        ("targets = [0.01, 0.99]", "targets = [\n  0,1,\n  0,9,\n]", "0.1"),
        ("[[0.15, 0.20], [0.25, 0.30]]", "[[0,15, 0,2], [0,25, 0,3]]", "0.15"),
    ],
)
def test_decimal_commas_in_a_list_are_told_where_it_does_not_fit(tmp_path, old, new, number):
    with pytest.raises(InputError) as caught:
        load(tmp_path, changed(old, new))
    assert str(caught.value).endswith(f" Write a decimal comma as a point: {number}.")


def test_lists_without_decimal_commas_get_no_hint(tmp_path):
    with pytest.raises(InputError) as caught:
        load(tmp_path, changed("inputs = [0.05, 0.10]", "inputs = [1,2,3] # [0,5, 0,1]"))
    assert "comma" not in str(caught.value)
