"""Updates stand a few to a display, none with a lone last line, and the notebook calculates those of each display."""

import json
import re
from itertools import pairwise

import pytest

import derive

LEFT = re.compile(r"([a-z])_\{([a-z0-9]+)\}\^\{\+\} &")


@pytest.mark.parametrize(("inputs", "neurons"), [(2, 3), (3, 4), (8, 2), (7, 1), (4, 5)])
def test_no_display_of_updates_is_much_shorter_than_another(inputs, neurons):
    rows = [[(place + column + 1) / 100 for column in range(inputs)] for place in range(neurons)]
    layers = [derive.Layer(rows, [0.5] * neurons)]
    handout = derive.Network(layers, [derive.Sample([0.25] * inputs, [0.75] * neurons)]).derive().handout()
    cells = json.loads(handout.render("ipynb")["handout.ipynb"])["cells"]
    counts = []
    for cell, following in pairwise(cells):
        found = LEFT.findall("".join(cell["source"]).split("$$")[-2]) if "eq-updates" in "".join(cell["source"]) else []
        if found:
            code = "".join(following["source"])
            assert [name for name, _ in re.findall(r"^(\w+)_new( = )", code, re.MULTILINE)] == [
                f"{letter}_{index}" if letter == "b" else f"{letter}{index}" for letter, index in found
            ]
            counts.append(len(found))
    assert sum(counts) == neurons * (inputs + 1)
    assert max(counts) <= 8
    assert max(counts) - min(counts) <= 1
