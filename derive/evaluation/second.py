"""Second derivatives: what the partials change by where a parameter moves, forward over reverse.

A parameter is moved, and every quantity and then every partial is followed: ẋ is the derivative of x by that parameter.
Of an equation y = f(x, …), ẏ is the sum of ∂f/∂x · ẋ; of a partial, which is a sum over the uses of a quantity of
∂E/∂y · L, it is the sum of (∂E/∂y)˙ · L + ∂E/∂y · L̇, where L̇ follows from the formula of the local derivative L. See
B. A. Pearlmutter, *Fast Exact Multiplication by the Hessian*, 1994. All is calculated on rationals and balls.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from flint import fmpq
from sympy import Abs, Dummy, Expr, Piecewise, Symbol, sign
from sympy.core.relational import Relational

from derive.calculus.local import RESULT, argument_names, local_formula, shape_derivative, sibling_names
from derive.calculus.rules import differentiate
from derive.computation.equations import Equation, Term
from derive.computation.shapes import Shape
from derive.errors import UnsupportedError
from derive.evaluation.carried import Values
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.local import local_value
from derive.evaluation.table import Table
from derive.notation.extremes import Extreme, rest
from derive.notation.tidy import multiply, tidy
from derive.notation.trees import ONE, add, minus, renamed
from derive.notation.trees import ZERO as NOTHING
from derive.numbers.arithmetic import ZERO, Value, function, kept, times, total

Rows = Mapping[str, Mapping[str, Value]]


def second_derivatives(evaluation: Evaluation, names: Sequence[str], table: Table) -> Rows:
    """Return the second derivatives of the error of all samples, by two parameters, at flint's present precision.

    Raises `UnsupportedError` where a formula changes its case exactly at the values of a sample.
    """
    samples = range(len(table.passes))
    for sample in samples:
        _check_smooth(evaluation, table.passes[sample])
    found = {by: [_moved(evaluation, table, sample, by) for sample in samples] for by in names}
    return {
        name: {by: _reduced(evaluation, [moved.get(name, ZERO) for moved in found[by]]) for by in names}
        for name in names
    }


def _reduced(evaluation: Evaluation, values: Sequence[Value]) -> Value:
    whole = total(values)
    return kept(whole / len(values)) if evaluation.computation.is_mean and len(values) > 1 else whole


def _moved(evaluation: Evaluation, table: Table, sample: int, by: str) -> Mapping[str, Value]:
    """Return by how much each partial of one sample changes with a parameter."""
    computation, partials = evaluation.computation, table.partials[sample]
    values = table.passes[sample]
    moves: dict[str, Value] = {by: fmpq(1)}
    for equation in computation.equations:
        parts = [times(local_value(equation, name, values), moves[name]) for name in equation.names if name in moves]
        if parts:
            moves[equation.name] = total(parts)
    found: dict[str, Value] = {}
    for name, partial in evaluation.derivation.partials.items():
        parts = []
        for path in partial.paths:
            slope = _moved_slope(path.local.equation, name, values, moves)
            if path.upstream is None:
                parts.append(slope)
                continue
            upstream = path.upstream.by
            parts.append(times(partials[upstream], slope))
            if found.get(upstream, ZERO) is not ZERO:
                parts.append(times(found[upstream], local_value(path.local.equation, name, values)))
        found[name] = total(parts)
    return found


def _moved_slope(equation: Equation, by: str, values: Values, moves: Values) -> Value:
    """Return by how much the local derivative of an equation by a name changes."""
    parts = [
        times(bend(*places, values.get(equation.name)), moves[moved])
        for term in equation.terms_with[by]
        for place, name in enumerate(term.names)
        if name == by
        for places in ([values[each] for each in (*term.names, *term.siblings)],)
        for moved, bend in _bends(equation, term, place)
        if moved in moves
    ]
    return total(parts) if parts else ZERO


def _bends(equation: Equation, term: Term, place: int) -> Iterator[tuple[str, Callable[..., Value]]]:
    """Yield the names that a local derivative changes with, each with the function that says how much."""
    named = zip(_symbols(term.shape), (*term.names, *term.siblings, equation.name), strict=True)
    for symbol, name in named:
        bend = _bend(term.shape, place, symbol)
        if bend is not None:
            yield name, bend


@lru_cache(maxsize=4096)
def _bend(shape: Shape, place: int, symbol: Symbol) -> Callable[..., Value] | None:
    """Return the derivative of a shape's derivative by one of the names in it; None where it is 0."""
    formula = bend_formula(shape_derivative(shape, place), symbol)
    return None if formula == NOTHING else function(_symbols(shape), formula)


