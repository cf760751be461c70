"""Causes in how a publication trains: another order or count of updates, biases kept or trained, another way."""

from collections.abc import Iterator
from functools import partial

from derive.comparison.published.case import Case, gives, told
from derive.comparison.published.conventions import CONVENTIONS
from derive.comparison.published.variants import Variant
from derive.comparison.published.verdicts import Cause
from derive.errors import Message, counted

NEAR_COUNTS = (-1, 1, -2, 2, -3, 3)
SMALL_COUNT = 10  # of updates, up to which every smaller count is a candidate
LARGE_COUNT = 100_000  # beyond it training takes seconds, and only the next counts are candidates
OF_UPDATES = ("online", "online_samples", "no_decay", "decay_on_weights")
TRAINED_BIASES = Message("With the biases trained too; this network keeps them fixed.")
KEPT_BIASES = Message("With the biases kept fixed; this network trains them.")
ORDER_SENTENCES = {
    "sequential": Message("Sequential updates: the hidden layers use the already updated weights."),
    "simultaneous": Message("Simultaneous updates: every layer uses the weights from before the update."),
}


def order(case: Case) -> Iterator[Cause]:
    """Yield the other order of updates; for a derivative, that it was calculated with the updated weights."""
    plan = case.evaluation.plan
    sequential, state, updates = case.reading.sequential, case.reading.state, case.printed.updates
    if sequential and not plan.is_online:
        how = gives(case, lambda: sequential(case.variant.sequential))
        sentence = Message("Computed with already updated weights (sequential updates), not the original ones.")
        yield from told(case, how, Cause("update order", sentence))
    if state and updates:
        how = _fits(case, case.variant.other_order, updates)
        yield from told(case, how, Cause("update order", ORDER_SENTENCES[case.variant.other_order.order]))


def biases(case: Case) -> Iterator[Cause]:
    """Yield that the biases are trained where this network keeps them, or kept where it trains them."""
    updates, other = case.printed.updates, case.variant.other_biases if case.printed.updates else None
    if case.reading.state and other is not None:
        is_trained = case.evaluation.with_biases is not None
        how = _fits(case, other, updates)
        yield from told(case, how, Cause("biases", TRAINED_BIASES if is_trained else KEPT_BIASES))


def of_updates(case: Case) -> Iterator[Cause]:
    """Yield another way to train, where no other number shows that the whole publication has it."""
    for name in OF_UPDATES if case.printed.updates else ():
        convention = CONVENTIONS[name]
        other = convention.make(case.variant) if convention.make else None
        if other is not None:
            how = gives(case, partial(case.reading.number, other))
            yield from told(case, how, Cause(name, convention.said(case.evaluation.computation)))


def counts(case: Case) -> Iterator[Cause]:
    """Yield other counts of updates, the nearest first, each in the network's own order and in the other one."""
    if case.reading.state is None or not case.evaluation.computation.has_error:
        return
    counts = _other_counts(case.printed.updates)
    case.variant.prepare(counts)
    case.variant.other_order.prepare(counts)
    for count in counts:
        yield from told(case, _fits(case, case.variant, count), Cause("count", _after(count)))
        if count:
            how = _fits(case, case.variant.other_order, count)
            order = case.variant.other_order.order
            yield from told(case, how, Cause("count and order", _after_in_order(count, order)))


def _other_counts(updates: int) -> list[int]:
    near = [updates + step for step in (NEAR_COUNTS if updates <= LARGE_COUNT else NEAR_COUNTS[:2])]
    small = range(updates) if updates <= SMALL_COUNT else [0]
    return list(dict.fromkeys(count for count in (*near, *small) if count >= 0))


def _fits(case: Case, variant: Variant, count: int) -> str:
    state = case.reading.state
    return gives(case, lambda: state(variant, count)) if state is not None else ""


def _after(count: int) -> Message:
    if not count:
        return Message("The value before any update.")
    return counted("The value after {number} update.", "The value after {number} updates.", count)


def _after_in_order(count: int, order: str) -> Message:
    if order == "sequential":
        return counted(
            "The value after {number} sequential update.",
            "The value after {number} sequential updates.",
            count,
        )
    return counted(
        "The value after {number} simultaneous update.",
        "The value after {number} simultaneous updates.",
        count,
    )
