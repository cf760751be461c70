"""Numeric gradients held against the evaluation: which agree, and what went wrong where one does not."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass, replace
from inspect import signature
from math import isnan, prod
from typing import TYPE_CHECKING, Any, Protocol

from derive.checks import is_number, one_of, truth
from derive.comparison.message import comparison_lines
from derive.comparison.rows import GradientRow, Judge
from derive.comparison.tolerance import DOUBLE, LAYOUTS, SINGLE, Found, is_module, looks_single, named
from derive.computation.equations import Computation
from derive.computation.groups import Tensor
from derive.errors import InputError, Message, UnknownNameError, nearest, shown
from derive.evaluation.evaluation import Evaluation

if TYPE_CHECKING:
    from derive.comparison.slips import Slip


class Array(Protocol):
    """An array of any library: NumPy's, PyTorch's, JAX's."""

    @property
    def dtype(self) -> Any: ...

    @property
    def shape(self) -> Any: ...


# A mapping from names to numbers, arrays in one of the forms of `derive.comparison.by_layer`, or a function that
# returns one of these; a PyTorch module is a function by its type.
Numeric = Mapping[str, Any] | Sequence[Any] | Array | Callable[[Mapping[str, float]], Any]


@dataclass(frozen=True)
class Comparison:
    """The rows of a comparison, and the slips that explain the wrong ones, the likeliest first.

    ``parameters`` counts the weights and biases that there are; where ``rows`` are fewer, the text says so.
    ``looks_like`` is a type of floating point, such as "float32", where the numbers are right for that type and wrong
    for what was asked; else "". The text names the worst parameters first, and stays under 25 lines.
    """

    rows: tuple[GradientRow, ...]
    slips: "tuple[Slip, ...]"
    parameters: int
    looks_like: str = ""

    @property
    def agrees(self) -> bool:
        """Whether every number is right."""
        return all(row.agrees for row in self.rows)

    @property
    def wrong(self) -> tuple[GradientRow, ...]:
        """The rows that do not agree."""
        return tuple(row for row in self.rows if not row.agrees)

    def __iter__(self) -> Iterator[GradientRow]:
        return iter(self.rows)

    def __str__(self) -> str:
        return "\n".join(comparison_lines(self))


