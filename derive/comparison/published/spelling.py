"""How people type names: Greek letters, ∂, raised and lowered signs, and an optimizer's state in other words."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from derive.functions.optimizers import Optimizer
from derive.notation.names import GREEK

HAT = "\u0302"
LETTERS = {letter: name for name, letter in GREEK.items()}
LETTER = re.compile(f"({'|'.join(LETTERS)})(?=([A-Za-z])?)")
CHANGE = "Delta"
# The velocity with the rate in it: v ← μ·v − η·g, w ← w + v (Sutskever et al., 2013). PyTorch's momentum buffer, the v
# of `derive.functions.optimizers`, leaves the rate out: v ← μ·v + g, w ← w − η·v. So it is −η times that one.
VELOCITY, BUFFER = "velocity", "v"
CHANGES = (CHANGE, "delta", "change")
# What parts of an optimizer's step are called elsewhere, PyTorch's buffers among them.
OTHER_WORDS = {
    "momentum_buffer": "v",
    "first_moment": "m",
    "exp_avg": "m",
    "second_moment": "s",
    "exp_avg_sq": "s",
    "square_avg": "s",
    "v": "s",
    "mhat": "m_hat",
    "shat": "s_hat",
    "vhat": "s_hat",
    "v_hat": "s_hat",
}


def plain(name: str) -> str:
    """Return the name in the signs of `lookup`, as δ_o1, ∂E_total/∂w5, Δw5, m̂_w5 and w5⁺ have it.

    >>> [plain(name) for name in ("δ_o1", "∂E_total/∂w₅", "dE_total/dw5", "Δw5", "m̂_w5", "w5⁺")]
    ['delta_o1', 'dE_total_dw5', 'dE_total_dw5', 'Delta_w5', 'm_hat_w5', 'w5+']
    """
    text = unicodedata.normalize("NFKD", name.strip()).replace("∂", "d").replace("∆", "Δ").replace(HAT, "_hat")
    return LETTER.sub(lambda found: LETTERS[found[1]] + ("_" if found[2] else ""), text).replace("/d", "_d")


@lru_cache
def made(optimizer: Optimizer) -> tuple[str, ...]:
    """Return what an optimizer makes on the way to the new weight, besides what it keeps.

    >>> made(Optimizer("adam", weight_decay=0.1))
    ('g_lambda', 'm_hat', 's_hat')
    """
    return tuple(target for target, _ in optimizer.steps if not target.endswith("+"))


def parts(name: str, optimizer: Optimizer) -> Iterator[tuple[str, str]]:
    """Yield what the name may mean in an optimizer's step: a part of it and a parameter.

    A part is `CHANGE`, `VELOCITY`, one of the optimizer's symbols (v, s, m, m_hat, s_hat, g_lambda), or one of what it
    keeps with a plus (v+), where the name ends in one.

    >>> list(parts("v_hat_w5", Optimizer("adam"))), list(parts("momentum_buffer_w5+", Optimizer("momentum")))
    ([('s', 'hat_w5'), ('s_hat', 'w5')], [('v+', 'w5')])
    """
    kept = (*optimizer.rule.state, *([VELOCITY] if BUFFER in optimizer.rule.state else []))
    known = (*kept, *made(optimizer))
    bare = name.removesuffix("+")
    for mark in re.finditer("_", bare):
        word, parameter = bare[: mark.start()], bare[mark.end() :]
        symbol = word if word in known else OTHER_WORDS.get(word, "")
        if name != bare:
            if symbol in kept:
                yield f"{symbol}+", parameter
        elif symbol in known:
            yield symbol, parameter
        elif word in CHANGES:
            yield CHANGE, parameter
