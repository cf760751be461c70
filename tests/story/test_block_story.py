"""The handout of a graph of blocks: its numbers against mpmath, the order in which it is told, and how long it is.

Derivatives are differences of the equations at 60 digits, each quantity moved by itself.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import mpmath
import pytest
import sympy

import derive
from derive import Equation, terms
from derive.lines import order
from derive.notation import name_latex
from derive.story import block_views
from derive.story.block_figures import block_graph
from derive.story.runs import StepView
from tests.story.test_graph_story import is_near, part, printed_and_checked, rows, value

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from convolution import convolution

DIGITS = 6
NAMES = ("attention", "lstm_cell", "convolution", "max_pooling", "batch_norm", "embedding", "skip_connection")
NAMES += ("weight_tying",)
ready = pytest.mark.parametrize("name", NAMES)
SIGN = re.compile(r"\$(?:d?\\mathbf\{(\w+)\}|\\boldsymbol\{\\delta\})(?:_\{(\w+)\})?\$")
CELL = re.compile(r"\$((?:=|\\approx) [^$]*)\$")


@cache
def derivation(name: str) -> Any:
    return derive.load(name).derive()


@cache
def article(name: str, **options: Any) -> str:
    return str(derivation(name).handout(**{"language": "en", "digits": DIGITS, **options}).markdown)


def tables(text: str) -> Iterator[tuple[str, float]]:
    """Each number of the tables by the name of its quantity: a header names it, or a sign with its row and column."""
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        head, _, *lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.splitlines()]
        sign = SIGN.fullmatch(head[0])
        for line in lines:
            for column, cell in zip(head, line, strict=False):
                found = CELL.fullmatch(cell)
                if found and column.isdigit() and sign:
                    words = [sign[1] or "delta", sign[2], line[0].replace(",", "_"), column]
                    yield str(name_latex("_".join(word for word in words if word))), value(found[1])
                elif found and column.startswith("$"):
                    yield column.strip("$"), value(found[1])
                elif found and (column.startswith("derivative of") or column == "value"):
                    yield line[0].strip("$"), value(found[1])


def computed(computation: Any, moved: str = "", by: Any = 0) -> Mapping[str, Any]:
    """Every quantity at 60 digits, after one of them was moved."""
    values = {name: mpmath.mpf(v.numerator) / v.denominator for name, v in computation.values.items()}
    if moved in values:
        values[moved] += by
    for equation in computation.equations:
        names = list(equation.names)
        function = sympy.lambdify(list(map(sympy.Symbol, names)), equation.expression.doit(), "mpmath")
        values[equation.name] = function(*(values[name] for name in names)) + (by if equation.name == moved else 0)
    return values


@cache
def differences(name: str) -> Mapping[str, Any]:
    computation = derivation(name).computation
    with mpmath.workdps(60):
        step = mpmath.mpf(10) ** -20
        names = [n for n in (*computation.by_name, *computation.parameters) if n != computation.objective]
        return {
            moved: (
                computed(computation, moved, step)[computation.objective]
                - computed(computation, moved, -step)[computation.objective]
            )
            / (2 * step)
            for moved in names
        }


@ready
def test_every_value_of_the_forward_pass_stands_in_it(name: str) -> None:
    text, computation = part(article(name), "The forward pass"), derivation(name).computation
    printed = [*tables(text), *((left, value(right)) for left, right in rows(text) if "begin{pmatrix}" not in right)]
    names = {str(name_latex(each)): each for each in computation.by_name}
    with mpmath.workdps(60):
        true = computed(computation)
    for left, found in printed:
        if left in names:
            assert is_near(found, true[names[left]]), left
    assert set(names) <= {left for left, _ in printed}


@ready
def test_every_derivative_stands_in_the_backward_pass_or_the_gradient(name: str) -> None:
    made = derivation(name)
    text = part(article(name), "The backward pass") + part(article(name), "The gradient")
    true, deltas = differences(name), {}
    for net, partial in made.partials.items():
        if partial.unit:
            deltas[str(name_latex(f"delta_{partial.unit}"))] = str(name_latex(net))
    names = {str(name_latex(each)): each for each in true}
    printed = [(deltas.get(left, left), number) for left, number in tables(text)]
    for left, right in rows(text):
        found = re.search(r"\\frac\{\\partial \S+\}\{\\partial (.+?)\}$", left)
        of_objective = (
            found and rf"\partial {name_latex(made.computation.objective)}}}" in left and r"\cdot" not in left
        )
        if left in deltas:
            printed.append((deltas[left], value(right)))
        elif of_objective and re.search(r"(=|\\approx) \{?-?[0-9.]+", right):
            printed.append((found[1], value(right)))
    for left, number in printed:
        if left in names:
            assert is_near(number, true[names[left]]), left
    folded = set(made.computation.folded)
    equal = {each for stage in stages(name) for step in stage.steps if step.form == "equal" for each in step.names}
    told = {left for left, _ in printed}
    missing = {each for latex, each in names.items() if latex not in told} - folded - equal
    assert not missing


def stages(name: str) -> list[Any]:
    made = derivation(name)
    wanted = order.differentiated(made)
    return list(block_views.backward(made, wanted, lambda each: StepView((each.by,), "full"), shows_all=False))


@ready
def test_each_derivative_is_told_after_those_it_is_made_of(name: str) -> None:
    made, told = derivation(name), []
    for stage in stages(name):
        for step in stage.steps:
            told += [each for each in step.names if each not in told]
    assert sorted(told) == sorted(order.differentiated(made))
    for by in told:
        upstream = {path.upstream.by for path in made.partials[by].paths if path.upstream}
        assert all(told.index(each) < told.index(by) for each in upstream)


@ready
def test_every_line_of_blocks_that_is_printed_is_checked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    printed, checked = printed_and_checked(derive.load(name), monkeypatch)
    assert printed
    assert printed <= checked


def test_what_is_given_in_arrays_stands_as_arrays() -> None:
    given = part(article("attention"), "What is given")
    assert r"\mathbf{W}_{q} = \begin{pmatrix} 0.5 & 0 \\ 0 & 0.5 \end{pmatrix}" in given
    assert r"the entry of $\mathbf{W}_{q}$ in row 1 and column 2 is $W_{q1,2}$" in given
    assert "$W_{q1,1}$" not in given


def test_what_is_said_of_a_share_alone_is_said_of_causal_attention_alone() -> None:
    def text(causal: bool) -> str:
        graph = derive.Graph()
        x = graph.parameter("x", [[0.1, 0.2], [0.3, -0.4]])
        graph.error(graph.attention(x, causal=causal, name="y"), target=[[1, 0], [0, 1]])
        return str(graph.derive().handout(language="en").markdown)

    assert text(True).count("alone in its row") == 2
    assert "alone in its row" not in text(False)


def test_the_steps_of_a_block_are_told_from_the_last_one_back() -> None:
    text = article("lstm_cell")
    for heading, steps in (("The forward pass", ["1", "2"]), ("The backward pass", ["2", "1"])):
        assert re.findall(r"\*\*Step (\d)\.\*\*", part(text, heading)) == steps


def test_equations_out_of_the_order_of_time_have_each_heading_once() -> None:
    equations = []
    for kind in ("tanh", "logistic"):
        for t in (1, 2, 3):
            equations.append(Equation(f"{kind[0]}_{t}", [terms.activation(kind, f"n_{kind[0]}_{t}")]))
            equations.insert(
                -1, Equation(f"n_{kind[0]}_{t}", [terms.product("w", f"{kind[0]}_{t - 1}" if t > 1 else "x")])
            )
    equations.append(Equation("f", [terms.product("t_3", "l_3")]))
    values: dict[str, Any] = {"w": 0.5, "x": 1}
    kinds = {"w": "weight", "x": "input"} | {equation.name: "out" for equation in equations}
    made = derive.Computation(equations, [values], kinds, "f", trained=())
    text = part(str(made.derive().handout(language="en").markdown), "The forward pass")
    headings = re.findall(r"^\*\*(Step.*|After the last step\.)\*\*$", text, re.MULTILINE)
    assert headings
    assert len(headings) == len(set(headings))


# A page in print is about fifty lines of Markdown; a table of new values is among them.
@pytest.mark.parametrize(("name", "most"), [("attention", 580), ("lstm_cell", 540), ("convolution", 360)])
def test_a_handout_of_blocks_is_short(name: str, most: int) -> None:
    assert len(article(name).splitlines()) <= most


@pytest.mark.parametrize("size", [8, 16])
def test_a_handout_does_not_grow_with_what_is_alike(size: int) -> None:
    lines = str(convolution(size).derive().handout(language="en").markdown).splitlines()
    assert len(lines) < 420


HEADS = """
[inputs]
x = [[1, 0.5], [-0.5, 2]]
[[node]]
op = "attention"
name = "y"
inputs = ["x"]
query = [[0.5, 0.1], [0.2, 0.5]]
key = [[1, 0], [0.3, -1]]
value = [[0.5, 1], [0.4, -0.2]]
output = [[1, 0.5], [0.2, -0.3]]
heads = 2
[[node]]
op = "layer_norm"
name = "n"
inputs = ["y"]
[[node]]
op = "error"
inputs = ["n"]
target = [[0, 1], [1, 0]]
error = "huber"
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The handout of a file of blocks."""

    @cache
    def handout(nodes: str) -> str:
        path = tmp_path_factory.mktemp("blocks") / "blocks.toml"
        path.write_text(nodes, encoding="utf-8")
        return str(derive.load(str(path)).derive().handout(language="en", digits=DIGITS).markdown)

    return handout


def block(text: str, heading: str, title: str) -> str:
    """The lines of a block in one of the passes, without those in matrix form."""
    found = part(text, heading).split(f"### {title}")[1]
    return re.split(r"^\*\*In matrix form|^##", found, flags=re.MULTILINE)[0]


def test_no_parameter_is_found_as_others_that_were_not_worked_out(told: Callable[[str], str]) -> None:
    assert r"**With respect to $W_{q1,1}$** there are 2 paths" in block(told(HEADS), "The backward pass", "Attention")
    for made in map(derivation, NAMES):
        parameters = set(made.computation.parameters)
        told_ones = block_views.backward(
            made, order.differentiated(made), lambda each: StepView((each.by,), "full"), shows_all=False
        )
        for stage in told_ones:
            worked = [step.form in ("full", "whole") for step in stage.steps if parameters.issuperset(step.names)]
            assert not worked or worked[0]


def test_local_derivatives_that_are_not_obvious_stand_before_the_sum(told: Callable[[str], str]) -> None:
    found = block(told(HEADS), "The backward pass", "Attention").split("With respect to $s_{1,1,1}$")[1]
    shown, summed = found.split("With them, the chain rule gives:")
    assert "The local derivatives:" in shown
    assert r"\partial a_{1,1,1}}{\partial s_{1,1,1}} &= a_{1,1,1} \left(1 - a_{1,1,1}\right)" in shown
    assert r"\partial a_{1,1,2}}{\partial s_{1,1,1}} &= -a_{1,1,2} \cdot a_{1,1,1}" in shown
    assert summed.lstrip().startswith('<a id="eq-dE-ds-1-1-1">')


LINE = r"(?:<a [^\n]*\n+)?\$\$\n\\begin\{aligned\} \\frac\{\\partial (\S+)\}\{"


def test_derivatives_before_a_sum_are_led_to(told: Callable[[str], str]) -> None:
    passes = [part(text, "The backward pass") for text in (told(HEADS), *map(article, NAMES))]
    firsts = [re.findall(r"^\*\*With respect to [^\n]* there are [^\n]*:\n+" + LINE, each, re.M) for each in passes]
    assert {first for found in firsts for first in found} == {"E"}
    for found in passes:
        for before in found.split("Adding the contributions of all paths:")[:-1]:
            assert "path contributes:" in before.rsplit("**How does", 1)[-1]


def norm(*weights: str) -> str:
    """A file of a layer normalization with these weights, behind a function, before softmax."""
    return f"""
