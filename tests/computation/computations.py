"""Computations that no layer made, and their errors written as one SymPy formula by hand: the oracle of these tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Symbol, exp, log, tanh

import derive
from derive import Equation, terms

KINDS = {"w": "weight", "u": "weight", "v": "weight", "b": "bias", "x": "input", "y": "target", "z": "net", "h": "out"}


def kind(name: str) -> str:
    """The kind of a quantity by its first letter; the state that a recurrence starts from is given."""
    return "input" if name == "h0" else "error" if name[0] == "E" else KINDS[name[0]]


def computation(equations: list[Equation], samples: Any, objective: str | None = "E", **other: Any) -> Any:
    given = samples if isinstance(samples, list) else [samples]
    names = dict.fromkeys([*given[0], *(equation.name for equation in equations)])
    return derive.Computation(equations, given, {name: kind(name) for name in names}, objective, **other)


@dataclass(frozen=True)
class Case:
    computation: Any
    error: sympy.Expr  # of one sample, in what is given


def symbols(names: str) -> tuple[Symbol, ...]:
    found: Any = sympy.symbols(names)
    return found if isinstance(found, tuple) else (found,)


def _recurrence() -> Case:
    w, u, b, h0, x1, x2, y = symbols("w u b h0 x1 x2 y")
    equations = [
        Equation("z1", [terms.product("w", "x1"), terms.product("u", "h0"), terms.bias("b")]),
        Equation("h1", [terms.activation("tanh", "z1")]),
        Equation("z2", [terms.product("w", "x2"), terms.product("u", "h1"), terms.bias("b")]),
        Equation("h2", [terms.activation("tanh", "z2")]),
        Equation("E", [terms.error("half_squared_error", "y", "h2")]),
    ]
    samples = [
        {"w": 0.5, "u": -0.25, "b": 0.1, "h0": 0.3, "x1": 1, "x2": 2, "y": 0.5},
        {"w": 0.5, "u": -0.25, "b": 0.1, "h0": -0.2, "x1": -1, "x2": 0.5, "y": -0.5},
    ]
    error = (y - tanh(w * x2 + u * tanh(w * x1 + u * h0 + b) + b)) ** 2 / 2
    return Case(computation(equations, samples), error)


def _skip() -> Case:
    w, v, x, y = symbols("w v x y")
    equations = [
        Equation("z1", [terms.product("w", "x")]),
        Equation("h1", [terms.activation("tanh", "z1"), terms.same("x")]),
        Equation("z2", [terms.product("v", "h1"), terms.same("z1")]),
        Equation("h2", [terms.activation("logistic", "z2"), terms.product("w", "h1")]),
        Equation("E", [terms.error("squared_error", "y", "h2")]),
    ]
    first = tanh(w * x) + x
    error = (y - 1 / (1 + exp(-(v * first + w * x))) - w * first) ** 2
    return Case(computation(equations, {"w": 0.4, "v": -0.7, "x": 0.6, "y": 1}), error)


def _no_error_terms() -> Case:
    w, v, x = symbols("w v x")
    equations = [
        Equation("h", [terms.product("w", "w")]),
        Equation("E", [terms.product("h", "v"), terms.product("w", "v"), terms.product("v", "x")]),
    ]
    return Case(computation(equations, {"w": 2, "v": "0.5", "x": 3}), w**2 * v + w * v + v * x)


def _softmax_twice() -> Case:
    w, u, x, y1, y2 = symbols("w u x y1 y2")
    nets, outs = ["z1", "z1", "z2"], ["h1", "h2", "h3"]
    equations = [
        Equation("z1", [terms.product("w", "x")]),
        Equation("z2", [terms.product("u", "x")]),
        *(Equation(out, [terms.joint_activation("softmax", nets, outs, out)]) for out in outs),
        Equation("E_1", [terms.error("cross_entropy", "y1", "h1")]),
        Equation("E_3", [terms.error("cross_entropy", "y2", "h3")]),
        Equation("E", [terms.same("E_1"), terms.same("E_3")]),
    ]
    total = 2 * exp(w * x) + exp(u * x)
    error = -y1 * log(exp(w * x) / total) - y2 * log(exp(u * x) / total)
    return Case(computation(equations, {"w": 0.4, "u": -0.3, "x": 2, "y1": 0.25, "y2": 0.75}), error)


def _shared_out() -> Case:
    w, v, x, y1, y2 = symbols("w v x y1 y2")
    equations = [
        Equation("z1", [terms.product("w", "x")]),
        Equation("h1", [terms.activation("logistic", "z1")]),
        Equation("z2", [terms.product("v", "h1")]),
        Equation("h2", [terms.activation("tanh", "z2")]),
        Equation("E_1", [terms.error("half_squared_error", "y1", "h1")]),
        Equation("E_2", [terms.error("half_squared_error", "y2", "h1")]),
        Equation("E_3", [terms.error("half_squared_error", "y1", "h2")]),
        Equation("E", [terms.same("E_1"), terms.same("E_2"), terms.same("E_3")]),
    ]
    first = 1 / (1 + exp(-w * x))
    error = (y1 - first) ** 2 / 2 + (y2 - first) ** 2 / 2 + (y1 - tanh(v * first)) ** 2 / 2
    return Case(computation(equations, {"w": 0.4, "v": -0.3, "x": 2, "y1": 0.25, "y2": 0.75}), error)


def _used_elsewhere() -> Case:
    """Sums below the objective of which one is used by another quantity as well, and one that is added twice."""
    w, v, x, y1, y2 = symbols("w v x y1 y2")
    equations = [
        Equation("z1", [terms.product("w", "x")]),
        Equation("z2", [terms.product("v", "x")]),
        Equation("E_1", [terms.error("squared_error", "y1", "z1")]),
        Equation("E_2", [terms.error("squared_error", "y2", "z2")]),
        Equation("E_a", [terms.same("E_1"), terms.same("E_2")]),
        Equation("z3", [terms.product("w", "E_a")]),
        Equation("E_b", [terms.same("E_2"), terms.same("z3")]),
        Equation("E", [terms.same("E_a"), terms.same("E_b"), terms.same("E_b"), terms.product("v", "z1")]),
        Equation("z4", [terms.product("v", "E")]),
    ]
    one, two = (y1 - w * x) ** 2, (y2 - v * x) ** 2
    error = one + two + 2 * (two + w * (one + two)) + v * w * x
    return Case(computation(equations, {"w": 0.4, "v": -0.3, "x": 2, "y1": 0.25, "y2": 0.75}), error)


def _target_and_out() -> Case:
    """A target that is trained, one that the net defines, and an out that is its own target."""
    w, v, x = symbols("w v x")
    equations = [
        Equation("z", [terms.product("w", "x")]),
        Equation("h1", [terms.activation("logistic", "z")]),
        Equation("h2", [terms.activation("logistic", "v")]),
        Equation("E_1", [terms.error("binary_cross_entropy", "h1", "h1")]),
        Equation("E_2", [terms.error("squared_error", "v", "h1")]),
        Equation("E_3", [terms.error("binary_cross_entropy", "v", "h2")]),
        Equation("E", [terms.same("E_1"), terms.same("E_2"), terms.same("E_3")]),
    ]
    one, two = 1 / (1 + exp(-w * x)), 1 / (1 + exp(-v))
    error = -(one * log(one) + (1 - one) * log(1 - one)) + (v - one) ** 2 - (v * log(two) + (1 - v) * log(1 - two))
    return Case(computation(equations, {"w": 0.4, "v": 0.3, "x": 2}), error)


def _objective_of_a_function() -> Case:
    w, u, x = symbols("w u x")
    equations = [
        Equation("z1", [terms.product("w", "x")]),
        Equation("z2", [terms.product("u", "x")]),
        Equation("h1", [terms.joint_activation("softmax", ["z1", "z2"], ["h1", "E"], "h1")]),
        Equation("E", [terms.joint_activation("softmax", ["z1", "z2"], ["h1", "E"], "E")]),
    ]
    return Case(computation(equations, {"w": 0.4, "u": -0.3, "x": 2}), exp(u * x) / (exp(w * x) + exp(u * x)))


CASES: Mapping[str, Case] = {
    "recurrence": _recurrence(),
    "skip": _skip(),
    "no error terms": _no_error_terms(),
    "softmax of a net twice": _softmax_twice(),
    "an out in two errors": _shared_out(),
    "errors used elsewhere": _used_elsewhere(),
    "targets that change": _target_and_out(),
    "an objective that is a function": _objective_of_a_function(),
    "one parameter": Case(computation([Equation("E", [terms.activation("tanh", "w")])], {"w": 0.5}), tanh(Symbol("w"))),
}
