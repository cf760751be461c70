"""What the figures show: the whole network, and the ways from one weight to the error."""

from collections.abc import Callable, Iterator, Mapping

from derive.computation.layers import LayerNames, Neuron
from derive.evaluation.evaluation import Evaluation
from derive.figure import Diagram, Edge, Node

Shown = Callable[[str], str]


def network_diagram(evaluation: Evaluation, shown: Shown) -> Diagram:
    """Return the network with every weight, input, bias and target; ``shown(name)`` writes a value."""
    return _diagram(evaluation, shown, frozenset(), compact=False)


def path_diagram(evaluation: Evaluation, parameter: str, shown: Shown) -> Diagram:
    """Return the network with every way from the parameter to the error marked."""
    return _diagram(evaluation, shown, frozenset(_on_the_way(evaluation, parameter)), compact=True)


def _on_the_way(evaluation: Evaluation, parameter: str) -> Iterator[str]:
    """Yield the parameter and every quantity that changes with it."""
    changed = {parameter}
    yield parameter
    for equation in evaluation.computation.equations:
        if changed.intersection(equation.names):
            changed.add(equation.name)
            yield equation.name


def _diagram(evaluation: Evaluation, shown: Shown, marked: frozenset[str], *, compact: bool) -> Diagram:
    layers = evaluation.computation.layered
    targets = dict(zip(layers.last.neurons, layers.targets, strict=True))
    columns = [[Node(name, name, "input", value=shown(name)) for name in layers.inputs]]
    edges: list[Edge] = []
    sources = layers.inputs
    for row, signals in zip(layers.rows, layers.signals, strict=True):
        columns[row.index] += [Node(name, name, "bias", value=shown(name)) for name in row.biases]
        edges += _edges(row, dict(zip(sources, signals, strict=True)), shown, marked)
        columns.append([_neuron(neuron, targets.get(neuron), shown) for neuron in row.neurons])
        sources = tuple(neuron.name for neuron in row.neurons)
    nodes = {node.id for column in columns for node in column}
    units = evaluation.computation.units
    on_path = {units.get(name, name) for name in marked} & nodes
    return Diagram(tuple(map(tuple, columns)), tuple(edges), highlighted=frozenset(on_path), compact=compact)


def _neuron(neuron: Neuron, target: str | None, shown: Shown) -> Node:
    kind = "hidden" if target is None else "output"
    return Node(neuron.name, neuron.name, kind, target="" if target is None else shown(target))


def _edges(row: LayerNames, signals: Mapping[str, str], shown: Shown, marked: frozenset[str]) -> Iterator[Edge]:
    """Yield the edges into a layer; ``signals`` has what comes from a node, by the node."""
    for neuron in row.neurons:
        reached = neuron.net in marked
        for (source, signal), weight in zip(signals.items(), neuron.weights, strict=True):
            on_path = reached and (weight in marked or signal in marked)
            yield Edge(source, neuron.name, weight, shown(weight), on_path)
        for bias in neuron.biases:
            yield Edge(bias, neuron.name, on_path=bias in marked)
