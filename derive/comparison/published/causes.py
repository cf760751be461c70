"""Why a printed number is not the true one: the explanations that give exactly the digits that are printed.

Of many candidates one fits two or three digits by chance. So each kind of explanation needs a number of significant
digits, more where it has more candidates, and each candidate must be likelier than chance: a number that is off by few
units of its last digit is met by one of some candidates whatever they are. What is cut off counts as well as what is
rounded, and is then said beside the other cause.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, partial

from flint import fmpq

from derive.comparison.published.conventions import CONVENTIONS
from derive.comparison.published.follows import Found
from derive.comparison.published.judging import Judge, Judged
from derive.comparison.published.lines import steps, swaps
from derive.comparison.published.lookup import Reading, names, reading
from derive.comparison.published.printed import Printed
from derive.comparison.published.variants import Decidable, Reached, Variant
from derive.comparison.published.verdicts import (
    CONVENTION,
    DIFFERENT,
    FOLLOWS,
    WRONG,
    Cause,
    fits,
    is_cut,
    is_rounded,
    units_off,
)
from derive.comparison.slips import candidates
from derive.comparison.ways import numpy_gradients
from derive.errors import InputError, Message, counted
from derive.evaluation.evaluation import Evaluation
from derive.numbers.arithmetic import Value

FEW, MANY = 2, 4  # significant digits that an explanation asks for: one of a few candidates, one of many
NEAR_COUNTS = (-1, 1, -2, 2, -3, 3)
SMALL_COUNT = 10  # of updates, up to which every smaller count is a candidate
LARGE_COUNT = 100_000  # beyond it training takes seconds, and only the next counts are candidates
MOST_NAMES = 5000
CHANCE = Fraction(1, 20)  # that one of the candidates so far gives the number, whatever they are
CHANCE_OF_ROUNDING = Fraction(1, 2)  # the same of ways to round, which are likelier from the start
ROUNDED, CUT = "rounded", "cut off"
OF_UPDATES = ("online", "online_samples", "decay_on_weights")


@dataclass(frozen=True, eq=False)
class Case:
    """A number that is not simply right, in the publication that it belongs to."""

    judge: Judge
    judged: Judged
    _tries: list[int] = field(default_factory=lambda: [0], repr=False)

    @cached_property
    def printed(self) -> Printed:
        """The number without the publication's own sign."""
        printed = self.judged.printed
        is_turned = self.judge.basis.factor(printed) < 0
        return replace(printed, number=-printed.number) if is_turned else printed

    @property
    def reading(self) -> Reading:
        """How its true value is found."""
        return self.judged.reading

    @property
    def variant(self) -> Variant:
        """The way to calculate."""
        return self.judge.basis.variant_for(self.judged.printed)

    @property
    def evaluation(self) -> Evaluation:
        """What the number is held against."""
        return self.variant.evaluation

    @cached_property
    def true(self) -> Decidable:
        """The true value."""
        return self.reading.number(self.variant)

    @cached_property
    def off(self) -> Fraction:
        """By how many units of its last digit the number is off."""
        return units_off(self.printed, self.true)

    @property
    def may_be_met(self) -> bool:
        """Whether another candidate would be likelier than chance."""
        return Fraction(self._tries[0] + 1) / (2 * self.off) <= CHANCE

    def met(self, number: Decidable, chance: Fraction = CHANCE, printed: Printed | None = None) -> str:
        """Return whether a candidate gives the number, `ROUNDED` or `CUT`, and is likelier than chance; "" else."""
        printed = printed or self.printed
        self._tries[0] += 1
        if Fraction(self._tries[0]) / (2 * self.off) > chance:
            return ""
        if isinstance(number, float) and _is_far(printed, number):
            return ""
        if is_rounded(printed, number) or number.decide(partial(fits, printed, slack=self._slack)):
            return CUT if not is_rounded(printed, number) and is_cut(printed, number) else ROUNDED
        return ""

    @cached_property
    def _slack(self) -> Value:
        return self.judge.slack(self.variant, self.judged.printed, self.reading)


def _is_far(printed: Printed, number: float) -> bool:
    """Whether a number is off by more than any digit leaves open, which a float can tell in most cases."""
    away = abs(number - float(printed.number))
    return away > 2 * float(f"1e{-printed.decimals}") + 1e-9 * abs(number)


def causes(case: Case) -> Iterator[Cause]:
    """Yield what explains the number, the likeliest first.

    A number that is only rounded differently is so near the true value that other causes would fit by chance: there
    only ways of rounding are tried.
    """
    word = case.judged.verdict
    if word == CONVENTION:
        yield from _by_convention(case)
    if word == DIFFERENT:
        rounded = [*_cut(case), *_chained(case, least=0)]
        yield from rounded or ([_follows(case)] if case.judged.found else [])
    if word == FOLLOWS:
        yield _follows(case)
    if word != WRONG:
        return
    few = (_chained, _opposite, _order, _biases)
    many = (_counts, _of_updates, _swapped, _stepped, _slips, _others)
    for least, finders in ((FEW, few), (MANY, many)):
        for find in finders:
            if case.printed.significant >= least and (find is _chained or case.may_be_met):
                yield from find(case)


