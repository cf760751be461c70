"""README.md and the pages of docs/ are true: their commands and their Python run, and what they link to is there."""

import re
from pathlib import Path

import attrs
import pytest
from pages import Reader, as_expected, blocks
from sympy import expand, sympify

import derive
from derive.cli.main import COMMANDS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
NAMES = [path.name for path in PAGES]


@pytest.fixture
def reader(command, tmp_path, monkeypatch):
    """Someone who does what a page says, in an empty folder."""
    return Reader(command, tmp_path, monkeypatch)


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_what_the_page_says_works(reader, path):
    text = path.read_text(encoding="utf-8")
    assert reader.follow(text) == len(re.findall(r"^```\w", text, re.MULTILINE))


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_what_the_page_links_to_is_there(path):
    for file in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / file).exists(), file


def test_a_page_that_is_not_true_is_noticed(reader):
    assert as_expected("a\nb\nc\n", "a\n…\nc\n")
    assert not as_expected("a\nb\nc\n", "a\n…\nd\n")
    for wrong in (
        "```sh\nderive shwo w5\n```\n",
        "```sh\nderive show w5    # exit code 1\n```\n",
        "```sh\nrm -r output\n```\n",
        "```console\n$ derive show w5\nWeight w6\n…\n```\n",
        "```pycon\n>>> 1 + 1\n3\n```\n",
    ):
        with pytest.raises(AssertionError):
            reader.follow(wrong)


def test_the_comments_in_the_python_of_the_readme(reader):
    text = README.read_text(encoding="utf-8")
    for language, code in blocks(text):
        if language == "python":
            reader.follow(f"```python\n{code}```\n")
    partial = reader.names["partial"]
    assert f"# {partial.value!r}, a float" in text
    (formula,) = re.findall("# SymPy: (.*)", text)
    assert expand(sympify(formula) - sympify(str(partial.formula))) == 0
    factors = ", ".join(f"∂{factor.of}/∂{factor.by}" for factor in partial.factors)
    assert f"# {factors}\n" in text
    reader.names["test_my_backward_pass"]()


def test_a_computation_of_any_graph(reader):
    (code,) = (code for _, code in blocks((ROOT / "docs/python.md").read_text()) if "derive.Computation(" in code)
    reader.follow(f"```python\n{code}```\n")
    partial = reader.names["derivation"]["w"]
    assert len(partial.paths) == 2
    # E = (1 − w²x)²: dE/dw = −4wx(1 − w²x)
    assert partial.value.exact == -4 * 0.5 * 2 * (1 - 0.5**2 * 2)
    assert f"# {partial.value!r}\n" in code


@pytest.mark.parametrize("path", [README, ROOT / "docs/network-file.md"], ids=lambda path: path.name)
def test_the_network_that_is_shown_is_the_articles(reader, path):
    (network,) = (code for language, code in blocks(path.read_text(encoding="utf-8")) if language == "toml")
    (reader.folder / "my.toml").write_text(network, encoding="utf-8")
    article = derive.load("article")
    layers = [attrs.evolve(layer, train=True) for layer in derive.load("my.toml").layers]
    assert attrs.evolve(derive.load("my.toml"), layers=layers) == article


def test_the_page_on_network_files_names_all_there_is():
    text = (ROOT / "docs/network-file.md").read_text()
    for name in (*derive.ACTIVATIONS, *derive.ERRORS, *derive.OPTIMIZERS):
        assert re.search(rf"\b{name}\b", text), name


def test_the_readmes_numbers_of_things_are_right():
    counts = {8: "eight", 6: "six", 12: "twelve"}
    text = README.read_text(encoding="utf-8").lower()
    for table, thing in (
        (derive.ACTIVATIONS, "activations"),
        (derive.ERRORS, "errors"),
        (derive.OPTIMIZERS, "optimizers"),
    ):
        assert f"{counts[len(table)]} {thing}" in text


def test_the_page_on_the_command_line_has_every_command():
    text = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `derive (\w+)` \|", text, re.MULTILINE)) == set(COMMANDS)
    assert set(re.findall(r"^derive (\w+)", text, re.MULTILINE)) == set(COMMANDS)


def test_the_networks_that_the_pages_name_are_those_there_are():
    for path in (README, ROOT / "docs/command-line.md"):
        text = path.read_text(encoding="utf-8")
        assert all(f"`{name}`" in text for name in derive.ready_networks()), path
