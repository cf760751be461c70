"""`derive figure` and `derivation.figure`: one drawing as SVG, PDF, PNG or TikZ."""

import io
import re
import shutil
from xml.etree import ElementTree

import pikepdf
import pytest

import derive

SVG = "{http://www.w3.org/2000/svg}"


def words(svg):
    return " ".join("".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text"))


@pytest.mark.parametrize(
    ("arguments", "file", "shown"),
    [
        ([], "article-network.svg", "target"),
        (["xor"], "xor-network.svg", "i"),
        (["path:w5"], "article-path-w5.svg", "w"),
        (["PATH: W1", "xor"], "xor-path-w1.svg", "w"),
        (["xor", "computation", "-o", "deep/graph.svg"], "deep/graph.svg", "E"),
        (["xor", "training", "--iterations", "2e1"], "xor-training.svg", "iterations"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_a_figure_is_written_as_svg(command, tmp_path, arguments, file, shown):
    done = command("figure", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"wrote {file}\n", "")
    assert shown in words((tmp_path / file).read_text(encoding="utf-8"))


def test_a_figure_goes_to_standard_output(command, tmp_path):
    done = command("figure", "single_neuron", "-o", "-", cwd=tmp_path)
    assert ElementTree.fromstring(done.stdout).tag == f"{SVG}svg"
    assert not list(tmp_path.iterdir())


def test_a_figure_is_a_page_of_its_size(article):
    drawing = article.figure("network")
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing.render("svg").decode()).groups())
    with pikepdf.open(io.BytesIO(drawing.render("pdf"))) as document:
        assert len(document.pages) == 1
        box = [float(end) for end in document.pages[0].mediabox]
    assert box == pytest.approx([0, 0, 0.75 * width, 0.75 * height], abs=0.01)


def test_a_figure_is_a_picture_for_a_latex_document(article, tmp_path):
    path = article.figure("path:w5").write(tmp_path / "w5.tex")
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    assert head.startswith("% For \\input")
    assert (lines[0].startswith(r"\begin{tikzpicture}"), lines[-1]) == (True, r"\end{tikzpicture}")


@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="pdftoppm makes the PNG")
def test_a_figure_is_a_png_where_pdftoppm_is_installed(article):
    assert article.figure("path:w5").render("png").startswith(b"\x89PNG")


def test_without_pdftoppm_a_png_says_how_to_install_it(article, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(derive.InputError, match="brew install poppler"):
        article.figure("path:w5").render("png")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pth:w1"], "expected network, computation, training or path:NAME, where NAME is"),
        (["pth"], "Did you mean 'path:w5'?"),
        (["path"], "figure: found 'path'"),
        (["network:w1"], "figure: found 'network:w1'"),
        (["path:w55"], "Did you mean 'w5'?"),
        (["path:out_h1"], "'out_h1': found no such name"),
        (["-o", "x.gif"], "format: found 'gif'; expected one of svg, pdf, png, tex"),
        (["-o", "x"], "format: found ''"),
        (["wide.toml", "computation"], "choose another figure, such as network"),
        (["forward.toml", "path:w1"], "found only a forward pass"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_drawn_is_said(command, tmp_path, arguments, message):
    row = [0.5] * 60
    (tmp_path / "wide.toml").write_text(
        f"[[sample]]\ninputs = {row}\ntargets = [1]\n[[layer]]\nweights = {[row] * 1}\n", encoding="utf-8"
    )
    (tmp_path / "forward.toml").write_text("[[sample]]\ninputs = [1]\n[[layer]]\nweights = [[0.5]]\n")
    done = command("figure", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_figures_in_python(article):
    curve = article.figure("training", training=article.train(5), language="es")
    assert "iteraciones" in words(curve._repr_svg_())
    assert repr(curve) == "<Drawing training of A step by step example>"
    with pytest.raises(derive.InputError, match="the network asks for no training"):
        derive.load("article").replace(iterations=0).derive().figure("training")
    product = derive.Equation("E", [derive.terms.product("w", "x")])
    kinds = {"w": "weight", "x": "input", "E": "error"}
    graph = derive.Computation([product], [{"w": 2, "x": 0.5}], kinds, "E").derive().figure()
    assert {"w", "x", "×", "2", "0.5", "1"} <= set(words(graph._repr_svg_()).split())
