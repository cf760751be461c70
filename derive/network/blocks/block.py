"""What a kind of block is: which inputs and options it takes, and the function that makes its equations."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from derive.checks import one_of, sequence, truth, whole
from derive.computation.groups import Tensor
from derive.errors import InputError, Message, Text, folded, nearest, shown
from derive.functions.activations import ACTIVATIONS
from derive.functions.activations import OTHER_NAMES as OTHER_ACTIVATIONS
from derive.functions.losses import ERRORS
from derive.functions.losses import OTHER_NAMES as OTHER_ERRORS
from derive.network.blocks.builder import Builder, node_place
from derive.network.blocks.given import given_indices, given_truths
from derive.numbers.exact import exact
from derive.stored import collector_paused

MOST = 10_000  # of anything that is counted: strides, heads, sizes
SIZE = re.compile(r"\dd$")  # at the end of an op: max_pool2d
OUTPUTS = ("each", "last")  # of the steps of a recurrence
Options = Mapping[str, Any]
# What other tools call the options.
USUAL_KEYS = {
    "weights": "weight",
    "kernel": "weight",
    "kernelsize": "window",
    "size": "window",
    "eps": "epsilon",
    "targets": "target",
    "biases": "bias",
    "runningmean": "mean",
    "runningvar": "variance",
    "gamma": "weight",
    "beta": "bias",
    "numheads": "heads",
    "dim": "axis",
    "loss": "error",
}


def _as_given(given: Any, place: Text) -> Any:
    return given


def _count(given: Any, place: Text) -> int:
    return whole(given, place, least=1, most=MOST)


def _counts(given: Any, place: Text) -> int | tuple[int, ...]:
    return _whole_or_pair(given, place, 1)


def _padding(given: Any, place: Text) -> int | tuple[int, ...]:
    return _whole_or_pair(given, place, 0)


def _whole_or_pair(given: Any, place: Text, least: int) -> int | tuple[int, ...]:
    if isinstance(given, list | tuple):
        return tuple(whole(each, place, least=least, most=MOST) for each in given)
    return whole(given, place, least=least, most=MOST)


def _sizes(given: Any, place: Text) -> tuple[int, ...]:
    found = sequence(given, place, Message("a list of whole numbers"))
    return tuple(whole(each, place, least=1, most=MOST) for each in found)


def _axis(given: Any, place: Text) -> int:
    return whole(given, place, least=-4, most=3)


def _numbers(given: Any, place: Text) -> tuple[Fraction, ...]:
    found = sequence(given, place, Message("a list of numbers"))
    return tuple(exact(each, place) for each in found)


def _activation(given: Any, place: Text) -> str:
    return one_of(given, ACTIVATIONS, place, OTHER_ACTIVATIONS)


def _error(given: Any, place: Text) -> str:
    return one_of(given, ERRORS, place, OTHER_ERRORS)


def _outputs(given: Any, place: Text) -> str:
    return one_of(given, OUTPUTS, place)


# The kinds of options, each with what reads it.
KINDS: Mapping[str, Callable[[Any, Text], Any]] = {
    "array": _as_given,  # numbers, or the name of what holds them: read by the block, which knows the shape
    "count": _count,
    "counts": _counts,
    "padding": _padding,
    "sizes": _sizes,
    "axis": _axis,
    "number": exact,
    "numbers": _numbers,
    "truth": truth,
    "truths": given_truths,
    "indices": given_indices,
    "activation": _activation,
    "error": _error,
    "outputs": _outputs,
}


@dataclass(frozen=True)
class Option:
    """An option of a block: its kind, one of `KINDS`, and whether it must be given; else it is ``default``."""

    kind: str
    default: Any = None
    is_required: bool = False


@dataclass(frozen=True)
class Block:
    """A kind of block.

    ``make`` adds the equations to the graph and returns what it gives; ``letter`` is its name where it has none of its
    own; ``fewest`` and ``most`` inputs are taken.
    """

    op: str
    make: Callable[[Builder, str, Sequence[Tensor], Options], Tensor]
    letter: str
    options: Mapping[str, Option] = field(default_factory=dict)
    fewest: int = 1
    most: int = 1


def add(build: Builder, block: Block, name: Any, inputs: Sequence[Any], given: Options) -> Tensor:
    """Add a block to the graph; raises `InputError`, with its name, for whatever does not fit.

    A graph to which a block was added that does not fit stays as it was.
    """
    is_usual = name is None
    if name is None:
        if block.letter in build.owners:
            raise InputError(
                "{op}: {letter}, the usual name, is that of {other} already; give this one a name.",
                op=block.op,
                letter=block.letter,
                other=build.owners[block.letter],
            )
        name = block.letter
    before = build.grown()
    try:
        if is_usual:
            build.chosen[name] = usual_word(block.op)
        with at(node_place(name) if isinstance(name, str) and name else "node"), collector_paused():
            if not block.fewest <= len(inputs) <= block.most:
                raise InputError(
                    "inputs: found {found}; {op} takes {expected}.",
                    found=len(inputs),
                    op=block.op,
                    expected=_how_many(block),
                )
            arrays = [build.found(each, "inputs") for each in inputs]
            options = _read(block, given)
            return block.make(build, name, arrays, options)
    except BaseException:
        build.restore(before)
        raise


def usual_word(op: str) -> str:
    """Return what is written below the usual letter of a kind of block where the letter alone is taken.

    >>> usual_word("max_pool2d"), usual_word("add")
    ('pool', 'add')
    """
    return SIZE.sub("", op).rpartition("_")[2]


def _how_many(block: Block) -> Text:
    if block.fewest == block.most:
        return str(block.most)
    if block.most == MOST:
        return Message("{least} or more", {"least": block.fewest})
    return Message("{least} to {most}", {"least": block.fewest, "most": block.most})


def _read(block: Block, written: Options) -> Options:
    given = {}
    for each, value in written.items():
        usual = USUAL_KEYS.get(folded(each), each)
        key = each if each in block.options or usual not in block.options else usual
        if key in given:
            raise InputError("{key}: found it twice, as {other} too; keep one of them.", key=key, other=shown(each))
        given[key] = value
        if key not in block.options:
            raise InputError(
                "found the unknown key {key}; {op} takes {keys}.{hint}",
                key=shown(key),
                op=block.op,
                keys=", ".join(block.options) or Message("no options"),
                hint=nearest(key, block.options),
            )
    options: dict[str, Any] = {}
    for key, option in block.options.items():
        if given.get(key) is not None:
            options[key] = KINDS[option.kind](given[key], key)
        elif option.is_required:
            raise InputError("{key}: no value is given; {op} needs one.", key=key, op=block.op)
        else:
            options[key] = option.default
    return options


@contextmanager
def at(place: Text) -> Iterator[None]:
    """Put the node before the message of an error that comes from inside."""
    try:
        yield
    except InputError as error:
        has_place = error.message.text.startswith(("{place}", "{key}", "inputs", "{what}"))
        is_own = has_place and str(error.message).startswith(str(place))
        raise (error if is_own else error.inside(place, ", " if has_place else ": ")) from None
