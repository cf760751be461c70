"""The figures of a handout: the network, the paths from one weight to the error, the computation, the error's curve.

A figure of the computation shows every quantity with its gradient, and every local derivative.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain

from derive import figure
from derive.calculus.partials import LocalDerivative
from derive.computation.equations import Computation
from derive.computation.layers import LayerNames, Layers, Neuron
from derive.errors import InternalError, Message
from derive.evaluation.evaluation import Evaluation
from derive.figure import Computation as Picture
from derive.figure import Dependence, Diagram, Edge, Node, Quantity, Scene, computation_layout
from derive.figure.computation import MOST_COLUMNS, MOST_ROWS
from derive.language.language import Language
from derive.notation import value_text
from derive.notation.names import name_text
from derive.notation.slots import Drawn, Printed
from derive.numbers.number import Number
from derive.numbers.slots import IN_DRAWING, present_slots, styled
from derive.story import described
from derive.story.document import Document, Figure, FigureBlock
from derive.story.graph_figures import (
    HIGHEST,
    HIGHEST_OF_FEWER,
    HIGHEST_PATH,
    DrawingView,
    GraphPicture,
    drawing_view,
    has_paths,
    main_picture,
    path_picture,
)
from derive.training.certified import states
from derive.training.run import Training

CURVE = "training-iterations-error"
NAMES = "names"  # the network with the names of its neurons and weights, its numbers left out
HIGHEST_NAMES = 4.2  # cm
CURVE_LABELS = (Message("iterations"), Message("error"))
MOST_DECIMALS = 4  # of a number in a drawing
MOST_SIGNIFICANT = 4  # digits of a small one
# px: a drawing that is wider does not stand beside the text; one that is much less wide would be blown up there.
BESIDE_TEXT, LEAST_BESIDE_TEXT = 212.0, 170.0
TRACE = 1e-15  # of the first error: a smaller one may be what rounding leaves of 0
MOST_TRACES = 20  # such errors that are calculated exactly
SMALL = 0.1  # what is below it in size has significant digits in a drawing
MOST_ZEROS = 4  # behind the point, before a number is written with a power of ten

Shown = Callable[[str], str]


def figures(
    document: Document, evaluation: Evaluation, training: Training | None, digits: int, language: Language
) -> dict[str, Figure]:
    """Return the figures that the article shows, by name, with numbers of at most so many decimals.

    Raises `InternalError` for a name that is that of no figure.
    """
    shown = (block for block in document.blocks if isinstance(block, FigureBlock))
    return {block.name: _figure(block, evaluation, training, digits, language) for block in shown}


def _figure(
    block: FigureBlock, evaluation: Evaluation, training: Training | None, digits: int, language: Language
) -> Figure:
    if block.name == CURVE and training:
        return training_curve(training, block.description, language)
    if evaluation.computation.layers is None:
        return _graph(block, evaluation, digits, language)
    if block.name == "computation":
        return _computation(block, evaluation, digits, language)
    if block.name == NAMES:
        diagram = network_diagram(evaluation, lambda _: "")
        drawn = figure.svg(diagram, block.description, is_open=_is_open()), figure.tikz(diagram)
        return Figure(*drawn, natural=True, highest=HIGHEST_NAMES)
    _, _, parameter = block.name.partition("path-")
    if block.name != "network" and parameter not in evaluation.computation.parameters:
        raise InternalError(f"the article shows the figure {block.name!r}, which there is not")

    def value(name: str) -> str:
        return _in_drawing(evaluation.quantity(name).decimal(min(digits, MOST_DECIMALS)), language)

    diagram = path_diagram(evaluation, parameter, value) if parameter else network_diagram(evaluation, value)
    details = described.network(diagram, language.say)
    drawn = figure.svg(diagram, block.description, details, is_open=_is_open()), figure.tikz(diagram)
    return Figure(*drawn, compact=diagram.compact)


def _is_open() -> bool:
    """Whether the figure is for a page whose numbers may change."""
    return present_slots() is not None


def _in_drawing(decimal: str, language: Language) -> str:
    """Return a number as drawings have it, in a page that may change knowing which one it is."""
    text = language.number(value_text(decimal))
    return Drawn.of(text, decimal) if isinstance(decimal, Printed) else text


def _computation(block: FigureBlock, evaluation: Evaluation, digits: int, language: Language) -> Figure:
    picture = _picture(evaluation, digits, language)
    scene = computation_layout(picture)
    assert scene is not None  # the article shows the figure only where there is one
    details = described.computation(picture, language.say)
    drawn = figure.scene_svg(scene, block.description, details, is_open=_is_open()), figure.scene_tikz(scene)
    return Figure(*drawn, natural=True, sideways=figure.is_wide(scene.width))


def _graph(block: FigureBlock, evaluation: Evaluation, digits: int, language: Language) -> Figure:
    """Return the graph of a computation without layers, or the part of it that carries from one quantity."""
    _, _, name = block.name.partition("path-")
    if name not in evaluation.computation.kinds and block.name != "computation":
        raise InternalError(f"the article shows the figure {block.name!r}, which there is not")
    computation = evaluation.computation
    picture = path_picture(computation, name, language.say) if name else _main_picture(evaluation, digits, language)
    assert picture is not None  # the article shows the figure only where there is one
    say, scene = language.say, picture.scene
    details = described.path(picture.graph, say) if name else described.graph(picture.graph, say)
    drawn = figure.scene_svg(scene, block.description, details, is_open=_is_open()), figure.scene_tikz(scene)
    is_small = bool(name) and LEAST_BESIDE_TEXT <= scene.width <= BESIDE_TEXT
    return Figure(
        *drawn,
        compact=is_small,
        natural=not is_small,
        sideways=figure.is_wide(scene.width),
        highest=HIGHEST_PATH if name else HIGHEST_OF_FEWER if picture.left_out else HIGHEST,
    )


def training_curve(training: Training, description: str, language: Language) -> Figure:
    """Return the curve of the error over the iterations; of a computation without layers that of what it is called."""
    x_label, y_label = map(language.say, CURVE_LABELS)
    points = tuple((row.iteration, row.error) for row in training.curve)
    computation = training.evaluation.computation
    if computation.layers is None:
        y_label = name_text(computation.whole_objective_name)
        points = _without_traces(training, points)
    curve = figure.Curve(points, x_label, y_label, language.written)
    details = described.curve(points, language.written, language.say)
    drawn = figure.curve_svg(curve, description, details, is_start=_is_open()), figure.curve_tikz(curve)
    return Figure(*drawn, natural=True)


def _without_traces(training: Training, points: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
    """Return the points with 0 where a float keeps a trace of what is exactly 0, which a logarithm would blow up."""
    traces = [iteration for iteration, error in points if 0 < abs(error) < TRACE * abs(points[0][1])]
    if not traces:
        return points
    found = states(training.evaluation, traces[:MOST_TRACES], MOST_DECIMALS)
    zeros = {
        each for each, readings in found.items() if readings.error.sure == "exact" and not float(readings.error.text)
    }
    return tuple((iteration, 0.0 if iteration in zeros else error) for iteration, error in points)


def network_diagram(evaluation: Evaluation, shown: Shown) -> Diagram:
    """Return the network with every weight, input, bias and target; ``shown(name)`` writes a value."""
    return _diagram(evaluation, shown, frozenset(), compact=False)


def path_diagram(evaluation: Evaluation, parameter: str, shown: Shown) -> Diagram:
    """Return the network with every path from the parameter to the error marked."""
    return _diagram(evaluation, shown, frozenset(_on_the_paths(evaluation, parameter)), compact=True)


def _on_the_paths(evaluation: Evaluation, parameter: str) -> Iterator[str]:
    """Yield the parameter and every quantity that depends on it."""
    changed = {parameter}
    yield parameter
    for equation in evaluation.computation.equations:
        if changed.intersection(equation.names):
            changed.add(equation.name)
            yield equation.name


def _diagram(evaluation: Evaluation, shown: Shown, marked: frozenset[str], *, compact: bool) -> Diagram:
    layers = evaluation.computation.layered
    targets = dict(zip(layers.last.neurons, layers.targets, strict=False))  # without an error there are none
    columns = [[Node(name, name, "input", value=shown(name)) for name in layers.inputs]]
    edges: list[Edge] = []
    sources = layers.inputs
    for row, signals in zip(layers.rows, layers.signals, strict=True):
        columns[row.index] += [Node(name, name, "bias", value=shown(name)) for name in row.biases]
        edges += _edges(row, dict(zip(sources, signals, strict=True)), shown, marked)
        columns.append([_neuron(neuron, targets.get(neuron), shown) for neuron in row.neurons])
        sources = tuple(neuron.name for neuron in row.neurons)
    nodes = {node.id for column in columns for node in column}
    # In a layer that is coupled, the net input of one neuron changes the outputs of all.
    neurons = {n.name for row in layers.rows for n in row.neurons if not marked.isdisjoint((n.net, n.out))}
    on_path = neurons | (marked & nodes)
    return Diagram(tuple(map(tuple, columns)), tuple(edges), highlighted=frozenset(on_path), compact=compact)


def _neuron(neuron: Neuron, target: str | None, shown: Shown) -> Node:
    if target is None:
        return Node(neuron.name, neuron.name, "hidden", quantity=neuron.out)
    return Node(neuron.name, neuron.name, "output", target=shown(target), target_name=target, quantity=neuron.out)


def _edges(row: LayerNames, signals: Mapping[str, str], shown: Shown, marked: frozenset[str]) -> Iterator[Edge]:
    """Yield the edges into a layer; ``signals`` has what comes from a node, by the node."""
    for neuron in row.neurons:
        reached = neuron.net in marked
        for (source, signal), weight in zip(signals.items(), neuron.weights, strict=True):
            on_path = reached and (weight in marked or signal in marked)
            yield Edge(source, neuron.name, weight, shown(weight), on_path)
        for bias in neuron.biases:
            yield Edge(bias, neuron.name, on_path=bias in marked)


def four_digits(number: Number, digits: int) -> str:
    """Return the number with at most four decimals, a small one with four significant digits, in few characters.

    A number that is rounded by hand is rounded as it is printed: the text has no other digits of it. In a page whose
    numbers may change, the text knows which of them it is.

    >>> import derive
    >>> evaluation = derive.load("article").derive().evaluation
    >>> [four_digits(evaluation.derivation[name].value, 9) for name in ("w5", "w1")]
    ['0.08217', '0.0004386']
    >>> [four_digits(evaluation.by_hand(4).derivation[name].value, 4) for name in ("w5", "w1")]
    ['0.0822', '0.0004']
    """
    if _is_open():
        return styled(number.decimal(digits), _four_digits(number, digits), IN_DRAWING)
    return _four_digits(number, digits)


def _four_digits(number: Number, digits: int) -> str:
    if abs(number) >= SMALL:
        return number.decimal(min(digits, MOST_DECIMALS))
    text = _shortened(number.decimal(digits)) if number.by_hand else number.decimal(MOST_SIGNIFICANT - 1)
    _, _, power = text.partition("e")
    return f"{Decimal(text):f}" if power and -MOST_ZEROS <= int(power) < 0 else text


def _shortened(text: str) -> str:
    """Return a decimal with at most four significant digits."""
    found = Decimal(text)
    if len(found.as_tuple().digits) <= MOST_SIGNIFICANT:
        return text
    last = Decimal((0, (1,), found.adjusted() - MOST_SIGNIFICANT + 1))
    return f"{found.quantize(last, ROUND_HALF_UP)}".lower()


def computation_scene(evaluation: Evaluation, digits: int, language: Language) -> Scene | None:
    """Return the drawing with numbers of at most so many decimals; None where it would not be readable."""
    if evaluation.computation.layers is None:
        picture = _main_picture(evaluation, digits, language)
        return picture.scene if picture is not None else None
    if (
        not evaluation.computation.objective or len(evaluation.computation.kinds) > MOST_COLUMNS * MOST_ROWS
    ):  # asked first, as the layout of a large network takes long
        return None
    return computation_layout(_picture(evaluation, digits, language))


def _main_picture(evaluation: Evaluation, digits: int, language: Language) -> GraphPicture | None:
    return main_picture(evaluation, _written(digits, language), language.say)


def computation_view(evaluation: Evaluation, digits: int, language: Language) -> DrawingView | None:
    """Return what stands in the drawing of the computation; None where there is none."""
    computation = evaluation.computation
    if computation.layers is None:
        are_small: list[bool] = []
        shown = _written(digits, language)

        def written(number: Number) -> str:
            are_small.append(0 < abs(number) < SMALL)
            return shown(number)

        picture = main_picture(evaluation, written, language.say)
        if picture is None:
            return None
        return drawing_view(picture.scene, picture.left_out, has_small=any(are_small), has_paths=has_paths(computation))
    scene = computation_scene(evaluation, digits, language)
    return drawing_view(scene) if scene is not None else None


def _picture(evaluation: Evaluation, digits: int, language: Language) -> Picture:
    return computation(evaluation, _written(digits, language))


def _written(digits: int, language: Language) -> Callable[[Number], str]:
    return lambda number: _in_drawing(four_digits(number, digits), language)


def computation(evaluation: Evaluation, shown: Callable[[Number], str]) -> Picture:
    """Return the first sample's forward pass, error and gradients; ``shown`` writes a number."""
    computation, beside = evaluation.computation, _in_rows(evaluation.computation.layered)
    columns = tuple(
        tuple(
            Quantity(
                name,
                shown(evaluation.quantity(name)),
                _gradient(evaluation, name, shown),
                beside.get(name, ""),
                name not in computation.by_name,
            )
            for name in column
        )
        for column in _columns(computation)
    )
    dependences = tuple(
        Dependence(name, equation.name, shown(LocalDerivative(equation, name, evaluation.derivation).value))
        for equation in computation.equations
        for name in equation.names
    )
    return Picture(columns, dependences)


