"""Lines of matrices of convolutions and pooling of any size, stride and padding, against PyTorch."""

import pytest
from flint import arb
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import derive
from derive.lines.arrays.lines import lines_of
from derive.lines.arrays.printed import ArrayLines
from derive.lines.arrays.reading import Reader
from derive.lines.arrays.trees import Gradients
from derive.lines.arrays.values import value
from derive.lines.scalar import Formulas
from tests.lines.array_cases import Numbers, kept, tensor

torch = pytest.importorskip("torch")
F = torch.nn.functional
sizes, few = st.integers(1, 5), st.integers(1, 2)
paddings = st.tuples(st.integers(0, 2), st.integers(0, 2))  # also more than the kernel covers


def by_name(derivation):
    """What the right sides of the lines of gradients give, by the quantity at each place."""
    found = {}
    for group in lines_of(derivation):
        for line in (*group.backward, *group.sums):
            if isinstance(line.left, Gradients) and not line.left.through:
                rows = derivation.evaluation.of_table(lambda table, line=line: _floats(derivation, line, table))
                for names, values in zip(line.left.names, rows, strict=True):
                    found.update(zip(names, values, strict=True))
    return found


def _floats(derivation, line, table):
    rows = value(line.right, Reader(derivation, table))
    return [[float(each if isinstance(each, arb) else arb(each)) for each in row] for row in rows]


def compare(found, array, gradient):
    assert [found[name] for name in array.names] == pytest.approx(gradient.flatten().tolist(), rel=1e-9, abs=1e-12)


def is_met(size, kernel, stride, padding):
    """Whether some window meets more than the padding: else nothing depends on what comes in, which is refused."""
    starts = range(-padding, size + padding - kernel + 1, stride)
    return any(start < size and start + kernel > 0 for start in starts)


@settings(max_examples=12, deadline=None)
@given(st.tuples(few, few, few), st.tuples(sizes, sizes), st.tuples(few, few), st.tuples(few, few), paddings)
def test_convolutions(counts, size, kernel, stride, padding):
    batch, channels, filters = counts
    size = tuple(max(each, part) for each, part in zip(size, kernel, strict=True))
    assume(all(is_met(*each) for each in zip(size, kernel, stride, padding, strict=True)))
    numbers, graph = Numbers(1), derive.Graph()
    x, w, b = numbers(batch, 1, *size), numbers(channels, 1, 1, 1), numbers(filters)
    k = numbers(filters, channels, *kernel)
    q = graph.conv2d(graph.input("x", x), weight=w, name="q")
    y = graph.conv2d(q, weight=k, bias=b, stride=stride, padding=padding, name="y")
    tk, tb, tw = tensor(k), tensor(b), tensor(w)
    tq = F.conv2d(torch.tensor(x, dtype=torch.float64), tw)
    ty = F.conv2d(tq, tk, tb, stride=stride, padding=padding)
    kept(tq)
    target = numbers(*ty.shape)
    graph.error(y, target=target, name="E")
    ((ty - torch.tensor(target, dtype=torch.float64)) ** 2).sum().div(2).backward()
    derivation = graph.derive()
    found = by_name(derivation)
    for name, gradient in (("K_y", tk.grad), ("q", tq.grad), ("b", tb.grad)):
        compare(found, graph[name], gradient)
    lines = ArrayLines(Formulas(derivation.evaluation, 6))
    assert all(lines.display(line) for group in lines.groups for line in group)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["max", "avg"]), st.tuples(sizes, sizes), st.tuples(few, few), st.integers(1, 3), st.booleans())
def test_pooling(kind, size, window, stride, pads):
    size = tuple(max(each, part) for each, part in zip(size, window, strict=True))
    padding = tuple(part // 2 for part in window) if pads else (0, 0)
    numbers, graph = Numbers(2), derive.Graph()
    x = numbers(1, *size)
    q = graph.conv2d(graph.input("x", x), weight=[[[[1]]]], name="q")
    y = getattr(graph, f"{kind}_pool2d")(q, window, stride=stride, padding=padding, name="y")
    tq = tensor([x])
    ty = getattr(F, f"{kind}_pool2d")(tq, window, stride=stride, padding=padding)
    target = numbers(1, *ty.shape[2:])
    graph.error(y, target=target, name="E")
    ((ty - torch.tensor(target, dtype=torch.float64)) ** 2).sum().div(2).backward()
    derivation = graph.derive()
    compare(by_name(derivation), q, tq.grad)
