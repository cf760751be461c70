"""Names of a user's own: whatever would be printed like something else is refused, all else makes a whole handout."""

import json
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive.notation.mathml import mathml
from derive.notation.names import name_latex, name_text
from derive.typeset.mathml import parse
from derive.typeset.speech import speak


def network(
    weights: tuple[str, str] = ("w1", "w2"),
    *,
    bias: str = "b1",
    neuron: str = "h1",
    last: str = "w3",
    output: str = "o1",
    inputs: tuple[str, str] = ("i1", "i2"),
    activation: str = "logistic",
    output_activation: str = "identity",
    target: float = 0.25,
    **settings: Any,
) -> derive.Network:
    """A 2-1-1 network with these names."""
    return derive.Network(
        layers=[
            derive.Layer([[0.5, -0.25]], bias=0.1, activation=activation, neurons=[neuron], weight_names=[weights],
                         bias_names=[bias]),
            derive.Layer([[0.75]], activation=output_activation, neurons=[output], weight_names=[[last]]),
        ],
        samples=[derive.Sample(inputs=[1, 2], targets=[target], input_names=inputs)],
        **settings,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("names", "said"),
    [
        # Printed alike: the names differ in an underscore, or in where a digit or a hat stands.
        ({"weights": ("w1", "w_1")}, ["'w1' for a weight", "'w_1' for a weight", "printed as w_1"]),
        ({"weights": ("theta1", "theta_1")}, ["'theta1'", "'theta_1'", "printed as θ_1"]),
        ({"weights": ("alpha_1", "alpha1")}, ["'alpha_1'", "'alpha1'"]),
        ({"weights": ("W_1", "W1")}, ["'W_1'", "'W1'"]),
        ({"weights": ("x_hat_1", "x1_hat")}, ["'x_hat_1'", "'x1_hat'"]),
        ({"weights": ("w1a", "w_1a")}, ["'w1a'", "'w_1a'"]),
        ({"weights": ("w_1_2", "w1_2")}, ["'w_1_2'", "'w1_2'"]),
        ({"inputs": ("x1", "x_1")}, ["'x1' for an input", "'x_1' for an input"]),
        ({"inputs": ("x1", "x2"), "bias": "x_2"}, ["'x2' for an input", "'x_2' for a bias"]),
        ({"neuron": "h1", "output": "h_1"}, ["'h1' for a neuron", "'h_1' for a neuron"]),
        ({"neuron": "w_1"}, ["'w_1' for a neuron", "'w1' for a weight"]),
        ({"learning_rate_name": "alpha1", "bias": "alpha_1"}, ["'alpha_1' for a bias", "for the learning rate"]),
        ({"error_name": "C1", "last": "C_1_total"}, ["'C_1_total' for a weight", "'C1_total' for an error"]),
        # Names of what is derived.
        ({"weights": ("dE_total_dw2", "w2")}, ["'dE_total_dw2' for a weight", "of E_total with respect to w2"]),
        ({"bias": "dE_total_dx"}, ["'dE_total_dx' for a bias", "the derivative of E_total with respect to x"]),
        ({"last": "dE_o1_dw1"}, ["'dE_o1_dw1' for a weight", "the derivative of E_o1 with respect to w1"]),
        ({"last": "dE_o1_dout_h1"}, ["'dE_o1_dout_h1'", "the derivative of E_o1 with respect to out_h1"]),
        ({"last": "dout_h1_dnet_h1"}, ["'dout_h1_dnet_h1'", "the derivative of out_h1 with respect to net_h1"]),
        ({"last": "dE_mean_dw1"}, ["'dE_mean_dw1'", "the derivative of E_mean with respect to w1"]),
        ({"last": "dE_total_through_o1_dw1"}, ["'dE_total_through_o1_dw1'", "the derivative of E_total_through_o1"]),
        ({"output": "total_dw1"}, ["'delta_total_dw1' for a quantity of total_dw1", "the derivative"]),
        ({"last": "w1"}, ["'w1' twice, each time for a weight"]),
        ({"last": "delta_h1"}, ["'delta_h1' for a quantity of h1 and for a weight"]),
        ({"last": "net_h1"}, ["'net_h1' for a quantity of h1 and for a weight"]),
        ({"last": "out_h1"}, ["'out_h1' for a quantity of h1 and for a weight"]),
        ({"last": "out_h_1", "neuron": "h_1"}, ["'out_h_1' for a quantity of h_1 and for a weight"]),
        ({"last": "target_o1"}, ["'target_o1' for a weight and for a target"]),
        ({"last": "E_total"}, ["'E_total' for a weight and for an error"]),
        ({"output": "total"}, ["'E_total' for a quantity of total and for an error"]),
        ({"output": "mean", "error_name": "J"}, ["'J_mean' for a quantity of mean and for an error"]),
        ({"last": "E_mean"}, ["'E_mean' for a weight and for an error"]),
        ({"last": "E_o1"}, ["'E_o1' for a weight and for a quantity of o1"]),
        ({"last": "eta"}, ["'eta' for a weight and for the learning rate"]),
        # The formulas' own signs, where the formulas of this network have them.
        ({"last": "e"}, ["'e' for a weight and for the number e of the formulas"]),
        ({"bias": "e", "activation": "softplus"}, ["'e' for a bias and for the number e"]),
        ({"learning_rate_name": "e"}, ["'e' for the learning rate and for the number e"]),
        ({"last": "pi", "activation": "gelu"}, ["'pi' for a weight and for the number π"]),
        ({"last": "erf", "activation": "gelu"}, ["'erf' for a weight and for the error function"]),
        ({"last": "ln", "activation": "softplus"}, ["'ln' for a weight and for the logarithm"]),
        (
            {"last": "ln", "error": "binary_cross_entropy", "output_activation": "logistic"},
            ["'ln' for a weight and for the logarithm"],
        ),
        ({"last": "sgn", "error": "absolute_error"}, ["'sgn' for a weight and for the sign function"]),
        ({"last": "sgn", "activation": "softsign"}, ["'sgn' for a weight and for the sign function"]),
        ({"last": "net"}, ["'net' for a weight and for a general neuron"]),
        ({"bias": "out"}, ["'out' for a bias and for a general neuron"]),
        ({"output": "i", "output_activation": "softmax", "error": "cross_entropy", "target": 1},
         ["'net_i'", "general"]),
        ({"learning_rate_name": "w"}, ["'w' for the learning rate and for a general weight in the update rule"]),
        ({"inputs": ("w", "x")}, ["'w' for an input and for a general weight in the update rule"]),
        ({"last": "v", "optimizer": "momentum"}, ["'v' for a weight and for the update rule of momentum"]),
        ({"last": "mu", "optimizer": "nesterov"}, ["'mu'", "nesterov"]),
        ({"last": "g", "optimizer": "adagrad"}, ["'g'", "adagrad"]),
        ({"last": "rho", "optimizer": "rmsprop"}, ["'rho'", "rmsprop"]),
        ({"last": "t", "optimizer": "adam"}, ["'t'", "adam"]),
        ({"last": "m_hat", "optimizer": "adam"}, ["'m_hat'", "adam"]),
        ({"last": "beta_1", "optimizer": "adam"}, ["'beta_1' for a weight", "'beta1' for the update rule of"]),
        (
            {"last": "lambda", "optimizer": derive.Optimizer(weight_decay=0.1)},
            ["'lambda' for a weight and for the update rule of gradient_descent"],
        ),
    ],
)  # fmt: skip
def test_what_would_be_printed_like_something_else_is_refused(names: dict[str, Any], said: list[str]) -> None:
    with pytest.raises(derive.InputError) as caught:
        network(**names)
    sentence = str(caught.value)
    assert [words for words in said if words not in sentence] == []
    assert sentence.startswith("names: found ")
    assert re.search("; (expected|choose) ", sentence)
    assert sentence.isprintable()


