"""A partial as data for programs, in a handout's JSON and in that of one quantity."""

from typing import Any

from derive.calculus.partials import Factor, Partial
from derive.notation import to_sympy_text


def partial_data(partial: Partial, digits: int) -> dict[str, Any]:
    """Return a partial with its formula, its value and its factors, or its paths."""
    entry = {
        "name": partial.by,
        **_factor(partial, digits),
        "latex": partial.latex,
        "factors": [_factor(factor, digits) for factor in partial.factors],
    }
    paths = _spread(partial)
    return {**entry, "paths": [[_factor(f, digits) for f in path] for path in paths]} if len(paths) > 1 else entry


def _spread(partial: Partial) -> list[tuple[Factor, ...]]:
    """Return the products that add up to the partial: one for each path, where a factor is a sum over paths."""
    if len(partial.paths) > 1:
        return [path.factors for path in partial.paths]
    first, *rest = partial.factors
    sums = isinstance(first, Partial) and len(first.paths) > 1
    return [(*path.factors, *rest) for path in first.paths] if sums else [partial.factors]  # type: ignore[union-attr]


def _factor(factor: Factor, digits: int) -> dict[str, Any]:
    return {
        "of": factor.of,
        "by": factor.by,
        "formula": to_sympy_text(factor.formula),
        "value": factor.value.decimal(digits),
    }
