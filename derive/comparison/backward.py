"""A backward pass over equations in doubles, and the same error written for libraries that differentiate by themselves.

Every quantity is an array with a number a sample. The pass goes through the equations from the last to the first and
hands what it has of a quantity on to each quantity in its equation, times the local derivative, where it is added up:
reverse accumulation, as in Griewank and Walther, Evaluating Derivatives (2008), section 3.2. The local derivatives are
those of the shapes; no partial of the derivation is used. With a `Detour` a pass goes wrong in one way; many detours
are gone at once, each with a row of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np
from sympy import Dummy, Expr, Symbol

from derive.calculus.local import RESULT, argument_names, shape_derivative, sibling_names
from derive.comparison.libraries import Library
from derive.computation.equations import Computation, Equation, Term
from derive.computation.shapes import Shape
from derive.functions.activations import Activation, JointActivation
from derive.functions.losses import Loss
from derive.notation.tidy import tidy
from derive.numbers.decimals import to_float
from derive.training.code.arrays import array_functions
from derive.training.code.expressions import NumpyCode
from derive.training.code.program import compiled, run

Edge = tuple[str, str]  # a quantity that an equation defines, and one on the right-hand side
Values = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Detour:
    """How a backward pass deviates from the right one.

    ``edges`` are local derivatives that take the place of the right ones, an array of a number a sample or one number;
    ``keeps`` are quantities of which one use overwrites what another has found, and nothing is added up: "first" or
    "last" is the one that is left, in the order of the equations. ``factor`` multiplies every derivative, ``only`` is
    the one sample that is used.
    """

    edges: Mapping[Edge, Any] = field(default_factory=dict)
    keeps: Mapping[str, str] = field(default_factory=dict)
    factor: float = 1.0
    only: int | None = None


RIGHT = Detour()


@dataclass(eq=False)
class Backward:
    """The backward pass of a computation; ``values`` are the doubles of its forward pass, by name."""

    computation: Computation
    parameters: Mapping[str, float] = field(default_factory=dict)  # in place of those of the computation

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The equations that the objective comes from."""
        needed = self.computation.needed(self.computation.objective)
        found = [equation for equation in self.computation.equations if equation.name in needed]
        siblings = {name for equation in found for term in equation.terms for name in term.siblings}
        return tuple(each for each in self.computation.equations if each.name in needed or each.name in siblings)

    @cached_property
    def values(self) -> Values:
        """The values of the forward pass, an array with a number a sample."""
        known = _given(self.computation)
        known |= {name: np.full_like(known[name], value) for name, value in self.parameters.items()}
        with np.errstate(all="ignore"):
            for equation in self.equations:
                terms = (_function(term.shape)(*(known[name] for name in term.names)) for term in equation.terms)
                known[equation.name] = sum(terms) + np.zeros(len(self.computation.samples))
        return known

    @cached_property
    def edges(self) -> Mapping[Edge, Any]:
        """The local derivatives, an array with a number a sample, by what is differentiated and by what."""
        with np.errstate(all="ignore"):
            return {
                (equation.name, name): sum(self.uses_in(equation, name))
                for equation in self.equations
                for name in equation.names
            }

    def uses_in(self, equation: Equation, by: str) -> list[Any]:
        """Return the derivative of each place in which a quantity stands in an equation."""
        return [
            self.filled(derivative_code(term.shape, place), equation.name, term)
            for term in equation.terms_with[by]
            for place, name in enumerate(term.names)
            if name == by
        ]

    def filled(self, function: Any, target: str, term: Term, result: Any = None) -> Any:
        """Return a function of a term's arguments, its siblings and what it defines, for each sample."""
        given = [self.values[name] for name in (*term.names, *term.siblings)]
        return function(*given, self.values[target] if result is None else result) + self._nothing

    def slope_at(self, shape: Shape, nets: Any) -> Any:
        """Return the derivative of an activation at these nets, with the outs that it has there."""
        with np.errstate(all="ignore"):
            return derivative_code(shape, 0)(nets, _function(shape)(nets)) + self._nothing

    @cached_property
    def _nothing(self) -> Any:
        return np.zeros(len(self.computation.samples))

    def gradients(self, detours: Sequence[Detour] = (RIGHT,)) -> Mapping[str, Any]:
        """Return the gradient of the error of all samples by every quantity, an array with a number a detour."""
        found = self.partials(detours)
        return {name: by_sample.sum(axis=1) for name, by_sample in found.items()}

    def partials(self, detours: Sequence[Detour]) -> Mapping[str, Any]:
        """Return what each sample adds to the gradient, arrays (detours, samples) by name."""
        changed: dict[Edge, list[tuple[int, Any]]] = {}
        for row, detour in enumerate(detours):
            for edge, local in detour.edges.items():
                changed.setdefault(edge, []).append((row, local))
        overwriting = [row for row, detour in enumerate(detours) if detour.keeps]
        found: dict[str, Any] = {self.computation.objective: self._start(detours)}
        with np.errstate(all="ignore"):
            for equation in reversed(self.equations):
                if equation.name not in found:
                    continue
                flow = found[equation.name]
                for name in equation.names:
                    edge = (equation.name, name)
                    handed = flow * self.edges[edge]
                    for row, local in changed.get(edge, ()):
                        handed[row] = flow[row] * local
                    if name in found:
                        before, latest = found[name], handed
                        handed = before + latest
                        for row in overwriting:
                            kept = detours[row].keeps.get(name)
                            if kept:
                                handed[row] = latest[row] if kept == "first" else before[row]
                    found[name] = handed
        return found

    def _start(self, detours: Sequence[Detour]) -> Any:
        count = len(self.computation.samples)
        start = np.empty((len(detours), count))
        for row, detour in enumerate(detours):
            start[row] = detour.factor / (count if self.computation.is_mean else 1)
            if detour.only is not None:
                start[row, [sample for sample in range(count) if sample != detour.only]] = 0
        return start


