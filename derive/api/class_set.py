"""The sheets and keys of a class: made by several processes, and gone on with after a stop.

The files are the same for any number of jobs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from derive.api.class_engine import LOCAL, Engine, Made, Recipe, outcomes
from derive.api.class_manifest import Manifest
from derive.errors import Message
from derive.reading.roster import Student
from derive.render.shards import sharded


@dataclass(frozen=True)
class ClassRun:
    """What became of a class: who is done, of whom some were already, and a sentence on each who failed.

    ``entries`` are the students' parts of the key, ``paths`` the files of each by what they are, as in "sheets/.pdf".
    """

    done: tuple[Student, ...]
    kept: int
    failed: Mapping[str, Message]
    entries: Mapping[str, object]
    paths: Mapping[str, Mapping[str, Path]]


def make_class(
    recipe: Recipe,
    students: Sequence[Student],
    kinds: Sequence[str],
    folder: Path,
    *,
    jobs: int = 1,
    engine: Engine = LOCAL,
    progress: Callable[[int], None] = lambda done: None,
) -> ClassRun:
    """Write the files of a class into the folder; a student whose files are there already is left alone.

    ``kinds`` are what is made for each, by folder and ending: "sheets/.pdf". Raises `InputError` where files cannot be
    written, or no process can make them; what is done by then stays, and is found by the next run.
    """
    paths = _paths(students, kinds)
    manifest = Manifest.of(folder, recipe.settings)
    to_do = [student for student in students if not manifest.has(student, paths[student.id])]
    kept = len(students) - len(to_do)
    for student in to_do:
        manifest.done.pop(student.id, None)
    try:
        for number, (student, outcome) in enumerate(outcomes(recipe, to_do, jobs, engine) if to_do else (), start=1):
            if isinstance(outcome, Made):
                named = {paths[student.id][kind]: content for kind, content in outcome.files.items()}
                manifest.add(student, named, outcome.entry)
            else:
                manifest.failed[student.id] = outcome
            progress(kept + number)
    finally:
        manifest.save()
    done = tuple(student for student in students if student.id in manifest.done)
    return ClassRun(
        done,
        kept,
        manifest.failed,
        {student.id: manifest.done[student.id]["entry"] for student in done},
        {student.id: {kind: folder / path for kind, path in paths[student.id].items()} for student in done},
    )


def _paths(students: Sequence[Student], kinds: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return where each kind of file of each student goes, inside the folder."""
    ids = [student.id for student in students]
    found: dict[str, dict[str, str]] = {student: {} for student in ids}
    for kind in kinds:
        place, _, ending = kind.partition("/")
        for student, path in zip(ids, sharded(place, ids, ending), strict=True):
            found[student][kind] = path
    return found
