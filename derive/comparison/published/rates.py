"""Another learning rate than the network's, found in what the first update makes of its weights and biases.

The step of an update is the rate times what does not depend on it, so each number gives the rate that it was made with,
as far as its digits tell. A rate in few digits that several numbers give is tried as a convention.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from flint import arb

from derive.comparison.published.basis import Basis
from derive.comparison.published.conventions import Convention, changed
from derive.comparison.published.lookup import Reading
from derive.comparison.published.printed import Printed
from derive.comparison.published.tokens import STEP, VALUE, Tokens
from derive.comparison.published.verdicts import middle
from derive.errors import Digits, InputError, Message
from derive.numbers.brief import number_text

OTHER_RATE = "learning_rate"
MOST_DIGITS = 3  # of a rate that a person chooses
LEAST = 2  # numbers that must give it


def other_rate(basis: Basis, numbers: Iterable[tuple[Printed, Reading]]) -> Convention | None:
    """Return that the learning rate is the one that most of these numbers give, None where they give none."""
    found: Counter[Fraction] = Counter()
    for printed, reading in numbers:
        found.update(_rates(basis, printed, reading))
    own = basis.start.evaluation.plan.learning_rate
    likely = [(count, rate) for rate, count in found.items() if count >= LEAST and rate not in (0, own)]
    return _convention(max(likely, key=lambda each: (each[0], -_digits(each[1])))[1], own) if likely else None


def _rates(basis: Basis, printed: Printed, reading: Reading) -> Sequence[Fraction]:
    """Return the rates in few digits that a number leaves open, those with the fewest digits in which there is one."""
    evaluation = basis.variant.evaluation
    token = Tokens(basis.start.evaluation).of(printed)
    if token is None or token.updates != 1 or token.kind not in (VALUE, STEP) or reading.is_in_turn:
        return ()
    if token.name not in evaluation.computation.trained:
        return ()
    start = evaluation.computation.values[token.name] if token.kind == VALUE else Fraction(0)
    try:
        step = reading.number(basis.variant).decide(lambda value: middle(arb(value))) - start
    except (InputError, KeyError):
        return ()
    if not step:
        return ()
    scale = evaluation.plan.learning_rate / step
    rate = (Fraction(printed.number) * basis.factor(printed) - start) * scale
    off = abs(scale) * Fraction(10) ** -printed.decimals  # cut off as well as rounded
    for digits in range(1, MOST_DIGITS + 1):
        unit = Fraction(10) ** (_decimal(rate).adjusted() + 1 - digits)
        short = round(rate / unit) * unit
        if rate > 0 and abs(short - rate) <= off:
            return (short,)
    return ()


def _decimal(rate: Fraction) -> Decimal:
    return Decimal(rate.numerator) / rate.denominator  # a float might not hold it


def _digits(rate: Fraction) -> int:
    return len(_decimal(rate).normalize().as_tuple().digits)


def _convention(rate: Fraction, own: Fraction) -> Convention:
    sentence = Message(
        "The learning rate is {rate} here; this network uses {own}.",
        {"rate": Digits(number_text(rate)), "own": Digits(number_text(own))},
    )
    return Convention(
        OTHER_RATE,
        sentence,
        lambda variant: changed(variant, learning_rate=rate),
        least=LEAST,
        among=9 * 10 ** (_digits(rate) - 1),
        detail=str(rate),
    )
