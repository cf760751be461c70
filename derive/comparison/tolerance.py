"""A number of a gradient, and how far a right one may be off by the type that it was calculated in."""

import struct
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Precision:
    """A type of floating point: its name, and what a right number in it may be off by.

    ``rtol`` is relative to the number, the one of ``torch.testing.assert_close``; ``bits`` are those of its significand
    and say how many times as far as in doubles what rounding leaves on the way may reach (see
    `derive.evaluation.float_errors`); ``floor`` is what numbers lose that are too small for the type.
    """

    name: str
    rtol: float
    bits: int
    floor: float

    @property
    def scale(self) -> int:
        """How many times as far as in doubles rounding may reach on the way.

        A quarter of how much coarser the type is: the bound for doubles takes every rounding for twice what it can be,
        and that of a function for eight times, which costs nothing there and hides wrong numbers here.
        """
        return 2 ** (DOUBLE_BITS - self.bits) // SPARE or 1


LAYOUTS = ("out_in", "in_out")  # of weights: (neurons, inputs) or (inputs, neurons)
DOUBLE_BITS, SPARE = 53, 4
# The floors: a multiple of the least number that is held in full, for factors stand before what is lost.
PRECISIONS: Mapping[str, Precision] = {
    precision.name: precision
    for precision in (
        Precision("float64", 1e-7, DOUBLE_BITS, 0.0),
        Precision("float32", 1.3e-6, 24, 2.0**-116),
        Precision("bfloat16", 1.6e-2, 8, 2.0**-116),
        Precision("float16", 1e-3, 11, 1e-5),
    )
}
DOUBLE, SINGLE = PRECISIONS["float64"], PRECISIONS["float32"]


@dataclass(frozen=True)
class Found:
    """A number that was found: of what type it is, and where in arrays it stands, such as W2[0, 1]."""

    value: float
    precision: Precision = DOUBLE
    place: str = ""


def is_module(value: Any) -> bool:
    """Whether it is a PyTorch module, or what has parameters by name as one has."""
    return callable(getattr(value, "named_parameters", None)) and not isinstance(value, type)


def named(dtype: object) -> Precision | None:
    """Return the type of floating point that a dtype of NumPy, PyTorch or JAX is; None for any other.

    Whole numbers and floats longer than a double count as doubles.

    >>> named("torch.bfloat16").name, named("int64").name, named("complex64")
    ('bfloat16', 'float64', None)
    """
    name = str(dtype).rpartition(".")[2]
    if name.startswith(("int", "uint", "longdouble", "float128", "float96")):
        return DOUBLE
    return PRECISIONS.get(name)


def looks_single(numbers: Collection[float]) -> bool:
    """Whether float32 holds every number exactly, as those that went through float32, and float16 not all.

    Of doubles one in 2²⁹ is such a number; a short one, such as 0.5, tells nothing.

    >>> looks_single([0.10000000149011612, 0.5]), looks_single([0.1, 0.5]), looks_single([0.5])
    (True, False, False)
    """
    return all(_holds("f", number) for number in numbers) and not all(_holds("e", number) for number in numbers)


def _holds(kind: str, number: float) -> bool:
    try:
        return bool(struct.unpack(kind, struct.pack(kind, number))[0] == number)
    except OverflowError:
        return False
