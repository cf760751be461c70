"""A line is data: it pickles, its id finds it, and its printed numbers give its printed value, or it is marked."""

import copy
import pickle
import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from oracle import networks
from sympy import N, Rational, Symbol

import derive
from derive.lines import graph, ids, symbolic
from derive.lines.arrays.lines import lines_of as array_lines
from derive.lines.elision import DOTS
from derive.lines.filling import Filling
from derive.lines.late import LateLines
from derive.notation import to_latex, to_text
from derive.notation.trees import NewSymbol, PartialSymbol, SampleSymbol
from derive.story.markdown import anchor_of
from derive.story.parse import ANCHOR

SEVERAL = derive.Network(
    [derive.Layer([[0.5, -0.25], [0.75, 0.1]], bias=0.3, activation="tanh"), derive.Layer([[0.4, -0.6]])],
    [derive.Sample([1, 2], [0.5]), derive.Sample([-1, 0.5], [0.25]), derive.Sample([0.3, 0], [1])],
    updates="sequential",
)
JOINT = derive.load("softmax_classifier")


def shares_and_cross_entropy():
    """A softmax as a block of its own, so that the derivatives by what it is of have short forms and are no deltas."""
    graph = derive.Graph()
    z = graph.linear(graph.input("x", [1, 0.5]), weight=[[0.5, -0.2], [-0.3, 0.4]], name="z")
    graph.error(graph.softmax(z, name="q"), target=[0, 1], error="cross_entropy")
    return graph.computation()


CASES = {
    **{name: derive.load(name) for name in derive.ready_networks()},
    "several": SEVERAL,
    "shares and cross-entropy": shares_and_cross_entropy(),
}


def lines_of(partial, derivation):
    """Every line of a partial that can be shown, those of its factors too."""
    yield symbolic.formula(partial)
    yield symbolic.chain(partial)
    for path in partial.paths:
        if partial.by in derivation.computation.by_name or len(partial.paths) == 1:
            yield symbolic.local(path.local)
    if partial.factors:
        yield symbolic.product(partial)
    else:
        yield from map(symbolic.path, partial.paths)
        yield symbolic.total(partial)
    if partial.is_net:
        yield symbolic.delta(partial, derivation)
        if partial.by in derivation.short_deltas:
            yield symbolic.short_delta(partial, derivation)
            yield symbolic.delta_in_short(partial, derivation)
    else:
        yield symbolic.delta_form(partial)
        yield symbolic.tabled(partial)


def scalar_lines(evaluation):
    """Every scalar line that shows numbers."""
    computation, plan, derivation = evaluation.computation, evaluation.plan, evaluation.derivation
    for equation in computation.equations:
        yield symbolic.equation(computation, equation.name)
    for partial in derivation.partials.values():
        yield from lines_of(partial, derivation)
        if computation.layers is None:
            yield from graph.of_partial(partial, derivation)
    if len(computation.samples) > 1:
        yield symbolic.reduction(computation)
        yield symbolic.gradient_reduction(computation, computation.parameters[0])
    for name in computation.parameters:
        if name in computation.trained:
            if plan.optimizer.is_plain:
                yield symbolic.updated(computation, plan, name)
            yield from symbolic.update_steps(computation, plan, name)
    if plan.is_sequential:
        late = LateLines(derivation)
        for name in late.names:
            partial, kind = derivation.partials[name], computation.kinds[name]
            if kind == "out":
                yield late.total(partial)
                yield from map(late.path, partial.paths if len(partial.paths) > 1 else ())
            elif kind == "net":
                yield late.delta(partial)
            elif kind in ("weight", "bias"):
                yield late.of_parameter(partial)


def known_ids(evaluation):
    """The ids of all lines, in scalars, of layers and of blocks, of activations and of updates."""
    computation = evaluation.computation
    found = {line.id for line in scalar_lines(evaluation)} | {ids.UPDATE}
    found |= {ids.comparison(name) for name in computation.kinds}
    found |= {line.id for group in array_lines(evaluation.derivation) for line in group}
    if computation.layers is None:
        moving = [name for name in computation.parameters if name in computation.trained]
        shapes = {term.shape.name for equation in computation.equations for term in equation.terms}
        used = shapes.intersection(derive.ACTIVATIONS)
        found |= {make(name) for make in (ids.appendix, ids.activation_derivative) for name in used}
        return found | {ids.updates(computation, moving, number) for number in range(1, len(moving) + 1)}
    for layer in computation.layers.rows:
        moving = [name for name in layer.parameters if name in computation.trained]
        found |= {ids.matrix(kind, layer.index) for kind in ids.MATRIX_LINES}
        found |= {ids.updates(computation, moving, number) for number in range(1, len(moving) + 1)}
        found |= {ids.activation(layer.function), ids.activation(layer.function, layer.index)}
        found |= {ids.appendix(layer.function), ids.activation_derivative(layer.function)}
    return found


