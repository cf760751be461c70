"""The message of a failure: short for a large network, worst first, the same from each way to run tests."""

import doctest
import os
import subprocess
import sys
import textwrap
import types
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from programs import Program

import derive
from derive.testing import assert_gradients_match

ROOT = Path(derive.__file__).parents[1]


@pytest.fixture(scope="module")
def digits():
    """A classifier of pictures of 28 by 28, and its gradients by a program of its own."""
    draw = np.random.default_rng(0)
    made = Program(0, hidden=("logistic",), last="softmax", samples=2, depth=1)
    sizes = (784, 30, 10)
    made.weights = [(draw.normal(size=(n, m)) / m**0.5).round(4) for m, n in pairwise(sizes)]
    made.biases = [draw.normal(size=n).round(3) for n in sizes[1:]]
    made.inputs, made.targets = draw.random((2, 784)).round(3), np.eye(10)[[3, 7]]
    return made.network().derive(), made


def test_a_large_network_gets_a_short_message(digits):
    derivation, made = digits
    right = made.gradients()
    assert_gradients_match(derivation, right)
    draw = np.random.default_rng(1)
    noise = [(w + draw.normal(size=w.shape), b + draw.normal(size=b.shape)) for w, b in right]
    unreal = [(w.copy(), b * np.nan) for w, b in noise]
    slip = made.gradients("detached", 0)
    single = [(w.astype(np.float32), b.astype(np.float32)) for w, b in right]
    cases = [(noise, {}), (unreal, {}), (slip, {}), (single, {"rtol": 1e-9}), ({"W1": noise[0][0]}, {})]
    texts = []
    for found, settings in cases:
        with pytest.raises(AssertionError) as caught:
            assert_gradients_match(derivation, found, **settings)
        texts.append(str(caught.value))
        lines = texts[-1].splitlines()
        assert len(lines) < 25, lines
        assert max(map(len, lines)) < 200
    assert "… and 23850 more" in texts[0]
    assert "Most likely mistake: No gradient reaches hidden layer 1" in texts[2]
    assert "23520 of 23860 parameters compared" in texts[4]


def test_the_parameters_that_are_furthest_off_come_first():
    made = Program(4)
    found = made.gradients()
    found[1][0][0, 0] *= 1.01
    found[0][0][1, 0] *= 3
    found[2][0][0, 1] *= 1.5
    lines = str(derive.compare_gradients(made.network().derive(), found)).splitlines()
    assert [line.split(": found")[0].split(", ", 1)[1] for line in lines[1:4]] == ["W1[1, 0]", "W3[0, 1]", "W2[0, 0]"]


def test_nan_and_infinity_have_sentences_of_their_own():
    made = Program(4)
    found = made.gradients()
    found[0][0][:] = np.nan
    found[1][1][0] = -np.inf
    found[2][0][0, 0] += 1
    text = str(derive.compare_gradients(made.network().derive(), found))
    count = found[0][0].size + 1
    assert f"… and {count - 3} more that are nan or infinite" in text
    assert "nan and infinities come from an overflow, a division by 0 or the logarithm of 0." in text
    assert "w1, W1[0, 0]: found nan, which is no finite number; expected" in text
    assert ", W3[0, 0]: found" in text
    assert "slip" not in text


def test_what_is_right_in_single_precision_is_said_to_look_like_it():
    made = Program(4, dtype=np.float32)
    derivation, found = made.network().derive(), made.gradients()
    assert_gradients_match(derivation, found)
    as_floats = [(w.tolist(), b.tolist()) for w, b in found]
    assert_gradients_match(derivation, as_floats)  # every one is a number of float32
    for given in (found, as_floats):
        comparison = derive.compare_gradients(derivation, given, rtol=1e-9)
        assert (comparison.agrees, comparison.looks_like, comparison.slips) == (False, "float32", ())
        assert "This looks like float32, and to that precision all are right: give rtol=1.3e-06" in str(comparison)
    wrong = [(w * 2, b) for w, b in found]
    assert derive.compare_gradients(derivation, wrong, rtol=1e-9).looks_like == ""


TEST = """
import unittest

import numpy as np

import derive
from derive.testing import assert_gradients_match

network = derive.load("xor")
(dW1, db1), (dW2, db2) = network.derive().gradients.arrays()


def wrong():
    return [(dW1, db1), (-dW2, db2)]


class TestGradients(unittest.TestCase):
    def test_right(self):
        assert_gradients_match(network, [(dW1, db1), (dW2, db2)])

    def test_wrong(self):
        assert_gradients_match(network, wrong())


def example():
    '''Return nothing.

    >>> assert_gradients_match(network, [(dW1, db1), (dW2, db2)])
    >>> assert_gradients_match(network, wrong())
    '''
"""


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"],
        ["-m", "unittest", "-q", "test_mine"],
        ["-m", "doctest", "test_mine.py"],
    ],
    ids=["pytest", "unittest", "doctest"],
)
def test_it_works_from(command, tmp_path):
    (tmp_path / "test_mine.py").write_text(textwrap.dedent(TEST), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, timeout=120, check=False
    )
    output = (done.stdout + done.stderr).decode("utf-8")
    assert done.returncode == 1, output
    assert "AssertionError" in output
    assert "Wrong sign: w5, w6." in output
    assert any(words in output for words in ("1 failed, 1 passed", "failures=1", "***Test Failed*** 1 failure"))


def test_a_doctest_that_expects_the_failure_holds():
    module = types.ModuleType("mine")
    exec(TEST, module.__dict__)
    text = """
>>> assert_gradients_match(network, wrong())
Traceback (most recent call last):
AssertionError: 2 of 9 derivatives differ:
...
"""
    test = doctest.DocTestParser().get_doctest(text, module.__dict__, "mine", None, None)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    assert runner.run(test).failed == 0