def _by_convention(case: Case) -> Iterator[Cause]:
    first, *others = case.judged.conventions
    cause = Cause(first.name, first.sentence)
    for other in others:
        both = Message("{cause} {other}", {"cause": cause.sentence, "other": other.sentence})
        cause = Cause(f"{cause.kind} and {other.name}", both)
    number = case.judge.basis.number(case.judged.printed, case.reading)
    is_float = case.judge.floats(case.variant).verdict(case.judged.printed, case.reading, number)
    is_whole = is_float or is_rounded(case.printed, case.true)
    yield _with_cut(case, cause) if not is_whole and is_cut(case.printed, case.true) else cause


def _cut(case: Case) -> Iterator[Cause]:
    if is_cut(case.printed, case.true):
        yield Cause(CUT, _cut_off(case.printed))


def _cut_off(printed: Printed) -> Message:
    return counted(
        "Cut off after {number} decimal, not rounded.",
        "Cut off after {number} decimals, not rounded.",
        printed.decimals,
    )


def _with_cut(case: Case, cause: Cause) -> Cause:
    """Return the cause with the other one, that the number is cut off as well."""
    both = Message("{cause} {other}", {"cause": cause.sentence, "other": _cut_off(case.printed)})
    return Cause(f"{cause.kind} and {CUT}", both)


def _follows(case: Case) -> Cause:
    """Return what the number follows from: wrong numbers where there are any, else how what is printed is rounded."""
    found, roots = case.judged.found, case.judged.roots
    assert found is not None
    names_ = ", ".join(dict.fromkeys(root.name for root in roots))
    if found.habit is not None:
        return _rounded(found)
    if found.is_meant:
        return Cause(FOLLOWS, Message("It follows from what {names} should be, rounded.", {"names": names_}))
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
            "It follows from the printed {names}, with every value between rounded to {number} decimal.",
            "It follows from the printed {names}, with every value between rounded to {number} decimals.",
            found.between,
            names=names_,
        )
    else:
        sentence = Message("It follows from the printed digits of {names}.", {"names": names_})
    return Cause(FOLLOWS, sentence)


def _rounded(found: Found) -> Cause:
    """Return that the number is one of those that lines rounded on the way may come to."""
    assert found.habit is not None
    between = {"lowest": found.lowest, "highest": found.highest}
    if found.habit.is_significant:
        sentence = counted(
            "If every value before it is rounded or cut off to {number} significant digit, it may be anything from "
            "{lowest} to {highest}.",
            "If every value before it is rounded or cut off to {number} significant digits, it may be anything from "
            "{lowest} to {highest}.",
            found.habit.digits,
            **between,
        )
    else:
        sentence = counted(
            "If every value before it is rounded or cut off to {number} decimal, it may be anything from {lowest} to "
            "{highest}.",
            "If every value before it is rounded or cut off to {number} decimals, it may be anything from {lowest} to "
            "{highest}.",
            found.habit.digits,
            **between,
        )
    if found.is_open:
        open_ = Message("Its last digits therefore cannot be judged.")
        sentence = Message("{cause} {other}", {"cause": sentence, "other": open_})
    return Cause("chained rounding", sentence)


def _chained(case: Case, least: int = 1) -> Iterator[Cause]:
    """Yield the calculation in which every intermediate value is rounded; it covers one update at most."""
    is_calculated = case.printed.updates < 2 and not case.reading.is_given
    for decimals in case.judge.roundings.beside(case.printed) if is_calculated else ():
        chance = CHANCE_OF_ROUNDING if least else Fraction(10)
        if _gives(case, partial(_by_hand, case, decimals), chance) == ROUNDED:
            sentence = counted(
                "Every value on the way is rounded to {number} decimal and carried on so.",
                "Every value on the way is rounded to {number} decimals and carried on so.",
                decimals,
            )
            yield Cause("chained rounding", sentence)
            return


def _by_hand(case: Case, decimals: int) -> Decidable:
    return case.reading.number(case.variant.by_hand(decimals))


def _gives(case: Case, read: Callable[[], Decidable], chance: Fraction = CHANCE, printed: Printed | None = None) -> str:
    """Return how the number that is read gives the printed one; "" where it has no value.

    That is where training diverges, and where a parameter is not trained whose step is asked for.
    """
    try:
        return case.met(read(), chance, printed)
    except (InputError, KeyError):
        return ""


def _as(case: Case, how: str, cause: Cause) -> Iterator[Cause]:
    if how:
        yield _with_cut(case, cause) if how == CUT else cause


