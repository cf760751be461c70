"""Numbers for each student: drawn from the secret alone, like the original's, and fair."""

import hashlib
import hmac
import itertools
import json
from fractions import Fraction

import pytest

import derive


def digest(secret, *names):
    message = json.dumps(names).encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


def article(**settings):
    return derive.Worksheet(derive.load("article"), **{"secret": "rosebud", "course": "NN 1", **settings})


def test_the_code_and_the_first_number_are_those_of_hmac_sha_256():
    sheet = article().sheet("0042")
    assert sheet.code == digest("rosebud", "code", "NN 1", "A step by step example", "0042").hex()[:8]
    # The names in order: b1 = 0.35 is drawn first, from 0.18 to 0.52 in steps of 0.01.
    counter = sum(sheet.draw.refused.values())
    whole = digest("rosebud", "draw", "NN 1", "A step by step example", "0042", counter, 0)
    assert sheet.numbers[0]["b1"] == Fraction(18 + int.from_bytes(whole[:8], "big") % 35, 100)


@pytest.mark.parametrize("changed", [{"secret": "other"}, {"course": "NN 2"}, {"name": "other"}])
def test_another_secret_course_or_sheet_has_other_numbers(changed):
    assert article().sheet("1").numbers != article(**changed).sheet("1").numbers
    assert article().sheet("1").code != article(**changed).sheet("1").code


def test_the_same_student_gets_the_same_and_another_does_not():
    assert article().sheet("1").numbers == article().sheet("1").numbers
    # Ids are text, and are put together with nothing else.
    sheets = [article().sheet(student) for student in ("1", "01", "001", "1 ")]
    assert all(one.numbers != other.numbers for one, other in itertools.combinations(sheets, 2))


def test_numbers_keep_sign_decimals_and_size():
    own = derive.load("softmax_classifier").derive().computation.samples
    worksheet = derive.Worksheet(derive.load("softmax_classifier"), secret="s")
    for number in range(3):
        for drawn, sample in zip(worksheet.sheet(str(number)).numbers, own, strict=True):
            for name, value in drawn.items():
                if sample[name] in (0, 1, -1) and name not in worksheet.evaluation.computation.parameters:
                    assert value == sample[name]
                    continue
                assert (value > 0) == (sample[name] > 0)
                assert (value * 100).denominator == 1
                assert abs(value) <= max(abs(sample[name]) * Fraction(3, 2), abs(sample[name]) + 4)


def test_what_does_not_vary_stays():
    worksheet = derive.Worksheet(derive.load("article"), vary=["inputs", "w5"], secret="s")
    own, drawn = worksheet.evaluation.computation.samples[0], worksheet.sheet("1").numbers[0]
    assert {name for name in own if own[name] != drawn[name]} <= {"i1", "i2", "w5"}


@pytest.mark.parametrize("ready", ["article", "two_hidden_layers", "convolution"])
def test_a_drawn_sheet_keeps_the_rules(ready):
    worksheet = derive.Worksheet(derive.load(ready), secret="s")
    own = worksheet.sheet()
    same = {(a.name, b.name) for a, b in itertools.combinations(own.expected, 2) if overlap(a, b)}
    for number in range(3):
        sheet = worksheet.sheet(str(number))
        derivatives = [each for each in sheet.expected if each.name.startswith(("d", "delta"))]
        for one, other in itertools.combinations(derivatives, 2):
            assert not overlap(one, other) or (one.name, other.name) in same
        for each in sheet.expected:
            size = abs(each.low + each.high) / 2
            assert size == 0 or size >= 10 * (each.high - each.low) / 2
            assert Fraction(each.text) >= each.low
            assert Fraction(each.text) <= each.high


def overlap(one, other):
    return one.low <= other.high and other.low <= one.high


def test_relus_stay_on_their_side():
    layers = [
        derive.Layer([[0.5, -0.25], [-0.75, 0.5]], bias=[0.1, -0.2], activation="relu"),
        derive.Layer([[0.6, 0.3]], bias=[0.2], activation="identity"),
    ]
    network = derive.Network(layers, [derive.Sample([0.4, 0.8], [0.5])])
    worksheet = derive.Worksheet(network, secret="s")
    own = {name: value > 0 for name, value in worksheet.sheet().evaluation.values.items() if name.startswith("net_h")}
    refused = {}
    for number in range(10):
        sheet = worksheet.sheet(str(number))
        values = sheet.evaluation.values
        assert {name: values[name] > 0 for name in own} == own
        refused |= sheet.draw.refused
    assert "sides" in refused


def test_rules_can_be_changed_and_mistakes_are_one_sentence():
    assert article(rules={"apart": 0, "least": 0}).rules.apart == 0
    with pytest.raises(derive.InputError, match="none of 3 draws keeps the rules"):
        article(rules={"least": 10**9, "most_draws": 3}).sheet("1")
    for settings, sentence in [
        ({"rules": {"lest": 3}}, "Did you mean 'least'"),
        ({"rules": {"apart": -1}}, "rules, apart: found -1; expected 0 or more"),
        ({"vary": ["w99"]}, "found no such name"),
        ({"vary": "w1"}, "vary: found 'w1'; expected a list"),
        ({"hints": 4}, "hints: found 4"),
        ({"blanks": "all"}, "blanks: found 'all'"),
        ({"digits": 0}, "digits"),
        ({"course": "two\nlines"}, "course: found"),
    ]:
        with pytest.raises(derive.InputError, match=sentence):
            article(**settings).sheet("1")
    with pytest.raises(derive.InputError, match="Without it, anybody who has the network"):
        derive.Worksheet(derive.load("article")).sheet("1")
