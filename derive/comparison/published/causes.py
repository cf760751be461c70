"""Why a printed number is not the true one: the explanations that give exactly the digits that are printed.

Of many candidates one fits two or three digits by chance. So each kind of explanation needs a number of significant
digits, more where it has more candidates.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from flint import fmpq

from derive.comparison.published.lookup import Reading, names, reading
from derive.comparison.published.printed import Printed
from derive.comparison.published.variants import ORDERS, Decidable, Variant
from derive.comparison.published.verdicts import DIFFERENT, HALF, Cause, is_cut, is_rounded, is_within
from derive.comparison.slips import candidates
from derive.comparison.ways import numpy_gradients
from derive.errors import InputError, Message, counted
from derive.evaluation.evaluation import Evaluation

FEW, MANY = 2, 4  # significant digits that an explanation asks for: one of a few candidates, one of many
NEAR_COUNTS = (-1, 1, -2, 2, -3, 3)
SMALL_COUNT = 10  # of updates, up to which every smaller count is a candidate
LARGE_COUNT = 100_000  # beyond it training takes seconds, and only the next counts are candidates
MOST_NAMES = 5000


@dataclass(frozen=True)
class Case:
    """A printed number that is not right, its reading and variant, and to how many decimals its file may round."""

    printed: Printed
    reading: Reading
    variant: Variant
    decimals: Sequence[int]

    @property
    def evaluation(self) -> Evaluation:
        """What the number is held against."""
        return self.variant.evaluation


def causes(case: Case, verdict: str) -> Iterator[Cause]:
    """Yield what explains the number, the likeliest first.

    A number that is only rounded differently is so near the true value that other causes would fit by chance: there
    only ways of rounding are tried.
    """
    if verdict == DIFFERENT:
        yield from _cut(case)
        yield from _chained(case)
        return
    few, many = (_chained, _opposite, _order, _biases), (_counts, _slips, _others)
    for least, finders in ((FEW, few), (MANY, many)):
        if case.printed.significant >= least:
            for find in finders:
                yield from find(case)


def _cut(case: Case) -> Iterator[Cause]:
    if is_cut(case.printed, case.reading.number(case.variant)):
        yield Cause(
            "cut off",
            counted(
                "Cut off after {number} decimal, not rounded.",
                "Cut off after {number} decimals, not rounded.",
                case.printed.decimals,
            ),
        )


def _chained(case: Case) -> Iterator[Cause]:
    """Yield the calculation in which every intermediate value is rounded; it covers one update at most."""
    is_calculated = case.printed.updates < 2 and not case.reading.is_given
    for decimals in case.decimals if is_calculated else ():
        if _gives(case.printed, partial(_by_hand, case, decimals)):
            sentence = counted(
                "Every value on the way is rounded to {number} decimal and carried on so.",
                "Every value on the way is rounded to {number} decimals and carried on so.",
                decimals,
            )
            yield Cause("chained rounding", sentence)
            return


def _by_hand(case: Case, decimals: int) -> Decidable:
    return case.reading.number(case.variant.by_hand(decimals))


def _gives(printed: Printed, read: Callable[[], Decidable]) -> bool:
    """Whether the number that is read rounds to the printed one; False where it has no value, as training diverged."""
    try:
        return is_rounded(printed, read())
    except InputError:
        return False


def _opposite(case: Case) -> Iterator[Cause]:
    opposite = replace(case.printed, number=-case.printed.number)
    if case.reading.is_derivative and _gives(opposite, lambda: case.reading.number(case.variant)):
        yield Cause("sign", Message("The sign is the opposite one."))


def _order(case: Case) -> Iterator[Cause]:
    """Yield the other order of updates; for a derivative, that it was calculated with the updated weights."""
    sequential, state, updates = case.reading.sequential, case.reading.state, case.printed.updates
    if sequential and _gives(case.printed, lambda: sequential(case.variant.sequential)):
        sentence = Message(
            "Reached through weights that are updated already (sequential updates), not the original ones."
        )
        yield Cause("update order", sentence)
    if state and updates and _fits(case, case.variant.other_order, updates):
        yield Cause("update order", ORDER_SENTENCES[case.variant.other_order.order])


def _biases(case: Case) -> Iterator[Cause]:
    """Yield that the biases are trained where this network keeps them, or kept where it trains them."""
    updates, other = case.printed.updates, case.variant.other_biases if case.printed.updates else None
    if case.reading.state and other is not None and _fits(case, other, updates):
        is_trained = case.evaluation.with_biases is not None
        yield Cause("biases", TRAINED_BIASES if is_trained else KEPT_BIASES)


TRAINED_BIASES = Message("With the biases trained, too; this network keeps them as they are.")
KEPT_BIASES = Message("With the biases kept as they are; this network trains them.")
ORDER_SENTENCES = {
    "sequential": Message("Sequential updates: the hidden layers use weights that are updated already."),
    "simultaneous": Message("Simultaneous updates: every layer uses the weights from before the update."),
}


def _counts(case: Case) -> Iterator[Cause]:
    """Yield other counts of updates, the nearest first, each in the network's own order and in the other one."""
    if case.reading.state is None:
        return
    counts = _other_counts(case.printed.updates)
    case.variant.prepare(counts)
    case.variant.other_order.prepare(counts)
    for count in counts:
        if _fits(case, case.variant, count):
            yield Cause("count", _after(count))
        if count and _fits(case, case.variant.other_order, count):
            yield Cause("count and order", _after_in_order(count, ORDERS[case.variant.order]))


