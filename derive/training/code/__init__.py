"""Code from an evaluation: fast functions for many steps of training, in floats and in balls.

The equations and the partials become Python lines, one assignment a quantity, for small networks (`scalar`), and NumPy
lines, a few a layer, for larger ones (`arrays`). The code holds no name and no number of a user's: names are numbered,
numbers are passed in.
"""

from derive.training.code.program import Program, State
from derive.training.code.scalar import scalar_program
from derive.training.code.select import program

__all__ = ["Program", "State", "program", "scalar_program"]
