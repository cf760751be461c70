"""The graph of a computation without layers: each number is right, and what carries from a quantity is lit up."""

import itertools
import re
from fractions import Fraction

import drawn
import mpmath
import pytest

import derive
from derive import Equation, terms
from derive.figure import graph_layout
from derive.language.language import language
from derive.story.backflow import gradient, part
from derive.story.graph_figures import graph, main_picture, on_the_paths, path_graph
from derive.story.operation import sign
from tests.computation.computations import CASES

ENGLISH = language("en")
CM = 2.54 / 96  # of paper, a px that is not made smaller
WITHOUT_PARAMETERS = {"lstm_cell", "convolution", "max_pooling"}  # their drawings would be higher than 9.6 cm
READY = ["circuit", "neuron_without_error", "linear_regression", "momentum_parabola", "recurrence", "lstm_cell"]
READY += ["convolution", "max_pooling", "batch_norm", "embedding", "skip_connection", "weight_tying"]


def evaluated(name):
    """A case, or one of those that come with derive."""
    return (CASES[name].computation if name in CASES else derive.load(name)).derive().evaluation


def moved(evaluation, name, by):
    """The objective where one quantity is moved, wherever it stands: the equations in order, by mpmath."""
    computation = evaluation.computation
    values = {n: mpmath.mpf(q.numerator) / q.denominator for n, q in computation.values.items()}
    if name in values:
        values[name] += by
    for equation in computation.equations:
        total = mpmath.mpf(0)
        for term in equation.terms:
            places = [f"p{number}" for number in range(len(term.names))]
            function = mpmath_function(term, places)
            total += function(*(values[n] for n in term.names))
        values[equation.name] = total + (by if equation.name == name else 0)
    return values


def mpmath_function(term, places):
    import sympy

    symbols = sympy.symbols(places)
    return sympy.lambdify(symbols, term.shape.build(*symbols), "mpmath")


@pytest.mark.parametrize("name", [*CASES, "circuit", "recurrence", "skip_connection", "weight_tying", "batch_norm"])
def test_every_value_gradient_and_local_derivative_is_right(name):
    evaluation = evaluated(name)
    made = graph(evaluation, lambda number: repr(float(number)))
    objective, step = evaluation.computation.objective, mpmath.mpf(10) ** -18
    with mpmath.workdps(50):
        values = moved(evaluation, "", 0)
        for quantity in made.quantities:
            up, down = (moved(evaluation, quantity.id, sign * step)[objective] for sign in (1, -1))
            assert float(quantity.value) == pytest.approx(float(values[quantity.id]), rel=1e-12, abs=1e-15)
            expected = float((up - down) / (2 * step))
            assert float(quantity.gradient) == pytest.approx(expected, rel=1e-10, abs=1e-15), quantity.id
    # A gradient is what comes back over the arrows, and so is the part of some of them.
    found = {quantity.id: float(quantity.gradient) for quantity in made.quantities}
    for name, arrows in itertools.groupby(sorted(made.dependences, key=lambda d: d.source), lambda d: d.source):
        targets = {arrow.target: float(arrow.derivative) for arrow in arrows}
        back = {target: found[target] * slope for target, slope in targets.items()}
        if name != objective:
            assert sum(back.values()) == pytest.approx(found[name], rel=1e-12, abs=1e-15)
        for target, share in back.items():
            assert float(made.part(name, (target,))) == pytest.approx(share, rel=1e-12, abs=1e-15)


def test_the_parts_of_a_shared_weight_add_up():
    """∂L/∂W_x of the recurrence in two steps: −0.6873 of the second step, and less than a quarter of that before."""
    evaluation = derive.load("recurrence").derive().evaluation
    first, second = (part(evaluation, "W_x", (user,)) for user in evaluation.computation.uses["W_x"])
    assert float(second) == pytest.approx(-0.6873, abs=1e-4)
    assert first + second == pytest.approx(float(gradient(evaluation, "W_x")), rel=1e-14)


@pytest.mark.parametrize("name", READY)
def test_those_that_come_with_derive_have_a_drawing_in_which_nothing_touches(name):
    derivation = derive.load(name).derive()
    figure = derivation.figure("computation").figure
    read = drawn.svg(figure.svg)
    drawn.check_nothing_touches(read)
    left_out = set(derivation.parameters) if name in WITHOUT_PARAMETERS else set()
    arrows = [source for equation in derivation.computation.equations for source in equation.names]
    assert len(read.heads) == sum(source not in left_out for source in arrows)
    assert CM * read.height * figure_scale(read, figure.highest) <= (12.01 if left_out else 9.61)
    for parameter in derivation.parameters:
        path = derivation.figure(f"path:{parameter}").figure
        read = drawn.svg(path.svg)
        drawn.check_nothing_touches(read)
        assert CM * read.height * figure_scale(read, path.highest) <= 3.01  # an eighth of a page


