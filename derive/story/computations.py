"""What the picture of the computation shows: every quantity with its gradient, every local derivative."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import chain

from derive.calculus.chain import Derivation
from derive.calculus.partials import LocalDerivative
from derive.evaluation.evaluation import Number
from derive.figure import Computation, Dependence, Quantity, Scene, computation_layout
from derive.figure.computation import MOST_COLUMNS, MOST_ROWS
from derive.language.language import Language
from derive.notation import value_text

MOST_ZEROS = 4  # behind the point, before a number is written with a power of ten


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
