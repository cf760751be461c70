"""The notebook's arithmetic: on random networks, saturated ones and at corners it ends in the digits of the handout.

Or it says which of them floats do not hold. The oracle is mpmath, with formulas of its own.
"""

import ast
import builtins
import itertools
import keyword
import math
import random
import warnings
from dataclasses import replace
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebooks import code, notebook, run
from precise_networks import ACTIVATIONS, ERRORS, error_of, mp

import derive
from derive.calculus.local import shape_derivative
from derive.computation.shapes import activation_shape
from derive.errors import InternalError
from derive.render.notebook.bounds import Bounded, bounds_of, lifted
from derive.render.notebook.functions import ERFC
from derive.render.notebook.names import Names
from derive.render.notebook.python import Python

OWN_NAMES = "lambda np sum E print logistic erfc rounded train here X x targets W_1 delta_1"


@pytest.fixture(scope="module")
def report():
    """What is said of the checks, once: other tests make them."""
    return derive.load("single_neuron").derive().handout().report


def cells_of(network, report, **options):
    handout = network.derive().handout(**options)
    vars(handout)["report"] = report
    return notebook(handout).cells


def run_strictly(cells):
    """Run the cells; a warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return run(cells)


def limits(cells):
    """What the notebook says of numbers that floats do not hold."""
    return cells[-2].source.replace("&#95;", "_").replace("&#58;", ":")


# Random networks.


def a_network(seed):
    """A random network of one to four layers of one to four neurons."""
    draw = random.Random(seed)
    error = sorted(derive.ERRORS)[seed % len(derive.ERRORS)]
    sizes = [draw.randint(1, 4) for _ in range(draw.randint(2, 5))]
    free = [name for name in OWN_NAMES.split() if draw.random() < 0.5]
    layers = []
    for place, (inputs, size) in enumerate(itertools.pairwise(sizes), start=2):
        allowed = sorted(derive.ACTIVATIONS)
        if "entropy" in error and place == len(sizes):
            allowed = ["logistic", "softmax"] if size > 1 else ["logistic"]
        named = {}
        if len(free) >= inputs * size:
            named = {"weight_names": [[free.pop() for _ in range(inputs)] for _ in range(size)]}
        biases = [number(draw) for _ in range(size)]
        layers.append(
            derive.Layer(
                [[number(draw) for _ in range(inputs)] for _ in range(size)],
                bias=draw.choice([None, biases[0], biases]),
                activation=draw.choice(allowed),
                train_bias=draw.random() < 0.7,
                **named,
            )
        )
    samples = [
        derive.Sample([number(draw) for _ in range(sizes[0])], some_targets(draw, error, sizes[-1]))
        for _ in range(draw.choice([1, 1, 2, 3]))
    ]
    parts = {
        "layers": layers,
        "samples": samples,
        "error": error,
        "reduction": draw.choice(["mean", "sum"]),
        "learning_rate": Fraction(draw.choice([1, 10, 50]), 100),
        "updates": draw.choice(["simultaneous", "sequential", "online"]),
        "optimizer": derive.Optimizer(
            draw.choice(sorted(derive.OPTIMIZERS)),
            weight_decay=derive.WeightDecay(Fraction(seed % 2, 10), on=["weights", "all"][seed % 3 % 2]),
        ),
        "iterations": draw.choice([0, 0, 4]),
        **({"learning_rate_name": free.pop()} if free else {}),
    }
    try:
        return derive.Network(**parts)
    except derive.InputError as refused:
        # Some of the names are signs of some formulas, such as lambda beside a weight decay.
        if not str(refused).startswith("names: "):
            raise
        plain = [replace(layer, weight_names=None) for layer in layers]
        return derive.Network(**parts | {"layers": plain, "learning_rate_name": "eta"})


def number(draw):
    return Fraction(draw.randint(-1500, 1500), 1000) * draw.choice([1] * 9 + [20])


def some_targets(draw, error, size):
    if error == "hinge":
        return [draw.choice([-1, 1]) for _ in range(size)]
    if error == "cross_entropy":
        shares = [1, *(draw.randint(0, 4) for _ in range(size - 1))]
        return [Fraction(share, sum(shares)) for share in shares]
    if error == "binary_cross_entropy":
        return [Fraction(draw.randint(0, 4), 4) for _ in range(size)]
    return [number(draw) for _ in range(size)]


def assigned_and_read(statement):
    """The names that a statement assigns, and those that it reads; what a function does is looked at where it runs."""
    if isinstance(statement, ast.FunctionDef):
        return {statement.name}, set()
    nodes = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    inner = {
        node.id
        for part in ast.walk(statement)
        if isinstance(part, ast.comprehension)
        for node in ast.walk(part.target)
        if isinstance(node, ast.Name)
    }
    stored = {node.id for node in nodes if isinstance(node.ctx, ast.Store)} - inner
    return stored, {node.id for node in nodes if isinstance(node.ctx, ast.Load)} - inner


def hold_names(cells):
    """No name hides another meaning, and none is read before it is assigned."""
    known = {"np"}
    functions = set()
    for statement in (each for source in code(cells) for each in ast.parse(source).body):
        if isinstance(statement, ast.Import):
            continue
        stored, read = assigned_and_read(statement)
        loop = stored if isinstance(statement, ast.For) else set()
        assert read - loop <= known | set(dir(builtins)), ast.unparse(statement)
        assert not stored & {*dir(builtins), *keyword.kwlist, "np"}, ast.unparse(statement)
        assert not stored & functions, ast.unparse(statement)
        functions |= stored if isinstance(statement, ast.FunctionDef) else set()
        known |= stored


def hold_meanings(cells):
    """A variable that is assigned again gets what it had: it is calculated in another way, and not another thing."""
    names = {}
    for statement in (each for source in code(cells) for each in ast.parse(source).body):
        if isinstance(statement, ast.For):
            continue
        stored, _ = assigned_and_read(statement)
        before = {name: names[name] for name in stored & names.keys()}
        exec(compile(ast.unparse(statement), "cell", "exec"), names)
        for name, value in before.items():
            np.testing.assert_allclose(names[name], value, rtol=1e-6, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("seed", range(24))
def test_a_random_network_ends_in_the_digits_of_the_handout(seed, report, capsys):
    network = a_network(seed)
    options = {
        "form": ["scalar", "matrix", "both"][seed % 3],
        "digits": [9, 4, 12][seed // 3 % 3],
        "rounding": "by-hand" if seed % 5 == 4 and network.optimizer.is_plain else "exact",
        "detail": ["article", "full"][seed % 2],
    }
    try:
        cells = cells_of(network, report, **options)
    except derive.UnsupportedError:
        pytest.skip("no handout: a digit is not certain")
    hold_names(cells)
    defined = run_strictly(cells)
    assert "All results agree with the handout" in capsys.readouterr().out
    here, there, within = defined["expected"][network.whole_error_name]
    if options["rounding"] == "exact":
        hold_meanings(cells)
        assert there == pytest.approx(float(error_of(network)), rel=1e-12)
        assert within <= 1e-10 * max(1, abs(there))
        assert here == pytest.approx(float(error_of(network)), rel=1e-10, abs=1e-13)


@pytest.mark.parametrize("seed", range(16))
def test_what_a_mask_keeps_and_what_it_trains_have_bounds_of_their_own(seed, report, capsys):
    """The numbers that carry bounds are those that the notebook calculates: the new ones where the mask says so."""
    draw = random.Random(seed)
    layers = [
        derive.Layer(
            [[number(draw) for _ in range(3)] for _ in range(3)],
            bias=[number(draw) for _ in range(3)],
            activation=draw.choice(["logistic", "tanh", "softplus"]),
            train=[[draw.random() < 0.5 for _ in range(3)] for _ in range(3)],
            train_bias=[draw.random() < 0.5 for _ in range(3)],
        )
        for _ in range(2)
    ]
    samples = [derive.Sample([number(draw) for _ in range(3)], [number(draw) for _ in range(3)]) for _ in range(2)]
    network = derive.Network(
        layers,
        samples,
        learning_rate=Fraction(1, 2),
        updates=["simultaneous", "sequential", "online"][seed % 3],
        optimizer=draw.choice(sorted(derive.OPTIMIZERS)),
        iterations=seed % 4,
    )
    cells = cells_of(network, report, form="matrix")
    defined = run_strictly(cells)
    assert "All results agree with the handout" in capsys.readouterr().out
    found = bounds_of(code(cells)[:-1], frozenset(), {}).variables
    assert {"W_1_new", "W_2_new"} <= found.keys()
    for name, bounded in found.items():
        np.testing.assert_allclose(bounded.value, defined[name], rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("form", ["scalar", "matrix", "both"])
@pytest.mark.parametrize("sizes", [(2, 2, 2, 1), (1, 3, 2, 1), (2, 2, 2, 2, 1), (2, 3, 3, 2)])
def test_paths_to_the_same_error_are_told_apart(sizes, form, report, capsys):
    draw = random.Random(3)
    layers = [
        derive.Layer([[number(draw) for _ in range(inputs)] for _ in range(size)], activation="tanh")
        for inputs, size in itertools.pairwise(sizes)
    ]
    network = derive.Network(layers, [derive.Sample([1] * sizes[0], [0] * sizes[-1])])
    run_strictly(cells_of(network, report, form=form))
    assert "All results agree with the handout.\n" in capsys.readouterr().out
    for partial in network.derive().partials.values():
        assert len({path.name for path in partial.paths}) == len(partial.paths)


# Saturated networks, and numbers at the end of the range.


def one(activation, weight, error="half_squared_error", target=0, **more):
    return derive.Network(
        [derive.Layer([[weight]], activation=activation)],
        [derive.Sample([1], [target])],
        error=error,
        learning_rate=Fraction(1, 2),
        **more,
    )


LOGITS = (14, -40, 700)


@pytest.mark.parametrize("form", ["scalar", "matrix"])
@pytest.mark.parametrize(("net", "target"), [*itertools.product(LOGITS, (0, 1, Fraction(1, 4)))])
def test_the_error_of_a_confident_answer_comes_from_the_logit(net, target, form, report, capsys):
    network = one("logistic", net, "binary_cross_entropy", target)
    defined = run_strictly(cells_of(network, report, form=form, detail="full"))
    assert "All results agree with the handout" in capsys.readouterr().out
    here, _, within = defined["expected"]["E_total"]
    with mpmath.workdps(700):
        expected = float(mpmath.log1p(mpmath.exp(net)) - mp(Fraction(target)) * net)
    assert here == pytest.approx(expected, rel=1e-13, abs=1e-300)
    assert within <= 1e-12


@pytest.mark.parametrize("net", LOGITS)
@pytest.mark.parametrize("error", ["cross_entropy", "binary_cross_entropy"])
@pytest.mark.parametrize("form", ["scalar", "matrix"])
def test_the_error_of_softmax_comes_from_the_logits(net, error, form, report, capsys):
    layer = derive.Layer([[net], [0], [1]], activation="softmax")
    samples = [derive.Sample([1], [0, 1, 0]), derive.Sample([Fraction(1, 2)], [0, 0, 1])]
    network = derive.Network([layer], samples, error=error)
    defined = run_strictly(cells_of(network, report, form=form))
    assert "All results agree with the handout" in capsys.readouterr().out
    with mpmath.workdps(700):
        shares = [[mpmath.exp(net * x), mpmath.mpf(1), mpmath.exp(x)] for x in (mpmath.mpf(1), mpmath.mpf(1) / 2)]
        outs = [[share / sum(row) for share in row] for row in shares]
        expected = float(
            sum(
                ERRORS[error](t, o, 3)
                for row, targets in zip(outs, ((0, 1, 0), (0, 0, 1)), strict=True)
                for t, o in zip(targets, row, strict=True)
            )
            / 2
        )
    assert defined["expected"]["E_mean"][0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("weight", [-40, 40, -700, 700])
@pytest.mark.parametrize("activation", sorted(set(derive.ACTIVATIONS) - {"softmax", "gelu"}))
def test_no_activation_overflows_where_a_library_does_not(activation, weight, report, capsys):
    """As it stands in a hidden layer, with all the lines of its derivative."""
    layers = [derive.Layer([[weight]], activation=activation), derive.Layer([[Fraction(1, 2)]], activation="identity")]
    network = derive.Network(layers, [derive.Sample([1], [Fraction(1, 5)])], learning_rate=Fraction(1, 100))
    cells = cells_of(network, report, detail="full")
    defined = run_strictly(cells)
    assert "All results agree with the handout" in capsys.readouterr().out
    assert "np.seterr" not in "".join(code(cells))
    out = ACTIVATIONS[activation](mpmath.mpf(weight), mp(network.layers[0].constant or Fraction(0)))
    assert float(defined["out_h1"]) == pytest.approx(float(out), rel=1e-13, abs=1e-300)


@pytest.mark.parametrize("weight", [1e308, -1e308, 3e200])
@pytest.mark.parametrize("form", ["scalar", "matrix"])
def test_what_leaves_the_range_of_floats_is_named(weight, form, report, capsys):
    cells = cells_of(one("identity", weight), report, form=form)
    defined = run_strictly(cells)
    assert "E_total" not in defined["expected"]
    assert defined["E_total"] == math.inf
    assert "as far as floats can represent them" in capsys.readouterr().out
    assert "beyond the range of floats" in limits(cells)
    assert "E_total" in limits(cells)


def test_a_usual_network_holds_all_digits_and_says_nothing(article, report):
    assert limits(cells_of(derive.load("article"), report)) == "## The code and the handout"


@pytest.mark.parametrize(
    ("digits", "network"), [(9, one("logistic", 40)), (4, one("identity", 123456789012345)), (9, one("tanh", 20))]
)
def test_digits_that_cancel_are_named(digits, network, report):
    assert "fewer digits than the handout prints" in limits(cells_of(network, report, digits=digits))


# Corners.


def at_corner(activation, **more):
    """0.1·3 − 0.3·1 is 0, and 5.6e-17 in floats."""
    hidden = derive.Layer([[0.1, -0.3], [0.2, 0.1]], activation=activation)
    output = derive.Layer([[0.7, 0.1]], activation="identity", bias=0.25)
    return derive.Network([hidden, output], [derive.Sample([3, 1], [1])], **more)


@pytest.mark.parametrize("form", ["scalar", "matrix", "both"])
@pytest.mark.parametrize("iterations", [0, 10])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_at_a_corner_that_floats_miss_the_notebook_says_so(activation, iterations, form, report, capsys):
    cells = cells_of(at_corner(activation, iterations=iterations), report, form=form)
    defined = run_strictly(cells)
    assert "as far as floats can represent them" in capsys.readouterr().out
    assert "at a kink" in limits(cells)
    assert "delta_1" in limits(cells) if form == "matrix" else "delta_h1" in limits(cells)
    if form != "matrix":
        here, there, within = defined["expected"]["w1_new"]
        assert abs(here - there) <= within
        assert defined["expected"]["w3_new"][2] < 1e-14, "the other neuron is at no corner"
    if iterations:
        assert "after training" in limits(cells)


@pytest.mark.parametrize(("error", "targets"), [("absolute_error", [0.3]), ("hinge", [1])])
def test_at_a_corner_of_the_error_it_says_so(error, targets, report, capsys):
    weights = [[0.1, 0.2]] if error == "absolute_error" else [[0.3, 0.6, 0.1]]
    inputs = [1] * len(weights[0])
    network = derive.Network(
        [derive.Layer(weights, activation="identity")], [derive.Sample(inputs, targets)], error=error
    )
    cells = cells_of(network, report)
    run_strictly(cells)
    out = sum(w * i for w, i in zip(weights[0], inputs, strict=True))
    assert out != targets[0], "floats miss the corner"
    assert "at a kink" in limits(cells)


def test_a_corner_that_floats_meet_is_none(report, capsys):
    layers = [derive.Layer([[0.5, -0.5]], activation="relu"), derive.Layer([[0.5]], activation="identity")]
    cells = cells_of(derive.Network(layers, [derive.Sample([1, 1], [1])]), report)
    run_strictly(cells)
    assert "All results agree with the handout.\n" in capsys.readouterr().out
    assert "kink" not in limits(cells)


# What the comparison is worth.


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("delta_h1 = ", "delta_h1 = 1.0000001 * "),
        ("dE_total_dout_h2 = ", "dE_total_dout_h2 = 0 * "),
        ("w1_new = ", "w1_new = 1e-13 + "),
        ("net_o2_new = ", "net_o2_new = 1e-13 + "),
    ],
)
def test_wrong_code_does_not_pass(right, wrong, article, report):
    cells = cells_of(derive.load("article"), report)
    for cell in cells:
        if cell.cell_type == "code":
            cell.source = cell.source.replace(f"\n{right}", f"\n{wrong}")
            cell.source = wrong + cell.source.removeprefix(right) if cell.source.startswith(right) else cell.source
    with pytest.raises(AssertionError):
        run(cells)


numbers = st.integers(-(10**6), 10**6).map(lambda n: Fraction(n, 1000))
FLOAT = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("+-*/"), numbers), min_size=1, max_size=12), numbers)
def test_a_bound_reaches_to_the_exact_number(steps, start):
    exact, bounded, by_floats = start, lifted(float(start)), float(start)
    for sign, other in steps:
        if sign == "/" and other == 0:
            continue
        exact = FLOAT[sign](exact, other)
        bounded = FLOAT[sign](bounded, lifted(float(other)))
        by_floats = FLOAT[sign](by_floats, float(other))
    assert float(bounded.value) == by_floats
    assert abs(Fraction(by_floats) - exact) <= Fraction(float(bounded.bound))


def test_a_number_that_floats_hold_has_no_bound():
    assert (lifted(0.5) * lifted(3) - lifted(1.5)).bound == 0
    assert lifted(0.1).bound > 0
    literal = bounds_of(["a, b = 0.5, 0.25"], frozenset([0.5]), {}).variables
    assert literal["a"].bound > 0 == literal["b"].bound
    assert isinstance(literal["a"], Bounded)


@pytest.mark.parametrize(
    "code",
    [
        "a = __import__('os')",
        "a = np.__class__",
        "a = (0).__class__",
        "a = np.array([1.0]).tofile('x')",
        "a = (x for x in [1]).gi_frame",
        "a = lambda: 1",
        "a = f'{np}'",
        "class A: pass",
        "with a: pass",
        "def __f(): return 1",
        "del np",
        "a = {1: 2}",
    ],
)
def test_code_of_a_notebook_that_does_not_calculate_is_not_run(code):
    with pytest.raises(InternalError, match="does not calculate"):
        bounds_of(["b = 1.0\n" + code], frozenset(), {})


def test_the_code_of_erfc_is_that_function():
    defined = {"np": np}
    exec(ERFC, defined)
    values = np.concatenate([np.linspace(-30, 26, 2001), [1.5, -1.5, 0.0]])
    for value, found in zip(values, defined["erfc"](values), strict=True):
        assert found == pytest.approx(float(mpmath.erfc(mpmath.mpf(value))), rel=2e-13, abs=1e-300)
    assert defined["erfc"](np.array([1e308, -1e308])).tolist() == [0, 2]


def test_what_is_made_of_the_same_words_gets_names_of_its_own():
    names = Names(["w1"])
    made = [names.made("dE_o1_dh", what) for what in ("path a b", "path c d", "partial h")]
    assert made == ["dE_o1_dh", "dE_o1_dh_", "dE_o1_dh__"]
    assert names.made("dE_o1_dh", "path c d") == "dE_o1_dh_"


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("softplus", "logistic(x)"),
        ("silu", "logistic(x) * (1 + x * logistic(-x))"),
        ("softsign", "(1 / (1 + np.abs(x))) ** 2"),
        ("gelu", "0.5 * erfc(-x / np.sqrt(2)) + x * bell(x) / np.sqrt(2 * np.pi)"),
        ("logistic", "out * (1 - out)"),
    ],
)
def test_a_derivative_is_written_in_its_stable_form(activation, expected):
    tree = shape_derivative(activation_shape(derive.ACTIVATIONS[activation]), 0)
    helpers = {name: name for name in ("logistic", "erfc", "bell")}
    assert Python({"x0": "x", "y": "out"}.__getitem__, helpers=helpers)(tree) == expected
