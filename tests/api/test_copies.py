"""Copies and pickles: what is read back, in this process or another one, gives the same results."""

import copy
import multiprocessing
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import derive
from derive.computation.shapes import BIAS, PRODUCT, SAME
from derive.notation import to_text
from derive.training.certified import Certified

ERRORS = {"softmax": "cross_entropy"}


def network(activation: str) -> derive.Network:
    last = "softmax" if activation == "softmax" else "identity"
    return derive.Network(
        layers=[
            derive.Layer(weights=[[0.5, -0.25], [0.75, 0.1]], bias=0.1, activation=activation),
            derive.Layer(weights=[[0.3, -0.2], [0.6, 0.4]], bias=[0.2, -0.3], activation=last),
        ],
        samples=[derive.Sample(inputs=[1, 2], targets=[1, 0]), derive.Sample(inputs=[-1, 0.5], targets=[0, 1])],
        error=ERRORS.get(last, "huber"),
        optimizer=derive.Optimizer("adam"),
        iterations=3,
    )


def results(derivation: derive.Derivation) -> dict[str, Any]:
    """Everything that a reader sees of it."""
    return {
        "formulas": [str(derivation[name]) for name in derivation.partials],
        "rules": [str(path.local.rule) for partial in derivation.partials.values() for path in partial.paths],
        "graph": str(derivation.graph),
        "composed": str(derivation["w1"].composed),
        "digits": {name: number.decimal(30) for name, number in derivation.gradients.items()},
        "steps": [derivation.evaluation.step("w1", "w+").decimal(20), derivation.error.after.decimal(20)],
    }


READS: dict[str, tuple[Callable[[derive.Derivation], Any], Callable[[Any], Any]]] = {
    "network": (lambda d: d.network, lambda found: found),
    "layer": (lambda d: d.network.layers[0], lambda found: found),
    "sample": (lambda d: d.network.samples[0], lambda found: found),
    "optimizer": (lambda d: d.network.optimizer, lambda found: (found, found.rule.steps)),
    "graph": (lambda d: d.graph, str),
    "equation": (lambda d: d.graph.equations[2], lambda found: (str(found), to_text(found.expression))),
    "derivation": (lambda d: d, results),
    "by hand": (lambda d: d.by_hand(4, significant=True), results),
    "evaluation": (lambda d: d.evaluation, lambda found: found.gradient("w1").decimal(25)),
    "partial": (lambda d: d["w1"], lambda found: (str(found), found.latex, found.value.decimal(25), repr(found))),
    "path": (lambda d: d["out_h1"].paths[0], lambda found: (found.name, str(found.formula), found.value.decimal(9))),
    "local": (
        lambda d: d["net_h1"].paths[0].local,
        lambda found: (str(found), to_text(found.written), [str(step) for step in found.steps]),
    ),
    "rule": (
        lambda d: d["net_h1"].paths[0].local.rule,
        lambda found: (to_text(found.written), to_text(found.result), [to_text(s.expression) for s in found.steps()]),
    ),
    "number": (lambda d: d["w1"].value, lambda found: (float(found), found.decimal(40), found.exact)),
    "path's number": (lambda d: d["out_h1"].paths[1].value, lambda found: (float(found), found.decimal(40))),
    "local number": (lambda d: d["w1"].paths[0].local.value, lambda found: (float(found), found.decimal(40))),
    "error": (lambda d: d.error, lambda found: (found.value.decimal(20), found.after.decimal(20), str(found.formula))),
    "gradients": (lambda d: d.gradients, lambda found: {name: n.decimal(20) for name, n in found.items()}),
    "training": (lambda d: d.train(5), lambda found: (found.rows, found.parameters, found.certified(12))),
    "certified": (lambda d: d.train(5).certified(12), lambda found: (found, found.kinds)),
    "composition": (lambda d: d.composition, lambda found: str(found.partial("w1"))),
    "handout": (lambda d: d.handout(digits=4), lambda found: found.markdown),
    "report": (lambda d: d.handout(digits=4).report, lambda found: found),
    "document": (lambda d: d.handout(digits=4).document, lambda found: found),
    "comparison": (
        lambda d: derive.compare_gradients(d, {name: number + 1 for name, number in d.gradients.items()}),
        str,
    ),
    "published": (lambda d: derive.compare_published(d, {"values": {"net_h1": "0.1"}}), str),
    "activation": (lambda d: derive.ACTIVATIONS[d.network.layers[0].activation], lambda found: found),
    "error function": (lambda d: derive.ERRORS[d.network.error], lambda found: found),
    "update rule": (lambda d: derive.OPTIMIZERS["adam"], lambda found: found),
}
WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle of protocol {protocol}": lambda found, protocol=protocol: pickle.loads(pickle.dumps(found, protocol))
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)  # SymPy's symbols take 2 or higher
    },
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("thing", READS)
def test_a_copy_gives_the_same_results_also_after_it_was_asked(thing: str, way: str) -> None:
    take, read = READS[thing]
    original = take(network("tanh").derive())
    before = read(original)
    again = WAYS[way](original)
    assert type(again) is type(original)
    assert read(again) == before
    assert read(original) == before


