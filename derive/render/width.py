"""How wide a formula is that stands in a line of text."""

from derive.notation.mathml import mathml
from derive.notation.slots import without_slots
from derive.typeset import formula_widths


def formula_width(latex: str) -> float:
    """Return how wide a formula in a line of text is, in em."""
    return formula_widths(mathml(without_slots(latex), False))[0]
