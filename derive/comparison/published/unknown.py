"""Published numbers under names that the network does not have: reported together, when all else is judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from derive.comparison.published.lookup import names, unknown
from derive.comparison.published.printed import Printed
from derive.errors import Message, Text, UnknownNameError, Whole, similar, suggestion
from derive.evaluation.evaluation import Evaluation

EXAMPLES = 12  # names that a message shows


@dataclass(frozen=True)
class UnknownName:
    """A printed number whose name the network does not have.

    ``place`` is where it stands in its file, ``nearest`` the most similar name that the network has, "" where none is
    similar; ``sample`` is counted from 1.
    """

    name: str
    printed: str
    place: str
    nearest: str
    sample: int = 1
    updates: int = 0

    def __str__(self) -> str:
        return f"{self.name}: printed {self.printed}: this network has no such name.{suggestion(self.nearest)}"


def unknown_name(evaluation: Evaluation, printed: Printed) -> UnknownName:
    """Return what there is to say of a number whose name is unknown."""
    found = similar(printed.name, names(evaluation, printed.updates))
    return UnknownName(printed.name, printed.text, printed.place, found, printed.sample, printed.updates)


def refusal(evaluation: Evaluation, place: Text, found: Sequence[UnknownName]) -> UnknownNameError | None:
    """Return the one error for all unknown names, each with its place; None where there are none.

    ``place`` is that of the publication.
    """
    if not found:
        return None
    if len(found) == 1:
        return unknown(evaluation, found[0].name, found[0].updates, found[0].place).inside(place)
    return UnknownNameError(
        "{place}: found {number} names that this network does not have:\n{lines}\nExpected names such as {names}, ….",
        place=place,
        number=Whole(len(found)),
        lines=reduce(_below, map(_line, found)),
        names=", ".join(list(names(evaluation, 0))[:EXAMPLES]),
    )


def _below(before: Message, line: Message) -> Message:
    return Message("{before}\n{line}", {"before": before, "line": line})


def _line(found: UnknownName) -> Message:
    return Message("  {place}.{hint}", {"place": found.place, "hint": suggestion(found.nearest)})
