"""The terms of which a user makes equations: products, functions and what stands by itself.

A computation that no layers describe, such as a recurrence of which each step has the same weights:

>>> import derive
>>> from derive import terms
>>> steps = [
...     derive.Equation("net_1", [terms.product("w", "x_1"), terms.product("u", "h_0")]),
...     derive.Equation("h_1", [terms.activation("tanh", "net_1")]),
...     derive.Equation("net_2", [terms.product("w", "x_2"), terms.product("u", "h_1")]),
...     derive.Equation("h_2", [terms.activation("tanh", "net_2")]),
...     derive.Equation("E", [terms.error("half_squared_error", "y", "h_2")]),
... ]
>>> given = {"w": 0.5, "u": -0.25, "h_0": 0, "x_1": 1, "x_2": 2, "y": 0.5}
>>> kinds = {"h_0": "input", "x_1": "input", "x_2": "input", "w": "weight", "u": "weight", "y": "target"}
>>> kinds |= {"net_1": "net", "h_1": "out", "net_2": "net", "h_2": "out", "E": "error"}
>>> derivation = derive.Computation(steps, [given], kinds, objective="E").derive()
>>> print(derivation["w"])
∂E/∂w = ∂E/∂net_1·x_1 + ∂E/∂net_2·x_2
>>> derivation["w"].decimal(9)
'0.187317074'
"""

from collections.abc import Sequence
from fractions import Fraction

from derive.checks import one_of, sequence
from derive.computation.equations import Term
from derive.computation.shapes import BIAS, PRODUCT, SAME, activation_shape, error_shape, joint_shape
from derive.errors import InputError, Message, nearest, shown
from derive.functions import losses
from derive.functions.activations import ACTIVATIONS, OTHER_NAMES, JointActivation
from derive.functions.losses import ERRORS
from derive.numbers.exact import GivenNumber, exact


def product(weight: str, signal: str) -> Term:
    """Return the term weight·signal, of any two quantities; also of one with itself."""
    return Term(PRODUCT, (weight, signal))


def bias(name: str) -> Term:
    """Return the term bias·1."""
    return Term(BIAS, (name,))


def same(name: str) -> Term:
    """Return a quantity as a term: a skip, or an error in a sum of errors."""
    return Term(SAME, (name,))


def activation(function: str, net: str, constant: GivenNumber | None = None) -> Term:
    """Return function(net), of a function in `derive.ACTIVATIONS`; ``constant`` is the slope or alpha of some.

    >>> import derive
    >>> print(derive.Equation("h", [activation("leaky_relu", "z", 0.1)]))
    h = {z if z > 0; 0.1·z otherwise}
    """
    entry = ACTIVATIONS[one_of(function, ACTIVATIONS, "activation", OTHER_NAMES)]
    if isinstance(entry, JointActivation):
        raise InputError(
            "activation: {function} is a function of several net inputs; use terms.joint_activation for it.",
            function=entry.name,
        )
    return Term(activation_shape(entry, _constant(entry.name, entry.parameter, entry.default, constant)), (net,))


def joint_activation(function: str, nets: Sequence[str], outs: Sequence[str], out: str) -> Term:
    """Return the share of ``out`` in a function of several nets, such as softmax; ``outs`` are named as the nets are.

    >>> import derive
    >>> print(derive.Equation("q", [joint_activation("softmax", ["a", "b"], ["p", "q"], "q")]))
    q = e^(b)/(e^(a) + e^(b))
    """
    entry = ACTIVATIONS[one_of(function, ACTIVATIONS, "activation", OTHER_NAMES)]
    if not isinstance(entry, JointActivation):
        raise InputError(
            "activation: {function} is a function of one net input; use terms.activation for it.", function=entry.name
        )
    names = sequence(nets, "nets", Message("a list of names"))
    siblings = sequence(outs, "outs", Message("a list of names"))
    if len(names) != len(siblings):
        raise InputError(
            "{place}: found {found}; expected {size}, one for each {each}.",
            place="outs",
            found=len(siblings),
            size=len(names),
            each=Message("net"),
        )
    if out not in siblings:
        raise InputError(
            "out: found {found}; expected one of {names}.{hint}",
            found=shown(out),
            names=", ".join(map(str, siblings)),
            hint=nearest(out, siblings),
        )
    return Term(joint_shape(entry, len(names), siblings.index(out)), names, siblings)


def error(function: str, target: str, out: str, constant: GivenNumber | None = None) -> Term:
    """Return an error of `derive.ERRORS`; ``constant`` is huber's delta, or of how many outputs an error is the mean.

    >>> import derive
    >>> print(derive.Equation("E", [error("squared_error", "y", "p")]))
    E = (y − p)²
    """
    entry = ERRORS[one_of(function, ERRORS, "error", losses.OTHER_NAMES)]
    parameter = "count" if entry.takes_mean else entry.parameter
    default = Fraction(1) if entry.takes_mean else entry.default
    return Term(error_shape(entry.name, _constant(entry.name, parameter, default, constant)), (target, out))


def _constant(
    function: str, parameter: str | None, default: Fraction | None, given: GivenNumber | None
) -> Fraction | None:
    if given is None:
        return default
    if parameter is None:
        raise InputError("constant: {function} has none; leave it out.", function=function)
    value = exact(given, "constant")
    if value <= 0 and parameter in ("count", "delta"):
        raise InputError("{place}: found {found}; expected a positive number.", place=parameter, found=shown(given))
    return value