def equations_by_numpy(computation: Computation) -> dict[str, float]:
    """Return the gradient of the error of all samples by every parameter, by a backward pass in doubles."""
    found = Backward(computation).gradients()
    return {name: float(found[name][0]) if name in found else 0.0 for name in computation.parameters}


def equations_by_torch(computation: Computation, library: Library) -> dict[str, float]:
    """Return the same by PyTorch's differentiation of the equations."""
    start = {
        name: library.tensor(to_float(computation.values[name])).requires_grad_() for name in computation.parameters
    }
    _error(computation, library, start).backward()
    return {name: 0.0 if leaf.grad is None else float(leaf.grad) for name, leaf in start.items()}


def equations_by_jax(computation: Computation, library: Library) -> dict[str, float]:
    """Return the same by JAX's."""
    import jax

    start = {name: library.tensor(to_float(computation.values[name])) for name in computation.parameters}
    found = jax.grad(partial(_error, computation, library))(start)
    return {name: float(value) for name, value in found.items()}


def _error(computation: Computation, library: Library, parameters: Values) -> Any:
    """Return the error of all samples by the library's functions."""
    needed = computation.needed(computation.objective)
    known = {name: library.tensor(value) for name, value in _given(computation).items()}
    nothing = library.tensor(np.zeros(len(computation.samples)))
    known |= {name: value + nothing for name, value in parameters.items()}
    for equation in computation.equations:
        if equation.name in needed:
            known[equation.name] = sum(_term(term, known, library) for term in equation.terms) + nothing
    return known[computation.objective].sum() / (len(computation.samples) if computation.is_mean else 1)


def _term(term: Term, known: Values, library: Library) -> Any:
    given, shape = [known[name] for name in term.names], term.shape
    constant = 0.0 if shape.constant is None else to_float(shape.constant)
    if isinstance(shape.entry, Activation):
        return library.activation(shape.entry.name)(given[0], constant)
    if isinstance(shape.entry, JointActivation):
        outs = library.activation(shape.entry.name)(library.stack(given), constant)
        return outs[:, shape.position]
    if isinstance(shape.entry, Loss):
        return library.loss(shape.entry.name)(given[0], given[1], constant)
    if shape not in library.formulas:
        names, code = _code(shape)
        source = f"def formula({names}):\n    return {code}\n"
        library.formulas[shape] = run(compiled(source), library.functions)["formula"]
    return library.formulas[shape](*given)


def _given(computation: Computation) -> dict[str, Any]:
    return {name: np.array([to_float(sample[name]) for sample in computation.samples]) for name in computation.values}


# Formulas as functions of arrays; the code holds no name of a user's.


def _code(shape: Shape) -> tuple[str, str]:
    places = [Dummy() for _ in range(shape.arity)]
    names = {place: f"a{number}" for number, place in enumerate(places)}
    return ", ".join(names.values()), NumpyCode(names)(tidy((shape.numeric or shape.build)(*places)))


@lru_cache(maxsize=4096)
def _function(shape: Shape) -> Any:
    """Return a shape as a function of arrays, one a place."""
    names, code = _code(shape)
    return _compiled(names, code)


@lru_cache(maxsize=4096)
def derivative_code(shape: Shape, place: int) -> Any:
    """Return a shape's derivative by one place: a function of its arguments, its siblings and its result."""
    return formula_code(shape, shape_derivative(shape, place))


def formula_code(shape: Shape, formula: Expr) -> Any:
    """Return a formula in a shape's arguments, siblings and result as a function of these."""
    order = [*map(Symbol, argument_names(shape)), *map(Symbol, sibling_names(shape)), RESULT]
    names = {symbol: f"a{number}" for number, symbol in enumerate(order)}
    return _compiled(", ".join(names.values()), NumpyCode(names)(formula))


def _compiled(names: str, code: str) -> Any:
    functions = {**array_functions(), "max": _largest, "min": _least}
    return run(compiled(f"def formula({names}):\n    return {code}\n"), functions)["formula"]


def _largest(*values: Any) -> Any:
    return np.maximum.reduce(np.broadcast_arrays(*values))


def _least(*values: Any) -> Any:
    return np.minimum.reduce(np.broadcast_arrays(*values))
