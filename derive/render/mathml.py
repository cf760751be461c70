"""Formulas as renderers need them: as MathML, and how wide they are."""

from derive.notation.mathml import for_browsers, mathml
from derive.typeset import formula_widths

__all__ = ["for_browsers", "formula_width", "mathml"]


def formula_width(latex: str) -> float:
    """Return how wide a formula in a line of text is, in em."""
    return formula_widths(mathml(latex, False))[0]
