"""Kinks of formulas: absolute values of 0, equal largest ones and cases that meet, and the slopes of their sides."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from flint import arb, fmpq
from sympy import Abs, Expr, Piecewise, Symbol, preorder_traversal
from sympy.core.relational import Relational

from derive.calculus.local import argument_names
from derive.calculus.rules import differentiate
from derive.computation.equations import Term
from derive.computation.shapes import Shape
from derive.evaluation.carried import Values
from derive.evaluation.float_errors import Held, of_formula
from derive.notation import to_text
from derive.notation.extremes import Extreme
from derive.notation.trees import ZERO, minus, negative, renamed
from derive.numbers.arithmetic import OutsideDomain, Value, function

MOST_WAYS = 256  # of one term, that are looked at
Slopes = tuple[Expr, ...]  # by each place of a shape, over the names of its places


@dataclass(frozen=True)
class Kink:
    """A kink that a term comes to lie at: of which function, what lies there, and whether exactly."""

    function: str
    what: tuple[str, ...]
    is_exact: bool


@dataclass(frozen=True)
class Reach:
    """What of a term's values is so near that a double may take it for equal."""

    term: Term
    values: Values
    held: Mapping[str, Held]
    known: Callable[[arb], arb]
    scale: int

    def equal(self, one: Expr, other: Expr) -> tuple[bool, bool]:
        """Return whether two formulas are, or may be taken for equal, and whether they are exactly."""
        places, difference = _places(self.term.shape), minus(one, other)
        value = function(places, difference)(*(self.values[name] for name in self.term.names))
        is_exact = isinstance(value, fmpq) and value == 0
        error = of_formula(tuple(places), difference)([self.held[name] for name in self.term.names]).error
        return is_exact or not abs(value) > self.known(error) * self.scale, is_exact

    def is_above(self, one: Expr, other: Expr) -> bool:
        """Whether one formula's value is above another's."""
        value = function(_places(self.term.shape), minus(one, other))(*(self.values[n] for n in self.term.names))
        return bool(value > 0)


@lru_cache(maxsize=4096)
def has_kinks(shape: Shape) -> bool:
    """Whether the formula of a shape that is no named function may have kinks."""
    return shape.entry is None and shape.build(*_places(shape)).has(Abs, Extreme, Piecewise)


def _places(shape: Shape) -> list[Symbol]:
    return [*map(Symbol, argument_names(shape))]


def kinks_of(reach: Reach) -> tuple[list[Kink], list[Slopes]]:
    """Return the kinks that a term lies at, and the slopes of each combination of sides; nothing where they agree."""
    shape = reach.term.shape
    formula = shape.build(*_places(shape))
    open_: dict[Expr, list[Expr]] = {}
    kinks: list[Kink] = []
    for node in dict.fromkeys(preorder_traversal(formula)):
        found = list(_sides(node, reach)) if isinstance(node, Abs | Extreme | Piecewise) else []
        if len(found) > 1:
            open_[node] = [tree for tree, _ in found]
            kinks.append(_kink(node, reach, all(is_exact for _, is_exact in found)))
    ways = _ways(formula, open_) if open_ else []
    slopes = [_slopes(way, len(reach.term.names)) for way in ways[:MOST_WAYS]]
    return (kinks, slopes) if _differ(slopes, reach) else ([], [])


def _sides(node: Expr, reach: Reach) -> Iterator[tuple[Expr, bool]]:
    """Yield what stands in the place of a node on each side of its kink, and whether it lies there exactly."""
    if isinstance(node, Abs):
        near, is_exact = reach.equal(node.args[0], ZERO)
        if near:
            yield from ((node.args[0], is_exact), (negative(node.args[0]), is_exact))
    elif isinstance(node, Extreme):
        for value in dict.fromkeys(node.args):
            near, is_exact = reach.equal(value, node)
            if near:
                yield value, is_exact
    else:
        tests = list(dict.fromkeys(test for _, c in node.args for test in c.atoms(Relational)))
        states = [reach.equal(test.lhs, test.rhs) for test in tests]
        if any(near for near, _ in states):
            truths = [
                (True, False) if near else (_holds(test, reach),) for test, (near, _) in zip(tests, states, strict=True)
            ]
            is_exact = all(exact for near, exact in states if near)
            reached = {}
            for way in product(*truths):
                given = dict(zip(tests, way, strict=True))
                reached[next(tree for tree, c in node.args if c.xreplace(given) == True)] = is_exact  # noqa: E712
            yield from reached.items()


def _holds(test: Expr, reach: Reach) -> bool:
    above = reach.is_above(test.lhs, test.rhs)
    return above if test.rel_op in (">", ">=") else not above


def _kink(node: Expr, reach: Reach, is_exact: bool) -> Kink:
    names = dict(zip(_places(reach.term.shape), map(Symbol, reach.term.names), strict=True))
    shown = renamed(node, names)
    if isinstance(node, Abs):
        return Kink("abs", (to_text(shown.args[0]),), is_exact)
    if isinstance(node, Extreme):
        tied = [value for value in node.args if reach.equal(value, node)[0]]
        return Kink(node.word, tuple(dict.fromkeys(to_text(renamed(value, names)) for value in tied)), is_exact)
    tests = [test for _, c in node.args for test in c.atoms(Relational) if reach.equal(test.lhs, test.rhs)[0]]
    return Kink(to_text(shown), (to_text(renamed(tests[0].lhs, names)),), is_exact)


def _ways(tree: Expr, open_: Mapping[Expr, list[Expr]]) -> list[Expr]:
    """Return the tree with each combination of sides in place of the nodes that lie at a kink."""
    if tree in open_:
        return [way for side in open_[tree] for way in _ways(side, open_)]
    if not any(node in open_ for node in preorder_traversal(tree)):
        return [tree]
    parts = [[part] if isinstance(part, Relational) else _ways(part, open_) for part in tree.args]
    is_expression = isinstance(tree, Expr)
    return [tree.func(*way, evaluate=False) if is_expression else tree.func(*way) for way in product(*parts)]


@lru_cache(maxsize=4096)
def _slopes(tree: Expr, arity: int) -> Slopes:
    return tuple(differentiate(tree, Symbol(f"x{place}")).result for place in range(arity))


def slope_values(slopes: Sequence[Expr | None], term: Term, values: Values) -> dict[str, Value]:
    """Return the slope of a term by each of its names, out of the formulas of one side."""
    found: dict[str, Value] = {}
    places = _places(term.shape)
    for name, formula in zip(term.names, slopes, strict=True):
        if formula is None:
            continue
        value = function(places, formula)(*(values[each] for each in term.names))
        found[name] = found[name] + value if name in found else value
    return found


def _differ(slopes: Sequence[Slopes], reach: Reach) -> bool:
    try:
        sides = [slope_values(each, reach.term, reach.values) for each in slopes]
    except (ZeroDivisionError, OutsideDomain):
        return False
    first, *others = sides or [{}]
    return any(not _alike(first[name], other[name]) for other in others for name in first)


def _alike(one: Value, other: Value) -> bool:
    if isinstance(one, fmpq) and isinstance(other, fmpq):
        return bool(one == other)
    return bool(arb(one).overlaps(arb(other)))
