"""The forward pass as equations over named quantities, the error included.

A graph knows nothing of layers: a shared weight, a skip or an unrolled recurrence are just equations. A formula is kept
as a shape and the names put into it; the SymPy expression is made when someone looks, which keeps a graph of many
thousand weights quick to build.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import chain

from sympy import Expr, Integer, Symbol

from derive.functions import ACTIVATIONS, ERRORS, add, mul
from derive.network import Network
from derive.notation import to_text


@dataclass(frozen=True)
class Shape:
    """A formula with open places: ``build`` makes its SymPy tree, in the order in which it is written.

    ``derivative(argument, target)`` is the short form of the derivative of a named function of one argument, in terms
    of the argument and of the quantity that it defines; without it the rules are applied each time.
    """

    name: str
    arity: int
    build: Callable[..., Expr]
    derivative: Callable[[Expr, Expr], Expr] | None = None


SAME = Shape("same", 1, lambda quantity: quantity)
PRODUCT = Shape("product", 2, lambda weight, signal: mul(weight, signal))
BIAS = Shape("bias", 1, lambda bias: mul(bias, Integer(1)))


@lru_cache
def activation_shape(name: str) -> Shape:
    """Return the shape out = formula(net) of the activation in the table."""
    entry = ACTIVATIONS[name]
    return Shape(name, 1, entry.formula, entry.derivative)


@lru_cache
def error_shape(name: str) -> Shape:
    """Return the shape E_o = formula(target, out) of the error in the table."""
    return Shape(name, 2, ERRORS[name].formula)


@dataclass(frozen=True)
class Term:
    """A shape with the names of quantities put into its places."""

    shape: Shape
    names: tuple[str, ...]

    @property
    def expression(self) -> Expr:
        """The SymPy tree of this term."""
        return self.shape.build(*map(Symbol, self.names))


@dataclass(frozen=True)
class Equation:
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

    @property
    def named_function(self) -> Shape | None:
        """The shape whose derivative is known by name, where the equation applies one to a single quantity."""
        shape = self.terms[0].shape
        return shape if len(self.terms) == 1 and shape.derivative is not None else None

    def __str__(self) -> str:
        return f"{self.target} = {to_text(self.expression)}"


@dataclass(frozen=True)
class ComputationGraph:
    """Equations in the order in which the forward pass computes them, and the exact values that it starts from.

    ``values`` gives every quantity that no equation defines, ``kinds`` the kind of every quantity (input, target,
    weight, bias, net, out, error), ``output`` the quantity that is differentiated, ``trained`` the parameters that an
    update changes.

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
    values: Mapping[str, Fraction]
    kinds: Mapping[str, str]
    output: str
    trained: frozenset[str]

    @cached_property
    def by_target(self) -> Mapping[str, Equation]:
        """The equation that defines a quantity, by its name."""
        return {equation.target: equation for equation in self.equations}

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
    signals = network.input_names
    equations: list[Equation] = []
    for position, layer in enumerate(network.layers):
        neurons = network.neuron_names[position]
        equations += _pre_activations(network, position, signals)
        shape = activation_shape(layer.activation)
        equations += [Equation(f"out_{name}", (Term(shape, (f"net_{name}",)),)) for name in neurons]
        signals = tuple(f"out_{name}" for name in neurons)
    equations += _error(network)
    prefixes = {equation.target: equation.target.split("_")[0] for equation in equations}
    kinds = {name: "error" if prefix == "E" else prefix for name, prefix in prefixes.items()}
    return ComputationGraph(
        equations=tuple(equations),
        values=_values(network),
        kinds=_leaf_kinds(network) | kinds,
        output=equations[-1].target,
        trained=frozenset(_trained(network)),
    )


def _pre_activations(network: Network, position: int, signals: tuple[str, ...]) -> list[Equation]:
    biases = network.bias_names[position]
    equations = []
    for row, neuron in enumerate(network.neuron_names[position]):
        weights = network.weight_names[position][row]
        terms = [Term(PRODUCT, pair) for pair in zip(weights, signals, strict=True)]
        if biases is not None:
            terms.append(Term(BIAS, (biases if isinstance(biases, str) else biases[row],)))
        equations.append(Equation(f"net_{neuron}", tuple(terms)))
    return equations


def _error(network: Network) -> list[Equation]:
    shape = error_shape(network.error)
    outputs = network.neuron_names[-1]
    parts = [
        Equation(f"E_{name}", (Term(shape, (target, f"out_{name}")),))
        for name, target in zip(outputs, network.target_names, strict=True)
    ]
    return [*parts, Equation("E_total", tuple(Term(SAME, (part.target,)) for part in parts))]


def _layer_weights(network: Network, position: int) -> list[tuple[str, Fraction]]:
    names = chain.from_iterable(network.weight_names[position])
    values = chain.from_iterable(network.layers[position].weights)
    return list(zip(names, values, strict=True))


def _layer_biases(network: Network, position: int) -> list[tuple[str, Fraction]]:
    names, values = network.bias_names[position], network.layers[position].bias
    if names is None or values is None:
        return []
    if isinstance(names, str) or isinstance(values, Fraction):
        return [(str(names), Fraction(values))]  # type: ignore[arg-type]
    return list(zip(names, values, strict=True))


def _values(network: Network) -> dict[str, Fraction]:
    sample = network.samples[0]
    values = dict(zip(network.input_names, sample.inputs, strict=True))
    for position in range(len(network.layers)):
        values.update(_layer_weights(network, position))
        values.update(_layer_biases(network, position))
    return values | dict(zip(network.target_names, sample.targets, strict=True))


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