def _other_counts(updates: int) -> list[int]:
    near = [updates + step for step in (NEAR_COUNTS if updates <= LARGE_COUNT else NEAR_COUNTS[:2])]
    small = range(updates) if updates <= SMALL_COUNT else [0]
    return list(dict.fromkeys(count for count in (*near, *small) if count >= 0))


def _fits(case: Case, variant: Variant, count: int) -> bool:
    state = case.reading.state
    return state is not None and _gives(case.printed, lambda: state(variant, count))


def _after(count: int) -> Message:
    if not count:
        return Message("The value before any update.")
    return counted("The value after {number} update.", "The value after {number} updates.", count)


def _after_in_order(count: int, order: str) -> Message:
    if order == "sequential":
        return counted(
            "The value after {number} update in the sequential order.",
            "The value after {number} updates in the sequential order.",
            count,
        )
    return counted(
        "The value after {number} update in the simultaneous order.",
        "The value after {number} updates in the simultaneous order.",
        count,
    )


def _slips(case: Case) -> Iterator[Cause]:
    """Yield the slips of a backward pass by hand that give the number; they are computed in floats."""
    parameter, evaluation = case.reading.parameter, case.evaluation
    if parameter is None or evaluation.computation.layers is None:
        return
    if not case.reading.is_whole:
        evaluation = evaluation.with_samples([evaluation.computation.samples[case.printed.sample - 1]])
    # Last: code returns an update in place of a derivative more often than a book prints one.
    for slip, variation in sorted(candidates(evaluation), key=lambda found: found[0].kind == "learning rate"):
        value = numpy_gradients(evaluation, variation)[parameter]
        is_order = slip.kind == "updated weights"  # which `_order` decides exactly
        if not is_order and math.isfinite(value) and is_within(case.printed, fmpq(*value.as_integer_ratio()), HALF):
            yield Cause(slip.kind, slip.sentence)


def _others(case: Case) -> Iterator[Cause]:
    """Yield the other quantities of this network whose value is printed."""
    printed = case.printed
    valid = list(names(case.evaluation, printed.updates))
    for name in valid if len(valid) <= MOST_NAMES else ():
        other = reading(case.evaluation, name, printed.sample, printed.updates)
        if name != printed.name and _gives(printed, partial(other.number, case.variant)):
            yield Cause("another quantity", Message("The value of {name}.", {"name": name}))
