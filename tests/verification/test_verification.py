"""Nothing is written that was not checked: each kind of check fails where something is broken."""

import dataclasses
import itertools
import json
from fractions import Fraction

import mpmath
import pytest
import sympy
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from oracle import networks

import derive
from derive import Layer, Network, Sample
from derive.computation.equations import Computation, Equation, Term
from derive.computation.shapes import PRODUCT, SAME
from derive.evaluation import calculation, evaluation, local
from derive.lines import symbolic
from derive.lines.filling import Filling
from derive.lines.late import LateLines
from derive.lines.line import Line
from derive.notation import partial_latex
from derive.numbers.decimals import Undecided
from derive.numbers.precision import at_bits
from derive.render import show
from derive.verification import VerificationError, algebra, differences, sides, verify
from derive.verification import forward_lines as lines
from derive.verification.checking import EXACT, agree


@pytest.fixture(autouse=True)
def nothing_known_from_before():
    """What was checked once is not checked again in a process; here it would hide what a test breaks."""
    known = (algebra._verify_shape, algebra._verify_activation)
    for cached in known:
        cached.cache_clear()
    yield
    for cached in known:
        cached.cache_clear()


def small(activation="logistic", error="half_squared_error", last="logistic"):
    layers = [Layer([[0.5, -0.25], [0.75, 0.5]], bias=0.1, activation=activation), Layer([[0.3, 0.6]], activation=last)]
    return Network(layers, [Sample([1, 2], [1])], error=error)


@pytest.mark.parametrize("activation", derive.ACTIVATIONS)
@pytest.mark.parametrize("error", derive.ERRORS)
def test_every_function_passes(activation, error):
    report = verify(small(activation, error).derive().evaluation)
    assert report.lines > 50
    assert report.composed in (0, 7)
    assert (report.differences, report.partials, report.corners, report.undecided) == (7, 7, 0, 0)
    assert report.digits >= 25


@settings(max_examples=25, deadline=None)
@given(networks())
def test_random_networks_pass(network):
    assert verify(network.derive().evaluation).lines


def test_at_a_corner_nothing_is_compared_and_the_handout_says_so():
    network = Network([Layer([[0]], activation="relu")], [Sample([1], [2])])
    report = verify(network.derive().evaluation)
    assert (report.differences, report.partials, report.corners) == (0, 1, 1)
    assert (
        "They prove nothing for 1 gradient, taken exactly where two cases of a function meet"
        in network.derive().handout().markdown
    )


def wrong_activation(monkeypatch, **changes):
    entry = dataclasses.replace(derive.ACTIVATIONS["softsign"], name="wrong", **changes)
    for module in (
        "derive.network.layers",
        "derive.network.compile",
        "derive.story.views",
        "derive.verification.algebra",
    ):
        monkeypatch.setattr(f"{module}.ACTIVATIONS", {**derive.ACTIVATIONS, "wrong": entry})
    return small("wrong").derive()


def test_a_wrong_short_derivative_stops_the_writing(monkeypatch, tmp_path):
    derivation = wrong_activation(monkeypatch, derivative=lambda net, out, _: 1 - out)
    with pytest.raises(VerificationError, match=r"∂wrong/∂x0 = .*this equation does not hold"):
        derivation.handout().write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_line_of_the_appendix_is_named(monkeypatch):
    derivation = wrong_activation(monkeypatch, lines=lambda net, out, _: (out * out,))
    with pytest.raises(VerificationError, match="d out/d net of wrong"):
        verify(derivation.evaluation)


def test_a_broken_rule_is_found(monkeypatch):
    monkeypatch.setattr("derive.calculus.rules.Quotient.factors", property(lambda self: (self.parts[0].result,)))
    with pytest.raises(VerificationError):
        verify(small("tanh").derive().evaluation)


def test_a_broken_local_formula_is_found(monkeypatch):
    monkeypatch.setattr("derive.calculus.partials.local_formula", lambda equation, by: sympy.Symbol(equation.names[0]))
    with pytest.raises(VerificationError, match="∂E_total"):
        verify(small().derive().evaluation)


