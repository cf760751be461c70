"""Each partial is held against SymPy's derivative of the composed objective as long as that is no long formula."""

import pytest

import derive
from derive.verification import VerificationError, composed, verify


def recurrence(units: int, steps: int) -> derive.Derivation:
    """Return a recurrence of so many units and steps; the mean of all its states is the objective."""
    row = [round(0.5 - 0.3 * unit, 1) for unit in range(units)]
    graph = derive.Graph()
    h = graph.rnn(
        graph.input("x", [[1 + step] for step in range(steps)]),
        weight_ih=[[each] for each in row],
        weight_hh=[row] * units,
    )
    graph.mean(h, name="M")
    return graph.derive()


def test_a_short_recurrence_is_held_against_the_composed_objective():
    report = verify(recurrence(1, 3).evaluation)
    assert (report.composed, report.differences, report.partials) == (2, 2, 2)


def test_a_wrong_partial_of_a_short_recurrence_is_found_by_the_composed_objective():
    evaluation = recurrence(1, 3).evaluation
    evaluation.table(composed.BITS).partials[0]["W_h"] += 1
    with pytest.raises(VerificationError, match=r"∂M/∂W_h = .*composed error"):
        composed.verify_composed(evaluation, frozenset())


def test_of_what_would_grow_with_every_step_nothing_is_composed(monkeypatch):
    """SymPy takes a minute to differentiate what two units become over three steps; the differences decide there."""
    evaluation = recurrence(2, 4).evaluation
    assert evaluation.derivation.composition.size("M") > composed.MOST_NODES

    def differentiated(*_: object) -> None:
        raise AssertionError("the composed objective was differentiated")

    monkeypatch.setattr(composed, "composed_derivative", differentiated)
    report = verify(evaluation)
    assert (report.composed, report.differences, report.partials) == (0, 6, 6)


def test_networks_are_composed_as_before():
    layers = [
        derive.Layer([[0.5, -0.25], [0.75, 0.5]], activation="softmax"),
        derive.Layer([[0.3, 0.6], [0.1, 0.2]], activation="softmax"),
    ]
    evaluation = derive.Network(layers, [derive.Sample([1, 2], [1, 0])]).derive().evaluation
    assert verify(evaluation).composed == 8
