"""The JSON Schemas allow what derive reads and writes, and refuse what it refuses for its form."""

import copy
import json
import tomllib
from pathlib import Path

import attrs
import jsonschema
import pytest

import derive
from derive.cli.schema import FORMATS
from derive.network.network import Network
from derive.reading import network_file
from derive.reading.equations_file import EQUATION_KEYS, computation_of, has_equations
from derive.reading.files import PUBLISHED, READY
from derive.reading.graph_file import CHAIN_KEYS, GRAPH_KEYS, graph_of, has_blocks
from derive.reading.schema import WORDS
from derive.render.schema import SCHEMAS

NETWORKS = sorted(READY.glob("*.toml"))
# What others published.
FIELD = Path(__file__).parent.parent / "comparison" / "field"
PUBLICATIONS = [*PUBLISHED.glob("*.toml"), *FIELD.glob("*.published.toml")]
OTHERS = [path for path in FIELD.glob("*.toml") if path not in PUBLICATIONS]
MINIMAL = {"sample": [{"inputs": [0.5, 1], "targets": [1]}], "layer": [{"weights": [[0.1, 0.2]]}]}


def validator(name):
    schema = SCHEMAS[name]()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(json.loads(json.dumps(schema)))


@pytest.fixture(scope="module")
def network():
    return validator("network")


@pytest.fixture(scope="module")
def published():
    return validator("published")


def is_read(data):
    """Whether derive reads a file with this content."""
    try:
        if has_blocks(data):
            graph_of(data, derive.Computation)
        elif has_equations(data):
            computation_of(data, derive.Computation)
        else:
            network_file._network(data, Network)
    except derive.InputError:
        return False
    return True


@pytest.mark.parametrize("path", [*NETWORKS, *OTHERS], ids=lambda path: path.stem)
def test_networks_are_valid(network, path):
    network.validate(tomllib.loads(path.read_text(encoding="utf-8")))


def test_the_network_to_start_from_is_valid(network):
    network.validate(tomllib.loads(derive.example()))


def test_published_numbers_are_valid(published):
    assert len(PUBLICATIONS) > 5
    for path in PUBLICATIONS:
        published.validate(tomllib.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "data",
    [
        {"values": {"out_h1": "0.593269992", "E": 1, "δ_o1": " −1e-3 "}},
        {"values": {}, "sample": {"2": {"w5+": 0.5}}, "after": {"10": {"w5": 0.1, "sample": {"2": {"E_o1": 1}}}}},
        {"convention": "negative_delta", "values": {"w": 1}},
        {"convention": ["Online", "squared-error"], "source": "A book", "values": {"w": 1}},
    ],
)
def test_ways_to_write_published_numbers(published, data):
    published.validate(data)


@pytest.mark.parametrize(
    "data",
    [
        {"value": {}},
        {"values": {"out_h1": "0,59"}},
        {"values": {"out_h1": [1]}},
        {"sample": {"0": {}}},
        {"after": {"one": {}}},
        {"convention": "none"},
        {"source": 1},
        [],
    ],
)
def test_what_are_no_published_numbers(published, data):
    assert not published.is_valid(data)


# Every key of a network file, by the table that it stands in.
TABLES = {
    "layer": network_file.LAYER_KEYS,
    "sample": network_file.SAMPLE_KEYS,
    "training": network_file.TRAINING_KEYS,
    "optimizer": network_file.OPTIMIZER_KEYS,
    "network": network_file.NETWORK_KEYS,
}
VALUES = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        0.5,
        10.0,
        1e30,
        "",
        "w",
        "w_1",
        "1",
        "0.5",
        "two words",
        "Mean",
        "SGD",
        "MSE",
        "On-line",
        "none",
    ),
    *([], [[]], {}, [0.5], [0.5, 1], [1], [[0.1, 0.2]], [[True, False]], [True], ["a"], ["a", "b"], [["a", "b"]], "a"),
    *(
        {"net": "z"},
        [{"weights": [[0.5, 1]]}],
        {"name": "adam"},
        {"value": 0.1, "on": "weights"},
        {"value": 1},
        [{"inputs": [1, 2], "targets": [0.5]}],
    ),
]


def changed(table, key, value):
    """Return the smallest network file with one key of a table changed, and what else that key needs to be allowed."""
    data = copy.deepcopy(MINIMAL)
    if table == "network":
        data[key] = value
    elif table in ("layer", "sample"):
        data[table][0][key] = value
    else:
        data[table] = {"name": "adam", key: value} if table == "optimizer" else {key: value}
    if (table, key) in {("network", "delta")}:
        data["error"] = "huber"
    if (table, key) in {("layer", "slope"), ("layer", "alpha")}:
        data["layer"][0]["activation"] = "leaky_relu" if key == "slope" else "elu"
    if (table, key) in {("layer", "bias_names"), ("layer", "train_bias")}:
        data["layer"][0]["bias"] = 0.5
    if (table, key) == ("optimizer", "momentum"):
        data["optimizer"]["name"] = "momentum"
    if (table, key) == ("optimizer", "decay"):
        data["optimizer"]["name"] = "rmsprop"
    if (table, key) == ("network", "differentiate"):
        del data["sample"][0]["targets"]
    return data


