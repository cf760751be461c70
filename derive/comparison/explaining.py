"""Which slip explains wrong gradients.

Each slip is put into a backward pass in floating point. A slip explains the numbers that were found if that pass gives
all of them, the right ones and the wrong ones.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain

from derive.comparison import equation_slips
from derive.comparison.code_slips import code_candidates
from derive.comparison.rows import INPUT, GradientRow, Judge
from derive.comparison.slips import Slip, candidates, layer_text
from derive.comparison.tolerance import Precision
from derive.comparison.ways import doubles, numpy_gradients
from derive.errors import Message
from derive.evaluation.evaluation import Evaluation
from derive.numbers.decimals import to_float

CLOSE = 1e-6  # of the size of a number: what a difference quotient leaves is forgiven, and twice what its type's is
LEAST_ROWS = 3  # of which each is the same multiple of what it should be, where no slip that is known is that multiple
# Where two slips give the same numbers, the one that stands first here is the likelier; others follow in their order.
LIKELIEST = (
    "sign",
    "overwritten",
    "missing path",
    "detached",
    "zero biases",
    "missing slope",
    "wrong place",
    "other slope",
    "diagonal",
    "one sample",
    "learning rate",
)
Predicted = Callable[[str], float]
Close = Callable[[GradientRow, float], bool]  # whether what was found for a parameter is that number


def explanations(
    evaluation: Evaluation, rows: Sequence[GradientRow], judge: Judge, precisions: Mapping[str, Precision]
) -> tuple[Slip, ...]:
    """Return the slips that explain the numbers found, the likeliest first; none where the numbers are right.

    A row with ``sides`` (at a corner) is no evidence, as the derivative of the other side is no slip; nor are those of
    inputs, of what is masked, and of outputs that are left out: a backward pass here has none of them. Where such a one
    is wrong, no slip here explains it. ``precisions`` says by name of what type a number is.
    """
    # Over equations a backward pass has the derivatives by inputs as well.
    known = ("",) if evaluation.computation.layers else ("", INPUT)
    evidence = [row for row in rows if not row.sides and row.kind in known]
    wrong = [row for row in evidence if not row.agrees]
    if not wrong or not all(row.is_finite for row in rows):
        return ()
    if any(row.kind not in known and not row.agrees for row in rows):
        return ()

    def is_close(row: GradientRow, value: float) -> bool:
        precision = precisions[row.name]
        close = max(CLOSE, 2 * precision.rtol)
        return math.isclose(row.found, value, rel_tol=close, abs_tol=judge.room(row.name, precision))

    # What is so nearly right that a slip could not be told from no slip is explained by none.
    if all(is_close(row, row.expected) for row in wrong):
        return ()

    slips: dict[str, Slip] = {}
    if all(is_close(row, -row.expected) for row in wrong):
        slips["sign"] = Slip("sign", _opposite(wrong, evidence))
    for slip, predicted in _predictions(evaluation, evidence, is_close):
        if all(is_close(row, predicted(row.name)) for row in evidence):
            slips.setdefault(str(slip.sentence), slip)
    if not slips:
        return _multiple(evidence, is_close)
    return tuple(sorted(slips.values(), key=lambda slip: rank_of(slip.kind)))


def rank_of(kind: str) -> int:
    """Return how far down a kind of slips stands among the likelier ones."""
    return LIKELIEST.index(kind) if kind in LIKELIEST else len(LIKELIEST)


def _predictions(
    evaluation: Evaluation, rows: Sequence[GradientRow], is_close: Close
) -> Iterator[tuple[Slip, Predicted]]:
    """Yield each slip with the numbers that it leads to, by name."""
    if evaluation.computation.layers is None:
        yield from equation_slips.predictions(evaluation)
        if not any(row.kind for row in rows):
            yield from _no_gradients(evaluation)
        return
    given = doubles(evaluation.computation)
    for slip, variation in chain(candidates(evaluation), code_candidates(evaluation)):
        yield slip, numpy_gradients(evaluation, variation, given).__getitem__
    yield from _no_gradients(evaluation)
    yield from _swapped(evaluation, rows, is_close)


def _no_gradients(evaluation: Evaluation) -> Iterator[tuple[Slip, Predicted]]:
    """Yield what is returned in place of gradients: the updated weights, or the weights as they are."""
    computation, rate = evaluation.computation, to_float(evaluation.plan.learning_rate)

    def weight(name: str) -> float:
        return to_float(computation.values[name])

    def moved(name: str) -> float:
        return weight(name) - rate * float(evaluation.gradients[name])

    def updated(name: str) -> float:
        return float(evaluation.updated(name)) if name in computation.trained else weight(name)

    if computation.layers is None:
        sentence = Message("The updated parameters are returned instead of the derivatives.")
        kept = Message("The parameters are returned instead of the derivatives.")
    else:
        sentence = Message("The updated weights are returned instead of the derivatives.")
        kept = Message("The weights are returned instead of the derivatives.")
    yield Slip("no gradients", sentence), moved
    yield Slip("no gradients", sentence), updated
    yield Slip("no gradients", kept), weight


def _swapped(evaluation: Evaluation, rows: Sequence[GradientRow], is_close: Close) -> Iterator[tuple[Slip, Predicted]]:
    """Yield the layers in whose gradient the rows of neurons stand in another order, with that order.

    The order is read from the weights that were found; the biases have it too, or are as they should be.
    """
    layers = evaluation.computation.layered
    by_name = {row.name: row for row in rows}
    wrong = {row.name for row in rows if not row.agrees}

    def is_row(found: Sequence[str], expected: Sequence[str]) -> bool:
        return all(is_close(by_name[one], by_name[other].expected) for one, other in zip(found, expected, strict=True))

    for k, layer in enumerate(layers.rows):
        names = [neuron.weights for neuron in layer.neurons]
        if not (wrong <= set(layer.parameters) and set(chain.from_iterable(names)) <= by_name.keys()):
            continue
        order = [next((other for other in (own, *names) if is_row(own, other)), None) for own in names]
        if None in order or len(set(order)) < layer.size:
            continue
        turned = dict(zip(chain.from_iterable(names), chain.from_iterable(filter(None, order)), strict=True))
        sentence = Message("Rows are swapped in the gradient of {layer}.", {"layer": layer_text(layers, k)})
        if len(layer.biases) == layer.size:
            places = [names.index(source) for source in order if source is not None]
            biases = dict(zip(layer.biases, (layer.biases[place] for place in places), strict=True))
            yield Slip("swapped rows", sentence), partial(_expected, evaluation, turned | biases)
        yield Slip("swapped rows", sentence), partial(_expected, evaluation, turned)


def _expected(evaluation: Evaluation, sources: Mapping[str, str], name: str) -> float:
    return float(evaluation.gradients[sources.get(name, name)])


def _multiple(rows: Sequence[GradientRow], is_close: Close) -> tuple[Slip, ...]:
    """Return that all numbers are one multiple of what they should be, where they are: of a rate of the code's own."""
    rows = [row for row in rows if row.expected or row.found]
    largest = max(rows, key=lambda row: abs(row.expected), default=None)
    if largest is None or len(rows) < LEAST_ROWS or not largest.expected:
        return ()
    factor = largest.found / largest.expected
    if not factor or not math.isfinite(factor) or not all(is_close(row, factor * row.expected) for row in rows):
        return ()
    sentence = Message(
        "Every derivative is {factor} times as large as it should be, as if it were multiplied by a learning rate.",
        {"factor": f"{factor:.6g}"},
    )
    return (Slip("multiple", sentence),)


def _opposite(wrong: Sequence[GradientRow], rows: Sequence[GradientRow]) -> Message:
    if len(wrong) == len(rows):
        return Message("Every derivative has the wrong sign.")
    names = ", ".join(row.name for row in wrong[:6]) + (", …" if len(wrong) > 6 else "")
    return Message("Wrong sign: {names}.", {"names": names})
