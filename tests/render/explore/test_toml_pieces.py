"""The file that an explorable page offers: read again by derive's own reader, it says what the page is about."""

import os
import random
import shutil
import tomllib
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import derive
from derive.computation.equations import Computation
from derive.evaluation.explored import RATE, explorable
from derive.reading.formulas.parser import parsed_formula
from derive.render.toml.formulas import formula_text
from derive.render.toml.pieces import toml_pieces
from derive.render.toml.text import filled
from tests.hostile import HOSTILE
from tests.oracle import networks
from tests.reading.test_formulas import FUNCTIONS, formulas
from tests.ready import ALL

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
COURSE = {"net": "z", "out": "a", "target": "y"}


def offered(derivation):
    """The pieces of the file, and the numbers in it: their texts and their keys by id; None where there is no file."""
    evaluation = explorable(derivation.evaluation)
    values = [each for sample in evaluation.computation.samples for each in sample.values()]
    keys = [value.key for value in (*values, evaluation.plan.learning_rate)]
    ids = {key: f"{key[0]}@{key[1]}" for key in keys}
    found = toml_pieces(evaluation, ids)
    if found is None:
        return None
    texts = {f"{value.key[0]}@{value.key[1]}": str(Decimal(value.numerator) / value.denominator) for value in values}
    rate = evaluation.plan.learning_rate
    texts[f"{RATE}@-1"] = str(Decimal(rate.numerator) / rate.denominator)
    return SimpleNamespace(pieces=found, texts=texts, keys={id_: key for key, id_ in ids.items()})


def read(folder, text):
    path = folder / "copied.toml"
    path.write_text(text, encoding="utf-8")
    return said(derive.load(path).derive())


def said(derivation):
    """All that a computation says, and the plan."""
    computation, plan = derivation.computation, derivation.plan
    return {field.name: getattr(computation, field.name) for field in attrs.fields(Computation)}, plan


def changed(derivation, numbers):
    """What is derived, with other numbers by their keys."""
    computation, plan = said(derivation)
    samples = [
        {name: numbers.get((name, -1), numbers.get((name, number), value)) for name, value in sample.items()}
        for number, sample in enumerate(computation["samples"])
    ]
    rate = numbers.get((RATE, -1), plan.learning_rate)
    return {**computation, "samples": tuple(samples)}, attrs.evolve(plan, learning_rate=rate)


def check(derivation, folder, seed=1):
    """Hold the file against what it was made of, with its own numbers and with others."""
    file = offered(derivation)
    assert file is not None
    assert read(folder, filled(file.pieces, file.texts)) == said(derivation)
    pick, others = random.Random(seed), {}
    held = {id_ for piece in file.pieces if not isinstance(piece, str) for id_ in piece}
    for id_ in sorted(held):
        name = file.keys[id_][0]
        if derivation.computation.kinds.get(name) != "target":  # of which an error may allow no others
            others[id_] = f"{pick.randint(0, 9)}.{pick.randint(1, 999):03}"
    numbers = {file.keys[id_]: Fraction(text) for id_, text in others.items()}
    found = read(folder, filled(file.pieces, {**file.texts, **others}))
    assert found == changed(derivation, numbers)
    assert found != said(derivation)
    return file


@pytest.mark.parametrize("name", ALL)
def test_a_built_in_network_is_copied(name, tmp_path):
    file = check(derive.load(name).derive(), tmp_path)
    held = [piece[0] for piece in file.pieces if not isinstance(piece, str)]
    # Every number that the network starts from stands once in its file; of a word that does not occur as well.
    trained = derive.load(name).derive().computation.trained
    assert sorted(held) == sorted(id_ for id_ in file.texts if trained or not id_.startswith(RATE))


def test_the_file_of_the_article_is_as_a_person_writes_it():
    file = offered(derive.load("article").derive())
    text = filled(file.pieces, file.texts)
    assert text.startswith('title = "A step by step example"\nerror = "half_squared_error"\nlearning_rate = 0.5\n\n')
    found = tomllib.loads(text)
    assert found["layer"][0] == {
        "activation": "logistic",
        "weights": [[0.15, 0.2], [0.25, 0.3]],
        "bias": 0.35,
        "train_bias": False,
    }
    assert found["sample"] == [{"inputs": [0.05, 0.1], "targets": [0.01, 0.99]}]
    assert found["training"] == {"iterations": 10000}


