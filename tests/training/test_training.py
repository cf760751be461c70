"""Many steps: the article's digits, both kinds of generated code, and what happens when numbers end."""

import dataclasses
import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from oracle import networks

import derive
from derive import Layer, Network, Sample
from derive.training.code import program, scalar_program
from derive.training.code.arrays import array_program
from derive.training.run import train


def test_the_articles_10_000_iterations(article):
    training = article.train(10_000)
    assert math.isclose(training.error, 0.0000351018778298, rel_tol=1e-12)
    ((first, second),) = training.outs
    assert f"{first:.13f} {second:.12f}" == "0.0159136204436 0.984064273515"
    assert math.isclose(article.train(9_999).error, 0.0000351085481, rel_tol=1e-9)
    assert training.parameters["b1"] == 0.35


def test_the_articles_sequential_iterations(sequential):
    training = sequential.train(10_000)
    assert math.isclose(training.error, 0.0000350847863, rel_tol=1e-8)
    assert math.isclose(training.outs[0][0], 0.0159121963260, rel_tol=1e-11)


def test_the_handout_has_the_table_the_curve_and_the_last_values(article):
    text = article.handout().markdown
    for digits in ("0.000035102", "0.015913620", "0.984064274"):
        assert digits in text
    svg = article.handout().figures["training-iterations-error"].svg
    assert "polyline" in svg
    assert "tikzpicture" in article.handout().figures["training-iterations-error"].tikz


@pytest.mark.parametrize(
    ("iterations", "every", "marks"),
    [
        (0, None, [0]),
        (1, None, [0, 1]),
        (100, None, [0, 1, 10, 100]),
        (250, None, [0, 1, 10, 100, 250]),
        (25, 10, [0, 10, 20, 25]),
    ],
)
def test_the_rows_of_the_table(article, iterations, every, marks):
    training = article.train(iterations, every=every)
    assert [row.iteration for row in training.rows] == marks
    assert training.iterations == iterations
    assert set(training.rows) <= set(training.curve)


def test_a_row_is_what_so_many_single_steps_give(article):
    code = program(article.evaluation)
    state = code.start
    for _ in range(37):
        state = code.advance(state, 1)
    assert code.parameters(state) == article.train(37).parameters


def test_one_step_is_the_handouts_update(article):
    training = article.train(1)
    for name in article.graph.trained:
        assert math.isclose(training.parameters[name], article.evaluation.updated(name), rel_tol=1e-14)
    assert math.isclose(training.error, article.error.after, rel_tol=1e-14)


def numbers(rows, columns, seed):
    made = random.Random(seed)
    return [[Fraction(made.randint(-100, 100), 100) for _ in range(columns)] for _ in range(rows)]


TARGETS = {"hinge": [[1, -1], [-1, 1]], "cross_entropy": [[1, 0], [Fraction(1, 4), Fraction(3, 4)]]}
LAST = {"binary_cross_entropy": "logistic", "cross_entropy": "softmax"}


@pytest.mark.parametrize("updates", ["simultaneous", "sequential"])
@pytest.mark.parametrize("error", derive.ERRORS)
@pytest.mark.parametrize("activation", derive.ACTIVATIONS)
def test_both_codes_give_the_same_and_their_first_step_is_the_certified_one(activation, error, updates):
    for place, optimizer in enumerate(derive.OPTIMIZERS):
        layers = [
            Layer(numbers(2, 2, place), bias=[None, 0.1, [0.1, 0.2]][place % 3], activation=activation),
            Layer(numbers(2, 2, place + 9), bias=[0.1, -0.2], activation=LAST.get(error, activation)),
        ]
        targets = TARGETS.get(error, [[Fraction(1, 3), 1], [0, Fraction(1, 2)]])
        samples = [Sample([1, 0.5], targets[0]), Sample([-1, 0.5], targets[1])]
        learning = derive.Optimizer(optimizer, epsilon=Fraction(1, 1000) if optimizer[0] in "ar" else None)
        derivation = Network(
            layers, samples, error=error, optimizer=learning, learning_rate=Fraction(1, 20), updates=updates
        ).derive()
        one, other = scalar_program(derivation.evaluation), array_program(derivation.evaluation)
        first, after = one.parameters(one.advance(one.start, 1)), other.parameters(other.advance(other.start, 20))
        for name, value in one.parameters(one.advance(one.start, 20)).items():
            assert math.isclose(value, after[name], rel_tol=1e-9, abs_tol=1e-9), (optimizer, name)
        for name in derivation.graph.trained:
            assert math.isclose(first[name], derivation.evaluation.updated(name), rel_tol=1e-9, abs_tol=1e-11)
        assert math.isclose(np.mean(one.outcome(one.start).errors), derivation.error.value, rel_tol=1e-12)


