"""All values at one precision: forward passes, partials, updates.

With rounding by hand, every line is calculated from the rounded results of the lines before it, as a student with a
calculator does: a table keeps what each line gives, and `Carried` what the next lines go on with.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from functools import partial as bound
from types import MappingProxyType

from derive.calculus.chain import Derivation
from derive.calculus.partials import Partial
from derive.computation.equations import Computation
from derive.computation.plan import Plan
from derive.errors import InputError, Message, Text
from derive.evaluation.carried import Carried, Values, flint_values
from derive.evaluation.local import term_function, through
from derive.evaluation.table import Later, Table
from derive.evaluation.undefined import outside_domain
from derive.evaluation.update import Update
from derive.functions.losses import Loss
from derive.notation import partial_text
from derive.numbers.arithmetic import ZERO, OutsideDomain, Value, function, kept, rational, total
from derive.numbers.decimals import Undecided
from derive.numbers.precision import at_bits, present_bits
from derive.numbers.rounding import Rounding

NO_STEPS: Mapping[str, Values] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Calculation:
    """Calculates tables of a computation's values, each at flint's present precision.

    ``rounding`` is None where values are carried in full, else how each is rounded by hand.
    """

    computation: Computation
    plan: Plan
    derivation: Derivation
    rounding: Rounding | None
    # How deltas are written: found once for all calculations with the same derivation.
    _delta_lines: dict[str, Callable[[Values, Values], Value]] = field(default_factory=dict)

    def table(self) -> Table:
        """Return all values; raises `Undecided` where the precision leaves open which case applies."""
        try:
            return self._computed()
        except ZeroDivisionError:
            if self.rounding is None:
                raise
            raise InputError(
                "rounding by hand to {size} leaves 0 where the derivation divides; expected more digits, or the "
                "rounding significant or exact.",
                size=self.rounding.size,
            ) from None

    def carried(self, value: Value) -> Value:
        """Return what later lines go on with in place of the value: the value itself, unless rounded by hand."""
        return value if self.rounding is None else self.rounding.carried(value)

    def all_carried(self, given: Values, named: Callable[[str], Text] = str) -> Values:
        """Return values by name as later lines go on with them; ``named`` says how a message calls each."""
        return given if self.rounding is None else Carried(given, self.rounding, named)

    def _computed(self) -> Table:
        computation = self.computation
        passes = tuple(self._forward(flint_values(values)) for values in computation.samples)
        partials, gradients, _, _ = self._backward(passes, sequential=False)
        turns = self._turns() if self.plan.is_online else ()
        update_partials, update_gradients, steps, updated = (
            (tuple(turn.partials[0] for turn in turns), turns[-1].gradients, turns[-1].steps, turns[-1].updated)
            if turns
            else self._backward(passes, sequential=True)
            if self.plan.is_sequential
            else (partials, gradients, *self._updates(passes[0], gradients))
        )
        return Table(
            passes,
            partials,
            {name: gradients[name] for name in computation.parameters if name in gradients},
            update_partials,
            update_gradients,
            steps,
            updated,
            self.error(passes) if self.computation.objective else ZERO,
            rational(self.plan.learning_rate),
            bound(self._passes_again, present_bits(), computation.samples),
            turns,
        )

    def _turns(self) -> tuple[Table, ...]:
        """Return the tables of a pass with online updates: each sample starts from what the one before has left."""
        found: list[Table] = []
        for sample in self.computation.samples:
            before = found[-1] if found else None
            start = {**flint_values(sample), **(before.updated if before else {})}
            values = self._forward(start, updated=before is not None)
            partials, gradients, _, _ = self._backward((values,), sequential=False)
            steps, updated = self._updates(values, gradients, before.steps if before else {})
            error = self.error((values,)) if self.computation.objective else ZERO
            rate, again = rational(self.plan.learning_rate), bound(self._passes_again, present_bits(), (sample,))
            own = {name: gradients[name] for name in self.computation.parameters if name in gradients}
            found.append(Table((values,), partials, own, partials, gradients, steps, updated, error, rate, again))
        return tuple(found)

    def later(self, passes: tuple[Values, ...]) -> Later:
        """Return the values after updates, of which these are the forward passes, at flint's present precision."""
        error = self.error(passes) if self.computation.objective else ZERO
        return Later(passes, error, rational(self.plan.learning_rate), bound(self._differentiated, present_bits()))

    def _differentiated(self, bits: int, passes: tuple[Values, ...]) -> tuple[tuple[Values, ...], Values]:
        return at_bits(bits, self._backward, passes, sequential=False)[:2]

    def _passes_again(self, bits: int, samples: Sequence[Mapping[str, Fraction]], new: Values) -> tuple[Values, ...]:
        return at_bits(bits, self._passes_with, samples, new)

    def _passes_with(self, samples: Sequence[Mapping[str, Fraction]], new: Values) -> tuple[Values, ...]:
        return tuple(self._forward({**flint_values(values), **new}, updated=True) for values in samples)

    def error(self, passes: Sequence[Values]) -> Value:
        """Return the error of all samples, of which these are the forward passes."""
        if len(passes) == 1:  # the sample's own error, to all its digits: by hand it is rounded where it is printed
            return passes[0][self.computation.objective]
        return self.reduced([self.carried(values[self.computation.objective]) for values in passes])

    def _forward(self, start: Values, *, updated: bool = False) -> dict[str, Value]:
        given = dict(start)
        values = self.all_carried(given)
        for equation, functions in zip(self.computation.equations, self._functions, strict=True):
            try:
                terms = [compute(*[values[name] for name in names]) for compute, names in functions]
            except OutsideDomain as outside:
                place = self._place(equation.name, updated)
                entry = equation.terms[0].shape.entry
                error = entry.name if isinstance(entry, Loss) else ""
                of_layers = self.computation.layers is not None
                raise outside_domain(place, outside, error, of_layers=of_layers) from None
            except ZeroDivisionError:
                if self.rounding is not None:
                    raise
                raise InputError(
                    "{place}: found a division by 0; expected values with which its formula divides by none.",
                    place=self._place(equation.name, updated),
                ) from None
            except Undecided:
                raise Undecided(self._place(equation.name, updated)) from None
            given[equation.name] = total(terms)
        return given

    def equation_value(self, name: str, values: Values) -> Value:
        """Return what the equation of a quantity gives with these values, at flint's present precision."""
        functions = self._functions[self._places[name]]
        return total([compute(*[values[each] for each in names]) for compute, names in functions])

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {equation.name: place for place, equation in enumerate(self.computation.equations)}

    @cached_property
    def _functions(self) -> Sequence[Sequence[tuple[Callable[..., Value], tuple[str, ...]]]]:
        """What calculates each term of each equation, and of what: found once for all samples and precisions."""
        return [
            [(term_function(term.shape), term.names) for term in equation.terms]
            for equation in self.computation.equations
        ]

    def _place(self, name: str, updated: bool) -> Text:
        """Return the quantity as a message names it, with the circumstances under which it has its value."""
        place = after_update(name) if updated else name
        return place if self.rounding is None else self.rounding.of(place)

    def _backward(
        self, passes: Sequence[Values], *, sequential: bool
    ) -> tuple[tuple[Values, ...], Values, Mapping[str, Values], Values]:
        """Return each sample's partials, the gradients, the optimizer's steps and the updated parameters.

        Partials come in the order of the backward pass, so that with sequential updates the weights between two layers
        are new before the left one is reached.
        """
        computation = self.computation
        known = [dict(values) for values in passes]
        found: tuple[dict[str, Value], ...] = tuple({} for _ in passes)
        named = bound(partial_text, computation.objective)
        lines = [(self.all_carried(found[k], named), self.all_carried(known[k])) for k in range(len(passes))]
        gradients: dict[str, Value] = {}
        steps: dict[str, Values] = {}
        updated: dict[str, Value] = {}
        is_parameter = frozenset(computation.parameters)
        for name, partial in self.derivation.partials.items():
            for given, (partials, values) in zip(found, lines, strict=True):
                try:
                    given[name] = self.partial_value(partial, partials, values)
                except (ZeroDivisionError, OutsideDomain):
                    if self.rounding is not None:
                        raise
                    raise InputError(
                        "{place}: found values at which a formula has no derivative, for it would divide by 0; "
                        "expected others.",
                        place=named(name),
                    ) from None
            if name in is_parameter:
                gradients[name] = self.reduced([partials[name] for partials, _ in lines])
            if sequential and name in computation.trained:
                steps[name] = self.step(name, passes[0][name], gradients[name])
                updated[name] = steps[name]["w+"]
                for values in known:
                    values[name] = updated[name]
        return found, gradients, steps, updated

    def partial_value(self, partial: Partial, partials: Values, values: Values) -> Value:
        """Return what the line of the partial gives: the sum of its paths, or a product that is written in one."""
        if self.rounding is not None and partial.is_net and len(partial.uses) == 1:
            return self._by_its_line(partial)(partials, values)
        if self.rounding is None and partial.by in self.derivation.vanishing:
            return ZERO  # a ball round 0 would leave open whether it is
        of, by = partial.of, partial.by
        parts = [through(use, by, partials if use.name != of else None, values) for use in partial.uses]
        if self.rounding is not None and len(parts) > 1:
            parts = list(map(self.carried, parts))
        return total(parts)

    def _by_its_line(self, partial: Partial) -> Callable[[Values, Values], Value]:
        """Return the formula of a delta as it is written, which takes no partial but those with a name of their own."""
        if partial.by not in self._delta_lines:
            self._delta_lines[partial.by] = self._delta_line(partial)
        return self._delta_lines[partial.by]

    def _delta_line(self, partial: Partial) -> Callable[[Values, Values], Value]:
        formula = self.derivation.delta_formula(partial)
        symbols = sorted(formula.free_symbols, key=str)
        compute, names = function(symbols, formula), list(map(str, symbols))
        by = {name: self.derivation[name].by for name in names if name not in self.computation.kinds}

        def value(partials: Values, values: Values) -> Value:
            return compute(*(partials[by[name]] if name in by else values[name] for name in names))

        return value

    def _updates(
        self, values: Values, gradients: Values, before: Mapping[str, Values] = NO_STEPS
    ) -> tuple[Mapping[str, Values], Values]:
        trained = [name for name in gradients if name in self.computation.trained]
        steps = {name: self.step(name, values[name], gradients[name], before.get(name)) for name in trained}
        return steps, {name: step["w+"] for name, step in steps.items()}

    def step(self, name: str, weight: Value, gradient: Value, before: Values | None = None) -> Values:
        """Return all that is in the optimizer's step for a parameter, by the names in its formulas."""
        update = self._update[self.computation.kinds[name]]
        try:
            return update.step(
                weight,
                gradient,
                lambda given: self.all_carried(given, lambda _: after_update(name)),
                before or update.given_state(name),
            )
        except ZeroDivisionError:
            if self.rounding is None:
                raise
            raise InputError(
                "{place}: rounded by hand to {size}, the square of a gradient and epsilon become 0, and {optimizer} "
                "divides by them; expected the rounding significant, which keeps them, more digits, or the rounding "
                "exact.",
                place=after_update(name),
                size=self.rounding.size,
                optimizer=self.plan.optimizer.name,
            ) from None

    @cached_property
    def _update(self) -> Mapping[str, Update]:
        return {kind: Update(self.plan, kind) for kind in ("weight", "bias")}

    def reduced(self, values: Sequence[Value]) -> Value:
        """Return the mean or the sum over the samples."""
        whole = total(values)
        return kept(whole / len(values)) if self.computation.is_mean else whole

    def error_at(self, name: str, moved: Value) -> Value:
        """Return the error of all samples where one parameter is moved, at flint's present precision."""
        starts = (flint_values(values) for values in self.computation.samples)
        return self.error([self._forward({**start, name: start[name] + moved}) for start in starts])


def after_update(name: str) -> Message:
    """Return how a message names a quantity with its value after the update."""
    return Message("{name} after the update", {"name": name})
