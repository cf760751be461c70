"""What Jupyter shows: mathematics, tables and figures, no script, and a tutorial that runs."""

import dataclasses
import re
from base64 import b64decode
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from hostile import HOSTILE, hostile_derivation
from nbclient import NotebookClient

import derive

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.ipynb"


def page(thing):
    return thing._repr_mimebundle_()["text/html"]


def test_a_network_shows_its_figure_as_an_image(article):
    bundle = article.network._repr_mimebundle_()
    assert bundle["text/plain"] == str(article.network)
    root = ElementTree.fromstring(bundle["text/html"])
    image = root.find("img")
    assert image.get("src").startswith("data:image/svg+xml;base64,")
    assert image.get("alt") == "A step by step example"


def test_a_derivation_shows_every_parameter_with_a_link_to_its_lines(article):
    root = ElementTree.fromstring(page(article).replace("<mspace/>", ""))
    rows = root.findall("table/tbody/tr")
    assert len(rows) == len(article.parameters) == 10
    targets = [row.find("td/a").get("href").removeprefix("#") for row in rows]
    assert targets == [details.find("div").get("id") for details in root.findall("details")]
    assert len(set(targets)) == 10
    values = [re.sub(r"\s", "", "".join(row.findall("td")[2].itertext())) for row in rows]
    assert values[article.parameters.index("w5")] == "≈0.082167041"


def test_the_lines_of_a_parameter_are_those_of_the_handout(article):
    root = ElementTree.fromstring(page(article).replace("<mspace/>", ""))
    lines = root.findall("details")[article.parameters.index("w5")].findall("div/div")
    results = ["".join(line.itertext()) for line in lines]
    assert len(lines) == 6  # chain rule, three factors, product, delta form
    assert ["0.741365070" in results[1], "0.186815602" in results[2], "0.593269992" in results[3]] == [True] * 3


def test_a_hidden_weight_shows_each_path_and_a_dagger_is_explained(article):
    text = page(article)
    root = ElementTree.fromstring(text.replace("<mspace/>", ""))
    lines = root.findall("details")[article.parameters.index("w1")].findall("div/div")
    results = ["".join(line.itertext()) for line in lines]
    assert "0.055399425" in results[1]
    assert "0.019049118" in results[2]
    assert text.count("<p>† ") == 1


def test_many_parameters_are_cut():
    network = derive.Network(
        layers=[derive.Layer(weights=[[0.1] * 50])], samples=[derive.Sample([1] * 50, [0])], title="wide"
    )
    text = page(network.derive())
    assert text.count("<details>") == 40
    assert "10 more parameters" in text


def test_a_training_shows_its_rows_and_its_curve(article):
    training = article.train(1_000)
    bundle = training._repr_mimebundle_()
    assert bundle["text/plain"] == repr(training)
    root = ElementTree.fromstring(f"<div>{bundle['text/html']}</div>")
    rows = [[cell.text for cell in row] for row in root.findall("table/tbody/tr")]
    assert rows == [
        ["0", "0.298371109"],
        ["1", "0.291027774"],
        ["10", "0.220918592"],
        ["100", "0.020046828"],
        ["1,000", "0.001114349"],
    ]
    drawn = ElementTree.fromstring(b64decode(root.find("figure/img").get("src").partition(",")[2]))
    svg = "{http://www.w3.org/2000/svg}"
    assert drawn.find(f"{svg}title").text == root.find("figure/img").get("alt") == "The error over the iterations."
    _, curve = drawn.findall(f"{svg}polyline")
    heights = [float(point.partition(",")[2]) for point in curve.get("points").split()]
    assert len(heights) > 20
    assert heights == sorted(heights)  # the error falls, and y counts downwards


def test_a_training_is_in_the_language_of_the_environment(article, monkeypatch):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):  # each of them comes before LANG
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "pt_BR.UTF-8")
    text = page(article.train(1_000))
    assert "<th>iterações</th>" in text
    assert re.findall(r"<td[^>]*>([^<]*)</td>", text)[-2:] == ["1.000", "0,001114349"]


def test_a_training_of_many_rows_is_cut_and_one_of_a_step_has_no_curve(article):
    text = page(article.train(1_000, every=1))
    assert text.count("<tr>") == 1 + 40 + 1
    assert "<td>⋮</td>" in text
    assert "<figure>" not in page(article.train(1))


def test_a_training_that_broke_off_says_where():
    layer = derive.Layer(weights=[[3]], activation="identity")
    network = derive.Network(layers=[layer], samples=[derive.Sample(inputs=[9], targets=[1])], learning_rate=9)
    training = network.derive().train(1_000)
    text = page(dataclasses.replace(training, interrupted=True))
    assert f"Overflow in iteration {training.divergence.iteration}." in text
    assert f"Interrupted after {training.iterations} iterations;" in text


def test_no_script_and_nothing_from_elsewhere():
    derivation = hostile_derivation()
    for text in (page(derivation), page(derivation.network), page(derivation.train(10))):
        assert "<script" not in text
        assert not re.search(r"\son\w+=|javascript:|https?://(?!www\.w3\.org)", text)
    assert HOSTILE not in page(derivation.network)
    assert HOSTILE not in page(derivation.train(10))
    ElementTree.fromstring(page(derivation.network))


@pytest.mark.parametrize(
    ("read", "parts"),
    [
        (lambda d: d["w5"], (r"\frac{\partial E_{\mathrm{total}}}{\partial w_{5}}", r"\approx 0.082167041")),
        (lambda d: d["w5"].factors[1], (r"\mathrm{out}_{o1} \left(1 - \mathrm{out}_{o1}\right)",)),
        (lambda d: d["w5"].factors[0].steps[1], (r"\frac{\partial}{\partial \mathrm{out}_{o1}}", r"^{2 - 1}")),
        (lambda d: d["w5"].value, (r"$\approx 0.082167041$",)),
        (lambda d: d.evaluation.quantity("net_h1"), ("$0.3775$",)),
    ],
    ids=["partial", "local", "rule", "rounded", "exact"],
)
def test_formulas_and_numbers_show_as_mathematics(article, read, parts):
    shown = read(article)._repr_latex_()
    assert shown[0] == shown[-1] == "$"
    assert all(part in shown for part in parts)


def test_the_tutorial_is_stored_without_outputs():
    read = nbformat.read(TUTORIAL, as_version=4)
    nbformat.validate(read)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in read.cells)


@pytest.mark.filterwarnings("ignore")
def test_the_tutorial_runs_and_becomes_a_page():
    from nbconvert import HTMLExporter

    read = nbformat.read(TUTORIAL, as_version=4)
    NotebookClient(read, timeout=120, kernel_name="python3").execute()
    shown = {kind for cell in read.cells for output in cell.get("outputs", ()) for kind in output.get("data", ())}
    assert {"text/html", "text/latex", "text/plain"} <= shown
    said = "".join(output.get("text", "") for cell in read.cells for output in cell.get("outputs", ()))
    assert "path through o2 is missing" in said
    assert "0.000035101878" in said
    text, _ = HTMLExporter().from_notebook_node(read)
    assert text.count("<details>") == 10
    assert text.count("<math") > 50
