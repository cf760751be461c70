"""Generated code as the rest of training calls it, and the functions that it may call."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

from derive.errors import InternalError
from derive.notation.elementary import EXP, LN, entries

State = Any  # a tuple of floats, or of arrays: the parameters, the optimizer's state and the number of steps so far
SMALLEST = 5e-324  # the smallest positive double


@dataclass(frozen=True)
class Outcome:
    """The errors, one a sample, and the outs, a tuple a sample."""

    errors: tuple[float, ...]
    outs: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Program:
    """Generated code: ``advance(state, steps)`` returns the state so many steps later, ``outcome(state)`` its outcome.

    ``careful`` is a slower ``advance`` in which exp overflows to infinity and raises no OverflowError. ``start`` is the
    state before the first step. ``parameters(state)`` returns the weights and biases by name, ``is_finite(state)``
    whether all numbers of the state are finite; ``source`` is the code.
    """

    source: str
    start: State
    advance: Callable[[State, int], State]
    careful: Callable[[State, int], State]
    outcome: Callable[[State], Outcome]
    parameters: Callable[[State], Mapping[str, float]]
    is_finite: Callable[[State], bool]


def compiled(source: str) -> CodeType:
    """Compile generated code. It consists of numbered names and holds nothing that a user wrote."""
    return compile(source, "<evaluation>", "exec")


def run(code: CodeType, functions: Mapping[str, Any]) -> dict[str, Any]:
    """Execute compiled code with the functions that it may call; return what it defines. Raises for a text."""
    if not isinstance(code, CodeType):
        raise InternalError("generated code that was not compiled")
    namespace: dict[str, Any] = dict(functions)
    exec(code, namespace)
    return namespace


def assigned(targets: Sequence[str]) -> str:
    """Return the tuple of these names, as a left-hand side or a value.

    >>> assigned(["w1"])
    '(w1,)'
    """
    return f"({', '.join(targets)},)" if targets else "()"


def _square(value: float) -> float:
    # A product that is too large is infinite; a power would raise OverflowError.
    return value * value


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _log(value: float) -> float:
    # An out of 0 was rounded from a positive number, below the smallest double.
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
        "min": min,
        "pow": math.pow,
        "square": _square,
    }
