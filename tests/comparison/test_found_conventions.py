"""Conventions that no file declares are found though the author rounds each line, and though one number is wrong.

Both directions: what has none, however many of its numbers are wrong and carried on, is not said to have one.
"""

import random
from decimal import Decimal

import pytest
from by_hand import ByHand, drawn, is_seen
from by_hand_updates import GRADIENT, PASSES, STEP, TURNS, Author, Work
from by_hand_updates import drawn as drawn_with_samples

import derive
from derive.comparison.published import CONVENTION, WRONG
from derive.comparison.published.lookup import names

SEEDS = range(10)
SLIP = 1.3
SHAPES = ([2, 2, 1], [2, 2, 2], [2, 3, 2], [3, 2, 2])


def lines(seed, factor=1.0, slip=False, digits=4):
    """A network and its lines, rounded to few decimals; one of the first net inputs may be wrong and carried on."""
    draw = random.Random(seed)
    network = drawn(draw, shape=draw.choice(SHAPES), activations=("logistic", "logistic", "tanh"))
    which = -1
    if slip:
        names = list(ByHand(network, lambda: digits).lines)
        which = names.index(draw.choice([name for name in names if name.startswith("net_")]))
    found = ByHand(network, lambda: digits, (which, SLIP), factor=factor)
    if slip and not is_seen(found, found.seeded, SLIP):
        pytest.skip("the digits that are printed do not show the slip")
    if any(len(Decimal(found.lines[f"delta_{name[4:]}"]).as_tuple().digits) < 3 for name in outputs(network)):
        pytest.skip("an error so small in so few digits is of any convention")
    return network, found


def is_found(found, name, seeded):
    assert [each.name for each in found.conventions] == [name], [str(row) for row in found]
    assert not found.agrees
    assert [row.name for row in found.wrong] == ([seeded] if seeded else [])


@pytest.mark.parametrize("slip", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_whole_square_is_found(seed, slip):
    network, found = lines(seed, 2.0, slip)
    outs = [
        (float(found.lines[n]), float(t)) for n, t in zip(outputs(network), network.samples[0].targets, strict=True)
    ]
    found.lines["E_total"] = f"{sum((t - o) ** 2 for o, t in outs):.4f}"
    is_found(found.compared(network), "squared_error", found.seeded)


def outputs(network):
    return [f"out_o{place}" for place in range(1, len(network.layers[-1].weights) + 1)]


@pytest.mark.parametrize("slip", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_negative_deltas_are_found(seed, slip):
    network, found = lines(seed, slip=slip)
    for name in [name for name in found.lines if name.startswith("delta")]:
        found.lines[name] = str(-Decimal(found.lines[name]))
    is_found(found.compared(network), "negative_delta", found.seeded)


@pytest.mark.parametrize("digits", [4, 6])
@pytest.mark.parametrize("seed", SEEDS)
def test_numbers_that_are_wrong_and_carried_on_make_no_convention(seed, digits):
    network, found = lines(seed, slip=True, digits=digits)
    rows = found.compared(network)
    assert not rows.conventions, [str(row) for row in rows]
    assert [row.name for row in rows.wrong] == [found.seeded]


def of_samples(seed, updates, units=0):
    draw = random.Random(seed)
    network = drawn_with_samples(draw, updates, "gradient_descent")
    author = Author(4, False, draw.random() < 0.25, draw.choice([GRADIENT, STEP]))
    what = PASSES if updates != "online" else draw.choice([PASSES, TURNS])
    passes = 1 if what == TURNS else 2
    whole = Work(network, author, passes)
    names = [place for place, (update, _, name) in enumerate(whole.lines) if not update and name.startswith("net_")]
    return network, Work(network, author, passes, (draw.choice(names) if units else -1, units)), what


@pytest.mark.parametrize("seed", SEEDS)
def test_updates_after_each_sample_are_found(seed):
    network, work, what = of_samples(seed, "online")
    declared = work.compared(what)
    assert not declared.wrong
    found = work.compared(what, network.replace(updates="simultaneous"))
    if CONVENTION in {row.verdict for row in found} or found.wrong:
        assert [each.name for each in found.conventions] == ["online"], [str(row) for row in found]
        assert WRONG not in {row.verdict for row in found}


@pytest.mark.parametrize("seed", SEEDS)
def test_one_update_for_all_samples_is_not_taken_for_another_order(seed):
    _, work, what = of_samples(seed, "simultaneous")
    assert not work.compared(what).conventions


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_called_cut_off_where_the_author_rounds_up(seed):
    """Where a line that was rounded before explains the number as well."""
    draw = random.Random(seed)
    network = drawn(draw, shape=draw.choice(SHAPES), activations=("logistic", "tanh"))
    rows = ByHand(network, lambda: 5).compared(network)
    cut = [row for row in rows if row.causes and row.causes[0].kind == "cut off"]
    assert not cut, [str(row) for row in cut]


def test_a_convention_on_which_a_printed_number_has_no_value_explains_nothing():
    """Biases are kept here; were they trained, as a convention has it, no digit of theirs would be a given one."""
    numbers = (([0.33], [-0.44, 1.99]), ([1.23], [-0.23, 2]), ([1.99], [1.15, 1.49]))
    network = derive.Network(
        [derive.Layer([[0.87], [1.23]], bias=[0.39, -2], activation="tanh", train_bias=False)],
        [derive.Sample(*each) for each in numbers],
        learning_rate=0.1,
        optimizer=derive.Optimizer("nesterov", weight_decay=0.1),
    )
    derivation = network.derive()
    texts = dict.fromkeys(names(derivation.evaluation, 3), "0.12")
    assert len(derive.compare_published(derivation, {"after": {3: texts}})) == len(texts)
