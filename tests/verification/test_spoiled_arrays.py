"""Lines of matrices with a mistake in them, as a reader of a book may find one: the verification sees each."""

from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from typing import Any

import pytest

import derive
from derive.lines.arrays import lines
from derive.lines.arrays.trees import (
    Dilated,
    Entrywise,
    Leaf,
    Minus,
    Padded,
    Product,
    Slopes,
    Sum,
    Times,
    Transposed,
    Turned,
)
from derive.verification import array_lines, verify
from derive.verification.forward_lines import _settled
from tests.lines.array_cases import CASES


def nodes(tree: Any) -> Iterator[Any]:
    """Yield every node of a tree, those that stand first first."""
    yield tree
    if isinstance(tree, Leaf):
        return
    for each in fields(tree):
        below = getattr(tree, each.name)
        for part in below if isinstance(below, tuple) else (below,):
            if hasattr(part, "__dataclass_fields__"):
                yield from nodes(part)


def exchanged(tree: Any, old: Any, new: Any) -> Any:
    """Return the tree with another node in place of the first that is the old one."""
    if tree is old:
        return new
    if isinstance(tree, Leaf):
        return tree
    for each in fields(tree):
        below = getattr(tree, each.name)
        parts = below if isinstance(below, tuple) else (below,)
        for place, part in enumerate(parts):
            if hasattr(part, "__dataclass_fields__") and exchanged(part, old, new) is not part:
                found = (*parts[:place], exchanged(part, old, new), *parts[place + 1 :])
                return replace(tree, **{each.name: found if isinstance(below, tuple) else found[0]})
    return tree


FAULTS = {
    "not transposed": (Transposed, lambda node: node.of),
    "kernel not turned": (Turned, lambda node: node.of),
    "last term missing": (Sum, lambda node: node.parts[0] if len(node.parts) == 2 else Sum(node.parts[:-1])),
    "plus for minus": (Minus, lambda node: Sum((node.left, node.right))),
    "nothing taken away": (Minus, lambda node: node.left),
    "factor missing": (Entrywise, lambda node: node.left),
    "other factor missing": (Entrywise, lambda node: node.right),
    "number missing": (Times, lambda node: node.of),
    "order of a product": (Product, lambda node: Product(node.right, node.left)),
    "entrywise for a product": (Product, lambda node: Entrywise(node.left, node.right)),
    "padding at the other end": (
        Padded,
        lambda node: Padded(node.of, node.below + 1, node.above - 1, node.right, node.left),
    ),
    "transposed": (Dilated, lambda node: Transposed(node)),
    "slopes turned": (Slopes, lambda node: Slopes(node.sign, node.names[::-1], node.by[::-1])),
}
# The case, the end of the line's id, and the fault.
SPOILED = [
    ("linear_batch", "h_net_1", "not transposed"),
    ("linear_batch", "h_net_1", "last term missing"),
    ("linear_batch", "h_back_weights_1", "not transposed"),
    ("linear_batch", "h_back_weights_1", "order of a product"),
    ("linear_batch", "h_back_biases_1", "not transposed"),
    ("linear_batch", "h_back_nets_1", "factor missing"),
    ("linear_batch", "h_back_nets_1", "slopes turned"),
    ("linear_batch", "y_back_inputs_1", "order of a product"),
    ("linear_batch", "E_back_inputs_1", "plus for minus"),
    ("linear_vector", "h_net_1", "last term missing"),
    ("linear_vector", "z_back_inputs_1", "not transposed"),
    ("linear_vector", "p_back_nets_1", "nothing taken away"),
    ("linear_vector", "p_back_nets_1", "other factor missing"),
    ("shared_and_skip", "sum_W_1_1_1", "last term missing"),
    ("shared_and_skip", "sum_h_1_1", "last term missing"),
    ("softmax_rows", "p_back_nets_1", "nothing taken away"),
    ("softmax_rows", "p_back_nets_1", "plus for minus"),
    ("conv2d", "y_net_1", "last term missing"),
    ("conv2d", "y_back_weights_1", "transposed"),
    ("conv2d", "y_back_weights_2", "padding at the other end"),
    ("conv2d", "y_net_2", "padding at the other end"),
    ("conv2d", "z_net_1", "last term missing"),
    ("conv2d", "z_back_inputs_1", "kernel not turned"),
    ("conv1d", "z_back_inputs_1", "kernel not turned"),
    ("max_pool", "y_back_inputs_1", "other factor missing"),
    ("max_pool_over_each_other", "y_back_inputs_1", "slopes turned"),
    ("avg_pool", "y_back_inputs_1", "number missing"),
    ("avg_pool_over_each_other", "y_back_inputs_1", "number missing"),
    ("embedding", "e_back_weights_1", "not transposed"),
    ("layer_norm", "y_out_1", "factor missing"),
    ("layer_norm", "y_back_normalized_1", "other factor missing"),
    ("layer_norm", "y_back_inputs_1", "nothing taken away"),
    ("layer_norm", "y_back_inputs_1", "plus for minus"),
    ("layer_norm", "y_back_inputs_2", "number missing"),
    ("layer_norm", "y_back_weights_1", "last term missing"),
    ("batch_norm", "y_normalized_1", "number missing"),
    ("batch_norm", "y_back_inputs_1", "nothing taken away"),
    ("batch_norm_fixed", "y_back_inputs_1", "number missing"),
    ("attention", "y_scores_1", "number missing"),
    ("attention", "y_back_scores_1", "nothing taken away"),
    ("attention", "y_back_shares_1", "order of a product"),
    ("attention", "y_back_inputs_1", "last term missing"),
    ("attention", "y_back_inputs_1", "not transposed"),
    ("attention_heads", "y_back_key_1", "not transposed"),
    ("attention_heads", "y_back_query_2", "number missing"),
    ("attention_heads", "y_back_value_1", "not transposed"),
    ("rnn", "h_net_2", "last term missing"),
    ("rnn", "h_back_state_1", "last term missing"),
    ("rnn", "h_back_state_1", "not transposed"),
    ("rnn", "h_back_weights_1", "last term missing"),
    ("lstm", "h_cell_2", "last term missing"),
    ("lstm", "h_back_cell_2", "last term missing"),
    ("lstm", "h_back_gate_f_1", "factor missing"),
    ("lstm", "h_back_weights_2", "last term missing"),
    ("gru", "h_out_1", "plus for minus"),
    ("gru", "h_back_state_1", "last term missing"),
    ("gru", "h_back_gate_z_1", "plus for minus"),
]