def double_w1(monkeypatch):
    right = local.through

    def doubled(equation, by, partials, values):
        return (2 if by == "w1" else 1) * right(equation, by, partials, values)

    for place in ("calculation", "local"):  # which makes the tables, and which reads them
        monkeypatch.setattr(f"derive.evaluation.{place}.through", doubled)


def only(monkeypatch, kept):
    """Switch off every kind of check but one."""
    settled = lines.Settled(0, 0, 99, 0)
    nothing = differences.Differences(0, 0, 99, frozenset())
    answers = {"algebra": (0, 0), "lines": settled, "composed": 0, "differences": nothing}
    for kind in answers.keys() - {kept}:
        monkeypatch.setattr(f"derive.verification.verify_{kind}", lambda *_, answer=answers[kind]: answer)


def test_a_broken_backward_pass_is_found_by_the_error_alone(monkeypatch):
    """The formulas are right and the numbers wrong in the same way: only the differences of the error see it."""
    double_w1(monkeypatch)
    only(monkeypatch, "differences")
    with pytest.raises(VerificationError, match=r"∂E_total/∂w1 = .*central difference"):
        verify(small().derive().evaluation)


def test_a_broken_backward_pass_is_found_by_the_composed_error(monkeypatch):
    double_w1(monkeypatch)
    only(monkeypatch, "composed")
    with pytest.raises(VerificationError, match=r"∂E_total/∂w1 = .*composed error"):
        verify(small().derive().evaluation)


def test_a_broken_backward_pass_is_found_by_the_lines(monkeypatch):
    double_w1(monkeypatch)
    only(monkeypatch, "lines")
    with pytest.raises(VerificationError, match="∂E_total/∂w1"):
        verify(small().derive().evaluation)


def two_samples(updates, **optimizer):
    layers = [
        Layer([[0.5, -0.25], [0.75, 0.5]], bias=0.1, activation="tanh"),
        Layer([[0.3, 0.6], [-0.4, 0.2]], bias=[0.2, 0.3], train_bias=False),
    ]
    samples = [Sample([1, 2], [1, 0]), Sample([0.5, -1], [0.25, 0.75])]
    return Network(layers, samples, updates=updates, optimizer=derive.Optimizer(**optimizer))


def changed(values, *keys):
    """The mapping or tuple with a little added to one number in it."""
    key, *rest = keys
    new = changed(values[key], *rest) if rest else values[key] + fmpq(1, 10**20)
    if isinstance(values, tuple):
        return (*values[:key], new, *values[key + 1 :])
    return {**values, key: new}


ADAM = {"name": "adam", "weight_decay": 0.1}
PRINTED = [
    ("passes", (1, "i1"), r"i1 \(sample 2\)"),
    ("passes", (0, "w1"), r"w1 \(sample 1\)"),
    ("passes", (1, "net_h1"), r"net_h1 \(sample 2\)"),
    ("passes", (1, "out_o1"), r"out_o1 \(sample 2\)"),
    ("passes", (1, "E_o2"), r"E_o2 \(sample 2\)"),
    ("passes", (1, "E_total"), r"E_total \(sample 2\)"),
    ("partials", (1, "w1"), r"∂E_total/∂w1 \(sample 2\)"),
    ("partials", (1, "net_h2"), "∂E_total/∂net_h2|∂E_total/∂w"),
    ("partials", (0, "out_h1"), "∂E_total/∂out_h1|∂E_total/∂net_h1"),
    ("partials", (1, "b1"), r"∂E_total/∂b1 \(sample 2\)"),
    ("gradients", ("w3",), "∂E_mean/∂w3"),
    ("update_gradients", ("w3",), "∂E_mean/∂w3"),
    ("steps", ("w3", "g_lambda"), "g_lambda of w3"),
    ("steps", ("w3", "m+"), r"m\+ of w3"),
    ("steps", ("w3", "s_hat"), "s_hat of w3"),
    ("updated", ("w3",), r"w\+ of w3"),
]


@pytest.mark.parametrize(("table", "keys", "line"), PRINTED)
@pytest.mark.parametrize("updates", ["simultaneous", "sequential"])
def test_every_printed_number_has_a_line_that_notices_it(monkeypatch, table, keys, line, updates):
    """One number of the tables is changed by 1e-20: the lines alone find it, and name it."""
    with_change(monkeypatch, table, lambda found: changed(getattr(found, table), *keys))
    with pytest.raises(VerificationError, match=line):
        verify(two_samples(updates, **ADAM).derive().evaluation)


