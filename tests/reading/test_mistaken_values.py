"""Every key of a network file with values that it cannot have: one sentence, in no word of Python's own."""

import itertools
import json
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from mistaken_files import load

import derive
from derive.reading.network_file import LAYER_KEYS, NETWORK_KEYS, OPTIMIZER_KEYS, SAMPLE_KEYS, TRAINING_KEYS

# What a value looks like in Python and in no file: Decimal('0.1'), True, None, {'a': 1}, datetime.date(…), <class …>.
PYTHONS = re.compile(
    r"\b(Decimal|Fraction|datetime|np|numpy|array|dict|list|tuple)\b[.(]|\b(True|False|None)\b|\{'|<|__"
)
ANYTHING = ["true", "1", "-1.5", "1e500", "nan", "-inf", "''", "'x'", "'0,5'", "1979-05-27", "07:32:00"]
WRAPPED = [
    "[{}]",
    "[{}, true]",
    "[[{}]]",
    "[[{}, 'x'], []]",
    "{{a = {}}}",
    "{{value = {}}}",
    "[{{a = {}}}]",
    "[[[{}]]]",
]
VALUES = ["[]", "[[]]", "{}", *ANYTHING, *(each.format(value) for each in WRAPPED for value in ANYTHING[::3])]
LAYER, SAMPLE = {"weights": "[[1, 2]]"}, {"inputs": "[1, 2]", "targets": "[1]"}
PLACES = [
    *(("", key) for key in NETWORK_KEYS),
    *(("layer", key) for key in LAYER_KEYS),
    *(("sample", key) for key in SAMPLE_KEYS),
    *(("training", key) for key in TRAINING_KEYS),
    *(("optimizer", key) for key in OPTIMIZER_KEYS),
]


def written(table, key, value):
    """Return a network file with that value for a key of a table."""
    tables = {"": {}, "training": {}, "optimizer": {}, "layer": dict(LAYER), "sample": dict(SAMPLE)}
    tables[table][key] = value
    text = "".join(f"{name} = {found}\n" for name, found in tables[""].items())
    for name, head in (
        ("training", "[training]"),
        ("optimizer", "[optimizer]"),
        ("layer", "[[layer]]"),
        ("sample", "[[sample]]"),
    ):
        if (tables[name] and name != key) or name == table:
            text += f"{head}\n" + "".join(f"{one} = {found}\n" for one, found in tables[name].items())
    return text


def refusal(make):
    """Return the message with which something is refused; None where it is taken."""
    try:
        make()
    except derive.InputError as error:
        return str(error)
    return None


@pytest.mark.parametrize(("table", "key"), PLACES)
def test_no_message_has_a_word_of_pythons(table, key, tmp_path):
    messages = [refusal(lambda value=value: load(tmp_path, written(table, key, value))) for value in VALUES]
    found = [message for message in messages if message]
    assert len(found) > len(VALUES) // 3, key
    for message in found:
        assert not PYTHONS.search(message), message
        assert "\n" not in message
        assert len(message) < 700


@pytest.mark.parametrize("value", [None, [None], {"a": None}, [[True, None]]])
def test_null_in_json_is_called_so(value, tmp_path):
    for table, keys in (("layer", LAYER_KEYS), ("sample", SAMPLE_KEYS)):
        for key in keys:
            data = {"layer": [{"weights": [[1, 2]]}], "sample": [{"inputs": [1, 2], "targets": [1]}]}
            data[table][0][key] = value
            message = refusal(lambda data=data: load(tmp_path, json.dumps(data), "net.json"))
            assert message is None or not PYTHONS.search(message), message


GIVEN = [None, True, Decimal("NaN"), [Decimal("0.1")], Fraction(1, 2), {"a": Decimal(1)}, np.float64("nan"), np.True_]
GIVEN += [np.float32(0.1), [np.float64(0.1)], (Decimal("0.1"),), np.str_("x"), [[None]]]


@pytest.mark.parametrize("field", [*LAYER_KEYS, *SAMPLE_KEYS, *OPTIMIZER_KEYS, "learning_rate", "reduction", "every"])
def test_what_programs_give_is_shown_as_files_write_it(field):
    makes = {
        **{key: lambda value, key=key: derive.Layer(**({"weights": [[1, 2]]} | {key: value})) for key in LAYER_KEYS},
        **{key: lambda value, key=key: derive.Sample(**({"inputs": [1]} | {key: value})) for key in SAMPLE_KEYS},
        **{key: lambda value, key=key: derive.Optimizer(**{key: value}) for key in OPTIMIZER_KEYS},
    }
    usual = lambda value: derive.load("article").replace(**{field: value})  # noqa: E731
    messages = [refusal(lambda value=value: makes.get(field, usual)(value)) for value in GIVEN]
    assert any(messages)
    for message in filter(None, messages):
        assert not PYTHONS.search(message), message


@pytest.mark.parametrize(
    ("make", "meant"),
    [
        (lambda: derive.Layer([[1]], activation="sigmiod"), "sigmoid"),
        (lambda: derive.Layer([[1]], activation="lienar"), "linear"),
        (lambda: derive.Layer([[1]], activation="rleu"), "relu"),
        (lambda: derive.Optimizer("sdg"), "sgd"),
        (lambda: derive.load("article").replace(error="bec"), "bce"),
        (lambda: derive.load("article").replace(error="mes"), "mse"),
        (lambda: derive.load("article").replace(reduction="avreage"), "average"),
        (lambda: derive.load("article").replace(updates="sequentail"), "sequential"),
    ],
)
def test_a_misspelled_synonym_is_asked_about(make, meant):
    assert refusal(make).endswith(f" Did you mean '{meant}'?")


@pytest.mark.parametrize(
    ("key", "meant"), [("epohcs", "iterations"), ("lerning_rate", "learning_rate"), ("optimzer", "optimizer")]
)
def test_a_misspelled_key_is_asked_about(key, meant, tmp_path):
    assert refusal(lambda: load(tmp_path, written("", key, "1"))).endswith(f" Did you mean '{meant}'?")


def test_every_word_is_found_by_a_typo_of_two_letters_swapped():
    """A swap of neighbors in a word of five letters or more never loses the word, valid or a synonym."""
    from derive.functions import activations, losses, optimizers

    makes = [
        (activations.OTHER_NAMES.same, derive.ACTIVATIONS, lambda word: derive.Layer([[1]], activation=word)),
        (losses.OTHER_NAMES.same, derive.ERRORS, lambda word: derive.load("article").replace(error=word)),
        (optimizers.OTHER_NAMES.same, derive.OPTIMIZERS, derive.Optimizer),
    ]
    for synonyms, valid, make in makes:
        for word in itertools.chain(synonyms, valid):
            if len(word) >= 5:
                typo = word[:2] + word[3] + word[2] + word[4:]
                message = refusal(lambda typo=typo, make=make: make(typo))
                assert message is None or "Did you mean" in message, message
