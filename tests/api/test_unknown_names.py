"""A name that is unknown: an InputError, and the KeyError that any mapping raises, with a sentence of its own."""

import copy
import pickle
import re
from collections.abc import Callable
from typing import Any

import pytest

import derive

LOOKUPS: dict[str, Callable[[derive.Derivation], Any]] = {
    "derivation": lambda found: found["nope"],
    "partials": lambda found: found.partials["nope"],
    "gradients": lambda found: found.gradients["nope"],
    "values": lambda found: found.values["nope"],
    "another point": lambda found: found.at(nope=1),
    "numbers": lambda found: found.network.replace(nope=1),
    "trained": lambda found: found.train(1).parameters["nope"],
    "quantity": lambda found: found.evaluation.quantity("nope"),
    "activations": lambda found: derive.ACTIVATIONS["nope"],
    "errors": lambda found: derive.ERRORS["nope"],
    "optimizers": lambda found: derive.OPTIMIZERS["nope"],
    "built-in networks": lambda found: derive.load("nope"),
    "own gradients": lambda found: derive.compare_gradients(found, {"nope": 1.0}),
    "published": lambda found: derive.compare_published(found, {"values": {"nope": "0.1"}}),
}


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_an_unknown_name_is_a_key_error_with_a_sentence(lookup: str) -> None:
    derivation = derive.load("article").derive()
    with pytest.raises(KeyError) as caught:
        LOOKUPS[lookup](derivation)
    error = caught.value
    assert isinstance(error, derive.InputError)
    assert isinstance(error, ValueError)
    assert "nope" in str(error)
    assert re.search("; (expected|try|give) ", str(error))
    assert not str(error).startswith('"')
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert (type(again), str(again)) == (type(error), str(error))
