"""Online updates, after each sample, against PyTorch's loop over the samples and against mpmath."""

import dataclasses
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from oracle import networks
from precise_training import trained

import derive
from derive.evaluation.turn import turn
from derive.numbers.precision import at_bits
from derive.training.certified import states
from derive.verification import verify

OPTIMIZERS = [
    derive.Optimizer(name, weight_decay=decay)
    for name in derive.OPTIMIZERS
    for decay in (0, Fraction(1, 50), {"value": Fraction(1, 50), "on": "weights"})
]


def network(copies, optimizer, reduction, error="half_squared_error", last="tanh"):
    """A 3-3-2 network with three samples, or copies of them that differ."""
    layers = [
        derive.Layer([[0.3, -0.4, 0.2], [0.1, 0.7, -0.6], [-0.5, 0.2, 0.9]], 0.2, "logistic"),
        derive.Layer([[0.5, -0.3, 0.4], [-0.2, 0.6, 0.1]], [0.1, -0.3], last),
    ]
    samples = [
        derive.Sample([Fraction(1 + place, 4), -0.5, Fraction(place % 3, 2)], [[1, 0], [0, 1]][place % 2])
        for place in range(3 * copies)
    ]
    return derive.Network(
        layers,
        samples,
        error=error,
        learning_rate=Fraction(1, 20),
        optimizer=optimizer,
        reduction=reduction,
        updates="online",
    )


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
@pytest.mark.parametrize("copies", [1, 4], ids=["floats", "arrays"])
def test_passes_are_pytorchs_loop_over_the_samples(optimizer, copies):
    oracle = pytest.importorskip("torch_oracle")
    for reduction, error, last in [
        ("mean", "half_squared_error", "tanh"),
        ("sum", "binary_cross_entropy", "logistic"),
        ("mean", "cross_entropy", "softmax"),
    ]:
        net = network(copies, optimizer, reduction, error, last)
        derivation = net.derive()
        training = derivation.train(4, every=1)
        errors, parameters = oracle.train_online(net, 4)
        np.testing.assert_allclose([row.error for row in training.rows], errors, rtol=1e-11)
        assert training.parameters == pytest.approx(parameters, rel=1e-10, abs=1e-13)
        first, once = oracle.train_online(net, 1)
        evaluation = derivation.evaluation
        assert {name: evaluation.updated(name) for name in once} == pytest.approx(once, rel=1e-11, abs=1e-14)
        assert [derivation.error.value, derivation.error.after] == pytest.approx(first, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(networks(activations=("logistic", "tanh", "relu", "identity")))
def test_certified_passes_of_random_networks_are_mpmaths(drawn):
    more = [derive.Sample([i + 1 for i in sample.inputs], sample.targets) for sample in drawn.samples]
    net = drawn.replace(updates="online", samples=[*drawn.samples, *more])
    try:
        found = states(net.derive().evaluation, [2], 15)[2]
    except derive.UnsupportedError:
        return
    if {reading.sure for reading in found.all} <= {"exact", "certain"}:
        with mpmath.workdps(80):
            expected = trained(net, 2).parameters
            for name, reading in found.parameters.items():
                assert mpmath.almosteq(mpmath.mpf(reading.text), expected[name], abs_eps=mpmath.mpf(10) ** -15)


def test_each_turn_starts_where_the_one_before_has_ended_and_all_lines_hold():
    net = network(2, derive.Optimizer("adam"), "mean")
    evaluation = net.derive().evaluation
    by_hand = net
    for number in range(6):
        its = turn(evaluation, number)
        alone = by_hand.replace(samples=[net.samples[number]], updates="simultaneous")
        assert its.quantity("out_o1") == pytest.approx(alone.derive().values["out_o1"], rel=1e-14)
        assert its.gradient("w1") == pytest.approx(alone.derive().gradients["w1"], rel=1e-12)
        by_hand = by_hand.replace({name: its.updated(name) for name in evaluation.computation.parameters})
    assert evaluation.updated("w1") == its.updated("w1")
    report = verify(evaluation)
    assert not report.undecided
    assert report.lines > verify(net.replace(updates="simultaneous").derive().evaluation).lines


@pytest.mark.parametrize(
    ("kind", "name"),
    [("passes", "w5"), ("passes", "out_h1"), ("partials", "net_h1"), ("steps", "w1"), ("updated", "w6")],
)
def test_a_wrong_number_in_a_turn_is_found(kind, name):
    evaluation = network(1, derive.Optimizer("momentum"), "mean").derive().evaluation
    bits = 128  # the first precision at which lines are checked
    table = evaluation.table(bits)
    second = table.turns[1]
    found = getattr(second, kind)
    if kind in ("passes", "partials"):
        wrong = ({**found[0], name: at_bits(bits, lambda: found[0][name] * 2)},)
    elif kind == "steps":
        wrong = {**found, name: {**found[name], "v+": at_bits(bits, lambda: found[name]["v+"] * 2)}}
    else:
        wrong = {**found, name: at_bits(bits, lambda: found[name] * 2)}
    turns = (table.turns[0], dataclasses.replace(second, **{kind: wrong}), table.turns[2])
    evaluation._tables[bits] = dataclasses.replace(table, turns=turns)
    with pytest.raises(derive.VerificationError, match=r"sample [23]"):
        verify(evaluation)


@pytest.mark.parametrize("updates", ["online", "simultaneous"])
def test_with_one_sample_a_pass_is_an_update(updates):
    net = derive.load("article").replace(updates=updates)
    assert net.derive().train(50).certified(12).last == derive.load("article").derive().train(50).certified(12).last


def test_a_published_training_after_each_sample_is_right():
    """XOR, printed after each of three passes; a bias was there a weight of a constant input."""
    samples = [derive.Sample([a, b], [a ^ b]) for a in (0, 1) for b in (0, 1)]
    layers = [derive.Layer([[0.6, 0.6], [0.6, 0.6]], [-0.6, -0.6]), derive.Layer([[0.6, 0.6]], [-0.6])]
    net = derive.Network(layers, samples, learning_rate=0.1, reduction="sum", updates="online")
    printed = {
        1: {"w5": 0.599712, "b_o1": -0.599864, "w1": 0.599987, "w2": 0.599985, "b_h1": -0.599691},
        2: {"w5": 0.599425, "b_o1": -0.599726, "w1": 0.599973, "w2": 0.599970, "b_h1": -0.599382},
        3: {"w5": 0.599139, "b_o1": -0.599587, "w1": 0.599960, "w2": 0.599956, "b_h1": -0.599072},
    }
    found = derive.compare_published(net.derive(), {"after": {str(k): values for k, values in printed.items()}})
    assert {row.verdict for row in found.rows} == {"right"}


def test_online_updates_need_no_layers():
    """A weight that is used twice, by a loop in plain Python; and a forward pass alone, which has nothing to update."""
    samples = [{"w": 0.5, "x": 2, "target": 1}, {"w": 0.5, "x": 1, "target": -1}]
    equations = [
        derive.Equation("out_1", [derive.terms.product("w", "x")]),
        derive.Equation("out_2", [derive.terms.product("w", "out_1")]),
        derive.Equation("E", [derive.terms.error("squared_error", "target", "out_2")]),
    ]
    kinds = {"w": "weight", "x": "input", "target": "target", "out_1": "out", "out_2": "out", "E": "error"}
    plan = derive.Plan(updates="online", learning_rate=0.1, optimizer="momentum")
    derivation = derive.Computation(equations, samples, kinds=kinds, objective="E").derive(plan)
    weight, velocity = 0.5, 0.0
    for sample in samples:
        gradient = -2 * (sample["target"] - weight**2 * sample["x"]) * 2 * weight * sample["x"]
        velocity = 0.9 * velocity + gradient
        weight -= 0.1 * velocity
    assert derivation.evaluation.updated("w") == pytest.approx(weight, rel=1e-14)
    assert derivation.train(1).parameters["w"] == pytest.approx(weight, rel=1e-14)
    assert not verify(derivation.evaluation).undecided
    alone = derive.Computation(
        equations[:1],
        [{"w": 0.5, "x": 2}, {"w": 0.5, "x": 3}],
        kinds={"w": "weight", "x": "input", "out_1": "out"},
    )
    assert verify(alone.derive(plan).evaluation).lines
