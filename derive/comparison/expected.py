"""What is accepted at a blank of a worksheet, and what known slips would give there."""

from dataclasses import dataclass
from fractions import Fraction

from derive.errors import Message


@dataclass(frozen=True)
class Slipped:
    """The answers that a slip gives, from ``low`` to ``high``, both included, and the sentence that names it."""

    low: Fraction
    high: Fraction
    sentence: Message


@dataclass(frozen=True)
class Expected:
    """What is accepted at the blank ``name``: ``low`` to ``high``, both included; whatever honest rounding gives.

    ``text`` is the value as a student writes it who rounds correctly, with a decimal point.
    """

    name: str
    text: str
    low: Fraction
    high: Fraction
    slips: tuple[Slipped, ...] = ()
