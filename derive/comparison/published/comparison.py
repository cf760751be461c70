"""Published numbers held against the evaluation, row by row."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from derive.checks import MOST_DIGITS
from derive.comparison.published.lookup import Reading, reading
from derive.comparison.published.printed import Printed, read
from derive.comparison.published.unknown import UnknownName, refusal, unknown_name
from derive.comparison.published.variants import DECIMALS, Variant
from derive.comparison.published.verdicts import DIFFERENT, RIGHT, WRONG, Cause, given_verdict, true_digits, verdict
from derive.errors import UnknownNameError
from derive.evaluation.evaluation import Evaluation
from derive.reading.files import MAX_BYTES, placed

MOST_CAUSES = 3
MOST_ROUNDINGS = 3  # counts of decimals that a calculation by hand is tried with


@dataclass(frozen=True)
class PublishedRow:
    """A printed number: its name, its digits, the true ones (three more), the verdict, and what explains it.

    ``causes`` holds the explanations, the likeliest first; ``sample`` is counted from 1.
    """

    name: str
    printed: str
    true: str
    verdict: str
    causes: tuple[Cause, ...] = ()
    sample: int = 1
    updates: int = 0

    @property
    def cause(self) -> str:
        """The likeliest explanation as a sentence; "" where there is none."""
        return str(self.causes[0].sentence) if self.causes else ""

    def __str__(self) -> str:
        cause = f" {self.cause}" if self.cause else ""
        return f"{self.name}: printed {self.printed}, true {self.true}: {self.verdict}.{cause}"


@dataclass(frozen=True)
class PublishedComparison:
    """The rows of what was published, in the order of its file, and its source.

    ``unknown`` holds the numbers whose names the network does not have, which are in no row, and ``refusal`` the one
    error that names all of them with their places, None where there are none: it is for who wants to raise it.
    """

    rows: tuple[PublishedRow, ...]
    source: str = ""
    unknown: tuple[UnknownName, ...] = ()
    refusal: UnknownNameError | None = field(default=None, compare=False, repr=False)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many numbers are right, rounded differently and wrong."""
        found = Counter(row.verdict for row in self.rows)
        return {word: found[word] for word in (RIGHT, DIFFERENT, WRONG)}

    @property
    def wrong(self) -> tuple[PublishedRow, ...]:
        """The rows that are wrong; what is only rounded differently is not."""
        return tuple(row for row in self.rows if row.verdict == WRONG)

    def __iter__(self) -> Iterator[PublishedRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> PublishedRow:
        return self.rows[index]

    def __str__(self) -> str:
        return "\n".join(map(str, (*self.rows, *self.unknown)))


def compare_published(
    evaluation: Evaluation, published: str | os.PathLike[str] | Mapping[str, Any], *, max_bytes: int = MAX_BYTES
) -> PublishedComparison:
    """Compare published numbers, a file or a mapping of the same shape, with the true ones.

    A number is right where it is the true value rounded to the decimals that it prints, rounded differently where it
    has at least two significant digits and is off by at most one unit of the last, and wrong otherwise. A given number,
    such as an input or a weight before any update, is exact: it is right or wrong. A number as text keeps its zeros at
    the end; a float has the digits that Python shows.

    Numbers under unknown names are in ``unknown``, while all others are judged. Raises `UnknownNameError` where no name
    is known, and `InputError` for what is no number.

    >>> import derive
    >>> evaluation = derive.load("article").derive().evaluation
    >>> print(compare_published(evaluation, {"values": {"out_h1": "0.5933"}, "after": {1: {"E_total": 0.291027924}}}))
    out_h1: printed 0.5933, true 0.5932700: right.
    E_total: printed 0.291027924, true 0.291027773694: wrong. Sequential updates: the hidden layers use weights \
that are updated already.
    >>> compare_published(evaluation, "article").counts
    {'right': 27, 'rounded differently': 1, 'wrong': 4}
    """
    place, publication = read(published, len(evaluation.computation.samples), max_bytes=max_bytes)
    # The true numbers are not rounded by hand, even where the handout is.
    decimals = max(printed.decimals + DECIMALS for printed in publication.numbers)
    variant = Variant(evaluation.in_full, max(DECIMALS, min(decimals, MOST_DIGITS)))
    known, unknown = _told_apart(evaluation, publication.numbers)
    names = tuple(unknown_name(evaluation, printed) for printed in unknown)
    error = refusal(evaluation, place, names)
    if error is not None and not known:
        raise error
    roundings = Roundings(tuple(printed for printed, _ in known))
    with placed(place):
        rows = tuple(_row(printed, found, variant, roundings) for printed, found in known)
    return PublishedComparison(rows, publication.source, names, error)


def _told_apart(
    evaluation: Evaluation, numbers: Sequence[Printed]
) -> tuple[list[tuple[Printed, Reading]], list[Printed]]:
    """Return the numbers whose names are known, with their readings, and the others."""
    known, unknown = [], []
    for printed in numbers:
        try:
            known.append((printed, reading(evaluation, printed.name, printed.sample, printed.updates)))
        except UnknownNameError:
            unknown.append(printed)
    return known, unknown


class Roundings:
    """To how many decimals a publication rounds: as most of its numbers do, and as the number itself does.

    What most numbers have comes first, as a number with fewer decimals may only have lost zeros at its end.
    """

    def __init__(self, numbers: tuple[Printed, ...]) -> None:
        usual = Counter(printed.decimals for printed in numbers if printed.decimals > 0)
        self.usual = [decimals for decimals, _ in usual.most_common(MOST_ROUNDINGS)]

    def beside(self, printed: Printed) -> tuple[int, ...]:
        """Return the decimals to try, the likeliest first."""
        own = [printed.decimals] if printed.decimals > 0 else []
        return tuple(dict.fromkeys(self.usual + own))


def _row(printed: Printed, found: Reading, variant: Variant, roundings: Roundings) -> PublishedRow:
    with placed(printed.place):
        number = found.number(variant)
        word = given_verdict(printed, number) if found.is_given else verdict(printed, number)
        explained = () if word == RIGHT else _explained(printed, found, variant, roundings.beside(printed), word)
        true = true_digits(printed, number)
    return PublishedRow(printed.name, printed.text, true, word, explained, printed.sample, printed.updates)


def _explained(
    printed: Printed, found: Reading, variant: Variant, decimals: tuple[int, ...], word: str
) -> tuple[Cause, ...]:
    # Imported here, as NumPy is slow to load and not needed where all numbers are right.
    from derive.comparison.published.causes import Case, causes

    return tuple(islice(causes(Case(printed, found, variant, decimals), word), MOST_CAUSES))
