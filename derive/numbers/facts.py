"""Facts about numbers on which the words of a page depend, and which change where the numbers do.

A page that is written for good asks whether they are true; in one that may change they are kept, so that it can ask
again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.numbers.arithmetic import rational
from derive.numbers.number import Number
from derive.numbers.slots import Slots, present_slots
from derive.numbers.traced import written_down


@dataclass(frozen=True)
class Fact:
    """Something that is true or not of the numbers of a page: its number there, and whether it is true at first."""

    slots: Slots
    number: int
    is_true: bool

    def __bool__(self) -> bool:
        return self.is_true


Truth = bool | Fact
CLOSE = 0.05


def is_less(one: Number, other: Number) -> Truth:
    """Return whether one number is less than another, as doubles."""
    return _of_numbers("less", float(one) < float(other), one, other)


def moves(number: Number) -> Truth:
    """Return whether a number is another than 0, as a double."""
    return _of_numbers("moves", bool(float(number)), number)


def is_positive(number: Number) -> Truth:
    """Return whether a number is above 0, as a double."""
    return _of_numbers("positive", float(number) > 0, number)


def is_written_alike(one: Number, other: Number, digits: int) -> Truth:
    """Return whether two numbers are printed alike with so many decimals."""
    return is_same_text(one.decimal(digits), other.decimal(digits))


def is_same_text(one: str, other: str) -> Truth:
    """Return whether two printed numbers read the same."""
    slots, is_true = present_slots(), str(one) == str(other)
    if slots is None or slots.is_one(one, other):
        return is_true
    return _fact(slots, is_true, "same", slots.place(one), slots.place(other))


def is_exact(number: Number, digits: int) -> Truth:
    """Return whether a number printed with so many decimals is the value itself."""
    slots, rounded = present_slots(), number.rounded(digits)
    return rounded.exact if slots is None else _fact(slots, rounded.exact, "exact", slots.place(rounded.text))


def is_close(one: Number, other: Number) -> Truth:
    """Return whether a number differs from another by no more than a twentieth of that, as doubles."""
    is_true = abs(float(one) - float(other)) <= CLOSE * abs(float(other))
    return _of_numbers("close", is_true, one, other)


def is_same(one: Number, other: Number) -> Truth:
    """Return whether two numbers are the same as doubles."""
    return _of_numbers("equal", float(one) == float(other), one, other)


def is_within_one(number: Number) -> Truth:
    """Return whether a number is less than 1 in size, as a double."""
    return _of_numbers("within", abs(float(number)) < 1, number)


def is_beyond_one(number: Number) -> Truth:
    """Return whether a number is more than 1 in size, as a double."""
    return _of_numbers("beyond", abs(float(number)) > 1, number)


def is_largest(place: int, numbers: Sequence[Number]) -> Truth:
    """Return whether the number at that place is larger in size than all others, as doubles; of -1, whether none is."""
    sizes = [abs(float(number)) for number in numbers]
    found = sizes.index(max(sizes)) if sizes.count(max(sizes)) == 1 else -1
    return _of_numbers("largest", found == place, *numbers, given=(place,))


def is_zero(evaluation: Any, of: str, is_true: bool, at: Fraction) -> Truth:
    """Return whether a quantity of the first sample is exactly a number."""
    slots = present_slots()
    if slots is None:
        return is_true
    table = slots.table(evaluation)
    register = written_down(slots.trace, lambda: slots.trace.of(table.passes[0][of] - rational(at)))
    return _fact(slots, is_true, "zero", register)


def of_text(name: str, is_true: bool, *given: Any) -> Truth:
    """Return a fact about all numbers of the text: whether any is "marked", has a "power", or is "lost" or "rounded".

    "start" is whether all given numbers are those of the start.
    """
    slots = present_slots()
    return is_true if slots is None else _fact(slots, is_true, name, *given)


def both(*facts: Truth) -> Truth:
    """Return whether all of them are true."""
    return _joined("all", all(facts), [fact for fact in facts if fact is not True])


def either(*facts: Truth) -> Truth:
    """Return whether any of them is true."""
    return _joined("any", any(facts), [fact for fact in facts if fact is not False])


def opposite(fact: Truth) -> Truth:
    """Return whether it is not true."""
    return not fact if isinstance(fact, bool) else _fact(fact.slots, not fact, "not", fact.number)


def alike(one: Truth, other: Truth) -> Truth:
    """Return whether both are true or neither is."""
    return either(both(one, other), both(opposite(one), opposite(other)))


def may_be(fact: Truth) -> bool:
    """Return whether it is true, or may come to be."""
    return isinstance(fact, Fact) or fact


def guard(fact: Truth) -> None:
    """Keep in mind that the page is written for this being true, and would be another one else."""
    if isinstance(fact, Fact):
        wanted = opposite(fact) if fact else fact  # the page says where one of these holds
        assert isinstance(wanted, Fact)
        if wanted.number not in fact.slots.guards:
            fact.slots.guards.append(wanted.number)


def _joined(name: str, is_true: bool, facts: list[Truth]) -> Truth:
    kept = [fact for fact in facts if isinstance(fact, Fact)]
    if len(kept) < len(facts) or not kept:  # one that cannot change decides
        return is_true
    return kept[0] if len(kept) == 1 else _fact(kept[0].slots, is_true, name, *(fact.number for fact in kept))


def _of_numbers(name: str, is_true: bool, *numbers: Number, given: tuple[int, ...] = ()) -> Truth:
    """Return a fact about the values of numbers; ``given`` is what it takes beside them."""
    slots = present_slots()
    return is_true if slots is None else _fact(slots, is_true, name, *given, *map(slots.register, numbers))


def _fact(slots: Slots, is_true: bool, name: str, *given: Any) -> Fact:
    return Fact(slots, slots.facts.setdefault((name, *given), len(slots.facts)), is_true)
