"""What the handout of equations says is true of the numbers beside it, and in letters that nothing here is called."""

import itertools
import re
from typing import Any

import pytest
from ready import UNLAYERED

import derive
from derive.notation import name_latex


def article(equations: Any, values: Any, output: str, **options: Any) -> str:
    made = derive.Computation(equations, values=values, output=output, **options)
    return str(made.derive().handout(language="en", digits=6).markdown)


def ready(name: str, **options: Any) -> str:
    return str(derive.load(name).derive().handout(language="en", **options).markdown)


@pytest.fixture(scope="module")
def recurrence() -> str:
    return ready("recurrence")


def test_a_ratio_that_is_the_derivative_is_not_said_to_come_close() -> None:
    text = ready("circuit")
    assert "$f$ is linear in $x$" in text
    assert "comes close" not in text
    assert "comes close" in article({"f": "x^3"}, {"x": 2}, "f")


def test_equal_arguments_of_a_maximum_share_the_derivative() -> None:
    tied = article({"m": "max(x, y)", "f": "3*m"}, {"x": 1, "y": 1}, "f")
    assert "the largest arguments of $m$ are equal, so there is a kink" in tied
    assert "are equal" not in article({"m": "max(x, y)", "f": "3*m"}, {"x": 2, "y": 1}, "f")


def test_the_appendix_speaks_of_the_letters_of_its_function() -> None:
    text = article({"y": "logistic(w*x)"}, {"w": 1, "x": 2}, "y")
    assert "computed from $h$ alone" in text
    assert "mathrm{out}" not in text
    assert "[derived in the appendix](#the-logistic-function)" in text


def test_a_letter_in_general_is_that_of_no_array() -> None:
    graph = derive.Graph()
    y = graph.linear(graph.input("z", [1, 2]), weight=[[0.5, 1], [1, 2]], activation="logistic", name="y")
    u = graph.reshape(y, [2, 1])
    graph.error(graph.linear(u, weight=[[2]], name="q"), target=[[0], [1]], name="E")
    text = str(graph.derive().handout(language="en").markdown)
    rule = re.search(r"\\frac\{\\partial E\}\{\\partial (\w+)\} = \\sum_\{(\w+)\}", text)
    assert rule
    assert {rule[1], rule[2]}.isdisjoint("qzyWE")
    assert r"h = \frac{1}{1 + e^{-v}}" in text
    assert r"\frac{d h}{d v}" in text
    assert r"\frac{1}{1 + e^{-z}}" not in text


def test_letters_that_are_free_are_those_of_every_book() -> None:
    text = article({"f": "logistic(w*x)"}, {"w": 1, "x": 2}, "f")
    assert r"\sum_{u}" in text
    assert r"\frac{d y}{d z}" in text


def test_a_parameter_called_w_is_not_any_parameter() -> None:
    values = {"w": 1, "u": 3, "x": 2}
    text = article({"f": "(w*x - u)^2"}, values, "f", trained=["w", "u"])
    assert r"\theta^{+} = \theta - \eta \cdot \frac{\partial f}{\partial \theta}" in text
    alone = article({"f": "(w*x - u)^2"}, values, "f", trained=["u"])
    assert r"u^{+} = u - \eta \cdot \frac{\partial f}{\partial u}" in alone


def test_what_the_equation_itself_adds_is_worked_out() -> None:
    text = article({"q": "x*x", "f": "q + exp(x)"}, {"x": 0.5}, "f")
    assert re.search(r"e\^\{x\} &= e\^\{0\.5\} \\approx 1\.648721", text)


def test_time_is_told_in_steps(recurrence: str) -> None:
    assert "**Step 1.**" in recurrence
    assert not re.search(r"\$t( =|\$)", recurrence)
    assert "All of it comes from step 2. Step 1 contributes nothing, since $h_{0} = 0$." in recurrence


def test_a_computation_without_a_network_has_no_error_over_the_iterations(recurrence: str) -> None:
    training = recurrence.split("## Training\n")[1].split("## Appendix")[0]
    assert "| iterations | $L$ |" in training
    assert not re.search(r"\berror\b", training.replace("rigorous error bound", "").replace("iterations-error", ""))


def test_the_short_version_has_every_formula_in_an_order_in_which_each_can_be_computed() -> None:
    text = ready("recurrence", detail="brief").split("## The backward pass")[1].split("The values:")[0]
    derived = re.findall(r"(?:\\\\|aligned\}) (\\frac\{\\partial L\}\{\\partial [^&]*\}|\\delta_\{h\d\}) &", text)
    assert len(derived) == len(set(derived)) == 9
    assert derived.index(r"\frac{\partial L}{\partial y_{2}}") < derived.index(r"\frac{\partial L}{\partial h_{2}}")


