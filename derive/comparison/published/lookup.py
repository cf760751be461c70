"""What a published name means: where its number is found in an evaluation.

Before any update a name is a quantity (``out_h1``), an updated parameter (``w5+``), a delta (``delta_o1``), a partial
of a sample's error (``dE_total_dw5``), what one output's error adds to it (``dE_o1_dout_h1``), the derivative of any
quantity by one that it comes from (``dout_o1_dnet_o1``, ``dnet_o1_dw1``), or, over several samples, the whole error
(``E_mean``) and its gradient (``dE_mean_dw5``). After updates it is a quantity or the whole error.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flint import fmpq

from derive.calculus.partials import LocalDerivative
from derive.comparison.published.variants import Decidable, Variant
from derive.computation.equations import Computation
from derive.errors import UnknownNameError, nearest, shown
from derive.evaluation.carried import Values
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.local import local_value
from derive.numbers.arithmetic import Value
from derive.numbers.number import Number


@dataclass(frozen=True)
class Reading:
    """How the number of a name is found.

    ``number`` reads it. ``sequential`` reads the same derivative through the weights that are updated already, as a
    sequential update does; None for what is no derivative. ``parameter`` is set for a gradient by a weight or bias,
    ``is_whole`` where that is over all samples. ``state(variant, updates)`` is set for quantities that have a value
    after any number of updates; ``is_given`` says that the network states the number and no update has changed it.
    """

    name: str
    number: Callable[[Variant], Decidable]
    sequential: Callable[[Variant], Decidable] | None = None
    is_derivative: bool = False
    parameter: str | None = None
    is_whole: bool = False
    state: Callable[[Variant, int], Decidable] | None = None
    is_given: bool = False


def reading(evaluation: Evaluation, name: str, sample: int, updates: int) -> Reading:
    """Return how the number of that name is read; the sample is counted from 1.

    Raises `InputError` for a name that the network does not have.
    """
    found = _state(evaluation, name, sample - 1, updates)
    if found is None and not updates:
        found = _updated(evaluation, name) or _derivative(evaluation, name, sample - 1)
    if found is None:
        valid = list(names(evaluation, updates))
        shown_names, hint = ", ".join(valid[:12]), nearest(name, valid)
        if updates:
            raise UnknownNameError(
                "{name}: this network has no such quantity after updates; expected one of {names}, ….{hint}",
                name=shown(name),
                names=shown_names,
                hint=hint,
            )
        raise UnknownNameError(
            "{name}: this network has no such quantity; expected one of {names}, ….{hint}",
            name=shown(name),
            names=shown_names,
            hint=hint,
        )
    return found


def names(evaluation: Evaluation, updates: int) -> Iterator[str]:
    """Yield the names that a number may have; of local derivatives those of the activations alone."""
    computation = evaluation.computation
    whole = computation.whole_objective_name
    yield from computation.kinds
    if whole != computation.objective:
        yield whole
    if updates:
        return
    for partial in evaluation.derivation.partials.values():
        yield partial.symbol.name
        if partial.symbol.name != f"d{computation.objective}_d{partial.by}":
            yield f"d{computation.objective}_d{partial.by}"
        if len(partial.paths) > 1:
            yield from (path.name for path in partial.paths)
    for equation in computation.equations:
        if computation.kinds[equation.name] == "out":
            yield from (f"d{equation.name}_d{name}" for name in equation.names)
    if whole != computation.objective:
        yield from (f"d{whole}_d{name}" for name in computation.parameters)


def _state(evaluation: Evaluation, name: str, sample: int, updates: int) -> Reading | None:
    """Return the reading of a name that has a value after any number of updates: a quantity, or the whole error."""
    is_whole = name == evaluation.computation.whole_objective_name
    if name == evaluation.plan.learning_rate_name and not updates:
        return Reading(name, lambda variant: variant.evaluation.learning_rate, is_given=True)
    if not is_whole and name not in evaluation.computation.kinds:
        return None

    def state(variant: Variant, count: int) -> Decidable:
        return _whole_error(variant, count) if is_whole else _quantity(variant, name, sample, count)

    return Reading(
        name, lambda variant: state(variant, updates), state=state, is_given=_is_given(evaluation, name, updates)
    )


def _is_given(evaluation: Evaluation, name: str, updates: int) -> bool:
    """Whether the network states the number: an input or a target, or a weight or bias that no update has changed."""
    kind = evaluation.computation.kinds.get(name)
    is_kept = not updates or name not in evaluation.computation.trained
    return kind in ("input", "target") or (kind in ("weight", "bias") and is_kept)


def _quantity(variant: Variant, name: str, sample: int, updates: int) -> Decidable:
    evaluation = variant.evaluation
    if updates < 2:
        return evaluation.after(name, sample) if updates else evaluation.quantity(name, sample)
    return variant.after(updates, lambda passes: passes[sample][name])


def _whole_error(variant: Variant, updates: int) -> Decidable:
    evaluation, computation = variant.evaluation, variant.evaluation.computation
    if updates < 2:
        return evaluation.error_after if updates else evaluation.error
    objective = computation.objective

    def reduced(passes: tuple[Values, ...]) -> Value:
        total = sum((values[objective] for values in passes[1:]), start=passes[0][objective])
        return total / len(passes) if computation.is_mean else total

    return variant.after(updates, reduced)


def _updated(evaluation: Evaluation, name: str) -> Reading | None:
    parameter = name.removesuffix("+")
    if parameter == name or parameter not in evaluation.computation.trained:
        return None
    state = _state(evaluation, parameter, 0, 1)
    return None if state is None else Reading(name, state.number, state=state.state)


def _derivative(evaluation: Evaluation, name: str, sample: int) -> Reading | None:
    by = next((by for by, partial in evaluation.derivation.partials.items() if partial.symbol.name == name), None)
    if by is not None:
        return _partial(name, by, sample, evaluation)
    for of, by in _splits(name):
        found = _of_by(evaluation, name, of, by, sample)
        if found:
            return found
    return None


def _splits(name: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs (A, B) that dA_dB may mean, as a name may have a _d in it."""
    parts = name.removeprefix("d").split("_d") if name.startswith("d") else []
    for index in range(1, len(parts)):
        yield "_d".join(parts[:index]), "_d".join(parts[index:])


