"""What a Python session has at hand: other points, rows and curves of a training, lines as LaTeX and as MathML."""

import math
import pickle
import sys
from types import ModuleType
from xml.etree import ElementTree

import pytest

import derive

MATHML = "{http://www.w3.org/1998/Math/MathML}"


def logistic(net):
    return 1 / (1 + math.exp(-net))


def articles_error(w5, b1):
    """The error of the article's network, by hand."""
    h1, h2 = logistic(0.15 * 0.05 + 0.2 * 0.1 + b1), logistic(0.25 * 0.05 + 0.3 * 0.1 + b1)
    o1, o2 = logistic(w5 * h1 + 0.45 * h2 + 0.6), logistic(0.5 * h1 + 0.55 * h2 + 0.6)
    return (0.01 - o1) ** 2 / 2 + (0.99 - o2) ** 2 / 2


def test_a_derivation_at_another_point(article):
    there = article.at({"b1": -1}, w5=0.75)
    step = 1e-6
    slope = (articles_error(0.75 + step, -1) - articles_error(0.75 - step, -1)) / (2 * step)
    assert float(there.gradients["w5"]) == pytest.approx(slope, abs=1e-9)
    assert float(there.error.value) == pytest.approx(articles_error(0.75, -1), abs=1e-15)
    assert there.network == article.network.replace(w5=0.75, b1=-1)
    assert article.gradients["w5"].decimal(9) == "0.082167041"
    assert article.by_hand(4).at(w5=0.75).rounding.digits == 4


def test_inputs_are_changed_where_there_is_one_sample(article):
    assert article.at(i1=0.1).values["i1"].decimal(2) == "0.1"
    xor = derive.load("xor").derive()
    assert xor.at(w1=1).values["w1"] == 1
    with pytest.raises(KeyError, match="'i1': found no such name; expected one of w1"):
        xor.at(i1=1)
    with pytest.raises(ValueError, match="w5: found the text 'x'; expected a number"):
        article.at(w5="x")


def test_a_computation_of_any_graph_at_another_point():
    product = derive.Equation("E", [derive.terms.product("w", "x")])
    kinds = {"w": "weight", "x": "input", "E": "error"}
    derivation = derive.Computation([product], [{"w": 2, "x": 0.5}], kinds, "E").derive()
    there = derivation.at(x=3)
    assert (float(there.gradients["w"]), there.network) == (3, None)
    assert type(there.computation) is derive.Computation


def test_rows_of_a_training_are_named_tuples(article):
    training = article.train(10)
    iteration, error = training.rows[-1]
    assert (iteration, error) == (10, training.rows[-1].error) == tuple(training.rows[-1])
    assert training.rows[0]._fields == ("iteration", "error")
    assert pickle.loads(pickle.dumps(training)).rows == training.rows


class Axes:
    """What is called of matplotlib's axes."""

    def __init__(self):
        self.done = {}

    def __getattr__(self, name):
        return lambda *given, **named: self.done.update({name: given or named})


def test_a_training_plots_its_curve(article, monkeypatch):
    made = Axes()
    pyplot = ModuleType("matplotlib.pyplot")
    pyplot.subplots = lambda: (None, made)
    package = ModuleType("matplotlib")
    package.pyplot = pyplot
    monkeypatch.setitem(sys.modules, "matplotlib", package)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", pyplot)
    training = article.train(1000)
    assert training.plot() is made
    iterations, errors = made.done["plot"]
    assert list(zip(iterations, errors, strict=True)) == list(training.curve)
    assert (made.done["set_xscale"], made.done["set_yscale"]) == (("symlog",), ("log",))
    assert made.done["set"]["title"] == "A step by step example"
    short = Axes()
    assert article.train(5).plot(short) is short
    assert "set_xscale" not in short.done


def test_without_matplotlib_a_plot_says_how_to_install_it(article, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(derive.InputError, match="plot: needs matplotlib, which is not installed"):
        article.train(1).plot()


def test_latex_is_the_whole_line(article):
    partial = article["w5"]
    assert partial.latex == (
        r"\frac{\partial E_{\mathrm{total}}}{\partial w_{5}} = -\left(\mathrm{target}_{o1} - \mathrm{out}_{o1}\right) "
        r"\cdot \mathrm{out}_{o1} \left(1 - \mathrm{out}_{o1}\right) \cdot \mathrm{out}_{h1}"
    )
    assert partial.latex.startswith(f"{partial.left_latex} = ")
    local = partial.factors[-1]
    assert local.latex == r"\frac{\partial \mathrm{net}_{o1}}{\partial w_{5}} = \mathrm{out}_{h1}"


@pytest.mark.parametrize(
    ("read", "numbers"),
    [
        (lambda d: d["w5"], "0.082167041"),
        (lambda d: d["w5"].factors[0], "0.741365070"),
        (lambda d: d["w5"].factors[0].rule, "2"),
        (lambda d: d.gradients["w5"], "0.082167041"),
        (lambda d: d.error, "E"),
    ],
    ids=["partial", "local derivative", "rule", "number", "error"],
)
def test_mathematics_shows_in_jupyter_without_the_internet(article, read, numbers):
    shown = read(article)
    found = ElementTree.fromstring(shown._repr_html_())
    assert found.tag.removeprefix(MATHML) == "math"
    assert numbers in "".join(found.itertext())
    assert shown._repr_latex_().startswith("$")
