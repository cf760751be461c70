"""Single weights and biases that are not trained: by mask in a layer, by name in Python, held against PyTorch."""

import itertools
import json
import random
import re
from dataclasses import replace
from fractions import Fraction

import pytest
from oracle import parameter_places

import derive

torch = pytest.importorskip("torch")

import torch_oracle  # noqa: E402


def masked(seed, sizes=None, copies=1):
    """A random network with random masks of every kind: one truth value, or one for each weight or bias."""
    draw = random.Random(seed)
    sizes = sizes or [draw.randint(1, 3) for _ in range(draw.randint(2, 4))]
    layers = []
    for inputs, size in itertools.pairwise(sizes):
        biases = [number(draw) for _ in range(size)]
        bias = draw.choice([None, biases[0], biases])
        count = 0 if bias is None else size if isinstance(bias, list) else 1
        layers.append(
            derive.Layer(
                [[number(draw) for _ in range(inputs)] for _ in range(size)],
                bias=bias,
                activation=draw.choice(["logistic", "tanh", "softplus"]),
                train=draw.choice([True, False, truths(draw, size, inputs), truths(draw, size, inputs)]),
                train_bias=draw.choice([True, False, truths(draw, 1, count)[0] or True]),
            )
        )
    samples = [
        derive.Sample([number(draw) for _ in range(sizes[0])], [number(draw) for _ in range(sizes[-1])])
        for _ in range(draw.choice([1, 2]) * copies)
    ]
    return derive.Network(
        layers,
        samples,
        learning_rate=Fraction(1, 10),
        updates=draw.choice(["simultaneous", "sequential"]),
        optimizer=derive.Optimizer(draw.choice(sorted(derive.OPTIMIZERS)), weight_decay=Fraction(seed % 2, 10)),
    )


def number(draw):
    return Fraction(draw.randint(-100, 100), 100)


def truths(draw, rows, columns):
    return [[draw.random() < 0.6 for _ in range(columns)] for _ in range(rows)]


def kept_names(net):
    """The parameters that stay as they are, read from what the layers were given alone."""
    kept = set()
    for name, (layer, row, column) in parameter_places(net).items():
        given = net.layers[layer].train_bias if row == "bias" else net.layers[layer].train
        here = given if isinstance(given, bool) else given[column] if row == "bias" else given[row][column]
        if not here:
            kept.add(name)
    return kept


def trained_by_torch(net, steps):
    """The parameters after so many steps: after each, those that are kept are put back."""
    weights, biases = torch_oracle.parameters(net)
    moved = [bias for bias in biases if bias is not None]
    optimizer = torch_oracle.optimizer_of(net, weights, moved)
    start = torch_oracle.by_name(net, weights, biases)
    kept = {name: place for name, place in parameter_places(net).items() if name in kept_names(net)}
    for _ in range(steps):
        optimizer.zero_grad()
        torch_oracle.error_of(net, weights, biases).backward()
        optimizer.step()
        with torch.no_grad():
            for name, (layer, row, column) in kept.items():
                place = biases[layer][column] if row == "bias" else weights[layer][row, column]
                place.fill_(start[name])
    return torch_oracle.by_name(net, weights, biases)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("large", [False, True])
def test_training_leaves_alone_what_is_not_trained_and_moves_the_rest_as_pytorch_does(seed, large):
    net = replace(masked(seed, [6, 9, 3] if large else None, copies=2 if large else 1), updates="simultaneous")
    derivation = net.derive()
    assert set(derivation.parameters) - derivation.computation.trained == kept_names(net)
    if len(kept_names(net)) == len(derivation.parameters):
        return
    found, expected = derivation.train(7).parameters, trained_by_torch(net, 7)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)
    for name in kept_names(net):
        assert found[name] == expected[name] == float(derivation.computation.values[name])


@pytest.mark.parametrize("seed", range(30, 42))
def test_handouts_in_every_form_leave_alone_what_is_not_trained(seed, tmp_path):
    net = replace(masked(seed), iterations=seed % 3)
    derivation = net.derive()
    handout = derivation.handout(form=["scalar", "matrix", "both"][seed % 3], detail=["article", "full"][seed % 2])
    handout.write(tmp_path, formats=["md", "json", "ipynb", "tex", "html"])  # the notebook is compared as it is made
    text = (tmp_path / "handout.md").read_text()
    if kept_names(net) - {n for n in derivation.parameters if n.startswith("b")}:
        assert "This network keeps " in text


