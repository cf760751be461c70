"""What generated code looks like from outside, and the functions that it may call."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

from derive.errors import InternalError
from derive.notation.elementary import EXP, LN, entries

State = Any  # a tuple of floats, or of arrays: the parameters, the optimizer's state and the number of steps so far
SMALLEST = 5e-324


@dataclass(frozen=True)
class Outcome:
    """What a network gives: each sample's error and its outs."""

    errors: tuple[float, ...]
    outs: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Program:
    """Generated code: ``advance(state, steps)`` is the state so many steps later, ``outcome(state)`` what it gives.

    ``careful`` advances where a float overflows on the way: it gives infinity where ``advance`` raises OverflowError.
    ``parameters(state)`` are the weights and biases by name, ``is_finite(state)`` whether all of it is numbers,
    ``source`` the code.
    """

    source: str
    start: State
    advance: Callable[[State, int], State]
    careful: Callable[[State, int], State]
    outcome: Callable[[State], Outcome]
    parameters: Callable[[State], Mapping[str, float]]
    is_finite: Callable[[State], bool]


def compiled(source: str) -> CodeType:
    """Return generated code, compiled. It is made of numbered names and of nothing that a user wrote."""
    return compile(source, "<evaluation>", "exec")


def run(code: CodeType, functions: Mapping[str, Any]) -> dict[str, Any]:
    """Execute compiled code with the functions that it may call, and return what it defines; a text is no code."""
    if not isinstance(code, CodeType):
        raise InternalError("generated code that was not compiled")
    namespace: dict[str, Any] = dict(functions)
    exec(code, namespace)
    return namespace


def assigned(targets: Sequence[str]) -> str:
    """Return the left-hand side that takes a tuple apart."""
    return f"({', '.join(targets)},)" if targets else "()"


def _square(value: float) -> float:
    # Unlike a power, a product that is too large is infinite and no exception.
    return value * value


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _log(value: float) -> float:
    # An out that is rounded to 0 stands for a number below all floats.
    return math.log(value) if value > 0 else math.log(SMALLEST) if value == 0 else math.nan


def float_functions(*, careful: bool = False) -> Mapping[str, Any]:
    """Return the functions that code for floats may call; the ``careful`` ones give infinity where exp overflows."""
    return {
        **{entry.code: entry.floats for entry in entries()},
        LN.code: _log,
        **({EXP.code: _exp} if careful else {}),
        "inf": math.inf,  # a literal beyond the range of floats
        "range": range,
        "max": max,
        "square": _square,
    }
