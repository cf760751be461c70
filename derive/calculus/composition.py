"""Formulas composed: quantities and partials in weights, biases, inputs and targets alone, as SymPy expressions.

The tree of such a formula grows with the product of the layers' widths, so its size is estimated before it is made, and
what would be too large is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sympy import Dummy, Expr, Integer, Symbol, preorder_traversal

from derive.calculus.partials import LocalDerivative, Partial, Path
from derive.computation.equations import Computation, Term
from derive.computation.shapes import Shape
from derive.errors import UnsupportedError, Whole
from derive.notation import partial_text
from derive.stored import Stored

LIMIT = 50_000  # nodes of a tree


@dataclass(frozen=True, eq=False)
class Composition(Stored):
    """Composes the formulas of a computation and of the partials found for it."""

    computation: Computation
    partials: Mapping[str, Partial]

    def size(self, name: str) -> int:
        """Return an upper bound of the nodes of the quantity composed, found without composing it."""
        return self._sizes[name]

    def quantity(self, name: str) -> Expr:
        """Return the quantity composed; raises `UnsupportedError` where it would have more than `LIMIT` nodes."""
        _refuse_if_large(self._sizes[name], name)
        return self._compose(name, {})

    def partial(self, by: str) -> Expr:
        """Return ∂E/∂by composed; raises `UnsupportedError` where it would have more than `LIMIT` nodes."""
        _refuse_if_large(self._partial_sizes[by], partial_text(self.computation.objective, by))
        known: dict[str, Expr] = {}
        done: dict[str, Expr] = {}
        needed = _ancestors(self.partials[by])
        for name in (name for name in self.partials if name in needed):
            done[name] = sum((self._path(path, known, done) for path in self.partials[name].paths), start=Integer(0))
        return done[by]

    def _path(self, path: Path, known: dict[str, Expr], done: Mapping[str, Expr]) -> Expr:
        for symbol in path.local.formula.free_symbols:
            self._compose(symbol.name, known)
        upstream = done[path.upstream.by] if path.upstream else Integer(1)
        return upstream * _substituted(path.local.formula, known)

    def _compose(self, name: str, known: dict[str, Expr]) -> Expr:
        """Return the quantity composed; ``known`` keeps what was composed on the way."""
        if name not in self.computation.by_name or name in known:
            return known.get(name, Symbol(name))
        needed = self.computation.needed(name)
        for equation in self.computation.equations:
            if equation.name in needed and equation.name not in known:
                known[equation.name] = _substituted(equation.expression, known)
            if equation.name == name:
                break
        return known[name]

    @cached_property
    def _sizes(self) -> Mapping[str, int]:
        """An upper bound of the nodes of each quantity's composed tree, found without composing it."""
        sizes = dict.fromkeys(self.computation.kinds, 1)
        for equation in self.computation.equations:
            sizes[equation.name] = 1 + sum(_term_size(term, sizes) for term in equation.terms)
        return sizes

    @cached_property
    def _partial_sizes(self) -> Mapping[str, int]:
        sizes: dict[str, int] = {}
        for name, partial in self.partials.items():
            sizes[name] = sum(
                (sizes[path.upstream.by] if path.upstream else 0) + self._local_size(path.local)
                for path in partial.paths
            )
        return sizes

    def _local_size(self, local: LocalDerivative) -> int:
        term = local.equation.terms[0]
        if term.shape.derivative is not None:
            return 8 + 2 * sum(self._sizes[name] for name in (local.equation.name, *term.names, *term.siblings))
        return 1 + sum(_term_size(term, self._sizes) for term in local.equation.terms_with[local.by])


def _ancestors(partial: Partial) -> set[str]:
    found, waiting = set(), [partial]
    while waiting:
        current = waiting.pop()
        if current.by not in found:
            found.add(current.by)
            waiting += [path.upstream for path in current.paths if path.upstream is not None]
    return found


@lru_cache
def _shape_size(shape: Shape) -> tuple[int, tuple[int, ...]]:
    """Return how many nodes the shape's tree has, and how often each of its places stands in it."""
    places = [Dummy() for _ in range(shape.arity)]
    nodes = list(preorder_traversal(shape.build(*places)))
    return len(nodes), tuple(nodes.count(place) for place in places)


def _term_size(term: Term, sizes: Mapping[str, int]) -> int:
    nodes, counts = _shape_size(term.shape)
    return nodes + sum(count * sizes[name] for count, name in zip(counts, term.names, strict=True))


def _refuse_if_large(size: int, what: str) -> None:
    if size > LIMIT:
        raise UnsupportedError(
            "{what} written only in weights, biases, inputs and targets would have up to {size} nodes, more than "
            "the {limit} that can be composed; use .formula, which names the quantities in between.",
            what=what,
            size=Whole(size),
            limit=Whole(LIMIT),
        )


def _substituted(expression: Expr, known: Mapping[str, Expr]) -> Expr:
    """Return the tree evaluated by SymPy, with the known quantities in place of their names."""
    if isinstance(expression, Symbol):
        return known.get(expression.name, expression)
    if not expression.args:
        return expression
    return expression.func(*(_substituted(part, known) for part in expression.args))
