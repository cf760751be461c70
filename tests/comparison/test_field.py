"""Numbers that others published, each with the verdict that a careful teaching assistant would give, and its reason.

The files in ``field`` are public worked examples; each was calculated again independently.
"""

import subprocess
import sys
from pathlib import Path

import pytest

import derive
from derive.comparison.published import CONVENTION, DIFFERENT, DOUBLE, FOLLOWS, RIGHT, SINGLE, WRONG

FIELD = Path(__file__).parent / "field"
ARTICLE = ("article_in_doubles", "seed_notebook")
CASES = sorted(path.name.partition(".")[0] for path in FIELD.glob("*.published.toml"))

# What is not simply right: (updates, name): verdict, the first cause's kind, what it follows from.
TABLE = {
    "library_test_example": {
        (0, "out_o1"): (FOLLOWS, "follows", "out_h1 out_h2"),
        (0, "delta_h1"): (DIFFERENT, "follows", ""),  # 0.765·0.1·out_h1·(1 − out_h1) = 0.016669
        (1, "w4"): (FOLLOWS, "follows", "delta_h2"),
        (1, "w2"): (FOLLOWS, "follows", "delta_h1"),
        (1, "w5"): (FOLLOWS, "follows", "delta_h2"),
        (1, "w3"): (WRONG, "another input", ""),
        (1, "w6"): (WRONG, "another input", ""),
        (1, "w7"): (FOLLOWS, "follows", "out_h1 delta_o1"),
        (1, "w8"): (FOLLOWS, "follows", "out_h2 delta_o1"),
        (1, "b_h1"): (CONVENTION, "decay_on_weights", ""),
        (1, "b_h2"): (CONVENTION, "decay_on_weights", ""),
        (1, "b_o1"): (CONVENTION, "decay_on_weights", ""),
        (1, "out_h2"): (DIFFERENT, "chained rounding", ""),
        (1, "net_o1"): (CONVENTION, "decay_on_weights", ""),
        (1, "out_o1"): (CONVENTION, "decay_on_weights", ""),
    },
    "softmax_example": {
        (0, "net_o2"): (WRONG, None, ""),
        (0, "out_o1"): (FOLLOWS, "follows", "net_o2"),
        (0, "out_o2"): (FOLLOWS, "follows", "net_o2"),
        (0, "L_total"): (FOLLOWS, "follows", "net_o2"),
    },
    "worked_example_3_1": {
        (0, "delta_o1"): (CONVENTION, "negative_delta and cut off", ""),
        (1, "w5"): (FOLLOWS, "follows", "delta_o1 out_h1"),
        (1, "w6"): (FOLLOWS, "follows", "delta_o1 out_h2"),
        (1, "w4"): (DIFFERENT, "cut off", ""),
    },
    "momentum_parabola": {},
}


def compared(case, **changes):
    network = derive.load("article") if case in ARTICLE else derive.load(FIELD / f"{case}.toml")
    return derive.compare_published(network.replace(**changes).derive(), FIELD / f"{case}.published.toml")


@pytest.mark.parametrize("case", sorted(TABLE))
def test_each_number_has_its_verdict_and_its_reason(case):
    found = {
        (row.updates, row.name): (
            row.verdict,
            row.causes[0].kind if row.causes else None,
            " ".join(sorted(row.follows)),
        )
        for row in compared(case)
        if row.verdict != RIGHT
    }
    assert found == {
        key: (verdict, kind, " ".join(sorted(names.split()))) for key, (verdict, kind, names) in TABLE[case].items()
    }


@pytest.mark.parametrize("case", ARTICLE)
def test_doubles_are_right(case):
    found = compared(case)
    assert {row.verdict for row in found} == {RIGHT, DOUBLE}
    assert not any(row.causes for row in found)
    assert found.agrees
    assert found.counts == {"right": len(found), "rounded differently": 0, "wrong": 0}


