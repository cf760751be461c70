"""What the figures show: the whole network, and the ways from one weight to the error."""

from collections.abc import Callable, Iterator
from fractions import Fraction

from derive.calculus.chain import Derivation
from derive.figure import Diagram, Edge, Node

Shown = Callable[[str], str]


def network_diagram(derivation: Derivation, shown: Shown) -> Diagram:
    """Return the network with every weight, input, bias and target; ``shown(name)`` writes a value."""
    return _diagram(derivation, shown, frozenset(), compact=False)


def path_diagram(derivation: Derivation, parameter: str, shown: Shown) -> Diagram:
    """Return the network with every way from the parameter to the error marked."""
    return _diagram(derivation, shown, frozenset(_on_the_way(derivation, parameter)), compact=True)


def _on_the_way(derivation: Derivation, parameter: str) -> Iterator[str]:
    """Yield the parameter and every quantity that changes with it."""
    changed = {parameter}
    yield parameter
    for equation in derivation.graph.equations:
        if changed.intersection(equation.names):
            changed.add(equation.target)
            yield equation.target


def _diagram(derivation: Derivation, shown: Shown, marked: frozenset[str], *, compact: bool) -> Diagram:
    network = derivation.network
    columns = [[Node(name, name, "input", value=shown(name)) for name in network.input_names]]
    edges: list[Edge] = []
    sources = network.input_names
    for place, neurons in enumerate(network.neuron_names):
        columns[place] += _bias_nodes(derivation, place, shown)
        edges += _edges(derivation, place, sources, shown, marked)
        columns.append([_neuron(derivation, name, shown) for name in neurons])
        sources = neurons
    nodes = {node.id for column in columns for node in column}
    on_path = {name.removeprefix("net_") for name in marked} & nodes
    return Diagram(tuple(map(tuple, columns)), tuple(edges), highlighted=frozenset(on_path), compact=compact)


def _neuron(derivation: Derivation, name: str, shown: Shown) -> Node:
    target = f"target_{name}"
    is_output = target in derivation.graph.kinds
    return Node(name, name, "output" if is_output else "hidden", target=shown(target) if is_output else "")


def _bias_nodes(derivation: Derivation, place: int, shown: Shown) -> list[Node]:
    names = derivation.network.bias_names[place]
    shared = (names,) if isinstance(names, str) else names or ()
    return [Node(name, name, "bias", value=shown(name)) for name in shared]


def _edges(
    derivation: Derivation, place: int, sources: tuple[str, ...], shown: Shown, marked: frozenset[str]
) -> Iterator[Edge]:
    network = derivation.network
    biases = network.bias_names[place]
    for row, neuron in enumerate(network.neuron_names[place]):
        reached = f"net_{neuron}" in marked
        for source, weight in zip(sources, network.weight_names[place][row], strict=True):
            on_path = reached and (weight in marked or f"out_{source}" in marked)
            yield Edge(source, neuron, weight, shown(weight), on_path)
        if biases is not None:
            bias = biases if isinstance(network.layers[place].bias, Fraction) else biases[row]
            yield Edge(str(bias), neuron, on_path=bias in marked)