@cache
def evaluation(name: str) -> Any:
    return CASES[name]().derivation.evaluation


@cache
def found(name: str) -> Any:
    groups = lines.lines_of(evaluation(name).derivation)
    return {line.id: line for group in groups for line in group}


@pytest.mark.parametrize("name", CASES)
def test_right_lines_hold(name: str) -> None:
    checks = list(array_lines.array_lines(evaluation(name)))
    settled = _settled(evaluation(name), checks)
    assert settled.lines == len(checks) > 10
    assert settled.undecided == 0


@pytest.mark.parametrize(("name", "line", "fault"), SPOILED, ids=map(" ".join, SPOILED))
def test_a_spoiled_line_is_found(name: str, line: str, fault: str) -> None:
    right = found(name)[f"arrays_{line}" if not line.startswith("sum_") else ending(name, line)]
    kind, spoil = FAULTS[fault]
    node = next(each for each in nodes(right.right) if isinstance(each, kind))
    wrong = replace(right, right=exchanged(right.right, node, spoil(node)))
    assert wrong.right != right.right
    with pytest.raises(derive.VerificationError, match=right.id):
        _settled(evaluation(name), list(array_lines.checks_of_line(evaluation(name), wrong)))


def ending(name: str, line: str) -> str:
    (whole,) = (each for each in found(name) if each.endswith(line))
    return whole


def test_the_whole_verification_reads_the_lines_of_matrices(monkeypatch: pytest.MonkeyPatch) -> None:
    derivation = CASES["linear_batch"]().derivation
    verify(derivation.evaluation)
    (group, *_) = lines.lines_of(derivation)
    (line,) = (each for each in group.backward if each.id.endswith("back_weights_1"))
    (node,) = (each for each in nodes(line.right) if isinstance(each, Transposed))
    spoiled = replace(line, right=exchanged(line.right, node, node.of))
    monkeypatch.setattr(array_lines, "lines_of", lambda _: [[spoiled]])
    with pytest.raises(derive.VerificationError, match="arrays_h_back_weights_1"):
        verify(derivation.evaluation)
