"""Every line of a evaluation checked before it is written.

Each line says left = right, so both sides are evaluated in ball arithmetic, and the balls must overlap and be narrow:
the algebra of the derivatives at several points and against SymPy's own derivative (`algebra`), the lines with the
network's numbers at these (`lines`), each partial of a small network against SymPy's derivative of the composed error
(`composed`), and each partial of all networks against a central difference of the error (`differences`).
"""

from dataclasses import dataclass

from derive.errors import VerificationError
from derive.evaluation.evaluation import Evaluation
from derive.verification.algebra import verify_algebra
from derive.verification.checking import EXACT
from derive.verification.composed import verify_composed
from derive.verification.differences import verify_differences
from derive.verification.forward_lines import verify_lines

__all__ = ["Report", "VerificationError", "verify"]


@dataclass(frozen=True)
class Report:
    """What was checked.

    ``lines`` are comparisons of two sides, those of ``formulas`` of the ``parameters`` among them, ``locals`` local
    derivatives held against SymPy's, ``composed`` partials held against the composed error, ``differences`` partials
    held against central differences, of ``partials`` that there are over all samples. ``corners`` counts the partials
    at which the error has a corner, so that no difference can decide, ``undecided`` the lines that no precision
    decided. All agree to ``digits`` digits at least: significant ones, decimals where a value is 0; None where every
    comparison was one of exact numbers.
    """

    lines: int
    formulas: int
    parameters: int
    locals: int
    composed: int
    differences: int
    partials: int
    corners: int
    undecided: int
    digits: int | None


def verify(evaluation: Evaluation) -> Report:
    """Check every line; raises `VerificationError` naming the first line that does not hold.

    >>> import derive
    >>> report = verify(derive.load("article").derive().evaluation)
    >>> report.differences, report.partials, report.digits > 20
    (10, 10, True)
    """
    algebra, locals_ = verify_algebra(evaluation)
    lines = verify_lines(evaluation)
    differences = verify_differences(evaluation)
    digits = min(lines.digits, differences.digits)
    return Report(
        algebra + lines.lines,
        lines.parameters,
        len(evaluation.computation.parameters),
        locals_,
        verify_composed(evaluation, differences.corners),
        differences.done,
        differences.wanted,
        len(differences.corners),
        lines.undecided,
        digits if digits < EXACT else None,
    )
