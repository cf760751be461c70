"""The forward pass as equations over named quantities, the error included.

A graph knows nothing of layers: a shared weight, a skip or an unrolled recurrence are just equations. A formula is kept
as a shape and the names put into it; the SymPy expression is made when someone looks, which keeps a graph of many
thousand weights quick to build.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

from sympy import Add, Expr, Integer, Max, Rational, Symbol

from derive.calculus.rules import tidy
from derive.functions.activations import ACTIVATIONS, Activation, JointActivation
from derive.functions.losses import ERRORS
from derive.network.layers import Sample
from derive.network.network import Network
from derive.notation import to_text
from derive.notation.trees import ZERO, add, mul, take_expressions
from derive.stored import Stored

Origin = str | tuple[Callable[..., "Shape"], tuple[Any, ...]]


@dataclass(frozen=True)
class Shape:
    """A formula with open places: ``build`` makes its SymPy tree, in the order in which it is written.

    ``derivative(place, arguments, target, siblings)`` is the short form of the derivative of a named function by one of
    its places; it may name the quantity that the equation defines and its siblings, the quantities that are defined
    with it. Without it the rules are applied each time. ``numeric`` builds the formula for floating point, where
    another one is better there, and ``steep`` the derivative, with the same arguments, in a form that loses no digits.
    ``origin`` is what a pickle holds, and what makes two shapes equal: the name of a shape of this module, or the
    function that returned it and what that was given.
    """

    name: str
    arity: int
    origin: Origin
    build: Callable[..., Expr] = field(compare=False)
    derivative: Callable[[int, Sequence[Expr], Expr, Sequence[Expr]], Expr] | None = field(default=None, compare=False)
    siblings: int = 0
    numeric: Callable[..., Expr] | None = field(default=None, compare=False)
    steep: Callable[[int, Sequence[Expr], Expr, Sequence[Expr]], Expr] | None = field(default=None, compare=False)

    def __reduce__(self) -> Origin:
        return self.origin

    def __post_init__(self) -> None:
        take_expressions(self, "build", "derivative", "numeric", "steep")


SAME = Shape("same", 1, "SAME", lambda quantity: quantity)
PRODUCT = Shape("product", 2, "PRODUCT", lambda weight, signal: mul(weight, signal))
BIAS = Shape("bias", 1, "BIAS", lambda bias: mul(bias, Integer(1)))


@lru_cache
def activation_shape(entry: Activation, constant: Fraction | None = None) -> Shape:
    """Return the shape out = formula(net) of an activation that each neuron has for itself."""
    number, numeric, steep = _rational(constant), entry.numeric, entry.steep
    return Shape(
        entry.name,
        1,
        (activation_shape, (entry, constant)),
        # Tidied, so that a constant of 1 does not stand there.
        lambda net: entry.formula(net, number) if constant is None else tidy(entry.formula(net, number)),
        lambda place, nets, out, siblings: entry.derivative(nets[0], out, number),
        numeric=None if numeric is None else lambda net: numeric(net, number),
        steep=None if steep is None else lambda place, nets, out, siblings: steep(nets[0], out, number),
    )


@lru_cache
def joint_shape(entry: JointActivation, size: int, position: int) -> Shape:
    """Return the shape out = formula(nets) of one neuron of a layer that is activated as a whole."""
    return Shape(
        entry.name,
        size,
        (joint_shape, (entry, size, position)),
        lambda *nets: entry.formula(nets, position),
        lambda place, nets, out, siblings: entry.derivative(siblings, position, place),
        siblings=size,
        numeric=lambda *nets: _shares(entry, nets)[position] / Add(*_shares(entry, nets)),
        steep=lambda place, nets, out, siblings: entry.steep(siblings, position, place),
    )


def _shares(entry: JointActivation, nets: Sequence[Expr]) -> list[Expr]:
    return [entry.share(net, Max(*nets)) for net in nets]


@lru_cache
def error_shape(name: str, constant: Fraction | None = None) -> Shape:
    """Return the shape E_o = formula(target, out) of the error in the table."""
    entry, number = ERRORS[name], _rational(constant)
    is_plain = constant is None or (entry.takes_mean and constant != 1)
    return Shape(
        name,
        2,
        (error_shape, (name, constant)),
        lambda target, out: (
            entry.formula(target, out, number) if is_plain else tidy(entry.formula(target, out, number))
        ),
    )


def _rational(constant: Fraction | None) -> Expr:
    return ZERO if constant is None else Rational(constant.numerator, constant.denominator)


@dataclass(frozen=True)
class Term:
    """A shape with the names of quantities put into its places; ``siblings`` are named by its derivative alone."""

    shape: Shape
    names: tuple[str, ...]
    siblings: tuple[str, ...] = ()

    @property
    def expression(self) -> Expr:
        """The SymPy tree of this term."""
        return self.shape.build(*map(Symbol, self.names))


@dataclass(frozen=True)
class Equation(Stored):
    """One line of the forward pass: ``target`` is the sum of ``terms``.

    >>> print(Equation("net_h1", (Term(PRODUCT, ("w1", "i1")), Term(BIAS, ("b1",)))))
    net_h1 = w1·i1 + b1·1
    """

    target: str
    terms: tuple[Term, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The quantities on the right-hand side, each once, in the order in which they are written."""
        return tuple(self.terms_with)

    @cached_property
    def terms_with(self) -> Mapping[str, tuple[Term, ...]]:
        """The terms in which a name stands, by name: all others are constants to it."""
        found: dict[str, tuple[Term, ...]] = {}
        for term in self.terms:
            for name in dict.fromkeys(term.names):
                found[name] = (*found.get(name, ()), term)
        return found

    @cached_property
    def expression(self) -> Expr:
        """The right-hand side as an unevaluated SymPy tree."""
        terms = [term.expression for term in self.terms]
        return add(*terms) if len(terms) > 1 else terms[0]

    def __str__(self) -> str:
        return f"{self.target} = {to_text(self.expression)}"


