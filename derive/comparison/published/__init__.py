"""Numbers from a book or a blog held against the true ones: which are right, which are not, and what explains those.

`printed` reads them, `lookup` finds what a name means, `unknown` reports names that mean nothing, `verdicts` decides,
`causes` looks for the reason in `variants` of the evaluation: the other order of the updates, other counts, every value
rounded on the way.
"""

from derive.comparison.published.comparison import PublishedComparison, PublishedRow, compare_published
from derive.comparison.published.unknown import UnknownName
from derive.comparison.published.verdicts import DIFFERENT, RIGHT, WRONG, Cause

__all__ = [
    "DIFFERENT",
    "RIGHT",
    "WRONG",
    "Cause",
    "PublishedComparison",
    "PublishedRow",
    "UnknownName",
    "compare_published",
]
