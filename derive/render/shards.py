"""Where the files of a large class go: beyond 1,000 they are spread over folders, by the ids of the students."""

from collections.abc import Sequence
from hashlib import sha256

MOST_FILES = 1000  # in a folder
MOST_SPREAD = 200_000  # over 256 folders


def sharded(folder: str, ids: Sequence[str], ending: str) -> list[str]:
    """Return the path of each student's file; where it lies depends on the id and on how many there are at most.

    >>> sharded("sheets", ["007"], ".pdf"), sharded("sheets", ["007"] * 1001, ".pdf")[-1]
    (['sheets/007.pdf'], 'sheets/62/007.pdf')
    """
    levels = 0 if len(ids) <= MOST_FILES else 1 if len(ids) <= MOST_SPREAD else 2
    return ["/".join([folder, *_folders(student, levels), f"{student}{ending}"]) for student in ids]


def _folders(student: str, levels: int) -> list[str]:
    digits = sha256(student.encode()).hexdigest()
    return [digits[2 * level : 2 * level + 2] for level in range(levels)]