def with_change(monkeypatch, name, value):
    right = calculation.Calculation.table
    monkeypatch.setattr(
        "derive.evaluation.calculation.Calculation.table",
        lambda self: dataclasses.replace(found := right(self), **{name: value(found)}),
    )
    only(monkeypatch, "lines")


@pytest.mark.parametrize("name", ["error", "rate"])
def test_the_error_and_the_rate_have_their_lines(monkeypatch, name):
    with_change(monkeypatch, name, lambda found: getattr(found, name) + fmpq(1, 10**20))
    with pytest.raises(VerificationError, match={"error": "E_mean = the mean", "rate": "eta = 1/2"}[name]):
        verify(two_samples("simultaneous").derive().evaluation)


@pytest.mark.parametrize(
    ("keys", "line"), [((1, "out_o2"), "out_o2 after"), ((0, "b1"), "after the update"), ((1, "E_total"), "E_")]
)
def test_the_pass_with_the_new_weights_has_its_lines(monkeypatch, keys, line):
    def pass_again(found):
        return lambda new: changed(found.pass_again(new), *keys)

    with_change(monkeypatch, "pass_again", pass_again)
    with pytest.raises(VerificationError, match=line):
        verify(two_samples("simultaneous").derive().evaluation)


@pytest.mark.parametrize("keys", [(1, "out_h1"), (0, "out_h2"), (1, "net_h1"), (0, "w2")])
def test_sequential_updates_have_their_lines(monkeypatch, keys):
    with_change(monkeypatch, "update_partials", lambda found: changed(found.update_partials, *keys))
    with pytest.raises(VerificationError, match="with the new weights"):
        verify(two_samples("sequential").derive().evaluation)


def test_what_the_handout_says_of_trained_biases_is_checked(monkeypatch):
    derivation = two_samples("simultaneous").derive()
    other = derivation.evaluation.with_biases
    table = other.table(128)
    wrong = at_bits(128, lambda: dataclasses.replace(table, updated=changed(table.updated, "b_o1")))
    other._tables[128] = wrong
    with pytest.raises(VerificationError, match="b_o1⁺ = b_o1 − "):
        verify(derivation.evaluation)


def test_a_matrix_whose_weights_are_misplaced_is_found(monkeypatch):
    derivation = small().derive()
    layers = derivation.computation.layered
    first, second, *others = layers.rows[0].neurons
    swapped = [dataclasses.replace(a, weights=b.weights) for a, b in ((first, second), (second, first))]
    object.__setattr__(layers.rows[0], "neurons", (*swapped, *others))
    only(monkeypatch, "lines")
    with pytest.raises(VerificationError, match="row 1 of W·out"):
        verify(derivation.evaluation)


def test_a_path_that_is_not_all_of_its_part_is_found(monkeypatch):
    monkeypatch.setattr("derive.calculus.partials.Path.part", property(lambda self: "E_o1"))
    with pytest.raises(
        VerificationError, match="∂E_o1/∂net_o2 in ∂E_total/∂net_o2: the path through out_o2 does not give all of it"
    ):
        verify(two_samples("simultaneous").derive().evaluation)


def test_several_paths_to_one_output_are_each_a_part_of_its_derivative_only():
    """Two hidden layers before one output: ∂E_o1/∂out is the sum of the paths, and no path is called by that name.

    Where there is one path alone it is the derivative of the objective, which an only output's error is.
    """
    layers = [Layer([[0.5]]), Layer([[0.25], [0.75]]), Layer([[0.5, 0.5]])]
    derivation = Network(layers, [Sample([1], [0])]).derive()
    assert [path.part for path in derivation["out_h1_1"].paths] == ["", ""]
    assert [path.part for path in derivation["out_h2_1"].paths] == [""]
    assert partial_latex("E_o1", "out_h1_1") not in derivation.handout().markdown
    assert verify(derivation.evaluation).undecided == 0


