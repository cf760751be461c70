"""What is refused of a user's words, keys, lists, counts and digits, each with a sentence on what is expected."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal
from numbers import Real
from typing import Any, Self, TypeVar

from derive.errors import InputError, Message, Text, UnknownNameError, Whole, counted, folded, nearest, shown

MOST_DIGITS = 1000
MOST_BY_HAND = 20  # decimals: what a formula shows of a number, and more than any calculator has
MOST_ITERATIONS = 10_000_000
MOST_SHOWN = 12  # of the names that a message lists
MOST_CHARACTERS = 700  # of a mapping in a terminal
T = TypeVar("T")


@dataclass(frozen=True)
class Synonyms:
    """Other words for the valid ones, as `folded` gives them: ``same`` are accepted, ``near`` are asked about."""

    same: Mapping[str, str] = field(default_factory=dict)
    near: Mapping[str, str] = field(default_factory=dict)


class Alias(str):
    """A valid word in place of a synonym of it, ``given``, as the user wrote it; it is the word in all else.

    >>> word = one_of("Sigmoid", ["logistic"], "activation", Synonyms(same={"sigmoid": "logistic"}))
    >>> word, word.given
    ('logistic', 'Sigmoid')
    """

    given: str

    def __new__(cls, word: str, given: str) -> Self:
        self = super().__new__(cls, word)
        self.given = given
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.given)


def one_of(word: Any, valid: Iterable[str], place: Text, synonyms: Synonyms = Synonyms()) -> str:
    """Return the valid word that is meant; capital letters and hyphens do not matter, and synonyms are known.

    For a synonym it is an `Alias`, which remembers it. Raises `InputError` that names ``place`` for any other word.

    >>> one_of("Leaky-ReLU", ["relu", "leaky_relu"], "activation")
    'leaky_relu'
    """
    words = list(valid)
    if isinstance(word, str):
        known = {folded(each): each for each in words}
        if folded(word) in known:
            # The word of an alias, in a copy with other fields changed, is still one.
            return word if isinstance(word, Alias) and word in words else known[folded(word)]
        if folded(word) in synonyms.same:
            return Alias(synonyms.same[folded(word)], given=word)
        almost = synonyms.near.get(folded(word))
        # A synonym that is misspelled, too: sigmiod.
        hint = nearest(almost or word, words if almost else [*words, *synonyms.same])
    else:
        hint = ""
    raise InputError(
        "{place}: found {found}; expected one of {words}.{hint}",
        place=place,
        found=shown(word),
        words=", ".join(words),
        hint=hint,
    )


def one_kind(value: Any, kind: type[T], place: Text, expected: Message) -> T:
    """Return what is an instance of the class; raises `InputError`, which says what is ``expected``, for all else."""
    if not isinstance(value, kind):
        raise InputError(
            "{place}: found {found}; expected {expected}.", place=place, found=shown(value), expected=expected
        )
    return value


class ByName(dict[str, T]):
    """A dict whose ``[name]`` raises `UnknownNameError` for an unknown name and proposes the most similar one.

    >>> ByName({"w5": 1, "w6": 2})["W5"]
    Traceback (most recent call last):
    derive.errors.UnknownNameError: 'W5': found no such name; expected one of w5, w6. Did you mean 'w5'?
    """

    def __getitem__(self, name: Any) -> T:
        if isinstance(name, str) and name in self:
            return super().__getitem__(name)
        raise unknown(name, self)

    def __repr__(self) -> str:
        """Return what a dictionary shows, of many things the first ones and how many there are."""
        parts: list[str] = []
        for name, thing in self.items():
            parts.append(f"{name!r}: {thing!r}")
            if sum(map(len, parts)) > MOST_CHARACTERS:
                return f"<{len(self)} by name: {', '.join([*parts[:-1], '…'])}>"
        return f"{{{', '.join(parts)}}}"


def unknown(name: Any, known: Iterable[str]) -> UnknownNameError:
    """Return the error for an unknown name, with the known ones (at most 12) and the most similar one."""
    names = list(known)
    return UnknownNameError(
        "{name}: found no such name; expected one of {names}.{hint}",
        name=shown(name),
        names=", ".join(names if len(names) <= MOST_SHOWN else [*names[:MOST_SHOWN], "…"]),
        hint=nearest(name, names),
    )


def sequence(values: Any, place: Text, expected: Message) -> tuple[Any, ...]:
    """Return the values of a list, an array or another iterable; raises `InputError` for text, dicts and sets."""
    try:
        if not isinstance(values, str | bytes | bytearray | Mapping | Set):
            return tuple(values)
    except TypeError:  # tried and not asked, as a NumPy array without dimensions has __iter__
        pass
    raise InputError(
        "{place}: found {found}; expected {expected}.", place=place, found=shown(values), expected=expected
    )


def numbered(place: Text, number: int) -> Message:
    """Return the place of one value in a list, counted from 1, as messages say it: "bias, number 2"."""
    return Message("{place}, number {number}", {"place": place, "number": number})


def how_many_numbers(number: int) -> Message:
    """Return "1 number", "2 numbers" and so on, to be translated."""
    return counted("{number} number", "{number} numbers", number)


def truth(value: Any, place: Text) -> bool:
    """Return a truth value, Python's or NumPy's, as a bool; raises `InputError` for anything else."""
    # By its dtype, as NumPy is not imported for this.
    is_numpys = getattr(getattr(value, "dtype", None), "kind", "") == "b" and value.shape == ()
    if isinstance(value, bool) or is_numpys:
        return bool(value)
    raise InputError("{place}: found {found}; expected true or false.", place=place, found=shown(value))


def is_number(value: Any) -> bool:
    """Whether the value is a real number or a Decimal; True and False are none."""
    return isinstance(value, Real | Decimal) and not isinstance(value, bool)


def whole(value: Any, place: Text, *, least: int, most: int) -> int:
    """Return a whole number as an int, whatever kind of number it is given as, 3.0 too.

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
    """Return a whole number as an int; None for anything else and for a size above ``most``."""
    # Compared before it becomes an int: that of 1e999999999 would fill the memory. Comparing a Decimal nan raises.
    if not is_number(value) or (isinstance(value, Decimal) and value.is_nan()) or not -most <= value <= most:
        return None
    return None if value % 1 else int(value)


def check_digits(digits: Any, *, least: int = 1, most: int = MOST_DIGITS) -> int:
    """Return a number of decimals as an int; raises `InputError` unless it is whole, from ``least`` to ``most``.

    >>> check_digits(True)
    Traceback (most recent call last):
    derive.errors.InputError: digits: found true; expected a whole number from 1 to 1,000.
    """
    return whole(digits, "digits", least=least, most=most)


def check_digits_by_hand(digits: Any) -> int:
    """Return the decimals of rounding by hand as an int; raises `InputError` unless they are whole, from 1 to 20."""
    decimals = as_whole(digits, MOST_BY_HAND)
    if decimals is None or decimals < 1:
        raise InputError(
            "digits: found {found}; expected a whole number from 1 to {most} for rounding by hand.",
            found=shown(digits),
            most=MOST_BY_HAND,
        )
    return decimals


def check_iterations(number: Any, place: Text, *, least: int) -> int:
    """Return a number of training steps as an int; raises `InputError` unless it is from ``least`` to 10,000,000."""
    return whole(number, place, least=least, most=MOST_ITERATIONS)
