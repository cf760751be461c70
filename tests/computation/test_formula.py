"""Formulas as equations: which terms and kinds they make, how they are written, and SymPy's expressions as formulas."""

import copy
import pickle
from typing import Any

import hypothesis.strategies as st
import pytest
import sympy
from hypothesis import given, settings
from sympy import Add, Max, Mul, Pow, Symbol, cosh, erf, exp, log, sin, sqrt, symbols, tanh

import derive
from derive.computation import formula
from derive.computation.formula import formula_shape, terms_of
from derive.computation.shapes import PRODUCT, SAME
from derive.computation.sympy_trees import tree_of
from derive.lines import symbolic
from derive.reading.formulas.parser import parsed_formula

a, b, c, x, y, z = symbols("a b c x y z")


def made(equations: Any, **other: Any) -> derive.Computation:
    """A computation of text, each of whose names without an equation is 2."""
    defined = {name.strip() for key in equations for name in key.split(",")}
    used = {
        name: 2 for text in equations.values() for name in formula.names_in(parsed_formula(text, several=True).tree)
    }
    values = {name: value for name, value in used.items() if name not in defined}
    return derive.Computation(equations, values=values, output=list(equations)[-1].split(",")[0], **other)


SHAPES = {
    "x": ["same"],
    "x*y": ["product"],
    "x*x": ["product"],
    "x + y*z - z": ["same", "product", "formula"],
    "x*y*z": ["formula"],
    "tanh(x)": ["tanh"],
    "sigmoid(x) + relu(y)": ["logistic", "relu"],
    "leaky_relu(x, 0.3)": ["leaky_relu"],
    "squared_error(x, y)": ["squared_error"],
    "squared_error(x, y) + squared_error(x, z)": ["squared_error", "squared_error"],
    "max(x, y, z)": ["max"],
    "min(x, y)": ["min"],
    "max(x, 0)": ["formula"],
    "exp(x)": ["formula"],
    "2": ["formula"],
}


@pytest.mark.parametrize("text", SHAPES)
def test_a_summand_has_its_usual_shape_where_it_has_one(text: str) -> None:
    terms = terms_of(parsed_formula(text).tree)
    assert [term.shape.name for term in terms] == SHAPES[text]
    assert all((term.shape is SAME) == (term.shape.name == "same") for term in terms)
    assert all((term.shape is PRODUCT) == (term.shape.name == "product") for term in terms)


def test_formulas_of_one_form_share_their_shape_and_a_name_is_one_argument() -> None:
    (first,), (second,) = (terms_of(parsed_formula(text).tree) for text in ("(x - y)^2/x", "(b - a)^2/b"))
    assert first.shape is second.shape
    assert (first.names, second.names, first.shape.arity) == (("x", "y"), ("b", "a"), 2)
    (other,) = terms_of(parsed_formula("(x - y)^3/x").tree)
    assert other.shape != first.shape


def test_an_activation_of_more_than_a_name_has_a_net() -> None:
    computation = made({"h_1": "tanh(W_x*x_1 + W_h*h_0)", "y": "2*tanh(h_1)", "k": "relu(y)", "L": "(k - t)^2"})
    assert str(computation).split("\n")[0] == "net_h_1 = W_x·x_1 + W_h·h_0"
    assert [equation.name for equation in computation.equations] == ["net_h_1", "h_1", "y", "k", "L"]
    assert (computation.kinds["net_h_1"], computation.kinds["h_1"]) == ("net", "out")
    assert computation.units == {"net_h_1": "h_1"}
    (path,) = computation.derive()["W_x"].paths
    assert path.upstream is not None
    assert path.upstream.symbol.name == "delta_h_1"
    softmax = made({"p, q": "softmax(w*x, z)", "L": "p*q"})
    assert [equation.name for equation in softmax.equations] == ["net_p", "p", "q", "L"]


def test_the_name_of_a_net_is_free() -> None:
    assert "pre_h" in made({"net_h": "x*y", "h": "tanh(net_h*x)"}).kinds
    assert set(made({"net_h": "x*y", "pre_h": "x", "h": "tanh(net_h*x*pre_h)"}).kinds) == {
        "x",
        "y",
        "net_h",
        "pre_h",
        "h",
    }
    long = "h" * 30
    assert set(made({long: "tanh(x*y)"}).kinds) == {"x", "y", long}


