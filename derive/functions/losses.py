"""The losses (error functions), each one entry in a table, and the pairs with an activation whose delta is short.

A loss says what one output adds to the error of a sample. Every formula is an unevaluated SymPy tree, which prints as
it is written here. On the page and in network files the word is error.

Sources: Bishop, Pattern Recognition and Machine Learning (2006), section 4.3, for the cross-entropies and for the short
deltas of logistic and softmax; Huber, Robust Estimation of a Location Parameter (1964); Rosasco et al., Are Loss
Functions All the Same? (2004), for the hinge.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from sympy import Expr, Integer

from derive.checks import ByName, Synonyms
from derive.notation.trees import (
    HALF,
    ONE,
    ZERO,
    absolute,
    add,
    cases,
    fraction,
    ln,
    minus,
    mul,
    negative,
    square,
    take_expressions,
)


@dataclass(frozen=True, eq=False)
class Loss:
    """What one output adds to the error: formula(target, out, constant).

    ``constant`` is huber's delta (``parameter`` its name, ``default`` its usual value), or the number of outputs where
    ``takes_mean``; others leave it alone. ``targets`` says which targets it takes: any number, "share" (0 to 1),
    "shares" (0 or more, together 1) or "sign" (−1 or 1). ``sides(target)`` is set where the derivative by the out jumps
    as the out passes its target: the derivatives on the left of it and on the right.
    """

    name: str
    formula: Callable[[Expr, Expr, Expr], Expr]
    parameter: str | None = None
    default: Fraction | None = None
    takes_mean: bool = False
    targets: str = "any"
    sides: Callable[[Fraction], tuple[Fraction, Fraction]] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return loss, (self.name,)

    def __post_init__(self) -> None:
        take_expressions(self, "formula")


@dataclass(frozen=True)
class ShortDelta:
    """The delta ∂E/∂net of an output in which nearly everything cancels, leaving out − target.

    ``lines(targets, outs, index)`` are the lines of algebra from the chain rule to that form, the last one, for the
    output of that index.
    """

    lines: Callable[[Sequence[Expr], Sequence[Expr], int], tuple[Expr, ...]]

    def __post_init__(self) -> None:
        take_expressions(self, "lines")


def _huber(target: Expr, out: Expr, delta: Expr) -> Expr:
    miss = minus(target, out)
    far = mul(delta, minus(absolute(miss), mul(HALF, delta)))
    return cases((mul(HALF, square(miss)), absolute(miss) <= delta), (far, True))


def _binary_cross_entropy(target: Expr, out: Expr, constant: Expr) -> Expr:
    no = mul(minus(ONE, target), ln(minus(ONE, out)))
    return negative(add(mul(target, ln(out)), no))


def _hinge(target: Expr, out: Expr, constant: Expr) -> Expr:
    margin = minus(ONE, mul(target, out))
    return cases((margin, mul(target, out) < 1), (ZERO, True))


def _hinge_sides(target: Fraction) -> tuple[Fraction, Fraction]:
    """Return the derivatives on both sides of target · out = 1, which is where out = target, as that is −1 or 1."""
    return (-target, Fraction(0)) if target > 0 else (Fraction(0), -target)


_TABLE = (
    Loss("half_squared_error", lambda target, out, _: mul(HALF, square(minus(target, out)))),
    Loss("squared_error", lambda target, out, _: square(minus(target, out))),
    Loss(
        "mean_squared_error",
        lambda target, out, count: mul(fraction(ONE, count), square(minus(target, out))),
        takes_mean=True,
    ),
    Loss(
        "absolute_error",
        lambda target, out, _: absolute(minus(target, out)),
        sides=lambda target: (Fraction(-1), Fraction(1)),
    ),
    Loss("huber", _huber, parameter="delta", default=Fraction(1)),
    Loss("binary_cross_entropy", _binary_cross_entropy, targets="share"),
    Loss("cross_entropy", lambda target, out, _: negative(mul(target, ln(out))), targets="shares"),
    Loss("hinge", _hinge, targets="sign", sides=_hinge_sides),
)

NO_ERROR = "none"  # what a network without targets has in place of one of these
ERRORS: Mapping[str, Loss] = MappingProxyType(ByName({entry.name: entry for entry in _TABLE}))
# Words that mean a mean or a half in some books only are not taken for a name; the message proposes it.
OTHER_NAMES = Synonyms(
    same={
        "mse": "mean_squared_error",
        "mseloss": "mean_squared_error",
        "meansquarederrorloss": "mean_squared_error",
        "sse": "squared_error",
        "sumofsquarederrors": "squared_error",
        "sumofsquares": "squared_error",
        "huberloss": "huber",
        "bce": "binary_cross_entropy",
        "bceloss": "binary_cross_entropy",
        "binarycrossentropyloss": "binary_cross_entropy",
        "categoricalcrossentropy": "cross_entropy",
        "crossentropyloss": "cross_entropy",
        "cce": "cross_entropy",
        "ce": "cross_entropy",
        "hingeloss": "hinge",
    },
    near={
        "mae": "absolute_error",
        "maeloss": "absolute_error",
        "l1": "absolute_error",
        "l1loss": "absolute_error",
        "meanabsoluteerror": "absolute_error",
        "smoothl1": "huber",
        "smoothl1loss": "huber",
        "l2": "squared_error",
        "l2loss": "squared_error",
        "rss": "squared_error",
        "quadratic": "half_squared_error",
        "logloss": "binary_cross_entropy",
        "logisticloss": "binary_cross_entropy",
        "bcewithlogits": "binary_cross_entropy",
        "bcewithlogitsloss": "binary_cross_entropy",
        "nll": "cross_entropy",
        "nllloss": "cross_entropy",
        "sparsecategoricalcrossentropy": "cross_entropy",
    },
)


def loss(name: str) -> Loss:
    """Return the entry of that name. A pickle holds this call, as formulas that are lambdas cannot be pickled."""
    return ERRORS[name]


def _logistic_lines(targets: Sequence[Expr], outs: Sequence[Expr], index: int) -> tuple[Expr, ...]:
    target, out = targets[index], outs[index]
    yes, no = fraction(target, out), fraction(minus(ONE, target), minus(ONE, out))
    derivative = mul(out, minus(ONE, out))
    return (
        mul(Integer(-1), minus(yes, no), derivative),
        negative(minus(mul(target, minus(ONE, out)), mul(minus(ONE, target), out))),
        negative(add(minus(target, mul(target, out)), negative(out), mul(target, out))),
        negative(minus(target, out)),
        minus(out, target),
    )


def _softmax_lines(targets: Sequence[Expr], outs: Sequence[Expr], index: int) -> tuple[Expr, ...]:
    mine, others = outs[index], [other for other in range(len(outs)) if other != index]
    own = negative(mul(targets[index], minus(ONE, mine)))
    whole = add(*targets) if len(targets) > 1 else targets[0]
    return (
        add(
            mul(negative(fraction(targets[index], mine)), mine, minus(ONE, mine)),
            *(mul(negative(fraction(targets[i], outs[i])), negative(mul(outs[i], mine))) for i in others),
        ),
        add(own, *(mul(targets[i], mine) for i in others)),
        add(negative(targets[index]), mul(whole, mine)),
        add(negative(targets[index]), mul(ONE, mine)),
        minus(mine, targets[index]),
    )


SHORT_DELTAS: Mapping[tuple[str, str], ShortDelta] = MappingProxyType(
    {
        ("logistic", "binary_cross_entropy"): ShortDelta(_logistic_lines),
        ("softmax", "cross_entropy"): ShortDelta(_softmax_lines),
    }
)