def test_updates_after_each_sample_are_one_convention_and_can_be_declared():
    found = compared("xor_after_each_sample")
    assert {row.verdict for row in found} == {CONVENTION}
    assert [(each.name, each.is_declared) for each in found.conventions] == [("online", False)]
    assert set(found.conventions[0].names) == {"w1", "w2", "w5", "w6", "b_h1", "b_o1"}
    assert not found.agrees
    assert {row.verdict for row in compared("xor_after_each_sample", updates="online")} == {RIGHT}


def test_decay_on_the_weights_can_be_declared():
    optimizer = derive.Optimizer(weight_decay={"value": 0.1, "on": "weights"})
    found = {row.name: row.verdict for row in compared("library_test_example", optimizer=optimizer) if row.updates}
    assert {found[name] for name in ("b_h2", "b_o1", "net_o1", "out_o1")} == {RIGHT}
    assert found["b_h1"] == DIFFERENT  # it is calculated from the printed delta
    assert {found["w3"], found["w6"]} == {WRONG}


def test_a_declared_sign_makes_its_deltas_right():
    network = derive.load(FIELD / "worked_example_3_1.toml")
    values = {"values": {"delta_o1": "-0.0407"}, "convention": "negative_delta"}
    found = derive.compare_published(network.derive(), values)
    assert [(row.verdict, row.true) for row in found] == [(RIGHT, "-0.0406811")]
    assert found.agrees
    assert [(each.name, each.is_declared) for each in found.conventions] == [("negative_delta", True)]
    values["values"]["delta_o1"] = "0.0407"
    assert derive.compare_published(network.derive(), values)[0].verdict == WRONG


@pytest.mark.parametrize(
    ("convention", "message"),
    [
        ("negative_deltas", "Did you mean 'negative_delta'?"),
        (["online"], "makes no difference to this network"),
        (3, "expected the name of a convention, or a list of names"),
    ],
)
def test_a_convention_that_is_none(article, convention, message):
    with pytest.raises(derive.InputError) as caught:
        derive.compare_published(article, {"values": {"out_h1": 0.6}, "convention": convention})
    assert message in str(caught.value)


@pytest.mark.parametrize("case", CASES)
def test_on_the_command_line(case):
    network = "article" if case in ARTICLE else FIELD / f"{case}.toml"
    command = [sys.executable, "-m", "derive", "check", network, "--against", FIELD / f"{case}.published.toml"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0 if case in (*ARTICLE, "momentum_parabola") else 1, "")
    if case == "xor_after_each_sample":
        assert done.stdout.count("updated after each sample") == 1
    if case == "softmax_example":
        assert done.stdout.count("It follows from net_o2, where the source is wrong.") == 3
        assert "3 numbers follow from wrong ones." in done.stdout


def test_single_precision_has_its_own_name(article):
    import numpy as np

    one = np.float32
    w = [one(v) for v in ("0.15", "0.2", "0.25", "0.3", "0.4", "0.45", "0.5", "0.55")]
    i1, i2, b1, b2, t1 = (one(v) for v in ("0.05", "0.1", "0.35", "0.6", "0.01"))

    def logistic(net):
        return one(1) / (one(1) + np.exp(-net))

    h1, h2 = logistic(w[0] * i1 + w[1] * i2 + b1), logistic(w[2] * i1 + w[3] * i2 + b1)
    o1, o2 = (logistic(w[k] * h1 + w[k + 1] * h2 + b2) for k in (4, 6))
    delta = (o1 - t1) * o1 * (one(1) - o1)
    values = {"out_h1": h1, "out_h2": h2, "out_o1": o1, "out_o2": o2, "delta_o1": delta, "dE_total_dw5": delta * h1}
    found = derive.compare_published(article, {"values": {name: f"{value:.9g}" for name, value in values.items()}})
    assert {row.verdict for row in found} <= {RIGHT, SINGLE}
    assert SINGLE in {row.verdict for row in found}
    doubled = derive.compare_published(article, {"values": {name: repr(float(v)) for name, v in values.items()}})
    assert {row.verdict for row in doubled} == {SINGLE}
    values["out_o2"] *= one(1.00001)
    wrong = derive.compare_published(article, {"values": {name: f"{value:.9g}" for name, value in values.items()}})
    assert [row.name for row in wrong.wrong] == ["out_o2"]


