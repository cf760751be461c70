"""Right gradients agree in the precision in which they were calculated, and wrong ones do not."""

import numpy as np
import pytest
from programs import Program

import derive

TYPES = {"float64": np.float64, "float32": np.float32, "float16": np.float16}
# By type: a relative change that a right gradient never has, and how much of a gradient is above its rounding.
CHANGES = {"float64": 1e-6, "float32": 1e-3, "float16": 0.25}


def programs(count, dtype, scale=1.0):
    for seed in range(count):
        last = ("logistic", "softmax", "identity")[seed % 3]
        hidden = ("logistic", "tanh", "relu", "softplus")
        made = Program(seed, hidden=hidden, last=last, samples=1 + seed % 4, depth=seed % 3, dtype=dtype)
        made.weights = [(scale * w).round(3) for w in made.weights]
        yield seed, made


@pytest.mark.parametrize("scale", [1.0, 6.0], ids=["usual", "saturated"])
@pytest.mark.parametrize("name", TYPES)
def test_right_gradients_agree_by_themselves(name, scale):
    checked = 0
    for seed, made in programs(150, TYPES[name], scale):
        with np.errstate(over="ignore", invalid="ignore"):
            found = made.gradients()
        assert found[0][0].dtype == name
        if not all(np.isfinite(each).all() for pair in found for each in pair):  # float16 ends at 65,504
            continue
        checked += 1
        comparison = derive.compare_gradients(made.network().derive(), found)
        assert comparison.agrees, f"{seed}: {comparison}"
    assert checked > 120


@pytest.mark.parametrize("name", TYPES)
def test_a_change_above_the_rounding_is_caught(name):
    counts = {True: 0, False: 0}
    for _, made in programs(60, TYPES[name]):
        found = made.gradients()
        place = np.unravel_index(np.argmax(np.abs(found[0][0])), found[0][0].shape)
        if abs(found[0][0][place]) > 1e-2:  # too little is left of it in 11 bits
            found[0][0][place] *= TYPES[name](1 + CHANGES[name])
            wrong = derive.compare_gradients(made.network().derive(), found).wrong
            counts[len(wrong) == 1] += 1
    assert counts[True] > 30
    # Where terms cancel, 11 bits leave no more than the size of a gradient.
    assert counts[False] <= (4 if name == "float16" else 0)


@pytest.mark.parametrize("name", ["float32", "float16", "bfloat16"])
def test_pytorchs_gradients_agree_by_themselves(name):
    torch = pytest.importorskip("torch")
    functions = {
        "logistic": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "softplus": torch.nn.functional.softplus,
    }
    for seed, made in programs(60, np.float64):
        if made.functions[-1] == "identity":
            functions["identity"] = lambda net: net

        def tensor(array):
            return torch.tensor(array, dtype=torch.float64).to(getattr(torch, name))

        weights = [tensor(w).requires_grad_() for w in made.weights]
        biases = [tensor(b).requires_grad_() for b in made.biases]
        out, targets = tensor(made.inputs), tensor(made.targets)
        for w, b, function in zip(weights, biases, made.functions, strict=True):
            net = out @ w.T + b
            out = torch.log_softmax(net, dim=1) if function == "softmax" else functions[function](net)
        error = -(targets * out).sum() if made.functions[-1] == "softmax" else ((out - targets) ** 2).sum() / 2
        (error / (len(targets) if made.reduction == "mean" else 1)).backward()
        found = [(w.grad, b.grad) for w, b in zip(weights, biases, strict=True)]
        comparison = derive.compare_gradients(made.network().derive(), found)
        assert comparison.agrees, f"{seed}: {comparison}"
