"""Why a printed number is not the true one: the explanations that give exactly the digits that are printed.

Of many candidates one fits two or three digits by chance. So each kind of explanation needs a number of significant
digits, more where it has more candidates, and each candidate must be likelier than chance: a number that is off by few
units of its last digit is met by one of some candidates whatever they are. What is cut off counts as well as what is
rounded, and is then said beside the other cause.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial

from derive.comparison.published.case import CUT, ROUNDED, Case, cut_off, gives, with_cut
from derive.comparison.published.follows import Found
from derive.comparison.published.of_digits import misprinted
from derive.comparison.published.of_lines import exchanged, forgotten, opposite, slips, stepped, swapped
from derive.comparison.published.of_others import others
from derive.comparison.published.of_training import biases, counts, of_updates, order
from derive.comparison.published.variants import Decidable
from derive.comparison.published.verdicts import CONVENTION, DIFFERENT, FOLLOWS, WRONG, Cause, is_cut, is_rounded
from derive.errors import Digits, Message, counted

Find = Callable[[Case], Iterator[Cause]]
FEW, MANY = 2, 4  # significant digits that an explanation asks for: one of a few candidates, one of many
CHANCE_OF_ROUNDING = Fraction(1, 2)  # that a way to round gives the number by chance: it is likelier from the start


def causes(case: Case) -> Iterator[Cause]:
    """Yield what explains the number, the likeliest first.

    A number that is only rounded differently is so near the true value that other causes would fit by chance: there
    only ways of rounding are tried.
    """
    word = case.judged.verdict
    if word == CONVENTION:
        yield from _by_convention(case)
    if word == DIFFERENT:
        cut, chained = list(_cut(case)), list(_chained(case, least=0))
        follows = [_follows(case)] if case.judged.found else []
        is_given = case.judged.found is not None and case.judged.found.is_exact
        if case.judge.rounds_up and is_given:  # what looks cut off is what the numbers before it give
            yield from chained or follows
        else:
            yield from [*cut, *chained] or follows
    if word == FOLLOWS:
        yield _follows(case)
    if word != WRONG:
        return
    few: tuple[Find, ...] = (_chained, opposite, forgotten, order, biases)
    many: tuple[Find, ...] = (counts, of_updates, swapped, exchanged, stepped, slips, misprinted, others)
    for least, finders in ((FEW, few), (MANY, many)):
        for find in finders:
            # Roundings and misprints have chances of their own.
            if case.printed.significant >= least and (find in (_chained, misprinted) or case.may_be_met):
                yield from find(case)


def telling(case: Case) -> Iterator[Cause]:
    """Yield what gives all digits of a number whose last ones rounding on the way would leave open."""
    if case.printed.significant >= MANY and case.may_be_met:
        for find in (opposite, order, biases):
            yield from find(case)


def _by_convention(case: Case) -> Iterator[Cause]:
    first, *more = case.judged.conventions
    cause = Cause(first.name, first.said(case.evaluation.computation))
    for other in more:
        both = Message("{cause} {other}", {"cause": cause.sentence, "other": other.said(case.evaluation.computation)})
        cause = Cause(f"{cause.kind} and {other.name}", both)
    number = case.judge.basis.number(case.judged.printed, case.reading)
    is_float = case.judge.floats(case.variant).verdict(case.judged.printed, case.reading, number)
    is_whole = is_float or is_rounded(case.printed, case.true)
    yield with_cut(case, cause) if not is_whole and is_cut(case.printed, case.true) else cause


def _cut(case: Case) -> Iterator[Cause]:
    if is_cut(case.printed, case.true):
        yield Cause(CUT, cut_off(case.printed))


def _follows(case: Case) -> Cause:
    """Return what the number follows from: wrong numbers where there are any, else how what is printed is rounded."""
    found, roots = case.judged.found, case.judged.roots
    assert found is not None
    names_ = ", ".join(dict.fromkeys(root.name for root in roots))
    if found.habit is not None:
        return _rounded(found)
    if found.is_meant:
        return Cause(FOLLOWS, Message("It follows from the true value of {names}, rounded.", {"names": names_}))
    if case.judge.has_wrong(roots):
        return Cause(FOLLOWS, Message("It follows from {names}, where the source is wrong.", {"names": names_}))
    if found.rounded is not None:
        sentence = counted(
            "It follows from {names}, rounded to {number} decimal.",
            "It follows from {names}, rounded to {number} decimals.",
            found.rounded,
            names=names_,
        )
    elif found.between is not None:
        sentence = counted(
            "It follows from {names} as printed, if every value in between is rounded to {number} decimal.",
            "It follows from {names} as printed, if every value in between is rounded to {number} decimals.",
            found.between,
            names=names_,
        )
    else:
        sentence = Message("It follows from the printed digits of {names}.", {"names": names_})
    return Cause(FOLLOWS, sentence)


def _rounded(found: Found) -> Cause:
    """Return that the number is one of those that lines rounded on the way may come to."""
    assert found.habit is not None
    between = {"lowest": Digits(found.lowest), "highest": Digits(found.highest)}
    if found.habit.is_significant:
        sentence = counted(
            "If every earlier value is rounded or truncated to {number} significant digit, it may be anything "
            "from {lowest} to {highest}.",
            "If every earlier value is rounded or truncated to {number} significant digits, it may be anything "
            "from {lowest} to {highest}.",
            found.habit.digits,
            **between,
        )
    else:
        sentence = counted(
            "If every earlier value is rounded or truncated to {number} decimal, it may be anything from "
            "{lowest} to {highest}.",
            "If every earlier value is rounded or truncated to {number} decimals, it may be anything from "
            "{lowest} to {highest}.",
            found.habit.digits,
            **between,
        )
    if found.is_open:
        open_ = Message("So its last digits cannot be checked.")
        sentence = Message("{cause} {other}", {"cause": sentence, "other": open_})
    return Cause("chained rounding", sentence)


def _chained(case: Case, least: int = 1) -> Iterator[Cause]:
    """Yield the calculation in which every intermediate value is rounded; it covers one update at most."""
    is_calculated = case.printed.updates < 2 and not case.reading.is_given
    for decimals in case.judge.roundings.beside(case.printed) if is_calculated else ():
        chance = CHANCE_OF_ROUNDING if least else Fraction(10)
        if gives(case, partial(_by_hand, case, decimals), chance) == ROUNDED:
            sentence = counted(
                "Intermediate values were rounded to {number} decimal.",
                "Intermediate values were rounded to {number} decimals.",
                decimals,
            )
            yield Cause("chained rounding", sentence)
            return


def _by_hand(case: Case, decimals: int) -> Decidable:
    return case.reading.number(case.variant.by_hand(decimals))