@pytest.mark.parametrize("neuron", ["beta_1", "beta1"])
def test_the_quantities_of_a_neuron_have_its_name_below_the_line(neuron: str) -> None:
    made = network(neuron=neuron).derive()
    printed = {name: name_latex(name) for name in made.computation.kinds if name.endswith(neuron)}
    assert printed
    assert all(latex.endswith(r"_{\beta1}") for latex in printed.values())


def test_the_name_of_the_error_parts_no_derivative() -> None:
    with pytest.raises(derive.InputError, match="error_name: found 'a_total_db'; expected a name without _total_d"):
        network(error_name="a_total_db")


HARMLESS: list[dict[str, Any]] = [
    {"weights": ("w1", "W1")},
    {"weights": ("w1", "w12"), "last": "w_12_3"},
    {"weights": ("theta", "Theta"), "last": "theta0"},
    {"weights": ("theta0", "theta1"), "neuron": "y", "learning_rate_name": "alpha", "error_name": "J"},
    {"weights": ("E", "Delta"), "last": "d", "bias": "partial"},
    {"weights": ("W1", "f1"), "last": "J1", "bias": "b"},
    {"weights": ("exp", "max"), "last": "ones", "bias": "hat"},
    {"weights": ("v", "g"), "last": "mu", "bias": "t"},
    {"weights": ("e", "pi"), "last": "ln", "activation": "relu"},
    {"weights": ("pi", "sgn"), "last": "erf", "bias": "ln"},
    {"weights": ("lambda", "import"), "last": "None", "bias": "print"},
    {"weights": ("con", "nul"), "last": "aux", "bias": "prn"},
    {"weights": ("w5_plus", "w5_new"), "last": "w5", "bias": "w5_hat"},
    {"weights": ("delta", "delta_x"), "last": "net_x", "bias": "out_y"},
    {"weights": ("dx", "d_x"), "last": "dE", "bias": "dE_total"},
    {"weights": ("w", "b"), "last": "u", "bias": "c"},
    {"inputs": ("x", "y"), "neuron": "a", "output": "z"},
    {"inputs": ("x0", "x1"), "weights": ("y", "x2")},
    {"weights": ("through", "total"), "last": "target", "bias": "mean"},
    {"weights": ("Update", "update"), "last": "chain_w1", "bias": "short"},
]


