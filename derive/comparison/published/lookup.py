"""What a published name means: where its number is found in a derivation.

Before any update a name is a quantity (``out_h1``), an updated parameter (``w5+``), a delta (``delta_o1``), a partial
of a sample's error (``dE_total_dw5``), what one output's error adds to it (``dE_o1_dout_h1``), the derivative of any
quantity by one that it comes from (``dout_o1_dnet_o1``, ``dnet_o1_dw1``), or, over several samples, the whole error
(``E_mean``) and its gradient (``dE_mean_dw5``). After updates it is a quantity or the whole error.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flint import fmpq

from derive.calculus.chain import Derivation
from derive.calculus.partials import LocalDerivative
from derive.comparison.published.variants import Decidable, Variant
from derive.computation.equations import ComputationGraph
from derive.errors import UnknownNameError, nearest, shown
from derive.evaluation.evaluation import Number, Values, local_value
from derive.numbers.arithmetic import Value


@dataclass(frozen=True)
class Reading:
    """How the number of a name is found.

    ``number`` reads it; ``used`` reads the derivative with which a sequential update works, where it is one.
    ``parameter`` is set for a gradient by a weight or bias, ``is_whole`` where that is over all samples. ``state`` is
    set for what is there after any count of updates, ``is_given`` for what the network states and no step changes.
    """

    name: str
    number: Callable[[Variant], Decidable]
    used: Callable[[Variant], Decidable] | None = None
    is_derivative: bool = False
    parameter: str | None = None
    is_whole: bool = False
    state: Callable[[Variant, int], Decidable] | None = None
    is_given: bool = False


def reading(derivation: Derivation, name: str, sample: int, updates: int) -> Reading:
    """Return how the number of that name is read; the sample is counted from 1.

    Raises `InputError` for a name that the network does not have.
    """
    found = _state(derivation, name, sample - 1, updates)
    if found is None and not updates:
        found = _updated(derivation, name) or _derivative(derivation, name, sample - 1)
    if found is None:
        valid = list(names(derivation, updates))
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


def names(derivation: Derivation, updates: int) -> Iterator[str]:
    """Yield the names that a number may have; of local derivatives those of the activations alone."""
    graph, network = derivation.graph, derivation.network
    yield from graph.kinds
    if network.whole_error_name != graph.output:
        yield network.whole_error_name
    if updates:
        return
    for partial in derivation.partials.values():
        yield partial.symbol.name
        if partial.symbol.name != f"d{graph.output}_d{partial.by}":
            yield f"d{graph.output}_d{partial.by}"
        if len(partial.paths) > 1:
            yield from (path.name for path in partial.paths)
    for equation in graph.equations:
        if graph.kinds[equation.target] == "out":
            yield from (f"d{equation.target}_d{name}" for name in equation.names)
    if network.whole_error_name != graph.output:
        yield from (f"d{network.whole_error_name}_d{name}" for name in derivation.parameters)


def _state(derivation: Derivation, name: str, sample: int, updates: int) -> Reading | None:
    """Return what is there before and after any count of updates: a quantity, or the error of all samples."""
    network = derivation.network
    is_whole = name == network.whole_error_name
    if name == network.learning_rate_name and not updates:
        return Reading(name, lambda variant: variant.derivation.evaluation.learning_rate, is_given=True)
    if not is_whole and name not in derivation.graph.kinds:
        return None

    def state(variant: Variant, count: int) -> Decidable:
        return _whole_error(variant, count) if is_whole else _quantity(variant, name, sample, count)

    return Reading(
        name, lambda variant: state(variant, updates), state=state, is_given=_is_given(derivation, name, updates)
    )


def _is_given(derivation: Derivation, name: str, updates: int) -> bool:
    """Whether the network states the number: an input or a target, or a weight or bias that no update has changed."""
    kind = derivation.graph.kinds.get(name)
    is_kept = not updates or name not in derivation.graph.trained
    return kind in ("input", "target") or (kind in ("weight", "bias") and is_kept)


def _quantity(variant: Variant, name: str, sample: int, updates: int) -> Decidable:
    evaluation = variant.derivation.evaluation
    if updates < 2:
        return evaluation.after(name, sample) if updates else evaluation.quantity(name, sample)
    return variant.after(updates, lambda passes: passes[sample][name])


def _whole_error(variant: Variant, updates: int) -> Decidable:
    evaluation, network = variant.derivation.evaluation, variant.derivation.network
    if updates < 2:
        return evaluation.error_after if updates else evaluation.error
    output = variant.derivation.graph.output

    def reduced(passes: tuple[Values, ...]) -> Value:
        total = sum((values[output] for values in passes[1:]), start=passes[0][output])
        return total / len(passes) if network.reduction == "mean" else total

    return variant.after(updates, reduced)


def _updated(derivation: Derivation, name: str) -> Reading | None:
    parameter = name.removesuffix("+")
    if parameter == name or parameter not in derivation.graph.trained:
        return None
    state = _state(derivation, parameter, 0, 1)
    return None if state is None else Reading(name, state.number, state=state.state)


def _derivative(derivation: Derivation, name: str, sample: int) -> Reading | None:
    net = "net" + name.removeprefix("delta")
    if name.startswith("delta_") and net in derivation.partials:
        return _partial(name, net, sample, derivation)
    for of, by in _splits(name):
        found = _of_by(derivation, name, of, by, sample)
        if found:
            return found
    return None


def _splits(name: str) -> Iterator[tuple[str, str]]:
    """Yield what may be meant by dA_dB: the names themselves may have a _d in them."""
    parts = name.removeprefix("d").split("_d") if name.startswith("d") else []
    for place in range(1, len(parts)):
        yield "_d".join(parts[:place]), "_d".join(parts[place:])


def _of_by(derivation: Derivation, name: str, of: str, by: str, sample: int) -> Reading | None:
    graph = derivation.graph
    if of == graph.output and by in derivation.partials:
        return _partial(name, by, sample, derivation)
    if of == derivation.network.whole_error_name and by in derivation.parameters:
        return Reading(
            name,
            lambda variant: variant.derivation.evaluation.gradient(by),
            lambda variant: variant.derivation.evaluation.gradient_used(by),
            is_derivative=True,
            parameter=by,
            is_whole=True,
        )
    if of in graph.by_target and by in graph.by_target[of].names:
        equation = graph.by_target[of]
        return Reading(
            name,
            lambda v: v.derivation.evaluation.derivative(LocalDerivative(equation, by, v.derivation), sample),
            is_derivative=True,
        )
    part = _part(derivation, name, of, by, sample) if by in derivation.partials else None
    return part or _total(derivation, name, of, by, sample)


def _partial(name: str, by: str, sample: int, derivation: Derivation) -> Reading:
    return Reading(
        name,
        lambda variant: variant.derivation.evaluation.derivative(variant.derivation[by], sample),
        lambda variant: variant.derivation.evaluation.partial_used(by, sample),
        is_derivative=True,
        parameter=by if by in derivation.parameters else None,
    )


def _part(derivation: Derivation, name: str, of: str, by: str, sample: int) -> Reading | None:
    """Return what one output's error adds to a partial: all of it where no other error is behind the quantity."""
    if derivation.graph.error_behind(by) == of:
        return _partial(name, by, sample, derivation)
    places = [place for place, path in enumerate(derivation[by].paths) if path.name == name]
    if len(places) != 1 or len(derivation[by].paths) < 2:
        return None
    (place,) = places
    return Reading(
        name,
        lambda variant: variant.derivation.evaluation.path(variant.derivation[by].paths[place], sample),
        lambda variant: variant.derivation.evaluation.path_used(variant.derivation[by].paths[place], sample),
        is_derivative=True,
    )


def _total(derivation: Derivation, name: str, of: str, by: str, sample: int) -> Reading | None:
    """Return the derivative of any quantity by one that it comes from, over all ways between them."""
    graph = derivation.graph
    if by not in graph.kinds or of not in _uses(graph, by):
        return None
    return Reading(
        name,
        lambda variant: Number(
            variant.derivation.evaluation, lambda table: _swept(graph, of, by, table.passes[sample])
        ),
        is_derivative=True,
    )


def _uses(graph: ComputationGraph, by: str) -> set[str]:
    """Return the quantities that come from this one, near or far."""
    found: set[str] = set()
    for equation in graph.equations:
        if not found.isdisjoint(equation.names) or by in equation.names:
            found.add(equation.target)
    return found


def _swept(graph: ComputationGraph, of: str, by: str, values: Values) -> Value:
    """Return ∂of/∂by: the chain rule backwards from the one quantity to the other."""
    found: dict[str, Value] = {of: fmpq(1)}
    for equation in reversed(graph.equations):
        if equation.target in found:
            for name in equation.names:
                part = found[equation.target] * local_value(equation, name, values)
                found[name] = found[name] + part if name in found else part
    return found[by]
