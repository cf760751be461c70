"""Numbers of others held against a derivation."""

import os
from collections.abc import Mapping
from typing import Any

from derive.api.derivation import Derivation
from derive.comparison import gradients, published
from derive.comparison.gradients import RTOL, Comparison, Numeric
from derive.comparison.published import PublishedComparison
from derive.reading.files import MAX_BYTES


def compare_gradients(
    derivation: Derivation,
    numeric: Numeric,
    *,
    rtol: float = RTOL,
    atol: float | None = None,
    partial: bool | None = None,
) -> Comparison:
    """Compare numeric derivatives of the error, over all samples, with the symbolic ones.

    ``numeric`` maps names of parameters to numbers, or it is a function that gets the parameters by name and returns
    such a mapping; ``partial`` True allows some names, False asks for all that are trained. A number agrees where it is
    off by no more than ``rtol`` times the derivative and what doubles can lose on the way to it, or ``atol`` in place
    of that; see `derive.comparison.gradients.compare_gradients`. Raises `InputError` for names and numbers that are
    none.

    >>> import derive
    >>> derivation = derive.load("article").derive()
    >>> compare_gradients(derivation, {"w5": 0.08216704056423078}).agrees
    True
    """
    return gradients.compare_gradients(derivation.evaluation, numeric, rtol=rtol, atol=atol, partial=partial)


def compare_published(
    derivation: Derivation, published_numbers: str | os.PathLike[str] | Mapping[str, Any], *, max_bytes: int = MAX_BYTES
) -> PublishedComparison:
    """Compare published numbers, a file or a mapping of the same shape, with the true ones.

    A number is right where it is the true value rounded to the decimals that it prints; see
    `derive.comparison.published.compare_published`. Numbers under unknown names are listed in ``unknown``, while all
    others are judged. Raises `InputError` where no name is known, and for what is no number.

    >>> import derive
    >>> compare_published(derive.load("article").derive(), "article").counts
    {'right': 27, 'rounded differently': 1, 'wrong': 4}
    """
    return published.compare_published(derivation.evaluation, published_numbers, max_bytes=max_bytes)
