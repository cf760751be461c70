"""Random networks calculated by hand, each line rounded in its own way, with errors and conventions put into them.

What is right is never wrong, and a wrong number is never excused.
"""

import random
from decimal import Decimal

import pytest
from by_hand import ByHand, drawn, is_seen, of_its_own

from derive.comparison.published import CONVENTION, FOLLOWS, WRONG

SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_rounded_line_by_line_is_not_wrong(seed):
    draw = random.Random(seed)
    network = drawn(draw)
    found = ByHand(network, of_its_own(draw)).compared(network)
    assert found.agrees, [str(row) for row in found if row.verdict in (WRONG, CONVENTION)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("carried", [True, False])
def test_a_wrong_number_is_the_one_that_is_wrong(seed, carried):
    """Carried on, what comes of it follows; else all others are right."""
    draw = random.Random(seed)
    network = drawn(draw)
    lines = len(ByHand(network, lambda: 6).lines)
    by = draw.choice([0.7, 1.3, 2.3])
    found = ByHand(network, of_its_own(draw), (draw.randrange(lines), by), carried)
    if not is_seen(found, found.seeded, by):
        return
    compared = found.compared(network)
    wrong = [row.name for row in compared.wrong]
    assert wrong == [found.seeded], [str(row) for row in compared if row.verdict == WRONG]
    if not carried:
        assert not compared.consequences
    for row in compared:
        assert row.verdict != CONVENTION, str(row)
        assert row.verdict != FOLLOWS or row.follows


@pytest.mark.parametrize("seed", SEEDS)
def test_absurd_numbers_are_wrong_beside_coarse_ones(seed):
    """Numbers of one or two digits leave wide intervals, which excuse nothing."""
    draw = random.Random(seed)
    network = drawn(draw)
    found = ByHand(network, lambda: 1)
    name = draw.choice(sorted(found.after))
    found.after[name] = f"{float(found.after[name]) + draw.choice([-1, 1]) * draw.uniform(0.3, 3):.6f}"
    rows = found.compared(network)
    assert [row.verdict for row in rows if row.name == name] == [WRONG]


@pytest.mark.parametrize("seed", range(15))
def test_negative_deltas_are_one_convention(seed):
    draw = random.Random(seed)
    network = drawn(draw)
    found = ByHand(network, lambda: 7)
    deltas = [name for name in found.lines if name.startswith("delta") and float(found.lines[name])]
    for name in deltas:
        found.lines[name] = str(-Decimal(found.lines[name]))
    rows = found.compared(network)
    assert {row.name for row in rows if row.verdict == CONVENTION} == set(deltas)
    assert [each.name for each in rows.conventions] == ["negative_delta"]
    assert not rows.wrong
    assert found.compared(network, convention="negative_delta").agrees


@pytest.mark.parametrize("seed", range(15))
def test_a_square_without_its_half_is_one_convention(seed):
    draw = random.Random(seed)
    network = drawn(draw)
    found = ByHand(network, lambda: 8, factor=2.0)
    rows = found.compared(network)
    assert [each.name for each in rows.conventions] == ["derivatives_of_squared_error"], [str(row) for row in rows]
    assert not rows.wrong
    assert found.compared(network, convention="derivatives_of_squared_error").agrees
