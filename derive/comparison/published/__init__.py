"""Numbers from a book or a blog held against the true ones: which are right, which are not, and what explains those.

`printed` reads them, `lookup` finds what a name means, `unknown` reports names that mean nothing. `judging` decides:
each number by itself (`alone`, `verdicts`; those that a program printed in full by `precision`), and on each `basis` of
`conventions` by what the numbers printed before it give (`consequences`, with `tokens`, `reckoning`, `follows`);
`choosing` takes the conventions, `rates` among them, that leave the fewest sources of error. `causes` looks for the
reason of what is still wrong: `of_training` in `variants` of the evaluation, `of_lines` in the number's own line
(`lines`), `of_digits` in its digits, `of_others` among the other quantities; `case` says what chance would do.
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
