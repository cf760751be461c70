"""The notebook: valid, plain Python with NumPy alone, and in a kernel it ends in the digits of the handout."""

import ast
import itertools
import json
import os
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from hostile import HOSTILE, hostile_derivation
from nbclient import NotebookClient
from notebooks import code, notebook, run

import derive
from derive.language.folder import FOLDER
from derive.language.language import LANGUAGES
from derive.render.formats import FORMATS, USUAL_FORMATS
from derive.story.document import Display, Place
from derive.story.options import DETAILS, FORMS

NETWORKS = tuple(derive.ready_networks())
TRANSLATED = [code for code in LANGUAGES if code == "en" or (FOLDER / "locale" / code.replace("-", "_")).is_dir()]
BY_HAND = [("full", "scalar", "by-hand"), ("article", "matrix", "by-hand")]
ignores_foreign_warnings = pytest.mark.filterwarnings("ignore")


def executed(read):
    client = NotebookClient(read, timeout=120, kernel_name="python3")
    client.execute()
    return read


def brief(name, iterations=3):
    """A ready network or computation whose training, where it has one, is short."""
    given = derive.load(name)
    plan = given if isinstance(given, derive.Network) else given.plan
    return given.replace(iterations=iterations if plan.iterations else 0)


@pytest.fixture(scope="module")
def reports():
    """What was checked of each network, once: it does not depend on how it is written."""
    return {name: brief(name).derive().handout().report for name in NETWORKS}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_form_of_every_network_is_valid_and_runs(name, reports, capsys):
    derivation = brief(name).derive()
    for detail, form, rounding in [*itertools.product(DETAILS, FORMS, ["exact"]), *BY_HAND]:
        handout = derivation.handout(detail=detail, form=form, rounding=rounding, digits=6)
        vars(handout)["report"] = reports[name]
        read = notebook(handout)
        nbformat.validate(read)
        defined = run(read.cells)
        assert "All results agree" in capsys.readouterr().out
        shown = handout.shown
        whole = shown.computation.whole_objective_name
        assert defined["expected"][whole][0] == pytest.approx(float(shown.error), rel=0, abs=1e-12)
        if shown.computation.trained:
            after = defined["expected"][f"{whole}_new"]
            assert after[0] == pytest.approx(float(shown.error_after), rel=0, abs=1e-12)
        assert len(defined["expected"]) >= 4


@pytest.mark.parametrize("language", TRANSLATED)
def test_it_is_written_in_each_language(language, article):
    handout = article.handout(language=language)
    vars(handout)["report"] = article.handout().report
    read = notebook(handout)
    nbformat.validate(read)
    assert run(read.cells)["out_h1"] == pytest.approx(0.59326999210718723, abs=1e-16)


@ignores_foreign_warnings
@pytest.mark.parametrize("name", NETWORKS)
def test_in_a_kernel_it_ends_in_the_digits_of_the_handout(name):
    derivation = derive.load(name).derive()
    read = notebook(derivation.handout())
    assert not any(cell.get("outputs") for cell in read.cells)
    evaluation, trained = derivation.evaluation, derivation.graph.trained
    expected = {f"{name}_new": evaluation.updated(name) for name in derivation.parameters if name in trained}
    expected = expected or {derivation.graph.objective: evaluation.quantity(derivation.graph.objective)}
    read.cells.append(nbformat.v4.new_code_cell(f"print(repr([float(value) for value in ({', '.join(expected)},)]))"))
    *_, comparison, last = executed(read).cells
    assert "All results agree with the handout." in comparison.outputs[0].text
    values = json.loads(last.outputs[0].text)
    for number, value in zip(expected.values(), values, strict=True):
        assert value == pytest.approx(float(number.decimal(18)), rel=1e-12, abs=1e-15)


@ignores_foreign_warnings
def test_the_cells_show_the_digits_of_the_notebook_that_people_know(article):
    # 16 digits that a well-known notebook of the same walk prints.
    known = {"out_h1": 0.59326999210718723, "out_h2": 0.59688437825976703, "E_total": 0.29837110876000272}
    cells = executed(notebook(article.handout())).cells
    shown = {
        cell.source.splitlines()[-1]: float(cell.outputs[-1].data["text/plain"])
        for cell in cells
        if cell.cell_type == "code" and cell.source.splitlines()[-1] in known
    }
    assert shown == pytest.approx(known, rel=1e-15)
    trained = next(cell for cell in cells if "def train" in cell.source)
    assert float(trained.outputs[-1].data["text/plain"]) == pytest.approx(0.0000351018778298, rel=1e-9)


@pytest.mark.parametrize("name", NETWORKS)
def test_it_imports_numpy_and_nothing_else(name, reports):
    handout = brief(name).derive().handout(form="both")
    vars(handout)["report"] = reports[name]
    trees = [ast.parse(source) for source in code(notebook(handout).cells)]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imports = [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    assert imports == ["import numpy as np"]
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"exec", "eval", "open", "__import__", "compile", "getattr"}


def test_every_line_has_its_code_behind_it(article):
    handout = article.handout()
    cells = notebook(handout).cells
    for block in handout.document.blocks:
        if not isinstance(block, Display | Place) or not block.id:
            continue
        if block.id.startswith(("eq-chain", "eq-activation", "eq-appendix", "eq-slope")) or block.id == "eq-update":
            continue
        if isinstance(block, Display):
            place = next(k for k, cell in enumerate(cells) if f'<a id="{block.id}"></a>' in cell.source)
            assert cells[place + 1].cell_type == "code", block.id
            assert cells[place].source.endswith("$$"), block.id