def compare_gradients(
    evaluation: Evaluation,
    numeric: Numeric,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    partial: bool | None = None,
    layout: str = "out_in",
) -> Comparison:
    """Compare numeric derivatives of the network's error, over all samples, with the symbolic ones.

    ``numeric`` is one of these forms, or a function that gets the parameters by name and returns one of them:

    - a mapping from names of parameters to numbers, {"w5": 0.0821}, for blocks also to arrays, {"W": [[0.1, 0.2]]};
    - a list with an item a layer: (dW, db) or (dW,), with dW of shape (neurons, inputs) and db of shape (neurons,);
    - a flat list in the order of PyTorch's ``parameters()``: dW1, db1, dW2, db2, …;
    - a mapping {"W1": …, "b1": …} or {"0.weight": …, "0.bias": …}, or a nest of mappings, lists, named tuples and
      dataclasses as JAX's pytrees;
    - one vector of all parameters in that order, each matrix row by row;
    - a PyTorch module, of whose parameters the ``.grad`` is read.

    ``layout="in_out"`` says that weights have the shape (inputs, neurons). A bias that a layer shares is one number,
    the sum over its neurons, and may be given as a number a neuron, which are added up. A function returns every
    trained weight and bias, anything else may hold some: ``partial`` True allows some, False asks for all that are
    trained, whichever it is.

    Where there is one sample, inputs are compared by their names, too. Where one output is differentiated, arrays have
    rows for the others as well, in which 0 alone is right. Where a parameter is not trained, 0 agrees as its derivative
    does, for a program may mask its gradients; the text says so.

    A number agrees where it is off by no more than ``rtol`` times the derivative and what the floats of a backward pass
    can lose on the way to it (see `derive.evaluation.float_errors`); ``atol`` takes the place of the latter, as a
    difference quotient of floats needs it (1e-8, say). Where no ``rtol`` is given it is that of
    ``torch.testing.assert_close`` for the type of each number: 1e-7 for float64, 1.3e-6 for float32, 1e-3 for float16,
    1.6e-2 for bfloat16. nan and infinities never agree. At a corner (of relu, say), and as near to one as floats cannot
    tell, every number between the derivatives of the two sides agrees. Raises `InputError` for an unknown name, for
    what is no number (text and truth values are none), for a shape that is not the layer's, for what is missing and for
    no numbers at all.

    >>> import derive
    >>> evaluation = derive.load("article").derive().evaluation
    >>> compare_gradients(evaluation, {"w5": 0.08216704056423078}).agrees
    True
    >>> print(compare_gradients(evaluation, {"w5": -0.08216704056423078}))
    1 of 1 derivatives differ:
    w5: found -0.08216704056423078, expected 0.082167040564 (relative difference 2.0e+00)
    Most likely mistake: Every derivative has the wrong sign.
    1 of 10 parameters compared.
    """
    _check_settings(rtol, atol, partial)
    one_of(layout, LAYOUTS, "layout")
    found = _found(evaluation, numeric, layout)
    is_whole = _is_function(numeric) if partial is None else not partial
    _check_names(found, evaluation, is_whole)
    if looks_single([each.value for each in found.values() if each.precision is DOUBLE]):
        found = {n: replace(each, precision=SINGLE) if each.precision is DOUBLE else each for n, each in found.items()}
    # The expected numbers are not rounded by hand, even where the handout is.
    judge = Judge(evaluation.in_full, rtol, atol)
    rows = tuple(judge.row(name, each) for name, each in found.items())
    count = len(evaluation.computation.parameters) + len(_unused(evaluation))
    if all(row.agrees for row in rows):
        return Comparison(rows, (), count)
    least = min((each.precision for each in found.values()), key=lambda precision: precision.bits)
    looser = replace(SINGLE, floor=0.0) if least is DOUBLE else least
    milder = replace(judge, rtol=None)
    if atol is None and all(
        milder.row(row.name, replace(found[row.name], precision=looser)).agrees
        for row in sorted(rows, key=lambda row: row.agrees)  # the wrong ones first, as one of them decides mostly
    ):
        return Comparison(rows, (), count, looks_like=looser.name)
    # Imported here, as NumPy is slow to load and not needed where all numbers agree.
    from derive.comparison.explaining import explanations

    precisions = {name: each.precision for name, each in found.items()}
    return Comparison(rows, explanations(evaluation, rows, judge, precisions), count)


def _found(evaluation: Evaluation, numeric: Any, layout: str) -> Mapping[str, Found]:
    """Return the numbers by name; a function is asked for them."""
    given = numeric
    if _is_function(numeric):
        computation = evaluation.computation
        given = _asked(
            numeric, {name: float(evaluation.quantity(name)) for name in computation.parameters}, computation
        )
    if isinstance(given, Mapping) and arrays_of(evaluation.computation).keys() & given.keys():
        # Imported here, as NumPy is slow to load.
        from derive.comparison.block_arrays import opened_arrays

        given, arrays = opened_arrays(given, arrays_of(evaluation.computation))
        return {**arrays, **{name: _number(name, value, evaluation) for name, value in given.items()}}
    if isinstance(given, Mapping) and _is_by_name(given, {*evaluation.computation.kinds, *_unused(evaluation)}):
        return {name: _number(name, value, evaluation) for name, value in given.items()}
    # Imported here, as NumPy is slow to load.
    from derive.comparison.by_layer import read

    return read(given, evaluation.computation, layout)


def arrays_of(computation: Computation) -> Mapping[str, Tensor]:
    """Return the arrays of blocks' parameters by their names, but for those of a single number."""
    tensors = [each for group in computation.groups for each in group.weights.values()]
    known = {*computation.parameters, *computation.unused}
    return {each.name: each for each in tensors if len(each.names) > 1 and each.name and known.issuperset(each.names)}


def _is_function(numeric: Any) -> bool:
    """Whether it is asked for gradients; a module, PyTorch's or a dataclass of JAX's, holds them."""
    return callable(numeric) and not is_module(numeric) and not is_dataclass(numeric)


def _asked(
    function: Callable[[Mapping[str, float]], Any], parameters: Mapping[str, float], computation: Computation
) -> Any:
    """Return what the function makes of the parameters; raises `InputError` where it does not take one argument."""
    try:
        signature(function).bind(parameters)
    except TypeError:
        if computation.layers is None:
            raise InputError(
                "gradients: found a function that does not take one argument; expected one that takes the parameters "
                "by name, and returns its gradients."
            ) from None
        raise InputError(
            "gradients: found a function that does not take one argument; expected one that takes the weights and "
            "biases by name, and returns its gradients."
        ) from None
    except ValueError:  # one of a library's, which does not say what it takes
        pass
    return function(parameters)


