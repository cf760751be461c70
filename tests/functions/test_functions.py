"""Every activation and error against SymPy's own derivative and mpmath's own functions."""

import itertools

import mpmath
import pytest
import sympy

import derive
from derive import ACTIVATIONS, ERRORS, Layer, Network, Sample

SINGLE = [name for name in ACTIVATIONS if name != "softmax"]
NUMBERS = ["-2.5", "-0.75", "-0.25", "0.5", "1.25", "3"]

# Written from the functions' definitions, with mpmath's own special functions.
VALUES = {
    "identity": lambda x: x,
    "logistic": lambda x: 1 / (1 + mpmath.exp(-x)),
    "tanh": mpmath.tanh,
    "relu": lambda x: max(x, mpmath.mpf(0)),
    "leaky_relu": lambda x: x if x > 0 else x / 100,
    "elu": lambda x: x if x > 0 else mpmath.expm1(x),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "gelu": lambda x: x * mpmath.ncdf(x),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "hard_tanh": lambda x: min(max(x, mpmath.mpf(-1)), mpmath.mpf(1)),
}
MISSES = {
    "half_squared_error": lambda t, o: (t - o) ** 2 / 2,
    "squared_error": lambda t, o: (t - o) ** 2,
    "mean_squared_error": lambda t, o: (t - o) ** 2,
    "absolute_error": lambda t, o: abs(t - o),
    "huber": lambda t, o: (t - o) ** 2 / 2 if abs(t - o) <= 1 else abs(t - o) - mpmath.mpf(1) / 2,
    "binary_cross_entropy": lambda t, o: -t * mpmath.log(o) - (1 - t) * mpmath.log(1 - o),
    "cross_entropy": lambda t, o: -t * mpmath.log(o),
    "hinge": lambda t, o: max(mpmath.mpf(0), 1 - t * o),
}


def single(activation, net, error="half_squared_error", target=1, **layer):
    """One neuron whose pre-activation is the net."""
    return Network([Layer([[net]], activation=activation, **layer)], [Sample([1], [target])], error=error).derive()


def test_the_tables_are_those_of_the_issue():
    assert set(VALUES) | {"softmax"} == set(ACTIVATIONS)
    assert set(MISSES) == set(ERRORS)


@pytest.mark.parametrize("net", NUMBERS)
@pytest.mark.parametrize("name", SINGLE)
def test_an_activation_and_its_slope_are_mpmaths(name, net):
    derivation = single(name, sympy.Rational(net))
    with mpmath.workdps(40):
        out = VALUES[name](mpmath.mpf(net))
        slope = mpmath.diff(VALUES[name], mpmath.mpf(net))
        assert abs(mpmath.mpf(derivation.evaluation.quantity("out_o1").decimal(30)) - out) < 1e-28
        local = derivation["net_o1"].paths[0].local
        assert abs(mpmath.mpf(local.value.decimal(25)) - slope) < 1e-12


@pytest.mark.parametrize("name", SINGLE)
def test_a_short_derivative_is_sympys_derivative_of_the_formula(name):
    entry = ACTIVATIONS[name]
    x = sympy.Symbol("x", real=True)
    constant = sympy.Rational(*entry.default.as_integer_ratio()) if entry.default else sympy.Integer(0)
    formula = entry.formula(x, constant)
    expected = sympy.diff(formula.doit(), x)
    found = entry.derivative(x, formula, constant)
    for number in map(sympy.Rational, NUMBERS):
        assert abs((found - expected).doit().subs(x, number).evalf(30)) < 1e-25