def test_online_updates_are_counted_in_passes(tmp_path):
    path = tmp_path / "network.toml"
    path.write_text('updates = "online"\n' + (FIELD / "xor_after_each_sample.toml").read_text())
    against = FIELD / "xor_after_each_sample.published.toml"
    command = [sys.executable, "-m", "derive", "check", path, "--against", against, "--language", "en"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if line.startswith("after ")] == [
        "after 1 pass, sample 1:",
        "after 2 passes, sample 1:",
        "after 3 passes, sample 1:",
    ]


TWO_LAYERS = """
learning_rate = 0.6
[[sample]]
inputs = [0.1, 0.5]
targets = [0.05, 0.95]
[[layer]]
activation = "logistic"
weights = [[0.1, 0.2], [0.3, 0.4]]
bias = 0.25
[[layer]]
activation = "logistic"
weights = [[0.5, 0.7], [0.6, 0.8]]
bias = 0.35
"""


def checked(tmp_path, published, network=TWO_LAYERS):
    (tmp_path / "network.toml").write_text(network)
    (tmp_path / "published.toml").write_text(published)
    command = ["derive", "check", tmp_path / "network.toml", "--against", tmp_path / "published.toml"]
    command = [sys.executable, "-m", *map(str, command), "--language", "en"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout


def test_a_table_stays_narrow_beside_a_tiny_number(tmp_path):
    text = checked(tmp_path, "[values]\nE_total = 1e-300\nout_h1 = 0.589\n")
    assert max(map(len, text.splitlines())) < 80
    assert "E_total 1e-300 2.587e-1 WRONG" in " ".join(text.split())


def test_a_wrong_number_of_the_same_name_after_an_update_is_no_source(tmp_path):
    """What follows from the printed out_h1 before the update does not follow from the wrong one after it."""
    text = checked(tmp_path, "[values]\nout_h1 = 0.589\nout_h2 = 0.617\nnet_o1 = 1.076\n[after.1]\nout_h1 = 0.9\n")
    assert "from wrong ones" not in text
    assert "wrong: 1." in text


def test_numbers_of_a_convention_are_counted_and_the_first_are_named(tmp_path):
    rows = "\n".join(f"dE_total_dw{k} = {-value}" for k, value in DERIVATIVES.items())
    text = checked(tmp_path, f"[values]\n{rows}\n", ONE_LAYER)
    assert "14 numbers are right under another convention." in text
    assert "dE_total_dw12 and 2 more." in " ".join(text.split())
    assert "dE_total_dw13" not in text.rpartition("Right:")[2]


ONE_LAYER = f"""
[[sample]]
inputs = {[k / 100 for k in range(1, 15)]}
targets = [1]
[[layer]]
activation = "identity"
weights = [{[0] * 14}]
"""
DERIVATIVES = {k: -k / 100 for k in range(1, 15)}


def test_what_fits_any_number_explains_none():
    network = derive.load(FIELD / "worked_example_3_1.toml")
    values = {"out_h1": "0.68", "out_h2": "0.6637", "out_o1": "0.69", "delta_o1": "-0.0406"}
    after = {"w5": "0.272392", "w6": "0.87305", "w1": "0.09916", "w2": "0.7978", "w3": "0.3976", "w4": "0.5928"}
    rows = derive.compare_published(network.derive(), {"values": values, "after": {1: after}})
    found = {row.name: (row.verdict, row.follows) for row in rows}
    assert found["w3"] == (WRONG, ())
    assert found["w5"] == (FOLLOWS, ("out_h1", "delta_o1"))


def test_no_cause_is_said_twice():
    network = derive.load(FIELD / "worked_example_3_1.toml")
    for name, value in {"E_total": "0.0363", "out_h1": "0.6637", "w1": "0.1", "w5": "0.3276"}.items():
        section = {"after": {1: {name: value}}} if name.startswith("w") else {"values": {name: value}}
        for row in derive.compare_published(network.derive(), section):
            sentences = [str(each.sentence) for each in row.causes]
            assert len(sentences) == len(set(sentences))