@settings(max_examples=30, deadline=None)
@given(networks(activations=("logistic", "tanh", "relu", "identity")))
def test_codes_agree_on_random_shapes(network):
    derivation = network.derive()
    one, other = scalar_program(derivation.evaluation), array_program(derivation.evaluation)
    left, right = (code.parameters(code.advance(code.start, 3)) for code in (one, other))
    for name, value in left.items():
        assert math.isclose(value, right[name], rel_tol=1e-7, abs_tol=1e-9)


def test_small_networks_get_plain_python_and_large_ones_numpy(article):
    assert "dot(" not in program(article.evaluation).source
    wide = Network([Layer([[0.1] * 40] * 10)], [Sample([1] * 40, [0] * 10)])
    assert "dot(" in program(wide.derive().evaluation).source


def test_no_name_of_the_users_stands_in_the_code():
    network = Network(
        [Layer([[0.5]], weight_names=[["evil"]], neurons=["exec"], bias=1, bias_names=["os"])],
        [Sample([1], [0], input_names=["import_x"])],
    )
    for code in (scalar_program(network.derive().evaluation), array_program(network.derive().evaluation)):
        assert not any(name in code.source for name in ("evil", "exec", "os", "import"))
        assert math.isclose(
            code.parameters(code.advance(code.start, 1))["evil"], network.derive().train(1).parameters["evil"]
        )


def single(rate, error="squared_error", activation="identity", **settings):
    layer = Layer([[0.5]], activation=activation)
    return Network([layer], [Sample([1], [1])], error=error, learning_rate=rate, **settings).derive()


@pytest.mark.parametrize("wide", [False, True])
def test_divergence_is_told_with_its_step_and_a_likely_cause(wide, monkeypatch):
    if wide:
        monkeypatch.setattr("derive.training.code.select.LARGEST_SCALAR", 0)
    training = single(30).train(1000)
    expected = 0
    weight = 0.5
    while abs(weight) < 1e154:  # the first step after which the error, a square, is no number
        weight -= 30 * 2 * (weight - 1)
        expected += 1
    assert training.divergence is not None
    assert abs(training.divergence.iteration - expected) <= 1
    assert training.divergence.cause == "growth"
    assert training.iterations == training.divergence.iteration - 1
    assert all(math.isfinite(value) for value in training.parameters.values())


@pytest.mark.parametrize("weight", [10**300, -(10**399)])
def test_numbers_that_are_too_large_from_the_start_are_said_to_be(weight):
    layer = Layer([[weight]], activation="identity")
    derivation = Network([layer], [Sample([1], [1])], iterations=10).derive()
    assert derivation.training.divergence.cause == "start"
    assert "The values are too large from the start." in derivation.handout().markdown


def test_a_diverged_handout_says_so_and_is_written():
    derivation = single(30, iterations=1000)
    text = derivation.handout().markdown
    assert "the learning rate is probably too large" in text
    assert derivation.handout().render("html")


def test_an_interrupt_keeps_the_table_so_far(article):
    def stop(done):
        if done >= 500:
            raise KeyboardInterrupt

    training = article.train(10_000, progress=stop)
    assert training.interrupted
    assert 500 <= training.iterations < 10_000
    assert [row.iteration for row in training.rows][:4] == [0, 1, 10, 100]
    again = article.train(training.iterations)
    assert again.parameters == training.parameters


def test_progress_is_told(article):
    seen = []
    article.train(1000, progress=seen.append)
    assert seen[-1] == 1000
    assert all(left < right for left, right in itertools.pairwise(seen))


@pytest.mark.parametrize("weight", [1000, -1000])
@pytest.mark.parametrize("activation", derive.ACTIVATIONS)
def test_saturated_neurons_train_without_overflow(activation, weight):
    layers = [Layer([[weight]], activation=activation), Layer([[0.5], [-0.5]], activation="softmax")]
    network = Network(layers, [Sample([1], [1, 0])], error="cross_entropy", learning_rate=Fraction(1, 10**6))
    for code in (scalar_program(network.derive().evaluation), array_program(network.derive().evaluation)):
        assert code.is_finite(code.careful(code.start, 5))
        assert math.isfinite(code.outcome(code.start).errors[0])
    assert train(network.derive().evaluation, 5).divergence is None


@pytest.mark.parametrize("iterations", [-1, 1.5, True, 10**9, "10"])
def test_what_is_no_number_of_iterations(article, iterations):
    with pytest.raises(derive.InputError, match=r"iterations: found .*; expected a whole number"):
        article.train(iterations)


def test_more_samples_are_the_mean_or_the_sum():
    samples = [Sample([1], [1]), Sample([2], [0.5])]
    layers = [Layer([[0.25]], activation="identity")]
    mean = Network(layers, samples, learning_rate=Fraction(1, 4)).derive()
    # Gradients −0.75·1 and 0·2: out 0.25 for a target of 1, out 0.5 for 0.5.
    assert mean.train(1).parameters["w1"] == 0.25 + 0.25 * 0.75 / 2
    whole = dataclasses.replace(mean.network, reduction="sum").derive()
    assert whole.train(1).parameters["w1"] == 0.25 + 0.25 * 0.75