def written(made: derive.Network, folder: Path, **settings: Any) -> dict[str, str]:
    """Return the text of every file of the handout, by the end of its name."""
    formats = ["md", "tex", "json", "ipynb", "html"]
    paths = made.derive().handout(detail="full", language="en", **settings).write(folder, formats)
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def printed(made: derive.Network | derive.Computation) -> list[str]:
    """Return the name of everything in formulas, once each; with a plus after the update."""
    derivation = made.derive()
    deltas = [partial.symbol.name for partial in derivation.partials.values()]
    return [
        *derivation.graph.kinds,
        *deltas,
        *(f"{name}+" for name in derivation.parameters),
        derivation.plan.learning_rate_name,
    ]


def spoken(name: str) -> str:
    """Return how the name is read aloud."""
    return speak(parse(mathml(name_latex(name), display=True)))


def assert_kept_apart(made: derive.Network, files: dict[str, str]) -> None:
    """Check that nothing stands for two things: as printed, as data, as a place in the text, and as a file."""
    names = printed(made)
    for form in (str, name_latex, name_text):
        assert [text for text, count in Counter(map(form, names)).items() if count > 1] == []
    quantities = Counter(entry["name"] for entry in json.loads(files["handout.json"])["quantities"])
    assert [name for name, count in quantities.items() if count > 1] == []
    assert len({path.lower() for path in files}) == len(files)
    markdown, page, tex = files["handout.md"], files["handout.html"], files["handout.tex"]
    for text, found in ((markdown, r'<a id="([^"]+)"'), (page, r'id="([^"]+)"'), (tex, r"\\label\{([^}]+)\}")):
        places = Counter(re.findall(found, text))
        assert [place for place, count in places.items() if count > 1] == []
    places = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= places
    linked = set(re.findall(r"\]\(#(eq-[^)]+)\)", markdown))
    assert linked <= set(re.findall(r'<a id="([^"]+)"', markdown))
    assert [source for source in re.findall(r"!\[[^]]*\]\(([^) ]+)", markdown) if source not in files] == []
    for cell in json.loads(files["handout.ipynb"])["cells"]:
        if cell["cell_type"] == "code":
            compile("".join(cell["source"]), "cell", "exec")


