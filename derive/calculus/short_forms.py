"""How the derivative of a function comes to the short form by which it is known, line by line."""

from fractions import Fraction

from sympy import Expr, Rational, Symbol

from derive.calculus.rules import differentiate
from derive.computation.notation import USUAL, Notation
from derive.computation.shapes import activation_shape
from derive.functions.activations import Activation, JointActivation
from derive.notation.tidy import tidy


def activation_lines(entry: Activation, constant: Fraction | None, notation: Notation = USUAL) -> tuple[Expr, ...]:
    """Return the derivative of an activation by its net, line by line: rule by rule, then to its short form.

    The symbols are net and out, as the notation calls them.
    """
    net, out = Symbol(notation.net), Symbol(notation.out)
    shape = activation_shape(entry, constant)
    assert shape.derivative is not None
    number = Rational(0) if constant is None else Rational(constant.numerator, constant.denominator)
    rule = differentiate(shape.build(net), net)
    between = entry.lines(net, out, number)
    # A constant such as 1 is multiplied out, the other formulas stay as the entry writes them.
    tidied = between if constant is None else tuple(map(tidy, between))
    return rule.written, rule.result, *tidied, shape.derivative(0, (net,), out, ())


def joint_lines(entry: JointActivation, place: int, by: int, notation: Notation = USUAL) -> tuple[Expr, ...]:
    """Return the derivative of one out of a joint layer of two by one net, line by line.

    The symbols are net_1, net_2, out_1 and out_2, as the notation calls them; places are counted from 0.
    """
    nets, outs = (tuple(Symbol(notation.of(kind, number)) for number in ("1", "2")) for kind in ("net", "out"))
    rule = differentiate(entry.formula(nets, place), nets[by])
    return rule.written, rule.result, *entry.lines(nets, outs, place, by)