@pytest.mark.parametrize("table", TABLES)
def test_whatever_is_read_is_valid(network, table):
    read = set()
    for key in TABLES[table]:
        for value in VALUES:
            data = changed(table, key, value)
            if is_read(data):
                read.add(key)
                network.validate(data)
    assert read == set(TABLES[table])


@pytest.mark.parametrize("table", TABLES)
def test_unknown_keys_and_what_is_of_no_use_are_refused(network, table):
    assert not network.is_valid(changed(table, "unknown", 1))
    for key in TABLES[table]:
        for value in ({"no": "such"}, [{"no": 1}], [[["deep"]]], "two words!" if key != "title" else 1):
            data = changed(table, key, value)
            assert not is_read(data)
            assert not network.is_valid(data), (key, value)


EQUATIONS = {"differentiate": "f", "trained": ["x"], "values": {"x": 1, "y": 2}, "equations": {"f": "x*y"}}
OF_EQUATIONS = {
    "differentiate": ["f"],
    "by": ["y", ["x", "y"], []],
    "trained": ["x", ["x", "y"]],
    "values": [{"x": 1.5, "y": -1}],
    "equations": [{"f": "x*y"}, {" a , b ": "softmax(x, y)", "f": "a + b"}],
    "sample": [[], [{"y": 3}, {}]],
    "title": ["One"],
    "training": [{"iterations": 3, "every": 1}],
}


def test_whatever_is_read_as_equations_is_valid(network):
    read = set()
    for key in EQUATION_KEYS:
        for value in [*VALUES, *OF_EQUATIONS.get(key, [])]:
            data = EQUATIONS | {key: value}
            if is_read(data):
                read.add(key)
                network.validate(data)
    assert read == set(EQUATION_KEYS)


def test_what_are_no_equations_is_not_valid(network):
    network.validate(EQUATIONS)
    for wrong in (
        {"unknown": 1},
        {"layer": MINIMAL["layer"]},
        {"values": {"x": "1"}},
        {"values": {"two words": 1}},
        {"equations": {"f": 3}},
        {"equations": {"f;g": "x"}},
        {"sample": {"x": 1}},
        {"by": 3},
    ):
        assert not is_read(EQUATIONS | wrong)
        assert not network.is_valid(EQUATIONS | wrong), wrong
    for key in ("values", "equations", "differentiate"):
        assert not network.is_valid({name: value for name, value in EQUATIONS.items() if name != key})


LINEAR = {"op": "linear", "name": "y", "inputs": ["x"], "weight": "W", "bias": [1]}
MEAN = {"op": "mean", "name": "M", "inputs": "y"}
NODES = {"inputs": {"x": [1, 2]}, "parameters": {"W": [[1, 2], [3, 4]]}, "node": [{**LINEAR, "bias": [1, 2]}, MEAN]}
OF_NODES = {
    "differentiate": ["M", "y_1"],
    "trained": [["W"], []],
    "inputs": [{"x": [[1, 2], [3, 4]]}],
    "targets": [{}],
    "parameters": [{"W": [[1.5, 2], [1, 1]]}],
    "node": [
        [{**LINEAR, "op": "Dense", "bias": [1, 2], "activation": "sigmoid"}, MEAN],
        [{"op": "linear", "name": "y", "inputs": ["x"], "Weights": "W"}, MEAN],
        [{**LINEAR, "bias": [1, 2]}, {"op": "error", "inputs": ["y"], "target": [1, 2], "error": "huber", "delta": 2}],
    ],
    "sample": [[], [{"x": [3, 4]}]],
    "title": ["One"],
    "training": [{"iterations": 3, "every": 1}],
}
CHAIN = {"sample": [{"inputs": [1, 2], "targets": [1]}], "layer": [{"kind": "linear", "weight": [[1, 2]]}]}
OF_CHAIN = {
    "differentiate": ["E"],
    "trained": [["W"], []],
    "parameters": [{}],
    "layer": [[{"kind": "flatten"}, {"kind": "linear", "weight": [[1, 2]], "activation": "tanh"}]],
    "sample": [[{"inputs": [1, 2], "targets": 1}, {"inputs": [3, 4], "targets": 2}], [{"inputs": [1, 2]}]],
    "error": ["squared_error", "MSE"],
    "delta": [2],
    "title": ["One"],
    "training": [{"iterations": 3, "every": 1}],
}


