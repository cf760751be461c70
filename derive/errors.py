"""What can go wrong, in three kinds: the input is wrong, it is not supported, or derive itself is."""

import difflib
import errno
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Self

LONGEST_SHOWN = 40
BARE_KEY = re.compile(r"[\w-]+", re.ASCII)


@dataclass(frozen=True)
class Whole:
    """A whole number in a message, its thousands apart.

    >>> str(Whole(10000))
    '10,000'
    """

    number: int

    def __str__(self) -> str:
        return f"{self.number:,}"


@dataclass(frozen=True)
class Digits:
    """A decimal number in a message, as English prints it; another language has its own sign for the point."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Message:
    """A sentence for a person: an English text with fields such as {found}, and their values, messages too.

    Its whole text is looked up in a catalogue when it is shown. Where ``plural`` is given, that is the text for any
    ``number`` but 1: see `counted`. By convention the field {place} says what the sentence is about: a key, a file, a
    row of numbers.
    """

    text: str
    fields: Mapping[str, object] = field(default_factory=dict)
    plural: str = ""

    @property
    def number(self) -> int:
        """The number that decides between ``text`` and ``plural``."""
        number = self.fields["number"]
        assert isinstance(number, Whole)
        return number.number

    def __str__(self) -> str:
        text = self.plural if self.plural and self.number != 1 else self.text
        return text.format(**self.fields) if self.fields else text


Text = str | Message  # a name, the same in every language, or words to translate


def counted(one: str, many: str, number: int, **fields: object) -> Message:
    """Return the message for so many: ``one`` for one, ``many`` for any other number, which is {number} in it.

    >>> str(counted("{number} neuron", "{number} neurons", 3))
    '3 neurons'
    """
    return Message(one, {**fields, "number": Whole(number)}, plural=many)


class DeriveError(Exception):
    """Everything that derive raises on purpose; ``message`` is one clear message, and the error's text in English."""

    def __init__(self, text: str, **fields: object) -> None:
        self.message = Message(text, fields)
        super().__init__(str(self.message))

    def __str__(self) -> str:
        return str(self.message)  # KeyError, a base of some of these, would show the repr

    def inside(self, place: Text, separator: str = ": ") -> Self:
        """Return the same error; its message begins with the place, such as a file or a key, and the separator."""
        return type(self)("{place}{separator}{message}", place=place, separator=separator, message=self.message)


class InputError(DeriveError, ValueError):
    """The input is wrong: the message says where, what was found, what is expected and how to mend it.

    >>> raise InputError("{place}: found {found}; expected a number.", place="bias", found=shown("x"))
    Traceback (most recent call last):
    derive.errors.InputError: bias: found 'x'; expected a number.
    """


class UnknownNameError(InputError, KeyError):
    """A name is unknown; it is a `KeyError` too, as mappings raise.

    >>> raise UnknownNameError("{name}: found no such name.", name=shown("w99"))
    Traceback (most recent call last):
    derive.errors.UnknownNameError: 'w99': found no such name.
    """


class UnsupportedError(InputError):
    """The input is valid but not supported, such as too many digits; the message says what is."""


class VerificationError(DeriveError):
    """A line of the derivation does not hold: a fault of derive's own, found before anything was written."""


class InternalError(DeriveError):
    """A fault of derive itself, never of its user; ``what`` describes it."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__("This is a bug in derive; please report it: {what}", what=what)

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.what,)


def folded(word: str) -> str:
    """Return the word for a comparison that ignores capital letters and signs: small letters and digits alone.

    >>> folded("Leaky-ReLU") == folded("leaky_relu") == "leakyrelu"
    True
    """
    return "".join(filter(str.isalnum, word.casefold()))


def nearest(word: object, valid: Iterable[str]) -> Text:
    """Return a question that names the most similar valid word, with a space before it; "" where none is similar.

    >>> str(nearest("logistik", ["logistic", "tanh"]))
    " Did you mean 'logistic'?"
    """
    return suggestion(similar(word, valid))


def suggestion(word: str) -> Text:
    """Return the question whether the word was meant, with a space before it; "" where there is none."""
    return Message(" Did you mean {word}?", {"word": repr(word)}) if word else ""


def similar(word: object, valid: Iterable[str]) -> str:
    """Return the most similar valid word, "" where none is similar.

    A word that differs only in capital letters, hyphens and the like comes first.

    >>> similar("W5", ["w55", "w5"])
    'w5'
    """
    if not isinstance(word, str):
        return ""
    by_letters = {known.casefold(): known for known in reversed(list(valid))}
    found = [known for known in by_letters.values() if folded(known) == folded(word)]
    found = found or [
        by_letters[letters] for letters in difflib.get_close_matches(word.casefold(), by_letters, n=1, cutoff=0.6)
    ]
    return found[0] if found else ""


def shown(value: object) -> Text:
    """Return a value as a message shows it: as files write it, at most 40 characters, on one line.

    >>> shown(True), shown([Decimal("0.1"), "x"]), shown({"value": 1})
    ('true', "[0.1, 'x']", '{value = 1}')
    """
    if value is None:
        return Message("an empty value (null)")
    if isinstance(value, int) and abs(value) >= 10**40:
        return Message("a very long whole number")
    try:
        text = re.sub(r"\s*\n\s*", " ", _written(value, LONGEST_SHOWN + 1))
    except (ValueError, RecursionError):  # an int that is too long for Python to print, or an object of someone's own
        return Message("a value that is too long to show")
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def _written(value: object, room: int) -> str:
    """Return a value as TOML has it, and JSON's null; a list or a table only until that many characters are full."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(str(value))
    if isinstance(value, Decimal | Fraction | date | time):
        return str(value)
    if type(value).__module__ == "numpy" and not hasattr(value, "__setitem__"):
        return str(value).lower()  # one number or truth value, for which NumPy is not imported here
    if isinstance(value, list | tuple):
        inside = _joined((partial(_written, each) for each in value), room)
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(value) == 1)})"
    if isinstance(value, dict):
        return f"{{{_joined((partial(_entry, *item) for item in value.items()), room)}}}"
    return repr(value)


def _entry(key: object, value: object, room: int) -> str:
    name = key if isinstance(key, str) and BARE_KEY.fullmatch(key) else _written(key, room)
    return f"{name} = {_written(value, room)}"


def _joined(parts: Iterable[Callable[[int], str]], room: int) -> str:
    """Return the parts, until there is no more room; each is told how much is left, so that none goes deeper."""
    text = ""
    for part in parts:
        if len(text) >= room:
            break
        text += (", " if text else "") + part(room - len(text) - 1)
    return text


# Reasons why a file cannot be read or written; any other is shown in the system's own words.
_REASONS = {
    errno.EACCES: Message("permission denied"),
    errno.EPERM: Message("permission denied"),
    errno.ENOENT: Message("no such file or folder"),
    errno.ENOTDIR: Message("a part of the path is not a folder"),
    errno.EISDIR: Message("it is a folder"),
    errno.EEXIST: Message("it exists and is not a folder"),
    errno.ENODEV: Message("it is a device or a pipe"),
    errno.ENOSPC: Message("no space is left"),
    errno.EDQUOT: Message("no space is left"),
    errno.EFBIG: Message("the file would be too large"),
    errno.ELOOP: Message("its links form a loop"),
    errno.EBADF: Message("it is closed"),
    errno.EROFS: Message("it is read-only"),
    errno.ENAMETOOLONG: Message("the name is too long"),
}


def reason(error: OSError) -> Text:
    """Return why the system could not read or write a file."""
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)
