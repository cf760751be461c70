"""Many steps of training in floating point, by code that is generated from the evaluation.

Floats are for calculating and for the curve; what is printed are the readings of `derive.training.certified`.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.checks import ByName, check_iterations
from derive.evaluation.evaluation import Evaluation
from derive.training.code import Program, State, program

CURVE_POINTS = 60
PATIENCE = 0.2  # seconds between two looks at the progress


@dataclass(frozen=True)
class Row:
    """A row of the table: the error after so many steps."""

    iteration: int
    error: float


@dataclass(frozen=True)
class Divergence:
    """Where training left the numbers: the first step that gave none, and the likely cause.

    ``cause`` is "start" where the first numbers are too large already, "growth" where the error had grown before, and
    "undefined" where neither is so: a logarithm or a quotient came to its end.
    """

    iteration: int
    cause: str


@dataclass(frozen=True)
class Training:
    """What training came to.

    ``rows`` is the table, the error before the first step first, and ``curve`` the same with more steps between.
    ``parameters`` are the last weights and biases, ``outs`` the last outs of each sample. ``divergence`` says where it
    broke off for want of numbers, ``interrupted`` that someone stopped it.
    """

    rows: tuple[Row, ...]
    curve: tuple[Row, ...]
    parameters: Mapping[str, float]
    outs: tuple[tuple[float, ...], ...]
    divergence: Divergence | None = None
    interrupted: bool = False
    evaluation: Evaluation = field(repr=False, compare=False, kw_only=True)
    known: dict[int, Any] = field(default_factory=dict, repr=False, compare=False, kw_only=True)  # see `certified`

    @property
    def iterations(self) -> int:
        """The steps that were taken."""
        return self.rows[-1].iteration

    @property
    def error(self) -> float:
        """The last error."""
        return self.rows[-1].error


def train(
    evaluation: Evaluation,
    iterations: int,
    *,
    every: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Training:
    """Train the network so many steps from its first weights; see `Derivation.train`.

    >>> import derive
    >>> training = derive.load("article").derive().train(10_000)
    >>> [row.iteration for row in training.rows], f"{training.error:.9f}"
    ([0, 1, 10, 100, 1000, 10000], '0.000035102')
    """
    steps = check_iterations(iterations, "iterations", least=0)
    distance = None if every is None else check_iterations(every, "every", least=1)
    run = _Run(evaluation, program(evaluation), progress or (lambda done: None))
    return run.through(frozenset(_table_marks(steps, distance)), frozenset(_curve_marks(steps)))


def planned(evaluation: Evaluation) -> Training | None:
    """Return the training that the plan asks for, None where it asks for none; an interrupt is passed on."""
    plan = evaluation.plan
    if not plan.iterations:
        return None
    training = train(evaluation, plan.iterations, every=plan.every)
    if training.interrupted:  # a handout with a part of its training would look like a whole one
        raise KeyboardInterrupt
    return training


def _curve_marks(iterations: int) -> Iterator[int]:
    """Yield the steps at which the curve has a point: each of a few steps, even ratios of many."""
    if iterations <= CURVE_POINTS:
        yield from range(1, iterations + 1)
    else:
        yield from (round(iterations ** (place / CURVE_POINTS)) for place in range(CURVE_POINTS + 1))


def _table_marks(iterations: int, every: int | None) -> Iterator[int]:
    """Yield the steps after which the table has a row: the last one always."""
    mark = every or 1
    while mark < iterations:
        yield mark
        mark = mark + every if every else mark * 10
    if iterations:
        yield iterations


class _Run:
    """One training on its way: the state after the last row, and the rows so far."""

    def __init__(self, evaluation: Evaluation, code: Program, progress: Callable[[int], None]) -> None:
        self.code, self.progress, self.evaluation = code, progress, evaluation
        self.is_mean = evaluation.computation.is_mean
        self.state, self.done, self.size = code.start, 0, 1
        self.error = self._error_at(code.start)
        self.points = [Row(0, self.error)]

    def through(self, rows: frozenset[int], curve: frozenset[int]) -> Training:
        """Advance to every mark; break off where numbers end or someone interrupts."""
        divergence, interrupted = None, False
        try:
            for mark in sorted((rows | curve) - {0}):
                divergence = self._advance(mark)
                if divergence:
                    break
                self.points.append(Row(mark, self.error))
        except KeyboardInterrupt:
            interrupted = True
        if self.points[-1].iteration != self.done:
            self.points.append(Row(self.done, self.error))
        return Training(
            tuple(point for point in self.points if point.iteration in rows | {0, self.done}),
            tuple(self.points),
            ByName(self.code.parameters(self.state)),
            self.code.outcome(self.state).outs,
            divergence,
            interrupted,
            evaluation=self.evaluation,
        )

    def _advance(self, mark: int) -> Divergence | None:
        while self.done < mark:
            size = min(self.size, mark - self.done)
            started = time.perf_counter()
            state, error = self._after(self.state, size)
            if not math.isfinite(error):
                if size == 1:
                    return Divergence(self.done + 1, self._cause())
                # The step at which it happens is closed in on.
                self.size = max(size // 10, 1)
                continue
            self.state, self.error, self.done = state, error, self.done + size
            self.progress(self.done)
            if size == self.size and time.perf_counter() - started < PATIENCE:
                self.size *= 10
        return None

    def _after(self, state: State, steps: int) -> tuple[State, float]:
        """Return the state after so many steps and its error; an infinite one where they left the numbers."""
        try:
            after = self.code.advance(state, steps)
        except (OverflowError, ZeroDivisionError):
            try:
                after = self.code.careful(state, steps)
            except (OverflowError, ZeroDivisionError):
                return state, math.inf
        return after, self._error_at(after) if self.code.is_finite(after) else math.inf

    def _error_at(self, state: State) -> float:
        try:
            errors = self.code.outcome(state).errors
        except OverflowError:
            return math.inf
        return sum(errors) / (len(errors) if self.is_mean else 1)

    def _cause(self) -> str:
        first = self.points[0].error
        return "start" if not math.isfinite(first) else "growth" if self.error > first else "undefined"
