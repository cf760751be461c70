"""The functions that a formula may name: those of one argument, every activation of derive's and every error.

Each is one entry of a table. Whatever is in no entry is no function: nothing else that a formula calls is ever called.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from sympy import Expr, Rational, cos, cosh, sin, sinh, tan, tanh

from derive.functions.activations import ACTIVATIONS, Activation, JointActivation
from derive.functions.losses import ERRORS, Loss
from derive.notation.trees import ZERO, absolute, e_to, gauss_error, largest, ln, of_expressions, root, smallest

Build = Callable[..., Expr]


@dataclass(frozen=True)
class Called:
    """A function by its name in a formula.

    ``build`` makes SymPy's tree of its arguments, and of its constant where it has a ``parameter``, which is the name
    of that; ``default`` is its usual value. ``floats`` is the form that loses no digits in floating point, where there
    is one. A function takes ``least`` arguments at least and ``most`` at most, None for any number.
    """

    name: str
    build: Build
    least: int = 1
    most: int | None = 1
    parameter: str = ""
    default: Fraction | None = None
    floats: Build | None = None

    def expression(self, arguments: Sequence[Expr], constant: Fraction | None, *, for_floats: bool = False) -> Expr:
        """Return SymPy's tree of the function of these arguments."""
        build = self.floats if for_floats and self.floats else self.build
        if not self.parameter:
            return build(*arguments)
        return build(*arguments, ZERO if constant is None else Rational(constant.numerator, constant.denominator))


def _activation(entry: Activation) -> Called:
    numeric = entry.numeric
    if entry.parameter:
        return Called(entry.name, entry.formula, parameter=entry.parameter, default=entry.default)
    return Called(
        entry.name,
        lambda net: entry.formula(net, ZERO),
        floats=None if numeric is None else lambda net: numeric(net, ZERO),
    )


def _error(entry: Loss) -> Called:
    if entry.parameter or entry.takes_mean:
        parameter, default = entry.parameter or "count", entry.default or Fraction(1)
        return Called(entry.name, entry.formula, 2, 2, parameter, default)
    return Called(entry.name, lambda target, out: entry.formula(target, out, ZERO), 2, 2)


def _as_it_stands(kind: Callable[..., Expr]) -> Build:
    return of_expressions(lambda argument: kind(argument, evaluate=False))


# What is written by a name of its own, tanh too where it stands within a formula.
_ELEMENTARY = (
    Called("exp", e_to),
    Called("ln", ln),
    Called("sqrt", root),
    Called("abs", absolute),
    Called("erf", gauss_error),
    Called("max", largest, 2, None),
    Called("min", smallest, 2, None),
    *(Called(kind.__name__, _as_it_stands(kind)) for kind in (sin, cos, tan, sinh, cosh, tanh)),
)
FUNCTIONS: Mapping[str, Called] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            *map(_error, ERRORS.values()),
            *(_activation(entry) for entry in ACTIVATIONS.values() if isinstance(entry, Activation)),
            *_ELEMENTARY,
        )
    }
)
# Functions of several quantities at once, which make as many.
JOINT: Mapping[str, JointActivation] = MappingProxyType(
    {entry.name: entry for entry in ACTIVATIONS.values() if isinstance(entry, JointActivation)}
)
