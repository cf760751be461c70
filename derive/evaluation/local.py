"""The values of local derivatives and of paths, at flint's present precision."""

from collections.abc import Callable, Collection
from functools import lru_cache

from flint import fmpq
from sympy import Dummy, Symbol

from derive.calculus.local import RESULT, argument_names, shape_derivative, sibling_names, steep_derivative
from derive.calculus.partials import Path
from derive.computation.equations import Equation, Term
from derive.computation.shapes import BIAS, PRODUCT, SAME, Shape
from derive.evaluation.carried import Carried, Values
from derive.numbers.arithmetic import ZERO, Value, function, times, total

ONE = fmpq(1)


def path_value(path: Path, partials: Values, values: Values) -> Value:
    """Return what a path adds to its partial, from the values and the partials of one sample."""
    return through(path.local.equation, path.local.by, None if path.upstream is None else partials, values)


def through(equation: Equation, by: str, partials: Values | None, values: Values) -> Value:
    """Return what a use adds to the partial by a quantity; there are no partials where it is the error itself."""
    local = local_value(equation, by, values)
    return local if partials is None else times(partials[equation.name], local)


def local_value(equation: Equation, by: str, values: Values, without: Collection[Term] = ()) -> Value:
    """Return the derivative of the equation's right-hand side by the name, at flint's present precision.

    From rounded results it is calculated as it is written, from others so that no digits are lost. Terms ``without``
    which it is wanted add nothing.
    """
    terms = equation.terms_with[by]
    if len(terms) == 1 and not without:  # most of all, by far: w·x and sums
        shape, names = terms[0].shape, terms[0].names
        if shape is PRODUCT and names[0] != names[1]:
            return values[names[by == names[0]]]
        if shape is SAME or shape is BIAS:
            return ONE
    as_written = isinstance(values, Carried)
    result = values.get(equation.name)
    parts = [
        _local_derivative(term.shape, place, as_written)(
            *(values[name] for name in (*term.names, *term.siblings)), result
        )
        for term in terms
        if term not in without
        for place, name in enumerate(term.names)
        if name == by
    ]
    return total(parts) if parts else ZERO


def term_function(shape: Shape) -> Callable[..., Value]:
    """Return the shape as a function of its places."""
    if shape is PRODUCT:
        return times
    return _itself if shape is SAME else _shape_function(shape)


@lru_cache(maxsize=4096)
def _shape_function(shape: Shape) -> Callable[..., Value]:
    places = [Dummy() for _ in range(shape.arity)]
    return function(places, shape.build(*places))


@lru_cache(maxsize=4096)
def _local_derivative(shape: Shape, place: int, as_written: bool) -> Callable[..., Value]:
    """Return the derivative of the shape by one argument, a function of its arguments, its siblings and its result."""
    order = [*map(Symbol, argument_names(shape)), *map(Symbol, sibling_names(shape)), RESULT]
    return function(order, shape_derivative(shape, place) if as_written else steep_derivative(shape, place))


def _itself(value: Value) -> Value:
    return value
