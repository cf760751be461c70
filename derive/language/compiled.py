"""Compiled templates are kept: most of the time of a short handout would go into compiling the same ones again.

Only code is kept, which cannot be changed. Each rendering has an environment of its own, which takes a tenth of a
millisecond to make, so what a template does to its environment reaches no other thread and no other user.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from types import CodeType

MOST_KEPT = 2_000_000  # characters of templates; the package's own have some 90,000, and their code 10 times as much
LEAST_COUNTED = 1_000  # characters: the code of an empty template takes room, too


@dataclass(frozen=True)
class Source:
    """A template before it is compiled, with all that its code depends on.

    The text itself is compared, as a file may change within one tick of the clock and keep its length.
    """

    name: str
    file: str
    text: str
    is_sandboxed: bool
    autoescape: bool
    is_finalized: bool

    @property
    def options(self) -> tuple[bool, bool, bool]:
        """How it is compiled, whatever its text."""
        return self.is_sandboxed, self.autoescape, self.is_finalized

    @property
    def size(self) -> int:
        """Its share of `MOST_KEPT` in characters."""
        return max(len(self.text), LEAST_COUNTED)


class Compiled:
    """The code of the most recently used templates, up to ``most`` characters of templates; safe for threads."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self.most, self.size = most, 0
        self._codes: OrderedDict[Source, CodeType] = OrderedDict()
        self._lock = Lock()

    def code(self, source: Source, make: Callable[[], CodeType]) -> CodeType:
        """Return the code of the template; ``make`` compiles it where it is not kept, and its exceptions are passed on.

        >>> compiled, source = Compiled(), Source("x.j2", "x.j2", "1 + 1", False, False, False)
        >>> first = compiled.code(source, lambda: compile(source.text, source.file, "eval"))
        >>> compiled.code(source, lambda: 1 / 0) is first
        True
        """
        with self._lock:
            found = self._codes.get(source)
            if found is not None:
                self._codes.move_to_end(source)
                return found
        made = make()  # without the lock: two threads may compile the same template, but none waits for another
        with self._lock:
            if source not in self._codes:
                self.size += source.size
            self._codes[source] = made
            while self.size > self.most:
                oldest, _ = self._codes.popitem(last=False)
                self.size -= oldest.size
        return made

    def __len__(self) -> int:
        return len(self._codes)
