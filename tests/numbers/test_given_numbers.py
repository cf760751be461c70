"""Numbers that the network states, held against a book: right or wrong; and numbers written with a decimal comma."""

import pytest

import derive
from derive.comparison.published import RIGHT, WRONG

NETWORK = """
learning_rate = 0.5
[[sample]]
inputs = [0.05, 0.333333333]
targets = [0.01]
[[layer]]
weights = [[0.15, -0.25]]
bias = 0.35
train_bias = false
"""


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    path = tmp_path_factory.mktemp("given") / "net.toml"
    path.write_text(NETWORK)
    return derive.load(path).derive()


@pytest.mark.parametrize(
    ("name", "text", "verdict"),
    [
        ("w1", "0.15", RIGHT),
        ("w1", "0.150", RIGHT),
        ("w1", "1.5e-1", RIGHT),
        ("w1", "0.16", WRONG),
        ("w1", "0.14", WRONG),
        ("w1", "0.2", WRONG),
        ("w1", "0.1501", WRONG),
        ("w1", "-0.15", WRONG),
        ("w2", "-0.25", RIGHT),
        ("w2", "-0.26", WRONG),
        ("i1", "0.05", RIGHT),
        ("i1", "0.06", WRONG),
        ("i1", "0", WRONG),
        ("i2", "0.333333333", RIGHT),
        ("i2", "0.333", RIGHT),  # nobody prints nine digits that are all alike
        ("i2", "0.334", WRONG),
        ("i2", "0.3", WRONG),
        ("target_o1", "0.02", WRONG),
        ("b1", "0.35", RIGHT),
        ("b1", "0.36", WRONG),
        ("eta", "0.5", RIGHT),
        ("eta", "0.51", WRONG),
    ],
)
def test_a_given_number_is_right_or_wrong(given, name, text, verdict):
    (row,) = derive.compare_published(given, {"values": {name: text}})
    assert row.verdict == verdict


def test_what_no_update_changes_stays_given_and_what_one_changes_is_calculated(given):
    rows = derive.compare_published(given, {"after": {3: {"b1": "0.36", "i1": "0.051", "w1": "0.15"}}})
    assert [row.verdict for row in rows][:2] == [WRONG, WRONG]
    true = rows[2].true[:8]
    last = derive.compare_published(given, {"after": {3: {"w1": true[:-1] + str((int(true[-1]) + 1) % 10)}}})[0]
    assert last.verdict != "wrong"


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (("inputs = [0.05,", 'inputs = ["0,05",'), "Write a decimal comma as a point: 0.05."),
        (("inputs = [0.05,", 'inputs = ["0.05",'), "Write it without quotation marks: 0.05."),
        (("inputs = [0.05,", "inputs = [0,05,"), "Write a decimal comma as a point: 0.05."),
        (("bias = 0.35", 'bias = "0,35"'), "Write a decimal comma as a point: 0.35."),
        (("bias = 0.35", "bias = 0,35"), "Write a decimal comma as a point: 0.35."),
        (("[[0.15", '[["-0,15"'), "Write a decimal comma as a point: -0.15."),
        (("learning_rate = 0.5", 'learning_rate = "0,5"'), "Write a decimal comma as a point: 0.5."),
        (("learning_rate = 0.5", "learning_rate = 0,5"), "Write a decimal comma as a point: 0.5."),
    ],
)
def test_a_decimal_comma_in_a_network_is_hinted_at(tmp_path, change, hint):
    path = tmp_path / "net.toml"
    path.write_text(NETWORK.replace(*change))
    with pytest.raises(derive.InputError) as caught:
        derive.load(path)
    assert hint in str(caught.value)


@pytest.mark.parametrize("text", ["much", "1,000.5", "0.5,", "1,2,3", "x,5"])
def test_other_text_gets_no_hint(text):
    with pytest.raises(derive.InputError) as caught:
        derive.Sample([text], [1])
    assert "Write" not in str(caught.value)


def test_a_decimal_comma_in_published_numbers_is_hinted_at(given, tmp_path):
    path = tmp_path / "numbers.toml"
    for text in ('out_o1 = "0,593"', "out_o1 = 0,593"):
        path.write_text(f"[values]\n{text}\n")
        with pytest.raises(derive.InputError, match=r"Write a decimal comma as a point: 0\.593\."):
            derive.compare_published(given, path)


def test_a_list_that_is_only_broken_gets_no_hint(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(NETWORK.replace("[0.01]", "[1,2"))
    with pytest.raises(derive.InputError) as caught:
        derive.load(path)
    assert "comma as" not in str(caught.value)
