"""The signs that a network's formulas use themselves: no name of a user's may be printed like one of them."""

from collections.abc import Iterator
from functools import lru_cache

from sympy import Basic, Expr, Symbol, pi, preorder_traversal

from derive.computation.notation import Notation
from derive.errors import Message
from derive.functions.activations import ACTIVATIONS, JointActivation
from derive.functions.losses import ERRORS
from derive.functions.optimizers import Optimizer, W
from derive.notation.elementary import entries
from derive.notation.trees import ONE

PI = ("pi", Message("the number π of the formulas"))
GENERAL = Message("a general neuron in the appendix")
# The appendix derives an activation for any neuron, a joint one for any two of them.
ANY = ("net", "out")
TWO = ("i", "j", "1", "2")


def signs(
    activations: tuple[str, ...], error: str, optimizer: Optimizer, notation: Notation
) -> Iterator[tuple[str, Message]]:
    """Yield the signs: for each, a name that is printed like it, and what it stands for."""
    in_error = _in_error(error) if error in ERRORS else frozenset[type[Basic]]()
    found = frozenset().union(*map(_in_activation, activations), in_error)
    yield from (entry.sign for entry in entries() if entry.sign and entry.kind in found)
    if type(pi) in found:
        yield PI
    is_joint = any(isinstance(ACTIVATIONS[name], JointActivation) for name in activations)
    any_two = [notation.of(kind, index) for kind in ANY for index in TWO]
    for name in (*(getattr(notation, kind) for kind in ANY), *(any_two if is_joint else ())):
        yield name, GENERAL
    yield W.name, Message("a general weight in the update rule")
    for name in optimizer.step_names:
        yield name, Message("the update rule of {optimizer}", {"optimizer": optimizer.name})


@lru_cache
def _in_activation(name: str) -> frozenset[type[Basic]]:
    entry, net, out = ACTIVATIONS[name], Symbol("net"), Symbol("out")
    if isinstance(entry, JointActivation):
        return _kinds(entry.formula([net, out], 0))
    return _kinds(entry.formula(net, ONE), entry.derivative(net, out, ONE), *entry.lines(net, out, ONE))


@lru_cache
def _in_error(name: str) -> frozenset[type[Basic]]:
    return _kinds(ERRORS[name].formula(Symbol("target"), Symbol("out"), ONE))


def _kinds(*formulas: Expr) -> frozenset[type[Basic]]:
    return frozenset(part.func for formula in formulas for part in preorder_traversal(formula))
