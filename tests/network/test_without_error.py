"""Networks without an error: a forward pass alone, and the gradient of an output, held against PyTorch."""

import json
import random
import re
from dataclasses import replace

import pytest
from forward_networks import without_error
from oracle import parameter_places

import derive
from derive.render import show as render_show

torch = pytest.importorskip("torch")

import torch_oracle  # noqa: E402

FORMATS = ["md", "json", "ipynb", "tex", "html"]  # the notebook is compared with the handout as it is made


def differentiated(seed):
    net = without_error(seed)
    return replace(net, differentiate=f"out_o{random.Random(seed).randint(1, net.layers[-1].size)}")


@pytest.mark.parametrize("seed", range(40))
def test_the_forward_pass_alone_is_pytorchs(seed):
    net = without_error(seed, samples=1 + seed % 3)
    evaluation = net.derive().evaluation
    inputs = torch_oracle.tensor([sample.inputs for sample in net.samples])
    expected = torch_oracle.outs_of(net, *torch_oracle.parameters(net), inputs).tolist()
    names = [f"out_o{number}" for number in range(1, net.layers[-1].size + 1)]
    found = [[float(evaluation.quantity(name, k)) for name in names] for k in range(len(net.samples))]
    assert found == [pytest.approx(row, rel=1e-12, abs=1e-12) for row in expected]
    assert net.derive().partials == {}
    assert net.trained == frozenset()


@pytest.mark.parametrize("seed", range(60))
def test_the_gradient_of_an_output_is_pytorchs_by_weights_biases_and_inputs(seed):
    net = differentiated(seed)
    derivation = net.derive()
    weights, biases = torch_oracle.parameters(net)
    inputs = torch_oracle.tensor([net.samples[0].inputs], requires_grad=True)
    torch_oracle.outs_of(net, weights, biases, inputs)[0, int(net.differentiate.removeprefix("out_o")) - 1].backward()
    expected = torch_oracle.by_name(net, [w.grad for w in weights], [None if b is None else b.grad for b in biases])
    for name in parameter_places(net):
        # What only other outputs use is left out, and its derivative is 0.
        found = float(derivation.gradients[name]) if name in derivation.parameters else 0.0
        assert found == pytest.approx(expected[name], rel=1e-10, abs=1e-12), name
    for name, value in zip(net.input_names, inputs.grad[0].tolist(), strict=True):
        assert float(derivation[name].value) == pytest.approx(value, rel=1e-10, abs=1e-12), name
    assert derive.compare_gradients(derivation, {n: expected[n] for n in derivation.parameters}).agrees


@pytest.mark.parametrize("seed", range(16))
def test_handouts_stop_after_the_forward_pass(seed, tmp_path):
    net = without_error(seed, samples=1 + seed % 3)
    form = ["scalar", "matrix", "both"][seed % 3]
    net.derive().handout(form=form, language=["en", "pt-BR", "es"][seed % 3]).write(tmp_path, formats=FORMATS)
    text = (tmp_path / "handout.md").read_text()
    assert r"\partial" not in text
    assert "target" not in re.sub("Without (a target|targets)", "", text)
    assert r"\eta" not in text
    assert [line for line in text.splitlines() if "##" in line and not line.startswith("##")] == []
    data = json.loads((tmp_path / "handout.json").read_text())
    assert (data["partials"], data["gradients"], data["updates"], data["error"]) == ([], {}, [], None)
    assert data["differentiate"] is None


@pytest.mark.parametrize("seed", range(24))
def test_handouts_of_an_output_end_after_the_gradients(seed, tmp_path):
    net = differentiated(seed)
    handout = net.derive().handout(
        form=["scalar", "matrix", "both"][seed % 3],
        detail=["article", "full"][seed % 2],
        rounding=["exact", "by-hand"][seed % 5 == 4],
    )
    handout.write(tmp_path, formats=FORMATS)
    text = (tmp_path / "handout.md").read_text()
    assert handout.report.differences + handout.report.corners == handout.report.partials > 0
    assert "the derivation ends with these derivatives" in text
    assert "E_{" not in text
    assert r"\eta" not in text
    assert "w^{+}" not in text
    data = json.loads((tmp_path / "handout.json").read_text())
    assert set(data["gradients"]) == {*net.derive().parameters, *net.input_names}
    assert data["differentiate"] == net.differentiate


