"""Names for the code of a notebook: each quantity one identifier that nothing else has."""

import builtins
import keyword
from collections.abc import Iterable
from dataclasses import dataclass, field

from derive.errors import InternalError

# What Python, IPython and the first cell of a notebook take for themselves.
OWN = (
    "np",
    "rounded",
    "ln",
    "erfc",
    "bell",
    "train",
    "step",
    "ended",
    "expected",
    "name",
    "here",
    "there",
    "within",
)
IPYTHON = ("In", "Out", "get_ipython", "display", "exit", "quit")
TAKEN = frozenset((*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *OWN, *IPYTHON))


@dataclass
class Names:
    """Gives each quantity its identifier: its own name, with underscores behind it where that is taken.

    ``wanted`` are the names of the quantities; they come first. None of them ends with an underscore, so that what is
    taken for one is never another one's name.

    >>> names = Names(["w1", "w1_new", "lambda"])
    >>> names("w1"), names("lambda"), names.made("w1_new", "w1 after the step")
    ('w1', 'lambda_', 'w1_new_')
    """

    wanted: Iterable[str]
    _given: dict[str, str] = field(default_factory=dict)
    _made: dict[str, str] = field(default_factory=dict)
    _used: set[str] = field(default_factory=lambda: set(TAKEN))

    def __post_init__(self) -> None:
        for name in self.wanted:
            self(name)

    def __call__(self, quantity: str) -> str:
        """Return the identifier of a quantity, the same each time."""
        return self._identifier(quantity, self._given)

    def made(self, words: str, what: str) -> str:
        """Return the identifier of something that the handout has no name for, the same each time.

        ``what`` says what it is, for the words could be those of something else: v_w1_new is the new velocity of w1, or
        the velocity of a weight w1_new.
        """
        return self._identifier(words.replace("/", "_"), self._made, what)  # the stroke of a derivative's name

    def _identifier(self, wanted: str, known: dict[str, str], what: str = "") -> str:
        key = f"{wanted} {what}"
        if key not in known:
            free = wanted
            while free in self._used:
                free += "_"
            if not (free.isidentifier() and free.isascii()):
                raise InternalError(f"{free!r} is no name in Python")
            self._used.add(free)
            known[key] = free
        return known[key]
