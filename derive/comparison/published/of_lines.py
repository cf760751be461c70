"""Causes in a number's own line: another sign, another quantity, another step, a slip of the backward pass."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from flint import fmpq

from derive.comparison.code_slips import other_slopes
from derive.comparison.equation_slips import predictions
from derive.comparison.published.case import Case, gives, told
from derive.comparison.published.lines import exchanges, steps, swaps
from derive.comparison.published.tokens import PARTIAL
from derive.comparison.published.variants import Reached
from derive.comparison.published.verdicts import DIFFERENT, Cause, verdict
from derive.comparison.slips import Slip, candidates
from derive.comparison.ways import numpy_partials
from derive.errors import Message

Predicted = Callable[[str], float]
NOT_ON_PAPER = ("updated weights", "swapped")  # the first `order` decides exactly, the second `others` does


def opposite(case: Case) -> Iterator[Cause]:
    """Yield that the sign is the opposite one, of the true value or of what the numbers before it give.

    Beside an opposite sign, the last digit may as well be rounded differently.
    """
    if not case.reading.is_derivative:
        return
    cause = Cause("sign", Message("Wrong sign."))
    opposite = replace(case.printed, number=-case.printed.number)
    how = gives(case, lambda: case.true, printed=opposite)
    yield from told(case, how, cause)
    is_near = not how and case.may_be_met and verdict(opposite, case.true) == DIFFERENT
    if is_near or (not how and case.may_be_met and case.judge.follows(case.judged, -case.judged.printed.number)):
        yield cause


def swapped(case: Case) -> Iterator[Cause]:
    """Yield that another quantity of its kind was put into the number's own line, such as another input."""
    token = case.judge.token(case.judged.printed, case.reading)
    for kind, name, other, value in swaps(case.judge, token, case.variant) if token else ():
        sentence = Message("Computed with {other} instead of {name}.", {"other": other, "name": name})
        yield from told(case, gives(case, partial(Reached, value)), Cause(f"another {kind}", sentence))


def exchanged(case: Case) -> Iterator[Cause]:
    """Yield that two inputs, or two signals of the layer before, have changed places in a weighted sum."""
    token = case.judge.token(case.judged.printed, case.reading)
    for kind, name, other, value in exchanges(case.judge, token, case.variant) if token else ():
        sentence = Message("Computed with {name} and {other} swapped.", {"name": name, "other": other})
        yield from told(case, gives(case, partial(Reached, value)), Cause(f"exchanged {kind}s", sentence))


def stepped(case: Case) -> Iterator[Cause]:
    """Yield that the step of the update was made in another way."""
    token = case.judge.token(case.judged.printed, case.reading)
    for kind, sentence, value in steps(case.judge, token, case.variant) if token else ():
        yield from told(case, gives(case, partial(Reached, value)), Cause(kind, sentence))


def forgotten(case: Case) -> Iterator[Cause]:
    """Yield that one use of this very quantity is missing, which without layers is the likeliest slip."""
    if case.evaluation.computation.layers is None:
        yield from _slips(case, is_own=True)


def slips(case: Case) -> Iterator[Cause]:
    """Yield the slips of a backward pass by hand that give a delta or a gradient; they are computed in floats."""
    yield from _slips(case, is_own=False)


def _slips(case: Case, *, is_own: bool) -> Iterator[Cause]:
    """Yield the slips of the quantity itself, or all others."""
    name = case.reading.parameter or _of_delta(case)
    if name is None:
        return
    said = case.evaluation.computation.units.get(name, name)
    for slip, values in _slipped(case):
        if (slip.kind == "missing path" and slip.sentence.fields.get("name") == said) != is_own:
            continue
        if math.isfinite(values(name)):
            how = gives(case, partial(Reached, fmpq(*values(name).as_integer_ratio())))
            yield from told(case, how, Cause(slip.kind, slip.sentence))


def _of_delta(case: Case) -> str | None:
    """Return the net whose delta the number is, before any update; None where it is none.

    Without layers it is the partial by any quantity: the pass over the equations has them all.
    """
    token = case.judge.token(case.judged.printed, case.reading)
    if token is None or token.kind != PARTIAL or token.updates:
        return None
    computation = case.evaluation.computation
    return token.name if computation.layers is None or computation.kinds[token.name] == "net" else None


def _slipped(case: Case) -> Sequence[tuple[Slip, Predicted]]:
    """Return what each slip makes of all deltas and gradients: of one sample, or of all."""
    sample = None if case.reading.is_whole else case.printed.sample - 1
    key = ("slips", case.variant, sample)
    if key not in case.judge.memory:  # the same for every number of a sample
        evaluation = case.evaluation
        if sample is not None:
            evaluation = evaluation.with_samples([evaluation.computation.samples[sample]])
        if evaluation.computation.layers is None:
            found = sorted(predictions(evaluation), key=lambda found: found[0].kind == "learning rate")
            case.judge.memory[key] = [each for each in found if each[0].kind not in NOT_ON_PAPER]
            return case.judge.memory[key]  # type: ignore[no-any-return]
        # Last: code returns an update in place of a derivative more often than a book prints one.
        by_hand = sorted(candidates(evaluation), key=lambda found: found[0].kind == "learning rate")
        known = (*by_hand, *other_slopes(evaluation.computation.layered))
        case.judge.memory[key] = [
            (slip, numpy_partials(evaluation, variation).__getitem__)
            for slip, variation in known
            if slip.kind != "updated weights"  # which `order` decides exactly
        ]
    return case.judge.memory[key]  # type: ignore[no-any-return]
