"""A student's cells as a file has them, and where each of them stands in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from derive.errors import Message, Text


@dataclass(frozen=True)
class GivenRow:
    """The cells of a student by the numbers of the blanks, as they were written.

    ``usual`` is what a comma is in the file where nothing else says it, ``columns`` where cells stand, and
    ``is_refused`` says that something of the student could not be read.
    """

    student: str
    code: str
    cells: Mapping[int, str]
    place: Text
    usual: str = ""
    columns: Mapping[int, Text] = field(default_factory=dict)
    is_refused: bool = False

    def where(self, number: int) -> Message:
        """Return the place of a blank's cell."""
        if number in self.columns:
            return Message("{place}, column {column}", {"place": self.place, "column": self.columns[number]})
        return Message("{place}, blank {number}", {"place": self.place, "number": number})


def at_row(place: str, row: int) -> Message:
    """Return the place of a row in a file."""
    return Message("{place}, row {row}", {"place": place, "row": row})
