"""Formulas as text. LaTeX is written in this package and nowhere else."""

from derive.notation.display import aligned, aligned_equations
from derive.notation.latex_writer import grouped_latex, marked, result_latex, to_latex, value_latex
from derive.notation.names import Latex, name_latex, name_text, partial_latex, partial_text, vector_latex
from derive.notation.writer import to_sympy_text, to_text, value_text

__all__ = [
    "Latex",
    "aligned",
    "aligned_equations",
    "grouped_latex",
    "marked",
    "name_latex",
    "name_text",
    "partial_latex",
    "partial_text",
    "result_latex",
    "to_latex",
    "to_sympy_text",
    "to_text",
    "value_latex",
    "value_text",
    "vector_latex",
]
