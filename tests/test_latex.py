"""The LaTeX: it compiles, without a line that runs off the page, and shows text as text."""

import itertools
import shutil
import subprocess

import pytest
from hostile import hostile_derivation

import derive

ENGINES = ["pdflatex", "lualatex"]


def compiled(engine, path):
    """Compile twice, for the references, and return what the engine said the second time."""
    if shutil.which(engine) is None:
        pytest.skip(f"{engine} is not installed here; CI has it")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", path.name]
    for _ in range(2):
        done = subprocess.run(command, cwd=path.parent, capture_output=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    return done.stdout.decode(errors="replace")


def text_of(path):
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout


def network(*sizes, bias=0.1, activation="tanh"):
    layers = [
        derive.Layer([[(r * 7 + c * 3) % 11 / 10 - 0.5 for c in range(inputs)] for r in range(size)], bias, activation)
        for inputs, size in itertools.pairwise(sizes)
    ]
    return derive.Network(layers, [derive.Sample([0.3] * sizes[0], [0.7] * sizes[-1])])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("detail", ["article", "full"])
def test_the_article_compiles_without_overfull_lines(article, tmp_path, engine, detail):
    (path,) = article.handout(detail=detail).write(tmp_path, ["tex"], name="article")
    said = compiled(engine, path)
    assert "Overfull" not in said
    assert "undefined" not in said
    assert "0.082167041" in text_of(path.with_suffix(".pdf"))


@pytest.mark.parametrize(
    ("made", "digits"),
    [(network(8, 4, 2), 9), (network(2, 3, 3, 2, activation="relu"), 9), (network(2, 2, 1), 50), (network(1, 1), 4)],
    ids=["wide", "deep", "fifty digits", "smallest"],
)
def test_other_networks_compile_without_overfull_lines(made, digits, tmp_path):
    (path,) = made.derive().handout(digits=digits, detail="full").write(tmp_path, ["tex"])
    assert "Overfull" not in compiled("pdflatex", path)


@pytest.mark.parametrize("engine", ENGINES)
def test_hostile_text_is_text(tmp_path, engine):
    (path,) = hostile_derivation().handout().write(tmp_path, ["tex"])
    compiled(engine, path)
    text = " ".join(text_of(path.with_suffix(".pdf")).split())
    assert "root:" not in text
    for part in ("alert(1)", r"\input{/etc/passwd}", "$x$", "100%", "{{ 7*7 }}", "*a*", "[b](c)", "&amp;"):
        assert part in text


def test_a_title_in_any_script_compiles(tmp_path):
    made = derive.Network([derive.Layer([[0.5]])], [derive.Sample([1], [0])], title="Réseau “déjà vu” – 日本語 Ω 🙂")
    (path,) = made.derive().handout().write(tmp_path, ["tex"])
    compiled("pdflatex", path)