@pytest.mark.parametrize("names", HARMLESS, ids=str)
def test_other_names_make_a_whole_handout(names: dict[str, Any], tmp_path: Path) -> None:
    made = network(**names)
    assert_kept_apart(made, written(made, tmp_path, form="both"))


def test_a_matrix_is_bold_where_a_weight_is_printed_like_it(tmp_path: Path) -> None:
    plain = written(network(), tmp_path, form="matrix")["handout.md"]
    bold = written(network(weights=("W1", "w2")), tmp_path, form="matrix")["handout.md"]
    assert (r"\mathbf{net}_{1} &= W_{1} \mathbf{x}" in plain, r"\mathbf{W}" in plain) == (True, False)
    assert r"\mathbf{net}_{1} &= \mathbf{W}_{1} \mathbf{x}" in bold
    assert bold.count(r"\mathbf{W}_{1}") == plain.count("W_{1}") > 1


def test_every_ready_network_has_names_that_are_apart(tmp_path: Path) -> None:
    for name in derive.ready_networks():
        names = printed(derive.load(name))
        for form in (str, name_latex, name_text):
            assert len(set(map(form, names))) == len(names)


STEMS = ["w", "W", "e", "E", "d", "dE", "net", "out", "delta", "theta", "pi", "h", "o", "target", "dout", "dnet", "hat"]
PARTS = ["1", "2", "h1", "o1", "total", "hat", "mean", "dw1", "dw", "dnet", "dx", "through", "plus", "i", "theta"]
NAMES = st.one_of(
    st.sampled_from(["w1", "w2", "w_1", "W1", "h1", "o1", "x", "y", "e", "g", "v", "m", "t", "s", "ln", "mu"]),
    st.builds(
        lambda stem, number, parts: "_".join([stem + number, *parts]),
        st.sampled_from(STEMS),
        st.sampled_from(["", "1", "2", "12"]),
        st.lists(st.sampled_from(PARTS), max_size=3),
    ),
    st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,3}(_[A-Za-z0-9]{1,3}){0,2}", fullmatch=True),
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "weights": st.tuples(NAMES, NAMES),
        "inputs": st.tuples(NAMES, NAMES),
        **dict.fromkeys(("bias", "neuron", "last", "output", "error_name", "learning_rate_name"), NAMES),
        "activation": st.sampled_from(["logistic", "relu", "gelu", "softplus", "identity", "softsign"]),
        "optimizer": st.sampled_from(["gradient_descent", "momentum", "adam"]),
    },
)


@settings(max_examples=12, deadline=None)
@given(FIELDS, st.sampled_from(["scalar", "both"]))
def test_any_names_are_refused_or_make_a_whole_handout(names: dict[str, Any], form: str) -> None:
    try:
        made = network(**names)
    except derive.InputError:
        return
    with tempfile.TemporaryDirectory() as folder:
        assert_kept_apart(made, written(made, Path(folder), form=form))


@settings(max_examples=300, deadline=None)
@given(FIELDS)
def test_any_names_that_are_taken_are_printed_apart(names: dict[str, Any]) -> None:
    try:
        made = network(**names)
    except derive.InputError:
        return
    found = printed(made)
    for form in (str, name_latex, name_text, spoken):
        assert [text for text, count in Counter(map(form, found)).items() if count > 1] == []
    derivation = made.derive()
    for name in derivation.partials:
        assert derivation[f"d{derivation.graph.objective}_d{name}"] is derivation[name]
        assert name_latex(f"d{derivation.graph.objective}_d{name}") == derivation[name].left_latex
