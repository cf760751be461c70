"""Corners: no derivative there, so either side's is right, all between is, and nobody is accused of a slip."""

import itertools
import json
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive import Equation
from derive.comparison.ways import WAYS, is_installed
from derive.computation.equations import Term
from derive.computation.shapes import Shape
from derive.notation.trees import absolute, first_largest, largest, minus, mul, smallest, square
from derive.render.show import render, render_json, render_latex

COUNT = itertools.count()
Layer, Network, Sample = derive.Layer, derive.Network, derive.Sample


def single(activation, net, target=2, error="half_squared_error", **constant):
    return Network([Layer([[net]], activation=activation, **constant)], [Sample([1], [target])], error=error)


# A network, and the derivatives by w1 from the left and from the right, taken by hand.
CORNERS = {
    "relu": (single("relu", 0), {-2, 0}),
    "leaky relu": (single("leaky_relu", 0), {-2, Fraction(-2, 100)}),
    "leaky relu that falls": (single("leaky_relu", 0, slope=-1), {-2, 2}),
    "elu": (single("elu", 0, alpha=3), {-6, -2}),
    "hard tanh below": (single("hard_tanh", -1), {0, -3}),
    "hard tanh above": (single("hard_tanh", 1), {0, -1}),
    "absolute error": (single("identity", 2, error="absolute_error"), {-1, 1}),
    "hinge": (single("identity", 1, target=1, error="hinge"), {-1, 0}),
    "hinge below": (single("identity", -1, target=-1, error="hinge"), {0, 1}),
    # Both at once: d|t − relu|/dnet is 0 on the left, where relu is flat.
    "relu at its target": (single("relu", 0, target=0, error="absolute_error"), {-1, 1}),
}


@pytest.mark.parametrize("name", CORNERS)
def test_between_the_sides_every_number_agrees_and_beyond_none(name):
    network, ends = CORNERS[name]
    derivation = network.derive()
    low, high = float(min(ends)), float(max(ends))
    assert derivation.corners.gradient_sides("w1") == (low, high)
    for part in (0, 0.25, 0.5, 1):
        comparison = derive.compare_gradients(derivation, {"w1": low + part * (high - low)})
        assert comparison.agrees
        assert "kink" in str(comparison)
    for beyond in (low - 1e-3, high + 1e-3, float("nan"), float("inf")):
        comparison = derive.compare_gradients(derivation, {"w1": beyond})
        assert (comparison.agrees, comparison.slips) == (False, ())


@pytest.mark.parametrize("name", CORNERS)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_agrees_at_a_corner(name, way):
    if not is_installed(way):
        pytest.skip(f"{way} is not installed here")
    network = CORNERS[name][0]
    assert derive.compare_gradients(network.derive(), WAYS[way](network.derive().evaluation)).agrees


@pytest.mark.parametrize("name", CORNERS)
def test_show_says_so_in_every_form(name):
    derivation = CORNERS[name][0].derive()
    assert "kink" in render(derivation.evaluation, "w1", digits=9)
    entry = json.loads(render_json(derivation.evaluation, "w1", digits=9))
    assert entry["corners"][0]["exact"]
    assert sorted(map(float, entry["gradient_between"])) == sorted(map(float, CORNERS[name][1]))
    assert r"\in" in render_latex(derivation.evaluation, "w1", digits=9)


@pytest.mark.parametrize(
    "network",
    [
        single("elu", 0),
        single("leaky_relu", 0, slope=1),
        single("softsign", 0),
        single("gelu", 0),
        single("identity", 1, error="huber"),  # where its cases meet
        single("relu", 1),
        single("relu", Fraction(1, 10**9)),
        single("hard_tanh", 0),
    ],
    ids=lambda network: str(network.layers[0].activation),
)
def test_where_the_slope_does_not_jump_there_is_no_corner(network):
    derivation = network.derive()
    assert derivation.corners.found == ()
    assert "kink" not in render(derivation.evaluation, "w1", digits=9)
    assert "corners" not in json.loads(render_json(derivation.evaluation, "w1", digits=9))


