"""What comes back to any quantity from those that use it: its gradient, or the part of it that some uses give.

Partials are known of all that the derivation goes through; a sum of errors that stands opened in the objective has
none, and its gradient is found here by the same rule: that of what uses it, times the local derivative.
"""

from collections.abc import Sequence

from flint import fmpq

from derive.calculus.partials import LocalDerivative
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.table import State
from derive.notation.names import partial_text
from derive.numbers.arithmetic import ZERO, Value, times, total
from derive.numbers.number import Number


def gradient(evaluation: Evaluation, name: str) -> Number:
    """Return the derivative of the objective by any quantity of the first sample."""
    if name in evaluation.derivation.partials:
        return evaluation.derivation[name].value
    if name == evaluation.computation.objective:
        return Number(evaluation, lambda table: fmpq(1))
    return part(evaluation, name, evaluation.computation.uses.get(name, ()))


def part(evaluation: Evaluation, name: str, users: Sequence[str]) -> Number:
    """Return what comes back to a quantity from some of those that use it.

    >>> import derive
    >>> evaluation = derive.load("article").derive().evaluation
    >>> part(evaluation, "out_h1", ["net_o1"]).decimal(9), gradient(evaluation, "E_o1").decimal(9)
    ('0.055399425', '1')
    """
    place = partial_text(evaluation.computation.objective, name)
    return Number(evaluation, lambda table: _back(evaluation, table, name, users), place)


def _back(evaluation: Evaluation, table: State, name: str, users: Sequence[str]) -> Value:
    computation, partials = evaluation.computation, evaluation.calculation.all_carried(table.partials[0])
    parts = [ZERO]
    for user in users:
        equation = computation.by_name[user]
        if user in evaluation.derivation.partials:
            upstream = partials[user]
        elif user == computation.objective:
            upstream = fmpq(1)
        else:
            upstream = _back(evaluation, table, user, computation.uses.get(user, ()))
        local = LocalDerivative(equation, name, evaluation.derivation)
        parts.append(times(upstream, evaluation.local_at(local, 0, table)))
    return total(parts)
