"""The chain rule over a computation, backwards: every partial of the objective as a sum over paths of products.

A path is one local derivative and, before it, the partial by the quantity that it defines, found earlier and used again
(a delta). So the work grows with the number of uses of quantities and no faster. SymPy expressions are made when
someone looks.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Expr, Symbol

from derive.calculus.composition import Composition
from derive.calculus.partials import Numbers, Partial
from derive.checks import ByName
from derive.computation.equations import Computation, Term
from derive.computation.wellformed import PARAMETERS
from derive.errors import UnknownNameError, nearest, shown
from derive.functions.activations import JointActivation
from derive.functions.losses import SHORT_DELTAS, Loss
from derive.stored import Stored

MOST_NAMES = 12  # in a message


@dataclass(frozen=True, eq=False)
class Derivation(Stored):
    """Every partial derivative of a computation's objective, in symbols; ``numbers`` gives them their values."""

    computation: Computation
    numbers: Numbers = field(repr=False)

    @cached_property
    def partials(self) -> Mapping[str, Partial]:
        """Every partial by name, in the order in which the backward pass finds them."""
        computation, root = self.computation, self.computation.opened_objective
        uses = defaultdict(list)
        for equation in computation.differentiated:
            for name in equation.names:
                uses[name].append(equation)
        found: dict[str, Partial] = {}
        for name in reversed(_forward_order(computation)):
            leading = tuple(equation for equation in uses[name] if equation is root or equation.name in found)
            if leading:
                found[name] = Partial(computation.objective, name, leading, self)
        return ByName(found)

    def __getitem__(self, name: str) -> Partial:
        key = self._key(name) if isinstance(name, str) else ""
        if key not in self.partials:
            deltas = (partial.symbol.name for partial in self.partials.values() if partial.is_net)
            if self.computation.layers is None and key in self.computation.unused:
                raise UnknownNameError(
                    "{name}: {objective} does not depend on it, so that every derivative by it is 0.",
                    name=shown(name),
                    objective=self.computation.objective,
                )
            if self.computation.layers is None:
                raise UnknownNameError(
                    "{name}: not a partial derivative of {objective}; try one with respect to {names}.{hint}",
                    name=shown(name),
                    objective=self.computation.objective,
                    names=", ".join(list(self.partials)[:MOST_NAMES]),
                    hint=nearest(name, [*self.partials, *deltas]),
                )
            raise UnknownNameError(
                "{name}: not a partial derivative of this network; try a weight, a bias, an input, a target, a "
                "net input or an output.{hint}",
                name=shown(name),
                hint=nearest(name, [*self.partials, *deltas]),
            )
        return self.partials[key]

    def _key(self, name: str) -> str:
        """Return the quantity by which the objective is differentiated: w5 for dE_total_dw5, net_h1 for delta_h1."""
        own = name if name in self.partials else self.computation.named(name)
        return self._by_symbol.get(own, own)

    @cached_property
    def _by_symbol(self) -> Mapping[str, str]:
        written = {f"d{self.computation.objective}_d{name}": name for name in self.partials}
        return written | {partial.symbol.name: name for name, partial in self.partials.items()}

    @cached_property
    def short_deltas(self) -> Mapping[str, tuple[Expr, ...]]:
        """The deltas that have a short form: by net, the lines that lead to it, ∂E/∂net last.

        >>> import derive
        >>> derivation = derive.Network(
        ...     layers=[derive.Layer([[0.5]])], samples=[derive.Sample([1], [1])], error="binary_cross_entropy"
        ... ).derive()
        >>> derivation.short_deltas["net_o1"][-1]
        out_o1 - target_o1
        """
        return dict(_short_deltas(self.computation))

    @cached_property
    def shares(self) -> tuple[tuple[str, ...], ...]:
        """The targets that have to add up to 1, together, for a delta to have its short form.

        >>> import derive
        >>> derive.load("softmax_classifier").derive().evaluation.derivation.shares
        (('target_o1', 'target_o2', 'target_o3'),)
        """
        found: dict[tuple[str, ...], None] = {}
        terms = self.computation.opened_objective.terms
        errors = {term.names[-1]: term.names[0] for term in terms if isinstance(term.shape.entry, Loss)}
        for out in errors:
            siblings = self.computation.by_name[out].terms[0].siblings if out in self.computation.by_name else ()
            if siblings and self.short_deltas:
                found[tuple(errors[each] for each in siblings)] = None
        return tuple(found)

    @cached_property
    def vanishing(self) -> frozenset[str]:
        """The quantities by which the partial is 0, whatever the numbers: a bias that all neurons of a softmax share.

        >>> import derive
        >>> layer = derive.Layer([[0.5], [0.1]], bias=0.3, activation="softmax")
        >>> network = derive.Network(layers=[layer], samples=[derive.Sample([1], [0, 1])])
        >>> sorted(network.derive().evaluation.derivation.vanishing)
        ['b1']
        """
        entries = (equation.terms[0].shape.entry for equation in self.computation.equations)
        if not any(isinstance(entry, JointActivation) and entry.ignores_shift for entry in entries):
            return frozenset()  # of very many uses none needs to be looked at
        return frozenset(by for by, partial in self.partials.items() if _only_shifts(self.computation, partial))

    def delta_formula(self, partial: Partial) -> Expr:
        """Return the formula by which a delta is calculated where it stands: the short form, where it has one."""
        short = self.short_deltas.get(partial.by)
        return short[-1] if short else partial.named_formula if partial.factors else partial.formula

    @cached_property
    def composition(self) -> Composition:
        """Quantities and partials written in weights, biases, inputs and targets alone."""
        return Composition(self.computation, self.partials)

    def composed(self, by: str) -> Expr:
        """Return ∂E/∂by in weights, biases, inputs and targets alone.

        Raises `UnsupportedError` where it would have more than `derive.calculus.composition.LIMIT` nodes.
        """
        return self.composition.partial(by)


