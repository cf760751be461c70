"""What can go wrong, in three kinds: the input is wrong, it is not supported, or derive itself is."""

import difflib
from collections.abc import Iterable


class DeriveError(Exception):
    """Everything that derive raises on purpose; its text is one clear message."""


class InputError(DeriveError):
    """The input is wrong: the message says where, what was found, what is expected and how to mend it."""


class UnsupportedError(InputError):
    """The input is right but beyond what is supported: the message says what is."""


class InternalError(DeriveError):
    """A fault of derive itself."""

    def __init__(self, message: str) -> None:
        super().__init__(f"This is a fault in derive, please report it: {message}")


def nearest(word: str, valid: Iterable[str]) -> str:
    """Return a question naming the valid word that is nearest, with a space before it; "" where none is near.

    >>> nearest("logistik", ["logistic", "tanh"])
    " Did you mean 'logistic'?"
    """
    found = difflib.get_close_matches(word, list(valid), n=1, cutoff=0.6)
    return f" Did you mean {found[0]!r}?" if found else ""


def shown(value: object) -> str:
    """Return what was found, as a message shows it: short, and no control character as itself."""
    try:
        text = repr(value) if not isinstance(value, int) or abs(value) < 10**40 else "a very long whole number"
    except (ValueError, RecursionError):  # a list with a whole number, or a depth, that Python does not print
        return "a value that is too long to show"
    return text if len(text) <= 40 else f"{text[:37]}..."
