"""The figures of a handout: the network, the ways from one weight to the error, the computation, the error's curve.

A figure of the computation shows every quantity with its gradient, and every local derivative.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain

from derive import figure
from derive.calculus.chain import Derivation
from derive.calculus.partials import LocalDerivative
from derive.errors import InternalError, Message
from derive.evaluation.evaluation import Number
from derive.figure import Computation, Dependence, Diagram, Edge, Node, Quantity, Scene, computation_layout
from derive.figure.computation import MOST_COLUMNS, MOST_ROWS
from derive.language.language import Language
from derive.notation import value_text
from derive.story.document import Document, Figure, FigureBlock

CURVE = "training-iterations-error"
CURVE_LABELS = (Message("iterations"), Message("error"))
MOST_DECIMALS = 4  # of a number in a drawing
MOST_ZEROS = 4  # behind the point, before a number is written with a power of ten

Shown = Callable[[str], str]


def figures(document: Document, derivation: Derivation, digits: int, language: Language) -> dict[str, Figure]:
    """Return the figures that the article shows, by name, with numbers of at most so many decimals.

    Raises `InternalError` for a name that is that of no figure.
    """
    shown = (block for block in document.blocks if isinstance(block, FigureBlock))
    return {block.name: _figure(block, derivation, digits, language) for block in shown}


def _figure(block: FigureBlock, derivation: Derivation, digits: int, language: Language) -> Figure:
    if block.name == CURVE and derivation.training:
        return _curve(block, derivation, language)
    if block.name == "computation":
        return _computation(block, derivation, digits, language)
    _, _, parameter = block.name.partition("path-")
    if block.name != "network" and parameter not in derivation.parameters:
        raise InternalError(f"the article shows the figure {block.name!r}, which there is not")

    def value(name: str) -> str:
        decimal = derivation.evaluation.quantity(name).decimal(min(digits, MOST_DECIMALS))
        return language.number(value_text(decimal))

    diagram = path_diagram(derivation, parameter, value) if parameter else network_diagram(derivation, value)
    return Figure(figure.svg(diagram, block.description), figure.tikz(diagram), compact=diagram.compact)


def _computation(block: FigureBlock, derivation: Derivation, digits: int, language: Language) -> Figure:
    scene = computation_scene(derivation, digits, language)
    assert scene is not None  # the article shows the figure only where there is one
    drawn = figure.scene_svg(scene, block.description), figure.scene_tikz(scene)
    return Figure(*drawn, natural=True, sideways=figure.is_wide(scene.width))


def _curve(block: FigureBlock, derivation: Derivation, language: Language) -> Figure:
    training = derivation.training
    rows = training.curve if training else ()
    x_label, y_label = map(language.say, CURVE_LABELS)
    curve = figure.Curve(tuple((row.iteration, row.error) for row in rows), x_label, y_label, language.written)
    return Figure(figure.curve_svg(curve, block.description), figure.curve_tikz(curve))


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


def four_digits(number: Number, digits: int) -> str:
    """Return the number with at most four decimals, a small one with four significant digits, in few characters.

    >>> import derive
    >>> derivation = derive.load("article").derive()
    >>> [four_digits(derivation[name].value, 9) for name in ("w5", "w1")]
    ['0.08217', '0.0004386']
    """
    small = abs(number) < 0.1
    text = number.decimal(3 if small else min(digits, 4))
    _, _, power = text.partition("e")
    return f"{Decimal(text):f}" if power and -MOST_ZEROS <= int(power) < 0 else text


def computation_scene(derivation: Derivation, digits: int, language: Language) -> Scene | None:
    """Return the drawing with numbers of at most so many decimals; None where it would not be readable."""
    if len(derivation.graph.kinds) > MOST_COLUMNS * MOST_ROWS:  # a large network costs no more than this look
        return None
    return computation_layout(
        computation(derivation, lambda number: language.number(value_text(four_digits(number, digits))))
    )


def computation(derivation: Derivation, shown: Callable[[Number], str]) -> Computation:
    """Return the first sample's forward pass, error and gradients; ``shown`` writes a number."""
    graph, evaluation, beside = derivation.graph, derivation.evaluation, _in_rows(derivation)
    columns = tuple(
        tuple(
            Quantity(
                name,
                shown(evaluation.quantity(name)),
                _gradient(derivation, name, shown),
                beside.get(name, ""),
                name not in graph.by_target,
            )
            for name in column
        )
        for column in _columns(derivation)
    )
    dependences = tuple(
        Dependence(name, equation.target, shown(LocalDerivative(equation, name, derivation).value))
        for equation in graph.equations
        for name in equation.names
    )
    return Computation(columns, dependences)


def _gradient(derivation: Derivation, name: str, shown: Callable[[Number], str]) -> str:
    graph = derivation.graph
    if name in derivation.partials:
        return shown(derivation[name].value)
    # What stands inside the error has no partial of its own; by itself the error changes as much as itself.
    return (
        "1" if name == graph.output else shown(LocalDerivative(graph.by_target[graph.output], name, derivation).value)
    )


def _columns(derivation: Derivation) -> Iterator[tuple[str, ...]]:
    """Yield the names by column: what a layer takes, its nets, …, the outs with their targets, the errors."""
    network = derivation.network
    signals = network.input_names
    for place, neurons in enumerate(network.neuron_names):
        yield _with_parameters(derivation, place, signals)
        yield tuple(f"net_{neuron}" for neuron in neurons)
        signals = tuple(f"out_{neuron}" for neuron in neurons)
    targets, half = network.target_names, len(signals) // 2
    pairs = [[target, out] for target, out in zip(targets, signals, strict=True)]
    yield tuple(chain(*pairs[:half], *(pair[::-1] for pair in pairs[half:])))
    yield network.error_names
    yield (network.sample_error_name,)


def _with_parameters(derivation: Derivation, place: int, signals: Sequence[str]) -> tuple[str, ...]:
    """Return the signals amid the parameters: above those of the upper neurons, below those of the lower ones."""
    network = derivation.network
    biases, weights = network.bias_names[place], network.weight_names[place]
    shared = (biases,) if isinstance(biases, str) else ()
    own = ((),) * len(weights) if shared or biases is None else tuple((bias,) for bias in biases)
    groups = [(*row, *each) for row, each in zip(weights, own, strict=True)]
    if len(groups) == 1:  # the weights of a single neuron go round its signals
        row, shared = weights[0], (*shared, *own[0])
        groups = [row[: len(row) // 2], row[len(row) // 2 :]]
    half, odd = divmod(len(groups), 2)
    within = (*chain(*groups[half : half + odd]), *shared)
    middle = (len(signals) + 1) // 2
    return (*chain(*groups[:half]), *signals[:middle], *within, *signals[middle:], *chain(*groups[half + odd :]))


def _in_rows(derivation: Derivation) -> dict[str, str]:
    """Return the quantity in whose row an out and its error stand: its net, and the out."""
    network = derivation.network
    neurons = chain(*network.neuron_names)
    errors = zip(network.error_names, network.neuron_names[-1], strict=True)
    return {f"out_{name}": f"net_{name}" for name in neurons} | {error: f"out_{name}" for error, name in errors}