def _of_by(evaluation: Evaluation, name: str, of: str, by: str, sample: int) -> Reading | None:
    computation = evaluation.computation
    if of == computation.objective and by in evaluation.derivation.partials:
        return _partial(name, by, sample, evaluation)
    if of == evaluation.computation.whole_objective_name and by in evaluation.computation.parameters:
        return Reading(
            name,
            lambda variant: variant.evaluation.gradient(by),
            lambda variant: variant.evaluation.gradient_used(by),
            is_derivative=True,
            parameter=by,
            is_whole=True,
        )
    if of in computation.by_name and by in computation.by_name[of].names:
        equation = computation.by_name[of]
        return Reading(
            name,
            lambda v: v.evaluation.derivative(LocalDerivative(equation, by, v.evaluation.derivation), sample),
            is_derivative=True,
        )
    part = _part(evaluation, name, of, by, sample) if by in evaluation.derivation.partials else None
    return part or _total(evaluation, name, of, by, sample)


def _partial(name: str, by: str, sample: int, evaluation: Evaluation) -> Reading:
    return Reading(
        name,
        lambda variant: variant.evaluation.derivative(variant.evaluation.derivation[by], sample),
        lambda variant: variant.evaluation.partial_used(by, sample),
        is_derivative=True,
        parameter=by if by in evaluation.computation.parameters else None,
    )


def _part(evaluation: Evaluation, name: str, of: str, by: str, sample: int) -> Reading | None:
    """Return the reading of what one output's error adds to a partial: all of it where no other error depends on it."""
    if evaluation.computation.errors_behind.get(by, frozenset()) == {of}:
        return _partial(name, by, sample, evaluation)
    indexes = [index for index, path in enumerate(evaluation.derivation[by].paths) if path.name == name]
    if len(indexes) != 1 or len(evaluation.derivation[by].paths) < 2:
        return None
    (index,) = indexes
    return Reading(
        name,
        lambda variant: variant.evaluation.path(variant.evaluation.derivation[by].paths[index], sample),
        lambda variant: variant.evaluation.path_used(variant.evaluation.derivation[by].paths[index], sample),
        is_derivative=True,
    )


def _total(evaluation: Evaluation, name: str, of: str, by: str, sample: int) -> Reading | None:
    """Return the reading of the derivative of any quantity by one that it depends on, over all paths between them."""
    computation = evaluation.computation
    if by not in computation.kinds or of not in _dependents(computation, by):
        return None
    return Reading(
        name,
        lambda variant: Number(
            variant.evaluation, lambda table: _chain_rule(computation, of, by, table.passes[sample])
        ),
        is_derivative=True,
    )


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
