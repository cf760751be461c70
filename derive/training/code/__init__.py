"""Code from a evaluation: fast functions for many steps of training, in floating point.

The equations and the partials of the evaluation are written down as Python lines, one assignment a quantity, for small
networks (`scalar`), and as NumPy lines, a few a layer, for larger ones (`arrays`). Nothing of the user's stands in the
code: names are numbered, numbers are passed in.
"""

from derive.training.code.program import Program, State
from derive.training.code.scalar import scalar_program
from derive.training.code.select import program

__all__ = ["Program", "State", "program", "scalar_program"]
