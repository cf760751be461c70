"""The graph of the blocks that a computation was put together from: what each does, and the shape of what it gives."""

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile

from derive.computation.equations import Computation
from derive.computation.groups import Group
from derive.errors import Message
from derive.figure import Dependence, Graph, Quantity

Say = Callable[[object], str]
MATRIX = 2  # dimensions
# What a block does, above its node: short, as the widest of a column takes its room from all.
WORDS = {
    "linear": Message("weighted sums"),
    "conv1d": Message("convolution"),
    "conv2d": Message("convolution"),
    "max_pool1d": Message("max pooling"),
    "max_pool2d": Message("max pooling"),
    "avg_pool1d": Message("average pooling"),
    "avg_pool2d": Message("average pooling"),
    "rnn": Message("recurrence"),
    "lstm": Message("LSTM"),
    "gru": Message("GRU"),
    "embedding": Message("embedding"),
    "layer_norm": Message("layer norm"),
    "batch_norm": Message("batch norm"),
    "attention": Message("attention block"),
    "add": Message("sum"),
    "multiply": Message("product"),
    "concat": Message("side by side"),
    "reshape": Message("new shape"),
    "flatten": Message("in a row"),
    "transpose": Message("transposed"),
    "softmax": Message("softmax"),
    "error": Message("error"),
    "errors": Message("error"),
    "weighted_sum": Message("weighted sum"),
    "sum": Message("sum"),
    "mean": Message("mean"),
}


def block_graph(computation: Computation, say: Say, marked: Iterable[str] = ()) -> Graph | None:
    """Return the blocks that the equations come from, with what each does and its shape; None where there are none.

    Those are marked that have a marked quantity.
    """
    if not computation.groups:
        return None
    home = {name: group.name for group in computation.groups for name in group.names}
    given = dict[str, Quantity]()
    blocks = list[Quantity]()
    dependences = dict[Dependence, None]()
    for group in filter(lambda each: each.names, computation.groups):
        defined = [computation.by_name[name] for name in group.names if name in computation.by_name]
        needed = dict.fromkeys(name for equation in defined for name in equation.names if home.get(name) != group.name)
        for name in needed:
            source = home.get(name) or name
            if name not in computation.by_name:
                tensor = next((t for t in (*group.weights.values(), *group.inputs) if name in t.names), None)
                source = _stem(tensor.names) if tensor else name
                home[name] = source
                given[source] = Quantity(source, "", _shape(tensor.shape if tensor else ()), is_given=True)
            dependences[Dependence(source, group.name, "")] = None
        blocks.append(Quantity(group.name, _word(group, say), _shape(group.output.shape)))
    return Graph(
        (*given.values(), *blocks),
        tuple(dependences),
        shared=frozenset(given),
        marked=frozenset(home[name] for name in marked if name in home),
        is_of_blocks=True,
    )


def _word(group: Group, say: Say) -> str:
    """Return what a block does; of one that has no word, such as a block of a user's own, its operation."""
    word = WORDS.get(group.op)
    return say(word) if word is not None else group.op.replace("_", " ")


def _shape(sizes: Sequence[int]) -> str:
    """Return a shape as the page shows the array: of more than a matrix without sizes of 1 before it; "" of a number.

    >>> _shape((1, 3, 3)), _shape((1, 2)), _shape((2, 3, 3)), _shape((1, 1)), _shape(())
    ('3 × 3', '1 × 2', '2 × 3 × 3', '', '')
    """
    if all(size == 1 for size in sizes):
        return ""
    if len(sizes) > MATRIX and sizes[0] == 1:
        return _shape(sizes[1:])
    return " × ".join(map(str, sizes))


def _stem(names: Sequence[str]) -> str:
    """Return what the names of an array begin with.

    >>> _stem(("W_1_1", "W_1_2")), _stem(("x_1",)), _stem(("a", "b"))
    ('W', 'x_1', 'a')
    """
    if len(names) == 1:
        return names[0]
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike).rstrip("_0123456789") or names[0]
