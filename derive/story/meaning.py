"""How a derivative is read: what its sign says, how far a small nudge bears it out, how many paths it sums up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from derive.calculus.chain import Derivation
from derive.computation.layers import LayerNames
from derive.errors import InputError, UnsupportedError
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.table import Table
from derive.numbers.arithmetic import Value, kept, rational
from derive.numbers.number import Number
from derive.numbers.precision import present_bits

# A nudge is the largest of these for which the error's change comes so close to what the derivative says.
STEPS = tuple(Fraction(1, 10**power) for power in (2, 3, 4))
CLOSE = 0.05
MOST_TRIED = 4  # parameters


@dataclass(frozen=True)
class Sign:
    """Why a derivative has its sign: on which side of its target an output lies, and where a larger weight moves it."""

    is_above: bool
    raises: bool

    @property
    def grows(self) -> bool:
        """Whether the weight has to grow for the error to fall."""
        return self.is_above != self.raises


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
    # No digit is written out to compare them: a value may have millions before the point.
    differ = out != target and out.decimal(digits) != target.decimal(digits)
    signal = derivation[weight].paths[0].local.value
    # Of a joint layer an out grows with its own net.
    slope = 1.0 if layer.is_joint else float(derivation[neuron.net].paths[0].local.value)
    moves, derivative = float(signal) * slope, float(derivation[weight].value)
    if not differ or not moves or not derivative:
        return None
    found = Sign(is_above=out > target, raises=moves > 0)
    return found if found.grows == (derivative < 0) else None


def nudge(evaluation: Evaluation) -> Nudge | None:
    """Return how the whole error changes where a parameter is nudged; None where no small step bears its gradient out.

    Nothing is rounded on the way, by hand either. It is one of the first parameters of the last layer that move: of the
    trained ones, or of all where none is trained. Where updates are online, the error is that of the first sample.
    """
    exact, computation = evaluation.in_full, evaluation.computation
    if evaluation.plan.is_online:
        exact = exact.with_samples(computation.samples[:1])
    last = computation.layers.last.parameters if computation.layers else computation.parameters
    own = last if computation.objective else ()
    names = [name for name in own if name in computation.trained] or own
    moving = [name for name in names[:MOST_TRIED] if exact.gradient(name)]
    return next((found for step in STEPS for name in moving if (found := _nudged(exact, name, step))), None)


def _nudged(evaluation: Evaluation, name: str, step: Fraction) -> Nudge | None:
    change, gradient = _Change(evaluation, name, step), float(evaluation.gradient(name))
    try:
        numbers = Number(evaluation, change), Number(evaluation, change.per_unit)
        found = Nudge(name, step, *numbers, is_linear(evaluation.derivation, name))
    except (InputError, UnsupportedError):  # moved, the network has no error, or none that can be told apart
        return None
    return found if abs(float(found.ratio) - gradient) <= CLOSE * abs(gradient) else None


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
