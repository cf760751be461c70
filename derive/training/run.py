"""Many steps of training in floating point, by code that is generated from the evaluation.

The floats serve the curve and the search for digits; the numbers that are printed are those of
`derive.training.certified`.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from derive.checks import ByName, check_iterations
from derive.computation.equations import Computation
from derive.errors import InputError
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.objective import no_objective
from derive.notation.display import cut
from derive.numbers.decimals import rounded_float
from derive.numbers.number import DIGITS
from derive.training.code import Program, State, program

# What Python's numbers raise where a result is too large, and where a function has none.
OUTSIDE_FLOATS = (OverflowError, ZeroDivisionError, ValueError)
CURVE_POINTS = 60
MOST_ROWS = 10  # of the table in a terminal
PATIENCE = 0.2  # seconds between two looks at the progress


class TrainingRow(NamedTuple):
    """A row of the training's table: the error after so many steps."""

    iteration: int
    error: float


@dataclass(frozen=True)
class Divergence:
    """Where training diverged: the first step after which a number is not finite, and the likely cause.

    ``cause`` is "start" where the error before the first step is not finite, "growth" where the error had grown,
    "falling" where it had fallen below 0, as what has no minimum does, and "undefined" otherwise: a logarithm or a
    quotient had no value.
    """

    iteration: int
    cause: str


