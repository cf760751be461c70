"""Graphs of every family pass the whole verification: each line evaluated, certified differences, and nothing open."""

import pickle

import pytest

import derive
from derive.verification import verify


def shared_weight_skip_and_residual():
    graph = derive.Graph()
    x, W = graph.input("x", [0.5, -1]), graph.parameter("W", [[0.2, -0.3], [0.4, 0.1]])
    h = graph.linear(x, weight=W, bias=[0.1, 0.2], activation="tanh")
    r = graph.add(x, h, name="r")
    s = graph.add(r, graph.linear(r, weight=W, activation="tanh", name="k"), name="s")
    graph.error(s, target=[1, 0])
    return graph


def recurrence_over_three_steps():
    graph = derive.Graph()
    h = graph.rnn(graph.input("x", [[1], [2], [-1]]), weight_ih=0.5, weight_hh=0.1)
    y = graph.linear(h, weight=2, name="y")
    graph.error(y, target=[[1], [2], [0]])
    return graph


def convolution_relu_and_max_pool():
    graph = derive.Graph()
    x = graph.input("x", [[0.1, 0.2, 0.3, 0.4], [0.5, -0.6, 0.7, 0.8], [0.9, 1, -1.1, 1.2], [1.3, 1.4, 1.5, -1.6]])
    y = graph.conv2d(x, weight=[[0.5, -0.25], [0.1, 0.3]], bias=0.1, padding=1, stride=(1, 2))
    m = graph.max_pool2d(graph.activation(y, activation="relu", name="a"), (2, 3), stride=2)
    graph.error(m, target=[[1], [0]])
    return graph


def attention():
    graph = derive.Graph()
    x, W = graph.input("x", [[1, 0.5], [0.2, -0.3], [0.7, 0.1]]), [[0.5, 0.1], [-0.2, 0.3]]
    y = graph.attention(x, query=W, key=W, value=W, output=[[1, 0.5]], causal=True)
    graph.error(y, target=[[1], [0], [0.5]])
    return graph


def lstm_over_two_steps():
    graph = derive.Graph()
    weights = {"weight_ih": [0.1, 0.2, 0.3, 0.4], "weight_hh": [0.5, 0.6, -0.7, 0.8], "bias_ih": [0, 1, 0, 0.5]}
    graph.lstm(graph.input("x", [[1], [2]]), **weights)
    graph.error("h", target=[[1], [0]])
    return graph


def layer_norm():
    graph = derive.Graph()
    weight = [[0.1, 0.2, -0.3], [0.4, -0.5, 0.6], [0.1, 0.1, 0.1]]
    h = graph.linear(graph.input("x", [1, 2, 4]), weight=weight, activation="tanh")
    graph.layer_norm(h, weight=[1, 0.5, 2], bias=[0.5, 0.1, 0.2])
    graph.error("y", target=[1, 0, -1])
    return graph


def gru_embedding_and_batch_norm():
    graph = derive.Graph()
    e = graph.embedding([1, 0], weight=[[0.5, -0.25], [0.3, 0.1]])
    n = graph.batch_norm(e, weight=[1, 2], bias=[0.1, 0.2], epsilon=0.01, name="n")
    weights = {"weight_ih": [[0.1, 0.2], [0.3, 0.4], [0.5, -0.6]], "weight_hh": [0.2, 0.3, 0.4], "bias_hh": [0.1, 0, 1]}
    h = graph.gru(n, **weights)
    first, second = graph.error(h, target=[[1], [0]], name="A"), graph.mean(h, name="B")
    graph.weighted_sum(first, second, factors=[2, 0.5])
    return graph


GRAPHS = [
    shared_weight_skip_and_residual,
    recurrence_over_three_steps,
    convolution_relu_and_max_pool,
    attention,
    lstm_over_two_steps,
    layer_norm,
    gru_embedding_and_batch_norm,
]


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_whole_verification_passes(graph):
    derivation = graph().derive()
    report = verify(derivation.evaluation)
    assert report.differences == report.partials == len(derivation.parameters) > 0
    assert report.undecided == 0


@pytest.mark.parametrize("graph", GRAPHS)
def test_groups_have_every_equation_once_in_order(graph):
    computation = graph().computation()
    defined = [name for group in computation.groups for name in group.names]
    assert defined == [equation.name for equation in computation.equations]
    for group in computation.groups:
        assert set(group.output.names) <= set(group.names)
        for tensor in (*group.inputs, *group.weights.values(), *group.inner.values()):
            assert {*tensor.names} <= {*computation.kinds, ""}


@pytest.mark.parametrize("graph", GRAPHS)
def test_a_copy_derives_alike(graph):
    computation = graph().computation()
    again = pickle.loads(pickle.dumps(computation))
    assert [str(each) for each in again.equations] == [str(each) for each in computation.equations]
    found, wanted = again.derive(), computation.derive()
    assert [found.gradients[name] for name in found] == [wanted.gradients[name] for name in wanted]
    assert [each.name for each in again.groups] == [each.name for each in computation.groups]


def test_what_is_added_is_a_bias_and_what_is_shared_otherwise_a_weight():
    graph = derive.Graph()
    b = graph.parameter("b", [0.5])
    h = graph.linear(graph.input("x", 1), weight=2, bias=b)
    assert graph.computation(h).kinds["b"] == "bias"
    graph.multiply(h, b, name="p")
    assert graph.computation().kinds["b"] == "weight"
