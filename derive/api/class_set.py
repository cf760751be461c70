"""The sheets and keys of a class: made by several processes, and gone on with after a stop.

The files are the same for any number of jobs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.api.class_engine import LOCAL, Engine, Made, Recipe, outcomes
from derive.api.class_manifest import Manifest
from derive.errors import Message
from derive.reading.roster import Student
from derive.render.shards import Shelf


@dataclass(frozen=True)
class ClassRun:
    """What became of a class: who is done, of whom some were already, and a sentence on each who failed."""

    manifest: Manifest
    done: tuple[Student, ...]
    kept: int

    @property
    def failed(self) -> Mapping[str, Message]:
        """A sentence on each who failed, by the id."""
        return self.manifest.failed

    @property
    def entries(self) -> Mapping[str, Any]:
        """The students' parts of the key, by the id."""
        return {student.id: self.manifest.done[student.id]["entry"] for student in self.done}

    def paths(self, kind: str) -> Sequence[Path]:
        """Return the files of one kind, as "sheets/.pdf", in the order of the students."""
        return [self.manifest.path(kind, student) for student in self.done]


def make_class(
    recipe: Recipe,
    students: Sequence[Student],
    folder: Path,
    *,
    jobs: int = 1,
    engine: Engine = LOCAL,
    progress: Callable[[int], None] = lambda done: None,
) -> ClassRun:
    """Write the files of a class into the folder; a student whose files are there already is left alone.

    Raises `InputError` where files cannot be written, or no process can make them; what is done by then stays, and is
    found by the next run.
    """
    manifest = Manifest.of(folder, recipe.settings, Shelf(len(students)))
    to_do = [student for student in students if not manifest.has(student)]
    kept = len(students) - len(to_do)
    wanted = {student.id for student in students} - {student.id for student in to_do}
    manifest.done = {student: entry for student, entry in manifest.done.items() if student in wanted}
    try:
        for number, (student, outcome) in enumerate(outcomes(recipe, to_do, jobs, engine) if to_do else (), start=1):
            if isinstance(outcome, Made):
                manifest.add(student, outcome.files, outcome.entry)
            else:
                manifest.failed[student.id] = outcome
            progress(kept + number)
    finally:
        manifest.save()
    return ClassRun(manifest, tuple(student for student in students if student.id in manifest.done), kept)