def _is_by_name(given: Mapping[Any, Any], names: Collection[str]) -> bool:
    """Whether the values of a mapping are single numbers (or no numbers at all) that belong to names."""
    is_known = all(name in names for name in given)
    for value in given.values():
        shape = tuple(getattr(value, "shape", ()))
        is_nest = isinstance(value, list | tuple | Mapping) or is_dataclass(value)
        if is_nest or prod(shape) != 1 or (shape and not is_known):
            return False
    return is_known or not any(value is None for value in given.values())


def _check_settings(rtol: Any, atol: Any, partial: Any) -> None:
    """Raise `InputError` for tolerances that are no numbers of 0 or more, and for what is no truth value."""
    for name, value in (("rtol", rtol), ("atol", atol)):
        if value is not None and (not is_number(value) or isnan(value) or value < 0):
            raise InputError("{place}: found {found}; expected a number of 0 or more.", place=name, found=shown(value))
    if partial is not None:
        truth(partial, "partial")


def _check_names(found: Mapping[str, Any], evaluation: Evaluation, is_whole: bool) -> None:
    """Refuse no names at all, and a missing name where all are asked for; raises `InputError`."""
    computation = evaluation.computation
    if not found and computation.layers is None:
        raise InputError(
            "gradients: found no numbers; expected at least one for a parameter, such as {name}.",
            name=next(iter(computation.parameters), "w"),
        )
    if not found:
        raise InputError("gradients: found no numbers; expected at least one for a weight or bias, such as w1.")
    asked = computation.trained or (computation.parameters if computation.layers is None else ())
    missing = [name for name in computation.parameters if name in asked and name not in found]
    if is_whole and missing:
        names = ", ".join(missing[:12]) + (", …" if len(missing) > 12 else "")
        if computation.layers is None:
            raise InputError(
                "gradients: found no number for {names}; expected one for every parameter, or partial=True.",
                names=names,
            )
        raise InputError(
            "gradients: found no number for {names}; expected one for every trained weight and bias, or partial=True.",
            names=names,
        )


def _unused(evaluation: Evaluation) -> tuple[str, ...]:
    return evaluation.computation.unused


def _number(name: Any, value: Any, evaluation: Evaluation) -> Found:
    computation = evaluation.computation
    if name not in (*evaluation.gradients, *evaluation.inputs, *_unused(evaluation)):
        if computation.kinds.get(name) == "input" and len(computation.samples) > 1:
            if computation.layers is None:
                raise InputError(
                    "gradients: found {found}, which is given by each of the {count} samples, so that each has its own "
                    "derivative with respect to it; expected parameters, or a computation with one sample.",
                    found=shown(name),
                    count=len(computation.samples),
                )
            raise InputError(
                "gradients: found {found}, an input, and each of the {count} samples has its own derivative with "
                "respect to it; expected weights and biases, or a network with one sample.",
                found=shown(name),
                count=len(computation.samples),
            )
        names = (*computation.parameters, *evaluation.inputs)
        if computation.layers is None:
            raise UnknownNameError(
                "gradients: found {found}; expected a parameter of this computation.{hint}",
                found=shown(name),
                hint=nearest(str(name), names),
            )
        raise UnknownNameError(
            "gradients: found {found}; expected a weight or bias of this network.{hint}",
            found=shown(name),
            hint=nearest(str(name), names),
        )
    place = Message("gradients, {name}", {"name": name})
    try:
        # float() takes a tensor of one number, but text and truth values (Python's or NumPy's) too.
        if not isinstance(value, str | bytes | bytearray) and type(value).__name__ not in ("bool", "bool_"):
            return Found(float(value), named(getattr(value, "dtype", "float64")) or DOUBLE)
    except OverflowError:
        raise InputError(
            "{place}: found {found}; expected a number that a float can hold.", place=place, found=shown(value)
        ) from None
    except (TypeError, ValueError):
        pass
    raise InputError("{place}: found {found}; expected a number.", place=place, found=shown(value))