@pytest.mark.parametrize("activation", derive.ACTIVATIONS)
def test_each_activation_is_read_back(activation: str) -> None:
    derivation = network(activation).derive()
    expected = results(derivation)
    for way in WAYS.values():
        assert results(way(derivation)) == expected


@pytest.mark.parametrize("error", derive.ERRORS)
def test_each_error_function_is_read_back(error: str) -> None:
    made = derive.Network(
        layers=[derive.Layer(weights=[[0.5]])], samples=[derive.Sample(inputs=[1], targets=[1])], error=error
    )
    graph = made.derive().graph
    again = pickle.loads(pickle.dumps(graph))
    assert (str(again), again) == (str(graph), graph)


def test_a_shape_is_read_back_as_the_one_that_caches_know() -> None:
    for shape in (SAME, PRODUCT, BIAS):
        assert pickle.loads(pickle.dumps(shape)) is shape
    graph = network("leaky_relu").derive().graph
    shapes = {term.shape for equation in graph.equations for term in equation.terms}
    again = pickle.loads(pickle.dumps(graph))
    assert {term.shape for equation in again.equations for term in equation.terms} == shapes


def test_a_pickle_does_not_grow_with_what_was_asked() -> None:
    derivation = network("gelu").derive()
    before = len(pickle.dumps(derivation))
    results(derivation)
    assert len(pickle.dumps(derivation)) == before


def test_a_deep_network_is_read_back() -> None:
    deep = derive.Network(
        layers=[derive.Layer(weights=[[1]], activation="tanh")] * 150,
        samples=[derive.Sample(inputs=[1], targets=[1])],
    ).derive()
    again = pickle.loads(pickle.dumps(deep["w1"]))
    assert again.value.decimal(12) == deep["w1"].value.decimal(12)
    assert again is again.derivation["w1"]


@pytest.mark.parametrize("error", [derive.InternalError("x {y}"), derive.InputError("{a}: found {b}.", a="{b}", b=1)])
def test_an_error_keeps_its_sentence(error: derive.DeriveError) -> None:
    for way in WAYS.values():
        again = way(error)
        assert (type(again), str(again), str(again.message)) == (type(error), str(error), str(error.message))


def test_another_process_gets_and_returns_them() -> None:
    derivation = derive.load("two_hidden_layers").derive()
    expected = results(derivation)
    certified = derivation.train(2).certified(9)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        seen, back, training = pool.apply(_seen_in_child, (derivation, certified))
    assert seen == expected
    assert results(back) == expected
    assert training == certified


def _seen_in_child(derivation: derive.Derivation, training: Certified) -> tuple[Any, derive.Derivation, Certified]:
    return results(derivation), derivation, training


def test_another_process_gets_and_returns_everything_that_was_looked_at() -> None:
    derivation = network("tanh").derive()
    things = {name: take(derivation) for name, (take, _) in READS.items()}
    expected = {name: READS[name][1](thing) for name, thing in things.items()}
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        seen, back = pool.apply(_read_in_child, (things,))
    del expected["optimizer"]
    assert seen == expected
    assert {name: READS[name][1](back[name]) for name in expected} == expected
    assert back["optimizer"] == things["optimizer"]


def _read_in_child(things: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    # What is read of an optimizer is a bare function, which is in no pickle.
    return {name: READS[name][1](thing) for name, thing in things.items() if name != "optimizer"}, things
