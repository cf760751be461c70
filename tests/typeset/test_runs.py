"""Chains of equations share lines: as few as the page has room for, each beginning with a relation."""

from itertools import pairwise

import math_core
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.notation import aligned
from derive.typeset.breaking import display_lines
from derive.typeset.mathml import parse

CONVERT = math_core.LatexToMathML(pretty_print="never").convert_with_local_state


def lines(latex, width):
    return display_lines(parse(CONVERT(latex, displaystyle=True)), width)


def drawn(line):
    """What a line shows, from left to right."""
    found = [(x, "".join(item.texts)) for x, _, item in line.box.walk() if hasattr(item, "texts")]
    return "".join(text for _, text in sorted(found))


def chain(*sides):
    rows = [f"x &= {sides[0]}", *(rf"&\approx {side}" for side in sides[1:])]
    return r"\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}"


def test_a_chain_that_fits_is_one_line():
    (line,) = lines(chain("0.1 + 0.2", "0.3", "0.30"), 40)
    assert drawn(line) == "x=0.1+0.2≈0.3≈0.30"


def test_a_longer_one_takes_as_few_lines_as_it_can_and_even_ones():
    found = lines(chain("1" * 20, "2" * 20, "3" * 20, "4"), 24)
    assert [drawn(line) for line in found] == ["x=" + "1" * 20 + "≈" + "2" * 20, "≈" + "3" * 20 + "≈4"]


def test_equations_with_left_sides_of_their_own_stay_apart():
    found = lines(r"\begin{aligned} x &= 1 \\ y &= 2 \\ &= 3 \end{aligned}", 40)
    assert [drawn(line) for line in found] == ["x=1", "y=2=3"]


def test_what_was_broken_before_anything_was_measured_is_mended():
    total = " + ".join(["0.25"] * 12)
    torn = aligned("x", [("=", total), ("=", "3")], width=20)
    assert torn.count(r"\\") > 3
    (line,) = lines(torn, 80)
    assert drawn(line) == "x=" + "+".join(["0.25"] * 12) + "=3"


SIDES = st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=6), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(SIDES, st.floats(12, 60))
def test_nothing_is_lost_and_no_line_is_too_wide(sides, width):
    written = [" + ".join("7" * count for count in side) for side in sides]
    found = lines(chain(*written), width)
    assert "".join(map(drawn, found)) == "x=" + "≈".join(written).replace(" ", "")
    assert all(line.box.width <= width + 1e-6 for line in found)
    if all(drawn(line)[0] in "x≈" for line in found):  # no side is broken
        # No two lines that follow each other would fit on one. A digit is half an em wide; the space before a relation
        # is left out here.
        for above, below in pairwise(map(extent, found)):
            assert above[1] + below[1] - below[0] > width - 0.5


def extent(line):
    """Where what a line shows begins and ends."""
    shown = [(x, len("".join(item.texts))) for x, _, item in line.box.walk() if hasattr(item, "texts")]
    return min(x for x, _ in shown), max(x + 0.5 * count for x, count in shown)


@pytest.mark.parametrize("width", [20.0, 60.0])
def test_the_lines_of_a_chain_begin_below_its_first_relation(width):
    found = lines(chain("1" * 24, "2" * 24, "3" * 24), width)
    places = []
    for line in found:
        signs = [x for x, _, item in line.box.walk() if getattr(item, "texts", ()) in (("=",), ("≈",))]
        places.append(min(signs))
    assert places == pytest.approx([places[0]] * len(places), abs=1e-6)