@pytest.mark.parametrize("name", SINGLE)
def test_every_line_of_the_appendix_says_the_same(name):
    entry = ACTIVATIONS[name]
    x = sympy.Symbol("x", real=True)
    constant = sympy.Rational(*entry.default.as_integer_ratio()) if entry.default else sympy.Integer(0)
    out = entry.formula(x, constant)
    for line in entry.lines(x, out, constant):
        difference = line - entry.derivative(x, out, constant)
        assert all(abs(difference.doit().subs(x, sympy.Rational(n)).evalf(30)) < 1e-25 for n in NUMBERS)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_the_jacobian_of_softmax_is_sympys(size):
    entry = ACTIVATIONS["softmax"]
    nets = sympy.symbols(f"n0:{size}", real=True)
    outs = [entry.formula(nets, place) for place in range(size)]
    numbers = dict(zip(nets, map(sympy.Rational, NUMBERS), strict=False))
    for place, by in itertools.product(range(size), repeat=2):
        expected = sympy.diff(outs[place].doit(), nets[by])
        for line in [entry.derivative(outs, place, by), *entry.lines(nets, outs, place, by)]:
            assert abs((line - expected).doit().subs(numbers).evalf(30)) < 1e-25


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("out", ["0.2", "0.9"])
def test_an_error_and_its_slope_are_mpmaths(error, out):
    derivation = single("identity", sympy.Rational(out), error)
    with mpmath.workdps(40):
        value, slope = MISSES[error](1, mpmath.mpf(out)), mpmath.diff(lambda o: MISSES[error](1, o), mpmath.mpf(out))
        assert abs(mpmath.mpf(derivation.error.value.decimal(30)) - value) < 1e-28
        assert abs(mpmath.mpf(derivation["out_o1"].value.decimal(25)) - slope) < 1e-12


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("error", ERRORS)
def test_partials_are_sympys_derivatives_of_the_composed_error(activation, error):
    last = {"binary_cross_entropy": "logistic", "cross_entropy": "softmax"}.get(error, "identity")
    targets = {"hinge": [1, -1], "cross_entropy": [sympy.Rational(1, 4), sympy.Rational(3, 4)]}.get(error, [1, 0])
    bias = None if (activation, last) == ("softmax", "softmax") else 0.1  # with it the composed formula is too long
    layers = [Layer([[0.3, -0.8], [0.7, 0.2]], bias=bias, activation=activation)]
    layers.append(Layer([[0.4, -0.6], [0.9, 0.5]], bias=[0.2, -0.1], activation=last))
    derivation = Network(layers, [Sample([0.6, -0.4], targets)], error=error).derive()
    real = {symbol: sympy.Symbol(symbol.name, real=True) for symbol in derivation.error.composed.free_symbols}
    # Symbols alone are replaced, which xreplace does in one walk; subs would compare every term with each of them.
    whole = derivation.error.composed.xreplace(real)
    values = {real[s]: sympy.Rational(*derivation.graph.values[s.name].as_integer_ratio()) for s in real}
    for name in [n for n in derivation.parameters if n in ("w1", "w7", "b1", "b_o1")]:
        expected = sympy.diff(whole, real[sympy.Symbol(name)]).xreplace(values).evalf(25)
        assert abs(sympy.Float(derivation[name].decimal(22), 25) - expected) < 1e-18
        assert abs(derivation[name].composed.xreplace(real).xreplace(values).evalf(25) - expected) < 1e-18


KINKS = [
    ("relu", {}, 0, "0"),
    ("leaky_relu", {}, 0, "0.01"),
    ("leaky_relu", {"slope": 0.25}, 0, "0.25"),
    ("elu", {"alpha": 0.5}, 0, "0.5"),
    ("hard_tanh", {}, 1, "0"),
    ("hard_tanh", {}, -1, "0"),
]


@pytest.mark.parametrize(("name", "constant", "net", "slope"), KINKS)
def test_at_a_kink_the_handout_says_which_value_it_takes(name, constant, net, slope):
    derivation = single(name, net, target=3, **constant)
    assert derivation["net_o1"].paths[0].local.value.decimal(9) == slope
    text = derivation.handout().markdown
    assert f"like PyTorch, we use ${slope}$ there" in text
    assert "This case occurs here for $\\mathrm{net}_{o1}$" in text
    assert "The function has a kink here" in text


@pytest.mark.parametrize(("name", "constant"), [("leaky_relu", {"slope": 1}), ("elu", {}), ("softsign", {})])
def test_a_function_without_a_kink_is_not_said_to_have_one(name, constant):
    assert "kink" not in single(name, 0, target=3, **constant).handout().markdown


@pytest.mark.parametrize(("error", "out", "target"), [("absolute_error", 0.5, 0.5), ("hinge", 1, 1), ("hinge", -1, -1)])
def test_at_a_kink_of_the_error_the_slope_is_0_and_the_handout_says_so(error, out, target):
    derivation = single("identity", out, error, target)
    assert derivation["out_o1"].decimal(9) == "0"
    assert "The error has a kink here" in derivation.handout().markdown


