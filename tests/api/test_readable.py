"""What stands in a terminal when someone looks at an object: a few lines, whatever the size of the network."""

import dataclasses

import pytest

import derive
from derive.computation.shapes import PRODUCT

MOST = 900  # characters
OBJECTS = {
    "network": lambda d: d.network,
    "computation": lambda d: d.computation,
    "equation": lambda d: d.computation.equations[-1],
    "term": lambda d: d.computation.equations[0].terms[0],
    "plan": lambda d: d.plan,
    "derivation": lambda d: d,
    "by hand": lambda d: d.by_hand(4),
    "evaluation": lambda d: d.evaluation,
    "corners": lambda d: d.corners,
    "composition": lambda d: d.composition,
    "error": lambda d: d.error,
    "partials": lambda d: d.partials,
    "partial": lambda d: d["out_h1"],
    "path": lambda d: d["out_h1"].paths[0],
    "factor": lambda d: d.partials["out_h1"].paths[0].local,
    "rule": lambda d: d.partials["out_h1"].paths[0].local.rule,
    "values": lambda d: d.values,
    "gradients": lambda d: d.gradients,
    "value": lambda d: d.values["out_h1"],
    "training": lambda d: d.train(1_000, every=10),
    "certified": lambda d: d.train(20, every=1).certified(40),
    "handout": lambda d: d.handout(author="M. Curie, " * 20),
}


@pytest.fixture(scope="module")
def wide():
    """A network of 30 inputs, 40 hidden neurons and 30 outputs, in three samples."""
    layers = [
        derive.Layer(weights=[[(i - j) / 700 for j in range(30)] for i in range(40)], bias=0.1),
        derive.Layer(weights=[[(i - j) / 300 for j in range(40)] for i in range(30)], bias=0.1),
    ]
    samples = [derive.Sample(inputs=[k / 30 for k in range(30)], targets=[0.5] * 30)] * 3
    return derive.Network(layers=layers, samples=samples).derive()


@pytest.mark.parametrize("read", OBJECTS.values(), ids=OBJECTS)
def test_a_small_network(article, read):
    text = repr(read(article))
    assert len(text) <= MOST
    assert "Fraction(1, 3" not in text
    assert " at 0x" not in text


@pytest.mark.parametrize("name", sorted({*OBJECTS} - {"certified"}))
def test_a_wide_network(wide, name):
    assert len(repr(OBJECTS[name](wide))) <= MOST


def test_a_training_is_the_table_of_its_errors(article):
    assert repr(article.train(100)).splitlines() == [
        "<Training of 100 iterations; the error after each:",
        "      0  0.298371109",
        "      1  0.291027774",
        "     10  0.220918592",
        "    100  0.020046828>",
    ]


def test_a_training_that_broke_off_says_so():
    layer = derive.Layer(weights=[[3]], activation="identity")
    network = derive.Network(layers=[layer], samples=[derive.Sample(inputs=[9], targets=[1])], learning_rate=9)
    training = network.derive().train(1_000)
    assert f", diverged in iteration {training.divergence.iteration};" in repr(training)
    assert ", interrupted;" in repr(dataclasses.replace(training, interrupted=True))


def test_rounding_by_hand_and_options_are_told(article):
    assert repr(article.by_hand(4)) == (
        "<Derivation of E_total: 11 equations, 10 parameters, 1 sample, every result rounded to 4 decimals>"
    )
    assert repr(article.handout(digits=4, language="es")).endswith("1 sample, digits=4, language='es'>")


def test_a_forward_pass_alone_has_no_error_to_show():
    equation = derive.Equation("out_y", (derive.Term(PRODUCT, ("w", "x")),))
    computation = derive.Computation([equation], [{"w": 2, "x": 0.5}], {"w": "weight", "x": "input", "out_y": "out"})
    assert repr(computation) == "<Computation of a forward pass: 1 equation, 1 parameter, 1 sample>"
    assert repr(computation.derive()) == "<Derivation of a forward pass: 1 equation, 1 parameter, 1 sample>"
    with pytest.raises(derive.InputError, match="objective: found none"):
        _ = computation.derive().error
