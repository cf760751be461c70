"""What the picture of the computation shows: every quantity with its gradient, every local derivative."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import chain

from derive.calculus.partials import LocalDerivative
from derive.computation.equations import Computation
from derive.computation.layers import LayerNames, Layers
from derive.evaluation.evaluation import Evaluation
from derive.figure import Computation as Picture
from derive.figure import Dependence, Quantity, Scene, computation_layout
from derive.figure.computation import MOST_COLUMNS, MOST_ROWS
from derive.language.language import Language
from derive.notation import value_text
from derive.numbers.number import Number

MOST_ZEROS = 4  # behind the point, before a number is written with a power of ten


def four_digits(number: Number, digits: int) -> str:
    """Return the number with at most four decimals, a small one with four significant digits, in few characters.

    >>> import derive
    >>> evaluation = derive.load("article").derive().evaluation
    >>> [four_digits(evaluation.derivation[name].value, 9) for name in ("w5", "w1")]
    ['0.08217', '0.0004386']
    """
    small = abs(number) < 0.1
    text = number.decimal(3 if small else min(digits, 4))
    _, _, power = text.partition("e")
    return f"{Decimal(text):f}" if power and -MOST_ZEROS <= int(power) < 0 else text


def computation_scene(evaluation: Evaluation, digits: int, language: Language) -> Scene | None:
    """Return the drawing with numbers of at most so many decimals; None where it would not be readable."""
    if (
        not evaluation.computation.layers or len(evaluation.computation.kinds) > MOST_COLUMNS * MOST_ROWS
    ):  # a large network costs no more than this look
        return None
    return computation_layout(
        computation(evaluation, lambda number: language.number(value_text(four_digits(number, digits))))
    )


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
    # What stands inside the error has no partial of its own; by itself the error changes as much as itself.
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
    pairs = [[target, out] for target, out in zip(layers.targets, outs, strict=True)]
    yield tuple(chain(*pairs[:half], *(pair[::-1] for pair in pairs[half:])))
    yield layers.errors
    yield (computation.objective,)


def _with_parameters(row: LayerNames, signals: Sequence[str]) -> tuple[str, ...]:
    """Return the signals amid the parameters: above those of the upper neurons, below those of the lower ones."""
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
    """Return the quantity in whose row an out and its error stand: its net, and the out."""
    beside = {neuron.out: neuron.net for row in layers.rows for neuron in row.neurons}
    return beside | dict(zip(layers.errors, layers.last.outs, strict=True))