def figure_scale(read, highest):
    """How many px of paper a drawing's px is: never so few that its letters have less than six points."""
    least = 6 / min(size for words in read.words for size in words.sizes) / 0.75
    return min(1, 16 / (CM * read.width), max(highest / (CM * read.height), least))


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.computation.objective])
def test_what_is_lit_up_is_what_carries_to_the_objective(name):
    computation = CASES[name].computation
    for start in computation.kinds:
        marked = set(on_the_paths(computation, start))
        # By hand: whatever can be reached going forwards, and from which the objective can.
        forwards, agenda = {start}, [start]
        while agenda:
            for user in computation.uses.get(agenda.pop(), ()):
                if user not in forwards:
                    forwards.add(user)
                    agenda.append(user)
        leads = {other for other in forwards if computation.objective in reached(computation, other)}
        assert marked == leads | {start}
        made = path_graph(computation, start)
        assert made.marked == marked
        boxes = graph_layout(made).boxes
        assert sum(box.marked for box in boxes) >= len(marked & {quantity.id for quantity in made.quantities})


def reached(computation, name):
    found, agenda = {name}, [name]
    while agenda:
        for user in computation.uses.get(agenda.pop(), ()):
            if user not in found:
                found.add(user)
                agenda.append(user)
    return found


@pytest.mark.parametrize(
    ("terms_", "expected"),
    [
        ([terms.same("x"), terms.same("y")], "+"),
        ([terms.same("x")], "="),
        ([terms.product("x", "y")], "×"),
        ([terms.product("x", "y"), terms.bias("b")], "Σ"),
        ([terms.activation("tanh", "x")], "tanh"),
        ([terms.activation("logistic", "x")], "𝜎"),
        ([terms.activation("leaky_relu", "x", 0.1)], ""),
        ([terms.error("squared_error", "y", "x")], ""),
        ([terms.activation("tanh", "x"), terms.same("y")], ""),
    ],
)
def test_the_operation_of_an_equation(terms_, expected):
    assert sign(Equation("q", terms_)) == expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x - y", "−"),
        ("-x", "−"),
        ("x*y", "×"),
        ("x^2", "x²"),
        ("max(x, y)", "max"),
        ("min(x, y)", "min"),
        ("exp(x)", "exp"),
        ("ln(x)", "ln"),
        ("abs(x)", "|x|"),
        ("sqrt(x)", "√"),
        ("1/x", "1/x"),
        ("sin(x)", "sin"),
        ("(x - y)^2", ""),
        ("2*x", ""),
    ],
)
def test_the_operation_of_a_formula(formula, expected):
    values = {name: Fraction(1, 2) for name in re.findall(r"\b[xy]\b", formula)}
    computation = derive.Computation({"q": formula}, values=values)
    assert sign(computation.equations[-1]) == expected


def test_a_computation_has_its_graph_where_a_network_has_its_layers():
    derivation = derive.load("circuit").derive()
    assert derivation.figure().figure.svg == derivation.figure("computation").figure.svg
    details = re.search("<desc>(.*?)</desc>", derivation.figure().figure.svg)[1]
    assert "f = −12, gradient 1" in details
    assert "x = −2, gradient −4" in details
    path = derivation.figure("path:q")
    assert re.search("<desc>(.*?)</desc>", path.figure.svg)[1] == "Marked quantities: q, f."


def test_the_handout_shows_the_graph_and_says_what_dashed_nodes_are():
    text = derive.load("recurrence").derive().handout(language="en").markdown
    assert "](figure:computation " in text
    assert "A dashed node is one of several places at which a quantity is used." in text
    assert "labeled with the local derivative" in text
    text = derive.load("circuit").derive().handout(language="en").markdown
    assert "](figure:computation " in text
    assert "dashed" not in text


def test_a_drawing_without_its_parameters_says_so_and_has_a_plain_caption():
    text = derive.load("lstm_cell").derive().handout(language="en").markdown
    assert "The parameters are left out of the drawing; their gradients follow below." in text
    assert "The computation of E: values above the nodes" in text
    assert "left out" not in derive.load("recurrence").derive().handout(language="en").markdown


@pytest.mark.parametrize("start", ["h_1", "W_y"])
def test_a_path_is_drawn_with_what_is_calculated_and_nothing_else_that_is_given(start):
    derivation = derive.load("recurrence").derive()
    read = drawn.svg(derivation.figure(f"path:{start}").figure.svg)
    plain = {re.sub("_", "", name) for name in {*derivation.computation.by_name, start}}
    assert sorted(read.texts) == sorted(plain)
    lit = {words.text for words in read.words if words.colour == "#c2410c"}
    assert lit == {re.sub("_", "", name) for name in on_the_paths(derivation.computation, start)}


