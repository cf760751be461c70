"""Numbers of others held against a derivation."""

import os
from collections.abc import Mapping
from typing import Any

from derive.api.derivation import Derivation
from derive.api.network import Network
from derive.comparison import gradients, published
from derive.comparison.gradients import Comparison, Numeric
from derive.comparison.published import PublishedComparison
from derive.errors import InputError, shown
from derive.reading.files import MAX_BYTES


def derived(given: Network | Derivation) -> Derivation:
    """Return a network's derivation, or the one that is given; raises `InputError` for anything else."""
    if isinstance(given, Network):
        return given.derive()
    if isinstance(given, Derivation):
        return given
    raise InputError("network: found {found}; expected a derive.Network or a derive.Derivation.", found=shown(given))


def compare_gradients(
    derivation: Network | Derivation,
    numeric: Numeric,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    partial: bool | None = None,
    layout: str = "out_in",
) -> Comparison:
    """Compare numeric derivatives of the error, over all samples, with the symbolic ones.

    ``numeric`` is what a program has: a mapping from names to numbers, arrays by layer such as [(dW1, db1), …], a flat
    list as PyTorch's ``parameters()``, a mapping {"W1": …} or {"0.weight": …}, one vector, a PyTorch module, a pytree
    of JAX's, or a function that gets the parameters by name and returns one of these; ``partial`` True allows some
    parameters, False asks for all that are trained. dW has the shape (neurons, inputs), with ``layout="in_out"``
    (inputs, neurons). For a parameter that is not trained, 0 agrees too. A number agrees where it is off by no more
    than ``rtol`` times the derivative and what floats of its type can lose on the way to it, or ``atol`` in place of
    that; without ``rtol`` it is that of ``torch.testing.assert_close`` for the type of the number. See
    `derive.comparison.gradients.compare_gradients`. Raises `InputError` for what is none of these, for unknown names
    and for other shapes.

    >>> import derive
    >>> derivation = derive.load("article").derive()
    >>> compare_gradients(derivation, {"w5": 0.08216704056423078}).agrees
    True
    >>> print(compare_gradients(derivation, derivation.gradients.arrays()))
    All 10 derivatives agree.
    """
    return gradients.compare_gradients(
        derived(derivation).evaluation, numeric, rtol=rtol, atol=atol, partial=partial, layout=layout
    )


def compare_published(
    derivation: Network | Derivation,
    published_numbers: str | os.PathLike[str] | Mapping[str, Any],
    *,
    max_bytes: int = MAX_BYTES,
) -> PublishedComparison:
    """Compare published numbers, a file or a mapping of the same shape, with the true ones.

    A number is right where it is the true value rounded to the decimals that it prints; see
    `derive.comparison.published.compare_published`. Numbers under unknown names are listed in ``unknown``, while all
    others are judged. Raises `InputError` where no name is known, and for what is no number.

    >>> import derive
    >>> compare_published(derive.load("article").derive(), "article").counts
    {'right': 27, 'rounded differently': 1, 'wrong': 4}
    """
    return published.compare_published(derived(derivation).evaluation, published_numbers, max_bytes=max_bytes)
