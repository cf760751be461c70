"""The slips that gradients of equations suffer from, each as a detour of the backward pass.

What is forgotten most is one of several uses: of a shared parameter, of a state that goes on in time, of a skip.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice
from typing import Any

import numpy as np
from sympy import Expr, Integer, Mul, Pow, Symbol, preorder_traversal

from derive.calculus.local import RESULT, argument_names, in_names, shape_derivative
from derive.comparison.backward import Backward, Detour, Edge, derivative_code, formula_code
from derive.comparison.block_slips import block_candidates, exchanged_gradients
from derive.comparison.slips import Slip, is_linear
from derive.computation.equations import Computation, Equation, Term
from derive.computation.shapes import PRODUCT, activation_shape
from derive.errors import Message
from derive.evaluation.evaluation import Evaluation
from derive.functions.activations import ACTIVATIONS, Activation, JointActivation
from derive.notation import to_text
from derive.numbers.decimals import to_float

Candidate = tuple[Slip, Detour]
MOST_CELLS = 4_000_000  # local derivatives times slips that are tried: of a large computation the likelier ones
AT_ONCE = 64  # slips that go through one pass
MOST_EACH = 12  # equations of which each is tried alone, and not all of them together only


def predictions(evaluation: Evaluation) -> Iterator[tuple[Slip, Callable[[str], float]]]:
    """Yield each slip with the gradient that it leads to, by name."""
    backward = Backward(evaluation.computation)
    most = MOST_CELLS // (len(backward.edges) * len(evaluation.computation.samples))
    slips = islice(Slips(evaluation, backward).all(), max(most, AT_ONCE))
    while some := list(islice(slips, AT_ONCE)):
        found = backward.gradients([detour for _, detour in some])
        for row, (slip, _) in enumerate(some):
            yield slip, _Row(found, row)
    yield from _swapped(evaluation)


class _Row:
    """The gradient of one of several detours; of what the objective does not depend on it is 0."""

    def __init__(self, found: Mapping[str, Any], row: int) -> None:
        self.found, self.row = found, row

    def __call__(self, name: str) -> float:
        return float(self.found[name][self.row]) if name in self.found else 0.0


def _swapped(evaluation: Evaluation) -> Iterator[tuple[Slip, Callable[[str], float]]]:
    """Yield pairs of parameters of which each has the derivative of the other, and arrays in another order."""
    names = evaluation.computation.parameters
    right = {name: float(value) for name, value in evaluation.gradients.items()}
    for slip, others in exchanged_gradients(evaluation.computation):
        yield slip, {name: right.get(others.get(name, name), 0.0) for name in right}.__getitem__
    if len(names) > MOST_EACH:
        return
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            sentence = Message(
                "The derivatives with respect to {one} and {other} are swapped.", {"one": one, "other": other}
            )
            yield Slip("swapped", sentence), {**right, one: right[other], other: right[one]}.__getitem__


class Slips:
    """The slips that a computation can suffer from, the likelier ones first."""

    def __init__(self, evaluation: Evaluation, backward: Backward) -> None:
        self.evaluation, self.backward = evaluation, backward

    @property
    def computation(self) -> Computation:
        """What is differentiated."""
        return self.evaluation.computation

    def all(self) -> Iterator[Candidate]:
        """Yield every slip with its detour."""
        yield from self._missing_paths()
        yield from self._overwritten()
        yield from self._in_time()
        yield from self._whole()
        yield from self._missing_slopes()
        yield from block_candidates(self.backward)
        yield from self._lost_factors()
        yield from self._wrong_signals()
        yield from self._wrong_slopes()
        yield from self._stops()

    # Of all derivatives.

    def _whole(self) -> Iterator[Candidate]:
        zero = Message("Every derivative is zero: no gradient was computed, or none was stored.")
        yield Slip("detached", zero), Detour(factor=0.0)
        count, is_mean = len(self.computation.samples), self.computation.is_mean
        if count > 1:
            sentence = (
                Message("The samples are summed; they should be averaged.")
                if is_mean
                else Message("The samples are averaged; they should be summed.")
            )
            yield Slip("mean and sum", sentence), Detour(factor=float(count) if is_mean else 1 / count)
            ends = ((0, Message("Only the first sample is used.")), (-1, Message("Only the last sample is used.")))
            for sample, sentence in ends:
                for factor in (1.0, float(count)) if is_mean else (1.0, 1 / count):
                    yield Slip("one sample", sentence), Detour(only=sample % count, factor=factor)
        yield from self._rates()
        if self._has_squares:
            sentence = Message("Every derivative is twice too large: the factor ½ is missing.")
            yield Slip("factor two", sentence), Detour(factor=2.0)
            sentence = Message(
                "Every derivative is half of what it should be: the factor 2 from the square is missing."
            )
            yield Slip("factor two", sentence), Detour(factor=0.5)
        errors = self.computation.errors
        if len(errors) > 1:
            sentence = Message("The {count} parts of the objective are averaged; it sums them.", {"count": len(errors)})
            yield Slip("mean and sum", sentence), Detour(factor=1 / len(errors))

    def _rates(self) -> Iterator[Candidate]:
        rate = to_float(self.evaluation.plan.learning_rate)
        if not self.computation.trained or rate in (
            0.0,
            1.0,
        ):  # all would be 0 with 0, and equal but for the sign with 1
            return
        sentence = Message(
            "Every derivative is multiplied by the learning rate: these are steps of an update, not gradients."
        )
        yield Slip("learning rate", sentence), Detour(factor=rate)
        sentence = Message(
            "Every derivative is multiplied by minus the learning rate: these are the changes "
            "that an update makes, not gradients."
        )
        yield Slip("learning rate", sentence), Detour(factor=-rate)

    @cached_property
    def _has_squares(self) -> bool:
        shapes = {term.shape for equation in self.backward.equations for term in equation.terms}
        return any(
            isinstance(node, Pow) and node.exp == 2
            for shape in shapes
            if shape.entry is None or "squared" in shape.name
            for node in preorder_traversal(shape.build(*map(Symbol, argument_names(shape))))
        )

    # Of one use of several.

    @cached_property
    def _users(self) -> Mapping[str, tuple[str, ...]]:
        """The equations through which a quantity reaches the objective, by its name, in their order."""
        found: dict[str, list[str]] = {}
        for equation in self.backward.equations:
            for name in equation.names:
                found.setdefault(name, []).append(equation.name)
        return {name: tuple(users) for name, users in found.items()}

    def _said(self, name: str) -> str:
        """Return what a quantity is called: a net input by the quantity that it belongs to."""
        return self.computation.units.get(name, name)

    def _overwritten(self) -> Iterator[Candidate]:
        shared = [name for name, users in self._users.items() if len(users) > 1]
        parameters = [name for name in shared if name in self.computation.parameters]
        for names, first, last in (
            (
                parameters,
                Message(
                    "Only the first use of each shared parameter counts; the contributions of all its uses must be "
                    "added up (+= instead of =)."
                ),
                Message(
                    "Only the last use of each shared parameter counts; the contributions of all its uses must be "
                    "added up (+= instead of =)."
                ),
            ),
            (
                shared,
                Message(
                    "Only the first use of each quantity counts; the contributions of all its uses must be added up "
                    "(+= instead of =)."
                ),
                Message(
                    "Only the last use of each quantity counts; the contributions of all its uses must be added up "
                    "(+= instead of =)."
                ),
            ),
        ):
            if len(names) > 1:  # a single one is called by its name
                yield Slip("overwritten", first), Detour(keeps=dict.fromkeys(names, "first"))
                yield Slip("overwritten", last), Detour(keeps=dict.fromkeys(names, "last"))

    def _missing_paths(self) -> Iterator[Candidate]:
        for name, users in self._users.items():
            for user in users if len(users) > 1 else ():
                fields = {"through": self._said(user), "name": self._said(name)}
                sentence = Message(
                    "The contribution through {through} is missing from the derivative with respect to {name}.", fields
                )
                yield Slip("missing path", sentence), Detour({(user, name): 0.0})
            for user in users if len(users) > 2 else ():
                fields = {"through": self._said(user), "name": self._said(name)}
                sentence = Message(
                    "Only the contribution through {through} is counted in the derivative with respect to {name}.",
                    fields,
                )
                yield Slip("missing path", sentence), Detour({(other, name): 0.0 for other in users if other != user})

    def _in_time(self) -> Iterator[Candidate]:
        """Yield that the state of each step counts as given: h_1, h_2, …, of which each comes from the one before."""
        links = self._links()
        if sum(map(len, links.values())) > 1:
            sentence = Message(
                "The gradient is not passed back from step to step: it stops at the state of the step before."
            )
            edges = {edge: 0.0 for each in links.values() for edge in each}
            yield Slip("detached", sentence), Detour(edges)

    def _links(self) -> dict[str, list[Edge]]:
        """Return the uses by which a state goes on to the next step, by its name without its number.

        A state is followed by one of the same name with the next number, which comes from it and is made with the same
        parameters; so one of another layer, which has other ones, is no state.
        """
        found: dict[str, list[Edge]] = {}
        for name in (equation.name for equation in self.backward.equations):
            stem, number = _numbered(name)
            after = f"{stem}{number + 1}"
            if number >= 0 and after in self.computation.by_name:
                users = [user for user in self._users.get(name, ()) if _numbered(user)[1] == number + 1]
                if name in self._needed(after) and self._own(name) & self._own(after):
                    found.setdefault(stem, []).extend((user, name) for user in users if user in self._needed(after))
        return found

    @cached_property
    def _sources(self) -> dict[str, frozenset[str]]:
        return {}

    def _needed(self, name: str) -> frozenset[str]:
        if name not in self._sources:
            self._sources[name] = self.computation.needed(name)
        return self._sources[name]

    def _own(self, name: str) -> set[str]:
        """Return the parameters that a quantity is made with, in its equation and in those just before it."""
        defined = self.computation.by_name
        near = [defined[name], *(defined[each] for each in defined[name].names if each in defined)]
        return {each for equation in near for each in equation.names}.intersection(self.computation.parameters)

    def _stops(self) -> Iterator[Candidate]:
        for name, users in self._users.items():
            edges = {(user, name): 0.0 for user in users}
            if name in self.computation.by_name:
                sentence = Message(
                    "No gradient reaches {name}: the backward pass stops there.", {"name": self._said(name)}
                )
                yield Slip("detached", sentence), Detour(edges)
            elif name in self.computation.parameters:
                sentence = Message("Only the derivative with respect to {name} is zero.", {"name": name})
                yield Slip("detached", sentence), Detour(edges)

    # Of one local derivative.

    def _edges_of(self, equation: Equation) -> Iterator[tuple[str, Term, int, Any, Any]]:
        """Yield each place of a name in an equation: its term, its derivative there, and that of all other places."""
        for by in equation.names:
            parts = self.backward.uses_in(equation, by)
            places = [
                (term, place) for term in equation.terms_with[by] for place, name in enumerate(term.names) if name == by
            ]
            for (term, place), part in zip(places, parts, strict=True):
                yield by, term, place, part, sum(parts) - part

    def _lost_factors(self) -> Iterator[Candidate]:
        """Yield each factor of a local derivative that may be left out, its sign, and one place of several."""
        for equation in self.backward.equations:
            for by, term, place, part, others in self._edges_of(equation):
                fields = {"of": equation.name, "by": by}
                edge = (equation.name, by)
                sentence = Message("The derivative of {of} with respect to {by} has the wrong sign.", fields)
                yield Slip("local sign", sentence), Detour({edge: others - part})
                if np.any(others):
                    yield Slip("local sign", sentence), Detour({edge: -others - part})
                    sentence = Message(
                        "{by} stands in {of} more than once, and its derivative there is that of one place alone.",
                        fields,
                    )
                    yield Slip("missing place", sentence), Detour({edge: part})
                if isinstance(term.shape.entry, Activation | JointActivation):
                    continue
                for factor, rest in _without_each(shape_derivative(term.shape, place)):
                    text = to_text(in_names(term, factor, equation.name))
                    sentence = Message(
                        "The factor {factor} is missing from the derivative of {of} with respect to {by}.",
                        {**fields, "factor": text},
                    )
                    value = self.backward.filled(formula_code(term.shape, rest), equation.name, term)
                    yield Slip("missing factor", sentence), Detour({edge: others + value})

    def _wrong_signals(self) -> Iterator[Candidate]:
        """Yield what stands in a product's derivative in place of the other factor: its own, or a net for its out."""
        values, swapped = self.backward.values, {}
        for equation in self.backward.equations:
            for by, term, place, _, others in self._edges_of(equation):
                if term.shape is not PRODUCT or term.names[0] == term.names[1]:
                    continue
                edge, other = (equation.name, by), term.names[1 - place]
                sentence = Message(
                    "The derivative of {of} with respect to {by} is taken as {by} itself.",
                    {"of": equation.name, "by": by},
                )
                yield Slip("own factor", sentence), Detour({edge: others + values[by]})
                net = self._net_of(other)
                if net and by in self.computation.parameters:
                    swapped[edge] = others + values[net]
                    sentence = Message(
                        "The derivative with respect to {by} uses the argument of {other} in place of {other}.",
                        {"by": by, "other": other},
                    )
                    yield Slip("net as signal", sentence), Detour({edge: swapped[edge]})
        if len(swapped) > 1:
            sentence = Message(
                "The derivatives with respect to the parameters use the arguments of the activations in place of "
                "their outputs."
            )
            yield Slip("net as signal", sentence), Detour(swapped)
        yield from self._updated()

    def _net_of(self, name: str) -> str:
        term = self._activation(self.computation.by_name.get(name))
        return term.names[0] if term and isinstance(term.shape.entry, Activation) else ""

    def _updated(self) -> Iterator[Candidate]:
        if not self.computation.trained:
            return
        moved = {name: float(self.evaluation.updated(name)) for name in self.computation.trained}
        values = self.backward.values
        other = Backward(self.computation)
        other.values = {**values, **{name: np.full_like(values[name], value) for name, value in moved.items()}}
        edges = {
            edge: local
            for edge, local in other.edges.items()
            if edge[1] in self.computation.by_name and np.any(local != self.backward.edges[edge])
        }
        if edges:
            sentence = Message("The derivatives are passed back through the updated parameters, not the original ones.")
            yield Slip("updated weights", sentence), Detour(edges)

    # Of activations.

    @staticmethod
    def _activation(equation: Equation | None) -> Term | None:
        """Return the one term of an equation that is an activation as a whole, and not a linear one."""
        if equation is None or len(equation.terms) != 1:
            return None
        term = equation.terms[0]
        entry = term.shape.entry
        if isinstance(entry, JointActivation) and term.siblings:
            return term
        return term if isinstance(entry, Activation) and not is_linear(entry.name, term.shape.constant) else None

    @cached_property
    def _activations(self) -> Mapping[str, Sequence[tuple[str, Term]]]:
        """The quantities that are an activation, with its term, by the name of the activation."""
        found: dict[str, list[tuple[str, Term]]] = {}
        for equation in self.backward.equations:
            term = self._activation(equation)
            if term:
                found.setdefault(term.shape.name, []).append((equation.name, term))
        return found

    def _missing_slopes(self) -> Iterator[Candidate]:
        everywhere: dict[Edge, Any] = {}
        for function, found in self._activations.items():
            is_joint = isinstance(ACTIVATIONS[function], JointActivation)
            each = [_straight(name, term) for name, term in found]
            together = dict(chain.from_iterable(edges.items() for edges in each))
            everywhere |= together
            if is_joint or len(found) > 1:
                sentence = Message("The derivative of {activation} is missing everywhere.", {"activation": function})
                yield Slip("missing slope", sentence), Detour(together)
            for (name, _), edges in zip(found[:MOST_EACH], each, strict=False) if not is_joint else ():
                fields = {"activation": function, "name": name}
                sentence = Message("The derivative of {activation} is missing in {name}.", fields)
                yield Slip("missing slope", sentence), Detour(edges)
            if is_joint:
                sentence = Message(
                    "Only the diagonal of the Jacobian of {activation} is used: the derivative of each output with "
                    "respect to its own net input.",
                    {"activation": function},
                )
                beside = {edge: 0.0 for edge, local in together.items() if local == 0}
                yield Slip("diagonal", sentence), Detour(beside)
        if len(self._activations) > 1:
            yield Slip("missing slope", Message("The derivative of every activation is missing.")), Detour(everywhere)

    def _wrong_slopes(self) -> Iterator[Candidate]:
        for function, found in self._activations.items():
            entry = ACTIVATIONS[function]
            if not isinstance(entry, Activation):
                continue
            alone = [[each] for each in found[:MOST_EACH]] if len(found) > 1 else []
            for some in [list(found), *alone]:
                name = some[0][0]
                for kind, everywhere, here, edges in self._slopes(function, some):
                    fields = {"activation": function, "name": name}
                    sentence = here if len(some) == 1 else everywhere
                    yield Slip(kind, Message(sentence.text, {**sentence.fields, **fields})), Detour(edges)

    def _slopes(
        self, function: str, some: Sequence[tuple[str, Term]]
    ) -> Iterator[tuple[str, Message, Message, dict[Edge, Any]]]:
        """Yield the derivatives that stand for the right one: what is said of all, of one, and the edges."""
        values = self.backward.values
        if RESULT in shape_derivative(some[0][1].shape, 0).free_symbols:
            yield (
                "wrong place",
                Message(
                    "The derivative of {activation}, which is written in terms of the output, is evaluated at the "
                    "argument everywhere."
                ),
                Message(
                    "The derivative of {activation}, which is written in terms of the output, is evaluated at the "
                    "argument in {name}."
                ),
                {
                    (name, term.names[0]): self.backward.filled(
                        derivative_code(term.shape, 0), name, term, values[term.names[0]]
                    )
                    for name, term in some
                },
            )
        yield (
            "wrong place",
            Message("The derivative of {activation} is evaluated at the output instead of the argument everywhere."),
            Message("The derivative of {activation} is evaluated at the output instead of the argument in {name}."),
            {(name, term.names[0]): self.backward.slope_at(term.shape, values[name]) for name, term in some},
        )
        for other, entry in ACTIVATIONS.items():
            if not isinstance(entry, Activation) or other == function or is_linear(other, entry.default):
                continue
            shape = activation_shape(entry, entry.default)
            yield (
                "other slope",
                Message(
                    "The derivative of {other} is used instead of that of {activation} everywhere.", {"other": other}
                ),
                Message(
                    "The derivative of {other} is used instead of that of {activation} in {name}.", {"other": other}
                ),
                {(name, term.names[0]): self.backward.slope_at(shape, values[term.names[0]]) for name, term in some},
            )


def _numbered(name: str) -> tuple[str, int]:
    """Return a name without the number that it ends with, and the number; -1 where there is none.

    >>> _numbered("h_12"), _numbered("loss")
    (('h_', 12), ('loss', -1))
    """
    stem = name.rstrip("0123456789")
    return (stem, int(name[len(stem) :])) if stem != name else (name, -1)


def _straight(name: str, term: Term) -> dict[Edge, float]:
    """Return the edges of an activation that hands on what it is given: 1 to its own net, 0 to those of others."""
    own = term.names[term.siblings.index(name)] if term.siblings else term.names[0]
    return {(name, net): float(net == own) for net in dict.fromkeys(term.names)}


def _without_each(derivative: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Yield each factor of a local derivative, but for its sign, and what is left without it."""
    factors = derivative.args if isinstance(derivative, Mul) else (derivative,)
    for index, factor in enumerate(factors):
        rest = [*factors[:index], *factors[index + 1 :]]
        if factor.is_number and factor.is_negative:  # its sign stays
            factor, rest = -factor, [Integer(-1), *rest]
        if factor != 1:
            yield factor, Mul(*rest, evaluate=False) if len(rest) > 1 else rest[0] if rest else Integer(1)