def test_of_many_blocks_no_paths_are_shown():
    assert "figure:path-" in derive.load("recurrence").derive().handout(language="en").markdown
    text = derive.load("attention").derive().handout(language="en").markdown
    assert "](figure:computation " in text
    assert "figure:path-" not in text


@pytest.mark.parametrize(("inputs", "outputs", "are_blocks"), [(2, 2, False), (7, 6, True)])
def test_where_arrows_cross_too_often_the_blocks_are_drawn(inputs, outputs, are_blocks):
    """Of seven inputs that lead to six sums each, no arrow can be followed, with or without the weights."""
    blocks = derive.Graph()
    x = blocks.input("x", [Fraction(n, 4) for n in range(inputs)])
    weight = [[Fraction((n * m) % 5, 7) for n in range(inputs)] for m in range(1, outputs + 1)]
    y = blocks.linear(x, weight=weight, name="y")
    blocks.error(y, target=[0] * outputs, name="E")
    made = main_picture(blocks.computation().derive().evaluation, lambda number: "0.5", ENGLISH.say)
    assert made.graph.is_of_blocks == are_blocks
    if are_blocks:
        assert {quantity.value for quantity in made.graph.quantities} == {"", "weighted sums", "error"}


def test_names_that_there_are_not_and_large_ones_are_refused():
    derivation = derive.load("recurrence").derive()
    with pytest.raises(derive.InputError, match="W_z"):
        derivation.figure("path:W_z")
    with pytest.raises(derive.InputError, match="no training is asked for"):
        derive.load("circuit").derive().figure("training")
    chain = [Equation("h_1", [terms.activation("tanh", "w")])]
    chain += [Equation(f"h_{n}", [terms.activation("tanh", f"h_{n - 1}")]) for n in range(2, 60)]
    kinds = {"w": "weight", **{equation.name: "out" for equation in chain}}
    derivation = derive.Computation(chain, [{"w": 0.5}], kinds, "h_59").derive()
    for name in ("computation", "path:w", "network"):
        with pytest.raises(derive.InputError, match="60 quantities"):
            derivation.figure(name)


def test_a_large_computation_of_blocks_is_drawn_block_by_block():
    derivation = derive.load("attention").derive()
    assert len(derivation.computation.kinds) > 40
    figure = derivation.figure("computation").figure
    read = drawn.svg(figure.svg)
    drawn.check_nothing_touches(read)
    assert {"attention block", "error", "Wq", "Wk", "Wv", "x", "t", "y", "E"} <= set(read.texts)
    assert read.texts.count("3 × 1") == 2  # what attention gives, and its targets
    assert len(read.heads) == 6
    assert r"$\mathrm{3 \times 1}$" in figure.tikz
    details = re.search("<desc>(.*?)</desc>", figure.svg)[1]
    assert "y (attention block, 3 × 1)" in details
    text = derivation.handout(language="en").markdown
    assert "](figure:computation " in text
    assert "block by block" in text


@pytest.mark.parametrize("name", ["recurrence", "circuit", "skip_connection", "linear_regression"])
def test_beside_a_name_a_rounded_value_is_told_from_an_exact_one(name):
    """Every number beside a name is read off what is said of the drawing, and held against the value itself."""
    derivation = derive.load(name).derive()
    evaluation = derivation.evaluation
    described = re.search("<desc>(.*?)</desc>", derivation.figure("computation").figure.svg)[1]
    for each in evaluation.computation.by_name:
        exact = evaluation.quantity(each).exact
        found = re.search(rf"(?:^|; |: |, |\. ){each} (=|≈) ([−\d.]+)", described)
        assert found, each
        is_whole = exact is not None and Fraction(found[2].replace("−", "-")) == exact
        assert found[1] == ("=" if is_whole else "≈"), each
    sums = re.findall(r"partial (\w+)_\{(\w+)\} (=|\\approx) ", derivation.figure("computation").figure.tikz)
    assert all(sign == ("=" if evaluation.gradient(f"{a}_{b}").is_exact(3) else r"\approx") for a, b, sign in sums)


def test_the_curve_of_a_training_is_called_what_it_shows():
    """Of several samples the mean error of all is drawn, not that of one of them."""
    for samples, label in (((), "E"), (({"x": 2},), "E_mean")):
        computation = derive.Computation(
            {"E": "(w*x - 1)^2"}, values={"w": 0.5, "x": 1}, samples=samples, output="E", trained=["w"]
        )
        handout = computation.replace(iterations=3).derive().handout(language="en")
        words = drawn.svg(handout.figures["training-iterations-error"].svg)
        assert label in words.texts
