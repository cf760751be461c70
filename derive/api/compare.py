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
    return gradients.compare_gradients(derivation.evaluation, numeric, rtol=rtol, atol=atol, partial=partial)


def compare_published(
    derivation: Derivation, published_numbers: str | os.PathLike[str] | Mapping[str, Any], *, max_bytes: int = MAX_BYTES
) -> PublishedComparison:
    return published.compare_published(derivation.evaluation, published_numbers, max_bytes=max_bytes)
