"""A function of one argument that derive does not have is one entry: then everything knows it, rule to notebook."""

import math
import sys
from fractions import Fraction
from operator import methodcaller

import mpmath
import nbformat
import pytest
import sympy
from flint import arb, fmpq
from oracle import round_half_up
from sympy import Integer, Symbol, atan, cos, sin

import derive
from derive.calculus.rules import differentiate
from derive.functions.activations import Activation
from derive.notation import elementary as table
from derive.notation import to_latex, to_sympy_text, to_text
from derive.notation.elementary import ELEMENTARY, Domain, Elementary, named
from derive.notation.pretty import lines_of, to_pictures
from derive.notation.tidy import tidy
from derive.notation.trees import ONE, add, fraction, ln, mul, root, square
from derive.numbers.arithmetic import OutsideDomain, function
from derive.numbers.decimals import Undecided
from derive.numbers.precision import at_bits
from derive.training.code.arrays import array_program
from derive.training.code.scalar import scalar_program
from derive.verification import verify

x, a = Symbol("x"), Symbol("a")
ARCTAN = Elementary(
    kind=atan,
    code="atan",
    numpy="arctan",
    look=named("arctan", r"\arctan"),
    floats=math.atan,
    ball=methodcaller("atan"),
    exact=lambda value: fmpq(0) if value == 0 else None,
    rises=True,
    rule="arctangent",
    derivative=lambda inner: (fraction(ONE, add(ONE, square(inner))),),
)
SINE = Elementary(
    kind=sin,
    code="sin",
    numpy="sin",
    look=named("sin", r"\sin"),
    floats=math.sin,
    ball=methodcaller("sin"),
    rule="sine",
    derivative=lambda inner: (cos(inner, evaluate=False),),
)
COSINE = Elementary(
    kind=cos,
    code="cos",
    numpy="cos",
    look=named("cos", r"\cos"),
    floats=math.cos,
    ball=methodcaller("cos"),
    rule="cosine",
    derivative=lambda inner: (Integer(-1), sin(inner, evaluate=False)),
)
ACTIVATIONS = {
    "arctangent": (
        [ARCTAN],
        Activation(
            name="arctangent",
            formula=lambda net, _: atan(net, evaluate=False),
            derivative=lambda net, out, _: fraction(ONE, add(ONE, square(net))),
        ),
        (mpmath.atan, lambda net: 1 / (1 + net**2)),
        (math.atan, lambda net: 1 / (1 + net**2)),
    ),
    "snake": (
        [SINE, COSINE],
        Activation(
            name="snake",
            formula=lambda net, _: add(net, sin(net, evaluate=False)),
            derivative=lambda net, out, _: add(ONE, cos(net, evaluate=False)),
        ),
        (lambda net: net + mpmath.sin(net), lambda net: 1 + mpmath.cos(net)),
        (lambda net: net + math.sin(net), lambda net: 1 + math.cos(net)),
    ),
}


def add_entries(monkeypatch, *entries):
    monkeypatch.setattr(table, "ELEMENTARY", {**ELEMENTARY, **{entry.kind: entry for entry in entries}})


@pytest.fixture(params=ACTIVATIONS)
def added(request, monkeypatch):
    """The name of an activation made of functions that are in the table for one test, and the function by itself."""
    entries, activation, *values = ACTIVATIONS[request.param]
    add_entries(monkeypatch, *entries)
    activations = {**derive.ACTIVATIONS, request.param: activation}
    for name, module in list(sys.modules.items()):
        if name.startswith("derive") and hasattr(module, "ACTIVATIONS"):
            monkeypatch.setattr(module, "ACTIVATIONS", activations)
    return request.param, *values


def network(activation):
    layers = [
        derive.Layer([[0.5, -0.25], [0.75, 0.5]], bias=[0.1, -0.2], activation=activation),
        derive.Layer([[0.3, 0.6]], bias=0.4, activation=activation),
    ]
    return derive.Network(layers, [derive.Sample([1, 2], [1])], learning_rate=0.0625, iterations=5)


def test_without_an_entry_a_function_has_no_rule():
    with pytest.raises(derive.errors.InternalError, match="no differentiation rule for atan"):
        differentiate(atan(x), x)


def test_it_is_differentiated_by_its_rule_and_by_the_chain_rule(monkeypatch):
    add_entries(monkeypatch, ARCTAN)
    alone, inside = differentiate(atan(x), x), differentiate(atan(mul(a, x), evaluate=False), x)
    assert (alone.name, to_latex(alone.written)) == ("arctangent", r"\frac{1}{1 + x^{2}}")
    assert (inside.name, inside.outer) == ("chain", "arctangent")
    for rule in (alone, inside):
        for found in (rule.written, rule.result):
            assert sympy.simplify(found.doit() - sympy.diff(rule.expression.doit(), x)) == 0