[inputs]
x = [1, -0.5, 2]
[[node]]
op = "linear"
name = "h"
inputs = ["x"]
weight = [[0.5, -0.25, 0.1], [0.25, 0.5, -0.3], [0.2, -0.1, 0.4]]
activation = "tanh"
[[node]]
op = "layer_norm"
name = "n"
inputs = ["h"]
{"".join(f"{each} = {0 if each == 'epsilon' else [1, 1.5, 0.5]}{chr(10)}" for each in weights)}
[[node]]
op = "softmax"
name = "p"
inputs = ["n"]
[[node]]
op = "error"
inputs = ["p"]
target = [0, 1, 0]
error = "cross_entropy"
"""


def test_outputs_of_attention_are_said_to_be_what_they_are(told: Callable[[str], str]) -> None:
    found = block(told(HEADS), "The forward pass", "Attention")
    lines = re.findall(r"^(The [^\n]*):\n+<a id=\"eq-(\w)", found, re.MULTILINE)
    assert dict(map(reversed, lines))["y"] == "The outputs, weighted sums of the mixtures"
    alone = block(told(HEADS.replace("output = [[1, 0.5], [0.2, -0.3]]", "")), "The forward pass", "Attention")
    assert "mixture" not in alone
    assert 'The outputs. Each query gets the mean of the values, weighted by its shares:\n\n<a id="eq-y-1-1">' in alone


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (("weight", "bias"), "The outputs, scaled and shifted:"),
        (("weight",), "The outputs, scaled:"),
        (("bias",), "The outputs, shifted:"),
        ((), "The small number added to the variance keeps the root away from 0:"),
    ],
)
def test_outputs_of_a_normalization_are_said_to_be_what_they_are(
    weights: tuple[str, ...], said: str, told: Callable[[str], str]
) -> None:
    found = block(told(norm(*weights)), "The forward pass", "Layer normalization")
    assert re.search(re.escape(said) + r'\n+<a id="eq-n-1">', found)
    assert found.count("The outputs") == bool(weights)
    assert found.count("keeps the root away from 0:") == 1


def test_a_variance_without_a_small_number_is_not_said_to_have_one(told: Callable[[str], str]) -> None:
    found = block(told(norm("epsilon")), "The forward pass", "Layer normalization")
    assert "small number" not in found
    assert "divided by the standard deviation:" in found


def test_only_where_keys_are_masked_it_is_said_that_some_may_not_be_seen(told: Callable[[str], str]) -> None:
    assert "Each query meets each key:" in told(HEADS)
    assert "meets the keys that it may see:" in told(HEADS.replace("heads = 2", "heads = 2\ncausal = true"))


def test_functions_and_errors_have_their_names(told: Callable[[str], str]) -> None:
    text = told(norm())
    assert "| $h$ | weighted sums, then the hyperbolic tangent | 3 |" in text
    assert "| $p$ | the softmax function | 3 |" in text
    assert "| $E$ | the cross-entropy | – |" in text
    assert "The weighted sums, which are the arguments of the hyperbolic tangent:" in text
    assert (
        text.count("The derivative of the softmax function is [derived in the appendix](#the-softmax-function).") == 1
    )
    assert "| the Huber error | – |" in told(HEADS)


RECURRENT = """
[inputs]
x = [[1, -0.5], [0.5, 2]]
[[node]]
op = "{op}"
name = "y"
inputs = ["x"]
weight_ih = {ih}
weight_hh = {hh}
[[node]]
op = "error"
inputs = ["y"]
target = [[1], [-1]]
"""


@pytest.mark.parametrize(
    ("op", "gates", "said"),
    [
        ("gru", 3, "$r_{1}$ is the reset gate, $z_{1}$ the update gate, $n_{1}$ the candidate, and $y_{1}$ the new"),
        (
            "lstm",
            4,
            "$i_{1}$ is the input gate, $f_{1}$ the forget gate, $o_{1}$ the output gate, $g_{1}$ the candidate,",
        ),
    ],
)
def test_gates_are_named(op: str, gates: int, said: str, told: Callable[[str], str]) -> None:
    ih, hh = [[0.1 * k, 0.3 - 0.1 * k] for k in range(gates)], [[0.5 - 0.2 * k] for k in range(gates)]
    found = block(told(RECURRENT.format(op=op, ih=ih, hh=hh)), "The forward pass", op.upper())
    assert said in found
    for letter in re.findall(r"\$(\w)_\{1\}\$", found.split("At step 1, ")[1].split("\n")[0]):
        assert f"{letter}_{{1}} &=" in found


def test_heads_are_said_to_be_the_first_index_where_there_is_one(told: Callable[[str], str]) -> None:
    said = "Scores and shares have three indices: the head, the query, and the key."
    assert said in block(told(HEADS), "The forward pass", "Attention")
    assert said not in told(HEADS.replace("heads = 2", "heads = 1"))


def test_blocks_are_drawn_with_the_shapes_that_the_page_shows() -> None:
    computation = derivation("convolution").computation
    (kernel,) = (group.weights["weight"] for group in computation.groups if "conv" in group.op)
    assert kernel.shape[0] == 1
    shown = {each.id: each.gradient for each in block_graph(computation, str).quantities}  # type: ignore[union-attr]
    assert shown[kernel.name] == " × ".join(map(str, kernel.shape[-2:]))
    assert shown["E"] == ""


def test_the_indices_of_several_units_are_explained(told: Callable[[str], str]) -> None:
    said = "The first index is the step, the second the unit."
    two = RECURRENT.format(op="gru", ih=[[0.1 * k, 0.2] for k in range(6)], hh=[[0.1, 0.1 * k] for k in range(6)])
    two = two.replace("[[1], [-1]]", "[[1, 0], [-1, 0]]")
    assert "$r_{1,1}$ is the reset gate" in told(two)
    assert said in told(two)
    assert said not in article("lstm_cell")


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ('op = "flatten"', "the same values in a row, read row by row | 4 |"),
        ('op = "reshape"\nshape = [4]', "the same values in another shape | 4 |"),
        ('op = "transpose"', "the same values, rows and columns exchanged | 2 × 2 |"),
    ],
)
def test_blocks_that_only_lay_values_out_are_listed(node: str, said: str, told: Callable[[str], str]) -> None:
    text = told(f"""
