"""What a published name means: where its number is found in an evaluation, before and after any number of updates.

A name is a quantity (``out_h1``), a delta (``delta_o1``), a partial of a sample's error (``dE_total_dw5``), what one
output's error adds to it (``dE_o1_dout_h1``), the derivative of any quantity by one that it comes from
(``dout_o1_dnet_o1``, ``dnet_o1_dw1``), or, over several samples, the whole error (``E_mean``) and its gradient
(``dE_mean_dw5``). After n updates these are the values with the weights of then, so a gradient is the one that update
n + 1 uses.

Of an update there are the change of a weight (``Delta_w5``), what the optimizer keeps for it (``v_w5``, ``m_w5``,
``s_w5``, ``velocity_w5``), and what it makes of that (``m_hat_w5``, ``s_hat_w5``): after n updates those of update n.
Before any update what is kept is 0, and what an update makes is the first one's, as are ``w5+`` and ``v_w5+``, the
values after it. With weight decay ``g_lambda_w5`` is the gradient that the first update uses.

A derivative with a star (``delta_h1*``) is by the weights that a sequential update has made already.

Where updates are online, these are of the sample's turn in the first pass, with what the turn before has left; any
other number of a sample is that at the first weights, or that of its turn (`in_turn`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial as bound

from flint import fmpq

from derive.comparison.published.conventions import OfSamples
from derive.comparison.published.meanings import Meaning, derivative, quantity
from derive.comparison.published.spelling import BUFFER, CHANGE, VELOCITY, made, parts, plain
from derive.comparison.published.tokens import STAR, updates_counted
from derive.comparison.published.variants import Decidable, Reached, Variant
from derive.errors import Text, UnknownNameError, nearest, shown
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.table import Table
from derive.evaluation.update import step_formula
from derive.functions.optimizers import DECAYED
from derive.numbers.arithmetic import ZERO, Value, rational
from derive.numbers.number import Number

FEW_UPDATES = 20  # up to which a person calculates with the weights that are new already


@dataclass(frozen=True)
class Reading:
    """How the number of a name is found.

    ``number`` reads it. ``sequential`` reads the same derivative through the weights that are updated already, as a
    sequential update does; None for what is no derivative, and after many updates. ``is_derivative`` says that it is a
    derivative, or a change by one, whose sign may be turned around; ``parameter`` is set for a gradient by a weight or
    bias before any update, ``is_whole`` where that is over all samples. ``state(variant, updates)`` is set for what has
    a value after any number of updates; ``is_given`` says that the network states the number and no update has changed
    it. ``is_in_turn`` says that it is read in the sample's turn of a pass of online updates.
    """

    name: str
    number: Callable[[Variant], Decidable]
    sequential: Callable[[Variant], Decidable] | None = None
    is_derivative: bool = False
    parameter: str | None = None
    is_whole: bool = False
    state: Callable[[Variant, int], Decidable] | None = None
    is_given: bool = False
    is_in_turn: bool = False


def reading(evaluation: Evaluation, name: str, sample: int, updates: int) -> Reading:
    """Return how the number of that name is read; the sample is counted from 1.

    Raises `UnknownNameError` for a name that the network does not have.
    """
    if name.endswith(STAR) and not evaluation.plan.is_online:
        bare = reading(evaluation, name.removesuffix(STAR), sample, updates)
        if bare.sequential is not None:
            return _starred(bare, bare.sequential)
    for known in dict.fromkeys((name, plain(name))):
        meaning = quantity(evaluation, known, sample - 1) or derivative(evaluation, known, sample - 1)
        found = _read(evaluation, known, meaning, updates) if meaning else _of_update(evaluation, known, updates)
        if found is not None:
            is_turns = meaning is None and not updates and evaluation.plan.is_online
            return _in_turn(evaluation, found, sample - 1) if is_turns else found
    raise unknown(evaluation, name, updates)


def _starred(found: Reading, used: Callable[[Variant], Decidable]) -> Reading:
    """Return the reading of the same derivative by the weights that a sequential update has made already."""
    return replace(found, number=lambda variant: used(variant.sequential), sequential=None, state=None, parameter=None)


def in_turn(variant: Variant, name: str, sample: int) -> Reading | None:
    """Return how a number is read in the sample's turn, the sample counted from 1; None for what a turn does not have.

    That is a number over all samples, and any number where updates are not online.
    """
    if not variant.evaluation.plan.is_online:
        return None
    try:
        found = reading(variant.turn(sample - 1).evaluation, name, 1, 0)
        return replace(_in_turn(variant.evaluation, found, sample - 1), state=None)
    except UnknownNameError:
        return None


def _in_turn(evaluation: Evaluation, found: Reading, number: int) -> Reading:
    """Return the same reading in a turn, counted from 0; where a variant's updates are not online there is none."""

    def read(variant: Variant) -> Decidable:
        is_online = variant.evaluation.plan.is_online
        return found.number(variant.turn(number) if is_online else variant)

    is_given = found.is_given and not (number and found.name in evaluation.computation.trained)
    return replace(found, number=read, sequential=None, parameter=None, is_given=is_given, is_in_turn=True)


