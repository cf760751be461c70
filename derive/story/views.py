"""The network as the article's template sees it: layers, neurons, and the functions that they use.

A template may come from anybody, so views hold texts, numbers and finished formulas only, and the evaluation is asked
for quantities by name only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

import attrs
from sympy import Expr, Rational, Symbol

from derive.calculus.chain import Derivation
from derive.calculus.partials import Partial
from derive.calculus.rules import differentiate
from derive.calculus.short_forms import activation_lines, joint_lines
from derive.computation.equations import Computation
from derive.computation.layers import LayerNames, Layers
from derive.computation.notation import USUAL, Notation
from derive.computation.plan import Plan
from derive.computation.shapes import activation_shape
from derive.computation.wellformed import PARAMETERS
from derive.errors import InputError
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.objective import Objective
from derive.functions.activations import ACTIVATIONS, Activation, JointActivation
from derive.functions.optimizers import Optimizer
from derive.lines import ids
from derive.lines.scalar import Display
from derive.network.compile import compiled, plan_of
from derive.network.network import Network
from derive.notation import Latex, aligned, name_latex, partial_latex, to_latex
from derive.notation.display import LINE_WIDTH
from derive.numbers.arithmetic import function
from derive.numbers.facts import Truth, of_text
from derive.reading.network_file import load
from derive.story.rules import rule_names

T = TypeVar("T")
NET, OUT = Symbol("net"), Symbol("out")


@dataclass(frozen=True)
class ActivationView:
    """An activation function with its constant, and its formulas in LaTeX, in lines of so many digits."""

    name: str
    constant: Fraction | None
    width: int = LINE_WIDTH
    notation: Notation = USUAL

    @property
    def entry(self) -> "EntryView":
        """What its entry in the table says of it."""
        entry = self._entry
        return EntryView(entry.name, entry.parameter, entry.default, tuple(kink.net for kink in entry.kinks))

    @property
    def _entry(self) -> Activation | JointActivation:
        return ACTIVATIONS[self.name]

    @property
    def is_joint(self) -> bool:
        """Whether it joins a whole layer."""
        return isinstance(self._entry, JointActivation)

    @property
    def formula(self) -> Latex:
        """The line out = formula(net), as the appendix shows it; for a joint one, that of neuron i."""
        return Display(self._formula, ids.appendix(self.name))

    def used(self, index: int | None = None) -> Latex:
        """Return the same line where the layer of that index is said to use it, or all layers."""
        return Display(self._formula, ids.activation(self.name, index))

    @property
    def _formula(self) -> Latex:
        if isinstance(self._entry, JointActivation):
            left = name_latex(self.notation.of("out", "i"))
            return aligned(left, [("=", _of_neuron(self._entry, self.notation))], width=self.width)
        formula = to_latex(self._build(Symbol(self.notation.net)))
        return aligned(name_latex(self.notation.out), [("=", formula)], width=self.width)

    @property
    def lines(self) -> Latex:
        """The derivative, line by line: by the rules of differentiation, then the algebra to its short form."""
        assert isinstance(self._entry, Activation)
        shown = dict.fromkeys(map(to_latex, activation_lines(self._entry, self.constant, self.notation)))
        left = partial_latex(self.notation.out, self.notation.net).replace(r"\partial", "d")
        latex = aligned(left, [("=", line) for line in shown], width=self.width)
        return Display(latex, ids.activation_derivative(self.name))

    @property
    def rules(self) -> list[str]:
        """The names of the rules that the derivative takes, in the order in which they are applied."""
        found: dict[str, None] = {}
        for formula, by in self._differentiated:
            found |= dict.fromkeys(rule_names(differentiate(formula, by)))
        return list(found)

    @property
    def _differentiated(self) -> list[tuple[Expr, Symbol]]:
        """What the appendix differentiates, and by what: of a joint function one out, by its own net and by another."""
        if isinstance(self._entry, JointActivation):
            nets = (Symbol("net_1"), Symbol("net_2"))
            return [(self._entry.formula(nets, 0), net) for net in nets]
        return [(self._build(NET), NET)]

    def jacobian(self, place: int, by: int) -> Latex:
        """The derivative of one out of a joint layer by one net, counted from 0, line by line to its short form."""
        assert isinstance(self._entry, JointActivation)
        shown = dict.fromkeys(map(to_latex, joint_lines(self._entry, place, by, self.notation)))
        out, net = self.notation.of("out", str(place + 1)), self.notation.of("net", str(by + 1))
        return aligned(partial_latex(out, net), [("=", line) for line in shown], width=self.width)

    @property
    def kinks(self) -> list[tuple[int, Fraction, bool]]:
        """The nets at which it has no derivative, each with the value taken there and whether it is the left side's."""
        found = []
        for kink in self._entry.kinks:
            if not kink.is_smooth(self.constant):
                value = self._derivative_at(kink.net)
                found.append((kink.net, value, value == kink.sides(self.constant)[0]))
        return found

    def _derivative_at(self, net: int) -> Fraction:
        assert isinstance(self._entry, Activation)
        number = _rational(self.constant)
        out = function([NET], self._entry.formula(NET, number))(function([], _rational(Fraction(net)))())
        derivative = function([NET, OUT], self._entry.derivative(NET, OUT, number))
        value = derivative(function([], _rational(Fraction(net)))(), out)
        return Fraction(int(value.p), int(value.q))

    def _build(self, net: Expr) -> Expr:
        assert isinstance(self._entry, Activation)
        return activation_shape(self._entry, self.constant).build(net)


