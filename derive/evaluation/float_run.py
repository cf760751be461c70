"""How far doubles may stray in a whole evaluation: forward pass, backward pass, update, and any number of updates.

It goes through the equations as `Evaluation` does, with `Held` values in place of balls: each carries the bound on what
its double may be off by, for sums in any order. A `Table` of balls, each as wide as that bound, then holds everything
that a program in doubles may find under a name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from flint import arb, fmpq
from sympy import Expr

from derive.computation.equations import Computation
from derive.computation.plan import Plan
from derive.evaluation.carried import Values
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.float_errors import Held, of_formula, of_shape, partial_held, total
from derive.evaluation.table import Table
from derive.numbers.arithmetic import rational
from derive.numbers.decimals import Undecided
from derive.numbers.precision import at_bits

BITS = 160  # of the values, beside which what these bits round is nothing
DOUBLE_BITS = 53
HeldValues = Mapping[str, Held]
# Each sample's partials, the gradients, the optimizer's steps and the updated parameters.
Found = tuple[list[dict[str, Held]], dict[str, Held], dict[str, HeldValues], dict[str, Held]]
Formulas = tuple[tuple[str, tuple[str, ...], Callable[[Sequence[Held]], Held]], ...]


def ball(held: Held) -> arb:
    """Return all that the double may be; raises `Undecided` where there is no bound."""
    if not (held.value.is_finite() and held.error.is_finite()):
        raise Undecided
    return arb(held.value.mid(), held.error.upper() + held.value.rad())


@dataclass(eq=False)
class FloatRun:
    """A training in doubles: its parameters after ``done`` updates, and the state that the optimizer keeps of each.

    Where updates are online, ``done`` counts the passes over all samples.
    """

    evaluation: Evaluation
    done: int = 0
    parameters: dict[str, Held] = field(default_factory=dict)
    state: dict[str, dict[str, Held]] = field(default_factory=dict)
    steps_taken: int = 0

    def __post_init__(self) -> None:
        if not self.parameters:
            self.parameters = at_bits(BITS, self._start)

    def _start(self) -> dict[str, Held]:
        computation = self.evaluation.computation
        return {name: _given(rational(computation.values[name])) for name in computation.parameters}

    @property
    def computation(self) -> Computation:
        """What is calculated."""
        return self.evaluation.computation

    def passes(self, parameters: HeldValues | None = None) -> list[dict[str, Held]]:
        """Return the forward pass of each sample."""
        known = self.parameters if parameters is None else parameters
        return [self._forward(sample, known) for sample in range(len(self.computation.samples))]

    def _forward(self, sample: int, parameters: HeldValues) -> dict[str, Held]:
        given = self.computation.samples[sample]
        held = {name: parameters[name] if name in parameters else _given(rational(given[name])) for name in given}
        for equation in self.computation.equations:
            parts = [of_shape(term.shape)([held[name] for name in term.names]) for term in equation.terms]
            held[equation.name] = _fresh(total(parts))
        return held

    def backward(self, passes: Sequence[HeldValues], *, sequential: bool) -> Found:
        """Return each sample's partials, the gradients, the optimizer's steps and the updated parameters."""
        derivation, is_parameter = self.evaluation.derivation, frozenset(self.computation.parameters)
        known = [dict(values) for values in passes]
        found: list[dict[str, Held]] = [{} for _ in passes]
        gradients: dict[str, Held] = {}
        steps: dict[str, HeldValues] = {}
        updated: dict[str, Held] = {}
        for name, partial in derivation.partials.items():
            for partials, values in zip(found, known, strict=True):
                partials[name] = _fresh(partial_held(derivation, partial, partials, values, {}))
            if name in is_parameter:
                gradients[name] = self._reduced([partials[name] for partials in found])
            if name in self.computation.trained:
                steps[name] = self.step(name, passes[0][name], gradients[name])
                updated[name] = steps[name]["w+"]
                for values in known if sequential else ():
                    values[name] = updated[name]
        return found, gradients, steps, updated

    def step(self, name: str, weight: Held, gradient: Held) -> Mapping[str, Held]:
        """Return everything in the optimizer's next step for a parameter."""
        constants, formulas = self._formulas(self.computation.kinds[name])
        given = {**constants, **self.state.get(name, {}), "w": weight, "g": gradient}
        given["t"] = Held(arb(self.steps_taken + 1), arb(0))
        for target, symbols, formula in formulas:
            given[target] = _fresh(formula([given[symbol] for symbol in symbols]))
        return given

    def _formulas(self, kind: str) -> tuple[HeldValues, Formulas]:
        if kind not in self._by_kind:
            self._by_kind[kind] = _step_formulas(self.evaluation.plan, kind)
        return self._by_kind[kind]

    @cached_property
    def _by_kind(self) -> dict[str, tuple[HeldValues, Formulas]]:
        return {}

    def advance(self, updates: int) -> None:
        """Train until so many updates are done."""
        at_bits(BITS, self._advance, updates)

    def _advance(self, updates: int) -> None:
        samples = range(len(self.computation.samples))
        while self.done < updates:
            for batch in [[sample] for sample in samples] if self.evaluation.plan.is_online else [samples]:
                self._update(batch)
            self.done += 1

    def _update(self, batch: Sequence[int]) -> Found:
        passes = [self._forward(sample, self.parameters) for sample in batch]
        found = self.backward(passes, sequential=self.evaluation.plan.is_sequential)
        _, _, steps, updated = found
        self.parameters.update(updated)
        for name, step in steps.items():
            self.state[name] = {part: step[f"{part}+"] for part in self.evaluation.plan.optimizer.rule.state}
        self.steps_taken += 1
        return found

    def _turns(self) -> list[Table]:
        """Return what each turn of a pass of online updates finds."""
        other = FloatRun(self.evaluation, self.done, dict(self.parameters), dict(self.state), self.steps_taken)
        tables = []
        for sample in range(len(self.computation.samples)):
            passes = [other._forward(sample, other.parameters)]
            found = other._update([sample])
            tables.append(self._table_of(passes, found, found))
        return tables

    def _reduced(self, values: Sequence[Held]) -> Held:
        whole = total(values)
        if not self.computation.is_mean or len(values) == 1:
            return whole
        return _fresh(whole.times(_given(fmpq(1, len(values)))))

    def error(self, passes: Sequence[HeldValues]) -> Held:
        """Return the error of all samples."""
        return self._reduced([values[self.computation.objective] for values in passes])

    def table(self) -> Table:
        """Return everything that doubles may find, as balls: before an update, and of the next one."""
        return at_bits(BITS, self._table)

    def _table(self) -> Table:
        passes, plan = self.passes(), self.evaluation.plan
        found = self.backward(passes, sequential=False)
        table = self._table_of(passes, found, self.backward(passes, sequential=True) if plan.is_sequential else found)
        if not plan.is_online:
            return table
        turns = tuple(self._turns())
        return replace(
            table,
            update_partials=tuple(partials for turn in turns for partials in turn.partials),
            update_gradients=turns[-1].gradients,
            steps=turns[-1].steps,
            updated=turns[-1].updated,
            turns=turns,
        )

    def _table_of(self, passes: Sequence[HeldValues], found: Found, used: Found) -> Table:
        """Return the table of these passes, of what is found from them, and of what an update uses."""
        partials, gradients, _, _ = found
        late, late_gradients, steps, updated = used
        return Table(
            tuple(map(_balls, passes)),
            tuple(map(_balls, partials)),
            _balls({name: gradients[name] for name in self.computation.parameters if name in gradients}),
            tuple(map(_balls, late)),
            _balls(late_gradients),
            {name: _balls(step) for name, step in steps.items()},
            _balls(updated),
            _ball_or_none(self.error(passes)) if self.computation.objective else fmpq(0),
            _ball_or_none(_given(rational(self.evaluation.plan.learning_rate))),
            lambda new: at_bits(BITS, self._passes_with, new),
        )

    def _passes_with(self, new: Values) -> tuple[Values, ...]:
        moved = {name: _of_ball(value) for name, value in new.items()}
        return tuple(map(_balls, self.passes({**self.parameters, **moved})))


