"""Formulas of the handout in a form in which floats lose no digits and nothing overflows that need not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sympy import Add, Expr, Function, Integer, Min, Mul, Piecewise, Pow, Symbol, erf, exp

from derive.notation.elementary import erfc
from derive.notation.trees import HALF, ONE, absolute, add, cases, minus, mul, negative, of_expressions, power, square

# Functions that the notebook defines, as it does erfc, and NumPy's e^x − 1.
logistic, bell, expm1 = map(Function, ("logistic", "bell", "expm1"))


@of_expressions
def _elu(net: Expr, alpha: Expr) -> Expr:
    below = expm1(Min(net, 0))
    return cases((net, net > 0), (below if alpha == ONE else mul(alpha, below), True))


@of_expressions
def _huber(target: Expr, out: Expr, delta: Expr) -> Expr:
    # Of a miss m the part n up to delta counts in the square: n²/2 + n(m − n).
    miss = absolute(minus(target, out))
    near = Min(miss, delta, evaluate=False)
    return mul(near, minus(miss, mul(HALF, near)))


# The functions that are written otherwise as a whole: formula(net, constant) or formula(target, out, constant).
WHOLE: Mapping[str, Callable[..., Expr]] = MappingProxyType({"elu": _elu, "huber": _huber})


@dataclass(frozen=True)
class Stable:
    """Rewrites a tidy tree.

    ``nets`` names, for an out that is the logistic function of its net, that net: 1 − out is the function of −net.
    ``is_exact`` says that no quantity is rounded on the way: what is equal to an out otherwise is not equal to a
    rounded one.
    """

    nets: Mapping[str, str] = field(default_factory=dict)
    is_exact: bool = True

    def __call__(self, tree: Expr) -> Expr:
        """Return the tree with every part in its stable form."""
        if not tree.args or isinstance(tree, Piecewise):
            return tree if not tree.args else self._cases(tree)
        return self._part(tree.func(*map(self, tree.args), evaluate=False))

    def _cases(self, tree: Expr) -> Expr:
        return Piecewise(*((self(branch), condition) for branch, condition in tree.args), evaluate=False)

    def _part(self, tree: Expr) -> Expr:
        if isinstance(tree, Pow):
            return _power(tree)
        if isinstance(tree, exp):
            return _exponential(tree)
        return self._sum(tree) if isinstance(tree, Add) and len(tree.args) == 2 else tree

    def _sum(self, tree: Expr) -> Expr:
        one, other = sorted(tree.args, key=lambda term: term != ONE)
        if one == ONE and isinstance(other, erf):
            return erfc(negative(other.args[0]))
        out = _negated(other)
        if one == ONE and isinstance(out, Symbol) and out.name in self.nets and self.is_exact:
            return logistic(negative(Symbol(self.nets[out.name])))
        return (_silu_slope(*tree.args) if self.is_exact else None) or tree


def _power(tree: Expr) -> Expr:
    base = tree.base
    if tree.exp == -2:  # a square may overflow where its inverse is nearly 0
        return square(power(base, Integer(-1)))
    if tree.exp == -1 and isinstance(base, Add) and len(base.args) == 2:
        one, decay = sorted(base.args, key=lambda term: term != ONE)
        if one == ONE and isinstance(decay, exp) and _negated(decay.args[0]) is not None:
            return logistic(_negated(decay.args[0]))
    return tree


def _exponential(tree: Expr) -> Expr:
    """e^(−x²/2), whose square may overflow, is a function of its own."""
    exponent = tree.args[0]
    if isinstance(exponent, Mul) and len(exponent.args) == 2 and exponent.args[0] == -HALF:
        squared = exponent.args[1]
        if isinstance(squared, Pow) and squared.exp == 2:
            return bell(squared.base)
    return tree


def _silu_slope(out: Expr, rest: Expr) -> Expr | None:
    """out + (1 − out)·σ(net) = σ(net)·(1 + net·σ(−net)) for out = net·σ(net), which does not cancel."""
    if not (isinstance(out, Symbol) and isinstance(rest, Mul) and len(rest.args) == 2):
        return None
    factor, sigma = rest.args
    if factor != minus(ONE, out) or not isinstance(sigma, logistic):
        return None
    net = sigma.args[0]
    return mul(sigma, add(ONE, mul(net, logistic(negative(net)))))


def _negated(tree: Expr) -> Expr | None:
    is_negated = isinstance(tree, Mul) and len(tree.args) == 2 and tree.args[0] == -1
    return tree.args[1] if is_negated else None
