"""A small network's training in ball arithmetic, at some precision."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from types import CodeType
from typing import Any

from flint import arb, fmpq

from derive.evaluation.evaluation import Evaluation
from derive.numbers.arithmetic import ZERO, Value, rational
from derive.numbers.decimals import Undecided
from derive.numbers.precision import at_bits
from derive.training.code.balls import RATIO, BallCode, functions, midpoint, quick_functions
from derive.training.code.program import compiled, run
from derive.training.code.scalar import ScalarWriter

WIDEST = 1  # the radius from which a ball of the state says nothing of its number
BETWEEN_CHECKS = 50  # steps between two checks of the radii


@dataclass(frozen=True)
class Work:
    """What one step costs: so many products, sums and quotients, and so many elementary functions."""

    operations: int
    functions: int

    def at(self, bits: int) -> float:
        """Return the cost of a step in products at a low precision, by measured ratios."""
        return self.operations * (1 + bits / 1024) + self.functions * (4 + float((bits / 200) ** 1.8))


@dataclass(frozen=True, eq=False)
class BallProgram:
    """The code for an evaluation; `start` begins a training with it."""

    evaluation: Evaluation

    @cached_property
    def writer(self) -> ScalarWriter:
        """The writer of the code, which holds the constants."""
        return ScalarWriter(self.evaluation, BallCode)

    @cached_property
    def source(self) -> str:
        """The code."""
        return self.writer.source()

    @cached_property
    def code(self) -> CodeType:
        """The code, compiled."""
        return compiled(self.source)

    @cached_property
    def has_branches(self) -> bool:
        """Whether the code compares numbers: a rational decides what a ball may leave open."""
        return "exceeds(" in self.source or "sign(" in self.source

    @cached_property
    def work(self) -> Work:
        """What one step costs, counted in the code."""
        (step,) = (node for node in ast.walk(ast.parse(self.source)) if isinstance(node, ast.For))
        nodes = [node for line in step.body for node in ast.walk(line)]
        simple = ("square", "abs", "exceeds", "max")
        calls = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") not in simple]
        operations = sum(isinstance(node, ast.BinOp | ast.AugAssign | ast.UnaryOp | ast.Call) for node in nodes)
        # Where rationals and balls are mixed, a step takes about twice as long.
        return Work(operations * (2 if self.has_branches else 1), len(calls))

    def start(self, bits: int, *, midpoints: bool = False) -> "BallRun":
        """Return a training at its start, in midpoint arithmetic if asked: radii are dropped after each step."""
        return BallRun(self, bits, midpoints)


class BallRun:
    """A training at some precision: the ``state`` after ``done`` steps.

    It begins with rationals; a number that stays rational is kept as one while it is no longer than a ball. When no
    trained number is rational, it goes on with balls alone, which is faster, unless the code has branches.
    """

    def __init__(self, program: BallProgram, bits: int, midpoints: bool) -> None:
        computation = program.evaluation.computation
        self.program, self.bits, self.midpoints, self.done = program, bits, midpoints, 0
        code = program.code  # first, as writing it is what collects the constants
        self._constants = tuple(map(rational, program.writer.constants.values()))
        self._ratios = {found[0]: fmpq(int(found[1]), int(found[2])) for found in RATIO.finditer(program.source)}
        pi = at_bits(bits, arb.pi)
        self._functions = {**functions(midpoints=midpoints), "pi": midpoint(pi) if midpoints else pi}
        self._mixed = run(code, {**self._functions, **self._ratios})
        self._fast: dict[str, Any] | None = None
        self.state: tuple[Any, ...] = (
            *(rational(computation.values[name]) for name in computation.parameters),
            *[ZERO] * len(program.writer.state),
            0,
        )

    def advance(self, steps: int) -> None:
        """Take so many steps; raises `Undecided` where balls become too wide, `OutsideDomain` or ZeroDivisionError."""
        at_bits(self.bits, self._advance, self.done + steps)

    def _advance(self, goal: int) -> None:
        while self.done < goal:
            if self._fast is None:
                self._slow_step()
            else:
                self._fast_steps(1 if self.midpoints else min(BETWEEN_CHECKS, goal - self.done))
        self._check_radii()

    def _slow_step(self) -> None:
        (*numbers, t) = self._mixed["advance"](self.state, self._constants, 1)
        self.state = (*map(self._fitting, numbers), t)
        self.done += 1
        trained = self.program.evaluation.computation.trained
        names = self.program.evaluation.computation.parameters
        still = any(isinstance(value, fmpq) for name, value in zip(names, numbers, strict=False) if name in trained)
        if not still and not self.program.has_branches:
            self._go_fast()
        elif self.done % BETWEEN_CHECKS == 0:
            self._check_radii()

    def _go_fast(self) -> None:
        """Go on with balls alone."""
        ball = (lambda value: midpoint(arb(value))) if self.midpoints else arb
        self.state = (*map(ball, self.state[:-1]), self.state[-1])
        self._balls = tuple(map(ball, self._constants))
        ratios = {name: ball(value) for name, value in self._ratios.items()}
        self._fast = run(self.program.code, {**self._functions, **quick_functions(), **ratios})

    def _fast_steps(self, steps: int) -> None:
        assert self._fast is not None
        state = self._fast["advance"](self.state, self._balls, steps)
        self.state = (*map(midpoint, state[:-1]), state[-1]) if self.midpoints else state
        self.done += steps
        if not self.midpoints:
            self._check_radii()

    def _fitting(self, value: Value) -> Value:
        if isinstance(value, fmpq) and value.p.bit_length() + value.q.bit_length() > 2 * self.bits:
            value = arb(value)
        return midpoint(value) if self.midpoints else value

    def _check_radii(self) -> None:
        for value in self.state[:-1]:
            if isinstance(value, arb) and not (value.is_finite() and value.rad() < WIDEST):
                raise Undecided

    def values(self, *, everything: bool) -> dict[Any, Value]:
        """Return the error, with ``everything`` the outs, the parameters and the optimizer's state too.

        The keys are those of `derive.training.search.Key`.
        """
        return at_bits(self.bits, lambda: dict(self._values(everything)))

    def _values(self, everything: bool) -> Iterator[tuple[Any, Value]]:
        computation = self.program.evaluation.computation
        found = self._mixed["outcome"](self.state, self._constants)
        size = len(computation.outputs) + 1
        errors = found[::size]
        total = sum(errors[1:], start=errors[0])
        yield "error", total / len(errors) if computation.is_mean else total
        if everything:
            outs = chain.from_iterable(found[k + 1 : k + size] for k in range(0, len(found), size))
            yield from ((divmod(index, size - 1), out) for index, out in enumerate(outs))
            yield from zip(computation.parameters, self.state, strict=False)
            yield from zip(self.program.writer.state, self.state[len(computation.parameters) :], strict=False)