def _opposite(case: Case) -> Iterator[Cause]:
    if case.reading.is_derivative:
        opposite = replace(case.printed, number=-case.printed.number)
        how = _gives(case, lambda: case.true, printed=opposite)
        yield from _as(case, how, Cause("sign", Message("The sign is the opposite one.")))


def _order(case: Case) -> Iterator[Cause]:
    """Yield the other order of updates; for a derivative, that it was calculated with the updated weights."""
    plan = case.evaluation.plan
    sequential, state, updates = case.reading.sequential, case.reading.state, case.printed.updates
    if sequential and not plan.is_online:
        how = _gives(case, lambda: sequential(case.variant.sequential))
        sentence = Message(
            "Reached through weights that are updated already (sequential updates), not the original ones."
        )
        yield from _as(case, how, Cause("update order", sentence))
    if state and updates:
        how = _fits(case, case.variant.other_order, updates)
        yield from _as(case, how, Cause("update order", ORDER_SENTENCES[case.variant.other_order.order]))


def _biases(case: Case) -> Iterator[Cause]:
    """Yield that the biases are trained where this network keeps them, or kept where it trains them."""
    updates, other = case.printed.updates, case.variant.other_biases if case.printed.updates else None
    if case.reading.state and other is not None:
        is_trained = case.evaluation.with_biases is not None
        how = _fits(case, other, updates)
        yield from _as(case, how, Cause("biases", TRAINED_BIASES if is_trained else KEPT_BIASES))


TRAINED_BIASES = Message("With the biases trained, too; this network keeps them as they are.")
KEPT_BIASES = Message("With the biases kept as they are; this network trains them.")
ORDER_SENTENCES = {
    "sequential": Message("Sequential updates: the hidden layers use weights that are updated already."),
    "simultaneous": Message("Simultaneous updates: every layer uses the weights from before the update."),
}


def _of_updates(case: Case) -> Iterator[Cause]:
    """Yield another way to train, where no other number shows that the whole publication has it."""
    for name in OF_UPDATES if case.printed.updates else ():
        convention = CONVENTIONS[name]
        other = convention.make(case.variant) if convention.make else None
        if other is not None:
            how = _gives(case, partial(case.reading.number, other))
            yield from _as(case, how, Cause(name, convention.sentence))


def _swapped(case: Case) -> Iterator[Cause]:
    """Yield that another quantity of its kind was put into the number's own line, such as another input."""
    token = case.judge.token(case.judged.printed, case.reading)
    for kind, name, other, value in swaps(case.judge, token, case.variant) if token else ():
        sentence = Message("It is calculated with {other} in the place of {name}.", {"other": other, "name": name})
        yield from _as(case, _gives(case, partial(Reached, value)), Cause(f"another {kind}", sentence))


def _stepped(case: Case) -> Iterator[Cause]:
    """Yield that the step of the update was made in another way."""
    token = case.judge.token(case.judged.printed, case.reading)
    for kind, sentence, value in steps(case.judge, token, case.variant) if token else ():
        yield from _as(case, _gives(case, partial(Reached, value)), Cause(kind, sentence))


def _counts(case: Case) -> Iterator[Cause]:
    """Yield other counts of updates, the nearest first, each in the network's own order and in the other one."""
    if case.reading.state is None or not case.evaluation.computation.has_error:
        return
    counts = _other_counts(case.printed.updates)
    case.variant.prepare(counts)
    case.variant.other_order.prepare(counts)
    for count in counts:
        yield from _as(case, _fits(case, case.variant, count), Cause("count", _after(count)))
        if count:
            how = _fits(case, case.variant.other_order, count)
            order = case.variant.other_order.order
            yield from _as(case, how, Cause("count and order", _after_in_order(count, order)))


def _other_counts(updates: int) -> list[int]:
    near = [updates + step for step in (NEAR_COUNTS if updates <= LARGE_COUNT else NEAR_COUNTS[:2])]
    small = range(updates) if updates <= SMALL_COUNT else [0]
    return list(dict.fromkeys(count for count in (*near, *small) if count >= 0))


def _fits(case: Case, variant: Variant, count: int) -> str:
    state = case.reading.state
    return _gives(case, lambda: state(variant, count)) if state is not None else ""


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
        if not is_order and math.isfinite(value):
            how = _gives(case, partial(Reached, fmpq(*value.as_integer_ratio())))
            yield from _as(case, how, Cause(slip.kind, slip.sentence))


def _others(case: Case) -> Iterator[Cause]:
    """Yield the other quantities of this network whose value is printed, the last that is offered."""
    printed = case.printed
    valid = list(names(case.evaluation, printed.updates))
    for name in valid if len(valid) <= MOST_NAMES else ():
        other = reading(case.evaluation, name, printed.sample, printed.updates)
        if name != printed.name and _gives(case, partial(other.number, case.variant)) == ROUNDED:
            yield Cause("another quantity", Message("The value of {name}.", {"name": name}))