def test_it_is_written_in_every_notation(monkeypatch):
    add_entries(monkeypatch, ARCTAN)
    tree = tidy(mul(Integer(2), atan(add(x, Integer(0)), evaluate=False)))
    assert to_latex(tree) == r"2 \cdot \arctan\left(x\right)"
    assert (to_text(tree), to_sympy_text(tree)) == ("2·arctan(x)", "2*atan(x)")
    (picture,) = to_pictures(fraction(ONE, atan(x)))
    assert lines_of(picture, 80).split() == ["1", "─────────", "arctan(x)"]


def test_quantities_and_slopes_have_certified_digits(added):
    name, (value, slope), _ = added
    derivation = network(name).derive()
    with mpmath.workdps(60):
        h1, h2 = value(mpmath.mpf(1) / 10), value(mpmath.mpf("1.55"))
        net = mpmath.mpf("0.3") * h1 + mpmath.mpf("0.6") * h2 + mpmath.mpf("0.4")
        expected = -(1 - value(net)) * slope(net) * h1
        assert derivation["w5"].value.decimal(40) == round_half_up(Fraction(mpmath.nstr(expected, 55)), 40)


def test_generated_code_trains_as_a_loop_by_hand_does(added):
    name, _, (value, slope) = added
    derivation = network(name).derive()
    w, b = [0.5, -0.25, 0.75, 0.5, 0.3, 0.6], [0.1, -0.2, 0.4]
    for _step in range(20):
        nets = [w[0] + 2 * w[1] + b[0], w[2] + 2 * w[3] + b[1]]
        h1, h2 = map(value, nets)
        net = w[4] * h1 + w[5] * h2 + b[2]
        delta = -(1 - value(net)) * slope(net)
        d1, d2 = delta * w[4] * slope(nets[0]), delta * w[5] * slope(nets[1])
        w = [k - 0.0625 * g for k, g in zip(w, (d1, 2 * d1, d2, 2 * d2, delta * h1, delta * h2), strict=True)]
        b = [k - 0.0625 * g for k, g in zip(b, (d1, d2, delta), strict=True)]
    for program in (scalar_program(derivation.evaluation), array_program(derivation.evaluation)):
        found = program.parameters(program.advance(program.start, 20))
        assert [found[f"w{k}"] for k in range(1, 7)] == pytest.approx(w, rel=1e-12)
    certified = derivation.train(20).certified(12)
    assert float(certified.parameters["w5"].text) == pytest.approx(w[4], rel=1e-11)


def test_a_network_of_it_is_verified_and_its_notebook_runs(added, capsys):
    name, *_ = added
    derivation = network(name).derive()
    report = verify(derivation.evaluation)
    assert (report.differences, report.undecided) == (9, 0)
    assert report.digits >= 25
    for rounding in ("exact", "by-hand"):
        handout = derivation.handout(rounding=rounding, detail="full")
        assert {"arctangent": r"\arctan\left(", "snake": r"\sin\left("}[name] in handout.markdown
        (content,) = handout.render("ipynb").values()
        defined = {}
        for cell in nbformat.reads(content.decode(), as_version=nbformat.NO_CONVERT).cells:
            if cell.cell_type == "code":
                exec(cell.source, defined)
        assert "All results agree" in capsys.readouterr().out


@pytest.mark.parametrize("entry", ELEMENTARY.values(), ids=lambda entry: entry.code)
@pytest.mark.parametrize("point", ["0.3", "2.5"])
def test_the_sides_of_an_entry_are_one_function(entry, point):
    """SymPy's numbers are the oracle: for the balls, the floats, and the derivative where the table has one."""
    kinds = {"log1p": lambda value: sympy.log(1 + value), "erfc": sympy.erfc}
    kind = kinds.get(entry.code, entry.kind)
    real, number = Symbol("r", real=True), sympy.Rational(point)
    expected = sympy.N(kind(number), 50)
    tree = root(x) if entry.code == "sqrt" else entry.kind(x)
    found = at_bits(128, function([x], tree), fmpq(int(number.p), int(number.q)))
    assert abs(float(found) - float(expected)) <= 1e-15 * abs(float(expected))
    assert entry.floats(float(point)) == pytest.approx(float(expected), rel=1e-14)
    if entry.derivative:
        product = sympy.Mul(*(factor.doit() for factor in entry.derivative(real)))
        difference = (product - sympy.diff(kind(real), real)).subs(real, number)
        assert abs(sympy.N(difference, 40)) < 1e-30


def test_a_domain_is_kept():
    logarithm, square_root = function([x], ln(x)), function([x], root(x))
    assert (logarithm(fmpq(1)), square_root(fmpq(9, 4)), square_root(fmpq(0))) == (0, fmpq(3, 2), 0)
    for outside in (logarithm, square_root):
        with pytest.raises(OutsideDomain):
            outside(fmpq(-1))
    with pytest.raises(OutsideDomain):
        logarithm(fmpq(0))
    with pytest.raises(Undecided):
        logarithm(minus_nothing())
    assert table.ROOT.domain == Domain(0, is_closed=True)
    assert square_root(minus_nothing()).contains(0)


def minus_nothing():
    """A ball round 0 that reaches to both sides."""
    return arb(0, 1e-9)
