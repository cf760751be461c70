"""Causes in the digits of a number alone: one that is misprinted, or two that are exchanged."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from derive.comparison.published.case import Case
from derive.comparison.published.verdicts import Cause
from derive.errors import InputError, Message
from derive.numbers.decimals import round_exact

# That a wrong number as far off has such digits by chance. There are few ways to exchange two.
CHANCE_OF_EXCHANGE, CHANCE_OF_DIGIT = Fraction(1, 20), Fraction(1, 100)
EXCHANGED = Message("Two neighboring digits are swapped; all others are right.")
MISPRINTED = Message("One digit is misprinted; all others are right.")


def misprinted(case: Case) -> Iterator[Cause]:
    """Yield that the number's digits are the true ones, but for one, or for two that changed places.

    From a digit that is only misprinted no other number follows, while digits may also be copied in the wrong order.
    By chance that is so with as many numbers as there are of this kind, no further off, among all no further off.
    """
    whole, true = case.printed.whole, _true(case)
    if true is None or whole == true or whole * true <= 0:
        return
    length = max(len(str(abs(each))) for each in (whole, true))
    found, meant = (str(abs(each)).zfill(length) for each in (whole, true))
    different = [place for place in range(length) if found[place] != meant[place]]
    off = abs(whole - true)
    if found in _exchanged(meant) and _chance(_exchanged(meant), meant, off) <= CHANCE_OF_EXCHANGE:
        yield Cause("exchanged digits", EXCHANGED)
    is_one = len(different) == 1 and not _is_carried_on(case)
    if is_one and found not in _exchanged(meant) and _chance(_with_another(meant), meant, off) <= CHANCE_OF_DIGIT:
        yield Cause("misprint", MISPRINTED)


def _is_carried_on(case: Case) -> bool:
    return any(case.printed in judged.roots for judged in case.judge.found)


def _true(case: Case) -> int | None:
    """Return the true number, rounded to the printed decimals, in units of the last; None where it is not known."""
    decimals = case.printed.decimals
    try:
        text = case.true.decide(lambda value: round_exact(value, max(decimals, 0)).text)
    except InputError:
        return None
    whole = Fraction(text) * Fraction(10) ** decimals
    return whole.numerator if whole.denominator == 1 else None


def _exchanged(digits: str) -> Sequence[str]:
    """Return the digits with two neighbors exchanged, in each way that changes them."""
    return [
        digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        for place in range(len(digits) - 1)
        if digits[place] != digits[place + 1]
    ]


def _with_another(digits: str) -> Sequence[str]:
    """Return the digits with another one in one place, in each way."""
    return [
        digits[:place] + digit + digits[place + 1 :]
        for place in range(len(digits))
        for digit in "0123456789"
        if digit != digits[place]
    ]


def _chance(alike: Sequence[str], digits: str, off: int) -> Fraction:
    return Fraction(sum(abs(int(each) - int(digits)) <= off for each in alike), 2 * off)
