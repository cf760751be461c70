"""Numeric gradients by several ways, each held against the evaluation, and the verdict on a parameter."""

from collections.abc import Mapping, Sequence

from derive.checks import one_of
from derive.comparison.gradients import Comparison, GradientRow, compare_gradients
from derive.errors import InputError
from derive.evaluation.evaluation import Evaluation

AGREES, DIFFERS, NO_VALUE, LOST = "agrees", "differs", "no value", "lost"
VERDICTS = (AGREES, LOST, NO_VALUE, DIFFERS)


def compare_ways(evaluation: Evaluation, ways: Sequence[str]) -> Mapping[str, Comparison]:
    """Return the comparison by each of the ways, whose names are those in `derive.comparison.ways.WAYS`.

    Raises `InputError` for an unknown way, and for one whose library is not installed.
    """
    # Imported here, as NumPy is slow to load.
    from derive.comparison.ways import WAYS, is_installed

    for way in ways:
        one_of(way, WAYS, "with")
        if not is_installed(way):
            raise InputError("with: {way} is not installed; install it (pip install {way}) or leave it out.", way=way)
    return {way: compare_gradients(evaluation, WAYS[way](evaluation)) for way in ways}


def verdict(found: Sequence[GradientRow]) -> str:
    """Return the verdict on what one way or several found for a parameter.

    A way that leaves the floats on the way to a finite derivative finds nan or an infinity. That is no agreement, and
    the evaluation is not to blame for it either.
    """
    numbers = [row for row in found if row.is_finite]
    if not all(row.agrees for row in numbers):
        return DIFFERS
    if len(numbers) < len(found):
        return NO_VALUE
    return LOST if any(row.is_lost for row in numbers) else AGREES


def differ(compared: Mapping[str, Comparison]) -> bool:
    """Whether a finite number that some way found differs from the derivative."""
    return any(verdict([row]) == DIFFERS for found in compared.values() for row in found.rows)