def unknown(evaluation: Evaluation, name: str, updates: int, place: Text = "") -> UnknownNameError:
    """Return the error for a name that the network does not have, with the nearest one that it has.

    ``place`` is where the name stands, where that says the name, too.
    """
    valid = list(names(evaluation, updates))
    where, shown_names, hint = place or shown(name), ", ".join(valid[:12]), nearest(name, valid)
    if updates:
        return UnknownNameError(
            "{name}: not a quantity of this network after updates; try one of {names}, ….{hint}",
            name=where,
            names=shown_names,
            hint=hint,
        )
    return UnknownNameError(
        "{name}: not a quantity of this network; try one of {names}, ….{hint}",
        name=where,
        names=shown_names,
        hint=hint,
    )


def names(evaluation: Evaluation, updates: int) -> Iterator[str]:
    """Yield the names that a number may have; of local derivatives those of the activations alone."""
    computation = evaluation.computation
    whole = computation.whole_objective_name
    yield from computation.kinds
    if whole != computation.objective:
        yield whole
    for partial in evaluation.derivation.partials.values():
        yield partial.symbol.name
        if partial.symbol.name != f"d{computation.objective}_d{partial.by}":
            yield f"d{computation.objective}_d{partial.by}"
        if len(partial.paths) > 1:
            yield from (path.name for path in partial.paths)
    for equation in computation.equations:
        if computation.kinds[equation.name] == "out" or computation.layers is None:
            yield from (f"d{equation.name}_d{name}" for name in equation.names)
    if whole != computation.objective:
        yield from (f"d{whole}_d{name}" for name in computation.parameters)
    optimizer = evaluation.plan.optimizer
    kept = (*optimizer.rule.state, *([VELOCITY] if BUFFER in optimizer.rule.state else []))
    for name in computation.parameters:
        if name in computation.trained:
            steps = [part for part in made(optimizer.of(computation.kinds[name])) if not (updates and part == DECAYED)]
            yield from (f"{part}_{name}" for part in (CHANGE, *kept, *steps))
            if not updates:
                yield from (f"{name}+", *(f"{part}_{name}+" for part in kept))


def _read(evaluation: Evaluation, name: str, meaning: Meaning, updates: int) -> Reading:
    """Return the reading of what has the same meaning after any number of updates."""

    def state(variant: Variant, count: int) -> Decidable:
        return variant.number(meaning.read, count, meaning.place)

    return Reading(
        name,
        lambda variant: state(variant, updates),
        _used(meaning, updates),
        is_derivative=meaning.is_derivative,
        parameter=None if updates else meaning.parameter,
        is_whole=meaning.is_whole,
        state=state,
        is_given=_is_given(evaluation, name, updates),
    )


def _used(meaning: Meaning, updates: int) -> Callable[[Variant], Decidable] | None:
    """Return how the same derivative is read by the weights that are new already; None for what is none."""
    used, partial = meaning.used, meaning.partial
    if used is not None and not updates:
        return lambda variant: variant.number(used, 0, meaning.place)
    if partial is not None and updates <= FEW_UPDATES:
        return lambda variant: variant.used(*partial, updates)
    return None