STRAYING = [
    ([3, 1], [0.1, -0.3]),  # exactly 0; in doubles 5.6e-17 beside it
    ([1, 1, 1], [0.1, 0.2, -0.3]),
    ([1, 1], [0.3, -0.3]),
    ([1, 1], [Fraction("0.3"), Fraction("-0.30000000000000001")]),  # not 0; in doubles it is
]


@pytest.mark.parametrize(("inputs", "weights"), STRAYING)
@pytest.mark.parametrize("way", WAYS)
def test_a_float_may_come_to_lie_on_the_other_side(inputs, weights, way):
    if not is_installed(way):
        pytest.skip(f"{way} is not installed here")
    network = Network([Layer([weights], activation="relu")], [Sample(inputs, [1])])
    comparison = derive.compare_gradients(network.derive(), WAYS[way](network.derive().evaluation))
    assert comparison.agrees, comparison
    assert all(row.sides for row in comparison)


def test_what_no_corner_touches_is_judged_strictly():
    network = Network(
        [Layer([[0.5, -0.5], [0.3, 0.2]], activation="relu"), Layer([[0.7, 0.1]], activation="identity")],
        [Sample([1, 1], [1])],
    )
    derivation = network.derive()
    right = {name: float(value) for name, value in derivation.gradients.items()}
    other = right | {"w1": -0.665, "w2": -0.665}
    assert derivation.corners.gradient_sides("w1") == pytest.approx((-0.665, 0))
    assert derive.compare_gradients(derivation, other).agrees
    for name in ("w3", "w4", "w6"):
        comparison = derive.compare_gradients(derivation, other | {name: right[name] * 1.001})
        assert [row.name for row in comparison.wrong] == [name]
    flipped = {name: -value for name, value in other.items()}
    assert derive.compare_gradients(derivation, flipped).slips[0].kind == "sign"


quarters = st.integers(-4, 4).map(lambda n: Fraction(n, 4))


@settings(max_examples=30, deadline=None)
@given(
    first=st.lists(st.lists(quarters, min_size=2, max_size=2), min_size=2, max_size=2),
    second=st.lists(st.lists(quarters, min_size=2, max_size=2), min_size=1, max_size=2),
    inputs=st.lists(st.lists(quarters, min_size=2, max_size=2), min_size=1, max_size=2),
    target=quarters,
)
def test_the_sides_of_many_corners_are_those_of_all_combinations(first, second, inputs, target):
    """Against a calculation of the tests' own, which goes through both slopes at every net that is 0."""
    network = Network(
        [Layer(first, activation="relu"), Layer(second, activation="relu")],
        [Sample(row, [target] * len(second)) for row in inputs],
        reduction="sum",
    )
    low, high = [Fraction(0)] * 4, [Fraction(0)] * 4
    for row in inputs:
        nets = [sum(w * x for w, x in zip(weights, row, strict=True)) for weights in first]
        outs = [max(net, 0) for net in nets]
        last = [sum(w * x for w, x in zip(weights, outs, strict=True)) for weights in second]
        ways = []
        for slopes in itertools.product(*[(0, 1) if net == 0 else (int(net > 0),) for net in (*nets, *last)]):
            deltas = [(max(net, 0) - target) * slope for net, slope in zip(last, slopes[2:], strict=True)]
            hidden = [sum(d * second[j][k] for j, d in enumerate(deltas)) * slopes[k] for k in range(2)]
            ways.append([h * x for h in hidden for x in row])
        low = [a + min(way[k] for way in ways) for k, a in enumerate(low)]
        high = [a + max(way[k] for way in ways) for k, a in enumerate(high)]
    derivation = network.derive()
    for k, name in enumerate(("w1", "w2", "w3", "w4")):
        sides = derivation.corners.gradient_sides(name)
        assert (sides or (float(derivation.gradients[name]),) * 2) == (float(low[k]), float(high[k]))


def test_too_many_corners_for_all_combinations_take_intervals_that_hold_them(monkeypatch):
    layers = [Layer([[1, -1], [2, -2]], activation="relu"), Layer([[1, 2]], activation="identity")]
    network = Network(layers, [Sample([1, 1], [1])])
    exact = network.derive().corners.gradient_sides("w1")
    monkeypatch.setattr("derive.evaluation.corners.MOST_PRODUCTS", 0)
    low, high = network.derive().corners.gradient_sides("w1")
    assert low <= exact[0] <= exact[1] <= high


