"""What of a class is done: ids, hashes of the files, and what they were made of, so that a stopped run goes on."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from derive.errors import Message
from derive.reading.roster import Student
from derive.render.files import write
from derive.render.shards import Shelf

FORMAT = "derive-class/1"
NAME = "manifest.json"
SECONDS_BETWEEN = 5.0  # two times of writing it down, and more where that takes long
SHARE_OF_TIME = 0.02  # that may go into writing it down


@dataclass
class Manifest:
    """What is done: for each id the student's name, the hash of each file, and the student's part of the key.

    ``shelf`` says where files are. A file is known by folder and ending, as "sheets/.pdf".
    """

    folder: Path
    settings: str
    shelf: Shelf
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, Message] = field(default_factory=dict)
    _written_at: float = field(default_factory=time.monotonic)
    _took: float = 0.0

    @classmethod
    def of(cls, folder: Path, settings: str, shelf: Shelf) -> "Manifest":
        """Return what the folder says; nothing where the sheets were made of something else, or it cannot be read."""
        try:
            data = json.loads((folder / NAME).read_text(encoding="utf-8"))
            fits = data["format"] == FORMAT and data["settings"] == settings
            done = {
                str(student): {"name": str(each["name"]), "files": dict(each["files"]), "entry": each["entry"]}
                for student, each in (data["done"].items() if fits else ())
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            done = {}
        return cls(folder, settings, shelf, done)

    def has(self, student: Student) -> bool:
        """Whether all files of a student are there, as they were written."""
        entry = self.done.get(student.id)
        return (
            entry is not None
            and entry["name"] == student.name
            and all(_hash_of(self.path(kind, student)) == digest for kind, digest in entry["files"].items())
        )

    def path(self, kind: str, student: Student) -> Path:
        """Return where a file of a student is."""
        return self.folder / self.shelf.path(kind, student.id)

    def add(self, student: Student, files: Mapping[str, bytes], entry: Any) -> None:
        """Write a student's files, all or none, and remember them; raises `InputError` where they cannot be written."""
        write(self.folder, {self.shelf.path(kind, student.id): content for kind, content in files.items()})
        hashes = {kind: sha256(content).hexdigest() for kind, content in files.items()}
        self.done[student.id] = {"name": student.name, "files": hashes, "entry": entry}
        if time.monotonic() - self._written_at > SECONDS_BETWEEN + self._took / SHARE_OF_TIME:
            self.save()

    def save(self) -> None:
        """Write down what is done; raises `InputError` where it cannot be written."""
        start = time.monotonic()
        data = {
            "format": FORMAT,
            "settings": self.settings,
            "done": self.done,
            "failed": {student: str(message) for student, message in self.failed.items()},
        }
        write(self.folder, {NAME: json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()})
        self._written_at = time.monotonic()
        self._took = self._written_at - start


def _hash_of(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