@given(networks(), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_random_network_is_copied(tmp_path, network, seed):
    check(network.derive(), tmp_path, seed)


DECAY = {"value": 0.01, "on": "weights"}
SETTINGS = {
    "optimizer": {"optimizer": derive.Optimizer("adam", beta1=0.5, weight_decay=DECAY)},
    "usual optimizer": {"optimizer": "rmsprop", "updates": "online"},
    "decay": {"optimizer": derive.Optimizer("momentum", momentum=0.5, weight_decay=0.25)},
    "training": {"iterations": 7, "every": 2, "reduction": "sum", "updates": "sequential"},
    "huber": {"error": "huber", "delta": 0.75},
    "usual huber": {"error": "huber"},
    "notation": {"notation": COURSE, "error_name": "J", "learning_rate_name": "alpha"},
    "letter of the error": {"notation": {**COURSE, "error": "C"}},
}


@pytest.mark.parametrize("settings_", SETTINGS.values(), ids=SETTINGS)
def test_every_setting_is_copied(settings_, tmp_path):
    layers = [
        derive.Layer([[0.5, -1], [2, 0.25]], bias=[0, 1e-7], activation="leaky_relu", slope=0.3,
                     train=[[True, False], [True, True]], train_bias=[False, True]),
        derive.Layer([[1e20, 0.1]], bias=[3], activation="elu", alpha=2, train=False),
        derive.Layer([[1], [2]], activation="elu"),
    ]  # fmt: skip
    samples = [derive.Sample([1, 2], [0, 1]), derive.Sample([0, -2.5], [1, 0])]
    network = derive.Network(layers, samples, title="All of it", **settings_)
    check(network.derive(), tmp_path)


def test_without_an_error_the_output_is_copied(tmp_path):
    layers = [derive.Layer([[0.5], [1]], bias=0.5), derive.Layer([[1, 2]], neurons=["g"])]
    for settings_ in ({"differentiate": "out_g"}, {"differentiate": "a_g", "notation": COURSE}, {}):
        network = derive.Network(layers, [derive.Sample([2])], **settings_)
        check(network.derive(), tmp_path)


def test_hostile_titles_and_names_survive(tmp_path):
    titles = (HOSTILE, 'a "quoted" \\ back\\u0041slash', "'''", '"""', "]]]\u00a0# = [x]", "ñ 中 𝔘 \U0001f600")
    for title in (title for title in titles if title.isprintable()):
        network = derive.Network(
            [derive.Layer([[0.5, 1]], neurons=["title"], weight_names=[["layer", "true"]], bias=[1],
                          bias_names=["nan"])],
            [derive.Sample([1, 0], [0], input_names=["inf", "weights"])],
            title=title,
        )  # fmt: skip
        check(network.derive(), tmp_path)
        equations = {"title": "values*true", "inf": "(title - sample)^2"}
        values = {"values": 1, "true": 2, "sample": 3}
        computation = derive.Computation(equations, values=values, output="inf", trained=["true"], title=title)
        check(computation.derive(), tmp_path)


@given(formulas(depth=5))
@settings(max_examples=200, deadline=None)
def test_a_formula_is_written_as_it_is_read(text):
    tree = parsed_formula(text).tree
    assert parsed_formula(formula_text(tree)).tree == tree


@pytest.mark.parametrize("text", FUNCTIONS)
def test_every_function_is_written_as_it_is_read(text):
    tree = parsed_formula(text).tree
    assert parsed_formula(formula_text(tree)).tree == tree


def test_formulas_have_no_more_parentheses_than_they_need():
    for text in (
        "a*b + c/2 - d^2",
        "a*(b - c)",
        "-a/b",
        "a/b/c",
        "a - (b + c)*d",
        "2*a^(-1)",
        "1/(a*b)",
        "(a + b)^0.5",
    ):
        assert formula_text(parsed_formula(text).tree) == text


EQUATIONS = {
    "samples": derive.Computation(
        {"p": "a*x + b + k", "E": "huber(y, p, 2)"}, values={"k": 3, "a": 0.5, "b": 0},
        samples=[{"x": 1, "y": 2}, {"x": 1, "y": 3}], output="E", trained=["a"], by=["b"], reduction="sum",
        plan=derive.Plan(learning_rate=0.1, optimizer="nesterov", iterations=3),
    ),
    "softmax": derive.Computation(
        {
            "u": "w*x", "p, q": "softmax(u, w + x/3)", "h": "leaky_relu(p - 0.25*q, 0.2)",
            "E": "-ln(h + q) + max(p, q, 2)",
        },
        values={"w": 0.5, "x": 2}, output="E",
    ),
    "beside others": derive.Computation(
        {"f": "tanh(x) + logistic(y)*x - (-2)*y + min(x, y) + x*x"}, values={"x": 1, "y": 2}, by=["x"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EQUATIONS)
def test_equations_are_copied(name, tmp_path):
    check(EQUATIONS[name].derive(), tmp_path)


def graph():
    """Blocks that lay out anew, a weight that two of them share, errors with constants, and two samples."""
    made = derive.Graph(title="Blocks")
    x, w = made.input("x", [[1, 2], [3, 4]]), made.parameter("W", [[1, 0.5], [0.25, -1]])
    h = made.linear(x, weight=w, activation="leaky_relu", slope=0.2, name="h")
    r = made.reshape(made.transpose(made.linear(h, weight=w, name="g"), name="T"), shape=[4], name="r")
    c = made.concat(r, made.flatten(x, name="f"), name="c")
    v = made.max_pool1d(c, window=4, stride=2, name="m")
    first = made.error(made.sum(made.multiply(v, v, name="p"), name="S"), target=3, error="huber", delta=2, name="E1")
    second = made.error(made.mean(c, name="M"), target=1, error="squared_error", name="E2")
    made.weighted_sum(first, second, factors=[1, 0.5], name="L")
    made.sample(x=[[5, 6], [7, 8]])
    return made


@pytest.mark.parametrize("asked", [{}, {"trained": ["W_1_1"]}, {"trained": []}, {"reduction": "sum"}], ids=str)
def test_blocks_are_copied(asked, tmp_path):
    check(graph().derive(**asked), tmp_path)


def test_gates_and_states_are_copied(tmp_path):
    for op, gates in (("rnn", 1), ("gru", 3), ("lstm", 4)):
        made = derive.Graph()
        h = made.add_block(
            op,
            made.input("x", [[1], [2]]),
            weight_ih=[[0.1 * row] for row in range(1, 2 * gates + 1)],
            weight_hh=[[0.2, 0.1 * row] for row in range(1, 2 * gates + 1)],
            bias_hh=[0.5] * 2 * gates,
            h_0=[0, 0.25],
            name="h",
        )
        made.error(h, target=[[0, 1], [1, 0]])
        check(made.derive(derive.Plan(optimizer="adam")), tmp_path)


def test_what_no_file_says_has_none():
    third = Fraction(1, 3)
    layer, sample = derive.Layer([[1, 2]]), derive.Sample([1, 0], [0])
    assert offered(derive.Network([layer], [sample]).derive())
    assert not offered(derive.Network([derive.Layer([[third, 2]])], [sample]).derive())
    assert not offered(derive.Network([layer], [sample], learning_rate=third).derive())
    assert not offered(derive.Computation({"f": "x^2"}, values={"x": third}).derive())
    # The other output's weights are no part of what is derived.
    two = derive.Network([derive.Layer([[1], [2]])], [derive.Sample([1])], differentiate="out_o1")
    assert not offered(two.derive())
    # A bias by itself, b·1, is written by layers alone.
    term, kinds = derive.terms.bias("b"), {"b": "bias", "f": "out"}
    assert not offered(derive.Computation([derive.Equation("f", [term])], [{"b": 1}], kinds, "f").derive())


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here to open the page in")
def test_the_page_copies_its_present_numbers(tmp_path):
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    derivation = derive.load("article").derive()
    (content,) = derivation.handout().render("explore", "article").values()
    (tmp_path / "article.html").write_bytes(content)
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"], env={**os.environ, "LANGUAGE": "en"}
        )
        page = browser.new_page()
        page.add_init_script("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
        # Numbers as TOML does not take them: without a digit before the point, with a plus, with zeros in front.
        page.goto((tmp_path / "article.html").as_uri() + "#w5=-.5&b1=%2B007&i1=1.e-2&rate=.25")
        page.get_by_role("button", name="Copy as TOML", exact=True).click()
        copied = page.evaluate("window.copied")
        numbers = {"w5": "-0.5", "b1": 7, "learning_rate": "0.25", "i1": "0.01"}
        expected = derive.load("article").replace(**{name: Fraction(value) for name, value in numbers.items()})
        assert read(tmp_path, copied) == said(expected.derive())
        page.get_by_role("button", name="Step", exact=True).click()
        page.get_by_role("button", name="Copy as TOML", exact=True).click()
        stepped = read(tmp_path, page.evaluate("window.copied"))[0]["samples"][0]
        # Where there is no file, no button offers one.
        third = derive.load("article").replace(w5=Fraction(1, 3)).derive().handout()
        (tmp_path / "third.html").write_bytes(*third.render("explore", "third").values())
        page.goto((tmp_path / "third.html").as_uri())
        assert page.get_by_role("button", name="Copy link", exact=True).count() == 1
        assert page.get_by_role("button", name="Copy as TOML", exact=True).count() == 0
        browser.close()
    updated = expected.derive().train(1).parameters
    for name in ("w1", "w5", "w8"):
        assert float(stepped[name]) == pytest.approx(float(updated[name]), rel=1e-14)
        assert stepped[name] != expected.derive().computation.values[name]
