"""What a graph of blocks comes to, held against the same in PyTorch with doubles, which shares no code with it."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)


def tensor(values, requires_grad=True):
    return torch.tensor(np.array(values, dtype=float), dtype=torch.float64, requires_grad=requires_grad)


def draw(generator, *shape):
    """Numbers of two decimals, so that they are the same in both."""
    return np.round(generator.uniform(-1.5, 1.5, shape), 2)


def check(graph, error, tensors, outs, objective=None, **settings):
    """Compare the error, the gradient of each tensor by the name of its array, and what blocks give, to 1e-12."""
    derivation = graph.derive(objective=objective, **settings)
    error.backward()
    assert derivation.error.value == pytest.approx(error.item(), rel=1e-12, abs=1e-12)
    for name, wanted in outs.items():
        found = [float(derivation.values[each]) for each in graph[name].names]
        assert found == pytest.approx(wanted.detach().flatten().tolist(), rel=1e-12, abs=1e-12), name
    for name, given in tensors.items():
        compare(derivation, graph[name].names, given)
    return derivation


def compare(derivation, names, given):
    """Compare the partials by names with the gradient of a tensor; where there is none it is 0."""
    wanted = given.grad.flatten().tolist() if given.grad is not None else [0.0] * given.numel()
    found = [float(derivation[each].value) if each in derivation.partials else 0.0 for each in names]
    assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12), names[:1]
