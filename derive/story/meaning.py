"""How a derivative is read: what its sign says, how far a small nudge bears it out, how many paths it sums up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

from derive.calculus.chain import Derivation
from derive.computation.layers import LayerNames
from derive.errors import InputError, UnsupportedError
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.table import Table
from derive.numbers.arithmetic import Value, kept, rational
from derive.numbers.facts import (
    Truth,
    alike,
    both,
    either,
    is_close,
    is_less,
    is_positive,
    is_written_alike,
    may_be,
    moves,
    opposite,
)
from derive.numbers.number import Number
from derive.numbers.precision import present_bits

# A nudge is the largest of these for which the error's change comes so close to what the derivative says.
STEPS = tuple(Fraction(1, 10**power) for power in (2, 3, 4))
MOST_TRIED = 4  # parameters


@dataclass(frozen=True)
class Sign:
    """Why a derivative has its sign: on which side of its target an output lies, and where a larger weight moves it.

    ``is_known`` says whether these are the reasons.
    """

    is_known: Truth
    is_above: Truth
    raises: Truth

    @property
    def grows(self) -> Truth:
        """Whether the weight has to grow for the error to fall."""
        return opposite(alike(self.is_above, self.raises))


@dataclass(frozen=True)
class Nudge:
    """A parameter that is moved a little, by how much the error changes then, and how much that is per unit.

    ``is_linear`` says that what is differentiated is known to be linear in the parameter.
    """

    name: str
    step: Fraction
    change: Number
    ratio: Number
    is_linear: bool = False

    @property
    def places(self) -> int:
        """The decimals of the step: with so many more, the change has the digits of the ratio."""
        return next(places for places in range(10) if self.step.denominator == 10**places)


def sign_of(evaluation: Evaluation, layer: LayerNames, weight: str, digits: int) -> Sign | None:
    """Return why the derivative of the first sample's error by a weight of the last layer has its sign.

    None where these reasons are not all that there is to it: where the output meets its target in the digits that are
    shown, where the error does not grow with the distance, and where other outputs have their part in it.
    """
    neuron = next(each for each in layer.neurons if weight in each.weights)
    derivation, layered = evaluation.derivation, evaluation.computation.layered
    if not evaluation.computation.has_error or (layer.is_joint and neuron.net not in derivation.short_deltas):
        return None
    target = evaluation.quantity(layered.targets[layered.last.neurons.index(neuron)])
    out = evaluation.quantity(neuron.out)
    signal, derivative = derivation[weight].paths[0].local.value, derivation[weight].value
    # Of a joint layer an out grows with its own net.
    factors = [signal] if layer.is_joint else [signal, derivation[neuron.net].paths[0].local.value]
    is_above, raises = is_less(target, out), _is_product_positive(factors)
    is_known = both(
        # No digit is written out to compare them: a value may have millions before the point.
        either(is_above, is_less(out, target)),
        *map(moves, (*factors, derivative)),
        alike(alike(is_above, raises), is_positive(derivative)),
    )
    if not may_be(is_known):
        return None
    is_known = both(is_known, opposite(is_written_alike(out, target, digits)))
    return Sign(is_known, is_above, raises) if may_be(is_known) else None


def _is_product_positive(factors: Sequence[Number]) -> Truth:
    positive = [is_positive(factor) for factor in factors]
    return positive[0] if len(positive) == 1 else alike(*positive)


def nudges(evaluation: Evaluation) -> list[tuple[Nudge, Truth]]:
    """Return how the whole error changes where a parameter is nudged, with when it is told: the first that is true.

    There is none where no small step bears its gradient out. Nothing is rounded on the way, by hand either. It is one
    of the first parameters of the last layer that move: of the trained ones, or of all where none is trained. Where
    updates are online, the error is that of the first sample.
    """
    exact, computation = evaluation.in_full, evaluation.computation
    if evaluation.plan.is_online:
        exact = exact.with_samples(computation.samples[:1])
    last = computation.layers.last.parameters if computation.layers else computation.parameters
    own = last if computation.objective else ()
    names = [name for name in own if name in computation.trained] or own
    found: list[tuple[Nudge, Truth]] = []
    is_open: Truth = True  # whether none before is told
    for step, name in product(STEPS, names[:MOST_TRIED]):
        nudged = _nudged(exact, name, step) if may_be(is_open) else None
        if nudged is not None:
            is_told = both(is_open, nudged[1])
            is_open = both(is_open, opposite(nudged[1]))
            found += [(nudged[0], is_told)] * may_be(is_told)
    return found


def nudge(evaluation: Evaluation) -> Nudge | None:
    """Return the nudge that is told, None where there is none."""
    return next((found for found, fact in nudges(evaluation) if fact), None)


def _nudged(evaluation: Evaluation, name: str, step: Fraction) -> tuple[Nudge, Truth] | None:
    change, gradient = _Change(evaluation, name, step), evaluation.gradient(name)
    if not may_be(moves(gradient)):
        return None
    try:
        numbers = Number(evaluation, change), Number(evaluation, change.per_unit)
    except (InputError, UnsupportedError):  # moved, the network has no error, or none that can be told apart
        return None
    found = Nudge(name, step, *numbers, is_linear(evaluation.derivation, name))
    return found, both(moves(gradient), is_close(found.ratio, gradient))


def is_linear(derivation: Derivation, name: str) -> bool:
    """Whether what is differentiated is linear in a quantity: no local derivative on the way contains what it moves.

    >>> import derive
    >>> derivation = derive.load("circuit").derive().evaluation.derivation
    >>> is_linear(derivation, "x"), is_linear(derivation, "z")
    (True, True)
    """
    moved = {name}
    for equation in derivation.computation.equations:
        if moved.intersection(equation.names):
            moved.add(equation.name)
    paths = (path for by, partial in derivation.partials.items() if by in moved for path in partial.paths)
    return all({symbol.name for symbol in path.local.formula.free_symbols}.isdisjoint(moved) for path in paths)


@dataclass(frozen=True, eq=False)
class _Change:
    """By how much the whole error changes, calculated once at each precision."""

    evaluation: Evaluation
    name: str
    step: Fraction
    _known: dict[int, Value] = field(default_factory=dict)

    def __call__(self, table: Table) -> Value:
        bits = present_bits()
        if bits not in self._known:
            moved = self.evaluation.error_at(self.name, rational(self.step))
            self._known[bits] = kept(moved - table.error)
        return self._known[bits]

    def per_unit(self, table: Table) -> Value:
        return kept(self(table) / rational(self.step))


def paths_to_error(derivation: Derivation) -> Mapping[str, int]:
    """Return by its name how many paths lead from each quantity to the objective.

    >>> import derive
    >>> paths = paths_to_error(derive.load("two_hidden_layers").derive().evaluation.derivation)
    >>> paths["out_h2_1"], paths["net_h1_1"]
    (2, 4)
    """
    found: dict[str, int] = {}
    for name, partial in derivation.partials.items():
        found[name] = sum(found[path.upstream.by] if path.upstream else 1 for path in partial.paths)
    return found