def test_a_curve_that_meets_0_shows_it_on_a_linear_axis() -> None:
    figures = derive.load("momentum_parabola").derive().handout(language="en").figures
    curve = next(figure.svg for name, figure in figures.items() if name.startswith("training"))
    labels = re.findall(r"<text[^>]*>([^<]+)</text>", curve)
    assert {"0", "10", "20", "30", "f"} <= set(labels)


@pytest.mark.parametrize("name", UNLAYERED)
@pytest.mark.parametrize("detail", ["article", "brief"])
@pytest.mark.parametrize("code", ["en", "es", "pt_BR"])
def test_a_page_is_of_whole_parts(name: str, detail: str, code: str) -> None:
    """A caption, which has no formulas, shows none of their marks, and no sentence runs into a table."""
    text = str(derive.load(name).derive().handout(language=code, detail=detail).markdown)
    captions = re.findall(r'\]\(figure:\S+ "(.*)"\)', text)
    assert captions or detail == "brief"
    assert not any(mark in caption for caption in captions for mark in ("$", "{", "}"))
    lines = text.splitlines()
    after_rows = [line for before, line in itertools.pairwise(lines) if before.startswith("|")]
    assert all(not line or line.startswith("|") for line in after_rows)


@pytest.mark.parametrize("name", UNLAYERED)
def test_the_brief_version_leaves_no_value_out(name: str) -> None:
    derivation = derive.load(name).derive()
    text = ready(name, detail="brief")
    forward = text[text.index("## The forward pass") : text.index("## The backward pass")]
    if len(derivation.computation.samples) == 1:
        assert all(f"${name_latex(each)}$ |" in forward for each in derivation.computation.by_name)


@pytest.mark.parametrize("name", ["attention", "convolution", "embedding", "lstm_cell", "skip_connection"])
def test_blocks_show_the_new_value_of_every_parameter(name: str) -> None:
    derivation = derive.load(name).derive()
    text = ready(name)
    update = text[text.index("## The update") : text.index("## Was it worth it?")]
    for parameter in derivation.computation.trained:
        value = derivation.evaluation.updated(parameter)
        sign = "=" if value.is_exact(9) else r"\approx"
        assert f"| ${name_latex(parameter)}$ | ${sign} {value.latex(9)}$ |" in update


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov", "adagrad", "rmsprop", "adam"])
def test_one_parameter_is_spoken_of_as_one(optimizer: str) -> None:
    plan = derive.Plan(optimizer=derive.Optimizer(optimizer))
    one = derive.Computation({"f": "(x - 1)^2"}, values={"x": 3}, output="f", trained=["x"]).derive(plan)
    update = str(one.handout(language="en").markdown).partition("## The update")[2].partition("##")[0]
    assert "The parameter is trained by" in update
    assert "arameters" not in update


@pytest.mark.parametrize("name", ["recurrence", "lstm_cell"])
def test_a_factor_from_step_to_step_is_the_whole_derivative_or_said_not_to_be(name: str) -> None:
    """Moving a state a little, with all before it held fixed, moves the next by the factor, or not by it alone."""
    derivation = derive.load(name).derive()
    before, after = {"recurrence": ("h_1", "h_2"), "lstm_cell": ("c_1", "c_2")}[name]
    values = {each: float(derivation.evaluation.quantity(each)) for each in derivation.computation.kinds}

    def moved(by: float) -> float:
        found = dict(values)
        for equation in derivation.computation.equations:
            parts = (term.shape.build(*(found[each] for each in term.names)) for term in equation.terms)
            found[equation.name] = float(sum(parts)) + (by if equation.name == before else 0)
        return found[after]

    ratio = (moved(1e-6) - moved(-1e-6)) / 2e-6
    section = ready(name).partition("### From one step to the one before")[2].partition("\n## ")[0]
    factor = float(re.findall(r"\\approx (-?[\d.]+)", section.partition("\\end{aligned}")[0])[-1])
    is_whole = abs(ratio - factor) < 1e-6
    assert ("acts on the next one along several paths" in section) == (not is_whole)
    assert ("the gradient vanishes" in section) == is_whole


def test_spanish_has_e_before_the_sound_of_i_and_no_comma_too_many() -> None:
    spanish = str(derive.load("recurrence").derive().handout(language="es").markdown)
    assert "$y_{1}$ e $y_{2}$" in spanish
    assert " y $y_" not in spanish
    for code in ("es", "pt-BR"):
        pooled = str(derive.load("max_pooling").derive().handout(language=code).markdown)
        assert r"\max\left(-2{,}75; 2{,}75\right)" in pooled
    assert r"\max\left(-2.75, 2.75\right)" in ready("max_pooling")