def dense(sizes, activations, error, **more):
    layers = [
        derive.Layer(
            weights=[[((7 * row + 3 * column) % 11 - 5) / 20 for column in range(inputs)] for row in range(size)],
            bias=[(row % 3 - 1) / 10 for row in range(size)],
            activation=activation,
        )
        for (inputs, size), activation in zip(itertools.pairwise(sizes), activations, strict=True)
    ]
    targets = [1] + [0] * (sizes[-1] - 1)
    samples = [
        derive.Sample([((5 * place + 2 * number) % 7 - 3) / 4 for place in range(sizes[0])], targets)
        for number in range(more.pop("samples", 1))
    ]
    return derive.Network(layers, samples, error=error, **more)


@pytest.mark.parametrize("rounding", ["exact", "by-hand"])
@pytest.mark.parametrize(
    "network",
    [
        dense((20, 15, 10), ("gelu", "softmax"), "cross_entropy", samples=2, optimizer="adam"),
        dense((20, 15, 10), ("relu", "logistic"), "half_squared_error", updates="sequential", iterations=5),
        dense((10, 3, 2), ("softmax", "softmax"), "squared_error", samples=3, reduction="sum"),
        dense((10, 3, 2), ("tanh", "logistic"), "squared_error", samples=2, optimizer="rmsprop", iterations=5),
        dense((2, 3, 2), ("softmax", "softmax"), "squared_error", samples=2),
        dense((3, 2, 2, 1), ("elu", "silu", "tanh"), "huber", updates="sequential", iterations=5, optimizer="nesterov"),
        dense((1, 1), ("softplus",), "absolute_error"),
    ],
    ids=["20-15-10", "20-15-10 sequential", "joined large", "trained large", "joined", "deep", "one"],
)
def test_other_networks_end_in_the_digits_of_derive(network, rounding, reports, capsys):
    digits = 12 if rounding == "by-hand" else 9  # to 9 decimals a softmax of ten neurons has outputs of 0
    handout = network.derive().handout(rounding=rounding, digits=digits)
    vars(handout)["report"] = reports["single_neuron"]  # only what is said of the checks: other tests make them
    defined = run(notebook(handout).cells)
    assert "All results agree" in capsys.readouterr().out
    first = handout.derivation.parameters[0]
    new = defined["W_1_new"][0, 0] if "W_1_new" in defined else defined[f"{first}_new"]
    assert new == pytest.approx(float(handout.shown.updated(first)), rel=0, abs=1e-12)


def test_names_that_mean_something_to_python_are_told_apart(capsys):
    names = [["class", "theta_4"], ["np", "logistic"]]
    network = derive.Network(
        layers=[
            derive.Layer(weights=[[0.5, -0.25], [0.75, 1]], weight_names=names, neurons=["print", "def"]),
            derive.Layer(weights=[[1, -1]], weight_names=[["theta_4_new", "rounded"]], bias=0.5, bias_names=["exec"]),
        ],
        samples=[derive.Sample([1, 2], [1], input_names=["if", "In"])],
        learning_rate_name="abs",
        optimizer=derive.Optimizer("momentum", weight_decay=0.1),
    )
    for form in FORMS:
        defined = run(notebook(network.derive().handout(form=form)).cells)
        assert "All results agree" in capsys.readouterr().out
    defined = run(notebook(network.derive().handout()).cells)
    assert (defined["class_"], defined["np_"], defined["logistic"], defined["theta_4_new"]) == (0.5, 0.75, 1, 1)
    assert defined["np"] is np


def test_a_title_stays_text():
    read = notebook(hostile_derivation().handout())
    first, *others = read.cells
    assert "<script>" not in first.source
    assert "$x$" not in first.source
    assert "&lt;script&gt;" in first.source
    assert not any("script" in cell.source or "passwd" in cell.source for cell in others)


@ignores_foreign_warnings
def test_a_title_is_text_on_the_page_that_nbconvert_makes():
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_notebook_node(notebook(hostile_derivation().handout()))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert HOSTILE.startswith("<script>alert(1)")


def test_figures_are_attached_as_images(article):
    cells = notebook(article.handout()).cells
    attached = [name for cell in cells for name in cell.get("attachments", {})]
    assert attached == ["network.svg", "path-w5.svg", "path-w1.svg", "computation.svg", "training-iterations-error.svg"]
    assert all(f"(attachment:{name})" in "".join(cell.source for cell in cells) for name in attached)


def test_it_is_written_when_it_is_asked_for(article, tmp_path):
    assert set(FORMATS) - set(USUAL_FORMATS) == {"ipynb", "slides", "docx", "explore"}
    (path,) = article.handout().write(tmp_path, "ipynb", name="x")
    assert path.name == "x.ipynb"
    assert path.read_bytes() == article.handout().render("ipynb", "x")["x.ipynb"]


def test_without_nbformat_one_sentence_says_what_to_install(article, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbformat", None)
    with pytest.raises(derive.InputError, match=r"pip install 'derive-backprop\[notebook\]'"):
        article.handout().render("ipynb")


def test_the_command_line_writes_it(tmp_path):
    command = [sys.executable, "-m", "derive", "handout", "single_neuron", "--format", "ipynb", "-o", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=dict(os.environ))
    assert (done.returncode, done.stderr) == (0, "")
    nbformat.read(tmp_path / "single_neuron.ipynb", as_version=4)


def test_the_code_is_formatted_as_ruff_would(article, tmp_path):
    for number, source in enumerate(code(notebook(article.handout(form="both")).cells)):
        (tmp_path / f"cell_{number}.py").write_text(source + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "100", "--diff", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_template_without_the_steps_that_the_notebook_needs_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "article.md.j2").write_text("# Title\n", encoding="utf-8")
    handout = derive.load("article").derive().handout(template=tmp_path)
    with pytest.raises(derive.InputError, match=r"goes on with 'w1', which no section of the template calculates"):
        handout.render("ipynb")
