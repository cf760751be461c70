"""Published numbers of a pass with online updates: at the first weights, or in each sample's turn."""

from fractions import Fraction

import pytest

import derive
from derive.comparison.published import CONVENTION, DOUBLE, RIGHT, WRONG
from derive.evaluation.turn import turn

NETWORK = derive.Network(
    [
        derive.Layer([[0.15, 0.20], [0.25, 0.30]], [0.35, 0.1], "logistic", train=[[True, False], [True, True]]),
        derive.Layer([[0.40, 0.45], [0.50, 0.55]], [0.60, 0.2], "tanh", train_bias=[True, False]),
    ],
    [
        derive.Sample([0.05, 0.10], [0.01, 0.99]),
        derive.Sample([0.5, -0.3], [0.2, 0.7]),
        derive.Sample([1, 0.3], [0.9, 0.1]),
    ],
    updates="online",
)
OPTIMIZERS = [
    derive.Optimizer("gradient_descent", weight_decay=Fraction(1, 50)),
    derive.Optimizer("momentum"),
    derive.Optimizer("nesterov"),
    derive.Optimizer("adam"),
]


def of_turn(network, number, decimals=6):
    """Every quantity and delta of a turn and all of its update, by the hand of a network of that sample alone."""
    its = turn(network.derive().evaluation, number)
    found = {name: its.quantity(name) for name in its.computation.kinds}
    found |= {partial.symbol.name: its.derivative(partial) for partial in its.derivation.partials.values()}
    kept = network.optimizer.rule.state
    for name in sorted(its.computation.trained):
        found[f"{name}+"] = its.updated(name)
        for part in kept:
            found |= {f"{part}_{name}": its.step(name, part), f"{part}_{name}+": its.step(name, f"{part}+")}
        for part in ("m_hat", "s_hat") if network.optimizer.name == "adam" else ():
            found[f"{part}_{name}"] = its.step(name, part)
    return {name: value.decimal(decimals) for name, value in found.items()}


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_every_number_of_every_turn_is_right(optimizer):
    network = NETWORK.replace(optimizer=optimizer)
    samples = {number + 1: of_turn(network, number) for number in range(3)}
    rows = derive.compare_published(network.derive(), {"values": samples.pop(1), "sample": samples})
    assert [row for row in rows if row.verdict != RIGHT] == []


def test_numbers_of_a_turn_in_doubles_are_right_to_double_precision():
    network = NETWORK.replace(optimizer="momentum")
    samples = {number + 1: doubles(of_turn(network, number, 17)) for number in range(3)}
    rows = derive.compare_published(network.derive(), {"values": samples.pop(1), "sample": samples})
    assert {row.verdict for row in rows} <= {RIGHT, DOUBLE}
    wrong = {name: value + 1e-12 for name, value in samples[2].items() if name.startswith(("out_", "delta"))}
    rows = derive.compare_published(network.derive(), {"sample": {2: wrong}})
    assert {row.verdict for row in rows} == {WRONG}


def doubles(texts):
    """The numbers as floats that are a unit or two of their last bit off."""
    calculated = (name for name in texts if name.startswith(("net_", "out_", "E_", "delta_")) or name.endswith("+"))
    return {name: float(texts[name]) * (1 + 2e-16) for name in calculated}


def test_the_first_weights_are_right_as_well_and_others_are_not():
    second = NETWORK.derive().evaluation.quantity("out_o1", 1).decimal(9)
    (row,) = derive.compare_published(NETWORK.derive(), {"sample": {2: {"out_o1": second}}})
    assert row.verdict == RIGHT
    assert row.true.startswith(second[:-1])
    third = turn(NETWORK.derive().evaluation, 2).quantity("out_o1").decimal(9)
    for section in ({"values": {"out_o1": third}}, {"sample": {2: {"out_o1": third}}}):
        (row,) = derive.compare_published(NETWORK.derive(), section)
        assert row.verdict == WRONG


def test_what_the_first_update_makes_is_the_first_samples():
    evaluation = NETWORK.derive().evaluation
    first, whole = turn(evaluation, 0).updated("w5").decimal(9), evaluation.updated("w5").decimal(9)
    found = derive.compare_published(NETWORK.derive(), {"values": {"w5+": first}, "after": {1: {"w5": whole}}})
    assert [row.verdict for row in found] == [RIGHT, RIGHT]
    (row,) = derive.compare_published(NETWORK.derive(), {"values": {"w5+": whole}})
    assert (row.verdict, row.cause) == (WRONG, "The value after 1 update.")


def test_a_source_that_updates_after_each_sample_may_print_its_turns():
    """The network updates once for all samples: its source has another convention, which may be declared as well."""
    network = NETWORK.replace(updates="simultaneous")
    second = {k: v for k, v in of_turn(NETWORK, 1, 9).items() if k.startswith(("out_", "delta_", "w5"))}
    first = {"w5+": turn(NETWORK.derive().evaluation, 0).updated("w5").decimal(9)}
    found = derive.compare_published(network.derive(), {"values": first, "sample": {2: second}})
    assert [each.name for each in found.conventions] == ["online"]
    assert {row.verdict for row in found} == {CONVENTION}
    declared = {"convention": "online", "values": first, "sample": {2: second}}
    assert {row.verdict for row in derive.compare_published(network.derive(), declared)} == {RIGHT}
