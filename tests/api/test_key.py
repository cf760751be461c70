"""The key in a file: what is read back grades as the worksheet does, and holds nothing of the secret."""

import json

import pytest

import derive
from derive.api.grades import grade_class
from derive.api.key import Key
from derive.reading.answers import Answers


def told(grading):
    return [(each.name, each.kind, each.answer, each.slip and str(each.slip.sentence)) for each in grading.verdicts]


@pytest.mark.parametrize("ready", ["article", "circuit", "xor", "lstm_cell"])
def test_a_key_is_read_back(ready, tmp_path):
    worksheet = derive.Worksheet.from_file(ready, secret="the secret", course="a course")
    sheets = [worksheet.sheet(student) for student in ("007", "8")]
    (tmp_path / "key.json").write_bytes(Key.of(worksheet, sheets).json())
    assert "the secret" not in (tmp_path / "key.json").read_text()
    key = Key.read(tmp_path / "key.json")
    numbers = {blank.name: blank.number for blank in worksheet.asked}
    for sheet in sheets:
        right = {numbers[name]: text for name, text in sheet.key.items()}
        assert key.grade(Answers(sheet.student, right)).points == len(right)
        first = worksheet.asked[0]
        wrong = {**right, first.number: "77.123"}
        assert told(key.grade(Answers(sheet.student, wrong))) == told(sheet.grade(wrong))
    # Everybody has their own numbers.
    graded = key.grade(Answers("8", {numbers[name]: text for name, text in sheets[0].key.items()}))
    assert graded.points < graded.out_of


def test_settings_of_the_file_are_used_and_others_take_their_place(tmp_path):
    file = tmp_path / "net.toml"
    ready = derive.load("article")
    text = "learning_rate = 0.5\n[[layer]]\nweights = [[0.3, 0.7]]\n[[sample]]\ninputs = [0.2, 0.4]\ntargets = [0.1]\n"
    file.write_text(f'{text}[worksheet]\nvary = ["inputs"]\ndigits = 4\n[worksheet.rules]\nleast = 5\n')
    worksheet = derive.Worksheet.from_file(file, secret="s")
    assert (worksheet.vary, worksheet.digits, worksheet.rules.least) == (("inputs",), 4, 5)
    assert derive.Worksheet.from_file(file, digits=7).digits == 7
    assert derive.load(file).learning_rate == ready.learning_rate
    file.write_text(f"{text}[worksheet]\ndigit = 4\n")
    with pytest.raises(derive.InputError, match=r"net.toml: worksheet: found the unknown key 'digit'.*'digits'"):
        derive.Worksheet.from_file(file)


def test_what_is_no_key_is_one_sentence(tmp_path):
    file = tmp_path / "key.json"
    worksheet = derive.Worksheet.from_file("article", secret="s")
    whole = json.loads(Key.of(worksheet, [worksheet.sheet("1")]).json())
    for text, sentence in [
        ("", "found no key"),
        ("[]", "found no key"),
        ("{" * 100_000, "found no key"),
        (json.dumps({**whole, "version": 2}), "key of version 2"),
        (json.dumps({**whole, "blanks": []}), "other blanks"),
        (json.dumps({**whole, "sheets": [{}]}), "the key is damaged"),
        (json.dumps({**whole, "sheets": 3}), "the key is damaged"),
        (json.dumps({**whole, "settings": {}}), "the key is damaged"),
    ]:
        file.write_text(text)
        with pytest.raises(derive.InputError, match=sentence):
            Key.read(file)
    with pytest.raises(derive.UnsupportedError, match="made of a network in Python"):
        Key.of(derive.Worksheet(derive.load("article")), []).json()


def test_the_answers_of_another_sheet_are_noticed():
    worksheet = derive.Worksheet.from_file("article", secret="s")
    sheets = [worksheet.sheet(student) for student in ("1", "2", "3")]
    key = Key.of(worksheet, sheets)
    numbers = {blank.name: blank.number for blank in worksheet.asked}

    def answers(student, sheet):
        return Answers(student, {numbers[name]: text for name, text in sheet.key.items()}, place=f"row of {student}")

    grades = grade_class(key, [answers("1", sheets[0]), answers("2", sheets[0]), answers("3", sheets[2])])
    assert [str(message) for message in grades.noticed] == [
        "row of 2: the answers of '2' are those of the sheet of '1'."
    ]
    assert grades.refused == ()
