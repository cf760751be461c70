"""Random equations, with names that are used again and again, against PyTorch, SymPy and certified differences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import mpmath
import pytest
import sympy
import torch
from hypothesis import HealthCheck, given, settings

import derive
from derive.verification import verify

DIGITS = 40
# A formula of this test: how it is written, and how it is calculated by a library's own functions.
Formula = tuple[Any, ...]
UNARY: Mapping[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "square": ("({})^2", lambda ops, a: a**2),
    "cube": ("({})^3", lambda ops, a: a**3),
    "minus": ("(-({}))", lambda ops, a: -a),
    "half": ("({})/2", lambda ops, a: a / 2),
    "tanh": ("tanh({})", lambda ops, a: ops.tanh(a)),
    "logistic": ("logistic({})", lambda ops, a: 1 / (1 + ops.exp(-a))),
    "bell": ("exp(-({})^2)", lambda ops, a: ops.exp(-(a**2))),
    "sine": ("sin({})", lambda ops, a: ops.sin(a)),
    "root": ("sqrt(1 + ({})^2)", lambda ops, a: ops.sqrt(1 + a**2)),
    "three halves": ("(1 + ({})^2)^(3/2)", lambda ops, a: ops.sqrt(1 + a**2) ** 3),
    "softplus": ("softplus({})", lambda ops, a: ops.log(1 + ops.exp(a))),
    "logarithm": ("ln(2 + ({})^2)", lambda ops, a: ops.log(2 + a**2)),
}
BINARY: Mapping[str, tuple[str, Callable[[Any, Any, Any], Any]]] = {
    "sum": ("{} + {}", lambda ops, a, b: a + b),
    "difference": ("{} - ({})", lambda ops, a, b: a - b),
    "product": ("({})*({})", lambda ops, a, b: a * b),
    "quotient": ("({})/(1 + ({})^2)", lambda ops, a, b: a / (1 + b**2)),
    "half square": ("half_squared_error({}, {})", lambda ops, a, b: (a - b) ** 2 / 2),
}


def text(formula: Formula) -> str:
    kind, *parts = formula
    if kind == "name":
        return str(parts[0])
    return (UNARY.get(kind) or BINARY[kind])[0].format(*map(text, parts))


def calculated(formula: Formula, values: Mapping[str, Any], ops: Any) -> Any:
    kind, *parts = formula
    if kind == "name":
        return values[parts[0]]
    return (UNARY.get(kind) or BINARY[kind])[1](ops, *(calculated(part, values, ops) for part in parts))


def names(formula: Formula) -> set[str]:
    kind, *parts = formula
    return {parts[0]} if kind == "name" else set().union(*map(names, parts))


def formulas(known: list[str], depth: int) -> st.SearchStrategy[Formula]:
    leaf = st.tuples(st.just("name"), st.sampled_from(known))
    if not depth:
        return leaf
    inner = formulas(known, depth - 1)
    unary = st.tuples(st.sampled_from(sorted(UNARY)), inner)
    return st.one_of(leaf, unary, st.tuples(st.sampled_from(sorted(BINARY)), inner, inner))


@dataclass(frozen=True)
class Program:
    values: dict[str, Fraction]
    lines: dict[str, Formula]

    @property
    def output(self) -> str:
        return list(self.lines)[-1]

    def run(self, values: Mapping[str, Any], ops: Any) -> Any:
        found = dict(values)
        for name, formula in self.lines.items():
            found[name] = calculated(formula, found, ops)
        return found[self.output]

    def computation(self) -> derive.Computation:
        lines = {name: text(formula) for name, formula in self.lines.items()}
        return derive.Computation(lines, values=self.values, output=self.output)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A few values, and lines that each use some that come before; the last one uses what no other does."""
    given_names = ["x", "y", "w_1", "b"][: draw(st.integers(1, 4))]
    values = {name: Fraction(draw(st.integers(-12, 12).filter(bool)), 8) for name in given_names}
    lines: dict[str, Formula] = {}
    for number in range(draw(st.integers(1, 5))):
        lines[f"q_{number}"] = draw(formulas([*values, *lines], 2))
    used = set().union(*map(names, lines.values()))
    last: Formula = ("name", list(lines)[-1])
    for name in [*values, *lines]:
        if name not in used and name != last[1]:
            last = ("sum", last, ("tanh", ("name", name)))
    return Program(values, {**lines, "f": ("sum", last, ("name", given_names[0]))})