def _of_neuron(entry: JointActivation, notation: Notation) -> str:
    """Return the formula of neuron i, the sum over all neurons written with a sum sign."""
    share, others = (entry.share(Symbol(notation.of("net", index)), Rational(0)) for index in ("i", "j"))
    return rf"\frac{{{to_latex(share)}}}{{\sum_{{j}} {to_latex(others)}}}"


def _rational(constant: Fraction | None) -> Rational:
    return Rational(0) if constant is None else Rational(constant.numerator, constant.denominator)


@dataclass(frozen=True)
class EntryView:
    """What an entry in a table says: its name, its parameter with the usual value, and the nets of its corners."""

    name: str
    parameter: str | None
    default: Fraction | None
    kinks: tuple[int, ...]


@dataclass(frozen=True)
class LayerView(LayerNames):
    """A layer as the template sees it: its names, its activation's formulas, and what of it is not trained.

    ``train_bias`` says whether all its biases are trained, ``kept`` names the parameters that are not, where these are
    others than all the biases.
    """

    activation: ActivationView
    train_bias: bool
    kept: tuple[str, ...]

    @property
    def place(self) -> int:
        """Its index from the left, counted from 0."""
        return self.index

    def at(self, kind: str) -> str:
        """Return the name of one of its places: "layer", "deltas" or "partials"."""
        return ids.place(kind, self.index)


def layer_views(computation: Computation, width: int = LINE_WIDTH) -> tuple[LayerView, ...]:
    """Return the layers, the first hidden layer first; formulas in lines of so many digits."""
    return tuple(
        LayerView(
            **{each.name: getattr(row, each.name) for each in fields(row)},
            activation=ActivationView(row.function, row.constant, width, computation.layered.notation),
            train_bias=computation.trained.issuperset(row.biases),
            kept=_kept(computation, row),
        )
        for row in computation.layered.rows
    )


def _kept(computation: Computation, row: LayerNames) -> tuple[str, ...]:
    found = tuple(name for name in row.parameters if name not in computation.trained)
    return () if found == row.biases or not computation.trained else found


@dataclass(frozen=True)
class SizeView:
    """How many neurons a layer has, and how many signals reach it."""

    size: int
    inputs: int


@dataclass(frozen=True)
class RuleView:
    """What an optimizer keeps from step to step, by name."""

    state: tuple[str, ...]


@dataclass(frozen=True)
class OptimizerView:
    """An optimizer: its name, its constants by the names that they have in formulas, and what it keeps."""

    name: str
    weight_decay: Fraction
    decays_biases: bool
    symbols: dict[str, Fraction]
    rule: RuleView


