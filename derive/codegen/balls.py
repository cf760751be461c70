"""A small network's training in ball arithmetic: the scalar code with exact literals, on rationals and balls.

It is the code that floats run through, written by another writer of formulas: a literal is exact, a comparison that the
balls leave open raises `Undecided`, and a logarithm of what is not positive raises `OutsideDomain`.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from types import CodeType
from typing import Any, ClassVar

from flint import arb, ctx, fmpq
from sympy import Add, Expr, erf, pi
from sympy.core.relational import GreaterThan, Relational, StrictGreaterThan, StrictLessThan

from derive.arithmetic import ONE, ZERO, Value, logarithm, rational, square_root
from derive.codegen.expressions import PythonCode
from derive.codegen.program import compiled, run
from derive.codegen.scalar import ScalarWriter
from derive.decimals import Undecided
from derive.derivation import Derivation

RATIO = re.compile(r"\br(\d+)_(\d+)\b")
WIDEST = 1  # a ball of the state wider than this has lost its number
BETWEEN_LOOKS = 50  # steps between two looks at the width


@dataclass(frozen=True)
class BallCode(PythonCode):
    """Writes a tree as a Python expression of rationals and balls; 1/2 is the variable r1_2."""

    one: ClassVar[str] = "1"

    def __call__(self, expression: Expr) -> str:
        if isinstance(expression, Add) and expression.args[0] == 1 and isinstance(expression.args[1], erf):
            # 1 + erf z = erfc(−z), which loses no digits where erf comes close to −1.
            return f"erfc(-{self(expression.args[1].args[0])})"
        return super().__call__(expression)

    def number(self, value: Expr) -> str:
        if value is pi:
            return "pi"
        sign = "-" if value < 0 else ""
        return f"{sign}{abs(value.p)}" if value.q == 1 else f"{sign}r{abs(value.p)}_{value.q}"

    def power(self, base: str, exponent: str) -> str:
        return f"power({base}, {exponent})"

    def condition(self, condition: Relational) -> str:
        left, right = self(condition.lhs), self(condition.rhs)
        if isinstance(condition, StrictGreaterThan | StrictLessThan):
            return (
                f"exceeds({left}, {right})" if isinstance(condition, StrictGreaterThan) else f"exceeds({right}, {left})"
            )
        return (
            f"not exceeds({right}, {left})" if isinstance(condition, GreaterThan) else f"not exceeds({left}, {right})"
        )


def _exceeds(left: Value, right: Value) -> bool:
    difference = left - right
    if difference > 0:
        return True
    if difference <= 0:
        return False
    raise Undecided


def _exceeds_in_the_middle(left: Value, right: Value) -> bool:
    return bool(middle(left - right) > 0)


def middle(value: Value) -> Value:
    """Return the middle of a ball, with no width; a rational stays as it is."""
    return value.mid() if isinstance(value, arb) else value


def _kept_rational(function: Callable[[arb], arb], at: fmpq, gives: fmpq) -> Callable[[Value], Value]:
    """Return the function, rational where it is."""
    return lambda value: gives if value == at else function(arb(value))


def _root(value: Value) -> Value:
    return square_root(fmpq(value) if isinstance(value, int) else value)


def _power(base: Value, exponent: int) -> Value:
    # A rational's power would grow with each step.
    return base**exponent if exponent <= 1 else arb(base) ** exponent


def _largest(first: Value, *others: Value) -> Value:
    for other in others:
        both_rational = not isinstance(first, arb) and not isinstance(other, arb)
        first = max(first, other) if both_rational else arb(first).max(arb(other))
    return first


def _functions(exceeds: Callable[[Value, Value], bool]) -> Mapping[str, Any]:
    """Return the functions that the code may call, with a way to compare."""
    return {
        "range": range,
        "max": _largest,
        "abs": abs,
        "exp": _kept_rational(arb.exp, ZERO, ONE),
        "log": _kept_rational(logarithm, ONE, ZERO),
        "log1p": _kept_rational(arb.log1p, ZERO, ZERO),
        "tanh": _kept_rational(arb.tanh, ZERO, ZERO),
        "erf": _kept_rational(arb.erf, ZERO, ZERO),
        "erfc": _kept_rational(arb.erfc, ZERO, ONE),
        "sqrt": _root,
        "square": lambda value: value * value,
        "power": _power,
        "sign": lambda value: 1 if exceeds(value, 0) else -1 if exceeds(0, value) else 0,
        "exceeds": exceeds,
    }


WIDE, THIN = _functions(_exceeds), _functions(_exceeds_in_the_middle)
# For balls alone, without a look at what they are.
QUICK: Mapping[str, Any] = {"exp": arb.exp, "log": logarithm, "log1p": arb.log1p, "tanh": arb.tanh, "erf": arb.erf}


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
    """The code for a derivation; `start` begins a training with it."""

    derivation: Derivation

    @cached_property
    def writer(self) -> ScalarWriter:
        """What wrote the code; it holds the constants."""
        return ScalarWriter(self.derivation, BallCode)

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
        """Whether the code asks which number is larger: there a rational decides what a ball may leave open."""
        return "exceeds(" in self.source or "sign(" in self.source

    @cached_property
    def work(self) -> Work:
        """What one step costs."""
        (step,) = (node for node in ast.walk(ast.parse(self.source)) if isinstance(node, ast.For))
        nodes = [node for line in step.body for node in ast.walk(line)]
        simple = ("square", "abs", "exceeds", "max")
        calls = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") not in simple]
        operations = sum(isinstance(node, ast.BinOp | ast.AugAssign | ast.UnaryOp | ast.Call) for node in nodes)
        # Rationals and balls side by side take about three times as long.
        return Work(operations * (3 if self.has_branches else 1), len(calls))

    def start(self, bits: int, *, thin: bool = False) -> "BallRun":
        """Return a training at its start; a ``thin`` one drops the width of its balls after each step."""
        return BallRun(self, bits, thin)


class BallRun:
    """A training on its way at some precision: ``done`` steps, and what they led to.

    It begins with rationals and keeps what stays rational so while it is no longer than a ball. Then it goes on with
    balls alone, which is quicker, or, where the code has branches, with both side by side.
    """

    def __init__(self, program: BallProgram, bits: int, thin: bool) -> None:
        graph = program.derivation.graph
        self.program, self.bits, self.thin, self.done = program, bits, thin, 0
        code = program.code  # before its constants are known
        with ctx.workprec(bits):
            self._constants = tuple(map(rational, program.writer.constants.values()))
            self._ratios = {found[0]: fmpq(int(found[1]), int(found[2])) for found in RATIO.finditer(program.source)}
            self._functions = {**(THIN if thin else WIDE), "pi": middle(arb.pi()) if thin else arb.pi()}
            self._mixed = run(code, {**self._functions, **self._ratios})
        self._fast: dict[str, Any] | None = None
        self.state: tuple[Any, ...] = (
            *(rational(graph.values[name]) for name in graph.parameters),
            *[ZERO] * len(program.writer.state),
            0,
        )

    def advance(self, steps: int) -> None:
        """Take so many steps; raises `Undecided` where balls become too wide, `OutsideDomain` or ZeroDivisionError."""
        with ctx.workprec(self.bits):
            goal = self.done + steps
            while self.done < goal:
                if self._fast is None:
                    self._slow_step()
                else:
                    self._fast_steps(1 if self.thin else min(BETWEEN_LOOKS, goal - self.done))
            self._look()

    def _slow_step(self) -> None:
        (*numbers, t) = self._mixed["advance"](self.state, self._constants, 1)
        self.state = (*map(self._fitting, numbers), t)
        self.done += 1
        trained = self.program.derivation.graph.trained
        names = self.program.derivation.graph.parameters
        still = any(isinstance(value, fmpq) for name, value in zip(names, numbers, strict=False) if name in trained)
        if not still and not self.program.has_branches:
            self._go_fast()
        elif self.done % BETWEEN_LOOKS == 0:
            self._look()

    def _go_fast(self) -> None:
        """Make everything a ball."""
        ball = (lambda value: middle(arb(value))) if self.thin else arb
        self.state = (*map(ball, self.state[:-1]), self.state[-1])
        self._balls = tuple(map(ball, self._constants))
        ratios = {name: ball(value) for name, value in self._ratios.items()}
        self._fast = run(self.program.code, {**self._functions, **QUICK, **ratios})

    def _fast_steps(self, steps: int) -> None:
        assert self._fast is not None
        state = self._fast["advance"](self.state, self._balls, steps)
        self.state = (*map(middle, state[:-1]), state[-1]) if self.thin else state
        self.done += steps
        if not self.thin:
            self._look()

    def _fitting(self, value: Value) -> Value:
        if isinstance(value, fmpq) and value.p.bit_length() + value.q.bit_length() > 2 * self.bits:
            value = arb(value)
        return middle(value) if self.thin else value

    def _look(self) -> None:
        for value in self.state[:-1]:
            if isinstance(value, arb) and not (value.is_finite() and value.rad() < WIDEST):
                raise Undecided

    def values(self, *, everything: bool) -> Iterator[tuple[Any, Value]]:
        """Yield the error, and if everything is wanted the outs and parameters; see `Key`."""
        with ctx.workprec(self.bits):
            graph, network = self.program.derivation.graph, self.program.derivation.network
            found = self._mixed["outcome"](self.state, self._constants)
            size = len(network.target_names) + 1
            errors = found[::size]
            total = sum(errors[1:], start=errors[0])
            yield "error", total / len(errors) if network.reduction == "mean" else total
            if everything:
                outs = chain.from_iterable(found[k + 1 : k + size] for k in range(0, len(found), size))
                yield from (((place // (size - 1), place % (size - 1)), out) for place, out in enumerate(outs))
                yield from zip(graph.parameters, self.state, strict=False)
