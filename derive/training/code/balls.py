"""A small network's training in ball arithmetic: the scalar code with exact literals, on rationals and balls.

It is the code that floats run through, written by another writer of formulas: a literal is exact, a comparison that the
balls leave open raises `Undecided`, and a logarithm of what is not positive raises `OutsideDomain`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flint import arb, fmpq
from sympy import Add, Expr, erf, log, pi
from sympy.core.relational import GreaterThan, Relational, StrictGreaterThan, StrictLessThan

from derive.numbers.arithmetic import ONE, ZERO, Value, behind_one, logarithm, logarithm_beside_one, square_root
from derive.numbers.decimals import Undecided
from derive.training.code.expressions import PythonCode

RATIO = re.compile(r"\br(\d+)_(\d+)\b")


@dataclass(frozen=True)
class BallCode(PythonCode):
    """Writes a tree as a Python expression of rationals and balls; 1/2 is the variable r1_2, and 1 is r1_1.

    No number is one of Python's: of two of them a quotient is a float.
    """

    one: ClassVar[str] = "r1_1"

    def __call__(self, expression: Expr) -> str:
        if isinstance(expression, Add) and expression.args[0] == 1 and isinstance(expression.args[1], erf):
            # 1 + erf z = erfc(−z), which loses no digits where erf comes close to −1.
            return f"erfc(-{self(expression.args[1].args[0])})"
        behind = behind_one(expression) if isinstance(expression, log) else None
        if behind is not None:
            return f"log1p({self(behind)})"
        return super().__call__(expression)

    def number(self, value: Expr) -> str:
        if value is pi:
            return "pi"
        sign = "-" if value < 0 else ""
        return f"{sign}r{abs(value.p)}_{value.q}"

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
        "log1p": _kept_rational(logarithm_beside_one, ZERO, ZERO),
        "tanh": _kept_rational(arb.tanh, ZERO, ZERO),
        "erf": _kept_rational(arb.erf, ZERO, ZERO),
        "erfc": _kept_rational(arb.erfc, ZERO, ONE),
        "sqrt": _root,
        "square": lambda value: value * value,
        "power": _power,
        "sign": lambda value: ONE if exceeds(value, ZERO) else -ONE if exceeds(ZERO, value) else ZERO,
        "exceeds": exceeds,
    }


WIDE, THIN = _functions(_exceeds), _functions(_exceeds_in_the_middle)
# For balls alone, without a look at what they are.
QUICK: Mapping[str, Any] = {
    "exp": arb.exp,
    "log": logarithm,
    "log1p": logarithm_beside_one,
    "tanh": arb.tanh,
    "erf": arb.erf,
}