def test_kinds_say_what_is_trained_and_what_is_an_error() -> None:
    lines = {"h": "w*x", "E_1": "(h - t)^2", "E_2": "abs(w)", "E": "E_1 + E_2 + 2*h"}
    trained = made(lines, trained=["w"])
    kinds = ["weight", "input", "input", "out", "error", "error", "error"]
    assert list(trained.kinds.items()) == list(zip(["w", "x", "t", *lines], kinds, strict=True))
    asked = made(lines, by=["w", "x"])
    assert (asked.parameters, asked.trained) == (("w", "x"), frozenset())
    assert {asked.kinds[name] for name in lines} == {"out"}
    both = made(lines, by="t", trained="w")
    assert (set(both.parameters), both.trained) == ({"w", "t"}, {"w"})


def test_computations_of_formulas_are_copied_and_pickled() -> None:
    computation = made({"h_1": "tanh(W*x)", "f": "(h_1 - t)^2/2 + max(x, 1)*huber(t, h_1, 2) - 1/3"})
    for other in (pickle.loads(pickle.dumps(computation)), copy.deepcopy(computation)):
        assert other == computation
        assert str(other) == str(computation)
        assert [str(other.derive()[name]) for name in "Wxt"] == [str(computation.derive()[name]) for name in "Wxt"]


DERIVATIVES = {
    "sqrt(x)": "½·1/√(x)",
    "y/2*x": "½·y",
    "(x - y)^2/2": "x − y",
    "1/x": "−1/x²",
    "x^(3/2)": "3/2·√(x)",
    "exp(-x)": "−e^(−x)",
    "y*tanh(x)": "y(1 − tanh²(x))",
    "sin(x)": "cos(x)",
    "x*y + x*y": "y + y",
}


@pytest.mark.parametrize("text", DERIVATIVES)
def test_a_derivative_is_written_as_a_person_writes_it(text: str) -> None:
    assert str(made({"f": text}).derive()["x"]) == f"∂f/∂x = {DERIVATIVES[text]}"


def test_the_tree_grows_with_the_formula_alone() -> None:
    """Each name of a long sum of products is read, kept and differentiated once."""

    def nodes(length: int) -> int:
        text = " + ".join(f"w_{number}*x_{number}*s" for number in range(length))
        computation = made({"f": text})
        assert len({term.shape for term in computation.equations[0].terms}) == 1
        return sum(1 for _ in formula.nodes(parsed_formula(text).tree))

    assert nodes(80) - nodes(40) == 2 * (nodes(40) - nodes(20)) == 160
    assert formula_shape.cache_info().currsize <= formula_shape.cache_info().maxsize


EXPRESSIONS = {
    "f = x + y": x + y,
    "f = y + x": Add(y, x, evaluate=False),
    "f = q·z": Symbol("q") * z,
    "f = z·x": Mul(z, x, evaluate=False),
    "f = ½(x − y)²": (x - y) ** 2 / 2,
    "f = x/(y·z)": x / (y * z),
    "f = −x/y": -x / y,
    "f = x/y·z": Mul(x, Pow(y, -1), z, evaluate=False),
    "f = x^(3/2) + √(x)": sqrt(x) + x ** sympy.Rational(3, 2),
    "f = ln(y) + e^(−x²)": exp(-(x**2)) + log(y),
    "f = 0.1·x": sympy.Float("0.1") * x,
    "f = max(x, y)": Max(x, y),
    "f = |x|": abs(x),
}


@pytest.mark.parametrize("printed", EXPRESSIONS)
def test_sympys_expressions_are_written_in_their_order(printed: str) -> None:
    expression = EXPRESSIONS[printed]
    values = dict.fromkeys(expression.free_symbols, 2)
    assert str(derive.Computation({"f": expression}, values=values)) == printed


def expressions(depth: int = 3) -> st.SearchStrategy[Any]:
    leaf = st.sampled_from([a, b, c, sympy.Integer(2), sympy.Rational(-3, 4)])
    if not depth:
        return leaf
    inner = expressions(depth - 1)
    evaluated = st.booleans()
    return st.one_of(
        leaf,
        st.builds(lambda e, *parts: Add(*parts, evaluate=e), evaluated, inner, inner, inner),
        st.builds(lambda e, *parts: Mul(*parts, evaluate=e), evaluated, inner, inner),
        st.builds(lambda base: (1 + base**2) ** -1, inner),
        st.builds(lambda base: sqrt(1 + base**2) ** 3, inner),
        st.builds(lambda function, part: function(part), st.sampled_from([sin, tanh, erf, cosh]), inner),
    )


