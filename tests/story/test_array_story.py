"""The lines of matrices in the handout of a graph of blocks: when they are there, and what is said of them."""

import re

import pytest

import derive

LEAD = "**In matrix form.**"


def convolution(size=3, filters=1, padding=0):
    graph = derive.Graph()
    x = graph.input("x", [[[(2 * row + 3 * column) % 5 / 10 for column in range(size)] for row in range(size)]])
    kernels = [[[[0.1 * (number + 1), 0.2], [-0.3, 0.4]]] for number in range(filters)]
    y = graph.conv2d(x, weight=kernels, padding=padding, activation="tanh", name="y")
    graph.sum(y, name="S")
    return graph.derive()


def section(derivation, **options):
    """Return the words and formulas in matrices of all blocks, "" where there are none."""
    text = derivation.handout(**{"form": "both", **options}).markdown
    return "".join(part.split("\n##")[0] for part in text.split(LEAD)[1:])


def test_small_blocks_are_shown_in_matrices_where_that_is_asked_for():
    derivation = convolution()
    assert section(derivation, form="scalar") == ""
    assert section(derivation, detail="brief") == ""
    for form in ("matrix", "both"):
        assert r"\mathbf{x} \star \mathbf{K}" in section(derivation, form=form)


def test_a_block_that_is_larger_than_a_table_is_shown_in_matrices_in_each_form():
    assert r"\mathbf{x} \star \mathbf{K}" in section(convolution(size=6), form="scalar")


def test_layers_and_equations_have_no_such_section():
    assert section(derive.load("circuit").derive()) == ""
    assert "$d$ in front of an array" not in section(derive.load("xor").derive())


def test_of_many_lines_of_a_kind_an_article_shows_the_first_and_a_full_handout_all():
    derivation = convolution(filters=4)
    article, full = section(derivation), section(derivation, detail="full")
    left_out = "The other equations of this block are of the same form."
    assert left_out in article
    assert left_out not in full
    for number in range(1, 5):
        line = rf"d\mathbf{{K}}_{{{number}}} "
        assert (line in article) == (number <= 2)
        assert line in full


def test_only_what_is_there_is_explained():
    plain, padded = section(convolution()), section(convolution(padding=1))
    assert "pad puts zeros" in padded
    assert "pad" not in plain
    assert "stride" not in plain
    assert "deltas" in plain
    assert r"\odot" in plain


def attention(**options):
    graph = derive.Graph()
    x = graph.parameter("x", [[0.1, 0.2], [0.3, -0.4]])
    y = graph.attention(x, **options, name="y")
    graph.error(y, target=[[1, 0], [0, 1]])
    return graph.derive()


def test_heads_and_masks_are_explained_where_there_are_some():
    plain, other = section(attention()), section(attention(heads=2, causal=True))
    for words in ("that head", "mask leaves out", r"-\infty"):
        assert words in other
        assert words not in plain


def test_parts_of_several_blocks_are_named_and_added():
    graph = derive.Graph()
    weight = graph.parameter("W", [[0.1, 0.2], [0.3, 0.4]])
    h = graph.linear(graph.input("x", [1, 2]), weight=weight, name="h")
    graph.error(graph.linear(h, weight=weight, name="y"), target=[1, 0])
    found = section(graph.derive())
    assert "a raised name in parentheses marks the part" in found
    assert found.index("Adding the parts of all blocks:") < found.index(r"d\mathbf{W} &=")
    assert r"d\mathbf{W}^{(\mathrm{h})} + d\mathbf{W}^{(\mathrm{y})}" in found or (
        r"d\mathbf{W}^{(\mathrm{y})} + d\mathbf{W}^{(\mathrm{h})}" in found
    )


def test_a_computation_without_an_objective_has_the_forward_lines_alone():
    graph = derive.Graph()
    y = graph.linear(graph.input("x", [[1, 2], [3, 4]]), weight=[[0.1, 0.2], [0.3, 0.4]], name="y")
    graph.mean(y, name="M")
    found = section(graph.derive(trained=()))
    assert r"\mathbf{x} \, \mathbf{W}^{\top}" in found


@pytest.mark.parametrize("rounding", ["exact", "by-hand", "significant"])
def test_values_rounded_by_hand_stand_in_the_matrices_as_they_are_carried_on(rounding):
    found = section(convolution(), rounding=rounding, digits=3)
    numbers = re.findall(r"-?\d+\.\d+", re.sub(r"10\^\{-\d+\}", "", found))
    assert numbers
    if rounding != "significant":
        assert all(len(number.partition(".")[2]) <= 3 for number in numbers)


def test_the_words_are_not_those_of_layers():
    for name in ("attention", "batch_norm", "embedding", "skip_connection", "weight_tying"):
        found = section(derive.load(name).derive())
        assert found
        assert not re.search(r"\b(neuron|layer|network)", found)
