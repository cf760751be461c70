"""What can go wrong, in three kinds: the input is wrong, it is not supported, or derive itself is."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Message:
    """A sentence for a person: English with places such as {found}, and what goes into them, messages too.

    It is translated where it is shown, whole and by its text. With ``plural`` that text is taken where ``number`` is
    not one.

    >>> str(Message("{number} neuron", {"number": 3}, plural="{number} neurons"))
    '3 neurons'
    """

    text: str
    fields: Mapping[str, object] = field(default_factory=dict)
    plural: str = ""

    @property
    def number(self) -> int:
        """How many there are, which chooses the form."""
        number = self.fields["number"]
        assert isinstance(number, int)
        return number

    def __str__(self) -> str:
        text = self.plural if self.plural and self.number != 1 else self.text
        return text.format(**self.fields) if self.fields else text


class DeriveError(Exception):
    """Everything that derive raises on purpose; ``message`` is one clear message, and the error's text in English."""

    def __init__(self, text: str, **fields: object) -> None:
        self.message = Message(text, fields)
        super().__init__(str(self.message))


class InputError(DeriveError):
    """The input is wrong: the message says where, what was found, what is expected and how to mend it."""


class UnsupportedError(InputError):
    """The input is right but beyond what is supported: the message says what is."""


class InternalError(DeriveError):
    """A fault of derive itself."""

    def __init__(self, what: str) -> None:
        super().__init__("This is a fault in derive, please report it: {what}", what=what)


def nearest(word: str, valid: Iterable[str]) -> Message:
    """Return a question naming the valid word that is nearest, with a space before it; an empty one where none is near.

    >>> str(nearest("logistik", ["logistic", "tanh"]))
    " Did you mean 'logistic'?"
    """
    found = difflib.get_close_matches(word, list(valid), n=1, cutoff=0.6)
    return Message(" Did you mean {word}?", {"word": repr(found[0])}) if found else Message("")


def shown(value: object) -> str:
    """Return what was found, as a message shows it: short, and no control character as itself."""
    try:
        text = repr(value) if not isinstance(value, int) or abs(value) < 10**40 else "a very long whole number"
    except (ValueError, RecursionError):  # a list with a whole number, or a depth, that Python does not print
        return "a value that is too long to show"
    return text if len(text) <= 40 else f"{text[:37]}..."