@dataclass(frozen=True)
class NetworkView:
    """The network as its file gives it; ``samples`` has inputs and targets by name.

    ``is_article`` says whether it is the network of Matt Mazur's article, with its title, its numbers and its update.
    """

    title: str
    error: str
    updates: str
    reduction: str
    iterations: int
    learning_rate: Fraction
    learning_rate_name: str
    error_name: str
    whole_error_name: str
    notation: Notation
    input_names: tuple[str, ...]
    target_names: tuple[str, ...]
    layers: tuple[SizeView, ...]
    samples: tuple[dict[str, Fraction], ...]
    optimizer: OptimizerView
    left_out: tuple[str, ...]
    is_article: Truth


@dataclass(frozen=True)
class EquationView:
    """An equation of the forward pass: the name that it defines, and the names on its right-hand side."""

    target: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class GraphView:
    """The quantities by name: the kind of each, and the equation of each that is calculated."""

    output: str
    kinds: dict[str, str]
    parameters: tuple[str, ...]
    trained: frozenset[str]
    samples: tuple[dict[str, Fraction], ...]
    by_target: dict[str, EquationView]


@dataclass(frozen=True)
class OtherView:
    """Another evaluation, of which a template gets the error only."""

    error: Objective


@dataclass(frozen=True, repr=False)
class PartialsView(Mapping[str, Partial]):
    """The partials ∂E/∂name, by name."""

    _derivation: Derivation

    @property
    def short_deltas(self) -> tuple[str, ...]:
        """The nets whose delta has a short form."""
        return tuple(self._derivation.short_deltas)

    def __getitem__(self, name: str) -> Partial:
        if not isinstance(name, str):
            raise KeyError(name)
        return self._derivation[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._derivation.computation.parameters)

    def __len__(self) -> int:
        return len(self._derivation.computation.parameters)


def network_view(evaluation: Evaluation) -> NetworkView:
    """Return what the network's file says."""
    computation, plan, layers = evaluation.computation, evaluation.plan, evaluation.computation.layers
    if layers is None:
        layers = Layers((), (), (), (), "", None, attrs.evolve(USUAL, error=computation.objective or USUAL.error))
    return NetworkView(
        title=computation.title,
        error=layers.loss,
        updates=plan.updates,
        reduction=computation.reduction,
        iterations=plan.iterations,
        learning_rate=plan.learning_rate,
        learning_rate_name=plan.learning_rate_name,
        error_name=layers.notation.error,
        whole_error_name=computation.whole_objective_name,
        notation=layers.notation,
        input_names=layers.inputs,
        target_names=layers.targets,
        layers=tuple(SizeView(row.size, row.fan_in) for row in layers.rows),
        samples=_samples(computation),
        optimizer=_optimizer_view(plan.optimizer),
        left_out=layers.left_out,
        is_article=computation.layers is not None and _is_article(computation, plan) and of_text("start", True),
    )


def _is_article(computation: Computation, plan: Plan) -> bool:
    """Whether they are the article's; how long it is trained does not matter."""
    try:
        article, its_plan = _article(computation.layered.notation)
    except InputError:  # a notation that fits other names
        return False
    return (
        computation == article and attrs.evolve(plan, iterations=its_plan.iterations, every=its_plan.every) == its_plan
    )


@lru_cache(maxsize=16)
def _article(notation: Notation) -> tuple[Computation, Plan]:
    network = load("article", Network).replace(notation=notation)
    return compiled(network), plan_of(network)


def graph_view(computation: Computation) -> GraphView:
    """Return the quantities by name."""
    return GraphView(
        output=computation.objective,
        kinds=dict(computation.kinds),
        parameters=computation.parameters,
        trained=computation.trained,
        samples=_samples(computation),
        by_target={equation.name: EquationView(equation.name, equation.names) for equation in computation.equations},
    )


def _samples(computation: Computation) -> tuple[dict[str, Fraction], ...]:
    layers = computation.layers
    given = (name for name in computation.values if computation.kinds[name] not in PARAMETERS)
    names = (*layers.inputs, *layers.targets) if layers else tuple(given)
    return tuple({name: sample[name] for name in names} for sample in computation.samples)


def _optimizer_view(optimizer: Optimizer) -> OptimizerView:
    symbols, state = dict(optimizer.symbols), RuleView(optimizer.rule.state)
    return OptimizerView(optimizer.name, optimizer.rate_of_decay, optimizer.of("bias") == optimizer, symbols, state)