def torchs(program: Program) -> dict[str, float]:
    values = {name: torch.tensor(float(value), dtype=torch.float64) for name, value in program.values.items()}
    for value in values.values():
        value.requires_grad_()
    gradients = torch.autograd.grad(program.run(values, torch), list(values.values()))
    return {name: float(gradient) for name, gradient in zip(values, gradients, strict=True)}


def difference(program: Program, name: str) -> mpmath.mpf:
    step = mpmath.mpf(10) ** -30

    def at(move: Any) -> Any:
        values = {each: mpmath.mpf(v.numerator) / v.denominator for each, v in program.values.items()}
        return program.run({**values, name: values[name] + move}, mpmath.mp)

    return (at(step) - at(-step)) / (2 * step)


def sympys(program: Program, name: str) -> sympy.Float:
    symbols = {each: sympy.Symbol(each, real=True) for each in program.values}
    exact = {symbols[each]: sympy.Rational(v.numerator, v.denominator) for each, v in program.values.items()}
    return sympy.N(sympy.diff(program.run(symbols, sympy), symbols[name]).subs(exact), DIGITS + 20)


@given(programs())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@mpmath.workdps(120)
def test_partials_are_those_of_pytorch_of_sympy_and_of_differences(program: Program) -> None:
    derivation = program.computation().derive()
    assert set(derivation.parameters) == set(program.values)
    other = torchs(program)
    for name in program.values:
        found = mpmath.mpf(derivation.gradients[name].decimal(DIGITS))
        assert abs(found - other[name]) <= 1e-9 * max(1, abs(other[name])), name
        assert abs(found - difference(program, name)) <= mpmath.mpf(10) ** -25 * max(1, abs(found)), name
        assert abs(found - mpmath.mpf(str(sympys(program, name)))) <= mpmath.mpf(10) ** (5 - DIGITS), name


@given(programs())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_line_of_random_equations_holds(program: Program) -> None:
    report = verify(program.computation().derive().evaluation)
    assert report.partials == len(program.values)
    assert report.undecided == 0


@pytest.mark.parametrize("length", [30, 300])
def test_a_deep_chain_in_which_one_weight_is_shared(length: int) -> None:
    lines: dict[str, Formula] = {"h_0": ("tanh", ("product", ("name", "w"), ("name", "x")))}
    for number in range(1, length):
        before = ("name", f"h_{number - 1}")
        lines[f"h_{number}"] = ("sum", ("sine", ("product", ("name", "w"), before)), ("half", ("name", "x")))
    program = Program({"w": Fraction(9, 10), "x": Fraction(1, 3)}, lines)
    derivation = program.computation().derive()
    other = torchs(program)
    for name in program.values:
        assert derivation.gradients[name] == pytest.approx(other[name], rel=1e-12)
    assert len(derivation["w"].paths) == length


def test_diamonds_on_diamonds_are_passed_once_each() -> None:
    """Of 2⁴⁰ ways through 40 diamonds, each use of a quantity is one path: the work grows with the uses alone."""

    def uses(length: int) -> int:
        lines: dict[str, Formula] = {"q_0": ("sine", ("name", "x"))}
        for number in range(1, length + 1):
            before = ("name", f"q_{number - 1}")
            lines[f"q_{number}"] = ("product", ("tanh", before), ("logistic", before))
        program = Program({"x": Fraction(1, 2)}, lines)
        derivation = program.computation().derive()
        assert derivation.gradients["x"] == pytest.approx(torchs(program)["x"], rel=1e-12)
        return sum(len(partial.paths) for partial in derivation.partials.values())

    assert uses(40) - uses(20) == uses(20) - uses(0) == 20