def _is_given(evaluation: Evaluation, name: str, updates: int) -> bool:
    """Whether the network states the number: an input, a target, the rate, a parameter that no update has changed."""
    kind = evaluation.computation.kinds.get(name)
    if kind is None:
        return name == evaluation.plan.learning_rate_name
    is_kept = not updates or name not in evaluation.computation.trained
    return kind in ("input", "target") or (kind in ("weight", "bias") and is_kept)


def _of_update(evaluation: Evaluation, name: str, updates: int) -> Reading | None:
    """Return the reading of what an update makes: a new value, a change, or a part of the optimizer's step."""
    trained = evaluation.computation.trained
    bare = name.removesuffix("+")
    if bare in trained and name != bare:
        found = quantity(evaluation, bare, 0)
        return None if updates or found is None else _read(evaluation, bare, found, 1)
    known = (found for found in parts(name, evaluation.plan.optimizer) if found[1] in trained)
    part, parameter = next(known, ("", ""))
    if not part or (updates and (part.endswith("+") or part == DECAYED)):
        return None
    if part == DECAYED:
        return Reading(name, lambda variant: _step(part, parameter, variant, 0), is_derivative=True)
    state = bound(_change, parameter) if part == CHANGE else bound(_step, part.removesuffix("+"), parameter)
    count = 1 if part.endswith("+") else updates
    return Reading(name, lambda variant: state(variant, count), state=state, is_derivative=part == CHANGE)


def _change(parameter: str, variant: Variant, updates: int) -> Decidable:
    """Return by how much the last update changed a weight; before any, by how much the first one will."""
    if parameter not in variant.evaluation.computation.trained:  # of this variant
        return Reached(ZERO)
    if updates < 2 and not isinstance(variant, OfSamples):
        return Number(
            variant.evaluation, lambda table: table.updated[parameter] - table.passes[0][parameter], f"Δ{parameter}"
        )
    last = max(updates, 1)
    variant.prepare((last - 1, last))
    return variant.reached(lambda: variant.parameter(parameter, last) - variant.parameter(parameter, last - 1))


def _step(part: str, parameter: str, variant: Variant, updates: int) -> Decidable:
    """Return a part of the optimizer's step for a parameter: what it keeps, or what it makes of that.

    Raises `UnknownNameError` where the variant does not train the parameter.
    """
    if parameter not in variant.evaluation.computation.trained:
        raise unknown(variant.evaluation, f"{part}_{parameter}", updates)
    plan = variant.evaluation.plan
    kept, scale = plan.optimizer.rule.state, fmpq(1)
    if part == VELOCITY:
        part, scale = BUFFER, -rational(plan.learning_rate)
    if updates < 2 and not (updates and isinstance(variant, OfSamples)):
        first = bound(_first_step, part, parameter, kept, updates)
        return Number(variant.evaluation, lambda table: scale * first(table), f"{part}_{parameter}")
    if part in kept:
        return variant.reached(lambda: scale * variant.kept(parameter, part, updates))
    return variant.reached(lambda: _made(part, parameter, variant, updates))


def _first_step(part: str, parameter: str, kept: tuple[str, ...], updates: int, table: Table) -> Value:
    is_new = updates and part in kept
    return table.steps[parameter][f"{part}+" if is_new else part]


def _made(part: str, parameter: str, variant: Variant, updates: int) -> Value:
    """Return what the optimizer makes of what it keeps after so many updates: m_hat of m, with t their number."""
    optimizer = variant.evaluation.plan.optimizer
    symbols, compute = step_formula(optimizer, part)
    steps = rational(Fraction(updates * updates_counted(variant)))
    known = {name: rational(value) for name, value in optimizer.symbols.items()} | {"t": steps}
    values = (
        variant.kept(parameter, name.removesuffix("+"), updates) if name.endswith("+") else known[name]
        for name in symbols
    )
    return compute(*values)
