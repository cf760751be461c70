"""What it means that a line holds: both sides are balls, they overlap, and they are narrow enough to tell."""

from collections.abc import Callable
from typing import Any

from flint import arb, fmpq

from derive.errors import Message, Text, VerificationError
from derive.numbers.decimals import Undecided

Value = Any  # fmpq or arb, as in derive.numbers.arithmetic

NEEDED_BITS = 21  # balls that agree in fewer than six digits say too little
EXACT = 10_000  # stands for the digits of a comparison without any rounding, which has no number of them
ZERO_BITS = 100  # what is exactly 0 is held against a ball that is so much narrower than 1
LOG10_2 = 0.30102999


LEFT = Message("the left side")


def failed(line: Text, found: Value, expected: Value, against: Text = LEFT) -> VerificationError:
    """Return the error that names the line; ``against`` is a noun phrase for the other side."""
    return VerificationError(
        "{line}: this equation does not hold; the right side is {found}, {against} {expected}. Nothing was "
        "written. This is a bug in derive; please report it.",
        line=line,
        found=shown(found),
        against=against,
        expected=shown(expected),
    )


def shown(value: Value) -> str:
    """Return a value as the message shows it."""
    return str(arb(value).str(12))


def agree(found: Value, expected: Value, line: Callable[[], Text], *, lost: int, against: Text = LEFT) -> int:
    """Return to how many digits the two are known to agree: significant ones, decimals where the value is 0.

    `EXACT` says that they are the same without any rounding. Raises `VerificationError` where they differ, and
    `Undecided` where the balls are too wide to tell: fewer than six significant digits, unless the value is 0 to
    ``lost`` binary places or exactly.
    """
    if isinstance(found, fmpq) and isinstance(expected, fmpq):
        if found != expected:
            raise failed(line(), found, expected, against)
        return EXACT
    left, right = arb(expected), arb(found)
    if not (left.is_finite() and right.is_finite()):
        raise Undecided
    if not left.overlaps(right):
        raise failed(line(), found, expected, against)
    if left.is_exact() and right.is_exact():
        return EXACT
    bits = min(left.rel_accuracy_bits(), right.rel_accuracy_bits())
    if bits >= NEEDED_BITS:
        return min(EXACT - 1, int((bits - 1) * LOG10_2))
    narrow = ZERO_BITS if left == 0 else lost
    widest = abs(left).upper() + abs(right).upper()
    if not widest < arb(2) ** -narrow:
        raise Undecided
    return int(narrow * LOG10_2)
