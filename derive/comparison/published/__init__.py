"""Numbers from a book or a blog held against the true ones: which are right, which are not, and what explains those.

`printed` reads them, `lookup` finds what a name means, `unknown` reports names that mean nothing. `judging` decides:
each number by itself (`verdicts`; those that a program printed in full by `precision`), by a convention of the whole
source (`conventions`, `basis`), by what the numbers printed before it give (`tokens`, `reckoning`, `follows`).
`causes` looks for the reason of what is still wrong in `variants` of the evaluation and in the number's own line
(`lines`).
"""

from derive.comparison.published.comparison import (
    FoundConvention,
    PublishedComparison,
    PublishedRow,
    compare_published,
)
from derive.comparison.published.conventions import CONVENTIONS
from derive.comparison.published.unknown import UnknownName
from derive.comparison.published.verdicts import (
    CONVENTION,
    DIFFERENT,
    DOUBLE,
    FOLLOWS,
    RIGHT,
    SINGLE,
    WRONG,
    Cause,
)

__all__ = [
    "CONVENTION",
    "CONVENTIONS",
    "DIFFERENT",
    "DOUBLE",
    "FOLLOWS",
    "RIGHT",
    "SINGLE",
    "WRONG",
    "Cause",
    "FoundConvention",
    "PublishedComparison",
    "PublishedRow",
    "UnknownName",
    "compare_published",
]