def _step_formulas(plan: Plan, kind: str) -> tuple[HeldValues, Formulas]:
    optimizer = plan.optimizer.of(kind)
    constants = {name: _given(rational(value)) for name, value in optimizer.symbols.items()}
    state = dict.fromkeys(optimizer.rule.state, Held(arb(0), arb(0)))
    needs = [(target, formula, sorted(formula.free_symbols, key=str)) for target, formula in optimizer.steps]
    formulas = tuple(
        (target, tuple(map(str, symbols)), of_formula(tuple[Expr, ...](symbols), formula))
        for target, formula, symbols in needs
    )
    return {**constants, **state, "eta": _given(rational(plan.learning_rate))}, formulas


def _given(value: fmpq) -> Held:
    """Return a number of the file: its double is the nearest one."""
    return Held(arb(value), arb(0)).rounded()


def _fresh(held: Held) -> Held:
    """Return the same without what `BITS` bits round, which would pile up in a long training."""
    return Held(held.value.mid(), held.error.upper())


def _of_ball(value: Any) -> Held:
    found = arb(value)
    return Held(found.mid(), found.rad())


def _ball_or_none(held: Held) -> Any:
    try:
        return ball(held)
    except Undecided:
        return arb("nan")


def _balls(held: HeldValues) -> Values:
    return {name: _ball_or_none(each) for name, each in held.items()}
