"""Updates calculated by authors who round each line in their own way, in floats and decimals alone, and print some.

What follows from their roundings is never wrong; a digit that is misprinted is, unless they print too little to tell.
"""

import random
import re

import pytest
from by_hand_updates import ALL, GRADIENT, GRADIENTS, PASSES, STEP, STEPS, TURNS, WHOLE, Author, Work, drawn

import derive
from derive.comparison.published import DIFFERENT, RIGHT, WRONG
from derive.language.language import language

MANY = 10  # units, in which an interval says nothing of the last digit
KINDS = [("online", "gradient_descent"), ("online", "momentum"), ("simultaneous", "gradient_descent")]


def any_work(seed, updates, optimizer):
    draw = random.Random(seed)
    network = drawn(draw, updates, optimizer)
    digits, is_significant = draw.choice([(3, False), (4, False), (4, True)])
    author = Author(digits, is_significant, draw.random() < 0.25, draw.choice([WHOLE, GRADIENT, STEP]))
    what = draw.choice([PASSES, STEPS, GRADIENTS, ALL, *([TURNS] if updates == "online" else [])])
    return draw, Work(network, author, 1 if what == TURNS else draw.randint(1, 3)), what


@pytest.mark.parametrize(("updates", "optimizer"), KINDS)
@pytest.mark.parametrize("seed", range(8))
def test_what_an_author_rounds_on_the_way_is_not_wrong(seed, updates, optimizer):
    _, work, what = any_work(seed, updates, optimizer)
    found = work.compared(what)
    assert found.agrees, [str(row) for row in found.wrong]


def seeded(seed, updates, optimizer, carried):
    """The rows of a publication with one digit misprinted, the last but one of a number, and that number's row."""
    draw, work, what = any_work(seed, updates, optimizer)
    printed = set(work.keys(what))
    telling = [place for place, key in enumerate(work.lines) if key in printed and float(work.lines[key])]
    place, units = draw.choice(telling), draw.choice([-1, 1]) * 10 * draw.randint(1, 8)
    rows = Work(work.network, work.author, work.passes, (place, units), carried).compared(what)
    wanted = work.place(list(work.lines)[place], what)
    (own,) = (row for row in rows if (row.sample, row.updates, row.name) == wanted)
    return what, rows, own


@pytest.mark.parametrize(("updates", "optimizer"), KINDS)
@pytest.mark.parametrize("carried", [True, False])
@pytest.mark.parametrize("seed", range(100, 106))
def test_a_misprinted_digit_is_the_one_that_is_wrong(seed, updates, optimizer, carried):
    what, rows, own = seeded(seed, updates, optimizer, carried)
    assert [row for row in rows.wrong if row is not own] == []
    if own.verdict != WRONG:
        assert (what, own.verdict) == (PASSES, DIFFERENT)
        assert own.cause.endswith("So its last digits cannot be checked.")


def test_the_ends_of_what_a_number_may_be_have_the_decimal_mark_of_the_language():
    _, rows, _ = seeded(102, "online", "gradient_descent", carried=True)
    said = [
        language("es").say(cause.sentence) for row in rows for cause in row.causes if "lowest" in cause.sentence.fields
    ]
    assert said
    assert all(re.search(r"entre −?\d+,\d+ y −?\d+,\d+\.", sentence) for sentence in said)


@pytest.mark.parametrize(("printed", "verdict"), [("12.19", DIFFERENT), ("12.21", WRONG)])
def test_what_rounding_every_value_gives_is_rounded_differently(printed, verdict):
    """1.26·1.005·9.6 is 12.15648, but 12.19 where the net input is rounded to 1.27; all else has six decimals."""
    network = derive.Network(
        [derive.Layer([[1.26]], activation="identity"), derive.Layer([[9.6]], activation="identity")],
        [derive.Sample([1.005], [1])],
    )
    true = {"E_total": 11.15648**2 / 2, "delta_o1": 11.15648, "dE_total_dw2": 11.15648 * 1.2663}
    true |= {"delta_h1": 11.15648 * 9.6, "dE_total_dw1": 11.15648 * 9.6 * 1.005}
    values = {name: f"{value:.6f}" for name, value in true.items()}
    rows = derive.compare_published(network.derive(), {"values": {"out_o1": printed, **values}})
    assert {row.name: row.verdict for row in rows if row.verdict != RIGHT} == {"out_o1": verdict}
    assert verdict == WRONG or rows[0].causes[0].kind == "chained rounding"
