"""What a published name means before the steps of an optimizer: where its number is read in a table of all values.

A meaning is the same before any update and after any number of them, as a table of the values then has the same names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial as bound

from flint import fmpq

from derive.calculus.partials import LocalDerivative, Path
from derive.comparison.published.variants import Read
from derive.computation.equations import Computation
from derive.errors import Text
from derive.evaluation.carried import Values
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.local import local_value
from derive.evaluation.table import Entry, State, Table
from derive.notation import partial_text
from derive.numbers.arithmetic import Value


@dataclass(frozen=True)
class Meaning:
    """Where the number of a name is read, and how messages call it by its place.

    ``read`` reads it; ``used`` the same derivative through the weights that are updated already, as a sequential update
    uses it, None for what is no derivative. ``is_derivative`` says that it is one, whose sign may be turned around;
    ``parameter`` is set for a gradient by a weight or bias, ``is_whole`` where that is over all samples, ``partial`` by
    what, and of which sample, for the partial of a sample's error.
    """

    read: Read
    place: Text
    used: Read | None = None
    is_derivative: bool = False
    parameter: str | None = None
    is_whole: bool = False
    partial: tuple[str, int] | None = None


def quantity(evaluation: Evaluation, name: str, sample: int) -> Meaning | None:
    """Return the meaning of a quantity, of the error of all samples, or of the learning rate; None for other names."""
    if name and name == evaluation.computation.whole_objective_name:
        return Meaning(_reads(Entry("error")), name)
    if name in evaluation.computation.kinds:
        return Meaning(_reads(Entry("passes", (sample, name))), name)
    return Meaning(_reads(Entry("rate")), name) if name == evaluation.plan.learning_rate_name else None


def derivative(evaluation: Evaluation, name: str, sample: int) -> Meaning | None:
    """Return the meaning of a delta or of the derivative of one quantity by another; None for other names."""
    by = next((by for by, partial in evaluation.derivation.partials.items() if partial.symbol.name == name), None)
    if by is not None:
        return _partial(evaluation, by, sample)
    found = (_of_by(evaluation, name, of, by, sample) for of, by in splits(name))
    return next((meaning for meaning in found if meaning), None)


def _reads(entry: Entry) -> Read:
    return lambda evaluation, table: entry(table)


def splits(name: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs (A, B) that dA_dB may mean, as a name may have a _d in it."""
    parts = name.removeprefix("d").split("_d") if name.startswith("d") and not name.startswith("d_d") else []
    for index in range(1, len(parts)):
        yield "_d".join(parts[:index]), "_d".join(parts[index:])


def _of_by(evaluation: Evaluation, name: str, of: str, by: str, sample: int) -> Meaning | None:
    computation = evaluation.computation
    if of == computation.objective and by in evaluation.derivation.partials:
        return _partial(evaluation, by, sample)
    if of == computation.whole_objective_name and by in computation.parameters:
        return Meaning(
            _reads(Entry("gradients", (by,))),
            partial_text(of, by),
            _reads(Entry("update_gradients", (by,))),
            is_derivative=True,
            parameter=by,
            is_whole=True,
        )
    if of in computation.by_name and by in computation.by_name[of].names:
        return _local(evaluation, of, by, sample)
    part = _part(evaluation, name, of, by, sample) if by in evaluation.derivation.partials else None
    return part or _total(evaluation, of, by, sample)


def _partial(evaluation: Evaluation, by: str, sample: int) -> Meaning:
    return Meaning(
        _reads(Entry("partials", (sample, by))),
        partial_text(evaluation.computation.objective, by),
        _reads(Entry("update_partials", (sample, by))),
        is_derivative=True,
        parameter=by if by in evaluation.computation.parameters else None,
        partial=(by, sample),
    )


def _local(evaluation: Evaluation, of: str, by: str, sample: int) -> Meaning:
    equation = evaluation.computation.by_name[of]

    def read(variant: Evaluation, table: State) -> Value:
        return variant.local_at(LocalDerivative(equation, by, variant.derivation), sample, table)

    return Meaning(read, partial_text(of, by), is_derivative=True)


def _part(evaluation: Evaluation, name: str, of: str, by: str, sample: int) -> Meaning | None:
    """Return the meaning of what one output's error adds to a partial: all of it where no other error depends on it."""
    if evaluation.computation.errors_behind.get(by, frozenset()) == {of}:
        return replace(_partial(evaluation, by, sample), place=partial_text(of, by))
    indexes = [index for index, path in enumerate(evaluation.derivation[by].paths) if path.name == name]
    if len(indexes) != 1 or len(evaluation.derivation[by].paths) < 2:
        return None
    (index,) = indexes

    def path(variant: Evaluation) -> Path:
        return variant.derivation[by].paths[index]

    def used(variant: Evaluation, table: State) -> Value:
        assert isinstance(table, Table)  # no values after updates have been used for one yet
        return variant.path_used_at(path(variant), sample, table)

    return Meaning(
        lambda variant, table: variant.path_at(path(variant), sample, table),
        partial_text(of, by),
        used,
        is_derivative=True,
    )


def _total(evaluation: Evaluation, of: str, by: str, sample: int) -> Meaning | None:
    """Return the meaning of the derivative of any quantity by one that it depends on, over all paths between them."""
    computation = evaluation.computation
    if by not in computation.kinds or of not in _dependents(computation, by):
        return None
    chain = bound(_chain_rule, computation, of, by)
    return Meaning(lambda variant, table: chain(table.passes[sample]), partial_text(of, by), is_derivative=True)


def _dependents(computation: Computation, by: str) -> set[str]:
    """Return the quantities that depend on this one, directly or not."""
    found: set[str] = set()
    for equation in computation.equations:
        if not found.isdisjoint(equation.names) or by in equation.names:
            found.add(equation.name)
    return found


def _chain_rule(computation: Computation, of: str, by: str, values: Values) -> Value:
    """Return ∂of/∂by by the chain rule, backwards through the equations (reverse accumulation)."""
    found: dict[str, Value] = {of: fmpq(1)}
    for equation in reversed(computation.equations):
        if equation.name in found:
            for name in equation.names:
                part = found[equation.name] * local_value(equation, name, values)
                found[name] = found[name] + part if name in found else part
    return found[by]
