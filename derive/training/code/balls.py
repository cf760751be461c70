"""A small network's training in ball arithmetic: the scalar code with exact literals, on rationals and balls.

The code has the same lines as that for floats, with formulas that are written differently: a literal is exact, a
comparison that the balls leave open raises `Undecided`, and a logarithm of what is not positive raises `OutsideDomain`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flint import arb, fmpq
from sympy import Add, Expr, erf, log, pi
from sympy.core.relational import GreaterThan, Relational, StrictGreaterThan, StrictLessThan

from derive.notation.elementary import ABS, ERFC, LOG1P, ROOT, SGN, Elementary, entries
from derive.numbers.arithmetic import (
    ZERO,
    Value,
    behind_one,
    broken_power,
    check_of_domain,
    function_of_value,
    square_root,
)
from derive.numbers.decimals import Undecided
from derive.training.code.expressions import PythonCode

ONE = fmpq(1)
RATIO = re.compile(r"\br(\d+)_(\d+)\b")


@dataclass(frozen=True)
class BallCode(PythonCode):
    """Writes a tree as a Python expression of rationals and balls; 1/2 is the variable r1_2, and 1 is r1_1.

    No literal is a Python number, as the quotient of two of those is a float.
    """

    one: ClassVar[str] = "r1_1"

    def __call__(self, expression: Expr) -> str:
        if isinstance(expression, Add) and expression.args[0] == 1 and isinstance(expression.args[1], erf):
            # 1 + erf z = erfc(−z), which loses no digits where erf comes close to −1.
            return f"{ERFC.code}(-{self(expression.args[1].args[0])})"
        behind = behind_one(expression) if isinstance(expression, log) else None
        if behind is not None:
            return f"{LOG1P.code}({self(behind)})"
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


def _midpoint_exceeds(left: Value, right: Value) -> bool:
    return bool(midpoint(left - right) > 0)


def midpoint(value: Value) -> Value:
    """Return the midpoint of a ball, with radius 0; a rational as it is."""
    return value.mid() if isinstance(value, arb) else value


def _root(value: Value) -> Value:
    return square_root(fmpq(value) if isinstance(value, int) else value)


def _power(base: Value, exponent: int) -> Value:
    # The power of a rational would become longer with each step.
    return base**exponent if exponent <= 1 else arb(base) ** exponent


def _largest(first: Value, *others: Value) -> Value:
    for other in others:
        both_rational = not isinstance(first, arb) and not isinstance(other, arb)
        first = max(first, other) if both_rational else arb(first).max(arb(other))
    return first


def functions(*, midpoints: bool) -> Mapping[str, Any]:
    """Return the functions that the code may call with rationals and balls; ``midpoints`` alone are compared if set."""
    exceeds = _midpoint_exceeds if midpoints else _exceeds
    return {
        **{entry.code: function_of_value(entry) for entry in entries()},
        # abs is faster than the table's; a root may get a Python integer; a sign may be decided by the midpoint.
        ABS.code: abs,
        ROOT.code: _root,
        SGN.code: lambda value: ONE if exceeds(value, ZERO) else -ONE if exceeds(ZERO, value) else ZERO,
        "range": range,
        "max": _largest,
        "min": lambda first, *others: -_largest(-first, *(-other for other in others)),
        "square": lambda value: value * value,
        "power": _power,
        "pow": broken_power,
        "exceeds": exceeds,
    }


def quick_functions() -> Mapping[str, Any]:
    """Return functions for balls alone, in place of those that ask first whether they are given a rational."""
    return {entry.code: _of_ball(entry) for entry in entries() if entry not in (ABS, ROOT, SGN)}


def _of_ball(entry: Elementary) -> Callable[[arb], arb]:
    if entry.domain is None:
        return entry.ball
    inside, ball = check_of_domain(entry), entry.ball

    def apply(value: arb) -> arb:
        inside(value)
        return ball(value)

    return apply
