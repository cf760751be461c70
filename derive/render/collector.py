"""The garbage collector, which rests while a file is made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting() -> Iterator[None]:
    """Keep the collector from running.

    A handout makes many objects and drops few in circles. Searching for these in between, and each time through all of
    SymPy's as well, took a tenth of the time and more. It is one collector for all threads: whoever found it running
    sets it going again.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
