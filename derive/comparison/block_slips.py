"""The slips of blocks, whose weights stand in arrays: what is transposed, or turned around, and should not be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product

from derive.comparison.backward import Backward, Detour
from derive.comparison.slips import Slip
from derive.computation.equations import Computation
from derive.computation.groups import Group, Tensor
from derive.computation.shapes import PRODUCT
from derive.errors import Message

Others = Mapping[str, str]  # by a weight, the one that is taken in its place
KIND = "transposed weights"
KERNEL_AXES = {"conv1d": 1, "conv2d": 2}  # the last ones of a kernel, which lie on the input


def block_candidates(backward: Backward) -> Iterator[tuple[Slip, Detour]]:
    """Yield the backward passes that take another entry of an array on the way back to what came in."""
    for group in backward.computation.groups:
        for others, is_kernel in _exchanges(group):
            edges = {
                (equation, signal): backward.values[others[weight]]
                for equation, weight, signal in _products(backward.computation, group)
                if weight in others
            }
            if not edges:
                continue
            sentence = (
                Message(
                    "The kernel of {block} is not turned around on the way back to its input.", {"block": group.name}
                )
                if is_kernel
                else Message("The weights of {block} are transposed in the backward pass.", {"block": group.name})
            )
            yield Slip(KIND, sentence), Detour(edges)


def exchanged_gradients(computation: Computation) -> Iterator[tuple[Slip, Others]]:
    """Yield the arrays whose gradient stands in another order, with that order."""
    for group in computation.groups:
        for others, is_kernel in _exchanges(group):
            sentence = (
                Message("The gradient of the kernel of {block} is turned around.", {"block": group.name})
                if is_kernel
                else Message("The gradient of the weights of {block} is transposed.", {"block": group.name})
            )
            yield Slip(KIND, sentence), others


def _exchanges(group: Group) -> Iterator[tuple[Others, bool]]:
    """Yield for each array of weights which entry may be taken for which, and whether it is a kernel."""
    axes = KERNEL_AXES.get(group.op, 0)
    for what, tensor in group.weights.items():
        if axes and what == "weight":
            yield _by_index(tensor, partial(_turned, tensor.shape, axes)), True
        elif not axes and len(tensor.shape) == 2 and tensor.shape[0] == tensor.shape[1] > 1:
            yield _by_index(tensor, lambda index: index[::-1]), False


def _turned(shape: Sequence[int], axes: int, index: Sequence[int]) -> tuple[int, ...]:
    """Return the index of the entry that lies there when the last axes are turned around."""
    start = len(shape) - axes
    return (*index[:start], *(shape[axis] - 1 - index[axis] for axis in range(start, len(shape))))


def _by_index(tensor: Tensor, other: Callable[[tuple[int, ...]], tuple[int, ...]]) -> Others:
    indexes = product(*map(range, tensor.shape))
    return {tensor.at(*index): tensor.at(*other(index)) for index in indexes}


def _products(computation: Computation, group: Group) -> Iterator[tuple[str, str, str]]:
    """Yield the products of a weight and a signal in a block: the equation, the weight and the signal."""
    for name in group.names:
        for term in computation.by_name[name].terms:
            if term.shape is PRODUCT:
                one, other = term.names
                yield name, one, other
                yield name, other, one