@pytest.mark.parametrize("net", [800, -800])
@pytest.mark.parametrize("name", [*SINGLE, "softmax"])
def test_saturation_gives_numbers(name, net):
    derivation = single(name, net)
    assert derivation.error.value == derivation.error.value
    assert abs(derivation.train(3).error) < 1e9
    assert derivation["w1"].decimal(9)


def test_saturated_cross_entropy_gives_the_numbers_of_the_limit():
    derivation = single("logistic", -800, "binary_cross_entropy")
    assert derivation.error.value == pytest.approx(800)
    assert derivation["net_o1"].value == -1


def test_a_constant_of_one_does_not_stand_in_the_formula():
    assert single("elu", 1).handout().markdown.count("1 \\left(e") == 0
    assert "2 \\left(e^" in single("elu", 1, alpha=2).handout().markdown


def test_a_new_activation_is_one_entry(monkeypatch):
    """The cube: nothing else knows of it, and everything follows."""
    import derive.functions.activations as table
    from derive.notation.trees import mul, power

    three = sympy.Integer(3)
    cube = table.Activation(
        name="cube",
        formula=lambda net, _: power(net, three),
        derivative=lambda net, out, _: mul(three, power(net, sympy.Integer(2))),
    )
    entries = {**ACTIVATIONS, "cube": cube}
    modules = ("network.layers", "network.compile", "story.views", "training.code.arrays", "verification.algebra")
    for module in (f"derive.{name}" for name in modules):
        monkeypatch.setattr(f"{module}.ACTIVATIONS", entries)
    derivation = single("cube", 0.5)
    assert derivation["w1"].decimal(9) == "-0.65625"  # −(1 − 0.125)·3·0.25
    assert "3 \\cdot \\mathrm{net}^{2}" in derivation.handout().markdown
    assert derivation.train(1).parameters["w1"] == pytest.approx(0.5 + 0.5 * 0.65625)


def test_a_new_error_is_one_entry(monkeypatch):
    import derive.functions.losses as table
    from derive.notation.trees import minus, power

    quartic = table.Loss("quartic", lambda target, out, _: power(minus(target, out), sympy.Integer(4)))
    for module in ("derive.network.network", "derive.network.fitting", "derive.computation.shapes"):
        monkeypatch.setattr(f"{module}.ERRORS", {**ERRORS, "quartic": quartic})
    derivation = single("identity", 0.5, "quartic")
    assert derivation["w1"].decimal(9) == "-0.5"  # 4·0.5³·(−1)
    assert derivation.handout().markdown


def test_an_error_that_is_not_defined_is_told():
    with pytest.raises(derive.InputError, match=r"E_o1: cross_entropy takes the logarithm .* logistic or softmax"):
        _ = single("identity", -1, "cross_entropy").error.value
    stepping_out = single("identity", 0.5, "binary_cross_entropy")
    assert stepping_out["w1"].value == -2
    with pytest.raises(derive.InputError, match="E_o1 after the update: binary_cross_entropy takes the logarithm"):
        _ = stepping_out.error.after


def test_a_new_optimizer_is_one_entry(monkeypatch):
    """Signs alone: w − η·g/|g|, which nothing else knows of."""
    import derive.functions.optimizers as table
    from derive.notation.trees import absolute, fraction, minus, mul

    step = (("w+", minus(table.W, mul(table.ETA, fraction(table.G, absolute(table.G))))),)
    rule = table.UpdateRule("signs", lambda g: step, {})
    monkeypatch.setattr("derive.functions.optimizers.OPTIMIZERS", {**derive.OPTIMIZERS, "signs": rule})
    layers, samples = [Layer([[0.5]], activation="identity")], [Sample([1], [1])]
    derivation = Network(layers, samples, optimizer="signs", learning_rate=0.25).derive()
    assert derivation.evaluation.updated("w1").decimal(9) == "0.75"
    assert "\\frac{g}{\\left|g\\right|}" in derivation.handout().markdown
    assert derivation.train(2).parameters["w1"] == 1.0  # the sign is the same in the second step