@dataclass(frozen=True, repr=False)
class Training:
    """The result of training.

    ``rows`` is the table, which begins with the error before the first step, and ``curve`` the same with more steps
    between. ``parameters`` are the last weights and biases by name, ``outs`` the last outs, a tuple a sample.
    ``divergence`` says where it ended because a number was not finite (None where all are), ``interrupted`` whether the
    user stopped it. ``known`` keeps the certified digits, by their number and how
    they are rounded.
    """

    rows: tuple[TrainingRow, ...]
    curve: tuple[TrainingRow, ...]
    parameters: Mapping[str, float]
    outs: tuple[tuple[float, ...], ...]
    divergence: Divergence | None = None
    interrupted: bool = False
    evaluation: Evaluation = field(compare=False, kw_only=True)
    known: dict[Any, Any] = field(default_factory=dict, compare=False, kw_only=True)  # see `certified`

    @property
    def iterations(self) -> int:
        """The number of steps that were taken."""
        return self.rows[-1].iteration

    @property
    def error(self) -> float:
        """The last error."""
        return self.rows[-1].error

    def __repr__(self) -> str:
        """Return the table of errors, a line a row, of many the first and the last ones."""
        end = f", diverged in iteration {self.divergence.iteration}" if self.divergence else ""
        end += ", interrupted" if self.interrupted else ""
        width = len(str(self.iterations))
        rows = (
            "…".rjust(width) if row is None else f"{row.iteration:{width}}  {rounded_float(row.error, DIGITS)}"
            for row in cut(self.rows, MOST_ROWS, MOST_ROWS // 2, MOST_ROWS // 2 - 1)
        )
        lines = "".join(f"\n    {row}" for row in rows)
        return f"<Training of {self.iterations} iterations{end}; the error after each:{lines}>"


def train(
    evaluation: Evaluation,
    iterations: int,
    *,
    every: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Training:
    """Train from the first weights for so many steps; see `Derivation.train`.

    ``every`` is the distance of the table's rows in steps (without it a row at 1, 10, 100, …); ``progress`` is called
    with the number of steps done. Raises `InputError` for counts that are not whole or too large.

    >>> import derive
    >>> training = derive.load("article").derive().train(10_000)
    >>> [row.iteration for row in training.rows], f"{training.error:.9f}"
    ([0, 1, 10, 100, 1000, 10000], '0.000035102')
    """
    check_has_error(evaluation.computation)
    steps = check_iterations(iterations, "iterations", least=0)
    distance = None if every is None else check_iterations(every, "every", least=1)
    run = _Run(evaluation, program(evaluation), progress or (lambda done: None))
    return run.through(frozenset(_table_marks(steps, distance)), frozenset(_curve_marks(steps)))


def check_has_error(computation: Computation) -> None:
    """Raise `InputError` where there is no error to train for."""
    if not computation.objective:
        raise no_objective(computation)
    if computation.layers is None and (computation.differentiates_output or not computation.trained):
        raise InputError(
            "trained: found no parameters, so there is nothing to train; name those that {name} is minimized over.",
            name=computation.objective,
        )
    if computation.differentiates_output:
        raise InputError(
            "found no error to train for, as {name} itself is differentiated; give samples with targets.",
            name=computation.objective,
        )


def planned(evaluation: Evaluation) -> Training | None:
    """Return the training that the plan asks for, None if it asks for none; raises `KeyboardInterrupt` if stopped."""
    plan = evaluation.plan
    if not plan.iterations:
        return None
    training = train(evaluation, plan.iterations, every=plan.every)
    if training.interrupted:  # a handout with half a training would look complete
        raise KeyboardInterrupt
    return training


def _curve_marks(iterations: int) -> Iterator[int]:
    """Yield the steps at which the curve has a point: every step of a few, steps in a constant ratio of many."""
    if iterations <= CURVE_POINTS:
        yield from range(1, iterations + 1)
    else:
        yield from (round(iterations ** (point / CURVE_POINTS)) for point in range(CURVE_POINTS + 1))


def _table_marks(iterations: int, every: int | None) -> Iterator[int]:
    """Yield the steps after which the table has a row: the last one always."""
    mark = every or 1
    while mark < iterations:
        yield mark
        mark = mark + every if every else mark * 10
    if iterations:
        yield iterations


class _Run:
    """A training that is running: the state after the last row, and the rows so far."""

    def __init__(self, evaluation: Evaluation, code: Program, progress: Callable[[int], None]) -> None:
        self.code, self.progress, self.evaluation = code, progress, evaluation
        self.is_mean = evaluation.computation.is_mean
        self.state, self.done, self.size = code.start, 0, 1
        self.error = self._error_at(code.start)
        self.points = [TrainingRow(0, self.error)]

    def through(self, rows: frozenset[int], curve: frozenset[int]) -> Training:
        """Advance to every mark; stop where a number is not finite or the user interrupts."""
        divergence, interrupted = None, False
        try:
            for mark in sorted((rows | curve) - {0}):
                divergence = self._advance(mark)
                if divergence:
                    break
                self.points.append(TrainingRow(mark, self.error))
        except KeyboardInterrupt:
            interrupted = True
        if self.points[-1].iteration != self.done:
            self.points.append(TrainingRow(self.done, self.error))
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
                # Fewer steps at a time, until the one at which it happens is found.
                self.size = max(size // 10, 1)
                continue
            self.state, self.error, self.done = state, error, self.done + size
            self.progress(self.done)
            if size == self.size and time.perf_counter() - started < PATIENCE:
                self.size *= 10
        return None

    def _after(self, state: State, steps: int) -> tuple[State, float]:
        """Return the state after so many steps and its error, infinite where a number of the state is not finite."""
        try:
            after = self.code.advance(state, steps)
        except OUTSIDE_FLOATS:
            try:
                after = self.code.careful(state, steps)
            except OUTSIDE_FLOATS:
                return state, math.inf
        return after, self._error_at(after) if self.code.is_finite(after) else math.inf

    def _error_at(self, state: State) -> float:
        try:
            errors = self.code.outcome(state).errors
        except OUTSIDE_FLOATS:
            return math.inf
        return sum(errors) / (len(errors) if self.is_mean else 1)

    def _cause(self) -> str:
        first = self.points[0].error
        if not math.isfinite(first):
            return "start"
        return "growth" if self.error > first else "falling" if self.error < min(first, 0.0) else "undefined"
