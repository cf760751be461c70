"""Lines of matrices of blocks: what is printed, against PyTorch's gradients and against what the line itself says."""

from functools import cache

import numpy as np
import pytest

import derive
from derive.lines.arrays.printed import ArrayLines
from derive.lines.scalar import Formulas
from derive.notation.display import LINE_WIDTH, visible_width
from derive.notation.mathml import mathml
from derive.notation.tree import Table, parse, width_of
from tests.lines.array_cases import CASES
from tests.lines.printed_arrays import FUNCTIONS, matrix, sides, value

DIGITS = 6
cases = pytest.mark.parametrize("name", CASES)


@cache
def case(name):
    return CASES[name]()


@cache
def printed(name):
    """All lines of a case: each left side with its right sides."""
    lines = ArrayLines(Formulas(case(name).derivation.evaluation, DIGITS))
    return [sides(lines.display(line)) for group in lines.groups for line in group]


@cases
def test_the_printed_gradients_are_those_of_pytorch(name):
    found = {left: rights[-1] for left, rights in printed(name)}
    wanted = case(name).gradients
    assert wanted.keys() <= found.keys(), wanted.keys() - found.keys()
    for sign, gradient in wanted.items():
        assert matrix(found[sign]) == pytest.approx(gradient.numpy(), abs=0.6 * 10**-DIGITS, rel=1e-3), sign


@cases
def test_a_line_gives_what_it_says(name):
    """The numbers of a line, put together by its signs as they are printed, give its result."""
    counted = 0
    for left, rights in printed(name):
        if len(rights) == 3 and not any(rf"\operatorname{{{each}}}" in rights[1] for each in FUNCTIONS):
            result = matrix(rights[-1])
            digits = 4 if all(len(f"{entry}".partition(".")[2]) <= 4 for row in result for entry in row) else DIGITS
            assert value(rights[1]) == pytest.approx(result, abs=30 * 10**-digits), left
            counted += 1
    assert counted >= 3


@cases
def test_lines_are_mathematics_that_fits_the_page(name):
    lines = ArrayLines(Formulas(case(name).derivation.evaluation, DIGITS))
    for group in lines.groups:
        for line in group:
            latex = lines.display(line)
            assert "<math" in mathml(latex, True)
            table = parse(latex)[0]
            if isinstance(table, Table) and table.name == "aligned":
                widest = max(width_of(row[0]) for row in table.rows) + max(width_of(row[-1]) for row in table.rows)
            else:
                widest = visible_width(latex)
            assert widest <= LINE_WIDTH + 8, line.id


@cases
def test_no_two_lines_share_an_id(name):
    lines = ArrayLines(Formulas(case(name).derivation.evaluation, DIGITS))
    ids = [line.id for group in lines.groups for line in group]
    assert len(set(ids)) == len(ids)


def test_a_shared_weight_is_the_sum_of_what_each_block_adds():
    found = dict(printed("shared_and_skip"))
    parts = [matrix(found[rf"d\mathbf{{W}}^{{(\mathrm{{{block}}})}}"][-1]) for block in "hg"]
    assert np.allclose(sum(parts), case("shared_and_skip").gradients[r"d\mathbf{W}"].numpy(), atol=2e-6)
    assert not any(np.allclose(part, 0) for part in parts)


def test_a_large_matrix_is_cut_and_a_wide_line_has_fewer_decimals():
    graph = derive.Graph()
    x = graph.input("x", [[(3 * row + 5 * column) % 7 / 10 for column in range(9)] for row in range(9)])
    y = graph.conv2d(x, weight=[[[0.1, 0.2], [0.3, 0.4]]], activation="tanh", name="y")
    graph.sum(y, name="S")
    lines = ArrayLines(Formulas(graph.derive().evaluation, DIGITS))
    (first, *_) = lines.groups[0].forward
    assert r"\vdots" in lines.display(first)
    assert r"\cdots" in lines.display(first)
    assert visible_width(lines.display(first)) < 2 * LINE_WIDTH


def test_blocks_of_single_quantities_have_no_lines_of_matrices():
    graph = derive.Graph()
    graph.error(graph.linear(graph.input("x", 2), weight=0.5, name="y"), target=1)
    assert ArrayLines(Formulas(graph.derive().evaluation, DIGITS)).groups == ()
