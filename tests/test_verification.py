"""Nothing is written that was not checked: each kind of check fails where something is broken."""

import dataclasses
import json

import pytest
import sympy
from hypothesis import given, settings
from oracle import networks

import derive
from derive import Layer, Network, Sample, evaluation, verification
from derive.verification import VerificationError, verify


@pytest.fixture(autouse=True)
def nothing_known_from_before():
    """What was checked once is not checked again in a process; here it would hide what a test breaks."""
    known = (verification._verify_shape, verification._verify_activation)
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
    assert (report.partials, report.skipped) == (7, 0)
    assert report.decimals >= 12


@settings(max_examples=25, deadline=None)
@given(networks())
def test_random_networks_pass(network):
    assert verify(network.derive()).lines


def test_at_a_corner_nothing_is_compared_and_the_handout_says_so():
    network = Network([Layer([[0]], activation="relu")], [Sample([1], [2])])
    assert verify(network.derive()).skipped == 1
    assert "the error has a corner here" in network.derive().handout().markdown


def wrong_activation(monkeypatch, **changes):
    entry = dataclasses.replace(derive.ACTIVATIONS["softsign"], name="wrong", **changes)
    for module in ("derive.layers", "derive.graph", "derive.views", "derive.verification"):
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
    right = evaluation._path_value

    def doubled(path, partials, values):
        return (2 if path.local.by == "w1" else 1) * right(path, partials, values)

    monkeypatch.setattr("derive.evaluation._path_value", doubled)


def test_a_broken_backward_pass_is_found_by_the_error_alone(monkeypatch):
    """The formulas are right and the numbers wrong in the same way: only the differences of the error see it."""
    double_w1(monkeypatch)
    monkeypatch.setattr("derive.verification._verified_lines", lambda derivation, table: iter(()))
    monkeypatch.setattr("derive.verification._verify_composed", lambda derivation: 0)
    with pytest.raises(VerificationError, match=r"∂E_total/∂w1: the derivation gives .*central difference"):
        verify(small().derive())


def test_a_broken_backward_pass_is_found_by_the_composed_error(monkeypatch):
    double_w1(monkeypatch)
    monkeypatch.setattr("derive.verification._verified_lines", lambda derivation, table: iter(()))
    monkeypatch.setattr("derive.verification._verify_partials", lambda derivation: (0, 0, 0))
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
    assert f"{handout.report.lines} comparisons in all" in handout.markdown
    assert "10 gradients against central differences" in handout.markdown
    data = json.loads(handout.render("json")["handout.json"])
    assert data["checked"] == dataclasses.asdict(handout.report)


def test_a_large_network_is_sampled():
    layer = Layer([[0.01 * (k % 7 - 3)] * 40 for k in range(30)], activation="tanh")
    network = Network([layer], [Sample([0.5] * 40, [0.1] * 30)])
    report = verify(network.derive())
    assert 300 < report.partials <= 400