def _gradient(evaluation: Evaluation, name: str, shown: Callable[[Number], str]) -> str:
    computation = evaluation.computation
    if name in evaluation.derivation.partials:
        return shown(evaluation.derivation[name].value)
    if computation.differentiates_output and name != computation.objective:
        return "0"  # another out of a joint layer
    # The errors of the outputs have no partial of their own; ∂E/∂E = 1.
    return (
        "1"
        if name == computation.objective
        else shown(LocalDerivative(computation.by_name[computation.objective], name, evaluation.derivation).value)
    )


def _columns(computation: Computation) -> Iterator[tuple[str, ...]]:
    """Yield the names by column: what a layer takes, its nets, …, the outs with their targets, the errors."""
    layers = computation.layered
    for row, signals in zip(layers.rows, layers.signals, strict=True):
        yield _with_parameters(row, signals)
        yield row.nets
    outs, half = layers.last.outs, len(layers.last.outs) // 2
    if not layers.errors:
        yield outs
        return
    pairs = [[target, out] for target, out in zip(layers.targets, outs, strict=True)]
    yield tuple(chain(*pairs[:half], *(pair[::-1] for pair in pairs[half:])))
    yield layers.errors
    yield (computation.objective,)


def _with_parameters(row: LayerNames, signals: Sequence[str]) -> tuple[str, ...]:
    """Return a column: the parameters of the upper neurons, the signals, the parameters of the lower neurons."""
    shared = row.biases if row.shared_bias else ()
    groups = [(*neuron.weights, *(() if shared else neuron.biases)) for neuron in row.neurons]
    if len(groups) == 1:  # the weights of a single neuron go round its signals
        (neuron,) = row.neurons
        weights, shared = neuron.weights, row.biases
        groups = [weights[: len(weights) // 2], weights[len(weights) // 2 :]]
    half, odd = divmod(len(groups), 2)
    within = (*chain(*groups[half : half + odd]), *shared)
    middle = (len(signals) + 1) // 2
    return (*chain(*groups[:half]), *signals[:middle], *within, *signals[middle:], *chain(*groups[half + odd :]))


def _in_rows(layers: Layers) -> dict[str, str]:
    """Return for each out its net, for each error its out: they are drawn in the same row."""
    beside = {neuron.out: neuron.net for row in layers.rows for neuron in row.neurons}
    return beside | dict(zip(layers.errors, layers.last.outs, strict=False))