def test_a_circuit_of_two_gates_has_the_gradients_of_its_source():
    """f = (x + y)·z at x = −2, y = 5, z = −4: f = −12, and −4, −4, 3 are its derivatives (CS231n, Backpropagation)."""
    circuit = derive.Network(
        [
            derive.Layer([[1, 1]], activation="linear", neurons=["q"]),
            derive.Layer([[-4]], activation="linear", weight_names=[["z"]]),
        ],
        [derive.Sample([-2, 5], input_names=["x", "y"])],
        differentiate="out_o1",
    ).derive()
    assert float(circuit.values["out_o1"]) == -12
    assert [float(circuit[name].value) for name in "xyz"] == [-4, -4, 3]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"differentiate": "out_h1"},
            "differentiate: found 'out_h1'; expected an output of the network: out_o1, out_o2.",
        ),
        ({"differentiate": "out_o1"}, "differentiate: found 'out_o1' together with targets; give only one of the two"),
        ({"error": "none"}, "error: found none together with targets; give an error, or samples without targets."),
        ({"samples": [derive.Sample([1, 2])], "error": "huber"}, "error: found huber, but no sample has targets"),
        ({"samples": [derive.Sample([1, 2])], "iterations": 5}, "iterations: found 5, but there is no error"),
        (
            {"samples": [derive.Sample([1, 2])] * 2, "differentiate": "out_o1", "iterations": 0},
            "differentiate: found 2 samples; expected one, as out_o1 has its own derivatives in each. Make one "
            "network per sample, and add or average the gradients.",
        ),
        ({"samples": [derive.Sample([1, 2]), derive.Sample([1, 2], [0, 1])]}, "sample 1, targets: found 0 numbers"),
    ],
)
def test_what_does_not_fit_gets_one_sentence(change, expected):
    with pytest.raises(derive.InputError) as refused:
        replace(derive.load("article"), **change)
    assert str(refused.value).startswith(expected)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "ask",
    [
        lambda d: d.train(3),
        lambda d: d.gradients,
        lambda d: d["w1"],
        lambda d: d.error,
        lambda d: derive.compare_gradients(d, {"w1": 0.5}),
    ],
)
def test_what_needs_an_error_says_in_one_sentence_that_there_is_none(ask):
    with pytest.raises(derive.InputError, match="found only a forward pass, without an error"):
        ask(without_error(3).derive())


def test_an_output_is_not_trained():
    with pytest.raises(derive.InputError, match="found no error to train for, as out_o1 itself is differentiated"):
        replace(without_error(1), differentiate="out_o1").derive().train(3)


def test_a_file_says_it_in_one_key(tmp_path):
    layer = "[[layer]]\nweights = [[0.5, -1], [1, 2]]\n"
    file = tmp_path / "net.toml"
    file.write_text(f'differentiate = "out_o2"\n[[sample]]\ninputs = [1, 2]\n{layer}')
    assert derive.load(file).differentiate == "out_o2"
    file.write_text(f'error = "none"\n[[sample]]\ninputs = [1, 2]\n{layer}')
    assert (derive.load(file).error, derive.load(file).differentiate) == ("none", "")
    file.write_text(f'error = "half_squared_error"\n[[sample]]\ninputs = [1, 2]\n{layer}')
    with pytest.raises(derive.InputError, match="error: found 'half_squared_error', but no sample has targets"):
        derive.load(file)


@pytest.mark.parametrize("seed", range(12))
def test_show_tells_each_quantity_in_every_form(seed):
    for net in (without_error(seed, samples=1 + seed % 2), differentiated(seed)):
        evaluation = net.derive().evaluation
        for name in evaluation.computation.kinds:
            shown = render_show.render(evaluation, name, digits=4)
            assert name in shown
            assert "error" not in shown
            assert render_show.render_latex(evaluation, name, digits=4) is not None
            data = json.loads(render_show.render_json(evaluation, name, digits=4))
            assert "value" in json.dumps(data)


@pytest.mark.parametrize("seed", range(3))
def test_what_only_a_training_uses_is_noted(seed, tmp_path):
    net = without_error(seed)
    assert net.notes == ()
    unused = {"learning_rate": 0.1, "updates": "online", "optimizer": "adam", "every": 3, "reduction": "sum"}
    for name, value in unused.items():
        (found,) = net.replace(**{name: value}).notes
        assert str(found) == f"There is no error to train for, so these keys are not used: {name}."
    kept = [replace(layer, train=False) for layer in net.layers]
    (found,) = net.replace(layers=kept, learning_rate=2).notes
    assert str(found).endswith("not used: learning_rate, train.")
    file = tmp_path / "net.toml"
    file.write_text("learning_rate = 0.1\n[[sample]]\ninputs = [1]\n[[layer]]\nweights = [[0.5]]\ntrain_bias = false\n")
    assert [str(each).rpartition(": ")[2] for each in derive.load(file).notes] == ["learning_rate, train_bias."]
    assert replace(derive.load("article"), learning_rate=0.1).notes == ()
