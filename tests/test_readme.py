"""README.md is true: its Python runs, and its files of networks and of published numbers are read."""

import re
from pathlib import Path

import pytest

import derive
from derive.testing import assert_gradients_match

TEXT = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(python|toml)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PYTHON = [text for language, text in BLOCKS if language == "python"]
NETWORK, PUBLISHED = [text for language, text in BLOCKS if language == "toml"]


def run(code, **names):
    """Run a block and return what it defines."""
    exec(compile(code, "README.md", "exec"), names)
    return names


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in, with the README's network as my.toml."""
    (tmp_path / "my.toml").write_text(NETWORK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_tour(folder):
    names = run(PYTHON[0])
    assert {path.suffix for path in (folder / "output").iterdir()} == {".pdf", ".html"}
    partial = names["partial"]
    assert f"# {partial.value!r}, a float" in PYTHON[0]
    assert [factor.left_latex for factor in partial.factors] == [
        r"\frac{\partial E_{\mathrm{total}}}{\partial \mathrm{out}_{o1}}",
        r"\frac{\partial \mathrm{out}_{o1}}{\partial \mathrm{net}_{o1}}",
        r"\frac{\partial \mathrm{net}_{o1}}{\partial w_{5}}",
    ]


def test_a_computation_of_any_graph():
    (code,) = (text for text in PYTHON if "derive.Computation(" in text)
    partial = run(code, derive=derive)["derivation"]["w"]
    assert len(partial.paths) == 2
    # E = (1 − w²x)²: dE/dw = −4wx(1 − w²x)
    assert partial.value.exact == -4 * 0.5 * 2 * (1 - 0.5**2 * 2)
    assert f"# {partial.value!r}\n" in code


def test_a_test_of_ones_own_gradients(folder):
    (code,) = (text for text in PYTHON if "def test_my_backward_pass" in text)
    gradients = {name: float(value) for name, value in derive.load("my.toml").derive().gradients.items()}
    run(code, derive=derive, my_gradients=gradients)["test_my_backward_pass"]()
    with pytest.raises(AssertionError, match="w5"):
        run(code, derive=derive, my_gradients=gradients | {"w5": -1})["test_my_backward_pass"]()


def test_arrays_by_layer():
    torch = pytest.importorskip("torch")
    (code,) = (text for text in PYTHON if "from_arrays" in text)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1)).double()
    inputs, targets = torch.rand(4, 2).double(), torch.rand(4, 1).double()
    (((model(inputs) - targets) ** 2).sum() / 2 / 4).backward()
    names = {"derive": derive, "assert_gradients_match": assert_gradients_match, "model": model}
    for letter, found in (("", [p.detach() for p in model.parameters()]), ("d", [p.grad for p in model.parameters()])):
        names |= {f"{letter}{name}": each for name, each in zip(("W1", "b1", "W2", "b2"), found, strict=True)}
    made = run(code, X=inputs, T=targets, **names)
    assert made["network"].layers[0].size == 3


def test_the_files(folder):
    assert derive.load("my.toml").iterations == 10_000
    (folder / "book.toml").write_text(PUBLISHED, encoding="utf-8")
    assert derive.compare_published(derive.load("article").derive(), "book.toml").counts["right"] >= 5