@dataclass(frozen=True)
class ComputationGraph(Stored):
    """Equations in the order in which the forward pass computes them, and the exact values that it starts from.

    ``samples`` gives, for each sample, every quantity that no equation defines, ``kinds`` the kind of every quantity
    (input, target, weight, bias, net, out, error), ``output`` the quantity that is differentiated, the error of a
    sample, ``trained`` the parameters that an update changes.

    >>> import derive
    >>> print(derive.load("article").derive().graph)
    net_h1 = w1·i1 + w2·i2 + b1·1
    net_h2 = w3·i1 + w4·i2 + b1·1
    out_h1 = 1/(1 + e^(−net_h1))
    out_h2 = 1/(1 + e^(−net_h2))
    net_o1 = w5·out_h1 + w6·out_h2 + b2·1
    net_o2 = w7·out_h1 + w8·out_h2 + b2·1
    out_o1 = 1/(1 + e^(−net_o1))
    out_o2 = 1/(1 + e^(−net_o2))
    E_o1 = ½(target_o1 − out_o1)²
    E_o2 = ½(target_o2 − out_o2)²
    E_total = E_o1 + E_o2
    """

    equations: tuple[Equation, ...]
    samples: tuple[Mapping[str, Fraction], ...]
    kinds: Mapping[str, str]
    output: str
    trained: frozenset[str]

    @cached_property
    def by_target(self) -> Mapping[str, Equation]:
        """The equation that defines a quantity, by its name."""
        return {equation.target: equation for equation in self.equations}

    @property
    def values(self) -> Mapping[str, Fraction]:
        """What the first sample and the parameters start from."""
        return self.samples[0]

    @cached_property
    def uses(self) -> Mapping[str, tuple[str, ...]]:
        """The quantities in whose equation a quantity stands, by its name."""
        found: dict[str, list[str]] = {}
        for equation in self.equations:
            for name in equation.names:
                found.setdefault(name, []).append(equation.target)
        return {name: tuple(targets) for name, targets in found.items()}

    def error_behind(self, name: str) -> str:
        """Return the one output's error that the quantity can change, such as E_o1; "" where it can change several."""
        while len(self.uses.get(name, ())) == 1 and self.uses[name][0] != self.output:
            name = self.uses[name][0]
        return name if self.kinds[name] == "error" and self.uses.get(name) == (self.output,) else ""

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Every weight and bias, in the order of the forward pass."""
        return tuple(name for name, kind in self.kinds.items() if kind in ("weight", "bias"))

    @cached_property
    def whole_error(self) -> Equation:
        """The output with the terms of the sums below it put in: E_total = ½(target_o1 − out_o1)² + …"""
        return Equation(self.output, tuple(self._without_names(self.by_target[self.output])))

    def _without_names(self, equation: Equation) -> list[Term]:
        nested: Iterator[list[Term]] = (
            self._without_names(self.by_target[term.names[0]])
            if term.shape is SAME and term.names[0] in self.by_target
            else [term]
            for term in equation.terms
        )
        return list(chain.from_iterable(nested))

    def __str__(self) -> str:
        return "\n".join(map(str, self.equations))


def build(network: Network) -> ComputationGraph:
    """Return the forward pass of the network, and its error, as equations over named quantities."""
    kinds = _leaf_kinds(network)
    equations: list[Equation] = []
    signals = network.input_names
    for position, neurons in enumerate(network.neuron_names):
        equations += _pre_activations(network, position, signals)
        equations += _activations(network, position)
        kinds |= dict.fromkeys((f"net_{name}" for name in neurons), "net")
        signals = tuple(f"out_{name}" for name in neurons)
        kinds |= dict.fromkeys(signals, "out")
    equations += _error(network)
    kinds |= dict.fromkeys((*network.error_names, network.sample_error_name), "error")
    parameters = _parameters(network)
    samples = tuple(parameters | _leaves(network, sample) for sample in network.samples)
    return ComputationGraph(tuple(equations), samples, kinds, network.sample_error_name, frozenset(_trained(network)))


def _pre_activations(network: Network, position: int, signals: tuple[str, ...]) -> list[Equation]:
    equations = []
    biases = network.bias_names[position]
    for row, neuron in enumerate(network.neuron_names[position]):
        weights = network.weight_names[position][row]
        terms = [Term(PRODUCT, pair) for pair in zip(weights, signals, strict=True)]
        if biases is not None:
            terms.append(Term(BIAS, (biases if isinstance(biases, str) else biases[row],)))
        equations.append(Equation(f"net_{neuron}", tuple(terms)))
    return equations


def _activations(network: Network, position: int) -> Iterator[Equation]:
    layer, neurons = network.layers[position], network.neuron_names[position]
    entry = ACTIVATIONS[layer.activation]
    nets, outs = tuple(f"net_{name}" for name in neurons), tuple(f"out_{name}" for name in neurons)
    for place, (net, out) in enumerate(zip(nets, outs, strict=True)):
        if isinstance(entry, JointActivation):
            term = Term(joint_shape(entry, layer.size, place), nets, siblings=outs)
        else:
            term = Term(activation_shape(entry, layer.constant), (net,))
        yield Equation(out, (term,))


def _error(network: Network) -> list[Equation]:
    shape = error_shape(network.error, network.error_constant)
    outs = (f"out_{name}" for name in network.neuron_names[-1])
    parts = [
        Equation(name, (Term(shape, tuple(pair)),))
        for name, *pair in zip(network.error_names, network.target_names, outs, strict=True)
    ]
    return [*parts, Equation(network.sample_error_name, tuple(Term(SAME, (part.target,)) for part in parts))]


def _layer_weights(network: Network, position: int) -> list[tuple[str, Fraction]]:
    names = chain.from_iterable(network.weight_names[position])
    values = chain.from_iterable(network.layers[position].weights)
    return list(zip(names, values, strict=True))


def _layer_biases(network: Network, position: int) -> list[tuple[str, Fraction]]:
    names = network.bias_names[position]
    names = (names,) if isinstance(names, str) else names or ()
    return list(zip(names, network.layers[position].biases, strict=True))


def _parameters(network: Network) -> dict[str, Fraction]:
    values: dict[str, Fraction] = {}
    for position in range(len(network.layers)):
        values.update(_layer_weights(network, position))
        values.update(_layer_biases(network, position))
    return values


def _leaves(network: Network, sample: Sample) -> dict[str, Fraction]:
    inputs = dict(zip(network.input_names, sample.inputs, strict=True))
    return inputs | dict(zip(network.target_names, sample.targets, strict=True))


def _leaf_kinds(network: Network) -> dict[str, str]:
    kinds = dict.fromkeys(network.input_names, "input")
    for position in range(len(network.layers)):
        kinds |= dict.fromkeys((name for name, _ in _layer_weights(network, position)), "weight")
        kinds |= dict.fromkeys((name for name, _ in _layer_biases(network, position)), "bias")
    return kinds | dict.fromkeys(network.target_names, "target")


def _trained(network: Network) -> Iterator[str]:
    for position, layer in enumerate(network.layers):
        yield from (name for name, _ in _layer_weights(network, position))
        if layer.train_bias:
            yield from (name for name, _ in _layer_biases(network, position))
