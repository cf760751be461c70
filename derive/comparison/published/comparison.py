"""Published numbers held against the evaluation, row by row."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from derive.checks import MOST_DIGITS
from derive.comparison.published.basis import declared
from derive.comparison.published.consequences import Judged
from derive.comparison.published.conventions import CONVENTIONS
from derive.comparison.published.judging import Judge
from derive.comparison.published.lookup import Reading, reading
from derive.comparison.published.printed import Printed, read
from derive.comparison.published.rates import OTHER_RATE
from derive.comparison.published.spelling import plain
from derive.comparison.published.unknown import UnknownName, refusal, unknown_name
from derive.comparison.published.variants import DECIMALS, Variant
from derive.comparison.published.verdicts import (
    CONVENTION,
    DIFFERENT,
    DOUBLE,
    FOLLOWS,
    RIGHT,
    SINGLE,
    WRONG,
    Cause,
    true_digits,
)
from derive.computation.equations import Computation
from derive.errors import Message, UnknownNameError
from derive.evaluation.evaluation import Evaluation
from derive.reading.files import MAX_BYTES, placed
from derive.training.run import check_has_error

MOST_CAUSES = 3
MOST_EXPLAINED = 60  # wrong numbers whose causes are looked for: of more, the network is another one


@dataclass(frozen=True)
class PublishedRow:
    """A printed number: its name, its digits, the true ones (three more), the verdict, and what explains it.

    ``causes`` holds the explanations, the likeliest first; ``sample`` is counted from 1. ``follows`` names the printed
    numbers that it follows from, where that is the verdict, and ``follows_wrong`` says that one of these is wrong.
    """

    name: str
    printed: str
    true: str
    verdict: str
    causes: tuple[Cause, ...] = ()
    sample: int = 1
    updates: int = 0
    follows: tuple[str, ...] = ()
    follows_wrong: bool = False

    @property
    def own_causes(self) -> tuple[Cause, ...]:
        """What explains this number beside a convention of the whole source."""
        if self.verdict != CONVENTION:
            return self.causes
        return tuple(each for each in self.causes if not set(each.kind.split(" and ")) <= {*CONVENTIONS, OTHER_RATE})

    @property
    def cause(self) -> str:
        """The likeliest explanation as a sentence; "" where there is none."""
        return str(self.causes[0].sentence) if self.causes else ""

    def __str__(self) -> str:
        cause = f" {self.cause}" if self.cause else ""
        return f"{self.name}: printed {self.printed}, true {self.true}: {self.verdict}.{cause}"


@dataclass(frozen=True)
class FoundConvention:
    """A convention of the source, by the name under which its file may declare it, and what is done.

    Another learning rate is none of `CONVENTIONS`, as its network states that: its name is "learning_rate".
    ``names`` are those of the numbers that it explains; a convention that is declared explains none, as these are
    right then.
    """

    name: str
    sentence: Message
    names: tuple[str, ...] = ()
    is_declared: bool = False


@dataclass(frozen=True)
class PublishedComparison:
    """The rows of what was published, in the order of its file, its source, and the conventions that it has.

    ``unknown`` holds the numbers whose names the network does not have, which are in no row, and ``refusal`` the one
    error that names all of them with their places, None where there are none: it is for who wants to raise it.
    """

    rows: tuple[PublishedRow, ...]
    source: str = ""
    unknown: tuple[UnknownName, ...] = ()
    refusal: UnknownNameError | None = field(default=None, compare=False, repr=False)
    conventions: tuple[FoundConvention, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many numbers are right, rounded differently and wrong, and how many follow or have another convention."""
        found = Counter(RIGHT if row.verdict in (DOUBLE, SINGLE) else row.verdict for row in self.rows)
        other = [word for word in (CONVENTION, FOLLOWS) if found[word]]
        return {word: found[word] for word in (RIGHT, DIFFERENT, *other, WRONG)}

    @property
    def consequences(self) -> tuple[PublishedRow, ...]:
        """The rows that follow from numbers of which one is wrong."""
        return tuple(row for row in self.rows if row.follows_wrong)

    @property
    def agrees(self) -> bool:
        """Whether no number is wrong, or right only by a convention that the file does not declare."""
        is_declared = all(convention.is_declared for convention in self.conventions)
        return is_declared and not any(row.verdict in (WRONG, CONVENTION) for row in self.rows)

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

    A number that a program printed in full is right to double (or single) precision within what floats can lose on the
    way to it. What is wrong by itself follows where the numbers printed before it give its digits, and has another
    convention where one of `CONVENTIONS`, which the key ``convention`` may declare, explains it. Causes are looked for
    of the first 60 wrong numbers.

    Numbers under unknown names are in ``unknown``, while all others are judged. Raises `UnknownNameError` where no name
    is known, and `InputError` for what is no number.

    >>> import derive
    >>> evaluation = derive.load("article").derive().evaluation
    >>> print(compare_published(evaluation, {"values": {"out_h1": "0.5933"}, "after": {1: {"E_total": 0.291027924}}}))
    out_h1: printed 0.5933, true 0.5932700: right.
    E_total: printed 0.291027924, true 0.291027773694: wrong. Sequential updates: the hidden layers use the \