def _symbols(shape: Shape) -> list[Symbol]:
    return [*map(Symbol, argument_names(shape)), *map(Symbol, sibling_names(shape)), RESULT]


def bend_formula(slope: Expr, symbol: Symbol) -> Expr:
    """Return the derivative of a local derivative, tidied; the sign of what is not 0 does not change.

    >>> from sympy import Symbol
    >>> from derive.notation.trees import mul, square
    >>> bend_formula(mul(Symbol("t"), square(Symbol("o"))), Symbol("o"))
    2*o*t
    """
    signs = {node: Dummy() for node in slope.atoms(sign)}
    found = differentiate(_replaced(slope, signs), symbol).result
    return renamed(found, {dummy: node for node, dummy in signs.items()})


def _replaced(tree: Expr, nodes: Mapping[Expr, Symbol]) -> Expr:
    if tree in nodes:
        return nodes[tree]
    if not tree.args:
        return tree
    parts = [_replaced(part, nodes) for part in tree.args]
    is_kept = isinstance(tree, Expr | Relational)
    return tree.func(*parts, evaluate=False) if is_kept else tree.func(*parts)


def _check_smooth(evaluation: Evaluation, values: Values) -> None:
    for equation in evaluation.computation.differentiated:
        for term in equation.terms:
            for difference in _edges(term.shape):
                at = difference(*(values[name] for name in term.names))
                if isinstance(at, fmpq) and at == 0:
                    raise UnsupportedError(
                        "the Hessian: the formula of {name} changes from one case to another exactly at these values, "
                        "where it has no second derivatives; expected other values.",
                        name=equation.name,
                    )


@lru_cache(maxsize=4096)
def _edges(shape: Shape) -> tuple[Callable[..., Value], ...]:
    """Return, for each place at which a shape's formula changes its case, what is 0 there."""
    places = [*map(Symbol, argument_names(shape))]
    formula = shape.build(*places)
    found = [node.args[0] for node in formula.atoms(Abs)]
    for node in formula.atoms(Piecewise):
        conditions = (condition for _, condition in node.args)
        found += [minus(test.lhs, test.rhs) for each in conditions for test in each.atoms(Relational)]
    for node in formula.atoms(Extreme):
        found += [minus(value, rest(node, _without(node.args, place))) for place, value in enumerate(node.args)]
    return tuple(function(places, difference) for difference in found)


def _without(values: Sequence[Expr], place: int) -> list[Expr]:
    return [*values[:place], *values[place + 1 :]]


class SecondFormulas:
    """The formulas of second derivatives over named quantities, for one sample."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self._moves: dict[tuple[str, str], Expr] = {}
        self._found: dict[tuple[str, str], Expr] = {}

    def __call__(self, name: str, by: str) -> Expr:
        """Return the derivative of the partial by ``name`` by another quantity, as an unevaluated SymPy tree."""
        if (name, by) not in self._found:
            parts = []
            for path in self.evaluation.derivation.partials[name].paths:
                slope = path.local.formula
                change = self._change(slope, by)
                if path.upstream is None:
                    parts.append(change)
                else:
                    parts += [
                        multiply(self(path.upstream.by, by), slope),
                        multiply(path.upstream.symbol, change),
                    ]
            self._found[name, by] = tidy(add(*parts)) if len(parts) > 1 else parts[0]
        return self._found[name, by]

    def _move(self, name: str, by: str) -> Expr:
        """Return the derivative of a quantity by a parameter."""
        if name == by:
            return ONE
        equation = self.evaluation.computation.by_name.get(name)
        if equation is None:
            return NOTHING
        if (name, by) not in self._moves:
            parts = [multiply(local_formula(equation, each), self._move(each, by)) for each in equation.names]
            self._moves[name, by] = tidy(add(*parts)) if len(parts) > 1 else parts[0]
        return self._moves[name, by]

    def _change(self, formula: Expr, by: str) -> Expr:
        symbols = sorted(formula.free_symbols, key=str)
        parts = [
            multiply(bend_formula(formula, symbol), self._move(symbol.name, by))
            for symbol in symbols
            if self._move(symbol.name, by) != NOTHING
        ]
        return (tidy(add(*parts)) if len(parts) > 1 else parts[0]) if parts else NOTHING