def half_unit(text, digits):
    """Half of the last place of a printed number, which may have a power of ten."""
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return Fraction(1, 2 * 10**digits)
    places = max(len(mantissa.partition(".")[2]), 3)
    return Fraction(10) ** int(exponent) / (2 * 10**places)


def check_recalculation(line, digits):
    """The right side with its printed numbers, calculated by SymPy, against the printed value."""
    numbers = {name: Rational(number.text) for name, number in line.printed}
    filled = line.filled.xreplace({symbol: numbers[symbol.name] for symbol in line.filled.free_symbols})
    found = Fraction(str(N(filled.doit(), 60)))
    agrees = abs(found - Fraction(line.value.text)) <= half_unit(line.value.text, digits) + Fraction(1, 10**40)
    assert agrees or line.is_marked, (to_text(line.name), found, line.value)


def check_lines(evaluation, digits):
    filling = Filling(evaluation, digits, digits)
    for line in scalar_lines(evaluation):
        filled = filling.filled(line)
        assert filled.value is not None
        if filled.filled is not None and DOTS not in filled.filled.free_symbols:
            check_recalculation(filled, digits)


@pytest.mark.parametrize("form", ["both", "matrix"])
@pytest.mark.parametrize("digits", [6, 30])
@pytest.mark.parametrize("name", CASES)
def test_every_displayed_line_is_a_line_with_that_id(name, digits, form):
    derivation = CASES[name].derive()
    text = derivation.handout(detail="full", form=form, digits=digits).markdown
    anchors = re.findall(r'<a id="(eq-[^"]*)"></a>', text)
    assert len(anchors) == len(set(anchors)) > 5
    assert set(anchors) <= {anchor_of(known) for known in known_ids(derivation.evaluation)}


@pytest.mark.parametrize("name", CASES)
def test_every_id_is_an_anchor(name):
    for known in known_ids(CASES[name].derive().evaluation) - {""}:
        assert ANCHOR.fullmatch(f'<a id="{anchor_of(known)}"></a>'), known


@pytest.mark.parametrize("name", CASES)
def test_an_id_is_the_id_of_one_quantity(name):
    """One quantity may have lines of several kinds under one id; two quantities never share one."""
    found = {}
    for line in scalar_lines(CASES[name].derive().evaluation):
        if line.id and not line.parameter:
            about = (line.name.of, line.name.by) if isinstance(line.name, PartialSymbol) else line.name
            if isinstance(about, tuple) and line.name.through:
                partial_id = f"d{line.name.of}_d{line.name.by}"
                about = about if line.id == partial_id else (*about, line.name.through)
            assert found.setdefault(line.id, about) == about


@pytest.mark.parametrize("name", ["article", "softmax_classifier", "several"])
def test_a_line_pickles_and_is_equal_by_content(name):
    evaluation = CASES[name].derive().evaluation
    filling = Filling(evaluation, 9, 9)
    for line in scalar_lines(evaluation):
        filled = filling.filled(line)
        for each in (line, filled):
            for again in (pickle.loads(pickle.dumps(each)), copy.deepcopy(each)):
                assert again == each
                assert [*map(to_latex, again.right)] == [*map(to_latex, each.right)]


@pytest.mark.parametrize(
    ("symbol", "latex", "text"),
    [
        (PartialSymbol("out_o1", "net_o1"), r"\frac{\partial \mathrm{out}_{o1}}{\partial \mathrm{net}_{o1}}",
         "∂out_o1/∂net_o1"),
        (PartialSymbol("E", "w5", sample=2), r"\frac{\partial E^{(2)}}{\partial w_{5}}", "∂E/∂w5"),
        (PartialSymbol("E", "w5", is_late=True), r"{\frac{\partial E}{\partial w_{5}}}^{\ast}", "∂E/∂w5"),
        (SampleSymbol("E", 3), "E^{(3)}", "E(3)"),
        (NewSymbol("w5"), "w_{5}^{+}", "w5⁺"),
    ],
)  # fmt: skip
def test_names_that_say_what_they_stand_for(symbol, latex, text):
    assert (to_latex(symbol), to_text(symbol)) == (latex, text)
    assert pickle.loads(pickle.dumps(symbol)) == symbol
    assert symbol != Symbol(symbol.name)


@pytest.mark.parametrize("rounding", [None, 5])
@pytest.mark.parametrize("name", CASES)
def test_the_printed_numbers_give_the_printed_value_or_it_is_marked(name, rounding):
    derivation = CASES[name].derive()
    evaluation = derivation.evaluation if rounding is None else derivation.evaluation.by_hand(rounding)
    check_lines(evaluation, rounding or 9)


@settings(max_examples=12, deadline=None)
@given(networks())
def test_lines_of_random_networks(network):
    evaluation = network.derive().evaluation
    check_lines(evaluation, 7)
    check_lines(evaluation.by_hand(6), 6)
