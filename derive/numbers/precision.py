"""flint's precision in bits, to which every operation with balls rounds. A process has one, so threads take turns.

All balls are calculated inside of `at_bits`: no other thread changes the precision meanwhile, an exception restores it,
and an inner call restores that of the outer one.
"""

import os
import threading
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

from flint import ctx

from derive.errors import InternalError

P = ParamSpec("P")
T = TypeVar("T")

_held = threading.RLock()


class _Present(threading.local):
    bits: int | None = None


_present = _Present()


def at_bits(bits: int, compute: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """Return what ``compute`` makes of the rest, with flint at that precision and no other thread's balls in between.

    It is a call and not a ``with`` block, as an interrupt on entering a block, or a suspended generator inside one,
    would keep the lock. ``compute`` must not wait for another thread, so it must not call a function of the user's,
    such as one for progress. Raises `InternalError` where it returns an iterator, which would calculate later.

    >>> from flint import arb
    >>> at_bits(20, arb(2).sqrt).rad() > at_bits(200, arb(2).sqrt).rad()
    True
    """
    with _held:
        before, outer = ctx.prec, _present.bits
        try:
            ctx.prec = _present.bits = bits
            found = compute(*given, **named)
        finally:
            ctx.prec, _present.bits = before, outer
    if isinstance(found, Iterator):
        raise InternalError("an iterator leaves the precision at which its balls were to be calculated")
    return found


def present_bits() -> int:
    """Return the precision at which this thread calculates; raises `InternalError` outside of `at_bits`.

    >>> at_bits(64, present_bits)
    64
    """
    if _present.bits is None:
        raise InternalError("balls are calculated without a precision of their own")
    return _present.bits


if hasattr(os, "register_at_fork"):  # not on Windows
    # A process that is forked while another thread calculates would find its precision, and wait for it for ever.
    os.register_at_fork(before=_held.acquire, after_in_parent=_held.release, after_in_child=_held.release)