already updated weights.
    >>> compare_published(evaluation, "article").counts
    {'right': 27, 'rounded differently': 1, 'wrong': 4}
    """
    place, publication = read(published, len(evaluation.computation.samples), max_bytes=max_bytes)
    # The true numbers are not rounded by hand, even where the handout is.
    decimals = max(printed.decimals + DECIMALS for printed in publication.numbers)
    variant = Variant(evaluation.in_full, max(DECIMALS, min(decimals, MOST_DIGITS)))
    with placed(place):
        known, unknown = _told_apart(evaluation, [_named(evaluation, printed) for printed in publication.numbers])
    names = tuple(unknown_name(evaluation, printed) for printed in unknown)
    error = refusal(evaluation, place, names)
    if error is not None and not known:
        raise error
    with placed(place):
        judge = Judge(declared(variant, publication.conventions), known)
        left = iter(range(MOST_EXPLAINED))
        rows = tuple(_row(judge, judged, left) for judged in judge.found)
    return PublishedComparison(
        rows, publication.source, names, error, tuple(_conventions(judge, evaluation.computation))
    )


def _named(evaluation: Evaluation, printed: Printed) -> Printed:
    """Return the number under the name that the network has for it, where its file has derive's own words."""
    typed = plain(printed.name)
    own = evaluation.computation.named(typed)
    return printed if own == typed else replace(printed, name=own)


def _told_apart(
    evaluation: Evaluation, numbers: Sequence[Printed]
) -> tuple[list[tuple[Printed, Reading]], list[Printed]]:
    """Return the numbers whose names are known, with their readings, and the others.

    Raises `InputError` for a number after updates where there is no error to train for.
    """
    known, unknown = [], []
    for printed in numbers:
        if printed.updates:
            with placed(printed.place):
                check_has_error(evaluation.computation)
        try:
            known.append((printed, reading(evaluation, printed.name, printed.sample, printed.updates)))
        except UnknownNameError:
            unknown.append(printed)
    return known, unknown


def _conventions(judge: Judge, computation: Computation) -> Iterator[FoundConvention]:
    known = judge.declared.conventions
    yield from (FoundConvention(each.name, each.said(computation), is_declared=True) for each in known)
    for convention in judge.basis.conventions[len(known) :]:
        yield FoundConvention(convention.name, convention.said(computation), judge.explained_by(convention))


def _row(judge: Judge, judged: Judged, left: Iterator[int]) -> PublishedRow:
    """Return the row of a number; the causes of a wrong one are looked for as long as ``left`` yields."""
    judged = _as_told(judge, judged)
    printed, basis = judged.printed, judge.declared
    is_explained = judged.verdict not in (RIGHT, DOUBLE, SINGLE) and (
        judged.verdict != WRONG or next(left, None) is not None
    )
    with placed(printed.place):
        return PublishedRow(
            printed.name,
            printed.text,
            true_digits(printed, basis.number(printed, judged.reading)),
            judged.verdict,
            _causes(judge, judged) if is_explained else (),
            printed.sample,
            printed.updates,
            tuple(dict.fromkeys(root.name for root in judged.roots)) if judged.verdict == FOLLOWS else (),
            judged.verdict == FOLLOWS and judge.has_wrong(judged.roots),
        )


def _as_told(judge: Judge, judged: Judged) -> Judged:
    """Return a number that rounding on the way leaves open as a wrong one where one cause gives all of its digits."""
    if judged.verdict != DIFFERENT or judged.found is None or not judged.found.is_open:
        return judged
    from derive.comparison.published.case import Case
    from derive.comparison.published.causes import telling

    wrong = replace(judged, verdict=WRONG, found=None, roots=())
    return wrong if any(telling(Case(judge, wrong))) else judged


def _causes(judge: Judge, judged: Judged) -> tuple[Cause, ...]:
    # Imported here, as NumPy is slow to load and not needed where all numbers are right.
    from derive.comparison.published.case import Case
    from derive.comparison.published.causes import causes

    return tuple(islice(_unlike(causes(Case(judge, judged))), MOST_CAUSES))


def _unlike(causes: Iterable[Cause]) -> Iterator[Cause]:
    """Yield the causes of which none before says the same."""
    said = set()
    for cause in causes:
        sentence = str(cause.sentence)
        if sentence not in said:
            said.add(sentence)
            yield cause
