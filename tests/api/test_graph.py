"""The door to graphs of blocks: names, what is refused, and that a block that does not fit leaves nothing behind."""

import numpy as np
import pytest

import derive


def graph_with_x():
    graph = derive.Graph()
    return graph, graph.input("x", [1, 2])


def test_a_block_that_does_not_fit_leaves_the_graph_as_it_was():
    graph, x = graph_with_x()
    before = repr(graph)
    for wrong in (
        lambda: graph.linear(x, weight=[[1, 2, 3]]),
        lambda: graph.linear(x, weight=[[1, 2]], bias=[1, 2]),
        lambda: graph.lstm(x, weight_ih=[1, 2, 3, 4], weight_hh=[1, 2, 3]),
        lambda: graph.rnn(x, weight_ih=1, weight_hh=1, activation="softmax"),
        lambda: graph.conv1d(x, weight=[1, 2, 3]),
        lambda: graph.conv1d(x, weight=[[[1, 2], [3, 4]]]),
        lambda: graph.error(x, target=[1]),
    ):
        with pytest.raises(derive.InputError, match=r"^node "):
            wrong()
        assert repr(graph) == before
    y = graph.linear(x, weight=[[1, 2]], bias=[1], name="y")
    graph.error(y, target=[0])
    assert [str(equation) for equation in graph.computation().equations] == [
        "y = W_1·x_1 + W_2·x_2 + b",
        "E = ½(t − y)²",
    ]


def test_a_name_that_is_taken_names_both_places():
    graph, x = graph_with_x()
    with pytest.raises(derive.InputError, match=r"^input 'x': found the name 'x', which input 'x' has already"):
        graph.input("x", [1])
    with pytest.raises(derive.InputError, match=r"^parameter x_1: found the name 'x_1', which input 'x' has already"):
        graph.parameter("x_1", 3)
    graph.linear(x, weight=[[1, 2]])
    with pytest.raises(derive.InputError, match=r"^linear: h, the usual name, is that of node h already"):
        graph.linear(x, weight=[[1, 2]])
    y = graph.linear(x, weight=[[1, 2]], name="y")
    assert y.names == ("y",)
    assert graph["W_y"].names == ("W_y_1", "W_y_2")


def test_a_name_within_a_block_says_so():
    graph, x = graph_with_x()
    graph.layer_norm(x, weight=[1, 1], bias=[0, 0], name="u")
    with pytest.raises(derive.InputError) as caught:
        graph.sum("u", name="v")
    assert str(caught.value) == "node v: found the name 'v', which a part of node u has already; choose another name."


def test_names_that_print_alike_are_refused():
    graph, x = graph_with_x()
    graph.add(graph.input("x1", [3, 4]), x, name="s")
    graph.input("x1_1_1", 4)
    graph.add("x1_1_1", graph.parameter("x_1_1_1", 1), name="u")
    graph.sum(graph.concat(graph.flatten("u", name="w"), "s", name="c"), name="S")
    with pytest.raises(derive.InputError, match="printed as"):
        graph.computation()


def test_a_long_name_is_refused_before_its_quantities_are():
    graph = derive.Graph()
    with pytest.raises(derive.InputError, match="expected a shorter one"):
        graph.input("a" * 26, [1, 2])
    assert graph.input("a" * 20, [1, 2]).names[0] == "a" * 20 + "_1"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], "x': found an empty list; expected a list of numbers, or rows of them."),
        ([[1], []], "number 2: found a list of 0; expected 1, as many as the first row has."),
        ([[1], 2], "number 2: found 2; expected a list of 1, as the first row has there."),
        ([1, [2]], "number 2: found a list; expected one number, as the first row has there."),
        ([1, "a"], "number 2: found the text 'a'; expected a number."),
        ([[[[[1]]]]], "found lists nested more than 4 deep"),
        ("abc", "x': found the text 'abc'; expected a number."),
        ([float("nan")], "number 1: found nan; expected a finite number."),
    ],
)
def test_what_is_no_array_of_numbers(values, expected):
    with pytest.raises(derive.InputError) as caught:
        derive.Graph().input("x", values)
    assert expected in str(caught.value)


def test_arrays_of_numpy_and_pytorch_count_as_what_they_print():
    torch = pytest.importorskip("torch")
    graph = derive.Graph()
    graph.input("a", np.array([0.1], dtype=np.float32))
    graph.input("b", torch.tensor([0.1, 0.2], dtype=torch.float64, requires_grad=True))
    graph.sum(graph.concat("a", "b", name="c"))
    values = graph.computation(trained=()).values
    assert [str(values[name]) for name in ("a", "b_1", "b_2")] == ["1/10", "1/10", "1/5"]


def test_what_would_be_too_large_is_refused_at_once():
    graph, x = graph_with_x()
    with pytest.raises(derive.UnsupportedError, match="500,000"):
        graph.conv2d(graph.reshape(x, [1, 2], name="r"), weight=[[1]], bias=1, padding=5000)
    m = graph.avg_pool2d("r", (10_000, 10_000), padding=5000, stride=1, name="m")
    assert m.shape == (2, 3)


def test_objectives_and_what_is_trained():
    graph, x = graph_with_x()
    h = graph.linear(x, weight=[[1, 2], [3, 4]], activation="tanh")
    graph.error(h, target=[0, 0])
    assert graph.computation().kinds["E"] == "error"
    with pytest.raises(derive.InputError, match="node E: h_1 does not depend on it"):
        graph.computation("h_1")
    with pytest.raises(derive.InputError, match=r"^objective: found 'h' of the shape 2; expected one quantity"):
        graph.computation(h)
    with pytest.raises(derive.InputError, match="Did you mean 'E'"):
        graph.computation("e")
    with pytest.raises(derive.InputError, match="found 'V'; expected the name of a parameter"):
        graph.computation(trained=["V"])
    assert graph.computation(trained=["W_1_1", "W_2_2"]).trained == {"W_1_1", "W_2_2"}
    alone = graph.computation(trained=[])
    assert (alone.trained, alone.kinds["E"], alone.parameters) == (
        frozenset(),
        "out",
        ("W_1_1", "W_1_2", "W_2_1", "W_2_2"),
    )
    with pytest.raises(derive.InputError, match="node: found none"):
        derive.Graph().computation()


def test_a_further_sample_has_the_shapes_of_the_first():
    graph, x = graph_with_x()
    graph.error(graph.linear(x, weight=[[1, 2]], name="y"), target=[0])
    graph.sample(x=[1, 2, 3])
    with pytest.raises(derive.InputError, match=r"x: found the shape 3; expected 2"):
        graph.computation()
    other = derive.Graph()
    other.sum(other.parameter("a", [1, 2]))
    other.sample(a=[1, 2])
    with pytest.raises(derive.InputError, match="sample 2: found 'a'; expected the name of an input or a target"):
        other.computation()


def test_an_unknown_block_is_asked_about():
    graph, x = graph_with_x()
    with pytest.raises(derive.InputError, match="Did you mean 'linear'"):
        graph.add_block("liner", x)
    assert graph.add_block("dense", x, weight=[[1, 2]], name="d").names == ("d",)
    assert repr(graph["d"]) == "<Array d, 1>"
