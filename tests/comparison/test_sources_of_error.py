"""The explanation with the fewest sources of error: a wrong sign that is carried on is no convention of the source."""

import random
from decimal import Decimal

import pytest
from by_hand import ByHand, drawn, is_seen

from derive.comparison.published import CONVENTION, FOLLOWS, RIGHT

SEEDS = range(24)
SHAPES = ([2, 2, 1], [2, 2, 2], [2, 3, 2], [3, 2, 2])


def network_and_digits(seed):
    draw = random.Random(seed)
    network = drawn(draw, shape=draw.choice(SHAPES), activations=("logistic", "logistic", "tanh"))
    return draw, network, draw.choice([5, 6, 7])


def printed_in_part(draw, found, kept):
    """Leave out all deltas but some, and some gradients."""
    share = draw.choice([0.3, 0.6, 1, 1])
    found.lines = {
        name: text
        for name, text in found.lines.items()
        if (name in kept if name.startswith("delta") else not name.startswith("dE") or draw.random() < share)
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_a_wrong_sign_that_is_carried_on_is_one_error(seed):
    draw, network, digits = network_and_digits(seed)
    lines = list(ByHand(network, lambda: digits).lines)
    deltas = [name for name in lines if name.startswith("delta")]
    which = draw.choice(deltas)
    found = ByHand(network, lambda: digits, (lines.index(which), -1.0))
    if not is_seen(found, which, -1.0):
        return
    others = [name for name in deltas if name != which]
    printed_in_part(draw, found, {which, *draw.sample(others, draw.choice([0, 0, 1, len(others)]))})
    rows = found.compared(network)
    assert not rows.conventions, [str(row) for row in rows]
    assert [row.name for row in rows.wrong] == [which]
    assert [row.causes[0].kind.partition(" ")[0] for row in rows.wrong] == ["sign"]
    assert {row.follows for row in rows if row.follows_wrong} <= {(which,)}


@pytest.mark.parametrize("seed", SEEDS)
def test_deltas_that_are_all_negative_stay_a_convention(seed):
    """However few of them are printed: what comes after has the usual sign."""
    draw, network, digits = network_and_digits(seed)
    found = ByHand(network, lambda: digits)
    deltas = [name for name in found.lines if name.startswith("delta") and is_seen(found, name, -1.0)]
    if not deltas:
        return
    kept = set(draw.sample(deltas, draw.choice([1, min(2, len(deltas)), len(deltas)])))
    printed_in_part(draw, found, kept)
    for name in kept:
        found.lines[name] = str(-Decimal(found.lines[name]))
    rows = found.compared(network)
    assert [each.name for each in rows.conventions] == ["negative_delta"], [str(row) for row in rows]
    assert {row.name for row in rows if row.verdict == CONVENTION} == kept
    assert not rows.wrong


@pytest.mark.parametrize("seed", SEEDS)
def test_an_error_beside_a_convention_is_told_apart_from_it(seed):
    """The source prints −δ, and one net input is wrong and carried on: two causes, each said once."""
    draw, network, digits = network_and_digits(seed)
    lines = list(ByHand(network, lambda: digits).lines)
    which = draw.choice([name for name in lines if name.startswith("net_o")])
    found = ByHand(network, lambda: digits, (lines.index(which), 1.3))
    if not is_seen(found, which, 1.3):
        return
    for name in [name for name in found.lines if name.startswith("delta")]:
        found.lines[name] = str(-Decimal(found.lines[name]))
    rows = found.compared(network, convention="negative_delta")
    assert [row.name for row in rows.wrong] == [which], [str(row) for row in rows]
    assert {row.verdict for row in rows if row.name.startswith("delta")} <= {RIGHT, FOLLOWS, "rounded differently"}