def test_only_the_sample_at_a_corner_widens():
    network = Network([Layer([[1]], activation="relu")], [Sample([1], [3]), Sample([0], [3])], reduction="sum")
    assert network.derive().corners.gradient_sides("w1") is None  # the input at the corner is 0
    layers = [Layer([[1]], bias=0, activation="relu")]
    derivation = Network(layers, [Sample([1], [3]), Sample([0], [3])], reduction="mean").derive()
    assert derivation.corners.gradient_sides("b1") == (-2.5, -1.0)
    assert [corner.sample for corner in derivation.corners.found] == [1]
    text = render(derivation.evaluation, "b1", digits=9)
    assert "Sample 2: net_o1 lies exactly at a kink of relu" in text.replace("\n", " ")


FILE = """
[[sample]]
inputs = [1, 1]
targets = [2]
[[layer]]
activation = "relu"
weights = [[0.5, -0.5]]
"""


def test_check_on_the_command_line_names_the_sides(tmp_path):
    path = tmp_path / "corner.toml"
    path.write_text(FILE)
    done = subprocess.run(
        [sys.executable, "-m", "derive", "check", str(path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "one-sided: from −2 to 0" in done.stdout
    assert "net_o1 lies exactly at a kink of relu" in done.stdout
    assert "DIFFERS" not in done.stdout


def formula(build, arity, **values):
    shape = Shape("formula", arity, f"corner {next(COUNT)}", build)
    names = list(values)
    kinds = {**dict.fromkeys(names, "weight"), "f": "out"}
    return derive.Computation([Equation("f", [Term(shape, names)])], [values], kinds, "f", trained=()).derive()


TIES = {
    "max": (lambda a, b: largest(a, b), {"a": 1, "b": 1}, {"a": (0, 1), "b": (0, 1)}, "a, b are exactly equal"),
    "min of products": (
        lambda a, b: smallest(mul(a, b), b),
        {"a": 1, "b": 3},
        {"a": (0, 3), "b": (1, 1)},
        "a·b, b are exactly equal",
    ),
    "max squared": (lambda a, b: square(largest(a, b)), {"a": 2, "b": 2}, {"a": (0, 4), "b": (0, 4)}, "exactly equal"),
    "first of three": (
        lambda a, b, c: first_largest(a, b, c),
        {"a": 1, "b": 2, "c": 2},
        {"a": None, "b": (0, 1), "c": (0, 1)},
        "b, c are exactly equal",
    ),
    "absolute value": (
        lambda a, b: absolute(minus(a, b)),
        {"a": 2, "b": 2},
        {"a": (-1, 1), "b": (-1, 1)},
        "a − b lies exactly at a kink of abs",
    ),
}


@pytest.mark.parametrize("name", TIES)
def test_a_formulas_kinks_are_corners(name):
    build, values, sides, sentence = TIES[name]
    derivation = formula(build, len(values), **values)
    for parameter, expected in sides.items():
        found = derivation.corners.gradient_sides(parameter)
        assert found == (None if expected is None or expected[0] == expected[1] else expected), parameter
    assert sentence in str(derivation.corners.found[0].sentence)
    between = {n: float(derivation.gradients[n]) if e is None else (e[0] + 3 * e[1]) / 4 for n, e in sides.items()}
    assert derive.compare_gradients(derivation, between).agrees
    beyond = {**between, "b": between["b"] + 5}
    assert not derive.compare_gradients(derivation, beyond).agrees


def test_beside_the_kinks_of_a_formula_there_is_no_corner():
    assert formula(lambda a, b: largest(a, b), 2, a=1, b=2).corners.found == ()
    assert formula(lambda a, b: largest(mul(a, b), mul(a, b)), 2, a=1, b=2).corners.found == ()
    near = formula(lambda a, b: largest(a, b), 2, a="0.1", b="0.10000000000000000001").corners
    assert [corner.is_exact for corner in near.found] == [False]