def test_names_in_python_are_the_masks_of_the_file():
    article = derive.load("article")
    assert article.trained == {f"w{number}" for number in range(1, 9)}
    net = article.replace(trained=["w1", "w2", "w3", "w4", "b2"])
    assert [layer.train for layer in net.layers] == [True, False]
    assert [layer.train_bias for layer in net.layers] == [False, True]
    assert net.trained == {"w1", "w2", "w3", "w4", "b2"}
    assert article.replace(trained=article.trained - {"w3"}).layers[0].train == ((True, True), (False, True))


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: derive.Layer([[1, 2]], train=[[True]]), "train: found rows of 1; expected 1 row of 2"),
        (lambda: derive.Layer([[1, 2]], train=[[True, 1]]), "train, row 1, number 2: found 1; expected true or false"),
        (lambda: derive.Layer([[1, 2]], train="all"), "train: found 'all'; expected true or false, or rows"),
        (
            lambda: derive.Layer([[1, 2]], bias=1, train_bias=[True] * 2),
            "train_bias: found a list of 2; expected true or",
        ),
        (lambda: derive.load("article").replace(trained=["w9"]), "trained: 'w9': found no such name; expected one of"),
        (lambda: derive.load("article").replace(trained="w1"), "trained: found 'w1'; expected a list of names"),
    ],
)
def test_what_is_no_mask_gets_one_sentence(make, expected):
    with pytest.raises(derive.InputError) as refused:
        make()
    assert str(refused.value).startswith(expected)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("ending", ["toml", "json"])
def test_a_file_says_it_in_the_weights_shape(tmp_path, ending):
    toml = "[[sample]]\ninputs = [1, 2]\ntargets = [0, 1]\n[[layer]]\nweights = [[1, 2], [3, 4]]\nbias = [1, 2]\n"
    masks = {"train": [[True, False], [True, True]], "train_bias": [False, True]}
    layer = {"weights": [[1, 2], [3, 4]], "bias": [1, 2], **masks}
    text = {
        "toml": f"{toml}train = [[true, false], [true, true]]\ntrain_bias = [false, true]\n",
        "json": json.dumps({"sample": [{"inputs": [1, 2], "targets": [0, 1]}], "layer": [layer]}),
    }
    file = tmp_path / f"net.{ending}"
    file.write_text(text[ending])
    assert derive.load(file).trained == {"w1", "w3", "w4", "b_o2"}
    assert derive.load(file).layers == (derive.Layer(**layer),)


def test_where_nothing_is_trained_the_handout_says_so(tmp_path):
    handout = derive.load("article").replace(trained=[]).derive().handout()
    handout.write(tmp_path, formats=["md", "json", "ipynb"])
    text = (tmp_path / "handout.md").read_text()
    assert "None of the weights and biases of this network is trained" in text
    assert "Was it worth it?" not in text


@pytest.mark.parametrize("form", ["scalar", "matrix", "both"])
@pytest.mark.parametrize("updates", ["online", "sequential"])
def test_where_nothing_is_trained_no_sample_has_a_turn(form, updates, tmp_path):
    network = derive.load("xor").replace(trained=[], updates=updates)
    handout = network.derive().handout(form=form)
    handout.write(tmp_path, formats=["md", "json", "ipynb"])
    text = (tmp_path / "handout.md").read_text()
    for of_turns in (
        "using this sample alone",
        "one left",
        "have changed",
        "has its turn",
        "their turn",
        "online",
        "the pass",
    ):
        assert of_turns not in text
    gradients = section(text, "All samples together")
    for name, gradient in network.derive().gradients.items():
        assert name in network.derive().parameters
        assert f"{abs(float(gradient)):.9f}"[:-1] in gradients


def section(text, title):
    """The text below a heading, up to the next one of its kind."""
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


ARTICLE = "as Matt Mazur’s article does"


def test_why_a_bias_is_left_alone_is_known_of_the_article_alone():
    box = box_of(derive.load("article"))
    assert ARTICLE in box
    assert "Why aren’t the biases updated?" in box
    assert "If every bias were trained as well, the error" in box
    mine = replace(derive.load("article"), title="Mine")
    for network, asked in [
        (mine, "Why aren’t the biases updated?"),
        (mine.replace(trained=["w1", "b1"]), "Why isn’t every bias updated?"),
        (derive.load("single_neuron").replace(trained=["theta1"]), "Why isn’t the bias updated?"),
        (derive.load("xor").replace(trained=["w1", "b_h1"]), "Why aren’t all biases updated?"),
    ]:
        box = box_of(network)
        assert ARTICLE not in box
        assert asked in box
        kept = {name for name in network.derive().parameters if name[0] == "b" or name == "theta0"} - network.trained
        assert ("If it were trained as well" in box) == (len(kept) == 1)
        after = network.replace(trained=network.trained | kept).derive().error.after.decimal(9)
        assert f"would be ${after}$" in box
    every = [name for name in mine.derive().parameters if name != "w3"]
    assert box_of(mine.replace(trained=every)) is None


def box_of(network):
    """The box on biases that are kept, or None."""
    text = network.replace(iterations=0).derive().handout().markdown
    return next((line for line in text.splitlines() if re.search("bias(es)? updated", line)), None)