def test_balls_that_are_too_wide_decide_nothing():
    with pytest.raises(Undecided):
        agree(arb(1, 1e-3), arb(1, 1e-3), str, lost=1000)
    with pytest.raises(Undecided):
        agree(arb(0, 1e-100), arb(0, 1e-100), str, lost=1000)
    with pytest.raises(Undecided):
        agree(arb("nan"), arb(1), str, lost=1000)
    assert agree(arb(1, 1e-20), arb(1), str, lost=1000) in (19, 18)
    assert agree(arb(0, 1e-40), fmpq(0), str, lost=1000) == 30
    assert agree(fmpq(1, 3), fmpq(1, 3), str, lost=1000) == EXACT


@pytest.mark.parametrize("right", [fmpq(1, 3), at_bits(128, lambda: arb(1) / 3)])
def test_what_differs_fails_whether_exact_or_not(right):
    with pytest.raises(
        VerificationError, match=r"w = 1: this equation does not hold; the right side is \[?0\.33333333"
    ):
        at_bits(128, lambda: agree(right, fmpq(1, 2), lambda: "w = 1", lost=1000))


FORMULAS = {
    "identity": lambda x: x,
    "logistic": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "gelu": lambda x: x * (1 + mpmath.erf(x / mpmath.sqrt(2))) / 2,
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "elu": lambda x: x if x > 0 else mpmath.exp(x) - 1,
}


@pytest.mark.parametrize("bits", [8, 20, 40])
@pytest.mark.parametrize("weight", [Fraction(3, 7), Fraction(-5, 3)])
@pytest.mark.parametrize("activation", FORMULAS)
def test_the_bound_of_a_difference_holds_the_derivative(activation, weight, bits):
    """Even a large step, whose difference is far off, gives a ball that holds mpmath's derivative."""
    network = Network([Layer([[weight]], activation=activation), Layer([[2]], activation="tanh")], [Sample([1], [3])])
    graph = network.derive().graph
    with ctx.workprec(200):
        ball = differences.Pass(differences.Behind(graph), graph.samples[0]).derivative("w1", fmpq(1, 2**bits))
        ends = [end.str(50, radius=False) for end in (ball.lower(), ball.upper())]
    with mpmath.workdps(60):
        f = FORMULAS[activation]
        exact = mpmath.diff(
            lambda w: (3 - mpmath.tanh(2 * f(w))) ** 2 / 2, mpmath.mpf(weight.numerator) / weight.denominator
        )
        low, high = map(mpmath.mpf, ends)
        slack = mpmath.mpf(10) ** -30
        assert low - slack <= exact <= high + slack
        assert high - low < mpmath.mpf(2) ** (8 - 2 * bits)


@pytest.mark.parametrize("activation", ["relu", "hard_tanh", "softsign"])
def test_a_step_over_a_corner_concludes_nothing(activation):
    weight = Fraction(1 if activation == "hard_tanh" else 0) + Fraction(1, 10**6)
    graph = Network([Layer([[weight]], activation=activation)], [Sample([1], [3])]).derive().graph
    forward = differences.Pass(differences.Behind(graph), graph.samples[0])
    with pytest.raises(Undecided):
        at_bits(128, forward.derivative, "w1", fmpq(1, 100))
    assert at_bits(128, forward.derivative, "w1", fmpq(1, 10**9)).is_finite()


def test_a_shared_weight_is_moved_wherever_it_stands():
    """A graph of which no layer knows: y = w·a, z = w·y + w·b, E = z."""
    graph = Computation(
        (
            Equation("y", (Term(PRODUCT, ("w", "a")),)),
            Equation("z", (Term(PRODUCT, ("w", "y")), Term(PRODUCT, ("w", "b")), Term(PRODUCT, ("a", "b")))),
            Equation("E", (Term(SAME, ("z",)),)),
        ),
        ({"a": Fraction(3), "b": Fraction(5), "w": Fraction(2)},),
        {"a": "input", "b": "input", "w": "weight", "y": "net", "z": "net", "E": "error"},
        "E",
        frozenset(["w"]),
    )
    forward = differences.Pass(differences.Behind(graph), graph.samples[0])
    assert forward.moved("w", fmpq(1)) == 3 * 3 * 3 + 3 * 5 + 15  # w²a + wb + ab at w = 3
    assert forward.derivative("w", fmpq(1, 8)).contains(2 * 2 * 3 + 5)


