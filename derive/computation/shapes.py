"""Shapes: formulas with open places, of which every equation is made.

A formula is kept as a shape and the names put into it; the SymPy expression is made when someone looks, which keeps a
computation of many thousand weights quick to build.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sympy import Add, Expr, Integer, Max, Rational

from derive.errors import InternalError
from derive.functions.activations import Activation, JointActivation
from derive.functions.losses import ERRORS, Loss
from derive.notation.tidy import tidy
from derive.notation.trees import ZERO, first_largest, largest, mul, smallest, take_expressions

Origin = str | tuple[Callable[..., "Shape"], tuple[Any, ...]]


@dataclass(frozen=True, repr=False)
class Shape:
    """A formula with open places: ``build`` makes its SymPy tree, in the order in which it is written.

    ``derivative(place, arguments, target, siblings)`` is the short form of the derivative of a named function by one of
    its places; it may name the quantity that the equation defines and its siblings, the quantities that are defined
    with it. Without it the rules are applied each time. ``numeric`` builds the formula for floating point, where
    another one is better there, and ``steep`` the derivative, with the same arguments, in a form that loses no digits.
    ``entry`` is the activation or the loss that it is, with its ``constant``; None where it is none of them.
    ``origin`` is what a pickle holds, and what makes two shapes equal: the name of a shape of this module, or the
    function that returned it and what that was given.
    """

    name: str
    arity: int
    origin: Origin
    build: Callable[..., Expr] = field(compare=False)
    derivative: Callable[[int, Sequence[Expr], Expr, Sequence[Expr]], Expr] | None = field(default=None, compare=False)
    siblings: int = 0
    entry: Activation | JointActivation | Loss | None = field(default=None, compare=False)
    constant: Fraction | None = field(default=None, compare=False)
    numeric: Callable[..., Expr] | None = field(default=None, compare=False)
    steep: Callable[[int, Sequence[Expr], Expr, Sequence[Expr]], Expr] | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"<Shape {self.name}>"

    @property
    def position(self) -> int:
        """Which of the outs of a joint activation it gives, also where it stands beside other terms."""
        given = () if isinstance(self.origin, str) else self.origin[1]
        return given[0].position if isinstance(given[0], Shape) else int(given[2])

    def __reduce__(self) -> Origin:
        return self.origin

    def __post_init__(self) -> None:
        take_expressions(self, "build", "derivative", "numeric", "steep")


SAME = Shape("same", 1, "SAME", lambda quantity: quantity)
PRODUCT = Shape("product", 2, "PRODUCT", lambda weight, signal: mul(weight, signal))
BIAS = Shape("bias", 1, "BIAS", lambda bias: mul(bias, Integer(1)))


@lru_cache
def activation_shape(entry: Activation, constant: Fraction | None = None) -> Shape:
    """Return the shape out = formula(net) of an activation that each neuron has for itself."""
    number, numeric, steep = _rational(constant), entry.numeric, entry.steep
    return Shape(
        entry.name,
        1,
        (activation_shape, (entry, constant)),
        # Tidied, so that a constant of 1 does not stand there.
        lambda net: entry.formula(net, number) if constant is None else tidy(entry.formula(net, number)),
        lambda place, nets, out, siblings: entry.derivative(nets[0], out, number),
        entry=entry,
        constant=constant,
        numeric=None if numeric is None else lambda net: numeric(net, number),
        steep=None if steep is None else lambda place, nets, out, siblings: steep(nets[0], out, number),
    )


@lru_cache
def joint_shape(entry: JointActivation, size: int, position: int) -> Shape:
    """Return the shape out = formula(nets) of one neuron of a layer that is activated as a whole."""
    return Shape(
        entry.name,
        size,
        (joint_shape, (entry, size, position)),
        lambda *nets: entry.formula(nets, position),
        lambda place, nets, out, siblings: entry.derivative(siblings, position, place),
        siblings=size,
        entry=entry,
        numeric=lambda *nets: _shares(entry, nets)[position] / Add(*_shares(entry, nets)),
        steep=lambda place, nets, out, siblings: entry.steep(siblings, position, place),
    )


@lru_cache(maxsize=64)  # every out of a layer asks for the same
def _shares(entry: JointActivation, nets: tuple[Expr, ...]) -> tuple[Expr, ...]:
    share, largest = entry.share, Max(*nets)
    return tuple(share(net, largest) for net in nets)


@lru_cache
def error_shape(name: str, constant: Fraction | None = None) -> Shape:
    """Return the shape E_o = formula(target, out) of the error in the table."""
    entry, number = ERRORS[name], _rational(constant)
    is_plain = constant is None or (entry.takes_mean and constant != 1)
    return Shape(
        name,
        2,
        (error_shape, (name, constant)),
        lambda target, out: (
            entry.formula(target, out, number) if is_plain else tidy(entry.formula(target, out, number))
        ),
        entry=entry,
        constant=constant,
    )


@lru_cache
def maximum_shape(size: int, ties: str = "half") -> Shape:
    """Return the shape y = max(x0, x1, …) of so many places.

    Where several are the largest they share its derivative equally, or with ``ties`` "first" the first one has it
    alone, as in PyTorch's max pooling.

    >>> from sympy import Symbol
    >>> maximum_shape(2).build(Symbol("x"), Symbol("y"))
    Max(x, y)
    """
    if ties not in ("half", "first"):
        raise InternalError(f"no way to share a derivative is called {ties!r}")
    return Shape("max", size, (maximum_shape, (size, ties)), largest if ties == "half" else first_largest)


@lru_cache
def minimum_shape(size: int) -> Shape:
    """Return the shape y = min(x0, x1, …) of so many places, which share its derivative where several are smallest."""
    return Shape("min", size, (minimum_shape, (size,)), smallest)


@lru_cache
def beside_others(shape: Shape) -> Shape:
    """Return the shape as it stands beside other terms: what the equation defines is not what the shape gives.

    So its derivative cannot be written in that, as 1 − out² is, and is found by the rules.
    """
    if shape.derivative is None:
        return shape
    return replace(shape, origin=(beside_others, (shape,)), derivative=None, steep=None, siblings=0)


def _rational(constant: Fraction | None) -> Expr:
    return ZERO if constant is None else Rational(constant.numerator, constant.denominator)
