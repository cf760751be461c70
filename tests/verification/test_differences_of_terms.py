"""A sum of several formulas moves by what those of its terms do that a parameter changes, itself or through others."""

import sympy
from flint import arb, fmpq

import derive
from derive.numbers.precision import at_bits
from derive.verification.differences import Behind, Pass

VALUES = {"w": 0.5, "x": 1.25, "u": 0.75}
FORMULAS = {"h": "w*x", "g": "u*x", "M": "exp(h)/3 + sin(w)*h + w^2 + exp(g)/3 + sin(w)*h"}
ERROR = sympy.sympify("exp(w*x)/3 + 2*sin(w)*w*x + w**2 + exp(u*x)/3")


def test_the_difference_holds_sympys_derivative():
    computation = derive.Computation(FORMULAS, values=VALUES, output="M", by=["w", "u"])
    forward = Pass(Behind(computation), computation.samples[0])
    for name in "wu":
        ball = at_bits(192, forward.derivative, name, fmpq(1, 2**48))
        values = {symbol: sympy.Rational(str(VALUES[symbol.name])) for symbol in ERROR.free_symbols}
        expected = sympy.diff(ERROR, sympy.Symbol(name)).subs(values).evalf(50)
        assert at_bits(192, lambda ball=ball, text=str(expected): ball.overlaps(arb(text)))
        assert at_bits(192, lambda ball=ball: ball.rad() < fmpq(1, 10**20))


def test_each_term_that_does_not_change_is_left_as_it_is():
    computation = derive.Computation(FORMULAS, values=VALUES, output="M", by=["w", "u"])
    behind = Behind(computation)
    assert [len(change.terms) for change in behind.changes("u") if change.equation.name == "M"] == [1]