def test_a_missing_path_is_found(monkeypatch):
    derivation = derive.load("article").derive()
    partial = derivation.partials["out_h1"]
    derivation.partials["out_h1"] = dataclasses.replace(partial, uses=partial.uses[:1])
    with pytest.raises(VerificationError):
        verify(derivation.evaluation)


def test_a_wrong_short_delta_is_found(monkeypatch):
    from derive.functions.losses import SHORT_DELTAS, ShortDelta

    key = ("softmax", "cross_entropy")
    swapped = ShortDelta(lambda targets, outs, place: (targets[place] - outs[place],))
    monkeypatch.setattr("derive.calculus.chain.SHORT_DELTAS", {**SHORT_DELTAS, key: swapped})
    with pytest.raises(VerificationError, match="∂E_total/∂net_o"):
        verify(derive.load("softmax_classifier").derive().evaluation)


def test_the_command_line_ends_with_code_1_and_names_the_line(monkeypatch, tmp_path, capsys):
    from derive.cli.main import main

    monkeypatch.setattr("derive.calculus.rules.Quotient.factors", property(lambda self: (self.parts[0].result,)))
    (tmp_path / "net.toml").write_text(
        '[[sample]]\ninputs = [1]\ntargets = [1]\n[[layer]]\nactivation = "silu"\nweights = [[0.5]]\nbias = 0.125\n'
    )
    monkeypatch.setattr("sys.argv", ["derive", "handout", str(tmp_path / "net.toml"), "-o", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert "this equation does not hold" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_box_and_the_data_say_what_was_checked(article):
    handout = article.handout()
    box = handout.markdown.strip().splitlines()[-1]
    assert box.startswith("> **Verified.**")
    assert f"The check covers {handout.report.lines} equations:" in box
    assert "Finite differences with rigorous error bounds confirm 10 gradients." in box
    assert f"to at least {handout.report.digits} digits." in box
    data = json.loads(handout.render("json")["handout.json"])
    assert data["checked"] == dataclasses.asdict(handout.report)


def test_a_comparison_of_rationals_alone_is_said_to_be_exact():
    layers = [
        Layer([[0.5, -0.5], [0.25, 0.25]], activation="relu"),
        Layer([[1, 2]], activation="identity"),
    ]
    handout = Network(layers, [Sample([1, 1], [1])]).derive().handout()
    box = handout.markdown.strip().splitlines()[-1]
    assert box.endswith("All comparisons agree exactly.")
    assert "10000" not in box
    assert "10,000" not in box
    assert json.loads(handout.render("json")["handout.json"])["checked"]["digits"] is None


def wide():
    layer = Layer([[0.01 * (k % 7 - 3) + 0.001 * i for i in range(40)] for k in range(30)], activation="tanh")
    return Network([layer], [Sample([0.5 + 0.01 * i for i in range(40)], [0.1] * 30)])


def test_all_gradients_of_a_large_network_are_compared():
    report = verify(wide().derive().evaluation)
    assert (report.differences, report.partials) == (1200, 1200)
    assert report.formulas < report.parameters == 1200


def test_beyond_the_budget_the_box_says_how_many_were_compared(monkeypatch):
    monkeypatch.setattr("derive.verification.differences.MOST_TERMS", 1000)
    handout = wide().derive().handout()
    assert 100 < handout.report.differences < 400
    assert f"confirm {handout.report.differences} of 1,200 gradients." in handout.markdown


@pytest.mark.parametrize("error", ["half_squared_error", "huber", "hinge", "absolute_error"])
@pytest.mark.parametrize("last", ["hard_tanh", "relu", "elu"])
@pytest.mark.parametrize("hidden", ["relu", "leaky_relu", "elu", "hard_tanh"])
def test_functions_by_cases_within_each_other_pass(hidden, last, error):
    """SymPy makes a condition of its own, ITE, of a relation between functions that are defined by cases."""
    for weights in ([0.5, -0.25], [2, 3]):
        layers = [Layer([weights, [0.75, 0.5]], bias=0.1, activation=hidden), Layer([[0.3, 0.6]], activation=last)]
        network = Network(layers, [Sample([1, 2], [1])], error=error)
        assert verify(network.derive().evaluation).lines


READERS = ["quantity", "derivative", "path", "gradient", "gradient_used", "updated", "after", "step"]


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_that_gives_another_number_is_found(reader, monkeypatch):
    """What is printed goes through these; the lines rest on the tables that they read."""
    right = getattr(evaluation.Evaluation, reader)

    def wrong(self, *given):
        number = right(self, *given)
        return evaluation.Number(self, lambda table: number.found_in(table) + 1)

    monkeypatch.setattr(evaluation.Evaluation, reader, wrong)
    with pytest.raises(VerificationError, match="what is printed: this equation does not hold"):
        verify(derive.load("xor").derive().evaluation)


def printed(monkeypatch, derivation):
    """Every line that handouts of all forms, and the terminal for every quantity, fill in or write in symbols."""
    found = []
    for name in ("filled", "in_symbols"):
        right = getattr(Filling, name)
        monkeypatch.setattr(Filling, name, lambda self, line, right=right: found.append(line) or right(self, line))
    for form, detail in itertools.product(("scalar", "both"), ("article", "full")):
        assert derivation.handout(form=form, detail=detail).markdown
    for name in derivation.computation.kinds:
        assert show.render(derivation.evaluation, name, digits=9)
    return found


def checked(monkeypatch, evaluation):
    """The right sides of the lines that are checked, by the name on the left."""
    found = set()
    right = sides._compiled

    def recorded(given):
        kept = list(given)
        found.update((line.name, tree) for line in kept for tree in line.trees)
        return right(kept)

    monkeypatch.setattr(sides, "_compiled", recorded)
    verify(evaluation)
    return found


SHOWN = [*derive.ready_networks(), "sequential", "adam"]


@pytest.mark.parametrize("name", SHOWN)
def test_every_line_that_is_printed_is_one_that_is_checked(monkeypatch, name):
    networks = {"sequential": two_samples("sequential"), "adam": two_samples("simultaneous", **ADAM)}
    derivation = (networks[name] if name in networks else derive.load(name)).derive()
    known = checked(monkeypatch, derivation.evaluation)
    lines = printed(monkeypatch, derivation)
    assert len(lines) > 20
    for line in lines:
        # That g is the derivative is a name for it, and no formula.
        for tree in () if line.name == sympy.Symbol("g") else line.trees:
            assert (line.name, tree) in known, (line.id, line.name, tree)


def spoiled(line):
    """The line with 1 more on its right sides."""
    more = [
        sympy.Add(tree, sympy.Integer(1), evaluate=False) for tree in (*line.right, line.filled) if tree is not None
    ]
    return dataclasses.replace(line, right=tuple(more), filled=more[-1])


PLAIN = ["equation", "whole_error", "chain", "local", "product", "delta", "path", "total", "formula", "delta_form"]
SAMPLES = ["updated", "update_rule", "reduction", "gradient_reduction"]
LATE = ["late.total", "late.delta", "late.of_parameter"]
MAKERS = [
    *((maker, "article") for maker in PLAIN),
    *((maker, "sequential") for maker in (*PLAIN, *SAMPLES, *LATE) if maker != "update_rule"),
    *((maker, "softmax_classifier") for maker in ("short_delta", "delta_in_short")),
    *((maker, "adam") for maker in ("update_rule", "update_steps")),
]


@pytest.mark.parametrize(("maker", "name"), MAKERS)
def test_a_line_that_is_printed_wrongly_is_found(monkeypatch, maker, name):
    """What is printed is spoiled where it is made, and nothing else: the tables of numbers stay right."""
    networks = {"sequential": two_samples("sequential"), "adam": two_samples("simultaneous", **ADAM)}
    derivation = (networks[name] if name in networks else derive.load(name)).derive()
    owner, maker = (LateLines, maker.removeprefix("late.")) if maker in LATE else (symbolic, maker)
    right = getattr(owner, maker)

    def wrong(*given):
        made = right(*given)
        return spoiled(made) if isinstance(made, Line) else tuple(map(spoiled, made))

    monkeypatch.setattr(owner, maker, wrong)
    only(monkeypatch, "lines")
    with pytest.raises(VerificationError, match="this equation does not hold"):
        verify(derivation.evaluation)
