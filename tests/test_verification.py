"""Nothing is written that was not checked: each kind of check fails where something is broken."""

import dataclasses
import json

import pytest
import sympy
from hypothesis import given, settings
from oracle import networks

import derive
from derive import Layer, Network, Sample, evaluation
from derive.verification import VerificationError, algebra, differences, lines, verify


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
    report = verify(small(activation, error).derive())
    assert report.lines > 50
    assert report.composed in (0, 7)
    assert (report.differences, report.partials, report.corners, report.undecided) == (7, 7, 0, 0)
    assert report.digits >= 25


@settings(max_examples=25, deadline=None)
@given(networks())
def test_random_networks_pass(network):
    assert verify(network.derive()).lines


def test_at_a_corner_nothing_is_compared_and_the_handout_says_so():
    network = Network([Layer([[0]], activation="relu")], [Sample([1], [2])])
    report = verify(network.derive())
    assert (report.differences, report.partials, report.corners) == (0, 1, 1)
    assert "At 1 the error has a corner" in network.derive().handout().markdown


def wrong_activation(monkeypatch, **changes):
    entry = dataclasses.replace(derive.ACTIVATIONS["softsign"], name="wrong", **changes)
    for module in ("derive.layers", "derive.graph", "derive.views", "derive.verification.algebra"):
        monkeypatch.setattr(f"{module}.ACTIVATIONS", {**derive.ACTIVATIONS, "wrong": entry})
    return small("wrong").derive()


def test_a_wrong_short_derivative_stops_the_writing(monkeypatch, tmp_path):
    derivation = wrong_activation(monkeypatch, derivative=lambda net, out, _: 1 - out)
    with pytest.raises(VerificationError, match=r"∂wrong/∂x0 = .*this line does not hold"):
        derivation.handout().write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_line_of_the_appendix_is_named(monkeypatch):
    derivation = wrong_activation(monkeypatch, lines=lambda net, out, _: (out * out,))
    with pytest.raises(VerificationError, match="d out/d net of wrong"):
        verify(derivation)


def test_a_broken_rule_is_found(monkeypatch):
    monkeypatch.setattr("derive.rules.Quotient.factors", property(lambda self: (self.parts[0].result,)))
    with pytest.raises(VerificationError):
        verify(small("tanh").derive())


def test_a_broken_local_formula_is_found(monkeypatch):
    monkeypatch.setattr("derive.partials.local_formula", lambda equation, by: sympy.Symbol(equation.names[0]))
    with pytest.raises(VerificationError, match="∂E_total"):
        verify(small().derive())


def double_w1(monkeypatch):
    right = evaluation.path_value

    def doubled(path, partials, values):
        return (2 if path.local.by == "w1" else 1) * right(path, partials, values)

    monkeypatch.setattr("derive.evaluation.path_value", doubled)


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
        verify(small().derive())


def test_a_broken_backward_pass_is_found_by_the_composed_error(monkeypatch):
    double_w1(monkeypatch)
    only(monkeypatch, "composed")
    with pytest.raises(VerificationError, match=r"∂E_total/∂w1 = .*composed error"):
        verify(small().derive())


def test_a_broken_backward_pass_is_found_by_the_lines(monkeypatch):
    double_w1(monkeypatch)
    only(monkeypatch, "lines")
    with pytest.raises(VerificationError, match="∂E_total/∂w1"):
        verify(small().derive())


def test_a_missing_path_is_found(monkeypatch):
    derivation = derive.load("article").derive()
    partial = derivation.partials["out_h1"]
    derivation.partials["out_h1"] = dataclasses.replace(partial, paths=partial.paths[:1])
    with pytest.raises(VerificationError):
        verify(derivation)


def test_a_wrong_short_delta_is_found(monkeypatch):
    from derive.error_functions import SHORT_DELTAS, ShortDelta

    key = ("softmax", "cross_entropy")
    swapped = ShortDelta(lambda targets, outs, place: (targets[place] - outs[place],))
    monkeypatch.setattr("derive.derivation.SHORT_DELTAS", {**SHORT_DELTAS, key: swapped})
    with pytest.raises(VerificationError, match="∂E_total/∂net_o"):
        verify(derive.load("softmax_classifier").derive())


def test_the_command_line_ends_with_code_1_and_names_the_line(monkeypatch, tmp_path, capsys):
    from derive.cli import main

    monkeypatch.setattr("derive.rules.Quotient.factors", property(lambda self: (self.parts[0].result,)))
    (tmp_path / "net.toml").write_text(
        '[[sample]]\ninputs = [1]\ntargets = [1]\n[[layer]]\nactivation = "silu"\nweights = [[0.5]]\nbias = 0.125\n'
    )
    monkeypatch.setattr("sys.argv", ["derive", "handout", str(tmp_path / "net.toml"), "-o", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert "this line does not hold" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_box_and_the_data_say_what_was_checked(article):
    handout = article.handout()
    box = handout.markdown.strip().splitlines()[-1]
    assert box.startswith("> **Checked before it was written.**")
    assert f"That makes {handout.report.lines} lines." in box
    assert "confirm 10 gradients." in box
    assert f"to at least {handout.report.digits} digits." in box
    data = json.loads(handout.render("json")["handout.json"])
    assert data["checked"] == dataclasses.asdict(handout.report)


def wide():
    layer = Layer([[0.01 * (k % 7 - 3) + 0.001 * i for i in range(40)] for k in range(30)], activation="tanh")
    return Network([layer], [Sample([0.5 + 0.01 * i for i in range(40)], [0.1] * 30)])


def test_all_gradients_of_a_large_network_are_compared():
    report = verify(wide().derive())
    assert (report.differences, report.partials) == (1200, 1200)
    assert report.formulas < report.parameters == 1200


def test_beyond_the_budget_the_box_says_how_many_were_compared(monkeypatch):
    monkeypatch.setattr("derive.verification.differences.MOST_TERMS", 1000)
    handout = wide().derive().handout()
    assert 100 < handout.report.differences < 400
    assert f"confirm {handout.report.differences} of 1200 gradients" in handout.markdown