@given(expressions())
@settings(max_examples=30, deadline=None)
def test_sympys_expressions_keep_their_value_and_derivatives(expression: Any) -> None:
    if not expression.free_symbols or not expression.doit().free_symbols:
        return
    values = {a: sympy.Rational(3, 7), b: sympy.Rational(-2, 5), c: sympy.Rational(1, 3)}
    given_values = {symbol: values[symbol] for symbol in expression.free_symbols}
    derivation = derive.derive(expression, given_values)
    close = 10**-25 * (1 + abs(sympy.N(expression.doit().subs(values))))
    assert abs(sympy.Rational(derivation.values["f"].decimal(40)) - sympy.N(expression.doit().subs(values), 60)) < close
    for symbol in given_values:
        expected = sympy.N(sympy.diff(expression.doit(), symbol).subs(values), 60)
        assert abs(sympy.Rational(derivation[symbol.name].decimal(40)) - expected) < 10**-25 * (1 + abs(expected))


REFUSED = {
    "gamma(x) in an expression": sympy.gamma(x),
    "the power x**y": x**y,
    "the power 2**x": 2**x,
    "Piecewise": sympy.Piecewise((x, x > 0), (0, True)),
    "zoo": x + sympy.zoo,
    "Integral": sympy.Integral(x, x),
    "I in an expression": sympy.I * x,
    "f(x) in an expression": sympy.Function("f")(x),
    "the power x**(1/3)": x ** sympy.Rational(1, 3),
    "the power x**100000": x**100_000,
    "expected a name": Symbol("two words") + x,
    "more than 5,000 parts": Add(*[x] * 6000, evaluate=False),
}


@pytest.mark.parametrize("says", REFUSED)
def test_what_derive_has_no_formula_for_is_refused(says: str) -> None:
    with pytest.raises(derive.InputError) as caught:
        derive.derive(REFUSED[says], {x: 1, y: 2})
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_deep_expression_is_refused() -> None:
    deep = x
    for _ in range(3000):
        deep = sin(deep, evaluate=False)
    with pytest.raises(derive.InputError, match="parts of it equations of their own"):
        tree_of(deep)


@pytest.mark.parametrize(
    ("given_arguments", "says"),
    [
        ({"equations": {"f": "x*y"}, "values": {"x": 1}}, "found the unknown name y"),
        ({"equations": {"f": x * y}, "values": {x: 1}}, "found the unknown name y"),
        ({"equations": {"f": 3}, "values": {"x": 1}}, "expected a formula"),
        ({"equations": {"f": "x"}, "values": [1]}, "values: found [1]; expected a number for each name."),
        ({"equations": {"f": "x"}, "values": {"x": "1"}}, "values, x: found the text '1'"),
        ({"equations": {"f": "x", "g": "x"}, "values": {"x": 1}}, "output: no name is given"),
        (
            {"equations": {"f": "x"}, "values": {"x": 1}, "output": "g"},
            "found 'g'; expected a quantity that an equation",
        ),
        ({"equations": {"f": "x"}, "values": {"x": 1}, "samples": 3}, "samples: found 3; expected a list of mappings"),
        ({"equations": {"f": "x"}, "values": {"x": 1}, "plan": 3}, "plan: found 3; expected a plan"),
        ({"equations": {}, "values": {}}, "expected"),
    ],
)
def test_mistakes_in_python(given_arguments: Any, says: str) -> None:
    with pytest.raises(derive.InputError) as caught:
        derive.Computation(**given_arguments)
    assert says in str(caught.value)


def test_values_and_plan_are_replaced() -> None:
    computation = made({"f": "x*y + t"}, trained=["x"])
    changed = computation.replace({"y": 5}, x=3, learning_rate=0.1, iterations=4, title="Other")
    assert changed.values == {"x": 3, "y": 5, "t": 2}
    assert (changed.plan.learning_rate * 10, changed.plan.iterations, changed.title) == (1, 4, "Other")
    assert computation.values == {"x": 2, "y": 2, "t": 2}
    with pytest.raises(KeyError, match="Did you mean 'x'"):
        computation.replace(X=3)
    several = made({"f": "x*y + t"}, samples=[{"t": 3}])
    with pytest.raises(KeyError):
        several.replace(t=3)


def test_an_only_path_is_the_derivative_of_the_objective_itself() -> None:
    """Also where it leads to one of several errors that the objective adds up."""
    derivation = derive.load("recurrence").derive()
    (only,) = derivation["h_2"].paths
    first, second = derivation["h_1"].paths
    names = [symbolic.path(path).name for path in (only, first, second)]
    assert [(name.of, name.by) for name in names] == [("L", "h_2"), ("L_1", "h_1"), ("L_2", "h_1")]
