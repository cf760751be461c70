"""The activation functions, each one entry in a table; everything else follows from the entry.

An entry gives the formula, the short form of its derivative that teachers use, and the lines of algebra that lead from
the derivative taken rule by rule to that form. Every formula is an unevaluated SymPy tree, so that it prints in the
order in which it is written here.

Sources: Bishop, Pattern Recognition and Machine Learning (2006), for logistic, tanh and softmax; Glorot, Bordes and
Bengio, Deep Sparse Rectifier Neural Networks (2011), for relu and softplus; Maas, Hannun and Ng (2013), leaky_relu;
Clevert, Unterthiner and Hochreiter (2016), elu; Bergstra et al. (2009), softsign; Hendrycks and Gimpel (2016), gelu and
silu, gelu with erf and not approximated; Collobert (2004), hard_tanh.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from sympy import Expr, Integer, Max, exp, pi, tanh

from derive.checks import ByName, Synonyms
from derive.notation.elementary import log1p
from derive.notation.trees import (
    HALF,
    ONE,
    TWO,
    ZERO,
    absolute,
    add,
    cases,
    e_to,
    fraction,
    gauss_error,
    ln,
    minus,
    mul,
    negative,
    root,
    square,
    take_expressions,
)


def _zero(constant: Fraction) -> Fraction:
    return Fraction(0)


def _one(constant: Fraction) -> Fraction:
    return Fraction(1)


def _itself(constant: Fraction) -> Fraction:
    return constant


@dataclass(frozen=True)
class Kink:
    """A net at which the derivative jumps from ``left`` to ``right``, both functions of the activation's constant.

    Where the two are equal, as elu's with an alpha of 1, the function has a derivative there after all.
    """

    net: int
    left: Callable[[Fraction], Fraction]
    right: Callable[[Fraction], Fraction]

    def sides(self, constant: Fraction | None) -> tuple[Fraction, Fraction]:
        """Return the derivatives on the left and on the right, for that constant."""
        number = Fraction(0) if constant is None else constant
        return self.left(number), self.right(number)

    def is_smooth(self, constant: Fraction | None) -> bool:
        """Whether the derivative does not jump with that constant."""
        left, right = self.sides(constant)
        return left == right


@dataclass(frozen=True, eq=False)
class Activation:
    """What a neuron makes of its own pre-activation: out = formula(net, constant).

    ``derivative(net, out, constant)`` is ∂out/∂net in the form that is used in the handout; ``lines(net, out,
    constant)`` are the lines of algebra between the derivative taken rule by rule and that form, first to last.
    ``constant`` is the number that some functions depend on: ``parameter`` is its name, ``default`` its usual value.
    At a kink ``derivative`` takes the value of one side, the one that PyTorch takes. ``numeric`` is the formula for
    floating point, in which nothing cancels or overflows; None where ``formula`` is good for that too. ``steep(net,
    out, constant)`` is the derivative in a form without differences of nearly equal numbers; None where ``derivative``
    has none.
    """

    name: str
    formula: Callable[[Expr, Expr], Expr]
    derivative: Callable[[Expr, Expr, Expr], Expr]
    lines: Callable[[Expr, Expr, Expr], tuple[Expr, ...]] = lambda net, out, constant: ()
    parameter: str | None = None
    default: Fraction | None = None
    kinks: tuple[Kink, ...] = ()
    numeric: Callable[[Expr, Expr], Expr] | None = None
    steep: Callable[[Expr, Expr, Expr], Expr] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return activation, (self.name,)

    def __post_init__(self) -> None:
        take_expressions(self, "formula", "derivative", "lines", "numeric", "steep")


@dataclass(frozen=True, eq=False)
class JointActivation:
    """What a whole layer makes of its pre-activations: out number ``index`` = formula(nets, index), counted from 0.

    ``derivative(outs, index, by)`` is ∂out_index/∂net_by, in which no other outs occur than those two; ``lines(nets,
    outs, index, by)`` are the lines of algebra that lead to it. For floating point, an out is ``share(net, largest)``
    divided by the sum of all the shares, ``largest`` being the layer's largest net. ``steep`` is the derivative in a
    form without differences of nearly equal numbers where an out is nearly 1. ``ignores_shift`` says that the outs stay
    as they are where the same number is added to every net.
    """

    name: str
    formula: Callable[[Sequence[Expr], int], Expr]
    derivative: Callable[[Sequence[Expr], int, int], Expr]
    lines: Callable[[Sequence[Expr], Sequence[Expr], int, int], tuple[Expr, ...]]
    share: Callable[[Expr, Expr], Expr]
    steep: Callable[[Sequence[Expr], int, int], Expr]
    ignores_shift: bool = False
    parameter: None = None
    default: None = None
    kinks: tuple[Kink, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return activation, (self.name,)

    def __post_init__(self) -> None:
        take_expressions(self, "formula", "derivative", "lines", "share", "steep")


def _sigma(net: Expr) -> Expr:
    return fraction(ONE, add(ONE, e_to(negative(net))))


def _logistic_lines(net: Expr, out: Expr, constant: Expr) -> tuple[Expr, ...]:
    decay = e_to(negative(net))
    whole = add(ONE, decay)
    return (
        fraction(decay, square(whole)),
        mul(fraction(ONE, whole), fraction(decay, whole)),
        mul(fraction(ONE, whole), minus(ONE, fraction(ONE, whole))),
        mul(out, minus(ONE, out)),
    )


def _tanh(net: Expr) -> Expr:
    rise, fall = e_to(net), e_to(negative(net))
    return fraction(minus(rise, fall), add(rise, fall))


def _tanh_lines(net: Expr, out: Expr, constant: Expr) -> tuple[Expr, ...]:
    rise, fall = e_to(net), e_to(negative(net))
    up, down = square(add(rise, fall)), square(minus(rise, fall))
    return (
        fraction(minus(up, down), up),
        minus(ONE, square(fraction(minus(rise, fall), add(rise, fall)))),
        minus(ONE, square(out)),
    )


def _softplus_lines(net: Expr, out: Expr, constant: Expr) -> tuple[Expr, ...]:
    rise = e_to(net)
    return fraction(rise, add(ONE, rise)), fraction(ONE, add(ONE, e_to(negative(net))))


def _softsign_lines(net: Expr, out: Expr, constant: Expr) -> tuple[Expr, ...]:
    whole = add(ONE, absolute(net))
    return fraction(minus(add(ONE, absolute(net)), absolute(net)), square(whole)), fraction(ONE, square(whole))


def _bell(net: Expr) -> Expr:
    """Return the density of the standard normal distribution at the net."""
    return fraction(e_to(negative(fraction(square(net), TWO))), root(mul(TWO, pi)))


def _normal(net: Expr) -> Expr:
    """Return the standard normal distribution function: the share of it below the net."""
    return mul(HALF, add(ONE, gauss_error(fraction(net, root(TWO)))))


def _silu_lines(net: Expr, out: Expr, constant: Expr) -> tuple[Expr, ...]:
    decay = e_to(negative(net))
    whole = add(ONE, decay)
    return (
        fraction(add(add(ONE, decay), mul(net, decay)), square(whole)),
        add(fraction(ONE, whole), mul(fraction(net, whole), fraction(decay, whole))),
        add(fraction(ONE, whole), mul(out, minus(ONE, fraction(ONE, whole)))),
        add(out, mul(minus(ONE, out), fraction(ONE, whole))),
    )


def _exponentials(nets: Sequence[Expr]) -> Expr:
    return add(*map(e_to, nets)) if len(nets) > 1 else e_to(nets[0])


def _softmax_derivative(outs: Sequence[Expr], index: int, by: int) -> Expr:
    return mul(outs[index], minus(ONE, outs[index])) if index == by else mul(Integer(-1), outs[index], outs[by])


def _softmax_steep(outs: Sequence[Expr], index: int, by: int) -> Expr:
    if index != by:
        return _softmax_derivative(outs, index, by)
    others = [out for other, out in enumerate(outs) if other != index]
    # 1 − out is the sum of the other outs, 0 where there is no other.
    rest = add(*others) if len(others) > 1 else others[0] if others else ZERO
    return mul(outs[index], rest)


def _softmax_lines(nets: Sequence[Expr], outs: Sequence[Expr], index: int, by: int) -> tuple[Expr, ...]:
    whole, mine, other = _exponentials(nets), e_to(nets[index]), e_to(nets[by])
    share = fraction(mine, whole)
    if index == by:
        return (
            mul(share, fraction(minus(whole, mine), whole)),
            mul(share, minus(ONE, share)),
            _softmax_derivative(outs, index, by),
        )
    return negative(mul(share, fraction(other, whole))), _softmax_derivative(outs, index, by)


_TABLE: tuple[Activation | JointActivation, ...] = (
    Activation(
        name="identity",
        formula=lambda net, _: net,
        derivative=lambda net, out, _: ONE,
    ),
    Activation(
        name="logistic",
        formula=lambda net, _: _sigma(net),
        derivative=lambda net, out, _: mul(out, minus(ONE, out)),
        lines=_logistic_lines,
        steep=lambda net, out, _: fraction(out, add(ONE, e_to(net))),
    ),
    Activation(
        name="tanh",
        formula=lambda net, _: _tanh(net),
        derivative=lambda net, out, _: minus(ONE, square(out)),
        lines=_tanh_lines,
        numeric=lambda net, _: tanh(net),
        steep=lambda net, out, _: square(fraction(TWO, add(e_to(net), e_to(negative(net))))),
    ),
    Activation(
        name="relu",
        formula=lambda net, _: cases((net, net > 0), (ZERO, True)),
        derivative=lambda net, out, _: cases((ONE, net > 0), (ZERO, True)),
        kinks=(Kink(0, _zero, _one),),
    ),
    Activation(
        name="leaky_relu",
        formula=lambda net, slope: cases((net, net > 0), (mul(slope, net), True)),
        derivative=lambda net, out, slope: cases((ONE, net > 0), (slope, True)),
        parameter="slope",
        default=Fraction(1, 100),
        kinks=(Kink(0, _itself, _one),),
    ),
    Activation(
        name="elu",
        formula=lambda net, alpha: cases((net, net > 0), (mul(alpha, minus(e_to(net), ONE)), True)),
        derivative=lambda net, out, alpha: cases((ONE, net > 0), (add(out, alpha), True)),
        lines=lambda net, out, alpha: (
            cases((ONE, net > 0), (add(mul(alpha, minus(e_to(net), ONE)), alpha), True)),
            cases((ONE, net > 0), (add(out, alpha), True)),
        ),
        steep=lambda net, out, alpha: cases((ONE, net > 0), (mul(alpha, e_to(net)), True)),
        parameter="alpha",
        default=Fraction(1),
        kinks=(Kink(0, _itself, _one),),
    ),
    Activation(
        name="softplus",
        formula=lambda net, _: ln(add(ONE, e_to(net))),
        derivative=lambda net, out, _: _sigma(net),
        lines=_softplus_lines,
        numeric=lambda net, _: Max(net, 0) + log1p(exp(-abs(net))),
    ),
    Activation(
        name="softsign",
        formula=lambda net, _: fraction(net, add(ONE, absolute(net))),
        derivative=lambda net, out, _: fraction(ONE, square(add(ONE, absolute(net)))),
        lines=_softsign_lines,
    ),
    Activation(
        name="gelu",
        formula=lambda net, _: mul(net, HALF, add(ONE, gauss_error(fraction(net, root(TWO))))),
        derivative=lambda net, out, _: add(_normal(net), mul(net, _bell(net))),
        lines=lambda net, out, _: (add(_normal(net), mul(net, _bell(net))),),
    ),
    Activation(
        name="silu",
        formula=lambda net, _: fraction(net, add(ONE, e_to(negative(net)))),
        derivative=lambda net, out, _: add(out, mul(minus(ONE, out), _sigma(net))),
        lines=_silu_lines,
    ),
    Activation(
        name="hard_tanh",
        formula=lambda net, _: cases((ONE, net >= 1), (Integer(-1), net <= -1), (net, True)),
        derivative=lambda net, out, _: cases((ZERO, net >= 1), (ZERO, net <= -1), (ONE, True)),
        kinks=(Kink(-1, _zero, _one), Kink(1, _one, _zero)),
    ),
    JointActivation(
        name="softmax",
        formula=lambda nets, index: fraction(e_to(nets[index]), _exponentials(nets)),
        derivative=_softmax_derivative,
        lines=_softmax_lines,
        # Subtracting the largest net from all leaves the quotient as it is, and no exponential overflows.
        share=lambda net, largest: exp(net - largest),
        steep=_softmax_steep,
        ignores_shift=True,
    ),
)

ACTIVATIONS: Mapping[str, Activation | JointActivation] = MappingProxyType(
    ByName({entry.name: entry for entry in _TABLE})
)
# MATLAB's names are among them: logsig, tansig, purelin, poslin.
OTHER_NAMES = Synonyms(
    same={
        "sigmoid": "logistic",
        "sigmoidal": "logistic",
        "logisticsigmoid": "logistic",
        "expit": "logistic",
        "logsig": "logistic",
        "linear": "identity",
        "purelin": "identity",
        "none": "identity",
        "hyperbolictangent": "tanh",
        "tansig": "tanh",
        "rectifier": "relu",
        "rectifiedlinear": "relu",
        "rectifiedlinearunit": "relu",
        "poslin": "relu",
        "lrelu": "leaky_relu",
        "exponentiallinearunit": "elu",
        "swish": "silu",
        "htanh": "hard_tanh",
    },
    near={
        "prelu": "leaky_relu",
        "selu": "elu",
        "hardsigmoid": "hard_tanh",
        "softargmax": "softmax",
        "logsoftmax": "softmax",
    },
)


def activation(name: str) -> Activation | JointActivation:
    """Return the entry of that name. A pickle holds this call, as formulas that are lambdas cannot be pickled."""
    return ACTIVATIONS[name]