@pytest.mark.parametrize(
    ("base", "keys", "more"), [(NODES, GRAPH_KEYS, OF_NODES), (CHAIN, CHAIN_KEYS, OF_CHAIN)], ids=["nodes", "chain"]
)
def test_whatever_is_read_as_blocks_is_valid(network, base, keys, more):
    read = set()
    network.validate(base)
    for key in keys:
        for value in [*VALUES, *more.get(key, [])]:
            data = base | {key: value} | ({"error": "huber"} if key == "delta" else {})
            if is_read(data):
                read.add(key)
                network.validate(data)
    assert read == set(keys)


def test_what_are_no_blocks_is_not_valid(network):
    for wrong in (
        {"unknown": 1},
        {"inputs": {"x": "1"}},
        {"inputs": {"two words": 1}},
        {"node": []},
        {"node": [{"name": "y"}]},
        {"node": [{**LINEAR, "op": "conv3d"}]},
        {"node": [{**LINEAR, "stried": 2}]},
        {"node": [{**LINEAR, "activation": "sine"}]},
        {"equations": {"f": "x"}},
        {"layer": MINIMAL["layer"]},
    ):
        assert not is_read(NODES | wrong), wrong
        assert not network.is_valid(NODES | wrong), wrong


def test_every_field_of_a_few_words_refuses_others(network):
    tables = {"Layer": "layer", "Network": "network", "Optimizer": "optimizer"}
    for kind, key in WORDS:
        if kind in tables:
            assert not network.is_valid(changed(tables[kind], key, "nonsense")), key
    for word in ("Sigmoid", "leaky-ReLU", "hard tanh", "Logistic"):
        assert is_read(changed("layer", "activation", word))
        network.validate(changed("layer", "activation", word))


def test_what_a_file_must_have(network):
    assert not network.is_valid({})
    assert not network.is_valid({"sample": MINIMAL["sample"]})
    assert not network.is_valid(MINIMAL | {"layer": [{}]})
    assert not network.is_valid(MINIMAL | {"layer": []})


def test_defaults_are_those_of_the_network(network):
    usual = {field.name: field.default for field in attrs.fields(Network)}
    assert network.schema["else"]["else"]["properties"]["learning_rate"]["default"] == usual["learning_rate"]
    assert network.schema["else"]["else"]["properties"]["updates"]["default"] == usual["updates"]


@pytest.fixture(scope="module")
def handout():
    return validator("handout")


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_handouts_are_valid(handout, path):
    given = derive.load(path)
    trained = given.replace(iterations=10) if given.trained else given
    made = trained.derive().handout(digits=4, author="M. Curie").render("json")
    (text,) = made.values()
    found = json.loads(text)
    handout.validate(found)
    for key in found:
        without = {name: found[name] for name in found if name != key}
        assert key in ("author", "notation", "differentiate", "groups") or not handout.is_valid(without)
    assert not handout.is_valid(found | {"more": 1})


@pytest.mark.parametrize("differentiate", ["", "out_o1"])
def test_a_handout_without_an_error_is_valid(handout, differentiate):
    data = {"sample": [{"inputs": [0.5, 1]}], "layer": MINIMAL["layer"], "differentiate": differentiate}
    (text,) = network_file._network(data, derive.Network).derive().handout().render("json").values()
    handout.validate(json.loads(text))


@pytest.mark.parametrize(
    ("command_line", "code"),
    [
        ("check article --against article --with numpy --json", 1),
        ("check xor --json", 0),
        ("check no_such.toml --json", 2),
        ("train xor --iterations 3 --json", 0),
        ("train no_such.toml --json", 2),
    ],
)
def test_what_commands_print_is_valid(command, tmp_path, command_line, code):
    done = command(*command_line.split(), cwd=tmp_path)
    assert done.returncode == code
    found = json.loads(done.stdout)
    schema = validator(command_line.split()[0])
    schema.validate(found)
    assert not schema.is_valid(found | {"more": 1})
    assert not schema.is_valid({"format": found["format"]})


def test_the_command_knows_every_schema(command, tmp_path):
    assert tuple(SCHEMAS) == FORMATS
    for name in FORMATS:
        done = command("schema", name.upper(), cwd=tmp_path)
        assert json.loads(done.stdout) == json.loads(json.dumps(SCHEMAS[name]()))
    done = command("schema", "netwrok", cwd=tmp_path)
    assert done.returncode == 2
    assert "Did you mean 'network'?" in done.stderr


def test_what_a_file_says_of_its_worksheet_is_part_of_it(network):
    rules = {"distinct": True, "apart": 2, "least": 10, "saturated": 0.01, "same_sides": False, "most_draws": 9}
    worksheet = {"vary": ["w1"], "blanks": "both", "hints": 2, "digits": 4, "rounding": "significant", "rules": rules}
    for file in (MINIMAL, {"values": {"x": 1}, "equations": {"f": "x^2"}, "differentiate": "f"}):
        assert network.is_valid({**file, "worksheet": worksheet})
        for wrong in ({"hints": 4}, {"digit": 4}, {"rules": {"lest": 1}}, {"digits": 21}):
            assert not network.is_valid({**file, "worksheet": wrong})