def _forward_order(computation: Computation) -> list[str]:
    """Return every quantity before the first one that needs it, a parameter just before it is used."""
    order: dict[str, None] = {}
    for equation in computation.differentiated:
        order |= dict.fromkeys(equation.names)
        order[equation.name] = None
    return list(order)


def _short_deltas(computation: Computation) -> Iterator[tuple[str, tuple[Expr, ...]]]:
    """Yield by its net each delta that has a short form."""
    terms = computation.opened_objective.terms
    errors = {term.names[-1]: term for term in terms if isinstance(term.shape.entry, Loss)}
    for out, error in errors.items():
        (function, *others) = computation.by_name[out].terms if out in computation.by_name else (error,)
        short = SHORT_DELTAS.get((function.shape.name, error.shape.name))
        outs = function.siblings or (out,)
        if short is None or others or not _leads_there_alone(computation, function.names, outs, errors):
            continue
        if function.shape.siblings and not _are_shares(computation, [errors[each].names[0] for each in outs]):
            continue
        position = outs.index(out)
        targets = tuple(Symbol(errors[name].names[0]) for name in outs)
        yield function.names[position], short.lines(targets, tuple(map(Symbol, outs)), position)


def _only_shifts(computation: Computation, partial: Partial) -> bool:
    """Whether a quantity is added to all nets of a joint function that stays as it is then, and does nothing else."""
    nets = {equation.name for equation in partial.uses}
    if len(nets) < 2:
        return False
    users = {user for net in nets for user in computation.uses.get(net, ())}
    ignored = bool(users) and all(
        user in computation.by_name and _ignores_shift(computation.by_name[user].terms, nets) for user in users
    )
    return ignored and all(path.local.formula == 1 for path in partial.paths)


def _ignores_shift(terms: Sequence[Term], nets: Set[str]) -> bool:
    entry = terms[0].shape.entry
    return (
        len(terms) == 1
        and isinstance(entry, JointActivation)
        and entry.ignores_shift
        and set(terms[0].names) == nets
        and len(terms[0].names) == len(nets)
    )


def _leads_there_alone(
    computation: Computation, nets: Sequence[str], outs: Sequence[str], errors: Mapping[str, Term]
) -> bool:
    """Whether the nets go into the outs alone, and each out into one error alone, the same one for all."""
    root = computation.opened_objective
    return (
        len(set(nets)) == len(nets)
        and all(set(computation.uses[net]) <= set(outs) for net in nets)
        and all(
            len(computation.uses.get(out, ())) == 1 and root.terms_with.get(out) == (errors.get(out),) for out in outs
        )
        and all(errors[out].names.count(out) == 1 for out in outs)
        and len({errors[out].shape for out in outs}) == 1
    )


def _are_shares(computation: Computation, targets: Sequence[str]) -> bool:
    """Whether the targets are given, stay as they are, and together are 1 in each sample."""
    return all(computation.kinds[name] not in PARAMETERS for name in targets) and all(
        all(name in values for name in targets) and sum(values[name] for name in targets) == 1
        for values in computation.samples
    )