[inputs]
x = [[1, 2], [3, 5]]
[[node]]
op = "linear"
name = "h"
inputs = ["x"]
weight = [[1, 2], [0, 1]]
[[node]]
{node}
name = "r"
inputs = ["h"]
[[node]]
op = "activation"
activation = "tanh"
name = "p"
inputs = ["r"]
[[node]]
op = "sum"
name = "S"
inputs = ["p"]
""")
    blocks = re.findall(r"^\| \$(\w)\$ \| (?:weighted|the same|the hyp|a sum)[^\n]*", text, re.MULTILINE)
    assert blocks == ["h", "r", "p", "S"]
    assert f"| $r$ | {said}" in text


def last_state(samples: Any = ()) -> Any:
    """An LSTM over three steps, whose last state is compared with a target."""
    graph = derive.Graph()
    x, target = graph.input("x", [[1], [0.5], [-1]]), graph.target("t", [0.5])
    gates = {"weight_ih": [[0.1], [0.2], [0.3], [0.4]], "weight_hh": [[0.5], [0.6], [0.7], [0.8]]}
    graph.error(graph.lstm(x, **gates, outputs="last", name="h"), target=target)
    for sample in samples:
        graph.sample(**sample)
    return graph.computation()


def test_values_that_all_samples_share_stand_with_those_that_are_given_once() -> None:
    text = str(last_state([{"x": [[0], [1], [-1]], "t": [1]}]).derive().handout(language="en").markdown)
    once, own = part(text, "What is given").split("Every sample has values of its own:")
    shared, rest = once.split("These values are given as well:")[1], own.split("From these")[0]
    for name in ("h_{0}", "c_{0}", "x_{3}"):
        assert f"${name}$" in shared
        assert f"${name}$" not in rest
    for name in ("x_{1}", "x_{2}", "t"):
        assert f"${name}$" in rest
        assert f"${name}$" not in shared
    assert re.findall(r"^\| ([12]) \| (.*) \|", rest, re.MULTILINE) == [
        ("1", "$1$ | $0.5$ | $0.5$"),
        ("2", "$0$ | $1$ | $1$"),
    ]


def test_a_block_with_steps_has_its_heading_in_the_backward_pass_where_it_is_the_only_one_there() -> None:
    text = str(last_state().derive().handout(language="en").markdown)
    backward = part(text, "The backward pass")
    assert backward.index("### LSTM ($h$)") < backward.index("**Step 3.**")
