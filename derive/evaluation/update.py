"""One update of a parameter: a step of the optimizer, equation by equation."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from flint import fmpq

from derive.computation.plan import Plan
from derive.evaluation.carried import Values
from derive.functions.optimizers import Optimizer
from derive.numbers.arithmetic import Value, function, rational
from derive.numbers.traced import present_trace

STEPS = "steps:"  # the key of how many steps were made before; no name has a colon


def state_key(parameter: str, part: str) -> str:
    """Return the key of a part of the optimizer's state for a parameter."""
    return f"{parameter}:{part}"


@dataclass(frozen=True)
class Update:
    """The update that a plan describes, of a weight or a bias."""

    plan: Plan
    kind: str

    def step(
        self,
        weight: Value,
        gradient: Value,
        carried: Callable[[Values], Values],
        before: Values | None = None,
    ) -> Values:
        """Return everything in a step of the optimizer for one parameter, by the names in its formulas.

        ``carried`` makes of the results so far what later equations go on with. ``before`` is what this returned in the
        step before; without it the step is the first.
        """
        given = {**self._start, **self._kept(before or {}), "w": weight, "g": gradient}
        values = carried(given)
        for name, needs, compute in self._functions:
            given[name] = compute(*(values[symbol] for symbol in needs))
        return given

    def given_state(self, name: str) -> Values:
        """Return what a step before may have left for a parameter, where calculations are written down; else nothing.

        In the first step all of it is 0.
        """
        trace = present_trace()
        if trace is None:
            return {}
        state = {f"{part}+": trace.number((state_key(name, part), -1)) for part in self._optimizer.rule.state}
        return {**state, "t": trace.number((STEPS, -1))}

    def _kept(self, before: Values) -> Values:
        """Return what a step leaves to the next one: the optimizer's state, and the number of the step."""
        state = {name: before[f"{name}+"] for name in self._optimizer.rule.state if before}
        return {**state, "t": before["t"] + 1} if before else state

    @property
    def _optimizer(self) -> Optimizer:
        return self.plan.optimizer.of(self.kind)

    @cached_property
    def _start(self) -> Values:
        optimizer = self._optimizer
        constants = {name: rational(value) for name, value in optimizer.symbols.items()}
        state = dict.fromkeys(optimizer.rule.state, fmpq(0))
        return constants | state | {"eta": rational(self.plan.learning_rate), "t": fmpq(1)}

    @cached_property
    def _functions(self) -> tuple[tuple[str, tuple[str, ...], Callable[..., Value]], ...]:
        optimizer = self._optimizer
        return tuple((target, *step_formula(optimizer, target)) for target, _ in optimizer.steps)


@lru_cache
def step_formula(optimizer: Optimizer, target: str) -> tuple[tuple[str, ...], Callable[..., Value]]:
    """Return the symbols in one equation of a step, and what computes it from their values."""
    formula = dict(optimizer.steps)[target]
    symbols = sorted(formula.free_symbols, key=str)
    return tuple(symbol.name for symbol in symbols), function(symbols, formula)
