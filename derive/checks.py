"""What is refused of a user's words, keys, lists, counts and digits, each with a sentence on what is expected."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal
from numbers import Real
from typing import Any, TypeVar

from derive.errors import InputError, Message, Text, UnknownNameError, Whole, counted, folded, nearest, shown

MOST_DIGITS = 1000
MOST_BY_HAND = 20  # decimals: what a formula shows of a number, and more than any calculator has
MOST_ITERATIONS = 10_000_000
MOST_SHOWN = 12  # of the names that a message lists
T = TypeVar("T")


@dataclass(frozen=True)
class Synonyms:
    """Other words for the valid ones, as `folded` gives them: those that say the same, and those that nearly do."""

    same: Mapping[str, str] = field(default_factory=dict)
    near: Mapping[str, str] = field(default_factory=dict)


def one_of(word: Any, valid: Iterable[str], place: Text, synonyms: Synonyms = Synonyms()) -> str:
    """Return the valid word that is meant: capital letters, hyphens and the like do not matter, and synonyms are known.

    >>> one_of("Leaky-ReLU", ["relu", "leaky_relu"], "activation")
    'leaky_relu'
    """
    words = list(valid)
    if isinstance(word, str):
        known = dict(synonyms.same) | {folded(each): each for each in words}
        if folded(word) in known:
            return known[folded(word)]
        almost = synonyms.near.get(folded(word))
        hint = nearest(almost or word, words)
    else:
        hint = ""
    raise InputError(
        "{place}: found {found}; expected one of {words}.{hint}",
        place=place,
        found=shown(word),
        words=", ".join(words),
        hint=hint,
    )


class ByName(dict[str, T]):
    """Things by name; asked for what is not there, it raises `InputError` with the name that is nearest.

    >>> ByName({"w5": 1, "w6": 2})["W5"]
    Traceback (most recent call last):
    derive.errors.UnknownNameError: 'W5': found no such name; expected one of w5, w6. Did you mean 'w5'?
    """

    def __getitem__(self, name: Any) -> T:
        if isinstance(name, str) and name in self:
            return super().__getitem__(name)
        raise unknown(name, self)


def unknown(name: Any, known: Iterable[str]) -> UnknownNameError:
    """Return the error for a name that is none of those that are known."""
    names = list(known)
    return UnknownNameError(
        "{name}: found no such name; expected one of {names}.{hint}",
        name=shown(name),
        names=", ".join(names if len(names) <= MOST_SHOWN else [*names[:MOST_SHOWN], "…"]),
        hint=nearest(name, names),
    )


def sequence(values: Any, place: Text, expected: Message) -> tuple[Any, ...]:
    """Return the values of a list, a tuple or an array."""
    try:
        if not isinstance(values, str | bytes | bytearray | Mapping | Set):
            return tuple(values)
    except TypeError:  # asked, not looked at: an array without dimensions calls itself iterable
        pass
    raise InputError(
        "{place}: found {found}; expected {expected}.", place=place, found=shown(values), expected=expected
    )


def numbered(place: Text, number: int) -> Message:
    """Return the place of one number, or one name, in a list."""
    return Message("{place}, number {number}", {"place": place, "number": number})


def how_many_numbers(number: int) -> Message:
    """Return "1 number", "2 numbers"."""
    return counted("{number} number", "{number} numbers", number)


def truth(value: Any, place: Text) -> bool:
    """Return a truth value as Python's own; NumPy's is known by the kind that it has in an array."""
    is_numpys = getattr(getattr(value, "dtype", None), "kind", "") == "b" and value.shape == ()
    if isinstance(value, bool) or is_numpys:
        return bool(value)
    raise InputError("{place}: found {found}; expected true or false.", place=place, found=shown(value))


def is_number(value: Any) -> bool:
    """Whether the value is a number and no truth value."""
    return isinstance(value, Real | Decimal) and not isinstance(value, bool)


def whole(value: Any, place: Text, *, least: int, most: int) -> int:
    """Return a whole number as Python's own, whatever kind of number it is given as, 3.0 too.

    Raises `InputError` naming the place for anything else and for one that is too small or too large.

    >>> whole(Decimal("1e3"), "every", least=1, most=10_000)
    1000
    """
    number = as_whole(value, most)
    if number is None or number < least:
        raise InputError(
            "{place}: found {found}; expected a whole number from {least} to {most}.",
            place=place,
            found=shown(value),
            least=least,
            most=Whole(most),
        )
    return number


def as_whole(value: Any, most: int) -> int | None:
    """Return a whole number as Python's own, None for anything else and for what is larger than ``most``."""
    # Compared before it is made whole: 1e999999999 would fill the memory, and nan is below nothing.
    if not is_number(value) or (isinstance(value, Decimal) and value.is_nan()) or not -most <= value <= most:
        return None
    return None if value % 1 else int(value)


def check_digits(digits: Any, *, least: int = 1, most: int = MOST_DIGITS) -> int:
    """Return a number of decimals as Python's own; raises `InputError` for what is none from ``least`` to ``most``.

    >>> check_digits(True)
    Traceback (most recent call last):
    derive.errors.InputError: digits: found True; expected a whole number from 1 to 1,000.
    """
    return whole(digits, "digits", least=least, most=most)


def check_digits_by_hand(digits: Any) -> int:
    """Return the decimals to which every intermediate result is rounded; raises `InputError` for none from 1 to 20."""
    decimals = as_whole(digits, MOST_BY_HAND)
    if decimals is None or decimals < 1:
        raise InputError(
            "digits: found {found}; expected a whole number from 1 to {most} for rounding by hand.",
            found=shown(digits),
            most=MOST_BY_HAND,
        )
    return decimals


def check_iterations(number: Any, place: Text, *, least: int) -> int:
    """Return a sensible number of training steps; raises `InputError` for what is none."""
    return whole(number, place, least=least, most=MOST_ITERATIONS)
