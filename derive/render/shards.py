"""Where the files of a class go: beyond 1,000 they are spread over folders, by the ids of the students."""

from dataclasses import dataclass
from hashlib import sha256

MOST_FILES = 1000  # in a folder
MOST_SPREAD = 200_000  # over 256 folders


@dataclass(frozen=True)
class Shelf:
    """Where files of so many students go; a file is known by folder and ending, as "sheets/.pdf".

    >>> Shelf(30).path("sheets/.pdf", "007"), Shelf(1001).path("sheets/.pdf", "007")
    ('sheets/007.pdf', 'sheets/62/007.pdf')
    """

    students: int

    def path(self, kind: str, student: str) -> str:
        """Return the path of a student's file; it depends on the id and on how many students there are at most."""
        folder, _, ending = kind.partition("/")
        return "/".join([folder, *self._folders(student), f"{student}{ending}"])

    def _folders(self, student: str) -> list[str]:
        levels = 0 if self.students <= MOST_FILES else 1 if self.students <= MOST_SPREAD else 2
        digits = sha256(student.encode()).hexdigest()
        return [digits[2 * level : 2 * level + 2] for level in range(levels)]
