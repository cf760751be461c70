"""Letters for what is said in general, which no quantity, array or block of a computation is called."""

import re
from collections.abc import Iterable

from derive.computation.equations import Computation
from derive.computation.notation import Notation

STEM = re.compile(r"[A-Za-z]+")
ANY = ("q", "u", "v", "s", "r", "p", "k", "a", "b", "c", "g", "m", "n", "xi", "upsilon")
# Of a function in the appendix: y is f of z.
ARGUMENTS = ("z", "v", "u", "a", "s", "r", "zeta", "xi")
RESULTS = ("y", "h", "q", "p", "g", "c", "psi", "upsilon")


def generic_letters(computation: Computation) -> tuple[str, str]:
    """Return two letters: for any quantity, and for one that it is used by."""
    first, second = _free(computation, ANY)[:2]
    return first, second


def function_letters(computation: Computation) -> Notation:
    """Return the letters in which an activation function is written as such."""
    return Notation(net=_free(computation, ARGUMENTS)[0], out=_free(computation, RESULTS)[0])


def _free(computation: Computation, letters: Iterable[str]) -> list[str]:
    """Return the letters that nothing is called, in front of those that something is: q is no letter beside q_1_2."""
    names = [*computation.kinds, *(group.name for group in computation.groups)]
    taken = {found[0] for found in map(STEM.match, names) if found}
    return sorted(letters, key=taken.__contains__)
